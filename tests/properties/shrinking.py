"""Failures by kind, and the smallest plan that still shows one."""

import copy
import os
import re
import time
import traceback

from tests.properties import checks
from tests.properties.plans import pruned, walk


def failure(plan, name):
    """The kind of failure of a property on a plan, and what was said; None where it holds."""
    try:
        checks.CHECKS[name][0](plan)
    except Exception as error:
        return kind_of(name, error), f"{type(error).__name__}: {error}"
    return None


def kind_of(name, error):
    """What failures have in common: the property, the error, its words without names and numbers, and the place."""
    words = re.sub(r"'[^']*'|\"[^\"]*\"|[\w.]*\d[\w.]*|\(.*?\)|\[.*?\]", "_", str(error).strip().split("\n")[0])
    places = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if f"{os.sep}horngate{os.sep}" in frame.filename or "properties" in frame.filename
    ]
    where = f"{os.path.basename(places[-1].filename)}:{places[-1].name}" if places else "?"
    return f"{name}: {type(error).__name__} in {where}: {words[:90]}"


def shrunk(plan, name, kind, seconds=20):
    """A smaller plan that fails in the same way."""
    end, found = time.monotonic() + seconds, True
    while found:
        found = False
        for smaller in smaller_plans(plan):
            if time.monotonic() > end:
                return plan
            failed = checks.CHECKS[name][2](smaller) and failure(smaller, name)
            if failed and failed[0] == kind:
                plan, found = smaller, True
                break
    return plan


def smaller_plans(plan):
    """Plans with something left out; some describe no model."""
    for key in ("frozen", "frozen_later"):
        for i in range(len(plan[key])):
            yield {**plan, key: plan[key][:i] + plan[key][i + 1 :]}
    for graph in smaller_graphs(plan["graph"]):
        yield {
            **plan,
            "graph": graph,
            "frozen": [p for p in plan["frozen"] if _there(graph, p)],
            "frozen_later": [p for p in plan["frozen_later"] if _there(graph, p)],
        }


def smaller_graphs(graph):
    """The graph with an output, a call or a name less, or with something smaller within."""
    for o in range(len(graph["outputs"])):
        if len(graph["outputs"]) > 1:
            yield pruned({**graph, "outputs": graph["outputs"][:o] + graph["outputs"][o + 1 :]})
    for c in range(len(graph["calls"]) - 1, -1, -1):  # the outputs of earlier calls instead of this one's
        yield from (pruned(_without_output(graph, c, other)) for other in graph["calls"][c][1])
        yield from (pruned({**graph, "outputs": [[c, 0]]}) for _ in [0] if graph["outputs"] != [[c, 0]])
    for i, layer in enumerate(graph["layers"]):
        changed = []
        if layer.get("name"):
            changed.append({**layer, "name": None})
        if "graph" in layer:
            changed += [
                {**layer, "graph": inner}
                for inner in smaller_graphs(layer["graph"])
                if len(inner["inputs"]) == len(layer["graph"]["inputs"])
            ]
        if "wrap" in layer and "graph" in layer["layer"]:
            changed.append({**layer, "layer": layer["layer"]["graph"]["layers"][0]})
        for other in changed:
            yield {**graph, "layers": [*graph["layers"][:i], other, *graph["layers"][i + 1 :]]}


def _without_output(graph, c, other):
    """The graph with the tensor `other` in place of the first output of call `c`."""
    graph = copy.deepcopy(graph)

    def moved(tensor):
        return list(other) if list(tensor) == [c, 0] else tensor

    graph["calls"] = [[layer, [moved(t) for t in tensors]] for layer, tensors in graph["calls"]]
    graph["outputs"] = [moved(t) for t in graph["outputs"]]
    if any(t[0] < 0 for t in graph["outputs"]):
        graph["outputs"] = [t for t in graph["outputs"] if t[0] >= 0] or [[c, 0]]
    return graph


def _there(graph, path):
    return list(path) in [found for found, _ in walk(graph)]


PROGRAM = """from tests.properties.checks import CHECKS
CHECKS[{name!r}][0]({plan!r})
"""


def program(plan, name):
    """A short program that shows the failure."""
    return PROGRAM.format(name=name, plan=plan)
