"""Read thousands of damaged files: `python fuzz.py FOLDER COUNT SEED` ends with a line of what it met.

A process of its own, so that a crash or a hang is seen from outside; before each file its number is written to FOLDER.
"""

import collections
import sys
from pathlib import Path

import numpy as np

from horngate.layers import GRU, BatchNormalization, Convolution1D, Dense, Embedding
from horngate.models import Sequential, load_model, model_from_json, model_from_yaml


def model():
    """A small model of several kinds of weights."""
    return Sequential([Embedding(5, 3, input_length=6), Convolution1D(2, 2), BatchNormalization(), GRU(2), Dense(2)])


def originals(folder):
    """name -> bytes of whole files of each kind."""
    trained = model()
    trained.compile("sgd", "mse", metrics=["accuracy"])
    names = ("weights.h5", "weights.safetensors")
    for name in names:
        trained.save_weights(folder / name)
    trained.save(folder / "model.h5")
    (folder / "model.json").write_text(trained.to_json())
    (folder / "model.yaml").write_text(trained.to_yaml())
    return {name: (folder / name).read_bytes() for name in (*names, "model.h5", "model.json", "model.yaml")}


def damaged(content, rng):
    """The bytes with a few of them changed, cut away, or copied elsewhere."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        at, length = int(rng.integers(len(content))), int(rng.integers(1, 40))
        kind = rng.integers(5)
        if kind == 0:
            content[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            content[at : at + length] = rng.bytes(len(content[at : at + length]))
        elif kind == 2:
            content[at : at + 8] = b"\xff" * len(content[at : at + 8])
        elif kind == 3:
            source = int(rng.integers(len(content)))
            content[at : at + length] = content[source : source + length]
        elif len(content) > 200:
            del content[int(rng.integers(len(content) // 2, len(content))) :]
    return bytes(content)


def read(path, target):
    """Read a file in the way of its kind."""
    if path.suffix == ".json":
        model_from_json(path.read_text(errors="replace"))
    elif path.suffix == ".yaml":
        model_from_yaml(path.read_text(errors="replace"))
    elif path.name == "model.h5":
        load_model(path)
    else:
        target.load_weights(path)


def main(folder, count, seed):
    """Read damaged files; anything but success and a clear error ends the program."""
    rng, target, met = np.random.default_rng(seed), model(), collections.Counter()
    whole = originals(folder)
    safe = [w.copy() for w in target.get_weights()]
    for number in range(count):
        name = list(whole)[number % len(whole)]
        path = folder / name
        path.write_bytes(damaged(whole[name], rng))
        (folder / "number").write_text(f"{number} {name}")
        try:
            read(path, target)
            met["read"] += 1
            target.set_weights(safe)
        except (ValueError, TypeError) as error:
            met["refused"] += 1
            assert len(str(error)) > 20, repr(error)
            if name.startswith("weights"):
                assert all(np.array_equal(a, b) for a, b in zip(safe, target.get_weights()))
    print(dict(met))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
