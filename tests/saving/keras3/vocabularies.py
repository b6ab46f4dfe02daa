"""A model with layers that learned before training.

KERAS_BACKEND=tensorflow python -m tests.saving.keras3.vocabularies

writes it, and what it predicts, into tests/golden/keras3_files by a real Keras 3 that has TensorFlow.
"""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "golden" / "keras3_files"
NUMBERS, VALUES = np.array([[3], [1], [2], [9], [0]]), np.array([[0.5], [2.5], [8], [4], [1]])


def network(keras):
    """Layers that learned, beside those that were told; in a model within a model, too."""
    layers, learned = keras.layers, []
    for told in ({"mask_token": 0}, {"output_mode": "tf_idf", "num_oov_indices": 2}, {"output_mode": "count"}):
        learned.append(layers.IntegerLookup(**told))
        learned[-1].adapt(np.array([3, 3, 1, 2, 2, 2]))
    bins = layers.Discretization(num_bins=3)
    bins.adapt(np.arange(10.0))
    told = layers.IntegerLookup(vocabulary=[2, 9], idf_weights=[0.5, 0.75], output_mode="tf_idf")
    numbers, values = keras.Input((1,), dtype="int64"), keras.Input((1,))
    inner = keras.Sequential([keras.Input((1,), dtype="int64"), learned[2]])
    return keras.Model([numbers, values], [layer(numbers) for layer in (*learned[:2], inner, told)] + [bins(values)])


if __name__ == "__main__":
    import keras

    model = network(keras)
    model.save(FOLDER / "vocabularies.keras")
    outputs = [np.asarray(y) for y in model.predict([NUMBERS, VALUES], verbose=0)]
    np.savez(FOLDER / "vocabularies.npz", *outputs)
