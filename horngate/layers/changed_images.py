"""What layers that change images share: they draw a transformation, and change images, boxes and masks by it."""

import contextlib
from typing import Any, ClassVar, TypeAlias

import numpy as np

from horngate.backend.random import words_of
from horngate.backend.running import changes_images
from horngate.engine.for_layers import K, Layer, Shapes, TensorLike, argument
from horngate.layers.core import floats
from horngate.utils import bounding_boxes as boxes_of

LAST = "channels_last"
INTERPOLATION, FILL_MODE = ("nearest", "bilinear"), ("constant", "nearest", "wrap", "mirror", "reflect")
INSIDE = "how the values between pixels are found"
OUTSIDE = "what lies outside of the image: `fill_value`, the nearest pixel, or the image again, mirrored or not"
FILL_VALUE = "the value outside of the image with fill_mode='constant'"
Drawn: TypeAlias = dict[str, Any] | None  # what was drawn for a batch of images
_KEYS = ("images", "labels", "bounding_boxes", "segmentation_masks")


class Told:
    """Attributes of layers that change images, which each public class declares at its own place in the signature."""

    dim_ordering: Any  # where the channels stand
    seed: Any  # what makes the draws differ from those of other layers
    fill_mode: Any
    fill_value: Any
    interpolation: Any = "bilinear"
    height: int
    width: int
    value_range: Any
    factor: Any


class ChangedImages(Layer, Told):
    """Base of layers that change images, at random or not: in training, and where they are called by themselves.

    `draw` draws a transformation, a dictionary of arrays, and `changed` applies it. A layer that moves pixels says by
    `moved` how, which serves masks too, and by `points` where they come to lie, which boxes follow.

    # Input shape
        (samples, rows, columns, channels), or channels first; also one image without samples. Or a dictionary with
        such `images` and perhaps `labels`, `segmentation_masks` with as many axes as the images, and
        `bounding_boxes`, {'boxes': (samples, boxes, 4), 'labels': (samples, boxes)}.

    # Output shape
        That of the input, or with the sizes that the layer makes. Boxes are cut off at the edges of the new image; the
        label of one of which nothing is left becomes -1.
    """

    bounding_box_format: str | None = argument(
        "how boxes are written, see `utils.bounding_boxes`",
        default=None,
        choices=boxes_of.FORMATS,
        kw_only=True,
        later=True,
    )

    output_order = "images"
    rank = 2

    in_test: ClassVar[bool] = False  # whether images are changed in testing, too
    trains_unless_told: ClassVar[bool] = True  # in direct calls
    keeps_type: ClassVar[bool] = False  # whether whole numbers stay such
    moves: ClassVar[bool] = False  # whether pixels change their places

    def call(self, x: Any, mask: TensorLike = None) -> Any:
        data = x if isinstance(x, dict) else {"images": x}
        if "images" not in data or data.keys() - {*_KEYS}:
            raise ValueError(
                f"{type(self).__name__} {self.name} takes images, or a dictionary with 'images' and perhaps "
                f"{', '.join(map(repr, _KEYS[1:]))}; received the keys {sorted(data)}."
            )
        training = changes_images()
        draws = self.get_random_transformation(data, training)
        changed = {key: getattr(self, f"transform_{key}")(data[key], draws, training) for key in data}
        return changed if isinstance(x, dict) else changed["images"]

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Drawn:
        """Return the arrays that `draw` draws for the images of `data`; None where they stay as they are.

        # Arguments
            data: images, or a dictionary with `images`.
            training: whether images are changed at random.
            seed: a whole number for the same draws at each call, a `SeedGenerator`, or None.
        """
        if not (training or self.in_test):
            return None
        images = data["images"] if isinstance(data, dict) else data
        by_step = K.is_running() and seed is None
        with contextlib.nullcontext() if by_step else K.drawing_by(words_of(seed), many=True):
            drawn = self.draw(_wide(self._batch(images))) if training else {}
        return {**drawn, "input_shape": tuple(images.shape)}

    def draw(self, x: TensorLike) -> dict[str, Any]:
        """Return what is drawn for the images `x`, a batch with channels last."""
        return {}

    def transform_images(self, images: TensorLike, transformation: Drawn = None, training: bool = True) -> TensorLike:
        """Return the images changed by a `transformation`, which is drawn if it is None."""
        x = images if self.keeps_type else floats(images)
        if not (training or self.in_test):
            return self.untouched(x)
        draws = self.get_random_transformation(x, training) if transformation is None else transformation
        batch = self._batch(x)
        changed = self.changed(batch if self.keeps_type else _wide(batch), draws or {})
        return self._like(K.cast(changed, K.dtype(x)), x)

    def transform_labels(self, labels: TensorLike, transformation: Drawn = None, training: bool = True) -> TensorLike:
        """Return the labels of images that are changed by a `transformation`."""
        return labels

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Drawn = None, training: bool = True
    ) -> TensorLike:
        """Return masks of images that are changed by a `transformation`; between pixels the nearest one is taken."""
        if not self.moves or not (training or self.in_test):
            return segmentation_masks
        draws = self._told(transformation)
        if K.ndim(segmentation_masks) != len(draws["input_shape"]):
            raise ValueError(
                f"{type(self).__name__} {self.name}: segmentation masks must have as many axes as the images, "
                f"{len(draws['input_shape'])}; received {K.ndim(segmentation_masks)}. Add an axis of size 1 for the "
                "channels."
            )
        return self._like(self.moved(self._batch(segmentation_masks), draws, "nearest"), segmentation_masks)

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Drawn = None, training: bool = True
    ) -> dict[str, Any]:
        """Return boxes around what the boxes of images show that are changed by a `transformation`."""
        if not self.moves or not (training or self.in_test):
            return bounding_boxes
        draws, form = self._told(transformation), self._box_form()
        rows, columns = self.sizes_in(draws)
        corners = boxes_of.convert_format(bounding_boxes["boxes"], form, "xyxy", rows, columns)
        alone = K.ndim(corners) == 2
        found = self.boxes_moved(K.expand_dims(corners, 0) if alone else corners, draws)
        rows, columns = self.sizes_out(rows, columns)
        cut = boxes_of.clip_to_image_size({**bounding_boxes, "boxes": found[0] if alone else found}, rows, columns)
        return boxes_of.convert_format(cut, "xyxy", form, rows, columns)

    def boxes_moved(self, boxes: TensorLike, draws: dict[str, Any]) -> TensorLike:
        """Return boxes (samples, boxes, 4) of the form xyxy around the moved corners of `boxes`."""
        corners = K.stack([boxes[..., np.array([i, j])] for i in (0, 2) for j in (1, 3)], axis=2)
        points = self.points(K.reshape(corners, (corners.shape[0], -1, 2)), draws)
        points = K.reshape(points, corners.shape)
        return K.concatenate([K.min(points, axis=2), K.max(points, axis=2)], -1)

    def changed(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        """Return the images `x`, a batch with channels last, changed by what `draw` gave."""
        return self.moved(x, draws, self.interpolation)

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        """Return images or masks `x`, a batch with channels last, with their pixels moved."""
        return x

    def points(self, points: TensorLike, draws: dict[str, Any]) -> TensorLike:
        """Return where `points` (samples, points, 2) come to lie: (x, y) in pixels from the upper left corner."""
        raise NotImplementedError(
            f"{type(self).__name__} {self.name} has no new place for a bounding box, since its parts go to different "
            "places. Leave 'bounding_boxes' out, or change them in a layer of your own."
        )

    def untouched(self, x: TensorLike) -> TensorLike:
        """Return the images `x` as they leave the layer in testing."""
        return x

    def sizes_in(self, draws: dict[str, Any]) -> tuple[int, int]:
        """Return the rows and columns of the images of a transformation."""
        shape = draws["input_shape"]
        rows, columns = shape[-2:] if self.dim_ordering == "th" else shape[-3:-1]
        return rows, columns

    def sizes_out(self, rows: int, columns: int) -> tuple[int, int]:
        """Return the rows and columns of the changed images."""
        return rows, columns

    def _box_form(self):
        if self.bounding_box_format is None:
            raise ValueError(
                f"{type(self).__name__} {self.name}: say how 'bounding_boxes' are written by the argument "
                "bounding_box_format, such as 'xyxy' or 'rel_xywh'."
            )
        return self.bounding_box_format

    def _told(self, transformation):
        if transformation is None:
            raise ValueError(
                f"{type(self).__name__} {self.name}: give the transformation of the images, which "
                "get_random_transformation returns."
            )
        return transformation

    def _batch(self, x):
        """Return images as a batch with channels last. Raises ValueError for what has another number of axes."""
        if K.ndim(x) not in (3, 4):
            raise ValueError(
                f"{type(self).__name__} {self.name} takes one image, (rows, columns, channels), or a batch of them; "
                f"received the shape {tuple(x.shape)}. Give grey images an axis of size 1 for their channel."
            )
        batch = K.expand_dims(x, 0) if K.ndim(x) == 3 else x
        return K.permute_dimensions(batch, (0, 2, 3, 1)) if self.dim_ordering == "th" else batch

    def _like(self, y, x):
        """Return the batch `y` in the form of `x`."""
        y = K.permute_dimensions(y, (0, 3, 1, 2)) if self.dim_ordering == "th" else y
        return y[0] if K.ndim(x) == 3 else y

    def drawn(self, x: TensorLike, among: tuple[float, float] = (0.0, 1.0)) -> TensorLike:
        """Return a number for each image of `x`, uniform `among` two numbers, that spreads over the images."""
        low, high = among
        return K.random_uniform((x.shape[0], 1, 1, 1), low, max(low, high), K.dtype(x), self.seed)

    def either_way(self, x: TensorLike, among: tuple[float, float]) -> TensorLike:
        """Like `drawn`, with a random sign."""
        return self.drawn(x, among) * chosen(self.drawn(x) < 0.5, -1.0, 1.0)

    def happens(self, x: TensorLike, among: tuple[float, float]) -> TensorLike:
        """Return for each image whether it is changed, with a probability drawn from `among`."""
        return self.drawn(x) < self.drawn(x, among)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return input_shape if isinstance(input_shape, dict) else tuple(input_shape)


def _wide(x: TensorLike) -> TensorLike:
    """Return images in at least 32 bits: 16 hold neither the places of pixels nor many different draws."""
    x = floats(x)
    return K.cast(x, "float32") if str(K.dtype(x)) in ("float16", "bfloat16") else x


def chosen(condition: TensorLike, x: TensorLike, y: TensorLike) -> TensorLike:
    """Return `x` where the `condition` holds, else `y`."""
    return K.switch(condition, x, y)


def spread(numbers: TensorLike, rank: int = 4) -> TensorLike:
    """Return a number for each image, spread over `rank` axes."""
    return K.reshape(numbers, (-1, *[1] * (rank - 1)))
