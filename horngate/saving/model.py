"""Whole models in one HDF5 file: architecture, weights, compile arguments and optimizer state."""

import dataclasses
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from horngate.saving import archives, formats, training_state
from horngate.saving.files import FileError, check_kind, checked_era, dialect, file_errors, may_write
from horngate.saving.formats import hdf5, hdf5_file, metadata
from horngate.saving.stored_weights import StoredWeights
from horngate.saving.text import read_json
from horngate.saving.weights import assign, write_weights
from horngate.utils import budget
from horngate.utils.generic_utils import PathLike, settings_of
from horngate.utils.whole_files import atomic_write

if TYPE_CHECKING:
    import h5py

    from horngate.training.model import Model


def save_model(model: "Model", filepath: PathLike, overwrite: bool = True, with_training: bool = True) -> None:
    """Write architecture, weights, compile arguments and optimizer state into one file.

    The name's ending tells the format: `.keras` that of Keras 3, which reads it, any other HDF5 as Keras 1 wrote it.

    # Arguments
        model: the model.
        filepath: the path to write to, or an open h5py.File.
        overwrite: replace an existing file; if False, ask at the terminal.
        with_training: whether the compile arguments and the optimizer are written.
    """
    from horngate.training.layouts import write_once  # imports JAX, which files alone do not need

    if hasattr(filepath, "create_dataset"):
        with hdf5_file.in_place_of(filepath, reading=False) as path:
            save_model(model, path, with_training=with_training)
        return
    if formats.format_of_name(filepath) is formats.SAFETENSORS:
        raise ValueError(
            f"{os.fspath(filepath)}: a whole model is written under a name that ends in .keras, .h5 or .hdf5. Use "
            "save_weights for its weights alone."
        )
    write_once(model, lambda: _saved_variables(model), lambda: _write_model(model, filepath, overwrite, with_training))


def _saved_variables(model):
    if getattr(model, "objective", None) is None:
        return model.weights
    model._make_train_function()  # makes the optimizer's arrays
    return [*model.weights, *model.optimizer.weights, *training_state.extra_state(model.optimizer)]


def _write_model(model, filepath, overwrite, with_training):
    from horngate.engine.arguments import plain
    from horngate.engine.container import described

    if not may_write(filepath, overwrite):
        return
    if formats.format_of_name(filepath) is formats.KERAS:
        with atomic_write(filepath) as path:
            archives.save_model(model, path, with_training)
        return
    formats.writer_for(filepath)  # tells of a name that promises another format
    with atomic_write(filepath) as path, hdf5_file.new_file(path) as file:
        file.attrs["keras_version"], file.attrs["horngate_format"] = metadata.VERSION.encode(), metadata.FORMAT
        file.attrs["horngate_era"] = model._era.name.encode()
        file.attrs["model_config"] = json.dumps(described(model), default=plain).encode("utf8")
        write_weights(model, file.create_group("model_weights"))
        if with_training and getattr(model, "objective", None) is not None:
            _write_training(model, file, plain)


def _write_training(model: Any, file: "h5py.File", plain: Callable[[Any], Any]) -> None:
    optimizer = model.optimizer
    try:
        settings = settings_of(optimizer)
    except ValueError as error:  # a file without the training state is better than none
        from horngate.backend.notices import warn  # imports JAX, which writing weights does not need

        warn(f"{model.name} is saved without its optimizer: {error}")
        return
    training = {
        "optimizer_config": {"class_name": type(optimizer).__name__, "config": settings},
        "loss": model.loss,
        "metrics": model.metrics_given,
        "sample_weight_mode": model.sample_weight_mode,
        "loss_weights": model.loss_weights,
    }
    file.attrs["training_config"] = json.dumps(training, default=plain).encode("utf8")
    training_state.write_state(model, file)


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
        filepath: the file, or an open h5py.File.
        from_config: function that makes the model from its configuration.
        custom_objects: your own layers, losses and functions: a dictionary by the names that the file uses.
        era, backend, max_expansion: see `load_weights`.
    """
    from horngate.backend.config import within_era

    if hasattr(filepath, "create_dataset"):
        with hdf5_file.in_place_of(filepath, reading=True) as path:
            return load_model(path, from_config, custom_objects, era, backend, max_expansion, compile)
    check_kind(filepath)
    with file_errors(filepath), budget.memory_for(os.path.getsize(filepath), max_expansion):
        if formats.format_of(filepath) is formats.KERAS:
            return archives.load_model(os.fspath(filepath), from_config, custom_objects, compile)
        if formats.format_of(filepath) is not formats.HDF5:
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
    version = _later_version(file)
    return config if version is None or not isinstance(config, dict) else {**config, "keras_version": f"{version}.0"}


def _later_version(file: "h5py.File") -> int | None:
    """Return 2 or 3 if this Keras wrote a file; None for others."""
    told = hdf5_file.read_string(file, "keras_version")
    if told is None or "horngate_format" in file.attrs:
        return None
    major = metadata.parse_version(told)[0]
    return min(major, 3) if major >= 2 else None


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
    check_kind(filepath)
    if formats.format_of(filepath) is formats.KERAS:
        return True
    if formats.format_of(filepath) is not formats.HDF5:
        return False
    with file_errors(filepath), hdf5_file.open_file(os.fspath(filepath)) as file:
        return "model_config" in file.attrs


def _read_training(model: Any, file: "h5py.File", custom_objects: dict[str, Any] | None) -> None:
    from horngate import objectives, optimizers
    from horngate.training import compiled
    from horngate.utils.generic_utils import CustomObjectScope

    training = read_json(hdf5_file.read_string(file, "training_config") or "")
    if (version := _later_version(file)) is not None:
        _read_training_of_later(model, file, training, custom_objects, version)
        return
    with CustomObjectScope(custom_objects or {}):
        optimizer = optimizers.optimizer_from_config(training["optimizer_config"], custom_objects)
        loss = objectives.revived(training["loss"])
        names = ("metrics", "sample_weight_mode", "loss_weights")
        told = {name: training[name] for name in names}
        if not compiled.compile_as_told(model, optimizer=optimizer, loss=loss, **told):
            return
    training_state.read_state(model, file)


def _read_training_of_later(
    model: Any, file: "h5py.File", training: Any, custom_objects: dict[str, Any] | None, version: int
) -> None:
    """Compile a model as a file of Keras 2 or 3 says, and read the state of its optimizer."""
    if not dialect("keras3.training").compiled(model, training, custom_objects, version):
        return
    if "optimizer_weights" in file:
        group = hdf5_file.read_item(file, "optimizer_weights")
        names = hdf5_file.read_names(group, "weight_names") or []
        dialect("keras3.training").take_state(model, [hdf5_file.read_array(group, name) for name in names])
