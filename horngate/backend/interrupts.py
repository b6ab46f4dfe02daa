"""Ctrl-C waits for the end of a step, or on request for a place where the training can stop."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from types import FrameType
from typing import Any

TRY_AGAIN = 75  # the exit code of a program that has saved its state after SIGTERM


class Noted:
    """Whether Ctrl-C was pressed (`asked`), or SIGTERM came (`ended`), for code that stops by itself."""

    def __init__(self, answer: str) -> None:
        self.asked, self.ended, self.answer = False, False, answer

    def note(self) -> None:
        """Record Ctrl-C and print the answer, by `os.write`, as a signal may interrupt a print."""
        self.asked = True
        os.write(2, f"{self.answer}\n".encode())


class _Uninterrupted:
    """A block that Ctrl-C does not interrupt. Only blocks in the main thread count, as Ctrl-C reaches no other.

    The handler is installed once: exchanging handlers takes longer than a small step.
    """

    def __init__(self):
        self._inside = False
        self._main = threading.main_thread().ident
        self._waiting: tuple[int, FrameType | None] | None = None
        self._handler: Any = None  # a function, or a number for an action of the system
        self._noted: Noted | None = None

    def __enter__(self):
        if get_ident() != self._main:
            return
        if self._handler is None:
            self.install()
        self._inside = True

    def __exit__(self, *exception):
        if get_ident() != self._main:
            return
        self._inside = False
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._pass_on(*waiting)

    def install(self):
        self._handler = signal.signal(signal.SIGINT, self._interrupted)

    @contextmanager
    def noting(self, noted: Noted) -> Iterator[None]:
        if get_ident() == self._main and self._handler is None:
            self.install()
        outer, self._noted = self._noted, noted if get_ident() == self._main else self._noted
        try:
            yield
        finally:
            self._noted = outer

    def _interrupted(self, number, frame):
        if self._inside:
            self._waiting = number, frame
        else:
            self._pass_on(number, frame)

    def _pass_on(self, number, frame):
        if not callable(self._handler):
            return
        try:
            self._handler(number, frame)
        except KeyboardInterrupt:
            if self._noted is None or self._noted.asked:
                raise
            self._noted.note()


uninterrupted = _Uninterrupted()


@contextmanager
def signals_noted(answer: str) -> Iterator[Noted]:
    """Within the block, the first Ctrl-C is only recorded, and prints `answer`; the second ends the program as usual.

    SIGTERM is recorded, too. Has an effect only in the main thread: signals reach no other.
    """
    noted = Noted(answer)
    with uninterrupted.noting(noted), _termination_noted(noted):
        yield noted


@contextmanager
def _termination_noted(noted):
    def note(number, frame):
        noted.ended = True

    if get_ident() != uninterrupted._main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield  # the program handles it
        return
    signal.signal(signal.SIGTERM, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
