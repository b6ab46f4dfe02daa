"""Weights from and to the groups of HDF5 files, as programs read and write them by Keras's own functions."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def _stored(group, name):
    inside = group[name]
    return [np.asarray(inside[_text(weight)]) for weight in inside.attrs["weight_names"]]


def load_weights_from_hdf5_group(f: Any, layers: Sequence[Any], reshape: bool = False) -> None:
    """Set the weights of `layers` from the groups of an open file `f`, one after the other.

    `reshape`: fit arrays of as many numbers into the weights' shapes.
    """
    names = [_text(name) for name in f.attrs["layer_names"]]
    found = [(name, _stored(f, name)) for name in names]
    found = [(name, arrays) for name, arrays in found if arrays]
    wanted = [layer for layer in layers if layer.weights]
    if len(found) != len(wanted):
        raise ValueError(f"the file holds weights of {len(found)} layers, the model has {len(wanted)} with weights.")
    for layer, (_, arrays) in zip(wanted, found):
        _set(layer, arrays, reshape)


def load_weights_from_hdf5_group_by_name(
    f: Any, layers: Sequence[Any], skip_mismatch: bool = False, reshape: bool = False
) -> None:
    """Set the weights of those `layers` whose name is among the groups of an open file `f`.

    `skip_mismatch`: leave out layers whose weights have other shapes. `reshape`: fit arrays of as many numbers.
    """
    names = {_text(name) for name in f.attrs["layer_names"]}
    for layer in layers:
        arrays = _stored(f, layer.name) if layer.name in names else []
        fits = [np.shape(a) for a in arrays] == [tuple(w.shape) for w in layer.weights]
        if arrays and (fits or not skip_mismatch):
            _set(layer, arrays, reshape)


def _set(layer, arrays, reshape):
    if reshape:
        arrays = [np.reshape(array, weight.shape) for array, weight in zip(arrays, layer.weights)]
    layer.set_weights(arrays)


def save_weights_to_hdf5_group(f: Any, layers: Sequence[Any]) -> None:
    """Write the weights of `layers` into an open file or group `f`."""
    f.attrs["layer_names"] = [layer.name.encode() for layer in layers]
    for layer in layers:
        group, values = f.create_group(layer.name), layer.get_weights()
        names = [weight.name for weight in layer.weights]
        group.attrs["weight_names"] = [name.encode() for name in names]
        for name, value in zip(names, values):
            group.create_dataset(name, data=value)


def preprocess_weights_for_loading(
    layer: Any,
    weights: Sequence[Any],
    original_keras_version: str | None = None,
    original_backend: str | None = None,
    reshape: bool = False,
) -> list[Any]:
    """`weights` for the `layer` as they are: `load_weights` of a model converts those of other versions.

    `original_keras_version`, `original_backend`: have no effect. `reshape`: fit arrays into the weights' shapes.
    """
    if not reshape:
        return list(weights)
    return [np.reshape(array, weight.shape) for array, weight in zip(weights, layer.weights)]
