"""Floating-point operations of a step of the graph, counted in its traced program."""

import math

import jax

from horngate.backend import graph, inference, kernels

_NAMES = (
    "reshape transpose broadcast_in_dim slice dynamic_slice dynamic_update_slice concatenate pad gather squeeze rev "
    "copy convert_element_type split iota bitcast_convert_type stop_gradient select_n expand_dims device_put "
    "random_wrap random_unwrap"
)
_MOVES = frozenset(_NAMES.split())  # operations that only move numbers


def flops(node: graph.Node) -> int | None:
    """Count the operations of a call of `node`; unknown sizes count as 1. None if it cannot be traced."""
    tensors = list(dict.fromkeys(inference.stood_in_for(node.symbols())))
    try:
        with kernels.without():  # they would hide their operations
            traced = inference.probe(
                node.run, tensors, 1, trace=lambda function, values: jax.make_jaxpr(function)(values)
            )
    except (TypeError, ValueError):
        return None
    return _of_program(traced.jaxpr)


def _of_program(jaxpr):
    return sum(_of_step(step) for step in jaxpr.eqns)


def _of_step(step):
    """Matrix products count two operations for each pair of factors; all else counts one for each number of the result.

    A loop counts all its iterations if their number is known, else one. Of branches the largest counts.
    """
    kind = step.primitive.name
    if kind == "dot_general":
        (contracted, _), _ = step.params["dimension_numbers"]
        return 2 * _size(step.outvars[0]) * math.prod(step.invars[0].aval.shape[axis] for axis in contracted)
    if kind == "conv_general_dilated":
        kernel = step.invars[1].aval.shape
        outputs = kernel[step.params["dimension_numbers"].rhs_spec[0]]
        return 2 * _size(step.outvars[0]) * math.prod(kernel) // outputs
    if kind == "cond":
        return max(_of_program(branch.jaxpr) for branch in step.params["branches"])
    inner = [
        _of_program(getattr(value, "jaxpr", value))
        for value in step.params.values()
        if hasattr(getattr(value, "jaxpr", value), "eqns")
    ]
    if inner:
        return sum(inner) * (step.params["length"] if kind == "scan" else 1)
    if kind in _MOVES:
        return 0
    summed = kind.startswith(("reduce", "cum", "arg", "scatter"))
    return _size(step.invars[0] if summed else step.outvars[0])


def _size(variable):
    return math.prod(variable.aval.shape)
