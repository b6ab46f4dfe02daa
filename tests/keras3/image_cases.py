"""Changes of images without chance: the arguments of a layer, each range a single number, and the image's shape.

KERAS_BACKEND=jax python -m tests.keras3.image_cases

writes what Keras 3 gives into tests/golden/keras3/changed_images.npz.
"""

import pathlib

import numpy as np

FILE = pathlib.Path(__file__).parents[1] / "golden" / "keras3" / "changed_images.npz"


def same(factor):
    return (factor, factor)


CASES = {
    "RandomRotation": [
        ((same(0.1),), {}),
        ((same(-0.2),), {"fill_mode": "constant", "fill_value": 9.0, "interpolation": "nearest"}),
        ((same(0.1),), {"fill_mode": "wrap", "data_format": "channels_first"}),
        ((same(0.3),), {"fill_mode": "nearest"}),
    ],
    "RandomZoom": [((same(0.3),), {}), ((same(-0.4), same(0.2)), {"fill_mode": "constant"})],
    "RandomTranslation": [
        ((same(0.3), same(-0.2)), {}),
        ((same(0.25), same(0.1)), {"fill_mode": "constant", "fill_value": 5.0}),
        ((same(0.25), same(0.1)), {"data_format": "channels_first"}),
    ],
    "RandomShear": [((same(0.3), same(0.2)), {}), ((same(0.5),), {"fill_mode": "constant"})],
    "RandomBrightness": [((same(0.3),), {}), ((same(-0.4),), {"value_range": (0, 300)})],
    "RandomHue": [((same(0.3),), {}), ((same(1.0),), {})],
    "RandomSaturation": [((same(0.3),), {}), ((same(0.5),), {}), ((same(0.0),), {})],
    "RandomColorDegeneration": [((same(0.3),), {}), ((same(-0.5),), {})],
    "RandomSharpness": [((same(0.3),), {}), ((same(1.0),), {}), ((same(0.0),), {})],
    "RandomPosterization": [((same(3),), {}), ((same(2),), {"value_range": (0, 300)})],
    "RandomGrayscale": [((1.0,), {}), ((1.0,), {"data_format": "channels_first"}), ((0.0,), {})],
    "RandomInvert": [((same(1.0),), {}), ((same(1.0),), {"value_range": (0, 300)})],
    "RandomGaussianBlur": [((same(1.0), 3, same(1.0)), {}), ((same(1.0), (3, 5), (0.7, 0.7)), {})],
    "Solarization": [((0.0, 0.0), {}), ((0.0, 0.0), {"value_range": (0, 300)})],
    "AutoContrast": [((), {}), (((0, 300),), {})],
    "Equalization": [((), {}), ((), {"bins": 16}), ((), {"data_format": "channels_first"})],
    "ContrastLimitedAdaptiveHistogramEqualization": [
        ((), {"tile_grid_size": (2, 3)}),
        (((0, 300), -1.0, (4, 3)), {}),
        ((), {"clip_limit": 20.0, "data_format": "channels_first"}),
    ],
    "CenterCrop": [((4, 3), {}), ((9, 10), {}), ((3, 3), {"data_format": "channels_first"})],
    "Resizing": [
        ((4, 5), {}),
        ((9, 4), {"interpolation": "nearest"}),
        ((4, 4), {"crop_to_aspect_ratio": True}),
        ((4, 4), {"pad_to_aspect_ratio": True, "fill_value": 3.0}),
        ((3, 3), {"antialias": True, "interpolation": "bicubic"}),
        ((3, 3), {"data_format": "channels_first"}),
    ],
    "RandomCrop": [((6, 8), {}), ((9, 12), {})],
}


ALONE = ("Equalization",)  # Keras 3 mixes the images of a batch


def image(options):
    """Two images of 6 x 8 pixels and three colours."""
    x = np.random.RandomState(0).uniform(0, 255, (2, 6, 8, 3)).round().astype("float32")
    return np.moveaxis(x, -1, 1) if options.get("data_format") == "channels_first" else x


def changed(layers, name, args, options):
    """What the layer of a package gives in training."""
    x = image(options)[:1] if name in ALONE else image(options)
    return np.asarray(getattr(layers, name)(*args, **options)(x, training=True))


# Layers that draw: Keras 3's transformation is given to ours.
DRAWN = {
    "RandomFlip": ("horizontal",),
    "RandomRotation": (0.2,),
    "RandomTranslation": (0.2, 0.3),
    "RandomZoom": (0.4, 0.2),
    "RandomShear": (0.3, 0.2),
    "RandomPerspective": (1.0, 0.5),
    "RandomBrightness": (0.3,),
    "RandomContrast": (0.3,),
    "RandomHue": (0.4,),
    "RandomSaturation": (0.4,),
    "RandomColorDegeneration": (0.4,),
    "RandomSharpness": (0.7,),
    "RandomPosterization": (4,),
    "RandomInvert": (0.5,),
    "RandomErasing": (),
    "MixUp": (0.6,),
    "CutMix": (),
    "CenterCrop": (4, 3),
    "Resizing": (4, 5),
    "MaxNumBoundingBoxes": (3,),
}
# whose boxes Keras 3.15 puts where the pixels go; after zooms, turns, shears and vertical flips it does not
BOXES = ["RandomFlip", "RandomTranslation", "MixUp", "CenterCrop", "Resizing", "MaxNumBoundingBoxes"]
MASKS = [name for name in DRAWN if name not in ("MixUp", "CutMix")]  # which mix masks in forms of their own


def data(name):
    """Two images of 6 x 8 pixels with labels, and masks and boxes where Keras 3 changes them as the images."""
    boxes = np.array([[[1, 2, 5, 5], [0, 0, 2, 3]], [[3, 1, 8, 6], [6, 4, 7, 5]]], "float32")
    found = {"images": image({}), "labels": np.eye(2, dtype="float32")}
    if name in BOXES:
        found["bounding_boxes"] = {"boxes": boxes, "labels": np.array([[1, 2], [3, 4]], "int32")}
    return {**found, "segmentation_masks": (image({})[..., :1] > 128).astype("float32")} if name in MASKS else found


def by_draws(layers, name, draws):
    """What the layer of a package makes of the data by a transformation."""
    layer = getattr(layers, name)(*DRAWN[name], bounding_box_format="xyxy")
    found = {key: getattr(layer, f"transform_{key}")(value, draws) for key, value in data(name).items()}
    boxes = found.pop("bounding_boxes", {})
    if name == "MixUp":
        boxes.pop("labels")  # Keras 3.15 puts those of the other image below, not beside
    return {key: np.asarray(value) for key, value in {**found, **{f"boxes_{key}": boxes[key] for key in boxes}}.items()}


def drawn_by_keras(keras, name):
    """The transformation that Keras 3 draws, and what it makes of the data."""
    layer = getattr(keras.layers, name)(*DRAWN[name], bounding_box_format="xyxy")
    draws = layer.get_random_transformation(data(name), training=True)
    arrays = {f"draws_{k}": np.asarray(v) for k, v in draws.items()} if isinstance(draws, dict) else {}
    return {f"{name}-{key}": value for key, value in {**arrays, **by_draws(keras.layers, name, draws)}.items()}


if __name__ == "__main__":
    import keras

    keras.utils.set_random_seed(3)

    found = {f"{n}-{i}": changed(keras.layers, n, *case) for n, cases in CASES.items() for i, case in enumerate(cases)}
    for name in DRAWN:
        found |= drawn_by_keras(keras, name)
    np.savez_compressed(FILE, **found)
