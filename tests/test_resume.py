"""A training that was killed goes on, bit for bit, as if nothing had happened."""
import json
import subprocess
import sys
import time

import numpy as np
import pytest

PROGRAM = '''
import json, sys, time
import numpy as np
np.random.seed(7)
from horngate.callbacks import BackupAndResume, Callback, CSVLogger, ReduceLROnPlateau
from horngate.layers import BatchNormalization, Dense, Dropout
from horngate.models import Sequential

folder, pause = sys.argv[1], float(sys.argv[2])

class Slow(Callback):
    """Leaves time to be killed in, and looks at every batch."""
    def on_batch_end(self, batch, logs=None):
        time.sleep(pause)

X = np.random.randn(100, 6)
Y = X[:, :1] * 2
model = Sequential([Dense(8, input_dim=6), BatchNormalization(), Dropout(0.3), Dense(1)])
model.compile("adam", "mse", metrics=["mae"])
plateau = ReduceLROnPlateau("loss", factor=0.5, patience=0, epsilon=0.1)
history = model.fit(X, Y, batch_size=8, nb_epoch=4, verbose=0, validation_split=0.1, callbacks=[
    plateau, BackupAndResume(folder, seconds=0), CSVLogger(folder + "/log.csv"), Slow()])
print(json.dumps({"history": history.history, "epoch": history.epoch, "draw": np.random.rand(),
                  "weights": [w.tolist() for w in model.get_weights()],
                  "optimizer": [w.tolist() for w in model.optimizer.get_weights()]}))
'''


def saved_at(path):
    return path.stat().st_mtime_ns if path.exists() else None


def run(folder, pause=0.0, seconds=None):
    """The program's result; killed `seconds` after it first saved its state, None."""
    folder.mkdir(exist_ok=True)
    state = folder / "training.npz"
    before = saved_at(state)
    command = [sys.executable, "-c", PROGRAM, str(folder), str(pause)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if seconds is not None:
        deadline = time.monotonic() + 120
        while saved_at(state) == before and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(seconds)
        process.kill()
    out, _ = process.communicate(timeout=300)
    return json.loads(out) if out else None


def test_two_processes_compute_the_same_and_a_killed_one_goes_on(tmp_path):
    whole = run(tmp_path / "whole")
    for seconds in (0.3, 0.55):
        assert run(tmp_path / "killed", pause=0.05, seconds=seconds) is None
    assert run(tmp_path / "killed") == whole
    assert run(tmp_path / "killed") == whole, "one that has ended is not trained further"
    assert (tmp_path / "killed" / "log.csv").read_text() == (tmp_path / "whole" / "log.csv").read_text()


def test_the_state_of_another_model_is_refused(tmp_path):
    from horngate.callbacks import BackupAndResume
    from horngate.layers import Dense
    from horngate.models import Sequential

    def fit(width):
        model = Sequential([Dense(width, input_dim=2), Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.ones((4, 2)), np.ones((4, 1)), nb_epoch=1, verbose=0, callbacks=[BackupAndResume(tmp_path)])

    fit(3)
    with pytest.raises(ValueError, match="another model.*(2, 3).*(2, 4)"):
        fit(4)
