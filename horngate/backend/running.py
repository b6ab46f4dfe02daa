"""The scope that runs a graph now, for each thread."""

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from horngate.backend.graph import Scope

_local = threading.local()


def active_scope() -> "Scope | None":
    """The scope that runs a graph now, or None."""
    return getattr(_local, "scope", None)


def running_scope() -> "Scope":
    """The scope that runs a graph now; raises RuntimeError if there is none."""
    scope = active_scope()
    if scope is None:
        raise RuntimeError("no graph runs just now: this is for what happens within a layer's call or a function of K")
    return scope


def run_in(scope: "Scope | None") -> None:
    """Make `scope` the running one."""
    _local.scope = scope


def is_running() -> bool:
    """Whether a graph runs now, as inside a layer's call, where everything is an array."""
    return active_scope() is not None


@contextlib.contextmanager
def outside() -> Iterator[None]:
    """Hide the running graph from the block: symbols in it are recorded, not computed."""
    scope = active_scope()
    run_in(None)
    try:
        yield
    finally:
        run_in(scope)
