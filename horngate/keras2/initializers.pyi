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
    r"""Fill with one number, or with an array."""
    def __init__(self, value: Any = 0.0) -> None: ...
    if not TYPE_CHECKING:
        value: Any
class Identity(Initializer, horngate.initializers.Identity):
    r"""Make the identity matrix times `gain`, which Keras 1 called `scale`; from Keras 2 on, it need not be square."""
    def __init__(self, gain: float = 1.0) -> None: ...
    if not TYPE_CHECKING:
        gain: Any
class Initializer(horngate.initializers.Initializer):
    r"""Base of initializers: `initializer(shape)` makes a weight."""
    def __init__(self) -> None: ...
    def __call__(self, shape: _Sequence[int], dtype: Any = None) -> Any: ...
    if not TYPE_CHECKING:
        def clone(self) -> Any: ...
        from_config: Any
        function: Any
        def get_config(self) -> dict[str, Any]: ...
        def make(self, shape, name=None, dim_ordering='th') -> Any: ...
class Ones(Initializer, horngate.initializers.Ones):
    r"""Fill with 1."""
    def __init__(self) -> None: ...
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
class VarianceScaling(Initializer, horngate.initializers.VarianceScaling):
    r"""Draw with mean 0 and variance scale / n, where n is the number of inputs of a unit, of outputs, or their mean."""
    def __init__(self, scale: float = 1.0, mode: Any = 'fan_in', distribution: str = 'truncated_normal', seed: int | None = None, input_axes: int | _Sequence[int] | None = None, output_axes: int | _Sequence[int] | None = None) -> None: ...
    if not TYPE_CHECKING:
        distribution: Any
        input_axes: Any
        mode: Any
        output_axes: Any
        scale: Any
        seed: Any
constant = Constant
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> _Callable[..., Any]: ...
def get(identifier: Any, **kwargs: Any) -> _Callable[..., Any]: ...
class glorot_normal(VarianceScaling, horngate.initializers.GlorotNormal):
    r"""Normal, from Keras 2 on truncated, with variance 2 / (inputs + outputs). See `initializations.glorot_normal`."""
    def __init__(self, seed: int | None = None, input_axes: int | _Sequence[int] | None = None, output_axes: int | _Sequence[int] | None = None) -> None: ...
class glorot_uniform(VarianceScaling, horngate.initializers.GlorotUniform):
    r"""Uniform, with variance 2 / (inputs + outputs). See `initializations.glorot_uniform`."""
    def __init__(self, seed: int | None = None, input_axes: int | _Sequence[int] | None = None, output_axes: int | _Sequence[int] | None = None) -> None: ...
class he_normal(VarianceScaling, horngate.initializers.HeNormal):
    r"""Normal, from Keras 2 on truncated, with variance 2 / inputs. See `initializations.he_normal`."""
    def __init__(self, seed: int | None = None, input_axes: int | _Sequence[int] | None = None, output_axes: int | _Sequence[int] | None = None) -> None: ...
class he_uniform(VarianceScaling, horngate.initializers.HeUniform):
    r"""Uniform, with variance 2 / inputs. See `initializations.he_uniform`."""
    def __init__(self, seed: int | None = None, input_axes: int | _Sequence[int] | None = None, output_axes: int | _Sequence[int] | None = None) -> None: ...
identity = Identity
class lecun_normal(VarianceScaling, horngate.initializers.LecunNormal):
    r"""Truncated normal, with variance 1 / inputs."""
    def __init__(self, seed: int | None = None, input_axes: int | _Sequence[int] | None = None, output_axes: int | _Sequence[int] | None = None) -> None: ...
class lecun_uniform(VarianceScaling, horngate.initializers.LecunUniform):
    r"""Uniform, with variance 1 / inputs. See `initializations.lecun_uniform`."""
    def __init__(self, seed: int | None = None, input_axes: int | _Sequence[int] | None = None, output_axes: int | _Sequence[int] | None = None) -> None: ...
ones = Ones
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
def serialize(initializer: Any) -> Any: ...
truncated_normal = TruncatedNormal
zeros = Zeros
