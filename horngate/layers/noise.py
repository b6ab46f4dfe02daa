"""Noise added or multiplied in training, against overfitting."""

from horngate import backend as K
from horngate.engine.for_layers import TensorLike, argument
from horngate.layers.core import floats
from horngate.layers.elementwise import Elementwise


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
