"""The workloads by hand in JAX: pure functions, Adam, and each epoch one jitted lax.scan.

Networks of images train step by step on a CPU: XLA runs the gradients of convolutions in a loop a hundred times slower.
"""

import os

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.workloads import EPSILON, initial_weights, walk, weight_shapes

BETA_1, BETA_2, ADAM_EPSILON, MOMENTUM = 0.9, 0.999, 1e-8, 0.99
IMAGES = "NHWC", "HWIO", "NHWC"

if "XDG_CACHE_HOME" in os.environ:  # as anyone would who starts a script more than once
    jax.config.update("jax_compilation_cache_dir", os.path.join(os.environ["XDG_CACHE_HOME"], "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def activated(x, name):
    """relu, gelu or nothing: the loss does the last activations."""
    return {"relu": jax.nn.relu, "gelu": lambda x: jax.nn.gelu(x, approximate=False)}.get(name, lambda x: x)(x)


def dense(x, weights, run, units, activation):
    kernel, bias = weights
    return activated(x @ kernel + bias, activation)


def conv(x, weights, run, filters, size, activation, stride, pad):
    kernel, bias = weights
    x = lax.conv_general_dilated(x, kernel, (stride, stride), [(pad, pad)] * 2, dimension_numbers=IMAGES)
    return activated(x + bias, activation)


def pool(x, weights, run, size, stride):
    window, strides = (1, size, size, 1), (1, stride, stride, 1)
    return lax.reduce_window(x, -jnp.inf, lax.max, window, strides, "VALID")


def norm(x, weights, run):
    gamma, beta = weights
    mean, variance = run.statistics(x)
    return (x - mean) * (gamma * lax.rsqrt(variance + EPSILON)) + beta


def activation(x, weights, run, name):
    return activated(x, name)


def dropout(x, weights, run, rate):
    if run.key is None:
        return x
    kept = jax.random.bernoulli(run.next_key(), 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0)


def flatten(x, weights, run):
    return x.reshape(len(x), -1)


def mean(x, weights, run):
    return x.mean(tuple(range(1, x.ndim - 1)))


def embedding(x, weights, run, words, features):
    return weights[0][x]


def lstm(x, weights, run, units):
    W, U, b = weights
    gates = (x @ W + b).swapaxes(0, 1)

    def step(state, x):
        h, c = state
        i, f, g, o = jnp.split(x + h @ U, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((len(x), units), x.dtype)
    return lax.scan(step, (zeros, zeros), gates)[0][0]


def gru(x, weights, run, units):
    W, U, b = weights
    gates, U_zr, U_h = (x @ W + b).swapaxes(0, 1), U[:, : 2 * units], U[:, 2 * units :]

    def step(h, x):
        z, r = jnp.split(jax.nn.sigmoid(x[:, : 2 * units] + h @ U_zr), 2, axis=-1)
        candidate = jnp.tanh(x[:, 2 * units :] + (r * h) @ U_h)
        return z * h + (1 - z) * candidate, None

    return lax.scan(step, jnp.zeros((len(x), units), x.dtype), gates)[0]


def bidirectional(x, weights, run, units):
    backward = lstm(x[:, ::-1], weights[3:], run, units)
    return jnp.concatenate([lstm(x, weights[:3], run, units), backward], axis=-1)


def depthwise(x, weights, run, size, stride, pad):
    kernel, bias = weights
    options = {"dimension_numbers": IMAGES, "feature_group_count": x.shape[-1]}
    return lax.conv_general_dilated(x, kernel, (stride, stride), [(pad, pad)] * 2, **options) + bias


def tokens(x, weights, run):
    return x.reshape(len(x), -1, x.shape[-1])


def positions(x, weights, run):
    return x + weights[0]


def layer_norm(x, weights, run):
    gamma, beta = weights
    mean = x.mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(x.var(-1, keepdims=True) + EPSILON) * gamma + beta


def attention(x, weights, run, heads, causal):
    queries, keys, values = [
        (x @ weights[2 * i] + weights[2 * i + 1]).reshape(*x.shape[:2], heads, -1) for i in range(3)
    ]
    attended = jax.nn.dot_product_attention(queries, keys, values, is_causal=causal)
    return attended.reshape(x.shape) @ weights[6] + weights[7]


ROWS = (dense, conv, pool, norm, activation, dropout, flatten, mean, embedding, lstm, gru, bidirectional, depthwise)
LAYERS = {f.__name__: f for f in (*ROWS, tokens, positions, layer_norm, attention)}


class Run:
    """What one pass through a network needs besides its weights: a key for dropout, averages for normalization."""

    def __init__(self, key, averages):
        self.key, self.averages, self.new_averages = key, iter(averages), []

    def next_key(self):
        self.key, key = jax.random.split(self.key)
        return key

    def statistics(self, x):
        """Mean and variance over a batch in training, else their moving averages."""
        kept = next(self.averages)
        if self.key is None:
            return kept
        found = x.mean((0, 1, 2)), x.var((0, 1, 2))
        self.new_averages.append([MOMENTUM * old + (1 - MOMENTUM) * new for old, new in zip(kept, found)])
        return found


def outputs_of(network, x, weights, run):
    """The rows of a network, applied one after the other; `weights` is an iterator over those of the rows."""
    for kind, *arguments in network:
        if kind == "residual":
            branch, shortcut = arguments
            x = outputs_of(branch, x, weights, run) + outputs_of(shortcut, x, weights, run)
        else:
            held = next(weights) if weight_shapes((kind, *arguments), x.shape[1:]) else None
            x = LAYERS[kind](x, held, run, *arguments)
    return x


class Contender:
    """The weights and averages, Adam's moments, and compiled functions over them."""

    def __init__(self, workload, dtype="float32", variant=""):
        self.workload, self.dtype = workload, jnp.dtype(dtype)
        self.set_weights(initial_weights(workload))
        self.run_epoch = jax.jit(self._epoch, donate_argnums=0)
        self.run_step = jax.jit(self._step, donate_argnums=0)
        self.run_predict = jax.jit(self._predict)

    def set_weights(self, weights):
        """Begin with these."""
        weights = jax.tree.map(jnp.asarray, weights)
        averages = [
            [jnp.zeros(shape[-1]), jnp.ones(shape[-1])]
            for row, shape in walk(self.workload.network, self.workload.shape)
            if row[0] == "norm"
        ]
        moments = [jax.tree.map(jnp.zeros_like, weights) for _ in range(2)]
        self.state = weights, averages, *moments, jnp.float32(0), jax.random.key(0)

    def _forward(self, weights, averages, x, key):
        weights = jax.tree.map(lambda w: w.astype(self.dtype), weights)
        if not self.workload.words:
            x = x.astype(self.dtype)
        run = Run(key, averages)
        return outputs_of(self.workload.network, x, iter(weights), run).astype(jnp.float32), run.new_averages

    def _loss(self, weights, averages, x, y, key):
        outputs, averages = self._forward(weights, averages, x, key)
        if self.workload.classes == 1:
            losses = jnp.logaddexp(0, outputs[:, 0]) - y * outputs[:, 0]
        else:
            losses = -jnp.take_along_axis(jax.nn.log_softmax(outputs), y[..., None], axis=-1)
        return losses.mean(), averages

    def _step(self, state, x, y):
        weights, averages, first, second, t, key = state
        key, own = jax.random.split(key)
        (loss, averages), gradients = jax.value_and_grad(self._loss, has_aux=True)(weights, averages, x, y, own)
        t = t + 1
        first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradients)
        rate = self.workload.rate * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + ADAM_EPSILON), weights, first, second)
        return (weights, averages, first, second, t, key), loss

    def _epoch(self, state, X, y, order):
        """All full batches in the given order, then the short one; the new state and the mean loss."""
        size = self.workload.batch
        full, rest = divmod(len(order), size)
        batches = order[: full * size].reshape(full, size)
        state, losses = lax.scan(lambda state, rows: self._step(state, X[rows], y[rows]), state, batches)
        total = losses.sum() * size
        if rest:
            rows = order[full * size :]
            state, loss = self._step(state, X[rows], y[rows])
            total = total + loss * rest
        return state, total / len(order)

    def _predict(self, weights, averages, x):
        return self._forward(weights, averages, x, None)[0]

    def placed(self, X):
        """Samples with their channels last."""
        return X.transpose(0, 2, 3, 1) if self.workload.channels_first else X

    def targets(self, y):
        """Classes as the loss takes them."""
        return y.astype(np.float32 if self.workload.classes == 1 else np.int32)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        X, y = jnp.asarray(self.placed(X)), jnp.asarray(self.targets(y))
        looped = len(self.workload.shape) < 3 or jax.default_backend() != "cpu"
        run = self.run_epoch if looped else self.step_by_step
        for _ in range(epochs):
            self.state, loss = run(self.state, X, y, np.random.permutation(len(X)))
            loss = float(loss)
            ended()
        return loss

    def step_by_step(self, state, X, y, order):
        """An epoch as a loop of Python."""
        losses = []
        for i in range(0, len(order), self.workload.batch):
            rows = order[i : i + self.workload.batch]
            state, loss = self.run_step(state, X[rows], y[rows])
            losses.append(loss)
        return state, jnp.stack(losses).mean()

    def predict(self, X):
        """Outputs as a NumPy array."""
        size = self.workload.batch
        X = self.placed(X)
        parts = [np.asarray(self.run_predict(*self.state[:2], X[i : i + size])) for i in range(0, len(X), size)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def step(self, x, targets):
        """One step on a batch; its loss."""
        self.state, loss = self.run_step(self.state, self.placed(x), targets)
        return float(loss)

    def parameters(self):
        """How many numbers are trained."""
        return sum(w.size for w in jax.tree.leaves(self.state[0]))
