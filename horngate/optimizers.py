"""Optimizers: each a pure step from a parameter, its gradient and its slots to the next ones."""

from types import SimpleNamespace

import numpy as np

from horngate import backend as K
from horngate.backend import updates
from horngate.backend.config import EraDefault
from horngate.backend.function import scheduled
from horngate.backend.graph import Node, Tensor, Variable
from horngate.backend.orders import of_eras
from horngate.engine import params as table
from horngate.engine.copying import Copied
from horngate.engine.names import keep_apart, set_on
from horngate.utils.generic_utils import get_custom_objects

# Arguments of every optimizer.
_COMMON = ("clipnorm", "clipvalue", "gradient_accumulation_steps", "ema_momentum", "loss_scale")
_FIRST_SCALE, _STEPS_TO_GROW = 2.0**15, 2000


def clip_norm(g, c, n):
    """`g` scaled to norm `c` where its norm `n` is larger; unchanged for `c` <= 0. By a norm of NaN all becomes NaN."""
    return K.switch(n < c, g, g * c / n) if c > 0 else g


def _check_common(name, value):
    """Raise unless `value` fits the argument `name`, which every optimizer takes; None is as if not given."""
    fits, wanted = {
        "clipnorm": (lambda v: v >= 0, "a number of at least 0"),
        "clipvalue": (lambda v: v >= 0, "a number of at least 0"),
        "gradient_accumulation_steps": (lambda v: v >= 1 and v == int(v), "a whole number of at least 1"),
        "ema_momentum": (lambda v: 0 < v < 1, "a number between 0 and 1"),
        "loss_scale": (lambda v: v == "dynamic" or v > 0, "a number above 0, or 'dynamic'"),
    }[name]
    try:
        good = value is None or fits(value)
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ValueError(f"{name} must be {wanted}; received {value!r}")


class Optimizer(Copied):
    """The way from gradients to new weights.

    A subclass gives `step(p, g, slots, h, t)`: the next parameter and slots from the parameter, its gradient, its
    slots, the hyper-parameters `h` (with `h.lr` already decayed) and the number `t` of this step, from 1. Or it
    overrides `get_updates(params, constraints, loss)` and builds its updates of K's functions, as in Keras 1.

    # Arguments
        lr: the learning rate, or a function of the step, from 0, that gives it: an optax schedule, or one of your own.
            A file keeps the rate of the moment, not the function.
        clipnorm: scale all gradients of a batch together so that their norm is at most this.
        clipvalue: clip each gradient's entries to [-clipvalue, clipvalue].
        gradient_accumulation_steps: number of batches whose mean gradient makes one step.
        ema_momentum: keep moving averages of the weights, a' = ema_momentum a + (1 - ema_momentum) p; within
            `model.averaged_weights()` they are the weights.
        loss_scale: what the loss is multiplied by before it is differentiated, and the gradients divided by after, so
            that small ones outlast 16 bits. `'dynamic'` (where layers compute in float16 and nothing is said) halves it
            and leaves the step out when a gradient overflows, and doubles it after 2000 steps without.

    # Source
        Loss scaling: Micikevicius et al., Mixed Precision Training (arXiv:1710.03740), section 3.2.
    """

    hyperparameters = ()  # arguments that live in Variables: they may change without recompiling
    slots = ()  # names of the arrays kept for each parameter
    shared = ()  # names of scalars kept for all parameters together, which start at 1
    weights, updates, slot_owners = (), (), {}
    counts_in_weights = True  # whether Keras 1 files hold the number of steps
    averages: list
    scaling: list
    schedule: object
    _given: tuple
    _bound: tuple

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            own = cls.__module__.startswith("horngate.")
            cls.__init__ = table.bound(cls.__init__, converts=own, base=("lr",))
        keep_apart(cls)

    def __init__(self, **kwargs):
        kwargs.pop("name", None)  # in the manner of Keras 3, as the rate that is handed to the base
        if (rate := kwargs.pop("learning_rate", None)) is not None:
            self.lr = self.learning_rate = Variable(rate, name="lr")
        for name in kwargs:
            if name not in _COMMON:
                known = [*table.names_of(type(self).__init__), *_COMMON]
                hint = table.did_you_mean(name, known)
                raise TypeError(f"{type(self).__name__} has no argument {name!r}.{hint} It takes {', '.join(known)}.")
        for name, value in kwargs.items():
            _check_common(name, value)
        self.__dict__.update(kwargs)
        self.updates, self.weights = [], []
        self.slot_owners = {}  # array kept for a parameter -> the parameter
        self.iterations = Variable(0.0, name="iterations")
        self.scaling = []  # where the loss is scaled: its scale, and the steps since a gradient overflowed
        self.averages = []  # pairs (weight, its moving average)
        self.schedule = None
        if callable(getattr(self, "lr", None)) and not isinstance(self.lr, Variable):
            self.schedule, self.lr = self.lr, float(self.lr(0))
        for name in self.hyperparameters:
            if not isinstance(getattr(self, name), (int, float, Variable, np.number)):
                raise TypeError(f"{type(self).__name__}: {name} must be a number; received {getattr(self, name)!r}")
            setattr(self, name, Variable(getattr(self, name), name=name))
        for name in self.shared:
            setattr(self, name, Variable(1.0, name=name))

    def __setattr__(self, name, value):
        held = self.__dict__.get(name)
        if isinstance(held, Variable) and isinstance(value, (int, float)):
            held.set_value(value)  # `optimizer.lr = 0.01` takes effect on the next step
        else:
            set_on(self, name, value)

    def step(self, p, g, slots, h, t):
        """The next parameter, and a tuple of its next slots."""
        raise TypeError(
            f"{type(self).__name__} must define step(p, g, slots, h, t), or get_updates(params, constraints, loss)."
        )

    def steps(self, params, gradients, slots, h, t):
        """What `step` gives of each parameter."""
        return [self.step(*each, h, t) for each in zip(params, gradients, slots)]

    def next_shared(self, h, t):
        """The next values of the shared scalars."""
        return ()

    def get_gradients(self, loss, params):
        """The gradients of `loss`, clipped, as tensors; all zero where a scaled one overflowed."""
        if scale := self._scale():
            gradients = _symbolic(_unscaled, [K.gradients(loss * scale, params), scale], [*params, Tensor((), "bool")])
            self.finite = gradients.pop()
        else:
            gradients = K.gradients(loss, params)
        if not (getattr(self, "clipnorm", 0) or getattr(self, "clipvalue", 0)):
            return gradients
        return _symbolic(self._clipped, [gradients], params)

    def _scale(self):
        """The variable that holds the loss scale, or None."""
        wanted = getattr(self, "loss_scale", None) or ("dynamic" if K.compute_dtype() == "float16" else None)
        if wanted and not self.scaling:
            self.scaling = [
                Variable(_FIRST_SCALE if wanted == "dynamic" else wanted, name="loss_scale"),
                Variable(0.0, name="steps_without_overflow"),
            ]
        return self.scaling[0] if wanted else None

    def _clipped(self, gradients):
        if getattr(self, "clipnorm", 0):
            norm = K.sqrt(sum(K.sum(K.square(g)) for g in gradients))
            gradients = [clip_norm(g, self.clipnorm, norm) for g in gradients]
        if getattr(self, "clipvalue", 0):
            gradients = [K.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        return gradients

    def get_updates(self, params, constraints, loss):
        """Pairs (variable, tensor of its new value) of one step down the gradient of `loss`."""
        params, constraints = list(params), constraints or {}
        gradients = self.get_gradients(loss, params)
        if hasattr(self, "update_step"):
            return self._by_update_step(params, constraints, gradients)
        hyper = {name: getattr(self, name) for name in self.hyperparameters}
        targets, advance = self.plan(params, [constraints.get(p) for p in params])
        if getattr(self, "ema_momentum", None):
            targets, advance = self._with_averages(params, targets, advance)
        if getattr(self, "gradient_accumulation_steps", None):
            targets, advance = self._accumulating(params, targets, advance)
        if self.scaling:
            hyper["finite"] = self.finite
            targets, advance = self._leaving_out_overflows(targets, advance)
        self.updates = list(zip(targets, _symbolic(advance, [targets, gradients, hyper], targets)))
        return self.updates

    # One in the manner of Keras 3 gives `update_step(gradient, variable, learning_rate)`, which assigns.

    def _by_update_step(self, params, constraints, gradients):
        self.updates = []
        if hasattr(self, "build"):
            self.build(params)
        for p, g in zip(params, gradients):
            self.update_step(g, p, self.lr)
        self.updates = [(p, constraints[p](new) if p in constraints else new) for p, new in self.updates]
        return self.updates

    def assign(self, variable, value):
        """Within `update_step`: the variable's next value."""
        self.updates.append((variable, value))

    def assign_add(self, variable, value):
        """Within `update_step`: what is added to the variable."""
        self.assign(variable, variable + value)

    def assign_sub(self, variable, value):
        """Within `update_step`: what is taken off the variable."""
        self.assign(variable, variable - value)

    def plan(self, params, rules):
        """Variables that a step changes, and the pure function of it.

        The function gives their new values from those of before, the gradients, and the hyper-parameters by name;
        `rules` are the constraints of `params`, or None.
        """
        kept = [[K.zeros(p.shape, dtype=p.dtype, name=f"{p.name}_{slot}") for p in params] for slot in self.slots]
        self.weights = [self.iterations] * self.counts_in_weights + [slot for slots in kept for slot in slots]
        self.slot_owners = {slot: p for slots in kept for slot, p in zip(slots, params)}
        shared = [getattr(self, name) for name in self.shared]
        followed = [self.lr] * (self.schedule is not None)
        count, width, first = len(params), len(self.slots), 1 + len(shared) + len(followed)
        targets = [self.iterations, *followed, *shared, *params, *(slot for slots in zip(*kept) for slot in slots)]

        def advance(values, gradients, hyper):
            iterations, before = values[0], values[first : first + count]
            slots = [values[first + count + i * width :][:width] for i in range(count)]
            h, t = SimpleNamespace(**hyper, **dict(zip(self.shared, values[1 + len(followed) :]))), iterations + 1
            if self.schedule is not None:
                h.lr = scheduled(self.schedule, iterations)
            rate = h.lr
            if "decay" in hyper:
                h.lr = h.lr / (1 + h.decay * iterations)
            stepped = self.steps(before, gradients, slots, h, t)
            news = [rule(new) if rule else new for rule, (new, _) in zip(rules, stepped)]
            new_slots = [slot for _, new_slots in stepped for slot in new_slots]
            return [t, *[rate] * len(followed), *self.next_shared(h, t), *news, *new_slots]

        return targets, advance

    def _with_averages(self, params, targets, advance):
        """The plan, and moving averages of the weights beside it."""
        averages = [Variable(p.get_value(), name=f"{p.name}_average") for p in params]
        self.averages = list(zip(params, averages))
        self.weights = [*self.weights, *averages]
        self.slot_owners.update(zip(averages, params))
        places, m = [targets.index(p) for p in params], self.ema_momentum

        def advance_all(values, gradients, hyper):
            news = advance(values[: len(targets)], gradients, hyper)
            olds = values[len(targets) :]
            return news + [m * old + (1 - m) * news[place] for old, place in zip(olds, places)]

        return [*targets, *averages], advance_all

    def _accumulating(self, params, targets, advance):
        """The plan, carried out on the mean gradient of several batches."""
        every = self.gradient_accumulation_steps
        batches, sums = Variable(0.0, name="batches"), [K.zeros(p.shape, name=f"{p.name}_gradient") for p in params]
        self.weights = [*self.weights, batches, *sums]
        self.slot_owners.update(zip(sums, params))

        def advance_all(values, gradients, hyper):
            olds, seen, gathered = values[: len(targets)], values[len(targets)] + 1, values[len(targets) + 1 :]
            gathered = [total + g for total, g in zip(gathered, gradients)]
            news, due = advance(olds, [total / every for total in gathered], hyper), K.equal(seen, every)
            chosen = [K.switch(due, new, old) for new, old in zip(news, olds)]
            return [*chosen, K.switch(due, 0 * seen, seen), *(K.switch(due, 0 * total, total) for total in gathered)]

        return [*targets, batches, *sums], advance_all

    def _leaving_out_overflows(self, targets, advance):
        """The plan, carried out only where all gradients are finite, with the loss scale adapted."""
        self.weights = [*self.weights, *self.scaling]
        adapts = getattr(self, "loss_scale", "dynamic") == "dynamic"

        def advance_all(values, gradients, hyper):
            *olds, scale, steps = values
            finite = hyper["finite"]
            news = [K.switch(finite, new, old) for new, old in zip(advance(olds, gradients, hyper), olds)]
            steps = K.switch(finite, steps + 1, 0 * steps)
            full = K.equal(steps, _STEPS_TO_GROW)
            adapted = K.switch(finite, K.switch(full, 2 * scale, scale), K.maximum(scale / 2, 1.0))
            return [*news, adapted if adapts else scale, K.switch(full, 0 * steps, steps)]

        return [*targets, *self.scaling], advance_all

    @property
    def state(self):
        """Everything that must be kept for training to go on as if never interrupted."""
        return list(
            dict.fromkeys(
                [
                    *self.weights,
                    *(
                        variable
                        for variable, _ in self.updates
                        if variable is self.iterations or variable.name in self.shared
                    ),
                ]
            )
        )

    def get_weights(self):
        """The values of the slots, as NumPy arrays."""
        return [weight.get_value() for weight in self.weights]

    def set_weights(self, weights):
        """Set the values of the slots, from a list like that of `get_weights`."""
        if len(weights) != len(self.weights):
            raise ValueError(
                f"{type(self).__name__} holds {len(self.weights)} arrays; received {len(weights)}. "
                "They are made by the first training step, or by model._make_train_function()."
            )
        for weight, value in zip(self.weights, weights):
            weight.set_value(value)

    get_state, set_state = get_weights, of_eras(set_weights, key="Optimizer.set_state")  # the names of Keras 0.3

    def get_config(self):
        """The hyper-parameters, as plain data."""
        names = table.names_of(type(self).__init__) if type(self).__module__.startswith("horngate.") else []
        configuration = {name: _number(getattr(self, name)) for name in names}
        return {**configuration, **{name: getattr(self, name) for name in _COMMON if hasattr(self, name)}}

    @classmethod
    def from_config(cls, config):
        """An optimizer from what `get_config` gave."""
        return cls(**config)


def _unscaled(gradients, scale):
    """Gradients without the loss scale, and whether they are all finite: if not they are given as zeros."""
    finite = K.max(K.stack([K.max(K.abs(g)) for g in gradients])) < float("inf")  # false for NaN, too
    return [K.switch(finite, g / scale, K.zeros_like(g)) for g in gradients] + [finite]


def _symbolic(function, args, like):
    """Tensors for the list that `function(*args)` gives, one for each of the variables `like`, in one node."""
    node = Node(function, args)
    node.gives_list = True
    node.outputs = [Tensor(x.shape, x.dtype, node, i) for i, x in enumerate(like)]
    return list(node.outputs)


def _number(value):
    return float(value) if isinstance(value, Variable) else value


class SGD(Optimizer):
    """Gradient descent: v' = momentum v - lr g, p' = p + v'; with nesterov p' = p + momentum v' - lr g.

    # Arguments
        lr: float >= 0, learning rate; step t uses lr / (1 + decay (t - 1)).
        momentum: float >= 0.
        decay: float >= 0.
        nesterov: whether to look ahead.
    """

    hyperparameters, slots = ("lr", "momentum", "decay"), ("moment",)

    def __init__(self, lr=0.01, momentum=0.0, decay=0.0, nesterov=False, **kwargs):
        super().__init__(**kwargs)

    def step(self, p, g, slots, h, t):
        v = h.momentum * slots[0] - h.lr * g
        return (p + h.momentum * v - h.lr * g if self.nesterov else p + v), (v,)


def _root(square, epsilon):
    """sqrt(a) + epsilon; in Keras 0.3 sqrt(a + epsilon)."""
    return K.sqrt(square + epsilon) if K.era().epsilon_inside_root else K.sqrt(square) + epsilon


class RMSprop(Optimizer):
    """a' = rho a + (1 - rho) g^2, p' = p - lr g / (sqrt(a') + epsilon).

    # Source
        Hinton, Neural Networks for Machine Learning, lecture 6e.
    """

    hyperparameters, slots, counts_in_weights = ("lr", "rho", "decay"), ("square",), False

    def __init__(self, lr=0.001, rho=0.9, epsilon=EraDefault("root_epsilon"), decay=0.0, **kwargs):
        super().__init__(**kwargs)

    def step(self, p, g, slots, h, t):
        square = h.rho * slots[0] + (1 - h.rho) * K.square(g)
        return p - h.lr * g / _root(square, self.epsilon), (square,)


class Adagrad(Optimizer):
    """a' = a + g^2, p' = p - lr g / (sqrt(a') + epsilon).

    # Source
        Duchi, Hazan, Singer, Adaptive Subgradient Methods (JMLR 2011).
    """

    hyperparameters, slots, counts_in_weights = ("lr", "decay"), ("square",), False

    def __init__(self, lr=0.01, epsilon=EraDefault("root_epsilon"), decay=0.0, **kwargs):
        super().__init__(**kwargs)

    def step(self, p, g, slots, h, t):
        square = slots[0] + K.square(g)
        return p - h.lr * g / _root(square, self.epsilon), (square,)


class Adadelta(Optimizer):
    """a' = rho a + (1 - rho) g^2, u = g sqrt(d + epsilon) / sqrt(a' + epsilon), p' = p - lr u.

    d' = rho d + (1 - rho) u^2.

    # Source
        Zeiler, ADADELTA (arXiv:1212.5701), algorithm 1.
    """

    hyperparameters, slots, counts_in_weights = ("lr", "decay"), ("square", "delta_square"), False

    def __init__(self, lr=1.0, rho=0.95, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)

    def step(self, p, g, slots, h, t):
        square = self.rho * slots[0] + (1 - self.rho) * K.square(g)
        u = g * K.sqrt(slots[1] + self.epsilon) / K.sqrt(square + self.epsilon)
        return p - h.lr * u, (square, self.rho * slots[1] + (1 - self.rho) * K.square(u))


class Adam(Optimizer):
    """m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - r m' / (sqrt(v') + epsilon).

    The rate of step t is r = lr sqrt(1 - b2^t) / (1 - b1^t).

    # Source
        Kingma, Ba, Adam (arXiv:1412.6980), the efficient order of computation at the end of section 2.
    """

    hyperparameters, slots = ("lr", "beta_1", "beta_2", "decay"), ("m", "v")

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)

    def step(self, p, g, slots, h, t):
        return self._together([p], [g], [slots], h, t)[0]

    def steps(self, params, gradients, slots, h, t):
        if not params or type(self).step is not Adam.step:  # a subclass has a step of its own
            return super().steps(params, gradients, slots, h, t)
        return self._together(params, gradients, slots, h, t)

    def _together(self, params, gradients, slots, h, t):
        rate = h.lr * K.sqrt(1 - K.pow(h.beta_2, t)) / (1 - K.pow(h.beta_1, t))
        params, *slots = updates.adam(params, gradients, *zip(*slots), rate, h.beta_1, h.beta_2, self.epsilon)
        return list(zip(params, zip(*slots)))


class Adamax(Optimizer):
    """m' = b1 m + (1 - b1) g, u' = max(b2 u, |g|), p' = p - lr / (1 - b1^t) m' / (u' + epsilon).

    # Source
        Kingma, Ba, Adam (arXiv:1412.6980), algorithm 2.
    """

    hyperparameters, slots = ("lr", "beta_1", "beta_2", "decay"), ("m", "u")

    def __init__(self, lr=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)

    def step(self, p, g, slots, h, t):
        m = h.beta_1 * slots[0] + (1 - h.beta_1) * g
        u = K.maximum(h.beta_2 * slots[1], K.abs(g))
        return p - h.lr / (1 - K.pow(h.beta_1, t)) * m / (u + self.epsilon), (m, u)


class Nadam(Optimizer):
    """Adam with Nesterov momentum and a warming momentum schedule mu_t = b1 (1 - 0.96^(t schedule_decay) / 2).

    # Source
        Dozat, Incorporating Nesterov Momentum into Adam (ICLR workshop 2016).
    """

    hyperparameters, slots, shared = ("lr", "beta_1", "beta_2"), ("m", "v"), ("m_schedule",)

    def __init__(self, lr=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-8, schedule_decay=0.004, **kwargs):
        super().__init__(**kwargs)

    def momentum(self, h, t):
        """mu_t."""
        return h.beta_1 * (1 - 0.5 * K.pow(0.96, t * self.schedule_decay))

    def next_shared(self, h, t):
        return (h.m_schedule * self.momentum(h, t),)

    def step(self, p, g, slots, h, t):
        now, then = self.momentum(h, t), self.momentum(h, t + 1)
        product = h.m_schedule * now
        m = h.beta_1 * slots[0] + (1 - h.beta_1) * g
        v = h.beta_2 * slots[1] + (1 - h.beta_2) * K.square(g)
        ahead = (1 - now) * g / (1 - product) + then * m / (1 - product * then)
        return p - h.lr * ahead / (K.sqrt(v / (1 - K.pow(h.beta_2, t))) + self.epsilon), (m, v)


class TFOptimizer(Optimizer):
    """Any optax transformation as an optimizer: p' = p + update(g).

    `compile(optimizer=optax.adamw(1e-3))` wraps it of itself.
    """

    def __init__(self, optimizer, **kwargs):
        super().__init__(**kwargs)

    def plan(self, params, rules):
        import optax

        state, rebuild = K.flatten_tree(self.optimizer.init([p.get_value() for p in params]))
        kept = [Variable(leaf, dtype=str(leaf.dtype), name=f"optax_{i}") for i, leaf in enumerate(state)]
        self.weights, count = [self.iterations, *kept], len(params)

        def advance(values, gradients, hyper):
            before, held = values[1 : 1 + count], values[1 + count :]
            updates, state = self.optimizer.update(gradients, rebuild(held), before)
            news = optax.apply_updates(before, updates)
            kept_to = [rule(p) if rule else p for rule, p in zip(rules, news)]
            return [values[0] + 1, *kept_to, *K.flatten_tree(state)[0]]

        return [self.iterations, *params, *kept], advance

    def get_config(self):
        raise ValueError(
            "an optax transformation is made of functions and cannot be written to a file: compile the loaded model "
            "with it again."
        )


_CLASSES = {cls.__name__.lower(): cls for cls in (SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam)}


def optimizer_from_config(config, custom_objects=None):
    """An optimizer from `{"class_name": ..., "config": ...}`."""
    name = config["class_name"]
    known = {**_CLASSES, **{k.lower(): v for k, v in {**get_custom_objects(), **(custom_objects or {})}.items()}}
    if name.lower() not in known:
        raise ValueError(
            f"unknown optimizer {name!r}.{table.did_you_mean(name.lower(), known)} Known: {', '.join(known)}."
        )
    return known[name.lower()].from_config(config["config"])


def get(identifier, kwargs=None):
    """An optimizer from its name, its configuration, an optax transformation, or itself.

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


def kl_divergence(p, p_hat):
    """How far p_hat is from p, element by element: p_hat - p + p log(p / p_hat)."""
    return p_hat - p + p * K.log(p / p_hat)
