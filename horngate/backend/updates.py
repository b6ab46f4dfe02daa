"""Updates of parameters by optimizers, in one pass over the arrays by a native kernel."""

from collections.abc import Sequence
from typing import TypeAlias

import jax
import jax.numpy as jnp

from horngate.backend import kernels
from horngate.backend.mesh import traced_layout
from horngate.backend.types import TensorLike

Arrays: TypeAlias = Sequence[jax.Array]


def adam(
    params: Arrays,
    gradients: Arrays,
    means: Arrays,
    squares: Arrays,
    rate: TensorLike,
    beta_1: TensorLike,
    beta_2: TensorLike,
    epsilon: TensorLike,
) -> tuple[Sequence[jax.Array], Sequence[jax.Array], Sequence[jax.Array]]:
    """The step of Adam: return the lists p', m', v', from those of p, g, m and v.

    m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - rate m' / (sqrt(v') + epsilon).
    """
    arrays = [jnp.asarray(array) for part in (params, gradients, means, squares) for array in part]
    count = len(params)
    layout = traced_layout()
    whole = layout is None or not any(layout.kept.values())  # else XLA would put their parts together
    if count and whole and kernels.serve(*arrays) and all(a.shape == b.shape for a, b in zip(arrays, arrays[count:])):
        numbers = jnp.stack([jnp.asarray(number, "float32") for number in (rate, beta_1, beta_2, epsilon)])
        shapes = [p.shape for p in params]
        # the results may reuse the memory of p, m and v
        olds = [*range(1, 1 + count), *range(1 + 2 * count, 1 + 4 * count)]
        places = {old: new for new, old in enumerate(olds)}
        made = kernels.call("adam", shapes * 3, numbers, *arrays, side_by_side=True, places=places)
        return made[:count], made[count : 2 * count], made[2 * count :]
    means = [beta_1 * m + (1 - beta_1) * g for m, g in zip(means, gradients)]
    squares = [beta_2 * v + (1 - beta_2) * jnp.square(g) for v, g in zip(squares, gradients)]
    return [p - rate * m / (jnp.sqrt(v) + epsilon) for p, m, v in zip(params, means, squares)], means, squares
