"""`random` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.random import dropout as dropout
from horngate.random import normal as normal
from horngate.random import uniform as uniform

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.random

class SeedGenerator(horngate.random.SeedGenerator):
    r"""A source of random numbers, new ones at each draw; pass it as `seed`."""
    def __init__(self, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        def next(self) -> Any: ...
        seed: Any
