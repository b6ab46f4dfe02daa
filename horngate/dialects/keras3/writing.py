"""Writes configurations as Keras 3 does, which then makes the same models of them.

What Keras 3 has not (a layer, an argument with a value of its own, a function that means something else there) is
written in horngate's own words, under the module `horngate`; `Writer.foreign` lists it.
"""

import inspect
from typing import Any

import numpy as np

from horngate import activations
from horngate.backend import config as settings
from horngate.backend.arrays.formats import FORMATS
from horngate.backend.graph import Variable
from horngate.dialects.keras3 import calls, parts, tables
from horngate.dialects.keras3.parts import item
from horngate.dialects.words import Words
from horngate.engine import constructors, description, kinds
from horngate.engine.container import Container, configuration_of, history_of
from horngate.engine.ends import structured
from horngate.engine.input import InputLayer
from horngate.engine.layer import BASE_NAMES, Layer
from horngate.engine.merge import Merge
from horngate.engine.names import is_ours
from horngate.engine.sublayers import is_graph
from horngate.layers.wrappers import Wrapper
from horngate.optimizers import Optimizer
from horngate.utils.generic_utils import get_registered_name


class Foreign(Exception):
    """A layer that Keras 3 cannot make; the text says why."""


class Writer:
    """Describes models and layers for Keras 3.

    `foreign`: what Keras 3 cannot make, as sentences' parts: "layer (class): why".
    """

    def __init__(self) -> None:
        self.foreign: list[str] = []

    def model(self, model: Any) -> dict[str, Any]:
        """Describe a model, and all in it."""
        with description.describing(model):
            return self.layer(model)

    def layer(self, layer: Any) -> dict[str, Any]:
        """Describe a layer or model."""
        if is_graph(layer):
            told = self._model(layer)
        elif not is_ours(type(layer)):
            told = self._of_user(layer)
        else:
            try:
                told = self.of_library(layer)
            except Foreign as why:
                self.foreign.append(f"{layer.name} ({type(layer).__name__}): {why}")
                told = self._in_our_words(layer)
        number = description.numbered(layer, {}).get("shared")
        return told if number is None else {**told, "shared_object_id": number}

    # Layers.

    def of_library(self, layer: Any) -> dict[str, Any]:
        """Describe a layer of the library. Raises Foreign if Keras 3 has none like it."""
        name = type(layer).__name__
        if name == "Operation":
            if (told := layer.as_in_keras_3()) is None:
                raise Foreign("Keras 3 has no such function")
            return item(told[0], layer.function, {"name": layer.name, **told[1]}, layer.function)
        if isinstance(layer, InputLayer):
            return item("keras.layers", "InputLayer", self._of_input(layer))
        name, given = (_merging(layer) or (name, None)) if type(layer) is Merge else (name, None)
        name = tables.NAMES_IN_KERAS_3.get(name, name)
        if not tables.in_keras_3(name):
            raise Foreign("Keras 3 has no such layer")
        if name in tables.DIFFERENT:
            raise Foreign(tables.DIFFERENT[name])
        base = {"name": layer.name, "trainable": bool(layer.trainable), "dtype": _policy(layer)}
        if name in tables.SHORT:
            base = {"name": layer.name, "dtype": _policy(layer)["config"]["name"]}
        if name in tables.NAME_ALONE:
            base = {"name": layer.name}
        if not layer.autocast:  # which Keras 3 takes, and forgets when it writes
            base["autocast"] = False
        if given is None:
            given = self._arguments(layer, name)
            told = layer._penalizes_output or "activity_regularizer" in type(layer).__declared__
            penalty = layer.activity_regularizer if told else None
            if penalty is not None or name in tables.WITH_ACTIVITY:
                given["activity_regularizer"] = self.value(penalty, kinds.Regularizer)
        return item("keras.layers", name, {**base, **given})

    def _arguments(self, layer: Any, name: str) -> dict[str, Any]:
        """Return the arguments of a layer under the words of the class `name` of Keras 3."""
        core, cls = tables.core_class(name), type(layer)
        words = Words(core, core.__name__, "3").targets
        lacking = tables.ONLY_HERE.get(name, ()) + tables.ONLY_HERE[""]
        written, found = {*BASE_NAMES}, {}
        for word, target in words.items():
            names = target if isinstance(target, tuple) else (target,)
            if word in tables.NOT_WRITTEN.get(name, ()) or any(n in lacking for n in names) or word in BASE_NAMES:
                continue
            if not all(n in cls.__declared__ and cls.__declared__[n].kind.in_config for n in names):
                continue
            written.update(names)
            values = [self._held(layer, n, word) for n in names]
            found[word] = values if isinstance(target, tuple) else values[0]
        self._check_rest(layer, written)
        for word, same in tables.SAME_AS.get(name, {}).items():
            found[word] = self._held(layer, same, word) if found[word] is None else found[word]
        for word in (*tables.SIZES, *tables.LISTED.get(name, ())):
            if word in found and isinstance(found[word], int):
                found[word] = [found[word]]
        if name.startswith("ZeroPadding") and isinstance(found["padding"], int):
            pair, rank = [found["padding"]] * 2, int(name[-2])
            found["padding"] = pair if rank == 1 else [pair] * rank
        if "bounding_box_format" in found and found["bounding_box_format"] is None:  # which Keras 3 does not write
            del found["bounding_box_format"]
        return {**found, **tables.IMPLIED.get(type(layer).__name__, {})}

    def _held(self, layer: Any, name: str, word: str) -> Any:
        value = constructors._current(layer, name)
        kind = type(layer).__declared__[name].kind
        if word == "data_format":
            return FORMATS.get(str(value), value or "channels_last")
        return self.value(value, kind)

    def _check_rest(self, layer: Any, written: set[str]) -> None:
        """Raise Foreign if an argument that Keras 3 lacks has a value of its own."""
        cls = type(layer)
        for name, told in cls.__declared__.items():
            if name in written or name in tables.WITHOUT_MEANING or not told.kind.in_config:
                continue
            value, plain = constructors._current(layer, name), told.held(told.default, cls)
            if not _same(value, plain):
                raise Foreign(f"Keras 3 has no argument {name!r}")

    def _of_input(self, layer: Any) -> dict[str, Any]:
        shape = [None if n is None else int(n) for n in layer.batch_input_shape]
        about = {"dtype": str(layer.input_dtype), "sparse": bool(layer.sparse), "ragged": False, "name": layer.name}
        return {"batch_shape": shape, **about, "optional": False}

    def _of_user(self, layer: Any) -> dict[str, Any]:
        cls = type(layer)
        said = configuration_of(layer)
        if isinstance(said, dict):
            words, of_base = self._words_of_base(layer)
            said = {words.get(key, key): item for key, item in said.items() if key not in OF_FIRST_LAYER}
            said = {key: of_base.get(key, self._of_attribute(layer, key, item)) for key, item in said.items()}
            said["dtype"] = _policy(layer)
        if not hasattr(layer, "built_for"):
            return item(cls.__module__, cls.__name__, said, get_registered_name(cls))
        told = item(cls.__module__, cls.__name__, _taken(cls, said), get_registered_name(cls))
        return {**told, **_build_config(layer)}

    def _of_attribute(self, layer: Any, name: str, told: Any) -> Any:
        """Describe an argument of a user's layer; `told`: its configuration, where layers are in our words."""
        held = getattr(layer, name, None)
        inside = held if isinstance(held, (list, tuple)) else [held]
        return self.value(held if inside and all(isinstance(each, Layer) for each in inside) else told)

    def _words_of_base(self, layer: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return (our name -> word of Keras 3, word -> value) for the arguments of the library's class above."""
        base = next(each for each in type(layer).__mro__ if is_ours(each) and "__core__" not in vars(each))
        name = tables.NAMES_IN_KERAS_3.get(base.__name__, base.__name__)
        if base in (Layer, Wrapper) or not tables.in_keras_3(name):
            return {}, {}
        targets = Words(base, base.__name__, "3").targets
        words = {target: word for word, target in targets.items() if isinstance(target, str)}
        for word, target in targets.items():
            words |= dict.fromkeys(target, word) if isinstance(target, tuple) else {}
        return words, self._arguments(layer, name)

    def _in_our_words(self, layer: Any) -> dict[str, Any]:
        return item("horngate.layers", type(layer).__name__, configuration_of(layer))

    # Values.

    def value(self, value: Any, kind: Any = None) -> Any:
        """Describe a value as plain data; `kind`: the declared type of the argument."""
        if kind is not None and issubclass(kind, kinds.Activation) and not isinstance(value, Layer):
            return self._activation(value)
        if isinstance(value, Layer):
            return self.layer(value)
        if isinstance(value, (Variable, np.floating)):
            return parts.short(value)
        if isinstance(value, dict):
            return {str(key): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set)):
            return [self.value(item) for item in value]
        if isinstance(value, np.ndarray):
            return _array(value) if value.ndim > 1 else value.tolist() if value.ndim else parts.short(value)
        if hasattr(value, "get_config") or callable(value):
            return self._part(value, kind)
        return value.item() if hasattr(value, "item") else value

    def _activation(self, value: Any) -> Any:
        name = activations.name_of(value)
        if name is None:
            return self._part(value, None)
        if value is activations.hard_sigmoid:
            raise Foreign("what Keras 3 calls hard_sigmoid is another function")
        return name

    def _part(self, value: Any, kind: Any) -> Any:
        if isinstance(value, Optimizer):
            from horngate.dialects.keras3 import training  # imported late: it reads models, too

            return training.described_optimizer(value, self)
        found = parts.described(value, kind, self.value)
        if found is None:
            raise Foreign(f"Keras 3 has nothing like {type(value).__name__}")
        return found

    # Models.

    def _model(self, model: Any) -> dict[str, Any]:
        cls: Any = type(model)
        if is_ours(cls):
            chain = cls.__name__ == "Sequential"
            if chain and (model._waits or not model.layers or len(model.inputs) == 1):
                return self._chain(model)
            return item("keras.src.models.functional", "Functional", self._graph(model), "Functional")
        said = self._graph(model) if cls.get_config is Container.get_config else self.value(model.get_config())
        return item(cls.__module__, cls.__name__, said, get_registered_name(cls))

    def _chain(self, model: Any) -> dict[str, Any]:
        inner: dict[str, Any] = {"name": model.name, "trainable": bool(model.trainable), "dtype": _policy(model)}
        layers, wired = list(model.layers), model.layers and not model._waits
        inner["layers"] = [self.layer(layer) for layer in layers]
        build = {}
        if wired:
            shape = list(model.inputs[0].shape)
            inner["build_input_shape"], build = shape, {"build_config": {"input_shape": shape}}
            if not isinstance(layers[0], InputLayer):
                entry = model.inputs[0]._keras_history[0]
                inner["layers"].insert(0, item("keras.layers", "InputLayer", self._of_input(entry)))
        return {**item("keras", "Sequential", inner), **build}

    def _graph(self, model: Any) -> dict[str, Any]:
        layers, kept = model.graph_layers, {}
        for layer in layers:
            calls_here = [i for i, node in enumerate(layer.inbound_nodes) if node in model.container_nodes]
            kept.update({(layer, i): k for k, i in enumerate(calls_here)})

        def history(tensor: Any) -> list[Any]:
            layer, node, index = history_of(model, tensor)
            return [layer.name, kept[layer, node], index]

        def place(tensor: Any) -> dict[str, Any]:
            about = {"shape": list(tensor.shape), "dtype": str(tensor.dtype), "keras_history": history(tensor)}
            return {"class_name": "__keras_tensor__", "config": about}

        described = [
            {
                **self.layer(layer),
                "name": layer.name,
                "inbound_nodes": [
                    calls.written(layer, node, place)
                    for node in layer.inbound_nodes
                    if node in model.container_nodes and node.input_tensors is not node.output_tensors
                ],
            }
            for layer in layers
        ]
        ends = {
            "input_layers": structured(model.input_structure, [history(x) for x in model.inputs]),
            "output_layers": structured(model.output_structure, [history(x) for x in model.outputs]),
        }
        return {"name": model.name, "trainable": bool(model.trainable), "layers": described, **ends}


def _taken(cls: Any, said: Any) -> Any:
    """Return what the constructor of a model takes, to which Keras 3 gives all that a configuration holds."""
    if not isinstance(said, dict) or not is_ours(next(each for each in cls.__mro__ if "from_config" in vars(each))):
        return said
    parameters = inspect.signature(cls.__init__).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    return {key: item for key, item in said.items() if takes_all or key in parameters}


def _build_config(model: Any) -> dict[str, Any]:
    """Describe the inputs of a model that computes in its `call`: as Keras 3 does, and with types and structure."""
    told = model.built_for()
    if told is None:
        return {}
    shapes = calls.arranged(told.get("structure", told.get("arguments")), [shape for shape, _ in told["inputs"]])
    key = "input_shape" if "structure" in told else "shapes_dict"
    return {"build_config": {key: shapes, "horngate": told}}


OF_FIRST_LAYER = ("batch_input_shape", "input_dtype")


def _policy(layer: Any) -> dict[str, Any]:
    """Describe the number types of a layer."""
    name = settings.floatx() if layer._precision is None else layer._precision.name
    if type(layer).__name__ in tables.HASHES and layer.output_mode == "int":
        name = "int64"
    return item("keras", "DTypePolicy", {"name": name})


def _merging(layer: Any) -> tuple[str, dict[str, Any] | None] | None:
    """Return the class of Keras 3 for a `Merge`, and its arguments; None if there is none."""
    name = tables.MERGING.get(layer.mode) if isinstance(layer.mode, str) else None
    if name is None:
        return None
    base = {"name": layer.name, "trainable": bool(layer.trainable), "dtype": _policy(layer)}
    return name, {**base, **({"axis": layer.concat_axis} if name == "Concatenate" else {})}


def _array(value: np.ndarray) -> dict[str, Any]:
    return {"class_name": "__numpy__", "config": {"value": value.tolist(), "dtype": value.dtype.name}}


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, np.ndarray) or isinstance(other, np.ndarray):
        return bool(np.array_equal(value, other))
    if inspect.isfunction(value) or inspect.isfunction(other):
        return value is other
    if hasattr(value, "get_config") and type(value) is type(other):
        return value.get_config() == other.get_config()
    return bool(value == other)
