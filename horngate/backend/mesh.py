"""Mesh: devices along named axes, and the sharding of a program's arrays on them. Not used with one device.

XLA compiles one program for all devices from the sharding of its arrays (`jit` with `NamedSharding`). So this module
only puts arrays on devices, and constrains the sharding of values within a program.
"""

import collections
import contextlib
import contextvars
import copy
import functools
import math
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax import lax
from jax.core import Tracer
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from horngate.backend import notices
from horngate.backend.dtypes import jax_dtype
from horngate.utils.blocks import within

if TYPE_CHECKING:
    from horngate.backend.graph import Variable

ROWS = "data"  # the axis of the mesh along which the samples of a batch are split
Axes = tuple[Any, ...]  # for each axis of an array: the axis of the mesh, or None
_SPELLED = "such as 'data:8', 'data:4,model:2', or 'data' for all devices"


class Distribution:
    """The distribution of programs over devices.

    # Arguments
        mesh: axes and their sizes, such as `'data:4,model:2'` or a dictionary. One size may be -1, the default, for
            all remaining devices.
        shard: `'zero'` to keep only a part of the weights and optimizer's arrays on each device between steps; or None.
        rules: dictionary from a regular expression, searched in the names of weights, to a tuple that holds for each
            axis of the weight the axis of the mesh along which it is split, or None.
        devices: the devices to use, in order; default: those of JAX.
        batches: what iterables of batches give in several processes: `'same'`, the whole batch in each, of which it
            uses its rows; or `'own'`, only the rows of this process.
    """

    def __init__(
        self,
        mesh: str | Mapping[str, int] = ROWS,
        shard: str | None = None,
        rules: Mapping[str, Axes] | None = None,
        devices: Sequence[Any] | None = None,
        batches: str = "same",
    ) -> None:
        if shard not in (None, "zero"):
            raise ValueError(f"shard must be 'zero' or None; received {shard!r}.")
        if batches not in ("same", "own"):
            raise ValueError(
                f"batches must be 'same', if every process draws whole batches, or 'own', if each draws its share; "
                f"received {batches!r}."
            )
        self.axes: dict[str, int] = axes_of(mesh)
        self.shard: str | None = shard
        self.rules: dict[str, Axes] | None = (
            None if rules is None else {name: _spelled(at) for name, at in rules.items()}
        )
        self._devices = devices
        self.batches: str = batches
        for name, at in (self.rules or {}).items():
            try:
                re.compile(name)
            except re.error as error:
                raise ValueError(f"rule {name!r} is no regular expression: {error}.") from None
            if len(set(at) - {None}) < len(at) - at.count(None):
                raise ValueError(f"rule {name!r} cuts a weight twice along one axis of the mesh; received {at!r}.")
            for axis in at:
                if axis is not None and axis not in self.axes:
                    raise ValueError(
                        f"rule {name!r} names the axis {axis!r}; the mesh has {', '.join(map(repr, self.axes))}."
                    )
        if shard and ROWS not in self.axes:
            raise ValueError(f"shard={shard!r} needs an axis {ROWS!r} in the mesh; it has {', '.join(self.axes)}.")

    @functools.cached_property
    def mesh(self) -> Mesh:
        """The mesh of devices. Raises ValueError if there are too few."""
        devices = list(jax.devices() if self._devices is None else self._devices)
        sizes = sized(self.axes, len(devices))
        used = devices[: math.prod(sizes)]
        if len(used) > 1 and jax.process_count() > 1:
            _check_that_all_take_part(self, used)
        return Mesh(np.array(used, dtype=object).reshape(sizes), tuple(self.axes))

    def __repr__(self) -> str:
        axes = ",".join(f"{name}:{size}" for name, size in self.axes.items())
        options = {"shard": self.shard, "rules": self.rules, "batches": self.batches if self.batches == "own" else None}
        told = [repr(axes)] + [f"{name}={value!r}" for name, value in options.items() if value]
        return f"Distribution({', '.join(told)})"


def _check_that_all_take_part(distribution, devices):
    """Raise ValueError unless each process has as many of the devices."""
    counts = collections.Counter(device.process_index for device in devices)
    if len(counts) < jax.process_count() or len(set(counts.values())) > 1:
        raise ValueError(
            f"{distribution!r} takes {len(devices)} of {jax.device_count()} devices, and not as many of each of the "
            f"{jax.process_count()} processes. Take all, such as 'data', or start fewer processes."
        )


def axes_of(mesh: str | Mapping[str, int]) -> dict[str, int]:
    """Return axis -> size for a string or dictionary.

    >>> axes_of("data:4, model:2"), axes_of("data")
    ({'data': 4, 'model': 2}, {'data': -1})
    """
    if not isinstance(mesh, (str, Mapping)):
        raise TypeError(f"mesh must be a string {_SPELLED}; received {mesh!r}.")
    pairs = [part.partition(":")[::2] for part in mesh.split(",")] if isinstance(mesh, str) else list(mesh.items())
    axes: dict[str, int] = {}
    for name, size in pairs:
        name, size = name.strip(), size.strip() or "-1" if isinstance(size, str) else size
        try:
            count = 0 if isinstance(size, float) else int(size)
        except (TypeError, ValueError):
            count = 0
        if not name.isidentifier() or name in axes or count == 0 or count < -1:
            raise ValueError(
                f"mesh must name each axis once with its number of devices, {_SPELLED}; received {mesh!r}."
            )
        axes[name] = count
    if list(axes.values()).count(-1) > 1:
        raise ValueError(f"only one axis of a mesh can take what devices are left; received {mesh!r}.")
    return axes


def sized(axes: Mapping[str, int], count: int) -> list[int]:
    """Return `axes` with the size -1 replaced, for `count` devices."""
    known = math.prod(size for size in axes.values() if size > 0)
    sizes = [size if size > 0 else count // known for size in axes.values()]
    if not 0 < math.prod(sizes) <= count or -1 in axes.values() and count % known:
        told = ",".join(f"{name}:{size}" for name, size in axes.items())
        raise ValueError(
            f"the mesh {told!r} needs {known} devices{' or a multiple' if -1 in axes.values() else ''}; there are "
            f"{count} ({jax.devices()[0].platform}). To try it on a CPU, start the program with "
            f"XLA_FLAGS=--xla_force_host_platform_device_count={max(known, 2)} in its environment."
        )
    return sizes


def _spelled(axes):
    return tuple(axes) if isinstance(axes, (tuple, list)) else (axes,)


class Layout:
    """The sharding of a program's arrays on a mesh.

    `kept`: variable -> the axes along which it is split between steps; `used`: the same within a step, if it differs. A
    variable in neither is whole on every device, or keeps its sharding on this mesh. `shares`: number of devices that
    share the samples of a batch; if they do not divide the batch, each gets all of it. `spans`: whether the devices
    belong to several processes. `own`: whether iterables then give each process its own share of a batch.
    """

    def __init__(self, mesh: Mesh, own: bool = False) -> None:
        self.mesh: Mesh = mesh
        self.kept: dict[Variable, Axes] = {}
        self.used: dict[Variable, Axes] = {}
        self.shares: int = mesh.shape.get(ROWS, 1)
        self.spans: bool = mesh.is_multi_process
        self.own: bool = own and self.spans
        self._whole = True  # whether each process gets all rows of the outputs
        self._shardings: dict[Axes, NamedSharding] = {}

    def at(self, axes: Axes = ()) -> NamedSharding:
        """Return the sharding of an array split along these axes of the mesh; without axes, whole on all devices."""
        while axes and axes[-1] is None:  # so that equal shardings compare equal
            axes = axes[:-1]
        if axes not in self._shardings:
            self._shardings[axes] = NamedSharding(self.mesh, PartitionSpec(*axes))
        return self._shardings[axes]

    def of_rows(self, count: int) -> NamedSharding:
        """Return the sharding of an array with `count` samples."""
        return self.at((ROWS,) if self.shares > 1 and count % self.shares == 0 else ())

    def of(self, variable: "Variable") -> Any:
        """Return the sharding of a variable between steps."""
        if variable in self.kept:
            return self.at(self.kept[variable])
        own = _sharding(variable.value)
        return own if self._has(own) else self.at()

    def _has(self, sharding):
        return isinstance(sharding, NamedSharding) and sharding.mesh == self.mesh

    def leave(self, variables: "Iterable[Variable]") -> None:
        """Leave variables that are split on this mesh as they are, whatever the rules."""
        for variable in variables:
            if self._has(_sharding(variable.value)) and not variable.value.is_fully_replicated:
                self.kept.pop(variable, None)

    @property
    def leads(self) -> bool:
        """Whether this process prints and writes files: process 0, or the only one."""
        return not self.spans or jax.process_index() == 0

    def of_first(self, value: Any) -> Any:
        """Return the value of process 0."""
        if not self.spans:
            return value
        from horngate.backend import processes  # not imported where there is one process

        return processes.agreed(value)

    def own_rows(self, count: int) -> slice:
        """Return which of the `count` rows of a batch this process needs."""
        places = self.of_rows(count).addressable_devices_indices_map((count,)).values()
        spans = [index[0].indices(count)[:2] for index in places if index]
        return slice(min(start for start, _ in spans), max(stop for _, stop in spans)) if spans else slice(0, count)

    # on the host

    def state(self, variables: "Iterable[Variable]") -> tuple[Any, ...]:
        """Return the values of variables on their devices; those elsewhere are moved."""
        moved = [(v, v.value, place) for v in variables if _sharding(v.value) != (place := self.of(v))]
        if moved:
            _, values, places = zip(*moved)
            for (variable, value, _), placed in zip(moved, self._moved(list(values), list(places))):
                if variable.value is value:  # unless another thread has set it
                    variable.value = placed
        return tuple(variable.value for variable in variables)

    def like(self, tree: Any, rows: bool = False) -> Any:
        """Return shapes, dtypes and shardings of arrays, for a trace; `rows`: whether they hold a row per sample."""
        return jax.tree.map(
            lambda x: jax.ShapeDtypeStruct(x.shape, jax_dtype(x.dtype), sharding=self._for(x, rows)), tree
        )

    def put(self, tree: Any, rows: bool = False) -> Any:
        """Move arrays to their devices; `rows` as in `like`."""
        return self._moved(tree, jax.tree.map(lambda x: self._for(x, rows), tree))

    def _moved(self, tree, places):
        return jax.tree.map(_spread, tree, places) if self.spans else jax.device_put(tree, places)

    def _for(self, x, rows):
        return self.of_rows(x.shape[0]) if rows and x.shape else self.at()

    def remark_on(self, batch_size: int) -> None:
        """Warn if the devices do not divide a batch of `batch_size` samples."""
        if batch_size % self.shares:
            notices.remark(
                f"batches of {batch_size} samples cannot be dealt out evenly among {self.shares} devices, so that each "
                f"device computes all of them. Use a batch size that is a multiple of {self.shares}."
            )

    # within a program

    def hold(self, values: Sequence[Any], places: Iterable[NamedSharding]) -> list[Any]:
        """Constrain values of a program to the shardings `places`."""
        return [lax.with_sharding_constraint(value, place) for value, place in zip(values, places)]

    def hold_whole(self, tree: Any) -> Any:
        """Constrain arrays that the host reads to be whole in each process."""
        return jax.tree.map(lambda x: lax.with_sharding_constraint(x, self.at()), tree) if self.spans else tree

    def in_parts(self) -> "Layout":
        """Return this layout for programs whose outputs are not made whole in each process."""
        made = copy.copy(self)
        made._whole = False
        return made

    def hold_outputs(self, outputs: Sequence[Any]) -> Any:
        """Constrain the outputs of a program as the host reads them: whole, or split by their rows."""
        return self.hold_whole(outputs) if self._whole else [self.hold_rows(x) for x in outputs]

    def hold_rows(self, x: Any) -> Any:
        """Constrain an array with a row for each sample to its sharding; None for None."""
        return x if x is None or not x.shape else lax.with_sharding_constraint(x, self.of_rows(x.shape[0]))

    def hold_used(self, variables: "Sequence[Variable]", state: Sequence[Any]) -> tuple[Any, ...]:
        """Return the values of variables in their sharding within a step."""
        held = [self.at(self.used[v]) if v in self.used else self.of(v) for v in variables]
        return tuple(self.hold(state, held))

    def hold_kept(self, variables: "Sequence[Variable]", state: Sequence[Any]) -> tuple[Any, ...]:
        """Return the new values of variables in their sharding between steps."""
        return tuple(self.hold(state, [self.of(v) for v in variables[: len(state)]]))

    def traced(self) -> contextlib.AbstractContextManager[None]:
        """Within the block, `traced_layout()` is this layout."""
        return within(_traced, self)

    def on_shares(
        self,
        run: Callable[..., Sequence[Any]],
        arrays: Sequence[Any],
        samples: Sequence[int | None],
        results: Sequence[int | None],
        combine: Callable[..., Sequence[Any]] | None = None,
    ) -> Sequence[Any]:
        """Call `run(shares, *arrays)` on each device with its share of the samples.

        # Arguments
            run: function that XLA cannot split, such as a native kernel; `shares` is the number of shares.
            samples: for each of `arrays`, the axis of the samples, or None; `results`: the same for each result.
            combine: `combine(axis, *results)` combines the results of all devices, if they are not per sample.
        """
        axes = [None if axis is None or not x.size else axis for x, axis in zip(arrays, samples)]
        shares = self.shares if all(a is None or x.shape[a] % self.shares == 0 for x, a in zip(arrays, axes)) else 1

        def local(*arrays):
            made = run(shares, *arrays)
            return tuple(made if combine is None or shares == 1 else combine(ROWS, *made))

        def place(axis):
            return PartitionSpec() if axis is None or shares == 1 else PartitionSpec(*[None] * axis, ROWS)

        places = tuple(map(place, axes)), tuple(map(place, results))
        return jax.shard_map(local, mesh=self.mesh, in_specs=places[0], out_specs=places[1], check_vma=False)(*arrays)


def _sharding(value):
    return getattr(value, "sharding", None)


def _spread(x, place):
    """Return an array over the devices of several processes; each gives what lies on its own."""
    if isinstance(x, jax.Array) and not x.is_fully_addressable:
        return x if x.sharding == place else _resharding(place)(x)
    host = np.asarray(x)
    host = host.astype(jax_dtype(host.dtype), copy=False)
    return jax.make_array_from_callback(host.shape, place, lambda index: host[index])


@functools.lru_cache(maxsize=256)
def _resharding(place):
    return jax.jit(lambda x: x, out_shardings=place)


def _is_in_parts(value):
    return not getattr(value, "is_fully_addressable", True) and not value.is_fully_replicated


def on_host(value: Any) -> Any:
    """Return an array that NumPy can read; if other processes hold parts of it, all of them must ask for it."""
    if not _is_in_parts(value):
        return value
    return _resharding(NamedSharding(value.sharding.mesh, PartitionSpec()))(value)


@contextlib.contextmanager
def brought_home(variables: "Iterable[Variable]") -> Iterator[None]:
    """Within the block, process 0 can read variables of which other processes hold parts; all must enter it."""
    kept = [(v, v.value) for v in variables if _is_in_parts(v.value)]
    try:
        for variable, value in kept:
            whole = on_host(value)  # one at a time, as they may not fit together
            variable.value = np.asarray(whole) if jax.process_index() == 0 else value
        yield
    finally:
        for variable, value in kept:
            variable.value = value


_traced: contextvars.ContextVar[Layout | None] = contextvars.ContextVar("layout", default=None)


def traced_layout() -> Layout | None:
    """Return the layout of the program that is being traced; None without a mesh."""
    return _traced.get()


def waiting_for_others() -> contextlib.AbstractContextManager[None]:
    """Return a block that may wait for other processes, if there are any."""
    if jax.process_count() == 1:
        return _NOBODY
    from horngate.backend import watchdog  # not imported where there is one process

    return watchdog.waiting()


_NOBODY = contextlib.nullcontext()
_launch = threading.Lock()


def launching(run: Callable[..., Any]) -> Callable[..., Any]:
    """Make only one thread at a time call `run`: devices with programs in different orders would deadlock."""

    def alone(*arguments: Any) -> Any:
        with _launch, waiting_for_others():
            return run(*arguments)

    return alone


class _Chosen:
    """The distribution for models compiled from now on."""

    distribution: Distribution | None = None
    told: bool = False  # whether the program has chosen, so that `HORNGATE_MESH` is ignored


def join_processes(place: tuple[str, int, int] | None = None) -> None:
    """Join the processes that run this program together, if there are others; `place` as for `processes.start`."""
    from horngate.backend import processes  # not imported where no mesh is used

    processes.start(place)


# devices and weights by name, as in Keras 3


def names_of_devices(kind: str | None = None) -> list[str]:
    """Return the names of all devices, or of those of one kind, such as `'cpu:0'`."""
    kind = kind and kind.lower()
    found = jax.devices() if kind is None else jax.devices(kind)
    return [f"{device.platform}:{device.id}" for device in found]


def devices_named(names: Sequence[str]) -> list[Any]:
    """Return the devices of these names."""
    kinds = dict.fromkeys(name.partition(":")[0] for name in names)
    known = {f"{kind}:{device.id}": device for kind in kinds for device in jax.devices(kind)}
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(f"there is no device {missing[0]!r}; there are {', '.join(known)}.")
    return [known[name] for name in names]


def fits(pattern: str, weight: "Variable") -> bool:
    """Return whether a rule fits the name of a weight, `dense_1_W`, or its path in Keras 3, `dense_1/kernel`."""
    path = f"{weight.label.rpartition('_')[0]}/{weight.role}"
    return re.search(pattern, weight.label) is not None or re.search(pattern, path) is not None


def sharding(mesh: Mesh, axes: Axes) -> NamedSharding:
    """Return the sharding of an array that is split along axes of a mesh."""
    return NamedSharding(mesh, PartitionSpec(*axes))


def laid_out(x: Any, place: NamedSharding) -> Any:
    """Return an array in a sharding; in a running program, constrain it to be."""
    return lax.with_sharding_constraint(x, place) if isinstance(x, Tracer) else jax.device_put(x, place)


def choose(distribution: Distribution | None) -> None:
    """Set the distribution for models compiled from now on; None for none."""
    _Chosen.distribution, _Chosen.told = distribution, True


def chosen() -> Distribution | None:
    """Return the current distribution: the one set by `choose`, else that of `HORNGATE_MESH`."""
    if not _Chosen.told:
        text = os.environ.get("HORNGATE_MESH")
        if text:
            join_processes()
        choose(Distribution(text) if text else None)
    return _Chosen.distribution


def layout_in_force() -> Layout | None:
    """Return a layout on the current mesh, for functions of K; None for one device."""
    distribution = chosen()
    if distribution is None or distribution.mesh.size == 1:
        return None
    return Layout(distribution.mesh, distribution.batches == "own")


def placed(x: Any, layout: Layout | None) -> Any:
    """Return an array on the device, or whole on all devices of a mesh."""
    return jax.device_put(x) if layout is None else layout.put(x)
