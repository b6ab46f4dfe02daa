"""Layers that mix images with each other, and those that apply several changes."""

from typing import Any, ClassVar

import numpy as np

from horngate.backend import distributions
from horngate.backend.arrays import found
from horngate.backend.arrays.indexing import take
from horngate.engine.for_layers import K, TensorLike, argument
from horngate.engine.kinds import DataFormat, Range
from horngate.layers import changed_colours, moved_images
from horngate.layers.changed_colours import PIXELS, ChangedColours
from horngate.layers.changed_images import INSIDE, INTERPOLATION, LAST, ChangedImages, Drawn, chosen, spread
from horngate.layers.core import floats
from horngate.layers.cut_images import within_part


class _Mixed(ChangedImages):
    """Base of layers that mix each image with another one of its batch, and labels and masks in the same ratio.

    Masks are mixed as numbers: give them as a channel for each class.
    """

    moves = True

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {"permutation_order": distributions.shuffled(np.arange(x.shape[0]), seed=self.seed), **self.shares(x)}

    def shares(self, x: TensorLike) -> dict[str, Any]:
        """Return `mix_weight`, the share of each image in its mixture, and what else is drawn."""
        raise NotImplementedError

    def transform_labels(self, labels: TensorLike, transformation: Drawn = None, training: bool = True) -> TensorLike:
        if not training:
            return labels
        draws, labels = self._told(transformation), floats(labels)
        share = spread(draws["mix_weight"], K.ndim(labels))
        return share * labels + (1 - share) * take(labels, draws["permutation_order"], 0)


class MixUp(_Mixed):
    """y = a x + (1 - a) x', with another image x' of the batch; the labels likewise.

    # Source
        Zhang et al., mixup: Beyond Empirical Risk Minimization (arXiv:1710.09412).
    """

    alpha: float = argument("a is drawn from Beta(alpha, alpha)", default=0.2, above=0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    seed: int | None = argument(default=None)

    def shares(self, x: TensorLike) -> dict[str, Any]:
        return {"mix_weight": distributions.beta((x.shape[0],), self.alpha, self.alpha, K.dtype(x), self.seed)}

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        share, x = spread(draws["mix_weight"]), floats(x)
        return share * x + (1 - share) * take(x, draws["permutation_order"], 0)

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Drawn = None, training: bool = True
    ) -> dict[str, Any]:
        """Return the boxes of both images, those of the other one behind."""
        if not training:
            return bounding_boxes
        order = self._told(transformation)["permutation_order"]
        return {name: K.concatenate([x, take(x, order, 0)], 1) for name, x in bounding_boxes.items()}


class CutMix(_Mixed):
    """Puts a random part of another image of the batch into each image; the labels are mixed as the areas are.

    # Source
        Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers (arXiv:1905.04899).
    """

    factor: Range = argument("the probability that an image is changed", default=1.0, at_least=0, at_most=1)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def shares(self, x: TensorLike) -> dict[str, Any]:
        inside = within_part(self, x, self.drawn(x)) & self.happens(x, self.factor)
        share = 1 - K.mean(K.cast(inside, K.dtype(x)), axis=[1, 2, 3], keepdims=True)
        return {"batch_masks": inside, "mix_weight": share}

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        return chosen(draws["batch_masks"], take(x, draws["permutation_order"], 0), x)


_OF_COLOURS = ("AutoContrast", "Equalization", "RandomColorDegeneration", "RandomPosterization", "Solarization")
_MORE_COLOURS = ("RandomBrightness", "RandomContrast", "RandomSharpness")
_OF_PLACES = ("RandomRotation", "RandomShear", "RandomTranslation")


class _Several(ChangedColours):
    """Base of layers that apply changes drawn from a list to each image."""

    names: ClassVar[Any] = (*_OF_COLOURS, *_MORE_COLOURS, *_OF_PLACES)

    def drawn_of_all(self, x: TensorLike, steps: int, copies: int = 1) -> dict[str, Any]:
        """Draw `steps` changes of `copies` copies of each image: which layer changes it, and how each of them would.

        All arrays have the shape (steps, copies * samples, ...).
        """
        samples = copies * x.shape[0]
        alike = np.broadcast_to(np.zeros((), K.dtype(x)), (steps * samples, *x.shape[1:]))

        def by_step(numbers: TensorLike) -> TensorLike:
            return K.reshape(numbers, (steps, samples, *numbers.shape[1:]))

        drawn = {name: part.draw(alike) for name, part in self._parts().items()}
        transforms = {name: {key: by_step(told) for key, told in draws.items()} for name, draws in drawn.items()}
        return {"chosen": by_step(self.drawn(alike)), "transforms": transforms}

    def applied(self, x: TensorLike, drawn: dict[str, Any], steps: int, draws: dict[str, Any], change: Any) -> Any:
        """Return for images or points `x` what `change(part, x, transformation)` makes of them, step by step.

        # Arguments
            x: the images or points.
            drawn: what `drawn_of_all` gave.
            steps: how many steps.
            draws: the transformation of the whole layer.
            change: the function.
        """
        sizes, parts = {"input_shape": (1, *self.sizes_in(draws), 1)}, self._parts()

        def step(x: TensorLike, one: dict[str, Any]) -> tuple[TensorLike, Any]:
            y, number = x, spread(one["chosen"], K.ndim(x)) * len(parts)
            for place, (name, part) in enumerate(parts.items()):
                found_ = change(part, x, {**one["transforms"][name], **sizes})
                y = chosen((number >= place) & (number < place + 1), found_, y)
            y = chosen(spread(one["lasts"], K.ndim(x)), y, x) if "lasts" in one else y
            return K.cast(y, K.dtype(x)), np.zeros(0)

        if K.is_running():  # one round of a loop is compiled, not each step
            return found("scan")(step, x, drawn)[0]
        for number in range(steps):
            x = step(x, _at(drawn, number))[0]
        return x

    def _parts(self) -> dict[str, ChangedImages]:
        return {name: self._part(name) for name in self.names}

    def _part(self, name: str) -> ChangedImages:
        strength, told = self.factor[1], dict[str, Any]()
        if name in _OF_PLACES:
            size = strength / 4 if name == "RandomRotation" else strength
            both = (size, size) if name != "RandomRotation" else (size,)
            told = {"interpolation": self.interpolation, "seed": self.seed, "data_format": LAST}
            return getattr(moved_images, name)(*both, **told)
        told = {"seed": self.seed} if name not in ("AutoContrast", "Equalization") else {}
        if told and name == "RandomPosterization":
            told["factor"] = (max(1, round(8 - 4 * strength)), 8)
        elif told and name != "Solarization":
            told["factor"] = strength
        elif told:
            told |= {"addition_factor": strength, "threshold_factor": strength}
        return getattr(changed_colours, name)(value_range=self.value_range, data_format=LAST, **told)


def _at(drawn: Any, number: int) -> Any:
    """Return the arrays `drawn` for one step."""
    return {key: _at(told, number) for key, told in drawn.items()} if isinstance(drawn, dict) else drawn[number]


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

    moves = True

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {"transforms": self.drawn_of_all(x, self.num_ops)}

    def _all(self, x, draws, change):
        return self.applied(x, draws["transforms"], self.num_ops, draws, change)

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        return self._all(x, draws, lambda part, x, told: part.changed(x, told))

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        return self._all(x, draws, lambda part, x, told: part.moved(x, told, interpolation) if part.moves else x)

    def points(self, points: TensorLike, draws: dict[str, Any]) -> TensorLike:
        return self._all(points, draws, lambda part, x, told: part.points(x, told) if part.moves else x)


class AugMix(_Several):
    """Mixes each image with `num_chains` chains of up to `chain_depth` changes of itself; boxes and masks stay.

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

    names: ClassVar[Any] = property(lambda self: (*_OF_COLOURS, *_OF_PLACES, *(_MORE_COLOURS if self.all_ops else ())))

    def draw(self, x: TensorLike) -> dict[str, Any]:
        chains, samples, kind = self.num_chains, x.shape[0], K.dtype(x)
        weights = distributions.gamma((chains, samples, 1, 1, 1), self.alpha, kind, self.seed)
        drawn = self.drawn_of_all(x, self.chain_depth, chains)
        depth = K.random_uniform((1, chains * samples), 0.0, self.chain_depth, kind, self.seed)
        share = distributions.beta((samples, 1, 1, 1), self.alpha, self.alpha, kind, self.seed)
        return {
            "chain_mixing_weights": weights / K.sum(weights, axis=0, keepdims=True),
            "weight_sample": share,
            "chain_transforms": {**drawn, "lasts": depth >= np.arange(self.chain_depth)[:, None]},
        }

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        copies = K.concatenate([x] * self.num_chains, 0) if self.num_chains > 1 else x
        chains, depth = draws["chain_transforms"], self.chain_depth
        y = self.applied(copies, chains, depth, draws, lambda part, y, told: part.changed(y, told))
        weights, share = draws["chain_mixing_weights"], draws["weight_sample"]
        mixture = K.sum(weights * K.reshape(y, (self.num_chains, *x.shape)), axis=0)
        return share * x + (1 - share) * mixture
