"""The network of first_epoch.py by hand in JAX: each epoch is one jitted lax.scan."""
import functools

import jax
import jax.numpy as jnp
import numpy as np
import workload
from jax import lax

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


def initial_weights():
    """A matrix, drawn as Glorot and Bengio do, and a bias for each layer."""
    random = np.random.default_rng(1)
    weights = []
    for fan_in, fan_out in zip(workload.SIZES[:-1], workload.SIZES[1:]):
        limit = np.sqrt(6 / (fan_in + fan_out))
        matrix = random.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)
        weights.append((matrix, np.zeros(fan_out, np.float32)))
    return weights


def loss_of(weights, x, y):
    """Mean crossentropy of softmax outputs."""
    for matrix, bias in weights[:-1]:
        x = jax.nn.relu(x @ matrix + bias)
    matrix, bias = weights[-1]
    return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(x @ matrix + bias), axis=-1))


def adam_step(state, x, y):
    """One step of Adam; returns the new state and the loss."""
    weights, first, second, t = state
    loss, gradients = jax.value_and_grad(loss_of)(weights, x, y)
    t = t + 1
    first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradients)
    rate = workload.LEARNING_RATE * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), weights, first, second)
    return (weights, first, second, t), loss


@functools.partial(jax.jit, donate_argnums=0)
def epoch(state, X, Y, order):
    """All full batches in the given order, then the short one; returns the new state and the mean loss."""
    count, size = len(order), workload.BATCH_SIZE
    full, rest = divmod(count, size)
    batches = order[:full * size].reshape(full, size)
    state, losses = lax.scan(lambda state, rows: adam_step(state, X[rows], Y[rows]), state, batches)
    total = losses.sum() * size
    if rest:
        rows = order[full * size:]
        state, loss = adam_step(state, X[rows], Y[rows])
        total = total + loss * rest
    return state, total / count


def main():
    """Train, and print the seconds."""
    asked = workload.asked()
    X, Y = workload.data(asked.rows)
    watch = workload.Watch()
    weights = jax.tree.map(jnp.asarray, initial_weights())
    state = weights, jax.tree.map(jnp.zeros_like, weights), jax.tree.map(jnp.zeros_like, weights), jnp.float32(0)
    X, Y = jnp.asarray(X), jnp.asarray(Y)
    for _ in range(asked.epochs):
        state, loss = epoch(state, X, Y, np.random.permutation(asked.rows))
        loss = float(loss)
        watch.epoch_ended()
    watch.report(loss)


if __name__ == "__main__":
    main()
