"""Converts weights that other settings or other versions of Keras wrote."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.engine.axes import turned
from horngate.saving.files import FileError
from horngate.saving.stored_weights import Origin, StoredLayer
from horngate.saving.weight_permutation import Permutation, undeclared_axes

if TYPE_CHECKING:
    from horngate.backend.graph import Variable
    from horngate.engine.layer import Layer
    from horngate.saving.layout_propagation import LayoutPropagation


def convert_weights(
    layer: "Layer", arrays: list[np.ndarray], origin: Origin, layouts: "LayoutPropagation | None" = None
) -> list[np.ndarray]:
    """Convert the arrays of a file to the weights of a layer, in its order.

    # Arguments
        layer: the layer.
        arrays: the file's arrays for it.
        origin: the origin of the file.
        layouts: the layouts of the layers' inputs in the file; None if they are the same.
    """
    weights, leaves = layer.filed_weights, [leaf for leaf in leaf_layers(layer) if leaf.weights]
    if len(arrays) != len(weights):
        arrays = _convert_gates(leaves, arrays)
    if len(arrays) != len(weights):
        raise FileError(f"layer {layer.name!r} has {len(weights)} weights; the file holds {len(arrays)} for it.")
    outermost_first = sorted(leaves, key=lambda leaf: -len(leaf.weights))
    owners = {weight: leaf for leaf in outermost_first for weight in leaf.weights}
    found = []
    for weight, array in zip(weights, arrays):
        in_file = as_in_files(weight)
        array = _convert(owners.get(weight, layer), in_file, array, origin, layouts)
        if tuple(in_file.shape) != array.shape:
            raise FileError(
                f"layer {layer.name!r}: weight {weight.label!r} has shape {tuple(in_file.shape)} in files; this one "
                f"holds {array.shape}."
            )
        found.append(array if in_file is weight else turned(array, in_file.axes, weight.axes))
    return found


class InFiles:
    """A weight as the files of Keras 1 and our own lay it out.

    `weight`: a weight that is laid out otherwise.
    """

    def __init__(self, weight: Any) -> None:
        self.weight, self.name, self.role, self.axes = weight, weight.label, weight.role, weight.used_axes

    @property
    def value(self) -> np.ndarray:
        """Its array."""
        return turned(np.asarray(self.weight.value), self.weight.axes, self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of its axes."""
        return turned(np.broadcast_to(np.int8(0), self.weight.shape), self.weight.axes, self.axes).shape


def as_in_files(weight: "Variable") -> Any:
    """Return `weight`, or what stands for it where files have another layout."""
    return weight if weight.axes == weight.used_axes else InFiles(weight)


def _convert(
    leaf: Any, weight: Any, array: np.ndarray, origin: Origin, layouts: "LayoutPropagation | None"
) -> np.ndarray:
    """Convert one weight of a layer by its axes and its role."""
    if is_convolution_kernel(leaf, weight, origin.convention not in (None, _convention())):
        array = _convert_kernel(weight, array, origin)
    if layouts is not None:
        array = Permutation(leaf, weight, *layouts.of_input(leaf), layouts.ordering).apply(array)
    if weight.role == "moving_variance" and origin.before(1, 0):
        # Keras 0.3 averaged sqrt(var + epsilon) and divided by it plus epsilon
        array = np.maximum(np.square(array + leaf.epsilon) - leaf.epsilon, 0)
    return array


def _convention() -> str:
    from horngate import backend as K

    return K.conv_convention()


def is_convolution_kernel(leaf: "Layer", weight: Any, must_tell: bool = False) -> bool:
    """Whether `weight`, of the layer `leaf`, is a convolution kernel, which slides over its input.

    `must_tell`: raise FileError for a weight that may be one and does not declare its axes.
    """
    if weight.axes is None and must_tell and 3 <= len(weight.shape) <= 5:
        raise FileError(undeclared_axes(leaf, weight))
    return "window" in (weight.axes or ())


def leaf_layers(layer: "Layer") -> list[Any]:
    """The layers inside `layer`, a wrapper or nested model, that own weights themselves."""
    from horngate.engine.sublayers import with_sublayers  # imports JAX, which writing does not need

    return [m for m in with_sublayers(layer) if m._trainable_weights or m._non_trainable_weights or not m._sublayers]


# Gates: files hold those of a recurrent layer in 3 arrays (consume_less='gpu', and Keras 2), or in 3 for each gate.


def _convert_gates(leaves: list[Any], arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Split or join the gates of recurrent layers to fit the layers."""
    counts = [_count_of_other_gates(leaf) for leaf in leaves]
    if sum(counts) != len(arrays):
        return arrays
    found, first = [], 0
    for leaf, count in zip(leaves, counts):
        part = arrays[first : first + count]
        found += part if count == len(leaf.weights) else _split_or_join_gates(leaf, part)
        first += count
    return found


def _count_of_other_gates(leaf: Any) -> int:
    several = sum(weight.role == "recurrent_kernel" for weight in leaf.weights)
    fused = any("gates" in (weight.axes or ()) for weight in leaf.weights)
    of_products = any("products" in (weight.axes or ()) for weight in leaf.weights)  # these are never apart
    if several < 2 and not fused or of_products:
        return len(leaf.weights)
    return _arrays_of_gate(leaf) * (len(leaf.gates) if fused else 1)


def _arrays_of_gate(leaf):
    """Return the number of arrays of one gate: those of W and U, and that of b if there is one."""
    return 2 + bool(getattr(leaf, "bias", True))


def _split_or_join_gates(leaf: Any, arrays: list[np.ndarray]) -> list[np.ndarray]:
    count = _arrays_of_gate(leaf)
    if len(arrays) == count:
        blocks = [dict(zip(leaf.fused_gates, np.split(array, len(leaf.gates), axis=-1))) for array in arrays]
        return [block[gate] for gate in leaf.gates for block in blocks]
    apart = {gate: arrays[count * i : count * (i + 1)] for i, gate in enumerate(leaf.gates)}
    return [np.concatenate([apart[gate][k] for gate in leaf.fused_gates], axis=-1) for k in range(count)]


# Convolution kernels.


def _convert_kernel(weight: Any, array: np.ndarray, origin: Origin) -> np.ndarray:
    """Convert a kernel to the weight's ordering and the current convention."""
    axes: tuple[str, ...] = weight.axes or ()
    rank, ours = axes.count("window"), ordering_of(weight)
    if "single" in axes:
        array = _convert_kernel_1d(array, weight.shape, origin)
    else:
        stored = origin.kernels or origin.ordering or ours
        if origin.version and origin.version >= (2, 0) and weight.role == "transposed_kernel":
            array = np.swapaxes(array, -1, -2)  # Keras 2 has the filters before the channels
        if stored != ours and array.ndim == rank + 2 and rank > 1:  # sequences have one ordering
            array = _transpose_kernel(array, stored)
    if origin.convention not in (None, _convention()) and array.ndim == len(axes):
        array = flip_kernel(weight, array)
    return array


def ordering_of(kernel: Any) -> str:
    """The ordering of the images that the weight `kernel` slides over."""
    return "tf" if kernel.axes[0] == "window" else "th"


def flip_kernel(kernel: Any, array: np.ndarray) -> np.ndarray:
    """Flip the `array` of the weight `kernel` from Theano's convention to TensorFlow's, or back."""
    return np.flip(array, tuple(place for place, word in enumerate(kernel.axes) if word == "window"))


def _convert_kernel_1d(array: np.ndarray, shape: Sequence[int], origin: Origin) -> np.ndarray:
    """The kernel of a Convolution1D: (length, 1, channels, filters) since Keras 1.1."""
    if array.ndim == 3:  # Keras 2
        return array[:, np.newaxis]
    if array.ndim == 4 and (origin.before(1, 1) or array.shape != tuple(shape)):
        return array.transpose(2, 3, 1, 0)
    return array


def _transpose_kernel(kernel: np.ndarray, stored: str) -> np.ndarray:
    """Transpose a kernel from (filters, channels, window) to (window, channels, filters), or back."""
    rank = kernel.ndim - 2
    if stored == "th":
        return kernel.transpose(*range(2, rank + 2), 1, 0)
    return kernel.transpose(rank + 1, rank, *range(rank))


def infer_ordering(pairs: "Iterable[tuple[Layer, StoredLayer]]") -> str | None:
    """Infer the ordering of the images in a file from the shapes of its kernels; None if it is that of the model.

    `pairs`: (layer, `StoredLayer`).
    """
    for layer, stored in pairs:
        if len(layer.filed_weights) != len(stored.arrays):
            continue
        for weight, array in zip(map(as_in_files, layer.filed_weights), stored.arrays):
            axes = weight.axes or ()
            if axes.count("window") > 1 and array.shape != tuple(weight.shape):
                ours = ordering_of(weight)
                if array.shape == _transpose_kernel(np.broadcast_to(0, weight.shape), ours).shape:
                    return "tf" if ours == "th" else "th"
    return None
