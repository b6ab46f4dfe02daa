"""The optimizers that Keras had from the first: each a pure step from a parameter, its gradient and its slots."""

from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate.backend import updates
from horngate.backend.config import EraDefault
from horngate.engine.arguments import argument
from horngate.engine.hyperparameters import Decay, Epsilon, Hyperparameter, LearningRate
from horngate.optimizers.base import Optimizer

EPSILON = "a small number that keeps quotients finite; None for `K.epsilon()`"


class SGD(Optimizer):
    """Gradient descent: v' = momentum v - lr g, p' = p + v'; with nesterov p' = p + momentum v' - lr g."""

    lr: LearningRate = argument(default=0.01)
    momentum: Hyperparameter = argument(
        "how much of a step is taken again by the next", default=0.0, at_least=0, at_most=1
    )
    decay: Decay = argument(default=0.0, at_least=0)
    nesterov: bool = argument("whether to look ahead", default=False)

    slots: ClassVar[tuple[str, ...]] = ("moment",)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        v = h.momentum * slots.moment - h.lr * g
        return (p + h.momentum * v - h.lr * g if self.nesterov else p + v), (v,)


def _root(optimizer, square):
    """sqrt(a) + epsilon; for an optimizer that was made in the era of Keras 0.3 sqrt(a + epsilon)."""
    epsilon = optimizer.epsilon
    return K.sqrt(square + epsilon) if optimizer._era.epsilon_inside_root else K.sqrt(square) + epsilon


class RMSprop(Optimizer):
    """a' = rho a + (1 - rho) g^2, p' = p - lr g / (sqrt(a') + epsilon).

    `centered`: m' = rho m + (1 - rho) g, and a' - m'^2 in place of a'. With `momentum`, v' = momentum v + the step
    above, p' = p - v'.

    # Source
        Hinton, Neural Networks for Machine Learning, lecture 6e.
    """

    lr: LearningRate = argument(default=0.001)
    rho: Hyperparameter = argument("how slowly a follows the squares", default=0.9, at_least=0, at_most=1)
    epsilon: Epsilon = argument(EPSILON, default=EraDefault("root_epsilon"), above=0)
    decay: Decay = argument(default=0.0, at_least=0)
    momentum: float = argument(
        "how much of a step is taken again by the next", default=0.0, kw_only=True, at_least=0, at_most=1
    )
    centered: bool = argument("whether to divide by the deviation of the gradients", default=False, kw_only=True)

    slots: ClassVar[tuple[str, ...]] = ("square",)
    counts_in_weights: ClassVar[bool] = False

    def slots_used(self) -> tuple[str, ...]:
        return (*self.slots, *["mean"] * self.centered, *["moment"] * (self.momentum > 0))

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        square = h.rho * slots.square + (1 - h.rho) * K.square(g)
        mean = h.rho * slots.mean + (1 - h.rho) * g if self.centered else 0.0
        change = h.lr * g / _root(self, square - K.square(mean) if self.centered else square)
        if self.momentum:
            change = self.momentum * slots.moment + change
        return p - change, (square, *[mean] * self.centered, *[change] * (self.momentum > 0))


class Adagrad(Optimizer):
    """a' = a + g^2, p' = p - lr g / (sqrt(a') + epsilon).

    # Source
        Duchi, Hazan, Singer, Adaptive Subgradient Methods (JMLR 2011).
    """

    lr: LearningRate = argument(default=EraDefault("adagrad_rate"))
    epsilon: Epsilon = argument(EPSILON, default=EraDefault("root_epsilon"), above=0)
    decay: Decay = argument(default=0.0, at_least=0)
    initial_accumulator_value: float = argument(
        "what a is before the first step", default=EraDefault("adagrad_start"), kw_only=True, at_least=0
    )

    slots: ClassVar[tuple[str, ...]] = ("square",)
    counts_in_weights: ClassVar[bool] = False

    def first(self, slot: str, p: np.ndarray) -> np.ndarray:
        return np.full_like(p, self.initial_accumulator_value)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        square = slots.square + K.square(g)
        return p - h.lr * g / _root(self, square), (square,)


class Adadelta(Optimizer):
    """a' = rho a + (1 - rho) g^2, u = g sqrt(d + epsilon) / sqrt(a' + epsilon), p' = p - lr u.

    d' = rho d + (1 - rho) u^2.

    # Source
        Zeiler, ADADELTA (arXiv:1212.5701), algorithm 1.
    """

    lr: LearningRate = argument(default=EraDefault("adadelta_rate"))
    rho: float = argument("how slowly a and d follow the squares", default=0.95, at_least=0, at_most=1)
    epsilon: Epsilon = argument(EPSILON, default=EraDefault("adam_epsilon"), above=0)
    decay: Decay = argument(default=0.0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("square", "delta_square")
    counts_in_weights: ClassVar[bool] = False

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        square = self.rho * slots.square + (1 - self.rho) * K.square(g)
        u = g * K.sqrt(slots.delta_square + self.epsilon) / K.sqrt(square + self.epsilon)
        return p - h.lr * u, (square, self.rho * slots.delta_square + (1 - self.rho) * K.square(u))

    def update_step(self, grad: Any, variable: Any, learning_rate: Any) -> None:
        """Refuse, as that of other optimizers does.

        # Arguments
            grad: the gradient, under its name in Keras 3.
            variable: the variable.
            learning_rate: the rate.
        """
        super().update_step(grad, variable, learning_rate)

    vars(update_step)["refuses"] = True


def _adams_rate(h, t):
    """The rate of step t, which takes the zeros out of the means that m and v start from."""
    return h.lr * K.sqrt(1 - K.pow(h.beta_2, t)) / (1 - K.pow(h.beta_1, t))


class Adam(Optimizer):
    """m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - r m' / (sqrt(v') + epsilon).

    The rate of step t is r = lr sqrt(1 - b2^t) / (1 - b1^t). `amsgrad`: the largest v' so far in place of v'.

    # Source
        Kingma, Ba, Adam (arXiv:1412.6980), the efficient order of computation at the end of section 2; Reddi et al., On
        the Convergence of Adam and Beyond (ICLR 2018).
    """

    lr: LearningRate = argument(default=0.001)
    beta_1: Hyperparameter = argument("how slowly m follows the gradients", default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument("how slowly v follows their squares", default=0.999, at_least=0, below=1)
    epsilon: Epsilon = argument(EPSILON, default=EraDefault("adam_epsilon"), above=0)
    decay: Decay = argument(default=0.0, at_least=0)
    amsgrad: bool = argument("whether no rate may grow again", default=False, kw_only=True)

    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def slots_used(self) -> tuple[str, ...]:
        return (*self.slots, "largest") if self.amsgrad else self.slots

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        if not self.amsgrad:
            return self._together([p], [g], [slots], h, t)[0]
        m = h.beta_1 * slots.m + (1 - h.beta_1) * g
        v = h.beta_2 * slots.v + (1 - h.beta_2) * K.square(g)
        largest = K.maximum(slots.largest, v)
        return p - _adams_rate(h, t) * m / (K.sqrt(largest) + self.epsilon), (m, v, largest)

    def steps(self, params: list[Any], gradients: list[Any], slots: list[Any], h: Any, t: Any) -> list[Any]:
        if not params or self.amsgrad or type(self).step is not Adam.step:  # a subclass has a step of its own
            return super().steps(params, gradients, slots, h, t)
        return self._together(params, gradients, slots, h, t)

    def _together(self, params, gradients, slots, h, t):
        rate = _adams_rate(h, t)
        means, squares = [kept.m for kept in slots], [kept.v for kept in slots]
        stepped = updates.adam(params, gradients, means, squares, rate, h.beta_1, h.beta_2, self.epsilon)
        return [(p, (m, v)) for p, m, v in zip(*stepped)]


class Adamax(Optimizer):
    """m' = b1 m + (1 - b1) g, u' = max(b2 u, |g|), p' = p - lr / (1 - b1^t) m' / (u' + epsilon).

    # Source
        Kingma, Ba, Adam (arXiv:1412.6980), algorithm 2.
    """

    lr: LearningRate = argument(default=EraDefault("adamax_rate"))
    beta_1: Hyperparameter = argument("how slowly m follows the gradients", default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument("how slowly u falls", default=0.999, at_least=0, below=1)
    epsilon: Epsilon = argument(EPSILON, default=EraDefault("adam_epsilon"), above=0)
    decay: Decay = argument(default=0.0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("m", "u")

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        m = h.beta_1 * slots.m + (1 - h.beta_1) * g
        u = K.maximum(h.beta_2 * slots.u, K.abs(g))
        return p - h.lr / (1 - K.pow(h.beta_1, t)) * m / (u + self.epsilon), (m, u)


class Nadam(Optimizer):
    """Adam with Nesterov momentum and a warming momentum schedule mu_t = b1 (1 - 0.96^(t schedule_decay) / 2).

    # Source
        Dozat, Incorporating Nesterov Momentum into Adam (ICLR workshop 2016).
    """

    lr: LearningRate = argument(default=EraDefault("adamax_rate"))
    beta_1: Hyperparameter = argument("how slowly m follows the gradients", default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument("how slowly v follows their squares", default=0.999, at_least=0, below=1)
    epsilon: Epsilon = argument(EPSILON, default=EraDefault("adam_epsilon"), above=0)
    schedule_decay: float = argument(
        "how fast the momentum warms", default=EraDefault("nadam_schedule_decay"), at_least=0
    )

    slots: ClassVar[tuple[str, ...]] = ("m", "v")
    shared: ClassVar[tuple[str, ...]] = ("m_schedule",)

    def momentum(self, h: Any, t: Any) -> Any:
        """mu_t, from `h` and `t` as in `step`."""
        return h.beta_1 * (1 - 0.5 * K.pow(0.96, t * self.schedule_decay))

    def next_shared(self, h: Any, t: Any) -> tuple[Any, ...]:
        return (h.m_schedule * self.momentum(h, t),)

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        now, then = self.momentum(h, t), self.momentum(h, t + 1)
        product = h.m_schedule * now
        m = h.beta_1 * slots.m + (1 - h.beta_1) * g
        v = h.beta_2 * slots.v + (1 - h.beta_2) * K.square(g)
        ahead = (1 - now) * g / (1 - product) + then * m / (1 - product * then)
        return p - h.lr * ahead / (K.sqrt(v / (1 - K.pow(h.beta_2, t))) + self.epsilon), (m, v)
