"""NaN in one number of one sample reaches what depends on that number, and no other sample: for every layer."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers
from horngate.layers import Masking
from horngate.models import Sequential
from tests.layers.conformance_table import ROWS
from tests.layers.test_conformance import Case

MOVED = (-25.0, -0.6, 0.45, 30.0)  # what a number is changed to, to find what depends on it
LEFT_OUT = {
    "Embedding": "its inputs are whole numbers",
    "AutoContrast": "gives an image that holds NaN as it is",
    "MelSpectrogram": "factors of 0 at the ends of its windows times NaN",
    "STFTSpectrogram": "the same",
    "Resizing": "a product with a matrix that holds 0",
}
CASES = [(name, i) for name in ROWS if name not in LEFT_OUT for i in range(len(ROWS[name]))]


class Probe:
    """The outputs of a layer, and the gradients of the sum of their squares by inputs and weights, as one program."""

    def __init__(self, name, i):
        self.case = case = Case(name, i)
        loss = K.sum(K.square(case.output))
        by = [*case.inputs, *case.layer.trainable_weights]
        self.function = K.Function([*case.inputs, K.learning_phase()], [case.output, *K.gradients(loss, by)])
        self.place = tuple(n // 2 for n in case.shapes[0])

    def run(self, value, sample=1):
        """Everything, with `value` in the middle of a sample of the first input."""
        data = [x.copy() for x in self.case.data]
        if value is not None:
            data[0][(sample, *self.place)] = value
        outputs, *gradients = self.function([*data, 0])
        count = len(data)
        return outputs, gradients[:count], gradients[count:]


@pytest.mark.parametrize("name, i", CASES, ids=[f"{name}-{i}" for name, i in CASES])
def test_nan_reaches_what_depends_on_it(name, i):
    """And infinity nothing beyond; what other samples do is the same, unless they meet in the statistics of a batch."""
    probe = Probe(name, i)
    clean, gradients, _ = probe.run(None)
    depends = np.any([probe.run(value)[0] != clean for value in MOVED], axis=0)
    others = [0, 2, 3]
    for value in (np.nan, np.inf, -np.inf):
        outputs, by_inputs, by_weights = probe.run(value)
        np.testing.assert_allclose(outputs[~depends], clean[~depends], rtol=1e-5, atol=1e-6)
        for found, was in zip(by_inputs, [] if depends[others].any() else gradients):
            np.testing.assert_allclose(found[others], was[others], rtol=1e-4, atol=1e-5)
        if np.isnan(value) and depends.any():
            assert np.isnan(outputs[depends]).all()
            assert np.isnan(by_inputs[0][(1, *probe.place)])
            assert not by_weights or any(np.isnan(gradient).any() for gradient in by_weights)


@pytest.mark.parametrize("loss", ["mse", "mae", "poisson", "binary_crossentropy", "hinge", "msle"])
def test_targets_that_do_not_count_may_be_nan(loss):
    """Steps that are masked, and those of weight 0: the step trained is the one without them."""
    x, y = np.random.RandomState(0).uniform(0.1, 1, (2, 4, 3, 2)).astype("float32")
    y, weights = y[..., :1], np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1], [2, 0, 1]], "float32")
    x[1, 2] = 0
    trained = []
    for held in (0.5, np.nan, np.inf):
        np.random.seed(1)
        model = Sequential(
            [Masking(0.0, input_shape=(3, 2)), layers.TimeDistributed(layers.Dense(1, activation="sigmoid"))]
        )
        model.compile("sgd", loss, sample_weight_mode="temporal")
        y[weights == 0] = y[1, 2] = held
        value = model.train_on_batch(x, y, sample_weight=weights)
        trained.append([value, *model.get_weights()])
    for other in trained[1:]:
        for a, b in zip(trained[0], other):
            np.testing.assert_allclose(b, a, rtol=1e-6)


def test_a_target_that_counts_may_not_be_nan():
    x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
    y[2] = np.nan
    model = Sequential([layers.Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    assert np.isnan(model.train_on_batch(x, y, sample_weight=np.array([1, 0, 2, 1])))
    assert np.isnan(model.get_weights()[0]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, 7.0])
def test_masking_by_a_value_that_equals_nothing(value):
    x = np.ones((2, 3, 2), "float32")
    x[0, 1], x[1, 2, 0] = value, value
    model = Sequential([Masking(value, input_shape=(3, 2)), layers.SimpleRNN(2, return_sequences=True)])
    outputs = model.predict(x)
    np.testing.assert_array_equal(outputs[0, 1], outputs[0, 0])
    assert np.isfinite(outputs[0]).all() and np.isnan(value) == np.isnan(outputs[1, 2]).all()
    np.testing.assert_array_equal(K.eval(Masking(value)(K.variable(x)))[0, 1], 0)
