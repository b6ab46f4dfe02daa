"""Log files: check for a complete last line, and truncate a file to an earlier size."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from horngate.backend.notices import warn
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import write_errors


def ends_a_line(filename: PathLike) -> bool:
    """Return whether the file `filename` is empty or its last line is complete."""
    with open(filename, "rb") as file:
        file.seek(-min(1, os.path.getsize(filename)), os.SEEK_END)
        return file.read() in (b"", b"\n")


@contextlib.contextmanager
def closed_if_full(file: Any, filename: PathLike) -> Iterator[None]:
    """Close `file`, the open file `filename`, if the block finds the disk full. Raises OSError with one sentence.

    Closing here keeps Python from a second attempt to write.
    """
    try:
        with write_errors(filename):
            yield
    except OSError:
        with contextlib.suppress(OSError):  # otherwise Python would write again and complain
            file.close()
        raise


def cut(filename: PathLike, size: int) -> None:
    """Truncate the log `filename` to `size`, its size in bytes when the state of training was saved."""
    found = os.path.getsize(filename) if os.path.exists(filename) else 0
    if found > size:
        os.truncate(filename, size)
    elif found < size:
        warn(
            f"{filename} has lost what was logged before the interruption; only what comes now is added.",
            RuntimeWarning,
        )
