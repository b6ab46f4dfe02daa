"""What era 3 means by masks, names, number types and penalties, by its definition or numbers of Keras 3."""

import warnings

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras2, keras3, layers
from horngate.backend.config import within_era
from horngate.layers import Input
from horngate.models import Model

RNG = np.random.RandomState(0)
X = RNG.rand(2, 5, 3).astype("float32")
FIRST = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 0, 1]], bool)
SECOND = np.array([[1, 0, 1, 0, 0], [1, 0, 1, 1, 0]], bool)
ERAS = ("1.2", "2", "3")
MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


def mask_behind(layer, inputs, masks):
    """The mask that a layer passes on."""
    symbols = [Input(x.shape[1:]) for x in inputs]
    told = [Input((5,), dtype="bool") if m is not None else None for m in masks]
    y = layer(symbols if len(symbols) > 1 else symbols[0], mask=told if len(told) > 1 else told[0])
    if y._keras_mask is None:
        return None
    fed = [m for m in told if m is not None]
    found = K.function([*symbols, *fed], [y._keras_mask])([*inputs, *(m for m in masks if m is not None)])[0]
    return np.asarray(found, bool)


@pytest.mark.parametrize("name", MERGES)
@pytest.mark.parametrize("era, joined", [("1.2", FIRST & SECOND), ("2", FIRST & SECOND), ("3", FIRST | SECOND)])
def test_masks_of_merged_tensors(name, era, joined):
    with within_era(era):
        layer = getattr(layers, name)()
    np.testing.assert_array_equal(mask_behind(layer, [X, X], [FIRST, SECOND]), joined)
    alone = mask_behind(layer, [X, X], [FIRST, None])
    assert alone is None if era == "3" else (alone == FIRST).all()


CONCATENATED = [  # (axis, masks, what Keras 3 gives)
    (1, (FIRST, SECOND), np.concatenate([FIRST, SECOND], 1)),
    (1, (FIRST, None), np.concatenate([FIRST, np.ones((2, 5), bool)], 1)),
    (-1, (FIRST, SECOND), FIRST | SECOND),
    (-1, (None, SECOND), np.ones((2, 5), bool)),
]


@pytest.mark.parametrize("axis, masks, wanted", CONCATENATED)
def test_masks_of_joined_tensors(axis, masks, wanted):
    layer = keras3.layers.Concatenate(axis)
    np.testing.assert_array_equal(mask_behind(layer, [X, X], masks), wanted)


@pytest.mark.parametrize("era", ERAS)
def test_dense_passes_masks_on_since_keras_2(era):
    with within_era(era):
        layer = layers.Dense(2)
    if era == "1.2":
        with pytest.raises(TypeError, match="does not support masking"):
            mask_behind(layer, [X], [FIRST])
    else:
        np.testing.assert_array_equal(mask_behind(layer, [X], [FIRST]), FIRST)


@pytest.mark.parametrize(
    "name, args", [("Flatten", ()), ("Conv1D", (2, 2)), ("GlobalMaxPooling1D", ()), ("Reshape", ((15,),))]
)
def test_a_mask_without_use_is_dropped_with_a_warning_in_era_3(name, args):
    with pytest.raises(TypeError, match="does not support masking"):
        mask_behind(getattr(keras2.layers, name)(*args), [X], [FIRST])
    with pytest.warns(UserWarning, match="does not pass masks on"):
        assert mask_behind(getattr(keras3.layers, name)(*args), [X], [FIRST]) is None


def test_a_layer_means_what_its_era_meant_whatever_is_in_force_later():
    layer = keras3.layers.Add()
    with within_era("1.0"):
        np.testing.assert_array_equal(mask_behind(layer, [X, X], [FIRST, SECOND]), FIRST | SECOND)


@pytest.mark.parametrize("era", ["1.0", "1.2", "2", "3"])
def test_the_moving_variance_is_that_of_its_era(era):
    """Keras 1 adds epsilon, Keras 2 estimates it from the sample."""
    with within_era(era):
        layer = layers.BatchNormalization(momentum=0.0, epsilon=0.5)
        x = Input((3,))
        model = Model(x, layer(x))
        model.compile("sgd", "mse")
    data = RNG.rand(8, 3).astype("float32")
    model.fit(data, 0 * data, batch_size=8, verbose=0)
    seen = {"1": data.var(0) + 0.5, "2": data.var(0) * 8 / (8 - 1 - 0.5), "3": data.var(0)}[era[0]]
    np.testing.assert_allclose(layer.get_weights()[3], seen, rtol=1e-5)


NAMES = {
    "MultiHeadAttention": (2, 2),
    "Conv2D": (2, 2),
    "PReLU": (),
    "GlobalMaxPooling1D": (),
    "LSTM": (2,),
    "Dense": (2,),
}
IN_ERA_3 = ["multi_head_attention", "conv2d", "p_re_lu", "global_max_pooling1d", "lstm", "dense"]


@pytest.mark.parametrize("name, wanted", list(zip(NAMES, IN_ERA_3)))
def test_automatic_names(name, wanted):
    K.reset_uids()
    if name != "MultiHeadAttention":
        assert getattr(keras2.layers, name)(*NAMES[name]).name == f"{wanted}_1"
        K.reset_uids()
    of_3 = getattr(keras3.layers, name)
    assert [of_3(*NAMES[name]).name for _ in range(3)] == [wanted, f"{wanted}_1", f"{wanted}_2"]
    assert (keras2.Input((2,)).name, keras3.Input((2,)).name) == ("input_1", "input_layer")
    core = getattr(layers, name)
    made = core(*NAMES[name], 2) if name == "Conv2D" else core(*NAMES[name])
    assert made.name.startswith(core.__name__.lower())


@pytest.mark.parametrize(
    "dtype, wanted", [("mixed_bfloat16", "bfloat16"), ("mixed_float16", "float16"), ("float32", "float32")]
)
def test_the_number_type_of_a_layer(dtype, wanted):
    seen = []
    layer = keras3.layers.Dense(2, activation=lambda x: seen.append(str(x.dtype)) or x, dtype=dtype)
    layer(X)
    assert seen[-1] == wanted and layer.weights[0].dtype == "float32"
    assert layer.get_config()["dtype"]["config"]["name"] == dtype
    assert type(layer).from_config(keras3.layers.Dense(2, dtype=dtype).get_config()).compute_dtype == wanted


def test_a_layer_without_weights_computes_in_its_type():
    assert keras3.layers.Activation("softmax", dtype="float32")(X.astype("float16")).dtype == "float32"


@pytest.mark.parametrize("era, divisor", [("1.2", 1), ("2", 1), ("3", 2)])
def test_activity_penalties(era, divisor):
    with within_era(era):
        layer = layers.Dense(2, activity_regularizer="l2", input_shape=(3,))
        norm = layers.LayerNormalization(activity_regularizer="l1")
    x = Input((3,))
    y = norm(layer(x))
    data = X[:, 0]
    first, second, out = K.function([x], [layer.losses[0], norm.losses[0], y])([data])
    hidden = np.asarray(layer(data))
    np.testing.assert_allclose(first, 0.01 * (hidden**2).sum() / divisor, rtol=1e-5)
    np.testing.assert_allclose(second, 0.01 * np.abs(out).sum() / divisor, rtol=1e-5)
    assert norm.get_config()["activity_regularizer"] is not None


def test_configurations_of_keras_1_stay_without_later_arguments():
    for name in ("Dense", "BatchNormalization", "Embedding", "GaussianNoise", "MaxPooling1D", "UpSampling2D"):
        core = getattr(layers, name)
        args = {"Dense": (2,), "Embedding": (4, 2), "GaussianNoise": (0.5,)}.get(name, ())
        later = {argument for argument, told in core.__declared__.items() if told.later}
        assert later and not later & core(*args).get_config().keys()


def test_no_warning_where_masks_are_passed_on():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("Dropout", "LayerNormalization", "Softmax", "Identity"):
            args = (0.5,) if name == "Dropout" else ()
            np.testing.assert_array_equal(mask_behind(getattr(keras3.layers, name)(*args), [X], [FIRST]), FIRST)


def test_statistics_within_time_distributed_go_step_by_step():
    """Numbers of Keras 3.15, called alone and trained."""
    x = np.random.RandomState(0).rand(4, 3, 2).astype("float32")
    layer = keras3.layers.TimeDistributed(keras3.layers.BatchNormalization(momentum=0.5))
    y = np.asarray(layer(x, training=True))
    np.testing.assert_allclose(
        y[0].ravel(), [-0.270145, -1.563232, -0.138514, 0.350518, -0.002231, -0.416316], atol=1e-5
    )
    inputs = keras3.Input((3, 2))
    trained = keras3.layers.TimeDistributed(keras3.layers.BatchNormalization(momentum=0.5))
    model = keras3.Model(inputs, trained(inputs))
    model.compile("sgd", "mse")
    model.fit(x, x, batch_size=4, verbose=0)
    for weights in (layer.get_weights(), model.get_weights()):
        np.testing.assert_allclose(weights[2:], [[0.448534, 0.568236], [0.198336, 0.149529]], atol=1e-5)
