"""The cache of compiled programs on disk, which lets a second run start at once.

The cache is on by default, in the user's cache folder. `HORNGATE_CACHE_DIR` moves it, `HORNGATE_CACHE_DIR=off` turns it
off; JAX's own setting (`JAX_COMPILATION_CACHE_DIR`) wins. Several processes may share it: each entry is written whole
or not at all, and a damaged one is compiled anew and replaced. The entries are machine code that runs later, so a
folder that other users may write to is not used.
"""

import atexit
import contextlib
import hashlib
import os
import pathlib
import stat
from typing import Any

import jax

from horngate.backend.config import jax_options
from horngate.backend.notices import say
from horngate.utils.whole_files import atomic_write

LIMIT = 2**30  # bytes kept; when a process ends, the entries unused for longest are removed
_WORTH_KEEPING = 0.1  # seconds of compilation
_DIGEST = 16  # bytes


def cache_folder() -> pathlib.Path | None:
    """The folder of compiled programs; None if the cache is turned off."""
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
    with contextlib.suppress(OSError):  # then JAX warns when it writes
        for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
    if others_may_write(folder):
        say(
            f"horngate: compiled programs are not kept: others may write into {folder}, and what is there is run. "
            "Take that right away (chmod go-w), or set HORNGATE_CACHE_DIR to a folder of your own, or to 'off'."
        )
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    _keep_checked(str(folder))
    atexit.register(trim, folder, LIMIT)


class CheckedCache:
    """Compiled programs by key in `folder`, each with a digest. A damaged entry is removed and counts as missing.

    JAX's own cache warns of an entry that it cannot read, and never replaces it. It also writes entries in place, so
    that a killed process or a full disk leaves half an entry.
    """

    def __init__(self, folder: str) -> None:
        self._path = pathlib.Path(folder)  # JAX reads this name

    def _place(self, key: str) -> pathlib.Path:
        return self._path / f"{key}-checked-cache"

    def get(self, key: str) -> bytes | None:
        """Return the program stored under `key`, or None."""
        path = self._place(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        if _digest(content[_DIGEST:]) == content[:_DIGEST]:
            return content[_DIGEST:]
        with contextlib.suppress(OSError):
            path.unlink()
        return None

    def put(self, key: str, value: bytes) -> None:
        """Store the program `value` under `key`."""
        with atomic_write(self._place(key)) as path, open(path, "wb") as file:
            file.write(_digest(value) + value)


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_DIGEST).digest()


def _keep_checked(folder: str) -> None:
    """Make JAX use a `CheckedCache` for `folder`. It has no setting for this, so one of its functions is replaced."""
    try:
        from jax._src import compilation_cache

        theirs: Any = compilation_cache.get_file_cache
    except (ImportError, AttributeError):  # another version of JAX: entries are not checked
        return

    def get_file_cache(path: str) -> Any:
        return (CheckedCache(path), path) if path == folder else theirs(path)

    compilation_cache.get_file_cache = get_file_cache


def others_may_write(folder: str | os.PathLike[str]) -> bool:
    """Whether users other than this one and root may write into `folder`, or replace it by another.

    Always False on Windows, which has no such modes.
    """
    if not hasattr(os, "getuid"):
        return False
    real = pathlib.Path(os.path.realpath(folder))
    for path in (real, *real.parents):
        try:
            status = os.stat(path)
        except OSError:
            return False
        if status.st_uid not in (0, os.getuid()):
            return True
        # A parent folder is safe if its sticky bit lets users move only their own files, as in /tmp, or if only the
        # group of this user may write: many systems give each user a group of their own.
        shared = status.st_mode & 0o022
        if path != real and (status.st_mode & stat.S_ISVTX or shared == 0o020 and status.st_gid == os.getuid()):
            continue
        if shared:
            return True
    return False


def trim(folder: str | os.PathLike[str], limit: int) -> None:
    """Remove the entries of `folder` unused for longest until the rest takes at most `limit` bytes."""
    with contextlib.suppress(OSError):  # another process may be trimming too
        entries = [(path, path.stat()) for path in pathlib.Path(folder).iterdir() if path.is_file()]
        excess = sum(status.st_size for _, status in entries) - limit
        for path, status in sorted(entries, key=lambda entry: max(entry[1].st_atime, entry[1].st_mtime)):
            if excess <= 0:
                return
            path.unlink()
            excess -= status.st_size


enable_cache()
