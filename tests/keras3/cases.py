"""The cases: a layer's arguments in the words of Keras 3, the shapes of its inputs, and how it is called.

What goes in is drawn from a seed, so that only what comes out is kept (`tests/golden/keras3/layers.npz`).
"""

import zlib

import numpy as np

IMAGE, VOLUME, STEPS, FLAT = (2, 6, 7, 4), (2, 4, 5, 6, 3), (2, 7, 4), (3, 6)


class Case:
    """One case.

    # Arguments
        shapes: of the input, or by name of the inputs that its call takes; a shape of int 2 and the word "mask" make
            truth values.
        args, kwargs: those of the constructor.
        call: more keyword arguments of the call, which are no arrays.
    """

    def __init__(self, shapes, *args, call=None, **kwargs):
        self.shapes = shapes if isinstance(shapes, dict) else {"": shapes}
        self.args, self.kwargs, self.options = args, kwargs, call or {}

    def inputs(self):
        """The arrays that go in, by name; "" for the only one."""
        rng = np.random.default_rng(zlib.crc32(repr(self.shapes).encode()))
        found = {}
        for name, shape in self.shapes.items():
            if "mask" in name:
                found[name] = rng.uniform(size=shape) < 0.7
                found[name][..., 0] = True
            elif name == "numbers":
                found[name] = rng.integers(0, 5, shape)
            else:
                found[name] = rng.normal(size=shape)
        return found

    def weights(self, shapes, roles):
        """Values for weights of these shapes; those with the role "positive" are above 0."""
        rng = np.random.default_rng(len(shapes))
        return [
            rng.uniform(0.5, 1.5, shape) if role == "positive" else rng.normal(size=shape) * 0.5
            for shape, role in zip(shapes, roles, strict=True)
        ]


def weighting(shape):
    """By what the output is multiplied before it is summed, and the sum differentiated."""
    return np.random.default_rng(1).normal(size=shape)


CASES = {
    "LayerNormalization": [
        Case(FLAT),
        Case(STEPS, axis=[1, 2], epsilon=0.1),
        Case(IMAGE, axis=1, center=False),
        Case(IMAGE, scale=False),
        Case(IMAGE, -1, 0.01, False, False),
    ],
    "RMSNormalization": [Case(FLAT), Case(IMAGE, axis=[-2, -1], epsilon=0.1)],
    "GroupNormalization": [
        Case(IMAGE, 2),
        Case(IMAGE, groups=-1),
        Case(STEPS, groups=1, epsilon=0.1, center=False),
        Case((2, 4, 5, 3), groups=2, axis=1, scale=False),
        Case(FLAT, groups=2),
    ],
    "UnitNormalization": [Case(FLAT), Case(IMAGE, axis=[1, 2]), Case(STEPS, axis=1)],
}
