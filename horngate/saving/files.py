"""Whether a file may be replaced, and what is said of those that cannot be read."""

import contextlib
import os
from collections.abc import Iterator

from horngate.utils.budget import TooMuch
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import WriteError, path_of


def may_write(filepath: PathLike, overwrite: bool) -> bool:
    """Whether there is no file `filepath`, or it may be replaced; asks at the terminal where `overwrite` is False."""
    if overwrite or not os.path.exists(path_of(filepath)):
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
def file_errors(filepath: PathLike, text: bool = False) -> Iterator[None]:
    """Turn what goes wrong while `filepath`, or a `text` that is so called, is read into one `FileError` of it."""
    try:
        yield
    except (FileError, TooMuch) as error:
        raise (error if str(filepath) in str(error) else FileError(f"{filepath}: {error}")) from error.__cause__
    except (FileNotFoundError, PermissionError, IsADirectoryError, WriteError, ImportError):
        raise
    except _OF_DAMAGE as error:
        from horngate.saving.formats import FORMATS, HDF5  # which raise errors of this module

        others = ", ".join(suffix for suffix, found in FORMATS.items() if found is not HDF5)
        wrong = f"{type(error).__name__}: {error}".rstrip(".")
        may_be = f"not of a kind that horngate reads: HDF5 of Keras 0.3 to 3, {others}"
        raise FileError(
            f"{filepath} could not be read: {wrong}. {'It' if text else 'The file'} is damaged, cut short, or "
            f"{'no configuration of a model' if text else may_be}."
        ) from error
