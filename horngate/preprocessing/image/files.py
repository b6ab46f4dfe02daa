"""Conversion between image files, PIL images and arrays."""

import os
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend import config, notices
from horngate.backend.orders import of_eras
from horngate.utils.generic_utils import PathLike, need
from horngate.utils.whole_files import check_readable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from PIL.Image import Image

EXTENSIONS = ("png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "webp")


def pil() -> ModuleType:
    """The package that reads and writes image files."""
    need("PIL", "images need the package pillow: pip install '.[image]'")
    from PIL import Image

    return Image


def channels_last(dim_ordering: str | None) -> bool:
    """Whether channels come last in `dim_ordering`: `'th'`, `'tf'`, or `'default'` for the current one."""
    ordering = config.image_dim_ordering() if dim_ordering in ("default", None) else dim_ordering
    ordering = config.FORMATS.get(ordering, ordering)
    if ordering not in ("th", "tf"):
        raise ValueError(f"dim_ordering must be 'th', 'tf' or 'default'; received {dim_ordering!r}")
    return ordering == "tf"


@of_eras
def array_to_img(
    x: "ArrayLike", dim_ordering: str | None = "default", scale: bool = True, dtype: str | None = None
) -> "Image":
    """Convert an array to a PIL image.

    # Arguments
        x: array (rows, columns, channels), or channels first, of 1, 3 or 4 channels.
        dim_ordering: `'th'` for channels first, `'tf'` for channels last, `'default'` for that in force.
        scale: shift and scale the values to 0 ... 255; if False, they must lie in this range.
        dtype: the number type in which they are scaled; None for float32.
    """
    image = np.asarray(x, dtype or np.float32)
    if image.ndim != 3:
        raise ValueError(f"an image has 3 axes, such as (rows, columns, channels); received shape {image.shape}")
    image = image if channels_last(dim_ordering) else image.transpose(1, 2, 0)
    if image.shape[2] not in (1, 3, 4):
        raise ValueError(f"an image has 1, 3 or 4 channels; received {image.shape[2]}, in shape {image.shape}")
    if scale:
        image = image - min(float(image.min()), 0.0)
        image = image / (np.max(image) or 1) * 255
    image = image.astype("uint8")
    return pil().fromarray(image[:, :, 0] if image.shape[2] == 1 else image)


@of_eras(same=2)
def img_to_array(img: Any, dim_ordering: str | None = "default", dtype: str | None = None) -> np.ndarray:
    """Convert the PIL image `img` to an array of values 0 ... 255.

    Its shape is (rows, columns, channels), or channels first, by `dim_ordering`: `'th'`, `'tf'` or `'default'`.
    `dtype`: its number type, floatx if None.
    """
    last = channels_last(dim_ordering)
    x = np.asarray(img, dtype or config.floatx())
    if x.ndim == 2:
        x = x[:, :, None]
    if x.ndim != 3:
        raise ValueError(f"an image has 2 or 3 axes; received shape {x.shape}")
    return x if last else x.transpose(2, 0, 1)


@of_eras(same=1)
def load_img(
    path: PathLike,
    grayscale: bool = False,
    target_size: Sequence[int] | None = None,
    interpolation: str = "nearest",
    color_mode: str | None = None,
) -> "Image":
    """Read an image file as a PIL image.

    # Arguments
        path: path of the file.
        grayscale: convert it to shades of gray; else to colours.
        target_size: (rows, columns) to resize it to; None for no change.
        interpolation: the method of resizing: `'nearest'` as in Keras 1, `'bilinear'`, `'bicubic'`, `'lanczos'` ...
        color_mode: `'rgb'`, `'rgba'` or `'grayscale'`; None: as `grayscale` says.

    # Raises
        ValueError: if the file is damaged or no image; names the file.
    """
    modes = {None: "L" if grayscale else "RGB", "rgb": "RGB", "rgba": "RGBA", "grayscale": "L"}
    if color_mode not in modes:
        raise ValueError(f"color_mode must be 'rgb', 'rgba' or 'grayscale'; received {color_mode!r}")
    image = pil()
    if isinstance(path, (str, os.PathLike)):
        check_readable(path)
    try:
        with image.open(path) as opened:
            if opened.mode.startswith(("I", "F")):
                notices.warn(
                    f"{path} holds numbers of 16 bits or more, which load_img cuts off at 255. Read it with "
                    "numpy.asarray(PIL.Image.open(path)), and scale it yourself."
                )
            img = opened.convert(modes[color_mode])
    except FileNotFoundError:
        raise
    except Exception as error:  # PIL raises many kinds of errors for damaged files
        raise ValueError(f"{path} cannot be read as an image: {error}") from error
    if target_size is None or tuple(target_size[:2]) == (img.height, img.width):
        return img
    ways = {way.name.lower(): way for way in image.Resampling}
    if interpolation not in ways:
        raise ValueError(f"interpolation must be one of {', '.join(ways)}; received {interpolation!r}")
    return img.resize((target_size[1], target_size[0]), ways[interpolation])


def save_img(
    path: PathLike,
    x: "ArrayLike",
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as an image file.

    # Arguments
        path: the file.
        x: the image.
        data_format: `'channels_first'` or `'channels_last'`; None for that in force.
        file_format: such as `'png'`; None for that of the path's ending.
        scale: shift and scale the values to 0 ... 255.
        kwargs: further arguments of PIL's `save`.
    """
    img = array_to_img(x, dim_ordering=data_format, scale=scale)
    if img.mode == "RGBA" and str(file_format or path).lower().endswith(("jpg", "jpeg")):
        img = img.convert("RGB")
    img.save(path, format=file_format, **kwargs)


def list_pictures(directory: PathLike, ext: str = "jpg|jpeg|bmp|png") -> list[str]:
    """List the paths of the images in the folder `directory` and its subfolders, in the order of their names.

    `ext`: the endings of names that count, joined by `|`.
    """
    endings = tuple("." + ending.lower() for ending in ext.split("|"))
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(directory)
        for name in names
        if name.lower().endswith(endings)
    )
