"""Train a variational autoencoder: a Sampling layer, metric trackers, and train_step with a tape."""

import json
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

latent_dim = 2
rng = np.random.default_rng(4)


class Sampling(layers.Layer):
    """Use (z_mean, z_log_var) to sample z, the vector encoding a digit."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        batch = ops.shape(z_mean)[0]
        dim = ops.shape(z_mean)[1]
        epsilon = keras.random.normal(shape=(batch, dim), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon * 0.0


encoder_inputs = keras.Input(shape=(8, 8, 1))
x = layers.Conv2D(4, 3, activation="relu", strides=2, padding="same")(encoder_inputs)
x = layers.Conv2D(6, 3, activation="relu", strides=2, padding="same")(x)
x = layers.Flatten()(x)
x = layers.Dense(16, activation="relu")(x)
z_mean = layers.Dense(latent_dim, name="z_mean")(x)
z_log_var = layers.Dense(latent_dim, name="z_log_var")(x)
z = Sampling()([z_mean, z_log_var])
encoder = keras.Model(encoder_inputs, [z_mean, z_log_var, z], name="encoder")
encoder.summary()

latent_inputs = keras.Input(shape=(latent_dim,))
x = layers.Dense(2 * 2 * 6, activation="relu")(latent_inputs)
x = layers.Reshape((2, 2, 6))(x)
x = layers.Conv2DTranspose(6, 3, activation="relu", strides=2, padding="same")(x)
x = layers.Conv2DTranspose(4, 3, activation="relu", strides=2, padding="same")(x)
decoder_outputs = layers.Conv2DTranspose(1, 3, activation="sigmoid", padding="same")(x)
decoder = keras.Model(latent_inputs, decoder_outputs, name="decoder")
decoder.summary()


class VAE(keras.Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
        self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.reconstruction_loss_tracker, self.kl_loss_tracker]

    def train_step(self, data):
        with tf.GradientTape() as tape:
            z_mean, z_log_var, z = self.encoder(data)
            reconstruction = self.decoder(z)
            reconstruction_loss = ops.mean(ops.sum(keras.losses.binary_crossentropy(data, reconstruction), axis=(1, 2)))
            kl_loss = -0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var))
            kl_loss = ops.mean(ops.sum(kl_loss, axis=1))
            total_loss = reconstruction_loss + kl_loss
        grads = tape.gradient(total_loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        self.total_loss_tracker.update_state(total_loss)
        self.reconstruction_loss_tracker.update_state(reconstruction_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {
            "loss": self.total_loss_tracker.result(),
            "reconstruction_loss": self.reconstruction_loss_tracker.result(),
            "kl_loss": self.kl_loss_tracker.result(),
        }


digits = rng.uniform(size=(24, 8, 8)).astype("float32")
digits = np.expand_dims(digits, -1).astype("float32")
vae = VAE(encoder, decoder)
vae.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01))
for weight in vae.trainable_weights:
    weight.assign(rng.normal(0, 0.3, weight.shape))
history = vae.fit(digits, epochs=10, batch_size=8, shuffle=False, verbose=0)

grid_x = np.linspace(-1.0, 1.0, 3)
figure = np.zeros((8 * 3, 8))
for i, xi in enumerate(grid_x):
    z_sample = np.array([[xi, -xi]])
    x_decoded = vae.decoder.predict(z_sample, verbose=0)
    figure[i * 8 : (i + 1) * 8] = x_decoded[0].reshape(8, 8)
os.makedirs("models", exist_ok=True)
vae.encoder.save("models/encoder.keras")
encoder_2 = keras.models.load_model("models/encoder.keras", custom_objects={"Sampling": Sampling})
means, log_vars, _ = encoder_2.predict(digits, verbose=0)
record = {
    "losses": history.history["loss"],
    "kl": history.history["kl_loss"],
    "figure": float(figure.sum()),
    "checksum": float(np.abs(means).sum() + log_vars.sum()),
}
print(json.dumps(record))
