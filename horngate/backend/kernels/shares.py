"""Which axis holds the samples in what each kernel takes and gives: on a mesh each device runs it on its share."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jax import lax


class Samples(NamedTuple):
    """Of a kernel.

    `taken`: for each array that it takes the axis of the samples, None for what belongs to all; `given`: of what it
    gives. `combine(axis of the mesh, *results)`: the results for all samples, from those of each share. `counted`:
    whether its first number is how many samples there are.
    """

    taken: Sequence[int | None]
    given: Sequence[int | None]
    combine: Callable[..., Sequence[Any]] | None = None
    counted: bool = False


def _sums(axis, *results):
    return [lax.psum(result, axis) if result.size else result for result in results]


def _of_all(axis, mean, var):
    """The mean and the variance of all rows, from those of shares of one size."""
    whole = lax.pmean(mean, axis)
    return whole, lax.pmean(var + (mean - whole) ** 2, axis)


SAMPLES = {  # what is not here has no samples: each device does all of it
    "correlate": Samples((0, None, None), (0,)),
    "input_gradient": Samples((0, None), (0,)),
    "kernel_gradient": Samples((0, 0), (None, None), _sums),
    "max_pool": Samples((0,), (0,)),
    "max_pool_gradient": Samples((0, 0, 0), (0,)),
    "max_pool_pick": Samples((0, 0, 0), (0,)),
    "mean_pool": Samples((0,), (0,)),
    "mean_pool_gradient": Samples((0,), (0,)),
    "moments": Samples((0,), (None, None), _of_all),
    "paired_sums": Samples((0, 0, None), (None, None), _sums),
    "rnn_forward": Samples((0, None, 1, 0, 1), (0, 1, 1, 0), counted=True),
    "rnn_backward": Samples((None, 1, 0, 0, 1, 0, 1), (0, 1), counted=True),
}
