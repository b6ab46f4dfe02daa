"""Runs the whole comparison: each contender in a process of its own, in turn, repeated; writes a report.

    python -m benchmarks [--workloads tiny,mlp] [--contenders horngate,torch] [--repeats 2] [--quick] [--dtype float32]
        [--sizes gpu]

Each turn of a training is two processes with the same cache folder: the first finds it empty, the second as the first
left it. After each workload report.json, report.md and report.png are written (to benchmarks/results); `--resume` goes
on after the last one that was finished. A contender that fails is named in the report with the reason.
"""

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import report
from benchmarks.contenders import BASE_IMPORTS, CONTENDERS, taking_part
from benchmarks.workloads import WORKLOADS, sized

ROOT = Path(__file__).resolve().parents[1]
TIMED_IMPORT = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
LONGEST = 300  # seconds of one process
CACHES = "XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"
SET_BY_USERS = "JAX_COMPILATION_CACHE_DIR", "HORNGATE_CACHE_DIR", "KERAS_BACKEND"


def child(arguments, cache=None, **environment):
    """The last line that a fresh Python prints, as JSON, with the process's seconds; or what went wrong."""
    own = {name: value for name, value in os.environ.items() if name not in SET_BY_USERS}
    own |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **environment}
    if cache:
        own |= {name: os.path.join(cache, name.lower()) for name in CACHES}
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=own, capture_output=True, text=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return {"error": f"took longer than {LONGEST} seconds"}
    seconds = time.perf_counter() - began
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with exit code {done.returncode}"]
        return {"error": lines[-1][:300]}
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found, "script": seconds} if isinstance(found, dict) else found


def measured(name, workload_name, options, *flags, cache=None):
    """What one process of a contender found out about a workload."""
    row = CONTENDERS[name]
    rows, epochs = (sized(workload_name, options.sizes).batch * 2, 1) if options.quick else (0, 0)
    calls = 20 if options.quick else 300
    command = [
        "-m",
        "benchmarks.measure",
        row.module,
        workload_name,
        "--variant",
        row.variant,
        "--dtype",
        options.dtype,
        "--sizes",
        options.sizes,
        "--rows",
        str(rows),
        "--epochs",
        str(epochs),
        "--calls",
        str(calls),
        *flags,
    ]
    return child(command, cache, **row.environment)


def turns(workload_name, options):
    """The raw numbers of every process of a workload: turn by turn, contender by contender."""
    workload = WORKLOADS[workload_name]
    names = [name for name in options.contenders if taking_part(name, workload_name, workload.measures)]
    caches = ("empty", "filled") if "train" in workload.measures else ("empty",)
    runs, failed = [], set()
    for turn in range(min(workload.repeats, options.repeats)):
        for name in names:
            if name in failed or turn and CONTENDERS[name].seldom:
                continue
            with tempfile.TemporaryDirectory() as folder:
                for cache in caches:
                    say(f"{workload_name}, turn {turn + 1}: {name}, cache {cache}")
                    found = measured(name, workload_name, options, cache=folder)
                    runs.append({"contender": name, "turn": turn, "cache": cache, **found})
                    if "error" in found:
                        failed.add(name)
                        say(f"{name} failed: {found['error']}")
                        break
    return runs


def checks(workload_name, options):
    """For each contender that can begin with given weights, the losses of some steps from the same ones."""
    if "train" not in WORKLOADS[workload_name].measures or not WORKLOADS[workload_name].checked:
        return {}
    names = [
        name for name in options.contenders if CONTENDERS[name].checked and taking_part(name, workload_name, ("train",))
    ]
    say(f"{workload_name}: equal mathematics?")
    return {name: measured(name, workload_name, options, "--check") for name in names}


def import_seconds(options):
    """Seconds of each contender's import in turns, and of what horngate stands on; a first turn warms the disk."""
    rows = {name: (CONTENDERS[name].imports, CONTENDERS[name].environment) for name in options.contenders}
    rows = {"base": (BASE_IMPORTS, {}), **{name: row for name, row in rows.items() if CONTENDERS[name].builds}}
    found = {name: [] for name in rows}
    for _ in range(1 + (1 if options.quick else 5)):
        for name, (statement, environment) in rows.items():
            found[name].append(child(["-c", TIMED_IMPORT.format(statement)], **environment))
    return {name: each[1:] for name, each in found.items()}


def say(text):
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def processor():
    """The processor's name, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions(names):
    """The versions of what is compared, and of what it stands on."""
    packages = {package for name in names for package in CONTENDERS[name].packages} | {"jaxlib", "numpy"}
    found = {}
    for package in sorted(packages):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "as in this folder" if package == "horngate" else "?"
    return found


def machine(options):
    """Where this is measured, and how fast it multiplies and copies."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": versions(options.contenders),
        **child(["-m", "benchmarks.floor", "--dtype", options.dtype]),
    }


def present(names):
    """Those contenders whose packages are installed; says which are not."""
    modules = {"scikit-learn": "sklearn"}
    found = []
    for name in names:
        missing = [
            package
            for package in CONTENDERS[name].packages
            if importlib.util.find_spec(modules.get(package, package)) is None
        ]
        if missing:
            say(f"{name} is left out: {', '.join(missing)} is not installed. pip install horngate[bench] brings it.")
        else:
            found.append(name)
    return found


def names_among(known):
    """A converter of a list with commas, for argparse."""

    def convert(text):
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(known)}")
        return names

    return convert


def asked(arguments):
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", type=names_among(WORKLOADS), default=list(WORKLOADS), metavar="A,B")
    parser.add_argument("--contenders", type=names_among(CONTENDERS), default=list(CONTENDERS), metavar="A,B")
    parser.add_argument("--repeats", type=int, default=3, help="turns, of short workloads (default: 3)")
    parser.add_argument("--quick", action="store_true", help="two steps an epoch: to try the suite, not the contenders")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--sizes", choices=("cpu", "gpu"), default="cpu", help="rows and batches that fit a device")
    parser.add_argument("--resume", action="store_true", help="keep the workloads that the report already has")
    parser.add_argument(
        "--out", type=Path, help="folder of the report (default: benchmarks/results, for a GPU gpu/ in it)"
    )
    found = parser.parse_args(arguments)
    found.out = found.out or ROOT / "benchmarks" / "results" / ("gpu" if found.sizes == "gpu" else "")
    return found


def main(arguments=None):
    """Measure workload after workload and write the report after each."""
    options = asked(arguments)
    options.contenders = present(options.contenders)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "report.json"
    results = {"workloads": {}}
    if options.resume and path.exists():
        results = json.loads(path.read_text(encoding="utf-8"))
    else:
        say("the machine, and imports")
        results |= {
            "date": f"{datetime.date.today()}",
            "dtype": options.dtype,
            "sizes": options.sizes,
            "quick": options.quick,
            "machine": machine(options),
            "imports": import_seconds(options),
        }
    for name in options.workloads:
        if name in results["workloads"]:
            continue
        runs = turns(name, options)
        results["workloads"][name] = {"runs": runs, "checks": checks(name, options)}
        path.write_text(json.dumps(results, indent=1), encoding="utf-8")
        report.write(results, options.out)
    print(f"The report is in {options.out / 'report.md'}")


if __name__ == "__main__":
    main()
