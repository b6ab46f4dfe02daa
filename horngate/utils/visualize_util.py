"""Pictures of models as PNG, SVG or HTML: boxes for layers, in rows by depth, joined by arrows."""

import html
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import atomic_write

if TYPE_CHECKING:
    from horngate.engine.container import Container
    from horngate.engine.layer import Layer

_LETTER, _LINE, _PAD, _GAP_X, _GAP_Y = 7.2, 17, 10, 28, 34  # pixels


@dataclass
class Box:
    """A layer in the picture.

    # Arguments
        lines: its text.
        sources: the boxes from which arrows lead to it.
        row: its row, from 0.
        x, y: its upper left corner, in pixels.
    """

    lines: list[str]
    sources: "list[Box]" = field(default_factory=list)
    row: int = 0
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return max(len(line) for line in self.lines) * _LETTER + 2 * _PAD

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return len(self.lines) * _LINE + 2 * _PAD - 4


def layout(
    model: "Container", show_shapes: bool = False, show_layer_names: bool = True
) -> tuple[list[Box], tuple[float, float]]:
    """Place the boxes of `model`; returns them and the size of the picture.

    `show_shapes`, `show_layer_names`: as for `plot`. A layer is one row below the lowest of its inputs.
    """
    nodes = [node for layer in _layers(model) for node in layer.inbound_nodes if node in model.container_nodes]
    boxes = {}
    for node in nodes:
        layer = node.outbound_layer
        if layer not in boxes:
            boxes[layer] = Box(_lines(layer, node, show_shapes, show_layer_names))
    for node in nodes:
        sources = [boxes[source] for source in node.inbound_layers if source in boxes]
        boxes[node.outbound_layer].sources.extend(s for s in sources if s not in boxes[node.outbound_layer].sources)
    ordered = list(boxes.values())
    for box in ordered:  # layers come before those that use them
        box.row = max((source.row + 1 for source in box.sources), default=0)
    return ordered, _place(ordered)


def _layers(model: Any) -> "Sequence[Layer]":
    return getattr(model, "graph_layers", model.layers)


def _lines(layer: "Layer", node: Any, show_shapes: bool, show_layer_names: bool) -> list[str]:
    kind = type(layer).__name__
    lines = [f"{layer.name} ({kind})" if show_layer_names else kind]
    if show_shapes:
        lines.append("in  " + _shapes(node.input_shapes))
        lines.append("out " + _shapes(node.output_shapes))
    return lines


def _shapes(shapes: Iterable[Sequence[int | None]]) -> str:
    return ", ".join("(" + ", ".join("?" if size is None else str(size) for size in shape) + ")" for shape in shapes)


def _place(boxes: Sequence[Box]) -> tuple[float, float]:
    """Put the boxes of each row side by side, in the middle; returns the size of the picture."""
    rows: dict[int, list[Box]] = {}
    for box in boxes:
        rows.setdefault(box.row, []).append(box)
    widths = {row: sum(b.width for b in line) + _GAP_X * (len(line) - 1) for row, line in rows.items()}
    width, y = max(widths.values()) + 2 * _GAP_X, _GAP_Y / 2
    for row in sorted(rows):
        line = sorted(rows[row], key=lambda b: sum(s.x + s.width / 2 for s in b.sources) / max(1, len(b.sources)))
        x = (width - widths[row]) / 2
        for box in line:
            box.x, box.y = x, y
            x += box.width + _GAP_X
        y += max(box.height for box in line) + _GAP_Y
    return width, y - _GAP_Y / 2


def _ends(source: Box, target: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where an arrow begins and ends."""
    return (source.x + source.width / 2, source.y + source.height), (target.x + target.width / 2, target.y)


def to_svg(model: "Container", show_shapes: bool = False, show_layer_names: bool = True) -> str:
    """The picture of `model` as SVG text; `show_shapes` and `show_layer_names` as for `plot`."""
    boxes, (width, height) = layout(model, show_shapes, show_layer_names)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="monospace" font-size="12">',
        '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
        '<path d="M0,0 L9,4 L0,8 z" fill="#555"/></marker></defs>',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for box in boxes:
        for source in box.sources:
            (x1, y1), (x2, y2) = _ends(source, box)
            bend = (y2 - y1) / 2
            parts.append(
                f'<path d="M{x1:.1f},{y1:.1f} C{x1:.1f},{y1 + bend:.1f} {x2:.1f},{y2 - bend:.1f} {x2:.1f},{y2:.1f}" '
                'fill="none" stroke="#555" marker-end="url(#tip)"/>'
            )
    for box in boxes:
        parts.append(
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="5" '
            'fill="#eef3fa" stroke="#4a6a9a"/>'
        )
        for i, line in enumerate(box.lines):
            weight = ' font-weight="bold"' if i == 0 else ""
            parts.append(
                f'<text x="{box.x + _PAD:.1f}" y="{box.y + _PAD + 9 + i * _LINE:.1f}"{weight} '
                f'xml:space="preserve">{html.escape(line)}</text>'
            )
    return "\n".join([*parts, "</svg>"])


def to_html(model: "Container", show_shapes: bool = True, show_layer_names: bool = True) -> str:
    """The picture of `model` as HTML, with the number of weights below it.

    `show_shapes` and `show_layer_names` as for `plot`.
    """
    picture = to_svg(model, show_shapes, show_layer_names)
    return f"<div>{picture}<p>{html.escape(model.name)}: {model.count_params():,} weights</p></div>"


def _write_png(model: "Container", path: PathLike, show_shapes: bool, show_layer_names: bool) -> None:
    try:
        from matplotlib.figure import Figure
        from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
    except ImportError:
        raise ImportError("a PNG needs matplotlib: pip install matplotlib, or name a .svg or .html file") from None
    boxes, (width, height) = layout(model, show_shapes, show_layer_names)
    figure = Figure(figsize=(width / 72, height / 72), dpi=110)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    for box in boxes:
        for source in box.sources:
            start, end = _ends(source, box)
            axes.add_patch(
                FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color="#555", shrinkA=0, shrinkB=0)
            )
        axes.add_patch(
            FancyBboxPatch(
                (box.x + 3, box.y + 3),
                box.width - 6,
                box.height - 6,
                facecolor="#eef3fa",
                edgecolor="#4a6a9a",
                boxstyle="round,pad=3",
            )
        )
        for i, line in enumerate(box.lines):
            axes.text(
                box.x + _PAD,
                box.y + _PAD + 8 + i * _LINE,
                line,
                family="monospace",
                fontsize=11.5,
                va="center",
                fontweight="bold" if i == 0 else "normal",
            )
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format="png")


def plot(
    model: "Container",
    to_file: PathLike = "model.png",
    show_shapes: bool = False,
    show_layer_names: bool = True,
    recursive: bool = True,
    show_shape: bool = False,
) -> None:
    """Draw a model into a file.

    # Arguments
        model: the model.
        to_file: the path; its ending chooses the format: `.png` (needs matplotlib), `.svg` or `.html`.
        show_shapes: write the shapes of input and output into each box.
        show_layer_names: write the layer's name, not only its class.
        recursive: an argument of Keras 0.3, ignored.
        show_shape: the name of `show_shapes` in Keras 0.3.
    """
    show_shapes = show_shapes or show_shape
    ending = os.path.splitext(str(to_file))[1].lower()
    if ending == ".png":
        _write_png(model, to_file, show_shapes, show_layer_names)
        return
    if ending not in (".svg", ".html"):
        raise ValueError(f"plot writes .png, .svg or .html files; received {str(to_file)!r}")
    picture = to_svg(model, show_shapes, show_layer_names)
    if ending == ".html":
        picture = f"<!DOCTYPE html>\n<title>{html.escape(model.name)}</title>\n{picture}\n"
    with atomic_write(to_file) as path, open(path, "w", encoding="utf-8") as file:
        file.write(picture)


def model_to_dot(model: "Container", show_shapes: bool = False, show_layer_names: bool = True) -> Any:
    """The picture of `model` as a pydot graph; needs pydot, and Graphviz to draw it.

    `show_shapes` and `show_layer_names` as for `plot`.
    """
    try:
        import pydot
    except ImportError:
        raise ImportError(
            "model_to_dot needs pydot: pip install pydot. plot(model, 'model.svg') needs nothing."
        ) from None
    boxes, _ = layout(model, show_shapes, show_layer_names)
    graph = pydot.Dot(rankdir="TB")
    for i, box in enumerate(boxes):
        graph.add_node(pydot.Node(str(i), label="\\n".join(box.lines), shape="box"))
        for source in box.sources:
            graph.add_edge(pydot.Edge(str(boxes.index(source)), str(i)))
    return graph


def layer_typename(layer: "Layer") -> str:
    """The name of the class of `layer` with its module's."""
    return f"{type(layer).__module__}.{type(layer).__name__}"


def get_layer_to_name(model: "Container") -> "Callable[[Layer], str]":
    """Return a function from a layer of `model` to its name there."""
    return lambda layer: layer.name


class ModelToDot:
    """Makes the pydot graph of a model, in Keras 0.3's form: `ModelToDot()(model)`."""

    def __call__(
        self, model: "Container", recursive: bool = True, show_shape: bool = False, connect_to: Any = None
    ) -> Any:
        """The pydot graph of `model`; `show_shape` writes shapes, `recursive` and `connect_to` change nothing."""
        return model_to_dot(model, show_shapes=show_shape)


def to_graph(model: "Container", **kwargs: Any) -> Any:
    """The pydot graph of `model`; `kwargs` are those of calling a `ModelToDot`."""
    return ModelToDot()(model, **kwargs)


plot_model = plot  # its name in Keras 2
