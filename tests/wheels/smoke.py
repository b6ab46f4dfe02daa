"""Tries out an installed horngate: `python smoke.py native`, or `pure`, says whether kernels must be there."""

import importlib
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import horngate

ROOT = Path(__file__).resolve().parents[2]


def check_that_all_modules_import():
    """None of them needs what only an extra brings."""
    assert ROOT not in Path(horngate.__file__).parents, f"this is the tree, not what was installed: {horngate.__file__}"
    for found in pkgutil.walk_packages(horngate.__path__, "horngate."):
        if not found.name.endswith("__main__") and ".examples." not in found.name:
            importlib.import_module(found.name)


def check_kernels(kind):
    """They are there, and are accepted by the JAX that is there; or they are not."""
    from horngate.backend import kernels

    assert kernels.status().startswith("vectors") == (kind == "native"), kernels.status()


def trained():
    """A small network that has learned to read digits."""
    from horngate.datasets import digits
    from horngate.layers import Convolution2D, Dense, Flatten, MaxPooling2D
    from horngate.models import Sequential
    from horngate.utils.np_utils import to_categorical

    np.random.seed(0)
    (x, y), (x_test, y_test) = digits.load_data()
    model = Sequential([Convolution2D(8, 3, 3, activation="relu", input_shape=(1, 8, 8)), MaxPooling2D(), Flatten()])
    model.add(Dense(10, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(x.reshape(-1, 1, 8, 8) / 16.0, to_categorical(y, 10), nb_epoch=12, verbose=0)
    images = x_test.reshape(-1, 1, 8, 8) / 16.0
    accuracy = model.evaluate(images, to_categorical(y_test, 10), verbose=0)[1]
    assert accuracy > 0.8, accuracy
    return model, images


def check_files_and_commands(model, images):
    """A model comes back from its file, and the shell's commands know it."""
    from horngate.models import load_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.h5"
        model.save(str(path))
        np.testing.assert_array_equal(load_model(str(path)).predict(images), model.predict(images))
        for words, told in ((["examples"], "digits"), (["summary", str(path)], "Total params")):
            command = [sys.executable, "-m", "horngate", *words]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
            assert done.returncode == 0 and told in done.stdout, done.stdout + done.stderr


if __name__ == "__main__":
    check_that_all_modules_import()
    check_kernels(sys.argv[1])
    check_files_and_commands(*trained())
    print("1 passed, 0 failed")
