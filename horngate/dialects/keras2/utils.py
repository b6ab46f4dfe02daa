"""Helpers of `keras.utils` in Keras 2 that programs, and layers of one's own, call."""

import inspect
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from horngate.engine.container import Container
from horngate.engine.topology import object_list_uid  # noqa: F401
from horngate.utils import data_utils, generic_utils
from horngate.utils.generic_utils import get_custom_objects, serialized


def has_arg(fn: Callable[..., Any], name: str, accept_all: bool = False) -> bool:
    """Whether the function `fn` takes an argument `name`; with `accept_all`, also through `**kwargs`."""
    parameters = inspect.signature(fn).parameters
    if accept_all and any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return True
    return name in parameters and parameters[name].kind in (
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    )


def getargspec(fn: Callable[..., Any]) -> inspect.FullArgSpec:
    """The arguments of the function `fn`."""
    return inspect.getfullargspec(fn)


def to_list(x: Any, allow_tuple: bool = False) -> Any:
    """`x` if it is a list, or a tuple with `allow_tuple`; else a list with `x` in it."""
    if isinstance(x, list) or allow_tuple and isinstance(x, tuple):
        return list(x)
    return [x]


def unpack_singleton(x: Any) -> Any:
    """The item of a list of one; `x` itself otherwise."""
    return x[0] if len(x) == 1 else x


def is_all_none(iterable_or_element: Any) -> bool:
    """Whether `iterable_or_element`, or everything in it, is None."""
    several = isinstance(iterable_or_element, (list, tuple))
    return all(item is None for item in (iterable_or_element if several else [iterable_or_element]))


def slice_arrays(arrays: Any, start: Any = None, stop: int | None = None) -> Any:
    """Rows of an array, or of each in the list `arrays`: `start` to `stop`, or those numbered in a list `start`."""
    if arrays is None:
        return [None]
    if isinstance(arrays, list):
        return [None if each is None else slice_arrays(each, start, stop) for each in arrays]
    if hasattr(start, "__len__"):
        return arrays[start.tolist() if hasattr(start, "shape") else start]
    return arrays[start:stop]


def transpose_shape(shape: Sequence[Any], target_format: str, spatial_axes: Sequence[int]) -> tuple[Any, ...]:
    """A shape with channels last, in another order.

    # Arguments
        shape: the sizes; tuples as well as lists.
        target_format: `'channels_first'` or `'channels_last'`.
        spatial_axes: which of them are of space.
    """
    if target_format == "channels_first":
        return (*shape[: spatial_axes[0]], shape[-1], *(shape[axis] for axis in spatial_axes))
    if target_format == "channels_last":
        return tuple(shape)
    raise ValueError(f"target_format must be 'channels_first' or 'channels_last'; received {target_format!r}.")


def check_for_unexpected_keys(name: str, input_dict: Mapping[str, Any], expected_values: Iterable[str]) -> None:
    """Raise ValueError if `input_dict`, called `name`, has keys that are not among `expected_values`."""
    wanted = list(expected_values)
    if unknown := [key for key in input_dict if key not in wanted]:
        raise ValueError(f"{name}: unknown keys {unknown}; expected some of {wanted}.")


def serialize_keras_object(instance: Any) -> Any:
    """The object `instance` as plain data: a function's name, or the class and configuration of an object."""
    return serialized(instance)


def deserialize_keras_object(
    identifier: Any,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """The object that plain data describe.

    # Arguments
        identifier: a name, or a dictionary with `class_name` and `config`.
        module_objects: objects by name.
        custom_objects: the user's own objects by name; they come first.
        printable_module_name: the kind of object, for errors.
    """
    known = {**(module_objects or {}), **get_custom_objects(), **(custom_objects or {})}
    if isinstance(identifier, str):
        found = generic_utils.lookup(identifier, known, printable_module_name)
        return found() if isinstance(found, type) else found
    if not isinstance(identifier, dict):
        return identifier
    cls = generic_utils.lookup(identifier["class_name"], known, printable_module_name)
    with generic_utils.CustomObjectScope(custom_objects or {}):
        return cls.from_config(identifier["config"]) if hasattr(cls, "from_config") else cls(**identifier["config"])


def is_model(layer: Any) -> bool:
    """Whether `layer` is a model."""
    return isinstance(layer, Container)


def is_wrapped_model(layer: Any) -> bool:
    """Whether `layer` wraps a model."""
    return isinstance(getattr(layer, "layer", None), Container)


def add_edge(dot: Any, src: str, dst: str) -> None:
    """Add an edge from the node `src` to the node `dst` to the pydot graph `dot`, unless it is there."""
    import pydot

    if not dot.get_edge(src, dst):
        dot.add_edge(pydot.Edge(src, dst))


def multi_gpu_model(model: Any, gpus: Any = None, cpu_merge: bool = True, cpu_relocation: bool = False) -> Any:
    """A model that shares its work between devices.

    # Arguments
        model: the model.
        gpus: how many devices, or a list of their numbers; None for all. With one there, the model works alone.
        cpu_merge, cpu_relocation: have no effect; XLA places what it joins.
    """
    from horngate.distribution import list_devices
    from horngate.training.layouts import distribute

    wanted, there = len(gpus) if isinstance(gpus, (list, tuple)) else gpus, len(list_devices())
    count = there if wanted is None else min(int(wanted), there)
    if count > 1:
        distribute(f"data:{count}")  # for what is compiled from now on
    return model


def load_from_binary_h5py(load_function: Callable[[Any], Any], stream: Any) -> Any:
    """What `load_function` reads from the HDF5 file in a binary `stream`."""
    import h5py

    with h5py.File(io.BytesIO(stream.read()), "r") as file:
        return load_function(file)


def save_to_binary_h5py(save_function: Callable[[Any], Any], stream: Any) -> None:
    """Write the HDF5 file that `save_function` fills into a binary `stream`."""
    import h5py

    kept = io.BytesIO()
    with h5py.File(kept, "w") as file:
        save_function(file)
    stream.write(kept.getvalue())


def count_params(weights: Any) -> int:
    """How many numbers there are in the list `weights`, each of them once."""
    from horngate import backend as K

    return sum(K.count_params(weight) for weight in dict.fromkeys(weights))


def validate_file(fpath: Any, file_hash: str, algorithm: str = "auto", chunk_size: int = 65535) -> bool:
    """Whether the file `fpath` has the checksum `file_hash`, MD5 or SHA-256.

    `algorithm`, `chunk_size`: have no effect; the length of the checksum tells its kind.
    """
    return data_utils.validate_file(fpath, file_hash)
