"""Seconds to import, to the first epoch and per warm epoch of an MLP, beside the same training by hand in JAX.

    python benchmarks/first_epoch.py [--repeats 5] [--epochs 4] [--rows 60000] [--imports 9]

The network is 784-512-512-10, trained with Adam on random rows in batches of 128. Each measurement is a process of its
own, the contenders take turns, and medians are shown: as Markdown, then in one line of JSON. Each contender runs twice
per repeat with a compilation cache of its own, first empty, then as the first run left it. Keras 3 joins where it
is installed.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASE_IMPORTS = "import jax, numpy, optax"
OUR_IMPORTS = "from horngate.models import Sequential; from horngate.layers import Dense"


def child(arguments, **environment):
    """The last line that a fresh Python prints, as JSON; it finds the horngate that stands beside this folder."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), **environment}
    done = subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def import_seconds(repeats):
    """The median seconds of our imports, of the base's, and of what ours add; a first turn warms the disk."""
    timed = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
    turns = [[child(["-c", timed.format(what)]) for what in (BASE_IMPORTS, OUR_IMPORTS)] for _ in range(repeats + 1)]
    base, ours = (statistics.median(column) for column in zip(*turns[1:]))
    return {"base": base, "horngate": ours, "added": ours - base}


def one_training(name, options):
    """One contender with an empty cache, then once more with what that run left there."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {"JAX_COMPILATION_CACHE_DIR": cache, "XDG_CACHE_HOME": cache}
        command = [str(HERE / f"mlp_{name}.py"), "--rows", str(options.rows), "--epochs", str(options.epochs)]
        return child(command, **environment), child(command, **environment)


def training_seconds(names, options):
    """For each contender the medians over the repeats."""
    runs = {name: [] for name in names}
    for repeat in range(options.repeats):
        for name in names:
            print(f"repeat {repeat + 1} of {options.repeats}: {name}", file=sys.stderr, flush=True)
            runs[name].append(one_training(name, options))
    return {name: medians(pairs) for name, pairs in runs.items()}


def medians(pairs):
    """The medians over (first run, second run) pairs of one contender."""
    every = [run for pair in pairs for run in pair]
    return {
        "first_epoch": statistics.median(first["first_epoch"] for first, _ in pairs),
        "first_epoch_cached": statistics.median(second["first_epoch"] for _, second in pairs),
        "warm_epoch": statistics.median(seconds for run in every for seconds in run["warm_epochs"]),
        "last_loss": statistics.median(run["loss"] for run in every),
    }


def table(imports, trainings):
    """The results as Markdown; a ratio is to the training by hand."""
    lines = [
        "| import | seconds |",
        "|---|---:|",
        f"| `{BASE_IMPORTS}` | {imports['base']:.3f} |",
        f"| `{OUR_IMPORTS}` | {imports['horngate']:.3f} |",
        f"| added | {imports['added']:.3f} |",
        "",
        "| training | first epoch (s) | ratio | with filled cache (s) | ratio | warm epoch (s) | ratio | last loss |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    keys, by_hand = ("first_epoch", "first_epoch_cached", "warm_epoch"), trainings["jax"]
    for name, found in trainings.items():
        cells = " | ".join(f"{found[key]:.2f} | {found[key] / by_hand[key]:.2f}" for key in keys)
        lines.append(f"| {name} | {cells} | {found['last_loss']:.4f} |")
    return "\n".join(lines)


def machine():
    """Where this was measured."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "jax": version("jax"),
        "platform": platform.platform(),
    }


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in (("repeats", 5), ("epochs", 4), ("rows", 60_000), ("imports", 9)):
        parser.add_argument(f"--{option}", type=int, default=default, help=f"default: {default}")
    options = parser.parse_args()
    names = ["jax", "horngate"] + ["keras"] * (importlib.util.find_spec("keras") is not None)
    imports, trainings = import_seconds(options.imports), training_seconds(names, options)
    print(table(imports, trainings))
    print(json.dumps({"machine": machine(), "imports": imports, "trainings": trainings}))


if __name__ == "__main__":
    main()
