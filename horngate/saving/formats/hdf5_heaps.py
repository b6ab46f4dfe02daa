"""Checks the text heaps of an HDF5 file before libhdf5 reads them: damaged ones make it loop for ever."""

import math
import mmap
import re
import struct

from horngate.saving.files import FileError
from horngate.utils.generic_utils import PathLike

_HEAP = b"GCOL\x01\0\0\0"  # the beginning of a heap: HDF5 File Format Specification 3.0, III.E
_OBJECT = struct.Struct("<HHIQ")  # index, reference count, reserved, size; the data follow, padded to 8 bytes

# The type of a text of any length, in an attribute: IV.A.2.d. Its base is a number of 1 byte or a text of 1 byte.
_TEXT = re.compile(
    rb"\x19\x01[\x00-\x1f]\x00\x10\x00\x00\x00(?:\x10...\x01\x00\x00\x00....|\x13...\x01\x00\x00\x00)", re.S
)
_REFERENCE = struct.Struct("<IQI")  # length of the text, place of its heap, number in the heap

_MOST_SEARCHED = 2**37  # bytes, for all heaps together


def check_heaps(filepath: PathLike) -> int:
    """Check the heaps of the file `filepath`; returns the length of their longest text.

    Raises `FileError` unless the objects of each heap fill it one after the other.
    """
    with open(filepath, "rb") as file:
        file.seek(0, 2)
        if file.tell() == 0:
            raise FileError("the file is empty.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return check_heaps_in(content)


def check_heaps_in(content: bytes | mmap.mmap) -> int:
    """Check the bytes of a file, `content`, in the same way."""
    at, longest, starts = content.find(_HEAP), 0, []
    while at >= 0:
        longest = max(longest, _longest_in(content, at))
        starts.append(at)
        at = content.find(_HEAP, at + 8)
    if len(starts) * len(content) > _MOST_SEARCHED:
        raise FileError(f"the file holds {len(starts):,} heaps of texts, which no model's has.")
    for start in starts:
        _check_lengths(content, start)
    for found in _TEXT.finditer(content):
        _check_attribute(content, found)
    return longest


def _check_attribute(content, found):
    """Raise `FileError` if an attribute of texts gives a length beyond the file, whatever heap it refers to."""
    padded = found.start() + (found.end() - found.start() + 7) // 8 * 8
    for at in (found.end(), padded):  # where its shape begins: messages of version 1 are padded
        version, rank, flags = content[at : at + 3].ljust(3, b"\0")
        if version in (1, 2) and rank <= 32:
            sizes = at + (8 if version == 1 else 4)
            begin = sizes + 8 * rank * (1 + flags % 2)
            count = math.prod(struct.unpack_from(f"<{rank}Q", content, sizes)) if begin <= len(content) else 0
            if begin + count * _REFERENCE.size > len(content):
                raise FileError(f"at byte {found.start()}, an attribute claims {count:,} texts.")
            for length, _, _ in _REFERENCE.iter_unpack(content[begin : begin + count * _REFERENCE.size]):
                if length > len(content):
                    raise FileError(f"at byte {found.start()}, a text is said to be longer than the file.")
            return


def _check_lengths(content: bytes | mmap.mmap, start: int) -> None:
    """Raise `FileError` if a reference to the heap at `start` gives a length beyond the file, which HDF5 would trust.

    A reference to a text holds its length (4 bytes), the place of the heap (8) and its number in the heap (4, of which
    2 are used). In attributes that h5py writes, it begins at a multiple of 8. The place alone could be any other
    number.
    """
    place = struct.pack("<Q", start)
    at = content.find(place)
    while at >= 0:
        if at % 8 == 4 and at + 12 <= len(content):
            length, _, number = _REFERENCE.unpack_from(content, at - 4)
            if length > len(content) and 0 < number < 2**16:
                raise FileError(f"at byte {at - 4}, a text is said to be longer than the file.")
        at = content.find(place, at + 1)


def _longest_in(content: bytes | mmap.mmap, start: int) -> int:
    (size,) = struct.unpack_from("<Q", content, start + 8)
    end, at, longest = start + size, start + 16, 0
    if size < 16 or end > len(content):
        raise FileError(f"a heap of texts at byte {start} claims {size} bytes.")
    while end - at >= _OBJECT.size:
        index, _, _, length = _OBJECT.unpack_from(content, at)
        if index == 0:  # free space: its size counts from here to the end of the heap
            if length != end - at:
                raise FileError(f"a heap of texts at byte {start} is free from byte {at} on, and claims otherwise.")
            break
        longest = max(longest, length)
        at += _OBJECT.size + (length + 7) // 8 * 8
        if at > end:
            raise FileError(f"a text in the heap at byte {start} claims {length} bytes.")
    return longest
