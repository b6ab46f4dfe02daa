"""Settings in the environment, HORNGATE_ and a name: those that exist, and what each may be."""

import difflib
import os
from collections.abc import Mapping

_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_FLAG = (*_YES, *_NO)
# name -> the values that it may have, in small letters; None where what reads the setting checks it
_ALLOWED: dict[str, tuple[str, ...] | None] = {
    **dict.fromkeys(["QUIET", "DETERMINISTIC"], _FLAG),
    "TRACEBACK": ("", "full"),
    "VECTOR_BYTES": ("", "16", "32", "64"),
    **dict.fromkeys(["ERA", "FLOATX", "EPSILON", "MATMUL_PRECISION", "IMAGE_DIM_ORDERING", "CACHE_DIR", "KERNELS"]),
    **dict.fromkeys(["MESH", "WATCHDOG", "COORDINATOR", "PROCESSES", "PROCESS_ID", "LAUNCHED", "WHEEL", "TESTS"]),
}


def flag(name: str) -> bool:
    """Return whether the setting `name`, such as `'QUIET'`, is 1 or yes; False if it is not set."""
    return os.environ.get(f"HORNGATE_{name}", "").lower() in _YES


def check(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ValueError for a setting that does not exist, or has a value that none of its readers knows."""
    for name, value in environment.items():
        setting = name.removeprefix("HORNGATE_")
        if setting == name:
            continue
        if setting not in _ALLOWED:
            close = difflib.get_close_matches(setting, _ALLOWED, n=1)
            hint = f"Did you mean HORNGATE_{close[0]}?" if close else f"There are {', '.join(sorted(_ALLOWED))}."
            raise ValueError(f"{name}: there is no such setting of horngate. {hint} Or remove it from the environment.")
        allowed = _ALLOWED[setting]
        if allowed is not None and value.lower() not in allowed:
            words = ("1", "0") if allowed is _FLAG else allowed
            told = " or ".join(word or "not set" for word in words)
            raise ValueError(f"{name} must be {told}; received {value!r}.")
    kernels = environment.get("HORNGATE_KERNELS", "")
    if kernels not in ("", "off") and not os.path.isdir(kernels):
        raise ValueError(f"HORNGATE_KERNELS must be 'off' or a folder with kernels; there is no folder {kernels!r}.")
