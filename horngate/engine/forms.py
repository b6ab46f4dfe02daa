"""Forms: what a call says besides its inputs, as in `attend(query=q, value=v, use_causal_mask=True, training=True)`."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from horngate.backend.graph import LEARNING_PHASE
from horngate.backend.running import running_scope


class Form(NamedTuple):
    """What a call says besides its inputs.

    `names`: of its tensors, in order; () for a call by place. `options`: plain data by name. `training`: the phase of
    the call, None for that of the model. `masks`: places of the inputs whose mask was given to the call.
    `arrangement`: the structure of the arguments, if they hold tensors in dictionaries, or several of them do; see
    `engine/arrangement`.
    """

    names: tuple[str, ...] = ()
    options: dict[str, Any] = {}
    training: bool | None = None
    masks: tuple[int, ...] = ()
    arrangement: dict[str, Any] | None = None


def phase_told(layer: Any, training: Any) -> bool | None:
    """Return the phase that the argument `training` of a call sets; None for that of the model."""
    if training is None or training is LEARNING_PHASE:
        return None
    number = training.item() if isinstance(training, (np.bool_, np.integer)) else training
    if not isinstance(number, (bool, int)) or number not in (0, 1):
        raise TypeError(
            f"{type(layer).__name__} {layer.name}: training must be True, False or None; received {training!r}. For a "
            "phase that is fed, leave it out and give K.function K.learning_phase() among its inputs."
        )
    return bool(number)


def taking_phase(call: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the `call` of a layer of ours: a subclass may tell it the phase, `super().call(x, training=training)`."""
    if "training" in inspect.signature(call).parameters:
        return call

    @functools.wraps(call)
    def wrapper(self, *args, training=None, **kwargs):
        if training is None:
            return call(self, *args, **kwargs)
        with in_phase(phase_told(self, training)):
            return call(self, *args, **kwargs)

    return wrapper


@contextlib.contextmanager
def in_phase(training: bool | None) -> Iterator[None]:
    """Within the block, the running graph is in the phase `training`; None keeps its phase.

    In the test phase, updates are dropped, but for those of states.
    """
    scope = running_scope()
    updates = scope.frame.updates
    count = len(updates)
    before, untold = (scope.phase, scope.memo[LEARNING_PHASE]), scope.phase_untold
    if training is not None:
        scope.phase_untold = False
        scope.phase = scope.memo[LEARNING_PHASE] = int(training)
    try:
        yield
    finally:
        scope.phase, scope.memo[LEARNING_PHASE] = before
        scope.phase_untold = untold
    if training is False:
        updates[count:] = [update for update in updates[count:] if update[2]]


# The layer and the form of the current call.
_under_way: ContextVar[tuple[Any, Form | None]] = ContextVar("under_way", default=(None, None))


@contextlib.contextmanager
def written(layer: Any, form: Form | None) -> Iterator[None]:
    """Within the block, the call of `layer` has the form `form`."""
    token = _under_way.set((layer, form))
    try:
        yield
    finally:
        _under_way.reset(token)


def form_of(layer: Any) -> Form | None:
    """Return the form of the current call of `layer`; None for a plain call, `layer(x)`."""
    of, form = _under_way.get()
    return form if of is layer else None


def call_again(layer: Any, form: Form | None, tensors: Sequence[Any], masks: Sequence[Any] = ()) -> Any:
    """Call `layer` on other `tensors` and `masks` in the form `form` of an earlier call.

    `tensors`: the inputs; without `masks`, those that the form tells follow them.
    """
    form = form or Form()
    if form.masks and not masks:
        count = len(tensors) - len(form.masks)
        given = dict(zip(form.masks, tensors[count:]))
        tensors, masks = tensors[:count], [given.get(place) for place in range(count)]
    if form.names:
        return layer.call_in(form, list(tensors), list(masks) or None)
    if form.arrangement is not None:
        with written(layer, form):
            return layer._called(list(tensors), list(masks) or None)
    x, mask = (part[0] if len(part) == 1 else list(part) or None for part in (tensors, masks))
    told = {} if form.training is None else {"training": form.training}
    return layer(x, **told) if mask is None else layer(x, mask=mask, **told)


def with_form(form: Form | None, places: list[list[Any]]) -> list[list[Any]]:
    """Append the form to the first of the places that a configuration holds for a call's inputs."""
    if form is None or form == Form():
        return places
    by_name = {"names": list(form.names), "options": form.options} if form.names else {}
    phase = {} if form.training is None else {"training": form.training}
    masks = {"masks": list(form.masks)} if form.masks else {}
    arranged = {} if form.arrangement is None else {"arrangement": form.arrangement}
    return [[*places[0], {**by_name, **phase, **masks, **arranged}], *places[1:]]


def found_in(places: Sequence[Sequence[Any]]) -> Form | None:
    """Return the form that `with_form` added to `places`, or the phase that Keras 2 wrote; None if there is none."""
    told = places[0][3] if places and len(places[0]) > 3 and isinstance(places[0][3], dict) else {}
    names, options = (told["names"], told["options"]) if {"names", "options"} <= told.keys() else ((), {})
    masks, arrangement = tuple(told.get("masks", ())), told.get("arrangement")
    return Form(tuple(names), dict(options), told.get("training"), masks, arrangement) if told else None
