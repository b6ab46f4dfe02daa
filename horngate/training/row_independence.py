"""Row independence: prove from two traced programs that each output row depends on no other row of the inputs.

The programs are one function, traced for two numbers of rows. The row axis is the axis whose size differs between the
two; it is followed through every operation. The proof fails at an operation that may mix rows or is unknown.

Where rows are put together on purpose, as a loss puts together samples, `replacements` finds how the program for more
rows gives the results of that for fewer: by masks before its reductions, and by the other program's numbers.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr, Literal

from horngate.training import programs
from horngate.training.programs import Different, Place, closed, inlined, same_constants, same_parameters


class Rows(NamedTuple):
    """The place of the rows of a value: along `axis`, with `each` adjacent entries per row."""

    axis: int
    each: int = 1


class Mixed(Exception):
    """Raised if rows may depend on each other."""


_MIXED: Any = "mixed"  # the state of a value that may depend on several rows
State = Any  # a `Rows`; None for a value that is the same for any number of rows; or _MIXED


def rows_are_independent(
    one: ClosedJaxpr, other: ClosedJaxpr, rows: Sequence[bool], counts: tuple[int, int], first: int
) -> bool:
    """Return whether rows are independent in the first `first` outputs of two programs for two numbers of rows.

    `rows`: for each argument, whether the rows are along its first axis. `counts`: the two numbers of rows.
    """
    proof = _Proof(counts)
    try:
        found = proof.states(one, other, [Rows(0) if has else None for has in rows])
    except (Mixed, Different):
        return False
    return all(state == Rows(0) for state in found[:first])


class Replacements(NamedTuple):
    """What makes a program for more rows give the results of one for fewer.

    `numbers`: place -> number of the program for fewer rows. `masks`: place of a reduction -> the rows of its operand.
    """

    numbers: dict[Place, Any]
    masks: dict[Place, Rows]


def replacements(
    one: ClosedJaxpr, other: ClosedJaxpr, rows: Sequence[bool], counts: tuple[int, int]
) -> Replacements | None:
    """Return how `other`, the program for more rows, gives the results of `one`; None if that cannot be proven.

    `rows`, `counts`: as for `rows_are_independent`. No result may have a row axis.
    """
    proof = _Proof(counts, Replacements({}, {}))
    try:
        found = proof.states(one, other, [Rows(0) if has else None for has in rows], ())
    except (Mixed, Different):
        return None
    alone = not one.effects and not any(found)  # a callback in the program would be given the rows that were added
    return proof.replacements if alone else None


def run_masked(
    program: ClosedJaxpr, masks: dict[Place, Rows], numbers: dict[Place, Any], count: Any, arguments: Sequence[Any]
) -> Any:
    """Run a program on flat arguments of which the first `count` rows count, with its `Replacements`."""

    def masked(place, name, given):
        if place not in masks:
            return given
        (axis, each), (x,) = masks[place], given
        counts = lax.broadcasted_iota("int32", x.shape, axis) < count * each
        return [jnp.where(counts, x, _NEUTRAL[name](x.dtype))]

    return programs.run(program, numbers, arguments, before=masked)


def _least(dtype: Any, sign: int = 1) -> Any:
    if jnp.issubdtype(dtype, jnp.floating):
        return jnp.asarray(-sign * jnp.inf, dtype)
    limits = jnp.iinfo(dtype)
    return jnp.asarray(limits.min if sign > 0 else limits.max, dtype)


# reduction -> dtype -> the number that changes no result
_NEUTRAL: dict[str, Callable[[Any], Any]] = {
    "reduce_sum": lambda dtype: jnp.zeros((), dtype),
    "reduce_prod": lambda dtype: jnp.ones((), dtype),
    "reduce_or": lambda dtype: jnp.zeros((), dtype),
    "reduce_xor": lambda dtype: jnp.zeros((), dtype),
    "reduce_and": lambda dtype: ~jnp.zeros((), dtype),
    "reduce_max": _least,
    "reduce_min": lambda dtype: _least(dtype, -1),
}


class _Proof:
    """Follows the rows through two programs, operation by operation.

    `replacements`: collects them; None where none are made.
    """

    def __init__(self, counts: tuple[int, int], replacements: Replacements | None = None) -> None:
        self.counts, self.replacements = counts, replacements

    def states(self, one: Any, other: Any, given: Sequence[State], path: Place | None = None) -> list[State]:
        """Return the states of the outputs, from the states `given` of the arguments.

        `path`: the place of the programs; None where nothing can be replaced, as in loops.
        """
        one, other = closed(one), closed(other)
        if len(one.jaxpr.eqns) != len(other.jaxpr.eqns):
            raise Mixed
        path = None if self.replacements is None else path
        known: dict[Any, State] = dict(zip(one.jaxpr.invars, given))
        for i, (variable, a, b) in enumerate(zip(one.jaxpr.constvars, one.consts, other.consts)):
            known[variable] = self._of_numbers(a, b, path, -1 - i)
        for i, (a, b) in enumerate(zip(one.jaxpr.eqns, other.jaxpr.eqns)):
            if a.primitive is not b.primitive:
                raise Mixed
            step = _Step(a, b, self.counts, None if path is None else (*path, i))
            known.update(zip(a.outvars, self._after(step, known)))
        return [self._state_of(known, x, y) for x, y in zip(one.jaxpr.outvars, other.jaxpr.outvars)]

    def _state_of(self, known, x, y, path=None, place=0):
        if not isinstance(x, Literal):
            return known[x]
        return self._of_numbers(x.val, y.val, path, place) if isinstance(y, Literal) else _MIXED

    def _of_numbers(self, a, b, path, place):
        """Return the state of a constant, `a` in one program and `b` in the other."""
        if same_constants(a, b):
            return None
        if path is None or self.replacements is None or np.shape(a) != np.shape(b):
            return _MIXED
        self.replacements.numbers[*path, place] = np.asarray(a)
        return None

    def mask(self, step: "_Step", rows: Rows) -> None:
        """Note that the operand of a reduction over rows must be masked. Raises Mixed where it cannot be."""
        if self.replacements is None or step.path is None or step.name not in _NEUTRAL:
            raise Mixed
        self.replacements.masks[step.path] = rows

    def _after(self, step, known):
        """Return the states of the results of an operation."""
        pairs = enumerate(zip(step.one.invars, step.other.invars))
        given = [self._state_of(known, x, y, step.path, j) for j, (x, y) in pairs]
        try:
            if any(state is _MIXED for state in given):
                raise Mixed
            if not any(given) and step.same_shapes and same_parameters(step.one.params, step.other.params):
                return [None] * len(step.one.outvars)
            found = _RULES[step.name](self, step, given) if step.name in _RULES else _inner(self, step, given)
            return found if isinstance(found, list) else [step.checked(i, found) for i in range(len(step.shapes))]
        except (Mixed, Different):
            return [_MIXED] * len(step.one.outvars)


class _Step:
    """An operation in the two programs."""

    def __init__(self, one: Any, other: Any, counts: tuple[int, int], path: Place | None = None) -> None:
        self.one, self.other, self.counts, self.name, self.path = one, other, counts, one.primitive.name, path
        self.params: dict[str, Any] = one.params
        self.shapes = [(x.aval.shape, y.aval.shape) for x, y in zip(one.outvars, other.outvars)]
        self.taken = [(x.aval.shape, y.aval.shape) for x, y in zip(one.invars, other.invars)]
        self.same_shapes = all(a == b for a, b in self.shapes)

    def alike(self, *but: str) -> None:
        """Raise Mixed unless both programs have the same parameters here; those named in `but` may differ."""
        if not same_parameters(*({k: v for k, v in x.params.items() if k not in but} for x in (self.one, self.other))):
            raise Mixed

    def checked(self, i: int, state: State) -> State:
        """Return `state` for output `i`. Raises Mixed if its sizes contradict it."""
        if state is None and self.shapes[i][0] == self.shapes[i][1]:
            return None
        if state is None or self.rows_of(self.shapes[i], state.axis) != state:
            raise Mixed
        return state

    def rows_of(self, shapes: Any, axis: int | None = None) -> Rows:
        """Return the rows of a value from its two shapes. Raises Mixed unless they differ along one axis only."""
        a, b = shapes
        axes = [i for i, (m, n) in enumerate(zip(a, b)) if m != n]
        if len(a) != len(b) or len(axes) != 1 or axis not in (None, axes[0]):
            raise Mixed
        size = a[axes[0]], b[axes[0]]
        if size[0] % self.counts[0] or size[0] // self.counts[0] * self.counts[1] != size[1]:
            raise Mixed
        return Rows(axes[0], size[0] // self.counts[0])


# The rules: each takes the proof, the step and the states of its operands. It returns one state for all outputs, or a
# list with one state for each.


def _elementwise(proof, step, given):
    step.alike()
    return _only(given)


def _only(given):
    """Return the common state of the operands that have rows."""
    found = {state for state in given if state is not None}
    if len(found) != 1:
        raise Mixed
    return found.pop()


def _made(proof, step, given):
    """Apply the rule of `broadcast_in_dim` and `iota`: a new row axis is constant, or holds the row's index."""
    step.alike("shape", "dimension")
    if not any(given):
        return step.rows_of(step.shapes[0])
    (axis, each), places = given[0], step.params["broadcast_dimensions"]
    return Rows(places[axis], each)


def _reshape(proof, step, given):
    if step.params.get("dimensions") is not None:
        raise Mixed
    (axis, _), (a, b), (old, _) = given[0], step.shapes[0], step.taken[0]
    before = math.prod(old[:axis])
    for i in range(len(a)):  # the axes before the rows stay there, so the entries of a row remain adjacent
        if math.prod(a[:i]) == before == math.prod(b[:i]) and a[i] != b[i]:
            return step.rows_of((a, b), i)
    raise Mixed


def _along(name, several=False):
    """Make a rule for operations that combine entries along the axes in parameter `name`."""

    def rule(proof, step, given):
        step.alike("sharding")
        rows, axes = _only(given), step.params[name]
        if rows.axis in (axes if several else (axes,)):
            proof.mask(step, rows)
            return None
        return Rows(rows.axis - sum(axis < rows.axis for axis in axes), rows.each) if several else rows

    return rule


def _stack(proof, step, given):
    rows = _only(given)
    return Rows(rows.axis + (step.params["axis"] <= rows.axis), rows.each)


def _unstack(proof, step, given):
    axis, rows = step.params["axis"], given[0]
    if rows.axis == axis:
        raise Mixed
    return Rows(rows.axis - (axis < rows.axis), rows.each)


def _tile(proof, step, given):
    if step.params["reps"][given[0].axis] != 1:
        raise Mixed
    return given[0]


def _transpose(proof, step, given):
    return Rows(step.params["permutation"].index(given[0].axis), given[0].each)


def _reverse(proof, step, given):
    if given[0].axis in step.params["dimensions"]:
        raise Mixed
    return given[0]


def _whole(name):
    """Make a rule for operations that take a part of each axis; `name`: the sizes. They must take all rows."""

    def rule(proof, step, given):
        rows, sizes = given[0], (step.one.params[name], step.other.params[name])
        starts = step.params.get("start_indices", (0,) * len(sizes[0]))
        stride = (step.params.get("strides") or starts)[rows.axis] if rows else 0
        if rows is None or any(given[1:]) or starts[rows.axis] or stride > 1 or step.rows_of(sizes, rows.axis) != rows:
            raise Mixed
        return rows

    return rule


def _update(proof, step, given):
    if given[0] is None or given[0] != given[1] or any(given[2:]):
        raise Mixed
    return given[0]


def _pad(proof, step, given):
    step.alike()
    if given[0] is None or given[1] is not None or tuple(step.params["padding_config"][given[0].axis]) != (0, 0, 0):
        raise Mixed
    return given[0]


def _window(proof, step, given):
    step.alike()
    rows, params = _only(given), step.params
    for name, plain in (("window_dimensions", 1), ("window_strides", 1), ("base_dilation", 1), ("window_dilation", 1)):
        if params[name][rows.axis] != plain:
            raise Mixed
    if tuple(params["padding"][rows.axis]) != (0, 0):
        raise Mixed
    return rows


def _dot(proof, step, given):
    step.alike("out_sharding")
    (contracted, batched), found = step.params["dimension_numbers"], set()
    for side, rows in enumerate(given):
        if rows is None:
            continue
        taken = [*contracted[side], *batched[side]]
        if rows.axis in contracted[side]:
            raise Mixed
        if rows.axis in batched[side]:
            found.add(Rows(list(batched[side]).index(rows.axis), rows.each))
            continue
        free = [i for i in range(len(step.taken[side][0])) if i not in taken]
        left = len(step.taken[0][0]) - len(contracted[0]) if side else len(batched[0])
        found.add(Rows(left + free.index(rows.axis), rows.each))
    return _only(found)


def _convolution(proof, step, given):
    step.alike("out_sharding")
    numbers = step.params["dimension_numbers"]
    if given[1] is not None or given[0].axis != numbers.lhs_spec[0] or step.params["batch_group_count"] != 1:
        raise Mixed
    return Rows(numbers.out_spec[0], given[0].each)


def _gather(proof, step, given):
    step.alike("slice_sizes")
    (rows, chosen), numbers = given, step.params["dimension_numbers"]
    inner = [i for i in range(len(step.shapes[0][0])) if i not in numbers.offset_dims]
    if rows is None:  # rows of numbers choose from one table
        return Rows(inner[chosen.axis], chosen.each)
    if chosen is not None:  # each row chooses from its own entries
        pairs = list(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims))
        if (rows.axis, chosen.axis) not in pairs or rows.each != chosen.each:
            raise Mixed
        return Rows(inner[chosen.axis], chosen.each)
    dropped = [*numbers.collapsed_slice_dims, *numbers.operand_batching_dims]
    sizes = step.one.params["slice_sizes"], step.other.params["slice_sizes"]
    if rows.axis in (*dropped, *numbers.start_index_map) or step.rows_of(sizes, rows.axis) != rows:
        raise Mixed
    kept = [i for i in range(len(step.taken[0][0])) if i not in dropped]
    return Rows(numbers.offset_dims[kept.index(rows.axis)], rows.each)


def _each(proof, step, given):
    return list(given)


def _inner(proof, step, given):
    """Apply the rule of a call of an inner program."""
    for name in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if name in step.params:
            path = step.path if inlined(step.one) else None
            return proof.states(step.one.params[name], step.other.params[name], given, path)
    raise Mixed


def _settled(run, carried):
    """Return the states of the values carried through a loop, and of the other results of `run` for them."""
    for _ in range(len(carried) + 1):
        found = run(carried)
        after = [state if state == now else _MIXED for state, now in zip(carried, found)]
        if after == carried:
            break
        carried = after
    return carried, found[len(carried) :]


def _scan(proof, step, given):
    step.alike("jaxpr")
    consts, carry = _parts_of_scan(step.params)
    carried = consts + carry
    if any(rows is not None and rows.axis == 0 for rows in given[carried:]):
        raise Mixed
    steps = [rows and Rows(rows.axis - 1, rows.each) for rows in given[carried:]]

    def body(states):
        return proof.states(step.one.params["jaxpr"], step.other.params["jaxpr"], [*given[:consts], *states, *steps])

    states, stacked = _settled(body, given[consts:carried])
    return [*states, *(rows if rows in (None, _MIXED) else Rows(rows.axis + 1, rows.each) for rows in stacked)]


def _parts_of_scan(params):
    """Return how many operands of a scan are constants, and how many are carried."""
    if "num_consts" in params:
        return params["num_consts"], params["num_carry"]
    consts, carry, _ = params["ft_in"].unpack()  # from JAX 0.11 on
    return len(list(consts)), len(list(carry))


def _while(proof, step, given):
    a, b = step.one.params, step.other.params
    asked, consts = a["cond_nconsts"], a["cond_nconsts"] + a["body_nconsts"]

    def body(states):
        return proof.states(a["body_jaxpr"], b["body_jaxpr"], [*given[asked:consts], *states])

    states, _ = _settled(body, given[consts:])
    if proof.states(a["cond_jaxpr"], b["cond_jaxpr"], [*given[:asked], *states]) != [None]:
        raise Mixed
    return states


def _cond(proof, step, given):
    if given[0] is not None:
        raise Mixed
    branches = zip(step.one.params["branches"], step.other.params["branches"])
    found = [proof.states(a, b, given[1:]) for a, b in branches]
    return [states[0] if len(set(states)) == 1 else _MIXED for states in zip(*found)]


_ELEMENTWISE = (
    "abs acos acosh add add_any and asin asinh atan atan2 atanh bitcast_convert_type cbrt ceil clamp "
    "convert_element_type copy cos cosh digamma div eq erf erf_inv erfc exp exp2 expm1 floor ge gt integer_pow "
    "is_finite le lgamma log log1p logistic lt max min mul ne neg nextafter not or pow reduce_precision rem round "
    "rsqrt select_n shift_left shift_right_arithmetic shift_right_logical sign sin sinh sqrt square stop_gradient "
    "sub tan tanh xor"
)
_REDUCTIONS = "reduce_sum reduce_max reduce_min reduce_prod reduce_and reduce_or reduce_xor argmax argmin"
_RULES: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(_ELEMENTWISE.split(), _elementwise),
    **dict.fromkeys(_REDUCTIONS.split(), _along("axes", several=True)),
    **dict.fromkeys(["cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"], _along("axis")),
    **dict.fromkeys(["reduce_window_max", "reduce_window_min", "reduce_window_sum"], _window),
    "squeeze": _along("dimensions", several=True),
    "sort": _along("dimension"),
    "split": _along("axis"),
    "concatenate": _along("dimension"),
    "broadcast_in_dim": _made,
    "iota": _made,
    "reshape": _reshape,
    "tile": _tile,
    "stack": _stack,
    "unstack": _unstack,
    "transpose": _transpose,
    "rev": _reverse,
    "slice": _whole("limit_indices"),
    "dynamic_slice": _whole("slice_sizes"),
    "dynamic_update_slice": _update,
    "pad": _pad,
    "dot_general": _dot,
    "conv_general_dilated": _convolution,
    "gather": _gather,
    "optimization_barrier": _each,
    "sharding_constraint": _each,
    "scan": _scan,
    "while": _while,
    "cond": _cond,
}
