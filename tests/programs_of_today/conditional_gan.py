"""Train a conditional GAN: one-hot labels join the images as channels and the noise as features."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

image_size, num_channels, num_classes, latent_dim = 8, 1, 3, 5
generator_in_channels = latent_dim + num_classes
discriminator_in_channels = num_channels + num_classes

rng = np.random.default_rng(2)
labels = np.arange(12) % num_classes
all_images = (rng.uniform(size=(12, 8, 8, 1)) + labels[:, None, None, None] / 3).astype("float32")
all_labels = keras.utils.to_categorical(labels, num_classes)
noise = rng.normal(size=(12, latent_dim)).astype("float32")

discriminator = keras.Sequential(
    [
        keras.layers.InputLayer(shape=(8, 8, discriminator_in_channels)),
        layers.Conv2D(6, (3, 3), strides=(2, 2), padding="same"),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Conv2D(8, (3, 3), strides=(2, 2), padding="same"),
        layers.LeakyReLU(negative_slope=0.2),
        layers.GlobalMaxPooling2D(),
        layers.Dense(1),
    ],
    name="discriminator",
)
generator = keras.Sequential(
    [
        keras.layers.InputLayer(shape=(generator_in_channels,)),
        layers.Dense(2 * 2 * generator_in_channels),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Reshape((2, 2, generator_in_channels)),
        layers.UpSampling2D((2, 2), interpolation="bilinear"),
        layers.Conv2D(6, (4, 4), padding="same"),
        layers.LeakyReLU(negative_slope=0.2),
        layers.UpSampling2D((2, 2), interpolation="bilinear"),
        layers.Conv2D(6, (4, 4), padding="same"),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Conv2D(1, (7, 7), padding="same", activation="sigmoid"),
    ],
    name="generator",
)


class ConditionalGAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.gen_loss_tracker = keras.metrics.Mean(name="generator_loss")
        self.disc_loss_tracker = keras.metrics.Mean(name="discriminator_loss")

    @property
    def metrics(self):
        return [self.gen_loss_tracker, self.disc_loss_tracker]

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    def train_step(self, data):
        (real_images, random_latent), one_hot_labels = data
        image_one_hot_labels = one_hot_labels[:, :, None, None]
        image_one_hot_labels = ops.repeat(image_one_hot_labels, repeats=image_size * image_size, axis=2)
        image_one_hot_labels = ops.reshape(image_one_hot_labels, (-1, image_size, image_size, num_classes))

        batch_size = ops.shape(real_images)[0]
        random_vector_labels = ops.concatenate([random_latent, one_hot_labels], axis=1)
        generated_images = self.generator(random_vector_labels)
        fake_image_and_labels = ops.concatenate([generated_images, image_one_hot_labels], -1)
        real_image_and_labels = ops.concatenate([real_images, image_one_hot_labels], -1)
        combined_images = ops.concatenate([fake_image_and_labels, real_image_and_labels], axis=0)
        labels = ops.concatenate([ops.ones((batch_size, 1)), ops.zeros((batch_size, 1))], axis=0)

        with tf.GradientTape() as tape:
            predictions = self.discriminator(combined_images)
            d_loss = self.loss_fn(labels, predictions)
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))

        misleading_labels = ops.zeros((batch_size, 1))
        with tf.GradientTape() as tape:
            fake_images = self.generator(random_vector_labels)
            fake_image_and_labels = ops.concatenate([fake_images, image_one_hot_labels], -1)
            predictions = self.discriminator(fake_image_and_labels)
            g_loss = self.loss_fn(misleading_labels, predictions)
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))

        self.gen_loss_tracker.update_state(g_loss)
        self.disc_loss_tracker.update_state(d_loss)
        return {"g_loss": self.gen_loss_tracker.result(), "d_loss": self.disc_loss_tracker.result()}


for model in (generator, discriminator):
    model.set_weights([rng.normal(0, 0.2, w.shape) for w in model.get_weights()])
cond_gan = ConditionalGAN(discriminator=discriminator, generator=generator, latent_dim=latent_dim)
cond_gan.compile(
    d_optimizer=keras.optimizers.Adam(learning_rate=0.003),
    g_optimizer=keras.optimizers.Adam(learning_rate=0.003),
    loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
)
history = cond_gan.fit((all_images, noise), all_labels, batch_size=6, epochs=5, shuffle=False, verbose=0)

trained_gen = cond_gan.generator
interpolation_noise = np.repeat(rng.normal(size=(1, latent_dim)), 4, axis=0)


def interpolate_class(first_number, second_number):
    first_label = ops.cast(keras.utils.to_categorical([first_number], num_classes), "float32")
    second_label = ops.cast(keras.utils.to_categorical([second_number], num_classes), "float32")
    percent_second_label = ops.linspace(0, 1, 4)[:, None]
    percent_second_label = ops.cast(percent_second_label, "float32")
    interpolation_labels = first_label * (1 - percent_second_label) + second_label * percent_second_label
    noise_and_labels = ops.concatenate([ops.cast(interpolation_noise, "float32"), interpolation_labels], 1)
    return trained_gen.predict(noise_and_labels, verbose=0)


record = {
    "losses": history.history["g_loss"] + history.history["d_loss"],
    "interpolated": [float(v) for v in interpolate_class(0, 2).mean(axis=(1, 2, 3))],
    "checksum": float(interpolate_class(1, 2).sum()),
}
print(json.dumps(record))
