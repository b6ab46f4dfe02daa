"""Layers that learn from data before training, by `adapt`; and Normalization, the first of them."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from horngate.backend import limits
from horngate.engine.for_layers import K, Layer, Shapes, TensorLike, Variable, argument, of_eras
from horngate.engine.kinds import Numbers, SomeAxesOrNone
from horngate.engine.sizes import check_unmasked
from horngate.layers.core import floats
from horngate.layers.elementwise import Elementwise
from horngate.layers.normalization import meaning_of


def batches_of(data: Any, batch_size: int | None = None) -> Iterator[np.ndarray]:
    """Yield the batches of `data`: an array (or list) is one batch; anything else is gone through, batch by batch.

    `batch_size`: how many rows of an array are a batch; None for all. Raises ValueError if the data come in batches.
    """
    whole = hasattr(data, "shape") or isinstance(data, (list, tuple, str))
    if batch_size is not None and not whole:
        raise ValueError(f"adapt: the data come in batches already: leave batch_size out; received {batch_size}.")
    with limits.named("adapt, argument 'batch_size'"):
        size = None if batch_size is None else limits.whole(batch_size, 1)
    for batch in [data] if whole else data:
        check_unmasked(batch, "adapt: the data")
        rows = np.asarray(batch)
        if size is None:
            yield rows
        else:
            yield from (rows[first : first + size] for first in range(0, len(rows), size))


class Adapted(Layer):
    """Base of layers whose state comes from data that they are shown by `adapt`."""

    @of_eras(key="adapt")
    def adapt(self, data: Iterable[Any], batch_size: int | None = None, steps: int | None = None) -> None:
        """Forget what was learned before, and learn from `data`.

        # Arguments
            data: an array, a list, or batches one after the other: a generator, a data set of tf.data, a DataLoader.
            batch_size: how many rows of an array are a batch; None: it is one batch.
            steps: how many batches to read; None for all.
        """
        self.reset_state()
        seen = 0
        for number, batch in enumerate(batches_of(data, batch_size)):
            if number == steps:
                break
            if batch.size:
                self.update_state(batch)
            seen += batch.size
        if not seen:
            raise ValueError(
                f"{type(self).__name__} {self.name}: adapt was given no data, from which nothing is learned."
            )
        self.finalize_state()

    def numbers_of(self, data: Any) -> np.ndarray:
        """Return `data` as an array of numbers. Raises ValueError for texts, and for NaN and infinity."""
        try:
            x = np.asarray(data, "float64")
        except (TypeError, ValueError):
            raise ValueError(
                f"{type(self).__name__} {self.name}: adapt takes numbers; received {data!r:.60}."
            ) from None
        if not (finite := np.isfinite(x)).all():
            wrong = np.argwhere(~finite.reshape(len(x), -1).all(1) if x.ndim else [not finite])[:3, 0].tolist()
            raise ValueError(
                f"{type(self).__name__} {self.name}: adapt would learn NaN from data that hold NaN or infinity (rows "
                f"{wrong}). Drop these rows, or fill them: np.nan_to_num(x)."
            )
        return x

    def reset_state(self) -> None:
        """Forget what was learned."""

    def update_state(self, data: Any) -> None:
        """Learn from the batch `data`."""
        raise NotImplementedError(f"{type(self).__name__} learns nothing from data.")

    def finalize_state(self) -> None:
        """Bring what was learned into the form in which `call` uses it."""


def _shown(value: Any) -> Any:
    return tuple(np.ravel(value).tolist()) if np.ndim(value) else value


class Normalization(Adapted, Elementwise):
    """Bring each feature to mean 0 and variance 1: y = (x - mean) / max(sqrt(variance), epsilon).

    Mean and variance are given, or learned from data by `adapt`; epsilon is `K.epsilon()`.

    # Input shape
        (samples, ..., features)

    # Output shape
        That of the input.

    # Raises
        ValueError: if only one of mean and variance is given, or an axis has an unknown size.
    """

    axis: SomeAxesOrNone = argument(
        "the axis, or several, whose indices each have a mean and variance of their own; None: one for all numbers",
        default=-1,
    )
    input_mean: Numbers = argument("the means; None: `adapt` learns them", default=None, alias="mean")
    input_variance: Numbers = argument("the variances; None: `adapt` learns them", default=None, alias="variance")
    invert: bool = argument("whether to go back: y = mean + x max(sqrt(variance), epsilon)", default=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._sums: Any = None
        self.axis = () if self.axis is None else np.atleast_1d(self.axis).tolist()
        if (self.input_mean is None) != (self.input_variance is None):
            raise ValueError(
                f"Normalization {self.name}: give both mean and variance, or neither and call `adapt`; received mean="
                f"{_shown(self.input_mean)}, variance={_shown(self.input_variance)}."
            )

    @property
    def _axes(self) -> tuple[int, ...]:
        return self.axis if isinstance(self.axis, tuple) else ()

    def _kept(self, rank: int) -> list[int]:
        if wrong := [axis for axis in self._axes if not -rank <= axis < rank]:
            raise ValueError(f"Normalization {self.name}: an input of {rank} axes has no axis {wrong[0]}.")
        return sorted(axis % rank for axis in self._axes)

    def build(self, input_shape: Shapes) -> None:
        kept = self._kept(len(input_shape))
        sizes = [input_shape[axis] for axis in kept]
        if None in sizes:
            raise ValueError(f"Normalization {self.name}: the sizes of the axes {kept} of {input_shape} must be known.")
        self._spread = [size if axis in kept else 1 for axis, size in enumerate(input_shape)]
        if self.input_mean is None:
            words = [meaning_of(axis, len(input_shape)) for axis in kept]
            told: dict[str, Any] = {"trainable": False, "axes": words}
            self.adapt_mean: Variable = self.add_weight(sizes, "zeros", "mean", role="moving_mean", **told)
            self.adapt_variance: Variable = self.add_weight(sizes, "ones", "variance", role="moving_variance", **told)
            told = {"trainable": False, "axes": (), "dtype": "int32"}
            self.count: Variable = self.add_weight((), "zeros", "count", role="count", **told)
        super().build(input_shape)

    @property
    def mean(self) -> Any:
        """The means, in a shape that spreads over inputs."""
        return self._spreading(self.adapt_mean if self.input_mean is None else self.input_mean)

    @property
    def variance(self) -> Any:
        """The variances, in a shape that spreads over inputs."""
        return self._spreading(self.adapt_variance if self.input_variance is None else self.input_variance)

    def _spreading(self, values: Any) -> Any:
        if isinstance(values, Variable) or np.size(values) == np.prod(self._spread):
            return K.reshape(values, self._spread)
        return np.broadcast_to(values, self._spread)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        x = floats(x)
        mean, deviation = K.cast(self.mean, K.dtype(x)), K.sqrt(K.cast(self.variance, K.dtype(x)))
        deviation = K.maximum(deviation, K.epsilon())
        return mean + x * deviation if self.invert else (x - mean) / deviation

    def reset_state(self) -> None:
        self._sums = [0, 0.0, 0.0]

    def update_state(self, data: Any) -> None:
        if self.input_mean is not None:
            raise ValueError(f"Normalization {self.name}: mean and variance were given; adapt would not change them.")
        if not self.built:
            self.build((None, *data.shape[1:]))
        x, over = self.numbers_of(data), tuple(i for i in range(data.ndim) if i not in self._kept(data.ndim))
        count, new = self._sums[0], x.size // max(1, int(np.prod(self._spread)))
        mean, variance, share = x.mean(over), x.var(over), new / (count + new)
        shift = mean - self._sums[1]
        self._sums[2] = (1 - share) * self._sums[2] + share * variance + share * (1 - share) * shift**2
        self._sums[1] = self._sums[1] + share * shift
        self._sums[0] = count + new

    def finalize_state(self) -> None:
        if self._sums is not None and self._sums[0]:
            self.set_weights([*self._sums[1:], np.zeros(())])  # Keras 3 leaves the count at 0, too
        self._sums = None
