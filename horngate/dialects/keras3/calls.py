"""Calls of layers in the files of Keras 2 and 3, as those of horngate, and back."""

import inspect
from typing import Any, NamedTuple

from horngate.dialects.keras3 import tables
from horngate.engine.arrangement import arranged, flattened
from horngate.engine.called_by_name import CalledByName
from horngate.engine.forms import Form, with_form
from horngate.engine.names import is_ours
from horngate.layers.from_states import FromStates
from horngate.utils.generic_utils import get_custom_objects

# What the first argument of a call is named.
_FIRST = ("inputs", "sequences", "sequence", "input", "x", "input_tensor")


class Place(NamedTuple):
    """The place of a tensor in a graph: the layer that gives it, which call of the layer, and which of its outputs."""

    layer: str
    call: int
    output: int


class Graph:
    """The calls of the layers in one model of a file.

    # Arguments
        items: descriptions of the layers, as the file has them.
        layers: the same in the form of horngate.
        custom_objects: the user's own objects by name.
    """

    def __init__(self, items: list[Any], layers: list[dict[str, Any]], custom_objects: dict[str, Any]) -> None:
        self.classes = {made["name"]: class_of(made["class_name"], custom_objects) for made in layers}
        used: dict[str, list[int]] = {}
        for item in items:
            for place in _places_in(item.get("inbound_nodes")):
                used.setdefault(place.layer, []).append(place.call)
        # A call of a nested model has a number less in Keras 3 than here, where the first is the model's own graph.
        graphs = [name for name, cls in self.classes.items() if getattr(cls, "_is_graph", False)]
        self.shift = {name: int(min(used.get(name, [0])) == 0) for name in graphs}

    def nodes(self, made: dict[str, Any], told: Any) -> list[Any]:
        """Convert the calls `told` of the layer `made`."""
        return [self._call(made, *_arguments(call)) for call in told]

    def ends(self, told: Any) -> tuple[list[list[Any]], Any]:
        """Convert the places of inputs or outputs: one, a list of them, or a dictionary.

        Returns (the places, their structure; None for one or a flat list of them).
        """
        places, structure = flattened(_with_places(told), lambda item: isinstance(item, Place))
        ((_, held),) = structure.items()
        plain = _place(told) or all("tensor" in part for part in held if isinstance(part, dict)) and "list" in structure
        return [self._ours(place) for place in places], None if plain else structure

    def _ours(self, place: Place) -> list[Any]:
        return [place.layer, place.call + self.shift.get(place.layer, 0), place.output]

    def _call(self, made: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        cls, name = self.classes[made["name"]], made["name"]
        if made["class_name"] == "Operation":
            return self._operation(made, args, kwargs)
        is_class = isinstance(cls, type)
        if is_class and issubclass(cls, CalledByName):
            return self._by_name(cls, name, args, kwargs)
        if is_class and _takes_more(cls, args, kwargs):
            return self._arranged(cls, args, kwargs)
        kwargs = {key: item for key, item in kwargs.items() if item is not None and item is not False or key == PHASE}
        if not args:
            first = next((key for key in _FIRST if key in kwargs), None)
            first = first or next((key for key, item in kwargs.items() if _places_in(item)), None)
            args = [kwargs.pop(first)] if first else []
        recurrent = is_class and issubclass(cls, FromStates)
        _name_the_rest(name, args[1:], kwargs, recurrent)
        training = _phase(name, kwargs)
        if getattr(cls, "trains_unless_told", False):  # Keras 3 writes its default, which a model's phase overrides
            training = None if training else training
        tensors = _places_in(args[:1])
        if recurrent:
            tensors += _places_in(kwargs.pop("initial_state", None))
        mask = kwargs.pop("mask", None)
        masks = [mask] if _place(mask) else _in_order(mask)
        given = [(place, m) for place, item in enumerate(masks) if (m := _place(item))]
        if mask is not None and not given:
            kwargs["mask"] = mask
        if kwargs or not tensors:
            raise _not_again(name, ", ".join(kwargs) or "no tensor")
        places = [self._ours(place) for place in (*tensors, *(m for _, m in given))]
        return with_form(Form(training=training, masks=tuple(place for place, _ in given)), places)

    def _arranged(self, cls: Any, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        """Convert a call of a class of the user with tensors in several arguments, in dictionaries or beside data."""
        named = _words_of(cls)
        given = dict(zip(named, args)) | {f"*{i}": item for i, item in enumerate(args[len(named) :])} | kwargs
        training = _phase(cls.__name__, given)
        if given.pop("mask", None) is not None:
            raise _not_again(cls.__name__, "a mask beside several arguments")
        tensors, structure = flattened(_with_places(given), lambda item: isinstance(item, Place))
        return with_form(Form(training=training, arrangement=structure), [self._ours(place) for place in tensors])

    def _operation(self, made: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        """Note in the configuration of an operation where its tensors stand among its arguments."""
        found: list[Place] = []

        def noted(item: Any) -> Any:
            if place := _place(item):
                found.append(place)
                return {"input": len(found) - 1}
            if isinstance(item, list):
                return [noted(inner) for inner in item]
            return {key: noted(inner) for key, inner in item.items()} if isinstance(item, dict) else item

        told = {"arguments": noted(args), "options": noted(kwargs)}
        if {**told, **made["config"]} != {**made["config"], **told}:
            raise ValueError(f"the operation {made['name']!r} is called in two ways in the file.")
        made["config"].update(told)
        if not found:
            raise ValueError(f"the operation {made['name']!r} is called on no tensor.")
        return [self._ours(place) for place in found]

    def _by_name(self, cls: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        """Convert a call on tensors that have names, such as query and value."""
        kwargs = dict(zip(list(inspect.signature(cls.__call__).parameters)[1:], args)) | kwargs
        training = _phase(name, kwargs)
        if "inputs" in kwargs:  # Attention: a list of tensors, and one of masks
            masks = dict(zip(cls.tensors[3:], _in_order(kwargs.pop("mask", None))))
            kwargs = dict(zip(cls.tensors, _in_order(kwargs.pop("inputs")))) | masks | kwargs
        given = {key: kwargs.pop(key, None) for key in cls.tensors}
        found = {key: place for key, item in given.items() if (place := _place(item))}
        options = {key: item for key, item in kwargs.items() if item}
        odd = [key for key in options if key not in cls.options]
        odd += [key for key, item in given.items() if item is not None and key not in found]
        if odd or not found:
            raise _not_again(name, ", ".join(odd) or "no tensor")
        form = Form(tuple(found), options, training)
        return with_form(form, [self._ours(place) for place in found.values()])


PHASE = "training"


def _phase(name: str, kwargs: dict[str, Any]) -> bool | None:
    """Take the phase from the arguments of a call of the layer `name`."""
    told = kwargs.pop(PHASE, None)
    if told is None or isinstance(told, (bool, int)) and told in (0, 1):
        return None if told is None else bool(told)
    raise _not_again(name, f"training={_shown(told)}")


def _name_the_rest(name: str, more: list[Any], kwargs: dict[str, Any], recurrent: bool) -> None:
    """Give the arguments after the first their names: true or false is the phase, tensors are states or masks."""
    for number, item in enumerate(more):
        word = PHASE if isinstance(item, bool) else "initial_state" if recurrent and number == 0 else "mask"
        if item is not None and (word in kwargs or word != PHASE and not _places_in(item)):
            raise _not_again(name, f"{_shown(item)} in place {number + 2}")
        if item is not None:
            kwargs[word] = item


def _takes_more(cls: type, args: list[Any], kwargs: dict[str, Any]) -> bool:
    """Return whether a call of a class of the user gives its `call` more than one tensor or a list, mask and phase."""
    if is_ours(next((each for each in cls.__mro__ if "call" in vars(each)), cls)):
        return False
    named = _words_of(cls)
    given = dict(zip(named, args)) | kwargs
    more = given.keys() - {"mask", PHASE}
    first = next(iter(given.values()), None)
    plain = _place(first) or isinstance(first, list) and all(map(_place, first))
    return len(more) > 1 or not plain or len(args) > len(named)


def _words_of(cls: Any) -> list[str]:
    """Return the names of the arguments of a class's `call`."""
    return list(inspect.signature(cls.call).parameters)[1:]


def _with_places(item: Any) -> Any:
    """Return the described arguments of a call with a `Place` for each tensor."""
    if place := _place(item):
        return place
    if isinstance(item, dict):
        return {key: _with_places(each) for key, each in item.items()}
    return [_with_places(each) for each in item] if isinstance(item, list) else item


def _not_again(name: str, what: str) -> ValueError:
    return ValueError(
        f"layer {name!r} is called with {what}, which horngate cannot call again: build the model in code, then "
        "load_weights."
    )


def _shown(item: Any) -> str:
    return "a tensor" if _place(item) else repr(item)[:40]


def class_of(name: str, custom_objects: dict[str, Any]) -> Any:
    """Return the class that a description here names `name`."""
    from horngate.engine.layer import LAYER_CLASSES

    return {**get_custom_objects(), **custom_objects}.get(name) or LAYER_CLASSES.get(name) or tables.core_class(name)


def _arguments(call: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a call by place and by name: those of Keras 3, or of Keras 2 in the same form."""
    if isinstance(call, dict):
        args, kwargs = call.get("args", []), call.get("kwargs", {})
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise ValueError("a call of a layer is described by a list `args` and a dictionary `kwargs`.")
        return list(args), dict(kwargs)
    if _is_place_of_keras_2(call):
        call = [call]
    if not isinstance(call, list) or not all(map(_is_place_of_keras_2, call)):
        raise ValueError(
            f"a call of a layer is described by the places of its inputs; the file holds {str(call)[:60]}."
        )
    kwargs = next((place[3] for place in call if len(place) > 3 and isinstance(place[3], dict)), {})
    return [call if len(call) > 1 else call[0]], dict(kwargs)


def _is_place_of_keras_2(item: Any) -> bool:
    return (
        isinstance(item, list)
        and len(item) in (3, 4)
        and isinstance(item[0], str)
        and all(isinstance(n, int) for n in item[1:3])
    )


def _place(item: Any) -> Place | None:
    """Return the place that a description tells; None if it describes something else."""
    if isinstance(item, dict) and item.get("class_name") == "__keras_tensor__":
        item = item["config"]["keras_history"]
    return Place(*item[:3]) if _is_place_of_keras_2(item) else None


def _places_in(item: Any) -> list[Place]:
    """Return all places within lists and dictionaries."""
    found, stack = [], [item]
    while stack:
        inner = stack.pop()
        place = _place(inner)
        if place:
            found.append(place)
            inner = inner[3] if isinstance(inner, list) and len(inner) > 3 else None
        stack += reversed(_in_order(inner))
    return found


def _in_order(item: Any) -> list[Any]:
    """Return the items of a list, or of a dictionary in the order of its keys; [] for anything else."""
    if isinstance(item, (list, tuple)):
        return list(item)
    return [item[key] for key in sorted(item)] if isinstance(item, dict) else []


# Writing.


def written(layer: Any, node: Any, place: Any) -> dict[str, Any]:
    """Describe a call as Keras 3 does; `place`: describes a tensor."""
    form = node.form or Form()
    tensors, masks = list(node.taken), {}
    if form.masks:
        count = len(tensors) - len(form.masks)
        masks = dict(zip(form.masks, map(place, tensors[count:])))
        tensors = tensors[:count]
    told = [place(x) for x in tensors]
    if type(layer).__name__ == "Operation":
        args, kwargs = (layer.as_in_keras_3() or (layer.arguments, layer.options or {}))[-2:]
        return {"args": _filled(args, told), "kwargs": _filled(kwargs, told)}
    options: dict[str, Any] = {} if form.training is None else {"training": form.training}
    if isinstance(layer, CalledByName):
        args, kwargs = _written_by_name(layer, dict(zip(form.names or layer.tensors, told)))
        return {"args": args, "kwargs": {**kwargs, **form.options, **options}}
    if form.arrangement is not None:
        args, kwargs = _written_arranged(arranged(form.arrangement, told))
        return {"args": args, "kwargs": {**kwargs, **options}}
    if isinstance(layer, FromStates) and len(told) > 1:
        states = told[1:] if len(told) > 2 else told[1]
        told, options = told[:1], {"initial_state": states, **options}
        masks = {0: masks[0]} if 0 in masks else {}
    if masks:
        listed = [masks.get(i) for i in range(len(told))]
        options["mask"] = listed[0] if len(listed) == 1 else listed
    return {"args": [told[0] if len(told) == 1 else told], "kwargs": options}


def _filled(item: Any, told: list[Any]) -> Any:
    """Put the described tensors `told` in the places of their numbers among the arguments of an operation."""
    if isinstance(item, dict):
        return told[item["input"]] if item.keys() == {"input"} else {k: _filled(v, told) for k, v in item.items()}
    return [_filled(each, told) for each in item] if isinstance(item, (list, tuple)) else item


def _written_arranged(given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return (arguments by place, those by name): the first one stands by place, as Keras 3 asks."""
    first, *rest = given
    more = [given[name] for name in rest if name.startswith("*")]
    if more:
        return list(given.values()), {}
    return [given[first]], {name: given[name] for name in rest}


def _written_by_name(layer: Any, given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    if "query" in inspect.signature(type(layer).__call__).parameters:
        return [], given
    inputs = [given[name] for name in layer.tensors[:3] if name in given]
    masks = [given.get(name) for name in layer.tensors[3:5]]
    return [inputs], {"mask": masks} if any(mask is not None for mask in masks) else {}
