"""Whole models in `.keras` archives of Keras 3: configuration, weights, and the state of training."""

import datetime
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving import training_state
from horngate.saving.files import FileError, checked_era, dialect
from horngate.saving.formats import keras3, metadata
from horngate.saving.formats.hdf5_file import read_array, read_item, write_array
from horngate.utils import budget

if TYPE_CHECKING:
    import h5py

VERSION = "3.15.1"  # of Keras, whose archives horngate writes
STATE, OWN = "optimizer/vars", "horngate"  # groups of Keras 3 and of horngate for the state of training


def save_model(model: Any, path: str, with_training: bool = True) -> None:
    """Write `model` into the archive `path`: so that Keras 3 makes the same of it, as far as it has what is in it.

    `with_training`: whether its loss, metrics and optimizer are written, and the state of the latter.
    """
    from horngate.backend.notices import remark  # imports JAX, which files alone do not need
    from horngate.engine.arguments import plain

    writer = dialect("keras3.writing").Writer()
    told = writer.model(model)
    training = dialect("keras3.training")
    written = training.for_file(model, writer) if with_training else None
    told |= {} if written is None else {"compile_config": written}
    if writer.foreign:
        remark(
            f"{model.name} holds what Keras 3 has not, so that only horngate can read its .keras file: "
            f"{'; '.join(writer.foreign)}."
        )
    about = {
        "keras_version": VERSION,
        "date_saved": datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S"),
        "horngate_format": metadata.FORMAT,
        "horngate_era": model._era.name,
    }

    def write_into(file):
        keras3.write_group(file, model)
        if (written or {}).get("optimizer") is not None and getattr(model, "objective", None) is not None:
            _write_state(model, file, training.state(model))

    keras3.write_archive(path, json.dumps(told, default=plain), about, write_into)


def load_model(
    path: str, from_config: Callable[[Any], Any], custom_objects: dict[str, Any] | None, compile: bool
) -> Any:
    """Return the model in the archive `path`.

    # Arguments
        path: the file.
        from_config: function that makes the model from its configuration.
        custom_objects: the user's own objects by the names that the file uses.
        compile: whether to compile the model if it was compiled, and read its optimizer's state.
    """
    with keras3.open_archive(path) as archive:
        told = archive.described()
        if not isinstance(told, dict) or "class_name" not in told:
            raise FileError("config.json of this .keras archive describes no model.")
        metadata.check_format(archive.metadata.get("horngate_format"))
        if told["class_name"] == "FeatureSpace":
            return dialect("keras3.feature_space").of_archive(archive, told)
        era = checked_era(archive.metadata.get("horngate_era"))
        version = {"keras_version": archive.metadata.get("keras_version", "3.0.0")}
        stored = archive.weights
        with budget.weights_at_most(stored.size):
            model = from_config({**told, **version, **({"horngate_era": era} if era else {})})
        keras3.assign(model, stored)
        told = told.get("compile_config") if compile else None
        if told and dialect("keras3.training").from_file(model, told, custom_objects):
            _read_state(model, archive.file)
    return model


def _write_state(model: Any, file: "h5py.File", arrays: list[np.ndarray] | None) -> None:
    """Write the state of the optimizer where Keras 3 has it, `arrays`; and beside it what Keras 3 has no place for."""
    own = file.create_group(OWN)
    training_state.write_random_state(model, own)
    if arrays is None:
        training_state.write_optimizer(model, own)
        return
    group = file.create_group(STATE)
    group.attrs["name"] = type(model.optimizer).__name__.lower()
    for number, array in enumerate(arrays):
        write_array(group, str(number), array)


def _read_state(model: Any, file: "h5py.File") -> None:
    own = read_item(file, OWN) if OWN in file else None
    if own is not None:
        training_state.read_state(model, own)
    group: Any = read_item(file, STATE) if STATE in file else ()
    names = [str(number) for number in range(len(group))]
    if not names:
        if model.optimizer.weights and (own is None or "optimizer_weights" not in own):
            from horngate.backend.notices import warn  # imports JAX, which files alone do not need

            warn(f"{model.name}: the optimizer starts anew, since the file holds no state of it.")
        return
    dialect("keras3.training").take_state(model, [read_array(group, name) for name in names])
