"""Loops over time and over elements: rnn, folds and maps."""

import contextvars
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from horngate.backend.graph import Frame, active_scope, jax_dtype, op
from horngate.backend.random import in_step_of_loop
from horngate.backend.ranges import Check, check
from horngate.backend.running import running_scope
from horngate.backend.types import DType, TensorLike
from horngate.utils.blocks import within

_without_loops = contextvars.ContextVar("without_loops", default=False)


def without_loops() -> AbstractContextManager[None]:
    """Trace `rnn` in the block as copies of its step, for converters that cannot handle loops."""
    return within(_without_loops, True)


def repeated_step(body: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `body(number, ...)` for an inner loop: it runs in a child scope, and its draws depend on `number`.

    The loop must output `found_in(step)` for each step, and pass the result to `hand_in`, so that checks are told.
    """
    scope = active_scope()
    if scope is None:
        return lambda number, *args: in_step_of_loop(number, lambda: body(number, *args))
    outer = scope.frame
    outer.draws += 1
    draw = outer.draws

    def run(number, *args):
        child = running_scope().child()
        child.frame = Frame(lambda: jax.random.fold_in(jax.random.fold_in(outer.key(), draw), number))
        with child:
            result = body(number, *args)
        if child.frame.updates or child.frame.losses:
            raise ValueError(
                "a layer within a loop (K.rnn, K.map_fn, a fold) hands in updates or losses, which cannot leave the "
                "loop. Apply the layer to all steps at once, outside the loop."
            )
        vars(run)["checks"] = child.frame.checks
        return result

    return run


def _checks(step: Callable[..., Any]) -> Sequence[Check]:
    return vars(step).get("checks", ())


def found_in(step: Callable[..., Any]) -> list[Any]:
    """The arrays of the checks in the last step of a loop."""
    return [(wrong, number) for wrong, number, _ in _checks(step)]


def hand_in(step: Callable[..., Any], found: Any) -> None:
    """Add the checks of all steps of a loop to the running call."""
    for (wrong, numbers), (_, _, limits) in zip(found, _checks(step)):
        check(wrong, numbers, limits)


def rnn(
    step_function: Callable[..., Any],
    inputs: TensorLike,
    initial_states: Iterable[TensorLike],
    go_backwards: bool = False,
    mask: TensorLike | None = None,
    constants: Iterable[TensorLike] | None = None,
    unroll: bool = False,
    input_length: int | None = None,
) -> tuple[TensorLike, TensorLike, list[TensorLike]]:
    """Run a step function over all time steps; returns (last output, outputs, last states).

    # Arguments
        step_function: `step_function(x, states)`, from a step (samples, ...) and the list of states followed by
            `constants` to the output (samples, ...) and the list of new states.
        inputs: (samples, time, ...).
        initial_states: a list of the states before the first step.
        go_backwards: from the last step to the first; the outputs come in this order.
        mask: (samples, time) or (samples, time, 1), or None. A step whose mask is 0 repeats the output and states of
            the step before; before the first step the output is 0.
        constants: a list of further arguments of the step function, the same at each step.
        unroll: copies of the step instead of a loop.
        input_length: ignored.
    """
    last, outputs, *states = _rnn(
        step_function, inputs, list(initial_states), go_backwards, mask, list(constants or ()), unroll
    )
    return last, outputs, states


@op
def _rnn(step_function, inputs, initial_states, go_backwards, mask, constants, unroll):
    inputs = jnp.asarray(inputs)
    if inputs.ndim < 2:
        raise ValueError(f"K.rnn expects inputs (samples, time, ...); received shape {inputs.shape}")
    over_time = [jnp.swapaxes(inputs, 0, 1)]
    if mask is not None:
        over_time.append(jnp.swapaxes(jnp.asarray(mask).reshape(inputs.shape[:2]) != 0, 0, 1))
    if go_backwards:
        over_time = [jnp.flip(array, 0) for array in over_time]
    steps = (jnp.arange(inputs.shape[1]), *over_time)
    states = tuple(jnp.asarray(state) for state in initial_states)
    step = repeated_step(lambda number, x, states: _one_step(step_function, x, states, constants))
    body = _plain_body(step) if mask is None else _masked_body(step)
    before = None if mask is None else _blank(step, steps, states)
    run = copies if unroll else scan_or_copies
    (_, states), (outputs, found) = run(body, (before, states), steps)
    hand_in(step, found)
    return [outputs[-1], jnp.swapaxes(outputs, 0, 1), *states]


def _one_step(step_function, x, states, constants):
    output, new = step_function(x, [*states, *constants])
    if len(new) != len(states):
        raise ValueError(f"K.rnn: step_function was given {len(states)} states and returned {len(new)}")
    new = tuple(jnp.asarray(value).astype(state.dtype) for value, state in zip(new, states))
    return jnp.asarray(output), new


def _plain_body(step):
    def body(carry, now):
        _, states = carry
        output, states = step(*now, states)
        return (None, states), (output, found_in(step))

    return body


def _masked_body(step):
    def body(carry, now):
        *now, mask = now
        before, states = carry
        output, new = step(*now, states)
        found = found_in(step)
        output = _choose(mask, output, before)
        states = tuple(_choose(mask, *pair) for pair in zip(new, states))
        return (output, states), (output, found)

    return body


def _choose(mask, new, old):
    return jnp.where(mask.reshape(mask.shape + (1,) * (new.ndim - 1)), new, old)


def _blank(step, steps, states):
    """The output before the first step: zeros."""
    output, _ = jax.eval_shape(step, steps[0][0], steps[1][0], states)
    return jnp.zeros(output.shape, output.dtype)


def copies(body: Callable[..., Any], carry: Any, steps: Any) -> tuple[Any, Any]:
    """Compute what `lax.scan` does, by a copy of `body` for each step."""
    outputs = []
    for number in range(len(steps[0])):
        carry, output = body(carry, jax.tree.map(lambda step, number=number: step[number], steps))
        outputs.append(output)
    return carry, jax.tree.map(lambda *output: jnp.stack(output), *outputs)


def scan_or_copies(body: Callable[..., Any], carry: Any, steps: Any) -> tuple[Any, Any]:
    """Run `lax.scan`, or copies within `without_loops`."""
    return (copies if _without_loops.get() else lax.scan)(body, carry, steps)


def _arrays(elems):
    return jax.tree.map(jnp.asarray, elems)


@op
def map_fn(
    fn: Callable[..., Any], elems: TensorLike, name: str | None = None, dtype: DType | None = None
) -> TensorLike:
    """Apply `fn` to each element of `elems` along the first axis, and stack the results.

    `name` has no effect. `dtype`: the number type of the results; None as `fn` gives them.
    """
    elems = _arrays(elems)
    body = repeated_step(lambda number, elem: fn(elem))
    numbers = jnp.arange(len(jax.tree.leaves(elems)[0]))
    made, found = lax.map(lambda now: (body(*now), found_in(body)), (numbers, elems))
    hand_in(body, found)
    return made if dtype is None else jax.tree.map(lambda x: x.astype(jax_dtype(dtype)), made)


@op
def foldl(
    fn: Callable[..., Any], elems: TensorLike, initializer: TensorLike | None = None, name: str | None = None
) -> TensorLike:
    """fn(... fn(fn(initializer, first), second) ..., last) over the elements of `elems` along the first axis.

    Without `initializer`, begins with the first element. `name` has no effect.

    >>> import numpy as np
    >>> float(foldl(lambda total, x: total * 10 + x, np.array([1, 2, 3])))
    123.0
    """
    return _fold(fn, _arrays(elems), initializer, from_right=False)


@op
def foldr(
    fn: Callable[..., Any], elems: TensorLike, initializer: TensorLike | None = None, name: str | None = None
) -> TensorLike:
    """fn(... fn(fn(initializer, last), last but one) ..., first): `foldl` from the last of `elems` to the first.

    Without `initializer`, begins with the last element. `name` has no effect.
    """
    return _fold(fn, _arrays(elems), initializer, from_right=True)


def _fold(fn, elems, initializer, from_right):
    if from_right:
        elems = jax.tree.map(lambda x: jnp.flip(x, 0), elems)
    if initializer is None:
        initializer, elems = jax.tree.map(lambda x: x[0], elems), jax.tree.map(lambda x: x[1:], elems)
    total = _arrays(initializer)
    step = repeated_step(lambda number, total, elem: fn(total, elem))
    numbers = jnp.arange(len(jax.tree.leaves(elems)[0]))
    if not len(numbers):
        return total
    kinds = jax.eval_shape(step, numbers[0], total, jax.tree.map(lambda x: x[0], elems))
    total = jax.tree.map(lambda value, kind: value.astype(kind.dtype), total, kinds)
    total, found = lax.scan(lambda total, now: (step(now[0], total, now[1]), found_in(step)), total, (numbers, elems))
    hand_in(step, found)
    return total


@op
def scanned(
    fn: Callable[..., Any],
    sequences: Sequence[TensorLike],
    first: Sequence[TensorLike | None] = (),
    more: Sequence[TensorLike] = (),
    n_steps: int | None = None,
    backwards: bool = False,
) -> TensorLike:
    """The outputs of `fn` at each step, stacked: one array, or a list if `fn` returns several.

    # Arguments
        fn: takes a part of each sequence, the outputs of the step before, then `more`.
        sequences: what it runs over along the first axis.
        first: the value of each output before the first step; None for outputs that no step reads.
        more: further arguments.
        n_steps: how many steps; None for all of the sequences.
        backwards: begin at the end of the sequences.
    """
    parts = [jnp.asarray(each)[:n_steps] for each in sequences]
    parts = [jnp.flip(each, 0) for each in parts] if backwards else parts
    count = len(parts[0]) if parts else int(n_steps or 0)
    several: list[bool] = []

    def outputs(number, now, before):
        found = fn(*now, *(each for each in before if each is not None), *more)
        if isinstance(found, (list, tuple)) and len(found) == 2 and isinstance(found[1], dict):
            found = found[0]  # Theano's form: outputs and updates
        several[:] = [isinstance(found, (list, tuple))]
        return [jnp.asarray(each) for each in (found if several[0] else [found])]

    step = repeated_step(outputs)

    def body(before, now):
        found = step(now[0], now[1:], before)
        kept = [None if old is None else new.astype(old.dtype) for old, new in zip(before, found)]
        return kept, (found, found_in(step))

    carry = [None if each is None else jnp.asarray(each) for each in first]
    _, (made, checks) = scan_or_copies(body, carry, (jnp.arange(count), *parts))
    hand_in(step, checks)
    return made if several[0] else made[0]
