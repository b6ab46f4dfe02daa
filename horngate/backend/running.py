"""What runs now, for each thread: the scope of a graph, and the recorder of a function that is called on symbols."""

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from horngate.backend.graph import Scope

_local = threading.local()


class NeedsPython(TypeError):
    """A recorded function asked for a value that symbols do not have; it must run on arrays, call by call."""


class NeedsValues(ValueError):
    """A result has as many rows as numbers say, which no compiled program can know: the program runs uncompiled."""


def active_scope() -> "Scope | None":
    """The scope that runs a graph now, or None."""
    return getattr(_local, "scope", None)


def running_scope() -> "Scope":
    """The scope that runs a graph now; raises RuntimeError if there is none."""
    scope = active_scope()
    if scope is None:
        raise RuntimeError("no graph runs just now: this is for what happens within a layer's call or a function of K")
    return scope


def changes_images() -> bool:
    """Whether layers change images now: in training, and in direct calls on arrays that tell no phase."""
    scope = running_scope()
    return bool(scope.phase) or scope.phase_untold


def run_in(scope: "Scope | None") -> None:
    """Make `scope` the running one."""
    _local.scope = scope


def is_running() -> bool:
    """Whether a graph runs now, as inside a layer's call, where everything is an array."""
    return active_scope() is not None


def recorder() -> Any:
    """The recorder that notes nodes and assignments now, or None; within a running graph there is none."""
    return None if active_scope() is not None else getattr(_local, "recorder", None)


@contextlib.contextmanager
def recording(by: Any) -> Iterator[Any]:
    """Let the recorder `by` note the nodes and assignments that the block makes; None for no recorder."""
    before = getattr(_local, "recorder", None)
    _local.recorder = by
    try:
        yield by
    finally:
        _local.recorder = before


@contextlib.contextmanager
def outside() -> Iterator[None]:
    """Hide the running graph from the block: symbols in it are made into nodes, not computed, and not recorded."""
    scope, by = active_scope(), getattr(_local, "recorder", None)
    _local.scope = _local.recorder = None
    try:
        yield
    finally:
        _local.scope, _local.recorder = scope, by
