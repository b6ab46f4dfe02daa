"""Arguments of `compile` that other versions of Keras have, also where an optimizer is written for one of them."""

from collections.abc import Callable
from typing import Any

from horngate import optimizers
from horngate.backend import config, notices
from horngate.backend.graph import Variable
from horngate.backend.orders import dialect
from horngate.engine.constructors import names_of
from horngate.engine.layer import to_list

# Options of `compile` for Theano, in Keras 0.3 and 1; they have no effect.
_OF_THEANO = ("theano_mode", "mode")
_DONE_ANYWAY = {  # arguments of compile in Keras 2 and 3 that ask for what is done anyway, with these values
    "jit_compile": (True, "auto", None),
    "run_eagerly": (False, None),
    "steps_per_execution": range(1, 2**31),
    "auto_scale_loss": (True, False),  # `optimizer_for` reads it
}
_CLASS_MODES = ("categorical", "binary", None)


def with_old_accuracy(metrics: Any, kwargs: dict[str, Any]) -> Any:
    """Return `metrics`, with the accuracy if the option of Keras 0.3 asks for it."""
    if kwargs.pop("show_accuracy", False):
        return [*to_list(metrics or []), "accuracy"]
    return metrics


def check_words_of_old(kwargs: dict[str, Any], check_no_more: Callable[..., None]) -> None:
    """Raise an error for unknown arguments of `compile`; remark on those for other engines that have no effect."""
    for name in kwargs.keys() & _DONE_ANYWAY.keys():
        if kwargs[name] not in _DONE_ANYWAY[name]:
            notices.remark(f"compile: {name}={kwargs[name]!r} has no effect: every step is compiled, many run at once.")
    if kwargs.get("class_mode") not in _CLASS_MODES:
        raise ValueError(f"compile: class_mode must be 'categorical' or 'binary'; received {kwargs['class_mode']!r}")
    known = {name: value for name, value in kwargs.items() if name in _OF_THEANO}
    check_no_more("compile", {name: None for name in kwargs if name not in {"class_mode", *known, *_DONE_ANYWAY}})
    for name, value in known.items():
        if value is not None:
            notices.remark(f"compile: {name}={value!r} is for Theano, which is not in use; it has no effect.")


def optimizer_for(optimizer: Any, precision: Any, auto_scale_loss: bool = True) -> Any:
    """Return the optimizer that `compile` is told; in Keras 3, it scales the loss where float16 is mixed in.

    `precision`: the number types of the model, None for `K.floatx()`.
    """
    found = optimizers.get(optimizer)
    mixed = precision is not None and precision.name == "mixed_float16"
    scales = auto_scale_loss and mixed and config.era().generation == "3"
    if scales and not found.assigns and not isinstance(found, optimizers.LossScaleOptimizer):
        return optimizers.LossScaleOptimizer(found)
    return found


def updates_of(model: Any, era: str, params: list[Variable], loss: Any) -> Any:
    """Return the updates of `metrics_updates`, and those of the optimizer."""
    return [*model.objective.updates, *_of_optimizer(model, era, params, loss)]


def _of_optimizer(model, era, params, loss):
    """Return the optimizer's updates. An optimizer in the style of Keras 2 takes (loss, weights), no constraints."""
    optimizer, constraints = model.optimizer, model.constraints
    words = names_of(type(optimizer).get_updates)
    if words[:1] == ["loss"] or words == ["params", "loss"]:
        given = {"loss": loss, "params": params}
        return [
            (pair[0], constraints[pair[0]](pair[1])) if pair[0] in constraints else pair
            for pair in optimizer.get_updates(*(given.get(word, params) for word in words[:2]))
        ]
    if era == "0.3":
        constraints = dialect("keras03.parts").ConstraintsInOrder(params, constraints)
    if type(optimizer).get_updates is optimizers.Optimizer.get_updates:  # no place that an era could read otherwise
        return optimizer.get_updates(params=params, constraints=constraints, loss=loss)
    return optimizer.get_updates(params, constraints, loss)
