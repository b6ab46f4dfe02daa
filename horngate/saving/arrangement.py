"""Where the elements of data stand in a file's model, whose images have their channels elsewhere."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from horngate.saving.files import FileError

if TYPE_CHECKING:
    from horngate.backend.graph import Variable
    from horngate.engine.layer import Layer
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Same:
    """As in the model that reads the file."""


@dataclass(frozen=True)
class Images:
    """The axes of a sample from `start` on are those of an image; None: if a layer takes them so."""

    start: int | None = None


@dataclass(frozen=True, eq=False)
class Features:
    """The last axis holds the same features in another order: feature i stands at `order[i]` in the file."""

    order: np.ndarray


@dataclass(frozen=True)
class Unknown:
    """Anywhere, `why` says since when."""

    why: str


Arrangement = Same | Images | Features | Unknown
SAME = Same()
REMEDY = "Build the model with the dim_ordering of the file; if it has that, say so: load_weights(..., dim_ordering=)."


def alike(one: Arrangement, other: Arrangement) -> bool:
    """Whether the arrangements `one` and `other` are the same."""
    if isinstance(one, Features) and isinstance(other, Features):
        return np.array_equal(one.order, other.order)
    return one == other


def features(order: np.ndarray) -> "Same | Features":
    """The arrangement of features in this `order`."""
    return SAME if np.array_equal(order, np.arange(len(order))) else Features(order)


def settled(state: Arrangement, shape: Shape) -> Arrangement:
    """`state` with images that nobody has looked at yet taken for such, where the rank of `shape` leaves no doubt."""
    if state != Images():
        return state
    if len(shape) == 4:
        return Images(0)
    return Unknown(f"whether an input of shape {shape} is a volume or a sequence of images is not known")


def turning_changes_nothing(shape: Shape, ordering: str) -> bool:
    """Whether images of this `shape`, the batch counted, lie in memory alike in `ordering` and in the other one."""
    channels, places = (shape[1], shape[2:]) if ordering == "th" else (shape[-1], shape[1:-1])
    return channels == 1 or all(size == 1 for size in places)


def turned(array: np.ndarray, start: int, ordering: str) -> np.ndarray:
    """An `array` whose axes from `start` on are an image in the other ordering, in the `ordering` that is given."""
    return np.moveaxis(array, -1, start) if ordering == "th" else np.moveaxis(array, start, -1)


def flattened(state: Arrangement, shape: Shape, ordering: str) -> Arrangement:
    """What is made of `state` by putting all axes of a sample in one row, for data of this `shape` and `ordering`."""
    state, sizes = settled(state, shape), [size for size in shape[1:] if size is not None]
    if isinstance(state, (Same, Unknown)):
        return state
    if len(sizes) < len(shape) - 1:
        return Unknown(f"the sizes of the data that are flattened, {shape}, are not all known")
    places = np.arange(math.prod(sizes))
    if isinstance(state, Features):
        return features(places.reshape(-1, sizes[-1])[:, state.order].ravel())
    start = state.start or 0
    lead, (first, *rest) = sizes[:start], sizes[start:]
    stored = (*lead, *rest, first) if ordering == "th" else (*lead, rest[-1], first, *rest[:-1])
    return features(turned(places.reshape(stored), start, ordering).ravel())


# Weights.


def arranged(
    leaf: "Layer", weight: "Variable", array: np.ndarray, state: Arrangement, shape: Shape, ordering: str
) -> np.ndarray:
    """A weight from a file, for a layer that is called on data that stand otherwise in the file.

    # Arguments
        leaf: the layer that owns the weight.
        weight: the weight.
        array: what the file holds for it.
        state: how the data stand in the file.
        shape: that of the data, the batch counted.
        ordering: that of the images of the model.
    """
    if isinstance(state, Same):
        return array
    if weight.axes is None:
        if not _may_stay(weight, state, shape):
            raise FileError(undeclared(leaf, weight))
        return array
    for place, word in enumerate(weight.axes):
        if word in _BY_WORD and weight.shape[place] != 1:
            if word not in ("elements", "positions") and array.shape != tuple(weight.shape):
                return array  # which is refused for its shape
            array = _BY_WORD[word](leaf, weight, array, place, state, shape, ordering)
    return array


def undeclared(leaf: "Layer", weight: "Variable") -> str:
    """What to say of a `weight` of the layer `leaf` that would have to be turned, and does not tell how."""
    return (
        f"layer {leaf.name!r} ({type(leaf).__name__}): weight {weight.name!r} of shape {tuple(weight.shape)} does not "
        "say what its axes mean, so that it cannot be converted from a file of another ordering of images or another "
        "convention. Say so where it is made, as in add_weight(..., axes=('features', 'units'), role='kernel'); "
        "horngate.engine.axes has the words."
    )


def _may_stay(weight: "Variable", state: Arrangement, shape: Shape) -> bool:
    """Whether a weight that says nothing of its axes cannot hold an entry for each feature."""
    if weight.value.size == 1:
        return True
    if isinstance(state, Features):
        return len(state.order) not in weight.shape
    if isinstance(state, Images):
        return len(weight.shape) == 1 and weight.shape[0] in shape[1:]
    return not set(weight.shape) & {*shape[1:], math.prod(size or 1 for size in shape[1:])}


def _refuse(leaf: "Layer", weight: "Variable", why: str) -> NoReturn:
    raise FileError(
        f"layer {leaf.name!r} ({type(leaf).__name__}): weight {weight.name!r} depends on the order of the input's "
        f"features, and that in the file cannot be told: {why}. {REMEDY}"
    )


def _features(
    leaf: Any, weight: Any, array: np.ndarray, place: int, state: Arrangement, shape: Shape, ordering: str
) -> np.ndarray:
    if isinstance(state, Features) and len(state.order) == array.shape[place]:
        return np.take(array, state.order, axis=place)
    if isinstance(state, Images) and len(weight.axes) == 1 and ordering == "tf":
        return array  # one for each channel
    why = (
        state.why
        if isinstance(state, Unknown)
        else ("it looks at the last axis of images, which holds channels in one ordering and columns in the other")
    )
    return _refuse(leaf, weight, why)


def _axis_of_images(
    leaf: Any, weight: Any, array: np.ndarray, place: int, state: Arrangement, shape: Shape, ordering: str
) -> np.ndarray:
    channels = weight.axes[place] == "channels"
    if isinstance(state, Images) and len(weight.axes) == 1 and not (channels and ordering == "th"):
        _refuse(leaf, weight, f"axis {1 if channels else 'two or three'} of images holds channels in one ordering only")
    if isinstance(state, (Features, Unknown)) and channels and len(weight.axes) == 1:
        _refuse(leaf, weight, getattr(state, "why", "it has an entry for each channel of what are no images"))
    return array


def _elements(
    leaf: Any, weight: Any, array: np.ndarray, place: int, state: Arrangement, shape: Shape, ordering: str
) -> np.ndarray:
    state = settled(state, shape)
    if isinstance(state, Unknown):
        _refuse(leaf, weight, state.why)
    if isinstance(state, Same):
        return array
    if isinstance(state, Images):  # all axes at once
        first = next(i for i, size in enumerate(weight.shape) if size != 1)
        fits = place == first and array.ndim == len(weight.shape)
        return turned(array, state.start or 0, ordering) if fits else array
    if place < len(weight.axes) - 1:
        return array
    if array.shape[place] != len(state.order):
        _refuse(leaf, weight, f"it has {array.shape[place]} entries for {len(state.order)} features")
    return np.take(array, state.order, axis=place)


def _patch(
    leaf: Any,
    weight: Any,
    array: np.ndarray,
    place: int,
    state: Images | Features | Unknown,
    shape: Shape,
    ordering: str,
) -> np.ndarray:
    size = array.shape[place]
    window = leaf.window
    channels = size // math.prod(window)
    if isinstance(state, Unknown):
        _refuse(leaf, weight, state.why)
    if isinstance(state, Images):
        stored = (*window, channels) if ordering == "th" else (channels, *window)
        order = turned(np.arange(size).reshape(stored), 0, ordering).ravel()
    else:
        order = np.arange(size).reshape(-1, channels)[:, state.order].ravel()
    return np.take(array, order, axis=place)


def _positions(
    leaf: Any, weight: Any, array: np.ndarray, place: int, state: Arrangement, shape: Shape, ordering: str
) -> np.ndarray:
    """A bias for each place has the shape (rows, columns, filters), and is read in the order of the images' axes."""
    if weight.role != "bias" or place or not isinstance(state, Images) or array.shape != tuple(weight.shape):
        return array
    filters = array.shape[-1]
    stored = array.shape if ordering == "th" else (filters, *array.shape[:-1])
    return turned(array.reshape(stored), 0, ordering).reshape(array.shape)


_BY_WORD: dict[str, Callable[..., np.ndarray]] = {
    "features": _features,
    "elements": _elements,
    "patch": _patch,
    "positions": _positions,
    "channels": _axis_of_images,
    "steps": _axis_of_images,
}
