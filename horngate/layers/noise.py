"""Noise added or multiplied in training, against overfitting."""

from horngate.engine import kinds
from horngate.engine.for_layers import K, TensorLike, argument
from horngate.layers.core import floats
from horngate.layers.elementwise import Elementwise

_LEAST = -1.6732632423543772 * 1.0507009873554805  # limit of SELU at minus infinity


class GaussianNoise(Elementwise):
    """In training, y = x + normal noise of standard deviation sigma; in testing, y = x.

    # Input shape
        Any.

    # Output shape
        That of the input.
    """

    sigma: float = argument("the standard deviation", at_least=0)
    seed: int | None = argument(default=None, at_most=2**64, kw_only=True, later=True)

    uses_learning_phase = True

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        y = floats(x)
        return K.in_train_phase(lambda: y + K.random_normal(y.shape, 0.0, self.sigma, K.dtype(y), self.seed), x)


class GaussianDropout(Elementwise):
    """In training, y = x * normal noise of mean 1 and variance p / (1 - p); in testing, y = x.

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Raises
        ValueError: where p is not in [0, 1).

    # Source
        Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.
    """

    p: float = argument("the rate of a Dropout whose noise has the same variance", at_least=0, below=1)
    seed: int | None = argument(default=None, at_most=2**64, kw_only=True, later=True)

    uses_learning_phase = True

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        deviation = (self.p / (1 - self.p)) ** 0.5
        y = floats(x)
        return K.in_train_phase(lambda: y * K.random_normal(y.shape, 1.0, deviation, K.dtype(y), self.seed), x)


class AlphaDropout(Elementwise):
    """Set a fraction of the inputs to the lower limit of SELU in training, and keep their mean 0 and variance 1.

    y = a * (x if kept, else l) + b, with l = -1.758..., a = 1 / sqrt((1 - rate) * (1 + rate * l^2)) and
    b = -a * l * rate. In testing, y = x.

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Source
        Klambauer et al., Self-normalizing neural networks (arXiv:1706.02515).
    """

    rate: float = argument("the fraction of the inputs to drop", at_least=0, below=1)
    noise_shape: kinds.Shape = argument(
        "shape of the mask, batch axis included: 1 where elements share one fate, None for the input's size",
        default=None,
    )
    seed: int | None = argument(default=None, at_most=2**64)

    uses_learning_phase = True

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return x if self.rate == 0 else K.in_train_phase(lambda: self._dropped(x), x)

    def _dropped(self, x):
        shape = x.shape if self.noise_shape is None else [m or n for m, n in zip(self.noise_shape, x.shape)]
        kept = K.random_binomial(shape, 1 - self.rate, K.dtype(x), self.seed)
        scale = ((1 - self.rate) * (1 + self.rate * _LEAST**2)) ** -0.5
        return scale * (x * kept + _LEAST * (1 - kept)) - scale * _LEAST * self.rate
