"""Layers that change images against the real Keras 3: exactly without chance, and by their distributions."""

import inspect

import jax
import numpy as np
import pytest

from horngate import keras3
from horngate.utils import bounding_boxes
from tests.keras3.image_cases import CASES, DRAWN, FILE, by_draws, changed, image

NUMBERS = dict(np.load(FILE))
EVERY = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]


SIGNED = ("RandomShear", "RandomHue")  # go one way or the other, each image for itself


@pytest.mark.parametrize("name, i", EVERY, ids=[f"{name}-{i}" for name, i in EVERY])
def test_changes_are_those_of_keras_3(name, i):
    found = changed(keras3.layers, name, *CASES[name][i])
    wanted = NUMBERS[f"{name}-{i}"]
    if name in SIGNED:
        found = [found, *(changed(keras3.layers, name, *CASES[name][i]) for _ in range(30))]
        nearest = [min(np.abs(each[k] - wanted[k]).max() for each in found) for k in range(len(wanted))]
        assert max(nearest) < 2e-3
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=2e-3)


@pytest.mark.parametrize("name", DRAWN)
def test_a_transformation_changes_all_that_belongs_to_an_image_as_in_keras_3(name):
    told = {key.partition("-")[2]: value for key, value in NUMBERS.items() if key.startswith(f"{name}-")}
    draws = {key.removeprefix("draws_"): value for key, value in told.items() if key.startswith("draws_")}
    found = by_draws(keras3.layers, name, {**draws, "input_shape": (2, 6, 8, 3)})
    for key, value in found.items():
        np.testing.assert_allclose(value, told[key], rtol=1e-4, atol=5e-3, err_msg=key)
    assert {key for key in told if not key.startswith("draws_") and not key.isdigit()} == set(found)


MOVES = {
    "RandomFlip": ("horizontal_and_vertical",),
    "RandomRotation": (0.3,),
    "RandomTranslation": (0.2, 0.3),
    "RandomZoom": ((-0.4, 0.3), (-0.3, 0.4)),
    "RandomShear": (0.3, 0.2),
    "RandomPerspective": (1.0, 0.5),
    "CenterCrop": (20, 24),
    "RandomCrop": (20, 24),
    "Resizing": (30, 20),
    "RandAugment": ((0, 255), 1, 0.1),
}
SIZED = [(name, {}) for name in MOVES]
SIZED += [("Resizing", {"crop_to_aspect_ratio": True}), ("Resizing", {"pad_to_aspect_ratio": True})]


@pytest.mark.parametrize("name, options", SIZED)
def test_boxes_and_masks_go_where_the_pixels_go(name, options):
    """A bright box is where its bounding box says, to a pixel, in every layer that moves pixels."""
    np.random.seed(5)
    first = name in ("RandomFlip", "RandomZoom", "Resizing")  # channels
    x, boxes = np.zeros((8, 32, 40, 3), "float32"), np.array([[[12, 10, 26, 20]]] * 8, "float32")
    x[:, 10:20, 12:26] = 255
    options = {**options, "data_format": "channels_first"} if first else options
    if "fill_mode" in inspect.signature(getattr(keras3.layers, name)).parameters and name != "Resizing":
        options = {**options, "fill_mode": "constant"}
    layer = getattr(keras3.layers, name)(*MOVES[name], bounding_box_format="rel_xywh", **options)
    given = {"boxes": bounding_boxes.convert_format(boxes, "xyxy", "rel_xywh", 32, 40), "labels": np.ones((8, 1))}
    x = np.moveaxis(x, -1, 1) if first else x
    found = layer({"images": x, "bounding_boxes": given, "segmentation_masks": x / 255}, training=True)
    shown = np.asarray(found["images"]), np.asarray(found["segmentation_masks"])
    images, masks = (np.moveaxis(y, 1, -1)[..., 0] if first else y[..., 0] for y in shown)
    boxes = bounding_boxes.convert_format(found["bounding_boxes"], "rel_xywh", "xyxy", *images.shape[1:])["boxes"]
    assert set(np.unique(masks)) <= {0.0, 1.0}
    for shown, mask, box in zip(images, masks, np.asarray(boxes)[:, 0]):
        if name != "RandAugment":  # which changes colours, too
            assert ((shown > 140) <= mask.astype(bool) | (shown < 255)).all()
        rows, columns = np.nonzero(mask)
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(box, seen, atol=1.1)


DRAWS = {  # a layer, the number it draws, its range, and whether the draws are uniform there
    "RandomBrightness": ((0.3,), "rgb_delta", (-76.5, 76.5)),
    "RandomContrast": (((0.2, 0.6),), "contrast_factor", (0.8, 1.6)),
    "RandomHue": (((0.0, 0.4),), "factor", (-0.2, 0.2)),
    "RandomColorDegeneration": (((0.2, 0.6),), "factor", (0.2, 0.6)),
    "RandomSharpness": (((0.2, 0.6),), "factor", (0.2, 0.6)),
    "RandomRotation": (((-0.1, 0.3),), "angle", (-36, 108)),
    "RandomZoom": (((-0.1, 0.3),), "height_zoom", (0.9, 1.3)),
    "RandomTranslation": ((0.0, (-0.1, 0.3)), "translations", (-0.2, 0.6)),
    "RandomShear": ((0.0, 0.3), "shear_factor", (-0.3, 0.3)),
    "Solarization": (((0.1, 0.3), 0.5), "additions", (25.5, 76.5)),
    "RandomPosterization": (((2, 5),), "shift_factor", (3, 6)),
    "RandomFlip": (("horizontal",), "flips", (0, 1)),
    "RandomGrayscale": ((0.5,), "should_apply", (0, 1)),
    "RandomInvert": (((0.5, 0.5),), "apply_inversion", (0, 1)),
    "RandomErasing": (((0.5, 0.5),), "apply_erasing", (0, 1)),
    "RandomPerspective": (((0.5, 0.5),), "apply_perspective", (0, 1)),
    "RandomElasticTransform": (((0.5, 0.5),), "apply_transform", (0, 1)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_spread_evenly_over_their_range_and_repeat_by_their_seed(name):
    args, key, (low, high) = DRAWS[name]
    layer, x, count = getattr(keras3.layers, name)(*args), np.zeros((4000, 2, 2, 3), "float32"), 4000
    draws = np.asarray(layer.get_random_transformation(x, seed=7)[key], "float64").reshape(count, -1)[:, -1]
    if name == "RandomTranslation":
        draws = np.asarray(layer.get_random_transformation(x, seed=7)[key])[:, 0]
    values = np.unique(draws)
    whole = len(values) < 10
    variance = ((high - low + 1) ** 2 - 1) / 12 if whole else (high - low) ** 2 / 12
    assert draws.min() >= low - 1e-4 and draws.max() <= high + 1e-4
    assert not whole or len(values) == high - low + 1
    assert abs(draws.mean() - (low + high) / 2) < 5 * np.sqrt(variance / count)  # five standard errors
    assert abs(draws.var() / variance - 1) < 0.1
    again, other = (np.asarray(layer.get_random_transformation(x, seed=seed)[key], "float64") for seed in (7, 8))
    np.testing.assert_array_equal(again.reshape(count, -1)[:, 0 if name == "RandomTranslation" else -1], draws)
    assert (again != other).any()


MIXED = dict.fromkeys(("MixUp", "CutMix", "RandAugment", "AugMix"), ((),))


@pytest.mark.parametrize("name", [name for name in (*DRAWS, *MIXED) if name != "Solarization"])
def test_nothing_changes_in_testing(name):
    args, data = {**DRAWS, **MIXED}[name][0], {"images": image({}), "labels": np.eye(2)}
    found = getattr(keras3.layers, name)(*args)(data, training=False)
    assert all((np.asarray(found[key]) == data[key]).all() for key in data)


@pytest.mark.parametrize("name", ["RandomBrightness", "RandomTranslation", "MixUp"])
def test_changes_repeat_by_the_seed_of_the_program(name):
    found = []
    for seed in (1, 1, 2):
        keras3.utils.set_random_seed(seed)
        found.append(np.asarray(getattr(keras3.layers, name)(*DRAWS.get(name, ((),))[0])(image({}), training=True)))
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()


@pytest.mark.parametrize("name", ["RandAugment", "AugMix"])
def test_several_changes_are_compiled_once_and_not_for_each_step(name):
    """The program for many steps, and chains of them, is about as large as that for one."""

    def size(count):
        many = {"num_ops": count} if name == "RandAugment" else {"num_chains": count, "chain_depth": count}
        model = keras3.Sequential([keras3.Input((8, 8, 3)), getattr(keras3.layers, name)(**many)])
        step = model.stateless_call  # its program is that of `fit`
        x = np.zeros((2, 8, 8, 3), "float32")
        return len(str(jax.make_jaxpr(lambda x: step([], model.non_trainable_variables, x, training=True)[0])(x)))

    assert size(4) < 1.3 * size(1)


IMAGES = {name: args for name, (args, _, _) in DRAWS.items()} | dict.fromkeys(MIXED, ())
IMAGES |= {
    "Equalization": (),
    "CenterCrop": (4, 4),
    "RandomCrop": (4, 4),
    "Resizing": (4, 4),
    "RandomSaturation": (0.3,),
}


@pytest.mark.parametrize("name", IMAGES)
def test_images_of_every_type_change_alike_and_others_than_images_are_refused(name):
    layer, found = getattr(keras3.layers, name)(*IMAGES[name]), {}
    for kind in ("float32", "uint8", "float16"):
        keras3.utils.set_random_seed(3)
        found[kind] = np.asarray(layer(image({}).astype(kind), training=True))
    assert found["uint8"].dtype == found["float32"].dtype or name == "Resizing"
    assert found["float16"].dtype == "float32"  # the type of the layer, in which places of pixels are exact
    for kind in ("uint8", "float16"):
        np.testing.assert_allclose(found[kind], found["float32"], atol=0.51, rtol=1e-3)
    for wrong in (image({})[0, :, :, 0], image({})[None]):
        with pytest.raises(ValueError, match="takes one image.*or a batch.*received the shape"):
            layer(wrong, training=True)


def test_ends_of_a_range_stand_in_any_order_as_in_keras_3():
    assert keras3.layers.RandomZoom((0.3, -0.2)).height_factor == keras3.layers.RandomZoom((-0.2, 0.3)).height_factor


def test_an_image_of_one_value_stays_when_it_is_equalized():
    x = np.concatenate([np.full((1, 6, 8, 3), 7, "float32"), image({})[:1]])
    found = np.asarray(keras3.layers.Equalization()(x, training=True))
    np.testing.assert_allclose(found[0], 7, rtol=1e-6)
    np.testing.assert_allclose(found[1], changed(keras3.layers, "Equalization", (), {})[0], atol=1e-3)


def test_four_channels_have_no_shade_of_grey():
    with pytest.raises(ValueError, match="3 channels.*received 4"):
        keras3.layers.RandomGrayscale(1.0)(np.zeros((2, 4, 4, 4), "float32"), training=True)
