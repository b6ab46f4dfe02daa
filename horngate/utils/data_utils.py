"""Downloads files once, whole and checked, into the cache that every version of Keras uses."""

import contextlib
import email.utils
import hashlib
import json
import os
import shutil
import tarfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from horngate.backend.orders import of_eras
from horngate.utils import budget
from horngate.utils.generic_utils import PathLike
from horngate.utils.progbar import Progbar
from horngate.utils.whole_files import FULL, atomic_write, lock, remove_abandoned, temporary_path, write_errors

_TRIES, _PAUSE = 3, 1.0  # attempts, and seconds to wait after the first failure
_PIECE = 1 << 16
_TIMEOUT = 30  # seconds without a byte


@of_eras(same=4)
def get_file(
    fname: str,
    origin: str,
    untar: bool = False,
    md5_hash: str | None = None,
    cache_subdir: str = "datasets",
    sha256_hash: str | None = None,
    cache_dir: str | None = None,
    extract: bool = False,
    file_hash: str | None = None,
    hash_algorithm: str = "auto",
    archive_format: str | None = "auto",
) -> str:
    """Return the path of a file in the cache, downloading it if it is not there.

    A download is checked before it gets its name, so that the file is either whole or missing. An interrupted download
    resumes where it stopped, if a checksum or the server's date shows that the file is the same. If several processes
    want the file, one downloads it and the others wait.

    # Arguments
        fname: its name in the cache; with `untar`, the name of the folder in `<fname>.tar.gz`.
        origin: its address.
        untar: unpack it, and return the folder's path.
        md5_hash, sha256_hash: checksums; a file in the cache with another checksum is downloaded again.
        cache_subdir: folder within `cache_dir`, or an absolute path.
        cache_dir: None for the environment variable KERAS_HOME, or `~/.keras`.
        extract: unpack it into its own folder, once; existing files stay, except those of the same names. Returns the
            path of the archive.
        file_hash, hash_algorithm: a checksum, and its kind: `'sha256'`, `'md5'`, or `'auto'` for what its length tells.
        archive_format: `'auto'`, since a file tells what it is, or None not to unpack it.

    # Raises
        OSError: if the download fails; says where the file is, and where to put it by hand.
        ValueError: if the checksum differs, or an archive holds paths outside its folder, or unpacks to more than 1,000
            times its bytes.
    """
    if not fname or not isinstance(fname, (str, os.PathLike)):
        raise ValueError(
            f"get_file: fname must be the file's name in the cache, such as 'data.npz'; received {fname!r}"
        )
    hashes = md5_hash, sha256_hash, file_hash
    _check_kinds(file_hash, hash_algorithm, archive_format)
    folder = os.path.join(cache_dir or os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), cache_subdir)
    whole = os.path.join(folder, fname)
    os.makedirs(os.path.dirname(whole), exist_ok=True)
    path = whole + ".tar.gz" if untar else whole
    if untar and os.path.isdir(whole):
        return whole
    if not _is_there(path, hashes):
        if "://" not in str(origin):
            raise ValueError(
                f"get_file: origin must be an address such as 'https://host/data.npz'; received {origin!r}"
            )
        print(f"Downloading data from {origin}")
        _download(origin, os.path.realpath(path), *hashes)
    if untar:
        unpack(path, folder)
    elif extract and archive_format is not None:
        _unpack_once(path, folder)
    return whole


def _is_there(path, hashes):
    if not os.path.exists(path) or _fits(path, *hashes):
        return os.path.exists(path)
    print(f"{path} has another checksum than it should have: it is fetched anew.")
    return False


def _check_kinds(file_hash, hash_algorithm, archive_format):
    if hash_algorithm not in ("auto", "sha256", "md5") or file_hash and len(file_hash) not in (32, 64):
        raise ValueError(
            "get_file: hash_algorithm must be 'auto', 'sha256' or 'md5', and file_hash have 64 or 32 hexadecimal "
            f"digits; received {hash_algorithm!r}, {file_hash!r}."
        )
    if archive_format not in ("auto", "tar", "zip", None):
        raise ValueError(f"get_file: archive_format must be 'auto', 'tar', 'zip' or None; received {archive_format!r}.")


def validate_file(fpath: PathLike, md5_hash: str) -> bool:
    """Whether the file `fpath` has the checksum `md5_hash`: MD5 of 32 hexadecimal digits, or SHA-256 of 64."""
    return _checksum(fpath, "sha256" if len(md5_hash) == 64 else "md5") == md5_hash.lower()


def _fits(path: PathLike, *hashes: str | None) -> bool:
    return all(validate_file(path, wanted) for wanted in hashes if wanted)


def _checksum(path: PathLike, kind: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _download(origin: str, path: str, *hashes: str | None) -> None:
    """Download `path`, unless another process does; it appears when it is whole and checked."""
    with _own_part(path) as part:
        if os.path.exists(path) and _fits(path, *hashes) and not os.path.getsize(part):
            return  # another process has fetched it while this one waited
        _fetch(origin, path, part, any(hashes))
        if not _fits(part, *hashes):
            found = _checksum(part, "sha256")
            os.truncate(part, 0)
            raise ValueError(
                f"what came from {origin} is not the file that was expected: its checksum (SHA-256) is {found}. "
                "It was thrown away."
            )
        os.replace(part, path)


@contextlib.contextmanager
def _own_part(path: str) -> Iterator[str]:
    """Lock the downloaded part of the file `path` for this process in the block; gives the path of the part.

    Other processes wait. On a system without locks, each process starts a part of its own.
    """
    part = path + ".part"
    while True:
        handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o666)
        if not lock(handle):
            print("Another process is fetching it; this one waits.")
            if not lock(handle, wait=True):
                os.close(handle)
                _remove_empty(part)
                yield from _private_part(path)
                return
        if _is_at(handle, part):
            break
        os.close(handle)  # the other process has finished it or deleted it
    try:
        yield part
    finally:
        if _is_at(handle, part):
            _remove_empty(part)
        os.close(handle)


def _private_part(path: str) -> Iterator[str]:
    part = temporary_path(os.path.dirname(path))
    with open(part, "xb"):
        pass
    try:
        yield part
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)


def _remove_empty(path: str) -> None:
    with contextlib.suppress(OSError):
        if not os.path.getsize(path):
            os.unlink(path)


def _is_at(handle: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _fetch(origin: str, path: str, part: str, checked: bool) -> None:
    """Download the rest of the file `path` into `part`, in several attempts; `checked`: a checksum is known."""
    pause = _PAUSE
    for attempt in range(_TRIES):
        try:
            with write_errors(path):
                _fetch_rest(origin, part, checked)
            return
        except OSError as error:
            if error.errno in FULL:
                raise
            refused = isinstance(error, urllib.error.HTTPError) and 400 <= error.code < 500
            if refused or attempt == _TRIES - 1:
                raise OSError(
                    f"{os.path.basename(path)} is not on this machine and could not be fetched from {origin} "
                    f"({error}). Fetch it on a machine that can, and put it here as {path}"
                ) from error
            time.sleep(pause)
            pause *= 2


def _fetch_rest(origin: str, part: str, checked: bool) -> None:
    """Download what is missing in `part`; everything, if `part` may belong to another file.

    A checksum tells that later. Without one, `part` must have the date that the server gives its file.
    """
    have = os.path.getsize(part)
    headers = {"User-Agent": "horngate", **({"Range": f"bytes={have}-"} if have else {})}
    if have and not checked:
        headers["If-Range"] = email.utils.formatdate(int(os.path.getmtime(part)), usegmt=True)
    request = urllib.request.Request(origin, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # the range begins at the end: the part is whole, or belongs to another file
            raise
        os.truncate(part, 0)
        response = urllib.request.urlopen(origin, timeout=_TIMEOUT)
    with response:
        goes_on = response.status == 206
        length = response.headers.get("Content-Length", "")
        total = int(length) + have * goes_on if length.isdecimal() else None
        have = have if goes_on else 0
        bar = Progbar(total)
        try:
            with open(part, "ab" if goes_on else "wb") as file:
                while piece := response.read(_PIECE):
                    file.write(piece)
                    have += len(piece)
                    bar.update(have)
                file.flush()
                os.fsync(file.fileno())
            if total is not None and have < total:
                raise OSError(f"the connection broke off after {have} of {total} bytes")
        except BaseException:
            _date(part, response.headers.get("Last-Modified"))
            raise


def _date(part: str, text: str | None) -> None:
    """Give the file `part` the date `text` of the server's file; without one a date that no file has."""
    with contextlib.suppress(TypeError, ValueError):
        date = email.utils.parsedate_to_datetime(text).timestamp() if text else 0
        os.utime(part, (date, date))


def _unpack_once(path: str, folder: str) -> None:
    """Unpack the archive `path` into `folder`, unless a mark says that this was done, and all its files exist."""
    mark = os.path.join(folder, f".{os.path.basename(path)}.unpacked")
    status = os.stat(path)
    archive = [status.st_size, status.st_mtime_ns]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # no mark, or a damaged one
        with open(mark, encoding="utf-8") as file:
            found = json.load(file)
        if found["archive"] == archive and all(os.path.lexists(os.path.join(folder, name)) for name in found["names"]):
            return
    names = unpack(path, folder)
    with atomic_write(mark) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump({"archive": archive, "names": names}, file)


_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def unpack(path: PathLike, folder: PathLike) -> list[str]:
    """Unpack the tar or zip archive `path` into `folder`; returns the names at its top level, sorted.

    Everything is unpacked before anything appears. Existing files stay, except those of the same names.

    # Raises
        ValueError: if it is neither, is damaged, or holds a path outside the folder or more than 1,000 times its bytes.
    """
    folder = os.fspath(folder)
    remove_abandoned(folder)
    room = temporary_path(folder)
    os.mkdir(room)
    try:
        with write_errors(folder):
            if tarfile.is_tarfile(path):
                _untar(path, room)
            elif zipfile.is_zipfile(path):
                _unzip(path, room)
            else:
                raise ValueError(f"{path} is neither a tar nor a zip archive.")
        names = sorted(os.listdir(room))
        _merge(room, folder)
    except (*_DAMAGED, IsADirectoryError, NotADirectoryError) as error:
        raise ValueError(f"{path} was not unpacked: {error}") from error
    finally:
        shutil.rmtree(room)
    return names


def _merge(source: str, target: str) -> None:
    """Move the content of the folder `source` into the folder `target`, and merge folders."""
    for name in os.listdir(source):
        inner, place = os.path.join(source, name), os.path.join(target, name)
        is_folder = os.path.isdir(inner) and not os.path.islink(inner)
        try:
            if not (is_folder and os.path.isdir(place)):
                os.replace(inner, place)
                continue
        except OSError:  # a folder that another process has just put there
            if not (is_folder and os.path.isdir(place)):
                raise
        _merge(inner, place)


def _untar(path: PathLike, room: str) -> None:
    unpacked = 0

    def counted(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
        nonlocal unpacked
        unpacked += member.size
        _check_size(path, unpacked)
        return tarfile.data_filter(member, folder)

    with tarfile.open(path) as archive:
        archive.extractall(room, filter=counted)


def _check_size(path: PathLike, unpacked: int) -> None:
    """Refuse the archive `path` if so many bytes are more than an honest one holds."""
    size = os.path.getsize(path)
    if unpacked > max(budget.SMALL, budget.EXPANSION * size):
        raise ValueError(
            f"{path} was not unpacked: it has {size:,} bytes and holds {unpacked:,}, more than {budget.EXPANSION:,} "
            "times as many. If you trust it, unpack it with the tools of your system."
        )


def _unzip(path: PathLike, room: str) -> None:
    with zipfile.ZipFile(path) as archive:
        _check_size(path, sum(member.file_size for member in archive.infolist()))
        for name in archive.namelist():
            if os.path.isabs(name) or ".." in name.replace("\\", "/").split("/"):
                raise ValueError(f"{path} was not unpacked: it holds {name!r}, a path outside its folder.")
        archive.extractall(room)


class Sequence:
    """Base of data that give batches by number, which `fit` and the like may read in any order, with several workers.

    Define `len(self)`, the number of batches, and `self[i]`, batch `i`: `(x, y)`, or `(x, y, sample_weight)`.

    # Arguments
        workers: how many threads or processes make batches, at least 1.
        use_multiprocessing: whether they are processes.
        max_queue_size: how many batches are made ahead, at least 1.

    >>> import numpy as np
    >>> class Squares(Sequence):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, i):
    ...         x = np.arange(4 * i, 4 * i + 4.)
    ...         return x, x ** 2
    >>> [float(y.max()) for x, y in Squares()]
    [9.0, 49.0, 121.0]
    """

    drawing: Mapping[str, Any] = MappingProxyType({})  # how `fit` and the like draw, in the words of `Stream`

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        for name, count in (("workers", workers), ("max_queue_size", max_queue_size)):
            if count < 1:
                raise ValueError(f"{type(self).__name__}, argument {name!r}: must be at least 1; received {count!r}.")
        self.workers, self.use_multiprocessing, self.max_queue_size = workers, use_multiprocessing, max_queue_size
        self.drawing = {"workers": workers, "ahead": max_queue_size, "processes": use_multiprocessing}

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index), which gives a batch.")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must define __len__(), the number of batches.")

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def on_epoch_end(self) -> None:
        """Called at the end of each epoch."""


PyDataset = Sequence  # its name in Keras 3
