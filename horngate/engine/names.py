"""Names of the engine that a user's class may take for something else: each side then sees its own.

Python lets a subclass replace every attribute of its bases. A user's layer that happens to have a method `run` or `_call` would
change what the engine computes, and nobody would be told.
"""
import sys

# Attributes of our classes that are not Keras's and not told to users, and do not show it by an underscore.
INTERNAL = frozenset()


def is_internal(name):
    """Whether an attribute of this name is the engine's own affair."""
    return name in INTERNAL or name.startswith("_") and not name.endswith("__")


def is_ours(cls):
    """Whether a class is one of the library's own."""
    return cls.__module__.partition(".")[0] == "horngate"


def keep_apart(cls):
    """Let the engine go on seeing its own attributes where the user's class `cls` defines others of the same name."""
    if is_ours(cls):
        return
    ours = {name for base in cls.__mro__ if is_ours(base) for name in vars(base) if is_internal(name)}
    for name in ours & set(vars(cls)):
        setattr(cls, name, _Apart(name, vars(cls)[name]))


class _Apart:
    """An attribute of a user's class whose name the engine uses too."""

    def __init__(self, name, users):
        self.name, self.users = name, users

    def __get__(self, instance, cls):
        if not _asked_by_engine():
            kept = {} if instance is None else vars(instance)
            return kept[self._place] if self._place in kept else _bound(self.users, instance, cls)
        if instance is not None and self.name in vars(instance):
            return vars(instance)[self.name]
        return _bound(next(vars(base)[self.name] for base in cls.__mro__ if self._is_the_engines(base)), instance, cls)

    def __set__(self, instance, value):
        vars(instance)[self.name if _asked_by_engine() else self._place] = value

    def __delete__(self, instance):
        del vars(instance)[self.name if _asked_by_engine() else self._place]

    @property
    def _place(self):
        """Where an instance holds what the user's side set."""
        return f"{self.name} of the user"

    def _is_the_engines(self, base):
        return is_ours(base) and self.name in vars(base)


def _bound(attribute, instance, cls):
    """`attribute` of a class, as it is seen on an instance."""
    return attribute.__get__(instance, cls) if hasattr(attribute, "__get__") else attribute


def _asked_by_engine():
    """Whether the code that looks at the attribute is the library's."""
    frame = sys._getframe(2)
    while frame.f_code.co_name == "__setattr__":  # which hands on what others set
        frame = frame.f_back
    return frame.f_globals.get("__name__", "").partition(".")[0] == "horngate"
