"""Files of logs: whether the last line is whole, and how to cut a file back to an earlier end."""

import os

from horngate.backend.notices import warn
from horngate.utils.generic_utils import PathLike


def ends_a_line(filename: PathLike) -> bool:
    """Whether the file `filename` is empty or its last line is whole."""
    with open(filename, "rb") as file:
        file.seek(-min(1, os.path.getsize(filename)), os.SEEK_END)
        return file.read() in (b"", b"\n")


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
