"""Watchdog: ends a process that waits too long for the others, of which one may be stuck."""

import contextlib
import faulthandler
import math
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Protocol

STUCK = 76  # the exit code of a process that has waited too long
WITH_OTHERS = 77  # the exit code of a process that ends because another has ended
EARLY = 78  # the exit code of a process that came to its end while others wait for it
_PATIENCE = 2  # seconds of waiting after which it is asked, and then asked again, whether another process has ended
LIMIT = "HORNGATE_WATCHDOG"  # seconds; 0 waits for ever
_DEFAULT = 60
_TELLING = 5  # seconds in which the launcher ends this process
_TIMES = 20  # no wait that lasts this many times as long as the one before is too long


class _Watched:
    """What the thread of the watchdog looks at."""

    limit: float = math.inf
    deadline: float = math.inf  # of the wait of now
    usual: float = 0.0  # seconds of the last wait
    began: float = math.inf  # the time when the wait of now began


def limit_from(text: str | None) -> float:
    """Return the seconds that `HORNGATE_WATCHDOG` tells. Raises ValueError if it tells none."""
    try:
        limit = float(text or _DEFAULT) if text != "0" else math.inf
    except ValueError:
        limit = math.nan
    if not limit > 0:
        raise ValueError(f"{LIMIT} must be a number of seconds, or 0 to wait for ever; received {text!r}.")
    return limit


class Board(Protocol):
    """Where processes write what all can read."""

    def write(self, what: str) -> None:
        """Write for all that this process is `what`."""

    def count(self, what: str) -> int:
        """Return how many processes have written `what`."""
        ...


def start(name: str, launcher: int | None = None, board: Board | None = None) -> None:
    """Watch over this process.

    `name`: what messages call it; `launcher`: the number of the process that started it; `board`: where processes tell
    each other of their end, if there is one.
    """
    _Watched.limit = limit_from(os.environ.get(LIMIT))
    if hasattr(signal, "SIGUSR1"):  # by which the launcher asks a stuck process where it is
        faulthandler.register(signal.SIGUSR1, all_threads=False)
    threading.Thread(target=_watch, args=(name, launcher, board), name="horngate-watchdog", daemon=True).start()


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """A block that waits for other processes."""
    began, outer, outer_began = time.monotonic(), _Watched.deadline, _Watched.began
    _Watched.began = began
    _Watched.deadline = min(outer, began + max(_Watched.limit, _TIMES * _Watched.usual))
    try:
        yield
    finally:
        _Watched.deadline, _Watched.usual, _Watched.began = outer, time.monotonic() - began, outer_began


def _watch(name, launcher, board):
    ends = None if board is None else _Ends(board)
    while time.monotonic() < _Watched.deadline:
        time.sleep(min(1, _Watched.limit / 10))
        if ends is not None:
            with contextlib.suppress(Exception):  # the connection broke, which the main thread sees
                ends.look()
    sys.stderr.write(
        f"{name} has waited {max(_Watched.limit, _TIMES * _Watched.usual):.0f} s for the others, so it ends: one of "
        f"them is stuck, or does what takes longer ({LIMIT} sets the time).\n"
    )
    if launcher and hasattr(signal, "SIGUSR1"):
        os.kill(launcher, signal.SIGUSR1)  # it asks all where they are, and ends them
        time.sleep(_TELLING)
    sys.stderr.write("It waits here:\n")
    traceback.print_stack(sys._current_frames().get(threading.main_thread().ident or 0), file=sys.stderr)
    sys.stderr.flush()
    os._exit(STUCK)


class _Ends:
    """Ends this process if it waits for others of which one has come to the end of its program."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._wait, self._since = math.inf, math.inf  # the wait in which an end was seen, and when

    def look(self) -> None:
        """See whether another one has ended in the wait of now; it may still compute what is waited for."""
        now, began = time.monotonic(), _Watched.began
        if now - began < _PATIENCE or not self._board.count("ended"):
            self._wait = math.inf
        elif self._wait != began:
            self._wait, self._since = began, now
        elif now - self._since >= _PATIENCE:
            self._board.write("waiting")
            time.sleep(_TELLING)  # the one that has ended says so
            os._exit(WITH_OTHERS)
