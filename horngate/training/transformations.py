"""Transformations of an optimizer's step: moving averages of the weights, accumulated gradients, a scaled loss.

A `Plan` is a state (a named tuple of variables) and a pure function that maps the state as arrays, the gradients and
the hyperparameters by name to the next state. Each function here wraps a plan in another.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from horngate import backend as K
from horngate.backend.graph import Node, Tensor, Variable

STEPS_TO_GROW = 2000  # number of steps without an overflow after which a dynamic loss scale doubles


class State(NamedTuple):
    """The values that a step changes: variables in a plan, arrays in a step."""

    iterations: Any  # number of steps taken
    rate: list[Any]  # the learning rate, if a schedule computes it
    shared: dict[str, Any]  # scalars common to all parameters
    params: list[Any]
    slots: list[Any]  # for each parameter: a named tuple of its slots


class Plan(NamedTuple):
    """A state, and the function that computes the next one."""

    state: Any
    advance: Callable[[Any, list[Any], dict[str, Any]], Any]


class Averaged(NamedTuple):
    """A state, and the moving averages of the parameters."""

    inner: Any
    averages: list[Any]


class Accumulated(NamedTuple):
    """A state, the number of batches since its last step, and the sums of their gradients."""

    inner: Any
    batches: Any
    sums: list[Any]


class Scaled(NamedTuple):
    """A state, the scale of the loss, and the number of steps since a gradient overflowed."""

    inner: Any
    scale: Any
    steps: Any


def averaging(
    plan: Plan, averages: list[Variable], momentum: float, every: int | None = None, fresh: bool = False
) -> Plan:
    """Add moving averages of the parameters to a plan: a' = momentum a + (1 - momentum) p.

    After every `every` steps, if given, the parameters are set to the averages. `fresh`: whether the averages start
    with the parameters after the first step, and not with those before it.
    """

    def advance(state, gradients, hyper):
        inner = plan.advance(state.inner, gradients, hyper)
        kept = momentum * (inner.iterations > 1) if fresh else momentum
        pairs = list(zip(state.averages, inner.params))
        news = [kept * old + (1 - kept) * p for old, p in pairs]
        if every:
            due = K.equal(inner.iterations % every, 0)
            inner = inner._replace(params=[K.switch(due, new, p) for new, p in zip(news, inner.params)])
        return Averaged(inner, news)

    return Plan(Averaged(plan.state, averages), advance)


def accumulating(plan: Plan, batches: Variable, sums: list[Variable], every: int) -> Plan:
    """Apply a plan to the mean gradient of `every` batches."""

    def advance(state, gradients, hyper):
        seen, sums = state.batches + 1, [total + g for total, g in zip(state.sums, gradients)]
        due = K.equal(seen, every)
        inner = plan.advance(state.inner, [total / every for total in sums], hyper)
        left = Accumulated(state.inner, seen, sums)
        begun_anew = Accumulated(inner, 0 * seen, [0 * total for total in sums])
        return _chosen(due, begun_anew, left)

    return Plan(Accumulated(plan.state, batches, sums), advance)


def leaving_out_overflows(plan: Plan, scale: Variable, steps: Variable, grows: int | None) -> Plan:
    """Apply a plan only if all gradients are finite, which `hyper["finite"]` tells.

    `grows`: the scale halves at an overflow, and doubles after so many steps without one; None: it stays as it is.
    """

    def advance(state, gradients, hyper):
        finite, scale = hyper["finite"], state.scale
        inner = _chosen(finite, plan.advance(state.inner, gradients, hyper), state.inner)
        steps = K.switch(finite, state.steps + 1, 0 * state.steps)
        full = K.equal(steps, grows or STEPS_TO_GROW)
        adapted = K.switch(finite, K.switch(full, 2 * scale, scale), K.maximum(scale / 2, 1.0))
        return Scaled(inner, adapted if grows else scale, K.switch(full, 0 * steps, steps))

    return Plan(Scaled(plan.state, scale, steps), advance)


def unscaled(gradients: list[Any], scale: Any) -> list[Any]:
    """Return (gradients divided by the loss scale, whether all are finite); if not, the gradients are zeros."""
    finite = K.max(K.stack([K.max(K.abs(g)) for g in gradients])) < float("inf")  # false for NaN too
    return [K.switch(finite, g / scale, K.zeros_like(g)) for g in gradients] + [finite]


def _chosen(condition, state, other):
    """Choose array by array: `state` if the condition holds, else `other`."""
    (arrays, arranged), (others, _) = K.flatten_tree(state), K.flatten_tree(other)
    return arranged([K.switch(condition, *pair) for pair in zip(arrays, others)])


def updates_of(plan: Plan, gradients: list[Tensor], hyper: dict[str, Any]) -> list[tuple[Variable, Tensor]]:
    """Return pairs (variable of the state, tensor of its next value); all tensors come from one node."""
    variables, arranged = K.flatten_tree(plan.state)

    def run(values, gradients, hyper):
        return K.flatten_tree(plan.advance(arranged(values), gradients, hyper))[0]

    return list(zip(variables, in_one_node(run, [variables, gradients, hyper], variables), strict=True))


def in_one_node(function: Callable[..., list[Any]], args: list[Any], like: list[Any]) -> list[Tensor]:
    """Return tensors for the list returned by `function(*args)`, one for each of the variables or tensors `like`."""
    node = Node(function, args)
    node.gives_list = True
    node.outputs = [Tensor(x.shape, x.dtype, node, i) for i, x in enumerate(like)]
    return list(node.outputs)
