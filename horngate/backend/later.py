"""Functions of K that Keras 2 added; a program that names one loads this module."""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from horngate.backend import config, ops
from horngate.backend.conv import convolution, depthwise_conv, transposed_convolution
from horngate.backend.graph import Tensor, Variable, ancestors, call_op, jax_dtype, on_arrays, op, random_op
from horngate.backend.operators import part as indexed
from horngate.backend.random import next_key
from horngate.backend.running import running_scope
from horngate.backend.spatial import layout, patches, per_axis, product_by_position
from horngate.backend.types import DType, F, PerAxis, Sizes, TensorLike


@op
def constant(value: Any, dtype: DType | None = None, shape: Sizes | None = None, name: str | None = None) -> TensorLike:
    """An array of `value`, repeated to the `shape` if one is given. `dtype`: floatx if None. `name`: for messages."""
    made = jnp.asarray(value, jax_dtype(dtype or config.floatx()))
    if shape is None or made.shape == tuple(shape):
        return made
    return made.reshape(shape) if made.size == np.prod(shape) else jnp.broadcast_to(made, shape)


@op
def identity(x: TensorLike, name: str | None = None) -> TensorLike:
    """Another tensor with the numbers of `x`. `name`: for messages."""
    return jnp.asarray(x)


@op
def size(x: TensorLike, name: str | None = None) -> TensorLike:
    """How many numbers `x` has. `name`: for messages."""
    return jnp.asarray(np.prod(jnp.shape(x), dtype="int32"))


@op
def slice(x: TensorLike, start: Sequence[int], size: Sequence[int]) -> TensorLike:  # noqa: A001  Keras's name
    """The part of `x` that begins at `start` and has `size` numbers along each axis; -1: all that follow."""
    x = jnp.asarray(x)
    sizes = [n - at if length == -1 else length for n, at, length in zip(x.shape, start, size)]
    return jax.lax.dynamic_slice(x, start, sizes)


@op
def cumprod(x: TensorLike, axis: int = 0) -> TensorLike:
    """Products of the numbers of `x` up to each place along `axis`."""
    return jnp.cumprod(jnp.asarray(x), axis)


less, less_equal = ops.lesser, ops.lesser_equal  # their later names


@random_op
def truncated_normal(
    shape: Sizes, mean: float = 0.0, stddev: float = 1.0, dtype: DType | None = None, seed: int | None = None
) -> TensorLike:
    """Normal numbers in the given `shape`, drawn again where they are over two standard deviations off.

    `mean`, `stddev`: of the normal distribution. `dtype`: the number type, floatx if None. `seed`: mixed into the key.
    """
    kind = jax_dtype(dtype or config.floatx())
    return mean + stddev * jax.random.truncated_normal(next_key(seed), -2.0, 2.0, tuple(shape), kind)


@op
def bias_add(x: TensorLike, bias: TensorLike, data_format: str | None = None) -> TensorLike:
    """`x` plus a `bias` for each channel, or for each place of one sample.

    `data_format`: where the channels of `x` stand; None for the setting.
    """
    x, bias = jnp.asarray(x), jnp.asarray(bias)
    first = x.ndim > 2 and normalize_data_format(data_format) == "channels_first"
    if bias.ndim == 1:
        return x + (bias.reshape(-1, *(1,) * (x.ndim - 2)) if first else bias)
    if bias.ndim != x.ndim - 1:
        raise ValueError(f"bias_add: `bias` must have 1 or {x.ndim - 1} axes; received shape {bias.shape}.")
    return x + (jnp.moveaxis(bias, -1, 0) if first else bias)


def conv2d_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sizes,
    strides: PerAxis = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: PerAxis = (1, 1),
) -> TensorLike:
    """The transpose of a convolution of images.

    # Arguments
        x: images.
        kernel: (rows, columns, filters, channels): filters of the result, channels of `x`.
        output_shape: (samples, ...) in the order of `data_format`; only its spatial sizes matter.
        strides: the factors by which rows and columns grow.
        padding: `'valid'` or `'same'`.
        data_format: where the channels stand; None for the setting.
        dilation_rate: distance between the elements of a window.
    """
    return _transposed(x, kernel, output_shape, strides, padding, data_format, dilation_rate)


def conv3d_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sizes,
    strides: PerAxis = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
) -> TensorLike:
    """The transpose of a convolution of volumes; see `conv2d_transpose`.

    # Arguments
        x: volumes.
        kernel: (..., filters, channels): filters of the result, channels of `x`.
        output_shape: (samples, ...) in the order of `data_format`; only its spatial sizes matter.
        strides: the factors by which the axes grow.
        padding: `'valid'` or `'same'`.
        data_format: where the channels stand; None for the setting.
    """
    return _transposed(x, kernel, output_shape, strides, padding, data_format, 1)


@op
def _transposed(x, kernel, output_shape, strides, padding, data_format, dilation):
    kernel = jnp.swapaxes(jnp.asarray(kernel), -1, -2)
    form = layout(kernel.ndim - 2, normalize_data_format(data_format))
    kernel = _placed(kernel, form)
    sizes = [output_shape[axis] for axis in form.spatial_axes]
    made = on_arrays(transposed_convolution)
    return made(x, kernel, sizes, strides, padding, form.ordering, dilation=dilation)


@op
def depthwise_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    strides: PerAxis = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: PerAxis = (1, 1),
) -> TensorLike:
    """Each channel of images convolved by itself.

    # Arguments
        x: images.
        depthwise_kernel: (rows, columns, channels, multiplier).
        strides: distance between windows, in (rows, columns).
        padding: `'valid'` or `'same'`.
        data_format: where the channels stand; None for the setting.
        dilation_rate: distance between the elements of a window.
    """
    kernel = jnp.asarray(depthwise_kernel)
    form = layout(kernel.ndim - 2, normalize_data_format(data_format))
    return on_arrays(depthwise_conv)(x, _placed(kernel, form), strides, padding, form.ordering, dilation_rate)


def _placed(kernel, form):
    """A kernel (..., channels, filters) in the order of the layout."""
    return kernel if form.ordering == "tf" else jnp.moveaxis(kernel, (-1, -2), (0, 1))


def separable_conv1d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: PerAxis = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: PerAxis = 1,
) -> TensorLike:
    """Each feature convolved along time by itself, then mixed with the others.

    # Arguments
        x: (samples, time, features), or features first.
        depthwise_kernel: (length, features, multiplier).
        pointwise_kernel: (1, features * multiplier, filters).
        strides: distance between windows, in steps.
        padding: `'valid'` or `'same'`.
        data_format: where the features stand; None for last.
        dilation_rate: distance between the elements of a window.
    """
    ordering = data_format or "channels_last"
    apart = depthwise_conv2d(x, depthwise_kernel, strides, padding, ordering, dilation_rate)
    return _mixed(apart, pointwise_kernel, ordering)


@op
def _mixed(x, kernel, data_format):
    kernel = jnp.asarray(kernel)
    form = layout(kernel.ndim - 2, data_format)
    return on_arrays(convolution)(x, _placed(kernel, form), 1, "valid", form.ordering)


def local_conv1d(
    inputs: TensorLike, kernel: TensorLike, kernel_size: PerAxis, strides: PerAxis, data_format: str | None = None
) -> TensorLike:
    """A convolution along time with other weights at each place.

    # Arguments
        inputs: (samples, time, features).
        kernel: (places, length * features, filters).
        kernel_size: steps that a filter sees.
        strides: distance between windows, in steps.
        data_format: where the features stand; None for last.
    """
    return _local(inputs, kernel, kernel_size, strides, None, data_format or "channels_last", 1)


def local_conv2d(
    inputs: TensorLike,
    kernel: TensorLike,
    kernel_size: PerAxis,
    strides: PerAxis,
    output_shape: Sizes,
    data_format: str | None = None,
) -> TensorLike:
    """A convolution of images with other weights at each place.

    # Arguments
        inputs: images.
        kernel: (places, rows * columns * channels, filters).
        kernel_size: rows and columns that a filter sees.
        strides: distance between windows, in (rows, columns).
        output_shape: (rows, columns) of the result.
        data_format: where the channels stand; None for the setting.
    """
    return _local(inputs, kernel, kernel_size, strides, output_shape, normalize_data_format(data_format), 2)


@op
def _local(x, kernel, kernel_size, strides, output_shape, data_format, rank):
    window, steps = per_axis("kernel_size", kernel_size, rank), per_axis("strides", strides, rank)
    form = layout(rank, data_format)
    sizes = output_shape or [(n - k) // s + 1 for n, k, s in zip(form.sizes(jnp.asarray(x)), window, steps)]
    seen = on_arrays(patches)(x, window, steps, form.ordering)
    y = on_arrays(product_by_position)(seen, kernel)
    return y.reshape(y.shape[0], *sizes, y.shape[-1]).transpose(form.back)


def normalize_data_format(value: str | None) -> str:
    """`value` as `'channels_first'` or `'channels_last'`; None for the setting."""
    value = config.image_data_format() if value is None else str(value).lower()
    if value not in ("channels_first", "channels_last"):
        raise ValueError(f"data_format must be 'channels_first' or 'channels_last'; received {value!r}.")
    return value


def is_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor, a variable, or an array of a running function."""
    return isinstance(x, (Tensor, Variable, jax.Array))


def is_symbolic(x: Any) -> bool:
    """Whether the value of `x` is computed later."""
    return isinstance(x, (Tensor, Tracer))


def is_variable(x: Any) -> bool:
    """Whether `x` is a variable."""
    return isinstance(x, Variable)


def is_placeholder(x: Any) -> bool:
    """Whether `x` is a tensor that is fed."""
    return isinstance(x, Tensor) and x.node is None


@contextlib.contextmanager
def name_scope(name: str) -> Iterator[str]:
    """A block whose operations belong together; names of horngate do not show `name`."""
    yield name


@contextlib.contextmanager
def control_dependencies(control_inputs: Any) -> Iterator[None]:
    """A block that TensorFlow computed after `control_inputs`: here every value is computed before it is used."""
    yield


def eager(func: F) -> F:
    """`func` itself: functions compute at once for arrays."""
    return func


def symbolic(func: F) -> F:
    """`func` itself: functions record what they do for tensors."""
    return func


def v1_variable_initialization() -> None:
    """Do nothing: variables hold a value from the start."""


def replayed(outputs: Sequence[Tensor], places: Sequence[Tensor], values: Sequence[TensorLike]) -> list[TensorLike]:
    """The tensors `outputs` computed with other `values` in the place of the fed tensors `places`."""
    fed = [s for node in ancestors(outputs, strict=False) for s in node.symbols() if isinstance(s, Tensor)]
    others = [s for s in dict.fromkeys([*fed, *outputs]) if s.node is None and s not in places]
    return call_op(functools.partial(_replayed, list(outputs), [*places, *others]), [*values, *others])


def _replayed(outputs, places, values):
    scope = running_scope()
    feeds = {place: jnp.asarray(value) for place, value in zip(places, values)}
    with scope.inner(scope.variables, feeds) as child:
        return [child.value(output) for output in outputs]


def part_of(part: Tensor) -> tuple[Any, Any] | None:
    """The tensor and the index of which `part` was made by `x[index]`; None for another one."""
    node = part.node if isinstance(part, Tensor) else None
    if node is None or getattr(node, "function", None) is not indexed:
        return None
    return node.args[0], node.args[1]


@op
def clipped_gradient(x: TensorLike, lower: float, upper: float) -> TensorLike:
    """`x`, whose gradient is kept between `lower` and `upper`."""
    return _clipped_gradient(jnp.asarray(x), lower, upper)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def _clipped_gradient(x, lower, upper):
    return x


_clipped_gradient.defvjp(lambda x, lower, upper: (x, None), lambda lower, upper, _, g: (jnp.clip(g, lower, upper),))
