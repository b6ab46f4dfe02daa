"""Every writer on a disk that is full after a few bytes, in a process of its own: `python -m tests.hostile.disks`.

A limit on the size of files stands for the full disk. What must hold: the write is done, or one OSError says in a
sentence which file found no room; what was there before is unchanged, and no temporary file is left.
"""

import argparse
import contextlib
import json
import os
import resource
import sys
import tempfile
import warnings

import numpy as np

from horngate.callbacks import BackupAndResume, CSVLogger, ModelCheckpoint, TensorBoard
from horngate.commands.files import convert
from horngate.layers import Dense
from horngate.models import Sequential
from horngate.preprocessing.image import ImageDataGenerator, list_pictures, load_img
from horngate.utils.data_utils import get_file
from horngate.utils.io_utils import save_array
from horngate.utils.visualize_util import plot

X, Y = np.ones((8, 30), "float32"), np.ones((8, 40), "float32")
LOGS = ("CSVLogger", "TensorBoard")  # what they hold is added to


def model():
    """A compiled model whose file has about 70 kB."""
    made = Sequential([Dense(60, input_dim=30), Dense(60), Dense(40)])
    made.compile("adam", "mse")
    made.fit(X, Y, nb_epoch=1, verbose=0)
    return made


class Writers:
    """Each method writes the file of its name in the working folder."""

    def __init__(self):
        self.model, self.array = model(), np.arange(5000.0)
        self.images = np.random.RandomState(0).rand(1, 1, 90, 90)
        self.model.save_weights("source.h5")
        with open("source.json", "w") as file:
            file.write(self.model.to_json())

    def _fit(self, callback):
        self.model.fit(X, Y, nb_epoch=1, verbose=0, callbacks=[callback])

    def save(self, path):
        self.model.save(path + ".h5")

    def save_archive(self, path):
        self.model.save(path + ".keras")

    def save_weights(self, path):
        self.model.save_weights(path + ".h5", overwrite=True)

    def save_weights_safetensors(self, path):
        self.model.save_weights(path + ".safetensors", overwrite=True)

    def ModelCheckpoint(self, path):
        self._fit(ModelCheckpoint(path + ".h5"))

    def BackupAndResume(self, path):
        with contextlib.suppress(FileNotFoundError):
            os.rename(path + "/training.npz", path + "/other.npz")  # else the training goes on and writes nothing
        os.makedirs(path, exist_ok=True)
        self._fit(BackupAndResume(path))

    def CSVLogger(self, path):
        self._fit(CSVLogger(path + ".csv", append=True))

    def TensorBoard(self, path):
        self._fit(TensorBoard(path, histogram_freq=1))

    def get_file(self, path):
        get_file(path + ".bin", "file://" + os.path.abspath("source.h5"), md5_hash=None, cache_subdir=os.getcwd())

    def convert(self, path):
        assert convert(["source.h5", path + ".safetensors"]) == 0

    def convert_to_hdf5(self, path):
        assert convert(["source.h5", path + ".hdf5"]) == 0

    def convert_text(self, path):
        assert convert(["source.json", path + ".yaml"]) == 0

    def save_array(self, path):
        save_array(self.array, path + ".h5")

    def save_to_dir(self, path):
        os.makedirs(path, exist_ok=True)
        next(ImageDataGenerator().flow(self.images, batch_size=1, save_to_dir=path, save_prefix="x"))
        for picture in list_pictures(path):
            load_img(picture)  # raises where it is not whole

    def plot(self, path):
        plot(self.model, path + ".svg")


NAMES = [name for name in vars(Writers) if not name.startswith("_")]


def contents():
    """path -> bytes of all files in the working folder."""
    found = (os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names)
    return {path: open(path, "rb").read() for path in found}


def fault(writers, name, size):
    """What is wrong after writing with room for `size` bytes a file; None if nothing is."""
    before = contents()
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    error = None
    try:
        getattr(writers, name)(name)
    except BaseException as raised:  # whatever it is
        error = raised
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    after = contents()
    if name == "BackupAndResume" and "./BackupAndResume/other.npz" in after:
        os.replace("BackupAndResume/other.npz", "BackupAndResume/training.npz")
        after = contents()
    if error is None:
        return None
    if not isinstance(error, OSError):
        return f"{type(error).__name__}: {error}"
    text = str(error)
    if "\n" in text or name not in text or ".tmp" in text or not text.endswith("."):
        return f"no sentence: {text}"
    for path, content in before.items():
        if path.endswith(".part"):
            continue
        kept = after.get(path, b"")
        if not (kept.startswith(content) if name in LOGS else kept == content):
            return f"{path} had {len(content)} bytes and has {len(kept)}, or others"
    added = sorted(after.keys() - before.keys())
    if [path for path in added if not (name == "TensorBoard" or name == "get_file" and path.endswith(".part"))]:
        return f"left behind: {added}"
    return None


def full_size(name):
    """The size in bytes of the largest file that a writer made with all room."""
    return max(len(content) for path, content in contents().items() if name in path)


def main():
    """Write with each limit from the one asked for on; a line of JSON says what came of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limits", type=int, default=30)
    parser.add_argument("--skip", type=int, default=0, help="cases that an earlier process has seen")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = [(name, number) for name in NAMES for number in range(options.limits)]
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        os.chdir(folder)
        writers, sizes = Writers(), {}
        for name, number in cases[options.skip :]:
            if name not in sizes:
                getattr(writers, name)(name)
                sizes[name] = full_size(name)
            if name == "get_file" and os.path.exists("get_file.bin"):
                os.unlink("get_file.bin")
            sys.__stdout__.write(json.dumps([name, number]) + "\n")
            sys.__stdout__.flush()
            grown = full_size(name) if name == "CSVLogger" else 0
            room = sizes[name] if name != "CSVLogger" else 2 * sizes[name]
            found = fault(writers, name, grown + room * number // options.limits)
            sys.__stdout__.write(json.dumps([name, number, found]) + "\n")
            sys.__stdout__.flush()
        os.chdir("/")


if __name__ == "__main__":
    main()
