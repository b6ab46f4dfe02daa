"""`initializers` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

import horngate.callbacks
import horngate.initializers

class Constant(Initializer, horngate.initializers.Constant):
    r"""The same number everywhere."""
    def __init__(self, value: float = 0.0) -> None: ...
class Identity(Initializer, horngate.initializers.Identity):
    r"""The identity matrix times `gain`, which Keras 1 called `scale`."""
    def __init__(self, gain: float = 1.0) -> None: ...
class Initializer(horngate.initializers.Initializer):
    r"""Something that makes a weight: `initializer(shape)`."""
    def __init__(self) -> None: ...
class Ones(Initializer, horngate.initializers.Ones):
    r"""Ones."""
    def __init__(self) -> None: ...
class Orthogonal(Initializer, horngate.initializers.Orthogonal):
    r"""A matrix with orthogonal rows or columns, times `gain`, which Keras 1 called `scale`."""
    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None: ...
class RandomNormal(Initializer, horngate.initializers.RandomNormal):
    r"""Normal."""
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None: ...
class RandomUniform(Initializer, horngate.initializers.RandomUniform):
    r"""Uniform between two numbers."""
    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None: ...
class TruncatedNormal(Initializer, horngate.initializers.TruncatedNormal):
    r"""Normal, where what lies beyond two deviations is drawn again."""
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None: ...
class Zeros(Initializer, horngate.initializers.Zeros):
    r"""Zeros."""
    def __init__(self) -> None: ...
constant = Constant
def get(identifier: Any, **kwargs: Any) -> _Callable[..., Any]: ...
class glorot_normal(Initializer, horngate.initializers.GlorotNormal):
    r"""See `initializations.glorot_normal`."""
    def __init__(self, seed: int | None = None) -> None: ...
class glorot_uniform(Initializer, horngate.initializers.GlorotUniform):
    r"""See `initializations.glorot_uniform`."""
    def __init__(self, seed: int | None = None) -> None: ...
class he_normal(Initializer, horngate.initializers.HeNormal):
    r"""See `initializations.he_normal`."""
    def __init__(self, seed: int | None = None) -> None: ...
class he_uniform(Initializer, horngate.initializers.HeUniform):
    r"""See `initializations.he_uniform`."""
    def __init__(self, seed: int | None = None) -> None: ...
identity = Identity
class lecun_uniform(Initializer, horngate.initializers.LecunUniform):
    r"""See `initializations.lecun_uniform`."""
    def __init__(self, seed: int | None = None) -> None: ...
ones = Ones
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
zeros = Zeros
