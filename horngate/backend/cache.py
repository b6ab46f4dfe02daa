"""The cache of compiled programs on disk, which lets a second run start at once.

The cache is on by default, in the user's cache folder. `HORNGATE_CACHE_DIR` moves it, `HORNGATE_CACHE_DIR=off` turns it
off; what JAX itself was told (`JAX_COMPILATION_CACHE_DIR`) wins. Several processes may share it: JAX writes each entry
whole or not at all, and one that cannot be read is compiled anew. What is kept there is machine code that is run later:
a folder into which other users may write is not used.
"""

import atexit
import contextlib
import os
import pathlib

import jax

from horngate.backend.config import jax_options
from horngate.backend.notices import say

LIMIT = 2**30  # bytes kept; when a process ends, the entries unused for longest are taken away
_WORTH_KEEPING = 0.1  # seconds of compilation


def cache_folder() -> pathlib.Path | None:
    """Where compiled programs are kept, or None where that is turned off."""
    chosen = os.environ.get("HORNGATE_CACHE_DIR")
    if chosen:
        return None if chosen == "off" else pathlib.Path(chosen)
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(root) / "horngate" / "programs"


def enable_cache() -> None:
    """Keep compiled programs on disk, unless the user chose otherwise."""
    folder = cache_folder()
    if folder is None or jax_options.jax_compilation_cache_dir:
        return
    with contextlib.suppress(OSError):  # JAX warns where nothing can be kept
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if others_may_write(folder):
        say(
            f"horngate: compiled programs are not kept: others may write into {folder}, and what is there is run. "
            "Take that right away (chmod go-w), or set HORNGATE_CACHE_DIR to a folder of your own, or to 'off'."
        )
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    atexit.register(trim, folder, LIMIT)


def others_may_write(folder: str | os.PathLike[str]) -> bool:
    """Whether other users than this one and root may put something into `folder`; Windows does not tell."""
    if not hasattr(os, "getuid"):
        return False
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return bool(status.st_mode & 0o022) or status.st_uid not in (0, os.getuid())


def trim(folder: str | os.PathLike[str], limit: int) -> None:
    """Take away the entries of `folder` unused for longest until the rest fits into `limit` bytes."""
    with contextlib.suppress(OSError):  # another process may be trimming too
        entries = [(path, path.stat()) for path in pathlib.Path(folder).iterdir()]
        excess = sum(status.st_size for _, status in entries) - limit
        for path, status in sorted(entries, key=lambda entry: max(entry[1].st_atime, entry[1].st_mtime)):
            if excess <= 0:
                return
            path.unlink()
            excess -= status.st_size


enable_cache()
