"""Internal names: a user's class may use them for attributes of its own, and the engine still sees its own.

Python lets a subclass replace every attribute of its bases. A user's layer that defines a method `run` or `_call`, or
sets `self._shape`, would otherwise change the engine's results without any message.
"""

import sys
from typing import Any

# Internal attributes of the library's classes whose names do not begin with an underscore.
_OF_LAYERS = (
    "asked_for computes_itself default_input_dtype filed_weights full_precision run shape_arguments takes_numbers "
    "told_input_shape told_shape within_another"
)
_OF_MODELS = (
    "accuracy_asked forget_programs graph_layers images_seen input_structure is_chain levels_within metrics_given "
    "names_compiled objective ordered_weights output_structure owners spec steps training"
)
_OF_OPTIMIZERS = (
    "assigns averages check_rate_is_free clipped counts_in_weights first_scale hyper_variables plan scaling schedule "
    "slot_owners show_rate state steps steps_to_grow undecayed updates_from whole_plan"
)
_OF_CALLBACKS = "takes_snapshots of_one_process"
INTERNAL = frozenset(f"{_OF_LAYERS} {_OF_MODELS} {_OF_OPTIMIZERS} {_OF_CALLBACKS}".split())
# Private names of Keras that programs override or set on purpose.
OF_KERAS = frozenset(("_merge_function", "_set_model", "_set_params"))
SET_IN_KERAS = frozenset(("_losses", "_non_trainable_weights", "_trainable_weights", "_updates"))


def is_internal(name: str) -> bool:
    """Return whether the engine uses an attribute of this `name` internally."""
    private = name.startswith("_") and not name.endswith("_")
    return (private or name in INTERNAL) and name not in OF_KERAS


def is_ours(item: Any) -> bool:
    """Return whether a class or function belongs to the library.

    The module decides: it is always set, and users do not set it to ours by mistake. Only the separation of users'
    names from the engine's depends on it; arguments and descriptions are declared by users' classes as by ours.
    """
    return (getattr(item, "__module__", None) or "").partition(".")[0] == "horngate"


def internal_names(cls: type) -> set[str]:
    """Return the internal names that the library's bases of `cls` define or annotate."""
    found: set[str] = set()
    for base in filter(is_ours, cls.__mro__):
        found.update(vars(base), vars(base).get("__annotations__", ()))
    return {name for name in found if is_internal(name)}


_OURS: set[type] = set()  # the library's classes that set attributes by `set_on`


def keep_apart(cls: Any) -> None:
    """Keep the engine's attributes apart from those that the user's class `cls` defines under the same names."""
    if is_ours(cls):
        _OURS.add(cls)
    else:
        for name in internal_names(cls) & set(vars(cls)):
            setattr(cls, name, Apart(name, vars(cls)[name]))


def set_on(instance: Any, name: str, value: Any) -> None:
    """Set an attribute like `object.__setattr__`, but apart from the engine's if a user's class sets its name."""
    cls = type(instance)
    users = cls not in _OURS and is_internal(name) and not _asked_by_engine()
    if users and not (name in SET_IN_KERAS and isinstance(value, list)):
        _keep_name_apart(cls, name)
    object.__setattr__(instance, name, value)


def _keep_name_apart(cls, name):
    if not is_ours(cls) and name in internal_names(cls) and not isinstance(_defined(cls, name), Apart):
        setattr(cls, name, Apart(name))


def _defined(cls, name):
    """Return the attribute `name` of the first class in the MRO that defines it, unbound."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


_NOTHING = object()


class Apart:
    """An attribute of a user's class under a name that the engine uses too."""

    def __init__(self, name: str, users: Any = _NOTHING) -> None:
        self.name, self.users = name, users
        self._place = f"{name} of the user"  # key in `vars(instance)` of the user's value

    def __get__(self, instance: Any, cls: Any) -> Any:
        kept = {} if instance is None else vars(instance)
        if not _asked_by_engine():
            if self._place in kept:
                return kept[self._place]
            if self.users is not _NOTHING:
                return _bound(self.users, instance, cls)
        if self.name in kept:
            return kept[self.name]
        for base in cls.__mro__:
            if is_ours(base) and self.name in vars(base):
                return _bound(vars(base)[self.name], instance, cls)
        raise AttributeError(f"{cls.__name__!r} object has no attribute {self.name!r}")

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)[self.name if _asked_by_engine() else self._place] = value

    def __delete__(self, instance: Any) -> None:
        del vars(instance)[self.name if _asked_by_engine() else self._place]


def _bound(attribute, instance, cls):
    """Return the class attribute `attribute` bound to an instance."""
    return attribute.__get__(instance, cls) if hasattr(attribute, "__get__") else attribute


def _asked_by_engine():
    """Return whether the code that reads or sets the attribute belongs to the library."""
    frame: Any = sys._getframe(2)  # the caller of the descriptor
    while frame.f_code.co_name in ("__setattr__", "set_on"):  # these only pass the value on
        frame = frame.f_back
    return frame.f_globals.get("__name__", "").partition(".")[0] == "horngate"
