"""Keras 3's words for programs on several devices: other spellings of `horngate.distribute` and its `Distribution`."""

import contextlib
import math
import os
import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np

from horngate.backend import mesh
from horngate.backend.mesh import ROWS, Distribution


def initialize(
    job_addresses: str | None = None, num_processes: int | None = None, process_id: int | None = None
) -> None:
    """Join the processes that run this program together; call it before anything is computed.

    # Arguments
        job_addresses: the address HOST:PORT of process 0, or of all processes, with commas between them; by default
            the environment variable `KERAS_DISTRIBUTION_JOB_ADDRESSES`, or what JAX finds out about the cluster.
        num_processes: number of processes; by default `KERAS_DISTRIBUTION_NUM_PROCESSES`.
        process_id: number of this process, from 0; by default `KERAS_DISTRIBUTION_PROCESS_ID`.
    """
    told = {"JOB_ADDRESSES": job_addresses, "NUM_PROCESSES": num_processes, "PROCESS_ID": process_id}
    found = {
        name: os.environ.get(f"KERAS_DISTRIBUTION_{name}") if each is None else each for name, each in told.items()
    }
    missing = [name.lower() for name, each in found.items() if each is None]
    if missing and len(missing) < len(found):
        raise ValueError(f"initialize: {', '.join(missing)} must be given, too; or nothing, for JAX to find out.")
    if missing:
        mesh.join_processes()
    else:
        address, count, place = found.values()
        mesh.join_processes((str(address).split(",")[0], int(count or 1), int(place or 0)))


def list_devices(device_type: str | None = None) -> list[str]:
    """Return the names of all devices, such as 'cpu:0'. `device_type`: 'cpu', 'gpu' or 'tpu'; None for the best."""
    return mesh.names_of_devices(device_type)


def get_device_count(device_type: str | None = None) -> int:
    """Return the number of devices. `device_type`: 'cpu', 'gpu' or 'tpu'; None for the best."""
    return len(list_devices(device_type))


class DeviceMesh:
    """Devices along named axes.

    # Arguments
        shape: number of devices along each axis.
        axis_names: name of each axis.
        devices: names of the devices, as `list_devices` returns them, which is the default.
    """

    def __init__(self, shape: Sequence[int], axis_names: Sequence[str], devices: Any = None) -> None:
        if not shape or not axis_names or len(shape) != len(axis_names):
            raise ValueError(
                f"DeviceMesh: shape and axis_names must name as many axes; received {shape!r} and {axis_names!r}."
            )
        named = np.array(list_devices() if devices is None else devices).flatten()
        if len(named) != math.prod(shape):
            raise ValueError(
                f"DeviceMesh: shape {tuple(shape)} needs {math.prod(shape)} devices; there are {len(named)}."
            )
        self._shape, self._axis_names, self._devices = tuple(shape), tuple(axis_names), named.reshape(shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of devices along each axis."""
        return self._shape

    @property
    def axis_names(self) -> tuple[str, ...]:
        """The name of each axis."""
        return self._axis_names

    @property
    def devices(self) -> np.ndarray:
        """The names of the devices, in the shape of the mesh."""
        return self._devices

    @property
    def backend_mesh(self) -> Any:
        """The mesh of JAX."""
        devices = mesh.devices_named(self.devices.flatten().tolist())
        return Distribution(dict(zip(self.axis_names, self.shape)), devices=devices).mesh

    def __repr__(self) -> str:
        return f"<DeviceMesh shape={self.shape}, axis_names={self.axis_names}>"


class TensorLayout:
    """Along which axes of a mesh a tensor is split.

    # Arguments
        axes: for each axis of the tensor: the name of an axis of the mesh, or None.
        device_mesh: the `DeviceMesh`; a `LayoutMap` fills in its own.
    """

    def __init__(self, axes: Sequence[str | None], device_mesh: DeviceMesh | None = None) -> None:
        self._axes = tuple(axes)
        self._mesh: DeviceMesh | None = None
        self.device_mesh = device_mesh

    @property
    def axes(self) -> tuple[str | None, ...]:
        """For each axis of the tensor: the name of an axis of the mesh, or None."""
        return self._axes

    @property
    def device_mesh(self) -> DeviceMesh | None:
        """The mesh; one that is set must have the axes."""
        return self._mesh

    @device_mesh.setter
    def device_mesh(self, value: DeviceMesh | None) -> None:
        unknown = [
            axis for axis in self.axes if axis is not None and value is not None and axis not in value.axis_names
        ]
        if unknown:
            raise ValueError(f"TensorLayout: the mesh has no axis {unknown[0]!r}; it has {value and value.axis_names}.")
        self._mesh = value

    @property
    def backend_layout(self) -> Any:
        """The sharding of JAX. Raises ValueError without a mesh."""
        if self.device_mesh is None:
            raise ValueError("TensorLayout: it has no device_mesh yet.")
        return mesh.sharding(self.device_mesh.backend_mesh, self.axes)

    def __repr__(self) -> str:
        return f"<TensorLayout axes={self.axes}, device_mesh={self.device_mesh}>"


class LayoutMap(MutableMapping[str, TensorLayout]):
    """A dictionary from a regular expression, searched in the paths of weights, to a `TensorLayout`.

    A weight's path is its layer's name and its role, such as 'dense_1/kernel'; its name, 'dense_1_W', fits too. A tuple
    or list of axes is made a `TensorLayout`.

    # Arguments
        device_mesh: the `DeviceMesh`.
    """

    def __init__(self, device_mesh: DeviceMesh) -> None:
        self._device_mesh = device_mesh
        self._layouts: dict[str, TensorLayout] = {}

    @property
    def device_mesh(self) -> DeviceMesh:
        """The mesh."""
        return self._device_mesh

    def __setitem__(self, key: str, layout: Any) -> None:
        if key in self._layouts:
            raise ValueError(f"LayoutMap: {key!r} is there already; delete it before it is set anew.")
        layout = TensorLayout(layout) if isinstance(layout, (tuple, list)) else layout
        if not isinstance(layout, TensorLayout):
            raise ValueError(f"LayoutMap: a layout is a TensorLayout or a tuple of axes; received {layout!r}.")
        layout.device_mesh = layout.device_mesh or self.device_mesh
        self._layouts[key] = layout

    def __getitem__(self, key: str) -> TensorLayout:
        """Return the layout of the path `key`. Raises KeyError if nothing fits, ValueError if several do."""
        if key in self._layouts:
            return self._layouts[key]
        fitting = [pattern for pattern in self._layouts if re.search(pattern, key)]
        if len(fitting) > 1:
            raise ValueError(f"LayoutMap: {' and '.join(map(repr, fitting))} both fit {key!r}. Tell them apart.")
        if not fitting:
            raise KeyError(key)
        return self._layouts[fitting[0]]

    def __delitem__(self, key: str) -> None:
        del self._layouts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layouts)

    def __len__(self) -> int:
        return len(self._layouts)


class _InKeras(Distribution):
    """A `Distribution` with a mesh in the words of Keras 3, whose batches are split along `batch_dim_name`."""

    device_mesh: DeviceMesh
    batch_dim_name: str
    auto_shard_dataset: bool

    def _set(self, device_mesh, batch_dim_name, auto_shard_dataset, rules=None):
        names = device_mesh.axis_names
        if batch_dim_name not in names or ROWS in names and batch_dim_name != ROWS:
            raise ValueError(
                f"{type(self).__name__}: batches are split along {batch_dim_name!r}, and the mesh has "
                f"{', '.join(map(repr, names))}. Name one of them, and call no other axis {ROWS!r}."
            )
        self.device_mesh, self.batch_dim_name, self.auto_shard_dataset = device_mesh, batch_dim_name, auto_shard_dataset
        axes = {self._ours(name): size for name, size in zip(names, device_mesh.shape)}
        self._layouts = rules
        rules = rules and {key: tuple(map(self._ours, layout.axes)) for key, layout in rules.items()}
        devices = mesh.devices_named(device_mesh.devices.flatten().tolist())
        Distribution.__init__(self, axes, None, rules, devices, "same" if auto_shard_dataset else "own")

    def _ours(self, name):
        return ROWS if name == self.batch_dim_name else name

    @property
    def num_model_replicas(self) -> int:
        """The number of devices that share a batch, each with a whole model."""
        return self.axes[ROWS]

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Within the block, models are compiled for this distribution."""
        before = mesh.chosen()
        mesh.choose(self)
        try:
            yield
        finally:
            mesh.choose(before)

    def get_data_layout(self, data_shape: Sequence[int | None]) -> TensorLayout:
        """Return the layout of a batch of the shape `data_shape`."""
        return TensorLayout([self.batch_dim_name, *[None] * (len(data_shape) - 1)], self.device_mesh)

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        """Return the layout that the `LayoutMap` has for the tensor `path`; None if the compiler chooses it."""
        try:
            return self._layouts[path] if self._layouts else None
        except KeyError:
            return None

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        """Return the layout of a weight, `variable`."""
        axes = next((axes for pattern, axes in (self.rules or {}).items() if mesh.fits(pattern, variable)), ())
        theirs = [self.batch_dim_name if axis == ROWS else axis for axis in axes]
        return TensorLayout([*theirs, *[None] * (len(variable.shape) - len(theirs))], self.device_mesh)


class DataParallel(_InKeras):
    """Splits batches over devices; each holds all weights.

    # Arguments
        device_mesh: a `DeviceMesh` of one axis; all devices by default.
        devices: names of devices, instead of a mesh.
        auto_shard_dataset: whether iterables of batches give whole batches in each process, and not only its share.
    """

    def __init__(self, device_mesh: Any = None, devices: Any = None, auto_shard_dataset: bool = True) -> None:
        if device_mesh is None:
            devices = list_devices() if devices is None else devices
            device_mesh = DeviceMesh((len(devices),), ("batch",), devices)
        elif devices is not None:
            raise ValueError("DataParallel takes a device_mesh or devices, not both.")
        if len(device_mesh.shape) > 1:
            raise ValueError(
                f"DataParallel: devices along other axes than {device_mesh.axis_names[0]!r} would do the same work "
                "again. Take a mesh of one axis, or ModelParallel."
            )
        self._set(device_mesh, device_mesh.axis_names[0], auto_shard_dataset)


class ModelParallel(_InKeras):
    """Splits batches along one axis of a mesh, and weights along others.

    # Arguments
        layout_map: the `LayoutMap` of the weights; those that nothing in it fits are whole on each device.
        batch_dim_name: the axis of the mesh along which batches are split; the first by default.
        auto_shard_dataset: whether iterables of batches give whole batches in each process, and not only its share.
    """

    def __init__(self, *, layout_map: Any, batch_dim_name: str | None = None, auto_shard_dataset: bool = True) -> None:
        if not isinstance(layout_map, LayoutMap):
            raise ValueError(f"ModelParallel: layout_map must be a LayoutMap; received {layout_map!r}.")
        names = layout_map.device_mesh.axis_names
        self._set(layout_map.device_mesh, batch_dim_name or names[0], auto_shard_dataset, layout_map or None)


def set_distribution(value: Distribution | None) -> None:
    """Run the models compiled from now on as `value`, a `Distribution`, says; None for one device."""
    if value is not None and not isinstance(value, Distribution):
        raise TypeError(f"set_distribution takes DataParallel(), ModelParallel(...) or None; received {value!r}.")
    mesh.choose(value)


def distribution() -> Distribution | None:
    """Return the distribution that was set last; None for one device."""
    return mesh.chosen()


def distribute_tensor(tensor: Any, layout: TensorLayout) -> Any:
    """Return `tensor` on the devices of a mesh, split as `layout`, a `TensorLayout`, says."""
    return mesh.laid_out(tensor, layout.backend_layout)
