"""Writes what metrics of the real Keras 3 give for `metric_cases`. Run it with a Python that has Keras 3 and JAX:

KERAS_BACKEND=jax python -m tests.keras3.write_metrics

writes tests/golden/keras3/metrics.npz.
"""

import pathlib

import keras
import numpy as np

from tests.keras3 import metric_cases

FILE = pathlib.Path(__file__).parents[1] / "golden" / "keras3" / "metrics.npz"


def main():
    kept = {"keras": np.array(keras.__version__)}
    for i, (name, options, kind) in enumerate(metric_cases.CASES):
        for weighted in (False, True):
            metric = getattr(keras.metrics, name)(**options)
            try:
                for y, p, w in metric_cases.batches(kind):
                    metric.update_state(y, p, w if weighted else None)
            except Exception as error:
                print(name, options, weighted, str(error)[:100])
                continue
            kept[f"{name}-{i}{'-weighted' if weighted else ''}"] = np.asarray(metric.result())
    np.savez_compressed(FILE, **kept)
    print(len(kept), "arrays,", FILE.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
