"""Locks between threads: programs that only read variables run side by side; one that replaces them runs alone."""

import os
import threading
from collections.abc import Collection, Iterable, Sequence
from threading import get_ident
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from horngate.backend.graph import Variable

try:  # it has no public place
    from jax._src.xla_bridge import backends_are_initialized
except ImportError:  # then JAX is taken to have been used

    def backends_are_initialized() -> bool:
        return True


_assigning = threading.Lock()


class ReadWriteLock:
    """A lock on some variables. As a context manager, it lets Python read them while no program replaces them.

    A callback into Python from a reading program may use it too: a thread that reads already does not wait.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._readers: list[int] = []  # ids of the threads whose programs read; changed without the lock
        self._writing, self._reader_left = 0, threading.Condition()  # how many times its writer has acquired it

    def __enter__(self) -> None:
        if not self._readers or get_ident() not in self._readers:
            self._lock.acquire()

    def __exit__(self, *exception: Any) -> None:
        if not self._readers or get_ident() not in self._readers:
            self._lock.release()

    def acquire_read(self) -> None:
        """Wait until no thread writes; until `release_read`, none begins to."""
        me = get_ident()
        self._readers.append(me)  # before the test: either this thread sees the writer, or the writer sees this thread
        if self._writing and self._readers.count(me) == 1:
            self.release_read()
            with self._lock:  # the writer has finished; the next one waits for this thread
                self._readers.append(me)

    def release_read(self) -> None:
        """Let waiting writers go on."""
        self._readers.remove(get_ident())
        if self._writing:
            with self._reader_left:
                self._reader_left.notify_all()

    def acquire_write(self) -> None:
        """Wait until all other threads have finished; until `release_write`, none begins."""
        self._lock.acquire()
        self._writing += 1
        if self._readers:
            me = get_ident()
            with self._reader_left:
                while any(reader != me for reader in self._readers):
                    self._reader_left.wait()

    def release_write(self) -> None:
        """Let waiting threads go on."""
        self._writing -= 1
        self._lock.release()


class ReadWriteLocks:
    """Several locks, which every thread acquires in the same order."""

    def __init__(self, locks: Iterable[ReadWriteLock]) -> None:
        self._locks = sorted(locks, key=id)

    def __enter__(self) -> None:
        for lock in self._locks:
            lock.__enter__()

    def __exit__(self, *exception: Any) -> None:
        for lock in self._locks:
            lock.__exit__()

    def acquire_read(self) -> None:
        """See `ReadWriteLock`."""
        for lock in self._locks:
            lock.acquire_read()

    def release_read(self) -> None:
        """See `ReadWriteLock`."""
        for lock in self._locks:
            lock.release_read()

    def acquire_write(self) -> None:
        """See `ReadWriteLock`."""
        for lock in self._locks:
            lock.acquire_write()

    def release_write(self) -> None:
        """See `ReadWriteLock`."""
        for lock in self._locks:
            lock.release_write()


def lock_for(variables: "Collection[Variable]") -> ReadWriteLock | ReadWriteLocks:
    """The lock for a program on `variables`; those that have none yet share one."""
    with _assigning:
        locks = {variable.lock for variable in variables} - {None} or {ReadWriteLock()}
        for variable in variables:
            variable.lock = variable.lock or next(iter(locks))
    return locks.pop() if len(locks) == 1 else ReadWriteLocks(locks)


def lock_of(variables: Iterable[Any]) -> ReadWriteLocks:
    """The locks that `variables` have; a variable that no program uses yet needs none."""
    locks = {getattr(variable, "lock", None) for variable in variables}
    return ReadWriteLocks(lock for lock in locks if lock is not None)


def values_of(variables: "Sequence[Variable]") -> list[np.ndarray]:
    """The values of `variables`, all at the same moment."""
    with lock_of(variables):
        return [variable.get_value() for variable in variables]


def set_values(variables: "Sequence[Variable]", values: Iterable[Any]) -> None:
    """Set each variable to its value; no program sees only some of them set."""
    lock = lock_of(variables)
    lock.acquire_write()
    try:
        for variable, value in zip(variables, values):
            variable.set_value(value)
    finally:
        lock.release_write()


class Fork:
    """Whether this process was forked from one that had used JAX (`hangs`).

    Such a process lacks the threads of its parent, and would wait for them for ever.
    """

    hangs: bool = False

    @classmethod
    def happened(cls) -> None:
        """Note a fork; called in the child."""
        cls.hangs = cls.hangs or backends_are_initialized()

    @staticmethod
    def refuse() -> None:
        """Raise RuntimeError, which says what to do instead."""
        raise RuntimeError(
            "this process was forked from one that had computed with JAX, and would wait for ever for threads that it "
            "does not have. Start it with multiprocessing.get_context('spawn'), or fork before anything is computed."
        )


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=Fork.happened)
