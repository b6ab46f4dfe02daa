"""Attributes of every layer, annotated in one place for the bases of `Layer`, which stand in several files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from horngate.backend.config import Era
from horngate.backend.graph import Variable
from horngate.backend.types import TensorLike

if TYPE_CHECKING:
    from horngate.engine.node import InputSpec, Node

# The shape of an input or output: a tuple of sizes, None for an unknown one; a list of such where there are several.
Shapes: TypeAlias = Any


class LayerAttributes:
    """What `Layer.__new__` and `Layer.__init__` set."""

    name: str  # unique within a model
    trainable: bool  # whether training changes the weights
    built: bool  # whether the weights are made
    supports_masking: bool = False  # whether it takes a mask, and hands it on
    inbound_nodes: "list[Node]"  # its calls
    outbound_nodes: "list[Node]"  # the calls that take its outputs
    input_spec: "InputSpec | Sequence[InputSpec] | None"  # what it wants of its inputs
    input_dtype: Any
    compute_dtype: str | None  # in which it computes, where precision is mixed
    constraints: dict[Variable, Any]  # of weights
    regularizers: Any = ()  # penalties in the manner of Keras 1.0, told of their weight
    activity_regularizer: Any = None
    initial_weights: list[Any] | None = None  # values that the weights have when they are made
    input_mask: ClassVar[Any]  # these are properties of `Layer`
    output_mask: ClassVar[Any]
    output_shape: ClassVar[Any]
    _to_freeze: tuple[int, ...] = ()  # places of layers within it that are to be frozen when it is built
    _trainable_weights: list[Variable]
    _non_trainable_weights: list[Variable]
    _losses: list[tuple[Any, Any]]  # pairs (what was added, the inputs that it depends on or None)
    _updates: list[tuple[Any, Any]]  # the same
    _era: Era  # in force when it was made
    _mean_penalty: bool  # whether the activity penalty is the mean over the batch
    _asked: Any = None  # the input shape for which weights or an output shape are asked
    _given: dict[str, Any]  # the arguments of its constructor, as they were given
    _bound: dict[str, Any]  # and as the library's own constructors took them

    def _expect(self, spec: "InputSpec") -> None:
        """Want `spec` of the input from now on."""
        self.input_spec = [spec]

    if TYPE_CHECKING:  # of `Layer` and `HasSublayers`

        @property
        def updates(self) -> list[Any]: ...
        @property
        def trainable_weights(self) -> list[Variable]: ...
        def get_output_shape_for(self, input_shape: Shapes) -> Shapes: ...
        def __call__(self, x: Any, mask: Any = None) -> TensorLike: ...
