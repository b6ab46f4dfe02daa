"""What every format of weights is read into and written from: layers with arrays that are read only once they fit."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass
class StoredArray:
    """An array in a file: its `shape`, `read()`, which gives its numbers, and its `name` if it has one."""

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]
    name: str = ""

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass
class StoredLayer:
    """The `arrays` of the layer `name`, in the order of its weights. `key`: its place in a file of Keras 3."""

    name: str
    arrays: list[StoredArray]
    key: str = ""

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return sum(array.size for array in self.arrays)

    def named_arrays(self) -> list[tuple[str, StoredArray]]:
        """(name, array) of each; those without a name are numbered."""
        return [(array.name or f"param_{i}", array) for i, array in enumerate(self.arrays)]


@dataclass(frozen=True)
class Origin:
    """Where weights come from, as far as it changes what the numbers mean.

    `version`: of Keras, a pair of ints; None where the file does not tell. `convention`: `'theano'` or
    `'tensorflow'`. `ordering`: that of the images, `'th'` or `'tf'`. `kernels`: that of the convolution kernels. None:
    as it is here. `flattens_last`: whether Flatten moved the first axis of a sample, its channels, behind the others.
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
        origin: where they come from.
        flat: the arrays stand in one list, trainable ones first, as Keras 0.3 wrote those of a Graph.
        by_key: the layers are found by their keys, since their order in the file says nothing.
        unfrozen: the file says that what was frozen when it was written did not change the order of a layer's arrays.
    """

    layers: list[StoredLayer]
    origin: Origin = field(default_factory=Origin)
    flat: bool = False
    by_key: bool = False
    unfrozen: bool = False

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return sum(layer.size for layer in self.layers)
