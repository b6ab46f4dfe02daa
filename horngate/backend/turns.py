"""Turns: programs of several threads that read variables run side by side; one that replaces them runs alone."""

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


_giving = threading.Lock()


class Turn:
    """Whose turn it is with some variables. As a block, it lets Python look at them while no program replaces them.

    What runs within a program that reads, as a callback into Python, may do so too.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._readers: list[int] = []  # the threads whose programs read; it is changed without the lock
        self._replacing, self._left = False, threading.Condition()

    def __enter__(self) -> None:
        if not self._readers or get_ident() not in self._readers:
            self._lock.acquire()

    def __exit__(self, *exception: Any) -> None:
        if not self._readers or get_ident() not in self._readers:
            self._lock.release()

    def begin_reading(self) -> None:
        """Wait until nobody replaces; until `end_reading` then nobody does."""
        me = get_ident()
        self._readers.append(me)  # first: either we see that one replaces, or it sees us
        if self._replacing and self._readers.count(me) == 1:
            self.end_reading()
            with self._lock:  # it is done; the next one waits for us
                self._readers.append(me)

    def end_reading(self) -> None:
        """Let those who wait have their turn."""
        self._readers.remove(get_ident())
        if self._replacing:
            with self._left:
                self._left.notify_all()

    def begin_replacing(self) -> None:
        """Wait until all others are done; until `end_replacing` nobody begins."""
        self._lock.acquire()
        self._replacing = True
        if self._readers:
            me = get_ident()
            with self._left:
                while any(reader != me for reader in self._readers):
                    self._left.wait()

    def end_replacing(self) -> None:
        """Let the others have their turn."""
        self._replacing = False
        self._lock.release()


class Turns:
    """Several turns, which all threads take in the same order."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self._turns = sorted(turns, key=id)

    def __enter__(self) -> None:
        for turn in self._turns:
            turn.__enter__()

    def __exit__(self, *exception: Any) -> None:
        for turn in self._turns:
            turn.__exit__()

    def begin_reading(self) -> None:
        """See `Turn`."""
        for turn in self._turns:
            turn.begin_reading()

    def end_reading(self) -> None:
        """See `Turn`."""
        for turn in self._turns:
            turn.end_reading()

    def begin_replacing(self) -> None:
        """See `Turn`."""
        for turn in self._turns:
            turn.begin_replacing()

    def end_replacing(self) -> None:
        """See `Turn`."""
        for turn in self._turns:
            turn.end_replacing()


def turn_for(variables: "Collection[Variable]") -> Turn | Turns:
    """The turn of a program with its variables, or of Python; those that have none get one together."""
    with _giving:
        turns = {variable.turn for variable in variables} - {None} or {Turn()}
        for variable in variables:
            variable.turn = variable.turn or next(iter(turns))
    return turns.pop() if len(turns) == 1 else Turns(turns)


def turn_of(variables: Iterable[Any]) -> Turns:
    """The turn of those who look at or set variables one by one; what no program has yet needs none."""
    turns = {getattr(variable, "turn", None) for variable in variables}
    return Turns(turn for turn in turns if turn is not None)


def values_of(variables: "Sequence[Variable]") -> list[np.ndarray]:
    """The values of variables, all of one moment."""
    with turn_of(variables):
        return [variable.get_value() for variable in variables]


def set_values(variables: "Sequence[Variable]", values: Iterable[Any]) -> None:
    """Give each of the variables its value; no program sees a part of them."""
    turn = turn_of(variables)
    turn.begin_replacing()
    try:
        for variable, value in zip(variables, values):
            variable.set_value(value)
    finally:
        turn.end_replacing()


class Fork:
    """Whether this process was forked from one that had used JAX: it lacks that one's threads, and would wait for them.

    `refuse` raises, in such a process.
    """

    hangs: bool = False

    @classmethod
    def happened(cls) -> None:
        """Called in the child."""
        cls.hangs = cls.hangs or backends_are_initialized()

    @staticmethod
    def refuse() -> None:
        """Say what to do instead."""
        raise RuntimeError(
            "this process was forked from one that had computed with JAX, and would wait for ever for threads that it "
            "does not have. Start it with multiprocessing.get_context('spawn'), or fork before anything is computed."
        )


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=Fork.happened)
