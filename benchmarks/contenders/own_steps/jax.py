"""Steps by hand in JAX, each one compiled function; `CustomStep` is what users of JAX write anyway."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.contenders.jax import ADAM_EPSILON, BETA_2, IMAGES, Contender
from benchmarks.contenders.own_steps import BETA_1, LATENT, SLOPE

CustomStep = Contender


def drawn_weights(*shapes):
    """Kernels as Glorot and Bengio draw them, each with a bias of zeros."""
    random = np.random.default_rng(1)
    found = []
    for shape in shapes:
        limit = np.sqrt(6 / (np.prod(shape[:-2]) * sum(shape[-2:])))
        found.append((jnp.asarray(random.uniform(-limit, limit, shape), "float32"), jnp.zeros(shape[-1])))
    return found


def conv(x, weights, stride=1):
    kernel, bias = weights
    return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=IMAGES) + bias


def transposed(x, weights, stride=1):
    kernel, bias = weights
    return lax.conv_transpose(x, kernel, (stride, stride), "SAME", dimension_numbers=IMAGES) + bias


def dense(x, weights):
    return x @ weights[0] + weights[1]


def leaky(x):
    return jax.nn.leaky_relu(x, SLOPE)


def adam(weights, gradients, slots, rate, beta_1):
    """Weights and slots after one step of Adam."""
    first, second, t = slots
    t = t + 1
    first = jax.tree.map(lambda m, g: beta_1 * m + (1 - beta_1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradients)
    rate = rate * jnp.sqrt(1 - BETA_2**t) / (1 - beta_1**t)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + ADAM_EPSILON), weights, first, second)
    return weights, (first, second, t)


def slots_of(weights):
    return jax.tree.map(jnp.zeros_like, weights), jax.tree.map(jnp.zeros_like, weights), jnp.zeros(())


def crossentropy(logits, real):
    """The mean of -log p of what is true, from logits."""
    return jax.nn.softplus(-logits if real else logits).mean()


class Own:
    """The loop around a compiled step."""

    def __init__(self, workload, dtype="float32", variant=""):
        self.workload = workload
        self.state = (*self.made(), jax.random.key(1))
        self.run = jax.jit(self.step, donate_argnums=0)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        X, size = jnp.asarray(X), self.workload.batch
        for _ in range(epochs):
            order, losses = np.random.permutation(len(X)), []
            for i in range(0, len(X), size):
                self.state, loss = self.run(self.state, X[order[i : i + size]])
                losses.append(loss)
            mean = float(jnp.stack(losses).mean())
            ended()
        return mean


class Gan(Own):
    """The generative adversarial network."""

    def made(self):
        generator = drawn_weights((LATENT["Gan"], 3136), (4, 4, 64, 64), (4, 4, 64, 32), (5, 5, 32, 1))
        discriminator = drawn_weights((4, 4, 1, 32), (4, 4, 32, 64), (3136, 1))
        return discriminator, generator, slots_of(discriminator), slots_of(generator)

    def generated(self, weights, count, key):
        first, second, third, last = weights
        x = leaky(dense(jax.random.normal(key, (count, LATENT["Gan"])), first)).reshape(-1, 7, 7, 64)
        return jax.nn.sigmoid(conv(leaky(transposed(leaky(transposed(x, second, 2)), third, 2)), last))

    def told(self, weights, x, key):
        first, second, last = weights
        x = leaky(conv(leaky(conv(x, first, 2)), second, 2)).reshape(len(x), -1)
        return dense(jnp.where(jax.random.bernoulli(key, 0.8, x.shape), x / 0.8, 0), last)

    def step(self, state, real):
        d, g, d_slots, g_slots, key = state
        key, *keys = jax.random.split(key, 6)
        fake = self.generated(g, len(real), keys[0])

        def d_loss_of(d):
            return crossentropy(self.told(d, real, keys[1]), True) + crossentropy(self.told(d, fake, keys[2]), False)

        def g_loss_of(g):
            return crossentropy(self.told(d, self.generated(g, len(real), keys[3]), keys[4]), True)

        d_loss, gradients = jax.value_and_grad(d_loss_of)(d)
        d, d_slots = adam(d, gradients, d_slots, self.workload.rate, BETA_1)
        g_loss, gradients = jax.value_and_grad(g_loss_of)(g)
        g, g_slots = adam(g, gradients, g_slots, self.workload.rate, BETA_1)
        return (d, g, d_slots, g_slots, key), d_loss + g_loss


class Vae(Own):
    """The variational autoencoder."""

    def made(self):
        size = LATENT["Vae"]
        encoder = drawn_weights((3, 3, 1, 32), (3, 3, 32, 64), (3136, 64), (64, size), (64, size))
        decoder = drawn_weights((size, 3136), (3, 3, 64, 64), (3, 3, 64, 32), (3, 3, 32, 1))
        return (encoder, decoder), slots_of((encoder, decoder))

    @staticmethod
    def loss_of(weights, images, key):
        (first, second, third, of_mean, of_variance), (fourth, fifth, sixth, last) = weights
        x = jax.nn.relu(conv(jax.nn.relu(conv(images, first, 2)), second, 2)).reshape(len(images), -1)
        x = jax.nn.relu(dense(x, third))
        mean, log_variance = dense(x, of_mean), dense(x, of_variance)
        z = mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)
        x = jax.nn.relu(dense(z, fourth)).reshape(-1, 7, 7, 64)
        x = jax.nn.relu(transposed(jax.nn.relu(transposed(x, fifth, 2)), sixth, 2))
        told = transposed(x, last)
        lost = jax.nn.softplus(told) - images * told
        divergence = -0.5 * (1 + log_variance - mean**2 - jnp.exp(log_variance)).sum(1)
        return lost.sum((1, 2, 3)).mean() + divergence.mean()

    def step(self, state, images):
        weights, slots, key = state
        key, own = jax.random.split(key)
        loss, gradients = jax.value_and_grad(self.loss_of)(weights, images, own)
        weights, slots = adam(weights, gradients, slots, self.workload.rate, 0.9)
        return (weights, slots, key), loss
