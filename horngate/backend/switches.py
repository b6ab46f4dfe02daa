"""Switches that a program sets for all that follows (`keras.config`): what is shown, and kernels of attention."""

import logging
from dataclasses import dataclass


@dataclass
class _Switches:
    interactive: bool = True
    shortens: bool = True
    fused: bool | None = None


_switches = _Switches()


def enable_interactive_logging() -> None:
    """Print what training tells, as at the start of a program."""
    _switches.interactive = True


def disable_interactive_logging() -> None:
    """Give what training tells to the logger `horngate` of Python's `logging`, in whole lines, at the level INFO."""
    _switches.interactive = False


def is_interactive_logging_enabled() -> bool:
    """Whether what training tells is printed."""
    return _switches.interactive


def enable_traceback_filtering() -> None:
    """Hide frames of horngate and JAX where errors are shown, as at the start of a program."""
    _switches.shortens = True


def disable_traceback_filtering() -> None:
    """Show all frames of errors; what JAX itself shortens is told by its option `jax_traceback_filtering`."""
    _switches.shortens = False


def is_traceback_filtering_enabled() -> bool:
    """Whether frames of horngate and JAX are hidden where errors are shown."""
    return _switches.shortens


def enable_flash_attention() -> None:
    """Let attention use a fused kernel where one serves the device and the number type, unless a layer tells."""
    _switches.fused = True


def disable_flash_attention() -> None:
    """Let attention use no fused kernel, in programs compiled afterwards, unless a layer tells."""
    _switches.fused = False


def is_flash_attention_enabled() -> bool | None:
    """Whether attention uses fused kernels where they serve; None if the program did not say, which means the same."""
    return _switches.fused


def tell(line: str) -> None:
    """Print a line of what training tells, or give it to the logger."""
    if _switches.interactive:
        print(line, flush=True)
    else:
        logging.getLogger("horngate").info(line)
