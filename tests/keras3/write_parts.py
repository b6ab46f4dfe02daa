"""Writes what the real Keras 3 gives for `parts`, in float64. Run it with a Python that has Keras 3 and JAX:

KERAS_BACKEND=jax JAX_ENABLE_X64=1 python -m tests.keras3.write_parts

writes tests/golden/keras3/parts.npz.
"""

import pathlib

import jax
import keras
import numpy as np

from tests.keras3 import parts

FILE = pathlib.Path(__file__).parents[1] / "golden" / "keras3" / "parts.npz"


def with_gradient(function, x):
    """The value of a function, and the gradient of its weighted sum."""
    value = np.asarray(function(x))
    return value, np.asarray(jax.grad(lambda x: (function(x) * parts.weighting(value.shape)).sum())(x))


def activations():
    for name, several in parts.ACTIVATIONS.items():
        for i, options in enumerate(several):
            function = getattr(keras.activations, name)
            pair = with_gradient(lambda x, f=function, o=options: f(x, **o), jax.numpy.asarray(parts.activated()))
            yield f"activations.{name}-{i}", pair


def losses():
    for name, (kind, several) in parts.LOSSES.items():
        for i, options in enumerate(several):
            y, p, _ = parts.measured(kind, options)
            function = getattr(keras.losses, name)
            p = jax.numpy.asarray(p)
            yield f"losses.{name}-{i}", with_gradient(lambda p, f=function, y=y, o=options: f(y, p, **o), p)
    for i, (name, options, kind, weighted) in enumerate(parts.loss_classes()):
        y, p, w = parts.measured(kind, options)
        loss = getattr(keras.losses, name)(**options)
        w = w if weighted else None
        yield f"losses.{name}-class{i}", with_gradient(lambda p, f=loss, y=y, w=w: f(y, p, w), jax.numpy.asarray(p))


def main():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    kept = {"keras": np.array(keras.__version__)}
    for part in (activations, losses):
        for key, (value, gradient) in part():
            kept[f"{key}-value"], kept[f"{key}-gradient"] = value, gradient
    np.savez_compressed(FILE, **kept)
    print(len(kept), "arrays,", FILE.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
