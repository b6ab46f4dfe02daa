"""The call of a layer as a node of the graph, and the requirements of a layer on its input."""

import functools
from collections.abc import Sequence
from typing import Any

from horngate.backend import graph, notices
from horngate.backend.graph import Scope, Variable
from horngate.backend.orders import of_eras
from horngate.backend.ranges import Range
from horngate.backend.types import TensorLike
from horngate.engine.arrangement import flat_outputs
from horngate.engine.forms import Form, call_again, form_of, written


def misfit(layer: Any, x: TensorLike, fault: str) -> str:
    """Say that the input `x` does not fit `layer`, for which `fault` gives the reason, and what helps."""
    before = getattr(x, "_keras_history", None)
    hint = ""
    if "dimensions" in fault and before and getattr(before[0], "return_sequences", None) is False:
        hint = f" Give {before[0].name} return_sequences=True, so that it returns every step."
    named, shape = f"{layer.name} ({type(layer).__name__})", tuple(x.shape)
    specs = to_list(getattr(layer, "input_spec", None) or [])
    expected = specs[0].ndim if specs else None
    if not hint and "dimensions" in fault and isinstance(expected, int) and len(shape) == expected - 1:
        hint = " If one axis of size 1 is missing, such as that of the channels, add it: x[..., None]" + (
            f", input_shape={(*shape[1:], 1)}." if len(shape) > 2 else "."
        )
    return f"Input of layer {named}: {fault}; received shape {shape}, dtype {x.dtype}.{hint}"


class InputSpec:
    """The requirements of a layer on an input; None for any.

    `dtype`: its dtype. `shape`: its shape, None for any size. `ndim`: its rank, several ranks in a list, or a minimum
    such as `'2+'`. `axes`: axis -> size, if the rank is free. `min_ndim`, `max_ndim`: the least and the largest rank.
    `allow_last_axis_squeeze`: whether a last axis of size 1 may be there or not. `name`: that of the tensor, for
    messages. `optional`: whether the input may be None.
    """

    dtype: Any
    shape: Sequence[int | None] | None
    ndim: Any
    axes: dict[int, int | None]
    min_ndim: int | None
    max_ndim: int | None
    name: str | None
    allow_last_axis_squeeze: bool
    optional: bool

    @of_eras(same=3)
    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: Any = None,
        axes: dict[int, int | None] | None = None,
        *,
        min_ndim: int | None = None,
        max_ndim: int | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype, self.shape = dtype, shape
        self.ndim = len(shape) if ndim is None and shape is not None else ndim
        self.axes = {int(axis): size for axis, size in (axes or dict(enumerate(shape or ()))).items()}
        self.min_ndim, self.max_ndim, self.name = min_ndim, max_ndim, name
        self.allow_last_axis_squeeze, self.optional = allow_last_axis_squeeze, optional

    def _squeezed(self, shape):
        """Return `shape` with or without a last axis of size 1, as the rank of the spec asks for."""
        if not self.allow_last_axis_squeeze or not isinstance(self.ndim, int):
            return shape
        if len(shape) == self.ndim + 1 and shape[-1] == 1:
            return shape[:-1]
        return (*shape, 1) if len(shape) == self.ndim - 1 and self.axes.get(self.ndim - 1) in (None, 1) else shape

    def fault(self, x: TensorLike) -> str | None:
        """Return what is wrong with the tensor `x`, in words; None if it fits."""
        if x is None:
            return None if self.optional else "expected a tensor"
        shape = self._squeezed(tuple(x.shape))
        for least, most, word in ((self.min_ndim, None, "at least"), (None, self.max_ndim, "at most")):
            limit = most if least is None else least
            if limit is not None and (len(shape) < limit if most is None else len(shape) > limit):
                return f"expected {word} {limit} dimensions"
        if not self._fits_rank(len(shape)):
            ranks = (
                self.ndim if isinstance(self.ndim, (list, tuple, set)) else [str(self.ndim).replace("+", " or more")]
            )
            return f"expected {' or '.join(map(str, ranks))} dimensions"
        if self.dtype is not None and str(x.dtype) != str(self.dtype):
            return f"expected dtype {self.dtype}"
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (None, size):
                return f"expected size {size} on axis {axis}"
        return None

    def _fits_rank(self, rank):
        if isinstance(self.ndim, str):
            return rank >= int(self.ndim.rstrip("+"))
        return self.ndim is None or rank in (self.ndim if isinstance(self.ndim, (list, tuple, set)) else [self.ndim])


def to_list(x: TensorLike) -> list[Any]:
    """Return `x` if it is a list, else a list that holds it; a tuple becomes a list."""
    return x if isinstance(x, list) else list(x) if isinstance(x, tuple) else [x]


def single(items: Sequence[Any]) -> Any:
    """Return the only item of `items` if there is one, else the list."""
    return items[0] if len(items) == 1 else list(items)


@functools.singledispatch
def told_ranges(layer: Any, place: int) -> tuple[Range, ...]:
    """Return the valid ranges of the integers in input `place` of a layer, as `ranges.Range`s.

    A class that looks up rows registers a function here, as a method could clash with one of a user's subclass.
    """
    return ()


def number_ranges(layer: Any, place: int) -> Any:
    """Return `told_ranges(layer, place)`; () if a subclass overrides `call`, as that may use the integers otherwise."""
    bases = type(layer).__mro__
    told = next(cls for cls in bases if cls in told_ranges.registry)
    formula = next(cls for cls in bases if "call" in vars(cls))
    return told_ranges(layer, place) if issubclass(told, formula) else ()


def _fits(value, told):
    """Return whether a value has the shape that the tensor `told` has, as far as that is known."""
    shape = tuple(value.shape)
    return len(shape) == len(told.shape) and all(n in (None, m) for n, m in zip(told.shape, shape))


class Node(graph.Node):
    """One call of a layer on symbolic tensors: one step of the graph, which runs the layer's `call`."""

    outbound_layer: Any
    inbound_layers: list[Any]
    node_indices: list[int]
    tensor_indices: list[int]
    input_tensors: list[Any]
    output_tensors: list[Any]
    input_masks: list[Any]
    output_masks: list[Any]
    input_shapes: list[Any]
    output_shapes: Any
    form: Form | None  # what the call says besides its inputs; None for nothing
    structure: dict[str, Any] | None = None  # that of the outputs; None for one or a flat list of them

    gives_list = True

    def __init__(
        self,
        outbound_layer: Any,
        inbound_layers: list[Any],
        node_indices: list[int],
        tensor_indices: list[int],
        input_tensors: list[Any],
        output_tensors: list[Any],
        input_masks: list[Any],
        output_masks: list[Any],
        input_shapes: list[Any],
        output_shapes: Any,
    ) -> None:
        super().__init__(None)
        self.outbound_layer, self.inbound_layers = outbound_layer, inbound_layers
        self.node_indices, self.tensor_indices = node_indices, tensor_indices
        self.input_tensors, self.output_tensors = input_tensors, output_tensors
        self.input_masks, self.output_masks = input_masks, output_masks
        self.input_shapes, self.output_shapes = input_shapes, output_shapes
        self.outputs = output_tensors
        self.form = form_of(outbound_layer)

    @functools.cached_property
    def fed(self) -> list[Any]:
        """What the call takes in a program: the inputs, where texts are not what the host makes of them."""
        layer = self.outbound_layer
        return layer._front.fed_in(self) if layer._is_graph and layer._front else self.input_tensors

    @property
    def fed_masks(self) -> list[Any]:
        """The masks of `fed`."""
        if self.fed is self.input_tensors:
            return self.input_masks
        masks = dict(zip(self.input_tensors, self.input_masks))
        return [masks.get(x) for x in self.fed]

    @property
    def told_masks(self) -> dict[int, Any]:
        """Place of an input -> the mask that the call was given for it."""
        return {place: self.input_masks[place] for place in (self.form.masks if self.form else ())}

    @property
    def taken(self) -> list[Any]:
        """The tensors that the call was given: its inputs, then the masks."""
        return [*self.input_tensors, *self.told_masks.values()]

    @classmethod
    def create_node(
        cls,
        outbound_layer: Any,
        inbound_layers: list[Any],
        node_indices: list[int] | None = None,
        tensor_indices: list[int] | None = None,
    ) -> "Node":
        """Call `outbound_layer` on outputs of `inbound_layers`, and return the new node.

        `node_indices` and `tensor_indices`: for each inbound layer, the index of its call and of the output; default 0.
        """
        node_indices = node_indices or [0] * len(inbound_layers)
        tensor_indices = tensor_indices or [0] * len(inbound_layers)
        tensors = [
            layer.inbound_nodes[n].output_tensors[t]
            for layer, n, t in zip(inbound_layers, node_indices, tensor_indices)
        ]
        outbound_layer(single(tensors))
        return outbound_layer.inbound_nodes[-1]

    def run(self, scope: Scope) -> Any:
        x, mask = scope.resolve(self.fed), scope.resolve(self.fed_masks)
        if len(x) == 1:
            x, mask = x[0], mask[0]
        with written(self.outbound_layer, self.form):
            found, self.structure = flat_outputs(self.outbound_layer.run(x, mask))
        if all(_fits(value, told) for value, told in zip(to_list(x), self.fed)):  # not a call on other sizes
            self._compare(found)
        return found

    def again(self, x: list[Any], mask: list[Any]) -> tuple[list[Any], list[Any]]:
        """Call the layer on other tensors `x` and masks in the form of this call. Returns (outputs, output masks)."""
        layer = self.outbound_layer
        outputs = flat_outputs(call_again(layer, self.form, x, mask))[0]
        if isinstance(outputs[0], graph.Tensor):
            return outputs, [y._keras_mask for y in outputs]
        with written(layer, self.form):
            return outputs, to_list(layer.compute_mask(single(x), single(mask)))

    def _compare(self, found):
        """Warn if an output has another shape than the layer's `get_output_shape_for` returned."""
        for value, told in zip(found, self.outputs):
            if not _fits(value, told):
                layer, shape = self.outbound_layer, tuple(value.shape)
                notices.remark(
                    f"{type(layer).__name__} {layer.name} told the output shape {told.shape}, and gives {shape}: what "
                    "follows is made for the shape that was told. Correct its get_output_shape_for or output_shape."
                )

    def symbols(self) -> list[Any]:
        return self.fed + [mask for mask in self.fed_masks if mask is not None]

    def variables(self) -> list[Variable]:
        return self.outbound_layer.weights

    def number_ranges(self) -> Any:
        return [(x, limits) for place, x in enumerate(self.fed) for limits in number_ranges(self.outbound_layer, place)]

    def get_config(self) -> dict[str, Any]:
        """Return the call as plain data."""
        return {
            "outbound_layer": getattr(self.outbound_layer, "name", None),
            "inbound_layers": [layer.name for layer in self.inbound_layers],
            "node_indices": self.node_indices,
            "tensor_indices": self.tensor_indices,
        }
