"""The variables of Keras 3 that a layer's weights make up: their paths in a file, their order, their layout."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from horngate.backend import config
from horngate.engine.axes import turned, windows_first
from horngate.engine.layer import Layer
from horngate.engine.sublayers import is_graph
from horngate.layers.cells import RNN, OneStep, StackedRNNCells
from horngate.layers.multi_head_attention import GroupQueryAttention, MultiHeadAttention
from horngate.layers.recurrent import Recurrent
from horngate.layers.wrappers import Bidirectional, Wrapper
from horngate.utils.generic_utils import snake_case

_OURS = ("_given", "_bound", "_arguments")  # where an object of horngate keeps what its constructor was given
_HEADS = ("query_dense", "key_dense", "value_dense", "gate_dense", "output_dense")


@dataclass
class Variable3:
    """A variable of Keras 3.

    # Arguments
        path: its path within the group of its layer.
        weights: the weights of horngate that it holds, several where gates are apart.
        join: function from their arrays to the array of Keras 3.
        split: the inverse.
    """

    path: str
    weights: list[Any]
    join: Callable[[list[np.ndarray]], np.ndarray]
    split: Callable[[np.ndarray], list[np.ndarray]]

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape in Keras 3."""
        blanks = [blank(weight) for weight in self.weights]
        if len(blanks) == 1:
            return self.join(blanks).shape
        *rest, last = self.join([blank[..., :1] for blank in blanks[:1]]).shape
        return (*rest, last * sum(blank.shape[-1] for blank in blanks))


def blank(variable: Any) -> np.ndarray:
    """Return an array of zeros of the shape of a variable, which takes no memory."""
    return np.broadcast_to(np.int8(0), tuple(variable.shape))


def of_model(model: Any) -> Iterator[tuple[str, Any, list[Variable3]]]:
    """Yield (key, layer, its variables) for each layer of a model with weights; the key is that of `StoredLayer`.

    A model that computes in its `call` is one layer, whose key is ''.
    """
    if not is_graph(model):
        yield "", model, list(variables(model))
        return
    for key, layer, found in groups(model):
        if found:
            yield key.replace("/layers/", "/"), layer, found


def paths(model: Any) -> Iterator[tuple[str, Any, Variable3]]:
    """Yield (path in the file, layer, variable) for each variable of a model."""
    if not is_graph(model):
        yield from ((variable.path, model, variable) for variable in variables(model))
        return
    for key, layer, found in groups(model):
        yield from ((f"layers/{key}/{variable.path}", layer, variable) for variable in found)


def holds_class(model: Any) -> bool:
    """Return whether `model`, or one in it, computes in its `call`."""
    return not is_graph(model) or any(hasattr(layer, "built_for") for _, layer in keys_of(model.layers, "", set()))


def groups(model: Any) -> Iterator[tuple[str, Any, list[Variable3]]]:
    """Yield (path, layer, its variables) for each layer of a model; the path is that of its group."""
    seen: set[Any] = set()
    for key, layer in keys_of(layers_of(model), "", seen):
        yield key, layer, list(variables(layer, seen=seen))


def variables(layer: Any, path: str = "", seen: set[Any] | None = None) -> Iterator[Variable3]:
    """Yield the variables of a layer: its own, then those of the layers in it, in the order of Keras 3."""
    seen = set() if seen is None else seen
    if layer in seen:
        return
    seen.add(layer)
    if is_graph(layer):
        for key, inner in keys_of(layers_of(layer), f"{path}layers/", seen):
            yield from variables(inner, f"{key}/", seen)
        return
    own = [*layer._trainable_weights, *layer._non_trainable_weights]
    inside = "cell/" if isinstance(layer, Recurrent) and not isinstance(layer, OneStep) else ""
    groups = _gates_together(layer, own)
    for number, weights in enumerate(groups):
        join, split = _alone(weights[0]) if len(weights) == 1 else _of_gates(layer)
        yield Variable3(f"{path}{inside}vars/{number}", weights, join, split)
    for name, inner in parts(layer):
        yield from variables(inner, f"{path}{name}/", seen)


def layers_of(model: Any) -> list[Any]:
    """Return the layers of a model; those of its graph for a chain that begins with several models, as Keras 1 had."""
    waits = getattr(model, "_waits", False)
    chain = waits or len(model.inputs) < 2
    return model.layers if chain else [layer for layer in model.graph_layers if not layer._is_function]


def parts(layer: Any) -> list[tuple[str, Any]]:
    """Return (name, layer) for each layer within `layer`, by the names that Keras 3 gives them."""
    if isinstance(layer, Bidirectional):
        return [("forward_layer", layer.forward_layer), ("backward_layer", layer.backward_layer)]
    if RNN in type(layer).__mro__:
        return [("cell", layer.layer)]
    if isinstance(layer, StackedRNNCells):
        return [(f"cells/{key}", cell) for key, cell in numbered(layer.cells)]
    if isinstance(layer, Wrapper) and type(layer).__module__.startswith("horngate."):
        return [("layer", layer.layer)]
    if isinstance(layer, (MultiHeadAttention, GroupQueryAttention)):
        hidden = "_" if isinstance(layer, GroupQueryAttention) else ""
        found = [(name, getattr(layer, name)) for name in _HEADS if getattr(layer, name) is not None]
        return [(f"_{name}" if name == "gate_dense" else hidden + name, inner) for name, inner in found]
    return list(_of_class(layer) if hasattr(layer, "built_for") else _of_attributes(layer))


def _of_class(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield the layers of a model that computes in its `call`.

    Keras 3 goes through the attributes by name, `layers` among them, and files a layer where it first meets it.
    """
    found = [(name, inner) for name, inner in _of_attributes(model) if not name.startswith("_")]
    found = [(name, inner) for name, inner in found if name.split("/")[0] < "layers"]
    met = {inner for _, inner in found}
    yield from found
    yield from ((f"layers/{key}", inner) for key, inner in numbered(model.layers) if inner not in met)


def _of_attributes(layer: Any) -> Iterator[tuple[str, Any]]:
    """Yield the layers that a layer of the user holds as attributes, alone or in lists and dictionaries."""
    held = set(layer._sublayers)
    for name, value in sorted(vars(layer).items()):
        if name in _OURS:
            continue
        if isinstance(value, Layer) and value in held:
            yield name, value
        elif isinstance(value, (list, tuple, dict)):
            inside = value.values() if isinstance(value, dict) else value
            for key, inner in numbered(each for each in inside if isinstance(each, Layer) and each in held):
                yield f"{name}/{key}", inner


def numbered(layers: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield (key, layer) for each of `layers`: the name of its class, with a number from the second on."""
    counts: dict[str, int] = {}
    for layer in layers:
        name = snake_case(type(layer).__name__)
        number = counts[name] = counts.get(name, -1) + 1
        yield f"{name}_{number}" if number else name, layer


def keys_of(layers: Iterable[Any], path: str, seen: set[Any]) -> Iterator[tuple[str, Any]]:
    """Yield (key, layer) for each layer with a group of its own, also in nested models; of a shared one only the first.

    `path`: the beginning of all keys. `seen`: layers met before; grows.
    """
    for key, layer in numbered(layers):
        if layer in seen:
            continue
        if is_graph(layer):
            seen.add(layer)
            yield from keys_of(layers_of(layer), f"{path}{key}/layers/", seen)
        else:
            yield path + key, layer


# Layouts.


def _gates_together(layer: Any, own: list[Any]) -> list[list[Any]]:
    """Group the weights of a recurrent layer whose gates are apart by what Keras 3 holds in one variable."""
    kernels = [weight for weight in own if weight.role == "recurrent_kernel"]
    if len(kernels) < 2:
        return [[weight] for weight in own]
    count = len(own) // len(layer.gates)  # W, U, b of the first gate, then those of the next
    by_gate = {gate: own[count * i : count * (i + 1)] for i, gate in enumerate(layer.gates)}
    return [[by_gate[gate][place] for gate in layer.fused_gates] for place in range(count)]


Layouts = tuple[Callable[[list[np.ndarray]], np.ndarray], Callable[[np.ndarray], list[np.ndarray]]]


def _of_gates(layer: Any) -> Layouts:
    """Return the functions that join the arrays of gates along their last axis, and split them."""
    join_one, split_one = _alone(layer._trainable_weights[0])

    def join(arrays):
        return np.concatenate([join_one([array]) if array.ndim > 2 else array for array in arrays], axis=-1)

    def split(array):
        pieces = np.split(array, len(layer.gates), axis=-1)
        return [split_one(piece)[0] if piece.ndim > 2 else piece for piece in pieces]

    return join, split


def _alone(weight: Any) -> Layouts:
    """Return the functions that lay one weight out as Keras 3 does, and back, by the meaning of its axes."""
    axes: tuple[str, ...] = weight.axes or ()
    if "window" not in axes:
        return lambda arrays: arrays[0], lambda array: [array]
    there = windows_first(axes, None if weight.axes != weight.used_axes else weight.role)
    theano = config.conv_convention() == "theano"
    flipped = tuple(i for i, word in enumerate(axes) if word == "window" and theano)
    return (
        lambda arrays: turned(np.flip(arrays[0], flipped), axes, there),
        lambda array: [np.flip(turned(array, there, axes), flipped)],
    )
