"""Reads configurations of Keras 2 and 3: models and layers, in the form that horngate's own files have.

What a file names is looked up: among the user's own objects, then in the tables of this package. No module that a file
names is imported, and no code in it runs.
"""

from typing import Any

import numpy as np

from horngate import activations
from horngate.backend import config as settings
from horngate.dialects.keras3 import calls, tables
from horngate.dialects.words import Words
from horngate.engine import function_keys, kinds
from horngate.engine.arrangement import flattened
from horngate.engine.container import Container, make_layer
from horngate.engine.front import TEXT
from horngate.engine.layer import Layer
from horngate.engine.names import is_ours
from horngate.utils.generic_utils import CustomObjectScope, find_registered

_PARTS = ("initializers", "regularizers", "constraints", "activations")  # modules of what layers are given
_POLICIES = ("DTypePolicy", "Policy", "DTypePolicyMap", "QuantizedDTypePolicy", "FloatDTypePolicy")


def configuration(told: dict[str, Any], custom_objects: dict[str, Any] | None, version: int) -> dict[str, Any]:
    """Convert the configuration `told` of a model or layer of Keras 2 or 3, which `version` tells.

    `custom_objects`: the user's own objects by the names that the file uses.
    """
    with CustomObjectScope(custom_objects or {}):
        return Reader(custom_objects or {}, version).layer(told)


def of_class(cls: Any, config: dict[str, Any]) -> dict[str, Any]:
    """Convert the configuration `config` of a layer `cls` of the library, as `get_config` of Keras 3 tells it."""
    name = tables.NAMES_IN_KERAS_3.get(cls.__name__, cls.__name__)
    found: dict[str, Any] = configuration({"class_name": name, "config": config}, None, 3)["config"]
    return found


def value(told: Any, custom_objects: dict[str, Any] | None = None, version: int = 3) -> Any:
    """Return what a value in a configuration of Keras 3 stands for: objects for descriptions of objects."""
    with CustomObjectScope(custom_objects or {}):
        return Reader(custom_objects or {}, version).value(told, alive=True)


class Reader:
    """Converts configurations.

    # Arguments
        custom_objects: the user's own objects by name.
        version: 2 or 3, the Keras that wrote them.
    """

    def __init__(self, custom_objects: dict[str, Any], version: int) -> None:
        self.custom_objects, self.version = custom_objects, version

    def layer(self, told: Any) -> dict[str, Any]:
        """Convert the description of a layer or model."""
        if not isinstance(told, dict) or not isinstance(told.get("class_name"), str) or "config" not in told:
            raise ValueError(f"a layer is described by its class_name and config; the file holds {_shown(told)}.")
        name, inner = told["class_name"], told["config"]
        own = find_registered(told.get("registered_name"), name, self.custom_objects)
        if own is not None:
            made = {"class_name": own[0], "config": self._of_user(own[1], inner)}
            return {**made, "built_for": _built_for(told.get("build_config"))} if hasattr(own[1], "built_for") else made
        check_module(told)
        if name in ("Functional", "Model") and isinstance(inner, dict) and "layers" in inner:
            made = {"class_name": "Model", "config": self._graph(inner)}
        elif name == "Sequential":
            made = self._chain(inner)
        elif ".ops" in str(told.get("module")):
            settings = {key: item for key, item in inner.items() if key != "name"}
            about = {"name": inner.get("name"), "function": name, "settings": settings}
            made = {"class_name": "Operation", "config": about}
        else:
            made = self._of_library(name, inner, str(told.get("module") or ""))
        shared = told.get("shared_object_id")
        return {**made, "shared": shared} if isinstance(shared, int) else made

    def _of_library(self, name: str, inner: Any, module: str) -> dict[str, Any]:
        if module.partition(".")[0] == tables.OURS:  # in horngate's own words
            return {"class_name": name, "config": inner}
        cls = tables.core_class(name)
        if cls is None:
            return {"class_name": name, "config": inner}  # what is unknown is refused where layers are made
        if name in tables.DIFFERENT:
            raise ValueError(
                f"the file has a {name}, which computes something else here: {tables.DIFFERENT[name]}. Give a class of "
                f"your own, custom_objects={{{name!r}: ...}}, or build the model in code, then load_weights."
            )
        if not isinstance(inner, dict):
            raise ValueError(f"the arguments of {name} should be a dictionary; the file holds {_shown(inner)}.")
        if name == "Lambda":
            inner = self._without_code(inner)
        given = {word: self._argument(cls, word, item) for word, item in self._kept(cls, inner).items()}
        if name == "Bidirectional":
            given = _both_ways(given)
        return {"class_name": cls.__name__, "config": _renamed(cls, given)}

    def _without_code(self, inner: dict[str, Any]) -> dict[str, Any]:
        """Put the user's function in the place of code that a Lambda holds, or raise ValueError."""
        function, name = inner.get("function"), str(inner.get("name"))
        code = isinstance(function, (list, tuple)) or isinstance(function, dict) and "__lambda__" in function.values()
        if not code:
            return inner
        own = find_registered(None, name, self.custom_objects)
        if own is None:
            raise ValueError(
                f"layer {name!r} (Lambda) holds its function as Python code, which no file may run here, whatever "
                f"allow_code or safe_mode say. Pass the function: custom_objects={{{name!r}: function}}."
            )
        kept = {key: item for key, item in inner.items() if key not in ("function_type", "output_shape_type")}
        return {**kept, "function": name if name in self.custom_objects else own[1]}

    def _kept(self, cls: Any, inner: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments without those that mean nothing here; one that would is refused."""
        kept, declared = {}, Words(cls, cls.__name__, "3").targets
        for word, item in inner.items():
            harmless = tables.WITHOUT_EFFECT.get(word)
            learned = inner.get(tables.LEARNED.get(word, "")) is not None
            if learned or word in tables.DROPPED.get(cls.__name__, ()):
                continue
            if harmless is None or word in declared or word == "autocast" and not item:
                kept[word] = item
            elif harmless and item not in harmless:
                raise ValueError(
                    f"{cls.__name__} {inner.get('name')!r} has {word}={item!r} in the file, which horngate lacks: save "
                    f"the model with {word}={harmless[0]!r}."
                )
        return kept

    def _argument(self, cls: Any, word: str, item: Any) -> Any:
        if word == "dtype":
            return self._dtype(cls, item)
        declared = getattr(cls, "__declared__", {})
        kind = declared[word].kind if word in declared else None
        named = isinstance(item, str) and (kind is kinds.Activation or word.endswith("activation"))
        if named and self.version == 3:  # an era may call another function so
            with settings.within_era("3"):
                return activations.get(item)
        if word == "axis" and self.version == 2 and isinstance(item, list) and len(item) == 1:
            return item[0]
        return self.value(item)

    def _dtype(self, cls: Any, item: Any) -> Any:
        name = self.value(item)
        if not isinstance(name, str | None):
            raise ValueError(
                f"the dtype of {cls.__name__} should be a name or a policy; the file holds {_shown(item)}."
            )
        plain = name in (settings.floatx(), TEXT) or cls.__name__ in tables.HASHES
        return None if cls.__name__ != "InputLayer" and plain else name

    def _of_user(self, cls: Any, inner: Any) -> Any:
        """Return the configuration for a class of the user: one that reads it itself gets it as it is in the file."""
        if not isinstance(inner, dict):
            return inner
        kept = {key: item for key, item in inner.items() if key != "dtype"}
        policy = inner.get("dtype")
        dtype = self._dtype(cls, policy) if policy is not None else None
        kept = {**kept, "dtype": dtype} if dtype is not None else kept
        if isinstance(cls, type) and issubclass(cls, Container) and "layers" in inner and "input_layers" in inner:
            return self._graph(inner)
        maker = next((each for each in getattr(cls, "__mro__", ()) if "from_config" in vars(each)), None)
        if maker is None or not is_ours(maker):
            return kept
        if maker is Layer or hasattr(cls, "built_for"):
            return {key: self.value(item, alive=True) for key, item in kept.items()}
        base = next(each for each in cls.__mro__ if is_ours(each) and "__core__" not in vars(each))
        return _renamed(base, self.values(kept))

    # Values.

    def values(self, items: dict[str, Any]) -> dict[str, Any]:
        """Convert each of `items`."""
        return {key: self.value(item) for key, item in items.items()}

    def value(self, told: Any, alive: bool = False) -> Any:
        """Convert a value in a configuration; `alive`: make the objects that it describes."""
        if isinstance(told, list):
            return [self.value(item, alive) for item in told]
        if not isinstance(told, dict):
            return told
        name, inner = told.get("class_name"), told.get("config")
        if name == "__tuple__":
            return tuple(self.value(item, alive) for item in told.get("items") or inner or ())
        if not isinstance(name, str) or "config" not in told:
            return {key: self.value(item, alive) for key, item in told.items()}
        if name in ("__numpy__", "__ndarray__", "__tensor__") and isinstance(inner, dict):
            return np.asarray(inner["value"], str(inner.get("dtype") or "float32"))
        if name in _POLICIES and isinstance(inner, dict):
            check_module(told)
            return inner.get("name")
        if name == "__lambda__":
            raise ValueError(
                "the file holds a function as Python code, which no file may run here: pass the function in "
                "custom_objects, under the name of its layer or argument."
            )
        if name == "function" or told.get("registered_name") == "function":
            return self._named(inner, told)
        return self._described(told, name, inner, alive)

    def _named(self, name: Any, told: dict[str, Any]) -> Any:
        """Return the function `name` of the user, or the name of one of the library."""
        own = find_registered(name, str(name), self.custom_objects)
        if own is not None:
            return own[1]
        if (function := function_keys.function_of(told.get("horngate_key"))) is not None:
            return function
        if told.get("module") != "builtins":
            check_module({**told, "class_name": name})
        if told.get("module") == f"{tables.OURS}.activations" and name == "hard_sigmoid":
            return activations.hard_sigmoid
        return name

    def _described(self, told: dict[str, Any], name: str, inner: Any, alive: bool) -> Any:
        own = find_registered(told.get("registered_name"), name, self.custom_objects)
        if own is not None and not (isinstance(own[1], type) and issubclass(own[1], Layer)):
            given, cls = self.values(inner) if isinstance(inner, dict) else {}, own[1]
            return cls.from_config(given) if hasattr(cls, "from_config") else cls(**given)
        kind = str(told.get("module") or "").rpartition(".")[2]
        if own is None and (kind in _PARTS or kind not in _HOLDING_LAYERS and tables.core_class(name) is None):
            check_module(told)
            return {"class_name": name, "config": self.values(inner) if isinstance(inner, dict) else {}}
        made = self.layer(told)
        return make_layer(made, self.custom_objects) if alive else made

    # Models.

    def _chain(self, inner: Any) -> dict[str, Any]:
        said = inner if isinstance(inner, dict) else {"layers": inner}
        if not isinstance(said.get("layers"), list):
            raise ValueError(f"a Sequential is described by the list of its layers; the file holds {_shown(inner)}.")
        layers = [self.layer(item) for item in said["layers"]]
        if layers and said.get("trainable") is False:
            layers[0]["model_trainable"] = False
        named = {"name": said["name"]} if isinstance(said.get("name"), str) else {}
        return {"class_name": "Sequential", "config": layers, **named}

    def _graph(self, inner: dict[str, Any]) -> dict[str, Any]:
        layers = []
        for item in inner["layers"]:
            made = self.layer(item)
            layers.append({**made, "name": item.get("name") or made["config"]["name"]})
        if len({each["name"] for each in layers}) < len(layers):
            raise ValueError("the file gives several layers of one model the same name.")
        graph = calls.Graph(inner["layers"], layers, self.custom_objects)
        for made, item in zip(layers, inner["layers"]):
            made["inbound_nodes"] = graph.nodes(made, item.get("inbound_nodes") or [])
        ends: dict[str, Any] = {}
        for end in ("input", "output"):
            ends[f"{end}_layers"], structure = graph.ends(inner[f"{end}_layers"])
            ends |= {} if structure is None else {f"{end}_structure": structure}
        frozen = {"trainable": False} if inner.get("trainable") is False else {}
        return {"name": inner.get("name"), "layers": layers, **ends, **frozen}


_HOLDING_LAYERS = ("layers", "models", "functional", "sequential", "keras")


def check_module(told: dict[str, Any]) -> None:
    """Raise ValueError if the module that a file names is neither Keras's nor horngate's."""
    module = told.get("module")
    if module is not None and str(module).partition(".")[0] not in tables.ROOTS:
        name = told["class_name"]
        raise ValueError(
            f"the file names {name!r} of the program that wrote it ({_shown(module)}): pass it, "
            f"custom_objects={{{name!r}: {name}}}, or decorate it with register_keras_serializable."
        )


def _built_for(told: Any) -> dict[str, Any] | None:
    """Return the inputs that a model of the user was built for; None if the file does not tell."""
    told = told if isinstance(told, dict) else {}
    if isinstance(told.get("horngate"), dict):
        return told["horngate"]
    shape = told.get("input_shape")
    if not shape:
        return None
    places, structure = flattened(shape, _is_shape)
    return {"inputs": [[[None, *place[1:]], settings.floatx()] for place in places], "structure": structure}


def _is_shape(item: Any) -> bool:
    return isinstance(item, (list, tuple)) and all(size is None or isinstance(size, int) for size in item)


def _renamed(cls: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments under the names that `from_config` reads; a constructor reads those of Keras itself."""
    given = {word: item for word, item in given.items() if word != "dtype" or item is not None}
    maker = next(each for each in cls.__mro__ if "from_config" in vars(each))
    if maker is Layer and cls.__name__ != "InputLayer":
        return given
    targets = Words(cls, cls.__name__, "3").targets
    return {found if isinstance(found := targets.get(word, word), str) else word: item for word, item in given.items()}


def _both_ways(given: dict[str, Any]) -> dict[str, Any]:
    """Take the prefixes from the names of the two layers, which are added here, and leave out a mere copy backwards."""
    forward, backward = given.get("layer"), given.get("backward_layer")
    for made, prefix in ((forward, "forward_"), (backward, "backward_")):
        if isinstance(made, dict) and isinstance(made.get("config"), dict) and "name" in made["config"]:
            made["config"]["name"] = str(made["config"]["name"]).removeprefix(prefix)
    if isinstance(forward, dict) and isinstance(backward, dict):
        one, other = ({**made["config"]} for made in (forward, backward))
        told = {"go_backwards": not one.get("go_backwards"), "zero_output_for_mask": other.get("zero_output_for_mask")}
        if {**one, **told} == other and forward["class_name"] == backward["class_name"]:
            given = {key: item for key, item in given.items() if key != "backward_layer"}
    return given


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."
