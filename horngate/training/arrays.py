"""Arrays: check data against names and shapes, compute sample weights, and convert arrays for the device."""

from collections.abc import Collection, Sequence
from typing import Any

import jax
import numpy as np

from horngate.backend import config, limits
from horngate.backend.graph import jax_dtype
from horngate.backend.kernels.rows import at_hand
from horngate.backend.mesh import Layout
from horngate.backend.orders import of_eras
from horngate.engine.sizes import check_unmasked
from horngate.utils.nearest import did_you_mean

_PAD = "pad sequences with preprocessing.sequence.pad_sequences."
_UNEVEN = f"sequences of unequal length, or text. P{_PAD[1:-1]}, and turn text into numbers first."
_BATCHES = (
    "a list of batches. Join them, x = np.concatenate([x for x, y in batches]) and y likewise, or give a generator of "
    "them."
)
_TEXT = "number classes with np.unique(labels, return_inverse=True)[1], and words with preprocessing.text.Tokenizer."


@of_eras
def standardize_input_data(
    data: Any,
    names: Sequence[str],
    shapes: Sequence[Any] | None = None,
    check_batch_axis: bool = True,
    exception_prefix: str = "",
) -> list[Any]:
    """Return `data` (an array, a list of arrays, or a dictionary by name) as a list of arrays in the order of `names`.

    # Raises
        ValueError: if an array is missing, superfluous or of the wrong shape.
    """
    return checked_arrays(data, names, shapes, exception_prefix, check_batch_axis)


def checked_arrays(
    data: Any,
    names: Sequence[str],
    shapes: Sequence[Any] | None = None,
    exception_prefix: str = "",
    check_batch_axis: bool = False,
    lifted: list[bool] | None = None,
    texts: Collection[str] = (),
) -> list[Any]:
    """Return the result of `standardize_input_data`; the library calls this function.

    `lifted`: a list to which is added, for each array, whether it got a last axis of size 1. `texts`: the names
    of those that may hold texts.
    """
    what = f"{exception_prefix}: " if exception_prefix else ""
    if not names and data is None:
        return []
    if data is None:
        raise ValueError(f"{what}no data were given; expected {_listed(names)}.")
    if _of_batches(data):
        raise ValueError(f"{what}the data are {_BATCHES}")
    arrays = [
        np.asarray(x) if name in texts else _read(x, name, what) for x, name in zip(_in_order(data, names, what), names)
    ]
    fitted = []
    for name, array, shape in zip(names, arrays, shapes or [None] * len(names)):
        if name not in texts:
            check_type(array, name, what)
        if shape and array.ndim == len(shape) - 1 and _is_one_sample(array, shape):
            raise ValueError(
                f"{what}{name!r} needs shape {_shown(shape)}; received {array.shape}, a single sample. Did you mean "
                "X[None], a batch of one?"
            )
        lacks = array.ndim == 1 and (not shape or len(shape) != 1) or _lacks_last(array, shape)
        if lacks:
            array = (array if in_memory(array) else np.asarray(array))[..., None]
        if lifted is not None:
            lifted.append(lacks)
        fitted.append(array)
        if shape:
            _check_shape(array, name, shape, check_batch_axis, what)
    return fitted


def _lacks_last(array, shape):
    """Return whether an array fits a shape but for a last axis of 1, as labels (samples, steps) do."""
    if not shape or len(shape) < 3 or shape[-1] != 1 or array.ndim != len(shape) - 1:
        return False
    return all(None in pair or pair[0] == pair[1] for pair in zip(array.shape[1:], shape[1:-1]))


def _in_order(data, names, what):
    if isinstance(data, dict) and not hasattr(data, "tocsr"):  # SciPy's dictionary of keys is one array
        for name in names:
            if name not in data:
                received = f"data for {_listed(data)}" if data else "an empty dictionary"
                raise ValueError(f"{what}no data for {name!r}.{did_you_mean(name, data)} Received {received}.")
        return [data[name] for name in names]
    if isinstance(data, (list, tuple)) and not _is_one_array(data, names):
        if len(data) != len(names):
            raise ValueError(
                f"{what}expected {len(names)} arrays ({_listed(names)}); received a {type(data).__name__} of "
                f"{len(data)}."
                f"{_of_list(data, names)}"
            )
        return list(data)
    if len(names) != 1:
        raise ValueError(f"{what}expected a list of {len(names)} arrays ({_listed(names)}); received one.")
    return [data]


def _of_list(data, names):
    """Say what to do with a list of samples or of batches, where arrays are expected."""
    shapes = [np.shape(item) for item in data if hasattr(item, "shape")]
    if len(names) != 1 or len(shapes) != len(data):
        return ""
    if len(data) == 2 and shapes[0][:1] == shapes[1][:1] and shapes[0] != shapes[1]:
        return " Inputs and targets are two arguments: (x, y)."
    if len(set(shapes)) > 1:
        return f" If they are samples, they differ in shape: {_PAD}"
    return " If they are samples, make one array of them: np.stack(x)."


def _of_batches(data):
    """Whether a list holds batches: tuples or lists of arrays."""
    first = data[0] if isinstance(data, (list, tuple)) and data else None
    return isinstance(first, (list, tuple)) and any(np.ndim(x) for x in first if hasattr(x, "shape"))


def _is_one_array(data, names):
    """Return whether a list is a single array as nested lists, not a list of arrays."""
    return (
        len(names) == 1
        and not (len(data) == 1 and hasattr(data[0], "shape"))
        and not any(hasattr(item, "shape") and len(item.shape) > 0 for item in data[:1])
    )


def _read(x, name, what):
    if type(x) is np.ndarray:  # what follows takes a part of the time of a small step
        return x
    if columns := _without_numbers(x):
        raise ValueError(
            f"{what}the data for {name!r} have columns without numbers: {columns}. Make numbers of them: "
            "pandas.get_dummies(x) gives a column for each word, x[name].astype('category').cat.codes a number."
        )
    try:
        return as_array(x)
    except ValueError as error:  # NumPy's, of lists within lists
        raise ValueError(f"{what}the data for {name!r} are not numbers but lists: {_UNEVEN}") from error


def as_array(x: Any) -> Any:
    """Return `x` as an array with a shape, a NumPy dtype and rows; takes frames, lists and PyTorch tensors too."""
    if type(x) is np.ndarray:  # the questions below take a tenth of the time of a small prediction
        return x
    if hasattr(x, "iloc"):
        return _of_frame(x)
    if hasattr(x, "tocsr"):
        return x.tocsr()  # CSR has quick access to rows
    if hasattr(x, "detach"):  # a PyTorch tensor
        x = x.detach().cpu()
    if hasattr(x, "shape") and isinstance(getattr(x, "dtype", None), np.dtype):
        return x
    return np.asarray(x)


def _of_frame(x):
    """Return a frame or series of pandas as an array: truth values beside numbers become 0 and 1."""
    found = x.to_numpy()
    return x.to_numpy(dtype=float, na_value=np.nan) if found.dtype == object and found.ndim == 2 else found


def _without_numbers(x):
    """Return the columns of a frame of pandas that hold no numbers, with their types."""
    types = x.dtypes.items() if hasattr(x, "iloc") and getattr(x, "ndim", 1) == 2 else ()
    return ", ".join(f"{name!r} ({kind})" for name, kind in types if kind.kind not in "biuf")


def dense(x: Any) -> Any:
    """Return a sparse matrix as a dense array; anything else unchanged."""
    return x.toarray() if type(x) is not np.ndarray and hasattr(x, "tocsr") else x


def in_memory(x: Any) -> bool:
    """Return whether `x` is None or a dense array in memory, not in a file."""
    return x is None or isinstance(x, (np.ndarray, jax.Array)) and not isinstance(x, np.memmap)


def rows_of(x: Any, chosen: Any) -> Any:
    """Return the rows of `x` with the indices `chosen`, as a dense array; None for None."""
    if in_memory(x) or hasattr(x, "tocsr"):
        return None if x is None else dense(x[chosen])
    first, last = chosen.min(), chosen.max()
    if last - first + 1 == len(chosen) <= 2 * len(np.unique(chosen)):  # mostly adjacent: read one slice of the file
        return np.asarray(x[int(first) : int(last) + 1])[chosen - first]
    unique, places = np.unique(chosen, return_inverse=True)  # HDF5 takes only unique indices in increasing order
    return np.asarray(x[unique])[places]


def is_stream(x: Any) -> bool:
    """Return whether `x` yields batches: a data loader, a generator or a sequence of batches."""
    if isinstance(x, (np.ndarray, list, tuple, dict, str, bytes)) or hasattr(x, "iloc"):
        return False
    if hasattr(x, "shape") and (hasattr(x, "dtype") or hasattr(x, "__array__")):  # datasets may have a shape too
        return False
    iterates = any(hasattr(x, name) for name in ("__iter__", "__next__", "next"))
    return iterates or hasattr(x, "__getitem__") and hasattr(x, "__len__")


def check_type(array: Any, name: str, what: str) -> None:
    """Raise ValueError if an array, the data called `name`, holds no numbers; `what` stands before the error."""
    if array.dtype == object or array.dtype.kind in "SUTV":
        raise ValueError(f"{what}the data for {name!r} are not numbers but {_instead_of_numbers(array)}")
    if array.dtype.kind in "cmM":
        raise ValueError(
            f"{what}the data for {name!r} are of type {array.dtype}. Turn complex numbers into real parts, and times "
            "into numbers, first."
        )
    check_unmasked(array, f"{what}the data for {name!r}")


def _instead_of_numbers(array):
    """Say what an array that holds no numbers holds, and how to make numbers of it."""
    if array.dtype.names:
        columns = f"columns with names ({_listed(array.dtype.names)})"
        return f"{columns}. Choose some: np.stack([data[name] for name in names], axis=1)."
    first = next(iter(array.reshape(-1)[:1]), None) if array.dtype == object else ""
    if callable(first):
        return f"a function, {getattr(first, '__name__', first)}. If it makes batches, call it: give what it returns."
    if isinstance(first, (str, bytes)):
        return f"text ({array.dtype}): {_TEXT}"
    if isinstance(first, (bool, int, float, np.number, np.bool_)):
        return f"{array.dtype}: numbers beside something else. Make them numbers first: x.astype('float32')."
    return f"{array.dtype}: {_UNEVEN}"


def _is_one_sample(array, shape):
    """Return whether `array` fits `shape` only without its axis of samples: it is one sample, not a batch."""
    if shape[1:] == (1,) or None in shape[1:2]:
        return False
    return all(want in (None, got) for want, got in zip(shape[1:], array.shape)) and len(shape) > 1


def _check_shape(array, name, shape, check_batch_axis, what):
    if len(array.shape) != len(shape):
        raise ValueError(
            f"{what}{name!r} needs {len(shape)} dimensions, shape {_shown(shape)}; received {tuple(array.shape)}."
            f"{_lacking(array.shape, shape) or _of_targets(what, array.shape, shape)}"
        )
    for axis, (want, got) in enumerate(zip(shape, array.shape)):
        if want is not None and want != got and (axis or check_batch_axis):
            raise ValueError(
                f"{what}{name!r} needs shape {_shown(shape)}; received {tuple(array.shape)}."
                f"{_of_targets(what, array.shape, shape)}{_moved(array.shape, shape)}"
            )


def _fits(got, shape):
    return len(got) == len(shape) and all(None in pair or pair[0] == pair[1] for pair in zip(got[1:], shape[1:]))


def _lacking(got, shape):
    """Say how to add the axis of size 1 that data lack, or to drop one."""
    for axis in range(1, len(shape)):
        if shape[axis] == 1 and _fits((*got[:axis], 1, *got[axis:]), shape):
            told = "..., None" if axis == len(shape) - 1 else ", ".join([":"] * axis + ["None"])
            return f" Add an axis: x[{told}]."
        if shape[axis] == 1 and _fits((None, *got[: axis - 1], 1, *got[axis - 1 :]), shape):
            told = "None, ..., None" if axis == len(shape) - 1 else ", ".join(["None", *[":"] * (axis - 1), "None"])
            return f" Add the axes of samples and channels: x[{told}]."
    for axis in range(1, len(got)):
        if got[axis] == 1 and _fits((*got[:axis], *got[axis + 1 :]), shape):
            return f" Drop an axis: np.squeeze(x, {axis})."
    return ""


def _moved(got, shape):
    """Say how to move the channels, if they stand at the other end of the data."""
    for source, target in ((1, -1), (-1, 1)):
        moved = [*got[1:]]
        moved.insert(len(moved) if target == -1 else 0, moved.pop(0 if source == 1 else -1))
        if len(got) > 3 and _fits((got[0], *moved), shape):
            return f" If the channels stand at the other end, move them: np.moveaxis(x, {source}, {target})."
    return ""


def _of_targets(what, got, shape):
    """Say what to do about targets of more or fewer columns, or axes, than the output has."""
    if "target" not in what:
        return ""
    if len(got) < len(shape):
        return " Put Flatten or a global pooling before the last layers if each sample has one target."
    if shape[-1] == 1:
        return " If the columns are classes, use 'categorical_crossentropy' and as many units, or y.argmax(axis=-1)."
    if got[-1] == 1:
        return (
            f" If they are class numbers, use 'sparse_categorical_crossentropy', or to_categorical(y, {shape[-1]}); if "
            "they are to be predicted themselves, one unit in the last layer."
        )
    return ""


def _shown(shape):
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"


def _listed(names):
    return ", ".join(repr(str(name)) for name in names)


def standardize_sample_or_class_weights(x_weight: Any, output_names: Sequence[str], weight_type: str) -> list[Any]:
    """Return the weights for each output, in a list. `x_weight`: None, one, a list, or a dictionary by output name."""
    if x_weight is None or isinstance(x_weight, (list, tuple, dict)) and len(x_weight) == 0:
        return [None] * len(output_names)
    if not hasattr(x_weight, "__len__") or getattr(x_weight, "ndim", 1) == 0:
        raise TypeError(f"{weight_type} must be an array, a list or a dictionary; received {x_weight!r}.")
    if isinstance(x_weight, dict) and any(name in x_weight for name in output_names):
        for name in x_weight:
            if name not in output_names:
                raise ValueError(f"{weight_type}: no output is called {name!r}.{did_you_mean(name, output_names)}")
        return [x_weight.get(name) for name in output_names]
    if len(output_names) == 1:
        only = isinstance(x_weight, (list, tuple)) and len(x_weight) == 1 and np.ndim(x_weight[0]) > 0
        return [x_weight[0]] if only else [x_weight]
    if isinstance(x_weight, (list, tuple)) and len(x_weight) == len(output_names):
        return list(x_weight)
    raise TypeError(
        f"{weight_type}: the model has {len(output_names)} outputs ({_listed(output_names)}); give a list of as many "
        "items, or a dictionary by their names."
    )


def standardize_class_weights(class_weight: Any, output_names: Sequence[str]) -> list[Any]:
    """Return the class weights for each output, in a list."""
    return standardize_sample_or_class_weights(class_weight, output_names, "class_weight")


def standardize_sample_weights(sample_weight: Any, output_names: Sequence[str]) -> list[Any]:
    """Return the sample weights for each output, in a list."""
    return standardize_sample_or_class_weights(sample_weight, output_names, "sample_weight")


def standardize_weights(
    y: Any, sample_weight: Any = None, class_weight: Any = None, sample_weight_mode: str | None = None
) -> np.ndarray:
    """Return a weight for each sample of the targets `y`, or each step in mode `temporal`; 1 by default."""
    weights = weights_of(y, sample_weight, class_weight, sample_weight_mode)
    shape = y.shape[:1] if sample_weight_mode is None else y.shape[:2]
    return np.ones(shape, config.floatx()) if weights is None else weights


def weights_of(
    y: Any, sample_weight: Any = None, class_weight: Any = None, sample_weight_mode: str | None = None
) -> np.ndarray | None:
    """Return the product of sample and class weights, like `standardize_weights`; None if all weights are equal.

    The mode may be 'any' as well, for weights of samples, or of what their first axes hold.
    """
    given = class_weight is not None and not (isinstance(class_weight, dict) and not class_weight)
    of_classes = _weights_of_classes(y, class_weight) if given else None
    if sample_weight is not None:
        rank = 2 if sample_weight_mode == "temporal" else 1
        check_unmasked(sample_weight, "sample_weight: the numbers")
        sample_weight = np.asarray(sample_weight)
        if sample_weight.dtype.kind not in "biuf":
            raise ValueError(f"sample_weight must hold numbers; received an array of type {sample_weight.dtype}.")
        if sample_weight.ndim == rank + 1 and sample_weight.shape[-1] == 1:
            sample_weight = sample_weight[..., 0]
        if sample_weight_mode == "any" and sample_weight.ndim < len(y.shape):
            rank = sample_weight.ndim
        if sample_weight.ndim != rank:
            hint = (
                "compile with sample_weight_mode='temporal' to weigh steps."
                if rank == 1
                else "one weight for each step."
            )
            raise ValueError(
                f"sample_weight must have {rank} dimension(s); received shape {sample_weight.shape}: {hint}"
            )
        if sample_weight.shape != tuple(y.shape[:rank]):
            raise ValueError(f"sample_weight has shape {sample_weight.shape}, the targets {tuple(y.shape)}.")
        if not np.isfinite(sample_weight).all():
            raise ValueError("sample_weight holds NaN or infinity, which would make every loss and weight NaN.")
        return sample_weight if of_classes is None else sample_weight * of_classes
    return of_classes


def _weights_of_classes(y, class_weight):
    if not isinstance(class_weight, dict):
        raise TypeError(
            "class_weight must be a dictionary from class to weight, such as dict(enumerate(class_weight)) makes of a "
            f"list; received {class_weight!r}"
        )
    if len(y.shape) > 2:
        raise ValueError(
            f"class_weight needs targets (samples, classes); they have shape {tuple(y.shape)}. Use sample_weight."
        )
    for name, weight in class_weight.items():
        if not isinstance(weight, (int, float, np.number)) or not np.isfinite(weight):
            raise ValueError(f"class_weight must give a finite number for each class; class {name} has {weight!r}.")
    _check_one_class(y)
    classes = np.argmax(y, axis=1) if len(y.shape) == 2 and y.shape[1] > 1 else np.reshape(y, -1).astype(int)
    missing = sorted(set(classes.tolist()) - set(class_weight))
    if missing:
        raise ValueError(f"class_weight gives no weight for class {missing[0]}; it has {sorted(class_weight)}.")
    return np.array([class_weight[c] for c in classes.tolist()], config.floatx())


def _check_one_class(y):
    """Raise ValueError unless each target is one class: an integer, or a row with sum 1."""
    several = len(y.shape) == 2 and y.shape[1] > 1
    if not (np.allclose(np.sum(y, axis=1), 1, atol=1e-3) if several else np.array_equal(y, np.floor(y))):
        raise ValueError(
            "class_weight needs one class for each sample: whole numbers, or rows that add up to 1. For other targets, "
            "such as several classes at once, use sample_weight."
        )


def checked_count(name: str, value: Any, least: int = 1) -> int:
    """Return `value`, given as the argument `name`, as an integer. Raises an error if it is below `least`."""
    try:
        return limits.whole(value, least, most=2**63 - 1)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} {error}") from None


@of_eras
def check_array_lengths(inputs: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any]) -> None:
    """Raise ValueError unless inputs, targets and weights hold the same number of samples."""
    arrays = [*inputs, *targets, *(w for w in weights if w is not None)]
    counts = {int(x.shape[0]) for x in arrays}
    if len(counts) > 1:
        told = f"inputs {[x.shape[0] for x in inputs]}, targets {[y.shape[0] for y in targets]}"
        raise ValueError(f"all arrays must hold the same number of samples; received {told}.")
    if counts == {0}:
        raise ValueError("the data are empty: they hold no sample.")


def check_loss_and_target_compatibility(targets: Sequence[Any], losses: Sequence[Any], output_shapes: Any) -> None:
    """Raise ValueError if the targets do not suit their loss."""
    for y, loss, shape in zip(targets, losses, output_shapes):
        name = getattr(loss, "__name__", "")
        if name == "categorical_crossentropy" and y.shape[-1] == 1 and shape[-1] != 1:
            raise ValueError(
                f"targets of shape {tuple(y.shape)} and loss categorical_crossentropy: it needs a column for each of "
                f"the {shape[-1]} classes. Use np_utils.to_categorical(y), or loss sparse_categorical_crossentropy."
            )
        if name in ("mean_squared_error", "binary_crossentropy", "categorical_crossentropy"):
            for want, got in zip(shape[1:], y.shape[1:]):
                if want is not None and want != got:
                    raise ValueError(
                        f"targets have shape {tuple(y.shape)}; loss {name} needs that of the output, {_shown(shape)}."
                    )


def slice_X(X: Any, start: Any = None, stop: int | None = None) -> Any:
    """Return rows `start` to `stop`, or the rows listed in `start`, of an array or of each array in a list.

    >>> slice_X([np.arange(4), np.arange(4) * 10], 1, 3)
    [array([1, 2]), array([10, 20])]
    """
    if isinstance(X, (list, tuple)):
        return [None if x is None else slice_X(x, start, stop) for x in X]
    if hasattr(start, "__len__"):
        return X[start.tolist() if hasattr(start, "tolist") and not isinstance(X, np.ndarray) else start]
    return X[start:stop]


def batch_shuffle(index_array: Any, batch_size: int, random: Any = np.random) -> np.ndarray:
    """Return the indices with whole batches in random order; a short last batch stays last."""
    full = len(index_array) // batch_size * batch_size
    batches = index_array[:full].reshape(-1, batch_size)
    random.shuffle(batches)
    return np.append(batches.reshape(-1), index_array[full:])


def make_batches(size: int, batch_size: int) -> list[tuple[int, int]]:
    """Return (start, stop) for each batch.

    >>> make_batches(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(start, min(size, start + batch_size)) for start in range(0, size, batch_size)]


def converted(array: Any, dtype: Any) -> Any:
    """Return `array` in the dtype for the transfer: dtypes smaller than `dtype` are converted on the device."""
    if array is None or isinstance(array, jax.Array):
        return array
    array, wanted = np.asarray(array), jax_dtype(dtype)
    if array.dtype == wanted:
        return array
    return array.astype(wanted) if array.dtype.itemsize >= wanted.itemsize or array.dtype == object else array


def place(array: Any, dtype: Any, layout: Layout | None = None) -> Any:
    """Return `array` ready for gathering rows (`at_hand`); converted on the host if that makes it smaller."""
    array = converted(array, dtype)
    if isinstance(array, jax.Array) and layout is not None:
        return layout.put(array)
    return array if array is None or isinstance(array, jax.Array) else at_hand(array, layout)


def fits_on_device(arrays: Any) -> bool:
    """Return whether these arrays leave at least half of the device's memory free."""
    limit = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")
    return limit is None or sum(array.nbytes for array in arrays if array is not None) <= limit / 2
