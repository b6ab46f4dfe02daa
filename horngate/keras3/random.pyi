"""`random` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.random import beta as beta
from horngate.random import binomial as binomial
from horngate.random import categorical as categorical
from horngate.random import dropout as dropout
from horngate.random import gamma as gamma
from horngate.random import normal as normal
from horngate.random import randint as randint
from horngate.random import shuffle as shuffle
from horngate.random import truncated_normal as truncated_normal
from horngate.random import uniform as uniform

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.random

class SeedGenerator(horngate.random.SeedGenerator):
    r"""A source of random numbers, new ones at each draw; pass it as `seed`."""
    def __init__(self, seed: int | None = None, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        name: Any
        def next(self, ordered=True) -> Any: ...
        seed: Any
