"""Merge: combine several tensors into one by a named rule or a function."""

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any, ClassVar, Self

from horngate import backend as K
from horngate.backend.graph import Tensor
from horngate.backend.orders import of_eras
from horngate.backend.types import TensorLike
from horngate.engine.arguments import Declared, argument
from horngate.engine.attributes import OfEra, Shapes
from horngate.engine.kinds import Axes, OutputShape
from horngate.engine.layer import Layer, to_list
from horngate.engine.named_functions import describe_function, describe_shape, find_function, function_kind
from horngate.utils.nearest import did_you_mean


def _sum(inputs, layer):
    return functools.reduce(K.added, inputs)


def _cosine(inputs, layer):
    x, y = inputs
    axes = layer.both_dot_axes(x, y)
    if not layer.cosine_axis:
        return K.batch_dot(K.unit_length(x, axes[:1]), K.unit_length(y, axes[1:]), axes)
    norms = K.sqrt(K.batch_dot(x, x, [axes[0], axes[0]]) * K.batch_dot(y, y, [axes[1], axes[1]]))
    cosine = K.batch_dot(x, y, axes) / K.maximum(norms, K.epsilon())
    return K.expand_dims(cosine, 1)


RULES: dict[str, Callable[[Any, Any], Any]] = {
    "sum": _sum,
    "mul": lambda inputs, layer: functools.reduce(operator.mul, inputs),
    "ave": lambda inputs, layer: _sum(inputs, layer) / len(inputs),
    "max": lambda inputs, layer: functools.reduce(K.maximum, inputs),
    "sub": lambda inputs, layer: inputs[0] - inputs[1],
    "min": lambda inputs, layer: -functools.reduce(K.maximum, [-x for x in inputs]),
    "concat": lambda inputs, layer: K.concatenate(inputs, axis=layer.concat_axis),
    "dot": lambda inputs, layer: K.batch_dot(inputs[0], inputs[1], layer.both_dot_axes(*inputs)),
    "cos": _cosine,
}
_ALIKE = ("sum", "mul", "ave", "max", "sub", "min")  # rules that need inputs of equal shapes


class _Mode(Declared["str | Callable[..., Any]", Any]):
    """The name of a rule, or a function."""

    words: ClassVar[str] = f"{', '.join(map(repr, RULES))}, or a function of the list of tensors"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return the name of a rule, or a function unchanged. Raises ValueError for an unknown name."""
        if not callable(value) and value not in RULES:
            raise ValueError(
                f"no mode {value!r}.{did_you_mean(value, RULES)} Known: {', '.join(RULES)}, or a function."
            )
        return value


class Merge(Layer):
    """Combine several tensors into one.

    # Source
        `cos`: x·y / max(sqrt(x·x y·y), epsilon), with a leading axis of size 1, as in Keras 1.2.
    """

    layers: Any = argument(
        "layers (or models) whose outputs are merged at once; without them, call the layer on tensors", default=None
    )
    mode: _Mode = argument(default="sum")
    concat_axis: int = argument("the axis that grows in mode 'concat'", default=-1)
    dot_axes: Axes = argument(
        "the axis (or one for each input) that modes 'dot' and 'cos' contract, the batch counted", default=-1
    )
    output_shape_: OutputShape = argument(
        "for a function: the shape without the batch, or a function of the list of input shapes; else it is traced",
        default=None,
        alias="output_shape",
    )
    output_mask_: Any = argument(
        "for a function: the mask, or a function of the list of input masks", default=None, alias="output_mask"
    )
    arguments: dict[str, Any] | None = argument("more keyword arguments for a function", default=None)
    node_indices: list[int] | None = argument("which call of each of `layers`; the first where None", default=None)
    tensor_indices: list[int] | None = argument("which output of each of `layers`; the first where None", default=None)

    supports_masking = True
    merged_masks: ClassVar[Any] = OfEra("merged_masks")
    merging_broadcasts: ClassVar[Any] = OfEra("merging_broadcasts")
    cosine_axis: ClassVar[Any] = OfEra("cosine_axis")
    _borrowed: ClassVar[tuple[str, ...]] = ("layers",)  # they are layers of the model, not sublayers
    output_order = "merged"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.arguments = self.arguments or {}
        if self.layers:
            self._merge_layers(self.layers, self.node_indices, self.tensor_indices)

    def _merge_layers(self, layers, node_indices, tensor_indices):
        if len(layers) < 2:
            raise ValueError(f"Merge: `layers` must name at least two layers; received {len(layers)}.")
        if strange := [item for item in layers if not hasattr(item, "inbound_nodes")]:
            raise TypeError(
                f"Merge: what is merged must be all layers or all tensors; received {strange[0]!r} as well."
            )
        node_indices = node_indices or [0] * len(layers)
        tensor_indices = tensor_indices or [0] * len(layers)
        self(
            [
                layer.inbound_nodes[node].output_tensors[tensor]
                for layer, node, tensor in zip(layers, node_indices, tensor_indices)
            ]
        )

    def __call__(self, inputs: TensorLike, mask: TensorLike = None, training: Any = None) -> TensorLike:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2 and not callable(self.mode):
            raise TypeError(f"Merge {self.name} must be called on a list of at least two tensors; received {inputs!r}.")
        shapes = [tuple(x.shape) for x in inputs if isinstance(x, Tensor)]
        fit = _broadcast if self.merging_broadcasts else _same
        if shapes and self.mode in _ALIKE and not fit(shapes):
            also = ", but for sizes of 1" if self.merging_broadcasts else ""
            raise ValueError(
                f"Merge {self.name}, mode {self.mode!r}: the inputs must have the same shape{also}; received {shapes}."
            )
        if self.mode in ("dot", "cos") and len(inputs) != 2:
            raise ValueError(f"Merge {self.name}, mode {self.mode!r} takes two inputs; received {len(inputs)}.")
        self._check_axes(shapes)
        if shapes and self.mode == "concat":
            self._check_concat(shapes)
        return super().__call__(list(inputs), mask, training)

    def _check_axes(self, shapes):
        """Raise ValueError if an input lacks the axis given by `concat_axis` or `dot_axes`."""
        if self.mode == "concat":
            name, axes = "concat_axis", [self.concat_axis] * len(shapes)
        elif self.mode in ("dot", "cos"):
            name, axes = "dot_axes", self._dot_axes()
        else:
            return
        for axis, shape in zip(axes, shapes):
            if not -len(shape) <= axis < len(shape) or name == "dot_axes" and axis % len(shape) == 0:
                raise ValueError(
                    f"Merge {self.name}, mode {self.mode!r}: {name} must be an axis of each input, from 1 to "
                    f"{len(shape) - 1} for shape {shape}, or counted from the last one, -1; received {axis}."
                )

    def _check_concat(self, shapes):
        axis = self.concat_axis % len(shapes[0])
        rest = [(*shape[:axis], *shape[axis + 1 :]) for shape in shapes]
        if not _same(rest):
            raise ValueError(
                f"Merge {self.name}, mode 'concat': inputs must have the same shape but for axis {self.concat_axis}; "
                f"received {shapes}."
            )

    def both_dot_axes(self, x: TensorLike, y: TensorLike) -> list[int]:
        """Return the axes of `x` and `y` to contract, counted from the first axis."""
        return [axis % len(tensor.shape) for axis, tensor in zip(self._dot_axes(), (x, y))]

    def _dot_axes(self):
        axes = [self.dot_axes] * 2 if isinstance(self.dot_axes, int) else list(self.dot_axes)
        return [axis[0] if isinstance(axis, (list, tuple)) else axis for axis in axes]  # the form of Keras 0.3

    def call(self, inputs: TensorLike, mask: TensorLike = None) -> TensorLike:
        if not callable(self.mode):
            alike = self.mode in _ALIKE and self.merging_broadcasts
            return RULES[self.mode](_of_one_rank(inputs) if alike else inputs, self)
        arguments = dict(self.arguments or {})
        if "mask" in inspect.signature(self.mode).parameters:
            arguments["mask"] = mask
        return self.mode(inputs, **arguments)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        if not callable(self.mode) and self.mode in _ALIKE:
            return _broadcast(input_shape) if self.merging_broadcasts else tuple(input_shape[0])
        if not callable(self.mode) and self.mode == "concat":
            axis = self.concat_axis % len(input_shape[0])
            sizes = [shape[axis] for shape in input_shape]
            total = None if None in sizes else sum(sizes)
            return (*input_shape[0][:axis], total, *input_shape[0][axis + 1 :])
        told: Any = self.output_shape_
        if callable(told):
            shape: Any = told(input_shape)
            return tuple(shape)
        if told is not None and callable(self.mode):
            return (input_shape[0][0], *told)
        return super().get_output_shape_for(input_shape)

    def compute_mask(self, inputs: TensorLike, mask: TensorLike = None) -> TensorLike:
        masks = to_list(mask) if mask is not None else []
        if callable(self.mode):
            return self.output_mask_(masks) if callable(self.output_mask_) else self.output_mask_
        given = [m for m in masks if m is not None]
        if not given or self.mode in ("dot", "cos"):
            return None
        joined = {"all": K.all, "any": K.any}[self.merged_masks]
        if self.mode == "concat":
            whole = [_full_mask(x, m) for x, m in zip(inputs, masks)]
            return joined(K.concatenate(whole, axis=self.concat_axis), axis=-1)
        if self.merged_masks == "any" and len(given) < len(masks):
            return None  # an input without a mask has all steps
        return joined(K.stack(_of_one_size(given)), axis=0)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "mode": describe_function(self.mode),
            "mode_type": function_kind(self.mode),
            "concat_axis": self.concat_axis,
            "dot_axes": self.dot_axes,
            "output_shape": describe_shape(self.output_shape_),
            "output_shape_type": function_kind(self.output_shape_),
            "output_mask": describe_function(self.output_mask_),
            "output_mask_type": function_kind(self.output_mask_),
            "arguments": self.arguments,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        config = dict(config)
        for key in ("mode", "output_shape", "output_mask"):
            if config.pop(key + "_type", "raw") != "raw":
                config[key] = find_function(config.get(key), config["name"], custom_objects)
        return cls(**config)


def _same(shapes):
    """Return whether shapes agree in all sizes that are known."""
    return all(len(s) == len(shapes[0]) for s in shapes) and all(
        len({size for size in sizes if size is not None}) <= 1 for sizes in zip(*shapes)
    )


def _broadcast(shapes):
    """Return the shape that `shapes` are broadcast to, behind the samples; None if they do not fit."""
    shapes = [tuple(shape) for shape in shapes]
    rank = max(map(len, shapes))
    found = []
    for sizes in zip(*((shape[0], *(1,) * (rank - len(shape)), *shape[1:]) for shape in shapes)):
        known = {size for size in sizes if size not in (None, 1)}
        if len(known) > 1:
            return None
        found.append(known.pop() if known else None if None in sizes else 1)
    return tuple(found)


def _of_one_rank(inputs):
    """Give arrays of lower rank axes of size 1 behind the samples."""
    rank = max(len(x.shape) for x in inputs)
    return [K.reshape(x, (x.shape[0], *(1,) * (rank - len(x.shape)), *x.shape[1:])) for x in inputs]


def _of_one_size(masks):
    """Repeat the axes of size 1 of masks, so that all have one shape."""
    shape = _broadcast([mask.shape for mask in masks])
    return [K.cast(mask, "bool") & K.ones(shape, "bool") if mask.shape != shape else mask for mask in masks]


def _full_mask(x, mask):
    """Return a mask of the shape of `x`; all true if `mask` is None."""
    if mask is None:
        return K.equal(K.ones_like(x), 1)
    missing = len(x.shape) - len(mask.shape)
    for _ in range(missing):
        mask = K.expand_dims(mask, -1)
    return K.equal(K.ones_like(x) * K.cast(mask, K.floatx()), 1)


@of_eras
def merge(
    inputs: TensorLike,
    mode: Any = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Shapes = None,
    output_mask: Any = None,
    arguments: Any = None,
    name: str | None = None,
) -> Any:
    """Merge tensors by `mode`, or layers, as in Keras 1.0. `Merge` explains the arguments.

    >>> from horngate.layers import Input, merge
    >>> merge([Input((3,)), Input((4,))], mode='concat').shape
    (None, 7)
    """
    options: dict[str, Any] = {
        "mode": mode,
        "concat_axis": concat_axis,
        "dot_axes": dot_axes,
        "output_shape": output_shape,
        "output_mask": output_mask,
        "arguments": arguments,
        "name": name,
    }
    if all(isinstance(x, Tensor) for x in inputs):
        return Merge(**options)(inputs)
    return Merge(layers=inputs, **options)
