"""The axes of samples in the arrays of each kernel: on a mesh, each device runs a kernel on its share."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jax import lax


class Samples(NamedTuple):
    """The axes of samples of a kernel.

    `taken`: for each argument, the axis of the samples; None if it holds no samples. `given`: the same for each result.
    `combine(axis of the mesh, *results)`: combines the results of the shares. `counted`: whether its first number is
    the number of samples.
    """

    taken: Sequence[int | None]
    given: Sequence[int | None]
    combine: Callable[..., Sequence[Any]] | None = None
    counted: bool = False


def _sums(axis, *results):
    return [lax.psum(result, axis) if result.size else result for result in results]


def _of_all(axis, mean, var):
    """Return the mean and variance of all rows, from those of shares of equal size."""
    whole = lax.pmean(mean, axis)
    return whole, lax.pmean(var + (mean - whole) ** 2, axis)


SAMPLES = {  # other kernels have no samples: each device computes all
    "correlate": Samples((0, None, None), (0,)),
    "input_gradient": Samples((0, None), (0,)),
    "kernel_gradient": Samples((0, 0), (None, None), _sums),
    **dict.fromkeys(("max_pool", "mean_pool", "mean_pool_gradient"), Samples((0,), (0,))),
    **dict.fromkeys(("max_pool_gradient", "max_pool_pick"), Samples((0, 0, 0), (0,))),
    "moments": Samples((0,), (None, None), _of_all),
    "paired_sums": Samples((0, 0, None), (None, None), _sums),
    "rnn_forward": Samples((0, None, 1, 0, 1), (0, 1, 1, 0), counted=True),
    "rnn_backward": Samples((None, 1, 0, 0, 1, 0, 1), (0, 1), counted=True),
}
