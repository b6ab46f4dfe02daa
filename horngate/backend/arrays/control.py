"""Loops and branches of Keras 3 over functions of the program, which may read symbols of the graph around them."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import Tracer

from horngate.backend.function import within
from horngate.backend.graph import Symbolic, active_scope, call_op, op, symbols_in
from horngate.backend.recurrence import found_in, hand_in, repeated_step
from horngate.backend.types import TensorLike


def _read_by(functions: Sequence[Any], seen: set[int]) -> Iterator[Any]:
    """Yield the symbols that functions close over, so that the node of a loop depends on them."""
    for function in functions:
        cells = getattr(function, "__closure__", None) or ()
        for cell in cells:
            try:
                content = cell.cell_contents
            except ValueError:  # not bound yet
                continue
            if id(content) in seen:
                continue
            seen.add(id(content))
            yield from symbols_in(content)
            yield from _read_by([content], seen)


def _called(run: Callable[..., Any], functions: Sequence[Any], *args: Any) -> Any:
    """Call `run(*args)`, which calls `functions`, as one node; it may return nested containers."""
    kinds: list[Any] = []

    def flat(*args, read):
        leaves, kind = jax.tree.flatten(run(*args))
        kinds[:] = [kind]
        return [jnp.asarray(leaf) for leaf in leaves]

    leaves = call_op(flat, *args, read=list(dict.fromkeys(_read_by(functions, set()))))
    return jax.tree.unflatten(kinds[0], leaves)


def _arrays(tree):
    return jax.tree.map(jnp.asarray, tree)


def _is_known(x):
    """Whether Python can ask for the value of `x`."""
    if active_scope() is not None or isinstance(x, Tracer):
        return False
    return not isinstance(x, Symbolic) or x.computed is not None


def cond(pred: TensorLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` where `pred` holds, else `false_fn()`; both give arrays of one form.

    Of a symbol, both are computed, and one of the results is taken.
    """
    return switch(pred if isinstance(pred, bool) else call_op(_truth, pred), (false_fn, true_fn))


def _truth(pred):
    return (jnp.asarray(pred) != 0).astype("int32")


def switch(index: TensorLike, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """The result of that of the `branches` whose number is `index`, called on `operands`.

    Numbers outside of them mean the first or the last. Of a symbol, all are computed, and one of the results is taken.
    """
    if _is_known(index):
        return branches[min(max(int(index), 0), len(branches) - 1)](*operands)
    if isinstance(index, Symbolic) and active_scope() is None:
        results = [branch(*operands) for branch in branches]
        return jax.tree.map(lambda *values: call_op(_chosen, index, list(values)), *results)

    def run(index, operands):
        return lax.switch(jnp.asarray(index, "int32"), [within(_made_arrays(f)) for f in branches], *_arrays(operands))

    return _called(run, branches, index, list(operands))


def _made_arrays(function):
    return lambda *args: _arrays(function(*args))


def _chosen(index, values):
    index = jnp.clip(jnp.asarray(index), 0, len(values) - 1)
    found = jnp.asarray(values[0])
    for number, value in enumerate(values[1:], 1):
        found = jnp.where(index == number, value, found)
    return found


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Call `body(*loop_vars)`, which gives the next ones, while `cond(*loop_vars)` holds.

    `maximum_iterations`: after how many rounds to stop; None: never. No gradient flows through it.
    """
    several = isinstance(loop_vars, (list, tuple))

    def run(given):
        first = _arrays(tuple(given) if several else (given,))

        def goes_on(state):
            holds = jnp.asarray(cond(*state[1])) != 0
            return holds if maximum_iterations is None else holds & (state[0] < maximum_iterations)

        step = repeated_step(lambda number, *state: body(*state))

        def after(state):
            found = step(state[0], *state[1])
            found = tuple(found) if isinstance(found, (list, tuple)) else (found,)
            return state[0] + 1, jax.tree.map(lambda new, old: jnp.asarray(new, old.dtype), found, state[1])

        return lax.while_loop(within(goes_on), after, (0, first))[1]

    found = _called(run, (cond, body), loop_vars)
    return (list(found) if isinstance(loop_vars, list) else found) if several else found[0]


def fori_loop(lower: Any, upper: Any, body_fun: Callable[..., Any], init_val: Any) -> Any:
    """The last of the values that `body_fun(number, value)` gives from `init_val` on, for `lower` to `upper` - 1."""

    def run(lower, upper, value):
        def body(number, value):
            return jax.tree.map(lambda new, old: jnp.asarray(new, old.dtype), body_fun(number, value), value)

        return lax.fori_loop(lower, upper, repeated_step(body), _arrays(value))

    return _called(run, (body_fun,), lower, upper, init_val)


def scan(
    f: Callable[..., Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> Any:
    """Call `f(carry, x)`, which gives (carry, y), along the first axis of `xs`: (last carry, all y).

    # Arguments
        f: the function.
        init: the first carry.
        xs: arrays, nested as `f` takes them; None for `length` calls.
        length: how many calls.
        reverse: whether to begin at the end.
        unroll: how many calls one round of the compiled loop has.
    """

    def run(init, xs):
        step, xs = repeated_step(lambda number, carry, x: _arrays(f(carry, x))), _arrays(xs)
        numbers = jnp.arange(length if xs is None else len(jax.tree.leaves(xs)[0]))

        def numbered(carry, now):
            carry, y = step(now[0], carry, now[1])
            return carry, (y, found_in(step))

        carry, (ys, found) = lax.scan(numbered, _arrays(init), (numbers, xs), length, reverse, unroll)
        hand_in(step, found)
        return carry, ys

    return _called(run, (f,), init, xs)


def map(f: Callable[[Any], Any], xs: Any) -> Any:  # noqa: A001  Keras's name
    """`f` of each element along the first axis of `xs`, one after the other, stacked."""
    return _called(lambda xs: _each(lax.map, f, xs), (f,), xs)


def _each(mapping, function, xs):
    """Return what `mapping`, `lax.map` or an equal of it, gives for `function` and the elements of `xs`."""
    step, xs = repeated_step(lambda number, x: _arrays(function(x))), _arrays(xs)
    numbers = jnp.arange(len(jax.tree.leaves(xs)[0]))
    made, found = mapping(lambda now: (step(*now), found_in(step)), (numbers, xs))
    hand_in(step, found)
    return made


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """`function` of each element along the first axis of `elements`, all at once, stacked."""
    return _called(lambda xs: _each(lambda f, xs: jax.vmap(f)(xs), function, xs), (function,), elements)


def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """All beginnings of `elems` along `axis`, joined by the associative `f`. `reverse`: all ends instead."""
    return _called(
        lambda given: lax.associative_scan(within(_made_arrays(f)), _arrays(given), reverse, axis), (f,), elems
    )


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, which gives (its value, a function from the gradient of the value to those of its arguments)."""

    @functools.wraps(f)
    def valued(*args, **kwargs):
        return jax.custom_gradient(within(f))(*_arrays(args), **kwargs)

    return op(valued)


def jvp(fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """(`fun(*primals)`, its derivative in the direction of `tangents`); with `has_aux`, also what it gives besides."""

    def run(primals, tangents):
        pair = (tuple(_arrays(list(primals))), tuple(_arrays(list(tangents))))
        return jax.jvp(within(fun if has_aux else _made_arrays(fun)), *pair, has_aux=has_aux)

    return _called(run, (fun,), list(primals), list(tangents))
