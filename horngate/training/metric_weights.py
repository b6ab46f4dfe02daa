"""Metrics with sample weights, and over the steps that a mask keeps."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from horngate import backend as K
from horngate.backend import config


def mean_over_counted(score: Any, factor: Any, counted: Any = None) -> Any:
    """Return `score` times `factor`, scaled so that the mean is over the counted entries; 0 where the factor is 0."""
    share = jnp.mean(factor if counted is None else counted)
    return jnp.where(factor == 0, 0, score * factor / jnp.where(share == 0, 1, share))


def combined(weights: Any, mask: Any) -> Any:
    """Return the weights of samples (or steps), 0 where a mask leaves steps out; either may be None, not both."""
    if mask is None:
        return weights
    mask = jnp.asarray(mask, config.floatx())
    if weights is None:
        return mask
    axes = max(mask.ndim, weights.ndim)
    return math.prod(x.reshape(x.shape + (1,) * (axes - x.ndim)) for x in (mask, weights))


def weighted_metric(function: Callable[..., Any], by_weight: bool) -> Callable[..., Any]:
    """Return the metric `function` with sample weights; it is called on each sample (or step) alone.

    `by_weight`: take the mean by the weights; otherwise as for losses, over the samples whose weight is not 0.
    """

    def each(y_true, y_pred, weights):
        lead = (1,) * weights.ndim

        def alone(y, output):
            return K.mean(function(y.reshape(*lead, *y.shape), output.reshape(*lead, *output.shape)))

        for _ in lead:
            alone = jax.vmap(alone)
        return alone(y_true, y_pred)

    return _weighing(function, each, by_weight)


def masked_metric(function: Callable[..., Any], by_weight: bool) -> Callable[..., Any]:
    """Return a user's metric `function` over the steps that a mask keeps.

    A function that gives no number for each step, such as one for the whole batch, stays as it is.
    """

    def each(y_true, y_pred, mask):
        found = jnp.asarray(function(y_true, y_pred))
        if found.shape[: mask.ndim] != mask.shape:
            return None
        return found.reshape(*mask.shape, -1).mean(-1)

    return _weighing(function, each, by_weight)


def _weighing(function, each, by_weight):
    """Return `function` with weights; `each(y_true, y_pred, weights)`: a value for each weight, or None."""

    def weighted(y_true, y_pred, weights=None):
        values = None if weights is None else each(y_true, y_pred, weights)
        if values is None:
            return function(y_true, y_pred)
        return K.mean(mean_over_counted(values, weights, jnp.asarray(weights != 0, config.floatx())))

    def weighted_sums(y_true, y_pred, weights):
        values = each(y_true, y_pred, weights)
        if values is None:
            return K.mean(function(y_true, y_pred)) * len(y_true), jnp.asarray(len(y_true), config.floatx())
        return jnp.sum(jnp.where(weights == 0, 0, weights * values)), jnp.sum(weights)

    vars(weighted)["takes_mask"] = True
    if by_weight:
        vars(weighted)["weighted_sums"] = weighted_sums
    return weighted
