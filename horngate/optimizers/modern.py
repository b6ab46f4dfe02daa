"""Optimizers of later years, as Keras 3 has them: each a pure step from a parameter, its gradient and its slots."""

import re
from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate.backend.graph import Variable
from horngate.engine.arguments import argument
from horngate.engine.hyperparameters import Hyperparameter, LearningRate
from horngate.optimizers.base import Optimizer
from horngate.optimizers.classic import EPSILON, Adam
from horngate.training.transformations import Plan

_BETA_1 = "how slowly m follows the gradients"
_BETA_2 = "how slowly v follows their squares"


class AdamW(Adam):
    """Adam whose weight decay is apart from the gradient: p' = (1 - lr weight_decay) p - Adam's step.

    # Source
        Loshchilov, Hutter, Decoupled Weight Decay Regularization (arXiv:1711.05101), algorithm 2.
    """

    lr: LearningRate = argument(default=0.001)
    weight_decay: float | None = argument("how much the weights shrink, times the rate", default=0.004, at_least=0)
    beta_1: Hyperparameter = argument(_BETA_1, default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument(_BETA_2, default=0.999, at_least=0, below=1)
    epsilon: float = argument(EPSILON, default=1e-7, above=0)
    amsgrad: bool = argument("whether no rate may grow again", default=False)


class Lion(Optimizer):
    """p' = p - lr sign(b1 m + (1 - b1) g), m' = b2 m + (1 - b2) g. Its rate is a third to a tenth of Adam's.

    # Source
        Chen et al., Symbolic Discovery of Optimization Algorithms (arXiv:2302.06675), algorithm 2.
    """

    lr: LearningRate = argument(default=0.001)
    beta_1: Hyperparameter = argument("how much of m is in a step", default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument(_BETA_1, default=0.99, at_least=0, below=1)

    slots: ClassVar[tuple[str, ...]] = ("m",)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        mixed = h.beta_1 * slots.m + (1 - h.beta_1) * g
        return p - h.lr * K.sign(mixed), (h.beta_2 * slots.m + (1 - h.beta_2) * g,)


class Lamb(Optimizer):
    """p' = p - lr |p| / |u| u for Adam's direction u = (m' / (1 - b1^t)) / (sqrt(v' / (1 - b2^t)) + epsilon).

    Where a norm is 0, the quotient is 1. For large batches.

    # Source
        You et al., Large Batch Optimization for Deep Learning (arXiv:1904.00962), algorithm 2.
    """

    lr: LearningRate = argument(default=0.001)
    beta_1: Hyperparameter = argument(_BETA_1, default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument(_BETA_2, default=0.999, at_least=0, below=1)
    epsilon: float = argument(EPSILON, default=1e-7, above=0)

    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        m = h.beta_1 * slots.m + (1 - h.beta_1) * g
        v = h.beta_2 * slots.v + (1 - h.beta_2) * K.square(g)
        direction = m / (1 - K.pow(h.beta_1, t)) / (K.sqrt(v / (1 - K.pow(h.beta_2, t))) + self.epsilon)
        of_p, of_step = _norm(p), _norm(direction)
        both = (of_p > 0) & (of_step > 0)
        trust = K.switch(both, of_p / K.switch(both, of_step, 1.0 + 0 * of_step), 1.0 + 0 * of_p)
        return p - h.lr * trust * direction, (m, v)


def _norm(x):
    return K.sqrt(K.sum(K.square(x)))


def _root_mean_square(x):
    return K.sqrt(K.mean(K.square(x)))


class Adafactor(Optimizer):
    """Adam without m, whose v is kept as a mean for each row and each column: little memory for large matrices.

    With s = g^2 + epsilon_1 and b = 1 - t^beta_2_decay: r' = b r + (1 - b) mean of s along rows, c' the same along
    columns, v = r' c' / mean(r'), u = g / sqrt(v); p' = p - a u / max(1, rms(u) / clip_threshold), where the rate is
    a = max(epsilon_2, rms(p)) min(lr, 1 / sqrt(t)). Vectors keep all of v.

    # Source
        Shazeer, Stern, Adafactor (arXiv:1804.04235), algorithms 4 and 5.
    """

    lr: LearningRate = argument(default=0.001)
    beta_2_decay: float = argument("how fast v slows down", default=-0.8, at_most=0)
    epsilon_1: float = argument("added to the squares of gradients", default=1e-30, at_least=0)
    epsilon_2: float = argument("the least scale of a parameter", default=1e-3, at_least=0)
    clip_threshold: float = argument("the largest root mean square of u", default=1.0, above=0)
    relative_step: bool = argument("whether the rate falls with 1 / sqrt(t); else it is `lr`", default=True)

    slots: ClassVar[tuple[str, ...]] = ("rows", "columns", "square")

    def first(self, slot: str, p: np.ndarray) -> np.ndarray:
        empty = np.zeros(0, p.dtype)
        if p.ndim < 2:
            return np.zeros_like(p) if slot == "square" else empty
        return {"rows": np.zeros_like(p[..., 0]), "columns": np.zeros_like(p[..., 0, :])}.get(slot, empty)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        kept, square = 1 - K.pow(t, self.beta_2_decay), K.square(g) + self.epsilon_1
        rows, columns, whole = slots
        if K.ndim(g) < 2:
            v = whole = kept * whole + (1 - kept) * square
        else:
            rows = kept * rows + (1 - kept) * K.mean(square, axis=-1)
            columns = kept * columns + (1 - kept) * K.mean(square, axis=-2)
            of_rows = rows / K.mean(rows, axis=-1, keepdims=True)
            v = K.expand_dims(of_rows, -1) * K.expand_dims(columns, -2)
        u = g / K.sqrt(v)
        u = u / K.maximum(1.0, _root_mean_square(u) / self.clip_threshold)
        rate = K.minimum(h.lr, 1 / K.sqrt(t)) if self.relative_step else h.lr
        return p - rate * K.maximum(self.epsilon_2, _root_mean_square(p)) * u, (rows, columns, whole)


class Ftrl(Optimizer):
    """Follow the regularized leader: weights of sparse linear models that are exactly zero where l1 is large.

    n' = n + g^2; z' = z + (g + 2 shrinkage p) - (n'^-power - n^-power) p / lr;
    p' = (clip(z', -l1, l1) - z') / (n'^-power / lr + 2 l2 + beta / lr).

    # Source
        McMahan et al., Ad Click Prediction (KDD 2013), algorithm 1.
    """

    lr: LearningRate = argument(default=0.001)
    learning_rate_power: float = argument("how the rate falls with n: 0 keeps it", default=-0.5, at_most=0)
    initial_accumulator_value: float = argument("what n is before the first step", default=0.1, at_least=0)
    l1_regularization_strength: float = argument("l1", default=0.0, at_least=0)
    l2_regularization_strength: float = argument("l2", default=0.0, at_least=0)
    l2_shrinkage_regularization_strength: float = argument(
        "shrinkage: a penalty of the size of the weights on the gradient alone", default=0.0, at_least=0
    )
    beta: float = argument("added to the divisor, times 1 / lr", default=0.0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("squares", "linear")

    def first(self, slot: str, p: np.ndarray) -> np.ndarray:
        return np.full_like(p, self.initial_accumulator_value if slot == "squares" else 0.0)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        squares, power, l1 = slots.squares + K.square(g), -self.learning_rate_power, self.l1_regularization_strength
        after, before = K.pow(squares, power), K.pow(slots.squares, power)
        shrunk = g + 2 * self.l2_shrinkage_regularization_strength * p
        linear = slots.linear + shrunk - (after - before) / h.lr * p
        divisor = after / h.lr + 2 * (self.l2_regularization_strength + self.beta / (2 * h.lr))
        return (K.clip(linear, -l1, l1) - linear) / divisor, (squares, linear)


class ScheduleFreeAdamW(Optimizer):
    """Adam whose weights are an average of all its steps, so that no schedule is needed.

    The gradient is taken at y = (1 - b1) z + b1 x: z' = z - r g / (sqrt(v' / (1 - b2^t)) + epsilon),
    x' = (1 - 1/t) x + z' / t, where the rate r rises to lr in `warmup_steps`. The weights of the model are y.

    # Source
        Defazio et al., The Road Less Scheduled (arXiv:2405.15682), algorithm 1.
    """

    lr: LearningRate = argument(default=0.0025)
    beta_1: Hyperparameter = argument("how near y is to the average x", default=0.9, above=0, at_most=1)
    beta_2: Hyperparameter = argument(_BETA_2, default=0.999, at_least=0, below=1)
    epsilon: float = argument(EPSILON, default=1e-8, above=0)
    warmup_steps: float = argument("the number of steps in which the rate rises", default=0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("z", "v")

    def first(self, slot: str, p: np.ndarray) -> np.ndarray:
        return np.array(p) if slot == "z" else np.zeros_like(p)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        rate = h.lr * K.minimum(t / self.warmup_steps, 1.0) if self.warmup_steps else h.lr
        v = h.beta_2 * slots.v + (1 - h.beta_2) * K.square(g)
        z = slots.z - rate * g / (K.sqrt(v / (1 - K.pow(h.beta_2, t))) + self.epsilon)
        x = (p - (1 - h.beta_1) * slots.z) / h.beta_1
        x = (1 - 1 / t) * x + z / t
        return (1 - h.beta_1) * z + h.beta_1 * x, (z, v)


class Muon(Optimizer):
    """Steps of matrices whose singular values are made equal: m' = momentum m + g, p' = p - lr s O(m').

    O(m) is about U V' of the singular value decomposition m = U S V', by `ns_steps` steps of Newton and Schulz:
    x' = a x + (b x x' + c (x x')^2) x. With `nesterov` g + momentum m' is taken in place of m'; the scale s is
    rms_rate sqrt(largest size of the matrix). What is no matrix, and embeddings, take the step of Adam, with
    `adam_weight_decay`.

    # Source
        Jordan et al., Muon (kellerjordan.github.io/posts/muon, 2024); the scale: Liu et al., Muon is Scalable for LLM
        Training (arXiv:2502.16982).
    """

    lr: LearningRate = argument(default=0.001)
    adam_beta_1: float = argument(_BETA_1 + ", in Adam", default=0.9, at_least=0, below=1)
    adam_beta_2: float = argument(_BETA_2 + ", in Adam", default=0.999, at_least=0, below=1)
    adam_weight_decay: float | None = argument("weight decay of what Adam steps", default=0.004, at_least=0)
    epsilon: float = argument(EPSILON, default=1e-7, above=0)
    weight_decay: float | None = argument("weight decay of matrices", default=0.004, at_least=0)
    exclude_layers: Any = argument("regular expressions for names of weights that Adam steps", default=None)
    exclude_embeddings: bool = argument("whether Adam steps embeddings", default=True)
    muon_a: float = argument("a", default=3.4445)
    muon_b: float = argument("b", default=-4.775)
    muon_c: float = argument("c", default=2.0315)
    adam_lr_ratio: float = argument("Adam's rate, in parts of `lr`", default=1.0, above=0)
    momentum: float = argument("how slowly m follows the gradients", default=0.95, at_least=0, below=1)
    ns_steps: int = argument("steps of Newton and Schulz", default=5, at_least=1)
    nesterov: bool = argument("whether to look ahead", default=True)
    rms_rate: float | None = argument("root mean square of a step, in parts of `lr`; None: no scale", default=0.2)

    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def __post_init__(self) -> None:
        listed = isinstance(self.exclude_layers, (list, tuple, type(None)))
        if not listed or not all(isinstance(each, str) for each in self.exclude_layers or ()):
            raise TypeError(
                "Muon, argument 'exclude_layers': must be a list of regular expressions; received "
                f"{self.exclude_layers!r}"
            )
        self.exclude_layers = list(self.exclude_layers or ())

    def plan(self, params: list[Variable], rules: list[Any]) -> Plan:
        self._by_adam = [self._takes_adam(p) for p in params]
        return super().plan(params, rules)

    def _takes_adam(self, p):
        excluded = any(re.search(pattern, p.label) for pattern in self.exclude_layers or ())
        return len(p.shape) != 2 or excluded or (self.exclude_embeddings and _is_embedding(p))

    def _decays(self, params):
        decays = super()._decays(params)
        return [self.adam_weight_decay if adam and d else d for adam, d in zip(self._by_adam, decays)]

    def _slot(self, name, p):
        if name == "v" and not self._takes_adam(p):
            return K.zeros((0,), dtype=p.dtype, name=f"{p.label}_v")
        return super()._slot(name, p)

    def steps(self, params: list[Any], gradients: list[Any], slots: list[Any], h: Any, t: Any) -> list[Any]:
        each = zip(self._by_adam, params, gradients, slots)
        return [self._adam(p, g, kept, h, t) if adam else self.step(p, g, kept, h, t) for adam, p, g, kept in each]

    def _adam(self, p, g, slots, h, t):
        m = self.adam_beta_1 * slots.m + (1 - self.adam_beta_1) * g
        v = self.adam_beta_2 * slots.v + (1 - self.adam_beta_2) * K.square(g)
        rate = self.adam_lr_ratio * h.lr * K.sqrt(1 - K.pow(self.adam_beta_2, t)) / (1 - K.pow(self.adam_beta_1, t))
        return p - rate * m / (K.sqrt(v) + self.epsilon), (m, v)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        m = self.momentum * slots.m + g
        step = self.zeropower_via_newtonschulz5(g + self.momentum * m if self.nesterov else m, self.ns_steps)
        return p - h.lr * self.lr_adjust(step), (m, slots.v)

    def lr_adjust(self, x: Any) -> Any:
        """Return the matrix `x` times the scale s."""
        return x if self.rms_rate is None else x * (self.rms_rate * max(K.int_shape(x)) ** 0.5)

    def transpose_last_axis(self, X: Any) -> Any:
        """Return the matrix `X`, transposed."""
        return K.transpose(X)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Return the nearest matrix to `x`, about, whose singular values are all 1, found by `steps` steps."""
        rows, columns = K.int_shape(x)
        x = K.transpose(x) if rows > columns else x
        x = x / (_norm(x) + 1e-7)
        for _ in range(steps):
            product = K.dot(x, K.transpose(x))
            x = self.muon_a * x + K.dot(self.muon_b * product + self.muon_c * K.dot(product, product), x)
        return K.transpose(x) if rows > columns else x


def _is_embedding(variable):
    return variable.role == "embeddings" or "embedding" in variable.label.lower()
