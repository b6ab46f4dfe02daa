"""Forms: the tensor names and options of a call such as `attend(query=q, value=v, use_causal_mask=True)`."""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple


class Form(NamedTuple):
    """The names of a call's tensors, in order, and its options, which are plain data."""

    names: tuple[str, ...]
    options: dict[str, Any]


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
    """Call `layer` on other `tensors` and `masks` in the form `form` of an earlier call."""
    if form is not None:
        return layer.call_in(form, list(tensors), list(masks) or None)
    x, mask = (part[0] if len(part) == 1 else list(part) or None for part in (tensors, masks))
    return layer(x) if mask is None else layer(x, mask)


def with_form(form: Form | None, places: list[list[Any]]) -> list[list[Any]]:
    """Append the form to the first of the places that a configuration holds for a call's inputs."""
    if form is None:
        return places
    return [[*places[0], {"names": list(form.names), "options": form.options}], *places[1:]]


def found_in(places: Sequence[Sequence[Any]]) -> Form | None:
    """Return the form that `with_form` added to `places`; None if there is none."""
    told = places[0][3] if places and len(places[0]) > 3 and isinstance(places[0][3], dict) else {}
    return Form(tuple(told["names"]), dict(told["options"])) if {"names", "options"} <= told.keys() else None
