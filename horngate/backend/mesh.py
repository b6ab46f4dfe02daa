"""Mesh: devices along named axes, and the sharding of a program's arrays on them. Not used with one device.

XLA compiles one program for all devices from the sharding of its arrays (`jit` with `NamedSharding`). So this module
only puts arrays on devices, and constrains the sharding of values within a program.
"""

import contextlib
import contextvars
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
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from horngate.backend import notices
from horngate.backend.dtypes import jax_dtype

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
    """

    axes: dict[str, int]
    shard: str | None
    rules: dict[str, Axes] | None

    def __init__(
        self,
        mesh: str | Mapping[str, int] = ROWS,
        shard: str | None = None,
        rules: Mapping[str, Axes] | None = None,
        devices: Sequence[Any] | None = None,
    ) -> None:
        if shard not in (None, "zero"):
            raise ValueError(f"shard must be 'zero' or None; received {shard!r}.")
        self.axes = axes_of(mesh)
        self.shard, self.rules = shard, None if rules is None else {name: _spelled(at) for name, at in rules.items()}
        self._devices = devices
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
        if jax.process_count() > 1:
            raise NotImplementedError(
                f"this program runs in {jax.process_count()} processes; a mesh holds the devices of one so far. Start "
                "one process that sees all devices of the machine."
            )
        devices = list(jax.devices() if self._devices is None else self._devices)
        sizes = sized(self.axes, len(devices))
        return Mesh(np.array(devices[: math.prod(sizes)], dtype=object).reshape(sizes), tuple(self.axes))

    def __repr__(self) -> str:
        axes = ",".join(f"{name}:{size}" for name, size in self.axes.items())
        told = [repr(axes)] + [f"{k}={v!r}" for k, v in (("shard", self.shard), ("rules", self.rules)) if v]
        return f"Distribution({', '.join(told)})"


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
    share the samples of a batch; if they do not divide the batch, each gets all of it.
    """

    mesh: Mesh
    kept: "dict[Variable, Axes]"
    used: "dict[Variable, Axes]"
    shares: int

    def __init__(self, mesh: Mesh) -> None:
        self.mesh, self.kept, self.used = mesh, {}, {}
        self.shares = mesh.shape.get(ROWS, 1)
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
        own = getattr(variable.value, "sharding", None)
        return own if isinstance(own, NamedSharding) and own.mesh == self.mesh else self.at()

    # on the host

    def state(self, variables: "Iterable[Variable]") -> tuple[Any, ...]:
        """Return the values of variables on their devices; those elsewhere are moved."""
        moved = [(v, v.value, place) for v in variables if _sharding(v.value) != (place := self.of(v))]
        if moved:
            _, values, places = zip(*moved)
            for (variable, value, _), placed in zip(moved, jax.device_put(list(values), list(places))):
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
        return jax.device_put(tree, jax.tree.map(lambda x: self._for(x, rows), tree))

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

    @contextlib.contextmanager
    def traced(self) -> Iterator[None]:
        """Within the block, `traced_layout()` is this layout."""
        token = _traced.set(self)
        try:
            yield
        finally:
            _traced.reset(token)

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


_traced: contextvars.ContextVar[Layout | None] = contextvars.ContextVar("layout", default=None)


def traced_layout() -> Layout | None:
    """Return the layout of the program that is being traced; None without a mesh."""
    return _traced.get()


_launch = threading.Lock()


def launching(run: Callable[..., Any]) -> Callable[..., Any]:
    """Make only one thread at a time call `run`: devices with programs in different orders would deadlock."""

    def alone(*arguments: Any) -> Any:
        with _launch:
            return run(*arguments)

    return alone


class _Chosen:
    """The distribution for models compiled from now on."""

    distribution: Distribution | None = None
    told: bool = False  # whether the program has chosen, so that `HORNGATE_MESH` is ignored


def choose(distribution: Distribution | None) -> None:
    """Set the distribution for models compiled from now on; None for none."""
    _Chosen.distribution, _Chosen.told = distribution, True


def chosen() -> Distribution | None:
    """Return the current distribution: the one set by `choose`, else that of `HORNGATE_MESH`."""
    if not _Chosen.told:
        text = os.environ.get("HORNGATE_MESH")
        choose(Distribution(text) if text else None)
    return _Chosen.distribution


def layout_in_force() -> Layout | None:
    """Return a layout on the current mesh, for functions of K; None for one device."""
    distribution = chosen()
    if distribution is None or distribution.mesh.size == 1:
        return None
    return Layout(distribution.mesh)


def placed(x: Any, layout: Layout | None) -> Any:
    """Return an array on the device, or whole on all devices of a mesh."""
    return jax.device_put(x) if layout is None else layout.put(x)
