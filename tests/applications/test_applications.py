"""The known networks: their numbers of weights, shapes in both orderings, weights from files, data in and out."""

import json

import h5py
import numpy as np
import pytest

from horngate import applications
from horngate import backend as K
from horngate.applications import audio_conv_utils, imagenet_utils, inception_v3, resnet50, vgg16, vgg19, xception
from horngate.layers import Activation, Input, Lambda
from horngate.models import Model
from horngate.saving.formats.metadata import IMAGES

# Weights in all, from the papers' tables and the files they were published in; without the top; its output.
NETWORKS = {
    "VGG16": (138_357_544, 14_714_688, (7, 7, 512), 224),
    "VGG19": (143_667_240, 20_024_384, (7, 7, 512), 224),
    "ResNet50": (25_636_712, 23_587_712, (1, 1, 2048), 224),
    "InceptionV3": (23_886_216, 21_837_216, (8, 8, 2048), 299),
    "Xception": (22_910_480, 20_861_480, (10, 10, 2048), 299),
}
every_network = pytest.mark.parametrize("name", NETWORKS)


def make(name, **options):
    return getattr(applications, name)(weights=None, **options)


def in_order(shape, ordering):
    return shape if ordering == "tf" else (shape[-1], *shape[:-1])


@every_network
@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_without_the_top(name, ordering):
    K.set_image_dim_ordering(ordering)
    _, count, shape, size = NETWORKS[name]
    model = make(name, include_top=False, input_shape=in_order((size, size, 3), ordering))
    assert model.count_params() == count and model.output_shape == (None, *in_order(shape, ordering))
    if name in ("VGG16", "Xception"):
        assert make(name, include_top=False).output_shape == (None, *in_order((None, None, shape[-1]), ordering))


@pytest.mark.parametrize("name", ["ResNet50", "InceptionV3", "Xception"])
def test_with_the_top(name):
    model = make(name)
    assert model.count_params() == NETWORKS[name][0] and model.output_shape == (None, 1000)
    assert make(name, classes=7).output_shape == (None, 7)


def test_the_top_of_vgg():
    """Counted, not made: its weights take half a gigabyte."""
    for name in ("VGG16", "VGG19"):
        dense = [(7 * 7 * 512, 4096), (4096, 4096), (4096, 1000)]
        assert NETWORKS[name][0] == NETWORKS[name][1] + sum(n * m + m for n, m in dense)
    model = vgg16.VGG16(weights=None, classes=3)
    assert [layer.name for layer in model.layers[-4:]] == ["flatten", "fc1", "fc2", "predictions"]
    assert model.output_shape == (None, 3)


def test_music_tagger():
    for ordering in ("th", "tf"):
        K.set_image_dim_ordering(ordering)
        model = applications.MusicTaggerCRNN(weights=None)
        assert model.input_shape == (None, *in_order((96, 1366, 1), ordering)) and model.output_shape == (None, 50)
        assert model.count_params() == 400_562
        predicted = model.predict(np.random.rand(1, *model.input_shape[1:]))
        assert predicted.shape == (1, 50) and (predicted > 0).all() and (predicted < 1).all()


@pytest.mark.parametrize("name, size", [("VGG16", 48), ("Xception", 71)])
def test_both_orderings_are_one_network(name, size):
    x = np.random.RandomState(0).rand(1, size, size, 3).astype("float32")
    outputs, weights = [], None
    for ordering in ("tf", "th"):
        K.set_image_dim_ordering(ordering)
        model = make(name, include_top=False, input_shape=in_order((size, size, 3), ordering))
        weights = weights or model.get_weights()
        fitted = [
            w if w.shape == own.shape else w.transpose(3, 2, 0, 1) for w, own in zip(weights, model.get_weights())
        ]
        model.set_weights(fitted)
        output = model.predict(x if ordering == "tf" else x.transpose(0, 3, 1, 2))
        outputs.append(output if ordering == "tf" else output.transpose(0, 2, 3, 1))
    np.testing.assert_allclose(outputs[1], outputs[0], rtol=1e-3, atol=1e-5 * np.abs(outputs[0]).max())


def test_a_tensor_to_begin_with():
    x = Input((3, 64, 64))
    model = vgg16.VGG16(weights=None, include_top=False, input_tensor=Activation("tanh")(x), input_shape=(3, 64, 64))
    assert model.inputs == [x] and model.layers[1].__class__ is Activation
    model = vgg16.VGG16(weights=None, include_top=False, input_tensor=x)
    assert model.inputs == [x]


def test_weights_from_a_file(tmp_path):
    options = {"include_top": False, "input_shape": (3, 48, 48)}
    saved = vgg16.VGG16(weights=None, **options)
    saved.save_weights(str(tmp_path / "w.h5"))
    loaded = vgg16.VGG16(weights=str(tmp_path / "w.h5"), **options)
    for wanted, found in zip(saved.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("convention", ["tensorflow", "theano"])
@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_published_weights_are_brought_to_the_convention_in_force(tmp_path, monkeypatch, convention, ordering):
    K.set_image_dim_ordering(ordering)
    options = {"include_top": False, "input_shape": in_order((48, 48, 3), ordering)}
    published = vgg16.VGG16(weights=None, **options)
    published.save_weights(str(tmp_path / "w.h5"))
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        for mark in IMAGES:  # published files tell nothing of their images: the file's name does
            del file.attrs[mark]
    asked = []
    monkeypatch.setattr(
        "horngate.applications.building.get_file", lambda name, origin, **_: asked.append(origin) or tmp_path / "w.h5"
    )
    K.set_conv_convention(convention)
    loaded = vgg16.VGG16(**options)
    assert asked == [
        "https://github.com/fchollet/deep-learning-models/releases/download/v0.1/"
        f"vgg16_weights_{ordering}_dim_ordering_{ordering}_kernels_notop.h5"
    ]
    flipped = (ordering == "th") != (convention == "theano")
    window = (slice(None), slice(None)) if ordering == "th" else ()
    for wanted, found in zip(published.get_weights(), loaded.get_weights()):
        if wanted.ndim == 4 and flipped:
            wanted = wanted[(*window, slice(None, None, -1), slice(None, None, -1))]
        np.testing.assert_array_equal(found, wanted)


WRONG = {
    "too small": (lambda: make("VGG16", include_top=False, input_shape=(3, 20, 20)), "at least 48"),
    "another size with the top": (lambda: make("VGG16", input_shape=(3, 100, 100)), "224"),
    "other classes": (lambda: vgg19.VGG19(classes=10), "1000 classes; received classes=10"),
    "no such weights": (lambda: resnet50.ResNet50(weights="imagenett", include_top=False), "imagenett"),
    "channels first": (lambda: xception.Xception(), "set_image_dim_ordering"),
    "other tags": (lambda: applications.MusicTaggerCRNN(classes=3), "50 tags"),
    "predictions of 10": (lambda: imagenet_utils.decode_predictions(np.zeros((1, 10))), r"\(samples, 1000\)"),
    "tags of 10": (lambda: audio_conv_utils.decode_predictions(np.zeros((1, 10))), r"\(samples, 50\)"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls(what):
    call, words = WRONG[what]
    with pytest.raises(ValueError, match=words):
        call()


def test_blocks_of_resnet_add_up():
    x = Input((4, 6, 6))
    convolution = Model(x, resnet50.conv_block(x, 3, [2, 2, 8], 2, "a"))
    assert convolution.output_shape == (None, 8, 3, 3)
    identity = Model(x, resnet50.identity_block(x, 3, [2, 2, 4], 2, "b"))
    for weight in identity.get_layer("bn2b_branch2c").weights[:1]:
        weight.set_value(np.zeros(4))  # then the bottleneck adds nothing
    data = np.random.randn(2, 4, 6, 6).astype("float32")
    np.testing.assert_allclose(identity.predict(data), np.maximum(data, 0), atol=1e-6)


def test_inception_names_its_parts():
    x = Input((3, 8, 8))
    model = Model(x, inception_v3.conv2d_bn(x, 4, 3, 3, name="first"))
    assert [layer.name for layer in model.layers[1:]] == ["first_conv", "first_bn"]


def test_images_are_brought_to_scale():
    x = np.zeros((1, 2, 2, 3), "float32")
    x[..., 0], x[..., 2] = 255, 51  # red, and some blue
    wanted = np.array([51 - 103.939, -116.779, 255 - 123.68])
    before = x.copy()
    np.testing.assert_allclose(imagenet_utils.preprocess_input(x, "tf")[0, 0, 0], wanted, rtol=1e-6)
    first = imagenet_utils.preprocess_input(x.transpose(0, 3, 1, 2), "th")
    np.testing.assert_allclose(first[0, :, 0, 0], wanted, rtol=1e-6)
    for module in (inception_v3, xception):
        np.testing.assert_allclose(module.preprocess_input(x)[0, 0, 0], [1, -1, -0.6], rtol=1e-6)
    np.testing.assert_array_equal(x, before)


def test_predictions_are_named(tmp_path, monkeypatch):
    index = {str(i): [f"n{i:08}", f"thing_{i}"] for i in range(1000)}
    (tmp_path / "index.json").write_text(json.dumps(index))
    imagenet_utils._class_index.cache_clear()
    monkeypatch.setattr(imagenet_utils, "get_file", lambda *args, **kwargs: tmp_path / "index.json")
    predictions = np.zeros((2, 1000))
    predictions[0, [5, 7, 900]] = 0.2, 0.5, 0.3
    predictions[1, 0] = 1
    found = imagenet_utils.decode_predictions(predictions, top=3)
    imagenet_utils._class_index.cache_clear()
    assert found[0] == [("n00000007", "thing_7", 0.5), ("n00000900", "thing_900", 0.3), ("n00000005", "thing_5", 0.2)]
    assert found[1][0] == ("n00000000", "thing_0", 1.0)


def test_tags_are_named():
    predictions = np.linspace(0, 1, 50)[None]
    assert audio_conv_utils.decode_predictions(predictions, top_n=2)[0] == [("happy", 1.0), ("House", 48 / 49)]
    assert len(set(audio_conv_utils.TAGS)) == 50


def test_the_top_can_be_replaced_and_the_rest_frozen():
    base = make("VGG16", include_top=False, input_shape=(3, 48, 48))
    for layer in base.layers:
        layer.trainable = False
    model = Model(base.input, Lambda(lambda x: x.mean((2, 3)), output_shape=(512,))(base.output))
    assert not model.trainable_weights and len(model.non_trainable_weights) == 26
