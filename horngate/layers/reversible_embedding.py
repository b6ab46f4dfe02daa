"""ReversibleEmbedding: from whole numbers to vectors, and back to a score for each number."""

from typing import Any

from horngate.engine.for_layers import K, Layer, Shapes, TensorLike, Variable, argument, attribute
from horngate.engine.kinds import Constraint, Initializer, Regularizer
from horngate.layers.embeddings import Embedding


class ReversibleEmbedding(Embedding):
    """An `Embedding` W whose call with `reverse=True` scores each word for a vector: y = x W'.

    # Input shape
        Whole numbers of any shape; with reverse=True (..., output_dim).

    # Output shape
        (..., output_dim); with reverse=True (..., input_dim).

    # Source
        Press, Wolf, Using the output embedding to improve language models (arXiv:1608.05859).
    """

    input_dim: int = argument("size of the vocabulary: the largest number in the input plus 1", at_least=1)
    output_dim: int = argument("size of a vector", at_least=1)
    tie_weights: bool = argument("whether both ways share W; else the way back has a matrix of its own", default=True)
    init: Initializer = argument(default="uniform", alias="embeddings_initializer")
    W_regularizer: Regularizer = argument(default=None, alias="embeddings_regularizer")
    W_constraint: Constraint = argument(default=None, alias="embeddings_constraint")
    mask_zero: bool = argument("whether 0 is padding, which the following layers skip", default=False)
    reverse_dtype: str | None = argument(
        "the number type of the way back; None for that of the layer",
        default=None,
        choices=(None, "float64", "float32", "bfloat16", "float16"),
    )
    logit_soft_cap: float | None = argument(
        "a bound c for the scores: they become c tanh(y / c)", default=None, above=0
    )

    reverse_embeddings: Variable = attribute()

    def told_input_shape(self) -> tuple[int | None, ...] | None:
        return None

    def build(self, input_shape: Shapes) -> None:
        super().build(input_shape)
        if not self.tie_weights:
            shape, axes = (self.output_dim, self.input_dim), ("features", "units")
            name = f"{self.name}_reverse_embeddings"
            self.reverse_embeddings = self.add_weight(shape, self.init, name, axes=axes, role="kernel")

    __call__ = Layer.call_arranged  # it takes `reverse`

    def call(self, x: TensorLike, mask: TensorLike = None, reverse: bool = False) -> TensorLike:
        if not reverse:
            return super().call(x, mask)
        kernel: Any = K.transpose(self.W) if self.tie_weights else self.reverse_embeddings
        if self.reverse_dtype is not None:
            x, kernel = K.cast(x, self.reverse_dtype), K.cast(kernel, self.reverse_dtype)
        logits = K.dot(x, kernel)
        cap = self.logit_soft_cap
        return logits if cap is None else cap * K.tanh(logits / cap)

    def compute_mask(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.not_equal(x, 0) if self.mask_zero and "int" in str(K.dtype(x)) else mask
