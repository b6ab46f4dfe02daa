"""One line to the user, once, and not at all where HORNGATE_QUIET is set."""
import os
import sys
import warnings

_said = set()


def quiet():
    """Whether the user wants no notices."""
    return os.environ.get("HORNGATE_QUIET", "") not in ("", "0")


def say(line):
    """A line on the error stream."""
    if not quiet():
        print(line, file=sys.stderr, flush=True)


def warn_once(line):
    """A warning at the line of the user's own program that is being run; the same one is given only once."""
    if quiet() or line in _said:
        return
    _said.add(line)
    frame, level = sys._getframe(1), 2
    while frame is not None and frame.f_globals.get("__name__", "").startswith("horngate."):
        frame, level = frame.f_back, level + 1
    warnings.warn(line, stacklevel=level)
