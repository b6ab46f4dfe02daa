"""Whole models in one HDF5 file: architecture, weights, compile arguments and optimizer state."""

import dataclasses
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving import archives
from horngate.saving.files import FileError, checked_era, file_errors, may_write
from horngate.saving.formats import (
    HDF5,
    KERAS,
    SAFETENSORS,
    format_of,
    format_of_name,
    hdf5,
    hdf5_file,
    metadata,
    writer_for,
)
from horngate.saving.stored_weights import StoredArray, StoredWeights
from horngate.saving.text import read_json
from horngate.saving.weights import assign, write_weights
from horngate.utils import budget
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import atomic_write, check_readable

if TYPE_CHECKING:
    import h5py

    from horngate.backend.graph import Variable
    from horngate.training.model import Model


def save_model(model: "Model", filepath: PathLike, overwrite: bool = True) -> None:
    """Write architecture, weights, compile arguments and optimizer state into one file.

    The name's ending tells the format: `.keras` that of Keras 3, which reads it, any other HDF5 as Keras 1 wrote it.

    # Arguments
        model: the model.
        filepath: the path to write to.
        overwrite: replace an existing file; if False, ask at the terminal.
    """
    from horngate.training.layouts import write_once  # imports JAX, which files alone do not need

    if format_of_name(filepath) is SAFETENSORS:
        raise ValueError(
            f"{os.fspath(filepath)}: a whole model is written under a name that ends in .keras, .h5 or .hdf5. Use "
            "save_weights for its weights alone."
        )
    write_once(model, lambda: _saved_variables(model), lambda: _write_model(model, filepath, overwrite))


def _saved_variables(model):
    if getattr(model, "objective", None) is None:
        return model.weights
    model._make_train_function()  # makes the optimizer's arrays
    return [*model.weights, *model.optimizer.weights, *_extra_state(model.optimizer)]


def _write_model(model, filepath, overwrite):
    from horngate.engine.arguments import plain
    from horngate.engine.container import described

    if not may_write(filepath, overwrite):
        return
    if format_of_name(filepath) is KERAS:
        with atomic_write(filepath) as path:
            archives.save_model(model, path)
        return
    writer_for(filepath)  # tells of a name that promises another format
    with atomic_write(filepath) as path, hdf5_file.new_file(path) as file:
        file.attrs["keras_version"], file.attrs["horngate_format"] = metadata.VERSION.encode(), metadata.FORMAT
        file.attrs["horngate_era"] = model._era.name.encode()
        file.attrs["model_config"] = json.dumps(described(model), default=plain).encode("utf8")
        write_weights(model, file.create_group("model_weights"))
        if getattr(model, "objective", None) is not None:
            _write_training(model, file, plain)


def _write_training(model: Any, file: "h5py.File", plain: Callable[[Any], Any]) -> None:
    optimizer = model.optimizer
    try:
        settings = optimizer.get_config()
    except ValueError as error:  # a file without the training state is better than none
        from horngate.backend.notices import warn  # imports JAX, which writing weights does not need

        warn(f"{model.name} is saved without its optimizer: {error}")
        return
    training = {
        "optimizer_config": {"class_name": type(optimizer).__name__, "config": settings},
        "loss": model.loss,
        "metrics": model.metrics,
        "sample_weight_mode": model.sample_weight_mode,
        "loss_weights": model.loss_weights,
    }
    file.attrs["training_config"] = json.dumps(training, default=plain).encode("utf8")
    function = model._make_train_function().function
    if function.root is not None:  # so that random numbers go on
        _write_arrays(file, "random_state", {"root": function.root, "calls": function.calls})
    if not optimizer.weights:
        return
    arrays = {f"param_{i}": weight.value for i, weight in enumerate(optimizer.weights)}
    group = _write_arrays(file, "optimizer_weights", arrays)
    hdf5_file.write_names(group, "weight_names", list(arrays))
    _write_owners(group, model)
    # Not in files of Keras 1; needed to resume exactly.
    _write_arrays(file, "optimizer_extra", {v.name: v.value for v in _extra_state(optimizer)})


def _write_arrays(file: "h5py.File", name: str, arrays: dict[str, Any]) -> "h5py.Group":
    group = file.create_group(name)
    for key, array in arrays.items():
        group.create_dataset(key, data=np.asarray(array))
    return group


def _extra_state(optimizer: Any) -> "list[Variable]":
    kept = {id(weight) for weight in optimizer.weights}
    return [variable for variable in getattr(optimizer, "state", []) if id(variable) not in kept]


def load_model(
    filepath: PathLike,
    from_config: Callable[[Any], Any],
    custom_objects: dict[str, Any] | None = None,
    era: str | None = None,
    backend: str | None = None,
    max_expansion: float = budget.EXPANSION,
    compile: bool = True,
) -> Any:
    """A model from a file of `save_model`, compiled if it was and `compile` is true.

    # Arguments
        filepath: the file.
        from_config: function that makes the model from its configuration.
        custom_objects: your own layers, losses and functions: a dictionary by the names that the file uses.
        era, backend, max_expansion: see `load_weights`.
    """
    from horngate.backend.config import within_era

    check_readable(filepath)
    with file_errors(filepath), budget.memory_for(os.path.getsize(filepath), max_expansion):
        if format_of(filepath) is KERAS:
            return archives.load_model(os.fspath(filepath), from_config, custom_objects, compile)
        if format_of(filepath) is not HDF5:
            raise FileError("whole models are read from .keras and HDF5 files. Build the model, then load_weights.")
        with hdf5_file.open_file(os.fspath(filepath)) as file:
            config = hdf5_file.read_string(file, "model_config")
            metadata.check_format(hdf5_file.read_attribute(file, "horngate_format"))
            if config is None:
                hint = "perhaps weights only. Build the model, then load_weights."
                raise FileError(f"{filepath} holds no model configuration: {hint}")
            stored = hdf5.read_group(hdf5_file.read_item(file, "model_weights"))
            with within_era(checked_era(hdf5_file.read_string(file, "horngate_era"))):
                with budget.weights_at_most(stored.size):
                    model = from_config(_with_version(read_json(config), file))
                assign(model, _of_same_images(model, stored), era=era, backend=backend)
                if compile and "training_config" in file.attrs:
                    _read_training(model, file, custom_objects)
    return model


def _with_version(config: Any, file: "h5py.File") -> Any:
    """Add to a configuration that Keras 2 or 3 wrote the version of that Keras, which the file tells."""
    told = hdf5_file.read_string(file, "keras_version")
    later = told is not None and "horngate_format" not in file.attrs and metadata.parse_version(told) >= (2, 0)
    return {**config, "keras_version": told} if later and isinstance(config, dict) else config


def _of_same_images(model: Any, stored: StoredWeights) -> StoredWeights:
    """The weights of a whole model of Keras 2 or 3, whose layers are made with the ordering that the file has."""
    if stored.origin.version is None or stored.origin.version < (2, 0):
        return stored
    ordering = model.images_seen[0] if hasattr(model, "images_seen") else None
    return dataclasses.replace(
        stored, origin=dataclasses.replace(stored.origin, ordering=ordering, flattens_last=False)
    )


def holds_model(filepath: PathLike) -> bool:
    """Whether the file `filepath` holds a model's configuration."""
    check_readable(filepath)
    if format_of(filepath) is KERAS:
        return True
    if format_of(filepath) is not HDF5:
        return False
    with file_errors(filepath), hdf5_file.open_file(os.fspath(filepath)) as file:
        return "model_config" in file.attrs


def _read_training(model: Any, file: "h5py.File", custom_objects: dict[str, Any] | None) -> None:
    from horngate import objectives, optimizers
    from horngate.utils.generic_utils import CustomObjectScope

    training = read_json(hdf5_file.read_string(file, "training_config") or "")
    with CustomObjectScope(custom_objects or {}):
        optimizer = optimizers.optimizer_from_config(training["optimizer_config"], custom_objects)
        model.compile(
            optimizer,
            objectives.revived(training["loss"]),
            metrics=training["metrics"],
            sample_weight_mode=training["sample_weight_mode"],
            loss_weights=training["loss_weights"],
        )
    function = model._make_train_function().function  # makes the optimizer's state
    if "random_state" in file:
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
        _read_extra(_extra_state(model.optimizer), hdf5_file.read_item(file, "optimizer_extra"))
    if hasattr(model.optimizer, "show_rate"):
        model.optimizer.show_rate()


# The weights that the optimizer's arrays belong to. A weight is identified by its place among all weights of the model,
# which is the same when the model is made again; names may differ, since they contain numbers.


def _write_owners(group: "h5py.Group", model: Any) -> None:
    """Write which weights are trained, and to which of them each array of the optimizer belongs."""
    places = {weight: place for place, weight in enumerate(model.ordered_weights)}
    trained, owners = model._collected_trainable_weights, getattr(model.optimizer, "slot_owners", {})
    if all(weight in places for weight in trained):
        hdf5_file.write_names(group, "trained_weights", [weight.name for weight in trained])
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
        known = {place: weight.name for weight, place in places.items()}
        was = {known.get(place, name) for place, name in zip(trained, names)}
        now = {weight.name for weight in model._collected_trainable_weights}
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
        if variable.name in group:
            array, shape = hdf5_file.read_array(group, variable.name), tuple(variable.shape)
            if array.shape != shape:
                raise FileError(f"the optimizer's state has the shapes {[shape]}; the file holds {[array.shape]}.")
            variable.set_value(array.read())
