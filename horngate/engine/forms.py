"""How a call was written whose tensors have names, beside which stand options: `attend(q, v, use_causal_mask=True)`."""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple


class Form(NamedTuple):
    """The names of a call's tensors, in their order, and its options, which are plain data."""

    names: tuple[str, ...]
    options: dict[str, Any]


# Of the call under way: its layer and its form.
_under_way: ContextVar[tuple[Any, Form | None]] = ContextVar("under_way", default=(None, None))


@contextlib.contextmanager
def written(layer: Any, form: Form | None) -> Iterator[None]:
    """Within the block, the call of `layer` has this form."""
    token = _under_way.set((layer, form))
    try:
        yield
    finally:
        _under_way.reset(token)


def form_of(layer: Any) -> Form | None:
    """The form of the call of `layer` that is under way; None for a call of the plain form, `layer(x)`."""
    of, form = _under_way.get()
    return form if of is layer else None


def call_again(layer: Any, form: Form | None, tensors: Sequence[Any], masks: Sequence[Any] = ()) -> Any:
    """Call `layer` on other tensors, in the form in which it was called before."""
    if form is not None:
        return layer.call_in(form, list(tensors), list(masks) or None)
    x, mask = (part[0] if len(part) == 1 else list(part) or None for part in (tensors, masks))
    return layer(x) if mask is None else layer(x, mask)


def with_form(form: Form | None, places: list[list[Any]]) -> list[list[Any]]:
    """The places of what a call takes, as a configuration has them: behind the first stands the form."""
    if form is None:
        return places
    return [[*places[0], {"names": list(form.names), "options": form.options}], *places[1:]]


def found_in(places: Sequence[Sequence[Any]]) -> Form | None:
    """The form that `with_form` wrote, or None."""
    told = places[0][3] if places and len(places[0]) > 3 and isinstance(places[0][3], dict) else {}
    return Form(tuple(told["names"]), dict(told["options"])) if {"names", "options"} <= told.keys() else None
