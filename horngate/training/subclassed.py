"""Models as classes: a subclass of Model whose `call` computes the outputs, from layers that are its attributes."""

# pyright: reportAttributeAccessIssue=false, reportAssignmentType=false
# mypy: disable-error-code="override, misc, assignment"
# It is a layer, whose methods take the place of those that its base `Model` has as a graph.

import inspect
from typing import Any

import numpy as np

from horngate.backend import config, notices
from horngate.backend.graph import Tensor, Variable
from horngate.engine.arrangement import Structure, arranged, as_arrays, flat_outputs, flattened, names_in
from horngate.engine.constructors import describe
from horngate.engine.copying import DERIVED, CopiedLayer, guarded, without_tensors
from horngate.engine.forms import form_of
from horngate.engine.input import Input
from horngate.engine.layer import Layer, single
from horngate.engine.sizes import told
from horngate.engine.sublayers import RECORDS, HasSublayers, still_trained, unique
from horngate.training.arrays import is_stream
from horngate.training.model import Compiled, Model


class _OfSubclass:
    """The attributes of a model that computes in `call`."""

    _structure: Structure | None = None  # that of its inputs; None while they are not known
    output_structure: Structure | None = None  # None for one output or a flat list of them
    inputs: Any = ()
    outputs: Any = ()
    input_names: Any = ()
    _first_call: dict[str, Any] | None = None  # what `built_for` returns if only a call told the shapes
    _rules: dict[Variable, Any]
    _building: bool = False
    _met: frozenset[str] = frozenset()  # the names of its layers when it was first called


class SubclassedModel(Model, _OfSubclass):
    """The base that a user's subclass of Model gets if it defines `call`, or is made without tensors.

    To the graph it is a layer like any other, whose layers are found in its attributes. To train, it is called on
    inputs of its own, whose shapes the first data tell, or `build`.
    """

    _is_graph, _front = False, None
    computes_itself = True
    _records = RECORDS | {*Compiled.__annotations__, "inputs", "outputs", "output_structure", "_rules"}
    supports_masking = False

    def __init__(self, **kwargs: Any) -> None:
        tensors = [name for name in ("input", "output", "inputs", "outputs") if name in kwargs]
        if tensors:
            raise TypeError(
                f"{type(self).__name__} defines `call`, and is made from tensors ({tensors[0]}=...): give one of them."
            )
        Layer.__init__(self, **kwargs)

    # A layer, where other models are graphs.

    compute_mask = Layer.compute_mask
    get_output_shape_for = Layer.get_output_shape_for
    compute_output_shape = Layer.compute_output_shape
    input_shape = property(lambda self: _shapes(self.inputs) or Layer.input_shape.fget(self))
    output_shape = property(lambda self: _shapes(self.outputs) or Layer.output_shape.fget(self))
    _sublayers = HasSublayers._sublayers
    updates = Layer.updates
    losses = Layer.losses

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this model again, as plain data."""
        return {"name": self.name, "trainable": self.trainable, **describe(self, SubclassedModel)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Make a model from `config`, as returned by `get_config`, with new weights."""
        parameters = inspect.signature(cls.__init__).parameters.values()
        known, takes_all = {p.name for p in parameters}, any(p.kind is p.VAR_KEYWORD for p in parameters)
        model = cls(**{name: value for name, value in config.items() if takes_all or name in known})
        if not takes_all and "name" not in known:  # what every layer has, and this constructor does not take
            model.name = config.get("name", model.name)
        model.trainable = config.get("trainable", model.trainable)
        return model

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs; the arguments are those of `call`, with `mask` and `training` as in `Layer.__call__`."""
        return self.call_arranged(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; a subclass defines it."""
        raise TypeError(
            f"{type(self).__name__} has no `call`. Define call(self, x), which computes its outputs, or train_step."
        )

    @property
    def constraints(self) -> Any:
        return vars(self).setdefault("_rules", {})

    @constraints.setter
    def constraints(self, value: Any) -> None:
        self._rules = value

    @property
    def layers(self) -> list[Any]:
        """The layers held by the attributes, in the order in which these were set."""
        return self._sublayers

    @property
    def ordered_weights(self) -> list[Variable]:
        """All weights: its own, then those of its layers."""
        own = [*self._trainable_weights, *self._non_trainable_weights]
        return unique([*own, *(weight for layer in self.layers for weight in _in_order(layer))])

    @property
    def weights(self) -> list[Variable]:
        return self.ordered_weights

    @property
    def trainable_weights(self) -> list[Variable]:
        if not self.trainable:
            return []
        found = unique([*self._trainable_weights, *(w for layer in self.layers for w in layer.trainable_weights)])
        return still_trained(self, found)

    @trainable_weights.setter
    def trainable_weights(self, weights: list[Variable]) -> None:
        self._trainable_weights = weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        trained = set(self.trainable_weights)
        return [weight for weight in self.weights if weight not in trained]

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[Variable]) -> None:
        self._non_trainable_weights = weights

    def _as_returned(self, outputs):
        return single(outputs) if self.output_structure is None else arranged(self.output_structure, outputs)

    @property
    def flattened_layers(self) -> list[Any]:
        if not self._trainable_weights and not self._non_trainable_weights:
            return self.layers
        own = vars(self).setdefault("_own_weights", _Own(self))
        return [own, *self.layers]

    # Inputs of its own.

    @property
    def _waits(self) -> bool:  # type: ignore[override]  # other models know it
        return self._structure is None

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of `input_shape`, the batch counted: `(None, 784)`; or a list or dictionary."""
        if not self._building and input_shape is not None and self._waits:
            self._begin(*_tensors_of(input_shape))
        self.built = True

    def _ensure_built(self, inputs):
        if self._first_call is None and not self.built:
            self._first_call = _described(inputs, form_of(self))
        outer, self._building = self._building, True
        try:
            Layer._ensure_built(self, inputs)
        finally:
            self._building = outer

    def _seen(self, x, to_predict=False):
        x = super()._seen(x, to_predict)
        if not self._waits and x is not None and not is_stream(x):
            self._widen(flattened(as_arrays(x, dict))[0])
        if not self._waits and (new := [each.name for each in self.layers if not each.built]):
            self._remark_on_new([name for name in new if name not in self._met])
        return x

    def _remark_on_new(self, names):
        if names:
            notices.remark(
                f"{type(self).__name__} {self.name}: {', '.join(names)} came after the first call, and its programs do "
                "without. Call compile again; where the output has another shape, make a new model."
            )

    def _widen(self, arrays):
        """Let the sizes of inputs that differ from those of `arrays` be any, as the first data fixed them."""
        shapes = [tuple(x.shape) for x in self.inputs]
        if [len(shape) for shape in shapes] != [np.ndim(x) for x in arrays]:
            return  # which the check of the data explains
        wanted = [
            (shape[0], *(n if n == m else None for n, m in zip(shape[1:], x.shape[1:])))
            for shape, x in zip(shapes, arrays)
        ]
        if wanted == shapes:
            return
        assert self._structure is not None
        state = self.training_state()
        fed = [(shape, x.dtype) for shape, x in zip(wanted, self.inputs)]
        self._begin(_inputs(fed, self._structure), self._structure)
        self.steps.forget("predict")
        if state is not None and "slots" in state:
            self.train_on(state)

    def _begin_on(self, inputs: Any) -> None:
        """Make inputs of the shapes and types of the data `inputs`, and call the model on them."""
        arrays, structure = flattened(as_arrays(inputs, dict))
        if not arrays:
            raise ValueError(f"{self.name}: the first data tell the shapes of its inputs; received {inputs!r}.")
        # Keras 2 makes columns of data with one number for each sample.
        lifted = (1,) if self._era.generation != "3" else ()
        fed = [((None, *(x.shape[1:] or lifted)), _dtype_for(x)) for x in arrays]
        self._begin(_inputs(fed, structure), structure)

    def _begin(self, tensors: list[Tensor], structure: Structure) -> None:
        """Call the model on inputs of its own, and compile it if that was asked for before."""
        count = len(self.inbound_nodes)
        outputs = self(arranged(structure, tensors))
        self.output_structure = self.inbound_nodes[-1].structure
        del self.inbound_nodes[count:]  # it describes the model itself, and is no use of it
        self._structure, self._met = structure, frozenset(layer.name for layer in self.layers)
        self.inputs, self.outputs = tensors, flat_outputs(outputs)[0]
        self.input_names = [name or x.name for name, x in zip(names_in(structure), tensors)]
        of_outputs = names_in(self.output_structure) if self.output_structure else []
        self.output_names = of_outputs or [self.name] * len(self.outputs)
        self._compile_as_asked()

    # Files and copies.

    def built_for(self) -> dict[str, Any] | None:
        """Return the shapes, types and structure of the inputs as plain data; None if they are not known."""
        if self._structure is None:
            return self._first_call
        return {"inputs": [[list(x.shape), x.dtype] for x in self.inputs], "structure": self._structure}

    def build_for(self, inputs: dict[str, Any] | None) -> None:
        """Make the weights for the inputs that `built_for` returned."""
        if inputs is None or self._structure is not None:
            return
        fed = [(tuple(shape), dtype) for shape, dtype in inputs["inputs"]]
        if "arguments" in inputs:
            self.call_arranged(**arranged(inputs["arguments"], _inputs(fed, inputs["arguments"])))
            self.inbound_nodes.clear()
        else:
            self._begin(_inputs(fed, inputs["structure"]), inputs["structure"])

    def __getstate__(self) -> dict[str, Any]:
        kept = {name: value for name, value in vars(self).items() if name not in _LEFT_OUT}
        state = guarded(without_tensors(kept), self._described_for_copy())
        return {**state, "built_for": self.built_for(), "trained": self.training_state()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        built_for, trained = state.pop("built_for"), state.pop("trained")
        CopiedLayer.__setstate__(self, state)
        self.build_for(built_for)
        if trained is not None:
            self.train_on(trained)


_LEFT_OUT = DERIVED | {"inputs", "outputs", "_structure", "input_names", "output_names", "history", "_own_weights"}


def _shapes(tensors):
    return single([x.shape for x in tensors]) if tensors else None


def _in_order(layer):
    return getattr(layer, "ordered_weights", None) or layer.weights


class _Own:
    """The weights that a model has beside its layers, as a layer for files."""

    _files_all = False
    _sublayers = ()

    def __init__(self, model: Any) -> None:
        self.name = "top_level_model_weights"
        self._trainable_weights, self._non_trainable_weights = model._trainable_weights, model._non_trainable_weights

    @property
    def weights(self) -> list[Variable]:
        """The weights."""
        return [*self._trainable_weights, *self._non_trainable_weights]

    filed_weights = weights


def _dtype_for(x):
    """Return the type of the input for data like `x`: whole numbers stay whole."""
    return "int32" if np.dtype(x.dtype).kind in "iu" else config.floatx()


def _described(inputs: Any, form: Any) -> dict[str, Any]:
    """Return what `built_for` tells of a call on `inputs` in the form `form`."""
    fed = [[[None, *x.shape[1:]], _dtype_for(x)] for x in inputs]
    structure = None if form is None else form.arrangement
    if structure is None:
        places = [{"tensor": place} for place in range(len(fed))]
        return {"inputs": fed, "structure": places[0] if len(fed) == 1 else {"list": places}}
    arguments = structure["dict"]
    return {"inputs": fed, **({"structure": arguments[0][1]} if len(arguments) == 1 else {"arguments": structure})}


def _input_name(name):
    return name.replace("/", "_") if name and not name.isdigit() else None


def _inputs(fed: Any, structure: Structure) -> list[Tensor]:
    """Make an input for each (shape, dtype) in `fed`, under its name in the structure."""
    names = [_input_name(name) for name in names_in(structure)]
    return [Input(batch_shape=shape, dtype=dtype, name=name) for (shape, dtype), name in zip(fed, names)]


def _tensors_of(shape: Any) -> tuple[list[Tensor], Structure]:
    """Return (inputs of the shapes in `shape`, their structure)."""
    if isinstance(shape, dict):
        return flattened({name: Input(batch_shape=tuple(each), name=name) for name, each in shape.items()})
    if isinstance(shape, (list, tuple)) and shape and isinstance(shape[0], (list, tuple)):
        return flattened([Input(batch_shape=tuple(each)) for each in shape])
    return flattened(Input(batch_shape=told(SubclassedModel, "input_shape", shape)))
