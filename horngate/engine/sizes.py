"""Checks of shapes: every size is at least 1, and the channels of images stand where the layer expects them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax.core import Tracer

from horngate.backend import limits
from horngate.backend.limits import TooSmall
from horngate.backend.notices import remark
from horngate.engine.attributes import Shapes
from horngate.engine.front import refuse_texts
from horngate.engine.node import single, to_list

_COLOURS = (1, 3, 4)  # usual numbers of channels: grey, RGB, RGB and alpha
_LEAST_SIDE = 8  # smallest usual height and width of training images


def check_unmasked(array: Any, what: str) -> None:
    """Raise ValueError if entries of `array`, which the error calls `what`, are masked: NumPy would drop the mask."""
    if isinstance(array, np.ma.MaskedArray) and np.ma.getmaskarray(array).any():
        raise ValueError(
            f"{what} are masked, and the numbers beneath the mask would be used. Fill them first: x.filled(0)."
        )


def checked_output(layer: Any, input_shape: Shapes, output_shape: Shapes) -> Any:
    """Return `output_shape`, the output of `layer` for `input_shape`. Raises ValueError if a size is below 1.

    Every shape formula calls this, so that the error names the first layer whose input is too small.
    """
    if not _too_small(output_shape) or _too_small(input_shape):
        return output_shape
    raise ValueError(
        f"{type(layer).__name__} {layer.name}: an input of shape {_shown(input_shape)} would give an output of shape "
        f"{_shown(output_shape)}; every size must be at least 1. {_advice(layer, input_shape)}"
    )


def _too_small(shape):
    if isinstance(shape, list):
        return any(map(_too_small, shape))
    return any(isinstance(size, int) and size < 1 for size in shape)


def _shown(shape):
    return ", ".join(map(str, map(tuple, shape))) if isinstance(shape, list) else str(tuple(shape))


def _advice(layer, shape):
    if ordering := _ordering(layer):
        if hint := _turned(layer, shape):
            return f"It {hint}"
        return f"It reads this as {_READ[ordering]}. Give it larger data, or smaller windows, strides or margins."
    return "Give it larger data, or smaller windows, strides or margins."


_READ = {"th": "channels first (dim_ordering='th')", "tf": "channels last (dim_ordering='tf')"}


def _ordering(layer):
    """Return the `dim_ordering` of a layer for images or volumes; None for any other layer."""
    layer = getattr(layer, "layer", layer)  # the layer within a wrapper
    return getattr(layer, "dim_ordering", None) if getattr(layer, "rank", 0) in (2, 3) else None


def _turned(layer, shape):
    """Return a hint if `shape` looks like images of the other `dim_ordering`, else None."""
    ordering = _ordering(layer)
    if ordering is None or isinstance(shape, list):
        return None
    image = shape[-1 - getattr(layer, "layer", layer).rank :]
    first, *_, last = image
    sides, channels, other = (image[:-1], last, "tf") if ordering == "th" else (image[1:], first, "th")
    likely = channels in _COLOURS and None not in sides and min(sides) >= _LEAST_SIDE and max(sides) <= 4 * min(sides)
    if not likely:
        return None
    return (
        f"reads {_shown(shape)} as {_READ[ordering]}, but it looks like {_READ[other].partition(' (')[0]}. "
        f"If it is, give the layer dim_ordering={other!r}, or call K.set_image_dim_ordering({other!r}) before the "
        "model is made; else move the axis of the channels."
    )


def check_call(layer: Any, node: Any, output_shapes: Any) -> None:
    """Raise ValueError if an output size is below 1; warn if a model's input looks like the other `dim_ordering`."""
    for shape in output_shapes:
        checked_output(layer, single(node.input_shapes), shape)
    origins = [layer is not None and not layer.inbound_nodes[0].inbound_layers for layer in node.inbound_layers]
    if origins == [True] and not layer.inbound_nodes and (hint := _turned(layer, node.input_shapes[0])):
        remark(f"{type(layer).__name__} {layer.name} {hint}")


def checked_run(layer: Any, x: Any, run: Callable[[], Any]) -> Any:
    """Return `run()`, the output of `layer` on the arrays `x`. Raises ValueError if a size of it is below 1."""
    shape = single([tuple(item.shape) for item in to_list(x)])
    try:
        y = run()
    except TooSmall as error:
        ordering, hint = _ordering(layer), _turned(layer, shape)
        read = f" It {hint}" if hint else f" It reads this as {_READ[ordering]}." if ordering else ""
        raise ValueError(
            f"{type(layer).__name__} {layer.name}, called on an input of shape {_shown(shape)}: {error}{read}"
        ) from None
    for output in to_list(y):
        checked_output(layer, shape, getattr(output, "shape", ()))
    if not layer.inbound_nodes:
        vars(layer)["_ran_on"] = [_described(item) for item in to_list(x)], [_described(item) for item in to_list(y)]
    return y


def _described(x):
    """Return (shape without the number of samples, dtype) of an array, for the table of a model's layers."""
    return (None, *getattr(x, "shape", (0,))[1:]), str(getattr(x, "dtype", "float32"))


def told(cls: type, name: str, shape: Any, samples: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """Return `samples` followed by the checked `shape`, given as the argument `name` of the class `cls`."""
    with limits.named(f"{cls.__name__}, argument {name!r}"):
        return (*samples, *limits.shape(shape))


def checked_batch(size: Any) -> int:
    """Return `size`, told to Input as the number of samples in a batch: a whole number of at least 1."""
    with limits.named("Input, argument 'batch_size'"):
        return limits.whole(size, 1)


def checked_name(cls: type, name: Any) -> str | None:
    """Return `name`, given to a layer of class `cls`: a text, or None."""
    if name is None or isinstance(name, str):
        return name
    raise TypeError(f"{cls.__name__}, argument 'name': must be a text; received {name!r}.")


def input_shape(cls: type, given: dict[str, Any], of_sizes: Any) -> tuple[Any, ...] | None:
    """Return the batch_input_shape that a layer of class `cls` is given, or None.

    # Arguments
        given: its arguments; they may hold `batch_input_shape`, or `input_shape` and `batch_size`.
        of_sizes: the shape that arguments such as `input_dim` give, or None.
    """
    name = next((name for name in ("batch_input_shape", "input_shape") if given.get(name) is not None), None)
    if name is None:
        return None if of_sizes is None else (given.get("batch_size"), *told(cls, "batch_input_shape", of_sizes)[1:])
    shape = told(cls, name, given[name], samples=() if name == "batch_input_shape" else (given.get("batch_size"),))
    if of_sizes is not None and (
        len(shape) != len(of_sizes) or any(None not in pair and pair[0] != pair[1] for pair in zip(shape, of_sizes))
    ):
        raise ValueError(f"{cls.__name__}: {name}={given[name]} contradicts its sizes, {of_sizes}. Give one of them.")
    return shape


def check_called_on(layer: Any, inputs: Sequence[Any]) -> None:
    """Raise TypeError if a layer is called on what is no tensor, array or number, ValueError if an axis is missing."""
    for each in inputs:
        if each is None or isinstance(each, (str, bytes, type)) or callable(each) and not hasattr(each, "shape"):
            raise TypeError(
                f"{type(layer).__name__} {layer.name} must be called on a tensor, such as Input(...), or an array; "
                f"received {each!r}."
            )
    refuse_texts(layer, inputs)
    for each, told in zip(inputs, layer.inputs if layer._is_graph and vars(layer).get("inputs") else ()):
        shape = getattr(each, "shape", ())
        if 0 < len(shape) == len(told.shape) - 1 and not isinstance(each, Tracer):  # `jax.vmap` hides an axis
            fits = all(want in (None, got) for want, got in zip(told.shape[1:], shape))
            raise ValueError(
                f"{type(layer).__name__} {layer.name}: {told.name!r} needs shape {told.shape}; received {tuple(shape)}"
                f"{', a single sample. x[None] is a batch of one.' if fits else '. Add the axis: x[..., None].'}"
            )


def check_weights(name: str, weights: Sequence[Any], values: Any) -> None:
    """Raise an error unless `values` are a list of arrays that match `weights` in number and shapes."""
    if not hasattr(values, "__len__") or isinstance(values, (str, dict)):
        raise TypeError(f"{name}: weights are set by a list of arrays, as get_weights gives it; received {values!r}.")
    if len(weights) != len(values):
        raise ValueError(f"{name} has {len(weights)} weights; received a list of {len(values)}.")
    for weight, value in zip(weights, values):
        check_unmasked(value, f"{name}: the numbers for weight {weight.label}")
        if tuple(weight.shape) != tuple(np.shape(value)):
            raise ValueError(
                f"{name}: weight {weight.label} has shape {weight.shape}; received {tuple(np.shape(value))}."
            )
        if np.asarray(value).dtype.kind in "OSUM":
            raise ValueError(f"{name}: weight {weight.label} takes numbers; received type {np.asarray(value).dtype}.")
