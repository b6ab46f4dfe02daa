"""Functions of networks in Keras 3: convolution, pooling, normalization, attention, losses."""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from horngate.backend import config, ctc, nn, normalization
from horngate.backend.arrays.formats import are_first, formatted
from horngate.backend.attention import attended, attention, attention_scores
from horngate.backend.graph import on_arrays, op
from horngate.backend.ops import promoted
from horngate.backend.spatial import layout, one_of, per_axis
from horngate.backend.types import Axis, PerAxis, TensorLike


def _with_channels_last(function: Any) -> Any:
    """Let a function of (x, rank, ...) see `x` with its channels last, and put them back."""

    @functools.wraps(function)
    def turned(x, rank, data_format, *args):
        first = are_first(data_format)
        y = function(jnp.moveaxis(x, 1, -1) if first else x, rank, *args)
        return jnp.moveaxis(y, -1, 1) if first else y

    return turned


@_with_channels_last
def _conv(x, rank, kernel, strides, padding, dilation, groups):
    x, kernel = promoted(x, kernel)
    padding = one_of("padding", padding, ("valid", "same")).upper()
    options: dict[str, Any] = {"rhs_dilation": per_axis("dilation_rate", dilation, rank)}
    options |= {"dimension_numbers": layout(rank, "tf").numbers, "feature_group_count": groups}
    return lax.conv_general_dilated(x, kernel, per_axis("strides", strides, rank), padding, **options)


@formatted
def conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: PerAxis = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: PerAxis = 1,
) -> TensorLike:
    """The convolution of `inputs` with `kernel`, (..., channels of a group, filters), over one to three axes.

    `strides`: how far apart the windows are. `padding`: "valid" or "same". `data_format`: "channels_last" or
    "channels_first"; None: that of the settings. `dilation_rate`: how far apart the elements of a window are.
    """
    inputs, kernel = jnp.asarray(inputs), jnp.asarray(kernel)
    rank = kernel.ndim - 2
    groups = inputs.shape[1 if are_first(data_format) else -1] // kernel.shape[-2]
    return _conv(inputs, rank, data_format, kernel, strides, padding, dilation_rate, groups)


@formatted
def depthwise_conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: PerAxis = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: PerAxis = 1,
) -> TensorLike:
    """Each channel of `inputs` convolved by itself. `kernel`: (..., channels, multiplier); all else as for `conv`.

    `strides`, `padding`, `data_format`, `dilation_rate`: as for `conv`.
    """
    kernel = jnp.asarray(kernel)
    apart = kernel.reshape(*kernel.shape[:-2], 1, -1)
    return _conv(
        jnp.asarray(inputs), kernel.ndim - 2, data_format, apart, strides, padding, dilation_rate, kernel.shape[-2]
    )


@formatted
def separable_conv(
    inputs: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: PerAxis = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: PerAxis = 1,
) -> TensorLike:
    """`depthwise_conv` with `depthwise_kernel`, then `conv` with `pointwise_kernel`, whose windows have size 1.

    `strides`, `padding`, `data_format`, `dilation_rate`: of the first, as for `conv`.
    """
    apart = on_arrays(depthwise_conv)(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return on_arrays(conv)(apart, pointwise_kernel, 1, "valid", data_format)


def _cut(reach, stride, padding, more):
    """How many positions a transposed convolution leaves out: (at the beginning, at the end); below 0: more of them."""
    if more is not None:
        total = (reach // 2 * 2 if padding == "same" else 0) - more
    else:
        total = reach - stride if padding == "same" else min(reach - stride, 0)
    before = max(total, 0) // 2
    return before, total - before


@_with_channels_last
def _conv_transpose(x, rank, kernel, strides, padding, more, dilation):
    one_of("padding", padding, ("valid", "same"))
    strides, dilation = per_axis("strides", strides, rank), per_axis("dilation_rate", dilation, rank)
    extra = [None] * rank if more is None else per_axis("output_padding", more, rank, least=0)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel.shape, dilation)]
    cuts = [_cut(r, s, padding, m) for r, s, m in zip(reach, strides, extra)]
    pads = [(r - 1 - before, r - 1 - after) for r, (before, after) in zip(reach, cuts)]
    x, kernel = promoted(x, kernel)
    flipped = jnp.swapaxes(jnp.flip(kernel, tuple(range(rank))), -1, -2)
    options: dict[str, Any] = {
        "lhs_dilation": strides,
        "rhs_dilation": dilation,
        "dimension_numbers": layout(rank, "tf").numbers,
    }
    return lax.conv_general_dilated(x, flipped, (1,) * rank, pads, **options)


@formatted
def conv_transpose(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: PerAxis = 1,
    padding: str = "valid",
    output_padding: PerAxis | None = None,
    data_format: str | None = None,
    dilation_rate: PerAxis = 1,
) -> TensorLike:
    """The transpose of a convolution, which enlarges `inputs`. `kernel`: (..., filters, channels).

    `output_padding`: how much longer the output is at its end than the windows reach; None: what `padding` says.
    `strides`, `padding`, `data_format`, `dilation_rate`: as for `conv`.
    """
    kernel = jnp.asarray(kernel)
    return _conv_transpose(
        jnp.asarray(inputs), kernel.ndim - 2, data_format, kernel, strides, padding, output_padding, dilation_rate
    )


@_with_channels_last
def _pool(x, rank, window, strides, padding, average):
    padding = one_of("padding", padding, ("valid", "same")).upper()
    window = (1, *per_axis("pool_size", window, rank), 1)
    strides = window if strides is None else (1, *per_axis("strides", strides, rank), 1)
    if not average:
        least = -jnp.inf if jnp.issubdtype(x.dtype, jnp.inexact) else jnp.iinfo(x.dtype).min
        return lax.reduce_window(x, least, lax.max, window, strides, padding)
    x = x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(config.floatx())
    totals = lax.reduce_window(x, 0.0, lax.add, window, strides, padding)
    return totals / lax.reduce_window(jnp.ones_like(x), 0.0, lax.add, window, strides, padding)


def _pooling(name, average, what):
    def pooled(
        inputs: TensorLike,
        pool_size: PerAxis,
        strides: PerAxis | None = None,
        padding: str = "valid",
        data_format: str | None = None,
    ) -> TensorLike:
        inputs = jnp.asarray(inputs)
        return _pool(inputs, inputs.ndim - 2, data_format, pool_size, strides, padding, average)

    pooled.__name__ = pooled.__qualname__ = name
    pooled.__doc__ = f"""The {what} over windows of `pool_size`; what padding adds does not count.

    `strides`: how far apart the windows are; None: side by side. `padding`: "valid" or "same". `data_format`:
    "channels_last" or "channels_first"; None: that of the settings.
    """
    return formatted(pooled)


max_pool: Any = _pooling("max_pool", False, "maximum")
average_pool: Any = _pooling("average_pool", True, "mean")


@_with_channels_last
def _adaptive(x, rank, sizes, reduce):
    for axis, count in enumerate(per_axis("output_size", sizes, rank), 1):
        n, before = x.shape[axis], (slice(None),) * axis
        windows = [slice(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]
        x = jnp.concatenate([reduce(x[(*before, window)], axis=axis, keepdims=True) for window in windows], axis)
    return x


def _adaptive_pooling(name, reduce, what):
    def pooled(inputs: TensorLike, output_size: PerAxis, data_format: str | None = None) -> TensorLike:
        inputs = jnp.asarray(inputs)
        return _adaptive(inputs, inputs.ndim - 2, data_format, output_size, reduce)

    pooled.__name__ = pooled.__qualname__ = name
    pooled.__doc__ = f"""The {what} over as many windows as `output_size` says for each axis.

    `data_format`: "channels_last" or "channels_first"; None: that of the settings.
    """
    return formatted(pooled)


adaptive_average_pool: Any = _adaptive_pooling("adaptive_average_pool", jnp.mean, "mean")
adaptive_max_pool: Any = _adaptive_pooling("adaptive_max_pool", jnp.max, "maximum")


@op
def moments(x: TensorLike, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> Any:
    """The mean and the variance along `axes`. `keepdims`: whether they stay, with size 1.

    `synchronized` has no effect: a program over several devices computes as one.
    """
    x = jnp.asarray(x)
    axes = axes if axes is None or isinstance(axes, int) else tuple(axes)
    return jnp.mean(x, axes, keepdims=keepdims), jnp.var(x, axes, keepdims=keepdims)


@op
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    axis: int,
    offset: TensorLike | None = None,
    scale: TensorLike | None = None,
    epsilon: float = 1e-3,
) -> TensorLike:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, with a number of each for every place of `axis`.

    `x`, `mean`, `variance`, `offset`, `scale`: arrays. `epsilon`: is added to the variance.
    """
    given = (None if each is None else jnp.asarray(each) for each in (mean, variance, offset, scale))
    mean, variance, offset, scale = given
    return on_arrays(normalization.batch_normalization)(x, mean, variance, offset, scale, epsilon, axis)


@op
def layer_normalization(
    x: TensorLike,
    gamma: TensorLike | None = None,
    beta: TensorLike | None = None,
    axis: Axis = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> TensorLike:
    """`x` with mean 0 and variance 1 along `axis`, times `gamma`, plus `beta`.

    `epsilon`: is added to the variance; None: `K.epsilon()`. `kwargs`: none is known.
    """
    if kwargs:
        raise TypeError(f"ops.layer_normalization has no argument {sorted(kwargs)[0]!r}. See ops.rms_normalization.")
    x, least = jnp.asarray(x), config.epsilon() if epsilon is None else epsilon
    mean, variance = jnp.mean(x, axis, keepdims=True), jnp.var(x, axis, keepdims=True)
    y = (x - mean) * lax.rsqrt(variance + least)
    y = y if gamma is None else y * _spread(gamma, x, axis)
    return y if beta is None else y + _spread(beta, x, axis)


@op
def rms_normalization(
    x: TensorLike, scale: TensorLike | None = None, axis: Axis = -1, epsilon: float | None = None
) -> TensorLike:
    """`x` over the root of the mean of its squares along `axis`, times `scale`.

    `epsilon`: is added to the mean; None: `K.epsilon()`.
    """
    x, least = jnp.asarray(x), config.epsilon() if epsilon is None else epsilon
    y = x * lax.rsqrt(jnp.mean(jnp.square(x), axis, keepdims=True) + least)
    return y if scale is None else y * _spread(scale, x, axis)


def _spread(values, x, axis):
    """`values` for the places of `axis`, in a shape that broadcasts against `x`."""
    axes = {a % x.ndim for a in ([axis] if isinstance(axis, int) else axis)}
    values = jnp.asarray(values)
    return values if not values.ndim else values.reshape([n if i in axes else 1 for i, n in enumerate(x.shape)])


@op
def dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    bias: TensorLike | None = None,
    mask: TensorLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> TensorLike:
    """softmax(scale * query key + bias) value for each head; all are (samples, times, heads, width).

    # Arguments
        query, key, value: the arrays; a key head may serve several heads of queries.
        bias: is added to the scores, (samples, heads, queries, keys).
        mask: which query may see which key, true and false, of that shape.
        scale: a factor of the scores; None: 1 / sqrt(width).
        is_causal: whether no query sees later keys.
        flash_attention: whether to use a fused kernel; None or False: no.
        attn_logits_soft_cap: a bound that scores approach, by tanh; None: none.
    """
    query, key, value = jnp.asarray(query), jnp.asarray(key), jnp.asarray(value)
    if is_causal:
        seen = jnp.tril(jnp.ones((query.shape[1], key.shape[1]), bool))[None, None]
        mask = seen if mask is None else seen & jnp.asarray(mask).astype(bool)
    if flash_attention:
        if bias is not None or scale is not None or attn_logits_soft_cap is not None:
            raise ValueError("ops.dot_product_attention: flash_attention=True takes no bias, scale or soft cap.")
        return on_arrays(attention)(query, key, value, mask, True)
    scores = on_arrays(attention_scores)(query, key, 1.0).astype("float32")
    scores = scores * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if attn_logits_soft_cap is not None:
        scores = attn_logits_soft_cap * jnp.tanh(scores / attn_logits_soft_cap)
    scores = scores if bias is None else scores + jnp.asarray(bias)
    if mask is not None:
        scores = jnp.where(jnp.asarray(mask).astype(bool), scores, -0.7 * jnp.finfo(scores.dtype).max)
    return on_arrays(attended)(jax.nn.softmax(scores).astype(query.dtype), value)


@op
def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> TensorLike:
    """-(target * log(output) + (1 - target) * log(1 - output)) of each element.

    `from_logits`: whether `output` is the input of a sigmoid.
    """
    return on_arrays(nn.binary_crossentropy)(output, target, from_logits)


@op
def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> TensorLike:
    """-sum(target * log(output)) along `axis`. `from_logits`: whether `output` is the input of a softmax."""
    return on_arrays(nn.categorical_crossentropy)(output, target, from_logits, axis)


@op
def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> TensorLike:
    """-log of what `output` gives to the class number `target` along `axis`.

    `from_logits`: whether `output` is the input of a softmax.
    """
    return on_arrays(nn.sparse_categorical_crossentropy)(output, target, from_logits, axis)


@op
def ctc_loss(
    target: TensorLike, output: TensorLike, target_length: TensorLike, output_length: TensorLike, mask_index: int = 0
) -> TensorLike:
    """-log p(target | output) of each sample: the loss of connectionist temporal classification.

    # Arguments
        target: class numbers (samples, most labels).
        output: inputs of a softmax (samples, times, classes).
        target_length, output_length: how many labels and times of each sample count.
        mask_index: the class number of the blank.
    """
    target, output = jnp.asarray(target), jnp.asarray(output)
    lasts = _blank_last(output, mask_index)
    labels = jnp.where(target > mask_index, target - 1, target)
    counts = [jnp.asarray(n).reshape(-1, 1) for n in (output_length, target_length)]
    labels = jnp.where(jnp.arange(labels.shape[1]) < counts[1], labels, 0)
    return on_arrays(ctc.ctc_batch_cost)(labels, jax.nn.softmax(lasts), *counts)[:, 0]


def ctc_decode(
    inputs: TensorLike,
    sequence_lengths: TensorLike,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[TensorLike, TensorLike]:
    """Return the labellings that fit best, (paths, samples, times), padded with -1, and a score of each.

    The score of `'beam_search'` is the log-probability, that of `'greedy'` the sum of the largest inputs, negative.

    # Arguments
        inputs: inputs of a softmax (samples, times, classes).
        sequence_lengths: how many times of each sample count, (samples,).
        strategy: `'greedy'`, the likeliest class at each time, or `'beam_search'`, over labellings.
        beam_width, top_paths: how many labellings the search keeps at each time, and how many it returns.
        merge_repeated: whether `'greedy'` removes repetitions; the search always does.
        mask_index: the class number of the blank.
    """
    if strategy not in ("greedy", "beam_search"):
        raise ValueError(f"ops.ctc_decode: strategy must be 'greedy' or 'beam_search'; received {strategy!r}.")
    likely = _likely_blank_last(inputs, mask_index)
    if strategy == "greedy":
        labels, logs = [ctc._greedy(likely, sequence_lengths, merge_repeated)[0]], _height(inputs, sequence_lengths)
    else:
        *labels, logs = ctc._beam(likely, sequence_lengths, beam_width, top_paths, False)
    return _paths(labels, mask_index), logs


def _blank_last(output, blank):
    return jnp.concatenate([jnp.delete(output, blank, axis=-1), output[..., blank, None]], -1)


@op
def _likely_blank_last(output, blank):
    return jax.nn.softmax(_blank_last(jnp.asarray(output), blank))


@op
def _height(output, lengths):
    tops = jnp.max(jnp.asarray(output), axis=-1)
    counted = jnp.arange(tops.shape[1]) < jnp.asarray(lengths).reshape(-1, 1)
    return -jnp.sum(jnp.where(counted, tops, 0), axis=1, keepdims=True)


@op
def _paths(labels, blank):
    found = jnp.stack([jnp.asarray(path) for path in labels])
    return jnp.where(found >= blank, found + 1, found)


@op
def space_to_depth(x: TensorLike, block_size: int, data_format: str = "channels_last") -> TensorLike:
    """Blocks of `block_size` x `block_size` pixels as channels of one pixel. `data_format`: where channels stand."""
    return _to_depth(jnp.asarray(x), 2, data_format, block_size)


@_with_channels_last
def _to_depth(x, rank, size):
    n, rows, cols, channels = x.shape
    x = x.reshape(n, rows // size, size, cols // size, size, channels)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows // size, cols // size, -1)


@op
def depth_to_space(x: TensorLike, block_size: int, data_format: str = "channels_last") -> TensorLike:
    """Channels as blocks of `block_size` x `block_size` pixels. `data_format`: where channels stand."""
    return _to_space(jnp.asarray(x), 2, data_format, block_size)


@_with_channels_last
def _to_space(x, rank, size):
    n, rows, cols, channels = x.shape
    x = x.reshape(n, rows, cols, size, size, channels // size**2)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows * size, cols * size, -1)


def _patches(x, kernel_size, dilation, padding, stride):
    pairs = [per_axis("kernel_size", kernel_size, 2), per_axis("stride", stride, 2), per_axis("dilation", dilation, 2)]
    pads = [(n, n) for n in per_axis("padding", padding, 2, least=0)]
    found = lax.conv_general_dilated_patches(x, pairs[0], pairs[1], pads, rhs_dilation=pairs[2])
    return found.reshape(*found.shape[:2], -1)


@op
def unfold(
    x: TensorLike, kernel_size: PerAxis, dilation: PerAxis = 1, padding: PerAxis = 0, stride: PerAxis = 1
) -> TensorLike:
    """The windows of images with channels first: (samples, channels * window, windows).

    `kernel_size`, `dilation`, `padding`, `stride`: of the windows, one number or one for each axis.
    """
    return _patches(jnp.asarray(x), kernel_size, dilation, padding, stride)


@op
def fold(
    x: TensorLike,
    output_size: PerAxis,
    kernel_size: PerAxis,
    dilation: PerAxis = 1,
    padding: PerAxis = 0,
    stride: PerAxis = 1,
) -> TensorLike:
    """Images of `output_size` with channels first, the sum of the windows `x` that `unfold` would find there.

    `kernel_size`, `dilation`, `padding`, `stride`: of the windows, one number or one for each axis.
    """
    x = jnp.asarray(x)
    channels = x.shape[1] // math.prod(per_axis("kernel_size", kernel_size, 2))
    image = jax.ShapeDtypeStruct((x.shape[0], channels, *per_axis("output_size", output_size, 2)), x.dtype)
    spread = jax.linear_transpose(lambda y: _patches(y, kernel_size, dilation, padding, stride), image)
    return spread(x)[0]
