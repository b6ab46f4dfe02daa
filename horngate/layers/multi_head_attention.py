"""Attention with several heads: MultiHeadAttention, and GroupQueryAttention, whose query heads share key heads."""

import functools
import math
import operator
import string
from collections.abc import Sequence
from typing import Any, ClassVar

from horngate.engine.for_layers import K, Shapes, TensorLike, argument
from horngate.engine.kinds import Constraint, Initializer, OutputShape, Regularizer, SomeAxes
from horngate.layers.attention import Attending
from horngate.layers.einsum_dense import EinsumDense

_MASKS = ("query_mask", "value_mask", "key_mask", "attention_mask")


class _OfHeads:
    """Attributes of attention with heads that each public class declares or makes at its own place."""

    use_bias: bool
    sliding_window: Any
    flash_attention: Any
    use_gate: bool
    attention_axes: Any = None
    query_dense: Any = None  # the linear maps of the inputs and the output; made in `build`
    key_dense: Any = None
    value_dense: Any = None
    gate_dense: Any = None
    output_dense: Any = None


class _Heads(Attending, _OfHeads):
    """Base of attention with heads: linear maps of query, key and value to heads, and of heads to the output."""

    tensors: ClassVar[tuple[str, ...]] = ("query", "value", "key", *_MASKS)

    @property
    def heads(self) -> tuple[int, int]:
        """(Number of heads of queries, number of heads of keys and values)."""
        raise NotImplementedError

    @property
    def widths(self) -> tuple[int, int]:
        """(Width of a head of keys, width of a head of values)."""
        raise NotImplementedError

    def sizes_out(self, query_shape: Shapes) -> tuple[int, ...]:
        """Return the sizes of the output after the axes of the query."""
        return (query_shape[-1],)

    def __call__(  # type: ignore[override]  # it takes tensors by name
        self,
        query: TensorLike,
        value: TensorLike = None,
        key: TensorLike = None,
        query_mask: TensorLike = None,
        value_mask: TensorLike = None,
        key_mask: TensorLike = None,
        attention_mask: TensorLike = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return the output for each query.

        # Arguments
            query: (samples, queries, features).
            value: (samples, keys, features); default: `query`, whose mask then says which steps are attended to.
            key: (samples, keys, features); default: `value`.
            query_mask: boolean (samples, queries): the mask of the output; default: the mask that the query carries.
            value_mask, key_mask: boolean (samples, keys): which steps are attended to; default: the masks that the
                tensors carry.
            attention_mask: boolean (samples, queries, keys): which query may attend to which key. It is broadcast along
                missing axes before that of the queries, such as that of the heads.
            return_attention_scores: whether to return [output, scores]; scores are (samples, heads, queries, keys).
            training: whether to run in training mode; default: the learning phase.
            use_causal_mask: whether a query attends only to keys up to its own step.
        """
        given = {"query": query, "value": value, "key": key}
        masks = {"query_mask": query_mask, "value_mask": value_mask, "key_mask": key_mask}
        options = {"return_attention_scores": return_attention_scores, "use_causal_mask": use_causal_mask}
        return self.call_by_name({**given, **masks, "attention_mask": attention_mask}, options, training)

    def build(self, input_shape: Shapes) -> None:
        shapes = self.told_shapes(input_shape)
        query, value = shapes["query"], shapes.get("value", shapes["query"])
        given = {"query": query, "key": shapes.get("key", value), "gate": query, "value": value}
        if self.attention_axes is None:
            self.attention_axes = tuple(range(1, len(query) - 1))
        (heads, others), (width, of_values) = self.heads, self.widths
        sizes = {"query": (heads, width), "key": (others, width), "gate": (heads, of_values)}
        sizes["value"] = (others, of_values)
        for name, shape in given.items():
            if name != "gate" or self.use_gate:
                letters = string.ascii_lowercase[: len(shape) - 1]
                equation = f"{letters}y,yzx->{letters}zx"
                activation = "sigmoid" if name == "gate" else None
                self._add_map(name, shape, equation, (*[None] * (len(shape) - 2), *sizes[name]), "zx", activation)
        letters, out = string.ascii_lowercase[: len(query) - 1], self.sizes_out(query)
        new = string.ascii_uppercase[: len(out)]
        told = (*[None] * (len(query) - 2), *out)
        self._add_map("output", (*query[:-1], heads, of_values), f"{letters}yz,yz{new}->{letters}{new}", told, new)

    def _add_map(self, name, shape, equation, sizes, bias_axes, activation=None):
        """Make one of the linear maps, with the layer's initializers, regularizers and constraints."""
        parts = ("initializer", "regularizer", "constraint")
        told = {f"{of}_{part}": getattr(self, f"{of}_{part}") for of in ("kernel", "bias") for part in parts}
        bias = bias_axes if self.use_bias else None
        made = EinsumDense(equation, sizes, activation, bias, **told, name=f"{self.name}_{name}")
        made._precision = self._precision
        setattr(self, f"{name}_dense", made)
        made._ensure_built([K.placeholder(shape=shape)])

    def compute(
        self,
        query: TensorLike,
        value: TensorLike = None,
        key: TensorLike = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
        **masks: TensorLike,
    ) -> Any:
        if value is None:
            value, masks = query, {"value_mask": masks.get("query_mask"), **masks}
            masks = {name: mask for name, mask in masks.items() if mask is not None}
        key = value if key is None else key
        axes = [axis % len(query.shape) for axis in _listed(self.attention_axes)]
        q, k = self.query_dense(query), self.key_dense(key)
        queries, keys, values = (_flattened(x, axes) for x in (q, k, self.value_dense(value)))
        mask = self._mask(q.shape, k.shape, axes, use_causal_mask, masks)
        if return_attention_scores or self.dropout > 0:
            scores = K.attention_scores(queries, keys, self.widths[0] ** -0.5)
            weights = K.masked_softmax(scores, mask)
            found = K.attended(self._dropped(weights), values)
        else:
            weights, found = None, K.attention(queries, keys, values, mask, self.flash_attention)
        y = _unflattened(found, q.shape, axes)
        y = self.output_dense(y if self.gate_dense is None else y * self.gate_dense(query))
        if not return_attention_scores:
            return y
        return [y, K.reshape(weights, self._scores_shape(q.shape, k.shape, axes))]

    def _scores_shape(self, q, k, axes):
        batch = [n for axis, n in enumerate(q[:-2]) if axis not in axes]
        return (*batch, q[-2], *(q[axis] for axis in axes), *(k[axis] for axis in axes))

    def _mask(self, q, k, axes, causal, masks):
        """Return the joint mask: boolean, broadcasts against (samples, heads, queries, keys); None without masks."""
        shape, rank = self._scores_shape(q, k, axes), len(axes)
        given = {name: K.cast(mask, "bool") for name, mask in masks.items() if name != "query_mask"}
        found = [_spread(name, mask, len(shape), rank) for name, mask in given.items()]
        queries, keys = K.prod([q[axis] for axis in axes]), K.prod([k[axis] for axis in axes])
        if len(shape) > 4 and found:
            whole = K.array_function("broadcast_to")(functools.reduce(operator.and_, found), shape)
            found = [K.reshape(whole, (math.prod(shape[: -2 * rank - 1]), q[-2], queries, keys))]
        if causal or self.sliding_window:
            ahead = K.arange(keys)[None, :] - K.arange(queries)[:, None]
            near = self.sliding_window or max(queries, keys)
            found.append(((ahead <= (0 if causal else near - 1)) & (ahead > -near))[None, None])
        return functools.reduce(operator.and_, found) if found else None


def _spread(name, mask, axes, rank):
    """Reshape a mask of steps on `rank` axes so that it broadcasts against the scores."""
    ones = (1,) * rank
    if name != "attention_mask":
        mask = K.reshape(mask, (*mask.shape[:-rank], *ones, *mask.shape[-rank:]))
    steps = len(mask.shape) - 2 * rank
    return K.reshape(mask, (*mask.shape[:steps], *[1] * (axes - len(mask.shape)), *mask.shape[steps:]))


def _listed(axes: int | Sequence[int]) -> Sequence[int]:
    return (axes,) if isinstance(axes, int) else axes


def _order(rank, axes):
    """Return the order of axes that moves those of attention to just before the last two, (heads, width)."""
    return [*(axis for axis in range(rank - 2) if axis not in axes), *axes, rank - 2, rank - 1]


def _flattened(x, axes):
    """Reshape to (samples, steps, heads, width): one axis for the steps of attention, one for all other axes."""
    shape = x.shape
    if axes != [1] or len(shape) != 4:
        x = K.permute_dimensions(x, _order(len(shape), axes))
    steps = math.prod(shape[axis] for axis in axes)
    others = math.prod(n for axis, n in enumerate(shape[:-2]) if axis not in axes)
    return K.reshape(x, (others, steps, *shape[-2:]))


def _unflattened(y, shape, axes):
    """Undo `_flattened` for a result (samples, steps, heads, width); `shape`: the query's, whose width may differ."""
    if axes == [1] and len(shape) == 4:
        return y
    order = _order(len(shape), axes)
    y = K.reshape(y, (*[shape[axis] for axis in order[:-1]], y.shape[-1]))
    return K.permute_dimensions(y, [order.index(axis) for axis in range(len(shape))])


class MultiHeadAttention(_Heads):
    """Multi-head attention: for each query and head, the mean of values weighted by the scores of the keys.

    Each head computes softmax(q k / sqrt(key_dim)) v, where q, k and v are linear maps of query, key and value. The
    output is a linear map of all heads. With one argument, `layer(x)` is self-attention. A query that may attend to no
    key gets zeros before the last map.

    # Input shape
        query: (samples, queries, features); value and key: (samples, keys, features).

    # Output shape
        (samples, queries, features), with the features of the query or `output_shape`; with scores, a list of this and
        (samples, heads, queries, keys).

    # Source
        Vaswani et al., Attention is all you need (arXiv:1706.03762). The gate: Qiu et al., Gated attention for large
        language models (arXiv:2505.06708). The window: Beltagy, Peters, Cohan, Longformer (arXiv:2004.05150).

    >>> from horngate.layers import Input, MultiHeadAttention
    >>> x = Input((128, 64))
    >>> MultiHeadAttention(num_heads=4, key_dim=16)(x, x, use_causal_mask=True).shape
    (None, 128, 64)
    """

    num_heads: int = argument("number of heads", at_least=1)
    key_dim: int = argument("width of a head of queries and keys", at_least=1)
    value_dim: int | None = argument("width of a head of values; None for `key_dim`", default=None, at_least=1)
    dropout: float = argument(default=0.0, at_least=0, below=1)
    use_bias: bool = argument("whether the linear maps have biases", default=True)
    output_shape_: OutputShape = argument(
        "the sizes of the output behind the axes of the query; None for its features",
        default=None,
        alias="output_shape",
    )
    attention_axes: SomeAxes | None = argument(
        "the axes of the query along which steps look at each other; None for all but samples and features",
        default=None,
    )
    sliding_window: int | None = argument(default=None, at_least=1)
    flash_attention: bool | None = argument(default=None)
    kernel_initializer: Initializer = argument(default="glorot_uniform")
    bias_initializer: Initializer = argument(default="zeros")
    kernel_regularizer: Regularizer = argument(default=None)
    bias_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    kernel_constraint: Constraint = argument(default=None)
    bias_constraint: Constraint = argument(default=None)
    use_gate: bool = argument("whether a sigmoid of the query, mapped linearly, scales what heads give", default=False)
    seed: int | None = argument(default=None, at_most=2**64)

    @property
    def heads(self) -> tuple[int, int]:
        return self.num_heads, self.num_heads

    @property
    def widths(self) -> tuple[int, int]:
        return self.key_dim, self.value_dim or self.key_dim

    def sizes_out(self, query_shape: Shapes) -> tuple[int, ...]:
        told = self.output_shape_
        return (query_shape[-1],) if told is None else told if isinstance(told, tuple) else (told,)


class GroupQueryAttention(_Heads):
    """`MultiHeadAttention` in which several heads of queries share one head of keys and values.

    # Input shape
        query: (samples, queries, features); value and key: (samples, keys, features).

    # Output shape
        That of the query; with scores, a list of this and (samples, heads, queries, keys).

    # Raises
        ValueError: if the number of query heads is not a multiple of the number of key heads.

    # Source
        Ainslie et al., GQA: training generalized multi-query transformer models from multi-head checkpoints
        (arXiv:2305.13245).

    >>> from horngate.layers import GroupQueryAttention, Input
    >>> x = Input((128, 64))
    >>> GroupQueryAttention(head_dim=16, num_query_heads=4, num_key_value_heads=2)(x, x).shape
    (None, 128, 64)
    """

    head_dim: int = argument("width of a head", at_least=1)
    num_query_heads: int = argument("number of heads of queries", at_least=1)
    num_key_value_heads: int = argument("number of heads of keys and values, which divides that of queries", at_least=1)
    dropout: float = argument(default=0.0, at_least=0, below=1)
    use_bias: bool = argument("whether the linear maps have biases", default=True)
    sliding_window: int | None = argument(default=None, at_least=1)
    flash_attention: bool | None = argument(default=None)
    kernel_initializer: Initializer = argument(default="glorot_uniform")
    bias_initializer: Initializer = argument(default="zeros")
    kernel_regularizer: Regularizer = argument(default=None)
    bias_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    kernel_constraint: Constraint = argument(default=None)
    bias_constraint: Constraint = argument(default=None)
    use_gate: bool = argument("whether a sigmoid of the query, mapped linearly, scales what heads give", default=False)
    seed: int | None = argument(default=None, at_most=2**64)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_query_heads % self.num_key_value_heads:
            raise ValueError(
                f"GroupQueryAttention {self.name}: num_query_heads must be a multiple of num_key_value_heads; received "
                f"{self.num_query_heads} and {self.num_key_value_heads}."
            )

    @property
    def heads(self) -> tuple[int, int]:
        return self.num_query_heads, self.num_key_value_heads

    @property
    def widths(self) -> tuple[int, int]:
        return self.head_dim, self.head_dim
