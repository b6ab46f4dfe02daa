"""Attention with a single head: Attention, with scores by products, and AdditiveAttention, with scores by sums."""

from typing import Any, ClassVar

from horngate.engine.called_by_name import CalledByName
from horngate.engine.for_layers import K, Shapes, TensorLike, Variable, argument, to_list


class _OfScores:
    """Attributes of attention layers that each public class declares at its own place in the signature."""

    use_scale: bool
    dropout: float
    seed: Any = None


class Attending(CalledByName, _OfScores):
    """Base of all attention layers: their options, and dropout of the weights."""

    options: ClassVar[tuple[str, ...]] = ("return_attention_scores", "use_causal_mask")
    supports_masking = True
    output_order = "unknown"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.uses_learning_phase: Any = self.dropout > 0

    def _dropped(self, weights):
        """Return the weights of values, in training without a fraction of them."""
        if self.dropout == 0:
            return weights
        return K.in_train_phase(lambda: K.dropout(weights, self.dropout, seed=self.seed), weights)


class _Attention(Attending):
    """Base of both: calls, masks, and the mean of values weighted by the softmax of scores."""

    tensors: ClassVar[tuple[str, ...]] = ("query", "value", "key", "query_mask", "value_mask")

    def __call__(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return the output for each query.

        # Arguments
            inputs: [query, value] or [query, value, key], each (samples, steps, features); key defaults to value.
            mask: [query mask, value mask], boolean (samples, steps): which steps count. None: the mask that the tensor
                carries.
            training: whether to run in training mode; default: the learning phase.
            return_attention_scores: whether to return [output, scores]; scores are (samples, queries, keys).
            use_causal_mask: whether a query attends only to keys up to its own step.
        """
        inputs, masks = to_list(inputs), [None] if mask is None else to_list(mask)
        if not 2 <= len(inputs) <= 3:
            raise ValueError(
                f"{type(self).__name__} {self.name}: must be called on [query, value] or [query, value, key]; received "
                f"{len(inputs)} inputs."
            )
        given = dict(zip(self.tensors, inputs)) | dict(zip(self.tensors[3:], masks))
        options = {"return_attention_scores": return_attention_scores, "use_causal_mask": use_causal_mask}
        return self.call_by_name(given, options, training)

    def scores(self, query: TensorLike, key: TensorLike) -> TensorLike:
        """Return the scores of queries and keys: (samples, queries, keys)."""
        raise NotImplementedError

    def compute(
        self,
        query: TensorLike,
        value: TensorLike,
        key: TensorLike = None,
        query_mask: TensorLike = None,
        value_mask: TensorLike = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        scores = self.scores(query, value if key is None else key)
        mask = None if value_mask is None else K.cast(value_mask, "bool")[:, None, :]
        if use_causal_mask:
            causal = (K.arange(scores.shape[2])[None, :] <= K.arange(scores.shape[1])[:, None])[None]
            mask = causal if mask is None else mask & causal
        found = self._dropped(K.masked_softmax(scores, mask, "mean"))
        y = K.einsum("bqk,bkv->bqv", found, value)
        y = y if query_mask is None else y * K.expand_dims(K.cast(query_mask, K.dtype(y)), -1)
        return [y, found] if return_attention_scores else y


class Attention(_Attention):
    """Dot-product attention: for each query, the mean of values weighted by its scores: softmax(scores) value.

    The scores are the products query key, or with 'concat' the sum over features of tanh(query + key).

    # Input shape
        [query, value] or [query, value, key]: (samples, queries, features), (samples, keys, features of values),
        (samples, keys, features).

    # Output shape
        (samples, queries, features of values); with scores, a list of this and (samples, queries, keys).

    # Source
        Luong, Pham, Manning, Effective approaches to attention-based neural machine translation (arXiv:1508.04025).
    """

    use_scale: bool = argument("whether scores are multiplied by a number that is learned", default=False)
    score_mode: str = argument(
        "'dot' for products; 'concat' for sums of tanh", default="dot", choices=("dot", "concat")
    )
    dropout: float = argument(default=0.0, at_least=0, below=1)
    seed: int | None = argument(default=None, at_most=2**64)

    def build(self, input_shape: Shapes) -> None:
        self.scale: Variable | None = None
        if self.use_scale:
            self.scale = self.add_weight((), "ones", f"{self.name}_scale", axes=(), role="scale")
        self.concat_score_weight: Variable | None = None
        if self.score_mode == "concat":
            name = f"{self.name}_concat_score_weight"
            self.concat_score_weight = self.add_weight((), "ones", name, axes=(), role="scale")

    def scores(self, query: TensorLike, key: TensorLike) -> TensorLike:
        if self.concat_score_weight is None:
            scores = K.einsum("bqd,bkd->bqk", query, key)
            return scores if self.scale is None else scores * self.scale
        sums = K.expand_dims(query, 2) + K.expand_dims(key, 1)
        return self.concat_score_weight * K.sum(K.tanh(sums if self.scale is None else self.scale * sums), -1)


class AdditiveAttention(_Attention):
    """Dot-product attention: for each query, the mean of values weighted by its scores: softmax(scores) value.

    The scores are the sum over features of scale * tanh(query + key), with a learned scale for each feature.

    # Input shape
        [query, value] or [query, value, key]: (samples, queries, features), (samples, keys, features of values),
        (samples, keys, features).

    # Output shape
        (samples, queries, features of values); with scores, a list of this and (samples, queries, keys).

    # Source
        Bahdanau, Cho, Bengio, Neural machine translation by jointly learning to align and translate (arXiv:1409.0473).
    """

    use_scale: bool = argument("whether there is the learned scale of each feature", default=True)
    dropout: float = argument(default=0.0, at_least=0, below=1)
    seed: int | None = argument(default=None, at_most=2**64, kw_only=True)

    def build(self, input_shape: Shapes) -> None:
        self.scale: Variable | None = None
        if self.use_scale:
            size = self.told_shapes(input_shape)["query"][-1]
            name = f"{self.name}_scale"
            self.scale = self.add_weight((size,), "glorot_uniform", name, axes=("features",), role="scale")

    def scores(self, query: TensorLike, key: TensorLike) -> TensorLike:
        sums = K.tanh(K.expand_dims(query, 2) + K.expand_dims(key, 1))
        return K.sum(sums if self.scale is None else self.scale * sums, -1)
