"""What the user is told in passing: one line each, once, at the program's line; none where HORNGATE_QUIET is set."""

import os
import sys
import warnings

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_told: set[tuple[str, int, str]] = set()


def quiet() -> bool:
    """Whether the user wants no notices."""
    return os.environ.get("HORNGATE_QUIET", "") not in ("", "0")


def say(line: str) -> None:
    """A line on the error stream."""
    if not quiet():
        print(line, file=sys.stderr, flush=True)


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """A Python warning at the line of the program that called horngate, once for each line and text."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_between(frame):
        frame = frame.f_back
    place = frame.f_code.co_filename, frame.f_lineno, text
    if not quiet() and place not in _told:
        _told.add(place)
        warnings.warn_explicit(text, category, *place[:2], module=frame.f_globals.get("__name__", "__main__"))


def _is_between(frame):
    """Whether a frame is horngate's, or JAX's that traces for it."""
    return frame.f_code.co_filename.startswith(_PACKAGE) or frame.f_globals.get("__name__", "").startswith("jax.")


def on_one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning as a single line, for `warnings.formatwarning`."""
    return f"{filename}:{lineno}: {message}\n"
