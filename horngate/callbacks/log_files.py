"""Files of logs: whether the last line is whole, and how to cut a file back to an earlier end."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from horngate.backend.notices import warn
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import write_errors


def ends_a_line(filename: PathLike) -> bool:
    """Whether the file `filename` is empty or its last line is whole."""
    with open(filename, "rb") as file:
        file.seek(-min(1, os.path.getsize(filename)), os.SEEK_END)
        return file.read() in (b"", b"\n")


@contextlib.contextmanager
def closed_if_full(file: Any, filename: PathLike) -> Iterator[None]:
    """Close `file`, an open file `filename`, where what the block writes finds no room; that is said in one sentence.

    Raises OSError.
    """
    try:
        with write_errors(filename):
            yield
    except OSError:
        with contextlib.suppress(OSError):  # else Python would try it once more, and complain
            file.close()
        raise


def cut(filename: PathLike, size: int) -> None:
    """Cut the log `filename` back to the `size` in bytes that it had when the state of the training was kept."""
    found = os.path.getsize(filename) if os.path.exists(filename) else 0
    if found > size:
        os.truncate(filename, size)
    elif found < size:
        warn(
            f"{filename} has lost what was logged before the interruption; only what comes now is added.",
            RuntimeWarning,
        )
