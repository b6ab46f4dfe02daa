"""What surrounds an optimizer's step: moving averages of the weights, accumulated gradients, a scaled loss.

A `Plan` is a state, a named tuple of variables, and a pure function from the state as arrays, the gradients and the
hyper-parameters by name to the next state. Each function here makes another plan around one.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from horngate import backend as K
from horngate.backend.graph import Node, Tensor, Variable

STEPS_TO_GROW = 2000  # without an overflow, after which a dynamic loss scale doubles


class State(NamedTuple):
    """What a step changes: variables in a plan, arrays while it is carried out."""

    iterations: Any  # how many steps were taken
    rate: list[Any]  # the learning rate, where a schedule gives it
    shared: dict[str, Any]  # scalars of all parameters together
    params: list[Any]
    slots: list[Any]  # for each parameter a named tuple of its slots


class Plan(NamedTuple):
    """A state, and how the next one is made of it."""

    state: Any
    advance: Callable[[Any, list[Any], dict[str, Any]], Any]


class Averaged(NamedTuple):
    """A state, and the moving averages of its parameters."""

    inner: Any
    averages: list[Any]


class Accumulated(NamedTuple):
    """A state, and what was gathered since its last step: the number of batches, the sums of their gradients."""

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
    """The plan, and moving averages of the parameters: a' = momentum a + (1 - momentum) p.

    After each `every` steps, if that is given, the averages become the parameters. `fresh`: the first step's parameters
    are the first averages; else those before it are.
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
    """The plan, carried out on the mean gradient of `every` batches."""

    def advance(state, gradients, hyper):
        seen, sums = state.batches + 1, [total + g for total, g in zip(state.sums, gradients)]
        due = K.equal(seen, every)
        inner = plan.advance(state.inner, [total / every for total in sums], hyper)
        left = Accumulated(state.inner, seen, sums)
        begun_anew = Accumulated(inner, 0 * seen, [0 * total for total in sums])
        return _chosen(due, begun_anew, left)

    return Plan(Accumulated(plan.state, batches, sums), advance)


def leaving_out_overflows(plan: Plan, scale: Variable, steps: Variable, adapts: bool) -> Plan:
    """The plan, carried out only where `hyper["finite"]` says that all gradients are; `adapts`: so does the scale.

    It halves at an overflow, and doubles after `STEPS_TO_GROW` steps without one.
    """

    def advance(state, gradients, hyper):
        finite, scale = hyper["finite"], state.scale
        inner = _chosen(finite, plan.advance(state.inner, gradients, hyper), state.inner)
        steps = K.switch(finite, state.steps + 1, 0 * state.steps)
        full = K.equal(steps, STEPS_TO_GROW)
        adapted = K.switch(finite, K.switch(full, 2 * scale, scale), K.maximum(scale / 2, 1.0))
        return Scaled(inner, adapted if adapts else scale, K.switch(full, 0 * steps, steps))

    return Plan(Scaled(plan.state, scale, steps), advance)


def unscaled(gradients: list[Any], scale: Any) -> list[Any]:
    """Gradients without the loss scale, and whether they are all finite: if not they are given as zeros."""
    finite = K.max(K.stack([K.max(K.abs(g)) for g in gradients])) < float("inf")  # false for NaN, too
    return [K.switch(finite, g / scale, K.zeros_like(g)) for g in gradients] + [finite]


def _chosen(condition, state, other):
    """`state` where the condition holds, else `other`, array by array."""
    (arrays, arranged), (others, _) = K.flatten_tree(state), K.flatten_tree(other)
    return arranged([K.switch(condition, *pair) for pair in zip(arrays, others)])


def updates_of(plan: Plan, gradients: list[Tensor], hyper: dict[str, Any]) -> list[tuple[Variable, Tensor]]:
    """Pairs (variable of the state, tensor of its next value), which come from one node."""
    variables, arranged = K.flatten_tree(plan.state)

    def run(values, gradients, hyper):
        return K.flatten_tree(plan.advance(arranged(values), gradients, hyper))[0]

    return list(zip(variables, in_one_node(run, [variables, gradients, hyper], variables), strict=True))


def in_one_node(function: Callable[..., list[Any]], args: list[Any], like: list[Any]) -> list[Tensor]:
    """Tensors for the list that `function(*args)` gives, one for each of the variables or tensors `like`."""
    node = Node(function, args)
    node.gives_list = True
    node.outputs = [Tensor(x.shape, x.dtype, node, i) for i, x in enumerate(like)]
    return list(node.outputs)
