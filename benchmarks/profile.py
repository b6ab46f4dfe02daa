"""Where the time of a training step goes: XLA's own trace of horngate's steps, by operation, as Markdown.

python -m benchmarks.profile [--workloads mlp,cnn,lstm] [--out benchmarks/results]
"""

import argparse
import collections
import glob
import gzip
import json
import os
import re
import tempfile
import time
from pathlib import Path

from benchmarks.floor import floor_seconds
from benchmarks.report import shown, table
from benchmarks.workloads import WORKLOADS, data

ROOT = Path(__file__).resolve().parents[1]
STEPS, SHOWN = 20, 12
CONTROL = {"while", "conditional", "call"}  # their time is that of what they run


def instructions(folder):
    """From the programs that XLA wrote down: instruction -> (shape, kind, where it comes from), the largest one's."""
    texts = [Path(name).read_text(encoding="utf-8") for name in glob.glob(f"{folder}/*after_optimizations.txt")]
    text, found = max(texts, key=len, default=""), {}
    for line in text.splitlines():
        parts = re.match(r"\s*(?:ROOT )?%?([\w.-]+) = (\(.*?\)|\S+) ([\w-]+)\(", line)
        if parts:
            source = re.search(r'op_name="([^"]*)"', line)
            found[parts[1]] = parts[2], parts[3], source[1] if source else ""
    return found


def described(source, kind):
    """What an instruction does: forward, gradient or update, and JAX's name for the operation."""
    phase = "gradient" if "transpose(" in source else "forward" if "jvp" in source else "other"
    return f"{phase}: {source.rsplit('/', 1)[-1] or kind}"


def seconds_by_operation(trace, known):
    """(what, shape) -> seconds, summed over the threads of a trace."""
    events = json.loads(gzip.decompress(Path(trace).read_bytes()))["traceEvents"]
    found = collections.Counter()
    for event in events:
        if event.get("ph") != "X" or event["name"] not in known:
            continue
        shape, kind, source = known[event["name"]]
        if kind not in CONTROL:
            found[described(source, kind), re.sub(r"\{[^}]*\}", "", shape)] += event["dur"] / 1e6
    return found


def traced(name, folder):
    """Seconds of a step without a trace, and of each operation in a traced step."""
    import jax

    from benchmarks.contenders.horngate import Contender

    workload = WORKLOADS[name]
    contender = Contender(workload)
    X, y = data(workload, workload.batch * STEPS)
    moments = []
    contender.fit(X, y, 4, lambda: moments.append(time.perf_counter()))
    step = min(b - a for a, b in zip(moments, moments[1:])) / STEPS
    with jax.profiler.trace(folder, create_perfetto_trace=True):
        contender.fit(X, y, 1, lambda: None)
    (trace,) = glob.glob(f"{folder}/plugins/profile/*/perfetto_trace.json.gz")
    found = seconds_by_operation(trace, instructions(folder))
    return step, {what: seconds / STEPS for what, seconds in found.items()}


def section(name, step, found, machine):
    """One workload in Markdown: the largest operations, and how far the step is from the floor."""
    total = sum(found.values())
    largest = sorted(found.items(), key=lambda item: -item[1])
    rows = [
        [f"`{what}`", f"`{shape[:60]}`", shown(seconds), f"{seconds / total:.0%}"]
        for (what, shape), seconds in largest[:SHOWN]
    ]
    rest = sum(seconds for _, seconds in largest[SHOWN:])
    rows.append([f"{max(0, len(largest) - SHOWN)} others", "", shown(rest), f"{rest / total:.0%}"])
    least = floor_seconds(WORKLOADS[name], machine)
    floor = max(least.values())
    words = (
        f"A step takes {shown(step)}, {step / floor:.2f} times the floor: {shown(least['arithmetic'])} by "
        f"arithmetic, {shown(least['bytes'])} by bytes moved."
    )
    head = ["operation", "of shape", "time in a traced step", "share"]
    return f"## {name}\n\n{words}\n\n{table(head, rows)}"


def main():
    """Trace and write profile.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", default="mlp,cnn,lstm")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--folder", help=argparse.SUPPRESS)  # in the processes that trace one workload
    asked = parser.parse_args()
    if asked.folder:
        step, found = traced(asked.workloads, asked.folder)
        print(json.dumps([step, [[*what, seconds] for what, seconds in found.items()]]))
        return
    from benchmarks.__main__ import child

    machine, sections = child(["-m", "benchmarks.floor"]), []
    for name in asked.workloads.split(","):
        with tempfile.TemporaryDirectory() as folder:
            flags = f"--xla_dump_to={folder} --xla_dump_hlo_as_text {os.environ.get('XLA_FLAGS', '')}"
            found = child(
                ["-m", "benchmarks.profile", "--workloads", name, "--folder", folder], cache=folder, XLA_FLAGS=flags
            )
        if isinstance(found, dict):
            raise SystemExit(f"{name}: {found['error']}")
        step, rows = found
        sections.append(section(name, step, {(what, shape): seconds for what, shape, seconds in rows}, machine))
    opening = (
        "# Where a step's time goes in horngate\n\nWritten by `python -m benchmarks.profile` from XLA's trace. "
        f"Native kernels: {machine['kernels']}."
    )
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "profile.md").write_text("\n\n".join([opening, *sections]) + "\n", encoding="utf-8")
    print(f"The profile is in {asked.out / 'profile.md'}")


if __name__ == "__main__":
    main()
