"""Fetching files: once, whole, checked, and kept where every version of Keras looks for them."""

import hashlib
import os
import shutil
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from typing import Any

from horngate.utils.generic_utils import PathLike
from horngate.utils.progbar import Progbar

_TRIES, _PAUSE = 3, 1.0  # attempts, and seconds to wait after the first that failed
_PIECE = 1 << 16
_TIMEOUT = 30  # seconds without a byte


def get_file(
    fname: str,
    origin: str,
    untar: bool = False,
    md5_hash: str | None = None,
    cache_subdir: str = "datasets",
    sha256_hash: str | None = None,
    cache_dir: str | None = None,
    extract: bool = False,
) -> str:
    """The path of a file, fetched from the web where it is not yet on this machine.

    What is fetched is checked before it takes its name, so that the file is either whole or not there. A download that
    broke off is taken up again where it stopped.

    # Arguments
        fname: its name in the cache; with `untar`, that of the folder which `<fname>.tar.gz` holds.
        origin: its address.
        untar: whether to unpack it, and to return the folder's path.
        md5_hash, sha256_hash: checksums that it must have; a file in the cache that has another is fetched anew.
        cache_subdir: folder within `cache_dir`, or an absolute path.
        cache_dir: `~/.keras` if None, or what the environment variable KERAS_HOME says.
        extract: whether to unpack it beside itself; its own path is returned.

    # Raises
        OSError: where it cannot be fetched: says from where, and where to put it by hand.
        ValueError: where the checksum differs, or an archive holds paths outside its folder.
    """
    folder = os.path.join(cache_dir or os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), cache_subdir)
    os.makedirs(folder, exist_ok=True)
    whole = os.path.join(folder, fname)
    path = whole + ".tar.gz" if untar else whole
    if untar and os.path.isdir(whole):
        return whole
    if os.path.exists(path) and not _fits(path, md5_hash, sha256_hash):
        print(f"{path} has another checksum than it should have: it is fetched anew.")
        os.remove(path)
    if not os.path.exists(path):
        print(f"Downloading data from {origin}")
        _download(origin, path, md5_hash, sha256_hash)
    if untar or extract:
        unpack(path, folder)
    return whole


def validate_file(fpath: PathLike, md5_hash: str) -> bool:
    """Whether the file `fpath` has the checksum `md5_hash`: MD5 of 32 hexadecimal digits, or SHA-256 of 64."""
    return _checksum(fpath, "sha256" if len(md5_hash) == 64 else "md5") == md5_hash.lower()


def _fits(path: PathLike, *hashes: str | None) -> bool:
    return all(validate_file(path, wanted) for wanted in hashes if wanted)


def _checksum(path: PathLike, kind: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _download(origin: str, path: str, *hashes: str | None) -> None:
    """Fetch `path`, in several attempts; it appears when it is whole and checked."""
    part, pause = path + ".part", _PAUSE
    for attempt in range(_TRIES):
        try:
            _fetch_rest(origin, part)
            break
        except OSError as error:
            refused = isinstance(error, urllib.error.HTTPError) and 400 <= error.code < 500
            if refused or attempt == _TRIES - 1:
                raise OSError(
                    f"{os.path.basename(path)} is not on this machine and could not be fetched from {origin} "
                    f"({error}). Fetch it on a machine that can, and put it here as {path}"
                ) from error
            time.sleep(pause)
            pause *= 2
    if not _fits(part, *hashes):
        found = _checksum(part, "sha256")
        os.remove(part)
        raise ValueError(
            f"what came from {origin} is not the file that was expected: its checksum (SHA-256) is {found}. "
            "It was thrown away."
        )
    os.replace(part, path)


def _fetch_rest(origin: str, part: str) -> None:
    """Fetch what `part` does not hold yet."""
    have = os.path.getsize(part) if os.path.exists(part) else 0
    headers = {"User-Agent": "horngate", **({"Range": f"bytes={have}-"} if have else {})}
    request = urllib.request.Request(origin, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # the range begins at the end: all is there, or another file was
            raise
        os.remove(part)
        response = urllib.request.urlopen(origin, timeout=_TIMEOUT)
    with response:
        goes_on = response.status == 206
        length = response.headers.get("Content-Length")
        total = int(length) + have * goes_on if length else None
        have = have if goes_on else 0
        bar = Progbar(total)
        with open(part, "ab" if goes_on else "wb") as file:
            while piece := response.read(_PIECE):
                file.write(piece)
                have += len(piece)
                bar.update(have)
    if total is not None and have < total:
        raise OSError(f"the connection broke off after {have} of {total} bytes")


def unpack(path: PathLike, folder: PathLike) -> None:
    """Unpack the tar or zip archive `path` into `folder`; what it holds appears when all is unpacked.

    # Raises
        ValueError: where it is neither, or holds a path outside the folder.
    """
    room = tempfile.mkdtemp(prefix=".unpacking-", dir=folder)
    try:
        if tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                archive.extractall(room, filter="data")
        elif zipfile.is_zipfile(path):
            _unzip(path, room)
        else:
            raise ValueError(f"{path} is neither a tar nor a zip archive.")
        for name in os.listdir(room):
            target = os.path.join(folder, name)
            if os.path.isdir(target):
                shutil.rmtree(target)
            os.replace(os.path.join(room, name), target)
    except tarfile.TarError as error:
        raise ValueError(f"{path} was not unpacked: {error}") from error
    finally:
        shutil.rmtree(room)


def _unzip(path: PathLike, room: str) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if os.path.isabs(name) or ".." in name.replace("\\", "/").split("/"):
                raise ValueError(f"{path} was not unpacked: it holds {name!r}, a path outside its folder.")
        archive.extractall(room)


class Sequence:
    """Batches by number: a base for data that `fit` and its kin go through in any order, with several workers.

    Give `len(self)`, the number of batches, and `self[i]`, batch `i`: `(x, y)`, or `(x, y, sample_weight)`.

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

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index), which gives a batch.")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must define __len__(), the number of batches.")

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def on_epoch_end(self) -> None:
        """Called when all batches of an epoch have been used."""
