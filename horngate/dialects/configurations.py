"""Configurations in the words of Keras 2 and 3, as `get_config` tells them in those eras."""

import contextlib
import functools
from typing import Any

from horngate.backend import config
from horngate.backend.arrays.formats import FORMATS
from horngate.dialects.keras3 import objects, writing
from horngate.dialects.words import Words
from horngate.engine.constructors import names_of
from horngate.engine.input import InputLayer
from horngate.engine.names import is_ours


def in_words_of_its_era(layer: Any, configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a layer with the words of the era in which it was made; constructors read them."""
    return _in_words(layer, configuration, layer._era.generation)


def of_layer(layer: Any) -> dict[str, Any]:
    """Return what `get_config` tells of a layer of the eras 2 and 3; in era 3, the library's layers say it as there."""
    if layer._era.generation == "3" and is_ours(type(layer)):
        with contextlib.suppress(writing.Foreign):
            told = writing.Writer().of_library(layer)["config"]
            first = () if isinstance(layer, InputLayer) else writing.OF_FIRST_LAYER  # it says them in Keras 3's words
            return told | {word: vars(layer)[word] for word in first if word in vars(layer)}
    return in_words_of_its_era(layer, layer._described())


def of_part(part: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the `settings` of an optimizer, loss or the like in the words of the era in which it was made."""
    era = part._era.generation
    if era == "3" and is_ours(type(part)):
        with contextlib.suppress(writing.Foreign):  # what Keras 3 has not, or gives no configuration
            return _of_keras_3(part)
    known = part.__declared__
    return _in_words(part, {word: value for word, value in settings.items() if word != "name" or word in known}, era)


def _of_keras_3(part):
    """Return the configuration that files of Keras 3 have, and what Keras 3 has no word for."""
    told = objects.serialize_keras_object(part)
    more = told.get("horngate", {})
    rate = {"learning_rate": more["lr"]} if "lr" in more else {}
    return {**told["config"], **{word: value for word, value in more.items() if word != "lr"}, **rate}


def _in_words(told: Any, configuration: dict[str, Any], era: str) -> dict[str, Any]:
    """Return a configuration with the words of an era.

    Arguments that the era has not are left out where they have their default. A user's constructor keeps its own words.
    """
    core = next(cls for cls in type(told).__mro__ if is_ours(cls) and "__core__" not in vars(cls))
    words = _words(core, era)
    meant = {name for _, names in words for name in names}
    found = {name: value for name, value in configuration.items() if name in meant or not _idle(core, name, value)}
    users = type(told).__mro__[: type(told).__mro__.index(core)]
    kept = {
        name
        for cls in users
        if not is_ours(cls) and "__init__" in vars(cls)
        for name in names_of(vars(cls)["__init__"])
    }
    for word, names in words:
        if word not in names and kept.isdisjoint(names) and found.keys() >= set(names):
            values = [found.pop(name) for name in names]
            value: Any = tuple(values) if len(names) > 1 else values[0]
            found.setdefault(word, FORMATS.get(value, value) if word == "data_format" else value)
    return found


def _idle(cls, name, value):
    """Return whether `value` is the default of an argument that a class declares."""
    argument = cls.__declared__.get(name)
    return argument is not None and value == argument.kind.serialized(config.of_era(argument.default))


@functools.cache
def _words(cls, era):
    """Return pairs (word of an era, the arguments that it stands for)."""
    targets = Words(cls, cls.__name__, era).targets
    return [(word, names if isinstance(names, tuple) else (names,)) for word, names in targets.items()]
