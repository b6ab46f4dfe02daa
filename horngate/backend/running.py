"""Which scope runs a graph just now, in each thread."""

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from horngate.backend.graph import Scope

_local = threading.local()


def active_scope() -> "Scope | None":
    """The scope that runs a graph just now, or None."""
    return getattr(_local, "scope", None)


def running_scope() -> "Scope":
    """The scope that runs a graph just now, where there must be one."""
    scope = active_scope()
    if scope is None:
        raise RuntimeError("no graph runs just now: this is for what happens within a layer's call or a function of K")
    return scope


def run_in(scope: "Scope | None") -> None:
    """Make `scope` the one that runs."""
    _local.scope = scope


def is_running() -> bool:
    """Whether a graph runs just now: within a layer's call, where everything is an array."""
    return active_scope() is not None


@contextlib.contextmanager
def outside() -> Iterator[None]:
    """For code that must not see the running graph: symbols within it are recorded, not computed."""
    scope = active_scope()
    run_in(None)
    try:
        yield
    finally:
        run_in(scope)
