"""Layout propagation: finds the layout of each layer's input in a file with the other ordering of images."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate import backend as K
from horngate.activations import along_last_axis
from horngate.backend.graph import Tensor
from horngate.engine.axes import OUTPUT_ORDERS
from horngate.saving.conversion import leaf_layers
from horngate.saving.files import FileError
from horngate.saving.layouts import (
    REMEDY,
    SAME,
    Images,
    Layout,
    Permuted,
    Same,
    Shape,
    Unknown,
    flatten_layout,
    is_transpose_trivial,
    permuted,
    resolve_images,
)
from horngate.saving.stored_weights import Origin

if TYPE_CHECKING:
    from horngate.engine.container import Container
    from horngate.training.model import Model

Rule = Callable[..., Any]  # from a layer, and the layouts and shapes of its inputs, to the layout of its output
IMAGE_RULES = ("images", "pooled", "image sequences")  # rules of layers with a `dim_ordering`
_LAST = "the last axis of images holds channels in one ordering, columns in the other"
_NEW = {"units", "filters", "gates"}  # words for an axis of new features


def orderings_seen(model: "Container") -> set[str]:
    """The orderings of images in the layers of `model`."""
    looking = [leaf for leaf in leaf_layers(model) if leaf.output_order in IMAGE_RULES and leaf.rank > 1]
    return {K.layout(leaf.rank, leaf.dim_ordering).ordering for leaf in looking}


def convention_seen(model: "Container") -> str | None:
    """The convention of the convolution kernels of `model`; None if it has none."""
    slides = any("window" in (weight.axes or ()) for weight in model.weights)
    return K.conv_convention() if slides else None


def propagate_layouts(model: "Model", origin: Origin, said: bool = False) -> "LayoutPropagation | None":
    """The layouts in `model` for a file of the given `origin`; None if all layouts are the same.

    `said`: whether the file or the user states its ordering; False if only the file's version suggests one.
    """
    seen = orderings_seen(model)
    if len(seen) > 1 and said:
        raise FileError(
            f"{model.name} has layers of both orderings of images: weights for one with the other cannot be converted. "
            "Build the model as the file has it."
        )
    if not seen and said:
        seen = {K.image_dim_ordering()}
    if origin.ordering is None or len(seen) != 1 or origin.ordering in seen and not origin.flattens_last:
        return None
    return LayoutPropagation(seen.pop(), origin).through_model(model)


def _by_name(*rules: Rule) -> dict[str, Rule]:
    return {rule.__name__.strip("_").replace("_", " "): rule for rule in rules}


class LayoutPropagation:
    """Follows the data through the layers by their `output_order` (see `engine/axes`).

    # Arguments
        ordering: the ordering of the model's images.
        origin: the origin of the file, which has another ordering, or flattens in another order.
    """

    def __init__(self, ordering: str, origin: Origin) -> None:
        self.ordering: str = ordering
        self.transposed: bool = origin.ordering != ordering
        self.flattens_last: bool = origin.flattens_last
        # leaf layer -> (layout of its input, its shape), each call
        self.calls: dict[Any, list[tuple[Layout, Shape]]] = {}
        self.faults: list[str] = []

    def through_model(self, model: "Model") -> "LayoutPropagation":
        """Go through the `model`; raise FileError if a layer does something else in the file's ordering."""
        self.through_graph(model, [Images() if len(x.shape) > 3 else SAME for x in model.inputs])
        if self.faults:
            raise FileError(f"{self.faults[0]} {REMEDY}")
        return self

    def of_input(self, leaf: Any) -> tuple[Layout, Shape]:
        """(layout, shape) of the input of the layer `leaf`; images that transposition does not change are the same."""
        if leaf not in self.calls:
            return Unknown("the layer stands nowhere in the graph of the model"), ()
        (layout, shape), *others = self.calls[leaf]
        if all(layout == other for other, _ in others):
            return SAME if isinstance(layout, Images) and not self.transposed else layout, shape
        return Unknown("the layer is shared by inputs whose features stand in different orders"), shape

    def through_graph(self, model: Any, layouts: list[Layout]) -> list[Layout]:
        """The layouts of the outputs of `model`, from the `layouts` of its inputs."""
        known = dict(zip(model.inputs, layouts))
        for node in model._ordered:
            if all(x in known for x in node.output_tensors):
                continue
            given = [self._at(known, x) for x in node.input_tensors]
            outputs = self.through_layer(node.outbound_layer, given, [tuple(x.shape) for x in node.input_tensors])
            known.update((x, outputs[min(i, len(outputs) - 1)]) for i, x in enumerate(node.output_tensors))
        return [self._at(known, x) for x in model.outputs]

    def _at(self, known: dict[Tensor, Layout], tensor: Tensor) -> Layout:
        """The layout of a tensor; a plain function of K makes it unknown, unless all its inputs are the same."""
        waiting, layout = [tensor], known.get(tensor, SAME)
        while waiting:
            x = waiting.pop()
            if x in known:
                if x is not tensor and known[x] != SAME:
                    layout = Unknown("a function of K stands before it, outside of any layer")
            elif x.node is not None:
                waiting.extend(s for s in x.node.symbols() if isinstance(s, Tensor))
        return layout

    def through_layer(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> list[Layout]:
        """The layouts of the outputs of `layer`, from the `layouts` and `shapes` of its inputs."""
        if not isinstance(layer.output_order, str) or layer.output_order not in OUTPUT_ORDERS:
            raise FileError(
                f"{type(layer).__name__} {layer.name}: output_order must be one of "
                f"{', '.join(map(repr, OUTPUT_ORDERS))}; received {layer.output_order!r}."
            )
        if layer.output_order in self.CONTAINER_RULES:
            found = self.CONTAINER_RULES[layer.output_order](self, layer, layouts, shapes)
            return found if isinstance(found, list) else [found]
        if layer.output_order == "images" and layer.rank > 1:
            layouts = [self._as_images(layer, layouts[0], shapes[0], 0)]
        self._record(layer, layouts, shapes)
        return [self.LEAF_RULES[layer.output_order](self, layer, layouts, shapes)]

    def _record(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> None:
        same = all(layout == SAME for layout in layouts)
        inside = SAME if same else Unknown(f"what {_describe(layer)} hands to the layers inside it is not known")
        several = SAME if same else Unknown(f"{_describe(layer)} takes several inputs")
        own = layouts[0] if len(layouts) == 1 else several
        for leaf in leaf_layers(layer):
            self.calls.setdefault(leaf, []).append((own if leaf is layer else inside, shapes[0]))

    def refuse(self, layer: Any, why: str) -> Unknown:
        """Record that `layer` does something else in the file's ordering, and `why`; then go on."""
        self.faults.append(f"{_describe(layer)} does something else in the file's ordering of images: {why}.")
        return Unknown(f"{_describe(layer)}: {why}")

    def _as_images(self, layer: Any, layout: Layout, shape: Shape, start: int) -> Images | Unknown:
        """The layout of data whose axes from `start` on a layer treats as images."""
        if isinstance(layout, Images) and layout.start in (None, start) or isinstance(layout, Unknown):
            return Images(start)
        trivial = not self.transposed or is_transpose_trivial(shape[start:], self.ordering)
        if isinstance(layout, Same) and trivial:
            return Images(start)
        return self.refuse(layer, "it takes for images what was features before, whose order the file does not tell")

    # Rules of layers without sublayers.

    def _by_weights(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        if all(layout == SAME for layout in layouts):
            return SAME
        if not layer.weights or len(layouts) > 1:
            return self._unknown(layer, layouts, shapes)
        words = {word for weight in layer.weights for word in weight.axes or ("of unknown meaning",)}
        if "of unknown meaning" in words:
            return Unknown(f"{_describe(layer)} has weights whose axes have no names")
        if words & _NEW and not (isinstance(layouts[0], Images) and not self.transposed):
            return self._unknown(layer, layouts, shapes) if isinstance(layouts[0], Images) else SAME
        return layouts[0]

    def _unknown(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        if all(layout == SAME for layout in layouts):
            return SAME
        return Unknown(
            f"{_describe(layer)} may have changed it. If what it gives is ordered as what it takes, give its class, or "
            "the layer itself, output_order = 'kept'"
        )

    def _kept(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        return layouts[0]

    def _last_kept(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        if isinstance(resolve_images(layouts[0], shapes[0]), Images) and self.transposed:
            return self.refuse(layer, _LAST)
        return layouts[0]

    def _flattened(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        if not self.flattens_last or len(shapes[0]) < 3:
            return flatten_layout(layouts[0], shapes[0], self.ordering)
        layout = layouts[0] if layouts[0] == SAME else resolve_images(layouts[0], shapes[0])
        if layout == SAME or isinstance(layout, Images) and not self.transposed:
            return flatten_layout(Images(0), shapes[0], "th")  # its first axis moved, channels or not
        if layout == Images(0):
            return SAME
        return layout if isinstance(layout, Unknown) else Unknown(f"{_describe(layer)} flattened it in another order")

    def _reshaped(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        layout, new = layouts[0], (None, *layer.get_output_shape_for(shapes[0])[1:])
        if not self.transposed and isinstance(layout, Images):
            return Images() if len(new) > 3 else SAME
        if len(new) == 2:
            return flatten_layout(layout, shapes[0], self.ordering)
        trivial = len(shapes[0]) == 4 and is_transpose_trivial(shapes[0], self.ordering)
        if layout == SAME or isinstance(resolve_images(layout, shapes[0]), Images) and trivial:
            images = len(new) == 4 and is_transpose_trivial(new, self.ordering)
            return Images() if images else SAME
        return layout if isinstance(layout, Unknown) else Unknown(f"{_describe(layer)} gives the data another shape")

    def _images(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        if layer.rank == 1:
            return self._by_weights(layer, layouts, shapes) if layer.weights else layouts[0]
        if self.transposed and along_last_axis(getattr(layer, "activation", None)):
            return self.refuse(layer, _LAST)
        return layouts[0] if isinstance(layouts[0], Unknown) else Images(0)

    def _pooled(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        if layer.rank > 1:
            self._as_images(layer, layouts[0], shapes[0], 0)
            return SAME
        return layouts[0]

    def _image_sequences(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        images = self._as_images(layer, layouts[0], shapes[0], 1)
        return images if isinstance(images, Unknown) else Images(1 if layer.return_sequences else 0)

    def _merged(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        if callable(layer.mode) or all(layout == SAME for layout in layouts):
            return self._unknown(layer, layouts, shapes)
        if unknown := [layout for layout in layouts if isinstance(layout, Unknown)]:
            return unknown[0]
        if any(isinstance(layout, Images) for layout in layouts):
            return self._merged_images(layer, layouts, shapes)
        rank = len(shapes[0])
        if layer.mode == "concat" and layer.concat_axis % rank == rank - 1:
            return _concatenated(layouts, shapes)
        if layer.mode in ("dot", "cos") and any(axis != rank - 1 for axis in _dot_axes(layer, shapes)):
            return Unknown(f"{_describe(layer)} multiplies along another axis than that of the features")
        wide = [layout for layout, shape in zip(layouts, shapes) if shape[-1] != 1]
        if not all(layout == wide[0] for layout in wide):
            return self.refuse(layer, "it joins features whose orders differ there")
        return SAME if layer.mode in ("dot", "cos") else wide[0]

    def _merged_images(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        starts = {layout.start for layout in layouts if isinstance(layout, Images) and layout.start is not None}
        if layer.mode in ("dot", "cos") or len(starts) > 1:
            return Unknown(f"{_describe(layer)} joins images in a way that is not known")
        if not starts:
            return layouts[0] if all(layout == Images() for layout in layouts) else resolve_images(Images(), shapes[0])
        found = [self._as_images(layer, layout, shape, min(starts)) for layout, shape in zip(layouts, shapes)]
        return next((layout for layout in found if isinstance(layout, Unknown)), found[0])

    # Rules of layers with sublayers.

    def _graph(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        return self.through_graph(layer, layouts)

    def _steps(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        found = self._cell(layer, layouts, shapes)
        return Images(found.start + 1) if isinstance(found, Images) and found.start is not None else found

    def _cell(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        batch, _, *rest = shapes[0]
        return self.through_layer(layer.layer, [_step(layer, layouts[0], shapes[0])], [(batch, *rest)])[0]

    def _both_ways(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        found = [self.through_layer(held, layouts, shapes)[0] for held in layer._sublayers]
        if layer.merge_mode is None:
            return found
        if layer.merge_mode == "concat" and isinstance(found[0], Images) and self.transposed and self.ordering == "th":
            return self.refuse(layer, "it joins images along their last axis")
        return found[0]

    def _chained(self, layer: Any, layouts: list[Layout], shapes: list[Shape]) -> Any:
        for held in layer._sublayers:
            layouts = self.through_layer(held, layouts, shapes)
            shapes = [tuple(held.get_output_shape_for(shapes[0]))]
        return layouts

    LEAF_RULES = _by_name(
        _by_weights, _kept, _last_kept, _flattened, _reshaped, _images, _pooled, _image_sequences, _unknown
    )
    CONTAINER_RULES = _by_name(_graph, _merged, _steps, _cell, _both_ways, _chained)


def _describe(layer: Any) -> str:
    return f"layer {layer.name!r} ({type(layer).__name__})"


def _dot_axes(layer: Any, shapes: list[Shape]) -> list[int]:
    axes = [layer.dot_axes] * 2 if isinstance(layer.dot_axes, int) else layer.dot_axes
    return [(axis[0] if isinstance(axis, (list, tuple)) else axis) % len(shape) for axis, shape in zip(axes, shapes)]


def _concatenated(layouts: list[Layout], shapes: list[Shape]) -> Layout:
    order, first = [], 0
    for layout, shape in zip(layouts, shapes):
        width = shape[-1]
        if width is None:
            return Unknown("it joins features whose number is not known")
        own = layout.order if isinstance(layout, Permuted) else range(width)
        order += [first + int(i) for i in own]
        first += width
    return permuted(np.array(order))


def _step(layer: Any, layout: Layout, shape: Shape) -> Layout:
    """The layout of one step of a sequence."""
    if layout == Images() and len(shape) != 4:
        return Images() if len(shape) > 4 else SAME
    if layout == Images():
        return Unknown(f"{_describe(layer)} takes an axis of images for time")
    if isinstance(layout, Images) and layout.start:
        return Images(layout.start - 1)
    if isinstance(layout, Images) or isinstance(layout, Permuted) and len(shape) < 3:
        return Unknown(f"{_describe(layer)} takes an axis for time that is another in the file's ordering")
    return layout
