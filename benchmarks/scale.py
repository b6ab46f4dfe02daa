"""Training on simulated devices, beside Keras 3's DataParallel: time and bytes of a step, state, end after a failure.

    python -m benchmarks.scale [--workloads mlp cnn lstm] [--rounds 3] [--python PATH]

One process trains a workload without a mesh and on meshes of 1, 2 and 8 devices, an epoch of each in turn. The
processes of horngate and of Keras take turns too. The devices share the cores of this machine, so no time falls with
their number: how much it rises is what the division itself costs. Writes benchmarks/results/scale.md.
"""

import argparse
import itertools
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MESHES = {"no mesh": 0, "mesh of 1": 1, "2 devices": 2, "8 devices": 8}
STEPS = {"mlp": 60, "cnn": 6, "lstm": 12}  # in an epoch
TARGETS = {"mlp": 1.6, "cnn": 1.3, "lstm": 1.2}  # of the time of no mesh, for 8 devices
EPOCHS = 6  # of each mesh in a process, beside the first, which compiles
REPORT = Path(__file__).resolve().parent / "results" / "scale.md"
OPERATIONS = "all-reduce|all-gather|reduce-scatter|all-to-all|collective-permute|collective-broadcast"
_RESULT = re.compile(rf"^\s*(?:ROOT )?\S+ = (.*?) ({OPERATIONS})(?:-start)?\(", re.MULTILINE)
_BYTES = {"f64": 8, "f32": 4, "f16": 2, "bf16": 2, "u32": 4, "s32": 4, "u8": 1, "s8": 1, "pred": 1}


def collectives(text):
    """operation -> bytes of its results, of all that a compiled program has."""
    found = {}
    for results, operation in _RESULT.findall(text):
        for kind, sizes in re.findall(r"(\w+)\[([\d,]*)\]", results):
            if kind in _BYTES:
                count = math.prod(int(n) for n in sizes.split(",") if n)
                found[operation] = found.get(operation, 0) + _BYTES[kind] * count
    return found


# in a process of its own


def chooser(module):
    """Return a function that makes models compiled from now on, and trainings, use so many devices; 0 for no mesh."""
    if module == "horngate":
        import horngate

        return lambda count, **told: horngate.distribute(f"data:{count}" if count else None, **told)
    import keras

    devices, split = keras.distribution.list_devices(), keras.distribution.DataParallel
    return lambda count: keras.distribution.set_distribution(split(devices=devices[:count]) if count else None)


def times(module, name, epochs, most):
    """mesh of at most `most` devices -> seconds of a step in each epoch."""
    import importlib

    from benchmarks.workloads import data, sized

    workload, choose, contenders = sized(name), chooser(module), {}
    X, y = data(workload, STEPS[name] * workload.batch)
    contender = importlib.import_module(f"benchmarks.contenders.{module}").Contender
    meshes = {mesh: count for mesh, count in MESHES.items() if count <= most}
    found = {mesh: [] for mesh in meshes}
    for number in range(1 + epochs):
        for mesh, count in meshes.items():
            choose(count)
            if mesh not in contenders:
                contenders[mesh] = contender(workload)
            began = time.perf_counter()
            contenders[mesh].fit(X, y, 1, lambda: None)
            if number:
                found[mesh].append((time.perf_counter() - began) / STEPS[name])
    return found


def sizes(name):
    """layout -> bytes that a step sends, the least it could, and bytes of the state on a device and in all."""
    import numpy as np

    from benchmarks.contenders.horngate import Contender
    from benchmarks.workloads import data, sized
    from horngate.backend import dispatch

    texts, compile_ = [], dispatch._compile

    def noted(lowered, done):
        texts.append(lowered.compile().as_text())
        compile_(lowered, done)

    dispatch._compile, found, workload = noted, {}, sized(name)
    X, y = data(workload, workload.batch)
    for layout, told in {"data:8": {}, "data:8, shard='zero'": {"shard": "zero"}}.items():
        chooser("horngate")(8, **told)
        contender = Contender(workload)
        texts.clear()
        contender.fit(X, y, 1, lambda: None)
        model = contender.model
        state = [variable.value for variable in (*model.weights, *model.optimizer.weights)]
        trained = sum(4 * int(np.prod(weight.shape)) for weight in model.trainable_weights)
        found[layout] = {
            "sent": collectives(texts[0]),
            "least": {"all-reduce": trained, **({"all-gather": trained} if told else {})},
            "on a device": sum(x.addressable_shards[0].data.nbytes for x in state),
            "state": sum(x.nbytes for x in state),
        }
    return found


def die(how, place):
    """Train in this process until process 1 ends in some way; note when."""
    import jax
    import numpy as np

    from horngate.callbacks import LambdaCallback
    from horngate.layers import Dense
    from horngate.models import Sequential

    def end(epoch, logs):
        if epoch == 3 and jax.process_index() == 1:
            Path(place).write_text(str(time.time()))
            os.kill(os.getpid(), 9) if how == "killed" else os._exit(0) if how == "left" else sys.exit("failed")

    model, x = Sequential([Dense(4, input_dim=4)]), np.ones((32, 4))
    model.compile("sgd", "mse")
    model.fit(x, x, nb_epoch=10_000, verbose=0, callbacks=[LambdaCallback(on_epoch_end=end)])


# the report


def child(python, *arguments):
    """What a process of this module prints, on eight simulated devices; None if the library is not there, or hung."""
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "jax", "JAX_CPU_ENABLE_ASYNC_DISPATCH": "0"}
    environment["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
    environment["PYTHONPATH"] = os.pathsep.join([str(REPORT.parents[2]), os.environ.get("PYTHONPATH", "")])
    command = [python, "-m", "benchmarks.scale", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if "No module named 'keras'" in done.stderr or "exceeded. Exiting" in done.stderr:  # XLA's rendezvous
        return None
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def seconds_to_end(how):
    """Seconds from the end of one of two processes to that of the launcher."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "at"
        command = [sys.executable, "-m", "horngate", "launch", "-n", "2", "-m", "benchmarks.scale", "--die", how]
        environment = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": ""}
        subprocess.run([*command, "--place", str(place)], env=environment, capture_output=True)
        return time.time() - float(place.read_text())


def measured(asked):
    """What the report tells, of all workloads."""
    found = {"times": {}, "sizes": {}}
    peers = {"horngate": sys.executable, "keras": asked.python}
    for name in asked.workloads:
        rounds = found["times"][name] = {library: [] for library in peers}
        for _ in range(asked.rounds):
            for library, python in peers.items():
                each = (child(python, "--time", library, name, asked.epochs, most) for most in (8, 2))
                rounds[library] += list(itertools.islice(filter(None, each), 1))  # the first that ended
        found["sizes"][name] = child(sys.executable, "--sizes", name)
    found["ends"] = {how: seconds_to_end(how) for how in ("killed", "failed", "left")}
    return found


def ratios(rounds, mesh):
    """The ratios of the times of a mesh to those of no mesh, of epochs that came one after the other."""
    pairs = [pair for found in rounds if mesh in found for pair in zip(found[mesh], found["no mesh"], strict=True)]
    return [each / alone for each, alone in pairs]


def told(found):
    """A median as text; of no numbers, that there is none."""
    return f"{statistics.median(found):.2f}" if found else "hangs"


def report(found):
    """The report as Markdown."""
    lines = [INTRODUCTION, "## Time of a step\n"]
    lines += [
        "| network | library | no mesh, ms | mesh of 1 | 2 devices | 8 devices | target |",
        "|---|---|" + "--:|" * 5,
    ]
    for name, libraries in found["times"].items():
        for library, rounds in libraries.items():
            if rounds:
                alone = statistics.median(t for each in rounds for t in each["no mesh"])
                each = " | ".join(told(ratios(rounds, mesh)) for mesh in list(MESHES)[1:])
                target = f"{TARGETS[name]}" if library == "horngate" else ""
                lines.append(f"| {name} | {library} | {1000 * alone:.2f} | {each} | {target} |")
    lines += ["", "## Bytes of a step, and state\n"]
    lines += [
        "| network | layout | sent in a step | the least | state on a device | of all |",
        "|---|---|---|---|--:|--:|",
    ]
    for name, layouts in found["sizes"].items():
        for layout, of_one in layouts.items():
            sent, least = (", ".join(f"{k} {v:,}" for k, v in of_one[which].items()) for which in ("sent", "least"))
            part = of_one["on a device"] / of_one["state"]
            lines.append(f"| {name} | `{layout}` | {sent} | {least} | {of_one['on a device']:,} | {part:.1%} |")
    lines += ["", "## Seconds until all have ended\n", "| process 1 of 2 | seconds |", "|---|--:|"]
    words = {"killed": "killed", "failed": "raised an error", "left": "ended without an error while the other trained"}
    lines += [f"| {words[how]} | {taken:.1f} |" for how, taken in found["ends"].items()]
    return "\n".join([*lines, "", CONCLUSION, *projection()])


# What chips can do: operations a second, the fraction of them that is reached, bytes a second that a chip sends in one
# direction within a node and between nodes, seconds until a message arrives, chips of a node.
CHIPS = {
    "H100, 8 a node, 400 Gb/s each": (989e12, 0.4, 450e9, 50e9, 5e-6, 8),
    "TPU v5e, 256 a pod": (197e12, 0.4, 180e9, 1.6e9, 1e-6, 256),
}
NETWORKS = {  # numbers trained, operations of a sample forward and backward, samples a chip
    "ResNet50, 128 a chip": (25.6e6, 3 * 8.2e9, 128),
    "ResNet50, 32 a chip": (25.6e6, 3 * 8.2e9, 32),
    "VGG16, 64 a chip": (138.4e6, 3 * 31e9, 64),
    "8 Dense of 2048, 512 a chip": (8 * 2048**2, 3 * 2 * 8 * 2048**2, 512),
    "8 Dense of 2048, 64 a chip": (8 * 2048**2, 3 * 2 * 8 * 2048**2, 64),
    "2 LSTM of 512, 100 steps, 64 a chip": (4.2e6, 3 * 2 * 4.2e6 * 100, 64),
}


def projected(chip, network, count):
    """Seconds that `count` chips compute in a step, and seconds that they send gradients in float32."""
    operations, reached, within, between, latency, node = CHIPS[chip]
    trained, of_sample, samples = NETWORKS[network]
    inside, nodes, size = min(count, node), max(1, count // node), 4 * trained
    sent = 2 * (inside - 1) / inside * size / within + 2 * math.log2(inside) * latency
    if nodes > 1:
        sent += 2 * (nodes - 1) / nodes * size / inside / between + 8 * math.log2(nodes) * latency
    return of_sample * samples / (operations * reached), sent


def projection():
    """Efficiency on paper for many chips, as lines of Markdown."""
    counts = (8, 64, 512, 4096)
    lines = [PROJECTION]
    for chip in CHIPS:
        lines += [f"| {chip} | {' | '.join(f'{n} chips' for n in counts)} |", "|---|" + "--:|" * len(counts)]
        for network in NETWORKS:
            each = (projected(chip, network, count) for count in counts)
            told = (f"{taken / (taken + sent):.0%} / {taken / max(taken, sent):.0%}" for taken, sent in each)
            lines.append(f"| {network} | {' | '.join(told)} |")
        lines.append("")
    return lines


PROJECTION = """## On paper: thousands of chips

Nothing here is measured. *t* = *f b* / (*r p*) is the time to compute *b* samples of *f* operations on a chip of *p*
operations a second, of which *r* = 40 % are reached. A ring among the *n* chips of a node, and one among *m* nodes of
each chip's part, send *g* bytes of gradients in *s* = 2 (*n* - 1)/*n* *g*/*w* + 2 (*m* - 1)/*m* (*g*/*n*)/*v* and the
latencies, with *w* bytes a second within a node and *v* between nodes. The first number is the efficiency
*t* / (*t* + *s*), if nothing is sent while a chip computes; the second *t* / max(*t*, *s*), if all is. The data are
assumed to arrive in time, and no chip to be late.
"""
INTRODUCTION = """# Several devices

`python -m benchmarks.scale` wrote this page. The devices are simulated on the {cores} cores of one machine, and other
work ran beside: the ratios are medians over pairs of epochs, one of which followed the other. They tell what it costs
to divide the same batch; real devices divide the time of the computation too.
"""
INTRODUCTION = INTRODUCTION.replace("{cores}", str(os.cpu_count()))
CONCLUSION = """The loss and, where there are some, the statistics of batch normalization are sent beside the gradients.
With `shard='zero'`, XLA on CPU makes an all-reduce where a GPU or TPU makes a reduce-scatter of half its traffic.

## What stands in the way of eight simulated devices

The targets of `mlp` and `lstm` for eight devices are missed on this machine. Looked at one by one, with `mlp`:

- A step on 16 samples took 1.4 ms on one core, one on 128 samples 6 ms: each device reads all weights for an eighth of
  the samples. Eight such steps on two cores take 5.5 ms before anything is sent.
- Adding up 2.7 MB over eight devices took 2.5 ms, and 0.14 ms for 4 bytes. So copies count, not the meeting of threads.
- All must meet in each step: while other work has the cores, seven wait for the eighth.

Tried without success: XLA's `xla_cpu_multi_thread_eigen=false`, `xla_cpu_enable_concurrency_optimized_scheduler=false`,
and sharding the optimizer's step (`shard='zero'`), each within the noise of the first. `lstm` sends of the gradient of
20,000 words only the rows of the words in the batch; each device still steps all of them with Adam. "hangs": XLA's
threads waited for each other until it gave up, in each of several tries.

What these numbers mean for many chips, and which networks do not scale: [docs/scale.md](../../docs/scale.md).
"""


def main():
    """Measure, and write the report; or do the part of a process that this module has started."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=list(STEPS), default=list(STEPS))
    parser.add_argument("--rounds", type=int, default=2, help="processes of each library and workload")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="epochs of each mesh in a process")
    parser.add_argument("--python", default=sys.executable, help="the Python that has Keras 3")
    parser.add_argument("--output", type=Path, default=REPORT)
    for option, count in (("--time", 4), ("--sizes", 1), ("--die", 1), ("--place", 1)):
        parser.add_argument(option, nargs=count, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.time:
        print(json.dumps(times(*asked.time[:2], *map(int, asked.time[2:]))))
    elif asked.sizes:
        print(json.dumps(sizes(*asked.sizes)))
    elif asked.die:
        die(asked.die[0], asked.place[0])
    else:
        text = report(measured(asked))
        asked.output.write_text(text)
        print(text)


if __name__ == "__main__":
    main()
