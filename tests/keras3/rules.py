"""Initializers, regularizers and constraints with their arguments in Keras 3's words, and what they are called on.

KERAS_BACKEND=jax JAX_ENABLE_X64=1 python -m tests.keras3.rules

with Keras 3 installed, writes tests/golden/keras3/rules.npz.
"""

import pathlib

import numpy as np

FILE = pathlib.Path(__file__).parents[1] / "golden" / "keras3" / "rules.npz"
SCALED = ["GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"]
# Drawn: class, arguments, shape. Their spread is compared.
DRAWN = [(name, {}, shape) for name in SCALED for shape in ((40, 300), (3, 4, 20, 60), (2, 3, 3, 20, 30), (900,))]
DRAWN += [("GlorotNormal", {"input_axes": [0], "output_axes": [1, 2]}, (40, 20, 20))]
DRAWN += [
    ("VarianceScaling", {"scale": 3.0, "mode": mode, "distribution": kind}, (5, 40, 100))
    for mode in ("fan_in", "fan_out", "fan_avg")
    for kind in ("truncated_normal", "untruncated_normal", "uniform")
]
DRAWN += [
    ("RandomNormal", {"mean": 0.5, "stddev": 2.0}, (100, 100)),
    ("RandomUniform", {"minval": -1.0, "maxval": 3.0}, (100, 100)),
    ("TruncatedNormal", {"mean": 0.5, "stddev": 2.0}, (100, 100)),
    ("RandomNormal", {}, (100, 100)),
    ("RandomUniform", {}, (100, 100)),
    ("TruncatedNormal", {}, (100, 100)),
    ("Orthogonal", {"gain": 2.0}, (30, 200)),
    ("Orthogonal", {}, (3, 3, 20, 100)),
]
# The same numbers: class, arguments, shape.
EXACT = [
    ("Zeros", {}, (2, 3)),
    ("Ones", {}, (2, 3)),
    ("Constant", {"value": 2.5}, (2, 3)),
    ("Identity", {"gain": 3.0}, (3, 4)),
    ("STFT", {}, (8, 1, 5)),
    ("STFT", {"side": "imag", "window": "hamming", "scaling": "spectrum", "periodic": True}, (8, 1, 5)),
    ("STFT", {"window": "hann", "scaling": "density"}, (7, 1, 4)),
]
REGULARIZERS = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {"l1": 0.2, "l2": 0.1}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
]
CONSTRAINTS = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.7, "axis": 1}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0, "rate": 0.4, "axis": [0, 1]}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
]


def weight():
    """What regularizers and constraints are called on."""
    return np.random.default_rng(5).normal(size=(4, 6))


def spread(value):
    """What is compared of drawn numbers: mean, deviation, and the largest distance from the mean."""
    value = np.asarray(value, float)
    return np.array([value.mean(), value.std(), np.abs(value - value.mean()).max()])


def main():
    """Write what Keras 3 makes of all cases."""
    import jax
    import keras

    keras.config.set_floatx("float64")
    kept = {"keras": np.array(keras.__version__)}
    for i, (name, options, shape) in enumerate(DRAWN):
        seed = {} if name in ("Identity",) else {"seed": 1}
        kept[f"drawn{i}"] = spread(getattr(keras.initializers, name)(**options, **seed)(shape))
    for i, (name, options, shape) in enumerate(EXACT):
        kept[f"exact{i}"] = np.asarray(getattr(keras.initializers, name)(**options)(shape))
    w = jax.numpy.asarray(weight())
    for i, (name, options) in enumerate(REGULARIZERS):
        penalty = getattr(keras.regularizers, name)(**options)
        kept[f"penalty{i}"], kept[f"slope{i}"] = map(np.asarray, jax.value_and_grad(penalty)(w))
    for i, (name, options) in enumerate(CONSTRAINTS):
        kept[f"constraint{i}"] = np.asarray(getattr(keras.constraints, name)(**options)(w))
    np.savez_compressed(FILE, **kept)
    print(len(kept), "arrays,", FILE.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
