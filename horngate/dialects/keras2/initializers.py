"""Initializers of Keras 2 and 3: classes whose instances make a weight from its shape."""

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
    """A seed for random numbers, or None."""

    words = "for a weight that is the same each time: a whole number from 0 to 2^32 - 1; None draws from NumPy's state"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> int:
        """Return `value`. Raises an error unless `np.random.seed` takes it."""
        return limits.whole(value, 0, 2**32 - 1)


class Initializer(Part):
    """Base of initializers: `initializer(shape)` makes a weight.

    A subclass defines `make(shape)`, or `__call__(shape)` in the style of Keras 2 and 3.
    """

    def __call__(
        self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th", dtype: Any = None
    ) -> Variable:
        """Make a weight.

        # Arguments
            shape: shape of the weight.
            name: name of the weight.
            dim_ordering: `'th'` or `'tf'`: place of the channels in a kernel.
            dtype: ignored; taken for Keras 2. Weights have the dtype `K.floatx()`.
        """
        with _drawn_from(vars(self).get("seed")):
            return self.make(shape, name=name, dim_ordering=dim_ordering)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        """Make a weight of `shape`; `name` and `dim_ordering` as in a call."""
        raise TypeError(f"{type(self).__name__} must define make(shape, name, dim_ordering), or __call__(shape).")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make the initializer again, as plain data."""
        return {"name": type(self).__name__, **super().get_config()}


@contextlib.contextmanager
def _drawn_from(seed: int | None) -> Iterator[None]:
    """Within the block, NumPy draws from a state seeded by `seed`; for None, from the global one."""
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
    """Draw from a normal distribution."""

    mean: float = argument("the mean", default=0.0)
    stddev: float = argument("the standard deviation", default=0.05, at_least=0)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return K.variable(np.random.normal(self.mean, self.stddev, shape), name=name)


class RandomUniform(Initializer):
    """Draw from a uniform distribution between two numbers."""

    minval: float = argument("the smallest value", default=-0.05)
    maxval: float = argument("the largest value", default=0.05)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return K.variable(np.random.uniform(self.minval, self.maxval, shape), name=name)


class TruncatedNormal(Initializer):
    """Draw from a normal distribution; numbers beyond two standard deviations are drawn again."""

    mean: float = argument("the mean", default=0.0)
    stddev: float = argument("the standard deviation before values are drawn again", default=0.05, at_least=0)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        values = np.random.normal(self.mean, self.stddev, shape)
        while (far := np.abs(values - self.mean) > 2 * self.stddev).any():
            values[far] = np.random.normal(self.mean, self.stddev, far.sum())
        return K.variable(values, name=name)


class Constant(Initializer):
    """Fill with one number."""

    value: float = argument("the number", default=0.0)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return K.variable(np.full(shape, self.value), name=name)


class _OfFunction(Initializer):
    """Base of initializers that call a function of `initializations`."""

    function: ClassVar[Callable[..., Variable]]

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return type(self).function(shape, name=name, dim_ordering=dim_ordering)


class Zeros(_OfFunction):
    """Fill with 0."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.zero)


class Ones(_OfFunction):
    """Fill with 1."""

    function: ClassVar[Callable[..., Variable]] = staticmethod(initializations.one)


class Identity(Initializer):
    """Make the identity matrix times `gain`, which Keras 1 called `scale`."""

    gain: float = argument("what the matrix is multiplied by", default=1.0)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return initializations.identity(shape, self.gain, name=name, dim_ordering=dim_ordering)


class Orthogonal(Initializer):
    """Make a matrix with orthogonal rows or columns, times `gain`, which Keras 1 called `scale`.

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
