"""Sequential, a chain of layers; and reading and writing models."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate import layers as _layers  # noqa: F401  every layer must be known by name
from horngate import saving
from horngate.backend.config import within_era
from horngate.backend.graph import Tensor, active_scope, outside
from horngate.backend.locks import lock_for
from horngate.backend.orders import elsewhere, of_eras
from horngate.backend.types import TensorLike
from horngate.engine.container import described, get_source_inputs, make_layer
from horngate.engine.copying import WIRED
from horngate.engine.description import describing, era_told, numbered, rebuilding
from horngate.engine.function_keys import name_of
from horngate.engine.input import Input, InputLayer
from horngate.engine.layer import Layer, single, to_list
from horngate.engine.layer_list import LayerList
from horngate.engine.merge import Merge
from horngate.engine.named_functions import code_allowed
from horngate.engine.names import is_ours
from horngate.engine.node import told_ranges
from horngate.engine.sizes import told
from horngate.engine.sublayers import check_depth, unique, with_sublayers
from horngate.saving.files import checked_era
from horngate.saving.upgrade import upgrade_config
from horngate.training.model import Model
from horngate.training.sources import shape_of_data
from horngate.utils import budget
from horngate.utils.generic_utils import PathLike


class _Chain:
    """The state of a Sequential."""

    _chain: list[tuple[Any, list[Tensor]]]  # (layer, its outputs)
    _layers: LayerList
    _last: Layer | None  # the last layer, if `outputs` was set
    _settled: bool
    _told_input: Any = None  # the InputLayer by which the chain was told its input, where that is none of its layers
    _calls: list[Any]


def _knows_input(layer: Any) -> bool:
    if isinstance(layer, Sequential):
        return bool(layer.layers) and not layer._waits
    return isinstance(layer, (Merge, Model)) or bool(layer.inbound_nodes) or hasattr(layer, "batch_input_shape")


class Sequential(Model, _Chain):
    """A chain of layers.

    # Arguments
        layers: list of layers, to begin with.
        name: string, unique among models.

    >>> from horngate.layers import Dense
    >>> Sequential([Dense(32, input_dim=784), Dense(10, activation='softmax')]).output_shape
    (None, 10)
    """

    is_chain = True

    if not TYPE_CHECKING:  # the methods of Model, also with the words of Keras 0.3 for Sequential
        fit = of_eras(key="Sequential.fit", same=2)(Model.fit)
        evaluate = of_eras(key="Sequential.evaluate", same=2)(Model.evaluate)
        predict = of_eras(key="Sequential.predict")(Model.predict)
        predict_on_batch = of_eras(key="Sequential.predict_on_batch")(Model.predict_on_batch)
        test_on_batch = of_eras(key="Sequential.test_on_batch")(Model.test_on_batch)
        fit_generator = of_eras(key="Sequential.fit_generator")(Model.fit_generator)
        evaluate_generator = of_eras(key="Sequential.evaluate_generator")(Model.evaluate_generator)

    def __init__(self, layers: Sequence[Layer] | None = None, name: str | None = None) -> None:
        if isinstance(name, (Layer, Tensor)):
            raise TypeError("Sequential takes one list of layers. Put them in brackets: Sequential([...]).")
        Layer.__init__(self, name=name)
        self._chain, self._last = [], None
        self._layers, self._settled, self.inputs = LayerList(self._change), True, []
        if isinstance(layers, (Layer, Tensor)):
            raise TypeError(f"Sequential takes a list of layers; received {layers!r}. Put it in brackets.")
        for layer in layers or []:
            self.add(layer)

    def __call__(self, x: TensorLike, *args: Any, **kwargs: Any) -> TensorLike:
        """Return the output for `x`; `args` and `kwargs` are the mask and the phase, see `Layer.__call__`."""
        if self._waits:
            self._begin_on(x)
        return super().__call__(x, *args, **kwargs)

    def call(self, x: TensorLike, mask: TensorLike = None) -> Any:
        """Run the chain on the array `x` with the `mask`, in a running graph."""
        return super().call(x, mask)

    @property  # type: ignore[misc]  # other models have an attribute
    def layers(self) -> list[Any]:
        """The layers, first to last. Changes of this list take effect at the next use of the model."""
        return self._layers

    @layers.setter
    def layers(self, layers: Sequence[Layer]) -> None:
        self._layers[:] = layers

    @property  # type: ignore[misc]  # the same
    def outputs(self) -> list[Tensor]:
        """The output of the last layer, in a list. Setting it to that of another layer ends the model there."""
        self._settle()
        if self._waits:
            raise AttributeError(self._unknown_input())  # Python then asks __getattr__
        return self._chain[-1][1] if self._chain else []

    @outputs.setter
    def outputs(self, outputs: Any) -> None:
        self._settle()
        ends = [layer for layer, given in self._chain if to_list(outputs) == given]
        if not ends:
            raise ValueError(
                f"Sequential {self.name}: outputs can be set to [layer.output] of one of its layers; received "
                f"{outputs}. Add layers with add(), or use Model for other graphs."
            )
        self._change()
        self._last = ends[0]

    def add(self, layer: Layer | Tensor) -> None:
        """Append `layer`, a layer or a model.

        If the first one is not told the shape of its input, `build` tells it, or the first data.
        """
        self._settle()
        if isinstance(layer, Tensor) and layer._keras_history and not self.layers:
            layer = layer._keras_history[0]  # keras.Input(...), as Keras 3 begins a chain
        if not isinstance(layer, Layer):
            hint = " Make it an instance: write its parentheses." if isinstance(layer, type) else ""
            hint = f" Write Activation({layer!r})." if isinstance(layer, str) else hint
            raise TypeError(f"Sequential.add takes a layer; received {layer!r}.{hint}")
        if isinstance(layer, InputLayer) and not self.layers and not self._era.inputs_among_layers:
            self._told_input = layer
            return
        if layer is self or self in with_sublayers(layer):
            raise ValueError(f"Sequential {self.name}: a model cannot hold itself.")
        if layer in self.layers:
            raise ValueError(f"layer {layer.name!r} stands in this model already: a Sequential uses a layer once.")
        if layer.name in [other.name for other in self.layers]:  # a list, since thousands of layers come this way
            raise ValueError(f"Sequential: each layer needs a name of its own; used more than once: {layer.name}.")
        check_depth(self, [layer])
        self._link(layer)
        self._layers.take(layer)
        self._change()
        self._settled = True

    def _link(self, layer: Any) -> None:
        """Call a layer on the end of the chain, unless the chain does not know its input yet."""
        if not self._chain and self._told_input is not None:
            elsewhere_too = not isinstance(layer, (Merge, Model)) and layer.inbound_nodes
            if elsewhere_too or not _knows_input(layer):
                self._tell_input(layer)
        self._waits = not self._chain and (self._waits or not _knows_input(layer))
        if self._waits:
            return
        outputs = to_list(layer(single(self._chain[-1][1]))) if self._chain else self._begin(layer)
        if len(outputs) != 1:
            raise TypeError(f"layer {layer.name!r} gives several outputs; a Sequential has one. Use Model.")
        self._chain.append((layer, outputs))

    def _tell_input(self, layer: Any) -> None:
        """Tell the first layer the shape of the Input that was added before it."""
        shape, dtype = self._told_input.batch_input_shape, self._told_input.input_dtype
        if isinstance(layer, Sequential):
            layer._begin_with(shape)
        else:
            layer.create_input_layer(shape, dtype, name=self._told_input.name)

    def _begin(self, layer: Any) -> list[Tensor]:
        """The outputs of the first layer, called on inputs of the model's own."""
        if isinstance(layer, Merge):
            if not layer.inbound_nodes:
                raise ValueError(
                    "a Merge that begins a Sequential needs `layers`: Merge([model_a, model_b], mode=...)."
                )
            outputs = layer.inbound_nodes[0].output_tensors
            self.inputs = get_source_inputs(outputs[0])
            return outputs
        if isinstance(layer, Model):
            names = layer.input_names
            self.inputs = [Input(batch_shape=x.shape, dtype=x.dtype, name=name) for x, name in zip(layer.inputs, names)]
            return to_list(layer(single(self.inputs)))
        if not layer.inbound_nodes:
            layer.create_input_layer(layer.batch_input_shape, layer.input_dtype)
        self.inputs: list[Tensor] = layer.inbound_nodes[-1].input_tensors
        return layer.inbound_nodes[-1].output_tensors

    def _begin_on(self, inputs: Any) -> None:
        scope = active_scope()  # of the call of another layer
        within = scope is not None and hasattr(inputs, "shape")
        shape = scope.known_sizes(inputs) if scope is not None and within else None
        self._begin_with(shape or shape_of_data(f"Sequential {self.name}", inputs))

    def _begin_with(self, shape: Any) -> None:
        with outside():  # it may be called first within the call of another layer
            self._wire_for(shape)

    def _wire_for(self, shape):
        """Wire the chain for inputs of `shape`, the batch counted; and compile the model if that was asked for."""
        first: Any = self.layers[0]
        if isinstance(first, Sequential):
            first._begin_with(shape)
        else:
            fixed = any(getattr(layer, "stateful", False) for layer in self.layers)
            first.create_input_layer((shape[0] if fixed else None, *shape[1:]), first.default_input_dtype())
        self._waits = self._settled = False
        self._change()
        self._settle()
        self._compile_as_asked()

    def pop(self) -> None:
        """Take away the last layer."""
        if not self.layers:
            raise TypeError("there is no layer to pop: the model is empty.")
        self.layers.pop()

    def _change(self) -> None:
        """Discard the graph after a change; the next use wires a new one."""
        self._settled = False
        self.built = bool(self._layers) and not self._waits
        self.forget_programs()
        if "inbound_nodes" in vars(self):
            self._calls = self.inbound_nodes[1:]
        for name in WIRED:
            vars(self).pop(name, None)

    def _wire_again(self) -> None:
        """Let the next use wire the graph of a copy."""
        layers, self._layers = self._layers, LayerList(self._change)
        for layer in layers:
            self._layers.take(layer)
        self._change()
        self._settled = True

    def _settle(self) -> None:
        """Update the chain if the list of layers was changed."""
        if self._settled:
            return
        self._settled, last, self._last = True, self._last, None
        if last is not None and last in self._layers:
            self._layers.end_after(last)
        kept = 0
        for (layer, _), wanted in zip(self._chain, self._layers):
            if layer is not wanted:
                break
            kept += 1
        del self._chain[kept:]
        self._waits = False
        for layer in self._layers[kept:]:
            self._link(layer)

    def __getattr__(self, name: str) -> Any:
        """Wire the chain at the first access to an attribute that wiring sets."""
        of_wired = name != "inbound_nodes" and (name in WIRED or isinstance(getattr(type(self), name, None), property))
        if of_wired and vars(self).get("_waits"):
            raise AttributeError(self._unknown_input())
        if name not in WIRED or "_chain" not in vars(self):
            return super().__getattribute__(name)  # Python's error, or that of a word of another library
        if self._waits or not self.outputs:
            if name != "inbound_nodes":
                raise AttributeError(f"Sequential {self.name} is empty: add layers to it first.")
            self.inbound_nodes = []
            return self.inbound_nodes
        self._wire(self.inputs, self.outputs)
        self.inbound_nodes.extend(self._calls)
        return super().__getattribute__(name)

    def build(self, input_shape: Any = None) -> None:
        """Check that the model has layers, and tell the first one the shape of its input if it was not told.

        `input_shape`: that shape, the batch counted: `(None, 784)`.
        """
        if not self.layers:
            raise TypeError("a Sequential model is empty: add layers to it first.")
        if self._waits:
            if input_shape is None:
                raise ValueError(self._unknown_input())
            self._begin_with(told(type(self), "input_shape", input_shape))
        self.built: bool = True

    def _unknown_input(self):
        first = self.layers[0]
        return (
            f"Sequential {self.name}: the first layer, {first.name} ({type(first).__name__}), does not know its input "
            "yet. Give it an input_shape, such as input_shape=(784,), or call build((None, 784)), or fit."
        )

    @property
    def model(self) -> "Sequential":
        """This model itself, as a functional model."""
        return self

    @property
    def flattened_layers(self) -> list[Any]:
        """The layers; models merged or nested at the front are replaced by their layers."""
        if not self.layers:
            return []
        first, rest = self.layers[0], self.layers[1:]
        branches = [first]
        if isinstance(first, Merge) and first.layers:
            branches = first.layers
        elif isinstance(first, Sequential):
            branches = first.flattened_layers
        flat = [branch.flattened_layers if isinstance(branch, Sequential) else [branch] for branch in branches]
        return unique([layer for layers in flat for layer in layers] + rest)

    @property
    def training_data(self) -> None:
        """Kept for old programs; horngate does not hold on to training data."""
        return None

    @of_eras(same=2)
    def compile(  # type: ignore[override]  # Keras 1 has another order of arguments here
        self,
        optimizer: Any,
        loss: Any = None,
        metrics: Any = None,
        sample_weight_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Configure training: optimizer, loss and metrics.

        # Arguments
            optimizer: a name, an `Optimizer`, or an optax transformation.
            loss: a name or function `(y_true, y_pred)`.
            metrics: list of names and functions.
            sample_weight_mode: `'temporal'` for a weight for each time step.
            kwargs: further arguments of `Model.compile`, such as `weighted_metrics`.
        """
        asked = {"optimizer": optimizer, "loss": loss, "metrics": metrics, "sample_weight_mode": sample_weight_mode}
        if not self._waits:
            self.build()
        super().compile(**asked, **kwargs)

    @of_eras
    def train_on_batch(  # type: ignore[override]  # the same
        self, x: Any, y: Any, class_weight: dict[int, float] | None = None, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """One training step on one batch; returns loss and metrics as `metrics_names` tells.

        # Arguments
            x: inputs: an array, or a list of them.
            y: targets.
            class_weight: dictionary from class to its weight in the loss.
            sample_weight: weight of each sample in the loss.
            kwargs: `accuracy=True`, as in Keras 0.3, also reports the accuracy.
        """
        return super().train_on_batch(x, y, sample_weight=sample_weight, class_weight=class_weight, **kwargs)

    @of_eras
    def predict_proba(self, x: Any, batch_size: int = 32, verbose: int = 1) -> np.ndarray:
        """The class probabilities: `predict` under another name; `x`, `batch_size` and `verbose` as there."""
        probabilities: Any = self.predict(x, batch_size, verbose)
        return probabilities

    @of_eras
    def predict_classes(self, x: Any, batch_size: int = 32, verbose: int = 1) -> np.ndarray:
        """The most probable class of each sample of `x`; for a single sigmoid output, 0 or 1.

        `batch_size` and `verbose` are those of `predict`.
        """
        probabilities: Any = self.predict(x, batch_size, verbose)
        if probabilities.shape[-1] > 1:
            return probabilities.argmax(axis=-1)
        return (probabilities > 0.5).astype("int32")

    @of_eras
    def get_config(self) -> list[dict[str, Any]]:  # type: ignore[override]  # files of Keras 1 hold a list
        """A list of the layers' configurations."""
        with describing(self):
            items = [_described(layer) for layer in self.layers]
        if items and not self.trainable:
            items[0]["model_trainable"] = False  # a list has no place of its own for it
        return items

    @classmethod
    def from_config(  # type: ignore[override]  # the same
        cls, config: Sequence[dict[str, Any]], layer_cache: Any = None, custom_objects: dict[str, Any] | None = None
    ) -> "Sequential":
        """A model from what `get_config` gave; its weights are new.

        # Arguments
            config: what `get_config` gave.
            layer_cache: ignored; for old programs.
            custom_objects: your own layers and functions: a dictionary by the names that `config` uses.
        """
        with era_told(config):
            model = cls()
        with rebuilding():
            for item in config:
                layer = _sequential_item(item, custom_objects)
                shared = layer.inbound_nodes and not isinstance(layer, InputLayer)
                if not model.layers and shared and hasattr(layer, "batch_input_shape"):
                    layer.create_input_layer(layer.batch_input_shape, layer.input_dtype)
                model.add(layer)
        model.trainable = all(item.get("model_trainable", True) for item in config[:1])
        return model

    # Where the bases of a class declare their arguments, jedi shows what its body annotates, and never its constructor.
    if sys.version_info[0] < 3:  # noqa: UP036  so that jedi alone reads it
        layers: Sequence[Layer]
        name: str


told_ranges.register(Sequential)(told_ranges.dispatch(Model))  # its `call` is that of a model, under another name


def _described(layer: Layer) -> dict[str, Any]:
    """A layer of a Sequential as plain data, with the models that a Merge joins."""
    item = numbered(layer, described(layer))
    if isinstance(layer, Merge) and layer.layers:
        item["config"]["layers"] = [_described(branch) for branch in layer.layers]
    return item


def _sequential_item(item: dict[str, Any], custom_objects: dict[str, Any] | None) -> Any:
    settings = item["config"]
    if item["class_name"] == "Merge" and isinstance(settings, dict) and settings.get("layers"):
        branches = [_sequential_item(branch, custom_objects) for branch in settings["layers"]]
        rest = {key: value for key, value in settings.items() if key != "layers"}
        merged = make_layer({"class_name": "Merge", "config": rest}, custom_objects)
        merged.layers = branches
        merged._merge_layers(branches, None, None)
        return merged
    return make_layer(item, custom_objects)


def model_from_config(
    config: dict[str, Any], custom_objects: dict[str, Any] | None = None, allow_code: bool = False
) -> Any:
    """A model from its configuration; its weights are new.

    # Arguments
        config: `{"class_name": ..., "config": ...}`, optionally with the era in which to make the model, as `to_json`
            writes it: `"horngate_era": "1.2"`.
        custom_objects, allow_code: see `model_from_json`.
    """
    if isinstance(config, list):
        raise TypeError(
            "model_from_config takes a dictionary with class_name and config; for a list, Sequential.from_config."
        )
    config = upgrade_config(config, custom_objects)
    cls: Any = {"Sequential": Sequential, "Model": Model}.get(config["class_name"])
    if config["class_name"] == "Graph":
        cls = elsewhere(__name__, "Graph")
    with code_allowed(allow_code), within_era(checked_era(config.get("horngate_era"))):
        if cls is None:
            return make_layer(config, custom_objects)
        model = cls.from_config(config["config"], custom_objects=custom_objects)
        if cls is Sequential:
            model.name = config.get("name") or model.name
        return model


_TOO_LARGE = "asks for more memory than this machine has"


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None, allow_code: bool = False) -> Any:
    """A model from what `to_json` gave, here or in any Keras before 2; its weights are new.

    # Arguments
        json_string: the text.
        custom_objects: your own layers and functions: a dictionary by the names that the text uses.
        allow_code: accept functions that the text holds as Python byte code. Only for texts that you trust like a
            program, written by the Python version that reads them.
    """
    with saving.file_errors("the JSON text", text=True), budget.weights_at_most(budget.of_machine(), _TOO_LARGE):
        return model_from_config(saving.read_json(json_string), custom_objects, allow_code)


def model_from_yaml(yaml_string: str, custom_objects: dict[str, Any] | None = None, allow_code: bool = False) -> Any:
    """A model from `yaml_string`, which `to_yaml` gave. The YAML is read as plain data.

    `custom_objects` and `allow_code` as for `model_from_json`.
    """
    with saving.file_errors("the YAML text", text=True), budget.weights_at_most(budget.of_machine(), _TOO_LARGE):
        return model_from_config(saving.read_yaml(yaml_string), custom_objects, allow_code)


@of_eras(same=2)
def load_model(
    filepath: PathLike,
    custom_objects: dict[str, Any] | None = None,
    era: str | None = None,
    backend: str | None = None,
    allow_code: bool = False,
    max_expansion: float = 1000,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """A model, its weights and its training state from a file that `save` wrote.

    # Arguments
        filepath: HDF5 file of `model.save`, here or in Keras 1.
        custom_objects: your own layers, losses and functions: a dictionary by the names that the file uses.
        era, backend: the origin of the file, see `Model.load_weights`.
        allow_code: see `model_from_json`.
        max_expansion: memory that the file may take, in multiples of its size; 32 MiB are always allowed.
        compile: whether the model comes with its loss, metrics and optimizer. Without them it predicts; the file may
            then name losses that are not known.
        safe_mode: True. No file executes code here: functions of your own are given in `custom_objects`.

    Raises ValueError if the file is damaged or contains unknown names.
    """
    if custom_objects is not None and not isinstance(custom_objects, dict):
        raise TypeError(
            f"custom_objects must be a dictionary such as {{'Residual': Residual}}; received {custom_objects!r}."
        )

    if not safe_mode:
        raise ValueError(
            "load_model: safe_mode=False would let the file execute code, which no file does here. Leave it out, and "
            "give functions and layers of your own in custom_objects."
        )

    def from_config(config):
        return model_from_config(config, custom_objects, allow_code)

    return saving.model.load_model(filepath, from_config, custom_objects, era, backend, max_expansion, compile)


def save_model(model: Model, filepath: PathLike, overwrite: bool = True, include_optimizer: bool = True) -> None:
    """Write a model, its weights and its training state into one HDF5 file.

    # Arguments
        model: the model.
        filepath: the path to write to.
        overwrite: replace an existing file; if False, ask at the terminal.
        include_optimizer: whether the compile arguments and the optimizer's state are written too.
    """
    with lock_for(model.weights):
        saving.model.save_model(model, filepath, overwrite, include_optimizer)


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    custom_objects: dict[str, Any] | None = None,
) -> Any:
    """A model of the same architecture, with layers and weights of its own.

    # Arguments
        model: the model.
        input_tensors: tensors on which the new model is called, or None for inputs of its own.
        clone_function: for a Sequential, a function from each layer to the one that takes its place.
        custom_objects: your own layers and functions: a dictionary by the names that the configuration uses.
    """
    if clone_function is None:
        own = {type(layer).__name__: type(layer) for layer in with_sublayers(model) if not is_ours(type(layer))}
        made = type(model).from_config(model.get_config(), custom_objects={**own, **(custom_objects or {})})
    elif isinstance(model, Sequential):
        made = Sequential([clone_function(layer) for layer in model.layers])
    else:
        raise ValueError(
            "clone_model: clone_function is for Sequential models. For another graph, make the layers anew, or change "
            "model.get_config() and pass it to Model.from_config."
        )
    return made if input_tensors is None else Model(input_tensors, made(input_tensors))


def get_function_name(o: Any) -> str:
    """The name of the function `o`; of a name, itself."""
    return o if isinstance(o, str) else name_of(o)


def standardize_X(X: Any) -> list[Any]:
    """The input arrays `X`, as a list."""
    return to_list(X)


def standardize_y(y: Any) -> np.ndarray:
    """The target array `y` with an axis for its outputs."""
    y = np.asarray(y)
    return y[:, None] if y.ndim == 1 else y


def __getattr__(name: str) -> Any:
    """`Graph`, which Keras had until 1.0, and what moved from here to `engine.training`."""
    return elsewhere(__name__, name)
