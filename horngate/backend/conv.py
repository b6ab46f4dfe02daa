"""Convolution of any rank, in both conventions, and its transpose.

On CPU the products run with channels last, and their gradients are written by hand in the same layout: the layouts of
automatic differentiation have only naive loops in XLA inside `lax.scan`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from horngate.backend import config, nn
from horngate.backend.derivatives import with_gradient
from horngate.backend.graph import on_arrays, op
from horngate.backend.kernels import convolution as native
from horngate.backend.limits import TooSmall
from horngate.backend.ops import promoted
from horngate.backend.orders import of_eras
from horngate.backend.spatial import check_rank, from_last, layout, one_of, per_axis, to_last
from horngate.backend.types import PerAxis, Sizes, TensorLike

BORDER_MODES = ("valid", "same", "full")


class Geometry(NamedTuple):
    """The geometry of a convolution: tuples with an entry for each spatial axis, and `groups`."""

    strides: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int
    sizes: tuple[int, ...]  # of the input
    window: tuple[int, ...]

    @property
    def reach(self) -> list[int]:
        """The size of the dilated window."""
        return [(k - 1) * d + 1 for k, d in zip(self.window, self.dilation)]

    @property
    def is_product(self) -> bool:
        """Whether each result depends on one position only, so that a product of matrices computes it."""
        return set(self.window + self.strides) == {1} and self.groups == 1 and not any(map(any, self.pads))

    @property
    def outputs(self) -> tuple[int, ...]:
        """The spatial sizes of the result."""
        axes = zip(self.sizes, self.pads, self.reach, self.strides)
        return tuple((n + sum(pads) - reach) // stride + 1 for n, pads, reach, stride in axes)


def window_pads(
    sizes: Sequence[int], reach: Sequence[int], strides: Sequence[int], border_mode: str
) -> tuple[tuple[int, int], ...]:
    """The zeros (before, after) each axis; negative if trailing elements are dropped.

    `sizes`: of the input; `reach`: of the dilated window.
    """
    mode = one_of("border_mode", border_mode, BORDER_MODES)
    return tuple(_axis_pads(*axis, mode) for axis in zip(sizes, reach, strides))


def _axis_pads(size, reach, stride, mode):
    if mode == "valid":
        return (0, 0)
    if mode == "full":
        return (reach - 1, reach - 1)
    needed = (-(-size // stride) - 1) * stride + reach - size
    if config.conv_convention() == "theano":
        before = reach // 2
    else:
        needed = max(needed, 0)
        before = needed // 2
    return (before, needed - before)


# Three products, each the gradient of the others. x (N, ..., I), W (window, I / groups, O), y (N, ..., O), bias (O,).


@with_gradient(constants=2)
def correlate(geometry: Geometry, relu: bool, x: jax.Array, W: jax.Array, bias: jax.Array | None = None) -> jax.Array:
    """y: the correlation of x with W, plus the bias; with `relu`, negative results become 0."""
    if geometry.is_product:
        return finished(jnp.dot(x, _matrix(W)), bias, relu)
    if native.serves(x, W):
        return native.correlate(geometry, relu, x, W, bias)
    spacing = (1,) * len(geometry.sizes)
    y = _product(x, W, geometry.strides, geometry.pads, spacing, geometry.dilation, geometry.groups)
    return finished(y, bias, relu)


@with_gradient(constants=1)
def input_gradient(geometry: Geometry, y: jax.Array, W: jax.Array) -> jax.Array:
    """x: the transpose of the correlation with W."""
    if geometry.is_product:
        return jnp.dot(y, _matrix(W).T)
    if native.serves(y, W):
        return native.input_gradient(geometry, y, W)
    pads = []
    for (before, _), n, reach, stride, m in zip(
        geometry.pads, geometry.sizes, geometry.reach, geometry.strides, y.shape[1:]
    ):
        first = reach - 1 - before
        pads.append((first, n + reach - 1 - ((m - 1) * stride + 1) - first))
    turned = _turned(W, geometry.groups)
    return _product(y, turned, (1,) * len(pads), pads, geometry.strides, geometry.dilation, geometry.groups)


@with_gradient(constants=2)
def kernel_gradient(geometry: Geometry, biased: bool, x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array | None]:
    """The gradients of W (the correlation of x with y, summed over samples) and of the bias (the sum of y), or None."""
    if native.serves(x, y):
        return native.kernel_gradient(geometry, biased, x, y)
    pads = []
    for (before, _), n, k, d, stride, m in zip(
        geometry.pads, geometry.sizes, geometry.window, geometry.dilation, geometry.strides, y.shape[1:]
    ):
        pads.append((before, (k - 1) * d + (m - 1) * stride + 1 - n - before))
    rank = len(pads)
    space = tuple(range(1, rank + 1))
    images, kernel = x.transpose(rank + 1, *space, 0), y.transpose(*space, 0, rank + 1)
    out = _product(images, kernel, geometry.dilation, pads, (1,) * rank, geometry.strides, batch_groups=geometry.groups)
    return out.transpose(*space, 0, rank + 1), y.sum((0, *space)) if biased else None


def _matrix(W):
    return W.reshape(W.shape[-2:])


def finished(y: jax.Array, bias: jax.Array | None, relu: bool) -> jax.Array:
    """`y`, channels last, plus `bias` unless it is None; with `relu`, negative results become 0."""
    y = y if bias is None else y + bias
    return on_arrays(nn.relu)(y) if relu else y


def _turned(W, groups):
    """W with its window flipped and its input and output channels swapped, group by group."""
    rank = W.ndim - 2
    window = W.shape[:rank]
    W = jnp.flip(W, tuple(range(rank))).reshape(*window, W.shape[rank], groups, -1)
    return jnp.swapaxes(W, rank, rank + 2).reshape(*window, W.shape[rank + 2], -1)


def _product(x, W, strides, pads, spacing, dilation, groups=1, batch_groups=1):
    numbers = layout(x.ndim - 2, "tf").numbers
    return lax.conv_general_dilated(
        x, W, strides, pads, spacing, dilation, numbers, feature_group_count=groups, batch_group_count=batch_groups
    )


def _correlate_forward(geometry, relu, x, W, bias):
    y = correlate(geometry, relu, x, W, bias)
    return y, (x, W, bias is not None, y if relu else None)


def _correlate_backward(geometry, relu, kept, g):
    x, W, biased, y = kept
    g = jnp.where(y <= 0, jnp.zeros_like(g), g) if relu else g
    return input_gradient(geometry, g, W), *kernel_gradient(geometry, biased, x, g)


correlate.defvjp(_correlate_forward, _correlate_backward)
input_gradient.defvjp(
    lambda geometry, y, W: (input_gradient(geometry, y, W), (y, W)),
    lambda geometry, kept, g: (correlate(geometry, False, g, kept[1]), kernel_gradient(geometry, False, g, kept[0])[0]),
)
kernel_gradient.defvjp(
    lambda geometry, biased, x, y: (kernel_gradient(geometry, biased, x, y), (x, y)),
    lambda geometry, biased, kept, g: (
        input_gradient(geometry, kept[1], g[0]),
        correlate(geometry, False, kept[0], *g),
    ),
)


def _written_out():
    """Whether to use the products above, as on CPU; on other devices XLA chooses layouts well."""
    return jax.default_backend() == "cpu"


def _kernel(kernel, form):
    """The kernel of the equivalent correlation."""
    return jnp.flip(kernel, form.kernel_axes) if config.conv_convention() == "theano" else kernel


def _apply(x, kernel, geometry, form, bias, relu):
    """The correlation of `x` with `kernel`, both in the layout `form`."""
    thinned, filters = _thinned(geometry), kernel.shape[form.filter_axis]
    if not (thinned.is_product or _written_out()):
        given = x, kernel, geometry.strides, geometry.pads, None, geometry.dilation, form.numbers
        y = lax.conv_general_dilated(*given, feature_group_count=geometry.groups)
        return finished(y, bias if bias is None else bias.reshape(form.per_channel(-1)), relu)
    x, kernel = to_last(x, form.last), kernel.transpose(form.kernel_last)
    if 1 < geometry.groups == x.shape[-1] < filters:  # several filters for each channel: the channel is repeated
        x, geometry = jnp.repeat(x, filters // geometry.groups, -1), geometry._replace(groups=filters)
    if thinned.is_product and not native.serves(x, kernel):
        x, geometry = x[(slice(None), *(slice(None, None, stride) for stride in geometry.strides))], thinned
    return from_last(correlate(geometry, relu, x, kernel, bias), form.last)


def _thinned(geometry):
    """The geometry after positions that the stride skips are dropped from the data."""
    return geometry._replace(strides=(1,) * len(geometry.strides), sizes=geometry.outputs)


@op
def convolution(
    x: TensorLike,
    kernel: TensorLike,
    strides: PerAxis = 1,
    border_mode: str = "valid",
    ordering: str = "default",
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: TensorLike | None = None,
    relu: bool = False,
) -> TensorLike:
    """The convolution of `x` with `kernel`, over one, two or three spatial axes.

    `set_conv_convention` decides whether kernels are flipped, and how `same` pads.

    # Arguments
        x: data, (samples, channels, ...) or, with `'tf'`, (samples, ..., channels).
        kernel: (filters, channels / groups, ...) or, with `'tf'`, (..., channels / groups, filters).
        strides: distance between windows: one number, or one for each spatial axis.
        border_mode: `'valid'`, `'same'` (as many results as the stride leaves positions) or `'full'`.
        ordering: `'th'`, `'tf'` or `'default'` (that of the settings).
        dilation: distance between the elements of a window: one number, or one for each spatial axis.
        groups: number of groups of channels and filters; the filters of a group see its channels only.
        bias: a number for each filter, which is added; or None.
        relu: whether negative results become 0.
    """
    x, kernel = promoted(x, kernel)
    bias = None if bias is None else jnp.asarray(bias).astype(x.dtype)
    rank = kernel.ndim - 2
    check_rank("convolution", x, rank)
    form = layout(rank, ordering)
    window, sizes = tuple(kernel.shape[axis] for axis in form.kernel_axes), form.sizes(x)
    strides, dilation = per_axis("strides", strides, rank), per_axis("dilation", dilation, rank)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation)]
    pads = window_pads(sizes, reach, strides, border_mode)
    channels, taken = x.shape[form.channel_axis], kernel.shape[form.kernel_last[-2]] * groups
    if channels != taken:
        raise ValueError(
            f"convolution: the kernel {kernel.shape} is for {taken} channels, the data {x.shape} have {channels} "
            f"(dim_ordering={form.ordering!r}). Check input_shape and dim_ordering."
        )
    if any(n + before + after < r for n, (before, after), r in zip(sizes, pads, reach)):
        raise TooSmall(
            f"convolution: a window of {tuple(reach)} does not fit into data of {sizes}. "
            "Use border_mode='same', smaller windows or larger data."
        )
    geometry = Geometry(strides, pads, dilation, groups, sizes, window)
    return _apply(x, _kernel(kernel, form), geometry, form, bias, relu)


@of_eras(key="backend.conv1d", same=4)
@op
def conv1d(
    x: TensorLike,
    kernel: TensorLike,
    stride: int = 1,
    border_mode: str = "valid",
    image_shape: Any = None,
    filter_shape: Any = None,
    dim_ordering: str = "tf",
    filter_dilation: PerAxis = 1,
) -> TensorLike:
    """Convolution along time.

    # Arguments
        x: (samples, time, channels).
        kernel: (length, 1, channels, filters), or without the axis of size 1.
        stride: distance between windows, in steps.
        border_mode: `'valid'`, `'same'`, `'full'`, or `'causal'`: no step sees later ones.
        image_shape, filter_shape: ignored.
        dim_ordering: place of the channels of `x`, last by default.
        filter_dilation: distance between the elements of a window.
    """
    x, kernel = jnp.asarray(x), jnp.asarray(kernel)
    kernel = kernel[:, 0] if kernel.ndim == 4 else kernel
    first = layout(1, dim_ordering or "tf").ordering == "th"
    x = jnp.swapaxes(x, 1, 2) if first else x
    if border_mode == "causal":
        (apart,) = per_axis("dilation_rate", filter_dilation, 1)
        x, border_mode = jnp.pad(x, ((0, 0), ((kernel.shape[0] - 1) * apart, 0), (0, 0))), "valid"
    y = on_arrays(convolution)(x, kernel, stride, border_mode, "tf", filter_dilation)
    return jnp.swapaxes(y, 1, 2) if first else y


@of_eras(key="backend.conv2d", same=5)
def conv2d(
    x: TensorLike,
    kernel: TensorLike,
    strides: PerAxis = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
    filter_dilation: PerAxis = (1, 1),
) -> TensorLike:
    """Convolution of images: see `convolution`.

    # Arguments
        x: images.
        kernel: (filters, channels, rows, columns) or, with `'tf'`, (rows, columns, channels, filters).
        strides: distance between windows, in (rows, columns).
        border_mode: `'valid'`, `'same'` or `'full'`.
        dim_ordering: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
        image_shape, filter_shape: ignored.
        filter_dilation: distance between the elements of a window, in (rows, columns).
    """
    return convolution(x, kernel, strides, border_mode, dim_ordering, filter_dilation)


@of_eras(key="backend.conv3d", same=5)
def conv3d(
    x: TensorLike,
    kernel: TensorLike,
    strides: PerAxis = (1, 1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    volume_shape: Any = None,
    filter_shape: Any = None,
    filter_dilation: PerAxis = (1, 1, 1),
) -> TensorLike:
    """Convolution of volumes: see `convolution`.

    # Arguments
        x: volumes.
        kernel: (filters, channels, ...) or, with `'tf'`, (..., channels, filters).
        strides: distance between windows along the three axes.
        border_mode: `'valid'`, `'same'` or `'full'`.
        dim_ordering: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
        volume_shape, filter_shape: ignored.
        filter_dilation: distance between the elements of a window.
    """
    return convolution(x, kernel, strides, border_mode, dim_ordering, filter_dilation)


def atrous_conv2d(
    x: TensorLike,
    kernel: TensorLike,
    rate: PerAxis = 1,
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
) -> TensorLike:
    """Convolution of images by a kernel whose elements stand `rate` pixels apart.

    # Arguments
        x, kernel: images, and a kernel as for `conv2d`.
        rate: one number, or (rows, columns).
        border_mode: `'valid'`, `'same'` or `'full'`.
        dim_ordering: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
        image_shape, filter_shape: ignored.

    Source: Yu and Koltun, "Multi-scale context aggregation by dilated convolutions", 2015.
    """
    return convolution(x, kernel, 1, border_mode, dim_ordering, rate)


def deconv2d(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sizes,
    strides: PerAxis = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
) -> TensorLike:
    """The transpose of the convolution of images: see `transposed_convolution`.

    # Arguments
        x, kernel: images, and a kernel as for `conv2d` of them.
        output_shape: (samples, ...) in the same ordering; only its spatial sizes matter.
        strides: the factors by which (rows, columns) grow.
        border_mode: `'valid'`, `'same'` or `'full'`: that of the convolution whose transpose this is.
        dim_ordering: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
        image_shape, filter_shape: ignored.
    """
    sizes = [output_shape[axis] for axis in layout(2, dim_ordering).spatial_axes]
    return transposed_convolution(x, kernel, sizes, strides, border_mode, dim_ordering)


@op
def transposed_convolution(
    x: TensorLike,
    kernel: TensorLike,
    output_sizes: Sequence[int | None] | None = None,
    strides: PerAxis = 1,
    border_mode: str = "valid",
    ordering: str = "default",
    bias: TensorLike | None = None,
    relu: bool = False,
    dilation: PerAxis = 1,
    output_padding: PerAxis | None = None,
) -> TensorLike:
    """The transpose of a convolution, which enlarges `x` by `strides`.

    # Arguments
        x: data of one, two or three spatial axes.
        kernel: laid out as that of a convolution of `x`: (filters, channels, ...) or, with `'tf'`, (..., channels,
            filters).
        output_sizes: the sizes of the spatial axes; None for the smallest that fits.
        strides: one number, or one for each spatial axis.
        border_mode: `'valid'`, `'same'` or `'full'`: that of the convolution whose transpose this is.
        ordering: `'th'`, `'tf'` or `'default'` (that of the settings).
        bias: a number for each filter, which is added; or None.
        relu: whether negative results become 0.
        dilation: how far apart the elements of a window are: one number, or one for each spatial axis.
        output_padding: how much longer the output is at its end than the windows reach, (n - 1) stride + reach, where
            `'same'` leaves out half a window at either end; None: as `output_sizes` says. One number, or one for each
            spatial axis.

    Source: Zeiler et al., "Deconvolutional networks", CVPR 2010.
    """
    x, kernel = promoted(x, kernel)
    rank = kernel.ndim - 2
    check_rank("transposed convolution", x, rank)
    form = layout(rank, ordering)
    x, W = to_last(x, form.last), _kernel(kernel, form).transpose(form.kernel_last)
    window, strides = W.shape[:rank], per_axis("strides", strides, rank)
    dilation = per_axis("dilation", dilation, rank)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation)]
    if output_padding is None:
        given = zip(output_sizes or (None,) * rank, x.shape[1:], reach, strides)
        sizes = tuple(_transposed_size(*axis, border_mode) for axis in given)
        pads = window_pads(sizes, reach, strides, border_mode)
    else:
        more = per_axis("output_padding", output_padding, rank, least=0)
        cuts = [(r // 2 * 2 if border_mode == "same" else 0) - extra for r, extra in zip(reach, more)]
        sizes = tuple((n - 1) * s + r - cut for n, r, s, cut in zip(x.shape[1:], reach, strides, cuts))
        pads = tuple((max(cut, 0) // 2, cut - max(cut, 0) // 2) for cut in cuts)
    geometry = Geometry(strides, pads, dilation, 1, sizes, window)
    expected = geometry.outputs
    if expected != x.shape[1:-1]:
        raise ValueError(
            f"deconvolution: an output of {sizes} belongs to an input of {expected}, not of {x.shape[1:-1]} "
            f"(strides {strides}, border_mode {border_mode!r}). Correct output_shape."
        )
    y = input_gradient(geometry, x, jnp.swapaxes(W, rank, rank + 1))
    return from_last(finished(y, None if bias is None else jnp.asarray(bias), relu), form.last)


def _transposed_size(wanted, size, window, stride, border_mode):
    if wanted is not None:
        return int(wanted)
    least = {"valid": (size - 1) * stride + window, "same": size * stride, "full": (size - 1) * stride + 2 - window}
    return least[one_of("border_mode", border_mode, BORDER_MODES)]


@op
def depthwise_conv(
    x: TensorLike,
    kernel: TensorLike,
    strides: PerAxis = 1,
    border_mode: str = "valid",
    ordering: str = "default",
    dilation: PerAxis = 1,
    bias: TensorLike | None = None,
    relu: bool = False,
) -> TensorLike:
    """Each channel of `x` convolved by itself: filter m of channel c gives channel c * multiplier + m of the result.

    # Arguments
        x: data of one, two or three spatial axes.
        kernel: (multiplier, channels, ...) or, with `'tf'`, (..., channels, multiplier).
        strides: how far apart the windows are: one number, or one for each spatial axis.
        border_mode: `'valid'`, `'same'` or `'full'`.
        ordering: `'th'`, `'tf'` or `'default'` (that of the settings).
        dilation: how far apart the elements of a window are: one number, or one for each spatial axis.
        bias: a number for each channel of the result, which is added; None for none.
        relu: whether what is then negative becomes 0.

    Source: Chollet, "Xception: deep learning with depthwise separable convolutions", 2016.
    """
    kernel = jnp.asarray(kernel)
    form = layout(kernel.ndim - 2, ordering)
    channels = jnp.asarray(x).shape[form.channel_axis]
    apart = kernel.transpose(form.kernel_last)
    apart = apart.reshape(*apart.shape[: form.rank], 1, -1)
    apart = apart.transpose(form.rank + 1, form.rank, *range(form.rank)) if form.ordering == "th" else apart
    finish: dict[str, Any] = {"bias": bias, "relu": relu}
    return on_arrays(convolution)(x, apart, strides, border_mode, ordering, dilation, channels, **finish)


@of_eras(key="backend.separable_conv2d", same=6)
@op
def separable_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: PerAxis = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    bias: TensorLike | None = None,
    relu: bool = False,
    dilation_rate: PerAxis = 1,
) -> TensorLike:
    """A convolution of each channel by itself, then a 1 x 1 convolution that mixes the channels.

    # Arguments
        x: images.
        depthwise_kernel: (multiplier, channels, rows, cols) or, with `'tf'`, (rows, cols, channels, multiplier).
        pointwise_kernel: (filters, channels * multiplier, 1, 1) or, with `'tf'`, (1, 1, channels * multiplier,
            filters).
        strides: distance between windows, in (rows, columns).
        border_mode: `'valid'`, `'same'` or `'full'`, of the first convolution.
        dim_ordering: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
        bias: a number for each filter, which is added; or None.
        relu: whether negative results become 0.
        dilation_rate: distance between the elements of a window of the first convolution.

    Source: Chollet, "Xception: deep learning with depthwise separable convolutions", 2016.
    """
    apart = on_arrays(depthwise_conv)(x, depthwise_kernel, strides, border_mode, dim_ordering, dilation_rate)
    return on_arrays(convolution)(apart, pointwise_kernel, 1, "valid", dim_ordering, bias=bias, relu=relu)
