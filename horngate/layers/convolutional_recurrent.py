"""ConvLSTM1D, ConvLSTM2D and ConvLSTM3D: LSTMs whose products are convolutions."""

# pyright: reportGeneralTypeIssues=false
# mypy: disable-error-code="misc"
# Each class lists its arguments in its own order; their base has some of them with defaults.

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from horngate.backend.config import EraDefault
from horngate.engine.arguments import REQUIRED
from horngate.engine.axes import in_use
from horngate.engine.for_layers import InputSpec, K, OfEra, Shapes, TensorLike, argument, fixed
from horngate.engine.kinds import Activation, Constraint, DataFormat, Initializer, Ordering, Regularizer, Sizes
from horngate.engine.sizes import checked_output
from horngate.layers.from_states import first_of
from horngate.layers.recurrent import LSTM, GatedRecurrent
from horngate.utils.np_utils import conv_output_length


class _OfImages:
    """Attributes that each public class declares at its own place in the signature."""

    nb_filter: int
    dim_ordering: Any
    border_mode: Any
    dilation_rate: Any


class _ConvRecurrent(GatedRecurrent, _OfImages):
    """Base of recurrent layers on sequences of images of any rank: W and U are kernels."""

    unroll: bool = fixed(False)
    consume_less: str = fixed("cpu")
    output_dim: Any = fixed(None)
    input_dim: Any = fixed(None)
    input_length: Any = fixed(None)
    use_cudnn: Any = fixed("auto")
    strides_name: ClassVar[str] = "subsample"
    shape_arguments: ClassVar[tuple[str, ...]] = ()
    output_order = "image sequences"
    rank: ClassVar[int] = 2
    has_kernels: ClassVar[bool] = True

    _gates: ClassVar[Any] = OfEra("recurrent_weights")

    @property
    def joins_gates(self) -> bool:
        """Whether W, U and b hold all gates side by side."""
        return self._gates == "gpu"

    @property
    def window(self) -> tuple[int, ...]:
        """What a filter sees along each spatial axis."""
        raise NotImplementedError

    def _per_axis(self, sizes):
        return tuple(sizes) if isinstance(sizes, (tuple, list)) else (sizes,) * self.rank

    @property
    def strides_of_input(self) -> tuple[int, ...]:
        """The strides along each spatial axis, for the convolutions of the input."""
        return self._per_axis(getattr(self, self.strides_name))

    @property
    def strides(self) -> tuple[int, ...]:
        """The strides in the words of Keras 2."""
        return self.strides_of_input

    @property
    def form(self) -> Any:
        """The layout of an image."""
        return K.layout(self.rank, self.dim_ordering)

    def build(self, input_shape: Shapes) -> None:
        self.channels: int = input_shape[1 + self.form.channel_axis]
        self._expect(InputSpec(ndim=self.rank + 3, axes={1 + self.form.channel_axis: self.channels}))
        self.make_states(input_shape, self.state_count)
        for gate in ("",) if self.joins_gates else self.gates:
            self._add_gate(f"_{gate}" if gate else "", len(self.gates) if self.joins_gates else 1)

    def weight_shapes(self, count: int) -> Sequence[tuple[int, ...]]:
        width = count * self.nb_filter
        kernels = [self.form.kernel_shape(self.window, n, width) for n in (self.channels, self.nb_filter)]
        return (*kernels, (width,))

    def weight_axes(self, outputs: str) -> Sequence[tuple[str, ...]]:
        words, outputs = self.form.kernel_words, "gates" if outputs == "gates" else "filters"
        return words(filters=outputs), words("filters", outputs), (outputs,)

    def state_shape(self, input_shape: Shapes) -> Any:
        return self._step_shape(input_shape)

    def _step_shape(self, input_shape):
        sizes = [input_shape[1 + axis] for axis in self.form.spatial_axes]
        each = zip(sizes, self.window, self.strides_of_input, self._per_axis(self.dilation_rate))
        new = [conv_output_length(n, k, self.border_mode, s, d) for n, k, s, d in each]
        return checked_output(self, input_shape, self.form.shape(input_shape[0], new, self.nb_filter))

    def fused(self, letter: str) -> TensorLike:
        if letter == "b" and not self.bias:
            return None
        if self.joins_gates:
            return in_use(getattr(self, letter))
        axis = 0 if letter == "b" else self.form.filter_axis
        return K.concatenate([getattr(self, f"{letter}_{gate}") for gate in self.fused_gates], axis=axis)

    def _split(self, x, axis):
        """The part of each gate along an axis, in the order of `fused_gates`."""
        index, n = [slice(None)] * len(K.int_shape(x)), self.nb_filter
        return [x[(*index[:axis], slice(i * n, (i + 1) * n), *index[axis + 1 :])] for i in range(len(self.gates))]

    def blocks(self, x: TensorLike) -> list[TensorLike]:
        return self._split(x, self.form.channel_axis if len(K.int_shape(x)) > 1 else 0)

    def kernels(self, letter: str) -> list[TensorLike]:
        """The kernel of each gate, in the order of `fused_gates`."""
        if self.joins_gates:
            return self._split(in_use(getattr(self, letter)), self.form.filter_axis)
        return [getattr(self, f"{letter}_{gate}") for gate in self.fused_gates]

    def get_initial_states(self, X: Any) -> list[TensorLike]:
        first = self.preprocess_input(X[:, :1])[:, 0]
        return [K.zeros_like(self.blocks(first)[0])] * self.state_count

    def conv_step(self, x: TensorLike, W: TensorLike, b: TensorLike = None, border_mode: str = "valid") -> TensorLike:
        """Convolve the input of one step with W."""
        y = K.convolution(x, W, self.strides_of_input, border_mode, self.dim_ordering, self.dilation_rate)
        return y if b is None else y + K.reshape(b, self.form.per_channel(K.int_shape(b)[0]))

    def conv_step_hidden(self, x: TensorLike, W: TensorLike, border_mode: str = "valid") -> TensorLike:
        """Convolve the output of the step before with U, which keeps its size."""
        return K.convolution(x, W, 1, "same", self.dim_ordering)

    def product_with_inputs(self, x: TensorLike, masks: Sequence[Any]) -> TensorLike:
        samples, steps, *image = x.shape
        folded = K.reshape(x, (samples * steps, *image))
        if 0 < self.dropout_W < 1:
            y = self._dropped_convolution(x, folded, masks)
        else:
            y = self.conv_step(folded, self.fused("W"), self.fused("b"), self.border_mode)
        return K.reshape(y, (samples, steps, *y.shape[1:]))

    def _dropped_convolution(self, x, folded, masks):
        """Convolve with dropout: each gate has its own mask of the images, the same at all steps."""
        parts = []
        for kernel, mask in zip(self.kernels("W"), masks):
            masked = K.reshape(x * K.expand_dims(mask, 1), folded.shape)
            parts.append(self.conv_step(masked, kernel, None, self.border_mode))
        y, b = K.concatenate(parts, axis=self.form.channel_axis), self.fused("b")
        return y if b is None else y + K.reshape(b, self.form.per_channel(K.int_shape(b)[0]))

    def _masks(self, level, x, width):
        return self._image_masks(level, x[:, 0])

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
        parts = [self.conv_step_hidden(h * mask, kernel) for mask, kernel in zip(masks, self.kernels("U"))]
        return K.concatenate(parts, axis=self.form.channel_axis)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        input_shape = first_of(input_shape)
        state = tuple(self._step_shape(input_shape))
        output = (state[0], input_shape[1], *state[1:]) if self.return_sequences else state
        return [output, *[state] * self.state_count] if self.return_state else output


class ConvRecurrent2D(_ConvRecurrent):
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

    subsample, border_mode, dilation_rate = (1, 1), "valid", 1
    input_ndim: ClassVar[int | str | None] = 5

    @property
    def window(self) -> tuple[int, ...]:
        return (self.nb_row, self.nb_col)


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
    inner_activation: Activation = argument(
        "what is applied to the gates", default=EraDefault("image_inner_activation")
    )
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
    dropout_W: float = argument(default=0.0, at_least=0, below=1)
    dropout_U: float = argument(default=0.0, at_least=0, below=1)

    dilation_rate: Sizes = argument(
        "how far the elements of a filter stand apart, for the convolutions of the input",
        default=1,
        kw_only=True,
        later=True,
    )

    if TYPE_CHECKING:  # required fields behind those of the bases, which have defaults

        def __init__(self, nb_filter: int, nb_row: int, nb_col: int, *args: Any, **kwargs: Any) -> None: ...

    def get_constants(self, x: TensorLike, train: bool = False) -> list[Any]:
        return super().get_constants(x)


class _ConvLSTM(_ConvRecurrent, LSTM):  # type: ignore[misc]  # its outputs are images, so it has no output_dim
    """Convolutional LSTM with the arguments of Keras 3, which are the same for each rank."""

    nb_filter: int = argument("number of filters", at_least=1, alias="filters")
    kernel_size: Sizes = argument("what a filter sees along each axis")
    steps: Sizes = argument("how far filters move, for the convolutions of the input", default=1, alias="strides")
    border_mode: str = argument(
        "for the convolutions of the input; those of the states keep their size",
        default="valid",
        alias="padding",
        choices=("valid", "same"),
    )
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    dilation_rate: Sizes = argument(
        "how far the elements of a filter stand apart, for the convolutions of the input", default=1
    )
    activation: Activation = argument(default="tanh")
    inner_activation: Activation = argument(
        "what is applied to the gates", default=EraDefault("image_inner_activation"), alias="recurrent_activation"
    )
    bias: bool = argument("whether there is a b", default=True, alias="use_bias")
    init: Initializer = argument(default="glorot_uniform", alias="kernel_initializer")
    inner_init: Initializer = argument("how the U begin", default="orthogonal", alias="recurrent_initializer")
    bias_initializer: Initializer = argument("how b begins", default="zeros")
    unit_forget_bias: bool = argument(default=True)
    W_regularizer: Regularizer = argument(default=None, alias="kernel_regularizer")
    U_regularizer: Regularizer = argument(default=None, alias="recurrent_regularizer")
    b_regularizer: Regularizer = argument(default=None, alias="bias_regularizer")
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None, alias="kernel_constraint")
    U_constraint: Constraint = argument(default=None, alias="recurrent_constraint")
    b_constraint: Constraint = argument(default=None, alias="bias_constraint")
    dropout_W: float = argument(default=0.0, alias="dropout", at_least=0, below=1)
    dropout_U: float = argument(default=0.0, alias="recurrent_dropout", at_least=0, below=1)
    forget_bias_init: Initializer = argument("how b_f begins with `unit_forget_bias`", default="one", kw_only=True)

    strides_name: ClassVar[str] = "steps"
    input_dim: Any = fixed(None)

    @property
    def window(self) -> tuple[int, ...]:
        return self._per_axis(self.kernel_size)

    def get_constants(self, x: TensorLike, train: bool = False) -> list[Any]:
        return _ConvRecurrent.get_constants(self, x)


class ConvLSTM1D(_ConvLSTM):
    """Convolutional LSTM on sequences of rows: the formulas of `LSTM` with convolutions in place of products.

    # Input shape
        (samples, steps, places, channels), or channels first.

    # Output shape
        (samples, steps, new places, filters) with return_sequences, else without steps; or channels first.

    # Source
        Shi et al., Convolutional LSTM network (arXiv:1506.04214), without peepholes.
    """

    rank = 1
    input_ndim: ClassVar[int | str | None] = 4


class ConvLSTM3D(_ConvLSTM):
    """Convolutional LSTM on sequences of volumes: the formulas of `LSTM` with convolutions in place of products.

    # Input shape
        (samples, steps, rows, cols, slices, channels), or channels first.

    # Output shape
        (samples, steps, new rows, new cols, new slices, filters) with return_sequences, else without steps; or channels
        first.

    # Source
        Shi et al., Convolutional LSTM network (arXiv:1506.04214), without peepholes.
    """

    rank = 3
    input_ndim: ClassVar[int | str | None] = 6
