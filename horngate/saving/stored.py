"""What every kind of weight file comes down to: layers with arrays that are read only when they are known to fit."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from horngate.saving.files import FileError


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
    """The `arrays` of the layer `name`, in the order of its weights. `keys`: other names by which it may be known."""

    name: str
    arrays: list[StoredArray]
    keys: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return sum(array.size for array in self.arrays)

    def read(self) -> list[np.ndarray]:
        """The numbers of all arrays."""
        return [array.read() for array in self.arrays]


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


def flattens_last(described: Any) -> bool:
    """Whether the configuration `described`, of Keras 2 or 3, has a Flatten for images with channels first."""
    waiting = [described]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            config = item.get("config")
            first = isinstance(config, dict) and config.get("data_format") == "channels_first"
            if first and item.get("class_name") == "Flatten":
                return True
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def stored_dataset(dataset: Any) -> StoredArray:
    """The HDF5 `dataset` as a `StoredArray`. One whose numbers lie outside the file is refused."""
    if not hasattr(dataset, "dtype"):
        raise FileError(f"{dataset.name!r} is a group where an array of numbers was expected.")
    if dataset.external or dataset.is_virtual:
        raise FileError(f"{dataset.name!r} points at data in another file; weights must lie in the file itself.")
    if dataset.dtype.kind not in "fiub" or dataset.shape is None:
        raise FileError(f"{dataset.name!r} holds {dataset.dtype} where numbers were expected.")
    return StoredArray(tuple(dataset.shape), lambda: np.asarray(dataset[()]))


def own_item(group: Any, name: str) -> Any:
    """The group or dataset `name` in an HDF5 `group`; links that lead elsewhere are refused."""
    import h5py

    place = group
    for part in str(name).strip("/").split("/"):
        if not isinstance(place, h5py.Group) or part not in place:
            raise FileError(f"{group.name!r} should hold {name!r}, and does not.")
        if not isinstance(place.get(part, getlink=True), h5py.HardLink):
            raise FileError(f"{part!r} in {place.name!r} is a link to elsewhere; weights must lie in the file itself.")
        place = place[part]
    return place
