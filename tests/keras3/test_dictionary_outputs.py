"""Outputs, layers and weights under dictionaries stand in the order of the sorted keys, as in Keras 2 and 3."""

import numpy as np
import pytest

from horngate import keras3 as keras


def ends():
    a, z = keras.Input((2,), name="a"), keras.Input((3,), name="z")
    both = keras.layers.Concatenate()([z, a])
    price = keras.layers.Dense(1, name="price")(both)
    return {"z": z, "a": a}, {"price": price, "kind": keras.layers.Dense(4, activation="softmax", name="kind")(both)}


class OwnLoss(keras.Model):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(keras.losses.mean_squared_error(y["price"], y_pred["price"]))


def data():
    x = {"z": np.ones((8, 3), "float32"), "a": np.ones((8, 2), "float32")}
    return x, {"price": np.ones((8, 1), "float32"), "kind": np.arange(8)[:, None] % 4}


def test_the_order_is_that_of_the_keys():
    model = keras.Model(*ends())
    assert [x.shape for x in model.inputs] == [(None, 2), (None, 3)]
    assert [layer.name for layer in model.layers][-2:] == ["kind", "price"]
    assert [tuple(w.shape) for w in model.trainable_weights] == [(5, 4), (4,), (5, 1), (1,)]
    found = model.predict(data()[0], verbose=0)
    assert list(found) == ["price", "kind"] and found["kind"].shape == (8, 4)


@pytest.mark.parametrize("written", [("price", "kind"), ("kind", "price")])
def test_a_file_keeps_the_order(tmp_path, written):
    inputs, outputs = ends()
    model = keras.Model(inputs, {key: outputs[key] for key in written})
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    one, two = (each.predict(data()[0], verbose=0) for each in (model, again))
    assert [w.shape for w in again.weights] == [w.shape for w in model.weights]
    for key in written:
        np.testing.assert_allclose(one[key], two[key], rtol=1e-6)


@pytest.mark.parametrize("cls", [keras.Model, OwnLoss])
def test_metrics_with_names_of_their_own_stand_after_that_of_the_output(cls):
    model = cls(*ends())
    told = {} if cls is OwnLoss else {"loss": {"price": "mse", "kind": "sparse_categorical_crossentropy"}}
    metrics = {"price": ["mae"], "kind": [keras.metrics.SparseCategoricalAccuracy(name="acc")]}
    model.compile("sgd", metrics=metrics, **told)
    history = model.fit(*data(), verbose=0).history
    assert {"kind_acc", "price_mae", "loss"} <= set(history)


def test_targets_match_by_key_however_they_are_written():
    class Own(keras.Model):
        def train_step(self, data):
            return super().train_step(data)

    losses = []
    for order in (("price", "kind"), ("kind", "price")):
        model = Own(*ends())
        for weight in model.trainable_weights:
            weight.assign(np.full(weight.shape, 0.1))
        model.compile("sgd", loss={"price": "mse", "kind": "sparse_categorical_crossentropy"})
        x, y = data()
        losses.append(model.fit(x, {key: y[key] for key in order}, verbose=0).history["loss"])
    np.testing.assert_allclose(*losses)


class Second(keras.layers.Layer):
    """Takes a tensor by a name that sorts before that of the first; only the first has a mask."""

    def call(self, x, above, mask=None):
        first = mask[0] if isinstance(mask, (list, tuple)) else mask
        return x * keras.ops.cast(first, "float32")[..., None] + 0 * above


def test_masks_stay_with_the_arguments_of_a_call():
    tokens, other = keras.Input((3,), dtype="int32"), keras.Input((3, 2))
    embedded = keras.layers.Embedding(5, 2, mask_zero=True, embeddings_initializer="ones")(tokens)
    model = keras.Model([tokens, other], Second()(embedded, above=other))
    found = model.predict([np.array([[1, 0, 2]]), np.ones((1, 3, 2))], verbose=0)
    assert found[0, :, 0].tolist() == [1, 0, 1]


def test_a_list_of_results_is_in_the_order_of_keras_3():
    i = keras.Input((4,))
    outputs = [keras.layers.Dense(2, name=name)(i) for name in ("zeta", "alpha", "beta")]
    model = keras.Model(i, outputs)
    model.compile("sgd", ["mse", "mae", "mse"], metrics=[["mape", "mae"], ["msle"], None])
    x = np.random.RandomState(0).normal(size=(8, 4)).astype("float32")
    told = model.evaluate(x, [x[:, :2]] * 3, verbose=0, return_dict=True)
    order = ["loss", "zeta_loss", "alpha_loss", "beta_loss", "alpha_msle", "zeta_mae", "zeta_mape"]
    assert model.evaluate(x, [x[:, :2]] * 3, verbose=0) == pytest.approx([told[name] for name in order])
    assert np.mean(abs(model.predict(x, verbose=0)[0] - x[:, :2])) == pytest.approx(told["zeta_mae"], rel=1e-5)
