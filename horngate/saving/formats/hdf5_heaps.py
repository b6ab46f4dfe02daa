"""A look at an HDF5 file's heaps of texts before libhdf5 reads them: damaged ones would keep it busy for ever."""

import mmap
import struct

from horngate.saving.files import FileError
from horngate.utils.generic_utils import PathLike

_HEAP = b"GCOL\x01\0\0\0"  # how a collection of texts begins, HDF5 File Format Specification 3.0, III.E
_OBJECT = struct.Struct("<HHIQ")  # index, reference count, reserved, size; the data follow, padded to 8 bytes


def check_heaps(filepath: PathLike) -> int:
    """The length of the longest text in the heaps of the file `filepath`.

    Raises `FileError` unless the objects of each heap fill it one after the other.
    """
    with open(filepath, "rb") as file:
        file.seek(0, 2)
        if file.tell() == 0:
            raise FileError("the file is empty.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return check_heaps_in(content)


def check_heaps_in(content: bytes | mmap.mmap) -> int:
    """The same for the bytes of a file, `content`."""
    at, longest = content.find(_HEAP), 0
    while at >= 0:
        longest = max(longest, _longest_in(content, at))
        at = content.find(_HEAP, at + 8)
    return longest


def _longest_in(content: bytes | mmap.mmap, start: int) -> int:
    (size,) = struct.unpack_from("<Q", content, start + 8)
    end, at, longest = start + size, start + 16, 0
    if size < 16 or end > len(content):
        raise FileError(f"a heap of texts at byte {start} claims {size} bytes.")
    while end - at >= _OBJECT.size:
        index, _, _, length = _OBJECT.unpack_from(content, at)
        if index == 0:  # what is free: its size counts from here to the end of the heap
            if length != end - at:
                raise FileError(f"a heap of texts at byte {start} is free from byte {at} on, and claims otherwise.")
            break
        longest = max(longest, length)
        at += _OBJECT.size + (length + 7) // 8 * 8
        if at > end:
            raise FileError(f"a text in the heap at byte {start} claims {length} bytes.")
    return longest
