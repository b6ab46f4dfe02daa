"""RNN: runs cells over time steps, as in Keras 2 and 3; the cells of SimpleRNN, GRU and LSTM; cells upon cells."""

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar

from horngate.engine.classes import Kindred
from horngate.engine.for_layers import InputSpec, K, Layer, OfEra, Shapes, TensorLike, argument, fixed, of_eras, to_list
from horngate.engine.held import Layers
from horngate.layers.convolutional_recurrent import ConvLSTM2D, ConvRecurrent2D
from horngate.layers.from_states import OneWay, first_of, flat, nested
from horngate.layers.recurrent import GRU, LSTM, GatedRecurrent, Recurrent, SimpleRNN
from horngate.layers.wrappers import Wrapper

_FLAT = ("flat", "reversed")  # the orders of stacked states without lists in lists


def first_states(cell: Any, x: TensorLike) -> list[TensorLike]:
    """Return the states of `cell` before the inputs `x` of its first step: as the cell itself says, else zeros."""
    if isinstance(cell, StackedRNNCells):
        return [state for each in cell.cells[:: cell.direction] for state in first_states(each, x)]
    if isinstance(cell, OneStep):
        return cell.get_initial_states(K.expand_dims(x, 1))
    if hasattr(cell, "get_initial_state"):
        count = K.shape(x)[0] if x.shape[0] is None else x.shape[0]
        known = {"inputs": x, "batch_size": count, "dtype": K.dtype(x)}  # Keras 2 gives all, Keras 3 the size
        wanted = inspect.signature(cell.get_initial_state).parameters
        takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in wanted.values())
        return flat(cell.get_initial_state(**{name: known[name] for name in known if takes_all or name in wanted}))
    blank = K.zeros_like(K.reshape(x, (x.shape[0], -1))[:, :1])
    return [K.tile(blank, (1, size)) for size in flat(cell.state_size)]


class OneStep(GatedRecurrent):
    """Base of cells: one step of a recurrent layer, output, states = cell(x, states).

    # Input shape
        (samples, features) and (samples, units) for each state.
    """

    return_sequences: Any = fixed(False)
    go_backwards: Any = fixed(False)
    stateful: Any = fixed(False)
    unroll: Any = fixed(False)
    return_state: Any = fixed(False)
    zero_output_for_mask: Any = fixed(False)
    input_dim: Any = fixed(None)
    input_length: Any = fixed(None)
    use_cudnn: Any = fixed("auto")
    supports_masking = False
    shape_arguments: ClassVar[tuple[str, ...]] = ()
    input_ndim: ClassVar[int | str | None] = None

    @property
    def state_size(self) -> Any:
        """The size of the state, or a list of sizes."""
        return self.output_dim if self.state_count == 1 else [self.output_dim] * self.state_count

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self.output_dim

    def build(self, input_shape: Shapes) -> None:
        shape = first_of(input_shape)
        super().build((shape[0], None, shape[-1]))
        self._expect(InputSpec(ndim=2, axes={-1: shape[-1]}))

    @of_eras
    def __call__(  # type: ignore[override]  # a cell is told states, not a mask
        self, x: TensorLike, states: Any = None, training: Any = None
    ) -> Any:
        """Return the output and the list of new states.

        `x`: (samples, features). `states`: those before the step, one or a list; default: zeros. `training`: whether to
        run in training mode; default: the learning phase.
        """
        self._ensure_built([x])
        states = first_states(self, x) if states is None else to_list(states)
        output, *new = Layer.__call__(self, [x, *states], None, training)
        return output, new

    def masks(self, x: TensorLike) -> list[Any]:
        """Return the dropout masks of W and of U for the inputs `x` of one step; a layer makes them once."""
        x = K.expand_dims(x, 1)
        return [self._masks(self.dropout_W, x, self.input_dim), self._masks(self.dropout_U, x, self.output_dim)]

    def call(self, x: TensorLike, states: Any = None, masks: Any = None) -> Any:  # type: ignore[override]  # of a cell
        alone = isinstance(x, list)
        x, *states = x if alone else [x, *to_list(states)]
        of_inputs, of_states = self.masks(x) if masks is None else masks
        y = self.product_with_inputs(K.expand_dims(x, 1), of_inputs)[:, 0]
        output, new = self.step(y, [*states, of_states, [1.0] * len(self.gates), self.fused("U")])
        return [output, *new] if alone else (output, new)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        samples, *rest = first_of(input_shape)
        return [self.state_shape((samples, None, *rest))] * (1 + self.state_count)

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        return [None] * (1 + self.state_count)


class SimpleRNNCell(OneStep, SimpleRNN):
    """One step of `SimpleRNN`."""


class GRUCell(OneStep, GRU):
    """One step of `GRU`."""


class LSTMCell(OneStep, LSTM):
    """One step of `LSTM`."""


class ConvLSTM2DCell(OneStep, ConvLSTM2D):
    """One step of `ConvLSTM2D`.

    # Input shape
        (samples, rows, cols, channels), or channels first; the two states are images too.
    """

    @property
    def state_size(self) -> list[int]:
        """The filters of each state."""
        return [self.nb_filter] * self.state_count

    @property
    def output_size(self) -> int:
        """The filters of the output."""
        return self.nb_filter

    def build(self, input_shape: Shapes) -> None:
        samples, *image = first_of(input_shape)
        ConvLSTM2D.build(self, (samples, None, *image))
        self._expect(InputSpec(ndim=1 + len(image)))

    def masks(self, x: TensorLike) -> list[Any]:
        x = K.expand_dims(x, 1)
        return [self._masks(self.dropout_W, x, None), self._image_masks(self.dropout_U, self.get_initial_states(x)[0])]

    def input_conv(self, x: TensorLike, w: TensorLike, b: TensorLike = None, padding: str = "valid") -> TensorLike:
        """Convolve the input `x` of one step with `w`, and add `b`; `padding` as in `ConvLSTM2D`."""
        return self.conv_step(x, w, b, padding)

    def recurrent_conv(self, x: TensorLike, w: TensorLike) -> TensorLike:
        """Convolve the output `x` of the step before with `w`, which keeps its size."""
        return self.conv_step_hidden(x, w)


class StackedRNNCells(Layer):
    """Cells upon cells: each takes the output of the one before; the states are a list with those of each.

    # Input shape
        What the first cell takes.
    """

    cells: Layers = argument("the cells, the lowest first")

    output_order = "cell"

    def __post_init__(self) -> None:
        super().__post_init__()
        for cell in self.cells:
            _check_cell(type(self).__name__, self.name, cell)

    order: Any = OfEra("stacked_states")

    @property
    def direction(self) -> int:
        """-1 if the states of the last cell come first, else 1."""
        return -1 if self.order == "reversed" else 1

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states of each cell; in Keras 2 in one flat list."""
        sizes = [cell.state_size for cell in self.cells[:: self.direction]]
        return flat(sizes) if self.order in _FLAT else sizes

    @property
    def output_size(self) -> int:
        """The size of the output of the last cell."""
        return size_out(self.cells[-1])

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """Return states of zeros of each cell for `batch_size` samples."""
        return [nested([K.zeros((batch_size, n)) for n in flat(size)], size) for size in self.state_size]

    def build(self, input_shape: Shapes) -> None:
        shape, constants = first_of(input_shape), input_shape[1:] if isinstance(input_shape, list) else []
        for cell in self.cells:
            shapes = [shape, *constants] if takes_constants(cell) else [shape]
            cell._ensure_built([K.placeholder(shape=each) for each in shapes])
            shape = (shape[0], size_out(cell))

    def masks(self, x: TensorLike) -> list[Any]:
        """Return the dropout masks of each cell for the inputs `x` of one step."""
        found, width = [], x
        for cell in self.cells:
            found.append(masks_of(cell, width))
            width = K.tile(K.zeros_like(K.reshape(x, (x.shape[0], -1))[:, :1]), (1, size_out(cell)))
        return found

    def call(  # type: ignore[override]  # of a cell
        self, x: TensorLike, states: Any = None, masks: Any = None, constants: Any = None
    ) -> Any:
        new, items = [], flat(states)
        given = [nested(items, to_list(cell.state_size)) for cell in self.cells[:: self.direction]]
        for cell, before, told in zip(self.cells, given[:: self.direction], masks or self.masks(x)):
            x, after = step_of(cell, x, before, told, constants)
            new.append(after)
        return x, flat(new[:: self.direction]) if self.order in _FLAT else new


def _check_cell(kind, name, cell):
    for needed in ("state_size", "call"):
        if not hasattr(cell, needed):
            raise TypeError(
                f"{kind} {name}: the cell {type(cell).__name__} has no {needed}. Give it `state_size` and "
                "`call(inputs, states)`, which returns the output and the list of new states."
            )


def size_out(cell: Any) -> int:
    """Return the size of a cell's output: its `output_size`, or the size of its first state."""
    return getattr(cell, "output_size", None) or flat(cell.state_size)[0]


def masks_of(cell: Any, x: TensorLike) -> Any:
    """Return the dropout masks of a cell of the library; None for a cell of the user."""
    return cell.masks(x) if isinstance(cell, (OneStep, StackedRNNCells)) else None


def takes_constants(cell: Any) -> bool:
    """Return whether a cell takes constants."""
    return "constants" in inspect.signature(cell.call).parameters


def step_of(cell: Any, x: TensorLike, states: Any, masks: Any, constants: Any = None) -> tuple[TensorLike, list[Any]]:
    """Run one step of a cell; returns (output, list of new states)."""
    told = {"constants": constants} if constants and takes_constants(cell) else {}
    output, new = cell.call(x, to_list(states), *([] if masks is None else [masks]), **told)
    return output, list(new) if isinstance(new, (list, tuple)) else [new]


def shapes_of_step(cell: Any, shape: Shapes) -> list[Any]:
    """Return the shape of a cell's output and those of its states, for inputs of one step of `shape`."""
    if isinstance(cell, OneStep):
        return list(cell.get_output_shape_for(shape))
    return [(shape[0], size) for size in (size_out(cell), *flat(cell.state_size))]


class RNN(OneWay, Wrapper, metaclass=Kindred):
    """Applies a cell to each time step in turn: output, states = cell.call(x[:, t], states).

    # Input shape
        (samples, steps, ...), where (samples, ...) is what the cell takes.

    # Output shape
        (samples, steps, units) with return_sequences, else (samples, units); units is the cell's `output_size`, or the
        size of its first state.

    A step whose mask is 0 repeats the output and the states of the step before. States begin at 0.
    """

    layer: Any = argument(
        "the cell, a layer with `state_size` (int, or a list of them) and `call(inputs, states)`, which gives "
        "the output and the list of new states; or a list of cells, each upon the one before"
    )
    return_sequences: bool = argument(default=False)
    go_backwards: bool = argument("run from the last step to the first", default=False)
    unroll: bool = argument("use copies of the cell instead of a loop", default=False)
    return_state: bool = argument(default=False, kw_only=True, later=True)
    stateful: bool = argument(default=False, kw_only=True, later=True)
    zero_output_for_mask: bool = argument(default=False, kw_only=True, later=True)

    num_constants: int = argument(
        "how many of the last inputs of a call are constants, which the cell gets at each step",
        default=0,
        kw_only=True,
        later=True,
    )

    states: Any = fixed(())  # those that the layer keeps, from `build` on
    cell_sees_constants: Any = OfEra("constants_in_build")
    output_order = "cell"
    _kin: ClassVar[tuple[type, ...]] = (Recurrent,)  # were subclasses in Keras 2

    def __post_init__(self) -> None:
        if isinstance(self.layer, (list, tuple)):
            self.layer = StackedRNNCells(self.layer)
        super().__post_init__()
        _check_cell("RNN", self.name, self.layer)

    @property
    def cell(self) -> Any:
        """The cell."""
        return self.layer

    @property
    def state_sizes(self) -> list[int]:
        """The size of each state."""
        return flat(self.layer.state_size)

    def number_of_states(self) -> int:
        return len(self.state_sizes)

    @of_eras(key="get_initial_state")
    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Return states of zeros for `batch_size` samples: a number, or sequences that have as many, as in Keras 2."""
        if K.ndim(batch_size) > 0:
            zeros = first_states(self.layer, batch_size[:, 0])
        else:
            zeros = [K.zeros((batch_size, n)) for n in self.state_sizes]
        return nested(zeros, to_list(self.layer.state_size))

    def handed_out(self, found: Any) -> Any:
        if not self.return_state:
            return found
        output, *states = found
        sizes = to_list(self.layer.state_size)
        several = isinstance(self.layer, StackedRNNCells) and self.layer.order == "lists"
        return [output, *nested(states, [to_list(size) for size in sizes] if several else sizes)]

    def expect_constants(self, count: int) -> None:
        self.num_constants = count

    def build(self, input_shape: Shapes = None) -> None:
        shape, constants = first_of(input_shape), input_shape[1:] if isinstance(input_shape, list) else []
        self._expect(InputSpec(ndim=len(shape)))
        step = (shape[0], *shape[2:])
        shapes = [step, *constants] if self.cell_sees_constants else [step]
        self.layer._ensure_built([K.placeholder(shape=each) for each in shapes])
        self.states = [None] * self.number_of_states()
        if self.stateful:
            if not shape[0]:
                raise ValueError(f"RNN {self.name}: stateful=True needs a fixed batch size. Give Input batch_shape.")
            shapes = shapes_of_step(self.layer, step)[1:]
            self.states = [K.zeros(each, name=f"{self.name}_state_{i}") for i, each in enumerate(shapes)]

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        x, *given = to_list(x)
        own, mask = len(given) - self.num_constants, to_list(mask)[0]
        given, constants = given[:own], given[own:]
        initial = given or (self.states if self.stateful else first_states(self.layer, x[:, 0]))
        last, outputs, states = self.walk(x, initial, mask, constants)
        if self.stateful:
            self.add_update(list(zip(self.states, states)))
        return self.results(last, outputs, states, mask)

    def walk(
        self, x: TensorLike, initial_states: Sequence[Any], mask: TensorLike, constants: Sequence[Any] = ()
    ) -> tuple[TensorLike, TensorLike, list[TensorLike]]:
        masks, size = masks_of(self.layer, x[:, 0]), to_list(self.layer.state_size)

        def step(x, states):
            before, constants = list(states[: len(initial_states)]), list(states[len(initial_states) :])
            output, new = step_of(self.layer, x, nested(before, size), masks, constants)
            return output, flat(new)

        return K.rnn(step, x, initial_states, self.go_backwards, mask, constants, unroll=self.unroll)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        samples, steps, *rest = first_of(input_shape)
        (_, *output), *states = shapes_of_step(self.layer, (samples, *rest))
        output = (samples, *[steps] * self.return_sequences, *output)
        return [output, *states] if self.return_state else output


class ConvRNN2D(RNN):
    """Applies a cell of images, such as `ConvLSTM2DCell`, to each of a sequence of images.

    # Input shape
        (samples, steps, rows, cols, channels), or channels first.
    """

    _kin = (ConvRecurrent2D,)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.layer, ConvLSTM2DCell):
            raise TypeError(
                f"ConvRNN2D {self.name}: the cell must be a ConvLSTM2DCell or a subclass, which knows the shape of its "
                f"states; received {self.layer!r}. Use RNN for cells whose states are vectors."
            )
