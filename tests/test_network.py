"""The perceptron from scratch: its gradients, its learning, and the same network in horngate."""

import numpy as np
import pytest

from horngate.datasets import digits
from horngate.network import Network, sigmoid, sigmoid_prime

SIZES = [5, 4, 6, 3]


def samples(count, seed=1):
    generator = np.random.default_rng(seed)
    return generator.standard_normal((SIZES[0], count)), generator.random((SIZES[-1], count))


def digit_pairs():
    (X_train, y_train), (X_test, y_test) = digits.load_data()
    columns = [(X.reshape(-1, 64, 1) / 16.0) for X in (X_train, X_test)]
    wanted = np.eye(10)[y_train][:, :, None]
    return list(zip(columns[0], wanted)), list(zip(columns[1], y_test))


def cost(network, x, y):
    return 0.5 * np.sum((network.feedforward(x) - y) ** 2)


@pytest.mark.parametrize("kind", ["biases", "weights"])
@pytest.mark.parametrize("count", [1, 7])
def test_backprop_against_finite_differences(kind, count):
    network, step = Network(SIZES, seed=0), 1e-5
    x, y = samples(count)
    gradients = dict(zip(("biases", "weights"), network.backprop(x, y)))[kind]
    for values, gradient in zip(getattr(network, kind), gradients):
        assert gradient.shape == values.shape
        for index in np.ndindex(values.shape):
            kept = values[index]
            values[index] = kept + step
            above = cost(network, x, y)
            values[index] = kept - step
            below = cost(network, x, y)
            values[index] = kept
            np.testing.assert_allclose(gradient[index], (above - below) / (2 * step), rtol=1e-5, atol=1e-9)


def test_gradients_of_several_columns_are_the_sum_of_theirs():
    network = Network(SIZES, seed=0)
    x, y = samples(4)
    together = network.backprop(x, y)
    alone = [network.backprop(x[:, [i]], y[:, [i]]) for i in range(4)]
    for kind in (0, 1):
        for layer, gradient in enumerate(together[kind]):
            np.testing.assert_allclose(gradient, sum(one[kind][layer] for one in alone), rtol=1e-12, atol=1e-14)


def test_update_moves_against_the_mean_gradient():
    network = Network(SIZES, seed=0)
    x, y = samples(4)
    before = [w.copy() for w in network.weights]
    _, nabla_w = network.backprop(x, y)
    network.update_mini_batch([(x[:, [i]], y[:, [i]]) for i in range(4)], eta=0.5)
    for old, new, gradient in zip(before, network.weights, nabla_w):
        np.testing.assert_allclose(new, old - 0.5 * gradient / 4, rtol=1e-12)


def test_gradients_are_those_of_the_same_network_in_horngate():
    from horngate.layers import Dense
    from horngate.models import Sequential
    from horngate.optimizers import SGD

    network, count = Network(SIZES, seed=0), 7
    x, y = samples(count)
    model = Sequential([Dense(SIZES[1], activation="sigmoid", input_dim=SIZES[0])])
    for size in SIZES[2:]:
        model.add(Dense(size, activation="sigmoid"))
    # 'mse' is the mean over outputs of |a - y|^2: 2 / outputs times the quadratic cost
    model.compile(loss="mse", optimizer=SGD(lr=SIZES[-1] / 2))
    kept = [array for w, b in zip(network.weights, network.biases) for array in (w.T, b[:, 0])]
    model.set_weights(kept)
    np.testing.assert_allclose(model.predict(x.T), network.feedforward(x).T, rtol=1e-5, atol=1e-6)

    model.train_on_batch(x.T, y.T)
    nabla_b, nabla_w = network.backprop(x, y)
    expected = [array / count for w, b in zip(nabla_w, nabla_b) for array in (w.T, b[:, 0])]
    for old, new, gradient in zip(kept, model.get_weights(), expected):
        np.testing.assert_allclose(old - new, gradient, rtol=1e-4, atol=1e-6)


def test_learns_the_digits(capsys):
    training, testing = digit_pairs()
    network = Network([64, 30, 10], seed=0)
    network.SGD(training, epochs=15, mini_batch_size=10, eta=3.0, test_data=testing)
    right = network.evaluate(testing)
    assert right > 0.9 * len(testing)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 15 and lines[-1] == f"Epoch 14: {right} / 360"


def test_a_seed_repeats_the_training(capsys):
    training, _ = digit_pairs()
    networks = [Network([64, 8, 10], seed=5) for _ in range(2)]
    for network in networks:
        network.SGD(training[:50], epochs=2, mini_batch_size=8, eta=1.0)
    np.testing.assert_array_equal(networks[0].weights[0], networks[1].weights[0])
    assert capsys.readouterr().out.splitlines() == ["Epoch 0 complete", "Epoch 1 complete"] * 2


def test_attributes_and_given_values():
    weights = [np.ones((4, 2)), np.full((1, 4), 2.0)]
    network = Network([2, 4, 1], weights=weights, biases=[np.zeros((4, 1)), np.zeros((1, 1))])
    assert (network.num_layers, network.sizes) == (3, [2, 4, 1])
    hidden = 1 / (1 + np.exp(-3.0))
    expected = 1 / (1 + np.exp(-8 * hidden))
    np.testing.assert_allclose(network.feedforward(np.array([[1.0], [2.0]])), [[expected]], rtol=1e-12)
    network.update_mini_batch([(np.ones((2, 1)), np.zeros((1, 1)))], eta=1.0)
    np.testing.assert_array_equal(weights[0], np.ones((4, 2)))


def test_sigmoid_and_its_slope():
    z = np.array([-2.0, 0.0, 0.5])
    np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-12)
    np.testing.assert_allclose(sigmoid_prime(z), np.exp(-z) / (1 + np.exp(-z)) ** 2, rtol=1e-12)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(sigmoid(np.array([-1e4, 1e4])), [0.0, 1.0])


@pytest.mark.parametrize(
    "arguments, named",
    [
        (dict(sizes=[3]), "at least two layers"),
        (dict(sizes=[3, 2], weights=[np.ones((3, 2))]), "weights of shapes [(2, 3)]; received [(3, 2)]"),
        (dict(sizes=[3, 2], biases=[np.ones((2, 1))] * 2), "biases of shapes [(2, 1)]"),
    ],
)
def test_what_does_not_fit_is_named(arguments, named):
    with pytest.raises(ValueError) as error:
        Network(**arguments)
    assert named in str(error.value)


def test_empty_training_data_is_named():
    with pytest.raises(ValueError, match="training_data is empty"):
        Network([2, 1]).SGD([], epochs=1, mini_batch_size=1, eta=1.0)
