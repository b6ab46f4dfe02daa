"""A multi-layer perceptron from scratch, in NumPy alone: what happens inside the library, small enough to read.

Layer 0 is the input. Layer l computes, from the activations `a` of the layer before it,

    z = w a + b,    a' = sigmoid(z)

and learning goes downhill on the quadratic cost C = |a - y|^2 / 2, averaged over a mini-batch. A sample is a column, so
a matrix of shape (features, samples) takes a whole mini-batch through the network at once.

>>> network = Network([2, 3, 1], seed=0)
>>> network.feedforward(np.array([[0.0], [1.0]])).shape
(1, 1)
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

Pair: TypeAlias = tuple[np.ndarray, np.ndarray]  # an input and the wanted output, both columns


class Network:
    """A feedforward network of sigmoid neurons that learns by stochastic gradient descent.

    # Arguments
        sizes: the number of neurons in each layer, the input first: `[64, 30, 10]`.
        biases: one array of shape (neurons, 1) for each layer after the input.
        weights: one matrix of shape (neurons, neurons of the layer before) for each layer after the input.
        seed: makes the initial values and the order of samples repeatable.

    Biases and weights that are not given are drawn from the normal distribution with mean 0 and variance 1.

    # Raises
        ValueError: there are fewer than two layers, or a given array does not fit `sizes`.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        biases: Sequence[np.ndarray] | None = None,
        weights: Sequence[np.ndarray] | None = None,
        seed: int | None = None,
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"Network needs the sizes of at least two layers, such as [64, 10]; received {sizes!r}.")
        self.sizes: list[int] = list(sizes)
        self.num_layers: int = len(self.sizes)
        self.random: np.random.Generator = np.random.default_rng(seed)
        bias_shapes = [(n, 1) for n in self.sizes[1:]]
        weight_shapes = list(zip(self.sizes[1:], self.sizes[:-1]))
        self.biases: list[np.ndarray] = self._values("biases", biases, bias_shapes)
        self.weights: list[np.ndarray] = self._values("weights", weights, weight_shapes)

    def _values(self, name: str, given: Sequence[np.ndarray] | None, shapes: list[tuple[int, int]]) -> list[np.ndarray]:
        if given is None:
            return [self.random.standard_normal(shape) for shape in shapes]
        arrays = [np.array(value, dtype=float) for value in given]
        received = [array.shape for array in arrays]
        if received != shapes:
            raise ValueError(f"Network of sizes {self.sizes} needs {name} of shapes {shapes}; received {received}.")
        return arrays

    def feedforward(self, a: np.ndarray) -> np.ndarray:
        """The network's output for the input `a`, of shape (features, samples)."""
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(w @ a + b)
        return a

    def SGD(
        self,
        training_data: Iterable[Pair],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Iterable[tuple[np.ndarray, int]] | None = None,
    ) -> None:
        """Learn by stochastic gradient descent, and print a line after each epoch.

        # Arguments
            training_data: pairs (x, y) of column vectors: the input and the wanted output.
            epochs: how many times to go over the training data, each time in a new order.
            mini_batch_size: samples for one step.
            eta: the learning rate.
            test_data: pairs (x, label), the label a class number; with it each line tells how many are right.
        """
        training_data = list(training_data)
        if not training_data:
            raise ValueError("Network.SGD: training_data is empty; it needs at least one pair (x, y).")
        test_data = None if test_data is None else list(test_data)
        for epoch in range(epochs):
            order = self.random.permutation(len(training_data))
            for start in range(0, len(order), mini_batch_size):
                chosen = order[start : start + mini_batch_size]
                self.update_mini_batch([training_data[i] for i in chosen], eta)
            if test_data is None:
                print(f"Epoch {epoch} complete")
            else:
                print(f"Epoch {epoch}: {self.evaluate(test_data)} / {len(test_data)}")

    def update_mini_batch(self, mini_batch: Sequence[Pair], eta: float) -> None:
        """One step downhill: move against the cost's gradient, averaged over the pairs of `mini_batch`."""
        x = np.hstack([x for x, _ in mini_batch])
        y = np.hstack([y for _, y in mini_batch])
        nabla_b, nabla_w = self.backprop(x, y)
        step = eta / len(mini_batch)
        self.biases = [b - step * nb for b, nb in zip(self.biases, nabla_b)]
        self.weights = [w - step * nw for w, nw in zip(self.weights, nabla_w)]

    def backprop(self, x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The gradient of the cost, `(nabla_b, nabla_w)`: arrays shaped like `biases` and `weights`.

        `x` and `y` hold a sample in each column; the gradients of several samples are added up. With the error of a
        layer, delta = dC/dz, the four equations of backpropagation are

            (1)  of the last layer    delta = dC/da * sigmoid'(z)
            (2)  of a layer before    delta = (w_next^T delta_next) * sigmoid'(z)
            (3)  of the biases        dC/db = delta
            (4)  of the weights       dC/dw = delta a_before^T

        # Source
            D. Rumelhart, G. Hinton, R. Williams (1986), Learning representations by back-propagating errors.
        """
        activations, zs = self._forward(x)
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        nabla_b: list[np.ndarray] = []
        nabla_w: list[np.ndarray] = []
        for layer in reversed(range(self.num_layers - 1)):
            nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
            nabla_w.insert(0, delta @ activations[layer].T)
            if layer > 0:
                delta = (self.weights[layer].T @ delta) * sigmoid_prime(zs[layer - 1])
        return nabla_b, nabla_w

    def _forward(self, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The activations of every layer, the input's first, and the weighted sums z of every layer after it."""
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights):
            zs.append(w @ activations[-1] + b)
            activations.append(sigmoid(zs[-1]))
        return activations, zs

    def cost_derivative(self, output_activations: np.ndarray, y: np.ndarray) -> np.ndarray:
        """dC/da of the quadratic cost: how far the output is from the wanted one."""
        return output_activations - y

    def evaluate(self, test_data: Sequence[tuple[np.ndarray, int]]) -> int:
        """How many pairs (x, label) the network gets right: its answer is the output neuron that is most active."""
        x = np.hstack([x for x, _ in test_data])
        labels = np.array([label for _, label in test_data])
        answers = self.feedforward(x).argmax(axis=0)
        return int(np.sum(answers == labels))


def sigmoid(z: np.ndarray | float) -> np.ndarray:
    """1 / (1 + exp(-z)), between 0 and 1.

    >>> float(sigmoid(0.0))
    0.5
    """
    return 0.5 * (1.0 + np.tanh(0.5 * z))  # the same function, and no exponential that could overflow


def sigmoid_prime(z: np.ndarray | float) -> np.ndarray:
    """The slope of `sigmoid` at `z`."""
    s = sigmoid(z)
    return s * (1.0 - s)
