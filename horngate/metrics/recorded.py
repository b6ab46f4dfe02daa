"""Metrics within recorded steps: an update is a node, and the new state an assignment."""

import functools
from collections.abc import Callable
from typing import Any

from horngate.backend.graph import Variable, map_symbols, record, recorder, recording


def recordable(method: Callable[..., Any], changes: bool) -> Callable[..., Any]:
    """Wrap a method of a metric so that a recorder notes it.

    `changes`: whether the method changes the state; else it computes a value from it.
    """

    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        by = recorder()
        if by is not None and not by.computes:
            return _update(by, self, method, args, kwargs) if changes else _value(self, method)
        with recording(None):
            return method(self, *_values_in(args), **_values_in(kwargs))

    return wrapper


def _values_in(arguments):
    """Return arguments with the values of tensors that have one."""
    return map_symbols(lambda x: x if x.computed is None else x.computed, arguments)


def states_of(metric: Any) -> list[Variable]:
    """Return the variables that hold the state of a metric in recorded steps."""
    return [variable.in_variable() for variable in metric.variables]


def _update(by, metric, method, args, kwargs):
    if not metric.variables and len(args) > 1:
        metric.build(args[0].shape, args[1].shape)

    def after(values, args, kwargs):
        return metric._within(values, method.__get__(metric), *args, **kwargs)[1]

    states = states_of(metric)
    by.assign(list(zip(states, record(after, (states, args, kwargs), {}))))


def _value(metric, method):
    keys: list[str] = []  # of a result that is a dictionary, known once the node is traced

    def result(values):
        found = metric._within(values, method.__get__(metric))[0]
        if not isinstance(found, dict):
            return found
        keys[:] = found
        return list(found.values())

    made = record(result, (states_of(metric),), {})
    return dict(zip(keys, made)) if keys else made
