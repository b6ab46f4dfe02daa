"""Arrays on a mesh in a folder, by Orbax: each process writes what its devices hold, and reads what they will hold."""

import importlib
import importlib.util
import os
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np


def available() -> bool:
    """Return whether Orbax is installed: the extra `scale`."""
    return importlib.util.find_spec("orbax") is not None and importlib.util.find_spec("orbax.checkpoint") is not None


def write(folder: str, arrays: Sequence[Any]) -> None:
    """Write arrays on a mesh to a new `folder`; all processes must call this."""
    with _orbax(folder).StandardCheckpointer() as writer:
        writer.save(os.path.abspath(folder), _named(arrays))
        writer.wait_until_finished()


def read(folder: str, like: Sequence[jax.ShapeDtypeStruct]) -> list[Any]:
    """Read arrays from a `folder` of `write` to the shardings of `like`, which may be others than they had.

    Without a sharding, an array is read to one device.
    """
    with _orbax(folder).StandardCheckpointer() as reader:
        found = reader.restore(os.path.abspath(folder), _named([_placed(x) for x in like]))
    return [found.get(str(i), np.zeros(x.shape, x.dtype)) for i, x in enumerate(like)]


def read_like(folder: str, arrays: Sequence[Any]) -> list[Any]:
    """Read arrays from a `folder` of `write` to the places of these `arrays`, which have their shapes."""
    kinds = [jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=getattr(x, "sharding", None)) for x in arrays]
    return read(folder, kinds)


def _placed(x):
    """Return `x` with a sharding: without a mesh, on one device."""
    place = x.sharding or jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    return jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=place)


def _named(arrays):
    """Return number -> array; Orbax writes no empty ones."""
    return {str(i): x for i, x in enumerate(arrays) if x.size}


def _orbax(folder):
    if not available():
        raise ImportError(f"{folder} was written by Orbax: pip install 'horngate[scale]'")
    return importlib.import_module("orbax.checkpoint")  # takes more than a second
