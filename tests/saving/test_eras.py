"""Weight files of other eras and conventions become what they meant."""

import h5py
import numpy as np
import pytest

from horngate import backend as K
from horngate.engine.container import make_layer
from horngate.layers import (
    GRU,
    LSTM,
    Activation,
    AtrousConvolution2D,
    BatchNormalization,
    Bidirectional,
    ConvLSTM2D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
    TimeDistributed,
)
from horngate.models import Model, Sequential, model_from_json
from tests.golden_data import close

rng = np.random.default_rng(0)


def randomize(model):
    model.set_weights([rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in model.get_weights()])
    return model


def write_03(path, layers):
    """The layout of Keras 0.3: layers and arrays are numbered."""
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = len(layers)
        for i, arrays in enumerate(layers):
            group = file.create_group(f"layer_{i}")
            group.attrs["nb_params"] = len(arrays)
            for k, array in enumerate(arrays):
                group.create_dataset(f"param_{k}", data=array)


def test_numbered_layers_of_03_and_their_deviations(tmp_path):
    model = Sequential([Dense(3, input_dim=4), Activation("relu"), BatchNormalization(epsilon=1e-3)])
    dense, batch_norm = [rng.normal(size=s) for s in [(4, 3), (3,)]], [rng.uniform(1, 2, 3) for _ in range(4)]
    write_03(tmp_path / "old.h5", [dense, [], batch_norm])
    model.load_weights(tmp_path / "old.h5")
    x = rng.normal(size=(5, 4)).astype("float32")
    gamma, beta, mean, deviation = batch_norm
    hidden = np.maximum(x @ dense[0] + dense[1], 0)
    close(model.predict(x), gamma * (hidden - mean) / (deviation + 1e-3) + beta)


def test_a_deviation_in_a_file_that_does_not_tell_its_age(tmp_path):
    model = randomize(Sequential([BatchNormalization(input_shape=(3,), epsilon=1e-6)]))
    before = model.get_weights()
    model.save_weights(tmp_path / "w.h5")
    model.load_weights(tmp_path / "w.h5", era="0.3")
    close(model.get_weights()[3], before[3] ** 2, 1e-4)
    model.load_weights(tmp_path / "w.h5", era="1.2")
    np.testing.assert_array_equal(model.get_weights()[3], before[3])


def test_a_deviation_is_told_by_the_version_in_the_file(tmp_path):
    model = randomize(Sequential([BatchNormalization(input_shape=(3,))]))
    before = model.get_weights()
    model.save_weights(tmp_path / "w.h5")
    model.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(model.get_weights()[3], before[3])
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file.attrs["keras_version"] = b"0.3.3"
    model.load_weights(tmp_path / "w.h5")
    close(model.get_weights()[3], before[3] ** 2, 1e-4)


@pytest.mark.parametrize("era, version", [("1.0", None), (None, b"1.0.8"), (None, None)])
def test_kernels_of_convolution1d_before_11(tmp_path, era, version):
    model = Sequential([Convolution1D(5, 3, input_shape=(8, 2))])
    kernel, bias = rng.normal(size=(3, 2, 5)), rng.normal(size=5)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = [b"convolution1d_1"]
        if version:
            file.attrs["keras_version"] = version
        group = file.create_group("convolution1d_1")
        group.attrs["weight_names"] = [b"W", b"b"]
        group.create_dataset("W", data=kernel.transpose(2, 1, 0)[..., np.newaxis])  # filters, channels, length, 1
        group.create_dataset("b", data=bias)
    model.load_weights(tmp_path / "w.h5", era=era)
    x = rng.normal(size=(1, 8, 2)).astype("float32")
    want = [sum(x[0, t + k] @ kernel[k] for k in range(3)) + bias for t in range(6)]
    close(model.predict(x)[0], np.array(want), 1e-4)


@pytest.mark.parametrize("wrap", [lambda layer: layer, Bidirectional], ids=["plain", "bidirectional"])
@pytest.mark.parametrize("cls, separate", [(LSTM, 12), (GRU, 9)])
def test_gates_in_few_or_many_arrays(tmp_path, cls, separate, wrap):
    def model(mode):
        return randomize(
            Sequential([TimeDistributed(Dense(4), input_shape=(6, 3)), wrap(cls(5, consume_less=mode)), Dense(2)])
        )

    x = rng.normal(size=(2, 6, 3)).astype("float32")
    few, many = model("gpu"), model("cpu")
    copies = 2 if wrap is Bidirectional else 1
    assert (len(few.layers[1].weights), len(many.layers[1].weights)) == (3 * copies, separate * copies)
    for source, target in ((few, many), (many, few)):
        source.save_weights(tmp_path / "w.h5")
        target.load_weights(tmp_path / "w.h5")
        close(target.predict(x), source.predict(x))
        randomize(source)


def picture_model(ordering, batch_norm=False):
    shape = (2, 7, 9) if ordering == "th" else (7, 9, 2)
    way = {"dim_ordering": ordering}
    between = [BatchNormalization()] if batch_norm else []
    return Sequential(
        [
            Convolution2D(4, 3, 3, input_shape=shape, activation="relu", **way),
            MaxPooling2D((2, 2), **way),
            Flatten(),
            Dropout(0.5),
            *between,
            Dense(6),
            Dense(3),
        ]
    )


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("ordering, other", [("th", "tf"), ("tf", "th")])
def test_weights_for_the_other_ordering_of_images(tmp_path, ordering, other, batch_norm):
    source, target = randomize(picture_model(ordering, batch_norm)), picture_model(other, batch_norm)
    source.save_weights(tmp_path / "w.h5")
    target.load_weights(tmp_path / "w.h5")
    x = rng.normal(size=(2, 2, 7, 9)).astype("float32")
    pictures = {"th": x, "tf": x.transpose(0, 2, 3, 1)}
    close(target.predict(pictures[other]), source.predict(pictures[ordering]), 1e-4, 1e-4)


def test_the_ordering_can_be_said_where_shapes_do_not_tell(tmp_path):
    def model(ordering):
        shape = (3, 5, 5) if ordering == "th" else (5, 5, 3)
        return Sequential([Convolution2D(3, 3, 3, input_shape=shape, dim_ordering=ordering), Flatten(), Dense(2)])

    source, target = randomize(model("th")), model("tf")
    source.save_weights(tmp_path / "w.h5")
    target.load_weights(tmp_path / "w.h5", dim_ordering="th")
    x = rng.normal(size=(2, 3, 5, 5)).astype("float32")
    close(target.predict(x.transpose(0, 2, 3, 1)), source.predict(x), 1e-4)


@pytest.mark.parametrize(
    "layer, shape",
    [
        (Convolution1D(3, 2), (6, 2)),
        (Convolution2D(3, 2, 3, dim_ordering="th", subsample=(2, 1)), (2, 6, 7)),
        (Convolution2D(3, 3, 3, dim_ordering="tf", border_mode="same"), (6, 7, 2)),
        (Convolution3D(3, 2, 3, 2, dim_ordering="tf"), (4, 5, 4, 2)),
        (AtrousConvolution2D(3, 2, 2, atrous_rate=(2, 2), dim_ordering="th"), (2, 6, 7)),
        (ConvLSTM2D(2, 3, 3, border_mode="same", dim_ordering="th"), (4, 1, 6, 6)),
        (TimeDistributed(Convolution2D(2, 2, 2, dim_ordering="th")), (3, 1, 4, 4)),
        (Bidirectional(ConvLSTM2D(2, 3, 3, border_mode="same", dim_ordering="tf")), (3, 5, 5, 1)),
    ],
    ids=lambda item: getattr(item, "name", None),
)
def test_theanos_kernels_are_flipped(tmp_path, layer, shape):
    description = {"class_name": type(layer).__name__, "config": layer.get_config()}

    def model():
        x = Input(shape)
        return Model(x, make_layer(description)(x))

    x = rng.normal(size=(2, *shape)).astype("float32")
    K.set_conv_convention("theano")
    source = randomize(model())
    want = source.predict(x)
    source.save_weights(tmp_path / "w.h5")
    K.set_conv_convention("tensorflow")
    target = model()
    target.load_weights(tmp_path / "w.h5", backend="theano")
    close(target.predict(x), want, 1e-4, 1e-4)
    target.load_weights(tmp_path / "w.h5", backend="tensorflow")
    assert np.abs(target.predict(x) - want).max() > 1e-2, "without the flip it is another function"
    target.load_weights(tmp_path / "w.h5")  # the file tells
    close(target.predict(x), want, 1e-4, 1e-4)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"backend": "torch"}, "backend must be 'theano' or 'tensorflow'"),
        ({"dim_ordering": "first"}, "dim_ordering must be 'th' or 'tf'"),
        ({"era": "first"}, "a version such as '1.2.2'"),
    ],
)
def test_wrong_origins_are_answered(tmp_path, options, said):
    model = Sequential([Dense(2, input_dim=2)])
    model.save_weights(tmp_path / "w.h5")
    with pytest.raises(ValueError, match=said):
        model.load_weights(tmp_path / "w.h5", **options)


def test_a_model_as_03_wrote_it():
    text = """{"name": "Sequential", "loss": "mse", "optimizer": {"name": "SGD", "lr": 0.01}, "layers": [
        {"name": "Dense", "custom_name": "dense", "output_dim": 5, "init": "glorot_uniform", "activation": "linear",
         "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}, "b_regularizer": null,
         "activity_regularizer": null, "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0}, "b_constraint": null,
         "input_dim": null, "input_shape": [4], "cache_enabled": true, "trainable": true},
        {"name": "Dropout", "custom_name": "dropout", "p": 0.5, "cache_enabled": true, "trainable": true},
        {"name": "Dense", "custom_name": "dense", "output_dim": 2, "cache_enabled": true, "trainable": true}]}"""
    model = model_from_json(text)
    assert model.output_shape == (None, 2)
    assert float(model.layers[0].W_regularizer.l2) == pytest.approx(0.01)
    assert model.layers[1].p == 0.5
    assert [layer.name for layer in model.layers] == ["dense_1", "dropout", "dense_2"]
