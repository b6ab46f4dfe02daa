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

STUCK = 76  # the exit code of a process that has waited too long
LIMIT = "HORNGATE_WATCHDOG"  # seconds; 0 waits for ever
_DEFAULT = 60
_TELLING = 5  # seconds in which the launcher ends this process
_TIMES = 20  # no wait that lasts this many times as long as the one before is too long


class _Watched:
    """What the thread of the watchdog looks at."""

    limit: float = math.inf
    deadline: float = math.inf  # of the wait of now
    usual: float = 0.0  # seconds of the last wait


def limit_from(text: str | None) -> float:
    """Return the seconds that `HORNGATE_WATCHDOG` tells. Raises ValueError if it tells none."""
    try:
        limit = float(text or _DEFAULT) if text != "0" else math.inf
    except ValueError:
        limit = math.nan
    if not limit > 0:
        raise ValueError(f"{LIMIT} must be a number of seconds, or 0 to wait for ever; received {text!r}.")
    return limit


def start(name: str, launcher: int | None = None) -> None:
    """Watch over this process, which messages call `name`; `launcher`: the number of the process that started it."""
    _Watched.limit = limit_from(os.environ.get(LIMIT))
    if hasattr(signal, "SIGUSR1"):  # by which the launcher asks a stuck process where it is
        faulthandler.register(signal.SIGUSR1, all_threads=False)
    threading.Thread(target=_watch, args=(name, launcher), name="horngate-watchdog", daemon=True).start()


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """A block that waits for other processes."""
    began, outer = time.monotonic(), _Watched.deadline
    _Watched.deadline = min(outer, began + max(_Watched.limit, _TIMES * _Watched.usual))
    try:
        yield
    finally:
        _Watched.deadline, _Watched.usual = outer, time.monotonic() - began


def _watch(name, launcher):
    while time.monotonic() < _Watched.deadline:
        time.sleep(min(1, _Watched.limit / 10))
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
