"""The report: tables in Markdown, and a picture of the ratios."""

from statistics import median

from benchmarks.contenders import BASE_IMPORTS, CONTENDERS
from benchmarks.summary import MAIN, QUANTITIES, agreement, floors, medians, ratio, verdicts
from benchmarks.workloads import sized

OPENING = """# horngate beside its peers

Written by `python3 run.py benchmark`. Each figure is a median. Each contender runs in a process of its own, in turn
with the others; a training runs twice in each turn, first with an empty cache of compiled programs, then with what that
run left. A ratio above 1 says that horngate is faster, or needs less."""
NOTES = {
    "gru": "PyTorch and Flax know only the form of the GRU that applies the reset gate after the product (as cuDNN "
    "does); their losses differ for that reason.",
    "cnn_th": "Samples come channels first. JAX by hand and PyTorch (channels_last) turn the data once, at the start.",
    "mlp": "scikit-learn has no dropout and trains without.",
    "resnet50": "Losses are compared on images of 64 x 64 pixels, at a small learning rate, as the depth of the "
    "network magnifies rounding.",
}


def table(head, rows):
    """A table in Markdown, the first column to the left."""
    cells = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def shown(value, unit="s"):
    """A figure with its unit, in three digits; an empty cell for None."""
    if value is None:
        return ""
    if unit == "MB":
        return f"{value / 1e6:.0f} MB"
    if unit != "s":
        return f"{value:.4f}"
    for factor, name in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {name}" if value < 1000 else f"{value:.0f} s"
    return f"{value * 1e6:.3g} µs"


def label(name):
    """A contender's name as it is shown."""
    return CONTENDERS[name].label if name in CONTENDERS else name


def machine_lines(results):
    """Where this was measured, and how fast that machine is."""
    machine = results["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine.get('device') or 'no accelerator'}; "
        f"{machine['platform']}; Python {machine['python']}; {results['dtype']}; {results['date']}.",
        ", ".join(f"{package} {version}" for package, version in machine["versions"].items()) + ".",
        f"Native kernels of horngate: {machine.get('kernels', 'unknown')}.",
    ]
    if "error" in machine:
        lines.append(f"The floor could not be measured: {machine['error']}")
    else:
        rates = ", ".join(f"{name} {rate / 1e9:.0f}" for name, rate in machine["products"].items())
        copies = ", ".join(
            f"{rate / 1e9:.0f} with {int(size) >> 20} MB held" for size, rate in machine["copies"].items()
        )
        lines.append(f"Large matrix products, in GFLOP/s: {rates}. Bytes read and written, in GB/s: {copies}.")
    if results["quick"]:
        lines.append("**A quick run, to try the suite: the figures say nothing about the contenders.**")
    return "\n\n".join(lines)


def targets_table(results):
    """What was aimed at, and what was reached."""
    rows = [
        [what, label(peer), wanted, reached, "met" if met else "**missed**"]
        for what, peer, wanted, reached, met in verdicts(results)
    ]
    return table(["target", "against", "wanted", "reached", ""], rows) if rows else "None of them was measured."


def imports_table(results):
    """Seconds of the imports."""
    rows = []
    for name, taken in results["imports"].items():
        failed = [each["error"] for each in taken if isinstance(each, dict)]
        statement = BASE_IMPORTS if name == "base" else CONTENDERS[name].imports
        rows.append(
            [
                f"`{statement}`" + ("" if name == "base" else f" ({label(name)})"),
                failed[0] if failed else shown(median(taken)),
            ]
        )
    return table(["import", "seconds"], rows)


def rows_line(name, results):
    """The size of a workload, as it was measured."""
    workload = sized(name, results.get("sizes"))
    shape = " x ".join(map(str, workload.input_shape))
    line = f"Samples of {shape}, batches of {workload.batch}"
    if "train" not in workload.measures:
        return line + "."
    rows = 2 * workload.batch if results["quick"] else workload.rows
    return f"{line}, {rows:,} rows an epoch."


def workload_table(name, results):
    """The figures of one workload."""
    result = results["workloads"][name]
    found, agreed = medians(result), agreement(result["checks"])
    main = [MAIN[measure] for measure in sized(name).measures]
    keys = [key for key in QUANTITIES if any(key in own for own in found.values())]
    least = {
        key: max(floors(name, key, results).values())
        for key in main
        if floors(name, key, results) and not results["quick"]
    }
    compared = [*main, *(["script"] if "script" in keys else [])]
    checked = ["losses differ by"] if agreed else []
    head = [
        "",
        *(QUANTITIES[key].title for key in keys),
        *(f"{QUANTITIES[key].title}: ratio" for key in compared),
        *(f"{QUANTITIES[key].title}: times the floor" for key in least),
        *checked,
    ]
    rows = []
    for contender, own in found.items():
        ratios = [ratio(found, key, contender) for key in compared]
        over = [own[key] / least[key] if key in own else None for key in least]
        apart = agreed.get(contender, "")
        rows.append(
            [
                label(contender),
                *(shown(own.get(key), QUANTITIES[key].unit) for key in keys),
                *("" if each is None else f"{each:.2f}" for each in [*ratios, *over]),
                *([apart if isinstance(apart, str) else f"{apart:.0e}"] if checked else []),
            ]
        )
    return table(head, rows)


def floor_lines(name, results):
    """The floor of a workload, in words."""
    lines = []
    for measure in sized(name).measures:
        found = floors(name, MAIN[measure], results)
        if found and not results["quick"]:
            parts = f"{shown(found['arithmetic'])} by arithmetic, {shown(found['bytes'])} by bytes moved"
            lines.append(f"Floor of a {QUANTITIES[MAIN[measure]].title}: {parts}.".replace("a one", "one"))
    return lines


def section(name, results):
    """All about one workload."""
    failures = [
        f"{label(contender)} failed: `{own['error']}`"
        for contender, own in medians(results["workloads"][name]).items()
        if "error" in own
    ]
    notes = [NOTES[name]] if name in NOTES else []
    parts = [f"## {name}", rows_line(name, results), workload_table(name, results), *floor_lines(name, results), *notes]
    return "\n\n".join([*parts, *failures])


def markdown(results):
    """The whole report."""
    parts = [
        OPENING,
        machine_lines(results),
        "![ratios](report.png)",
        "## Targets",
        targets_table(results),
        "## Imports",
        imports_table(results),
        *(section(name, results) for name in results["workloads"]),
    ]
    return "\n\n".join(parts) + "\n"


def picture(results, path):
    """Bars of each contender's ratio to horngate, workload by workload, into a file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names, found = list(results["workloads"]), {}
    for place, name in enumerate(names):
        own = medians(results["workloads"][name])
        for contender in own:
            reached = ratio(own, MAIN[sized(name).measures[0]], contender)
            if reached and contender != "horngate":
                found.setdefault(contender, []).append((place, reached))
    figure, axes = pyplot.subplots(figsize=(11, 1 + 0.55 * len(names)))
    width = 0.8 / max(1, len(found))
    for i, (contender, points) in enumerate(found.items()):
        places, ratios = zip(*points)
        axes.barh(
            [place + (i + 0.5) * width - 0.4 for place in places],
            [r - 1 for r in ratios],
            width,
            left=1,
            label=label(contender),
        )
    axes.axvline(1, color="black")
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("time over horngate's time (to the right of 1: horngate is faster)")
    if found:
        axes.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(path, dpi=110, bbox_inches="tight")
    pyplot.close(figure)


def write(results, folder):
    """Write report.md and, where matplotlib is installed, report.png."""
    (folder / "report.md").write_text(markdown(results), encoding="utf-8")
    try:
        picture(results, folder / "report.png")
    except ImportError:
        print("report.png is left out: matplotlib is not installed.")
