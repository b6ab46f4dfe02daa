"""Snapshot: the full state of a training, from which it resumes as if it had never been interrupted."""

import contextlib
import json
import math
import os
import re
import tokenize
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import jax
import numpy as np

from horngate.backend.graph import Variable, jax_dtype
from horngate.backend.locks import lock_for, lock_of
from horngate.backend.mesh import Layout
from horngate.training.epochs import Progress
from horngate.training.plain_state import PlainState, in_type

FORMAT, APART = 1, 2  # the versions of the files that `write` writes: with the variables, and with these elsewhere


class Snapshot:
    """The state of a training: values of variables, random keys and states, and the place in the epoch.

    `restore` sets the variables and keys; NumPy's and Python's random states are in `state["random"]`.

    `variables`: list of (name, value). `state`: dictionary of the rest. `parts`: name -> `PlainState`, written along.
    `apart`: name of the folder to which the values were written, if that is not the file of the rest.
    """

    variables: Any
    state: Any
    apart: str | None = None

    def __init__(self, variables: Any, state: Any) -> None:
        self.variables, self.state = variables, state
        self.parts: dict[str, PlainState] = {}

    @classmethod
    def of(cls, training: Any, layout: Layout | None = None) -> "Snapshot":
        """Make a snapshot of the current state of `training`.

        `layout`: if given, the values stay on its mesh, and hold only until the next step.
        """
        progress, functions = training.progress, training.functions()
        variables = dict.fromkeys(v for function in functions.values() for v in function.variables)
        with lock_for(variables):
            on_mesh = None if layout is None else layout.state(variables)
            found = [variable.get_value() for variable in variables] if on_mesh is None else on_mesh
            values = [(variable.label, value) for variable, value in zip(variables, found)]
        state = {
            "epoch": progress.epoch,
            "step": progress.step,
            "samples": progress.samples,
            "rows": np.concatenate(progress.rows) if progress.rows else None,
            "order": progress.order_state if progress.step else None,
            "random": training.random_states(),
            "keys": {name: (function.root, function.calls) for name, function in functions.items()},
        }
        return cls(values + training.unmet, state)

    def progress(self, restore: Callable[[], None]) -> Progress:
        """Return the place in the epoch; `restore` is called when training arrives there."""
        state = self.state
        rows = [] if state["rows"] is None else [state["rows"]]
        return Progress(state["epoch"], state["step"], state["samples"], rows, state["order"], restore)

    def restore(self, training: Any) -> None:
        """Set variables, random keys and random states to the values in the snapshot."""
        functions = training.functions()
        met = dict.fromkeys(v for function in functions.values() for v in function.variables)
        values = _Values(self.variables, met)
        for variable in met:
            if values.has(variable):
                _set(variable, values.take(variable))
        training.unmet = values.left()
        if training.unmet:
            _meet(training, values)
        state = self.state
        for name, function in training.functions(made=state["keys"]).items():
            function.root, function.calls = state["keys"].get(name, (None, 0))

    def check(self, training: Any) -> None:
        """Raise ValueError if the variables are not those of the training's model."""
        function = training.step.function
        values = _Values(self.variables, function.variables)
        for variable in function.variables[: function.announced]:
            values.take(variable)

    def write_variables(self, folder: str) -> None:
        """Write the values, which lie on a mesh, to a new `folder` beside the file; all processes must call this."""
        from horngate.training import sharded_files  # not imported without a mesh

        self.apart = os.path.basename(folder)
        sharded_files.write(folder, [value for _, value in self.variables])

    def write(self, file: Any) -> None:
        """Write the snapshot to an open file, as an archive of arrays; if it is `apart`, without the variables."""
        apart = self.apart
        arrays = {} if apart else {f"variable_{i}": value for i, (_, value) in enumerate(self.variables)}
        parts = {}
        for name, kept in {"training": PlainState.of(self.state), **self.parts}.items():
            parts[name] = [kept.plain, len(arrays), len(kept.arrays)]
            arrays.update({f"array_{len(arrays) + i}": array for i, array in enumerate(kept.arrays)})
        variables = [
            [name, value.dtype.name, *([list(value.shape)] if apart else [])] for name, value in self.variables
        ]
        facts = {"format": FORMAT, "variables": variables, "parts": parts}
        facts.update({"format": APART, "folder": apart} if apart else {})
        np.savez(file, facts=json.dumps(facts), **arrays)

    @classmethod
    def read(cls, path: Any, training: Any = None) -> "Snapshot":
        """Read a snapshot from a file written by `write`; variables are read to where `training` has them."""
        with _Archive(path) as archive:
            facts = json.loads(str(archive["facts"]))
            found = facts.get("format", 0)
            if found not in (FORMAT, APART):
                by = "horngate 0.1" if not found else f"a later horngate (format {found})"
                raise OtherFormat(f"it was written by {by}, and this one goes on with format {FORMAT} only")
            if found == APART:
                variables = _read_apart(os.path.join(os.path.dirname(path), facts["folder"]), facts, training)
            else:
                variables = [
                    (name, in_type(archive[f"variable_{i}"], kind)) for i, (name, kind) in enumerate(facts["variables"])
                ]
            parts = {
                name: PlainState(plain, [archive[f"array_{first + i}"] for i in range(count)])
                for name, (plain, first, count) in facts["parts"].items()
            }
        snapshot = cls(variables, parts.pop("training").restored())
        snapshot.parts = parts
        return snapshot


def _set(variable, value):
    if isinstance(value, jax.Array):  # on its mesh
        with lock_of([variable]):
            variable.value = value
    else:
        variable.set_value(value)


def _read_apart(folder, facts, training):
    """Return the pairs (name, value) that `write_variables` has written, with the values where `training` has them."""
    from horngate.training import sharded_files  # not imported without a mesh

    layout = training.spec.layout
    names = [name for name, *_ in facts["variables"]]
    places = dict.fromkeys(names)
    if layout is not None:
        met = (v for function in training.functions().values() for v in function.variables)
        places = dict.fromkeys(names, layout.at()) | {(v.label, v.shape): layout.of(v) for v in met}
    like = [
        jax.ShapeDtypeStruct(shape, jax_dtype(kind), sharding=places.get((name, tuple(shape)), places[name]))
        for name, kind, shape in facts["variables"]
    ]
    found = sharded_files.read(folder, like)
    return list(zip(names, found if layout is not None else map(np.array, found)))


class OtherFormat(ValueError):
    """Raised for a state written by another version of horngate."""


class _Archive:
    """The arrays in an archive of `Snapshot.write`, by name. Each is read once; none is larger than its entry."""

    def __init__(self, path: Any) -> None:
        self._zip = zipfile.ZipFile(path)
        self._read: dict[str, np.ndarray] = {}

    def __enter__(self) -> "_Archive":
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._read:
            member = self._zip.getinfo(f"{name}.npy")
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{name} is compressed, which no state is")
            with self._zip.open(member) as file:
                if np.lib.format.read_magic(file) != (1, 0):
                    raise ValueError(f"{name} is no array of a state")
                try:
                    shape, in_columns, dtype = np.lib.format.read_array_header_1_0(file)
                except (tokenize.TokenError, SyntaxError) as error:
                    raise ValueError(f"{name} is no array: {error}") from error
                content = file.read()
            if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(content):
                raise ValueError(f"{name} claims the shape {shape} of {dtype}, and has {len(content)} bytes")
            found = np.frombuffer(content, dtype).reshape(shape, order="F" if in_columns else "C")
            self._read[name] = found.copy()  # a copy is writable
        return self._read[name]


class _Values:
    """The saved values, to be taken by name, shape and dtype; values equal in all three are taken in order.

    If a model was made again in the same process, its names differ in their numbers, which are then ignored.
    """

    def __init__(self, variables: Any, met: Iterable[Variable]) -> None:
        self._exact = {variable.label for variable in met} <= {name for name, _ in variables}
        self._waiting = defaultdict(list)
        for name, value in variables:
            self._waiting[self._key(name, value)].append((name, value))

    def _name(self, name):
        return name if self._exact else re.sub(r"\d+", "#", name)

    def _key(self, name, value):
        return self._name(name), tuple(value.shape), jax_dtype(value.dtype)

    def take(self, variable: Any) -> Any:
        """Return and remove the value for a variable. Raises ValueError if there is none."""
        waiting = self._waiting[self._key(variable.label, variable)]
        if not waiting:
            self._refuse(variable)
        return waiting.pop(0)[1]

    def has(self, variable: Any) -> bool:
        """Return whether there is a value for a variable."""
        return bool(self._waiting[self._key(variable.label, variable)])

    def left(self) -> list[tuple[str, Any]]:
        """Return the values that were not taken."""
        return [pair for waiting in self._waiting.values() for pair in waiting]

    def _refuse(self, variable):
        left = self.left()
        alike = [pair for pair in left if self._name(pair[0]) == self._name(variable.label)] or left
        there = f"{alike[0][0]!r} of shape {alike[0][1].shape}" if alike else "nothing"
        raise ValueError(
            f"the state that was kept is that of another model: it has {there} where this one has {variable.label!r} "
            f"of shape {variable.shape}"
        )


def _meet(training, values):
    """Trace the training step to find the variables not known yet, so that all receive their values.

    A value whose variable is not found waits for the first trace, in any function of the model, that finds it.
    """

    def met(variable):
        if values.has(variable):
            _set(variable, values.take(variable))
            training.unmet = values.left()

    for function in training.functions().values():
        function.met = met
    function = training.step.function
    known = [x.shape[0] for x in function.fed if x.shape and x.shape[0]]
    count = known[0] if known else 4

    def like(x):
        shape = [count if not i else n or 4 for i, n in enumerate(x.shape)]
        return jax.ShapeDtypeStruct(shape, jax_dtype(x.dtype))

    feeds = [like(x) for x in function.fed]
    phase, key = training.step.phase, np.zeros(2, np.uint32)

    def trace():
        state = tuple(jax.ShapeDtypeStruct(v.shape, jax_dtype(v.dtype)) for v in function.variables)
        return jax.eval_shape(lambda state, feeds: function.run(state, feeds, key, phase)[0], state, feeds)

    with contextlib.suppress(Exception):  # sizes may not fit; then the first step finds them
        function.retrying(trace)
