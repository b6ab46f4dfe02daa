"""Pictures of models as PNG, SVG or HTML: boxes for layers, in rows by depth, joined by arrows."""

import html
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from horngate.backend import limits
from horngate.backend.orders import of_eras
from horngate.utils.generic_utils import PathLike, kind_told, need
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


@dataclass
class Look:
    """What a picture shows of each layer, and which way it goes.

    # Arguments
        show_shapes: the shapes of input and output.
        show_layer_names: the layer's name, not only its class.
        show_dtype: the number type of the output.
        show_layer_activations: the activation, if the layer has one.
        show_trainable: whether the layer is trained.
        expand_nested: the layers of nested models in their place.
        rankdir: from where to where the data go: `'TB'` from the top to the bottom, `'BT'`, `'LR'` or `'RL'`.
    """

    show_shapes: bool = False
    show_layer_names: bool = True
    show_dtype: bool = False
    show_layer_activations: bool = False
    show_trainable: bool = False
    expand_nested: bool = False
    rankdir: str = "TB"

    def __post_init__(self) -> None:
        if self.rankdir not in ("TB", "BT", "LR", "RL"):
            raise ValueError(f"plot: rankdir must be 'TB', 'BT', 'LR' or 'RL'; received {self.rankdir!r}.")

    def lines(self, layer: "Layer", node: Any) -> list[str]:
        """Return the text for the call `node` of `layer`; `node`: None if it is not known."""
        kind = kind_told(layer)
        lines = [f"{layer.name} ({kind})" if self.show_layer_names else kind]
        activation = getattr(layer, "activation", None)
        if self.show_layer_activations and activation is not None:
            lines.append(f"activation {getattr(activation, '__name__', type(activation).__name__)}")
        if self.show_dtype:
            dtypes = [x.dtype for x in node.output_tensors] if node else [getattr(layer, "compute_dtype", None)]
            lines.append("dtype " + ", ".join(dict.fromkeys(map(str, dtypes))))
        if self.show_trainable:
            lines.append("trainable" if layer.trainable else "not trainable")
        if self.show_shapes and node:
            lines += ["in  " + _shapes(node.input_shapes), "out " + _shapes(node.output_shapes)]
        return lines


def layout(model: "Container", look: Look | None = None) -> tuple[list[Box], tuple[float, float]]:
    """Place the boxes of `model`; returns them and the size of the picture.

    `look`: what to show. A layer is one row behind the last of its inputs.
    """
    look = look or Look()
    ordered = _boxes(model, look)[0]
    rows: dict[int, int] = {}
    for box in ordered:
        _row_of(box, rows)
    return ordered, _place(ordered, look.rankdir)


def _row_of(box, rows):
    stack = [box]
    while stack:
        box = stack[-1]
        waiting = [source for source in box.sources if id(source) not in rows]
        if waiting:
            stack += waiting
        else:
            box.row = rows[id(box)] = max((source.row + 1 for source in box.sources), default=0)
            stack.pop()


def _boxes(model: Any, look: Look) -> tuple[list[Box], list[Box], list[Box]]:
    """Return (the boxes of a model, those of its inputs, those of its outputs)."""
    if not hasattr(model, "container_nodes"):  # it computes in its `call`: nothing tells how its layers are joined
        whole = Box(look.lines(model, None))
        inside = [Box(look.lines(layer, None), [whole]) for layer in model.layers if look.expand_nested]
        return [whole, *inside], [whole], [whole]
    nodes = [node for layer in _layers(model) for node in layer.inbound_nodes if node in model.container_nodes]
    made: dict[Any, tuple[list[Box], list[Box], list[Box]]] = {}
    for node in nodes:
        layer = node.outbound_layer
        if layer not in made:
            nested = look.expand_nested and hasattr(layer, "layers")
            alone = [] if nested else [Box(look.lines(layer, node))]
            made[layer] = _boxes(layer, look) if nested else (alone, alone, alone)
    for node in nodes:
        for source in (each for each in node.inbound_layers if each in made):
            for box in made[node.outbound_layer][1]:
                box.sources.extend(s for s in made[source][2] if s not in box.sources)
    first = [box for layer in model.input_layers for box in made[layer][1]]
    last = [box for layer in model.output_layers for box in made[layer][2]]
    return [box for boxes, _, _ in made.values() for box in boxes], first, last


def _layers(model: Any) -> "Sequence[Layer]":
    return getattr(model, "graph_layers", model.layers)


def _shapes(shapes: Iterable[Sequence[int | None]]) -> str:
    return ", ".join("(" + ", ".join("?" if size is None else str(size) for size in shape) + ")" for shape in shapes)


def _place(boxes: Sequence[Box], rankdir: str) -> tuple[float, float]:
    """Put the boxes of each row side by side, in the middle; returns the size of the picture."""
    sideways, rows = rankdir in ("LR", "RL"), dict[int, list[Box]]()
    for box in boxes:
        rows.setdefault(box.row, []).append(box)

    def along(box: Box) -> float:  # its size within the row, and across it
        return box.height if sideways else box.width

    def middle(box: Box) -> float:
        return (box.y if sideways else box.x) + along(box) / 2

    lengths = {row: sum(map(along, line)) + _GAP_X * (len(line) - 1) for row, line in rows.items()}
    length, at = max(lengths.values()) + 2 * _GAP_X, _GAP_Y / 2
    for row in sorted(rows):
        line = sorted(rows[row], key=lambda b: sum(map(middle, b.sources)) / max(1, len(b.sources)))
        place = (length - lengths[row]) / 2
        for box in line:
            box.x, box.y = (at, place) if sideways else (place, at)
            place += along(box) + _GAP_X
        at += max(box.width if sideways else box.height for box in line) + _GAP_Y
    width, height = (at - _GAP_Y / 2, length) if sideways else (length, at - _GAP_Y / 2)
    for box in boxes:
        box.x = width - box.x - box.width if rankdir == "RL" else box.x
        box.y = height - box.y - box.height if rankdir == "BT" else box.y
    return width, height


def _ends(source: Box, target: Box, rankdir: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where an arrow begins and ends."""
    if rankdir in ("LR", "RL"):
        back = rankdir == "RL"
        x1, x2 = source.x + source.width * (not back), target.x + target.width * back
        return (x1, source.y + source.height / 2), (x2, target.y + target.height / 2)
    back = rankdir == "BT"
    y1, y2 = source.y + source.height * (not back), target.y + target.height * back
    return (source.x + source.width / 2, y1), (target.x + target.width / 2, y2)


def to_svg(
    model: "Container", show_shapes: bool = False, show_layer_names: bool = True, look: Look | None = None
) -> str:
    """The picture of `model` as SVG text; `show_shapes` and `show_layer_names` as for `plot`; or all by `look`."""
    look = look or Look(show_shapes, show_layer_names)
    boxes, (width, height) = layout(model, look)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="monospace" font-size="12">',
        '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
        '<path d="M0,0 L9,4 L0,8 z" fill="#555"/></marker></defs>',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for box in boxes:
        for source in box.sources:
            (x1, y1), (x2, y2) = _ends(source, box, look.rankdir)
            sideways = look.rankdir in ("LR", "RL")
            dx, dy = ((x2 - x1) / 2, 0) if sideways else (0, (y2 - y1) / 2)
            points = f"M{x1:.1f},{y1:.1f} C{x1 + dx:.1f},{y1 + dy:.1f} {x2 - dx:.1f},{y2 - dy:.1f} {x2:.1f},{y2:.1f}"
            parts.append(f'<path d="{points}" fill="none" stroke="#555" marker-end="url(#tip)"/>')
    for box in boxes:
        parts.append(
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="5" '
            'fill="#eef3fa" stroke="#4a6a9a"/>'
        )
        for i, line in enumerate(box.lines):
            weight = ' font-weight="bold"' if i == 0 else ""
            place = f'x="{box.x + _PAD:.1f}" y="{box.y + _PAD + 9 + i * _LINE:.1f}"'
            parts.append(f'<text {place}{weight} xml:space="preserve">{html.escape(line)}</text>')
    return "\n".join([*parts, "</svg>"])


def to_html(model: "Container", show_shapes: bool = True, show_layer_names: bool = True) -> str:
    """The picture of `model` as HTML, with the number of weights below it.

    `show_shapes` and `show_layer_names` as for `plot`.
    """
    picture = to_svg(model, show_shapes, show_layer_names)
    return f"<div>{picture}<p>{html.escape(model.name)}: {model.count_params():,} weights</p></div>"


def _write_png(model: "Container", path: PathLike, look: Look, dpi: int) -> None:
    need("matplotlib", "a PNG needs matplotlib: pip install matplotlib, or name a .svg or .html file")
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    boxes, (width, height) = layout(model, look)
    figure = Figure(figsize=(width / 72, height / 72), dpi=dpi)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    arrow: dict[str, Any] = dict(arrowstyle="-|>", mutation_scale=11, color="#555", shrinkA=0, shrinkB=0)
    colours: dict[str, Any] = dict(facecolor="#eef3fa", edgecolor="#4a6a9a")
    for box in boxes:
        for source in box.sources:
            start, end = _ends(source, box, look.rankdir)
            axes.add_patch(FancyArrowPatch(start, end, **arrow))
        corner, sizes = (box.x + 3, box.y + 3), (box.width - 6, box.height - 6)
        axes.add_patch(FancyBboxPatch(corner, *sizes, boxstyle="round,pad=3", **colours))
        for i, line in enumerate(box.lines):
            place, weight = (box.x + _PAD, box.y + _PAD + 8 + i * _LINE), "bold" if i == 0 else "normal"
            axes.text(*place, line, family="monospace", fontsize=11.5, va="center", fontweight=weight)
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format="png")


def plot(
    model: "Container",
    to_file: PathLike = "model.png",
    show_shapes: bool = False,
    show_layer_names: bool = True,
    recursive: bool = True,
    show_shape: bool = False,
    show_dtype: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 110,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> None:
    """Draw a model into a file.

    # Arguments
        model: the model.
        to_file: the path; its ending chooses the format: `.png` (needs matplotlib), `.svg` or `.html`.
        show_shapes: write the shapes of input and output into each box.
        show_layer_names: write the layer's name, not only its class.
        recursive: an argument of Keras 0.3, ignored.
        show_shape: the name of `show_shapes` in Keras 0.3.
        show_dtype: write the number type of the output.
        rankdir: where the data go: `'TB'` from the top to the bottom, `'BT'`, `'LR'` or `'RL'`.
        expand_nested: draw the layers of nested models in their place.
        dpi: pixels in an inch of a PNG; a box is as large in inches as its text needs.
        show_layer_activations: write the activation.
        show_trainable: write whether the layer is trained.
    """
    shown = show_dtype, show_layer_activations, show_trainable, expand_nested, rankdir
    look = Look(show_shapes or show_shape, show_layer_names, *shown)
    ending = os.path.splitext(str(to_file))[1].lower()
    if ending == ".png":
        with limits.named("plot_model, argument 'dpi'"):
            dpi = limits.whole(dpi, 1)
        _write_png(model, to_file, look, dpi)
        return
    if ending not in (".svg", ".html"):
        raise ValueError(f"plot writes .png, .svg or .html files; received {str(to_file)!r}")
    picture = to_svg(model, look=look)
    if ending == ".html":
        picture = f"<!DOCTYPE html>\n<title>{html.escape(model.name)}</title>\n{picture}\n"
    with atomic_write(to_file) as path, open(path, "w", encoding="utf-8") as file:
        file.write(picture)


@of_eras
def model_to_dot(
    model: "Container",
    show_shapes: bool = False,
    show_layer_names: bool = True,
    show_dtype: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 110,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    subgraph: bool = False,
) -> Any:
    """The picture of `model` as a pydot graph; needs pydot, and Graphviz to draw it. Arguments as for `plot`.

    # Arguments
        show_shapes, show_layer_names, show_dtype, rankdir, expand_nested: as there.
        dpi: pixels in an inch, for Graphviz.
        show_layer_activations, show_trainable: as there.
        subgraph: make a pydot.Cluster, which can be a part of another graph.
    """
    need("pydot", "model_to_dot needs pydot: pip install pydot. plot(model, 'model.svg') needs nothing.")
    import pydot

    shown = show_dtype, show_layer_activations, show_trainable, expand_nested, rankdir
    boxes, _ = layout(model, Look(show_shapes, show_layer_names, *shown))
    lead = f"{model.name}_" if subgraph else ""  # a part's boxes need names of their own
    graph = pydot.Cluster(model.name, label=model.name) if subgraph else pydot.Dot(rankdir=rankdir, dpi=dpi)
    for i, box in enumerate(boxes):
        graph.add_node(pydot.Node(f"{lead}{i}", label="\\n".join(box.lines), shape="box"))
        for source in box.sources:
            graph.add_edge(pydot.Edge(f"{lead}{boxes.index(source)}", f"{lead}{i}"))
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


plot_model = of_eras(plot, "plot_model", 2)  # its name in Keras 2
