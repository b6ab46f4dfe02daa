"""Tools for layers: the summary table, layers from their configuration, kernels of another convention."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend.flops import flops
from horngate.backend.orders import dialect, of_eras
from horngate.engine.container import Container, make_layer
from horngate.engine.front import TEXT
from horngate.engine.layer import LAYER_CLASSES, Layer, single
from horngate.saving.conversion import flip_kernel, is_convolution_kernel, leaf_layers
from horngate.utils.generic_utils import kind_told, lookup

if TYPE_CHECKING:
    from horngate.training.model import Model

_TITLES = ["Layer (type)", "Output Shape", "Param #", "Memory", "FLOPs", "Connected to"]
_COLUMN_ENDS = (0.31, 0.5, 0.6, 0.69, 0.77, 1.0)


def layer_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """A layer from `{"class_name": ..., "config": ...}`.

    # Arguments
        config: that dictionary.
        custom_objects: your own layers and functions: a dictionary by the names that `config` uses.
    """
    return make_layer(config, custom_objects)


def container_from_config(original_layer_dict: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """A layer or model from its configuration in any version's form.

    # Arguments
        original_layer_dict: the configuration.
        custom_objects: your own layers and functions: a dictionary by the names that it uses.
    """
    from horngate.models import model_from_config  # deferred: models import this module

    return model_from_config(original_layer_dict, custom_objects)


def get_layer(identifier: Any, kwargs: dict[str, Any] | None = None) -> Any:
    """Make a layer of the class named `identifier` with `kwargs`; anything but a name is returned itself."""
    if not isinstance(identifier, str):
        return identifier
    return (dialect("aliases").layer(identifier) or lookup(identifier, LAYER_CLASSES, "layer"))(**(kwargs or {}))


def model_summary(model: "Model") -> None:
    """Print the table of the layers of `model`."""
    model.summary()


@of_eras
def print_summary(
    layers: Any,
    relevant_nodes: Sequence[Any] | None = None,
    line_length: int = 100,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print a table of layers: name and class, output shape, number of weights, memory, operations, and connections.

    Memory counts weights and outputs, FLOPs are the operations of a forward pass; both for one sample, with unknown
    sizes as 1.

    # Arguments
        layers: list of layers, or a model.
        relevant_nodes: the calls to show connections of; None for all.
        line_length: characters of a line.
        positions: where each of the six columns ends, in characters or as parts of the line; four ends leave out
            memory and operations, as Keras 1's table did.
        print_fn: function that is called with each line; default: print.
        expand_nested: show the layers of models among the layers, too.
        show_trainable: show whether each layer is trained, Y or N.
        layer_range: patterns (regular expressions) of the names of the first and the last layer to show.
    """
    if hasattr(layers, "layers"):
        layers, relevant_nodes = _shown(layers), getattr(layers, "container_nodes", None)
    say, ends = print_fn or print, positions or _COLUMN_ENDS
    ends = [int(line_length * part) if part <= 1 else int(part) for part in ends]
    shown = _TITLES if len(ends) == len(_TITLES) else [*_TITLES[:3], _TITLES[-1]]

    def row(fields):
        line = ""
        for title, end in zip(shown, ends):
            line = (line + str(fields.get(title, "")))[: end - 1].ljust(end)
        say(line.rstrip())

    say("_" * line_length)
    row(dict(zip(_TITLES, _TITLES)))
    say("=" * line_length)
    rows = [
        each for layer in _within_range(layers, layer_range) for each in _expanded(layer, relevant_nodes, expand_nested)
    ]
    for i, (depth, layer, nodes) in enumerate(rows):
        cells, (first, *others) = _cells(layer, nodes), _connections(layer, nodes) or [""]
        cells[0] = "| " * depth + cells[0] + (f" {'Y' if layer.trainable else 'N'}" if show_trainable else "")
        row(dict(zip(_TITLES, [*cells, first])))
        for connection in others:
            row({"Connected to": connection})
        say(("=" if i == len(rows) - 1 else "_") * line_length)
    for line in totals(layers, [layer_facts(layer, relevant_nodes) for layer in layers]):
        say(line)
    say("_" * line_length)


def _shown(model):
    """Return the layers of a model, and the functions between them if there are any."""
    graph = getattr(model, "graph_layers", [])
    return graph if any(layer._is_function for layer in graph) else model.layers


def _title(layer):
    kind = getattr(layer, "function", "") if layer._is_function else kind_told(layer)
    return f"{layer.name} ({kind})"


def _cells(layer, nodes):
    fact = layer_facts(layer, nodes)
    return [fact.title, fact.shape, fact.parameters, in_bytes(fact.memory), in_powers(fact.flops)]


def _expanded(layer, nodes, nested, depth=0):
    """Yield (depth, layer, its calls that count) for a layer, and with `nested` for those within a model."""
    yield depth, layer, nodes
    if nested and isinstance(layer, Container):
        for inner in _shown(layer):
            yield from _expanded(inner, getattr(layer, "container_nodes", None), nested, depth + 1)


def _within_range(layers, ends):
    """Return the layers from the first whose name fits the first pattern to the last that fits the second."""
    if ends is None:
        return layers
    if isinstance(ends, str) or len(ends) != 2:
        raise ValueError(f"summary: layer_range must be two patterns of names, first and last; received {ends!r}.")
    fitting = [[i for i, layer in enumerate(layers) if re.match(pattern, layer.name)] for pattern in ends]
    for pattern, places in zip(ends, fitting):
        if not places:
            names = ", ".join(layer.name for layer in layers)
            raise ValueError(f"summary: no layer's name begins like {pattern!r}. There is: {names}.")
    return layers[fitting[0][0] : fitting[1][-1] + 1]


@dataclass
class Facts:
    """A row of the table.

    # Arguments
        title: its name and class.
        shape: shape of its output, or a text instead.
        parameters: number of elements of its weights, or a text instead.
        memory: bytes of its weights and of the outputs for one sample.
        flops: operations of a forward pass for one sample; None if they cannot be counted.
    """

    title: str
    shape: Any
    parameters: int | str
    memory: int
    flops: int | None


def layer_facts(layer: Layer, relevant_nodes: Sequence[Any] | None = None) -> Facts:
    """The `Facts` of `layer`, for all its calls in `relevant_nodes` together (None: all calls)."""
    if (within := layer.within_another()) is not None:  # only other layers call it
        node, outputs = within
        shape, operations = single([shape for shape, _ in outputs]), flops(node)
    else:
        nodes = [node for node in layer.inbound_nodes if relevant_nodes is None or node in relevant_nodes]
        outputs = [(x.shape, x.dtype) for node in nodes for x in node.outputs]
        counts = [0 if node.input_tensors is node.output_tensors else flops(node) for node in nodes]
        known = layer.inbound_nodes and None not in counts
        shape, operations = _output_shape(layer), sum(filter(None, counts)) if known else None
    held = [*outputs, *((weight.shape, weight.dtype) for weight in layer.weights)]
    parameters = layer.count_params() if layer.built else "not built"
    return Facts(_title(layer), shape, parameters, sum(_bytes(*each) for each in held), operations)


def totals(layers: Sequence[Layer], facts: Sequence[Facts]) -> list[str]:
    """The lines below the table of `layers`, whose rows are `facts`."""
    trainable, fixed = count_total_params(layers)
    known = [fact.flops for fact in facts if fact.flops is not None]
    unknown = len(facts) - len(known)
    rest = f", {unknown} of the layers left out, which cannot be traced" if unknown else ""
    return [
        f"Total params: {trainable + fixed:,}",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {fixed:,}",
        f"Memory: {in_bytes(sum(fact.memory for fact in facts))} of weights and one sample's outputs",
        f"FLOPs: {in_powers(sum(known))} forward for one sample{rest}",
    ]


def _bytes(shape: Sequence[int | None], dtype: Any) -> int:
    return 0 if dtype == TEXT else math.prod(size or 1 for size in shape) * np.dtype(dtype).itemsize


def in_bytes(number: float | None) -> str:
    """A `number` of bytes as text with a unit: 2048 is `2.0 kB`."""
    return "?" if number is None else _in_units(number, ("B", "kB", "MB", "GB", "TB"), 1024)


def in_powers(number: float | None) -> str:
    """A `number` as text in thousands, millions, billions: 7800000000 is `7.8 G`."""
    return "?" if number is None else _in_units(number, ("", "k", "M", "G", "T", "P"), 1000)


def _in_units(number: float, units: Sequence[str], base: int) -> str:
    for unit in units[:-1]:
        if number < base:
            break
        number, unit = number / base, units[units.index(unit) + 1]
    return f"{number:.1f} {unit}" if isinstance(number, float) else f"{number} {unit}".rstrip()


def _output_shape(layer: Layer) -> Any:
    try:
        return layer.output_shape
    except AttributeError:
        return "multiple" if layer.inbound_nodes else "not called yet"


def _connections(layer: Layer, relevant_nodes: Sequence[Any] | None) -> list[str]:
    nodes = [node for node in layer.inbound_nodes if relevant_nodes is None or node in relevant_nodes]
    return [
        f"{source.name}[{node_index}][{tensor_index}]"
        for node in nodes
        for source, node_index, tensor_index in zip(node.inbound_layers, node.node_indices, node.tensor_indices)
        if source is not None
    ]


def count_total_params(layers: Iterable[Layer], layer_set: Iterable[Layer] | None = None) -> tuple[int, int]:
    """Count the elements of the weights of `layers`: (trainable, not trainable). Shared weights count once.

    `layer_set`: layers outside of it do not count; None for all layers.
    """

    def total(kind):
        counted = [layer for layer in layers if layer_set is None or layer in layer_set]
        weights = dict.fromkeys(weight for layer in counted for weight in getattr(layer, kind))
        return sum(int(weight.get_value().size) for weight in weights)

    return total("trainable_weights"), total("non_trainable_weights")


def convert_all_kernels_in_model(model: "Model") -> None:
    """Turn the convolution kernels of `model` from Theano's convention to TensorFlow's, or back: flip their windows."""
    owners = {weight: layer for layer in leaf_layers(model) for weight in layer.weights}
    kernels = [weight for weight, layer in owners.items() if is_convolution_kernel(layer, weight, must_tell=True)]
    for kernel in kernels:
        kernel.set_value(flip_kernel(kernel, kernel.get_value()))
