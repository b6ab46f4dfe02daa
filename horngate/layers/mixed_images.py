"""Layers that mix images with each other, and those that apply several changes."""

from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend import distributions
from horngate.backend.arrays.indexing import take
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.kinds import DataFormat, Range
from horngate.layers import changed_colours, changed_images
from horngate.layers.changed_colours import PIXELS, ChangedColours
from horngate.layers.changed_images import INSIDE, INTERPOLATION, ChangedImages, chosen, within_part


class _Mixed(ChangedImages):
    """Base of layers that mix each image with another one of its batch, and their labels in the same ratio."""

    def changed_with(self, x: TensorLike, labels: Any) -> tuple[TensorLike, Any]:
        order = distributions.shuffled(np.arange(x.shape[0]), seed=self.seed)
        share, y = self.mixed(x, take(x, order, 0))
        if labels is not None:
            labels = changed_images.floats(labels)
            spread = K.reshape(share, (-1, *[1] * (K.ndim(labels) - 1)))
            labels = spread * labels + (1 - spread) * take(labels, order, 0)
        return y, labels

    def mixed(self, x: TensorLike, other: TensorLike) -> tuple[TensorLike, TensorLike]:
        """Return (the share of `x` in each mixture, the mixtures of `x` and `other`)."""
        raise NotImplementedError


class MixUp(_Mixed):
    """y = a x + (1 - a) x', with another image x' of the batch; the labels likewise.

    # Source
        Zhang et al., mixup: Beyond Empirical Risk Minimization (arXiv:1710.09412).
    """

    alpha: float = argument("a is drawn from Beta(alpha, alpha)", default=0.2, above=0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    seed: int | None = argument(default=None)

    def mixed(self, x: TensorLike, other: TensorLike) -> tuple[TensorLike, TensorLike]:
        share = distributions.beta((x.shape[0], 1, 1, 1), self.alpha, self.alpha, K.dtype(x), self.seed)
        return share, share * x + (1 - share) * other


class CutMix(_Mixed):
    """Puts a random part of another image of the batch into each image; the labels are mixed as the areas are.

    # Source
        Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers (arXiv:1905.04899).
    """

    factor: Range = argument("the probability that an image is changed", default=1.0, at_least=0, at_most=1)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def mixed(self, x: TensorLike, other: TensorLike) -> tuple[TensorLike, TensorLike]:
        inside = within_part(self, x, self.drawn(x)) & (self.drawn(x) < self.drawn(x, self.factor))
        inside = inside & K.cast(K.ones_like(x[..., :1]), "bool")
        share = 1 - K.mean(K.cast(inside, K.dtype(x)), axis=[1, 2, 3], keepdims=True)
        return share, chosen(inside, other, x)


_OF_COLOURS = ("AutoContrast", "Equalization", "RandomColorDegeneration", "RandomPosterization", "Solarization")
_MORE_COLOURS = ("RandomBrightness", "RandomContrast", "RandomSharpness")
_OF_PLACES = ("RandomRotation", "RandomShear", "RandomTranslation")


class _Several(ChangedColours):
    """Base of layers that apply changes drawn from a list to each batch."""

    def one_of(self, x: TensorLike, names: tuple[str, ...], number: TensorLike) -> TensorLike:
        """Return `x` changed by the layer among `names` that `number`, in [0, 1) for each image, tells."""
        y = x
        for place, name in enumerate(names):
            told = (number >= place / len(names)) & (number < (place + 1) / len(names))
            y = chosen(told, self._part(name).changed(x), y)
        return y

    def _part(self, name: str) -> ChangedImages:
        strength = self.factor[1]
        if name in _OF_PLACES:
            size = strength / 4 if name == "RandomRotation" else strength
            both = (size, size) if name != "RandomRotation" else (size,)
            return getattr(changed_images, name)(*both, interpolation=self.interpolation, seed=self.seed)
        told: Any = {"seed": self.seed} if name not in ("AutoContrast", "Equalization") else {}
        if told and name == "RandomPosterization":
            told["factor"] = (max(1, round(8 - 4 * strength)), 8)
        elif told and name != "Solarization":
            told["factor"] = strength
        elif told:
            told |= {"addition_factor": strength, "threshold_factor": strength}
        return getattr(changed_colours, name)(value_range=self.value_range, **told)


class RandAugment(_Several):
    """Applies `num_ops` changes of colours and places to each image, drawn from all.

    # Source
        Cubuk et al., RandAugment: Practical automated data augmentation with a reduced search space (arXiv:1909.13719).
    """

    value_range: Range = argument(PIXELS, default=(0, 255))
    num_ops: int = argument("how many changes", default=2, at_least=1)
    factor: Range = argument("how strong they are", default=0.5, at_least=0, at_most=1)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def coloured(self, x: TensorLike) -> TensorLike:
        for _ in range(self.num_ops):
            x = self.one_of(x, (*_OF_COLOURS, *_MORE_COLOURS, *_OF_PLACES), self.drawn(x))
        return x


class AugMix(_Several):
    """Mixes each image with `num_chains` chains of up to `chain_depth` changes of itself.

    # Source
        Hendrycks et al., AugMix: A Simple Data Processing Method to Improve Robustness (arXiv:1912.02781).
    """

    value_range: Range = argument(PIXELS, default=(0, 255))
    num_chains: int = argument("how many chains", default=3, at_least=1)
    chain_depth: int = argument("the largest number of changes in a chain", default=3, at_least=1)
    factor: Range = argument("how strong they are", default=0.3, at_least=0, at_most=1)
    alpha: float = argument("weights of chains come from Dirichlet(alpha), that of all from Beta", default=1.0, above=0)
    all_ops: bool = argument("whether to change brightness, contrast and sharpness, too", default=True)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def coloured(self, x: TensorLike) -> TensorLike:
        names = (*_OF_COLOURS, *_OF_PLACES, *(_MORE_COLOURS if self.all_ops else ()))
        one = (x.shape[0], 1, 1, 1)
        weights = [distributions.gamma(one, self.alpha, K.dtype(x), self.seed) for _ in range(self.num_chains)]
        mixture = K.zeros_like(x)
        for weight in weights:
            chain, depth = x, self.drawn(x) * self.chain_depth
            for number in range(self.chain_depth):
                chain = chosen(depth >= number, self.one_of(chain, names, self.drawn(x)), chain)
            mixture = mixture + weight / sum(weights) * chain
        share = distributions.beta(one, self.alpha, self.alpha, K.dtype(x), self.seed)
        return share * x + (1 - share) * mixture
