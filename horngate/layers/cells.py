"""RNN: runs a user's cell over time steps, as in Keras 2 and 3."""

from typing import Any

from horngate import backend as K
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.attributes import Shapes
from horngate.engine.layer import InputSpec
from horngate.layers.wrappers import Wrapper


class RNN(Wrapper):
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
        "the output and the list of new states"
    )
    return_sequences: bool = argument("give the outputs of all steps instead of the last", default=False)
    go_backwards: bool = argument("run from the last step to the first", default=False)
    unroll: bool = argument("use copies of the cell instead of a loop", default=False)

    output_order = "cell"

    def __post_init__(self) -> None:
        super().__post_init__()
        for needed in ("state_size", "call"):
            if not hasattr(self.layer, needed):
                raise TypeError(
                    f"RNN {self.name}: the cell {type(self.layer).__name__} has no {needed}. Give it `state_size` and "
                    "`call(inputs, states)`, which returns the output and the list of new states."
                )

    @property
    def cell(self) -> Any:
        """The cell."""
        return self.layer

    @property
    def state_sizes(self) -> list[int]:
        """The size of each state."""
        sizes = self.layer.state_size
        return [sizes] if isinstance(sizes, int) else list(sizes)

    def build(self, input_shape: Shapes = None) -> None:
        self._expect(InputSpec(ndim=len(input_shape)))
        self.build_held(self.layer, (input_shape[0], *input_shape[2:]))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        blank = K.zeros_like(K.reshape(x, (x.shape[0], -1))[:, :1])
        states = [K.tile(blank, (1, size)) for size in self.state_sizes]
        last, outputs, _ = K.rnn(self._step, x, states, self.go_backwards, mask, unroll=self.unroll)
        return outputs if self.return_sequences else last

    def _step(self, x, states):
        output, new = self.layer.call(x, states)
        return output, list(new) if isinstance(new, (list, tuple)) else [new]

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        return mask if self.return_sequences else None

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        units = getattr(self.layer, "output_size", None) or self.state_sizes[0]
        return (*input_shape[: 1 + self.return_sequences], units)
