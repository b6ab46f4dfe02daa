"""Limit the weights of a model made from a file, so that a damaged file cannot ask for all memory."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

_left = None  # numbers that weights may still hold; None: no bound


@contextlib.contextmanager
def weights_at_most(count: int) -> Iterator[None]:
    """Within the block, limit the weights that layers make to `count` numbers in all."""
    global _left
    outer, _left = _left, count
    try:
        yield
    finally:
        _left = outer


def spend(layer: Any, shape: Sequence[int]) -> None:
    """Count a weight of this shape, which `layer` is about to make."""
    global _left
    if _left is None:
        return
    _left -= math.prod(shape)
    if _left < 0:
        raise ValueError(
            f"the configuration in the file asks for more weights than the file holds: layer {layer.name!r} wants one "
            f"of shape {tuple(shape)}. The file is damaged, or its parts belong to different models."
        )
