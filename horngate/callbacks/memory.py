"""The state of callbacks, saved from one run of a script to the next."""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from horngate.backend.notices import warn
from horngate.callbacks.base import Callback
from horngate.training.plain_state import NotPlain, PlainState

_GIVEN = ("model", "params")  # attributes set by each training


class Memory:
    """The state of several callbacks, saved and restored when the script runs again.

    A callback with `get_state()` and `set_state(state)` chooses its own state. For any other, the attributes of the
    object and its class that changed since the start of training are saved; those set by the script are not.

    # Arguments
        callbacks: the callbacks, at the start of training.
        apart: objects that attributes may refer to, but whose state is saved elsewhere.
    """

    def __init__(self, callbacks: Iterable[Callback], apart: Iterable[Any] = ()) -> None:
        self._callbacks, self._apart = _numbered(callbacks), tuple(apart)
        self._said: set[tuple[str, str]] = set()
        self._begin = {name: self._digests(name, callback) for name, callback in self._callbacks.items()}

    def _digests(self, name: str, callback: Callback) -> dict[str, Any]:
        kept = {} if _own_state(callback) else self._attributes(name, callback)
        return {key: each.digest() for key, each in kept.items()}

    def kept(self) -> dict[str, dict[str, PlainState]]:
        """Return name of a callback -> dictionary of `PlainState`."""
        return {name: self._changed(name, callback) for name, callback in self._callbacks.items()}

    def _changed(self, name: str, callback: Any) -> dict[str, PlainState]:
        if _own_state(callback):
            try:
                return {"get_state()": PlainState.of(callback.get_state())}
            except NotPlain as error:
                self._say(callback, "get_state()", error)
                return {}
        begin, now = self._begin[name], self._attributes(name, callback)
        return {key: each for key, each in now.items() if each.digest() != begin.get(key)}

    def _attributes(self, name: str, callback: Callback) -> dict[str, PlainState]:
        found = {}
        for place, owner in _owners(callback):
            for key, value in _data(owner):
                try:
                    each = PlainState.of(value, (callback, *self._apart))
                except NotPlain as error:
                    self._say(callback, key, error)
                else:
                    found[place + key] = each
        return found

    def restore(self, kept: dict[str, dict[str, PlainState]]) -> None:
        """Restore the state `kept`, which the method `kept` returned, in the callbacks that the script still has."""
        for name, states in kept.items():
            callback = self._callbacks.get(name)
            if callback is not None and _own_state(callback) and "get_state()" in states:
                callback.set_state(states["get_state()"].restored())
            elif callback is not None:
                self._restore(callback, states)

    def _restore(self, callback: Callback, states: dict[str, PlainState]) -> None:
        owners = dict(_owners(callback))
        for key, each in states.items():
            place, _, attribute = key.rpartition("/")
            owner = owners.get(place + "/" if place else "")
            if owner is None:
                continue
            old = vars(owner).get(attribute)
            try:
                value = each.restored(old)
            except NotPlain as error:
                self._say(callback, attribute, error)
            else:
                if value is not old:
                    setattr(owner, attribute, value)

    def _say(self, callback: Callback, attribute: str, error: NotPlain) -> None:
        kind = type(callback).__name__
        if (kind, attribute) not in self._said:
            self._said.add((kind, attribute))
            warn(
                f"BackupAndResume cannot keep {kind}.{attribute} ({error}): when the training goes on, it is what the "
                f"script makes of it. Give {kind} get_state() and set_state(state), in plain data, to keep it.",
                RuntimeWarning,
            )


def _numbered(callbacks: Iterable[Callback]) -> dict[str, Any]:
    """Return name -> callback: `EarlyStopping 0` is the first of its class."""
    found: dict[str, Any] = {}
    for callback in callbacks:
        kind = type(callback).__name__
        found[f"{kind} {sum(type(each).__name__ == kind for each in found.values())}"] = callback
    return found


def _own_state(callback: Callback) -> bool:
    return hasattr(callback, "get_state") and hasattr(callback, "set_state")


def _owners(callback: Callback) -> list[tuple[str, Any]]:
    """Return the owners of a callback's attributes: the object, and its classes below `Callback`."""
    classes = [kind for kind in type(callback).__mro__ if kind is not object and kind not in Callback.__mro__]
    return [("", callback), *((f"{kind.__name__}/", kind) for kind in classes)]


def _data(owner: Any) -> Iterator[tuple[str, Any]]:
    """Return name -> value for the attributes that are data."""
    for key, value in list(vars(owner).items()):
        special = key.startswith("__") and key.endswith("__")
        is_code = isinstance(owner, type) and (hasattr(value, "__get__") or inspect.isroutine(value))
        if not special and not is_code and key not in _GIVEN and not key.startswith("_abc_"):
            yield key, value
