"""Optimizers: each a pure step from a parameter, its gradient and its slots to the next ones."""

import importlib
from typing import TYPE_CHECKING, Any

from horngate import backend as K
from horngate import objectives
from horngate.backend.lazy import Registry
from horngate.backend.orders import dialect, elsewhere
from horngate.engine.hyperparameters import Decay, Hyperparameter, LearningRate
from horngate.optimizers.base import Optimizer, clip_norm
from horngate.optimizers.classic import SGD, Adadelta, Adagrad, Adam, Adamax, Nadam, RMSprop
from horngate.utils.generic_utils import get_custom_objects, settings_of
from horngate.utils.nearest import did_you_mean

if TYPE_CHECKING:  # imported when first named
    from horngate.optimizers import schedules
    from horngate.optimizers.modern import Adafactor, AdamW, Ftrl, Lamb, Lion, Muon, ScheduleFreeAdamW
    from horngate.optimizers.of_optax import TFOptimizer
    from horngate.optimizers.of_optimizers import LossScaleOptimizer, MultiOptimizer, OptimizerMap

__all__ = [
    "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Decay", "Ftrl", "Hyperparameter", "Lamb",
    "LearningRate", "Lion", "LossScaleOptimizer", "MultiOptimizer", "Muon", "Nadam", "Optimizer", "OptimizerMap",
    "RMSprop", "ScheduleFreeAdamW", "TFOptimizer", "clip_norm", "get", "optimizer_from_config", "schedules",
    "serialize",
]  # fmt: skip

_MODERN = "Adafactor AdamW Ftrl Lamb Lion Muon ScheduleFreeAdamW"
_CLASSES = Registry({cls.__name__.lower(): cls for cls in (SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam)})
_CLASSES.promise(f"{__name__}.modern", _MODERN, key=str.lower)
_OF_OPTIMIZERS = "LossScaleOptimizer MultiOptimizer"
_CLASSES.promise(f"{__name__}.of_optimizers", _OF_OPTIMIZERS, key=str.lower)


_OF_OTHERS = ("deserialize", "sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam")


def __getattr__(name: str) -> Any:
    if name in (*_MODERN.split(), *_OF_OPTIMIZERS.split()):
        return _CLASSES[name.lower()]
    if name == "deserialize":
        return optimizer_from_config
    if name == "OptimizerMap":
        return importlib.import_module(f"{__name__}.of_optimizers").OptimizerMap
    if name == "TFOptimizer":
        return importlib.import_module(f"{__name__}.of_optax").TFOptimizer
    if name in ("schedules", "modern", "of_optax", "of_optimizers"):
        return importlib.import_module(f"{__name__}.{name}")
    if name in _OF_OTHERS:
        return elsewhere(__name__, name)
    hint = dialect("strangers").hint(name, __all__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}.{hint}", name="")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def optimizer_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """An optimizer from what a file says of it.

    # Arguments
        config: `{"class_name": ..., "config": ...}`, the latter what `get_config` gave.
        custom_objects: optimizers of one's own, by the names of their classes.
    """
    name = config["class_name"]
    own = {known.lower(): cls for known, cls in {**get_custom_objects(), **(custom_objects or {})}.items()}
    known = [*_CLASSES, *own]
    if name.lower() not in known:  # with a letter more it is another one: `adamw` is not `adam`
        hint = "" if name.lower().startswith(tuple(known)) else did_you_mean(name.lower(), known)
        hint = " That is a loss: compile(optimizer, loss)." if hasattr(objectives, name) else hint
        raise ValueError(
            f"unknown optimizer {name!r}.{hint} Known: {', '.join(known)}. Any of Optax's is taken, too: "
            "compile(optax.adamw(1e-3), ...)."
        )
    return (own.get(name.lower()) or _CLASSES[name.lower()]).from_config(config["config"])


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """An `optimizer` as plain data, of which `optimizer_from_config` makes it again."""
    return {"class_name": type(optimizer).__name__, "config": settings_of(optimizer)}


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
        from horngate.optimizers.of_optax import TFOptimizer  # deferred: few programs use it

        return TFOptimizer(identifier)
    if hasattr(identifier, "get_updates"):
        return identifier
    raise ValueError(f"optimizer must be a name, an Optimizer or an optax transformation; received {identifier!r}")


def kl_divergence(p: Any, p_hat: Any) -> Any:
    """How far `p_hat` is from `p`, element by element: p_hat - p + p log(p / p_hat)."""
    return p_hat - p + p * K.log(p / p_hat)
