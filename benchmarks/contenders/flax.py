"""The workloads in Flax NNX: modules, optax's Adam, and a jitted step for each batch."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from benchmarks.workloads import EPSILON, shape_after


class Residual(nnx.Module):
    """branch(x) + shortcut(x)."""

    def __init__(self, branch, shortcut):
        self.branch, self.shortcut = branch, shortcut

    def __call__(self, x):
        return self.branch(x) + self.shortcut(x)


class Positions(nnx.Module):
    """x + W, with a learned vector for each step."""

    def __init__(self, shape):
        self.W = nnx.Param(0.05 * jax.random.normal(jax.random.key(0), shape))

    def __call__(self, x):
        return x + self.W[...].astype(x.dtype)


class Attention(nnx.Module):
    """Attention of the steps to each other."""

    def __init__(self, features, heads, causal, **types):
        self.layer = nnx.MultiHeadAttention(heads, features, decode=False, **types)
        self.causal = causal

    def __call__(self, x):
        return self.layer(x, mask=nnx.make_causal_mask(x[..., 0]) if self.causal else None)


class Last(nnx.Module):
    """What a recurrent layer gives for the last step that it walks, from the front and perhaps from the back."""

    def __init__(self, cells, rngs):
        walks = [nnx.RNN(cell, reverse=i > 0, return_carry=True, rngs=rngs) for i, cell in enumerate(cells)]
        self.walks = nnx.List(walks)

    def __call__(self, x):
        carries = [walk(x)[0] for walk in self.walks]
        return jnp.concatenate([c[1] if isinstance(c, tuple) else c for c in carries], axis=-1)


class Contender:
    """A module, its optimizer and its loop."""

    def __init__(self, workload, dtype="float32", variant=""):
        self.workload, self.rngs, self.modules = workload, nnx.Rngs(0), []
        self.types = {"dtype": jnp.dtype(dtype), "rngs": self.rngs}
        self.model = self.sequence(workload.network, workload.shape)
        self.optimizer = nnx.Optimizer(self.model, optax.adam(workload.rate), wrt=nnx.Param)
        self.run_step, self.run_predict = nnx.jit(self._step), nnx.jit(lambda model, x: model(x))

    def sequence(self, network, shape):
        """The modules of a network's rows."""
        found = []
        for row in network:
            kind, *arguments = row
            own = getattr(self, kind)(shape, *arguments)
            self.modules += own
            found += own
            shape = shape_after(row, shape)
        return nnx.Sequential(*found) if found else nnx.Sequential(lambda x: x)

    @staticmethod
    def with_activation(module, name):
        """A module and its relu or gelu, if any; the loss does the activations of last layers."""
        known = {"relu": jax.nn.relu, "gelu": lambda x: jax.nn.gelu(x, approximate=False)}
        return [module, known[name]] if name in known else [module]

    def dense(self, shape, units, activation):
        return self.with_activation(nnx.Linear(shape[-1], units, **self.types), activation)

    def conv(self, shape, filters, size, activation, stride, pad):
        size, stride = (size, size), (stride, stride)
        conv = nnx.Conv(shape[-1], filters, size, stride, padding=pad, **self.types)
        return self.with_activation(conv, activation)

    def depthwise(self, shape, size, stride, pad):
        options = {"padding": pad, "feature_group_count": shape[-1], **self.types}
        return [nnx.Conv(shape[-1], shape[-1], (size, size), (stride, stride), **options)]

    def tokens(self, shape):
        return [lambda x: x.reshape(len(x), -1, x.shape[-1])]

    def positions(self, shape):
        return [Positions(shape)]

    def layer_norm(self, shape):
        return [nnx.LayerNorm(shape[-1], epsilon=EPSILON, **self.types)]

    def attention(self, shape, heads, causal):
        return [Attention(shape[-1], heads, causal, **self.types)]

    def pool(self, shape, size, stride):
        return [lambda x: nnx.max_pool(x, (size, size), (stride, stride))]

    def norm(self, shape):
        return [nnx.BatchNorm(shape[-1], epsilon=EPSILON, **self.types)]

    def activation(self, shape, name):
        return [jax.nn.relu]

    def dropout(self, shape, rate):
        return [nnx.Dropout(rate, rngs=self.rngs)]

    def flatten(self, shape):
        return [lambda x: x.reshape(len(x), -1)]

    def mean(self, shape):
        return [lambda x: x.mean(tuple(range(1, x.ndim - 1)))]

    def embedding(self, shape, words, features):
        return [nnx.Embed(words, features, **self.types)]

    def lstm(self, shape, units):
        return [Last([nnx.OptimizedLSTMCell(shape[-1], units, **self.types)], self.rngs)]

    def gru(self, shape, units):
        return [Last([nnx.GRUCell(shape[-1], units, **self.types)], self.rngs)]

    def bidirectional(self, shape, units):
        return [Last([nnx.OptimizedLSTMCell(shape[-1], units, **self.types) for _ in range(2)], self.rngs)]

    def residual(self, shape, branch, shortcut):
        return [Residual(self.sequence(branch, shape), self.sequence(shortcut, shape))]

    def set_weights(self, weights):
        """Give each module the weights of its row."""
        kinds = (nnx.Linear, nnx.Conv, nnx.BatchNorm, nnx.LayerNorm, nnx.Embed, Positions, Attention, Last)
        held = [module for module in self.modules if isinstance(module, kinds)]
        for module, row in zip(held, weights, strict=True):
            for variable, value in zip(self.variables(module), row, strict=True):
                variable[...] = jnp.asarray(value).reshape(variable.shape)

    def variables(self, module):
        """The weights of a module, in the order in which those of its row come."""
        if isinstance(module, (nnx.BatchNorm, nnx.LayerNorm)):
            return module.scale, module.bias
        if isinstance(module, Positions):
            return (module.W,)
        if isinstance(module, Attention):
            parts = [getattr(module.layer, name) for name in ("query", "key", "value", "out")]
            return [variable for part in parts for variable in (part.kernel, part.bias)]
        if isinstance(module, nnx.Embed):
            return (module.embedding,)
        if isinstance(module, Last):
            cells = [walk.cell for walk in module.walks]
            biased = [cell.dense_h if cell.dense_h.bias is not None else cell.dense_i for cell in cells]
            return [v for c, b in zip(cells, biased) for v in (c.dense_i.kernel, c.dense_h.kernel, b.bias)]
        return module.kernel, module.bias

    def _loss(self, model, x, y):
        outputs = model(x).astype(jnp.float32)
        if self.workload.classes == 1:
            return optax.sigmoid_binary_cross_entropy(outputs[:, 0], y).mean()
        return optax.softmax_cross_entropy_with_integer_labels(outputs, y).mean()

    def _step(self, model, optimizer, x, y):
        loss, gradients = nnx.value_and_grad(self._loss)(model, x, y)
        optimizer.update(model, gradients)
        return loss

    def placed(self, X):
        """Samples with their channels last."""
        return X.transpose(0, 2, 3, 1) if self.workload.channels_first else X

    def targets(self, y):
        """Classes as the loss takes them."""
        return y.astype(np.float32 if self.workload.classes == 1 else np.int32)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        X, y, size = self.placed(X), self.targets(y), self.workload.batch
        self.model.train()
        for _ in range(epochs):
            order = np.random.permutation(len(X))
            parts = [order[i : i + size] for i in range(0, len(X), size)]
            losses = [self.run_step(self.model, self.optimizer, X[rows], y[rows]) for rows in parts]
            mean = float(jnp.stack(losses).mean())
            ended()
        return mean

    def predict(self, X):
        """Outputs as a NumPy array."""
        self.model.eval()
        X, size = self.placed(X), self.workload.batch
        parts = [np.asarray(self.run_predict(self.model, X[i : i + size])) for i in range(0, len(X), size)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def step(self, x, targets):
        """One step on a batch; its loss."""
        self.model.train()
        return float(self.run_step(self.model, self.optimizer, self.placed(x), targets))

    def parameters(self):
        """How many numbers are trained."""
        return sum(w.size for w in jax.tree.leaves(nnx.state(self.model, nnx.Param)))
