"""What all optimizers share: their options, their state, and the way from gradients to updates."""

import inspect
import re
from collections import namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar, Self, cast

import numpy as np

from horngate import backend as K
from horngate.backend.config import ERAS, EraDefault
from horngate.backend.function import scheduled
from horngate.backend.graph import Tensor, Variable, lengthened
from horngate.backend.locks import set_values, values_of
from horngate.backend.orders import answers_to, dialect, of_eras
from horngate.engine import constructors as table
from horngate.engine.arguments import (
    Argument,
    Configured,
    Part,
    argument,
    attribute,
    constructor_of,
    fixed,
    wants_constructor,
)
from horngate.engine.copying import Copied, guarded, without_tensors
from horngate.engine.hyperparameters import Hyperparameter, LossScale
from horngate.engine.names import keep_apart
from horngate.engine.settings import Settings
from horngate.optimizers.applied import Applied
from horngate.training import transformations
from horngate.training.transformations import Plan, State, in_one_node, unscaled, updates_of
from horngate.utils.generic_utils import settings_of, snake_case


def clip_norm(g: Any, c: float, n: Any) -> Any:
    """The gradient `g` scaled to norm `c` where its norm `n` is larger; unchanged for `c` <= 0.

    If the norm is NaN, the result is NaN.
    """
    return K.switch(n < c, g, g * c / n) if c > 0 else g


@answers_to("zero_grad", "strangers")
class Optimizer(Applied, Settings, Configured, Copied, init=False):
    """Computes new weights from gradients.

    A subclass declares its arguments, or has its own constructor, and defines `step(p, g, slots, h, t)`. Or it
    overrides `get_updates(params, constraints, loss)` and builds updates from K's functions, as in Keras 1. Or it
    defines `update_step(gradient, variable, learning_rate)`, which assigns, as in Keras 3.

    # Source
        Loss scaling: Micikevicius et al., Mixed Precision Training (arXiv:1710.03740), section 3.2.
    """

    clipnorm: float | None = argument(
        "scale all gradients of a batch together so that their norm is at most this; in the era of Keras 3 each by "
        "itself",
        default=None,
        kw_only=True,
        at_least=0,
    )
    global_clipnorm: float | None = argument(
        "the same for all gradients together, in every era", default=None, kw_only=True, at_least=0
    )
    clipvalue: float | None = argument(
        "clip each gradient's entries to [-clipvalue, clipvalue]", default=None, kw_only=True, at_least=0
    )
    gradient_accumulation_steps: int | None = argument(
        "number of batches whose mean gradient makes one step", default=None, kw_only=True, at_least=1
    )
    weight_decay: float | None = argument(
        "shrink the weights before each step: p' = p - lr weight_decay p; see `exclude_from_weight_decay`",
        default=None,
        kw_only=True,
        at_least=0,
    )
    use_ema: bool = argument(
        "keep moving averages of the weights (`ema_momentum` is then 0.99 by default), and make them the weights when "
        "`fit` ends",
        default=False,
        kw_only=True,
    )
    ema_overwrite_frequency: int | None = argument(
        "with `use_ema`, make the averages the weights each time after so many steps",
        default=None,
        kw_only=True,
        at_least=1,
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
    first_scale: ClassVar[float] = 2.0**15  # of a dynamic loss scale
    steps_to_grow: ClassVar[int | None] = None  # number of steps without an overflow after which it doubles

    iterations: Variable = attribute()  # the number of steps taken
    weights: list[Variable] = attribute()  # what Keras 1 files hold
    updates: list[Any] = attribute()  # pairs (variable, its next value) of the step
    slot_owners: dict[Variable, Variable] = attribute()  # array kept for a parameter -> the parameter
    scaling: list[Variable] = attribute()  # with loss scaling: the scale, and the steps since an overflow
    averages: list[tuple[Variable, Variable]] = attribute()  # pairs (weight, its moving average)
    schedule: Callable[[Any], Any] | None = attribute()  # what gives the rate
    _applied: Any = attribute()  # the variables of `apply`, and its compiled function
    _taken_over: Any = attribute()  # names and arrays of the original's first step, for that of a copy
    undecayed: list[Any] = attribute()  # variables, and patterns of names, that `weight_decay` leaves alone
    finite: Tensor = attribute()  # where the loss is scaled: whether all gradients of the batch are finite
    name: str = attribute()  # what it is called: as it was told, else after its class
    _told_name: str | None = attribute()
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
        vars(optimizer).update({n: item.default for n, item in Optimizer.__declared__.items() if n in cls.__declared__})
        vars(optimizer).update(_without_plan(), _told_name=None, undecayed=[], schedule=None)
        return optimizer

    def __init__(self, **kwargs: Any) -> None:
        self._told_name = kwargs.pop("name", None)  # as in Keras 3, like the rate that is passed to the base
        named = type(self).__name__
        self.name = self._told_name or (snake_case(named) if self._era.name == "3" else named)
        if (given := kwargs.pop("learning_rate", None)) is not None:
            self.lr: Any = given if callable(given) or isinstance(given, dict) else Variable(given, name="lr")
        for name, value in kwargs.items():
            if name not in Optimizer.__declared__:
                raise TypeError(_unknown_argument(type(self), name))
            setattr(self, name, value)
        if self.ema_overwrite_frequency and not (self.use_ema or self.ema_momentum):
            raise ValueError(
                f"{type(self).__name__}: ema_overwrite_frequency has no effect without averages; add use_ema=True."
            )
        none = 0 if self._era.counts_whole else 0.0
        counts = Variable(none, dtype="int32" if self._era.counts_whole else None, name="iterations")
        vars(self)["iterations"] = counts  # a user's class may have a property of this name
        if isinstance(rate := getattr(self, "lr", None), dict):
            from horngate.optimizers import schedules  # deferred: most rates are numbers

            self.lr = schedules.deserialize(rate)
        rate = getattr(self, "lr", None)
        self.schedule = rate if callable(rate) and not isinstance(rate, Variable) else None
        if self.schedule is not None:
            first = float(self.schedule(0))
            self.lr = first if "lr" in self.hyperparameters else Variable(first, name="lr")
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
        scale = self._scale()
        return self._prepared(K.gradients(loss if scale is None else loss * scale, params), params, scale)

    def _prepared(self, gradients: list[Any], params: list[Variable], scale: Any) -> list[Any]:
        """Return tensors of the gradients, divided by the `scale` of the loss, if there is one, and clipped."""
        if scale is not None:
            *gradients, self.finite = in_one_node(unscaled, [gradients, scale], [*params, Tensor((), "bool")])
        return self.clipped(gradients, params) if self._clips() else gradients

    def clipped(self, gradients: list[Any], params: list[Variable]) -> list[Any]:
        """Return tensors of the `gradients` of `params`, clipped as the arguments say."""
        return in_one_node(self._clipped, [gradients], params)

    def _clips(self):
        return bool(self.clipnorm or self.clipvalue or self.global_clipnorm)

    def _scale(self):
        """The variable that holds the loss scale, or None."""
        by_itself = K.compute_dtype() == "float16" and self._era.generation != "3"  # there, `compile` wraps it
        wanted = self.loss_scale or ("dynamic" if by_itself else None)
        if wanted and not self.scaling:
            self.scaling = [
                Variable(self.first_scale if wanted == "dynamic" else wanted, name="loss_scale"),
                Variable(0.0, name="steps_without_overflow"),
            ]
        return self.scaling[0] if wanted else None

    def _clipped(self, gradients):
        if (c := self.clipnorm) and self._era.clips_each_norm:
            gradients = [clip_norm(g, c, K.sqrt(K.sum(K.square(g)))) for g in gradients]
        for c in filter(None, (self.global_clipnorm, None if self._era.clips_each_norm else self.clipnorm)):
            norm = K.sqrt(sum(K.sum(K.square(g)) for g in gradients))
            gradients = [clip_norm(g, c, norm) for g in gradients]
        if c := self.clipvalue:
            gradients = [K.clip(g, -c, c) for g in gradients]
        return gradients

    @of_eras(key="Optimizer.get_updates", same=0)
    def get_updates(
        self, params: Any = None, constraints: dict[Variable, Any] | None = None, loss: Any = None
    ) -> list[tuple[Any, Any]]:
        """Pairs (variable, tensor of its new value) of one step.

        # Arguments
            params: the variables to train.
            constraints: rules that some of them obey after the step, by variable; or None.
            loss: the tensor to minimize.
        """
        params = list(params)
        if self._applied is not None and not self.iterations.get_value():  # `build` alone
            self._applied, self.weights = None, []
        if self._applied is not None:
            raise ValueError(f"{type(self).__name__}: `apply` uses this optimizer; compile the model with another one.")
        return self.updates_from(self.get_gradients(loss, params), params, constraints or {})

    def updates_from(self, gradients: list[Any], params: list[Variable], constraints: dict[Any, Any]) -> list[Any]:
        """Pairs (variable, tensor of its new value) of the step that these gradients make.

        # Arguments
            gradients: tensors, clipped already, one for each of `params`.
            params: the variables to train.
            constraints: rules that some of them obey after the step, by variable.
        """
        if self.assigns:
            return self._by_update_step(params, constraints, gradients)
        hyper = self.hyper_variables()
        plan = self.whole_plan(params, [constraints.get(p) for p in params])
        if self.scaling:
            hyper["finite"], (scale, steps) = self.finite, self.scaling
            self.weights = [*self.weights, scale, steps]
            dynamic = self.loss_scale in (None, "dynamic")
            grows = (self.steps_to_grow or transformations.STEPS_TO_GROW) if dynamic else None
            plan = transformations.leaving_out_overflows(plan, scale, steps, grows)
        self.updates = updates_of(plan, gradients, hyper)
        return self.updates

    def hyper_variables(self) -> dict[str, Any]:
        """Return the hyper-parameters, by name."""
        return {name: getattr(self, name) for name in self.hyperparameters}

    def whole_plan(self, params: list[Variable], rules: list[Any]) -> Plan:
        """`plan`, with moving averages and accumulated gradients; `params` and `rules` as there."""
        plan = self.plan(params, rules)
        if momentum := self.ema_momentum or (0.99 if self.use_ema else None):
            plan = self._averaging(plan, params, momentum)
        if self.gradient_accumulation_steps:
            plan = self._accumulating(plan, params, self.gradient_accumulation_steps)
        return plan

    def _averaging(self, plan, params, momentum):
        averages = [Variable(p.get_value(), name=f"{p.label}_average") for p in params]
        self.averages = list(zip(params, averages))
        self.weights = [*self.weights, *averages]
        self.slot_owners.update(zip(averages, params))
        return transformations.averaging(plan, averages, momentum, self.ema_overwrite_frequency, self.use_ema)

    def _accumulating(self, plan, params, every):
        batches, sums = Variable(0.0, name="batches"), [K.zeros(p.shape, name=f"{p.label}_gradient") for p in params]
        self.weights = [*self.weights, batches, *sums]
        self.slot_owners.update(zip(sums, params))
        return transformations.accumulating(plan, batches, sums, every)

    def plan(self, params: list[Variable], rules: list[Any]) -> Plan:
        """The step on `params` as a state and a pure function; `rules` are their constraints, or None for each."""
        names = self.slots_used()
        kept = [[self._slot(name, p) for p in params] for name in names]
        self.weights = [self.iterations] * self.counts_in_weights + [slot for slots in kept for slot in slots]
        self.slot_owners = {slot: p for slots in kept for slot, p in zip(slots, params)}
        Slots = namedtuple("Slots", names, rename=True)  # type: ignore[misc]  # each class has its own
        slots_of = [Slots(*slots) for _, *slots in zip(params, *kept)]
        decays, short = self._decays(params), any("float16" in p.dtype for p in params)
        schedule: Any = self.schedule
        rate = [] if schedule is None else [self.lr]
        state = State(self.iterations, rate, {name: getattr(self, name) for name in self.shared}, params, slots_of)

        def advance(state, gradients, hyper):
            h, count = SimpleNamespace(**hyper, **state.shared), state.iterations + 1
            t = K.cast(K.minimum(count, _LARGEST_16) if K.floatx() == "float16" else count, K.floatx())
            if schedule is not None:
                h.lr = scheduled(schedule, state.iterations)
            rate = [] if schedule is None else [scheduled(schedule, count)]  # of the next step, as Keras 3 shows it
            if "decay" in hyper:
                h.lr = h.lr / (1 + h.decay * (t - 1))
            before, slots = state.params, state.slots
            if short:  # a step has products that 16 bits do not hold; what it gives is rounded again
                before, gradients = ([lengthened(x) for x in arrays] for arrays in (before, gradients))
                slots = [Slots(*map(lengthened, each)) for each in slots]
            params = [p - decay * h.lr * p if decay else p for p, decay in zip(before, decays)]
            stepped = self.steps(params, gradients, slots, h, t)
            news = [rule(new) if rule else new for rule, (new, _) in zip(rules, stepped)]
            shared = dict(zip(self.shared, self.next_shared(h, t)))
            return State(count, rate, shared, news, [Slots(*self._counted(slots)) for _, slots in stepped])

        return Plan(state, advance)

    def _counted(self, slots):
        """The slots that `step` gave, if they are as many as the class names."""
        names = self.slots_used()
        if len(slots) != len(names):
            raise ValueError(
                f"{type(self).__name__}.step gave {len(slots)} slots for a parameter; `slots` of the class names "
                f"{len(names)}: {names}. Return (parameter, (slot, ...))."
            )
        return slots

    def slots_used(self) -> tuple[str, ...]:
        """The names of the slots that these arguments need."""
        return self.slots

    def first(self, slot: str, p: np.ndarray) -> np.ndarray:
        """What `slot` holds for a parameter of value `p` before the first step; an array of any shape."""
        return np.zeros_like(p)

    def _slot(self, name, p):
        if type(self).first is Optimizer.first:  # without a look at the parameter's value
            return K.zeros(p.shape, dtype=p.dtype, name=f"{p.label}_{name}")
        return Variable(self.first(name, p.get_value()), dtype=p.dtype, name=f"{p.label}_{name}")

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Have `weight_decay` leave some variables alone; to be said before training begins.

        # Arguments
            var_list: variables.
            var_names: regular expressions, searched in the names of variables, and in what they are for (`"bias"`).
        """
        if self.weights:
            raise ValueError(
                "exclude_from_weight_decay: the optimizer is in use already; call it before training begins."
            )
        self.undecayed += [*(var_list or []), *(var_names or [])]

    def _decays(self, params):
        """The weight decay of each of the `params`, or None."""
        spared = {p: [each for each in self.undecayed if _means(each, p)] for p in params}
        for each in self.undecayed:
            if isinstance(each, str) and not any(each in found for found in spared.values()):
                names = ", ".join(p.label for p in params)
                raise ValueError(
                    f"exclude_from_weight_decay: {each!r} matches no variable that is trained. There are {names}."
                )
        return [None if spared[p] else self.weight_decay for p in params]

    def finalize_variable_values(self, var_list: Any = None) -> None:
        """Make the moving averages that `use_ema` keeps the values of the weights; `fit` does so when it ends.

        # Arguments
            var_list: the weights, where not all of them.
        """
        if self.use_ema:
            chosen = [pair for pair in self.averages if var_list is None or any(pair[0] is v for v in var_list)]
            set_values([weight for weight, _ in chosen], values_of([average for _, average in chosen]))

    def __getstate__(self) -> dict[str, Any]:
        if self._applied is None:
            return super().__getstate__()
        kept = {name: value for name, value in vars(self).items() if name not in _OF_STEPS}
        state = guarded(without_tensors(kept), type(self).__name__)
        told = [v.label for v in self._applied[0]], values_of(self._by_hand())
        return {**state, **_without_plan(), "_taken_over": told}

    @property
    def state(self) -> list[Variable]:
        """All variables that an exact continuation of training needs."""
        counted = [v for v, _ in self.updates if v is self.iterations or v.label in self.shared]
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
        self.show_rate()

    def show_rate(self) -> None:
        """Set `lr` to the rate of the next step, if a schedule gives the rate: after the state was read."""
        if self.schedule is not None:
            self.lr.set_value(np.asarray(self.schedule(int(self.iterations.get_value()))))

    get_state = get_weights  # the name of Keras 0.3

    @of_eras
    def set_state(self, weights: list[Any]) -> None:
        """The name of `set_weights` in Keras 0.3; `weights`: as there (Keras 0.3 called it `value_list`)."""
        self.set_weights(weights)

    def _settings(self) -> dict[str, Any]:
        """The hyper-parameters, and the options that are set, as plain data."""
        told = self.__declared__ if hasattr(type(self).__init__, "generated") else Optimizer.__declared__
        found = {name: getattr(self, item.attribute) for name, item in told.items()}
        config = {name: _number(value) for name, value in found.items() if not _goes_without_saying(told[name], value)}
        if isinstance(self.schedule, Part):
            config["lr"] = {"class_name": type(self.schedule).__name__, "config": settings_of(self.schedule)}
        undecayed = [each if isinstance(each, str) else f"^{re.escape(each.label)}$" for each in self.undecayed]
        more = {"name": self._told_name, "undecayed": undecayed}
        return config | {name: value for name, value in more.items() if value}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """An optimizer from what `get_config` gave, `config`."""
        unused = ("undecayed", "ema_momentum") if config.get("use_ema") is False else ("undecayed",)
        optimizer = cls(**{name: value for name, value in config.items() if name not in unused})
        optimizer.undecayed = list(config.get("undecayed", ()))
        return optimizer


_LARGEST_16 = 65504  # the largest number of 16 bits: beyond it the number of a step would be infinite
_options = inspect.signature(constructor_of(Optimizer))
vars(Optimizer.__new__)["__signature__"] = _options  # for help
_rate = inspect.Parameter("learning_rate", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None)
_self, *_by_name = _options.parameters.values()
_more = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)
vars(Optimizer.__init__)["__signature__"] = _options.replace(parameters=[_self, _rate, *_by_name, _more])


def _without_plan() -> dict[str, Any]:
    """Return the attributes of an optimizer that has no variables to train yet."""
    lists: dict[str, Any] = {name: [] for name in ("weights", "updates", "scaling", "averages", "_made")}
    return {**lists, "slot_owners": {}, "_stepping": (), "_built": False, "_applied": None, "_taken_over": None}


_OF_STEPS = frozenset(_without_plan())


def _means(said, variable):
    """Whether a variable, or a pattern for its name or role, means this variable."""
    if isinstance(said, str):
        return any(re.search(said, text) for text in (variable.label, variable.role or ""))
    return said is variable


def _goes_without_saying(told, value):
    """Whether an argument that Keras 1 did not have is worth what Keras 1 did: its files do not name it."""
    plain = told.default.value(ERAS["1.0"]) if isinstance(told.default, EraDefault) else told.default
    return told.kw_only and value == plain


def _unknown_argument(cls, name):
    known = dict.fromkeys([*table.names_of(cls.__init__), *Optimizer.__declared__])
    hint = dialect("reading").argument_meant(name, known)
    return f"{cls.__name__} has no argument {name!r}.{hint} It takes {', '.join(known)}."


def _number(value):
    return float(value) if isinstance(value, Variable) else value
