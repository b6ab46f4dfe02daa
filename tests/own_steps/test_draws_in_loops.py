"""Random draws in loops are new at each step, in graphs, layers, recordings and outside of them."""

import numpy as np
import pytest

import horngate
from horngate import keras3
from horngate.keras3 import layers, ops

X = np.ones(4, "float32")
GENERATOR = keras3.random.SeedGenerator(3)
SEEDS = {"none": None, "generator": GENERATOR, "fixed": 5}


def loops(seed):
    """Name -> a function of four numbers, each of which is drawn at another step of a loop."""

    def draw():
        return keras3.random.uniform((), seed=seed)

    def at(i):
        return ops.one_hot(i, 4) * draw()

    return {
        "scan": lambda x: ops.scan(lambda total, y: (total, draw() + 0 * y), ops.zeros(()), x)[1],
        "map": lambda x: ops.map(lambda y: y * 0 + draw(), x),
        "fori": lambda x: ops.fori_loop(0, 4, lambda i, found: found + at(i), x * 0),
        "while": lambda x: ops.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, y + at(i)), (0, x * 0))[1],
        "vectorized": lambda x: ops.vectorized_map(lambda y: y * 0 + draw(), x),
        "nested": lambda x: ops.map(lambda y: ops.sum(ops.map(lambda z: z * 0 + draw(), x)) + y * 0, x),
    }


class Looped(layers.Layer):
    """A layer that runs a loop over the first of its samples."""

    def __init__(self, loop):
        super().__init__()
        self.loop = loop

    def call(self, x):
        return self.loop(x[0])[None]


def taped(loop):
    with horngate.GradientTape():
        return loop(ops.convert_to_tensor(X))


WAYS = {
    "arrays": lambda loop: loop(X),
    "layer": lambda loop: Looped(loop)(X[None]),
    "graph": lambda loop: keras3.Sequential([keras3.Input(batch_shape=(1, 4)), Looped(loop)]).predict(X[None]),
    "function": lambda loop: horngate.function(loop)(X).numpy(),
    "tape": taped,
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("way", WAYS)
def test_each_step_draws_anew(way, seed):
    for name, loop in loops(SEEDS[seed]).items():
        found = np.ravel(np.asarray(WAYS[way](loop)))
        assert len(set(found.tolist())) == (1 if seed == "fixed" else 4), name


def test_symbols_of_random_functions_have_other_values_each_time():
    from horngate import backend as K

    drawn = K.random_normal((2,))
    assert not np.array_equal(drawn.evaluated(""), drawn.evaluated(""))


def test_updates_do_not_get_lost_in_a_loop():
    norm = layers.BatchNormalization()
    norm.build((None, 4))

    class Normed(layers.Layer):
        def __init__(self):
            super().__init__()
            self.norm = norm

        def call(self, x):
            return ops.map(lambda y: self.norm(y, training=True), x)

    with pytest.raises(ValueError, match="updates or losses, which cannot leave the loop"):
        Normed()(np.ones((3, 2, 4), "float32"))
