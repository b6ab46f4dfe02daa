"""Weights to a file, and from any file into a model: everything is looked at before anything changes."""

import contextlib
import dataclasses
import os
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving import hdf5, keras3, tensors
from horngate.saving.conversion import converted, leaves_of, settled_ordering
from horngate.saving.files import FileError, atomic, explained, may_write
from horngate.saving.order import unfrozen
from horngate.saving.stored import Origin, StoredArray, StoredLayer, StoredWeights
from horngate.utils.generic_utils import PathLike

if TYPE_CHECKING:
    import h5py

    from horngate.backend.graph import Variable
    from horngate.training.model import Model


def save_weights(model: "Model", filepath: PathLike, overwrite: bool = True) -> None:
    """Write all weights of a model into a file: HDF5, or safetensors where its name ends so.

    # Arguments
        model: the model.
        filepath: where to.
        overwrite: whether a file that is there is replaced; else the terminal is asked.
    """
    if not may_write(filepath, overwrite):
        return
    with atomic(filepath) as path:
        if is_safetensors(filepath):
            tensors.write_layers(path, layers_to_write(model), images=images_seen(model))
        else:
            import h5py

            with h5py.File(path, "w") as file:
                write_weights(model, file)


def write_weights(model: "Model", group: "h5py.Group") -> None:
    """Write all weights of `model` into an open HDF5 `group`."""
    hdf5.write_layers(group, layers_to_write(model), images=images_seen(model))


def images_seen(model: "Model") -> tuple[str | None, str | None]:
    """(ordering, convention) of the images that `model` sees; None for what it does not settle or tell."""
    return getattr(model, "images_seen", (None, None))


def layers_to_write(model: "Model") -> list[tuple[str, hdf5.Weights]]:
    """(name, [(weight name, array)]) of each layer of `model`.

    Layers of one name, and weights within a layer, are numbered. A model at the front of a chain is filed layer by
    layer, and may have names that the chain has, too.
    """
    filed = filed_weights(model)
    return [
        (name, list(zip(_distinct([w.name for w in weights]), [w.get_value() for w in weights])))
        for name, weights in zip(_distinct([layer.name for layer in filed]), filed.values())
    ]


def filed_weights(model: "Model") -> "dict[Any, list[Variable]]":
    """Layer of `model` -> the weights that files list under its name.

    Those of a layer that several keep stand with the first.
    """
    layers = model.flattened_layers
    taken = {w for layer in layers if layer._files_all or not layer._kept for w in layer.weights}
    filed = {}
    for layer in layers:
        own = {*layer._trainable_weights, *layer._non_trainable_weights}
        alone = layer._files_all or not layer._kept
        filed[layer] = [w for w in layer.weights if alone or w in own or w not in taken]
        taken.update(filed[layer])
    return filed


def _distinct(names: list[str]) -> list[str]:
    return [name if names.index(name) == i else f"{name}_{i}" for i, name in enumerate(names)]


def is_safetensors(filepath: PathLike) -> bool:
    """Whether the name `filepath` says that the file holds safetensors."""
    return os.fspath(filepath).endswith(".safetensors")


def is_hdf5(filepath: PathLike) -> bool:
    """Whether the file `filepath` begins as HDF5 files do, whatever its name."""
    with open(filepath, "rb") as file:
        return file.read(8) == b"\x89HDF\r\n\x1a\n"


@contextlib.contextmanager
def opened(filepath: PathLike) -> Iterator[StoredWeights]:
    """The `StoredWeights` in the file `filepath`, of any kind that horngate reads.

    They can be read while the block lasts.
    """
    filepath = os.fspath(filepath)
    with explained(filepath), contextlib.ExitStack() as stack:
        if is_safetensors(filepath):
            yield stack.enter_context(tensors.opened(filepath))
            return
        if filepath.endswith(".keras") and not is_hdf5(filepath):
            file, config = keras3.open_archive(filepath)
            yield keras3.read_layers(stack.enter_context(file), config)
            return
        yield stored_weights(stack.enter_context(hdf5.opened(filepath)))


def stored_weights(group: Any) -> StoredWeights:
    """The `StoredWeights` in `group`, an open HDF5 group or file: of weights alone, or of a whole model."""
    if "layers" in group and "layer_names" not in group.attrs and "nb_layers" not in group.attrs:
        return keras3.read_layers(group)
    inside = "layer_names" not in group.attrs and "model_weights" in group
    return hdf5.read_layers(group["model_weights"] if inside else group)


def load_weights(model: "Model", filepath: PathLike, by_name: bool = False, **origin: str | None) -> None:
    """Give a model the weights in a file.

    # Arguments
        model: the model.
        filepath: the file.
        by_name: take the layers that the file knows by name, and leave the others as they are.
        origin: where the file comes from, where it does not tell: `era`, the version of Keras that wrote it, such as
            '0.3'; `backend`, `'theano'` or `'tensorflow'`, with which it was trained (Theano's kernels are flipped);
            `dim_ordering`, `'th'` or `'tf'`, that of the images it was trained on.
    """
    with opened(filepath) as stored:
        assign(model, stored, by_name, **origin)


def read_weights(model: "Model", group: Any, by_name: bool = False, **origin: str | None) -> None:
    """Give `model` the weights in an open HDF5 `group`; `by_name` and `origin` as for `load_weights`."""
    with explained(group.file.filename):
        assign(model, stored_weights(group), by_name, **origin)


def assign(
    model: Any,
    stored: StoredWeights,
    by_name: bool = False,
    era: str | None = None,
    backend: str | None = None,
    dim_ordering: str | None = None,
) -> None:
    """Give `model` its `stored` weights: all of them or, where something does not fit, none.

    `by_name`, `era`, `backend` and `dim_ordering` as for `load_weights`.
    """
    from horngate.saving.walk import walk_through  # which knows layers, while writing needs no JAX

    said = {"convention": backend, "ordering": dim_ordering, "version": era and hdf5.parsed_version(era)}
    _check_said(said)
    origin = dataclasses.replace(stored.origin, **{key: value for key, value in said.items() if value is not None})
    filed = filed_weights(model)

    def listed(layer: Any) -> "list[Variable]":
        weights: list[Variable] = layer.weights
        return filed.get(layer, weights)

    pairs = [(layer, found) for layer, found in _matched(model, stored, by_name) if layer.weights or found.arrays]
    pairs = [(layer, _completed(layer, listed(layer), found)) for layer, found in pairs]
    if not (stored.unfrozen or stored.by_key or stored.flat):
        pairs = [(layer, unfrozen(layer, found)) for layer, found in pairs]
    for layer, found in pairs:
        held, wanted = found.size, sum(int(np.prod(weight.shape)) for weight in layer.weights)
        if held != wanted:
            raise FileError(_misfit(layer, found, origin))
    ordering = origin.ordering or settled_ordering(pairs)
    origin = dataclasses.replace(origin, ordering=ordering)
    walk = walk_through(model, origin, said=dim_ordering is not None)
    values = [converted(layer, found.read(), origin, walk) for layer, found in pairs]
    for (layer, _), arrays in zip(pairs, values):
        wanted = set(listed(layer))
        for weight, array in zip(layer.weights, arrays):
            if weight in wanted:
                weight.set_value(array)


def _completed(layer: Any, filed: "Sequence[Variable]", found: StoredLayer) -> StoredLayer:
    """The stored arrays, with the values of now for those weights of a layer that the file lists under another one."""
    weights = layer.weights
    if len(filed) == len(weights) or len(found.arrays) != len(filed):
        return found
    held = dict(zip(filed, found.arrays))
    arrays = [held.get(w) or StoredArray(w.shape, w.get_value, w.name) for w in weights]
    return dataclasses.replace(found, arrays=arrays)


def _check_said(said: dict[str, Any]) -> None:
    for key, allowed in (("convention", ("theano", "tensorflow")), ("ordering", ("th", "tf"))):
        if said[key] not in (None, *allowed):
            name = {"convention": "backend", "ordering": "dim_ordering"}[key]
            raise ValueError(f"load_weights: {name} must be {allowed[0]!r} or {allowed[1]!r}; received {said[key]!r}.")


def _misfit(layer: Any, found: StoredLayer, origin: Origin) -> str:
    ours = ", ".join(f"{weight.name} {tuple(weight.shape)}" for weight in layer.weights)
    theirs = ", ".join(str(array.shape) for array in found.arrays)
    hint = ""
    if origin.version and origin.version >= (2, 0) and getattr(layer, "gates", ()) == ("z", "r", "h"):
        hint = " A GRU of Keras 2 or 3 fits if it was made with reset_after=False."
    return f"layer {layer.name!r} has the weights {ours}; the file holds, as {found.name!r}, {theirs}.{hint}"


# Which stored layer belongs to which layer.


def _matched(model: Any, stored: StoredWeights, by_name: bool) -> list[tuple[Any, StoredLayer]]:
    """(layer, StoredLayer) of all that get weights."""
    layers = model.flattened_layers
    if by_name:
        known = {layer.name: layer for layer in stored.layers}
        found = [(layer, known[layer.name]) for layer in layers if layer.name in known]
        if not any(layer.arrays for _, layer in found):
            warnings.warn(
                f"load_weights(by_name=True): no layer of {model.name} with weights has its name in the file, and "
                f"nothing was loaded. The file holds {', '.join(known)}.",
                stacklevel=4,
            )
        return found
    if stored.flat:
        return _from_one_list(layers, stored.layers[0].arrays)
    held = [layer for layer in stored.layers if layer.arrays]
    if stored.by_key:
        return _by_key(model.layers, held)
    filed = filed_weights(model)
    layers = [layer for layer in layers if filed[layer]]
    if len(held) != len(layers):
        raise FileError(
            f"the file holds weights for {len(held)} layers ({', '.join(layer.name for layer in held)}), the model has "
            f"{len(layers)} with some ({', '.join(layer.name for layer in layers)}). by_name=True takes what fits."
        )
    return list(zip(layers, held))


def _from_one_list(layers: Sequence[Any], arrays: list[StoredArray]) -> list[tuple[Any, StoredLayer]]:
    """All trainable weights stand first, then all others."""
    leaves = [leaf for layer in layers for leaf in leaves_of(layer)]
    places = [w for leaf in leaves for w in leaf._trainable_weights]
    places += [w for leaf in leaves for w in leaf._non_trainable_weights]
    if len(places) != len(arrays):
        raise FileError(f"the file holds {len(arrays)} arrays, the model has {len(places)} weights.")
    found = {id(weight): array for weight, array in zip(places, arrays)}
    return [(layer, StoredLayer(layer.name, [found[id(w)] for w in layer.weights])) for layer in layers]


def _by_key(layers: Sequence[Any], held: list[StoredLayer]) -> list[tuple[Any, StoredLayer]]:
    known = {key: layer for layer in held for key in layer.keys}
    wanted = dict(keras3.keys_of(layers))
    if set(known) != set(wanted):
        theirs, ours = ", ".join(sorted(known)), ", ".join(sorted(wanted))
        raise FileError(f"the file holds weights for the layers {theirs}; the model has, in Keras 3's names, {ours}.")
    return [(layer, known[key]) for key, layer in wanted.items()]
