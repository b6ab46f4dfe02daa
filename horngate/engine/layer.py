"""Layer: a function with weights, and the node that each of its calls adds to the graph."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import jax
import jax.numpy as jnp
import numpy as np

from horngate import constraints, initializations, regularizers
from horngate.backend import config, graph
from horngate.backend.function import current_phase, random_root
from horngate.backend.graph import Scope, Tensor, Variable, active_scope, get_uid, record
from horngate.backend.locks import set_values, values_of
from horngate.backend.orders import answers_to, dialect, of_eras
from horngate.backend.ranges import refuse_all
from horngate.backend.running import running_scope
from horngate.backend.types import TensorLike
from horngate.engine import constructors, sizes
from horngate.engine.arguments import Declares, argument, attribute, constructor_of, is_truth, wants_constructor
from horngate.engine.attributes import Shapes
from horngate.engine.axes import declared
from horngate.engine.calls import Called
from horngate.engine.copying import CopiedLayer
from horngate.engine.description import freeze_within
from horngate.engine.effects import effects_of
from horngate.engine.names import is_ours, keep_apart, set_on
from horngate.engine.node import InputSpec, Node, number_ranges, single, to_list  # noqa: F401
from horngate.engine.sublayers import HasSublayers, is_owned, not_owned, note_masks, running, with_masks, with_sublayers
from horngate.utils import budget

LAYER_CLASSES: dict[str, type["Layer"]] = {}  # name -> class, of the library's own layers

_BASE_ARGUMENTS = ("name", "trainable", "input_shape", "batch_input_shape", "input_dtype", "create_input_layer")
BASE_NAMES = frozenset(_BASE_ARGUMENTS)
_eager_calls = 0
_NO_VALUES = (
    "call asks for the values of an array, which has none while the model is compiled. Use the functions of "
    "horngate.backend or jax.numpy in the place of NumPy's (K.abs, not np.abs), and K.switch in the place of `if`."
)


@answers_to(
    "cache_enabled clear_previous get_input get_input_mask get_output get_output_mask get_params layer_cache nb_input "
    "nb_output set_input set_input_shape set_previous shape_cache supports_masked_input",
    "keras03.layer",
)
class Layer(Declares, CopiedLayer, HasSublayers, Called, init=False):
    """A function from tensors to tensors, with weights of its own.

    A subclass gives `call(x, mask=None)`, and where needed `build(input_shape)`, which makes the weights,
    `get_output_shape_for(input_shape)` and `compute_mask(x, mask)`. Called on a symbolic tensor, a layer adds a
    node to the graph; called on an array, it computes at once.

    # Arguments
        name: string, unique within a model.
        trainable: whether training changes the weights.
        input_shape: shape of one sample, for the first layer of a model.
        batch_input_shape: the same with the batch size (or None) in front.
        input_dtype: dtype of the input.
    """

    full_precision = False  # computes in floatx where precision is mixed
    takes_numbers = True  # whether its inputs are quantities, which mixed precision may round; not indices
    output_order = "by weights"  # where the elements of the output stand: see engine/axes
    fans: ClassVar[str | None] = None  # how inputs and outputs of kernels are counted, if not by `dim_ordering`
    shape_arguments: ClassVar[tuple[str, ...]] = ()  # which together tell the input shape of a first layer
    input_ndim: ClassVar[int | str | None] = None  # how many axes the input has, samples included; None for any number

    built: bool = attribute()  # whether the weights are made

    if TYPE_CHECKING:  # what every layer takes, by name, besides what its class declares
        name: str = argument(default=None, kw_only=True)
        trainable: bool = argument(default=True, kw_only=True)
        _told_shape: tuple[int | None, ...] | None = argument(default=None, alias="input_shape", kw_only=True)
        batch_input_shape: tuple[int | None, ...] = argument(default=None, kw_only=True)
        input_dtype: Any = argument(default=None, kw_only=True)  # a name, or a type of NumPy
    else:
        name, trainable = None, True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own, changed = is_ours(cls), cast("Any", cls)  # whose methods are wrapped
        if "__init__" in vars(cls):
            changed.__init__ = constructors.bound(changed.__init__, converts=own, base=_BASE_ARGUMENTS)
        elif wants_constructor(cls):
            changed.__init__ = constructors.bound(
                constructor_of(cls), converts=True, base=_BASE_ARGUMENTS, written=False
            )
        if own:
            LAYER_CLASSES.setdefault(cls.__name__, cls)  # of which views of an era are subclasses
        elif _speaks_otherwise(cls):
            dialect("keras03.layer").carry_over(cls)
        if "build" in vars(cls):
            changed.build = _marking_built(cls.build)
        keep_apart(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        layer = super().__new__(cls)
        layer.inbound_nodes, layer.outbound_nodes = [], []
        layer._era, layer.built = config.era(), False
        layer._mean_penalty = layer._era.activity_penalty == "mean"
        layer.input_spec = None if cls.input_ndim is None else [InputSpec(ndim=cls.input_ndim)]
        mixed = config.compute_dtype() != config.floatx()
        layer.compute_dtype = (config.floatx() if cls.full_precision else config.compute_dtype()) if mixed else None
        layer._trainable_weights, layer._non_trainable_weights = [], []
        layer.constraints, layer.regularizers = {}, []
        layer._losses, layer._updates = [], []
        return layer

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "trainable" and not is_truth(value):
            raise TypeError(f"Layer {self.name}: trainable must be True or False; received {value!r}.")
        set_on(self, name, value)

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.keys() <= BASE_NAMES:
            kwargs = dialect("reading").translate(kwargs, (), _BASE_ARGUMENTS)
        for name in kwargs:
            if name not in _BASE_ARGUMENTS:
                raise TypeError(_unknown_argument(type(self), name))
        self.name = kwargs.get("name") or self._unique_name()
        self.trainable = kwargs.get("trainable", True)
        shape = kwargs.get("batch_input_shape")
        if shape is None and kwargs.get("input_shape") is not None:
            shape = sizes.told(type(self), "input_shape", kwargs["input_shape"], samples=(None,))
        shape = self.told_input_shape() if shape is None else shape
        if shape is not None:
            self.batch_input_shape = sizes.told(type(self), "batch_input_shape", shape)
            self.input_dtype = kwargs.get("input_dtype") or self.default_input_dtype()
        self.__post_init__()

    def __post_init__(self) -> None:
        """Called when the arguments are set. A class that defines it calls `super().__post_init__()` first."""

    def _unique_name(self):
        prefix = type(self).__name__.lower()
        return f"{prefix}_{get_uid(prefix)}"

    def told_input_shape(self) -> tuple[int | None, ...] | None:
        """The input shape that arguments such as `input_dim` tell, or None."""
        told = [getattr(self, name, None) for name in self.shape_arguments]
        return (None, *told) if told and told[-1] is not None else None

    def default_input_dtype(self) -> str:
        """The dtype of the input where this is a model's first layer and none was given."""
        return config.floatx()

    # What a subclass gives.

    def build(self, input_shape: Shapes) -> None:
        """Make the weights, now that the input shape is known."""
        self.built = True

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        """The layer's formula."""
        return x

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        """The shape of the output; found by tracing `call` where a layer does not say."""
        if type(self).compute_output_shape is not Layer.compute_output_shape:
            return self.compute_output_shape(input_shape)
        return self._traced_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Shapes) -> Shapes:
        """What Keras 2 called `get_output_shape_for`; a subclass may give either."""
        if type(self).get_output_shape_for is Layer.get_output_shape_for:
            return self._traced_output_shape(input_shape)
        return self.get_output_shape_for(input_shape)

    def _traced_output_shape(self, input_shape):
        shapes = to_list(input_shape) if isinstance(input_shape, list) else [input_shape]
        inputs = [Tensor(shape, self._assumed_dtype()) for shape in shapes]
        found = graph.infer(lambda scope: self.run(single(scope.resolve(inputs)), None), inputs)
        return single([tuple(x.shape) for x in to_list(found)])

    def compute_mask(self, input: TensorLike, input_mask: TensorLike = None) -> TensorLike:
        """The mask of the output, given the input's."""
        given = [mask for mask in to_list(input_mask) if mask is not None]
        if not self.supports_masking:
            if given:
                raise TypeError(
                    f"Layer {self.name} ({type(self).__name__}) does not support masking, but its input has a mask. "
                    "Give the layer `supports_masking = True`, or take away the mask_zero or Masking before it."
                )
            return None
        return input_mask

    # Weights.

    def add_weight(
        self,
        shape: Any,
        initializer: Any,
        name: str | None = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        axes: Any = None,
        role: str | None = None,
    ) -> Variable:
        """Make a weight: `initializer(shape)` called `name`, with its penalty and constraint.

        `axes`: what each axis means; `role`: what it is for; in words of `engine/axes`, by which files are converted.
        """
        if isinstance(shape, str):  # Keras 2 names the weight first
            name, shape, initializer = shape, initializer, name
        if active_scope() is not None:
            raise RuntimeError(
                f"Layer {self.name} ({type(self).__name__}) makes the weight {name!r} while its call runs, and would "
                "make another one each time. Make weights once, in build(input_shape)."
            )
        if None in shape:
            raise ValueError(
                f"Layer {self.name} ({type(self).__name__}): the shape {tuple(shape)} of weight {name} has a size "
                "of the input that is unknown. Give the model's first layer a full input_shape."
            )
        budget.spend(self, shape)
        make = initializations.get(initializer)
        said = declared(self, name, shape, axes, role)
        weight = initializations.weight_of(make, shape, name, self.fans or getattr(self, "dim_ordering", None))
        weight.axes, weight.role = said
        (self._trainable_weights if trainable else self._non_trainable_weights).append(weight)
        if regularizer is not None:
            self.add_loss(_Penalty(regularizers.get(regularizer), weight))
        if constraint is not None:
            self.constraints[weight] = constraints.get(constraint)
        return weight

    def get_weights(self) -> list[np.ndarray]:
        """The values of all weights, as a list of NumPy arrays."""
        return values_of(self.weights)

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of all weights, from a list like that of `get_weights`."""
        sizes.check_weights(self.name, self.weights, weights)
        set_values(self.weights, weights)

    def count_params(self) -> int:
        """The number of scalars in all weights."""
        if not self.built:
            raise RuntimeError(
                f"Layer {self.name} has no weights yet: they are made when its input shape is known. "
                "Give it an input_shape, or call it on a tensor, before counting."
            )
        return int(sum(np.prod(weight.shape, dtype=int) for weight in self.weights))

    # What a call hands in besides its output.

    def add_loss(self, losses: Any, inputs: TensorLike = None) -> None:
        """Add to the training loss: from `call` a value, from `build` a term that weights alone decide."""
        scope = active_scope()
        for loss in to_list(losses):
            if scope is None or isinstance(loss, _Penalty):
                self._losses.append((loss, inputs))
            else:
                scope.frame.losses.append(scope.resolve(loss))

    def add_update(self, updates: Any, inputs: TensorLike = None) -> None:
        """Add pairs (variable, new value) to be applied after the step."""
        scope = active_scope()
        pairs = [updates] if isinstance(updates, tuple) else to_list(updates)
        for pair in pairs:
            if scope is None:
                self._updates.append((pair, inputs))
            else:
                scope.frame.updates.append((pair[0], scope.resolve(pair[1]), self.stateful))

    @property
    def updates(self) -> list[Any]:
        """Pairs (variable, tensor of its new value) of all calls of the layer so far."""
        handed_in = [pair for node in self.inbound_nodes for pair in effects_of(node).updates]
        return self._added("updates") + handed_in

    @updates.setter
    def updates(self, pairs: Iterable[Any]) -> None:
        self._updates = []
        self.add_update(list(pairs))

    @property
    def losses(self) -> list[Any]:
        """The terms that the layer adds to the training loss, as tensors."""
        handed_in = [loss for node in self.inbound_nodes for loss in effects_of(node).losses]
        return [_symbolic(loss) for loss in self._added("losses")] + handed_in

    def _added(self, kind):
        """Collect what was added outside of calls; of inner layers only what depends on no input."""
        within = [item for m in with_sublayers(self)[1:] for item, of in getattr(m, f"_{kind}") if of is None]
        return [item for item, _ in getattr(self, f"_{kind}")] + within

    def get_updates_for(self, inputs: TensorLike) -> list[Any]:
        """The updates that depend on `inputs`; with None, those that depend on none."""
        return self._depending_on(inputs, "updates")

    def get_losses_for(self, inputs: TensorLike) -> list[Any]:
        """The loss terms that depend on `inputs`; with None, those that depend on none."""
        return [_symbolic(loss) for loss in self._depending_on(inputs, "losses")]

    def _depending_on(self, inputs, kind):
        def same(others):
            return [id(x) for x in to_list(others)] == [id(x) for x in to_list(inputs)]

        members = with_sublayers(self) if inputs is None else [self]
        explicit = [item for member in members for item, of in getattr(member, f"_{kind}") if same(of)]
        nodes = [] if inputs is None else [node for node in self.inbound_nodes if same(node.input_tensors)]
        return explicit + [item for node in nodes for item in getattr(effects_of(node), kind)]

    # Being called.

    @of_eras
    def __call__(self, x: TensorLike, mask: TensorLike = None, training: Any = None) -> TensorLike:
        """The layer's output for `x`: symbolic for a symbolic input, else an array."""
        if training is not None:
            raise TypeError(
                f"{type(self).__name__} {self.name} cannot be called with training={training!r}: the phase is that of "
                "the model, 1 in fit and 0 in predict. For the other one use K.function with K.learning_phase() among "
                "its inputs, or K.set_learning_phase."
            )
        if self.name is None:
            raise RuntimeError(
                f"{type(self).__name__}.__init__ did not call super().__init__(**kwargs): add that call."
            )
        scope = active_scope()
        if isinstance(x, list) and not any(hasattr(item, "shape") for item in x):
            x = np.asarray(x)  # one array, written as nested lists
        inputs = to_list(x)
        if scope is None and any(isinstance(item, (Tensor, Variable)) for item in inputs):
            return self._connect(inputs, mask)
        if scope is None:
            return self._compute(x, mask)
        x = scope.resolve(x)
        if not self.built:
            self._build_within(scope, to_list(x))
        return with_masks(self, scope, x, scope.resolve(mask))

    def run(self, x: TensorLike, mask: TensorLike) -> Any:
        """`call` on arrays, with what the engine adds to every layer."""
        scope, mixed = active_scope(), self.compute_dtype if self._owns_weights() else None
        call = self._call if mixed is None else functools.partial(self._call_mixed, mixed)
        with running(self):
            y = sizes.checked_run(self, x, lambda: call(x, mask, scope))
        if self.activity_regularizer is not None:
            for output in to_list(y):
                output = graph.lengthened(output)
                penalty = _penalty(self.activity_regularizer, self, output)
                running_scope().frame.losses.append(penalty / output.shape[0] if self._mean_penalty else penalty)
        return y

    def _call(self, x, mask, scope):
        note_masks(scope, x, mask)
        in_place, names = beside_input(type(self).call)
        told = {"mask": mask, "training": bool(running_scope().phase)}
        try:
            y = self.call(x, *[mask] * in_place, **{name: told[name] for name in names})
        except (jax.errors.TracerArrayConversionError, jax.errors.ConcretizationTypeError) as error:
            raise TypeError(f"{type(self).__name__} {self.name}: {_NO_VALUES}") from error
        if y is None:
            raise TypeError(f"{type(self).__name__} {self.name}: call gave None. Let it return its output.")
        return y if scope is None else scope.resolve(y)

    def _call_mixed(self, dtype: str, x: Any, mask: Any, scope: Any) -> Any:
        """Run `_call` in the layer's number type. A layer of full precision returns the type of its input."""
        came = to_list(x)[0].dtype
        outer, scope.reads_as = scope.reads_as, dtype
        try:
            y = self._call(graph.cast_floats(x, dtype) if self.takes_numbers else x, mask, scope)
        finally:
            scope.reads_as = outer
        return graph.cast_floats(y, came) if self.full_precision else y

    def _owns_weights(self):
        return bool(self._trainable_weights or self._non_trainable_weights)

    def _build_within(self, scope, inputs):
        """Make the weights within the call of another layer. A layer that has weights must be kept by that one."""
        self._ensure_built([Tensor(scope.known_shape(x), x.dtype) for x in inputs])
        if self.weights and not is_owned(self):
            self.built = False
            self._trainable_weights, self._non_trainable_weights, self._losses = [], [], []
            raise not_owned(self)

    def _ensure_built(self, inputs):
        if self.built:
            return
        shapes = [tuple(x.shape) for x in inputs]
        with graph.outside():  # weights belong to no run
            with_note(self, inputs, lambda: self.build(single(shapes)))
            if self.initial_weights is not None:
                self.set_weights(self.initial_weights)
                vars(self)["initial_weights"] = None
        if self._to_freeze:
            freeze_within(self, self._to_freeze)

    def _compute(self, x, mask):
        """Call on plain arrays, at once."""
        global _eager_calls
        refuse_all(to_list(x), [number_ranges(self, i) for i in range(len(to_list(x)))])
        x = jax.tree.map(lambda item: jnp.asarray(np.asarray(item)) if not isinstance(item, jax.Array) else item, x)
        self._ensure_built(to_list(x))
        _eager_calls += 1
        key = random_root() + np.array([0, _eager_calls], np.uint32)
        with graph.Scope(phase=current_phase(), key=key, live=True):
            return self.run(x, mask)

    def _connect(self, inputs, mask):
        """Call on symbolic tensors: add a node to the graph."""
        inputs = [_as_tensor(x) for x in inputs]
        self.assert_input_compatibility(single(inputs))
        self._ensure_built(inputs)
        masks = [x._keras_mask for x in inputs] if mask is None else to_list(mask)
        histories = [x._keras_history or (None, None, None) for x in inputs]
        layers, node_indices, tensor_indices = (list(part) for part in zip(*histories))
        shapes = [x.shape for x in inputs]
        node = Node(self, layers, node_indices, tensor_indices, inputs, [], masks, [], shapes, [])
        described = with_note(self, inputs, lambda: self._describe_outputs(node))
        if any(
            not member.built for member in with_sublayers(self)
        ):  # inner layers are built when they are first called
            with_note(self, inputs, lambda: graph.infer(node.run, node.symbols()))
        sizes.check_call(self, node, [shape for shape, _ in described])
        node.outputs = node.output_tensors = [
            Tensor(shape, dtype, node, i, name=f"{self.name}_output") for i, (shape, dtype) in enumerate(described)
        ]
        node.output_shapes = [x.shape for x in node.outputs]
        node.output_masks = self._output_masks(inputs, masks, len(node.outputs))
        for i, (output, output_mask) in enumerate(zip(node.outputs, node.output_masks)):
            output._keras_history = (self, len(self.inbound_nodes), i)
            output._keras_mask = output_mask
        self.inbound_nodes.append(node)
        for layer in layers:
            if layer is not None:
                layer.outbound_nodes.append(node)
        return single(node.outputs)

    def _describe_outputs(self, node):
        """Shape and dtype of each output: as the layer says, else as tracing finds."""
        ways = "get_output_shape_for", "compute_output_shape"
        if all(getattr(type(self), name) is getattr(Layer, name) for name in ways):
            found = graph.infer(node.run, node.symbols())
            return [(x.shape, x.dtype if x.dtype != self.compute_dtype else config.floatx()) for x in found]
        shapes = self.get_output_shape_for(single(node.input_shapes))
        shapes = shapes if isinstance(shapes, list) and shapes and isinstance(shapes[0], (list, tuple)) else [shapes]
        return [(tuple(shape), self._assumed_dtype(node.input_tensors)) for shape in shapes]

    def _assumed_dtype(self, inputs=()):
        """Guess the dtype of the output: without weights a layer keeps whole numbers whole; else it gives floats."""
        if inputs and not str(inputs[0].dtype).startswith("float") and not self.weights:
            return inputs[0].dtype
        return config.floatx()

    def _output_masks(self, inputs, masks, count):
        if type(self).compute_mask is Layer.compute_mask:
            mask = self.compute_mask(single(inputs), single(masks))
        else:
            mask = record(self.compute_mask, (single(inputs), single(masks)), {})
        mask = to_list(mask)
        return mask if len(mask) == count else mask[:1] * count

    def assert_input_compatibility(self, input: TensorLike) -> None:
        """Raise where the input does not fit `input_spec`."""
        specs = to_list(self.input_spec) if self.input_spec else []
        inputs = to_list(input)
        if specs and len(specs) != len(inputs):
            raise ValueError(f"Layer {self.name} expects {len(specs)} inputs; received {len(inputs)}.")
        for spec, x in zip(specs, inputs):
            if fault := spec.fault(x):
                raise ValueError(
                    f"Input of layer {self.name} ({type(self).__name__}): {fault}; received shape {tuple(x.shape)}, "
                    f"dtype {x.dtype}."
                )

    def add_inbound_node(
        self, inbound_layers: list[Any], node_indices: list[int] | None = None, tensor_indices: list[int] | None = None
    ) -> None:
        """Call the layer on outputs of other layers, told by layer, node and tensor."""
        Node.create_node(self, inbound_layers, node_indices, tensor_indices)

    def create_input_layer(
        self, batch_input_shape: Sequence[int | None], input_dtype: Any = None, name: str | None = None
    ) -> None:
        """Put an input in front of the layer, which is a model's first."""
        from horngate.engine.input import Input  # inputs are layers

        prefix = type(self).__name__.lower() + "_input"
        self.batch_input_shape, self.input_dtype = tuple(batch_input_shape), input_dtype
        self(Input(batch_shape=batch_input_shape, dtype=input_dtype, name=name or f"{prefix}_{get_uid(prefix)}"))

    # To and from plain data.

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again, as plain data."""
        configuration = {"name": self.name, "trainable": self.trainable}
        if hasattr(self, "batch_input_shape"):
            configuration["batch_input_shape"] = self.batch_input_shape
            configuration["input_dtype"] = self.input_dtype
        return {**configuration, **constructors.describe(self, Layer)}

    @classmethod
    def from_config(cls, config: Any) -> Self:
        """A layer from what `get_config` gave."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'name', '')}>"


_OF_03 = frozenset(("get_output", "get_output_mask", "output_shape", "supports_masked_input"))


def _speaks_otherwise(cls):
    """Whether a class defines methods of Keras 0.3, or a `build` that takes no shape."""
    build = vars(cls).get("build")
    return not _OF_03.isdisjoint(vars(cls)) or build is not None and len(inspect.signature(build).parameters) < 2


def _marking_built(build):
    """Wrap a layer's `build` so that it sets `built`, whoever calls it."""

    @functools.wraps(build)
    def wrapper(self, input_shape=None, **kwargs):
        input_shape = self.told_shape() if input_shape is None else input_shape
        with self.asked_for(input_shape):
            build(self, input_shape, **kwargs)
        self.built = True

    return wrapper


class _Penalty:
    """The loss term `regularizer(weight)`, computed when the graph runs."""

    def __init__(self, regularizer: Any, weight: Variable) -> None:
        self.regularizer, self.weight = regularizer, weight

    def value(self, scope: Scope) -> Any:
        return _penalty(self.regularizer, self.weight, scope.value(self.weight))


def _penalty(regularizer, of, value):
    """Return the penalty of `value`, a weight or the output of a layer."""
    if getattr(regularizer, "set_param", None) and constructors.names_of(type(regularizer).__call__)[:1] == ["loss"]:
        return dialect("keras03.parts").penalty(regularizer, of, value)
    return regularizer(value)


def _symbolic(loss):
    if isinstance(loss, _Penalty):
        return graph.call_op(functools.partial(_penalty, loss.regularizer, loss.weight), loss.weight)
    return loss


def _as_tensor(x):
    return graph.call_op(jnp.asarray, x) if isinstance(x, Variable) else x


def beside_input(call: Any) -> tuple[bool, list[str]]:
    """What a `call` takes beside the input: whether the mask in second place; which of `mask`, `training` by name."""
    parameters = list(inspect.signature(call).parameters.values())
    second, takes_any = parameters[2:3], any(p.kind is p.VAR_KEYWORD for p in parameters[:2])
    in_place = takes_any or any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) and p.name != "training" for p in second)
    by_name = [p.name for p in parameters[2:] if p.name in ("mask", "training") and p.kind is not p.VAR_KEYWORD]
    return in_place, [name for name in by_name if name != "mask" or not in_place]


def with_note(layer: Any, inputs: TensorLike, action: Callable[[], Any]) -> Any:
    """Run `action()`; add to an error in which layer and with what input it arose."""
    try:
        return action()
    except Exception as error:
        shapes = ", ".join(str(tuple(x.shape)) for x in inputs)
        error.add_note(f"In layer {layer.name} ({type(layer).__name__}), called on input of shape {shapes}.")
        raise


def _unknown_argument(cls, name):
    known = [
        n for ancestor in cls.__mro__ if "__init__" in vars(ancestor) for n in constructors.names_of(ancestor.__init__)
    ]
    hint = constructors.did_you_mean(name, [*known, *_BASE_ARGUMENTS])
    taken = ", ".join(dict.fromkeys(known)) or "none of its own"
    return f"{cls.__name__} has no argument {name!r}.{hint} It takes {taken}."
