"""Graphs of layers as plain data: the numbers of shared layers, and the order in which calls are repeated.

A layer that several models or wrappers hold is described by each of them, as in Keras 1. Here its descriptions also
hold the same number, `shared`, so that one layer is made from them.
"""

import collections
import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from horngate.backend.config import era, within_era
from horngate.engine.forms import call_again, found_in
from horngate.engine.node import to_list
from horngate.engine.sublayers import HasSublayers, with_sublayers

# Shared layer -> number while a model is described; number -> layer while one is made from its description.
_numbers: ContextVar[dict[Any, int] | None] = ContextVar("numbers", default=None)
_layers: ContextVar[dict[int, Any] | None] = ContextVar("layers", default=None)


@contextlib.contextmanager
def describing(model: Any) -> Iterator[None]:
    """Within the block, the descriptions of shared layers hold numbers. The outermost block decides them."""
    if _numbers.get() is not None:
        yield
        return
    members = with_sublayers(model, within=_described_within)
    keepers = collections.Counter(layer for member in members for layer in _described_within(member))
    shared = [layer for layer in members if keepers[layer] > 1 and layer.weights]
    token = _numbers.set({layer: number for number, layer in enumerate(shared)})
    try:
        yield
    finally:
        _numbers.reset(token)


def _described_within(layer):
    """Return the layers that the configuration of `layer` describes."""
    if layer._is_graph:
        return layer.layers
    beside = [item for name in layer._borrowed for item in to_list(getattr(layer, name, None))]
    return [*layer._sublayers, *(item for item in beside if isinstance(item, HasSublayers))]


def numbered(layer: Any, description: dict[str, Any]) -> dict[str, Any]:
    """Add to the description of a layer its number if it is shared, and the places of frozen layers within it.

    Where its era is not the one in force, the description tells it too.
    """
    if getattr(layer, "_era", era()) is not era():  # a loss of the user has none
        description = {**description, "horngate_era": layer._era.name}
    if not isinstance(layer, HasSublayers):
        return description
    number, frozen = (_numbers.get() or {}).get(layer), [] if layer._is_graph else _frozen_within(layer)
    said = {} if number is None else {"shared": number}
    return {**description, **said, **({"frozen_inner": frozen} if frozen else {})}


def _frozen_within(layer):
    return [place for place, member in enumerate(with_sublayers(layer)[1:]) if member.weights and not member.trainable]


def freeze_within(layer: Any, places: Any) -> None:
    """Freeze the layers at `places` within `layer`; if it is not built yet, as soon as it is."""
    if not layer.built:
        layer._to_freeze = tuple(places)
        return
    for place, member in enumerate(with_sublayers(layer)[1:]):
        if place in places:
            member.trainable = False


def era_told(description: Any) -> contextlib.AbstractContextManager[None]:
    """Within the block, the era is that of the layer, or of the first of a list of layers, that `description` tells."""
    first = (description or [{}])[0] if isinstance(description, (list, tuple)) else description
    return within_era(first.get("horngate_era"))


@contextlib.contextmanager
def rebuilding() -> Iterator[None]:
    """Within the block, each shared layer is made once. The outermost block holds the layers."""
    if _layers.get() is not None:
        yield
        return
    token = _layers.set({})
    try:
        yield
    finally:
        _layers.reset(token)


def made_once(description: dict[str, Any], make: Callable[[], Any]) -> Any:
    """Return the layer already made for this shared number, else the result of `make()`."""
    number, known = description.get("shared"), _layers.get()
    if number is None or known is None:
        return make()
    if number not in known:
        known[number] = make()
    layer = known[number]
    if type(layer).__name__ != description["class_name"]:
        raise ValueError(
            f"the configuration gives the number {number} both to a {type(layer).__name__} and to a "
            f"{description['class_name']}: two descriptions of a shared layer must agree."
        )
    return layer


class Calls:
    """The calls of layers that a configuration describes. Each is made when all of its inputs are there.

    Call k of a layer is made before its call k + 1: other layers refer to its outputs by these indices. The indices of
    a nested model start at 1: its index 0 is its own graph.
    """

    made: dict[str, list[Any]]

    def __init__(self, layers: dict[str, Any]) -> None:
        self.layers = layers  # name -> layer
        self.made = {name: _inputs_of(layer) for name, layer in layers.items()}  # name -> nodes of the calls

    def make(self, wanted: Any) -> None:
        """Make all calls. `wanted`: name of a layer -> for each of its calls, the places of the inputs."""
        waiting = {name: collections.deque(calls) for name, calls in wanted.items() if calls}
        while waiting:
            before = sum(map(len, waiting.values()))
            for name, calls in waiting.items():
                while calls and all(self._is_there(name, *place[:2]) for place in calls[0]):
                    places = calls.popleft()
                    call_again(self.layers[name], found_in(places), [self.tensor(*place) for place in places])
                    self.made[name].append(self.layers[name].inbound_nodes[-1])
            waiting = {name: calls for name, calls in waiting.items() if calls}
            if sum(map(len, waiting.values())) == before:
                raise ValueError(
                    f"this graph cannot be made again: the calls of the layers {', '.join(sorted(waiting))} take what "
                    "only later calls would give, or calls that are not described."
                )

    def _is_there(self, name, source, place):
        if source not in self.layers:
            raise ValueError(f"layer {name!r} takes its input from {source!r}, which is not described")
        return place - self.layers[source]._is_graph < len(self.made[source])

    def tensor(self, name: str, place: int, index: int, *rest: Any) -> Any:
        """Return output `index` of call `place` of the layer `name`. Raises ValueError if there is none."""
        nodes = self.made.get(name, [])
        number = place - (name in self.layers and self.layers[name]._is_graph)
        if not 0 <= number < len(nodes) or not 0 <= index < len(nodes[number].output_tensors):
            raise ValueError(f"the configuration wants output {index} of call {place} of layer {name!r}; it has none.")
        return nodes[number].output_tensors[index]


def _inputs_of(layer):
    """Return the node that an input layer has from the start, in a list; an empty list for other layers."""
    nodes = [] if layer._is_graph else layer.inbound_nodes[:1]
    return [node for node in nodes if node.input_tensors is node.output_tensors]
