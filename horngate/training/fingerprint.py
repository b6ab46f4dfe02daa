"""Fingerprint of a training, its model and data, so that its state is not restored into another training."""

import json
import zlib
from typing import Any

import numpy as np

from horngate.engine.arguments import plain
from horngate.training.arrays import in_memory, rows_of
from horngate.utils.generic_utils import settings_of

_SOME = 64  # rows of a file that enter the checksum


def fingerprint(training: Any) -> dict[str, Any]:
    """Return description of a property -> its value as plain data, for all properties that could differ."""
    model, source, validation = training.model, training.source, training.validation
    found = {
        "the layers": [type(layer).__name__ for layer in model.layers],
        "the loss": _text(model.loss),
        "what is measured": list(training.names),
        "the optimizer": _optimizer(model.optimizer),
        "batch_size": getattr(source.orders, "batch_size", None),
        "shuffle": getattr(source.orders, "shuffle", None),
        "the samples of an epoch": source.count,
    }
    for what, each in (("the data", source), ("the validation data", validation)):
        for kind, arrays in zip(("input", "target", "weights"), each.data if each is not None else ()):
            for i, array in enumerate(arrays, 1):
                found[f"{what} ({kind} {i})"] = _print(array)
    return found


def difference(kept: Any, found: Any) -> str | None:
    """Return a sentence that names the first difference between two fingerprints; None if they are equal."""
    for what in [*found, *sorted(kept.keys() - found.keys())]:
        then, now = kept.get(what), found.get(what)
        if then != now:
            return f"{what}: {_shown(then, now)} then, {_shown(now, then)} now"
    return None


def _shown(value, other):
    """Return a value as text; for a dictionary, only the items that differ from `other`."""
    if isinstance(value, dict) and isinstance(other, dict):
        value = {key: item for key, item in value.items() if other.get(key) != item}
    return "nothing" if value is None else str(value)


def _text(value):
    if isinstance(value, (list, tuple)):
        return [_text(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _text(item) for key, item in value.items()}
    return value if isinstance(value, str) else getattr(value, "__name__", type(value).__name__)


def _optimizer(optimizer):
    try:
        settings = json.loads(json.dumps(settings_of(optimizer), default=plain))
    except (TypeError, ValueError, AttributeError):  # no configuration
        settings = {}
    return {"class": type(optimizer).__name__, **settings}


def _print(array):
    """Return an array's shape, dtype and checksum."""
    return None if array is None else f"shape {tuple(array.shape)}, {array.dtype}, checksum {_checksum(array)}"


def _checksum(array):
    """Return the checksum of an array in memory; for a file or a sparse matrix, of some rows."""
    if not in_memory(array):
        count = int(array.shape[0])
        array = rows_of(array, np.unique(np.linspace(0, count - 1, min(count, _SOME)).astype(int)))
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data) if array.size else 0
