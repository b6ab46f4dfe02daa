"""Reads thousands of hostile files, in a process of its own that `tests.hostile` watches.

What must hold of each: it is read, or refused by one of the errors of bad files; a model that it does not fit stays as
it was; within 300 MB; no file outside the folder is touched, and nothing in it is run.
"""

import argparse
import contextlib
import json
import os
import resource
import sys
import tempfile
import warnings
from pathlib import Path

import h5py
import numpy as np

from horngate.models import load_model, model_from_json, model_from_yaml
from tests.hostile.mutations import SECRET, chain, fitted, mutated, originals, trained
from tests.saving.test_keras3_files import images

MEMORY = 300  # MB above what is in use before a file is read
RUNS = {"os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "subprocess.Popen", "pickle.find_class"}
REACHES = {
    "socket.connect",
    "socket.getaddrinfo",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.link",
}


class Guard:
    """Notes what is run or touched while a file is read."""

    def __init__(self, inside):
        self.inside, self.on, self.found = str(inside), False, []
        sys.addaudithook(self)

    def __call__(self, event, arguments):
        if not self.on:
            return
        if event in RUNS or event in REACHES:
            first = str(arguments[0]) if arguments else ""
            if event in RUNS or not first.startswith(self.inside):
                self.found.append(f"{event} {first}")
        elif event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes and not str(path).startswith((self.inside, "/dev/null", "/proc/")):
                self.found.append(f"{event} {path}")


class Reader:
    """Reads files in the way of their kinds, into models that are made once."""

    def __init__(self):
        self.targets = {"w": chain(), "k3": images("tf"), "training": trained()}
        self.targets["training"]._make_train_function()
        self.safe = {name: model.get_weights() for name, model in self.targets.items()}

    def read(self, path):
        """Read the file; the numbers that came in."""
        if path.suffix == ".json":
            model = model_from_json(path.read_text(errors="replace"))
        elif path.suffix == ".yaml":
            model = model_from_yaml(path.read_text(errors="replace"))
        elif path.name.split(".")[0] in ("model", "whole", "graph"):
            model = load_model(path)
        elif path.suffix == ".npz":
            fitted(self.targets["training"], path.parent)
            model = self.targets["training"]
        else:
            model = self.targets[path.name.split(".")[0]]
            model.load_weights(path)
        return model.get_weights()

    def changed(self):
        """The names of models whose weights are not what they were; they are put back."""
        found = [
            name
            for name, model in self.targets.items()
            if not all(np.array_equal(a, b) for a, b in zip(model.get_weights(), self.safe[name]))
        ]
        for name in found:
            self.targets[name].set_weights(self.safe[name])
        return found


def memory(key):
    """MB, of `VmRSS` or `VmHWM`."""
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith(key))


def fault(reader, guard, path, before):
    """What is wrong with how the file was read; None if nothing is."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is counted anew
    used, values, refused = memory("VmRSS"), [], None
    guard.found, guard.on = [], True
    try:
        values = reader.read(path)
    except (ValueError, TypeError, ImportError) as error:
        refused = str(error)
        if len(refused) < 20 or refused.count("\n") > 2:
            return f"no sentence: {type(error).__name__}: {refused}"
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        guard.on = False
        changed = reader.changed()
    peak = memory("VmHWM") - used
    if peak > MEMORY:
        return f"memory: {peak} MB, {refused}"
    if guard.found:
        return f"reaches out: {guard.found[:3]}"
    if any(np.any(np.isclose(value.astype(float), SECRET)) for value in values):
        return "it holds what stands in a file outside"
    if refused and [name for name in changed if name != "training"]:
        return f"changed by halves, then refused: {refused}"
    after = everything(path.parents[1])
    return None if after == before else f"files differ: {set(after.items()) ^ set(before.items())}"


def everything(folder):
    """path -> time of change, of all files but those within `inside`."""
    found = [path for path in folder.rglob("*") if "inside" not in path.parts]
    return {str(path): path.stat().st_mtime_ns for path in found}


def main():
    """Read the files from the one asked for on; a line of JSON says what came of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--skip", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ImportError), contextlib.ExitStack():
        from horngate.utils import budget

        budget.of_machine = lambda: 1e7  # else a text may ask for what this machine has
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        root = Path(folder)
        inside, outside = root / "inside", root / "outside" / "secret"
        for each in (inside, outside.parent, root / "work", root / "made"):
            each.mkdir()
        os.chdir(root / "work")
        outside.write_bytes(np.full(1000, SECRET, "f4").tobytes())
        with h5py.File(f"{outside}.h5", "w") as file:
            file["x"] = np.full((3, 3), SECRET, "f4")
        whole, reader, guard = originals(root / "made"), Reader(), Guard(inside)
        for name, content in whole.items():  # what is imported late is there then
            (inside / name).write_bytes(content)
            with contextlib.suppress(ValueError):
                reader.read(inside / name)
            (inside / name).unlink()
        reader.changed()
        before = everything(root)
        for number in range(options.skip, options.files):
            name = list(whole)[number % len(whole)]
            rng = np.random.default_rng((options.seed, number))
            try:
                (inside / name).write_bytes(mutated(name, whole[name], rng, outside))
            except MemoryError:  # what it made up does not fit in memory
                continue
            say([name, number])  # the time to read it counts from here
            say([name, number, fault(reader, guard, inside / name, before)])
            (inside / name).unlink()


def say(line):
    """Tell those who watch."""
    sys.__stdout__.write(json.dumps(line) + "\n")
    sys.__stdout__.flush()


if __name__ == "__main__":
    main()
