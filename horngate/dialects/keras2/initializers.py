"""Initializers of Keras 2 and 3: classes whose instances make a weight from its shape."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate import initializations
from horngate.backend import config, limits
from horngate.backend.draws import draws_undone
from horngate.backend.graph import Variable
from horngate.backend.orders import of_eras
from horngate.engine.arguments import Argument, Declared, Part, argument, fixed
from horngate.engine.kinds import SomeAxes
from horngate.initializations import deserialize, get, serialize  # noqa: F401


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

    function: ClassVar[Any] = None  # of `initializations`, that a class calls

    def __init_subclass__(cls, of: Any = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if of is not None:
            cls.function = staticmethod(of)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._era: config.Era = K.era()

    @of_eras(key="Initializer.__call__")
    def __call__(
        self, shape: Sequence[int], name: str | None = None, dim_ordering: str | None = None, dtype: Any = None
    ) -> Any:
        """Make a weight. In Keras 3, without a name, it is an array.

        # Arguments
            shape: shape of the weight.
            name: name of the weight.
            dim_ordering: `'th'` or `'tf'`: place of the channels in a kernel; None for the place in the era, which is
                first in Keras 1, and last from Keras 2 on.
            dtype: number type of the weight; None for `K.floatx()`.
        """
        era = getattr(self, "_era", None) or K.era()
        dim_ordering = dim_ordering or ("window first" if era.windows_first else "th")
        with _drawn_from(vars(self).get("seed")):
            made = self.make(shape, name=name, dim_ordering=dim_ordering)
        if name is None and era.generation == "3":
            return K.cast(made.get_value(), dtype or K.floatx())
        return made if dtype is None else Variable(made.get_value(), dtype=dtype, name=name)

    def clone(self) -> "Initializer":
        """Return another one with the same arguments."""
        return type(self).from_config(self.get_config())

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        """Make a weight of `shape`; `name` and `dim_ordering` as in a call."""
        raise TypeError(f"{type(self).__name__} must define make(shape, name, dim_ordering), or __call__(shape).")

    def _settings(self) -> dict[str, Any]:
        """Return the arguments that make the initializer again, as plain data."""
        return {"name": type(self).__name__, **super()._settings()}


@contextlib.contextmanager
def _drawn_from(seed: int | None) -> Iterator[None]:
    """Within the block, NumPy draws from a state seeded by `seed`; for None, from the global one."""
    with contextlib.nullcontext() if seed is None else draws_undone():
        if seed is not None:
            np.random.seed(seed)
        yield


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
        return K.variable(_truncated(self.mean, self.stddev, shape), name=name)


class _Numbers(Declared["float | np.ndarray", Any]):
    """A number or an array; arrays are kept as lists."""

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        try:
            numbers = np.asarray(None if isinstance(value, (bool, str)) else value, "float64")
        except (TypeError, ValueError):
            numbers = np.array(np.nan)
        if not numbers.size or not np.isfinite(numbers).all():
            raise ValueError(
                f"{owner.__name__}, argument '{told.name}': must be a finite number or array; received {value!r}"
            )
        return numbers.tolist() if numbers.ndim else value


class Constant(Initializer):
    """Fill with one number, or with an array."""

    value: _Numbers = argument("the number; or an array that has the weight's shape, or is repeated to it", default=0.0)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return K.variable(np.full(shape, self.value), name=name)


class _OfFunction(Initializer):
    """Base of initializers that call a function of `initializations`."""

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        return type(self).function(shape, name=name, dim_ordering=dim_ordering)


class Zeros(_OfFunction, of=initializations.zero):
    """Fill with 0."""


class Ones(_OfFunction, of=initializations.one):
    """Fill with 1."""


class Identity(Initializer):
    """Make the identity matrix times `gain`, which Keras 1 called `scale`; from Keras 2 on, it need not be square."""

    gain: float = argument("what the matrix is multiplied by", default=1.0)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        if self._era.windows_first and len(shape) == 2:
            return K.variable(self.gain * np.eye(shape[0], shape[1]), name=name)
        return initializations.identity(shape, self.gain, name=name, dim_ordering=dim_ordering)


class Orthogonal(Initializer):
    """Make a matrix with orthogonal rows or columns, times `gain`, which Keras 1 called `scale`.

    See `initializations.orthogonal`.
    """

    gain: float = argument("what the matrix is multiplied by", default=1.0)
    seed: Seed = argument(default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        if not self._era.windows_first:
            return initializations.orthogonal(shape, self.gain, name=name, dim_ordering=dim_ordering)
        flat = initializations.orthogonal((int(np.prod(shape[:-1])), shape[-1]), self.gain)  # outputs are last
        return K.variable(flat.get_value().reshape(shape), name=name)


class FanAxes(SomeAxes):
    """The axes whose sizes make a fan: one or several, or None."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Check `value`, which must not be empty."""
        if value == () or value == []:
            raise ValueError(f"must name an axis, or be None; received {value!r}")
        return super().converted(value, told, owner)


class Word(Declared[str, str]):
    """One of the words of the argument's choices."""


class Window(Declared["str | float | tuple[Any, ...] | None", Any]):
    """A window, as `scipy.signal.get_window` takes it."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Return `value`. Raises an error unless SciPy knows it."""
        from scipy import signal  # deferred: few programs use it

        if not isinstance(value, (str, tuple)) or not value:
            raise TypeError(f"must be the name of a window, or a tuple of it and its parameters; received {value!r}")
        signal.get_window(value, 8)
        return value


_INPUTS = "the axes whose sizes make the number of inputs; None for all of the shape's"
_OUTPUTS = "the axes whose sizes make the number of outputs; None for the last"


class VarianceScaling(Initializer):
    """Draw with mean 0 and variance scale / n, where n is the number of inputs of a unit, of outputs, or their mean.

    # Source
        He et al., Delving Deep into Rectifiers (arXiv:1502.01852).
    """

    scale: float = argument("the variance for n = 1", default=1.0, above=0)
    mode: str = argument("what n is", default="fan_in", choices=("fan_in", "fan_out", "fan_avg"))
    distribution: Word = argument(
        "of the values; of a truncated one, numbers beyond two standard deviations are drawn again",
        default="truncated_normal",
        choices=("truncated_normal", "untruncated_normal", "uniform", "normal"),
    )
    seed: Seed = argument(default=None)
    input_axes: FanAxes | None = argument(_INPUTS, default=None)
    output_axes: FanAxes | None = argument(_OUTPUTS, default=None)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        inputs, outputs = initializations.get_fans(shape if len(shape) > 1 else (*shape, *shape), dim_ordering)
        if self.input_axes is not None:
            inputs = float(np.prod(np.take(shape, self.input_axes)))
        if self.output_axes is not None:
            outputs = float(np.prod(np.take(shape, self.output_axes)))
        count = {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}[self.mode]
        spread = np.sqrt(self.scale / max(1.0, count))
        if self.distribution == "uniform":
            return K.variable(np.random.uniform(-np.sqrt(3) * spread, np.sqrt(3) * spread, shape), name=name)
        if self.distribution == "untruncated_normal":
            return K.variable(np.random.normal(0, spread, shape), name=name)
        return K.variable(_truncated(0, spread / _OF_TRUNCATED, shape), name=name)


_OF_TRUNCATED = 0.87962566103423978  # the standard deviation of a normal distribution cut off at 2 of its own


def _truncated(mean, stddev, shape):
    values = np.random.normal(mean, stddev, shape)
    while (far := np.abs(values - mean) > 2 * stddev).any():
        values[far] = np.random.normal(mean, stddev, far.sum())
    return values


class _Scaled(VarianceScaling):
    """Base of initializers with a fixed scale, mode and distribution; in Keras 1 they were functions."""

    seed: Seed = argument(default=None)
    input_axes: FanAxes | None = argument(_INPUTS, default=None)
    output_axes: FanAxes | None = argument(_OUTPUTS, default=None)
    scale: float = fixed(1.0)
    mode: str = fixed("fan_in")
    distribution: Word = fixed("uniform")

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        old = type(self).function
        if old is None or self._era.windows_first or (self.input_axes, self.output_axes) != (None, None):
            return super().make(shape, name=name, dim_ordering=dim_ordering)
        return old(shape, name=name, dim_ordering=dim_ordering)


class GlorotUniform(_Scaled, of=initializations.glorot_uniform):
    """Uniform, with variance 2 / (inputs + outputs). See `initializations.glorot_uniform`."""

    mode: str = fixed("fan_avg")


class GlorotNormal(_Scaled, of=initializations.glorot_normal):
    """Normal, from Keras 2 on truncated, with variance 2 / (inputs + outputs). See `initializations.glorot_normal`."""

    mode: str = fixed("fan_avg")
    distribution: Word = fixed("truncated_normal")


class HeUniform(_Scaled, of=initializations.he_uniform):
    """Uniform, with variance 2 / inputs. See `initializations.he_uniform`."""

    scale: float = fixed(2.0)


class HeNormal(_Scaled, of=initializations.he_normal):
    """Normal, from Keras 2 on truncated, with variance 2 / inputs. See `initializations.he_normal`."""

    scale: float = fixed(2.0)
    distribution: Word = fixed("truncated_normal")


class LecunUniform(_Scaled, of=initializations.lecun_uniform):
    """Uniform, with variance 1 / inputs. See `initializations.lecun_uniform`."""


class LecunNormal(_Scaled):
    """Truncated normal, with variance 1 / inputs."""

    distribution: Word = fixed("truncated_normal")


class STFT(Initializer):
    """The kernel (steps, 1, frequencies) by which a convolution computes a short-time Fourier transform."""

    side: Word = argument("which part of the complex numbers", default="real", choices=("real", "imag"))
    window: Window | None = argument(
        "the window, as `scipy.signal.get_window` takes it, or None for none", default="hann"
    )
    scaling: Word | None = argument(
        "'density' divides by the root of the window's sum of squares, 'spectrum' by its sum, None by nothing",
        default="density",
        choices=("density", "spectrum"),
    )
    periodic: bool = argument("whether the window is one period, not symmetric", default=False)

    def make(self, shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
        if len(shape) != 3 or shape[1] != 1:
            raise ValueError(f"STFT makes kernels of shape (steps, 1, frequencies); received {tuple(shape)}")
        window: Any = np.ones(shape[0])
        if self.window is not None:
            from scipy import signal  # deferred: few programs use it

            window = np.asarray(signal.get_window(self.window, shape[0], fftbins=self.periodic))
        if self.scaling is not None:
            window = window / (np.sqrt(np.sum(window**2)) if self.scaling == "density" else np.sum(window))
        angles = np.outer(np.arange(shape[0]), np.arange(shape[2])) * (np.pi / max(1, shape[2] - 1))
        waves = np.cos(angles) if self.side == "real" else -np.sin(angles)
        return K.variable((waves * np.expand_dims(window, 1)).reshape(shape), name=name)


IdentityInitializer = identity = Identity
OrthogonalInitializer = orthogonal = Orthogonal
STFTInitializer = stft = STFT
variance_scaling = VarianceScaling
truncated_normal = TruncatedNormal
lecun_uniform = LecunUniform
lecun_normal = LecunNormal
glorot_uniform = GlorotUniform
glorot_normal = GlorotNormal
he_uniform = HeUniform
he_normal = HeNormal
zeros = Zeros
ones = Ones
constant = Constant
random_normal = RandomNormal
random_uniform = RandomUniform
