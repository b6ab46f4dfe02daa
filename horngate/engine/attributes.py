"""The attributes of every layer, annotated in one place: the base classes of `Layer` stand in several files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from horngate.backend.config import Era, EraDefault, era
from horngate.backend.graph import Variable
from horngate.backend.types import TensorLike

if TYPE_CHECKING:
    from horngate.engine.node import InputSpec, Node
    from horngate.engine.precision import Precision

# The shape of an input or output: a tuple of sizes, None where unknown; a list of tuples for several tensors.
Shapes: TypeAlias = Any


# Attributes of Keras 2 and 3 that layers answer to; their meaning is where other versions are read.
_LATER_ARGUMENTS = (
    "units filters kernel_size padding data_format dilation_rate pool_size use_bias kernel_initializer "
    "recurrent_initializer embeddings_initializer alpha_initializer gamma_initializer beta_initializer "
    "kernel_regularizer embeddings_regularizer recurrent_regularizer bias_regularizer kernel_constraint "
    "embeddings_constraint recurrent_constraint bias_constraint recurrent_activation rate stddev dropout "
    "recurrent_dropout"
)
LATER_NAMES = (
    f"{_LATER_ARGUMENTS} "
    "cell kernel recurrent_kernel embeddings moving_mean moving_variance variables trainable_variables "
    "non_trainable_variables stateless_call save_own_variables load_own_variables dtype compute_dtype variable_dtype "
    "dtype_policy input_dtype input_spec path metrics metrics_variables add_metric add_variable stateless_call "
    "symbolic_call rematerialized_call variable_serialization_spec _inbound_nodes _outbound_nodes"
)
LATER_WORDS = frozenset(_LATER_ARGUMENTS.split())


class OfEra(EraDefault):
    """An attribute of a class that an era decides: for a layer, the era in which it was made."""

    def __get__(self, layer: Any, owner: Any = None) -> Any:
        return self.value(era() if layer is None else layer._era)


def new_attributes() -> dict[str, Any]:
    """Return the attributes with which every layer starts, those annotated below."""
    lists = ("inbound_nodes", "outbound_nodes", "_trainable_weights", "_non_trainable_weights", "_losses", "_updates")
    plain = {"_era": era(), "built": False}
    return {name: [] for name in lists} | plain | {"constraints": {}, "regularizers": []}


class LayerAttributes:
    """Attributes set by `Layer.__new__` and `Layer.__init__`."""

    name: str  # unique within a model
    trainable: bool  # whether training changes the weights
    built: bool  # whether the weights are made
    supports_masking: bool = False  # whether it takes a mask and passes it on
    inbound_nodes: "list[Node]"  # its calls
    outbound_nodes: "list[Node]"  # the calls that take its outputs
    input_spec: "InputSpec | Sequence[InputSpec] | None"  # what its inputs must fulfil
    input_dtype: Any
    _on_host: bool = False  # whether it takes texts, or computes in NumPy, before the compiled program
    autocast: bool = True  # whether it rounds its inputs and weights where it computes in 16 bits
    constraints: dict[Variable, Any]  # weight -> constraint
    regularizers: Any = ()  # penalties of Keras 1.0, which are given their weight by `set_param`
    activity_regularizer: Any = None
    fans: Any = None  # how the fans of kernels are counted, if not by `dim_ordering`
    initial_weights: list[Any] | None = None  # values for new weights
    input_mask: ClassVar[Any]  # this and the next two are properties of `Layer`
    output_mask: ClassVar[Any]
    output_shape: ClassVar[Any]
    _to_freeze: tuple[int, ...] = ()  # places of inner layers to freeze when it is built
    _trainable_weights: list[Variable]
    _non_trainable_weights: list[Variable]
    _losses: list[tuple[Any, Any]]  # pairs (loss, the inputs that it depends on or None)
    _updates: list[tuple[Any, Any]]  # pairs (update, the inputs that it depends on or None)
    _precision: "Precision | None" = None  # its number types, where they are told or others than `K.floatx()`
    _penalizes_output: bool = False  # whether the argument `activity_regularizer` of all layers was given
    _era: Era  # the era in which the layer was made
    _asked: Any = None  # the input shape for which weights or the output shape are requested
    _given: dict[str, Any]  # the arguments of its constructor, as given
    _bound: dict[str, Any]  # the arguments as converted by the library's constructors

    def _expect(self, spec: "InputSpec") -> None:
        """Check each input against `spec` from now on."""
        self.input_spec = [spec]

    if TYPE_CHECKING:  # members of `Layer` and `HasSublayers`

        @property
        def updates(self) -> list[Any]: ...
        @property
        def trainable_weights(self) -> list[Variable]: ...
        def get_output_shape_for(self, input_shape: Shapes) -> Shapes: ...
        def __call__(self, x: Any, mask: Any = None) -> TensorLike: ...
