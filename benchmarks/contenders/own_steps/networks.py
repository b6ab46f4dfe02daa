"""The networks of the GAN and of the autoencoder, the same in horngate and in Keras 3."""

from typing import Any

from benchmarks.contenders.own_steps import LATENT, SLOPE


def adversaries(keras: Any) -> tuple[Any, Any]:
    """Return (a generator, a discriminator), made of the layers of `keras`."""
    layers = keras.layers
    generator = keras.Sequential(
        [
            layers.Input((LATENT["Gan"],)),
            layers.Dense(7 * 7 * 64),
            layers.LeakyReLU(SLOPE),
            layers.Reshape((7, 7, 64)),
            layers.Conv2DTranspose(64, 4, strides=2, padding="same"),
            layers.LeakyReLU(SLOPE),
            layers.Conv2DTranspose(32, 4, strides=2, padding="same"),
            layers.LeakyReLU(SLOPE),
            layers.Conv2D(1, 5, padding="same", activation="sigmoid"),
        ]
    )
    discriminator = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 4, strides=2, padding="same"),
            layers.LeakyReLU(SLOPE),
            layers.Conv2D(64, 4, strides=2, padding="same"),
            layers.LeakyReLU(SLOPE),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def autoencoder(keras: Any) -> tuple[Any, Any]:
    """Return (an encoder to means and logarithms of variances, a decoder), made of the layers of `keras`."""
    layers = keras.layers
    images = layers.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(images)
    x = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    encoder = keras.Model(images, [layers.Dense(LATENT["Vae"])(x), layers.Dense(LATENT["Vae"])(x)])
    decoder = keras.Sequential(
        [
            layers.Input((LATENT["Vae"],)),
            layers.Dense(7 * 7 * 64, activation="relu"),
            layers.Reshape((7, 7, 64)),
            layers.Conv2DTranspose(64, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(1, 3, padding="same", activation="sigmoid"),
        ]
    )
    return encoder, decoder
