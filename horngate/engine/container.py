"""Container: a graph of layers that is itself a layer: its order, its runs and its configuration."""

import copy
import json
import weakref
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from horngate.backend import graph
from horngate.backend.graph import Scope, Tensor, Variable
from horngate.backend.locks import lock_for, set_values, values_of
from horngate.backend.orders import answers_to, dialect, of_eras, same_places
from horngate.backend.ranges import ranges_of
from horngate.backend.running import running_scope
from horngate.backend.types import TensorLike
from horngate.engine import constructors
from horngate.engine.arguments import argument, attribute, plain
from horngate.engine.attributes import Shapes
from horngate.engine.copying import CopiedGraph
from horngate.engine.description import Calls, describing, era_told, freeze_within, made_once, numbered, rebuilding
from horngate.engine.ends import StructuredEnds, begun_at, ends_from
from horngate.engine.forms import with_form
from horngate.engine.front import Front, front_of
from horngate.engine.input import InputLayer
from horngate.engine.layer import LAYER_CLASSES, Layer, Node, single, to_list
from horngate.engine.node import told_ranges
from horngate.engine.order import depths_of, functions_before, inputs_of, layer_node, layer_nodes
from horngate.engine.recorded_calls import recorded_losses
from horngate.engine.shown import Shown, in_brief
from horngate.engine.sizes import check_weights
from horngate.engine.sublayers import check_parts, unique, with_sublayers
from horngate.utils.generic_utils import CustomObjectScope, get_custom_objects
from horngate.utils.nearest import did_you_mean

KERAS_VERSION = "1.2.2"  # the version of Keras whose file formats are written


def _saving() -> Any:
    from horngate import saving  # imported late: `saving` imports models

    return saving


_STRANGE = (
    "children cpu cuda eval forward load_state_dict modules named_parameters parameters register_forward_hook "
    "state_dict to train zero_grad"
)


@answers_to(_STRANGE, "strangers")
class Container(Layer, StructuredEnds, CopiedGraph, Shown, init=False):
    """A graph of layers from inputs to outputs, usable as a layer."""

    supports_masking = True
    output_order = "graph"
    _is_graph = _files_all = True
    __call__ = StructuredEnds.__call__  # type: ignore[assignment]  # it takes and returns dictionaries, too

    inputs: list[Tensor] = attribute()
    outputs: list[Tensor] = attribute()
    layers: list[Layer] = attribute()
    graph_layers: list[Layer] = attribute()
    owners: "weakref.WeakSet[Any]" = attribute()  # the models whose graphs contain this one
    container_nodes: set[Node] = attribute()
    input_layers: list[Layer] = attribute()
    output_layers: list[Layer] = attribute()
    input_names: list[str] = attribute()
    output_names: list[str] = attribute()
    internal_input_shapes: list[Any] = attribute()
    internal_output_shapes: list[Any] = attribute()
    _ordered: list[Node] = attribute()
    _places: dict[Any, int] = attribute()
    _input_spec: Any = attribute()
    _front: Front | None = attribute()  # what is computed on the host, of texts; None: the program takes the inputs
    _fed: list[Tensor] = attribute()  # what its program takes
    built: bool = attribute()
    inbound_nodes: list[Node] = attribute()

    if TYPE_CHECKING:  # from these, type checkers derive the constructor of subclasses
        _input: Any = argument(default=None, alias="input")
        _output: Any = argument(default=None, alias="output")

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        container = super().__new__(cls, *args, **kwargs)
        container.owners = weakref.WeakSet()
        return container

    @same_places(2)
    def __init__(self, input: Any, output: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        self.inputs, self.outputs = begun_at(*self._flat_ends(input, output))
        self._wire(self.inputs, self.outputs)
        self.layers = [layer for layer in self.graph_layers if not layer._is_function]

    def _wire(self, inputs, outputs):
        """Find the layers between `inputs` and `outputs`, and sort them."""
        if functions := functions_before(outputs):
            dialect("keras3.operations").adopt(functions)
        _check_ends(inputs, outputs)
        used = set(layer_nodes(outputs))
        nodes = layer_nodes([*outputs, *(x for x in inputs if layer_node(x) not in used)])
        _check_reached(nodes, inputs)
        depths = depths_of(nodes)
        layers = list(dict.fromkeys(node.outbound_layer for node in nodes))
        met = {layer: i for i, layer in enumerate(layers)}
        depth_of = dict.fromkeys(layers, 0)
        for node in nodes:
            depth_of[node.outbound_layer] = max(depth_of[node.outbound_layer], depths[node])
        self.graph_layers = sorted(layers, key=lambda layer: (-depth_of[layer], met[layer]))
        for layer in self.graph_layers:
            if isinstance(layer, Container):
                layer.owners.add(self)
        self._ordered = sorted(nodes, key=lambda node: -depths[node])
        self.container_nodes = set(nodes)
        check_parts(self, self.graph_layers)
        self.input_layers = [x._keras_history[0] for x in inputs]
        self.output_layers = [x._keras_history[0] for x in outputs]
        self.input_names = self._names_of_ends(self.input_structure, self.input_layers)
        self.output_names = self._names_of_ends(self.output_structure, self.output_layers)
        self.built, self._places = True, {}
        on_host = any(layer._on_host or isinstance(layer, Container) and layer._front for layer in self.graph_layers)
        self._front = front_of(inputs, outputs) if on_host else None
        self._fed = self._front.fed if self._front else inputs
        self.internal_input_shapes = [tuple(x.shape) for x in inputs]
        self.internal_output_shapes = [tuple(x.shape) for x in outputs]
        masks = [x._keras_mask for x in inputs], [x._keras_mask for x in outputs]
        self.inbound_nodes = [
            Node(self, [], [], [], inputs, outputs, *masks, self.internal_input_shapes, self.internal_output_shapes)
        ]
        self.inbound_nodes[0].outputs = []  # this node describes the graph and is not a step of it

    def _wire_again(self):
        """Wire the graph of a copy, whose inputs and outputs are restored already."""
        self._wire(self.inputs, self.outputs)

    def training_state(self) -> dict[str, Any] | None:
        """Return the state of training for a copy; None if the model does not train."""

    def train_on(self, state: Any) -> None:
        """Resume training from `state`, which the original's `training_state` returned."""

    # Running.

    computes_itself = False

    def call(self, input: Any, mask: TensorLike = None) -> TensorLike:
        masks = [None] * len(self._fed) if mask is None else to_list(mask)
        if any(m is not None for m in masks) and not self._front:
            return single(self.run_internal_graph(to_list(input), masks)[0])
        try:
            with self._inner(to_list(input)) as scope:
                outputs = [scope.value(output) for output in self.outputs]
        except (TypeError, ValueError) as error:
            self._blame_inputs(to_list(input), error)
            raise
        self._hand_in(scope)
        return single(outputs)

    def _blame_inputs(self, inputs, error):
        """Raise ValueError if shapes of `inputs` are not those of the model, which explains the `error`."""
        for wanted, given in zip(self._fed, inputs):
            got = getattr(given, "shape", wanted.shape)
            if len(got) != len(wanted.shape) or any(None not in p and p[0] != p[1] for p in zip(got, wanted.shape)):
                raise ValueError(
                    f"{type(self).__name__} {self.name}: input {wanted.name!r} needs shape "
                    f"{str(tuple(wanted.shape)).replace('None', 'any')}; received {tuple(got)}."
                ) from error

    def _compute(self, x, mask):
        if self._front is not None:
            x, mask = single(self._front.values(to_list(x))), None
        return super()._compute(x, mask)

    def _inner(self, inputs):
        """Make a scope in which the graph's inputs have the values `inputs`."""
        outer = running_scope()
        inner = Scope(
            outer.variables, dict(zip(self._fed, inputs)), outer.phase, outer.frame.next_key(), self._places, outer.live
        )
        inner.known, inner.later = outer.known, {**outer.later, **outer.frame.assigned}
        inner.phase_untold = outer.phase_untold
        return inner

    def _hand_in(self, inner):
        frame = running_scope().frame
        for record in inner.records.values():
            frame.updates.extend(record.updates)
            frame.losses.extend(record.losses)
            frame.checks.extend(record.checks)
            frame.assigned.update(record.assigned)

    def compute_mask(self, input: Any, mask: TensorLike = None) -> TensorLike:
        masks = [None] * len(self._fed) if mask is None else to_list(mask)
        if any(m is not None for m in masks) and not self._front:
            return single(self.run_internal_graph(to_list(input), masks)[1])
        wanted = [output._keras_mask for output in self.outputs]
        if all(m is None for m in wanted):
            return single(wanted)
        with self._inner(to_list(input)) as scope:
            return single([scope.value(m) if m is not None else None for m in wanted])

    def run_internal_graph(self, inputs: Any, masks: Any = None) -> tuple[list[Any], list[Any], list[Any]]:
        """Call all layers on other `inputs` and `masks`. Returns (outputs, output masks, output shapes)."""
        known = dict(zip(self.inputs, zip(inputs, masks or [None] * len(inputs))))
        for node in self._ordered:
            if all(x in known for x in node.output_tensors):
                continue
            given = [self._known(known, x) for x in node.input_tensors]
            told = {place: self._known(known, m)[0] for place, m in node.told_masks.items()}
            carried = [told.get(place, mask) for place, (_, mask) in enumerate(given)]
            outputs, output_masks = node.again([x for x, _ in given], carried)
            known.update(zip(node.output_tensors, zip(outputs, output_masks)))
        outputs = [known[x][0] for x in self.outputs]
        return outputs, [known[x][1] for x in self.outputs], [tuple(x.shape) for x in outputs]

    def _known(self, known, tensor):
        if tensor not in known:
            raise ValueError(
                f"{self.name}: a mask cannot be carried through {tensor!r}, which no layer made. Put K's functions "
                "between its layers into a Lambda."
            )
        return known[tensor]

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        given = input_shape if isinstance(input_shape, list) else [input_shape]
        if [tuple(s) for s in given] == self.internal_input_shapes:
            return single(self.internal_output_shapes)
        free = [x.shape[1:] == tuple(s)[1:] and x.shape[0] is None for x, s in zip(self.inputs, given)]
        if all(free) and all(shape and shape[0] is None for shape in self.internal_output_shapes):
            return single([(given[0][0], *shape[1:]) for shape in self.internal_output_shapes])
        return super().get_output_shape_for(input_shape)

    @property  # type: ignore[misc]  # other layers have a setter, for programs before 0.3
    def input(self) -> TensorLike:
        return single(self.inputs)

    @property
    def output(self) -> TensorLike:
        return single(self.outputs)

    input_shape: ClassVar[Any] = property(lambda self: single([tuple(x.shape) for x in self.inputs]))
    output_shape: ClassVar[Any] = property(lambda self: single([tuple(x.shape) for x in self.outputs]))

    # Properties gathered from all layers.

    @property
    def _sublayers(self):
        return getattr(self, "graph_layers", [])

    @property
    def ordered_weights(self) -> list[Variable]:
        """All weights, layer by layer, in the order of `get_weights` and of files."""
        return unique(weight for layer in self.flattened_layers for weight in layer.weights)

    @property
    def weights(self) -> list[Variable]:
        """All weights: layer by layer from the era of Keras 2 on, before it first those that training changes."""
        return self.ordered_weights if self._era.weights_by_layer else super().filed_weights

    @property
    def filed_weights(self) -> list[Variable]:
        return self.weights

    @property
    def flattened_layers(self) -> list[Layer]:
        """The layers in the order of files."""
        return self.graph_layers

    def _single_layers(self):
        """Return all layers that are not containers, including those within nested models and other layers."""
        return [layer for layer in with_sublayers(self) if not isinstance(layer, Container)]

    @property
    def constraints(self) -> Any:
        own = {weight: weight.constraint for weight in self.trainable_weights if weight.constraint is not None}
        return own | {weight: rule for layer in self._single_layers() for weight, rule in layer.constraints.items()}

    @constraints.setter
    def constraints(self, value: Any) -> Any:
        """Ignore `value`: `Layer` sets an empty dictionary, but a container has no constraints of its own."""

    @property
    def regularizers(self) -> Any:
        return [regularizer for layer in self._single_layers() for regularizer in layer.regularizers]

    @regularizers.setter
    def regularizers(self, value: Any) -> Any:
        """Ignore `value`: `Layer` sets an empty list, but a container has no regularizers of its own."""

    def _gathered(self, kind):
        inside = [item for layer in self.graph_layers for item in self._within(layer, kind)]
        own = [pair for pair, _ in self._updates] if kind == "updates" else [loss for loss, _ in self._losses]
        return inside + own

    def _within(self, layer, kind):
        nodes = [node for node in layer.inbound_nodes if node in self.container_nodes]
        if not nodes or isinstance(layer, InputLayer):
            return []
        find = layer.get_updates_for if kind == "updates" else layer.get_losses_for
        return find(None) + [item for node in nodes for item in find(node.input_tensors)]

    @property  # type: ignore[misc]  # a layer's is set, a container's is gathered
    def updates(self) -> list[Any]:
        return self._gathered("updates")

    @property
    def losses(self) -> list[Any]:
        if (by := graph.recorder()) is not None:
            return recorded_losses(self, by)
        called = vars(self).get("_losses_of_last_call")  # on arrays, in era 3
        return self._gathered("losses") if called is None else [*self.get_losses_for(None), *called]

    @property
    def state_updates(self) -> list[Any]:
        """The updates of stateful layers; they are applied in testing too."""
        return [pair for layer in self.graph_layers if layer.stateful for pair in self._within(layer, "updates")]

    @property
    def input_spec(self) -> Any:
        return getattr(self, "_input_spec", None)

    @input_spec.setter
    def input_spec(self, value: Any) -> Any:
        self._input_spec = value

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in _STRANGE.split() or hasattr(self, name)]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Return the layer of this `name`, or at this `index`. Raises ValueError if there is none."""
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(f"{self.name} has {len(self.layers)} layers; there is none at index {index}.")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in self.layers]
        raise ValueError(f"{self.name} has no layer {name!r}.{did_you_mean(name, names)} It has {', '.join(names)}.")

    def get_weights(self) -> list[np.ndarray]:
        """Return the values of all weights, layer by layer."""
        return values_of(self.ordered_weights)

    def set_weights(self, weights: Any) -> None:
        """Set the values of all weights, from a list like that of `get_weights`."""
        check_weights(self.name, self.ordered_weights, weights)
        set_values(self.ordered_weights, weights)

    @property
    def images_seen(self) -> tuple[str | None, str | None]:
        """Return (ordering, convention) of the layers' images, for files; None for each that they do not decide."""
        from horngate.saving.layout_propagation import convention_seen, orderings_seen  # late: imports layers

        seen = orderings_seen(self)
        return seen.pop() if len(seen) == 1 else None, convention_seen(self)

    @of_eras(same=2)
    def save(self, filepath: Any, overwrite: bool = True, include_optimizer: bool = True) -> None:
        """Write architecture, weights and training state to a file: `.keras` as Keras 3 does, any other as HDF5.

        `include_optimizer`: whether the compile arguments and the optimizer's state are written too.
        """
        with lock_for(self.weights):
            _saving().model.save_model(self, filepath, overwrite, include_optimizer)

    @of_eras(same=2)
    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write all weights to a file: `.safetensors`, `.weights.h5` and `.keras` of Keras 3, any other as HDF5."""
        with lock_for(self.weights):
            _saving().save_weights(self, filepath, overwrite)

    @of_eras
    def load_weights(
        self,
        filepath: Any,
        by_name: bool = False,
        era: str | None = None,
        backend: str | None = None,
        dim_ordering: str | None = None,
        max_expansion: float = 1000,
        skip_mismatch: bool = False,
        names: Any = None,
        layout: str | None = None,
    ) -> None:
        """Read all weights from a file of Keras 0.3 to 3: HDF5, `.keras` or safetensors.

        # Arguments
            by_name: whether to match layers by name; by default all weights are read in order.
            era: the version of Keras that wrote the file, such as '0.3', if the file does not tell. The weights of
                BatchNormalization (a deviation in 0.3 and early 1.0, a variance since) and of Convolution1D depend on
                it.
            backend: `'theano'` or `'tensorflow'`, the backend of the training, if its convention differs from
                `K.conv_convention()`. Kernels are then flipped.
            dim_ordering: `'th'` or `'tf'`, the ordering of the training images, if the kernels' shapes do not tell.
                Kernels are then transposed, and the weights after a Flatten reordered, by the axes of the weights. A
                layer that does not declare its axes or its order is refused where they are needed.
            max_expansion: limit for the size in memory, as a multiple of the file's size; 32 MiB are always allowed.
            skip_mismatch: leave layers unchanged, and tell which, whose weights have other shapes in the file.
            names, layout: for a safetensors file of another library, see `saving.named_arrays.load`.
        Raises ValueError if anything does not fit; the model is then unchanged.
        """
        told = (by_name, max_expansion, skip_mismatch, names, layout)
        _saving().load_weights(self, filepath, *told, era=era, backend=backend, dim_ordering=dim_ordering)

    def save_weights_to_hdf5_group(self, f: Any) -> None:
        """Write all weights to an open HDF5 file or group."""
        _saving().write_weights(self, f)

    def load_weights_from_hdf5_group(self, f: Any) -> None:
        """Read all weights in order from an open HDF5 file or group."""
        _saving().read_weights(self, f)

    def load_weights_from_hdf5_group_by_name(self, f: Any) -> None:
        """Read the weights from an open HDF5 file or group; layers are matched by name."""
        _saving().read_weights(self, f, by_name=True)

    # To and from plain data.

    def _node_indices(self):
        """Return (layer, index among all its calls) -> index among its calls in this graph.

        The indices of a nested model start at 1: its index 0 is its own graph.
        """
        places = {}
        for layer in self.graph_layers:
            calls = [i for i, node in enumerate(layer.inbound_nodes) if node in self.container_nodes]
            places.update({(layer, i): k for k, i in enumerate(calls, start=int(layer._is_graph))})
        return places

    @of_eras
    def get_config(self) -> Any:
        kept = self._node_indices()

        def place(tensor):
            layer, node_index, tensor_index = history_of(self, tensor)
            return [layer.name, kept[layer, node_index], tensor_index]

        with describing(self):
            layers = [
                numbered(
                    layer,
                    {
                        "name": layer.name,
                        "class_name": type(layer).__name__,
                        "config": configuration_of(layer),
                        "inbound_nodes": [
                            with_form(node.form, [place(x) for x in node.taken])
                            for node in layer.inbound_nodes
                            if node in self.container_nodes and inputs_of(node)
                        ],
                    },
                )
                for layer in self.graph_layers
            ]
        return copy.deepcopy(
            {
                "name": self.name,
                "layers": layers,
                "input_layers": [place(x) for x in self.inputs],
                "output_layers": [place(x) for x in self.outputs],
                **self._structures() | ({} if self.trainable else {"trainable": False}),
            }
        )

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """Make a model from `config`, as returned by `get_config`, with new weights."""
        made = {}
        with rebuilding():
            for description in config["layers"]:
                layer = made[description["name"]] = make_layer(description, custom_objects)
                layer.name = description["name"]  # the configuration of a Sequential lacks the name
        (calls := Calls(made)).make({told["name"]: told["inbound_nodes"] for told in config["layers"]})
        input, output = ends_from(config, calls.tensor)
        with era_told(config["layers"]):
            model = cls(input=input, output=output, name=config.get("name"))
        model.trainable = config.get("trainable", True)
        return model

    def _described(self):
        with era_told({"horngate_era": self._era.name}):
            return {**described(self), "keras_version": KERAS_VERSION, "horngate_era": self._era.name}

    def to_json(self, **kwargs: Any) -> str:
        """Return the architecture as a JSON string; `kwargs` are passed to `json.dumps`."""
        return json.dumps(self._described(), default=plain, **kwargs)

    def to_yaml(self, **kwargs: Any) -> str:
        """Return the architecture as a YAML string of plain data; `kwargs` are passed to `yaml.safe_dump`."""
        import yaml

        return yaml.safe_dump(json.loads(self.to_json()), **kwargs)


def history_of(model: Any, tensor: Any) -> Any:
    """Return (layer, call, output) of which a `tensor` in `model` comes, for files. Raises ValueError without one."""
    history = getattr(tensor, "_keras_history", None)  # a mask may be an array
    if history is None:
        raise ValueError(
            f"{model.name} cannot be written down: {tensor!r} comes from a function of K, not from a layer. Put that "
            "function into a Lambda layer."
        )
    return history


def configuration_of(layer: Any) -> Any:
    """Return a layer's configuration with its current name, even if `get_config` tells another."""
    if isinstance(layer, InputLayer):
        config = layer._described()
    elif layer._era.generation == "3" and type(layer).get_config is Layer.get_config:  # shorter than what that tells
        config = dialect("configurations").in_words_of_its_era(layer, layer._described())
    else:
        config = layer.get_config()
    return {**config, "name": layer.name} if isinstance(config, dict) and "name" in config else config


def described(layer: Any) -> dict[str, Any]:
    """Describe a layer for `make_layer`. The configuration of a chain is a list, so its name stands beside it."""
    description = {"class_name": type(layer).__name__, "config": configuration_of(layer)}
    if getattr(layer, "built_for", None) is not None:  # a subclassed model: no graph tells the shapes of its inputs
        description["built_for"] = layer.built_for()
    return {**description, "name": layer.name} if isinstance(description["config"], list) else description


def make_layer(description: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Make a layer from `{"class_name": ..., "config": ...}`."""
    name, configuration = description["class_name"], copy.copy(description["config"])
    custom = {**get_custom_objects(), **(custom_objects or {})}
    cls = custom.get(name) or LAYER_CLASSES.get(name) or dialect("aliases").layer(name)
    if cls is None:
        raise ValueError(
            f"unknown layer {name!r}.{did_you_mean(name, [*LAYER_CLASSES, *custom])} "
            f"Pass a layer of your own as custom_objects={{{name!r}: {name}}}."
        )
    options = {"custom_objects": custom_objects} if "custom_objects" in constructors.names_of(cls.from_config) else {}

    def make():
        with era_told(description), CustomObjectScope(custom_objects or {}):  # here activations are found by name
            layer = cls.from_config(configuration, **options)
        if isinstance(configuration, list) and "name" in description:
            layer.name = description["name"]
        freeze_within(layer, description.get("frozen_inner", ()))
        if description.get("built_for") is not None:
            layer.build_for(description["built_for"])
        return layer

    return made_once(description, make)


@told_ranges.register(Container)
def _ranges_within(container, place):
    told = ranges_of([container._fed[place]], graph.ancestors(container.outputs))
    return told[0] if told else ()


def _check_ends(inputs, outputs):
    for kind, tensors in (("input", inputs), ("output", outputs)):
        for x in tensors:
            if not isinstance(x, Tensor) or x._keras_history is None:
                wanted = f"each {kind} must be a tensor that a layer gave, such as Input(shape=...) or Dense(10)(x)"
                raise TypeError(f"Model: {wanted}; received {in_brief(x)}.")
    if len(set(inputs)) != len(inputs):
        raise ValueError("Model: the same tensor stands twice among the inputs.")


def _check_reached(nodes, inputs):
    for node in nodes:
        x = node.output_tensors[0]
        if node.input_tensors is node.output_tensors and x not in inputs and x.node is None:
            needed, given = node.outbound_layer.name, [i.name for i in inputs]
            raise ValueError(f"Graph disconnected: outputs need {needed!r}, not among {given}; add it to `input`.")


def get_source_inputs(tensor: Tensor, layer: Any = None, node_index: int | None = None) -> list[Tensor]:
    """Return the input tensors that `tensor` depends on, as a list."""
    nodes = layer_nodes([tensor])
    return list(dict.fromkeys(n.output_tensors[0] for n in nodes if n.input_tensors is n.output_tensors))
