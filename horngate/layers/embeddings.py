"""Embedding: whole numbers to vectors."""

from typing import Any, ClassVar

from horngate.engine.for_layers import K, Layer, OfEra, Shapes, TensorLike, Variable, argument
from horngate.engine.kinds import Constraint, Initializer, InitialWeights, NotHere, Regularizer
from horngate.engine.node import told_ranges
from horngate.layers.dense import kernel_of


class Embedding(Layer):
    """A learned vector for each of a fixed number of words: y[s, t] = W[x[s, t]].

    # Input shape
        (samples, input_length), whole numbers

    # Output shape
        (samples, input_length, output_dim)

    # Source
        The dropout: Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural
        networks", 2016.
    """

    input_dim: int = argument("size of the vocabulary: the largest number in the input plus 1", at_least=1)
    output_dim: int = argument("size of a vector", at_least=1)
    init: Initializer = argument(default="uniform")
    input_length: int | None = argument(
        "length of the input sequences, where it is constant (needed before Flatten and Dense)",
        default=None,
        at_least=1,
    )
    W_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    mask_zero: bool = argument(
        "whether 0 is padding, which the following layers skip. 0 then stands for no word: input_dim "
        "is the number of words plus 1",
        default=False,
    )
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    dropout: float = argument(
        "fraction of the words to drop in each training step, with all their occurrences",
        default=0.0,
        at_least=0,
        below=1,
    )

    lora_rank: NotHere = argument(default=None, kw_only=True, later=True)
    lora_alpha: NotHere = argument(default=None, kw_only=True, later=True)
    quantization_config: NotHere = argument(default=None, kw_only=True, later=True)

    _scaled_in_tests: ClassVar[Any] = OfEra("embedding_dropout_scales_test")  # by the fraction not dropped
    _waits: ClassVar[Any] = OfEra("embedding_waits")  # for its first input, without `input_length`

    uses_learning_phase = True
    output_order = "unknown"  # it keeps the order of words, but on another axis than the last
    takes_numbers = False

    def told_input_shape(self) -> tuple[int | None, ...] | None:
        if self.input_length is None and self._waits:
            return None
        return (None, self.input_length)

    def default_input_dtype(self) -> str:
        return "int32"

    def build(self, input_shape: Shapes) -> None:
        shape, axes = (self.input_dim, self.output_dim), ("words", "units")
        self.W: Variable = kernel_of(self, shape, axes, role="embeddings")

    def compute_mask(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.not_equal(x, 0) if self.mask_zero else None

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        x = K.cast(K.in_range(x, _rows_of(self)), "int32")
        y = K.gather(self.W, x)
        return y if self.dropout == 0 else y * K.gather(self._factors(), x)

    def _factors(self):
        """The factor of each word's vector, (input_dim, 1): 0 for dropped words."""
        every = K.ones_like(self.W[:, :1])
        dropped = K.in_train_phase(lambda: K.dropout(every, self.dropout), every)
        return dropped * (1 - self.dropout) if self._scaled_in_tests else dropped

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return (*input_shape, self.output_dim)


@told_ranges.register(Embedding)
def _ranges(layer, place):
    return (_rows_of(layer),)


def _rows_of(layer):
    who = f"Layer {layer.name} ({type(layer).__name__})"
    return K.range_of_rows(who, layer.input_dim, "input_dim is the largest number in the input plus 1.")
