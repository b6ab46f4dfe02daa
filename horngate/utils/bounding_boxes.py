"""Bounding boxes (`keras.utils.bounding_boxes`): how they are written, cut off, and how much they overlap.

A form tells four numbers of a box, in pixels or, after `rel_`, as shares of the width and height of the image:

- `xyxy`, `yxyx`: two opposite corners, the left upper one first
- `xywh`: the left upper corner, width and height
- `center_xywh`, `center_yxhw`: the middle, width and height

Several boxes are an array (..., 4), or a dictionary with such an array as `boxes`, and with `labels` (..., boxes), in
which -1 stands for no box.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.arrays import found
from horngate.backend.spatial import one_of
from horngate.backend.types import DType, TensorLike

FORMATS = (
    *("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw"),
    *("rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"),
)


def _parts(boxes):
    return [boxes[..., i : i + 1] for i in range(4)]


def _of_boxes(function, boxes):
    """Apply a function to an array of boxes, or to that in a dictionary."""
    return {**boxes, "boxes": function(boxes["boxes"])} if isinstance(boxes, dict) else function(boxes)


def _corners(boxes, form):
    """Return the four numbers of `xyxy` for boxes of a form without `rel_`."""
    a, b, c, d = _parts(boxes)
    if form.endswith(("yxyx", "yxhw")):
        a, b, c, d = b, a, d, c
    if form.startswith("center_"):
        return a - c / 2, b - d / 2, a + c / 2, b + d / 2
    return (a, b, a + c, b + d) if form == "xywh" else (a, b, c, d)


def convert_format(
    boxes: Any, source: str, target: str, height: int | None = None, width: int | None = None, dtype: DType = "float32"
) -> Any:
    """Return boxes of the form `source` in the form `target`.

    # Arguments
        boxes: an array (..., 4) or a dictionary with `boxes`.
        source, target: forms, see the head of this module.
        height, width: rows and columns of the image; needed between `rel_` forms and others.
        dtype: the number type of the result.

    # Raises
        ValueError: for a form that is not known, and without a size that is needed.
    """
    for name, form in (("source", source), ("target", target)):
        one_of(name, form, FORMATS)
    sizes: tuple[Any, Any] = (width, height)
    if source.startswith("rel_") != target.startswith("rel_") and None in sizes:
        raise ValueError(
            f"convert_format: from {source!r} to {target!r} it needs the image's `height` and `width`; received "
            f"{height} and {width}."
        )
    return _of_boxes(lambda array: _converted(K.cast(array, dtype), source, target, sizes), boxes)


def _converted(boxes, source, target, sizes):
    left, top, right, bottom = _corners(boxes, source.removeprefix("rel_"))
    if source.startswith("rel_") != target.startswith("rel_"):
        wide, high = (1 / n if target.startswith("rel_") else n for n in sizes)
        left, top, right, bottom = left * wide, top * high, right * wide, bottom * high
    first, second = (left, top), (right, bottom)
    if target.endswith(("wh", "hw")):
        second = (right - left, bottom - top)
    if "center_" in target:
        first = (left + second[0] / 2, top + second[1] / 2)
    if target.endswith(("yxyx", "yxhw")):
        first, second = first[::-1], second[::-1]
    return K.concatenate([*first, *second], -1)


def clip_to_image_size(
    bounding_boxes: dict[str, Any],
    height: int | None = None,
    width: int | None = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """Return boxes cut off at the edges of the image; the labels of those of which nothing is left become -1.

    # Arguments
        bounding_boxes: a dictionary with `boxes` and perhaps `labels`.
        height, width: rows and columns of the image; not needed for `rel_` forms.
        bounding_box_format: the form of the boxes, see the head of this module.
    """
    form = "rel_xyxy" if bounding_box_format.startswith("rel_") else "xyxy"
    sizes = (1, 1) if form == "rel_xyxy" else (width, height)
    if None in sizes:
        raise ValueError(f"clip_to_image_size: for {bounding_box_format!r} it needs the image's `height` and `width`.")
    boxes = convert_format(bounding_boxes["boxes"], bounding_box_format, form)
    ends = [K.clip(part, 0, n) for part, n in zip(_parts(boxes), (*sizes, *sizes))]
    boxes = convert_format(K.concatenate(ends, -1), form, bounding_box_format)
    if "labels" not in bounding_boxes:
        return {**bounding_boxes, "boxes": boxes}
    labels = bounding_boxes["labels"]
    labels = labels if hasattr(labels, "dtype") else np.asarray(labels)
    left = (ends[2] > ends[0]) & (ends[3] > ends[1])
    left = left if K.ndim(labels) == K.ndim(boxes) else left[..., 0]
    return {**bounding_boxes, "boxes": boxes, "labels": K.switch(left, labels, K.zeros_like(labels) - 1)}


def _moved(boxes, left, top, form):
    """Return boxes moved to the right by `left` and down by `top`, in pixels."""
    moved = convert_format(boxes, form, "xyxy") + np.array([left, top, left, top], "float32")
    return convert_format(moved, "xyxy", form)


def crop(boxes: Any, top: int, left: int, height: int, width: int, bounding_box_format: str = "xyxy") -> Any:
    """Return boxes as they lie in the part of an image that begins at `top` and `left`, cut off at its edges.

    # Arguments
        boxes: an array (..., 4) or a dictionary with `boxes`.
        top, left: row and column where the part begins.
        height, width: its rows and columns.
        bounding_box_format: the form of the boxes, one in pixels.
    """

    def cut(array):
        moved = _moved(array, -left, -top, bounding_box_format)
        return clip_to_image_size({"boxes": moved}, height, width, bounding_box_format)["boxes"]

    return _of_boxes(cut, boxes)


def pad(
    boxes: Any,
    top: int,
    left: int,
    height: int | None = None,
    width: int | None = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """Return boxes as they lie in an image that has got `top` rows above and `left` columns before it.

    # Arguments
        boxes: an array (..., 4) or a dictionary with `boxes`.
        top, left: how many rows and columns were added.
        height, width: rows and columns of the larger image; boxes are cut off there if both are given.
        bounding_box_format: the form of the boxes, one in pixels.
    """

    def moved(array):
        more = _moved(array, left, top, bounding_box_format)
        if height is None or width is None:
            return more
        return clip_to_image_size({"boxes": more}, height, width, bounding_box_format)["boxes"]

    return _of_boxes(moved, boxes)


def _in_pixels(boxes, form, image_shape):
    """Return boxes as `xyxy`; `image_shape`: (rows, columns, channels), needed for `rel_` forms."""
    if form.startswith("rel_") and image_shape is None:
        raise ValueError(f"boxes of the form {form!r} need `image_shape`, (rows, columns, channels); received None.")
    rows, columns = (None, None) if image_shape is None else tuple(image_shape)[:2]
    return convert_format(boxes, form, "xyxy", rows, columns)


def _areas(boxes):
    left, top, right, bottom = (part[..., 0] for part in _parts(boxes))
    return K.maximum(right - left, 0) * K.maximum(bottom - top, 0)


def _overlap(a, b):
    """Return (the areas that boxes have in common, those that they cover together)."""
    ends = [*(K.maximum(a[..., i], b[..., i]) for i in (0, 1)), *(K.minimum(a[..., i], b[..., i]) for i in (2, 3))]
    common = K.maximum(ends[2] - ends[0], 0) * K.maximum(ends[3] - ends[1], 0)
    return common, _areas(a) + _areas(b) - common


def compute_iou(
    boxes1: TensorLike,
    boxes2: TensorLike,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: int = -1,
    image_shape: Sequence[int] | None = None,
) -> TensorLike:
    """Return the area that each box of `boxes1` shares with each of `boxes2`, over the area of both: (..., n, m).

    # Arguments
        boxes1, boxes2: arrays (..., n, 4) and (..., m, 4).
        bounding_box_format: their form, see the head of this module.
        use_masking: whether boxes of `mask_val` are none: they get `mask_val`.
        mask_val: see `use_masking`.
        image_shape: (rows, columns, channels), needed for `rel_` forms.
    """
    a, b = (_in_pixels(boxes, bounding_box_format, image_shape) for boxes in (boxes1, boxes2))
    common, covered = _overlap(K.expand_dims(a, -2), K.expand_dims(b, -3))
    found = common / K.maximum(covered, K.epsilon())
    if use_masking:
        none = [K.max(K.cast(boxes, "float32"), axis=-1) <= mask_val for boxes in (boxes1, boxes2)]
        found = K.switch(K.expand_dims(none[0], -1) | K.expand_dims(none[1], -2), float(mask_val), found)
    return found


def compute_ciou(
    boxes1: TensorLike, boxes2: TensorLike, bounding_box_format: str, image_shape: Sequence[int] | None = None
) -> TensorLike:
    """Return the complete IoU of each box of `boxes1` with the one of `boxes2` in its place: (...).

    IoU - d² / c² - a v, with d the distance of the middles, c the diagonal of the box around both, and v how much the
    ratios of the sides differ.

    # Arguments
        boxes1, boxes2: arrays (..., 4) of one shape.
        bounding_box_format: their form, see the head of this module.
        image_shape: (rows, columns, channels), needed for `rel_` forms.

    # Source
        Zheng et al., Distance-IoU Loss: Faster and Better Learning for Bounding Box Regression (arXiv:1911.08287).
    """
    a, b = (_in_pixels(boxes, bounding_box_format, image_shape) for boxes in (boxes1, boxes2))
    common, covered = _overlap(a, b)
    iou, small = common / (covered + K.epsilon()), K.epsilon()
    around = [K.maximum(a[..., i + 2], b[..., i + 2]) - K.minimum(a[..., i], b[..., i]) for i in (0, 1)]
    apart = [(a[..., i] + a[..., i + 2] - b[..., i] - b[..., i + 2]) / 2 for i in (0, 1)]
    arctan: Any = found("arctan")
    sizes = [(boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]) for boxes in (b, a)]
    angles = [arctan(width / (height + K.epsilon())) for width, height in sizes]
    v = 4 / np.pi**2 * K.square(angles[0] - angles[1])
    distance = (K.square(apart[0]) + K.square(apart[1])) / (K.square(around[0]) + K.square(around[1]) + small)
    return iou - distance - v * v / (v - iou + (1 + small))


def encode_box_to_deltas(
    anchors: TensorLike,
    boxes: TensorLike,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Sequence[int] | None = None,
) -> TensorLike:
    """Return how `boxes` differ from `anchors`: distances of the middles over the anchor's size, logarithms of ratios.

    # Arguments
        anchors, boxes: arrays (..., 4).
        anchor_format, box_format: their forms, see the head of this module.
        encoding_format: the order of the result, 'center_yxhw' or 'center_xywh'.
        variance: four numbers by which the result is divided; None for ones.
        image_shape: (rows, columns, channels), needed for `rel_` forms.
    """
    one_of("encoding_format", encoding_format, ("center_yxhw", "center_xywh"))
    a, b = (
        convert_format(_in_pixels(array, form, image_shape), "xyxy", encoding_format)
        for array, form in ((anchors, anchor_format), (boxes, box_format))
    )
    ratio = K.log(K.maximum(b[..., 2:], K.epsilon()) / K.maximum(a[..., 2:], K.epsilon()))
    deltas = K.concatenate([(b[..., :2] - a[..., :2]) / a[..., 2:], ratio], -1)
    return deltas if variance is None else deltas / np.asarray(variance, "float32")


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Sequence[int] | None = None,
) -> Any:
    """Return the boxes that `encode_box_to_deltas` brought to `boxes_delta`; dictionaries of arrays for each level.

    # Arguments
        anchors, boxes_delta: arrays (..., 4), or two dictionaries of such.
        anchor_format, box_format: the form of the anchors, and the one wanted.
        encoded_format: the order of the numbers, 'center_yxhw' or 'center_xywh'.
        variance: four numbers by which they were divided; None for ones.
        image_shape: (rows, columns, channels), needed for `rel_` forms.
    """
    told = (anchor_format, box_format, encoded_format, variance, image_shape)
    if isinstance(anchors, dict):
        return {name: decode_deltas_to_boxes(anchors[name], boxes_delta[name], *told) for name in anchors}
    one_of("encoded_format", encoded_format, ("center_yxhw", "center_xywh"))
    a = convert_format(_in_pixels(anchors, anchor_format, image_shape), "xyxy", encoded_format)
    deltas = K.cast(boxes_delta, "float32") * np.asarray([1.0] * 4 if variance is None else variance, "float32")
    boxes = K.concatenate([deltas[..., :2] * a[..., 2:] + a[..., :2], K.exp(deltas[..., 2:]) * a[..., 2:]], -1)
    rows, columns = (None, None) if image_shape is None else tuple(image_shape)[:2]
    return convert_format(convert_format(boxes, encoded_format, "xyxy"), "xyxy", box_format, rows, columns)
