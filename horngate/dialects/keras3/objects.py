"""Objects as plain data in the form of Keras 3, and back: `keras.saving` there."""

import copy
import functools
import importlib
from collections.abc import Callable
from typing import Any

from horngate.backend.config import within_era
from horngate.dialects.keras3 import reading, training
from horngate.dialects.keras3.writing import Writer
from horngate.engine.layer import Layer
from horngate.losses import Loss
from horngate.metrics import Metric
from horngate.optimizers import Optimizer
from horngate.optimizers.schedules import LearningRateSchedule
from horngate.utils.generic_utils import CustomObjectScope


def serialize_keras_object(obj: Any) -> Any:
    """Describe an object, `obj`, as files of Keras 3 do: a layer, model, initializer, function, list of such, ....

    >>> serialize_keras_object(Layer(name="one"))["class_name"]
    'Layer'
    """
    if isinstance(obj, Layer):
        return Writer().model(obj)
    if isinstance(obj, Optimizer):
        return training.described_optimizer(obj, Writer())
    if isinstance(obj, LearningRateSchedule):
        return training.described_schedule(obj, Writer())
    for kind, module in ((Loss, "losses"), (Metric, "metrics")):
        if isinstance(obj, kind):
            return training.measures(obj, module, Writer())
    return Writer().value(obj)


def in_words_of_keras_3(function: Callable[..., Any]) -> Any:
    """Return `serialize` or `deserialize` of a module of Keras 3, which writes and reads its form.

    `function`: ours of that module; it gives the signature, and reads names and our own form.
    """

    @functools.wraps(function)
    def serialize(*args: Any, **kwargs: Any) -> Any:
        (obj,) = args + tuple(kwargs.values())
        return obj if obj is None or isinstance(obj, (str, dict)) else serialize_keras_object(obj)

    @functools.wraps(function)
    def deserialize(*args: Any, **kwargs: Any) -> Any:
        config, *more = args + tuple(kwargs.values())
        if not isinstance(config, dict) or "module" not in config:
            return function(*args, **kwargs)
        made = deserialize_keras_object(config, *more)
        return function(made, *more) if isinstance(made, str) else made  # a function of the library

    return serialize if function.__name__ == "serialize" else deserialize


_MAKERS = ("initializers", "regularizers", "constraints", "losses", "metrics", "schedules")


def deserialize_keras_object(config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True) -> Any:
    """Make the object that `config`, of `serialize_keras_object` or a file of Keras 3, describes.

    # Arguments
        config: the description; anything else stands for itself.
        custom_objects: the user's own objects by the names that it uses.
        safe_mode: True; no description executes code here.
    """
    if not safe_mode:
        raise ValueError(
            "deserialize_keras_object: safe_mode=False would let the description execute code, which none does here. "
            "Leave it out, and give functions and layers of your own in custom_objects."
        )
    with within_era("3"), CustomObjectScope(custom_objects or {}):
        made = reading.value(copy.deepcopy(config), custom_objects)
        if not isinstance(made, dict) or made.keys() != {"class_name", "config"} or not isinstance(config, dict):
            return made
        kind = str(config.get("module")).rpartition(".")[2]
        if kind == "optimizers":
            return training.read_optimizer(config, custom_objects, 3)
        home = "optimizers.schedules" if kind == "schedules" else kind
        return importlib.import_module(f"horngate.{home}").deserialize(made) if kind in _MAKERS else made


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights of `model` into `filepath`; `overwrite` as for `model.save_weights`."""
    model.save_weights(filepath, overwrite)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Read the weights of `model` from `filepath`; `skip_mismatch` as for `model.load_weights`."""
    model.load_weights(filepath, skip_mismatch=skip_mismatch)
