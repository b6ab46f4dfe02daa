"""One contender on one workload, in a process of its own: prints what was measured as a line of JSON.

python -m benchmarks.measure MODULE WORKLOAD [--variant V] [--dtype D] [--sizes cpu|gpu] [--rows N] [--epochs N]
[--check]
"""

import argparse
import importlib
import json
import statistics
import sys
import time
from dataclasses import replace

CHECKED_STEPS, CALLS = 6, 300


class Watch:
    """Seconds between the moments it is told of."""

    def __init__(self):
        self.moments = [time.perf_counter()]

    def ended(self):
        """Something has just ended."""
        self.moments.append(time.perf_counter())

    def spans(self):
        return [end - start for start, end in zip(self.moments, self.moments[1:])]


def train(contender, workload, asked, data):
    """Seconds of the first epoch and of each later one, and the last loss."""
    watch = Watch()
    loss = contender.fit(*data(asked.rows), 1 + asked.epochs, watch.ended)
    first, *warm = watch.spans()
    return {"first_epoch": first, "warm_epochs": warm, "loss": float(loss)}


def predict(contender, workload, asked, data):
    """Seconds to predict a batch."""
    X, _ = data(workload.batch)
    return {"first_predict": seconds(contender.predict, X), "predicts": repeated(contender.predict, X, calls=5)}


def one(contender, workload, asked, data):
    """Seconds to predict a single sample."""
    X, _ = data(1)
    repeated(contender.predict, X, calls=20)
    return {"ones": repeated(contender.predict, X, calls=asked.calls)}


def step(contender, workload, asked, data):
    """Seconds of a step on a batch that is handed over."""
    X, y = data(workload.batch)
    targets = contender.targets(y)
    repeated(contender.step, X, targets, calls=20)
    return {"steps": repeated(contender.step, X, targets, calls=asked.calls)}


def build(contender, workload, asked, data):
    """Nothing more: building was timed already."""
    return {"parameters": contender.parameters()}


MEASURES = {f.__name__: f for f in (train, predict, one, step, build)}


def seconds(call, *arguments):
    began = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - began


def repeated(call, *arguments, calls):
    """Seconds of several calls; of many only the three quartiles."""
    taken = [seconds(call, *arguments) for _ in range(calls)]
    return taken if calls < 20 else statistics.quantiles(taken, n=4)


def checked(make, workload):
    """Losses of some steps on one small batch, from given weights and without dropout."""
    from benchmarks.workloads import data, initial_weights

    workload = replace(workload.without_dropout(), batch=16)
    if workload.shape == (224, 224, 3):  # the network takes images of any size; so deep a one magnifies rounding
        workload = replace(workload, shape=(64, 64, 3), batch=8, rate=1e-6)
    contender = make(workload)
    contender.set_weights(initial_weights(workload))
    X, y = data(workload, workload.batch)
    targets = contender.targets(y)
    return {"losses": [contender.step(X, targets) for _ in range(CHECKED_STEPS)]}


def peak_memory():
    """The most bytes that this process held; None where that cannot be asked."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def arguments():
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("module")
    parser.add_argument("workload")
    parser.add_argument("--variant", default="")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--sizes", choices=("cpu", "gpu"), default="cpu", help="rows and batches that fit a device")
    parser.add_argument("--rows", type=int, default=0, help="rows of an epoch; 0: those of the workload")
    parser.add_argument("--epochs", type=int, default=0, help="warm epochs; 0: those of the workload")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls of which a latency is the median")
    parser.add_argument("--check", action="store_true", help="compare losses instead of taking times")
    return parser.parse_args()


def main():
    """Import, build, measure, print."""
    asked = arguments()
    watch = Watch()
    from benchmarks.workloads import data, sized  # imports nothing that takes time

    workload = sized(asked.workload, asked.sizes)
    folder = "contenders.own_steps" if workload.own_step else "contenders"
    module = importlib.import_module(f"benchmarks.{folder}.{asked.module}")
    watch.ended()
    kind = getattr(module, workload.own_step or "Contender")
    asked.rows, asked.epochs = asked.rows or workload.rows, asked.epochs or workload.warm_epochs

    def make(workload):
        return kind(workload, dtype=asked.dtype, variant=asked.variant)

    if asked.check:
        print(json.dumps(checked(make, workload)))
        return
    watch.ended()
    contender = make(workload)
    watch.ended()
    imported, _, built = watch.spans()
    found = {"import": imported, "build": built}
    for measure in workload.measures:
        found |= MEASURES[measure](contender, workload, asked, lambda rows: data(workload, rows))
    print(json.dumps({**found, "peak_memory": peak_memory()}))


if __name__ == "__main__":
    main()
