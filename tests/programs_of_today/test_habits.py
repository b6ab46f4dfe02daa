"""What programs of today rely on beside numbers: the order of weights, states of cells, names, states of steps."""

import threading

import numpy as np
import pytest

import horngate
from horngate import keras2, keras3
from horngate.backend.config import within_era


def chain(keras):
    layers = keras.layers
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.BatchNormalization()])
    return keras.Sequential([keras.Input((3,)), layers.BatchNormalization(), inner, layers.Dense(2)])


@pytest.mark.parametrize("keras", [keras2, keras3], ids=["2", "3"])
def test_weights_stand_in_the_order_of_get_weights(keras):
    model = chain(keras)
    arrays = [np.full(w.shape, float(number)) for number, w in enumerate(model.weights)]
    model.set_weights(arrays)
    for variable, array, given in zip(model.weights, model.get_weights(), arrays):
        assert np.array_equal(variable.get_value(), array) and np.array_equal(array, given)


def test_weights_of_keras_1_stand_trained_ones_first():
    with within_era("1.2"):
        model = chain(horngate)
        assert model.weights == [*model.trainable_weights, *model.non_trainable_weights]


class Counting(keras3.layers.Layer):
    """A cell whose state begins at a number of its own and grows by 1."""

    def __init__(self, first, **kwargs):
        super().__init__(**kwargs)
        self.first, self.state_size = first, 1

    def call(self, inputs, states):
        return states[0] + 1.0, [states[0] + 1.0]

    def get_initial_state(self, batch_size=None):
        return [keras3.ops.full((batch_size, 1), self.first)]


@pytest.mark.parametrize("cells", [[5.0], [5.0, 7.0]], ids=["one", "stacked"])
def test_a_cell_says_its_first_state(cells):
    held = [Counting(first) for first in cells]
    layer = keras3.layers.RNN(held[0] if len(held) == 1 else held, return_sequences=True)
    inputs = keras3.Input((3, 2))
    model = keras3.Model(inputs, layer(inputs))
    expected = cells[-1] + np.arange(1.0, 4.0)
    assert np.array_equal(model.predict(np.zeros((2, 3, 2)), verbose=0)[1, :, 0], expected)


@pytest.mark.parametrize("era", ["2", "3"])
def test_both_ways_take_a_mask_in_every_era(era):
    with within_era(era):
        inputs = keras3.Input((4, 2))
        both = keras3.layers.Bidirectional(keras3.layers.GRU(3))
        model = keras3.Model(inputs, both(keras3.layers.Masking()(inputs)))
        x = np.ones((2, 4, 2), "float32")
        x[:, 2:] = 0
        short = keras3.Input((2, 2))
        assert np.allclose(model.predict(x, verbose=0), keras3.Model(short, both(short)).predict(x[:, :2], verbose=0))


def test_a_schedule_shows_the_rate_of_the_next_step():
    schedule = keras3.optimizers.schedules.PiecewiseConstantDecay([1], [0.5, 0.25])
    optimizer = keras3.optimizers.SGD(schedule)
    variable, rates = keras3.Variable(np.zeros(2)), []
    for _ in range(3):
        optimizer.apply([np.ones(2)], [variable])
        rates.append(float(np.asarray(optimizer.learning_rate)))
    assert rates == [0.5, 0.25, 0.25] and np.allclose(variable.numpy(), -1.25)


def test_functions_of_ops_are_in_its_parts_too():
    x = np.array([[1.0, 2.0]])
    for ops in (horngate.ops, keras3.ops):
        assert np.allclose(ops.nn.softmax(x), ops.softmax(x)) and float(ops.numpy.sum(x)) == 3.0
        assert float(ops.linalg.norm(x)) == pytest.approx(5**0.5)


def test_names_of_saving_and_utils_are_found_under_the_name_keras():
    for name in keras3.saving.__all__:
        assert getattr(horngate.saving, name) is not None
    assert keras3.utils.pad_sequences([[1], [2, 3]]).tolist() == [[0, 1], [2, 3]]
    assert horngate.utils.pad_sequences is horngate.preprocessing.sequence.pad_sequences


class Stateful(keras3.Model):
    """Steps in the form of JAX, which note how many parts their states have."""

    def train_step(self, state, data):
        self.parts["train"] = len(state)
        return {"loss": keras3.ops.mean(data)}, state

    def test_step(self, state, data):
        self.parts["test"] = len(state)
        return {"loss": keras3.ops.mean(data)}, state


def test_the_state_of_a_test_has_no_optimizer():
    inputs = keras3.Input((2,))
    model = Stateful(inputs, keras3.layers.Dense(1)(inputs))
    model.parts = {}
    model.compile("adam", "mse")
    model.fit(np.ones((4, 2)), verbose=0)
    model.evaluate(np.ones((4, 2)), verbose=0)
    assert model.parts == {"train": 4, "test": 3}


class Rows(keras3.utils.PyDataset):
    """Batches that note the thread that made them."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        threads.add(threading.current_thread().name)
        return np.full((2, 2), index, "float32"), np.zeros((2, 1), "float32")


threads: set[str] = set()


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_of_a_dataset_make_its_batches(workers):
    inputs = keras3.Input((2,))
    model = keras3.Model(inputs, keras3.layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    data = Rows(workers=workers, max_queue_size=5)
    threads.clear()
    model.fit(data, shuffle=False, verbose=0)
    assert (data.workers, data.max_queue_size) == (workers, 5) and len(threads) >= 1
    assert data.drawing == {"workers": workers, "ahead": 5, "processes": False}
    assert model.predict(data, verbose=0).shape == (8, 1)


def test_a_dataset_refuses_no_workers():
    with pytest.raises(ValueError, match="'workers': must be at least 1; received 0"):
        Rows(workers=0)
