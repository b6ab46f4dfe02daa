"""Write the files that every later release must read: `python write_release_files.py`, once for each release.

They go into tests/golden/written/VERSION and stay there for ever.
"""

from pathlib import Path

import numpy as np

import horngate
from horngate.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Bidirectional,
    Convolution1D,
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    MaxPooling2D,
    merge,
)
from horngate.models import Model, Sequential

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "written" / horngate.__version__


def pictures():
    """A convolutional network, trained with Adam."""
    model = Sequential(
        [
            Convolution2D(3, 3, 3, input_shape=(2, 6, 6), activation="relu", W_regularizer="l2"),
            BatchNormalization(axis=1),
            MaxPooling2D((2, 2)),
            Flatten(),
            Dropout(0.5),
            Dense(3, activation="softmax", W_constraint="maxnorm"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    images, classes = np.random.normal(size=(5, 2, 6, 6)), [0, 1, 2, 0, 1]
    return model, [images.astype("float32")], [np.eye(3, dtype="float32")[classes]]


def words():
    """Recurrent layers of each kind, trained with RMSprop."""
    model = Sequential(
        [
            Embedding(9, 4, input_length=6, mask_zero=True),
            Bidirectional(LSTM(3, return_sequences=True)),
            GRU(2, return_sequences=True, consume_less="gpu"),
        ]
    )
    model.compile("rmsprop", "mse")
    return model, [np.random.randint(0, 9, (5, 6))], [np.random.normal(size=(5, 6, 2)).astype("float32")]


def branches():
    """A functional model with a shared layer and two outputs, trained with momentum."""
    a, b, shared = Input((6, 3), name="a"), Input((6, 3), name="b"), Convolution1D(2, 3, name="shared")
    both = [Flatten()(shared(x)) for x in (a, b)]
    model = Model([a, b], [Dense(2, name="first")(merge(both, mode="concat")), Dense(1, name="second")(both[0])])
    model.compile("sgd", {"first": "mse", "second": "mae"}, loss_weights={"first": 1.0, "second": 0.5})
    data = [np.random.normal(size=(5, 6, 3)).astype("float32") for _ in range(2)]
    return model, data, [np.random.normal(size=(5, n)).astype("float32") for n in (2, 1)]


def main():
    """Write a model, its weights and its architecture, with what it predicts and its next loss."""
    FOLDER.mkdir(parents=True)
    np.random.seed(0)
    for build in (pictures, words, branches):
        (model, inputs, targets), name = build(), build.__name__
        x, y = (items if len(items) > 1 else items[0] for items in (inputs, targets))
        model.train_on_batch(x, y)
        outputs = model.predict(x)
        model.save(FOLDER / f"{name}.h5")
        model.save_weights(FOLDER / f"{name}-weights.h5")
        model.save_weights(FOLDER / f"{name}-weights.safetensors")
        (FOLDER / f"{name}.json").write_text(model.to_json())
        (FOLDER / f"{name}.yaml").write_text(model.to_yaml())
        kinds = {"input": inputs, "target": targets, "output": outputs if isinstance(outputs, list) else [outputs]}
        arrays = {f"{kind}_{i}": array for kind, items in kinds.items() for i, array in enumerate(items)}
        np.savez(FOLDER / f"{name}.npz", next_loss=np.ravel(model.train_on_batch(x, y)), **arrays)


if __name__ == "__main__":
    main()
