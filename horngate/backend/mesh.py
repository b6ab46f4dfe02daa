"""Mesh: devices along named axes, and where on them the arrays of a program lie. Without one, nothing here runs.

XLA makes one program for all devices from the places of its arrays (`jit` with `NamedSharding`). So all that is done
here is to put arrays in their places, and to hold values within a program to theirs.
"""

import contextlib
import contextvars
import functools
import math
import os
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

ROWS = "data"  # the axis along which the samples of a batch are dealt out
Axes = tuple[Any, ...]  # for each axis of an array the axis of the mesh, or None
_SPELLED = "such as 'data:8', 'data:4,model:2', or 'data' for all devices"


class Distribution:
    """How programs are distributed over devices.

    # Arguments
        mesh: axes and their sizes, such as `'data:4,model:2'`, or a dictionary; one size may be -1, for all devices
            that are left, and is so where it is not told.
        shard: `'zero'`, to keep weights and the optimizer's arrays in parts between steps; or None.
        rules: dictionary from a regular expression, searched in the names of weights, to a tuple that says for each
            axis of such a weight along which axis of the mesh it is cut, or None.
        devices: the devices to use, in order; JAX's own, where None.
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
        """The devices, by the axes."""
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
    """The axes that a text or dictionary names, with their sizes.

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
            count = int(size)
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
    """The sizes of `axes` with `count` devices."""
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
    """The places of a program's arrays on a mesh.

    `kept`: for variables, the axes along which they are cut between steps; `used`: within a step, where that differs.
    A variable that is in neither is whole on every device, or stays where it lies on this mesh. `shares`: among how
    many devices the samples of a batch are dealt out; a batch that they do not divide is whole on all of them.
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
        """The place of an array that is cut along these axes of the mesh; whole on all devices without any."""
        while axes and axes[-1] is None:  # so that equal places are spelled alike
            axes = axes[:-1]
        if axes not in self._shardings:
            self._shardings[axes] = NamedSharding(self.mesh, PartitionSpec(*axes))
        return self._shardings[axes]

    def of_rows(self, count: int) -> NamedSharding:
        """The place of an array with `count` samples."""
        return self.at((ROWS,) if self.shares > 1 and count % self.shares == 0 else ())

    def of(self, variable: "Variable") -> Any:
        """The place of a variable between steps."""
        if variable in self.kept:
            return self.at(self.kept[variable])
        own = getattr(variable.value, "sharding", None)
        return own if isinstance(own, NamedSharding) and own.mesh == self.mesh else self.at()

    # on the host

    def state(self, variables: "Iterable[Variable]") -> tuple[Any, ...]:
        """The values of variables, in their places; what lies elsewhere is put there."""
        moved = [(v, v.value, place) for v in variables if _sharding(v.value) != (place := self.of(v))]
        if moved:
            _, values, places = zip(*moved)
            for (variable, value, _), placed in zip(moved, jax.device_put(list(values), list(places))):
                if variable.value is value:  # and no other thread has set it
                    variable.value = placed
        return tuple(variable.value for variable in variables)

    def like(self, tree: Any, rows: bool = False) -> Any:
        """The shapes, types and places of arrays, for a trace; `rows`: they hold a row for each sample of a batch."""
        return jax.tree.map(
            lambda x: jax.ShapeDtypeStruct(x.shape, jax_dtype(x.dtype), sharding=self._for(x, rows)), tree
        )

    def put(self, tree: Any, rows: bool = False) -> Any:
        """Arrays put in their places; `rows` as for `like`."""
        return jax.device_put(tree, jax.tree.map(lambda x: self._for(x, rows), tree))

    def _for(self, x, rows):
        return self.of_rows(x.shape[0]) if rows and x.shape else self.at()

    def remark_on(self, batch_size: int) -> None:
        """Say it where the devices do not divide a batch of that size."""
        if batch_size % self.shares:
            notices.remark(
                f"batches of {batch_size} samples cannot be dealt out evenly among {self.shares} devices, so that each "
                f"device computes all of them. Use a batch size that is a multiple of {self.shares}."
            )

    # within a program

    def hold(self, values: Sequence[Any], places: Iterable[NamedSharding]) -> list[Any]:
        """Values of a program, held to their places."""
        return [lax.with_sharding_constraint(value, place) for value, place in zip(values, places)]

    def hold_rows(self, x: Any) -> Any:
        """An array with a row for each sample, held to its place; None for None."""
        return x if x is None or not x.shape else lax.with_sharding_constraint(x, self.of_rows(x.shape[0]))

    def hold_used(self, variables: "Sequence[Variable]", state: Sequence[Any]) -> tuple[Any, ...]:
        """The values of variables as a step uses them."""
        held = [self.at(self.used[v]) if v in self.used else self.of(v) for v in variables]
        return tuple(self.hold(state, held))

    def hold_kept(self, variables: "Sequence[Variable]", state: Sequence[Any]) -> tuple[Any, ...]:
        """The new values of variables, as they are kept between steps."""
        return tuple(self.hold(state, [self.of(v) for v in variables[: len(state)]]))

    @contextlib.contextmanager
    def traced(self) -> Iterator[None]:
        """Within the block a program for this mesh is traced."""
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
        """`run(shares, *arrays)`, on each device with its share of the samples.

        # Arguments
            run: what XLA cannot look into; it is told into how many shares the samples are cut.
            samples: for each of `arrays` the axis that holds samples, or None; `results`: for each result.
            combine: `combine(axis, *results)` makes one of the results of all devices, where they are not samples.
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
    """The layout of the program that is being traced, if it is one for a mesh."""
    return _traced.get()


_launch = threading.Lock()


def launching(run: Callable[..., Any]) -> Callable[..., Any]:
    """`run`, by one thread at a time: devices that got programs in different orders would wait for each other."""

    def alone(*arguments: Any) -> Any:
        with _launch:
            return run(*arguments)

    return alone


class _Chosen:
    """What is in force for all models that are compiled from now on."""

    distribution: Distribution | None = None
    told: bool = False  # by the program, so that the environment is not asked


def choose(distribution: Distribution | None) -> None:
    """Put `distribution` in force, or none."""
    _Chosen.distribution, _Chosen.told = distribution, True


def chosen() -> Distribution | None:
    """The distribution in force: that of the program, else of `HORNGATE_MESH`."""
    if not _Chosen.told:
        text = os.environ.get("HORNGATE_MESH")
        choose(Distribution(text) if text else None)
    return _Chosen.distribution


def layout_in_force() -> Layout | None:
    """A layout of the mesh in force, for functions of K; None where there is one device."""
    distribution = chosen()
    if distribution is None or distribution.mesh.size == 1:
        return None
    return Layout(distribution.mesh)


def placed(x: Any, layout: Layout | None) -> Any:
    """An array on the device, or whole on all devices of a mesh."""
    return jax.device_put(x) if layout is None else layout.put(x)
