"""The networks of Keras 2 and 3: numbers of weights, and what they compute from given weights in the real Keras 3."""

import numpy as np
import pytest

from horngate import applications
from horngate import backend as K
from horngate.applications import densenet, resnet

# Weights in all, as published with the networks.
COUNTS = {
    "MobileNet": 4_253_864,
    "MobileNetV2": 3_538_984,
    "DenseNet121": 8_062_504,
    "DenseNet169": 14_307_880,
    "DenseNet201": 20_242_984,
    "InceptionResNetV2": 55_873_736,
    "InceptionV3": 23_851_784,
    "NASNetMobile": 5_326_716,
    "NASNetLarge": 88_949_818,
    "ResNet50": 25_636_712,
    "ResNet101": 44_707_176,
    "ResNet152": 60_419_944,
    "ResNet50V2": 25_613_800,
    "ResNet101V2": 44_675_560,
    "ResNet152V2": 60_380_648,
    "EfficientNetB0": 5_330_571,
    "EfficientNetB3": 12_320_535,
    "EfficientNetV2B0": 7_200_312,
    "EfficientNetV2B3": 14_467_622,
    "ConvNeXtTiny": 28_589_128,
}
# Network, size of the image -> features 3, 10, 100, the last, and the sum, from Keras 3.15.1 with `seeded` weights.
FEATURES = {
    ("MobileNet", 33): (0.135859, 0.103427, 0.0136525, 0.150607, 149.389),
    ("MobileNetV2", 33): (0.0387449, 0.221832, 0.0663721, 0.364739, 197.27),
    ("DenseNet121", 40): (0.326943, 0.0422886, 0.243526, 0.0183309, 149.34),
    ("ResNet50", 40): (4.00165, 6.51068, 0.575252, 2.7615, 7084.86),
    ("ResNet50V2", 40): (2.53923, 0, 1.26542, 6.54055, 4607.7),
    ("InceptionResNetV2", 75): (0.198321, 0, 3.65186, 0.655634, 2627.15),
    ("NASNetMobile", 33): (0.13397, 0.293962, 0.399889, 0.263272, 355.611),
    ("EfficientNetB0", 33): (0.102282, 0.0672182, 0.13868, 0.0423749, 104.044),
    ("EfficientNetB1", 48): (0.0225505, 0.0230033, 0.0443223, -0.0615253, 113.341),
    ("EfficientNetV2B0", 33): (-0.00698331, 0.387437, 0.539164, 0.305376, 296.95),
    ("EfficientNetV2S", 32): (-0.224863, -0.0795329, 2.66073, -0.255023, 625.294),
    ("ConvNeXtTiny", 32): (0.368205, 1.13978, 2.34957, 0.492263, 421.87),
}


@pytest.fixture(autouse=True)
def channels_last():
    K.set_era("2")
    yield
    K.set_era("1.0")


def made(name, **options):
    return getattr(resnet if name == "ResNet50" else applications, name)(weights=None, **options)


def seeded(shapes):
    """Weights that leave features of all sizes alive: small positive vectors, kernels by their inputs."""
    draw = np.random.RandomState(0)
    return [
        0.5 + 0.1 * draw.rand(*shape) if len(shape) < 2 else draw.randn(*shape) / np.sqrt(np.prod(shape[:-1]))
        for shape in shapes
    ]


@pytest.mark.parametrize("name", COUNTS)
def test_the_number_of_weights(name):
    model = made(name)
    assert model.count_params() == COUNTS[name] and model.output_shape == (None, 1000)


@pytest.mark.parametrize("name, size", FEATURES)
def test_features(name, size):
    model = made(name, include_top=False, input_shape=(size, size, 3), pooling="avg")
    model.set_weights(seeded([weight.shape for weight in model.get_weights()]))
    image = np.random.RandomState(1).rand(1, size, size, 3).astype("float32")
    image = 255 * image if name.startswith(("Efficient", "Conv")) else image
    found = model.predict(image)[0]
    np.testing.assert_allclose([*found[[3, 10, 100, -1]], found.sum()], FEATURES[name, size], rtol=1e-4, atol=1e-5)


def test_inception_ends_its_parts_with_relu():
    model = applications.InceptionV3(False, None, input_shape=(75, 75, 3), pooling="avg")
    kinds = [type(layer).__name__ for layer in model.layers[1:4]]
    assert kinds == ["Convolution2D", "BatchNormalization", "Activation"] and model.output_shape == (None, 2048)


def test_sizes_of_ones_own():
    model = applications.MobileNet(weights=None, input_shape=(64, 64, 3), classes=5, alpha=0.25)
    assert model.output_shape == (None, 5) and model.name == "mobilenet_0.25_64"
    assert applications.MobileNetV2((32, 32, 3), 0.35, False, None).output_shape == (None, 1, 1, 1280)
    K.set_image_dim_ordering("th")
    model = applications.MobileNet((3, 64, 64), 0.25, weights=None, include_top=False)
    assert model.output_shape == (None, 256, 2, 2)
    with pytest.raises(ValueError, match="densenet121: the weights 'imagenet' are for images with channels last"):
        densenet.DenseNet121()


def test_images_are_prepared_as_for_each_network():
    """What Keras 3.15.1 gives for a grey pixel of 100."""
    grey = np.full((1, 1, 1, 3), 100.0)
    for name, wanted in (
        ("densenet", (-0.40542855, -0.28501401, -0.06152505)),
        ("resnet", (-3.939, -16.779, -23.68)),
        *((name, (-0.21568627,) * 3) for name in ("mobilenet", "mobilenet_v2", "nasnet", "resnet_v2")),
    ):
        module = __import__(f"horngate.applications.{name}", fromlist=["preprocess_input"])
        np.testing.assert_allclose(module.preprocess_input(grey)[0, 0, 0], wanted, rtol=1e-6)
