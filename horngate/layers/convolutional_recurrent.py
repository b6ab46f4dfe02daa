"""ConvLSTM2D: an LSTM whose products are convolutions of images."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from horngate import backend as K
from horngate.backend.config import EraDefault
from horngate.backend.types import TensorLike
from horngate.engine.arguments import REQUIRED, argument, fixed
from horngate.engine.attributes import Shapes
from horngate.engine.kinds import Activation, Initializer, Ordering, Regularizer, Sizes
from horngate.engine.layer import InputSpec
from horngate.engine.sizes import checked_output
from horngate.layers.from_states import first_of
from horngate.layers.recurrent import LSTM, GatedRecurrent
from horngate.utils.np_utils import conv_output_length


class ConvRecurrent2D(GatedRecurrent):
    """A recurrent layer on sequences of images: W and U are kernels.

    # Input shape
        (samples, steps, channels, rows, cols), or channels last.

    # Output shape
        (samples, steps, nb_filter, new rows, new cols) with return_sequences, else without steps; or channels last.
    """

    nb_row: int = argument("rows that a filter sees", default=None, at_least=1, kw_only=True)
    nb_col: int = argument("columns that a filter sees", default=None, at_least=1, kw_only=True)
    nb_filter: int = argument("number of filters", default=None, at_least=1, kw_only=True)
    dim_ordering: Ordering = argument(default=None, kw_only=True)

    unroll: bool = fixed(False)
    consume_less: str = fixed("cpu")
    output_dim: Any = fixed(None)
    input_dim: Any = fixed(None)
    input_length: Any = fixed(None)
    subsample, border_mode = (1, 1), "valid"
    input_ndim: ClassVar[int | str | None] = 5
    shape_arguments: ClassVar[tuple[str, ...]] = ()
    output_order = "image sequences"
    rank: ClassVar[int] = 2

    @property
    def form(self) -> Any:
        """The layout of an image."""
        return K.layout(self.rank, self.dim_ordering)

    def build(self, input_shape: Shapes) -> None:
        self.channels: int = input_shape[1 + self.form.channel_axis]
        self._expect(InputSpec(ndim=5, axes={1 + self.form.channel_axis: self.channels}))
        self.make_states(input_shape, self.state_count)
        for gate in self.gates:
            self._add_gate(f"_{gate}" if gate else "", 1)

    def weight_shapes(self, count: int) -> Sequence[tuple[int, ...]]:
        window = (self.nb_row, self.nb_col)
        shapes = [
            self.form.kernel_shape(window, channels, self.nb_filter) for channels in (self.channels, self.nb_filter)
        ]
        return (*shapes, (self.nb_filter,))

    def weight_axes(self, outputs: str) -> Sequence[tuple[str, ...]]:
        return self.form.kernel_words(), self.form.kernel_words("filters"), ("filters",)

    def state_shape(self, input_shape: Shapes) -> Any:
        return self._step_shape(input_shape)

    def _step_shape(self, input_shape):
        sizes = [input_shape[1 + axis] for axis in self.form.spatial_axes]
        window = zip(sizes, (self.nb_row, self.nb_col), self.subsample)
        new = [conv_output_length(n, k, self.border_mode, s) for n, k, s in window]
        return checked_output(self, input_shape, self.form.shape(input_shape[0], new, self.nb_filter))

    def fused(self, letter: str) -> TensorLike:
        if letter == "b" and not self.bias:
            return None
        axis = 0 if letter == "b" else self.form.filter_axis
        return K.concatenate([getattr(self, f"{letter}_{gate}") for gate in self.fused_gates], axis=axis)

    def blocks(self, x: TensorLike) -> list[TensorLike]:
        if len(K.int_shape(x)) < 4:
            return [x[i * self.nb_filter : (i + 1) * self.nb_filter] for i in range(len(self.gates))]
        axis = self.form.channel_axis
        index = [slice(None)] * len(x.shape)
        parts = []
        for i in range(len(self.gates)):
            index[axis] = slice(i * self.nb_filter, (i + 1) * self.nb_filter)
            parts.append(x[tuple(index)])
        return parts

    def get_initial_states(self, X: Any) -> list[TensorLike]:
        first = self.preprocess_input(X[:, :1])[:, 0]
        return [K.zeros_like(self.blocks(first)[0])] * self.state_count

    def conv_step(self, x: TensorLike, W: TensorLike, b: TensorLike = None, border_mode: str = "valid") -> TensorLike:
        """Convolve the input of one step with W."""
        y = K.convolution(x, W, self.subsample, border_mode, self.dim_ordering)
        return y if b is None else y + K.reshape(b, self.form.per_channel(K.int_shape(b)[0]))

    def conv_step_hidden(self, x: TensorLike, W: TensorLike, border_mode: str = "valid") -> TensorLike:
        """Convolve the output of the step before with U, which keeps its size."""
        return K.convolution(x, W, (1, 1), "same", self.dim_ordering)

    def preprocess_input(self, x: TensorLike) -> TensorLike:
        samples, steps, *image = x.shape
        folded = K.reshape(x, (samples * steps, *image))
        if 0 < self.dropout_W < 1:
            y = self._dropped_convolution(x, folded)
        else:
            y = self.conv_step(folded, self.fused("W"), self.fused("b"), self.border_mode)
        return K.reshape(y, (samples, steps, *y.shape[1:]))

    def _dropped_convolution(self, x, folded):
        """Convolve with dropout: each gate has its own mask of the images, the same at all steps."""
        parts = []
        for gate, mask in zip(self.fused_gates, self._image_masks(self.dropout_W, x[:, 0])):
            masked = K.reshape(x * K.expand_dims(mask, 1), folded.shape)
            parts.append(
                self.conv_step(masked, getattr(self, f"W_{gate}"), getattr(self, f"b_{gate}"), self.border_mode)
            )
        return K.concatenate(parts, axis=self.form.channel_axis)

    def _image_masks(self, level, like):
        if not 0 < level < 1:
            return [1.0] * len(self.gates)
        ones = K.ones_like(like)
        return [K.in_train_phase(K.dropout(ones, level, seed=self.seed), ones) for _ in self.gates]

    def get_constants(self, X: Any, train: bool = False) -> list[Any]:
        state = self.get_initial_states(X)[0]
        return [self._image_masks(self.dropout_U, state), [1.0] * len(self.gates), self.fused("U")]

    def recurrent_product(self, h: TensorLike, masks: Sequence[Any], U: TensorLike) -> TensorLike:
        if not 0 < self.dropout_U < 1:
            return self.conv_step_hidden(h, U)
        parts = [
            self.conv_step_hidden(h * mask, getattr(self, f"U_{gate}")) for mask, gate in zip(masks, self.fused_gates)
        ]
        return K.concatenate(parts, axis=self.form.channel_axis)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        input_shape = first_of(input_shape)
        state = tuple(self._step_shape(input_shape))
        output = (state[0], input_shape[1], *state[1:]) if self.return_sequences else state
        return [output, *[state] * self.state_count] if self.return_state else output


class ConvLSTM2D(ConvRecurrent2D, LSTM):  # type: ignore[misc]  # its outputs are images, so it has no output_dim
    """Convolutional LSTM: the formulas of `LSTM` with convolutions in place of products.

    # Source
        Shi et al., Convolutional LSTM network (arXiv:1506.04214), without peepholes.
    """

    nb_filter: int = argument("number of filters", default=REQUIRED, at_least=1)
    nb_row: int = argument("rows that a filter sees", default=REQUIRED, at_least=1)
    nb_col: int = argument("columns that a filter sees", default=REQUIRED, at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    inner_init: Initializer = argument("how the U begin", default="orthogonal")
    forget_bias_init: Initializer = argument("how b_f begins", default="one")
    activation: Activation = argument(default="tanh")
    inner_activation: Activation = argument("what is applied to the gates", default=EraDefault("inner_activation"))
    dim_ordering: Ordering = argument(default="default")
    border_mode: str = argument(
        "for the convolutions of the input; those of the states keep their size",
        default="valid",
        choices=("valid", "same", "full"),
    )
    subsample: Sizes = argument(
        "for the convolutions of the input; those of the states keep their size", default=(1, 1)
    )
    W_regularizer: Regularizer = argument(default=None)
    U_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    dropout_W: float = argument(
        "the fraction of the inputs of W to drop, the same ones at all steps", default=0.0, at_least=0, below=1
    )
    dropout_U: float = argument(
        "the fraction of the inputs of U to drop, the same ones at all steps", default=0.0, at_least=0, below=1
    )

    if TYPE_CHECKING:  # required fields behind those of the bases, which have defaults

        def __init__(self, nb_filter: int, nb_row: int, nb_col: int, *args: Any, **kwargs: Any) -> None: ...

    def get_constants(self, x: TensorLike, train: bool = False) -> list[Any]:
        return super().get_constants(x)
