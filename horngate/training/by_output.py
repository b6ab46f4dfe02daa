"""What `compile` is given for each output: one thing for all, a list in their order, or a dictionary by their names."""

from collections.abc import Sequence
from typing import Any

from horngate.engine.layer import to_list
from horngate.utils.nearest import did_you_mean


def collect_metrics(metrics: Any, output_names: Sequence[str], era: str = "1.0") -> list[list[Any]]:
    """Return the metrics of each output: the same list for all, by the name of the output, or a list of lists.

    The latter is for the `era` of Keras 2 and later.
    """
    if not metrics:
        return [[] for _ in output_names]
    if isinstance(metrics, dict):
        check_names(metrics, output_names, "metrics")
        return [to_list(metrics.get(name, [])) for name in output_names]
    if isinstance(metrics, (list, tuple)):
        nested = any(isinstance(each, (list, tuple)) for each in metrics) and len(metrics) == len(output_names)
        if nested and era in ("2", "3"):
            return [[] if each is None else to_list(each) for each in metrics]
        if era == "3" and 1 < len(output_names) == len(metrics):
            return [[each] for each in metrics]
        return [list(metrics) for _ in output_names]
    if isinstance(metrics, str) and era in ("2", "3"):
        return [[metrics] for _ in output_names]
    raise TypeError(f"metrics must be a list or a dictionary by output name; received {metrics!r}")


def per_output(given: Any, names: Sequence[str], what: str, missing: Any = None, allowed: bool = False) -> list[Any]:
    """Return `given` for each output: one for all, a list in order, or a dictionary by name.

    `missing`: what outputs get that a dictionary leaves out; `allowed`: whether it may leave out losses.
    """
    if isinstance(given, dict):
        check_names(given, names, what)
        absent = [name for name in names if name not in given]
        if absent and what == "loss" and not allowed:
            raise ValueError(f"loss: none is given for output {absent[0]!r}. Add it to the dictionary.")
        return [given.get(name, missing) for name in names]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise ValueError(
                f"{what}: the model has {len(names)} outputs ({', '.join(names)}); received {len(given)} items."
            )
        return list(given)
    if what == "loss_weights" and given is not None:
        raise TypeError(f"loss_weights must be a list or a dictionary by output name; received {given!r}")
    return [given] * len(names)


def check_names(given: Any, names: Sequence[str], what: str) -> None:
    """Raise ValueError if `given`, a dictionary given as `what`, names an output that is not among `names`."""
    for name in given:
        if name not in names:
            raise ValueError(
                f"{what}: no output is called {name!r}.{did_you_mean(name, names)} Outputs: {', '.join(names)}."
            )


def distinct(names: list[str]) -> list[str]:
    """Return output names; those of a layer with several outputs are numbered."""
    return [name if names.count(name) == 1 else f"{name}_{names[:i].count(name) + 1}" for i, name in enumerate(names)]
