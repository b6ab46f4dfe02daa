"""Optimizers: each a pure step from a parameter, its gradient and its slots to the next ones."""

from typing import Any

from horngate import backend as K
from horngate.engine.arguments import did_you_mean
from horngate.engine.hyperparameters import Decay, Hyperparameter, LearningRate
from horngate.optimizers import schedules
from horngate.optimizers.base import Optimizer, clip_norm
from horngate.optimizers.classic import SGD, Adadelta, Adagrad, Adam, Adamax, Nadam, RMSprop
from horngate.optimizers.modern import Adafactor, AdamW, Ftrl, Lamb, Lion, Muon, ScheduleFreeAdamW
from horngate.optimizers.of_optax import TFOptimizer
from horngate.utils.generic_utils import get_custom_objects

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Decay",
    "Ftrl",
    "Hyperparameter",
    "Lamb",
    "LearningRate",
    "Lion",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "ScheduleFreeAdamW",
    "TFOptimizer",
    "clip_norm",
    "get",
    "optimizer_from_config",
    "schedules",
    "serialize",
]

_ALL = (
    SGD,
    RMSprop,
    Adagrad,
    Adadelta,
    Adam,
    Adamax,
    Nadam,
    Adafactor,
    AdamW,
    Ftrl,
    Lamb,
    Lion,
    Muon,
    ScheduleFreeAdamW,
)
_CLASSES: dict[str, Any] = {cls.__name__.lower(): cls for cls in _ALL}


def optimizer_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """An optimizer from what a file says of it.

    # Arguments
        config: `{"class_name": ..., "config": ...}`, the latter what `get_config` gave.
        custom_objects: optimizers of one's own, by the names of their classes.
    """
    name = config["class_name"]
    known = {**_CLASSES, **{k.lower(): v for k, v in {**get_custom_objects(), **(custom_objects or {})}.items()}}
    if name.lower() not in known:  # with a letter more it is another one: `adamw` is not `adam`
        hint = "" if name.lower().startswith(tuple(known)) else did_you_mean(name.lower(), known)
        raise ValueError(
            f"unknown optimizer {name!r}.{hint} Known: {', '.join(known)}. Any of Optax's is taken, too: "
            "compile(optax.adamw(1e-3), ...)."
        )
    return known[name.lower()].from_config(config["config"])


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """An `optimizer` as plain data, of which `optimizer_from_config` makes it again."""
    return {"class_name": type(optimizer).__name__, "config": optimizer.get_config()}


def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> Any:
    """An optimizer from what stands for it.

    # Arguments
        identifier: its name, its configuration, an optax transformation, or itself.
        kwargs: arguments for the constructor of the optimizer that is named.

    >>> get('adam').get_config()['beta_2'] > 0.99
    True
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type):
        raise TypeError(f"optimizer: {identifier.__name__} is a class. Make one with {identifier.__name__}().")
    if isinstance(identifier, dict):
        return optimizer_from_config(identifier)
    if isinstance(identifier, str):
        return optimizer_from_config({"class_name": identifier, "config": kwargs or {}})
    if hasattr(identifier, "init") and hasattr(identifier, "update"):
        return TFOptimizer(identifier)
    if hasattr(identifier, "get_updates"):
        return identifier
    raise ValueError(f"optimizer must be a name, an Optimizer or an optax transformation; received {identifier!r}")


def kl_divergence(p: Any, p_hat: Any) -> Any:
    """How far `p_hat` is from `p`, element by element: p_hat - p + p log(p / p_hat)."""
    return p_hat - p + p * K.log(p / p_hat)
