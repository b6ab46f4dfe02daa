"""Writes weights to a file, and reads any file into a model: everything is checked before anything changes."""

import contextlib
import dataclasses
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving.conversion import as_in_files, convert_weights, infer_ordering, leaf_layers
from horngate.saving.files import FileError, check_kind, file_errors, may_write
from horngate.saving.formats import KERAS, format_of, format_of_name, hdf5, keras3, writer_for
from horngate.saving.formats.keras3 import in_order, keys_of
from horngate.saving.formats.metadata import parse_version
from horngate.saving.frozen_order import restore_order
from horngate.saving.stored_weights import Origin, StoredArray, StoredLayer, StoredWeights
from horngate.utils import budget
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import atomic_write, path_of

if TYPE_CHECKING:
    import h5py

    from horngate.backend.graph import Variable
    from horngate.training.model import Model


def save_weights(model: "Model", filepath: PathLike, overwrite: bool = True) -> None:
    """Write all weights of a model into a file, in the format of the name's ending, else HDF5.

    # Arguments
        model: the model.
        filepath: the path to write to.
        overwrite: replace an existing file; if False, ask at the terminal.
    """

    def write():
        if may_write(filepath, overwrite):
            with atomic_write(filepath) as path:
                _write(model, filepath, path)

    if not hasattr(model, "spec"):  # it cannot lie on several devices
        write()
        return
    from horngate.training.layouts import write_once  # imports JAX, which such weights do not need

    write_once(model, lambda: model.weights, write)


def _write(model: "Model", filepath: PathLike, path: str) -> None:
    """Write the weights of `model` into the new file `path`, which will be named `filepath`."""
    if format_of_name(filepath) is KERAS:
        from horngate.saving import archives  # it reads by this module

        archives.save_model(model, path, with_training=False)
    elif path_of(filepath).endswith(keras3.ENDING):
        keras3.write(path, model)
    else:
        writer_for(filepath)(path, weights_of(model))


def write_weights(model: "Model", group: "h5py.Group") -> None:
    """Write all weights of `model` into an open HDF5 `group`."""
    hdf5.write_group(group, weights_of(model))


def weights_of(model: "Model") -> StoredWeights:
    """The `StoredWeights` of `model`.

    Equal names of layers, and of weights in a layer, get numbers. A model at the front of a chain is written layer by
    layer, so its names may repeat those of the chain.
    """
    by_layer = weights_by_layer(model)
    for layer in by_layer:
        if layer.name.encode(errors="ignore") != layer.name.encode(errors="surrogatepass"):
            raise ValueError(f"no file can hold the name of layer {layer.name!r}, which is no Unicode: set layer.name.")
    layers = [
        StoredLayer(name, [_array_of(w, label) for w, label in zip(weights, _distinct([w.label for w in weights]))])
        for name, weights in zip(_distinct([layer.name for layer in by_layer]), by_layer.values())
    ]
    ordering, convention = getattr(model, "images_seen", (None, None))
    return StoredWeights(layers, Origin(convention=convention, ordering=ordering), unfrozen=True)


def weights_by_layer(model: "Model") -> "dict[Any, list[Variable]]":
    """Layer of `model` -> the weights that files list under its name.

    The weights of a shared layer are listed under its first owner.
    """
    layers = model.flattened_layers
    taken = {w for layer in layers if layer._files_all or not layer._sublayers for w in layer.filed_weights}
    found = {}
    for layer in layers:
        own = {*layer._trainable_weights, *layer._non_trainable_weights}
        alone = layer._files_all or not layer._sublayers
        found[layer] = [w for w in layer.filed_weights if alone or w in own or w not in taken]
        taken.update(found[layer])
    return found


def _array_of(weight: "Variable", name: str) -> StoredArray:
    in_file = as_in_files(weight)
    return StoredArray(tuple(in_file.shape), lambda: np.asarray(in_file.value), name)  # no copy on a CPU


def _distinct(names: list[str]) -> list[str]:
    first = {name: i for i, name in reversed(list(enumerate(names)))}
    return [name if first[name] == i else f"{name}_{i}" for i, name in enumerate(names)]


@contextlib.contextmanager
def open_weights(filepath: PathLike, max_expansion: float = budget.EXPANSION) -> Iterator[StoredWeights]:
    """Open the `StoredWeights` in the file `filepath`, of any format; their numbers can be read in the block.

    `max_expansion` as for `load_weights`.
    """
    check_kind(filepath)
    bound = budget.memory_for(os.path.getsize(filepath), max_expansion)
    with file_errors(filepath), bound, format_of(filepath).read(os.fspath(filepath)) as stored:
        yield stored


def load_weights(
    model: "Model",
    filepath: PathLike,
    by_name: bool = False,
    max_expansion: float = budget.EXPANSION,
    skip_mismatch: bool = False,
    names: Any = None,
    layout: str | None = None,
    **origin: str | None,
) -> None:
    """Load the weights in a file into a model.

    # Arguments
        model: the model.
        filepath: the file.
        by_name: match layers by name, and leave those unchanged whose name the file does not have.
        max_expansion: how many times its own bytes the file may take in memory; 32 MiB it always may.
        skip_mismatch: leave layers unchanged, and tell which, whose weights have other shapes in the file.
        names, layout: for arrays of another library; see `named_arrays.load`.
        origin: the origin of the file, if the file does not tell: `era`, the version of Keras that wrote it, such as
            '0.3'; `backend`, `'theano'` or `'tensorflow'`, with which it was trained (Theano's kernels are flipped);
            `dim_ordering`, `'th'` or `'tf'`, the ordering of its images.
    """
    if names is not None or layout is not None:
        from horngate.saving import named_arrays  # few programs use it

        if names is None:
            raise ValueError("load_weights: layout goes with names, which tell which array is which weight.")
        chosen = named_arrays.chosen(model, filepath, names, layout)
        with file_errors(filepath), budget.memory_for(os.path.getsize(filepath), max_expansion):
            named_arrays.load(filepath, chosen, layout, skip_mismatch)
        return
    with open_weights(filepath, max_expansion) as stored:
        assign(model, stored, by_name, skip_mismatch=skip_mismatch, **origin)


def read_weights(model: "Model", group: Any, by_name: bool = False, **origin: str | None) -> None:
    """Give `model` the weights in an open HDF5 `group`; `by_name` and `origin` as for `load_weights`."""
    with file_errors(group.file.filename), budget.memory_for(group.file.id.get_filesize()):
        assign(model, hdf5.read_group(group), by_name, skip_mismatch=False, **origin)


def _refuse_unbuilt(model, stored):
    if stored.size and not model.weights and not all(layer.built for layer in model.layers):
        raise FileError(
            f"{model.name} has no weights yet, as the shape of its input is not known. Give the first layer an "
            "input_shape, or call the model on data, or its `build`, before load_weights."
        )


def assign(
    model: "Model",
    stored: StoredWeights,
    by_name: bool = False,
    era: str | None = None,
    backend: str | None = None,
    dim_ordering: str | None = None,
    skip_mismatch: bool = False,
) -> None:
    """Set the weights of `model` to the `stored` ones: all of them or, if anything does not fit, none.

    `by_name`, `era`, `backend`, `dim_ordering` and `skip_mismatch` as for `load_weights`.
    """
    from horngate.backend.locks import set_values
    from horngate.saving.layout_propagation import propagate_layouts  # imports JAX, which writing does not need

    if stored.whole is not None and keras3.holds_class(model):
        _assign_by_attributes(model, stored, by_name or skip_mismatch)
        return
    _refuse_unbuilt(model, stored)
    origin = _told_origin(stored.origin, era, backend, dim_ordering)
    by_layer = weights_by_layer(model)
    pairs = [
        (layer, found) for layer, found in _match_layers(model, stored, by_name) if layer.filed_weights or found.arrays
    ]
    pairs = [(layer, _with_shared(layer, _listed(by_layer, layer), found)) for layer, found in pairs]
    if not (stored.unfrozen or stored.by_key or stored.flat):
        pairs = [(layer, restore_order(layer, found)) for layer, found in pairs]
    unfit = [layer for layer, found in pairs if found.size != _size_of(layer)]
    if unfit and not skip_mismatch:
        raise FileError(next(_mismatch(layer, found, origin) for layer, found in pairs if layer is unfit[0]))
    pairs = [(layer, found) for layer, found in pairs if found.size == _size_of(layer)]
    origin = dataclasses.replace(origin, ordering=origin.ordering or infer_ordering(pairs))
    layouts = propagate_layouts(model, origin, said=dim_ordering is not None)
    new: dict[Variable, Any] = {}
    for layer, found in pairs:
        arrays = convert_weights(layer, [array.read() for array in found.arrays], origin, layouts)
        if skip_mismatch and [np.shape(a) for a in arrays] != [tuple(w.shape) for w in layer.filed_weights]:
            unfit.append(layer)
            continue
        wanted = set(_listed(by_layer, layer))
        new.update((weight, array) for weight, array in zip(layer.filed_weights, arrays) if weight in wanted)
    set_values(list(new), new.values())
    _tell_unfit(unfit)


def _listed(by_layer: Any, layer: Any) -> "list[Variable]":
    weights: list[Variable] = by_layer.get(layer, layer.filed_weights)
    return weights


def _assign_by_attributes(model: Any, stored: StoredWeights, chooses: bool) -> None:
    """Set the weights of a model that holds one with a `call`, whose attributes the file names."""
    if chooses:
        raise FileError(
            f"{model.name} holds a model with a `call`: the file names its attributes, so leave out by_name and "
            "skip_mismatch."
        )
    keras3.assign(model, stored)


def _size_of(layer: Any) -> int:
    return sum(_array_of(weight, "").size for weight in layer.filed_weights)


def _tell_unfit(layers: "list[Any]") -> None:
    if layers:
        from horngate.backend.notices import remark  # imports JAX, which writing does not need

        names = ", ".join(layer.name for layer in layers)
        remark(f"load_weights: the file has weights of other shapes for {names}, which stay as they are.")


def _told_origin(origin: Origin, era: str | None, backend: str | None, dim_ordering: str | None) -> Origin:
    """The `origin` of a file, overridden by the arguments of the caller."""
    choices = ("backend", backend, ("theano", "tensorflow")), ("dim_ordering", dim_ordering, ("th", "tf"))
    for name, said, allowed in choices:
        if said not in (None, *allowed):
            raise ValueError(f"load_weights: {name} must be {allowed[0]!r} or {allowed[1]!r}; received {said!r}.")
    return dataclasses.replace(
        origin,
        version=parse_version(era) if era else origin.version,
        convention=backend or origin.convention,
        ordering=dim_ordering or origin.ordering,
    )


def _with_shared(layer: Any, listed: "Sequence[Variable]", found: StoredLayer) -> StoredLayer:
    """The stored arrays of a layer; weights that the file lists under another layer keep their current values."""
    weights = layer.filed_weights
    if len(listed) == len(weights) or len(found.arrays) != len(listed):
        return found
    held = dict(zip(listed, found.arrays))
    return dataclasses.replace(found, arrays=[held.get(w) or _array_of(w, w.label) for w in weights])


def _mismatch(layer: Any, found: StoredLayer, origin: Origin) -> str:
    ours = ", ".join(f"{weight.label} {tuple(weight.shape)}" for weight in layer.filed_weights)
    theirs = ", ".join(str(array.shape) for array in found.arrays)
    hint = ""
    if origin.version and origin.version >= (2, 0) and getattr(layer, "gates", ()) == ("z", "r", "h"):
        hint = " A GRU of Keras 2 or 3 fits if it was made with reset_after=False."
    return f"layer {layer.name!r} has the weights {ours}; the file holds, as {found.name!r}, {theirs}.{hint}"


# Matching stored layers with layers.


def _match_layers(model: Any, stored: StoredWeights, by_name: bool) -> list[tuple[Any, StoredLayer]]:
    """Pairs (layer, StoredLayer) of all layers to load."""
    layers = model.flattened_layers
    if by_name:
        return _match_names(model, stored)
    if stored.flat:
        return _split_flat(layers, stored.layers[0].arrays)
    held = [layer for layer in stored.layers if layer.arrays]
    if stored.by_key:
        return _match_keys(model, held)
    by_layer = weights_by_layer(model)
    layers = [layer for layer in layers if by_layer[layer]]
    if len(held) != len(layers):
        raise FileError(
            f"the file holds weights for {len(held)} layers ({', '.join(layer.name for layer in held)}), the model has "
            f"{len(layers)} with some ({', '.join(layer.name for layer in layers)}). by_name=True takes what fits."
        )
    return list(zip(layers, held))


def _match_names(model: Any, stored: StoredWeights) -> list[tuple[Any, StoredLayer]]:
    known = {layer.name: layer for layer in stored.layers}
    found = [(layer, known[layer.name]) for layer in model.flattened_layers if layer.name in known]
    if not any(layer.arrays for _, layer in found):
        from horngate.backend.notices import warn  # weights are written without JAX

        warn(
            f"load_weights(by_name=True): no layer of {model.name} with weights has its name in the file, and "
            f"nothing was loaded. The file holds {', '.join(known)}."
        )
    return found


def _match_keys(model: Any, held: list[StoredLayer]) -> list[tuple[Any, StoredLayer]]:
    known, wanted = {layer.key: layer for layer in held}, dict(keys_of(model))
    if set(known) != set(wanted):
        theirs, ours = ", ".join(sorted(known)), ", ".join(sorted(wanted))
        raise FileError(f"the file holds weights for the layers {theirs}; the model has, in Keras 3's names, {ours}.")
    return [(layer, in_order(layer, known[key])) for key, layer in wanted.items()]


def _split_flat(layers: Sequence[Any], arrays: list[StoredArray]) -> list[tuple[Any, StoredLayer]]:
    """Split one list of arrays among layers: all trainable weights come first, then all others."""
    leaves = [leaf for layer in layers for leaf in leaf_layers(layer)]
    order = [w for leaf in leaves for w in leaf._trainable_weights]
    order += [w for leaf in leaves for w in leaf._non_trainable_weights]
    if len(order) != len(arrays):
        raise FileError(f"the file holds {len(arrays)} arrays, the model has {len(order)} weights.")
    found = dict(zip(order, arrays))
    return [(layer, StoredLayer(layer.name, [found[w] for w in layer.filed_weights])) for layer in layers]
