"""The initializations under the names of Keras 2 and 3: classes whose instances make a weight from its shape."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate import initializations
from horngate.backend import limits
from horngate.backend.graph import Variable
from horngate.engine.arguments import Argument, Declared, Part, argument
from horngate.initializations import get  # noqa: F401


class Seed(Declared["int | None", "int | None"]):
    """What makes a weight the same each time."""

    words = "for a weight that is the same each time: a whole number from 0 to 2^32 - 1; None draws from NumPy's state"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> int:
        """What `np.random.seed` takes."""
        return limits.whole(value, 0, 2**32 - 1)


class Initializer(Part):
    """Something that makes a weight: `initializer(shape)`.

    A subclass gives `make(shape)`, or in the manner of Keras 2 and 3 `__call__(shape)`.
    """

    def __call__(
        self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th", dtype: Any = None
    ) -> Variable:
        """A weight of this shape.

        # Arguments
            shape: its sizes.
            name: its name.
            dim_ordering: `'th'` or `'tf'`, for a kernel: where its channels stand.
            dtype: taken, as Keras 2 gives it, and left: weights are of type `K.floatx()`.
        """
        with _drawn_from(vars(self).get("seed")):
            return self.make(shape, name=name, dim_ordering=dim_ordering)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        """The weight of sizes `shape`; `name` and `dim_ordering` are as in a call."""
        raise TypeError(f"{type(self).__name__} must define make(shape, name, dim_ordering), or __call__(shape).")

    def get_config(self) -> dict[str, Any]:
        """What makes it again, as plain data."""
        return {"name": type(self).__name__, **super().get_config()}


@contextlib.contextmanager
def _drawn_from(seed: int | None) -> Iterator[None]:
    """Within the block NumPy draws from a state of its own; for None, from the global one."""
    if seed is None:
        yield
        return
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)


class RandomNormal(Initializer):
    """Normal."""

    mean: float = argument("the mean", default=0.0)
    stddev: float = argument("the standard deviation", default=0.05, at_least=0)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return K.variable(np.random.normal(self.mean, self.stddev, shape), name=name)


class RandomUniform(Initializer):
    """Uniform between two numbers."""

    minval: float = argument("the smallest value", default=-0.05)
    maxval: float = argument("the largest value", default=0.05)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return K.variable(np.random.uniform(self.minval, self.maxval, shape), name=name)


class TruncatedNormal(Initializer):
    """Normal, where what lies beyond two deviations is drawn again."""

    mean: float = argument("the mean", default=0.0)
    stddev: float = argument("the standard deviation before values are drawn again", default=0.05, at_least=0)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        values = np.random.normal(self.mean, self.stddev, shape)
        while (far := np.abs(values - self.mean) > 2 * self.stddev).any():
            values[far] = np.random.normal(self.mean, self.stddev, far.sum())
        return K.variable(values, name=name)


class Constant(Initializer):
    """The same number everywhere."""

    value: float = argument("the number", default=0.0)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return K.variable(np.full(shape, self.value), name=name)


class _OfFunction(Initializer):
    """One that is a function of `initializations`."""

    function: ClassVar[Callable[..., Variable]]

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return type(self).function(shape, name=name, dim_ordering=dim_ordering)


class Zeros(_OfFunction):
    """Zeros."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.zero)


class Ones(_OfFunction):
    """Ones."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.one)


class Identity(Initializer):
    """The identity matrix times `gain`, which Keras 1 called `scale`."""

    gain: float = argument("what the matrix is multiplied by", default=1.0)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return initializations.identity(shape, self.gain, name=name, dim_ordering=dim_ordering)


class Orthogonal(Initializer):
    """A matrix with orthogonal rows or columns, times `gain`, which Keras 1 called `scale`.

    See `initializations.orthogonal`.
    """

    gain: float = argument("what the matrix is multiplied by", default=1.0)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return initializations.orthogonal(shape, self.gain, name=name, dim_ordering=dim_ordering)


class _Drawn(_OfFunction):
    seed: Seed = argument(default=None)


class GlorotUniform(_Drawn):
    """See `initializations.glorot_uniform`."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.glorot_uniform)


class GlorotNormal(_Drawn):
    """See `initializations.glorot_normal`."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.glorot_normal)


class HeUniform(_Drawn):
    """See `initializations.he_uniform`."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.he_uniform)


class HeNormal(_Drawn):
    """See `initializations.he_normal`."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.he_normal)


class LecunUniform(_Drawn):
    """See `initializations.lecun_uniform`."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.lecun_uniform)


glorot_uniform = GlorotUniform
glorot_normal = GlorotNormal
he_uniform = HeUniform
he_normal = HeNormal
zeros = Zeros
ones = Ones
constant = Constant
random_normal = RandomNormal
random_uniform = RandomUniform
