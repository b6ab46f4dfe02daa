"""`tf.image`: resizing, flips, and changes of colour."""

from typing import Any

import numpy as np

from horngate import backend as K
from horngate import ops
from horngate.backend.arrays.pictures import sampled
from horngate.backend.lazy import named
from horngate.dialects.lent import Lent, known

_array = K.array_function
_METHODS = {0: "bilinear", 1: "nearest", 2: "bicubic", 3: "area"}


class ResizeMethod:
    """How images are resized."""

    BILINEAR, NEAREST_NEIGHBOR, BICUBIC, AREA = range(4)


def resize(images: Any, size: Any, method: Any = 0, align_corners: bool = False, **ignored: Any) -> Any:
    """Images (samples, rows, columns, channels) of another `size`, as TensorFlow 1 does it by default.

    `method`: a number of `ResizeMethod`, or its word. `align_corners`: whether the middles of the corner pixels stay
    where they are. `ignored`: have no effect.
    """
    method = _METHODS.get(method, str(method).lower()) if isinstance(method, int) else str(method).lower()
    single = K.ndim(images) == 3
    images = K.expand_dims(images, 0) if single else images
    found = images
    for axis, new in zip((1, 2), np.asarray(size).tolist() if not isinstance(size, (list, tuple)) else size):
        found = _along(found, axis, new, method, align_corners)
    return found[0] if single else found


def _along(x, axis, new, method, align_corners):
    def resized(x, new):
        old = x.shape[axis]
        step = (old - 1) / max(new - 1, 1) if align_corners and new > 1 else old / new
        places = np.arange(new) * step
        if method.startswith("nearest"):
            chosen = np.rint(places) if align_corners else np.floor(places)
            return _array("take")(x, np.minimum(chosen, old - 1).astype(int), axis=axis)
        low = np.minimum(np.floor(places), old - 1).astype(int)
        high = np.minimum(low + 1, old - 1)
        share = (places - low).reshape([-1 if i == axis else 1 for i in range(x.ndim)]).astype("float32")
        a, b = _array("take")(x, low, axis=axis), _array("take")(x, high, axis=axis)
        return a * (1.0 - share) + b * share

    if not method.startswith(("nearest", "bilinear")):
        raise ValueError(f"tf.image.resize: method must be bilinear or nearest; received {method!r}.")
    return K.op(resized)(x, new)


def _way(method):
    return lambda images, size, align_corners=False, **ignored: resize(images, size, method, align_corners)


def _rgb_to_grayscale(images, name=None):
    return K.sum(images * np.array([0.2989, 0.587, 0.114], "float32"), axis=-1, keepdims=True)


def _per_image_standardization(image):
    axes = list(range(K.ndim(image) - 3, K.ndim(image)))
    count = float(np.prod(K.int_shape(image)[-3:]))
    spread = K.maximum(K.std(image, axis=axes, keepdims=True), 1.0 / np.sqrt(count))
    return (image - K.mean(image, axis=axes, keepdims=True)) / spread


def _psnr(a, b, max_val, name=None):
    error = K.mean(K.square(a - b), axis=[-3, -2, -1])
    return 10.0 * (K.log(float(max_val) ** 2 / error) / float(np.log(10.0)))


def _crop(image, offset_height, offset_width, target_height, target_width):
    image = image[..., offset_height : offset_height + target_height, :, :]
    return image[..., offset_width : offset_width + target_width, :]


def extract_image_patches(
    images: Any, ksizes: Any, strides: Any, rates: Any = (1, 1, 1, 1), padding: str = "VALID", name: Any = None
) -> Any:
    """The windows of images (samples, rows, columns, channels), each as the channels of one place.

    `ksizes`: their size, `strides`: how far apart they are, `rates`: how far apart their pixels are; each one number
    for each axis of the images. `padding`: "VALID" or "SAME". `name`: has no effect.
    """
    size, strides, rates = (tuple(each)[1:3] for each in (ksizes, strides, rates))
    return ops.image.extract_patches(images, size, strides, rates, padding.lower(), "channels_last")


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_ind: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
    name: Any = None,
) -> Any:
    """Return parts of images (samples, rows, columns, channels) in one size.

    # Arguments
        boxes: a row (y1, x1, y2, x2) for each part; 0 and 1 stand for the middles of the first and last pixels.
        box_ind: the number of the image of each part.
        crop_size: the rows and columns of a part.
        method: "bilinear" or "nearest".
        extrapolation_value: the value of pixels outside of the image.
        name: has no effect.
    """
    if method not in ("bilinear", "nearest"):
        raise ValueError(f"tf.image.crop_and_resize: method must be bilinear or nearest; received {method!r}.")
    return _parts(image, boxes, box_ind, tuple(int(n) for n in crop_size), method == "nearest", extrapolation_value)


@K.op
def _parts(image, boxes, numbers, sizes, nearest, outside):
    boxes, numbers = (_array("asarray")(each) for each in (boxes, numbers))
    image, last = K.cast(image, K.floatx()), [n - 1 for n in image.shape[1:3]]
    places = []
    for axis, count in enumerate(sizes):
        low, high = boxes[:, axis, None], boxes[:, axis + 2, None]
        way = np.linspace(0, 1, count, dtype="float32") if count > 1 else np.full(1, 0.5, "float32")
        places.append(_array("expand_dims")((low + (high - low) * way) * last[axis], 2 - axis))
    rows, columns = _array("broadcast_arrays")(*places)
    rows, columns = (_array("round")(at) if nearest else at for at in (rows, columns))
    fits = (rows >= 0) & (rows <= last[0]) & (columns >= 0) & (columns <= last[1])
    found = sampled(image[numbers.astype(int)], rows, columns, "bilinear", "nearest", 0)
    return _array("where")(fits[..., None], found, outside)


@K.op
def _chosen(boxes, scores, most, overlap, least):
    """The numbers of the boxes that are kept: from the best, those that cover no kept one by more than `overlap`."""
    boxes, scores, most = (known(x, "tf.image.non_max_suppression") for x in (boxes, scores, most))
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    area, kept = np.prod(high - low, axis=1), []
    for i in np.argsort(-scores, kind="stable"):
        if len(kept) >= most or scores[i] <= least:
            break
        sides = np.minimum(high[i], high[kept]) - np.maximum(low[i], low[kept])
        common = np.prod(np.maximum(sides, 0), axis=1)
        if not (common > overlap * (area[i] + area[kept] - common)).any():
            kept.append(i)
    return np.asarray(kept, "int32")


def _non_max_suppression(boxes, scores, max_output_size, iou_threshold=0.5, score_threshold=-np.inf, name=None):
    return _chosen(boxes, scores, max_output_size, iou_threshold, score_threshold)


MODULE: Lent = Lent(
    "tensorflow.image",
    {
        **named(ResizeMethod, resize, extract_image_patches, crop_and_resize, _rgb_to_grayscale, _psnr),
        **named(_per_image_standardization, _non_max_suppression),
        "resize_images": resize,
        "resize_bilinear": _way("bilinear"),
        "resize_nearest_neighbor": _way("nearest"),
        "flip_left_right": lambda image: K.reverse(image, K.ndim(image) - 2),
        "flip_up_down": lambda image: K.reverse(image, K.ndim(image) - 3),
        "grayscale_to_rgb": lambda images, name=None: K.concatenate([images] * 3, axis=-1),
        "adjust_brightness": lambda image, delta: image + delta,
        "crop_to_bounding_box": _crop,
        "total_variation": lambda images, name=None: (
            K.sum(K.abs(images[:, 1:] - images[:, :-1]), axis=[1, 2, 3])
            + K.sum(K.abs(images[:, :, 1:] - images[:, :, :-1]), axis=[1, 2, 3])
        ),
    },
)
