"""The training of a model in files of Keras 2 and 3: loss, metrics, optimizer, and the optimizer's state."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from horngate import objectives, optimizers
from horngate.backend.config import ERAS, within_era
from horngate.backend.graph import Variable
from horngate.backend.notices import warn
from horngate.dialects.keras3 import parts, reading, tables, weights
from horngate.engine import function_keys
from horngate.engine.names import is_ours
from horngate.engine.sublayers import is_graph
from horngate.optimizers.base import Optimizer
from horngate.training.compiled import Compiled, compile_as_told
from horngate.training.custom_steps import CustomSteps
from horngate.utils import generic_utils
from horngate.utils.generic_utils import CustomObjectScope, find_registered, get_registered_name, settings_of

# Optimizer -> its slots in the order of Keras 3: those of a group stand together for each parameter.
SLOTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "SGD": (("moment",),),
    "RMSprop": (("square",), ("moment",), ("mean",)),
    **dict.fromkeys(("Adam", "AdamW"), (("m", "v"), ("largest",))),
    **dict.fromkeys(("Nadam", "Lamb"), (("m", "v"),)),
    "Adagrad": (("square",),),
    "Adadelta": (("square", "delta_square"),),
    "Adamax": (("m", "u"),),
    "Ftrl": (("squares", "linear"),),
    "Lion": (("m",),),
}
_SHARED = {"Nadam": ("m_schedule",)}  # scalars behind the slots
# Arguments that Keras 3 leaves out of what it writes; here only those that have their defaults are left out.
_LEFT_OUT: dict[str, tuple[str, ...]] = {
    "losses.Huber": ("delta",),
    **dict.fromkeys(("losses.CosineSimilarity", "metrics.CosineSimilarity"), ("axis",)),
    "losses.SparseCategoricalCrossentropy": ("axis",),
    "metrics.AUC": ("thresholds",),
    "metrics.SparseTopKCategoricalAccuracy": ("from_sorted_ids",),
}
# Settings of compile, and of optimizers, that choose how Keras computes and not what.
_HOW = ("jit_compile", "is_legacy_optimizer", "run_eagerly", "steps_per_execution", "auto_scale_loss")


# Writing.


def described(model: Any, writer: Any) -> dict[str, Any] | None:
    """Describe how a model was compiled, as Keras 3 does; None if the optimizer cannot be described.

    `writer`: the `Writer` of its layers.
    """
    if _is_own(model, "compile"):
        return None
    try:
        optimizer = described_optimizer(model.optimizer, writer)
    except ValueError as error:  # a file without the state of training is better than none
        warn(f"{model.name} is saved without its optimizer: {error}")
        return None
    return {
        "optimizer": optimizer,
        "loss": measures(model.loss, "losses", writer),
        "loss_weights": writer.value(model.loss_weights),
        "metrics": measures(model.metrics_given or None, "metrics", writer),
        "weighted_metrics": measures(model.weighted_metrics or None, "metrics", writer),
        "run_eagerly": False,
        "steps_per_execution": 1,
        "jit_compile": True,
        **({"sample_weight_mode": mode} if (mode := getattr(model, "sample_weight_mode", None)) else {}),
    }


def for_file(model: Any, writer: Any) -> dict[str, Any] | None:
    """Describe for a file how a model was compiled: as its class does, if it overrides `get_compile_config`."""
    if not was_compiled(model):
        return None
    if _is_own(model, "get_compile_config"):
        return writer.value(model.get_compile_config())
    if _is_own(model, "compile"):
        return _OTHERWISE
    return described(model, writer) if getattr(model, "objective", None) is not None else None


def was_compiled(model: Any) -> bool:
    """Return whether `compile` of a model was called."""
    return getattr(model, "objective", None) is not None or getattr(model, "_to_compile", None) is not None


_OTHERWISE: dict[str, Any] = {"optimizer": None}


def from_file(model: Any, told: Any, custom_objects: dict[str, Any] | None) -> bool:
    """Compile a model as a `.keras` file says; return whether the state of its optimizer belongs to it."""
    if _is_own(model, "compile_from_config"):
        with CustomObjectScope(custom_objects or {}):
            model.compile_from_config(told)
        return False
    if _is_own(model, "compile"):
        warn(
            f"{model.name} is loaded without how it was compiled, as {type(model).__name__} has a compile of its own. "
            "Give the class get_compile_config() and compile_from_config(config), or call compile before training."
        )
        return False
    return compiled(model, told, custom_objects, 3)


def _is_own(model: Any, method: str) -> bool:
    """Return whether the user's class of a model has this method."""
    return not is_ours(next((each for each in type(model).__mro__ if method in vars(each)), Compiled))


def described_optimizer(optimizer: Any, writer: Any) -> dict[str, Any]:
    """Describe an optimizer as Keras 3 does; `writer` describes the values in it."""
    cls, settings = type(optimizer), settings_of(optimizer)
    if not is_ours(cls):
        config = writer.value({"learning_rate" if key == "lr" else key: item for key, item in settings.items()})
        return parts.item(cls.__module__, cls.__name__, config, get_registered_name(cls))
    held = parts.words_of(cls)
    config = {word: writer.value(getattr(optimizer, name)) for word, name in held.items() if name != "lr"}
    if "lr" in held.values():
        config["learning_rate"] = _rate(optimizer, settings, writer)
    config["name"] = optimizer._told_name or generic_utils.snake_case(cls.__name__)
    if "ema_momentum" in held:
        config["ema_momentum"] = config.get("ema_momentum") or 0.99
    if optimizer.clipnorm and not optimizer._era.clips_each_norm:  # of all gradients together
        config["global_clipnorm"], config["clipnorm"] = config["clipnorm"], None
    if cls.__name__ not in SLOTS and cls.__name__ == "ScheduleFreeAdamW":
        writer.foreign.append(f"the optimizer {cls.__name__}: Keras 3 has none like it")
    lacking = {key: writer.value(settings[key]) for key in ("undecayed", "decay") if settings.get(key)}
    warming = settings.get("schedule_decay")
    lacking |= {} if warming in (None, ERAS["3"].nadam_schedule_decay) else {"schedule_decay": warming}
    lacking |= {"lr": writer.value(settings["lr"])} if "decay" in lacking else {}
    return {**parts.item("keras.optimizers", cls.__name__, config), **({"horngate": lacking} if lacking else {})}


def described_schedule(schedule: Any, writer: Any) -> dict[str, Any]:
    """Describe a schedule of the rate as Keras 3 does; `writer` describes the values in it."""
    cls = type(schedule)
    if not is_ours(cls):
        return parts.item(cls.__module__, cls.__name__, writer.value(schedule.get_config()), get_registered_name(cls))
    name, config = type(schedule).__name__, parts.arguments(schedule, writer.value)
    called = config.get("name") or tables.SCHEDULES.get(name, name)
    return parts.item("keras.optimizers.schedules", name, {**config, "name": called})


def _rate(optimizer: Any, settings: dict[str, Any], writer: Any) -> Any:
    """Describe the learning rate: a number, or a schedule, to which the decay of Keras 1 belongs."""
    decay = settings.get("decay")
    if isinstance(settings.get("lr"), dict):
        return described_schedule(optimizer.schedule, writer)
    rate = parts.short(optimizer.lr)
    if not decay:
        return rate
    config = {"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": parts.short(decay), "staircase": False}
    return parts.item("keras.optimizers.schedules", "InverseTimeDecay", {**config, "name": "InverseTimeDecay"})


def measures(told: Any, module: str, writer: Any) -> Any:
    """Describe losses or metrics: one, lists of them, or dictionaries by the names of outputs."""
    if isinstance(told, (list, tuple)):
        return [measures(item, module, writer) for item in told]
    if isinstance(told, dict) and not {"class_name", "config"} <= told.keys():
        return {name: measures(item, module, writer) for name, item in told.items()}
    if told is None or isinstance(told, (str, dict)):
        return told
    cls = type(told)
    if hasattr(told, "get_config") and is_ours(cls):
        left_out = _LEFT_OUT.get(f"{module}.{cls.__name__}", ()) + (("dtype",) if module == "losses" else ())
        plain = {key: cls.__declared__[key].default for key in left_out}
        config = {key: item for key, item in settings_of(told).items() if key not in plain or item != plain[key]}
        return parts.item(f"keras.{module}", cls.__name__, writer.value(config))
    if hasattr(told, "get_config"):
        return parts.item(cls.__module__, cls.__name__, writer.value(told.get_config()), get_registered_name(cls))
    return function_keys.name_of(told) if is_ours(told) else parts.named(told)


def state(model: Any) -> list[np.ndarray] | None:
    """Return the state of the optimizer of `model` as arrays in the order of Keras 3; None where that has no place."""
    model._make_train_function()  # makes the optimizer's arrays
    places = _state(model, 3)
    if places is None:
        return None
    arrays = [join([np.asarray(variable.value) for variable in variables]) for variables, join, _ in places]
    return [arrays[0].astype("int32"), *arrays[1:]]


Place = tuple[list[Variable], Any, Any]  # variables here, and the functions that join and split their arrays


def _state(model: Any, version: int) -> list[Place] | None:
    """Return the places of the variables that the optimizer has in Keras 2 or 3, in order; None where they differ."""
    optimizer = model.optimizer
    name = type(optimizer).__name__
    own = name not in SLOTS or not is_ours(type(optimizer)) or optimizer.scaling
    if own or optimizer.gradient_accumulation_steps:
        return None
    trainable = set(model._collected_trainable_weights)
    of_weight: dict[Any, Any] = {}
    for _, _, variables in weights.of_model(model):
        for variable in variables:
            of_weight.setdefault(variable.weights[0], variable)
    order = of_weight if is_graph(model) else model.ordered_weights
    trained = [of_weight[weight] for weight in order if weight in trainable and weight in of_weight]
    slots, found = _slots(optimizer), [([optimizer.iterations], *_alone())]
    if version == 3 and optimizer.schedule is None and not settings_of(optimizer).get("decay"):
        found.append(([optimizer.lr], *_alone()))
    groups = [("average",)] * ("average" in slots) + list(SLOTS[name])
    if version == 2:  # one slot after the other
        groups = [(slot,) for group in groups for slot in group]
    for group in groups:
        if group[0] in slots and not (version == 3 and name == "SGD" and not float(optimizer.momentum)):
            found += _of_group(group, trained, slots)
    return found + [([getattr(optimizer, each)], *_alone()) for each in _SHARED.get(name, ())]


def _of_group(group: tuple[str, ...], trained: list[Any], slots: dict[str, dict[Any, Variable]]) -> Iterator[Place]:
    """Yield the places of a group of slots, parameter by parameter."""
    for variable in trained:
        for slot in group:
            yield [slots[slot][weight] for weight in variable.weights], variable.join, variable.split


def _alone() -> tuple[Any, Any]:
    return lambda arrays: arrays[0], lambda array: [array]


def _slots(optimizer: Any) -> dict[str, dict[Any, Variable]]:
    """Return slot -> parameter -> its array."""
    found: dict[str, dict[Any, Variable]] = {}
    for array, parameter in optimizer.slot_owners.items():
        found.setdefault(array.name.removeprefix(f"{parameter.label}_"), {})[parameter] = array
    return found


# Reading.


def compiled(model: Any, told: Any, custom_objects: dict[str, Any] | None, version: int) -> bool:
    """Compile a model as a file says; return whether the file tells an optimizer and a loss.

    # Arguments
        model: the model.
        told: what the file says.
        custom_objects: the user's own objects by the names that the file uses.
        version: 2 or 3, the Keras that wrote the file.
    """
    if not isinstance(told, dict):
        raise ValueError(f"the file should tell by a dictionary how the model was compiled; it holds {told!r:.60}.")
    optimizer = told.get("optimizer", told.get("optimizer_config"))
    if optimizer is None or told.get("loss") is None and not isinstance(model, CustomSteps):
        return False
    with CustomObjectScope(custom_objects or {}):
        measures = {key: _value(told.get(key), custom_objects, version) for key in ("metrics", "weighted_metrics")}
        loss = objectives.revived(_value(told.get("loss"), custom_objects, version))
        with within_era(model._era.name if model._era.generation in ("2", "3") else str(version)):
            made = read_optimizer(optimizer, custom_objects, version)
        more = {key: told[key] for key in ("loss_weights", "sample_weight_mode") if told.get(key)}
        measures = {key: item for key, item in measures.items() if item}
        return compile_as_told(model, optimizer=made, loss=loss, **measures, **more)


def read_optimizer(told: Any, custom_objects: dict[str, Any] | None, version: int) -> Any:
    """Return the optimizer that a file of Keras 2 or 3 describes."""
    if isinstance(told, str):
        return optimizers.get(told)
    if not isinstance(told, dict) or not isinstance(told.get("class_name"), str):
        raise ValueError(f"an optimizer is described by its class_name and config; the file holds {told!r:.60}.")
    config = dict(told.get("config") or {})
    if told["class_name"] == "LossScaleOptimizer" and "inner_optimizer" in config:
        inner = read_optimizer(config["inner_optimizer"], custom_objects, version)
        inner.loss_scale = "dynamic"
        return inner
    own = find_registered(told.get("registered_name"), told["class_name"], custom_objects)
    if own is None:
        reading.check_module(told)
        name, declared = config.pop("name", None), getattr(optimizers, told["class_name"], Optimizer).__declared__
        means_none = {key for key, item in declared.items() if item.default is not None and item.optional}
        config = {k: item for k, item in config.items() if k not in _HOW and (item is not None or k in means_none)}
        if name and re.sub(r"_\d+$", "", name).lower() not in (
            told["class_name"].lower(),
            generic_utils.snake_case(told["class_name"]),
        ):
            config["name"] = name  # no automatic one
        if not config.get("use_ema"):
            config.pop("ema_momentum", None)
    given = {key: _value(item, custom_objects, version) for key, item in config.items()}
    if own is not None:
        return own[1].from_config(given)
    lacking = dict(told.get("horngate") or {})
    if "lr" in lacking:  # Keras 3 has a schedule for it and its decay
        given.pop("learning_rate", None)
    return optimizers.optimizer_from_config({"class_name": told["class_name"], "config": {**given, **lacking}})


def _value(told: Any, custom_objects: dict[str, Any] | None, version: int) -> Any:
    """Convert losses, metrics and rates: descriptions keep their form, functions of the user are found."""
    with CustomObjectScope(custom_objects or {}):
        return reading.Reader(custom_objects or {}, version).value(told)


def take_state(model: Any, arrays: list[Any]) -> None:
    """Give the optimizer of `model` the state in a file of Keras 2 or 3: `arrays`, each a `StoredArray`, in order."""
    model._make_train_function()  # makes the optimizer's arrays
    shapes = [tuple(array.shape) for array in arrays]
    tried = [_state(model, version) for version in (3, 2)]
    tried += [found[1:] for found in tried[1:] if found]  # the first Keras 2 did not keep the number of steps
    for places in tried:
        if places is not None and shapes == [join([weights.blank(v) for v in vs]).shape for vs, join, _ in places]:
            for (variables, _, split), array in zip(places, arrays):
                for variable, value in zip(variables, split(array.read())):
                    variable.set_value(np.asarray(value).astype(variable.dtype))
            model.optimizer.show_rate()
            return
    if len(arrays) > 2:  # more than the number of steps and the rate
        warn(
            f"{model.name}: the optimizer starts anew, as its state in the file is that of other weights, or of "
            "another kind, than here. Its rate and other settings are those of the file."
        )
