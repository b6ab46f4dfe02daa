"""`initializers` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.initializers

class Constant(Initializer, horngate.initializers.Constant):
    r"""Fill with one number."""
    def __init__(self, value: float = 0.0) -> None: ...
    if not TYPE_CHECKING:
        value: Any
class Identity(Initializer, horngate.initializers.Identity):
    r"""Make the identity matrix times `gain`, which Keras 1 called `scale`."""
    def __init__(self, gain: float = 1.0) -> None: ...
    if not TYPE_CHECKING:
        gain: Any
class Initializer(horngate.initializers.Initializer):
    r"""Base of initializers: `initializer(shape)` makes a weight."""
    def __init__(self) -> None: ...
    if not TYPE_CHECKING:
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        def make(self, shape, name=None, dim_ordering='th') -> Any: ...
class Ones(Initializer, horngate.initializers.Ones):
    r"""Fill with 1."""
    def __init__(self) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class Orthogonal(Initializer, horngate.initializers.Orthogonal):
    r"""Make a matrix with orthogonal rows or columns, times `gain`, which Keras 1 called `scale`."""
    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        gain: Any
        seed: Any
class RandomNormal(Initializer, horngate.initializers.RandomNormal):
    r"""Draw from a normal distribution."""
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        mean: Any
        seed: Any
        stddev: Any
class RandomUniform(Initializer, horngate.initializers.RandomUniform):
    r"""Draw from a uniform distribution between two numbers."""
    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        maxval: Any
        minval: Any
        seed: Any
class TruncatedNormal(Initializer, horngate.initializers.TruncatedNormal):
    r"""Draw from a normal distribution; numbers beyond two standard deviations are drawn again."""
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        mean: Any
        seed: Any
        stddev: Any
class Zeros(Initializer, horngate.initializers.Zeros):
    r"""Fill with 0."""
    def __init__(self) -> None: ...
    if not TYPE_CHECKING:
        function: Any
constant = Constant
def get(identifier: Any, **kwargs: Any) -> _Callable[..., Any]: ...
class glorot_normal(Initializer, horngate.initializers.GlorotNormal):
    r"""See `initializations.glorot_normal`."""
    def __init__(self, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        seed: Any
class glorot_uniform(Initializer, horngate.initializers.GlorotUniform):
    r"""See `initializations.glorot_uniform`."""
    def __init__(self, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        seed: Any
class he_normal(Initializer, horngate.initializers.HeNormal):
    r"""See `initializations.he_normal`."""
    def __init__(self, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        seed: Any
class he_uniform(Initializer, horngate.initializers.HeUniform):
    r"""See `initializations.he_uniform`."""
    def __init__(self, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        seed: Any
identity = Identity
class lecun_uniform(Initializer, horngate.initializers.LecunUniform):
    r"""See `initializations.lecun_uniform`."""
    def __init__(self, seed: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        seed: Any
ones = Ones
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
zeros = Zeros
