"""Recurrent layers: SimpleRNN, GRU and LSTM, each defined by its gates and the formula of one step."""

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from horngate import activations
from horngate.backend.config import EraDefault
from horngate.engine.for_layers import InputSpec, K, OfEra, Shapes, TensorLike, argument, of_eras, to_list
from horngate.engine.kinds import Activation, Constraint, Initializer, InitialWeights, Regularizer
from horngate.layers.from_states import OneWay, first_of
from horngate.utils import budget

# The methods that define the step of a gated layer: a class that overrides one has its own formula.
_FORMULA = {"step", "get_constants", "recurrent_product", "blocks"}


def time_distributed_dense(
    x: TensorLike,
    w: TensorLike,
    b: TensorLike = None,
    dropout: float | None = None,
    input_dim: int | None = None,
    output_dim: int | None = None,
    timesteps: int | None = None,
) -> TensorLike:
    """x[:, t] w + b at every step; with `dropout`, one mask of the inputs for the whole sequence."""
    if dropout:
        x = x * K.expand_dims(K.in_train_phase(K.dropout(K.ones_like(x[:, 0]), dropout), K.ones_like(x[:, 0])), 1)
    y = K.dot(x, w)
    return y if b is None else y + b


class _OfUnits:
    """Attributes of recurrent layers, which each public subclass declares at its own place in the signature."""

    output_dim: Any  # int; None if the outputs are images
    init: Initializer
    inner_init: Initializer
    activation: Activation
    W_regularizer: Regularizer
    U_regularizer: Regularizer
    b_regularizer: Regularizer
    dropout_W: float
    dropout_U: float


class Recurrent(OneWay, _OfUnits):
    """Base of recurrent layers: the loop over time, states, masks, dropout.

    A subclass defines `build(input_shape)`, which makes the weights and sets `self.states = [None] * number`, and
    `step(x, states)`, which returns the output and the list of new states. `x` is a time step of the result of
    `preprocess_input`; `states` is followed by the `get_constants`.

    # Input shape
        (samples, steps, input_dim)

    # Output shape
        (samples, steps, output_dim) with return_sequences, else (samples, output_dim).

    A step whose mask is 0 repeats the output and the states of the step before.
    """

    initial_weights: InitialWeights = argument(default=None, alias="weights", kw_only=True)
    return_sequences: bool = argument(default=False, kw_only=True)
    go_backwards: bool = argument(
        "run from the last step to the first; outputs come in this order", default=False, kw_only=True
    )
    stateful: bool = argument(default=False, kw_only=True)
    unroll: bool = argument(
        "use copies of the step instead of a loop; needs a known number of steps", default=False, kw_only=True
    )
    consume_less: str = argument(
        "'gpu' joins the weights of all gates, as in Keras 2 and 3, other values keep an array for each gate; the "
        "results are the same",
        default=EraDefault("recurrent_weights"),
        choices=("cpu", "mem", "gpu"),
        kw_only=True,
    )
    input_dim: int | None = argument(default=None, at_least=1, kw_only=True)
    input_length: int | None = argument(default=None, at_least=1, kw_only=True)
    return_state: bool = argument(default=False, kw_only=True, later=True)
    zero_output_for_mask: bool = argument(default=False, kw_only=True, later=True)
    seed: int | None = argument(default=None, at_most=2**64, kw_only=True, later=True)

    supports_masking = True
    shape_arguments: ClassVar[tuple[str, ...]] = ("input_length", "input_dim")
    input_ndim: ClassVar[int | str | None] = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        self.uses_learning_phase: Any = bool(getattr(self, "dropout_W", 0) or getattr(self, "dropout_U", 0))

    # States.

    def make_states(self, input_shape: Shapes, count: int) -> None:
        """Set `self.states`: to variables if the layer is stateful, else to None for each."""
        self.states = [None] * count
        if not self.stateful:
            return
        if not input_shape[0]:
            raise ValueError(
                f"{type(self).__name__} {self.name}: stateful=True needs a fixed batch size. Give the first layer "
                f"batch_input_shape=(batch size, {', '.join(map(str, input_shape[1:]))}), or Input batch_shape."
            )
        shape = self.state_shape(input_shape)
        budget.take(4 * count * math.prod(shape), f"the states of layer {self.name!r}")
        self.states = [K.zeros(shape, name=f"{self.name}_state_{i}") for i in range(count)]

    def state_shape(self, input_shape: Shapes) -> Any:
        """The shape of a state."""
        return (input_shape[0], self.output_dim)

    @of_eras(key="get_initial_state")
    def get_initial_state(self, batch_size: Any) -> list[TensorLike]:
        """Return states of zeros for `batch_size` samples: a number, or sequences that have as many, as in Keras 2."""
        if K.ndim(batch_size) > 0:
            return self.get_initial_states(batch_size)
        return [K.zeros((batch_size, self.output_dim)) for _ in range(self.state_count)]

    def get_initial_states(self, x: TensorLike) -> list[TensorLike]:
        """States of zeros."""
        return [K.tile(K.zeros_like(x[:, 0, :1]), (1, self.output_dim))] * self.state_count

    # The loop over time.

    @of_eras
    def get_constants(self, x: TensorLike) -> list[Any]:
        """The arguments of every step besides its input and the states."""
        return []

    @of_eras
    def preprocess_input(self, x: TensorLike) -> TensorLike:
        """Compute the part that depends on the input alone, for all steps at once."""
        return x

    def step(self, x: TensorLike, states: Sequence[Any]) -> tuple[TensorLike, list[TensorLike]]:
        """Return the output of one step, and the list of new states."""
        raise TypeError(
            f"{type(self).__name__} must define step(x, states), giving the output and the list of new states."
        )

    def call(self, x: TensorLike, mask: TensorLike = None, initial_state: Any = None) -> TensorLike:
        x, *given = to_list(x)
        given = given if initial_state is None else to_list(initial_state)
        mask = to_list(mask)[0]
        if self.unroll and x.shape[1] is None:
            raise ValueError(
                f"{self.name}: unroll=True needs a known number of steps: give input_length or a full input shape."
            )
        initial = given or (self.states if self.stateful else self.get_initial_states(x))
        last, outputs, states = self.walk(x, initial, mask)
        if self.stateful:
            self.add_update(list(zip(self.states, states)))
        return self.results(last, outputs, states, mask)

    def walk(
        self, x: TensorLike, initial_states: Sequence[Any], mask: TensorLike
    ) -> tuple[TensorLike, TensorLike, list[TensorLike]]:
        """Run all steps; return (last output, outputs, last states)."""
        constants, prepared = list(self.get_constants(x) or ()), self.preprocess_input(x)
        told: dict[str, Any] = {"unroll": self.unroll, "input_length": x.shape[1]}
        return K.rnn(self.step, prepared, initial_states, self.go_backwards, mask, constants, **told)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        samples, steps = first_of(input_shape)[:2]
        state = (samples, self.output_dim)
        output = (samples, steps, self.output_dim) if self.return_sequences else state
        return [output, *[state] * self.state_count] if self.return_state else output


class GatedRecurrent(Recurrent):
    """Base of layers with W, U and b for each gate; computes x W + b for all steps at once.

    A subclass names its `gates`. Its `step` gets the states, the dropout masks of U and of W, and the fused U.
    """

    bias: bool = argument("whether there is a b", default=True, kw_only=True, later=True)
    bias_initializer: Initializer = argument("how b begins", default="zero", kw_only=True, later=True)
    W_constraint: Constraint = argument(default=None, kw_only=True, later=True)
    U_constraint: Constraint = argument(default=None, kw_only=True, later=True)
    b_constraint: Constraint = argument(default=None, kw_only=True, later=True)
    use_cudnn: Any = argument(
        "must be 'auto' or False: there is one program for all steps, on every device",
        default="auto",
        choices=("auto", False),
        kw_only=True,
        later=True,
    )

    implementation: int = argument(
        "by which operations Keras 2 computed a step: 0, 1 or 2; here the compiler decides, and numbers are the same",
        default=2,
        choices=(0, 1, 2),
        kw_only=True,
        later=True,
    )

    formula: ClassVar[str] = ""  # the name of the formula of `step` in K.fused_rnn
    gates: ClassVar[tuple[str, ...]] = ("",)  # in the order of separate weights; "" for a single gate
    fused_gates: ClassVar[tuple[str, ...]] = ("",)  # in the order of the blocks of fused weights

    def build(self, input_shape: Shapes) -> None:
        self._expect(InputSpec(shape=(None, None, input_shape[2])))
        self.input_dim: int | None = input_shape[2]
        self.make_states(input_shape, self.state_count)
        fused = self.consume_less == "gpu" or self.gates == ("",)
        count = len(self.gates) if fused else 1
        for gate in ("",) if fused else self.gates:
            self._add_gate(f"_{gate}" if gate else "", count)

    def _add_gate(self, suffix, count):
        """Make the weights W, U, b of one gate, or of `count` gates side by side."""
        regularizers = self.W_regularizer, self.U_regularizer, self.b_regularizer
        constraints = self.W_constraint, self.U_constraint, self.b_constraint
        kernels = (self._side_by_side(init, count) for init in (self.init, self.inner_init))
        initializers = (*kernels, self._initial_bias(suffix))
        meanings = zip(("kernel", "recurrent_kernel", "bias"), self.weight_axes("units" if count == 1 else "gates"))
        weights = zip("WUb", self.weight_shapes(count), initializers, regularizers, constraints, meanings)
        for letter, shape, initializer, regularizer, constraint, (role, axes) in weights:
            told = {"regularizer": regularizer, "constraint": constraint, "axes": axes, "role": role}
            made = self.bias or letter != "b"
            weight = self.add_weight(shape, initializer, f"{self.name}_{letter}{suffix}", **told) if made else None
            setattr(self, letter + suffix, weight)

    def weight_shapes(self, count: int) -> Sequence[Any]:
        """The shapes of W, U and b of `count` gates."""
        width = count * self.output_dim
        return (self.input_dim, width), (self.output_dim, width), (width,)

    def weight_axes(self, outputs: str) -> Sequence[tuple[str, ...]]:
        """The words of engine/axes for the axes of W, U and b; `outputs`: the word for the last axis."""
        return ("features", outputs), ("units", outputs), (outputs,)

    _initializers: ClassVar[Any] = OfEra("initializers")

    def _side_by_side(self, initializer, count):
        """An initializer of `count` blocks of columns, each drawn as a separate matrix; since Keras 2 as one."""

        def blocks(shape, name=None):
            drawn = [K.get_value(initializer((shape[0], shape[1] // count))) for _ in range(count)]
            return K.variable(np.concatenate(drawn, axis=1), name=name)

        return initializer if count == 1 or self._initializers == "classes" else blocks

    def _initial_bias(self, suffix):
        return self.bias_initializer

    def walk(
        self, x: TensorLike, initial_states: Sequence[Any], mask: TensorLike
    ) -> tuple[TensorLike, TensorLike, list[TensorLike]]:
        if self.unroll or not self._can_fuse():
            return super().walk(x, initial_states, mask)
        if self.go_backwards:
            x, mask = K.reverse(x, 1), None if mask is None else K.reverse(mask, 1)
        masks, _, U = self.get_constants(x)
        dropout = masks if 0 < self.dropout_U < 1 else None
        names = [function.__name__ for function in self._activations()]
        x = self.for_fused(self.preprocess_input(x))
        return K.fused_rnn(self.fused_cell, x, U, initial_states, names, mask, dropout)

    @property
    def fused_cell(self) -> str:
        """The name of the formula in K.fused_rnn."""
        return self.formula

    def for_fused(self, x: TensorLike) -> TensorLike:
        """The inputs as K.fused_rnn takes them, from the result of `preprocess_input`."""
        return x

    def _can_fuse(self):
        """Whether the formula is the library's own, and K.fused_rnn knows its activations."""
        cell = next(kind for kind in type(self).__mro__ if "formula" in vars(kind))
        own = all(getattr(type(self), name) is getattr(cell, name) for name in _FORMULA)
        known = {activations.get(name) for name in K.FUSED_ACTIVATIONS}
        return own and not _FORMULA & vars(self).keys() and known.issuperset(self._activations())

    def _activations(self):
        return self.activation, getattr(self, "inner_activation", self.activation)

    def fused(self, letter: str) -> TensorLike:
        """The weights of all gates side by side, in the order of `fused_gates`."""
        if self.consume_less == "gpu" or self.gates == ("",):
            return getattr(self, letter)
        if letter == "b" and not self.bias:
            return None
        return K.concatenate([getattr(self, f"{letter}_{gate}") for gate in self.fused_gates], axis=-1)

    @of_eras(key="Recurrent.get_constants")
    def get_constants(self, x: TensorLike) -> list[Any]:
        """The dropout masks of U's gates, those of W's, and U fused.

        The masks of W are ones, since `preprocess_input` has applied them already.
        """
        return [self._masks(self.dropout_U, x, self.output_dim), [1.0] * len(self.gates), self.fused("U")]

    def _masks(self, level, x, width):
        """Make a dropout mask (samples, width) for each gate, the same at all steps; ones without dropout."""
        if not 0 < level < 1:
            return [1.0] * len(self.gates)
        ones = K.tile(K.ones_like(x[:, 0, :1]), (1, width))
        return [K.in_train_phase(K.dropout(ones, level, seed=self.seed), ones) for _ in self.gates]

    @of_eras(key="Recurrent.preprocess_input")
    def preprocess_input(self, x: TensorLike) -> TensorLike:
        """x W + b of all steps and gates."""
        return self.product_with_inputs(x, self._masks(self.dropout_W, x, self.input_dim))

    def product_with_inputs(self, x: TensorLike, masks: Sequence[Any]) -> TensorLike:
        """Return x W + b of all steps and gates; with dropout, each gate has its own mask of x in `masks`."""
        W, b = self.fused("W"), self.input_bias()
        if not 0 < self.dropout_W < 1:
            return time_distributed_dense(x, W, b)
        parts = [K.dot(x * K.expand_dims(mask, 1), block) for mask, block in zip(masks, self.blocks(W))]
        y = K.concatenate(parts, axis=-1)
        return y if b is None else y + b

    def input_bias(self) -> TensorLike:
        """The part of b that is added to x W."""
        return self.fused("b")

    def blocks(self, x: TensorLike) -> list[TensorLike]:
        """The columns of each gate, in the order of `fused_gates`."""
        return [x[..., i * self.output_dim : (i + 1) * self.output_dim] for i in range(len(self.gates))]

    def recurrent_product(self, h: TensorLike, masks: Sequence[Any], U: TensorLike) -> TensorLike:
        """Return h U of all gates; with dropout, each gate has its own mask of h."""
        if not 0 < self.dropout_U < 1:
            return K.dot(h, U)
        return K.concatenate([K.dot(h * mask, block) for mask, block in zip(masks, self.blocks(U))], axis=-1)


class SimpleRNN(GatedRecurrent):
    """A layer whose output is fed back: h' = activation(x W + b + h U).

    # Source
        Elman, Finding structure in time (1990); dropout: Gal, A theoretically grounded application of dropout in
        recurrent neural networks (arXiv:1512.05287).
    """

    output_dim: int = argument("number of units", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    inner_init: Initializer = argument("how U begins", default="orthogonal")
    activation: Activation = argument(default="tanh")
    W_regularizer: Regularizer = argument(default=None)
    U_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    dropout_W: float = argument(default=0.0, at_least=0, below=1)
    dropout_U: float = argument(default=0.0, at_least=0, below=1)

    formula = "SimpleRNN"

    @of_eras
    def step(self, x: TensorLike, states: Sequence[Any]) -> tuple[TensorLike, list[TensorLike]]:
        h, masks, _, U = states
        h = self.activation(x + self.recurrent_product(h, masks, U))
        return h, [h]


class GRU(GatedRecurrent):
    """Gated recurrent unit.

    z = inner(x W_z + b_z + h U_z), r = inner(x W_r + b_r + h U_r),
    c = activation(x W_h + b_h + (r h) U_h), h' = z h + (1 - z) c. With reset_after, each product h U has a bias
    too, and c = activation(x W_h + b_h + r (h U_h + b'_h)).

    # Source
        Cho et al., On the Properties of Neural Machine Translation (arXiv:1409.1259).
    """

    output_dim: int = argument("number of units", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    inner_init: Initializer = argument("how the U begin", default="orthogonal")
    activation: Activation = argument(default="tanh")
    inner_activation: Activation = argument(
        "what is applied to the gates z and r", default=EraDefault("inner_activation")
    )
    W_regularizer: Regularizer = argument(default=None)
    U_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    dropout_W: float = argument(default=0.0, at_least=0, below=1)
    dropout_U: float = argument(default=0.0, at_least=0, below=1)

    reset_after: bool = argument(
        "whether r applies to the product with U, which then has a bias of its own, and not to h",
        default=EraDefault("gru_reset_after"),
        kw_only=True,
        later=True,
    )

    formula = "GRU"
    gates: ClassVar[tuple[str, ...]] = ("z", "r", "h")
    fused_gates: ClassVar[tuple[str, ...]] = gates

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reset_after:
            self.consume_less: str = "gpu"  # its bias has two rows

    def weight_shapes(self, count: int) -> Sequence[Any]:
        W, U, b = super().weight_shapes(count)
        return W, U, (2, *b) if self.reset_after else b

    def weight_axes(self, outputs: str) -> Sequence[tuple[str, ...]]:
        W, U, b = super().weight_axes(outputs)
        return W, U, ("products", *b) if self.reset_after else b

    def input_bias(self) -> TensorLike:
        b = self.fused("b")
        return b[0] if self.reset_after and b is not None else b

    @property
    def fused_cell(self) -> str:
        return "GRU with reset_after" if self.reset_after else "GRU"

    def for_fused(self, x: TensorLike) -> TensorLike:
        if not self.reset_after:
            return x
        u, b = self.output_dim, self.fused("b")
        rest = 0 * x[..., :u] if b is None else 0 * x[..., :u] + b[1, 2 * u :]
        first = x if b is None else x + K.concatenate([b[1, : 2 * u], 0 * b[1, 2 * u :]])
        return K.concatenate([first, rest])

    def _step_with_reset_after(self, x, h, masks, U):
        """One step where r applies to the product with U and its bias."""
        product = self.recurrent_product(h, masks, U)
        b = self.fused("b")
        (x_z, x_r, x_h), (h_z, h_r, h_h) = self.blocks(x), self.blocks(product if b is None else product + b[1])
        z, r = self.inner_activation(x_z + h_z), self.inner_activation(x_r + h_r)
        h = z * h + (1 - z) * self.activation(x_h + r * h_h)
        return h, [h]

    def step(self, x: TensorLike, states: Sequence[Any]) -> tuple[TensorLike, list[TensorLike]]:
        h, masks, _, U = states
        if self.reset_after:
            return self._step_with_reset_after(x, h, masks, U)
        (x_z, x_r, x_h), (U_z, U_r, U_h) = self.blocks(x), self.blocks(U)
        z = self.inner_activation(x_z + K.dot(h * masks[0], U_z))
        r = self.inner_activation(x_r + K.dot(h * masks[1], U_r))
        candidate = self.activation(x_h + K.dot(r * h * masks[2], U_h))
        h = z * h + (1 - z) * candidate
        return h, [h]


class LSTM(GatedRecurrent):
    """Long short-term memory.

    i, f, o = inner(x W + b + h U) of each gate, c' = f c + i activation(x W_c + b_c + h U_c), h' = o activation(c').

    # Source
        Hochreiter, Schmidhuber, Long short-term memory (1997); Gers et al., Learning to forget (2000).
    """

    output_dim: int = argument("number of units", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    inner_init: Initializer = argument("how the U begin", default="orthogonal")
    forget_bias_init: Initializer = argument("how b_f begins; ones let the layer begin by remembering", default="one")
    activation: Activation = argument(default="tanh")
    inner_activation: Activation = argument(
        "what is applied to the gates i, f and o", default=EraDefault("inner_activation")
    )
    W_regularizer: Regularizer = argument(default=None)
    U_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    dropout_W: float = argument(default=0.0, at_least=0, below=1)
    dropout_U: float = argument(default=0.0, at_least=0, below=1)

    unit_forget_bias: bool = argument(default=True, kw_only=True, later=True)

    formula = "LSTM"
    gates: ClassVar[tuple[str, ...]] = ("i", "c", "f", "o")
    fused_gates: ClassVar[tuple[str, ...]] = ("i", "f", "c", "o")
    state_count = 2

    def _initial_bias(self, suffix):
        forget = self.forget_bias_init if self.unit_forget_bias else self.bias_initializer
        if suffix:
            return forget if suffix == "_f" else self.bias_initializer

        def blocks(shape, name=None):
            size = (shape[0] // len(self.gates),)
            drawn = [forget(size) if gate == "f" else self.bias_initializer(size) for gate in self.fused_gates]
            return K.variable(np.concatenate([K.get_value(part) for part in drawn]), name=name)

        return blocks

    def step(self, x: TensorLike, states: Sequence[Any]) -> tuple[TensorLike, list[TensorLike]]:
        h, c, masks, _, U = states
        i, f, candidate, o = self.blocks(x + self.recurrent_product(h, masks, U))
        c = self.inner_activation(f) * c + self.inner_activation(i) * self.activation(candidate)
        h = self.inner_activation(o) * self.activation(c)
        return h, [h, c]
