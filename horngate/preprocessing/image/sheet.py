"""A contact sheet: many images in one picture, to see what augmentation does."""

from typing import TYPE_CHECKING

import numpy as np

from horngate.preprocessing.image import files
from horngate.utils.generic_utils import PathLike

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from PIL.Image import Image


def plot_batch(
    images: "ArrayLike | tuple[ArrayLike, ...]",
    columns: int = 8,
    dim_ordering: str = "default",
    to_file: PathLike | None = None,
    gap: int = 2,
) -> "Image":
    """Put images side by side into one PIL image, all with the same scale of brightness.

    # Arguments
        images: (samples, rows, columns, channels), or channels first; or `(x, y)`, a batch of a generator.
        columns: images in a row.
        dim_ordering: `'th'` for channels first, `'tf'` for channels last, `'default'` for that in force.
        to_file: path to write the picture to, or None.
        gap: pixels between images.

    # Example
        plot_batch(next(datagen.flow(X)), to_file='augmented.png')
    """
    x = np.asarray(images[0] if isinstance(images, tuple) else images, np.float32)
    if x.ndim != 4:
        raise ValueError(f"plot_batch expects images of 4 axes, (samples, ...); received shape {x.shape}")
    x = x if files.channels_last(dim_ordering) else x.transpose(0, 2, 3, 1)
    low, high = np.min(x), np.max(x)
    x = (x - low) / ((high - low) or 1)
    columns = min(columns, len(x))
    lines = -(-len(x) // columns)
    height, width = x.shape[1] + gap, x.shape[2] + gap
    sheet = np.ones((lines * height + gap, columns * width + gap, x.shape[3]), np.float32)
    for i, image in enumerate(x):
        top, left = i // columns * height + gap, i % columns * width + gap
        sheet[top : top + x.shape[1], left : left + x.shape[2]] = image
    picture = files.array_to_img(sheet * 255, "tf", scale=False)
    if to_file is not None:
        picture.save(to_file)
    return picture
