"""A walk through a model: how the data that each layer is called on stand in a file of the other ordering of images."""

from typing import TYPE_CHECKING, Any

import numpy as np

from horngate import backend as K
from horngate.activations import along_last_axis
from horngate.backend.graph import Tensor
from horngate.engine.axes import OUTPUT_ORDERS
from horngate.saving import arrangement
from horngate.saving.arrangement import SAME, Arrangement, Features, Images, Same, Shape, Unknown, alike, settled
from horngate.saving.conversion import leaves_of
from horngate.saving.files import FileError
from horngate.saving.stored import Origin

if TYPE_CHECKING:
    from horngate.engine.container import Container
    from horngate.training.model import Model

IMAGE_ORDERS = ("images", "pooled", "image sequences")  # of layers that know where channels stand
_LAST = "the last axis of images holds channels in one ordering, columns in the other"
_NEW = {"units", "filters", "gates"}  # words for an axis of what a layer puts out


def orderings_of(model: "Container") -> set[str]:
    """The orderings of the images that the layers of `model` see."""
    looking = [leaf for leaf in leaves_of(model) if leaf.output_order in IMAGE_ORDERS and leaf.rank > 1]
    return {K.layout(leaf.rank, leaf.dim_ordering).ordering for leaf in looking}


def convention_of(model: "Container") -> str | None:
    """The convention in which the kernels of `model` slide over its input; None where it has none."""
    slides = any("window" in (weight.axes or ()) for weight in model.weights)
    return K.conv_convention() if slides else None


def walk_through(model: "Model", origin: Origin, said: bool = False) -> "Walk | None":
    """The `Walk` through `model` for a file of this `origin`; None where it has all data in the model's own order.

    `said`: whether somebody said which ordering it has, and the file's version does not merely suggest one.
    """
    seen = orderings_of(model)
    if len(seen) > 1 and said:
        raise FileError(
            f"{model.name} has layers of both orderings of images: weights for one with the other cannot be converted. "
            "Build the model as the file has it."
        )
    if not seen and said:
        seen = {K.image_dim_ordering()}
    if origin.ordering is None or len(seen) != 1 or origin.ordering in seen and not origin.flattens_last:
        return None
    return Walk(seen.pop(), origin).model(model)


class Walk:
    """Follows the data through the layers, by what each says in `output_order` (see `engine/axes`).

    # Arguments
        ordering: that of the images of the model.
        origin: of the file, which has them otherwise, or flattened them otherwise.
    """

    ordering: str
    turned: bool
    flattens_last: bool
    calls: dict[Any, list[tuple[Arrangement, Shape]]]  # leaf layer -> (arrangement of its input, its shape), each call
    faults: list[str]

    def __init__(self, ordering: str, origin: Origin) -> None:
        self.ordering = ordering
        self.turned, self.flattens_last = origin.ordering != ordering, origin.flattens_last
        self.calls, self.faults = {}, []

    def model(self, model: "Model") -> "Walk":
        """Walk through the whole `model`; what cannot mean the same in the file's ordering is refused."""
        self.graph(model, [Images() if len(x.shape) > 3 else SAME for x in model.inputs])
        if self.faults:
            raise FileError(f"{self.faults[0]} {arrangement.REMEDY}")
        return self

    def state(self, leaf: Any) -> tuple[Arrangement, Shape]:
        """(arrangement, shape) of what the layer `leaf` is called on; images that are not turned are the same."""
        if leaf not in self.calls:
            return Unknown("the layer stands nowhere in the graph of the model"), ()
        (state, shape), *others = self.calls[leaf]
        if all(alike(state, other) for other, _ in others):
            return SAME if isinstance(state, Images) and not self.turned else state, shape
        return Unknown("the layer is shared by inputs whose features stand in different orders"), shape

    def graph(self, model: Any, states: list[Arrangement]) -> list[Arrangement]:
        """The arrangements of the outputs of `model`, from the `states` of its inputs."""
        known = dict(zip(model.inputs, states))
        for node in model._ordered:
            if all(x in known for x in node.output_tensors):
                continue
            given = [self._at(known, x) for x in node.input_tensors]
            outputs = self.through(node.outbound_layer, given, [tuple(x.shape) for x in node.input_tensors])
            known.update((x, outputs[min(i, len(outputs) - 1)]) for i, x in enumerate(node.output_tensors))
        return [self._at(known, x) for x in model.outputs]

    def _at(self, known: dict[Tensor, Arrangement], tensor: Tensor) -> Arrangement:
        """The arrangement of a tensor; what a plain function of K makes of anything but the same is not known."""
        waiting, state = [tensor], known.get(tensor, SAME)
        while waiting:
            x = waiting.pop()
            if x in known:
                if x is not tensor and known[x] != SAME:
                    state = Unknown("a function of K stands before it, outside of any layer")
            elif x.node is not None:
                waiting.extend(s for s in x.node.symbols() if isinstance(s, Tensor))
        return state

    def through(self, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> list[Arrangement]:
        """The arrangements of the outputs of `layer`, from the `states` and `shapes` of its inputs."""
        if not isinstance(layer.output_order, str) or layer.output_order not in OUTPUT_ORDERS:
            raise FileError(
                f"{type(layer).__name__} {layer.name}: output_order must be one of "
                f"{', '.join(map(repr, OUTPUT_ORDERS))}; received {layer.output_order!r}."
            )
        if layer.output_order in _OF_HOLDERS:
            found = _OF_HOLDERS[layer.output_order](self, layer, states, shapes)
            return found if isinstance(found, list) else [found]
        if layer.output_order == "images" and layer.rank > 1:
            states = [self._as_images(layer, states[0], shapes[0], 0)]
        self._note(layer, states, shapes)
        return [_OF_LEAVES[layer.output_order](self, layer, states, shapes)]

    def _note(self, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> None:
        same = all(state == SAME for state in states)
        inside = SAME if same else Unknown(f"what {_called(layer)} hands to the layers inside it is not known")
        several = SAME if same else Unknown(f"{_called(layer)} takes several inputs")
        own = states[0] if len(states) == 1 else several
        for leaf in leaves_of(layer):
            self.calls.setdefault(leaf, []).append((own if leaf is layer else inside, shapes[0]))

    def fault(self, layer: Any, why: str) -> Unknown:
        """Note that `layer` cannot do the same in the file's ordering, and `why`, and go on."""
        self.faults.append(f"{_called(layer)} does something else in the file's ordering of images: {why}.")
        return Unknown(f"{_called(layer)}: {why}")

    def _as_images(self, layer: Any, state: Arrangement, shape: Shape, start: int) -> Images | Unknown:
        """The arrangement of data that a layer takes for images from axis `start` on."""
        if isinstance(state, Images) and state.start in (None, start) or isinstance(state, Unknown):
            return Images(start)
        lies_alike = not self.turned or arrangement.turning_changes_nothing(shape[start:], self.ordering)
        if isinstance(state, Same) and lies_alike:
            return Images(start)
        return self.fault(layer, "it takes for images what was features before, whose order the file does not tell")


def _called(layer: Any) -> str:
    return f"layer {layer.name!r} ({type(layer).__name__})"


# What layers do that hold no others.


def _by_weights(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    if all(state == SAME for state in states):
        return SAME
    if not layer.weights or len(states) > 1:
        return _unknown(walk, layer, states, shapes)
    words = {word for weight in layer.weights for word in weight.axes or ("of unknown meaning",)}
    if "of unknown meaning" in words:
        return Unknown(f"{_called(layer)} has weights whose axes have no names")
    if words & _NEW and not (isinstance(states[0], Images) and not walk.turned):
        return _unknown(walk, layer, states, shapes) if isinstance(states[0], Images) else SAME
    return states[0]


def _unknown(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    if all(state == SAME for state in states):
        return SAME
    return Unknown(
        f"{_called(layer)} may have changed it. If what it gives is ordered as what it takes, give its class, or the "
        "layer itself, output_order = 'kept'"
    )


def _kept(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    return states[0]


def _last_kept(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    if isinstance(settled(states[0], shapes[0]), Images) and walk.turned:
        return walk.fault(layer, _LAST)
    return states[0]


def _flattened(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    if not walk.flattens_last or len(shapes[0]) < 3:
        return arrangement.flattened(states[0], shapes[0], walk.ordering)
    state = states[0] if states[0] == SAME else settled(states[0], shapes[0])
    if state == SAME or isinstance(state, Images) and not walk.turned:
        return arrangement.flattened(Images(0), shapes[0], "th")  # its first axis moved, whatever that is
    if state == Images(0):
        return SAME
    return state if isinstance(state, Unknown) else Unknown(f"{_called(layer)} flattened it in another order")


def _reshaped(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    state, new = states[0], (None, *layer.get_output_shape_for(shapes[0])[1:])
    if not walk.turned and isinstance(state, Images):
        return Images() if len(new) > 3 else SAME
    if len(new) == 2:
        return arrangement.flattened(state, shapes[0], walk.ordering)
    lies_alike = len(shapes[0]) == 4 and arrangement.turning_changes_nothing(shapes[0], walk.ordering)
    if state == SAME or isinstance(settled(state, shapes[0]), Images) and lies_alike:
        images = len(new) == 4 and arrangement.turning_changes_nothing(new, walk.ordering)
        return Images() if images else SAME
    return state if isinstance(state, Unknown) else Unknown(f"{_called(layer)} gives the data another shape")


def _images(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    if layer.rank == 1:
        return _by_weights(walk, layer, states, shapes) if layer.weights else states[0]
    if walk.turned and along_last_axis(getattr(layer, "activation", None)):
        return walk.fault(layer, _LAST)
    return states[0] if isinstance(states[0], Unknown) else Images(0)


def _pooled(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    if layer.rank > 1:
        walk._as_images(layer, states[0], shapes[0], 0)
        return SAME
    return states[0]


def _image_sequences(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    images = walk._as_images(layer, states[0], shapes[0], 1)
    return images if isinstance(images, Unknown) else Images(1 if layer.return_sequences else 0)


def _merged(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    if callable(layer.mode) or all(state == SAME for state in states):
        return _unknown(walk, layer, states, shapes)
    if unknown := [state for state in states if isinstance(state, Unknown)]:
        return unknown[0]
    if any(isinstance(state, Images) for state in states):
        return _merged_images(walk, layer, states, shapes)
    rank = len(shapes[0])
    if layer.mode == "concat" and layer.concat_axis % rank == rank - 1:
        return _side_by_side(states, shapes)
    if layer.mode in ("dot", "cos") and any(axis != rank - 1 for axis in _dot_axes(layer, shapes)):
        return Unknown(f"{_called(layer)} multiplies along another axis than that of the features")
    wide = [state for state, shape in zip(states, shapes) if shape[-1] != 1]
    if not all(alike(state, wide[0]) for state in wide):
        return walk.fault(layer, "it joins features whose orders differ there")
    return SAME if layer.mode in ("dot", "cos") else wide[0]


def _dot_axes(layer: Any, shapes: list[Shape]) -> list[int]:
    axes = [layer.dot_axes] * 2 if isinstance(layer.dot_axes, int) else layer.dot_axes
    return [(axis[0] if isinstance(axis, (list, tuple)) else axis) % len(shape) for axis, shape in zip(axes, shapes)]


def _merged_images(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    starts = {state.start for state in states if isinstance(state, Images) and state.start is not None}
    if layer.mode in ("dot", "cos") or len(starts) > 1:
        return Unknown(f"{_called(layer)} joins images in a way that is not known")
    if not starts:
        return states[0] if all(state == Images() for state in states) else settled(Images(), shapes[0])
    found = [walk._as_images(layer, state, shape, min(starts)) for state, shape in zip(states, shapes)]
    return next((state for state in found if isinstance(state, Unknown)), found[0])


def _side_by_side(states: list[Arrangement], shapes: list[Shape]) -> Arrangement:
    order, first = [], 0
    for state, shape in zip(states, shapes):
        width = shape[-1]
        if width is None:
            return Unknown("it joins features whose number is not known")
        own = state.order if isinstance(state, Features) else range(width)
        order += [first + int(i) for i in own]
        first += width
    return arrangement.features(np.array(order))


_OF_LEAVES = {
    "by weights": _by_weights,
    "kept": _kept,
    "last kept": _last_kept,
    "flattened": _flattened,
    "reshaped": _reshaped,
    "images": _images,
    "pooled": _pooled,
    "image sequences": _image_sequences,
    "unknown": _unknown,
}


# What layers do that hold others.


def _graph(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    return walk.graph(layer, states)


def _steps(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    found = walk.through(layer.layer, [_step(layer, states[0], shapes[0])], [(shapes[0][0], *shapes[0][2:])])[0]
    return Images(found.start + 1) if isinstance(found, Images) and found.start is not None else found


def _step(layer: Any, state: Arrangement, shape: Shape) -> Arrangement:
    """The arrangement of one step of a sequence."""
    if state == Images() and len(shape) != 4:
        return Images() if len(shape) > 4 else SAME
    if state == Images():
        return Unknown(f"{_called(layer)} takes an axis of images for time")
    if isinstance(state, Images) and state.start:
        return Images(state.start - 1)
    if isinstance(state, Images) or isinstance(state, Features) and len(shape) < 3:
        return Unknown(f"{_called(layer)} takes an axis for time that is another in the file's ordering")
    return state


def _cell(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    return walk.through(layer.layer, [_step(layer, states[0], shapes[0])], [(shapes[0][0], *shapes[0][2:])])[0]


def _both_ways(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    found = [walk.through(held, states, shapes)[0] for held in layer._kept]
    if layer.merge_mode is None:
        return found
    if layer.merge_mode == "concat" and isinstance(found[0], Images) and walk.turned and walk.ordering == "th":
        return walk.fault(layer, "it joins images along their last axis")
    return found[0]


def _chained(walk: Walk, layer: Any, states: list[Arrangement], shapes: list[Shape]) -> Any:
    for held in layer._kept:
        states = walk.through(held, states, shapes)
        shapes = [tuple(held.get_output_shape_for(shapes[0]))]
    return states


_OF_HOLDERS = {
    "graph": _graph,
    "merged": _merged,
    "steps": _steps,
    "cell": _cell,
    "both ways": _both_ways,
    "chained": _chained,
}
