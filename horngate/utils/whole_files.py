"""Atomic writes: files are written whole or not at all, whatever a full disk, a kill or a second writer does."""

import contextlib
import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
from collections.abc import Iterator

PathLike = str | os.PathLike[str]

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # asked for before each use

_TEMPORARY = re.compile(r"\.horngate-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{8}\.tmp")  # host, process, random
FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}  # errors of a full disk
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link that leads to itself",
}


class WriteError(OSError):
    """A file was not written; the message names it and the reason."""


@contextlib.contextmanager
def atomic_write(filepath: PathLike) -> Iterator[str]:
    """Give the path of a temporary file, which replaces `filepath` at the end of the block unless an error is raised.

    Symbolic links are followed. An existing file that is empty is filled, since a program may hold it open, as one of
    `tempfile.NamedTemporaryFile`. An existing file keeps its mode and, if the system allows it, its owner. Files that
    killed writers left in the same folder are removed.

    # Raises
        OSError: if it cannot be written, or an existing path is no plain file; that one stays as it was.
    """
    target = os.path.realpath(path_of(filepath))
    old = _replaceable(target, filepath)
    folder = os.path.dirname(target)
    remove_abandoned(folder)
    temporary = temporary_path(folder)
    with write_errors(filepath, temporary):
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666 if old is None else old.st_mode & 0o777)
        with contextlib.ExitStack() as stack:
            stack.callback(_remove, temporary)  # gone already if all went well
            locked = lock(handle)
            if locked:
                stack.callback(os.close, handle)
            else:
                os.close(handle)  # Windows renames no open file
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            if old is not None and hasattr(os, "chown"):
                with contextlib.suppress(OSError):  # only root gives files away
                    os.chown(temporary, old.st_uid, old.st_gid)
                os.chmod(temporary, stat.S_IMODE(old.st_mode))  # beyond 0o777, and against the mask
            if locked and fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_UN)  # whoever reads the new file at once would find it locked
            if old is not None and old.st_size == 0:  # nothing to lose: whoever made and holds it will read it
                shutil.copyfile(temporary, target)
            else:
                os.replace(temporary, target)


@contextlib.contextmanager
def write_errors(filepath: PathLike, temporary: str | None = None) -> Iterator[None]:
    """Turn errors of a full disk, or of the `temporary` file, into one `WriteError` that names `filepath`."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.errno not in FULL and (not temporary or error.filename != temporary):
            raise
        stands = "; what stood there before is unchanged" if temporary else ""
        advice = "Make room there" if error.errno in FULL else "Look whether its folder is right"
        sentence = (
            f"{os.fspath(filepath)} could not be written: {error.strerror}{stands}. {advice}, or write elsewhere."
        )
        raise WriteError(error.errno, sentence) from None


def path_of(filepath: PathLike) -> str:
    """Return the path `filepath` as a string. Raises TypeError or ValueError if it cannot name a file."""
    path = os.fspath(filepath) if isinstance(filepath, os.PathLike) else filepath
    if not isinstance(path, str):
        raise TypeError(f"a file is named by a string or a pathlib.Path; received {filepath!r}.")
    if not path or "\0" in path:
        raise ValueError(f"a file is named by its path, such as 'model.h5'; received {path!r}.")
    return path


def ask_to_proceed_with_overwrite(filepath: PathLike) -> bool:
    """Ask on the terminal whether the file `filepath` may be replaced."""
    answer = ""
    while answer not in ("y", "n"):
        try:
            answer = input(f"{filepath} exists already. Replace it? [y/n] ").strip().lower()[:1]
        except EOFError:
            sentence = f"{filepath} exists already, and nobody answers whether to replace it"
            raise WriteError(errno.EEXIST, f"{sentence}: pass overwrite=True, or another name.") from None
    return answer == "y"


def make_place(path: PathLike) -> None:
    """Make the folder of the file `path` where it is not there; raises OSError where neither can be written."""
    make_folder(os.path.dirname(os.path.abspath(path_of(path))))
    _replaceable(os.path.realpath(path_of(path)), path)


def make_folder(path: PathLike) -> None:
    """Make the folder `path` where it is not there; raises WriteError where something else is."""
    try:
        os.makedirs(path_of(path), exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise WriteError(
            error.errno, f"{os.fspath(path)} cannot be a folder: a file stands in its place. Choose another."
        ) from None


def check_readable(filepath: PathLike) -> None:
    """Raise ValueError where `filepath` is there and is no file that can be read from end to end, such as a pipe."""
    mode = os.stat(path_of(filepath)).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a folder is told by the system
        kind = _KINDS.get(stat.S_IFMT(mode), "no plain file")
        raise ValueError(f"{filepath} is {kind}, of which nothing can be read here. Copy what it gives into a file.")


def _replaceable(target: str, filepath: PathLike) -> os.stat_result | None:
    """The status of the file at `target`, or None if there is none; raises OSError if it must not be replaced."""
    try:
        status = os.lstat(target)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no plain file")
        raise WriteError(
            errno.EISDIR if kind == "a folder" else errno.EINVAL,
            f"{os.fspath(filepath)} is {kind}, which no file may replace; choose another name.",
        )
    if not os.access(target, os.W_OK):
        raise WriteError(errno.EACCES, f"{os.fspath(filepath)} is write-protected, and was not replaced.")
    return status


# Temporary files and folders, and their owners.


def temporary_path(folder: str) -> str:
    """A unique path in `folder` for a temporary file or folder of this process."""
    return os.path.join(folder, f".horngate-{_host()}-{os.getpid()}-{secrets.token_hex(4)}.tmp")


def remove_abandoned(folder: str) -> None:
    """Remove the temporary files and folders in `folder` whose writer is gone.

    The writer is gone if it ran on this host, no process has its number, and nobody holds the lock on its files.
    """
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _TEMPORARY.fullmatch(entry.name)
            if found and found[1] == _host() and not _runs(int(found[2])) and not entry.is_symlink():
                with contextlib.suppress(OSError):
                    _remove_unlocked(entry.path)


def lock(handle: int, wait: bool = False) -> bool:
    """Lock the open file `handle` until it is closed, which a kill does too; returns whether it is locked.

    `wait`: wait for another holder of the lock; otherwise return False at once.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # held by another, or no file system with locks
        return False
    return True


def _host() -> str:
    return hashlib.blake2b(platform.node().encode(), digest_size=4).hexdigest()


def _runs(process: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def _remove_unlocked(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if lock(handle):
            _remove(path)
    finally:
        os.close(handle)


def _remove(path: str) -> None:
    """Remove a file or folder, if it exists."""
    if os.path.isdir(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
