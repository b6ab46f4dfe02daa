"""Layer: a function with weights. Each call on a symbolic tensor adds a node to the graph."""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from horngate import regularizers
from horngate.backend import config, graph, notices
from horngate.backend.function import current_phase, key_for_once
from horngate.backend.graph import Tensor, Variable, active_scope, get_uid, record, recorder, unique_name
from horngate.backend.inference import infer
from horngate.backend.lazy import Registry
from horngate.backend.locks import set_values, values_of
from horngate.backend.orders import answers_to, dialect, of_eras
from horngate.backend.ranges import refuse_all
from horngate.backend.running import running_scope
from horngate.backend.types import TensorLike
from horngate.engine import constructors, kinds, sizes
from horngate.engine.arguments import Declares, argument, attribute, constructor_of, is_truth, wants_constructor
from horngate.engine.arranged_calls import call_arranged, run_arranged, shapes_to_build, takes_more
from horngate.engine.arrangement import arranged, flat_outputs
from horngate.engine.attributes import LATER_NAMES, LATER_WORDS, Shapes, new_attributes
from horngate.engine.calls import Called, beside_input, dropped_mask, in_words
from horngate.engine.classes import marking_built, speaks_otherwise, unknown_argument, without_call
from horngate.engine.copying import CopiedLayer
from horngate.engine.description import freeze_within
from horngate.engine.effects import effects_of
from horngate.engine.forms import Form, form_of, in_phase, phase_told, taking_phase, written
from horngate.engine.names import is_ours, keep_apart, set_on
from horngate.engine.node import InputSpec, Node, misfit, number_ranges, single, to_list  # noqa: F401
from horngate.engine.penalties import Penalty, counted, penalty_on, symbolic
from horngate.engine.precision import Precision, call_in, kept_in, plain_within, precision_told
from horngate.engine.recorded_calls import computed_call, recorded_call, recorded_losses
from horngate.engine.sublayers import HasSublayers, is_owned, not_owned, note_masks, running, with_masks, with_sublayers
from horngate.engine.weights import made_weight, noted
from horngate.utils.generic_utils import snake_case

LAYER_CLASSES = Registry()  # name -> class, for the library's layers

_OF_KERAS_1 = "name trainable input_shape batch_input_shape input_dtype create_input_layer"
_BASE_ARGUMENTS = (*_OF_KERAS_1.split(), "dtype", "activity_regularizer", "autocast", "batch_size")
BASE_NAMES = frozenset(_BASE_ARGUMENTS)


@answers_to(LATER_NAMES, "keras2.attributes")
@answers_to(
    "cache_enabled clear_previous get_input get_input_mask get_output get_output_mask get_params layer_cache nb_input "
    "params "
    "nb_output set_input set_input_shape set_previous shape_cache supports_masked_input",
    "keras03.layer",
)
@answers_to("requires_grad", "strangers", to_set=True)
class Layer(Declares, CopiedLayer, HasSublayers, Called, init=False):
    """A function from tensors to tensors, with weights of its own.

    A subclass defines `call(x, mask=None)`, and if needed `build(input_shape)`, which makes the weights,
    `get_output_shape_for(input_shape)` and `compute_mask(x, mask)`. A call on a symbolic tensor adds a node to the
    graph; a call on an array computes at once.

    # Arguments
        name: string, unique within a model.
        trainable: whether training changes the weights.
        input_shape: shape of one sample, for the first layer of a model.
        batch_input_shape: shape of the batch: the batch size or None, then the shape of one sample.
        input_dtype: dtype of the input.
        dtype: the number type of its weights, computations and results: `'float16'`, `'bfloat16'`, `'float32'` or
            `'float64'`; with weights in 32 bits `'mixed_bfloat16'` or `'mixed_float16'`; a `DTypePolicy`; None: as
            `K.set_floatx` or the policy of all layers says.
        activity_regularizer: the penalty on the output in the training loss, or None.
        autocast: whether a layer that computes in 16 bits rounds its inputs and weights for that.
    """

    full_precision = False  # whether it computes in 32 bits even where others compute in 16
    computes_itself: ClassVar[bool] = True  # whether its number types are more than those of its layers
    takes_numbers = True  # whether its inputs are quantities, which mixed precision may round, and not indices
    output_order = "by weights"  # order of the output's elements, a word of `engine/axes`
    shape_arguments: ClassVar[tuple[str, ...]] = ()  # arguments that together give the input shape of a first layer
    input_ndim: ClassVar[int | str | None] = None  # rank of the input, samples included; None for any

    built: bool = attribute()  # whether the weights are made

    if TYPE_CHECKING:  # the arguments that every layer takes by name
        name: str = argument(default=None, kw_only=True)
        trainable: bool = argument(default=True, kw_only=True)
        _told_shape: tuple[int | None, ...] | None = argument(default=None, alias="input_shape", kw_only=True)
        batch_input_shape: tuple[int | None, ...] = argument(default=None, kw_only=True)
        input_dtype: Any = argument(default=None, kw_only=True)  # a name or a NumPy dtype
        dtype: Any = argument(default=None, kw_only=True)
    else:
        name, trainable = None, True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own, changed = is_ours(cls), cast("Any", cls)  # the class whose methods are wrapped below
        if "__init__" in vars(cls):
            changed.__init__ = constructors.bound(changed.__init__, converts=own, base=_BASE_ARGUMENTS)
        elif wants_constructor(cls):
            changed.__init__ = constructors.bound(
                constructor_of(cls), converts=True, base=_BASE_ARGUMENTS, written=False
            )
        if own and "call" in vars(cls):
            changed.call = taking_phase(changed.call)
        if own:
            LAYER_CLASSES.setdefault(cls.__name__, cls)  # first wins: views of an era have the same name
        elif speaks_otherwise(cls):
            dialect("keras03.layer").carry_over(cls)
        if not own and "call" in vars(cls) and "__call__" not in vars(cls) and takes_more(changed.call):
            changed.__call__ = Layer.call_arranged
        if "forward" in vars(cls) and cls.call is Layer.call:
            changed.call = without_call
        if "build" in vars(cls):
            changed.build = marking_built(cls.build)
        keep_apart(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        layer = super().__new__(cls)
        vars(layer).update(new_attributes())  # `__setattr__` would take a tenth of the time in which a layer is made
        layer.input_spec = None if cls.input_ndim is None else [InputSpec(ndim=cls.input_ndim)]
        if (name := config.precision()) is not None:
            layer._precision = Precision(name, told=False)
        return layer

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "trainable" and not is_truth(value):
            raise TypeError(f"Layer {self.name}: trainable must be True or False; received {value!r}.")
        if name not in LATER_WORDS or not dialect("keras2.attributes").set_argument(self, name, value):
            set_on(self, name, noted(self, value) if type(value) is Variable else value)

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.keys() <= BASE_NAMES:
            kwargs = dialect("reading").translate(kwargs, (), _BASE_ARGUMENTS)
        for name in kwargs:
            if name not in _BASE_ARGUMENTS:
                raise TypeError(unknown_argument(type(self), name, _BASE_ARGUMENTS))
        self.name = sizes.checked_name(type(self), kwargs.get("name")) or self._unique_name()
        self.trainable = kwargs.get("trainable", True)
        if kwargs.get("dtype") is not None:
            self._precision = precision_told(type(self), kwargs["dtype"])
        if not kwargs.get("autocast", True):
            self.autocast = False
        if kwargs.get("activity_regularizer") is not None:
            self.activity_regularizer: Any = regularizers.get(kwargs["activity_regularizer"])
            self._penalizes_output = True
        if (shape := sizes.input_shape(type(self), kwargs, self.told_input_shape())) is not None:
            self.batch_input_shape = shape
            self.input_dtype = kwargs.get("input_dtype") or self.default_input_dtype()
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check or complete the arguments, when all are set. An override calls `super().__post_init__()` first."""

    def _unique_name(self):
        prefix = snake_case(type(self).__name__) if self._era.snake_names else type(self).__name__.lower()
        return unique_name(prefix, self._era.first_name_bare)

    def told_input_shape(self) -> tuple[int | None, ...] | None:
        """Return the input shape given by arguments such as `input_dim`; None if there are none."""
        told = [getattr(self, name, None) for name in self.shape_arguments]
        return (None, *told) if told and told[-1] is not None else None

    def default_input_dtype(self) -> str:
        """Return the input dtype of a model's first layer if none is given."""
        return config.floatx()

    # Methods that a subclass overrides.

    def build(self, input_shape: Shapes) -> None:
        """Make the weights for inputs of `input_shape`."""
        self.built = True

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        """Compute the output for the input `x`; `mask` is its mask or None."""
        return x

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        """Return the shape of the output for `input_shape`; by default found by tracing `call`."""
        if type(self).compute_output_shape is not Layer.compute_output_shape:
            return self.compute_output_shape(input_shape)
        return self._traced_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Shapes) -> Shapes:
        """Return the shape of the output: `get_output_shape_for` under its name in Keras 2; override either."""
        if type(self).get_output_shape_for is Layer.get_output_shape_for:
            return self._traced_output_shape(input_shape)
        return self.get_output_shape_for(input_shape)

    def _traced_output_shape(self, input_shape):
        shapes = to_list(input_shape) if isinstance(input_shape, list) else [input_shape]
        inputs = [Tensor(shape, self._assumed_dtype()) for shape in shapes]
        found = infer(lambda scope: self.run(single(scope.resolve(inputs)), None), inputs)
        return single([tuple(x.shape) for x in to_list(found)])

    def compute_mask(self, input: TensorLike, input_mask: TensorLike = None) -> TensorLike:
        """Return the mask of the output for an `input` and its mask."""
        given = [mask for mask in to_list(input_mask) if mask is not None]
        if not self.supports_masking:
            if given and self._era.unused_masks == "dropped":
                notices.remark(dropped_mask(self))
            elif given:
                raise TypeError(
                    f"Layer {self.name} ({type(self).__name__}) does not support masking, but its input has a mask. "
                    "Give the layer `supports_masking = True`, or take away the mask_zero or Masking before it."
                )
            return None
        return input_mask

    # Weights.

    @of_eras(same=8)
    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        name: str | None = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        axes: Any = None,
        role: str | None = None,
        *,
        dtype: Any = None,
        autocast: bool = True,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
    ) -> Variable:
        """Make a weight `name` with the value `initializer(shape)`, and its `regularizer` and `constraint`.

        `trainable`: whether training changes it. `axes`: the meaning of each axis, and `role`: the meaning of the
        weight, in words of `engine/axes`; files of other orderings are converted by them. `dtype`: its number type, if
        not `K.floatx()`. `autocast`: whether a layer that computes in 16 bits reads it so. `aggregation` says nothing,
        as there is one copy; `overwrite_with_gradient` must be False.
        """
        if isinstance(shape, str):  # Keras 2 names the weight first
            name, shape, initializer = shape, initializer, name
        more = {"dtype": dtype, "autocast": autocast, "aggregation": aggregation}
        more["overwrite_with_gradient"] = overwrite_with_gradient
        told = {"regularizer": regularizer, "constraint": constraint, "axes": axes, "role": role, **more}
        return made_weight(self, shape, initializer, name, trainable, told)

    def get_weights(self) -> list[np.ndarray]:
        """Return the values of all weights, as a list of NumPy arrays."""
        return values_of(self.weights)

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of all weights, from a list like that of `get_weights`."""
        sizes.check_weights(self.name, self.weights, weights)
        set_values(self.weights, weights)

    def count_params(self) -> int:
        """Return the number of scalars in all weights."""
        if not self.built:
            raise RuntimeError(
                f"Layer {self.name} has no weights yet: they are made when its input shape is known. "
                "Give it an input_shape, or call it on a tensor, before counting."
            )
        return int(sum(np.prod(weight.shape, dtype=int) for weight in self.weights))

    # Losses and updates that a call adds to its output.

    @of_eras
    def add_loss(self, losses: Any, inputs: TensorLike = None) -> None:
        """Add `losses` to the training loss: a value in `call`, or in `build` a term that depends on weights only.

        `inputs`: the tensors that the losses depend on, if added outside of `call`; None for none.
        """
        scope = active_scope()
        for loss in to_list(losses):
            if scope is None or isinstance(loss, Penalty):
                self._losses.append((loss, inputs))
            else:
                scope.frame.losses.append(scope.resolve(loss))

    def add_update(self, updates: Any, inputs: TensorLike = None) -> None:
        """Add `updates`, pairs (variable, new value), to be applied after the step; `inputs` as in `add_loss`."""
        scope = active_scope()
        pairs = [updates] if isinstance(updates, tuple) else to_list(updates)
        for pair in pairs:
            if scope is None:
                self._updates.append((pair, inputs))
            else:
                scope.frame.update(
                    pair[0], scope.resolve(pair[1]), self.stateful, self._era.generation == "3" and scope.phase
                )

    @property
    def updates(self) -> list[Any]:
        """The updates of all calls so far: pairs (variable, tensor of the new value)."""
        handed_in = [pair for node in self.inbound_nodes for pair in effects_of(node).updates]
        return self._added("updates") + handed_in

    @updates.setter
    def updates(self, pairs: Iterable[Any]) -> None:
        self._updates = []
        self.add_update(list(pairs))

    @property
    def losses(self) -> list[Any]:
        """The terms that the layer adds to the training loss: tensors, or in era 3 the last call's values."""
        if (by := recorder()) is not None:
            return recorded_losses(self, by)
        handed_in = [loss for node in self.inbound_nodes for loss in effects_of(node).losses]
        at_once = [] if self.inbound_nodes else vars(self).get("_losses_of_last_call", [])  # called on arrays alone
        return [symbolic(loss) for loss in counted(self, self._added("losses"))] + handed_in + at_once

    def _added(self, kind):
        """Collect the updates or losses added outside of calls; for inner layers, only those that need no input."""
        within = [item for m in with_sublayers(self)[1:] for item, of in getattr(m, f"_{kind}") if of is None]
        return [item for item, _ in getattr(self, f"_{kind}")] + within

    def get_updates_for(self, inputs: TensorLike = None) -> list[Any]:
        """Return the updates that depend on `inputs`; for None, those that depend on no input."""
        return self._depending_on(inputs, "updates")

    def get_losses_for(self, inputs: TensorLike = None) -> list[Any]:
        """Return the loss terms that depend on `inputs`; for None, those that depend on no input."""
        return [symbolic(loss) for loss in counted(self, self._depending_on(inputs, "losses"))]

    def _depending_on(self, inputs, kind):
        def same(others):
            return [id(x) for x in to_list(others)] == [id(x) for x in to_list(inputs)]

        members = with_sublayers(self) if inputs is None else [self]
        explicit = [item for member in members for item, of in getattr(member, f"_{kind}") if same(of)]
        nodes = [] if inputs is None else [node for node in self.inbound_nodes if same(node.input_tensors)]
        return explicit + [item for node in nodes for item in getattr(effects_of(node), kind)]

    # Calls.

    @of_eras
    def __call__(self, x: TensorLike, mask: TensorLike = None, training: Any = None) -> TensorLike:
        """Return the output for `x`: symbolic if `x` is symbolic, else an array.

        `mask`: mask of `x`; default: the one that it carries. `training`: whether to run in training mode, here and in
        all layers within; default: the learning phase.
        """
        if isinstance(x, dict) or isinstance(x, (list, tuple)) and any(isinstance(i, (dict, list, tuple)) for i in x):
            return self.call_arranged(x, mask=mask, training=training)
        return self._called_in_phase(x, mask, training)

    def call_arranged(self, *args: Any, **kwargs: Any) -> TensorLike:
        """Call the layer on the arguments of its own `call`, which may hold tensors in dictionaries and lists."""
        return call_arranged(self._called_in_phase, self, args, kwargs)

    def _called_in_phase(self, x, mask, training):
        if isinstance(mask, bool):  # the phase by place, as tf.keras takes it
            mask, training = None, mask
        if training is not None:
            form = (form_of(self) or Form())._replace(training=phase_told(self, training))
            with written(self, form):
                return self._called(x, mask)
        return self._called(x, mask)

    def _called(self, x, mask):
        if self.name is None:
            raise RuntimeError(
                f"{type(self).__name__}.__init__ did not call super().__init__(**kwargs): add that call."
            )
        scope = active_scope()
        if isinstance(x, list) and not any(hasattr(item, "shape") for item in x):
            x = np.asarray(x)  # nested lists stand for one array
        sizes.check_called_on(self, inputs := to_list(x))
        if scope is None and (by := recorder()) is not None:
            return recorded_call(self, by, inputs, mask)
        if scope is None and any(isinstance(item, (Tensor, Variable)) for item in inputs):
            if all(getattr(item, "computed", item) is not None for item in inputs):
                return computed_call(self, inputs, mask)
            return self._connect(inputs, mask)
        if scope is None:
            return self._compute(x, mask)
        x = scope.resolve(x)
        if not self.built:
            self._build_within(scope, to_list(x))
        return with_masks(self, scope, x, scope.resolve(mask))

    def run(self, x: TensorLike, mask: TensorLike) -> Any:
        """Run `call` on arrays, with the checks, precision and penalties of every layer."""
        scope, precision, call = active_scope(), self._precision or plain_within(self, x), self._call
        if precision is not None and precision.applies_to(self):
            call = functools.partial(call_in, precision, self)
        form = form_of(self)
        with running(self), in_phase(form.training if form else None):
            y = sizes.checked_run(self, x, lambda: call(x, mask, scope))
        if self.activity_regularizer is not None:
            mean = self._era.activity_penalty == "mean"  # over the batch
            for output in flat_outputs(y)[0]:
                output = graph.lengthened(output)
                penalty = penalty_on(self.activity_regularizer, self, output)
                running_scope().frame.losses.append(penalty / output.shape[0] if mean else penalty)
        return y

    def _call(self, x, mask, scope):
        note_masks(scope, x, mask)
        in_place, names = beside_input(type(self).call)
        told, form = {"mask": mask, "training": bool(running_scope().phase)}, form_of(self)
        with in_words(f"{type(self).__name__} {self.name}: call"):
            if form is not None and form.arrangement is not None:
                y = run_arranged(self, form, to_list(x), to_list(mask), told["training"])
            else:
                y = self.call(x, *[mask] * in_place, **{name: told[name] for name in names})
        if y is None:
            raise TypeError(f"{type(self).__name__} {self.name}: call gave None. Let it return its output.")
        return y if scope is None else scope.resolve(y)

    def _owns_weights(self):
        return bool(self._trainable_weights or self._non_trainable_weights)

    def _build_within(self, scope, inputs):
        """Make the weights within the call of another layer, which must own this layer if it has weights."""
        self._ensure_built([Tensor(scope.known_shape(x), x.dtype) for x in inputs])
        if self.weights and not is_owned(self):
            self.built = False
            self._trainable_weights, self._non_trainable_weights, self._losses = [], [], []
            raise not_owned(self)

    def _ensure_built(self, inputs):
        if self.built:
            return
        shapes = [tuple(x.shape) for x in inputs]
        # weights are made outside of the run, and layers that `build` makes belong to the layer's era
        with graph.outside(), config.within_era(self._era.name), config.within_floatx(kept_in(self)):
            with_note(self, inputs, lambda: self._build_for(shapes))
            if self.initial_weights is not None:
                self.set_weights(self.initial_weights)
                vars(self)["initial_weights"] = None
        if self._to_freeze:
            freeze_within(self, self._to_freeze)

    def _build_for(self, shapes):
        form = form_of(self)
        if form is None or form.arrangement is None:
            self.build(single(shapes))
        else:
            shape, more = shapes_to_build(self, form.arrangement, shapes)
            self.build(shape, **more)

    def _compute(self, x, mask):
        """Call the layer on arrays; computes at once."""
        self.assert_input_compatibility(x)
        refuse_all(to_list(x), [number_ranges(self, i) for i in range(len(to_list(x)))])
        x = jax.tree.map(lambda item: jnp.asarray(np.asarray(item)) if not isinstance(item, jax.Array) else item, x)
        self._ensure_built(to_list(x))
        if mask is not None and type(self).compute_mask is Layer.compute_mask:
            self.compute_mask(x, mask)  # refuses a mask that would have no effect
        mask = jax.tree.map(jnp.asarray, mask)
        key = key_for_once()
        form = form_of(self)
        phase = form.training if form and form.training is not None else current_phase()
        with graph.Scope(phase=current_phase(), key=key, live=True) as scope:
            scope.phase_untold = True
            y = self.run(x, mask)
        if self._era.generation == "3":
            vars(self)["_losses_of_last_call"] = list(scope.frame.losses)
        for variable, value, is_state in scope.frame.updates:
            if (phase or is_state) and not isinstance(value, Tracer):  # which only its own trace may keep
                variable.set_value(value)
        return y

    def _connect(self, inputs, mask):
        """Call the layer on symbolic tensors; adds a node to the graph."""
        inputs = [_as_tensor(x) for x in inputs]
        self.assert_input_compatibility(single(inputs))
        self._ensure_built(inputs)
        masks = [x._keras_mask for x in inputs] if mask is None else to_list(mask)
        told = tuple(i for i, (x, m) in enumerate(zip(inputs, masks)) if m is not None and m is not x._keras_mask)
        histories = [x._keras_history or (None, None, None) for x in inputs]
        layers, node_indices, tensor_indices = (list(part) for part in zip(*histories))
        shapes = [tuple(x.shape) for x in inputs]
        node = Node(self, layers, node_indices, tensor_indices, inputs, [], masks, [], shapes, [])
        node.form = (node.form or Form())._replace(masks=told) if told else node.form
        described = with_note(self, inputs, lambda: self._describe_outputs(node))
        if not all(member.built for member in with_sublayers(self)):  # they are built when they are first called
            with_note(self, inputs, lambda: infer(node.run, node.symbols()))
        sizes.check_call(self, node, [shape for shape, _ in described])
        node.outputs = node.output_tensors = [
            Tensor(shape, dtype, node, i, name=f"{self.name}_output") for i, (shape, dtype) in enumerate(described)
        ]
        node.output_shapes = [tuple(x.shape) for x in node.outputs]
        node.output_masks = self._output_masks(node.fed, node.fed_masks, len(node.outputs))
        for i, (output, output_mask) in enumerate(zip(node.outputs, node.output_masks)):
            output._keras_history = (self, len(self.inbound_nodes), i)
            output._keras_mask = output_mask
        self.inbound_nodes.append(node)
        for layer in layers:
            if layer is not None:
                layer.outbound_nodes.append(node)
        return single(node.outputs) if node.structure is None else arranged(node.structure, node.outputs)

    def _describe_outputs(self, node):
        """Return the shape and dtype of each output: from the layer's methods, else by tracing."""
        ways = "get_output_shape_for", "compute_output_shape"
        traced = self._shape_by_call or node.form is not None and node.form.arrangement is not None
        if traced or all(getattr(type(self), name) is getattr(Layer, name) for name in ways):
            found = infer(node.run, node.symbols())
            precision, hidden = self._precision, None
            if precision is not None and precision.mixed and self._era.generation != "3":
                hidden = precision.computes_in  # before, the graph knew nothing of it
            return [(x.shape, config.floatx() if x.dtype == hidden else x.dtype) for x in found]
        try:
            shapes = self.get_output_shape_for(single(node.input_shapes))
        except AttributeError as error:  # Keras 1 and 2 asked after `call`, which may set what the method reads
            if error.obj is not self:
                raise
            self._shape_by_call = True
            return self._describe_outputs(node)
        shapes = shapes if isinstance(shapes, list) and shapes and isinstance(shapes[0], (list, tuple)) else [shapes]
        return [(tuple(shape), self._assumed_dtype(node.input_tensors)) for shape in shapes]

    def _assumed_dtype(self, inputs=()):
        """Guess the dtype of the output: that of an integer input if the layer has no weights, else `K.floatx()`."""
        if inputs and "float" not in str(inputs[0].dtype) and not self.weights:
            return inputs[0].dtype
        if (precision := self._precision) is None or not self.autocast or not self.computes_itself:
            return config.floatx()
        if precision.told or not precision.mixed:
            return precision.computes_in
        if self._era.generation != "3":
            return config.floatx()
        return precision.computes_in if self.weights and not self.full_precision or not inputs else inputs[0].dtype

    def _output_masks(self, inputs, masks, count):
        if type(self).compute_mask is Layer.compute_mask:
            mask = self.compute_mask(single(inputs), single(masks))
        else:
            mask = record(self.compute_mask, (single(inputs), single(masks)), {})
        mask = to_list(mask)
        return mask if len(mask) == count else mask[:1] * count

    def assert_input_compatibility(self, input: TensorLike) -> None:
        """Raise an error if `input` does not fit `input_spec`."""
        specs = to_list(self.input_spec) if self.input_spec else []
        inputs = to_list(input)
        if specs and len(specs) != len(inputs):
            raise ValueError(f"Layer {self.name} expects {len(specs)} inputs; received {len(inputs)}.")
        for spec, x in zip(specs, inputs):
            if fault := spec.fault(x):
                raise ValueError(misfit(self, x, fault))

    def add_inbound_node(
        self, inbound_layers: list[Any], node_indices: list[int] | None = None, tensor_indices: list[int] | None = None
    ) -> None:
        """Call the layer on outputs of other layers; arguments as in `Node.create_node`."""
        Node.create_node(self, inbound_layers, node_indices, tensor_indices)

    def create_input_layer(
        self, batch_input_shape: Sequence[int | None], input_dtype: Any = None, name: str | None = None
    ) -> None:
        """Make an input for the first layer of a model, and call the layer on it."""
        from horngate.engine.input import Input  # imported late: it imports this module

        prefix = type(self).__name__.lower() + "_input"
        self.batch_input_shape, self.input_dtype = tuple(batch_input_shape), input_dtype
        self(Input(batch_shape=batch_input_shape, dtype=input_dtype, name=name or f"{prefix}_{get_uid(prefix)}"))

    # To and from plain data.

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer again, as plain data, in the words of its era."""
        later = self._era.generation in ("2", "3")
        return dialect("configurations").of_layer(self) if later else self._described()

    def _described(self) -> dict[str, Any]:
        """Return the arguments that make this layer again, in the library's own words."""
        configuration = {"name": self.name, "trainable": self.trainable}
        if hasattr(self, "batch_input_shape"):
            configuration["batch_input_shape"] = self.batch_input_shape
            configuration["input_dtype"] = self.input_dtype
        if self._precision is not None and self._precision.told:
            configuration["dtype"] = self._precision.name
        if not self.autocast:
            configuration["autocast"] = False
        if self._penalizes_output:
            configuration["activity_regularizer"] = kinds.Regularizer.serialized(self.activity_regularizer)
        return configuration | constructors.describe(self, Layer)

    @classmethod
    def from_config(cls, config: Any) -> Self:
        """Make a layer from `config`, as returned by `get_config`."""
        return constructors.remade(cls, config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'name', '')}>"


def _as_tensor(x):
    return x if isinstance(x, Tensor) else record(jnp.asarray, (x,), {})


def with_note(layer: Any, inputs: TensorLike, action: Callable[[], Any]) -> Any:
    """Run `action()`; add the layer and its inputs to the message of an error."""
    try:
        return action()
    except Exception as error:
        shapes = ", ".join(str(tuple(x.shape)) for x in inputs)
        error.add_note(f"In layer {layer.name} ({type(layer).__name__}), called on input of shape {shapes}.")
        raise
