"""Small files that would take all memory or time: each is made, and refused, in a process of its own.

`python -m tests.hostile.bombs NAME` ends with a line of JSON: the error, and the MB that it took above the import.
"""

import io
import json
import os
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np

from horngate.layers import LSTM, Dense
from horngate.models import Sequential, load_model, model_from_json, model_from_yaml
from tests.hostile.mutations import GOLDEN, fitted, npy, trained
from tests.hostile.reading import memory
from tests.saving.test_keras3_files import images


def changed(path, save, change):
    """Save a model to `path`, and change the HDF5 file."""
    model = Sequential([LSTM(3, batch_input_shape=(2, 4, 2), stateful=True), Dense(2, name="last")])
    getattr(model, save)(path)
    with h5py.File(path, "r+") as file:
        change(file, file["model_weights"] if save == "save" else file)


def reconfigured(path, layer, **settings):
    def change(file, weights):
        config = json.loads(file.attrs["model_config"])
        config["config"][layer]["config"].update(settings)
        file.attrs["model_config"] = json.dumps(config)

    changed(path, "save", change)


def _unallocated(file, weights):
    config = json.loads(file.attrs["model_config"])
    config["config"][1]["config"]["output_dim"] = 10**8
    file.attrs["model_config"] = json.dumps(config)
    for name, shape in (("last_W", (3, 10**8)), ("last_b", (10**8,))):
        del weights["last"][name]
        weights["last"].create_dataset(name, shape, "f4")


def _same_array(file, weights):
    group = weights["last"]
    group.create_dataset("zeros", (1000, 1000), "f4", compression="gzip", data=np.zeros((1000, 1000), "f4"))
    names = [f"n{i}" for i in range(2000)]
    for name in names:
        group[name] = group["zeros"]
    group.attrs["weight_names"] = np.array(names, "S5")


def _equal_names(file, weights):
    weights["last"].attrs["weight_names"] = np.array([b"last_W"] * 9000)


def _piece(file, weights):
    del weights["last/last_b"]
    weights["last"].create_dataset("last_b", (2,), "f4", maxshape=(None,), chunks=(10**9,))


def _packed_twice(file, weights):
    del weights["last/last_b"]
    made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    made.set_chunk((2,))
    made.set_deflate(9)
    made.set_deflate(9)
    space = h5py.h5s.create_simple((2,))
    h5py.h5d.create(weights["last"].id, b"last_b", h5py.h5t.IEEE_F32LE, space, dcpl=made)


def _many_ways(path):
    with h5py.File(path, "w") as file:
        at = file.create_group("layers")
        for _ in range(60):
            inner = at.create_group("a")
            at["b"] = inner
            at = inner.create_group("layers")


def _archive(path, config=b"{}", weights=None, many=0):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", config)
        archive.writestr(
            "model.weights.h5", (GOLDEN / "images.weights.h5").read_bytes() if weights is None else weights
        )
        for _ in range(many):
            archive.writestr("model.weights.h5", b"")


def _state(path, change):
    fitted(trained(), path.parent)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    packing = change(members) or zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _zeros(members):
    members["variable_0.npy"] = npy(np.zeros(10**8, "f4"))
    return zipfile.ZIP_DEFLATED


def _claim(members):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": (10**10,)})
    members["variable_0.npy"] = stream.getvalue() + b"\0" * 100


BOMBS = {  # name -> (file, how it is made)
    "declared, not allocated": ("model.h5", lambda path: changed(path, "save", _unallocated)),
    "one array under many names": ("w.h5", lambda path: changed(path, "save_weights", _same_array)),
    "thousands of equal names": ("w.h5", lambda path: changed(path, "save_weights", _equal_names)),
    "a piece of gigabytes": ("w.h5", lambda path: changed(path, "save_weights", _piece)),
    "packed twice": ("w.h5", lambda path: changed(path, "save_weights", _packed_twice)),
    "states of gigabytes": ("model.h5", lambda path: reconfigured(path, 0, batch_input_shape=[10**9, 4, 2])),
    "more weights than the file": ("model.h5", lambda path: reconfigured(path, 1, output_dim=10**9)),
    "many ways to one group": ("k3.weights.h5", _many_ways),
    "zeros for weights": ("k3.keras", lambda path: _archive(path, weights=bytes(4 * 10**8))),
    "a configuration of spaces": ("k3.keras", lambda path: _archive(path, config=b" " * 10**9)),
    "a configuration of lists": (
        "k3.keras",
        lambda path: _archive(path, config=b'["data_format": "channels_first",' + b"[]," * 10**7),
    ),
    "one member thousands of times": ("k3.keras", lambda path: _archive(path, many=20_000)),
    "a state of zeros": ("training.npz", lambda path: _state(path, _zeros)),
    "a state that claims": ("training.npz", lambda path: _state(path, _claim)),
    "JSON in JSON": ("m.json", lambda path: path.write_text("[" * 10**6)),
    "a text of terabytes": (
        "m.json",
        lambda path: path.write_text(
            '{"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"output_dim": 1000000000, '
            '"input_dim": 1000000, "name": "a"}}]}'
        ),
    ),
    "a text of terabytes of states": (
        "m.json",
        lambda path: path.write_text(
            '{"class_name": "Sequential", "config": [{"class_name": "LSTM", "config": {"output_dim": 1000, '
            '"name": "a", "stateful": true, "batch_input_shape": [1000000000, 3, 2]}}]}'
        ),
    ),
    "YAML in YAML": ("m.yaml", lambda path: path.write_text("[" * 900 + "]" * 900)),
    "more YAML in YAML": ("m.yaml", lambda path: path.write_text("[" * 10**6)),
    "a number in base 60": ("m.yaml", lambda path: path.write_text("a: " + "1:" * 10**6 + "1")),
    "aliases of aliases": (
        "m.yaml",
        lambda path: path.write_text(
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi"))
        ),
    ),
}


def read(path):
    """Read a file in the way of its kind."""
    if path.suffix == ".json":
        model_from_json(path.read_text())
    elif path.suffix == ".yaml":
        model_from_yaml(path.read_text())
    elif path.name == "model.h5":
        load_model(path)
    elif path.suffix == ".npz":
        fitted(trained(), path.parent)
    elif path.name.startswith("k3"):
        images("tf").load_weights(path)
    else:
        Sequential([LSTM(3, input_shape=(4, 2)), Dense(2)]).load_weights(path)


def main(name):
    """Make a bomb, and read it."""
    file, make = BOMBS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        make(path)
        with open("/proc/self/clear_refs", "w") as peak:
            peak.write("5")
        before, began, said = memory("VmRSS"), time.monotonic(), None
        try:
            read(path)
        except (ValueError, TypeError) as error:
            said = str(error)
        took = time.monotonic() - began
        print(json.dumps([name, said, memory("VmHWM") - before, took, os.path.getsize(path)]))


if __name__ == "__main__":
    main(sys.argv[1])
