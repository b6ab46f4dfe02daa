"""Permission to replace a file, and errors for files that cannot be read."""

import contextlib
import errno
import os
from collections.abc import Iterator
from typing import Any

from horngate.utils.budget import TooMuch
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import WriteError, ask_to_proceed_with_overwrite, check_readable, path_of


def may_write(filepath: PathLike, overwrite: bool) -> bool:
    """Whether `filepath` may be written: it is new, `overwrite` is true, or the user agrees at the terminal."""
    return overwrite or not os.path.exists(path_of(filepath)) or ask_to_proceed_with_overwrite(filepath)


class FileError(ValueError):
    """A file is damaged, or not of the expected kind."""


# Errors of libraries for damaged data. MemoryError: a declared size beyond any machine.
_OF_DAMAGE = (
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    UnicodeError,
)


LONGEST = 2000  # characters of a message; a file may hold names of millions


def shortened(message: str) -> str:
    """Return `message` without its middle, if it is longer than anybody reads."""
    return message if len(message) <= LONGEST else f"{message[: LONGEST // 2]} ... {message[-LONGEST // 4 :]}"


@contextlib.contextmanager
def file_errors(filepath: PathLike, text: bool = False) -> Iterator[None]:
    """Turn errors in the block, which reads `filepath`, into one `FileError` that names it; `text`: it is no file."""
    try:
        yield
    except (FileError, TooMuch) as error:
        told = shortened(str(error))
        raise (error if str(filepath) in told else FileError(f"{filepath}: {told}")) from error.__cause__
    except (FileNotFoundError, PermissionError, IsADirectoryError, WriteError, ImportError):
        raise
    except BlockingIOError:
        raise FileError(f"{filepath} is being written by another program. Read it when that has ended.") from None
    except _OF_DAMAGE as error:
        from horngate.saving.formats import FORMATS, HDF5  # these modules raise the errors of this one

        others = ", ".join(suffix for suffix, found in FORMATS.items() if found is not HDF5)
        wrong = shortened(f"{type(error).__name__}: {error}".rstrip("."))
        may_be = f"not of a kind that horngate reads: HDF5 of Keras 0.3 to 3, {others}"
        raise FileError(
            f"{filepath} could not be read: {wrong}. {'It' if text else 'The file'} is damaged, cut short, or "
            f"{'no configuration of a model' if text else may_be}."
        ) from error
    except ValueError as error:
        told = shortened(str(error))
        if text and told == str(error) or str(filepath) in told:
            raise
        raise FileError(f"{filepath}: {told}").with_traceback(error.__traceback__) from error.__cause__


def check_kind(filepath: PathLike) -> None:
    """Raise an error unless `filepath` is a file that can be read; a folder of TensorFlow's gets a sentence."""
    path = path_of(filepath)
    if os.path.isdir(path) and any(name.startswith("saved_model.pb") for name in os.listdir(path)):
        raise FileError(
            f"{path} is a SavedModel, a program that only TensorFlow runs. Load it there with tf.keras, then "
            "model.save('model.keras') or model.save('model.h5'), which are read here."
        )
    if os.path.exists(f"{path}.index") and not os.path.exists(path):
        raise FileError(
            f"{path} is a checkpoint of TensorFlow. Load it there, then model.save_weights('model.weights.h5'), which "
            "is read here."
        )
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, "this is a folder; give the path of a file in it", path)
    check_readable(filepath)


def enable_unsafe_deserialization() -> None:
    """Raise ValueError: no file executes code here."""
    raise ValueError(
        "enable_unsafe_deserialization would let files execute code, which no file does here. Leave it out, and give "
        "functions and layers of your own in custom_objects."
    )


def checked_era(name: Any) -> str | None:
    """Check the era `name` of a file or configuration; returns it, or None."""
    from horngate.backend.config import ERAS  # imports JAX, which writing weights does not need

    if name is not None and name not in ERAS:
        raise FileError(f"the file says {name!r} of its era, where {', '.join(map(repr, ERAS))} can stand.")
    return name


def dialect(name: str) -> Any:
    """The module `name` of those that know the other versions of Keras."""
    from horngate.backend import orders  # imports JAX, which writing weights does not need

    return orders.dialect(name)
