"""The state of a training in a file: the arrays of the optimizer, with their owners, and the random state."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from horngate.saving.files import FileError
from horngate.saving.formats import hdf5_file
from horngate.saving.stored_weights import StoredArray

if TYPE_CHECKING:
    import h5py

    from horngate.backend.graph import Variable


def write_state(model: Any, group: "h5py.Group") -> None:
    """Write the state of the training of `model` into an open HDF5 `group`, or file."""
    write_random_state(model, group)
    write_optimizer(model, group)


def write_random_state(model: Any, file: "h5py.Group") -> None:
    """Write the random state of the training of `model` into an open HDF5 `file` or group."""
    function = _function_of(model)
    if function is not None and function.root is not None:  # so that random numbers go on
        _write_arrays(file, "random_state", {"root": function.root, "calls": function.calls})


def _function_of(model: Any) -> Any:
    """Make the optimizer's state. Returns the function of a training step; None where only data will tell it."""
    step = model._make_train_function()
    return None if step is None else step.function


def write_optimizer(model: Any, file: "h5py.Group") -> None:
    """Write the arrays of the optimizer of `model` into an open HDF5 `file` or group."""
    optimizer = model.optimizer
    if not optimizer.weights:
        return
    arrays = {f"param_{i}": weight.value for i, weight in enumerate(optimizer.weights)}
    group = _write_arrays(file, "optimizer_weights", arrays)
    hdf5_file.write_names(group, "weight_names", list(arrays))
    _write_owners(group, model)
    # Not in files of Keras 1; needed to resume exactly.
    _write_arrays(file, "optimizer_extra", {v.label: v.value for v in extra_state(optimizer)})


def read_state(model: Any, file: "h5py.Group") -> None:
    """Give the compiled `model` the state of the training in an open HDF5 `file` or group."""
    function = _function_of(model)
    if function is not None and "random_state" in file:
        _read_random_state(function, hdf5_file.read_item(file, "random_state"))
    if "optimizer_weights" not in file:
        return
    group = hdf5_file.read_item(file, "optimizer_weights")
    arrays = [hdf5_file.read_array(group, name) for name in hdf5_file.read_names(group, "weight_names") or []]
    matched, why = _matched_state(model, group, arrays)
    if matched is None:
        from horngate.backend.notices import warn  # imports JAX, which writing weights does not need

        warn(
            f"{model.name}: the optimizer starts anew, as its state in the file is that of other weights than those "
            f"that are trained now: {why}. Its rate and other settings are those of the file."
        )
        return
    for variable, array in matched:
        variable.set_value(array.read())
    if "optimizer_extra" in file:
        _read_extra(extra_state(model.optimizer), hdf5_file.read_item(file, "optimizer_extra"))
    if hasattr(model.optimizer, "show_rate"):
        model.optimizer.show_rate()


def _write_arrays(file: "h5py.Group", name: str, arrays: dict[str, Any]) -> "h5py.Group":
    group = file.create_group(name)
    for key, array in arrays.items():
        hdf5_file.write_array(group, key, array)
    return group


def extra_state(optimizer: Any) -> "list[Variable]":
    """The variables of an `optimizer` beyond those that files of Keras 1 hold."""
    kept = {id(weight) for weight in optimizer.weights}
    return [variable for variable in getattr(optimizer, "state", []) if id(variable) not in kept]


# The weights that the optimizer's arrays belong to. A weight is identified by its place among all weights of the model,
# which is the same when the model is made again; names may differ, since they contain numbers.


def _write_owners(group: "h5py.Group", model: Any) -> None:
    """Write which weights are trained, and to which of them each array of the optimizer belongs."""
    places = {weight: place for place, weight in enumerate(model.ordered_weights)}
    trained, owners = model._collected_trainable_weights, getattr(model.optimizer, "slot_owners", {})
    if all(weight in places for weight in trained):
        hdf5_file.write_names(group, "trained_weights", [weight.label for weight in trained])
        group.create_dataset("trained_places", data=[places[weight] for weight in trained])
        slots = [places[owners[array]] if array in owners else -1 for array in model.optimizer.weights]
        group.create_dataset("slot_places", data=slots)


def _matched_state(
    model: Any, group: "h5py.Group", arrays: list[StoredArray]
) -> "tuple[list[tuple[Variable, StoredArray]] | None, str]":
    """Return (pairs (variable of the optimizer, stored array), ""), or (None, why the file's state does not fit)."""
    variables = model.optimizer.weights
    if "trained_places" not in group or "slot_places" not in group:  # another Keras: match by order
        return _all_fit(variables, arrays)
    trained, slots = (_numbers(group, name) for name in ("trained_places", "slot_places"))
    places = {weight: place for place, weight in enumerate(model.ordered_weights)}
    ours = [places[weight] for weight in model._collected_trainable_weights if weight in places]
    if sorted(trained) != sorted(ours):
        names = hdf5_file.read_names(group, "trained_weights") or []
        known = {place: weight.label for weight, place in places.items()}
        was = {known.get(place, name) for place, name in zip(trained, names)}
        now = {weight.label for weight in model._collected_trainable_weights}
        return None, f"only then: {_listed(was - now)}; only now: {_listed(now - was)}"
    owners = getattr(model.optimizer, "slot_owners", {})
    if not owners and trained != ours:
        return None, "they stand in another order"
    held = defaultdict(list)
    for place, array in zip(slots, arrays):
        held[place].append(array)
    found = [held[places[owners[v]] if v in owners else -1] for v in variables]
    return _all_fit(variables, [arrays.pop(0) if arrays else None for arrays in found])


def _all_fit(
    variables: "Sequence[Variable]", arrays: Sequence[StoredArray | None]
) -> "tuple[list[tuple[Variable, StoredArray]] | None, str]":
    ours, theirs = [tuple(v.shape) for v in variables], [array and array.shape for array in arrays]
    if ours != theirs:
        return None, f"arrays of the shapes {_listed(ours)} are needed, and the file holds {_listed(theirs)}"
    return list(zip(variables, (array for array in arrays if array is not None))), ""


def _listed(items: Any) -> str:
    texts = sorted(map(str, items))
    return ", ".join(texts[:5] + ["…"] * (len(texts) > 5)) or "none"


def _numbers(group: "h5py.Group", name: str) -> list[int]:
    return [int(number) for number in hdf5_file.read_array(group, name).read().ravel()]


def _read_random_state(function: Any, group: "h5py.Group") -> None:
    root, calls = (hdf5_file.read_array(group, name) for name in ("root", "calls"))
    if (root.shape, calls.shape) != ((2,), ()):
        raise FileError(f"the random state has the shapes {root.shape} and {calls.shape}; expected (2,) and ().")
    function.root, function.calls = root.read().astype("uint32"), int(calls.read())


def _read_extra(variables: "Iterable[Variable]", group: "h5py.Group") -> None:
    for variable in variables:
        if variable.label in group:
            array, shape = hdf5_file.read_array(group, variable.label), tuple(variable.shape)
            if array.shape != shape:
                raise FileError(f"the optimizer's state has the shapes {[shape]}; the file holds {[array.shape]}.")
            variable.set_value(array.read())
