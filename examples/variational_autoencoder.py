"""Digits from two numbers: a variational auto-encoder, and the map of all the digits that it can draw.

    python examples/variational_autoencoder.py [--quick]

The encoder says for each digit where in the plane it lies, and how surely; the decoder draws what lies at a place.
The loss closes over the encoder's tensors. Writes out/digit_map.png. After Kingma and Welling (2013).
"""

import sys
from pathlib import Path

import numpy as np

from horngate import backend as K
from horngate.datasets import digits
from horngate.layers import Dense, Input, Lambda
from horngate.models import Model
from horngate.preprocessing.image import plot_batch

QUICK = "--quick" in sys.argv
OUT = Path("out")


def sample(places):
    """A point near the mean, as far off as the variance allows."""
    mean, log_variance = places
    return mean + K.exp(log_variance / 2) * K.random_normal(shape=K.shape(mean), mean=0.0, std=1.0)


def main():
    """Train, then walk over the plane."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(3)
    (X, _), (X_test, _) = digits.load_data()
    X, X_test = (images.reshape(-1, 64).astype("float32") / 16 for images in (X, X_test))

    picture = Input(shape=(64,))
    hidden = Dense(256, activation="relu")(picture)
    mean, log_variance = Dense(2)(hidden), Dense(2)(hidden)
    point = Lambda(sample, output_shape=(2,))([mean, log_variance])
    widen, draw = Dense(256, activation="relu"), Dense(64, activation="sigmoid")
    model = Model(picture, draw(widen(point)))

    def loss(seen, drawn):
        likeness = 64 * K.mean(K.binary_crossentropy(drawn, seen), axis=-1)
        surprise = -0.5 * K.sum(1 + log_variance - K.square(mean) - K.exp(log_variance), axis=-1)
        return likeness + surprise

    model.compile("adam", loss)
    history = model.fit(X, X, batch_size=64, nb_epoch=2 if QUICK else 150, validation_data=(X_test, X_test), verbose=0)
    nats = [round(history.history["val_loss"][i], 2) for i in (0, -1)]
    print(f"{nats[0]} nats a test digit after the first epoch, {nats[1]} after the last")

    place = Input(shape=(2,))
    decoder = Model(place, draw(widen(place)))
    steps = np.linspace(-2, 2, 16)
    plane = np.array([(x, y) for y in steps[::-1] for x in steps])
    sheet = plot_batch(decoder.predict(plane).reshape(-1, 1, 8, 8), columns=16)
    sheet.resize((sheet.width * 3, sheet.height * 3)).save(OUT / "digit_map.png")


if __name__ == "__main__":
    main()
