"""Metrics whose `result` is a dictionary: the logs tell each of its values by its own name."""

from typing import Any

import numpy as np

from horngate.engine.names import is_ours


def names_told(kept: Any, name: str) -> list[str]:
    """Return the names by which the logs tell a metric: the keys of its result, if that is a dictionary, else `name`.

    `kept`: what holds the metric as its `metric`.
    """
    metric = getattr(kept, "metric", None)
    if metric is None or is_ours(type(metric)):
        return [name]
    try:
        found = metric.result()
    except Exception:  # one that cannot be asked before there are data gives no dictionary, or says so then
        return [name]
    return list(found) if isinstance(found, dict) else [name]


def values_told(value: Any, names: list[str]) -> list[Any]:
    """Return the values of the logs for `names`, of a metric whose value is `value`; None if it is not known yet."""
    if value is None:
        return [None] * len(names)
    if not isinstance(value, dict):
        return [value if np.size(value) > 1 else float(np.reshape(value, ()))]
    if list(value) != names:
        raise ValueError(f"a metric's result has the keys {list(value)}, and had {names} before the first batch.")
    return [float(np.reshape(each, ())) for each in value.values()]


def merged(results: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the `results` of metrics, pairs (name, result), by name; the items of dictionaries by theirs."""
    found: dict[str, Any] = {}
    for name, result in results:
        found.update(result if isinstance(result, dict) else {name: result})
    return found
