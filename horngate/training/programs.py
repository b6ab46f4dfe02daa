"""Compare traced programs: if they differ only in numbers, one program takes these numbers as inputs."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from horngate.backend.function import Function
from horngate.backend.graph import jax_dtype

_INLINED = {"jit": "jaxpr", "pjit": "jaxpr", "custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr"}
_PROGRAMS = ClosedJaxpr, Jaxpr

Place = tuple[int, ...]  # see `differing`


class Different(Exception):
    """Raised if two programs differ in more than numbers."""


def traced(function: Function, feeds: Any, phase: int, proven: Any = ()) -> ClosedJaxpr:
    """Return the program of `Function.checked` as a jaxpr.

    Its arguments are (values of the variables, feeds, key), its results (outputs, report if there is one, new values).

    `feeds`: shapes and dtypes of the feeds, or None. All numbers computed by Python are constants of the program.
    """

    def trace():
        state = tuple(jax.ShapeDtypeStruct(v.shape, jax_dtype(v.dtype)) for v in function.variables)
        key = jax.ShapeDtypeStruct((2,), "uint32")
        return jax.make_jaxpr(lambda state, feeds, key: function.checked(state, feeds, key, phase, proven))(
            state, feeds, key
        )

    return function.retrying(trace)


def closed(program: Any) -> ClosedJaxpr:
    """Return a program with its constants: the one in a parameter may have none. From JAX 0.11 on, each has them."""
    return program if hasattr(program, "consts") else ClosedJaxpr(program, ())


def differing(one: ClosedJaxpr, other: ClosedJaxpr) -> list[Place]:
    """Return the places where `other` has another number than `one`. Raises Different if more than that differs.

    A place is a path: the indices of the operations that lead to it, then the index of the operand; for a constant,
    -1 minus its index.
    """
    return list(_differing(one, other, ()))


def _differing(one, other, path):
    if len(one.consts) != len(other.consts) or len(one.jaxpr.eqns) != len(other.jaxpr.eqns):
        raise Different
    for i, (a, b) in enumerate(zip(one.consts, other.consts)):
        if not _same_kind(a, b):
            raise Different
        if not same_constants(a, b):
            yield (*path, -1 - i)
    names = [{}, {}]
    _match(names, [*one.jaxpr.invars, *one.jaxpr.constvars], [*other.jaxpr.invars, *other.jaxpr.constvars])
    for i, (a, b) in enumerate(zip(one.jaxpr.eqns, other.jaxpr.eqns)):
        if a.primitive is not b.primitive:
            raise Different
        for j in _match(names, a.invars, b.invars):
            yield (*path, i, j)
        _match(names, a.outvars, b.outvars)
        inner = inlined(a)
        if inner:
            yield from _differing(inner, inlined(b), (*path, i))
        elif not same_parameters(a.params, b.params):
            raise Different
    if _match(names, one.jaxpr.outvars, other.jaxpr.outvars):
        raise Different


def _match(names, ones, others):
    """Record that these variables correspond to each other; return the indices of the numbers that differ."""
    if len(ones) != len(others):
        raise Different
    places = []
    for j, (a, b) in enumerate(zip(ones, others)):
        if isinstance(a, Literal) != isinstance(b, Literal) or a.aval.shape != b.aval.shape:
            raise Different
        if a.aval.dtype != b.aval.dtype:
            raise Different
        if isinstance(a, Literal):
            if a.val != b.val and not (a.val != a.val and b.val != b.val):
                places.append(j)
        elif names[0].setdefault(a, len(names[0])) != names[1].setdefault(b, len(names[1])):
            raise Different
    return places


def inlined(equation: Any) -> Any:
    """Return the program within a call that can replace the call, or None."""
    return equation.params.get(_INLINED.get(equation.primitive.name))


def same_parameters(a: Any, b: Any) -> bool:
    """Return whether parameters of operations are equal, including all numbers."""
    if isinstance(a, _PROGRAMS) and isinstance(b, _PROGRAMS):
        return not differing(closed(a), closed(b))
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same_parameters, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same_parameters(a[name], b[name]) for name in a)
    if hasattr(a, "shape") and hasattr(a, "dtype"):
        return _same_kind(a, b) and np.array_equal(np.asarray(a), np.asarray(b))
    return a is b or bool(a == b)


def same_constants(a: Any, b: Any) -> bool:
    """Return whether two constants of programs are equal."""
    if a is b:
        return True
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _same_kind(a, b):
    return np.shape(a) == np.shape(b) and getattr(a, "dtype", type(a)) == getattr(b, "dtype", type(b))


def number_at(program: ClosedJaxpr, place: Place) -> np.ndarray:
    """Return the number at a place."""
    for step in place[:-2] if place[-1] >= 0 else place[:-1]:
        program = inlined(program.jaxpr.eqns[step])
    if place[-1] < 0:
        return np.asarray(program.consts[-1 - place[-1]])
    return _constant(program.jaxpr.eqns[place[-2]].invars[place[-1]])


def _constant(literal):
    return np.asarray(literal.val, literal.aval.dtype)


def run(
    program: ClosedJaxpr,
    numbers: dict[Place, Any],
    arguments: Sequence[Any],
    path: Place = (),
    before: Callable[[Place, str, Any], Any] | None = None,
) -> Any:
    """Run the program on flat arguments. Returns a list.

    `numbers`: place -> number that replaces the program's own. `before`: from the place of an operation, its name and
    its operands to those that it gets.
    """
    values = dict(zip(program.jaxpr.invars, arguments))
    for i, (variable, constant) in enumerate(zip(program.jaxpr.constvars, program.consts)):
        values[variable] = numbers.get((*path, -1 - i), constant)
    for i, equation in enumerate(program.jaxpr.eqns):
        given = [
            numbers.get((*path, i, j), _constant(x)) if isinstance(x, Literal) else values[x]
            for j, x in enumerate(equation.invars)
        ]
        inner = inlined(equation)
        if inner:
            outputs = run(inner, numbers, given, (*path, i), before)
        else:
            given = given if before is None else before((*path, i), equation.primitive.name, given)
            outputs = equation.primitive.bind(*given, **equation.params)
            outputs = outputs if equation.primitive.multiple_results else [outputs]
        values.update(zip(equation.outvars, outputs))
    return [_constant(x) if isinstance(x, Literal) else values[x] for x in program.jaxpr.outvars]


def operations(program: ClosedJaxpr) -> Iterator[str]:
    """Yield the names of all operations of a program, including those in loops and branches.

    The name of a native kernel is followed by its `vmap_method`, the way in which it runs for several models.
    """
    for equation in program.jaxpr.eqns:
        yield f"{equation.primitive.name} {equation.params.get('vmap_method', '')}".strip()
        for value in jax.tree.leaves(list(equation.params.values()), is_leaf=lambda x: isinstance(x, _PROGRAMS)):
            if isinstance(value, _PROGRAMS):
                yield from operations(closed(value))


def bytes_made(program: ClosedJaxpr) -> int:
    """Return the size in bytes of all results of operations: an upper bound of the program's memory."""
    outputs: list[Any] = [x.aval for equation in program.jaxpr.eqns for x in equation.outvars]
    return sum(int(np.prod(aval.shape)) * aval.dtype.itemsize for aval in outputs if hasattr(aval, "shape"))
