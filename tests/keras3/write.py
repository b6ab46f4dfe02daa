"""Writes what the real Keras 3 gives for the cases, in float64. Run it with a Python that has Keras 3 and JAX:

KERAS_BACKEND=jax JAX_ENABLE_X64=1 python -m tests.keras3.write [CLASS ...]

writes tests/golden/keras3/layers.npz; of classes that are named only their cases, the others stay.
"""

import json
import pathlib
import sys

import jax
import keras
import numpy as np

from tests.keras3.cases import CASES, weighting

IN_FLOAT32 = [
    "SimpleRNN",
    "GRU",
    "LSTM",
    "RNN",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
]  # float64 is an error there
FILE = pathlib.Path(__file__).parents[1] / "golden" / "keras3" / "layers.npz"


def results(name, case):
    """Outputs, gradients by the inputs that are numbers, and by the weights; and the weights' shapes."""
    wide = "float32" if name in IN_FLOAT32 else "float64"
    jax.config.update("jax_enable_x64", wide == "float64")
    keras.config.set_floatx(wide)
    keras.config.set_dtype_policy(wide)
    layer = getattr(keras.layers, name)(*case.parts(keras.layers), **case.options_of(keras.layers))
    given = {n: x.astype(wide) if x.dtype.kind == "f" else x for n, x in case.inputs().items()}
    args, call = case.arguments(name, {n: jax.numpy.asarray(x) for n, x in given.items()})
    layer(*args, **call)
    places = {id(v): i for i, v in enumerate(layer.weights)}
    roles = ["positive" if "variance" in v.path else "any" for v in layer.weights]
    values = [jax.numpy.asarray(w, wide) for w in case.weights([tuple(v.shape) for v in layer.weights], roles)]

    def of(kind, values):
        return [values[places[id(v)]] if id(v) in places else v.value for v in kind]

    smooth = {n: x for n, x in given.items() if x.dtype.kind == "f"}

    def loss(smooth, trained):
        args, call = case.arguments(name, {**given, **smooth})
        fixed = of(layer.non_trainable_variables, values)
        out, after = layer.stateless_call(trained, fixed, *args, **call)
        outs = out if isinstance(out, (list, tuple)) else [out]
        return sum((o * weighting(o.shape)).sum() for o in outs), (outs, after)

    trained = of(layer.trainable_variables, values)
    grads, (outs, after) = jax.grad(loss, argnums=(0, 1), has_aux=True)(smooth, trained)
    found = {f"out{i}": o for i, o in enumerate(outs)}
    found |= {f"by_{n}": g for n, g in grads[0].items()}
    found |= {f"by_weight{i}": g for i, g in enumerate(grads[1])}
    if name == "BatchNormalization" and case.options.get("training"):
        found |= {f"after{i}": value for i, value in enumerate(after[-2:])}
    found["roles"] = np.array(roles, "U8")
    found["shapes"] = np.array(json.dumps([tuple(v.shape) for v in layer.weights]))
    return {key: np.asarray(value) for key, value in found.items()}


def main(names):
    kept = {}
    if names and FILE.exists():
        with np.load(FILE) as old:
            kept = {key: old[key] for key in old.files if key.partition("-")[0] not in names}
    for name in names or CASES:
        for i, case in enumerate(CASES[name]):
            kept |= {f"{name}-{i}-{key}": value for key, value in results(name, case).items()}
    np.savez_compressed(FILE, **{**kept, "keras": keras.__version__})
    print(len(kept), "arrays,", FILE.stat().st_size, "bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
