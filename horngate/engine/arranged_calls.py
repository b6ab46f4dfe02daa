"""Arranged calls give tensors in dictionaries, nested lists and several arguments, as in `layer(x, context=y)`."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from horngate.backend.types import TensorLike
from horngate.engine.arrangement import Structure, arranged, flattened, is_nested
from horngate.engine.forms import Form, written
from horngate.utils.nearest import did_you_mean

_SPECIAL = ("mask", "training")


def takes_more(call: Any) -> bool:
    """Return whether a `call` takes arguments beside its input, the mask and the phase."""
    return bool(_further(call))


def _further(call):
    """Return the parameters of `call` after `self` and the input that are neither the mask nor the phase."""
    parameters = list(inspect.signature(call).parameters.values())[2:]
    return [p for p in parameters if p.name not in _SPECIAL and not _is_mask_in_place(p, parameters)]


def _is_mask_in_place(parameter, parameters):
    """Return whether Keras 1 gives this parameter the mask: it is the second, under another name."""
    return parameter is parameters[0] and ("mask" in parameter.name or len(parameter.name) <= 2)


def call_arranged(call_plainly: Callable[..., TensorLike], layer: Any, args: Any, kwargs: dict[str, Any]) -> TensorLike:
    """Call `layer` on the arguments of its own `call`.

    `call_plainly(x, mask, training)` calls it on one tensor or a flat list of tensors.
    """
    given = _bound(layer, args, kwargs)
    mask, training = given.pop("mask", None), given.pop("training", None)
    name = next(iter(given))
    if len(given) == 1 and not is_nested(given[name]):
        return call_plainly(given[name], mask, training)
    tensors, values = flattened(list(given.values()))  # in the order of the signature, as the masks are
    structure = {"dict": [list(pair) for pair in zip(given, values["list"])]}
    if mask is not None:
        mask = flattened(mask)[0] if is_nested(mask) or isinstance(mask, (list, tuple)) else [mask]
        mask = [*mask, *[None] * (len(tensors) - len(mask))]
    with written(layer, Form(arrangement=structure)):
        return call_plainly(tensors, mask, training)


def _bound(layer, args, kwargs):
    """Return name -> value for the arguments of a call, in the order of the signature of `layer.call`."""
    parameters = list(inspect.signature(type(layer).call).parameters.values())[1:]
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)]
    if len(args) > len(named) and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise TypeError(f"{_called(layer)}: call takes {', '.join(named)}; received {len(args)} arguments.")
    given = dict(zip(named, args)) | {f"*{i}": x for i, x in enumerate(args[len(named) :])}
    known = {p.name for p in parameters} | {*_SPECIAL}
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for name, value in kwargs.items():
        first = parameters[0].name if name in ("x", "inputs", "input") and not given else name
        if first in given:
            raise TypeError(f"{_called(layer)}: the argument {name!r} of call was given twice.")
        if first not in known and not takes_any:
            raise TypeError(f"{_called(layer)}: call has no argument {name!r}.{did_you_mean(name, sorted(known))}")
        given[first] = value
    if not given.keys() - set(_SPECIAL):
        raise TypeError(f"{_called(layer)}: call needs {parameters[0].name!r}.")
    return given


def _called(layer):
    return f"{type(layer).__name__} {layer.name}"


def run_arranged(layer: Any, form: Form, tensors: Sequence[Any], masks: Any, training: bool) -> Any:
    """Return what `layer.call` gives for `tensors` in the arrangement of `form`."""
    structure: Any = form.arrangement
    given = arranged(structure, tensors)
    by_place = [given.pop(name) for name in list(given) if name.startswith("*")]
    told = {}
    parameters = inspect.signature(type(layer).call).parameters
    if "training" in parameters:
        told["training"] = training
    if "mask" in parameters:
        told["mask"] = _masks_of_first(structure, masks)
    if by_place:
        return layer.call(*given.values(), *by_place, **told)
    return layer.call(**given, **told) if parameters else layer.call(*given.values())


def _masks_of_first(structure, masks):
    """Return the masks of the tensors of the first argument, in its structure; None if there are none."""
    if masks is None or all(mask is None for mask in masks):
        return None
    return arranged(structure["dict"][0][1], masks)


def shapes_to_build(layer: Any, structure: Structure, shapes: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
    """Return (the shape of the first argument, the shapes of those for which `build` has an argument of its own)."""
    told = arranged(structure, shapes)
    first, *rest = told
    parameters = inspect.signature(layer.build).parameters
    more = {f"{name}_shape": told[name] for name in rest if f"{name}_shape" in parameters}
    return told[first], more
