"""Writes what the functions of `ops` of the real Keras 3 give, into tests/golden/keras3/ops.npz.

KERAS_BACKEND=jax python -m tools.keras3_ops     with a Python that has Keras 3 and JAX
"""

from pathlib import Path

import jax
import keras
import numpy as np

from tests.keras3 import op_cases

FILE = Path(__file__).parents[1] / "tests" / "golden" / "keras3" / "ops.npz"


def main() -> None:
    """Write the file."""
    kept = {"keras": np.array(keras.__version__)}
    for key, (name, args, kwargs, smooth) in zip(op_cases.KEYS, op_cases.CASES):
        function = op_cases.found(keras.ops, name)
        for i, leaf in enumerate(op_cases.leaves(function(*args, **kwargs))):
            kept[f"{key}-{i}"] = np.asarray(leaf)

        def total(x, function=function, rest=args[1:], kwargs=kwargs):
            y = op_cases.leaves(function(x, *rest, **kwargs))[0]
            return (y * op_cases.weights(y.shape)).sum()

        if smooth:
            kept[f"{key}-gradient"] = np.asarray(jax.grad(total)(jax.numpy.asarray(args[0])))
    np.savez_compressed(FILE, **kept)
    print(len(kept), "arrays,", FILE.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
