"""The same script on one device, on many, and in several processes: an LSTM learns to write, its losses are the same.

    python examples/many_devices.py [--quick]
    HORNGATE_MESH=data:8 python examples/many_devices.py
    python -m horngate launch -n 2 --devices 4 examples/many_devices.py
    python examples/many_devices.py --picture

Each run writes the loss of each step into out/; the last command lays the curves over each other in out/losses.png.
To simulate eight devices on a CPU: XLA_FLAGS=--xla_force_host_platform_device_count=8.
"""

import json
import os
import sys
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np

from horngate.callbacks import Callback
from horngate.layers import LSTM, Dense, Embedding, TimeDistributed
from horngate.models import Sequential
from horngate.optimizers import Adam

QUICK = "--quick" in sys.argv
LETTERS, STEPS, UNITS, BATCH = (3_000, 20, 16, 32) if QUICK else (40_000, 40, 96, 64)
OUT = Path("out")


class Losses(Callback):
    """The loss of each step."""

    def on_train_begin(self, logs=None):
        self.losses = []

    def on_batch_end(self, batch, logs=None):
        self.losses.append(float(logs["loss"]))


def windows():
    """Stretches of Python's help pages as numbers of letters, and the number of letters that there are."""
    book = " ".join(" ".join(topics[name] for name in ("objects", "execmodel", "import")).lower().split())[:LETTERS]
    alphabet = sorted(set(book))
    numbers = np.array([alphabet.index(letter) for letter in book])
    starts = np.arange(0, len(numbers) - STEPS - 1, STEPS // 2)
    return numbers[starts[:, np.newaxis] + np.arange(STEPS + 1)], len(alphabet)


def picture():
    """Lay the curves of all runs over each other."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    for i, path in enumerate(sorted(OUT.glob("losses_*.json"))):
        found = json.loads(path.read_text())
        axes.plot(found["losses"], lw=7 - 2.5 * i, alpha=0.5 + 0.2 * i, label=found["where"])
    axes.set(xlabel="step", ylabel="loss, nats a letter", title="One script on one device and on eight")
    axes.legend()
    figure.savefig(OUT / "losses.png", dpi=120, bbox_inches="tight")
    print(f"drawn: {OUT / 'losses.png'}, {len(axes.lines)} curves")


def main():
    """Train, and note the losses."""
    np.random.seed(2)
    data, letters = windows()
    layers = [Embedding(letters, 32, input_length=STEPS), LSTM(UNITS, return_sequences=True)]
    model = Sequential([*layers, TimeDistributed(Dense(letters, activation="softmax"))])
    model.compile(Adam(lr=0.004), "sparse_categorical_crossentropy")
    noted = Losses()
    x, y = data[:, :-1], data[:, 1:, np.newaxis]
    model.fit(x, y, batch_size=BATCH, nb_epoch=1 if QUICK else 12, verbose=0, callbacks=[noted])
    devices = len(model.weights[0].value.sharding.device_set)
    processes = int(os.environ.get("HORNGATE_PROCESSES", 1))
    if int(os.environ.get("HORNGATE_PROCESS_ID", 0)) == 0:
        OUT.mkdir(exist_ok=True)
        where = (
            f"{processes} x {devices // processes} devices"
            if processes > 1
            else f"{devices} device" + "s" * (devices > 1)
        )
        told = {"where": where, "losses": noted.losses}
        (OUT / f"losses_{processes}x{devices}.json").write_text(json.dumps(told))
        print(f"{where}: the loss of the last step is {noted.losses[-1]:.6f}, of the first {noted.losses[0]:.6f}")


if __name__ == "__main__":
    picture() if "--picture" in sys.argv else main()
