"""StoredWeights, the common form of all formats: layers with arrays whose numbers are read last."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass
class StoredArray:
    """An array in a file: its `shape`, `read()`, which returns its numbers, and its `name` or None."""

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]
    name: str = ""

    @property
    def size(self) -> int:
        """The number of its elements."""
        return math.prod(self.shape)


@dataclass
class StoredLayer:
    """The `arrays` of the layer `name`, in the order of its weights. `key`: its place in a file of Keras 3."""

    name: str
    arrays: list[StoredArray]
    key: str = ""

    @property
    def size(self) -> int:
        """The number of its elements."""
        return sum(array.size for array in self.arrays)

    def named_arrays(self) -> list[tuple[str, StoredArray]]:
        """Pairs (name, array); arrays without a name get a number."""
        return [(array.name or f"param_{i}", array) for i, array in enumerate(self.arrays)]


@dataclass(frozen=True)
class Origin:
    """The origin of weights, as far as it affects the meaning of their numbers.

    `version`: of Keras, a pair of ints; None if unknown. `convention`: `'theano'` or `'tensorflow'`. `ordering`: of the
    images, `'th'` or `'tf'`. `kernels`: the ordering of convolution kernels. None in these three: the same as here.
    `flattens_last`: whether Flatten moved the first axis of a sample, its channels, behind the others.
    """

    version: tuple[int, int] | None = None
    convention: str | None = None
    ordering: str | None = None
    kernels: str | None = None
    flattens_last: bool = False

    def before(self, *version: int) -> bool:
        """Whether the file is known to be older than this `version` of Keras."""
        return self.version is not None and self.version < version


@dataclass
class StoredWeights:
    """The weights of a whole model.

    # Arguments
        layers: its layers, in order.
        origin: their origin.
        flat: the arrays are one list, trainable ones first, as Keras 0.3 wrote those of a Graph.
        by_key: match layers by their keys, since their order in the file means nothing.
        unfrozen: the file states that its arrays have the order of unfrozen layers.
        whole: all arrays by their paths, in a file of Keras 3, for models whose attributes these name; else None.
    """

    layers: list[StoredLayer]
    origin: Origin = field(default_factory=Origin)
    flat: bool = False
    by_key: bool = False
    unfrozen: bool = False
    whole: StoredLayer | None = None

    @property
    def size(self) -> int:
        """The number of its elements."""
        return sum(layer.size for layer in ([self.whole] if self.whole is not None else self.layers))
