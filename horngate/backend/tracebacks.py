"""Tracebacks that end at the program's line: frames of horngate and JAX are hidden when an error is shown."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from horngate.backend.switches import is_traceback_filtering_enabled

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NEEDED = {"jax", "jaxlib", "numpy", "h5py", "yaml", "optax", *sys.stdlib_module_names}  # the dependencies of horngate
_HINT = "(raised within {}; HORNGATE_TRACEBACK=full shows the frames there)"
_NO_DEVICE = (
    "(JAX has no device of the kind that JAX_PLATFORMS={!r} names. Leave it unset, or install JAX for that device: "
    "pip install 'jax[cuda13]', say; docs/gpu.md tells more)"
)
_NOTE_OF_JAX = "--------------------\nFor simplicity, JAX has removed"


def install() -> None:
    """Shorten the tracebacks of errors that end a program or a thread, and of errors shown by IPython.

    HORNGATE_TRACEBACK=full turns this off, and JAX's own shortening too. Exceptions do not change: code that catches,
    logs or debugs them sees every frame.
    """
    if os.environ.get("HORNGATE_TRACEBACK", "").lower() == "full":
        import jax

        jax.config.update("jax_traceback_filtering", "off")
        return
    sys.excepthook = _shortening(sys.excepthook)
    threading.excepthook = _shortening_in_threads(threading.excepthook)
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((Exception,), _show_in_ipython)


def _shortening(show):
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        with _shortened(error):
            show(kind, error, error.__traceback__)

    return hook


def _shortening_in_threads(show):
    def hook(given: Any) -> None:
        if given.exc_value is None:
            show(given)
            return
        with _shortened(given.exc_value):
            show(type(given)((given.exc_type, given.exc_value, given.exc_value.__traceback__, given.thread)))

    return hook


def _show_in_ipython(shell: Any, kind: Any, error: BaseException, trace: TracebackType, **options: Any) -> None:
    """Let IPython show an error in its usual way, without the hidden frames."""
    with _shortened(error):
        options.setdefault("tb_offset", None)
        shell.showtraceback((kind, error, error.__traceback__), **options)


@contextmanager
def _shortened(error: BaseException | None) -> Iterator[None]:
    """Within the block, an error and its causes have only the program's frames, and a hint if a library raised it."""
    if not is_traceback_filtering_enabled():
        yield
        return
    kept: list[tuple[Any, Any, list[str]]] = [
        (each, each.__traceback__, list(getattr(each, "__notes__", ()))) for each in _chain(error)
    ]
    for each, trace, notes in kept:
        frames = list(_frames(trace))
        shown = _of_program(frames)
        if shown and len(shown) < len(frames):
            each.__traceback__ = _joined(shown)
            each.__notes__ = [note for note in notes if not note.startswith(_NOTE_OF_JAX)]
            if shown[-1] is not frames[-1] and not _is_ours(frames[-1]):  # whose message is complete
                each.__notes__ += [_HINT.format(_library(frames[-1]))]
    if error is not None and (asked := os.environ.get("JAX_PLATFORMS")) and any(map(_starts_devices, kept)):
        error.add_note(_NO_DEVICE.format(asked))
    try:
        yield
    finally:
        for each, trace, notes in kept:
            each.__traceback__ = trace
            if hasattr(each, "__notes__"):
                each.__notes__ = notes


def _starts_devices(kept):
    """Return whether JAX looked for its devices then; it may raise an AssertionError without a word there."""
    return any(each.tb_frame.f_globals.get("__name__") == "jax._src.xla_bridge" for each in _frames(kept[1]))


def _chain(error):
    """Return an error and its causes that are shown with it."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return seen


def _frames(trace):
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _joined(frames):
    """Make a traceback of these frames."""
    trace = None
    for each in reversed(frames):
        trace = TracebackType(trace, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return trace


def _of_program(frames):
    """Return the frames except those of horngate and the libraries it called; libraries called by the program stay."""
    shown, hidden = [], True
    for each in frames:
        hidden = _is_ours(each) or _library(each) in ("jax", "jaxlib") or (hidden and _library(each) in _NEEDED)
        shown += [] if hidden else [each]
    return shown


def in_package(frame: FrameType) -> bool:
    """Return whether a frame runs code of horngate."""
    return frame.f_code.co_filename.startswith(_PACKAGE)


def _is_ours(trace):
    return in_package(trace.tb_frame)


def _library(trace):
    return trace.tb_frame.f_globals.get("__name__", "").partition(".")[0]
