"""Write files whole or not at all, and report those that cannot be read."""

import contextlib
import os
import tempfile
from collections.abc import Iterator

from horngate.utils.generic_utils import PathLike


@contextlib.contextmanager
def atomic_write(filepath: PathLike) -> Iterator[str]:
    """The path of a temporary file that takes the place of the file `filepath` when all went well."""
    filepath = os.path.abspath(os.fspath(filepath))
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(filepath), prefix=".", suffix=".tmp")
    os.close(handle)
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        if os.name == "posix":  # temporary files are made for their owner alone
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, filepath)
    except BaseException:
        os.unlink(temporary)
        raise


def may_write(filepath: PathLike, overwrite: bool) -> bool:
    """Whether there is no file `filepath`, or it may be replaced; asks at the terminal where `overwrite` is False."""
    if overwrite or not os.path.exists(filepath):
        return True
    from horngate.utils.io_utils import ask_to_proceed_with_overwrite

    return ask_to_proceed_with_overwrite(filepath)


class FileError(ValueError):
    """A file that is damaged, or not what it was taken for."""


# What libraries raise when they meet damaged data. MemoryError: a declared size that no machine has.
_OF_DAMAGE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    LookupError,
    MemoryError,
    OSError,
    OverflowError,
    RecursionError,
    RuntimeError,
    TypeError,
    UnicodeError,
)


@contextlib.contextmanager
def file_errors(filepath: PathLike) -> Iterator[None]:
    """Turn what goes wrong while `filepath` is read into one `FileError` that names the file."""
    try:
        yield
    except FileError as error:
        raise (error if str(filepath) in str(error) else FileError(f"{filepath}: {error}")) from error.__cause__
    except (FileNotFoundError, PermissionError, IsADirectoryError, ImportError):
        raise
    except _OF_DAMAGE as error:
        from horngate.saving.formats import FORMATS, HDF5  # which raise errors of this module

        others = ", ".join(suffix for suffix, found in FORMATS.items() if found is not HDF5)
        raise FileError(
            f"{filepath} could not be read: {type(error).__name__}: {error}. The file is damaged, cut short, or not of "
            f"a kind that horngate reads: HDF5 of Keras 0.3 to 3, {others}."
        ) from error
