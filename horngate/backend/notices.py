"""Notices to the user: one line each, once, at the line of the program; HORNGATE_QUIET silences them."""

import os
import sys
import warnings

from horngate.backend import environment

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_told: set[tuple[str, int, str]] = set()


def quiet() -> bool:
    """Whether HORNGATE_QUIET is set."""
    return environment.flag("QUIET")


def say(line: str) -> None:
    """Print a line to the error stream."""
    if not quiet():
        print(line, file=sys.stderr, flush=True)


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Give a Python warning at the line of the program that called horngate."""
    frame = _of_program(sys._getframe(1))
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    place = frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__", "__main__")
    warnings.warn_explicit(text, category, *place, registry=registry)


def remark(text: str) -> None:
    """Give a warning once for each line and text, unless HORNGATE_QUIET is set."""
    frame = _of_program(sys._getframe(1))
    place = frame.f_code.co_filename, frame.f_lineno, text
    if not quiet() and place not in _told:
        _told.add(place)
        warn(text)


def _of_program(frame):
    """The innermost frame of the program among `frame` and its callers; `frame` itself in a thread without one."""
    found = frame
    while found is not None and _is_between(found):
        found = found.f_back
    return found or frame


def _is_between(frame):
    """Whether a frame belongs to horngate or to a package that calls its functions."""
    runs = frame.f_globals.get("__name__", "").partition(".")[0] in ("jax", "threading", "concurrent")
    return runs or frame.f_code.co_filename.startswith(_PACKAGE)
