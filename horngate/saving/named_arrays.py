"""Arrays that another library wrote, such as a `.safetensors` file of Hugging Face, given to weights by their names."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from horngate.saving.files import FileError, check_kind, dialect
from horngate.saving.formats import SAFETENSORS, format_of, safetensors
from horngate.saving.stored_weights import StoredArray
from horngate.utils.generic_utils import PathLike
from horngate.utils.nearest import did_you_mean

Names = Mapping[str, Any] | Callable[[str], Any]
LAYOUTS = (None, "torch")
_WORDS = {  # role of a weight -> its name in Keras 3
    "transposed_kernel": "kernel",
    "scale": "gamma",
    "offset": "beta",
    "slope": "alpha",
}


Chosen = list[tuple[str, Any, Any]]  # (name, variable, what `names` tells) for each weight that is to be set


def load(filepath: PathLike, chosen: Chosen, layout: str | None = None, skip_mismatch: bool = False) -> None:
    """Set the `chosen` weights to the arrays of a file: all of them or, if one does not fit, none.

    # Arguments
        filepath: a `.safetensors` file.
        chosen: what `chosen` returned.
        layout: None for arrays laid out as in Keras, `'torch'` for those of PyTorch.
        skip_mismatch: leave weights unchanged, and tell which, whose arrays are missing or have other shapes.
    """
    from horngate.backend.locks import set_values
    from horngate.backend.notices import remark

    new: dict[Any, np.ndarray] = {}
    unfit = []
    with safetensors.open_arrays(str(filepath)) as arrays:
        for name, variable, told in chosen:
            try:
                new.update(_values(name, variable, told, arrays, layout))
            except FileError:
                if not skip_mismatch:
                    raise
                unfit.append(name)
    set_values(list(new), new.values())
    if unfit:
        remark(f"load_weights: the file has no arrays that fit {', '.join(unfit)}, which stay as they are.")


def names_here(model: Any) -> dict[str, Any]:
    """Return name -> variable for the weights of `model`.

    A name is that of the layer, of layers within it, and what the weight is in Keras 3: `dense/kernel`,
    `attention/query_dense/bias`.
    """
    found: dict[str, Any] = {}
    for _, layer, variables in dialect("keras3.weights").groups(model):
        for variable in variables:
            *path, _, number = variable.path.split("/")
            path = [part for part in path if part != "cell" or type(layer).__name__ == "RNN"]
            role = variable.weights[0].role
            word = _WORDS.get(role, role) or number
            name = "/".join([layer.name, *path, word])
            found[name if name not in found else f"{name}_{number}"] = variable
    return found


def chosen(model: Any, filepath: PathLike, names: Names, layout: str | None) -> Chosen:
    """Return which weights of `model` are set by the arrays in a `.safetensors` file, `filepath`.

    # Arguments
        names: a dictionary from names of weights (see `names_here`) to names of arrays, or a function of the one that
            returns the other, or None. What is not named stays as it is. In the place of a name stands, where the array
            is not laid out as told, a pair (name, function of the array).
        layout: as for `load`; it is checked here.
    """
    check_kind(filepath)
    if layout not in LAYOUTS:
        raise ValueError(f"load_weights: layout must be 'torch' or None; received {layout!r}.")
    if format_of(filepath) is not SAFETENSORS:
        raise ValueError(f"load_weights: names are for .safetensors files of other libraries; received {filepath}.")
    known = names_here(model)
    if callable(names):
        told = {name: names(name) for name in known}
    elif isinstance(names, Mapping):
        told = dict(names)
    else:
        raise TypeError(f"load_weights: names must be a dictionary or a function; received {names!r}.")
    if unknown := [name for name in told if name not in known]:
        raise ValueError(
            f"load_weights: {model.name} has no weight {unknown[0]!r}.{did_you_mean(unknown[0], known)} "
            f"It has {', '.join(known)}."
        )
    found = [(name, known[name], item) for name, item in told.items() if item is not None]
    if not found:
        raise ValueError(f"load_weights: names tells of no weight. {model.name} has {', '.join(known)}.")
    return found


def _values(
    name: str, variable: Any, told: Any, arrays: Mapping[str, StoredArray], layout: str | None
) -> dict[Any, np.ndarray]:
    """Return the values of the weights that one array holds."""
    change: Any = None
    key: Any = told
    if isinstance(told, tuple) and len(told) == 2 and callable(told[1]):
        key, change = told
    if key not in arrays:
        few = ", ".join(list(arrays)[:8])
        raise FileError(
            f"the file holds no array {key!r} for {name}; it holds {few}{', …' if len(arrays) > 8 else ''}."
        )
    array = arrays[key].read()
    if change is not None:
        array = np.asarray(change(array))
    elif layout == "torch":
        array = _of_torch(variable.weights[0], array)
    if array.shape != variable.shape:
        raise FileError(
            f"{name} has the shape {variable.shape} in Keras's layout; the array {key!r} has {array.shape}. Give a "
            f"pair (name, function) that changes it{'' if layout else ', or layout=torch if PyTorch wrote it'}."
        )
    return dict(zip(variable.weights, variable.split(array)))


def _of_torch(weight: Any, array: np.ndarray) -> np.ndarray:
    """Return an array of PyTorch as Keras 3 lays it out: outputs last, windows first."""
    axes = weight.axes or ()
    windows = axes.count("window")
    if windows and "multiplier" in axes and array.ndim == windows + 2:  # (channels times multiplier, 1, window)
        shape = (-1, int(weight.shape[axes.index("multiplier")]), *array.shape[2:])
        array = array.reshape(shape)
        return np.moveaxis(array, (0, 1), (-2, -1))
    if windows:  # (out, in, window), or of a transposed one (in, out, window)
        return np.moveaxis(array, (1, 0), (-2, -1))
    matrix = weight.role in ("kernel", "recurrent_kernel") and array.ndim == 2
    return array.T if matrix else array
