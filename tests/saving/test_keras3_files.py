"""Weights that the real Keras 3 wrote fit into models built here, which then predict the same."""

import numpy as np
import pytest

from horngate.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Bidirectional,
    Conv2DTranspose,
    Convolution1D,
    Convolution2D,
    Deconvolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    MaxPooling2D,
    PReLU,
    SeparableConvolution2D,
    SimpleRNN,
    TimeDistributed,
)
from horngate.models import Model, Sequential, load_model
from tests.golden_data import ROOT, close

FILES = ROOT / "keras3"
KINDS = (".weights.h5", ".keras", ".h5")


def images(ordering):
    """The model of images.npz; Keras 3 had it with channels last."""
    shape, axis = ((6, 6, 2), -1) if ordering == "tf" else ((2, 6, 6), 1)
    way = {"dim_ordering": ordering}
    inner = Sequential(
        [
            Convolution2D(3, 3, 3, border_mode="same", input_shape=shape, **way),
            BatchNormalization(axis=axis, epsilon=1e-3),
        ]
    )
    x = Input(shape)
    y = MaxPooling2D((2, 2), **way)(inner(x))
    y = Deconvolution2D(2, 3, 3, output_shape=(None, 5, 5, 2) if ordering == "tf" else (None, 2, 5, 5), **way)(y)
    y = Flatten()(SeparableConvolution2D(4, 2, 2, **way)(y))
    return Model(x, Dense(3)(Dense(4, activation="tanh")(Dropout(0.2)(y))))


def images_first(ordering):
    """The model of images_first.npz."""
    x = Input((5, 4, 2) if ordering == "tf" else (2, 5, 4))
    y = PReLU()(Convolution2D(3, 2, 2, dim_ordering=ordering)(x))
    y = Conv2DTranspose(3, 2, 2, dim_ordering=ordering)(y)  # as many filters as channels: shapes tell nothing
    return Model(x, Dense(2)(PReLU()(Flatten()(y))))


def sequences():
    """The model of sequences.npz."""
    gate = {"inner_activation": "sigmoid"}
    return Sequential(
        [
            Embedding(10, 6, input_length=7),
            Bidirectional(LSTM(3, return_sequences=True, **gate)),
            Convolution1D(4, 2),
            TimeDistributed(Dense(5)),
            GRU(3, return_sequences=True, **gate),
            PReLU(shared_axes=[1]),
            SimpleRNN(3),
            Dense(2),
        ]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ordering", ["tf", "th"])
def test_images(kind, ordering):
    case = np.load(FILES / "images.npz")
    model = images(ordering)
    model.load_weights(FILES / f"images{kind}")
    x = case["input"] if ordering == "tf" else case["input"].transpose(0, 3, 1, 2)
    close(model.predict(x), case["output"])


@pytest.mark.parametrize("kind", [".keras", ".h5"])
@pytest.mark.parametrize("ordering", ["tf", "th"])
def test_images_with_channels_first(kind, ordering):
    """Keras 3 had the model of images_first.npz with channels first, and its Flatten, told so, puts them last."""
    case, model = np.load(FILES / "images_first.npz"), images_first(ordering)
    model.load_weights(FILES / f"images_first{kind}")
    pictures = case["input"].transpose(0, 2, 3, 1) if ordering == "tf" else case["input"]
    close(model.predict(pictures), case["output"], 1e-4, 1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_sequences(kind):
    case = np.load(FILES / "sequences.npz")
    model = sequences()
    model.load_weights(FILES / f"sequences{kind}")
    close(model.predict(case["input"]), case["output"])


def test_a_gru_that_resets_after_the_product_is_refused_with_the_reason(tmp_path):
    import h5py

    path = tmp_path / "gru.weights.h5"
    with h5py.File(path, "w") as file:
        cell = file.create_group("layers/gru/cell/vars")
        for i, shape in enumerate([(4, 9), (3, 9), (2, 9)]):
            cell.create_dataset(str(i), data=np.zeros(shape))
    with pytest.raises(ValueError, match="reset_after=False"):
        Sequential([GRU(3, input_shape=(5, 4))]).load_weights(path)


@pytest.mark.parametrize("name", ["images", "images_first", "sequences"])
@pytest.mark.parametrize("kind", [".keras", ".h5"])
def test_whole_models(name, kind):
    case, model = np.load(FILES / f"{name}.npz"), load_model(FILES / f"{name}{kind}")
    close(model.predict(case["input"]), case["output"], 1e-4, 1e-4)


def test_layers_that_do_not_fit_are_listed():
    with pytest.raises(ValueError, match=r"layers bidirectional, .* in Keras 3's names, dense"):
        Sequential([Dense(2, input_dim=3)]).load_weights(FILES / "sequences.weights.h5")
