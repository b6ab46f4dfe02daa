"""`model.metrics` of a compiled model in Keras 3: names, order and results, recorded from Keras 3.15.1."""

import numpy as np
import pytest

from horngate import keras2
from horngate import keras3 as keras

X = np.linspace(0, 1, 24, dtype="float32").reshape(8, 3)
A, B = X[:, :1], np.eye(2, dtype="float32")[np.arange(8) % 2]
ONE, TWO = ("mae", "q"), ("a_mae", "a_mse", "b_accuracy")


def model(outputs, *told, **more):
    x = keras.Input((3,))
    made = {"a": keras.layers.Dense(1, name="a")(x), "b": keras.layers.Dense(2, "softmax", name="b")(x)}
    model = keras.Model(x, [made[name] for name in outputs] if len(outputs) > 1 else made[outputs])
    model.compile("sgd", *told, **more)
    return model


@pytest.mark.parametrize(
    ("make", "y", "names", "of_outputs"),
    [
        (lambda: model("a", "mse", metrics=["mae", keras.metrics.MeanSquaredError(name="q")]), A, ONE, ()),
        (lambda: model("a", "mse"), A, (), ()),
        (
            lambda: model(
                "ab",
                ["mse", "categorical_crossentropy"],
                metrics=[["mae"], ["accuracy"]],
                weighted_metrics=[["mse"], []],
            ),
            [A, B],
            TWO,
            ("a_loss", "b_loss"),
        ),
    ],
)
def test_metrics_are_told_as_keras_3_tells_them(make, y, names, of_outputs):
    made = make()
    first = ["loss", *["compile_metrics"] * bool(names)]
    assert [metric.name for metric in made.metrics] == first
    history = made.fit(X, y, verbose=0).history
    kept = made.metrics
    assert [metric.name for metric in kept] == [*first, *of_outputs]
    assert isinstance(kept[0], keras.metrics.Mean)
    for measure in (
        lambda: {name: value[-1] for name, value in history.items()},
        lambda: made.evaluate(X, y, verbose=0, return_dict=True),
    ):
        wanted, found = measure(), made.get_metrics_result()
        assert set(found) == set(wanted)
        for name, value in found.items():
            np.testing.assert_allclose(value, wanted[name], rtol=1e-6)
    assert tuple(kept[1].result()) == names if names else len(kept) == 1
    made.reset_metrics()
    assert not any(made.get_metrics_result().values())
    loss = np.ravel(made.train_on_batch(X, y))[0]
    np.testing.assert_allclose(kept[0].result(), loss, rtol=1e-6)
    kept[0].reset_state()
    assert float(made.metrics[0].result()) == 0


def test_before_keras_3_they_are_those_of_compile():
    made = keras2.Sequential([keras2.layers.Dense(1, input_dim=3)])
    made.compile("sgd", "mse", metrics=["mae"])
    assert made.metrics == ["mae"]


def test_metrics_of_a_subclass_follow():
    class Held(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.extra = keras.layers.Dense(1), keras.metrics.Mean(name="extra")

        def call(self, x):
            return self.dense(x)

    made = Held()
    made.compile("sgd", "mse", metrics=["mae"])
    made.fit(X, A, verbose=0)
    assert [metric.name for metric in made.metrics] == ["loss", "compile_metrics", "extra"]
