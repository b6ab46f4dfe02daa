"""Array functions of Keras 3 that choose, place and group: slices, scatters, segments, codes of classes."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend import config
from horngate.backend.dtypes import jax_dtype
from horngate.backend.graph import Symbolic, op
from horngate.backend.types import DType, Sizes, TensorLike


@op
def convert_to_tensor(x: TensorLike, dtype: DType | None = None, sparse: Any = None, ragged: Any = None) -> TensorLike:
    """`x` as an array, of the number type `dtype` if given. `sparse`, `ragged`: there are only dense arrays."""
    _only_dense("convert_to_tensor", sparse=sparse, ragged=ragged)
    return jnp.asarray(x, None if dtype is None else jax_dtype(dtype))


def _only_dense(who, **given):
    for name, value in given.items():
        if value:
            raise ValueError(f"ops.{who}, argument {name!r}: arrays here are dense; received {value!r}. Leave it out.")


def is_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor or an array of JAX."""
    return isinstance(x, (jax.Array, Symbolic))


def dtype(x: TensorLike) -> str:
    """The number type of `x`, as text."""
    return str(x.dtype if hasattr(x, "dtype") else jnp.asarray(x).dtype)


@op
def get_item(x: TensorLike, key: Any) -> TensorLike:
    """`x[key]`."""
    return jnp.asarray(x)[key]


@op
def slice(inputs: TensorLike, start_indices: Any, shape: Sizes) -> TensorLike:  # noqa: A001  Keras's name
    """The part of `inputs` of the given `shape` that begins at `start_indices`, one for each axis."""
    inputs = jnp.asarray(inputs)
    sizes = [n if size == -1 else size for n, size in zip(inputs.shape, shape, strict=True)]
    return lax.dynamic_slice(inputs, tuple(jnp.asarray(start_indices)), sizes)


@op
def slice_update(inputs: TensorLike, start_indices: Any, updates: TensorLike) -> TensorLike:
    """`inputs` with `updates` in place of the part that begins at `start_indices`, one for each axis."""
    inputs = jnp.asarray(inputs)
    return lax.dynamic_update_slice(inputs, jnp.asarray(updates, inputs.dtype), tuple(jnp.asarray(start_indices)))


@op
def stop_gradient(variable: TensorLike) -> TensorLike:
    """`variable` as a constant: no gradient flows through it."""
    return lax.stop_gradient(jnp.asarray(variable))


_REDUCTIONS = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "multiply"}


@op
def scatter_update(
    inputs: TensorLike, indices: TensorLike, updates: TensorLike, reduction: str | None = None
) -> TensorLike:
    """`inputs` with `updates` at the `indices`, whose last axis tells a place.

    `reduction`: how an update joins the old value: "add", "max", "min" or "mul"; None: in its place.
    """
    if reduction not in _REDUCTIONS:
        raise ValueError(f"ops.scatter_update, argument 'reduction': one of {list(_REDUCTIONS)}; got {reduction!r}.")
    inputs, places = jnp.asarray(inputs), tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))
    return getattr(inputs.at[places], _REDUCTIONS[reduction])(jnp.asarray(updates, inputs.dtype))


@op
def scatter(indices: TensorLike, values: TensorLike, shape: Sizes) -> TensorLike:
    """Zeros of the given `shape` with `values` added at the `indices`, whose last axis tells a place."""
    values, places = jnp.asarray(values), tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))
    return jnp.zeros(shape, values.dtype).at[places].add(values)


def _segments(reduce, what):
    """Make a function that reduces the rows of equal number."""

    def reduced(
        data: TensorLike,
        segment_ids: TensorLike,
        num_segments: int | None = None,
        sorted: bool = False,  # noqa: A002  Keras's name
    ) -> TensorLike:
        return reduce(jnp.asarray(data), jnp.asarray(segment_ids), num_segments=num_segments, indices_are_sorted=sorted)

    reduced.__doc__ = f"""The {what} of the rows of `data` for each segment.

    `segment_ids`: the segment of each row. `num_segments`: how many; None: the largest number plus 1.
    `sorted`: whether the numbers are known to rise.
    """
    reduced.__name__ = reduced.__qualname__ = f"segment_{reduce.__name__.rpartition('_')[2]}"
    return op(reduced)


segment_sum: Any = _segments(jax.ops.segment_sum, "sum")
segment_max: Any = _segments(jax.ops.segment_max, "largest value")
segment_min: Any = _segments(jax.ops.segment_min, "least value")
segment_prod: Any = _segments(jax.ops.segment_prod, "product")


@op
def top_k(x: TensorLike, k: int, sorted: bool = True) -> Any:  # noqa: A002  Keras's name
    """The `k` largest values of the last axis, and their places; always in falling order, so `sorted` adds nothing."""
    values, places = lax.top_k(jnp.asarray(x), k)
    return values, places


@op
def in_top_k(targets: TensorLike, predictions: TensorLike, k: int) -> TensorLike:
    """Whether each of `targets` is among the `k` largest of its row of `predictions`."""
    targets, predictions = jnp.asarray(targets), jnp.asarray(predictions)
    least = lax.top_k(predictions, min(k, predictions.shape[-1]))[0][..., -1]
    return jnp.take_along_axis(predictions, targets[..., None], -1)[..., 0] >= least


@op
def one_hot(
    x: TensorLike, num_classes: int, axis: int = -1, dtype: DType | None = None, sparse: bool = False
) -> TensorLike:
    """A new `axis` of size `num_classes` with a one at the number in `x`; a number outside gives only zeros.

    `dtype`: the number type, floatx if None. `sparse`: there are only dense arrays.
    """
    _only_dense("one_hot", sparse=sparse)
    return jax.nn.one_hot(jnp.asarray(x), num_classes, dtype=jax_dtype(dtype or config.floatx()), axis=axis)


@op
def multi_hot(
    inputs: TensorLike,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DType | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> TensorLike:
    """Ones at each number in the last axis but the batch of `inputs`, which becomes `axis` of size `num_classes`.

    `dtype`: the number type, floatx if None. `sparse`: there are only dense arrays. `kwargs`: `num_tokens`, the old
    name of `num_classes`.
    """
    _only_dense("multi_hot", sparse=sparse)
    num_classes = kwargs.pop("num_tokens", num_classes)
    if kwargs or num_classes is None:
        raise ValueError(f"ops.multi_hot expects num_classes, and no {list(kwargs)}; received {num_classes!r}.")
    inputs = jnp.asarray(inputs)
    reduced = 1 if inputs.ndim > 1 else 0
    codes = jax.nn.one_hot(inputs, num_classes, dtype=jax_dtype(dtype or config.floatx()), axis=axis)
    return jnp.max(codes, axis=reduced)


@op
def take(x: TensorLike, indices: TensorLike, axis: int | None = None) -> TensorLike:
    """The elements of `x` at `indices` along `axis`; None: of all in one row."""
    return jnp.take(jnp.asarray(x), _whole(indices), axis)


@op
def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> TensorLike:
    """For each place of `indices`, the element of `x` with that number along `axis`; None: of all in one row."""
    return jnp.take_along_axis(jnp.asarray(x), _whole(indices), axis)


def _whole(indices):
    indices = jnp.asarray(indices)
    return indices if jnp.issubdtype(indices.dtype, jnp.integer) else indices.astype("int32")


@op
def bincount(x: TensorLike, weights: TensorLike | None = None, minlength: int = 0, sparse: bool = False) -> TensorLike:
    """How often each whole number occurs in the last axis of `x`, or the sum of its `weights`.

    `minlength`: how many numbers are counted at least. `sparse`: there are only dense arrays.
    """
    _only_dense("bincount", sparse=sparse)
    x = jnp.asarray(x)
    if x.ndim == 1:
        return jnp.bincount(x, None if weights is None else jnp.asarray(weights), minlength)
    length = max(minlength, int(np.max(x)) + 1)
    weights = jnp.ones(x.shape, "int32") if weights is None else jnp.asarray(weights)
    return jnp.sum(jnp.where(x[..., None] == jnp.arange(length), weights[..., None], 0), axis=-2)


def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> Any:
    """The parts of `x` along `axis`, as a list. `num`: how many, to be told where the size is unknown."""
    size = (x if hasattr(x, "shape") else np.asarray(x)).shape[axis]
    count = size if num is None else num
    if count is None or (size is not None and count != size):
        raise ValueError(f"ops.unstack, argument 'num': axis {axis} has the size {size}; received {num}.")
    return [take(x, number, axis=axis) for number in range(count)]


@op
def saturate_cast(x: TensorLike, dtype: DType) -> TensorLike:
    """`x` in the number type `dtype`; what that cannot hold becomes its nearest bound."""
    x, kind = jnp.asarray(x), np.dtype(jax_dtype(dtype))
    if kind.kind == "b":
        return jnp.asarray(x > 0.5 if jnp.issubdtype(x.dtype, jnp.inexact) else x > 0)
    told = jnp.finfo(kind) if jnp.issubdtype(kind, jnp.inexact) else jnp.iinfo(kind)
    own = jnp.finfo(x.dtype) if jnp.issubdtype(x.dtype, jnp.inexact) else jnp.iinfo(x.dtype)
    return jnp.clip(x, max(float(told.min), float(own.min)), min(float(told.max), float(own.max))).astype(kind)


@op
def unique(
    x: TensorLike,
    sorted: bool = True,  # noqa: A002  Keras's name
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The different values of `x` along `axis` (None: of all), always in rising order, so `sorted` adds nothing.

    `return_index`, `return_inverse`, `return_counts`: also the first place of each, the number of each of `x` among
    them, and how often each occurs. `size`: how many to return, which a running graph must be told; `fill_value` is
    what fills them up.
    """
    found = jnp.unique(
        jnp.asarray(x), return_index, return_inverse, return_counts, axis, size=size, fill_value=fill_value
    )
    return tuple(found) if isinstance(found, tuple) else found


@op
def view(x: TensorLike, dtype: DType | None = None) -> TensorLike:
    """The bits of `x` read as numbers of the type `dtype`."""
    return jnp.asarray(x).view(None if dtype is None else jax_dtype(dtype))


@op
def view_as_complex(x: TensorLike) -> TensorLike:
    """Complex numbers of the pairs in the last axis of `x`."""
    x = jnp.asarray(x)
    if not x.ndim or x.shape[-1] != 2:
        raise ValueError(f"ops.view_as_complex expects a last axis of size 2; received the shape {x.shape}.")
    return lax.complex(x[..., 0], x[..., 1])


@op
def view_as_real(x: TensorLike) -> TensorLike:
    """The real and imaginary parts of `x` as a last axis of size 2."""
    x = jnp.asarray(x)
    return jnp.stack([jnp.real(x), jnp.imag(x)], axis=-1)


@op
def polar(abs_: TensorLike, angle: TensorLike) -> TensorLike:
    """Complex numbers of the size `abs_` and the `angle` in radians."""
    abs_, angle = jnp.asarray(abs_), jnp.asarray(angle)
    return lax.complex(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle))


@op
def psnr(x1: TensorLike, x2: TensorLike, max_val: float) -> TensorLike:
    """The peak signal-to-noise ratio of two images in decibel. `max_val`: the largest value a pixel can have."""
    x1, x2 = jnp.asarray(x1), jnp.asarray(x2)
    if x1.shape != x2.shape:
        raise ValueError(f"ops.psnr expects two images of one shape; received {x1.shape} and {x2.shape}.")
    return 20 * jnp.log10(max_val) - 10 * jnp.log10(jnp.mean(jnp.square(x1 - x2)))


@op
def extract_sequences(x: TensorLike, sequence_length: int, sequence_stride: int) -> TensorLike:
    """Parts of the last axis, of `sequence_length` elements, `sequence_stride` apart: (..., parts, length)."""
    x = jnp.asarray(x)
    starts = np.arange(0, x.shape[-1] - sequence_length + 1, sequence_stride)
    return x[..., starts[:, None] + np.arange(sequence_length)]


def _axes(side):
    """The axes that one side of a pattern names: a list of groups."""
    return [(found[1] or found[0]).split() for found in re.finditer(r"\(([^)]*)\)|[\w.]+", side)]


def _known_sizes(groups: Sequence[Sequence[str]], shape: Sequence[int], given: Mapping[str, int]) -> dict[str, int]:
    """The size of each axis that the left side of a pattern names."""
    sizes = dict(given)
    for group, size in zip(groups, shape, strict=True):
        unknown = [name for name in group if name not in sizes]
        if len(unknown) > 1:
            raise ValueError(f"ops.rearrange must be told the size of all but one of {unknown}.")
        rest = math.prod(sizes[name] for name in group if name in sizes)
        if size % rest or (not unknown and size != rest):
            raise ValueError(f"ops.rearrange: an axis of size {size} cannot be split into {list(group)} of {sizes}.")
        sizes.update(dict.fromkeys(unknown, size // rest))
    return sizes


@op
def rearrange(tensor: TensorLike, pattern: str, **axes_lengths: int) -> TensorLike:
    """`tensor` with its axes split, ordered and joined as `pattern` says, such as "b (h c) -> b c h".

    `axes_lengths`: sizes of axes that a group on the left splits.
    """
    tensor = jnp.asarray(tensor)
    left, _, right = pattern.partition("->")
    before, after = _axes(left), _axes(right)
    names = [name for group in before for name in group]
    order = [name for group in after for name in group]
    if sorted(names) != sorted(order) or len(before) != tensor.ndim:
        raise ValueError(
            f"ops.rearrange, argument 'pattern': each axis of the {tensor.ndim} must stand once on both sides; "
            f"received {pattern!r}."
        )
    sizes = _known_sizes(before, tensor.shape, axes_lengths)
    split = jnp.reshape(tensor, [sizes[name] for name in names])
    turned = jnp.transpose(split, [names.index(name) for name in order])
    return jnp.reshape(turned, [math.prod(sizes[name] for name in group) for group in after])
