"""The vocabulary for the axes of weights, the roles of weights, and the order of a layer's output.

A weight declares the first two when it is made: `self.add_weight(shape, init, axes=("features", "units"),
role="kernel")`. A class declares the third: `output_order = "kept"`. Files of another image ordering or convention are
converted by these words alone (`saving/conversion`, `saving/weight_permutation`, `saving/layout_propagation`), so files
of a user's layer that declares them are converted too.
"""

from collections.abc import Sequence
from typing import Any

AXES = {
    "features": "an entry for each feature of the input, in the order of its last axis",
    "elements": "the input's own axis at that place, the batch not counted; of size 1 where elements share an entry",
    "units": "an entry for each output",
    "gates": "the units of all gates side by side, in the order of the layer's `fused_gates`",
    "products": "the two products that a bias belongs to: those with the kernel and the recurrent kernel",
    "channels": "an entry for each channel of the images that come in",
    "filters": "an entry for each channel of the images or sequences that go out",
    "multiplier": "the filters for each channel of a depthwise convolution",
    "window": "one spatial axis of a window that slides over the input; behind filters and channels with images of "
    "ordering 'th', before them with 'tf'",
    "single": "of size 1, for no reason but the shape of old files",
    "positions": "the places of the output, or one spatial axis of them",
    "patch": "what a window sees: rows, columns and channels in one axis, ordered as the images are",
    "steps": "the time steps of the input",
    "maps": "the affine maps that a maxout takes the largest of",
    "words": "the numbers that an embedding takes",
}

ROLES = {
    "kernel": "factors of the input",
    "recurrent_kernel": "factors of the output of the step before",
    "transposed_kernel": "kernel of a transposed convolution: Keras 2 and 3 keep its filters before its channels",
    "bias": "summand of a product with a kernel",
    "scale": "factor of normalized features, or of an activation",
    "offset": "summand of normalized features",
    "moving_mean": "average of means that training has seen",
    "moving_variance": "average of variances that training has seen, the layer's `epsilon` added",
    "count": "number of samples that the averages are of",
    "embeddings": "a vector for each word",
    "direction": "a vector along which a kernel stretches most",
    "slope": "factor of one piece of an activation",
    "threshold": "where a piece of an activation begins",
}

OUTPUT_ORDERS = {
    "by weights": "as the axes of the weights tell: new where one is of units, filters or gates, else kept; a layer "
    "without weights may do anything",
    "kept": "as the input: features stay in their order, images stay images of one ordering",
    "last kept": "the last axis is treated as one, and its features stay where they are",
    "flattened": "all elements of a sample in one axis",
    "reshaped": "the same elements under `target_shape`",
    "images": "images to images, or sequences to sequences, as `dim_ordering` and `rank` say",
    "pooled": "images to one number for each channel",
    "image sequences": "sequences of images to images or sequences of them, as `return_sequences` says",
    "merged": "several inputs to one by `mode`",
    "steps": "each time step goes through `layer`",
    "cell": "the steps go through `layer`, whose output is new",
    "both ways": "the input goes through all layers held, their outputs are merged by `merge_mode`",
    "chained": "the input goes through all layers held, one after the other",
    "graph": "the inputs go through the layers as the model's graph says",
    "unknown": "anywhere",
}


def declared(
    layer: Any, name: str | None, shape: Sequence[int], axes: str | Sequence[str] | None, role: str | None
) -> tuple[tuple[str, ...] | None, str | None]:
    """Return `axes` as a tuple, and `role`; each is None if not declared. Raises ValueError for an unknown word."""
    made = f"{type(layer).__name__} {layer.name}: add_weight of {name}:"
    if role is not None and role not in ROLES:
        raise ValueError(f"{made} role must be one of {', '.join(ROLES)}; received {role!r}.")
    if axes is None:
        return None, role
    axes = (axes,) if isinstance(axes, str) else tuple(axes)
    if unknown := [axis for axis in axes if axis not in AXES]:
        raise ValueError(f"{made} each of axes must be one of {', '.join(AXES)}; received {unknown}.")
    if len(axes) != len(shape):
        raise ValueError(f"{made} axes must name each axis of the shape {tuple(shape)}; received {axes}.")
    return axes, role


def windows_first(axes: tuple[str, ...], role: str | None) -> tuple[str, ...]:
    """Return the axes of a convolution kernel in the order that Keras 2 and 3 have; other axes as they are."""
    if "window" not in axes:
        return axes
    outer = [word for word in axes if word not in ("window", "single")]
    last = outer if axes[0] == "window" else outer[::-1]
    windows = ("window",) * axes.count("window")
    return (*windows, *(last[::-1] if role == "transposed_kernel" else last))


def turned(x: Any, axes: Sequence[str], wanted: Sequence[str]) -> Any:
    """Return the array `x` with the meanings `axes` as one with the meanings `wanted`, the same ones in another order.

    Axes of size 1 that are called "single" come and go.
    """
    places = [place for place, word in enumerate(axes) if word != "single"]
    left, order = [_FEATURES.get(axes[place], axes[place]) for place in places], []
    for word in wanted:
        if word != "single":
            order.append(left.index(_FEATURES.get(word, word)))
            left[order[-1]] = ""
    x = x.reshape([x.shape[place] for place in places]) if len(places) < len(axes) else x
    x = x.transpose(order) if order != sorted(order) else x
    return x.reshape(_with_singles(x.shape, wanted)) if "single" in wanted else x


def in_use(weight: Any) -> Any:
    """Return a weight as the formula of its layer takes it."""
    return weight if weight.axes == weight.used_axes else turned(weight, weight.axes, weight.used_axes)


_FEATURES = {"features": "channels"}  # sequences have one or the other


def _with_singles(shape, wanted):
    sizes = iter(shape)
    return [1 if word == "single" else next(sizes) for word in wanted]
