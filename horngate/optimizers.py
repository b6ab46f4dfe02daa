"""Optimizers: each is a pure step from a parameter, its gradient and its slots to the new parameter and slots."""

import inspect
from collections import namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar, Self, cast

import numpy as np

from horngate import backend as K
from horngate.backend import updates
from horngate.backend.config import Era, EraDefault
from horngate.backend.function import scheduled
from horngate.backend.graph import Tensor, Variable
from horngate.backend.locks import set_values, values_of
from horngate.backend.orders import of_eras
from horngate.engine import constructors as table
from horngate.engine.arguments import Argument, Declares, argument, attribute, constructor_of, fixed, wants_constructor
from horngate.engine.copying import Copied
from horngate.engine.hyperparameters import Decay, Hyperparameter, LearningRate, LossScale
from horngate.engine.names import keep_apart
from horngate.engine.settings import Settings
from horngate.training import transformations
from horngate.training.transformations import Plan, State, in_one_node, unscaled, updates_of
from horngate.utils.generic_utils import get_custom_objects

_FIRST_SCALE = 2.0**15
_EPSILON = "a small number that keeps quotients finite"


def clip_norm(g: Any, c: float, n: Any) -> Any:
    """The gradient `g` scaled to norm `c` where its norm `n` is larger; unchanged for `c` <= 0.

    If the norm is NaN, the result is NaN.
    """
    return K.switch(n < c, g, g * c / n) if c > 0 else g


class Optimizer(Settings, Declares, Copied, init=False):
    """Computes new weights from gradients.

    A subclass declares its arguments, or has its own constructor, and defines `step(p, g, slots, h, t)`. Or it
    overrides `get_updates(params, constraints, loss)` and builds updates from K's functions, as in Keras 1. Or it
    defines `update_step(gradient, variable, learning_rate)`, which assigns, as in Keras 3.

    # Source
        Loss scaling: Micikevicius et al., Mixed Precision Training (arXiv:1710.03740), section 3.2.
    """

    clipnorm: float | None = argument(
        "scale all gradients of a batch together so that their norm is at most this",
        default=None,
        kw_only=True,
        at_least=0,
    )
    clipvalue: float | None = argument(
        "clip each gradient's entries to [-clipvalue, clipvalue]", default=None, kw_only=True, at_least=0
    )
    gradient_accumulation_steps: int | None = argument(
        "number of batches whose mean gradient makes one step", default=None, kw_only=True, at_least=1
    )
    ema_momentum: float | None = argument(
        "keep moving averages of the weights, a' = ema_momentum a + (1 - ema_momentum) p; within "
        "`model.averaged_weights()` they are the weights",
        default=None,
        kw_only=True,
        above=0,
        below=1,
    )
    loss_scale: LossScale = argument(
        "a factor for the loss before differentiation, by which gradients are divided afterwards, so that small ones "
        "survive in 16 bits; `'dynamic'` (the default where layers compute in float16) halves it and skips the step "
        "when a gradient overflows, and doubles it after 2000 steps without an overflow",
        default=None,
        kw_only=True,
        above=0,
    )

    hyperparameters: ClassVar[tuple[str, ...]] = ()  # arguments held in Variables: they change without recompiling
    slots: ClassVar[tuple[str, ...]] = ()  # names of the arrays kept for each parameter
    shared: ClassVar[tuple[str, ...]] = ()  # names of scalars kept for all parameters together, which start at 1
    counts_in_weights: ClassVar[bool] = True  # whether Keras 1 files hold the number of steps

    iterations: Variable = attribute()  # the number of steps taken
    weights: list[Variable] = attribute()  # what Keras 1 files hold
    updates: list[Any] = attribute()  # pairs (variable, its next value) of the step
    slot_owners: dict[Variable, Variable] = attribute()  # array kept for a parameter -> the parameter
    scaling: list[Variable] = attribute()  # with loss scaling: the scale, and the steps since an overflow
    averages: list[tuple[Variable, Variable]] = attribute()  # pairs (weight, its moving average)
    schedule: Callable[[Any], Any] | None = attribute()  # the function that gives the rate
    finite: Tensor = attribute()  # with loss scaling: whether all gradients of the batch are finite
    _era: Era = attribute()  # in force when it was made
    _given: dict[str, Any] = attribute()
    _bound: dict[str, Any] = attribute()

    def __init_subclass__(cls, **options: Any) -> None:
        for name in Optimizer.__declared__.keys() & vars(cls).keys():  # an option that the class fixes
            if not isinstance(vars(cls)[name], Argument):
                setattr(cls, name, fixed(vars(cls)[name]))
        super().__init_subclass__(**options)
        changed = cast("Any", cls)  # whose constructor is wrapped
        if "__init__" in vars(cls):
            changed.__init__ = table.bound(cls.__init__, converts=False, base=("lr",))
        elif wants_constructor(cls):
            changed.__init__ = table.bound(constructor_of(cls), converts=True, base=("lr",), written=False)
            found = [name for name, item in cls.__declared__.items() if issubclass(item.kind, Hyperparameter)]
            cls.hyperparameters = vars(cls).get("hyperparameters", tuple(found))
        keep_apart(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        optimizer = super().__new__(cls)
        vars(optimizer).update(dict.fromkeys(name for name in Optimizer.__declared__ if name in cls.__declared__))
        of_plan: dict[str, Any] = {"weights": [], "updates": [], "slot_owners": {}, "scaling": [], "averages": []}
        vars(optimizer).update(of_plan, schedule=None, _era=K.era())
        return optimizer

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("name", None)  # as in Keras 3, like the rate that is passed to the base
        if (given := kwargs.pop("learning_rate", None)) is not None:
            self.lr: Any = Variable(given, name="lr")
        for name, value in kwargs.items():
            if name not in Optimizer.__declared__:
                raise TypeError(_unknown_argument(type(self), name))
            setattr(self, name, value)
        self.iterations = Variable(0.0, name="iterations")
        self.schedule = _schedule_of(getattr(self, "lr", None))
        if self.schedule is not None:
            self.lr = float(self.schedule(0))
        for name in self.hyperparameters:
            if not isinstance(getattr(self, name), (int, float, Variable, np.number)):
                raise TypeError(f"{type(self).__name__}: {name} must be a number; received {getattr(self, name)!r}")
            setattr(self, name, Variable(getattr(self, name), name=name))
        for name in self.shared:
            setattr(self, name, Variable(1.0, name=name))
        self.__post_init__()

    def __post_init__(self) -> None:
        """Called when the arguments are set."""

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        """Return the next parameter, and a tuple of its next slots.

        # Arguments
            p: the parameter, an array.
            g: its gradient.
            slots: its slots, a named tuple with a field for each name in `slots` of the class.
            h: the hyper-parameters and the shared scalars, as attributes; `h.lr` includes the decay.
            t: the number of this step, from 1.
        """
        raise TypeError(
            f"{type(self).__name__} must define step(p, g, slots, h, t), or get_updates(params, constraints, loss)."
        )

    def steps(self, params: list[Any], gradients: list[Any], slots: list[Any], h: Any, t: Any) -> list[Any]:
        """Call `step` for each of the `params`, with its entry in `gradients` and `slots`; `h` and `t` as there."""
        return [self.step(*each, h, t) for each in zip(params, gradients, slots)]

    def next_shared(self, h: Any, t: Any) -> tuple[Any, ...]:
        """The next values of the shared scalars, from `h` and `t` as in `step`."""
        return ()

    def get_gradients(self, loss: Any, params: list[Variable]) -> list[Any]:
        """The gradients of the tensor `loss` by `params`, clipped; all zero where a scaled one overflowed."""
        if scale := self._scale():
            scaled = K.gradients(loss * scale, params)
            *gradients, self.finite = in_one_node(unscaled, [scaled, scale], [*params, Tensor((), "bool")])
        else:
            gradients = K.gradients(loss, params)
        if not (self.clipnorm or self.clipvalue):
            return gradients
        return in_one_node(self._clipped, [gradients], params)

    def _scale(self):
        """The variable that holds the loss scale, or None."""
        wanted = self.loss_scale or ("dynamic" if K.compute_dtype() == "float16" else None)
        if wanted and not self.scaling:
            self.scaling = [
                Variable(_FIRST_SCALE if wanted == "dynamic" else wanted, name="loss_scale"),
                Variable(0.0, name="steps_without_overflow"),
            ]
        return self.scaling[0] if wanted else None

    def _clipped(self, gradients):
        if c := self.clipnorm:
            norm = K.sqrt(sum(K.sum(K.square(g)) for g in gradients))
            gradients = [clip_norm(g, c, norm) for g in gradients]
        if c := self.clipvalue:
            gradients = [K.clip(g, -c, c) for g in gradients]
        return gradients

    def get_updates(self, params: Any, constraints: dict[Variable, Any] | None, loss: Any) -> list[tuple[Any, Any]]:
        """Pairs (variable, tensor of its new value) of one step.

        # Arguments
            params: the variables to train.
            constraints: rules that some of them obey after the step, by variable; or None.
            loss: the tensor to minimize.
        """
        params, constraints = list(params), constraints or {}
        gradients = self.get_gradients(loss, params)
        if update_step := getattr(self, "update_step", None):
            return self._by_update_step(update_step, params, constraints, gradients)
        hyper: dict[str, Any] = {name: getattr(self, name) for name in self.hyperparameters}
        plan = self.plan(params, [constraints.get(p) for p in params])
        if self.ema_momentum:
            plan = self._averaging(plan, params, self.ema_momentum)
        if self.gradient_accumulation_steps:
            plan = self._accumulating(plan, params, self.gradient_accumulation_steps)
        if self.scaling:
            hyper["finite"], (scale, steps) = self.finite, self.scaling
            self.weights = [*self.weights, scale, steps]
            adapts = self.loss_scale in (None, "dynamic")
            plan = transformations.leaving_out_overflows(plan, scale, steps, adapts)
        self.updates = updates_of(plan, gradients, hyper)
        return self.updates

    def _averaging(self, plan, params, momentum):
        averages = [Variable(p.get_value(), name=f"{p.name}_average") for p in params]
        self.averages = list(zip(params, averages))
        self.weights = [*self.weights, *averages]
        self.slot_owners.update(zip(averages, params))
        return transformations.averaging(plan, averages, momentum)

    def _accumulating(self, plan, params, every):
        batches, sums = Variable(0.0, name="batches"), [K.zeros(p.shape, name=f"{p.name}_gradient") for p in params]
        self.weights = [*self.weights, batches, *sums]
        self.slot_owners.update(zip(sums, params))
        return transformations.accumulating(plan, batches, sums, every)

    def plan(self, params: list[Variable], rules: list[Any]) -> Plan:
        """Describe the step on `params` by a state and a pure function; `rules`: the constraint of each, or None."""
        kept = [[K.zeros(p.shape, dtype=p.dtype, name=f"{p.name}_{slot}") for p in params] for slot in self.slots]
        self.weights = [self.iterations] * self.counts_in_weights + [slot for slots in kept for slot in slots]
        self.slot_owners = {slot: p for slots in kept for slot, p in zip(slots, params)}
        Slots = namedtuple("Slots", self.slots, rename=True)  # type: ignore[misc]  # each class has its own
        slots_of = [Slots(*slots) for _, *slots in zip(params, *kept)]
        schedule, rate = self.schedule, [] if self.schedule is None else [self.lr]
        state = State(self.iterations, rate, {name: getattr(self, name) for name in self.shared}, params, slots_of)

        def advance(state, gradients, hyper):
            h, t = SimpleNamespace(**hyper, **state.shared), state.iterations + 1
            if schedule is not None:
                h.lr = scheduled(schedule, state.iterations)
            rate = [h.lr for _ in state.rate]
            if "decay" in hyper:
                h.lr = h.lr / (1 + h.decay * state.iterations)
            stepped = self.steps(state.params, gradients, state.slots, h, t)
            news = [rule(new) if rule else new for rule, (new, _) in zip(rules, stepped)]
            shared = dict(zip(self.shared, self.next_shared(h, t)))
            return State(t, rate, shared, news, [Slots(*self._counted(slots)) for _, slots in stepped])

        return Plan(state, advance)

    def _counted(self, slots):
        """Check the number of slots that `step` returned."""
        if len(slots) != len(self.slots):
            raise ValueError(
                f"{type(self).__name__}.step gave {len(slots)} slots for a parameter; `slots` of the class names "
                f"{len(self.slots)}: {self.slots}. Return (parameter, (slot, ...))."
            )
        return slots

    # Optimizers in the style of Keras 3 define `update_step(gradient, variable, learning_rate)`, which assigns.

    def _by_update_step(self, update_step, params, constraints, gradients):
        self.updates = []
        if build := getattr(self, "build", None):
            build(params)
        for p, g in zip(params, gradients):
            update_step(g, p, self.lr)
        self.updates = [(p, constraints[p](new) if p in constraints else new) for p, new in self.updates]
        return self.updates

    def assign(self, variable: Variable, value: Any) -> None:
        """In `update_step`: make `value` the next value of `variable`."""
        self.updates.append((variable, value))

    def assign_add(self, variable: Variable, value: Any) -> None:
        """In `update_step`: add `value` to `variable`."""
        self.assign(variable, variable + value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """In `update_step`: subtract `value` from `variable`."""
        self.assign(variable, variable - value)

    @property
    def state(self) -> list[Variable]:
        """All variables that an exact continuation of training needs."""
        counted = [v for v, _ in self.updates if v is self.iterations or v.name in self.shared]
        return list(dict.fromkeys([*self.weights, *counted]))

    def get_weights(self) -> list[np.ndarray]:
        """The values of the slots, as NumPy arrays."""
        return values_of(self.weights)

    def set_weights(self, weights: list[Any]) -> None:
        """Set the values of the slots: `weights` are arrays as `get_weights` gives them."""
        if len(weights) != len(self.weights):
            raise ValueError(
                f"{type(self).__name__} holds {len(self.weights)} arrays; received {len(weights)}. "
                "They are made by the first training step, or by model._make_train_function()."
            )
        set_values(self.weights, weights)

    get_state = get_weights  # the name of Keras 0.3

    @of_eras
    def set_state(self, weights: list[Any]) -> None:
        """The name of `set_weights` in Keras 0.3; `weights`: as there (Keras 0.3 called it `value_list`)."""
        self.set_weights(weights)

    def get_config(self) -> dict[str, Any]:
        """The hyper-parameters, and the options that are set, as plain data."""
        options = Optimizer.__declared__
        told = self.__declared__ if hasattr(type(self).__init__, "generated") else options
        found = {name: getattr(self, item.attribute) for name, item in told.items()}
        return {name: _number(value) for name, value in found.items() if name not in options or value is not None}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """An optimizer from what `get_config` gave, `config`."""
        return cls(**config)


vars(Optimizer.__new__)["__signature__"] = inspect.signature(constructor_of(Optimizer))  # for help


def _schedule_of(rate: Any) -> Callable[[Any], Any] | None:
    """Return the rate if it is a function of the step, else None."""
    return rate if callable(rate) and not isinstance(rate, Variable) else None


def _unknown_argument(cls, name):
    known = dict.fromkeys([*table.names_of(cls.__init__), *Optimizer.__declared__])
    hint = table.did_you_mean(name, known)
    return f"{cls.__name__} has no argument {name!r}.{hint} It takes {', '.join(known)}."


def _number(value):
    return float(value) if isinstance(value, Variable) else value


class SGD(Optimizer):
    """Gradient descent: v' = momentum v - lr g, p' = p + v'; with nesterov p' = p + momentum v' - lr g."""

    lr: LearningRate = argument(default=0.01)
    momentum: Hyperparameter = argument(
        "the fraction of a step that the next one repeats", default=0.0, at_least=0, at_most=1
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

    # Source
        Hinton, Neural Networks for Machine Learning, lecture 6e.
    """

    lr: LearningRate = argument(default=0.001)
    rho: Hyperparameter = argument("decay rate of the average a", default=0.9, at_least=0, at_most=1)
    epsilon: float = argument(_EPSILON, default=EraDefault("root_epsilon"), above=0)
    decay: Decay = argument(default=0.0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("square",)
    counts_in_weights: ClassVar[bool] = False

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        square = h.rho * slots.square + (1 - h.rho) * K.square(g)
        return p - h.lr * g / _root(self, square), (square,)


class Adagrad(Optimizer):
    """a' = a + g^2, p' = p - lr g / (sqrt(a') + epsilon).

    # Source
        Duchi, Hazan, Singer, Adaptive Subgradient Methods (JMLR 2011).
    """

    lr: LearningRate = argument(default=0.01)
    epsilon: float = argument(_EPSILON, default=EraDefault("root_epsilon"), above=0)
    decay: Decay = argument(default=0.0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("square",)
    counts_in_weights: ClassVar[bool] = False

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        square = slots.square + K.square(g)
        return p - h.lr * g / _root(self, square), (square,)


class Adadelta(Optimizer):
    """a' = rho a + (1 - rho) g^2, u = g sqrt(d + epsilon) / sqrt(a' + epsilon), p' = p - lr u.

    d' = rho d + (1 - rho) u^2.

    # Source
        Zeiler, ADADELTA (arXiv:1212.5701), algorithm 1.
    """

    lr: LearningRate = argument(default=1.0)
    rho: float = argument("decay rate of the averages a and d", default=0.95, at_least=0, at_most=1)
    epsilon: float = argument(_EPSILON, default=1e-8, above=0)
    decay: Decay = argument(default=0.0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("square", "delta_square")
    counts_in_weights: ClassVar[bool] = False

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        square = self.rho * slots.square + (1 - self.rho) * K.square(g)
        u = g * K.sqrt(slots.delta_square + self.epsilon) / K.sqrt(square + self.epsilon)
        return p - h.lr * u, (square, self.rho * slots.delta_square + (1 - self.rho) * K.square(u))


class Adam(Optimizer):
    """m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - r m' / (sqrt(v') + epsilon).

    The rate of step t is r = lr sqrt(1 - b2^t) / (1 - b1^t).

    # Source
        Kingma, Ba, Adam (arXiv:1412.6980), the efficient order of computation at the end of section 2.
    """

    lr: LearningRate = argument(default=0.001)
    beta_1: Hyperparameter = argument("decay rate of m, the average of gradients", default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument("decay rate of v, the average of squares", default=0.999, at_least=0, below=1)
    epsilon: float = argument(_EPSILON, default=1e-8, above=0)
    decay: Decay = argument(default=0.0, at_least=0)

    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def step(self, p: Any, g: Any, slots: Any, h: Any, t: Any) -> tuple[Any, tuple[Any, ...]]:
        return self._together([p], [g], [slots], h, t)[0]

    def steps(self, params: list[Any], gradients: list[Any], slots: list[Any], h: Any, t: Any) -> list[Any]:
        if not params or type(self).step is not Adam.step:  # a subclass has a step of its own
            return super().steps(params, gradients, slots, h, t)
        return self._together(params, gradients, slots, h, t)

    def _together(self, params, gradients, slots, h, t):
        rate = h.lr * K.sqrt(1 - K.pow(h.beta_2, t)) / (1 - K.pow(h.beta_1, t))
        means, squares = [kept.m for kept in slots], [kept.v for kept in slots]
        stepped = updates.adam(params, gradients, means, squares, rate, h.beta_1, h.beta_2, self.epsilon)
        return [(p, (m, v)) for p, m, v in zip(*stepped)]


class Adamax(Optimizer):
    """m' = b1 m + (1 - b1) g, u' = max(b2 u, |g|), p' = p - lr / (1 - b1^t) m' / (u' + epsilon).

    # Source
        Kingma, Ba, Adam (arXiv:1412.6980), algorithm 2.
    """

    lr: LearningRate = argument(default=0.002)
    beta_1: Hyperparameter = argument("decay rate of m, the average of gradients", default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument("how slowly u falls", default=0.999, at_least=0, below=1)
    epsilon: float = argument(_EPSILON, default=1e-8, above=0)
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

    lr: LearningRate = argument(default=0.002)
    beta_1: Hyperparameter = argument("decay rate of m, the average of gradients", default=0.9, at_least=0, below=1)
    beta_2: Hyperparameter = argument("decay rate of v, the average of squares", default=0.999, at_least=0, below=1)
    epsilon: float = argument(_EPSILON, default=1e-8, above=0)
    schedule_decay: float = argument("how fast the momentum warms", default=0.004, at_least=0)

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


class TFOptimizer(Optimizer):
    """Any optax transformation as an optimizer: p' = p + update(g).

    `compile(optimizer=optax.adamw(1e-3))` makes one itself.
    """

    optimizer: Any = argument("the transformation, such as `optax.adamw(1e-3)`")
    weights = []  # until training begins

    def plan(self, params: list[Variable], rules: list[Any]) -> Plan:
        import optax

        leaves, arranged = K.flatten_tree(self.optimizer.init([p.get_value() for p in params]))
        kept = [Variable(leaf, dtype=str(leaf.dtype), name=f"optax_{i}") for i, leaf in enumerate(leaves)]
        self.weights = [self.iterations, *kept]

        def advance(state, gradients, hyper):
            changes, slots = self.optimizer.update(gradients, state.slots, state.params)
            news: Any = optax.apply_updates(state.params, changes)
            news = [rule(new) if rule else new for rule, new in zip(rules, news)]
            return State(state.iterations + 1, [], {}, news, slots)

        return Plan(State(self.iterations, [], {}, params, arranged(kept)), advance)

    def get_config(self) -> dict[str, Any]:
        raise ValueError(
            "an optax transformation is made of functions and cannot be written to a file: compile the loaded model "
            "with it again."
        )


_CLASSES: dict[str, Any] = {cls.__name__.lower(): cls for cls in (SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam)}


def optimizer_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """Make an optimizer from its description in a file.

    # Arguments
        config: `{"class_name": ..., "config": ...}`, where `config` is the result of `get_config`.
        custom_objects: the user's own optimizers, by the names of their classes.
    """
    name = config["class_name"]
    known = {**_CLASSES, **{k.lower(): v for k, v in {**get_custom_objects(), **(custom_objects or {})}.items()}}
    if name.lower() not in known:  # a longer name is another one: `adamw` is not `adam`
        hint = "" if name.lower().startswith(tuple(known)) else table.did_you_mean(name.lower(), known)
        raise ValueError(
            f"unknown optimizer {name!r}.{hint} Known: {', '.join(known)}. Any of Optax's is taken, too: "
            "compile(optax.adamw(1e-3), ...)."
        )
    return known[name.lower()].from_config(config["config"])


def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> Any:
    """Return the optimizer that `identifier` stands for.

    # Arguments
        identifier: a name, a configuration, an optax transformation, or an optimizer.
        kwargs: arguments for the constructor of the named optimizer.

    >>> get('adam').get_config()['beta_2'] > 0.99
    True
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type):
        raise TypeError(f"optimizer: {identifier.__name__} is a class. Make one with {identifier.__name__}().")
    if isinstance(identifier, dict):
        return optimizer_from_config(identifier)
    if isinstance(identifier, str):
        return optimizer_from_config({"class_name": identifier, "config": kwargs or {}})
    if hasattr(identifier, "init") and hasattr(identifier, "update"):
        return TFOptimizer(identifier)
    if hasattr(identifier, "get_updates"):
        return identifier
    raise ValueError(f"optimizer must be a name, an Optimizer or an optax transformation; received {identifier!r}")


def kl_divergence(p: Any, p_hat: Any) -> Any:
    """The elementwise divergence of `p_hat` from `p`: p_hat - p + p log(p / p_hat)."""
    return p_hat - p + p * K.log(p / p_hat)
