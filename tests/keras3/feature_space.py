"""A FeatureSpace with a column of each kind.

KERAS_BACKEND=tensorflow python -m tests.keras3.feature_space

writes it, and what it makes of the data, into tests/golden/keras3_files by a real Keras 3 that has TensorFlow.
"""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parents[1] / "golden" / "keras3_files"
DATA = {
    "text": np.array(["a", "b", "a", "c"]),
    "whole": np.array([1, 2, 2, 5]),
    "normal": np.array([1.0, 2, 3, 6]),
    "bins": np.array([0.0, 1, 2, 3]),
    "scaled": np.array([1.0, 2, 3, 4]),
    "plain": np.array([1.0, 2, 3, 4]),
    "hashed": np.array(["x", "y", "z", "x"]),
    "number": np.array([7, 8, 9, 7]),
}


def space(kind, mode="concat", form="one_hot"):
    """What `kind`, the class FeatureSpace, makes of the columns; not adapted."""
    return kind(
        {
            "text": kind.string_categorical(output_mode=form),
            "whole": kind.integer_categorical(num_oov_indices=2, output_mode=form),
            "normal": "float_normalized",
            "bins": kind.float_discretized(num_bins=2, output_mode=form),
            "scaled": kind.float_rescaled(scale=2.0, offset=1.0),
            "plain": "float",
            "hashed": kind.string_hashed(num_bins=4, output_mode=form),
            "number": kind.integer_hashed(num_bins=4, output_mode=form),
        },
        crosses=[kind.cross(("text", "whole"), crossing_dim=8, output_mode=form)],
        output_mode=mode,
    )


if __name__ == "__main__":
    import keras
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(DATA).batch(2)
    whole, apart = space(keras.utils.FeatureSpace), space(keras.utils.FeatureSpace, "dict", "int")
    whole.adapt(data)
    apart.adapt(data)
    whole.save(FOLDER / "feature_space.keras")
    numbers = {key: value.numpy() for key, value in apart(DATA).items()}
    np.savez(FOLDER / "feature_space.npz", concat=whole(DATA).numpy(), **numbers)
