"""The help for tests finds what is wrong, and passes what is right."""

import numpy as np
import pytest

from horngate import backend as K
from horngate.layers import LSTM, Convolution2D, Dense, Dropout, Embedding, Layer
from horngate.utils.test_utils import get_test_data, keras_test, layer_test


@pytest.mark.parametrize(
    "cls, options",
    [
        (Dense, {"kwargs": {"output_dim": 3}, "input_shape": (3, 2)}),
        (Dropout, {"kwargs": {"p": 0.5}, "input_shape": (None, 2, 5)}),
        (Convolution2D, {"kwargs": {"nb_filter": 2, "nb_row": 3, "nb_col": 3}, "input_shape": (2, 3, 6, 5)}),
        (LSTM, {"kwargs": {"output_dim": 2, "stateful": True}, "input_shape": (3, 2, 4), "fixed_batch_size": True}),
        (
            Embedding,
            {
                "kwargs": {"output_dim": 4, "input_dim": 10, "input_length": 2},
                "input_shape": (3, 2),
                "input_dtype": "int32",
            },
        ),
    ],
)
def test_good_layers_pass(cls, options):
    assert np.isfinite(layer_test(cls, **options)).all()


class Liar(Layer):
    """Declares another shape than it gives."""

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], 7)


class Forgetful(Layer):
    """Does not write its argument down."""

    def __init__(self, factor=1.0, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return self.factor * x

    def get_config(self):
        return {"name": self.name}


def test_bad_layers_do_not():
    with pytest.raises(AssertionError, match="get_output_shape_for says"):
        layer_test(Liar, input_shape=(3, 2))
    with pytest.raises(AssertionError):
        layer_test(Forgetful, kwargs={"factor": 3.0}, input_shape=(3, 2))
    with pytest.raises(AssertionError):
        layer_test(Dropout, kwargs={"p": 0.5}, input_shape=(3, 2), expected_output=np.ones((3, 2)))


def test_data_can_be_learned():
    (X, y), (X_test, y_test) = get_test_data(300, 100, input_shape=(5,), nb_class=3)
    assert X.shape == (300, 5) and y_test.shape == (100,) and set(y) == {0, 1, 2}
    centres = np.array([X[y == k].mean(axis=0) for k in range(3)])
    nearest = np.argmin(((X_test[:, None] - centres) ** 2).sum(axis=2), axis=1)
    assert np.mean(nearest == y_test) > 0.8
    (_, y), _ = get_test_data(20, 5, output_shape=(2, 3), classification=False)
    assert y.shape == (20, 2, 3) and len(np.unique(y[:, 0, 0])) == 2


def test_names_begin_anew():
    @keras_test
    def named():
        return Dense(1).name

    Dense(1)
    assert named() == named() == "dense_1"
    assert K.get_uid("dense") == 1
