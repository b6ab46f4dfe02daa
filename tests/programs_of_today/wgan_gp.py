"""Train a Wasserstein GAN with gradient penalty: nested tapes and several critic steps for each generator step."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers

NOISE = 6
rng = np.random.default_rng(1)


def conv_block(x, filters, activation, strides=(1, 1), use_bn=False):
    x = layers.Conv2D(filters, (3, 3), strides=strides, padding="same", use_bias=True)(x)
    if use_bn:
        x = layers.BatchNormalization()(x)
    return activation(x)


def upsample_block(x, filters, activation, use_bn=True):
    x = layers.UpSampling2D((2, 2))(x)
    x = layers.Conv2D(filters, (3, 3), padding="same", use_bias=False)(x)
    if use_bn:
        x = layers.BatchNormalization()(x)
    if activation:
        x = activation(x)
    return x


def get_discriminator_model():
    img_input = layers.Input(shape=(7, 7, 1))
    x = layers.ZeroPadding2D((1, 1))(img_input)
    x = conv_block(x, 4, layers.LeakyReLU(0.2), strides=(2, 2))
    x = conv_block(x, 4, layers.LeakyReLU(0.2), strides=(2, 2))
    x = layers.Flatten()(x)
    x = layers.Dense(1)(x)
    return keras.models.Model(img_input, x, name="discriminator")


def get_generator_model():
    noise = layers.Input(shape=(NOISE,))
    x = layers.Dense(4 * 4 * 4, use_bias=False)(noise)
    x = layers.BatchNormalization()(x)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Reshape((4, 4, 4))(x)
    x = upsample_block(x, 1, layers.Activation("tanh"))
    x = layers.Cropping2D(((0, 1), (1, 0)))(x)
    return keras.models.Model(noise, x, name="generator")


class WGAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim, discriminator_extra_steps=2, gp_weight=10.0):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.d_steps = discriminator_extra_steps
        self.gp_weight = gp_weight

    def compile(self, d_optimizer, g_optimizer, d_loss_fn, g_loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.d_loss_fn = d_loss_fn
        self.g_loss_fn = g_loss_fn

    def gradient_penalty(self, batch_size, real_images, fake_images):
        alpha = tf.ones((batch_size, 1, 1, 1)) * 0.3
        diff = fake_images - real_images
        interpolated = real_images + alpha * diff

        with tf.GradientTape() as gp_tape:
            gp_tape.watch(interpolated)
            pred = self.discriminator(interpolated, training=True)
        grads = gp_tape.gradient(pred, interpolated)
        norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=(1, 2, 3)))
        return tf.reduce_mean((norm - 1.0) ** 2)

    def train_step(self, data):
        real_images, latent = data
        batch_size = tf.shape(real_images)[0]

        for i in range(self.d_steps):
            with tf.GradientTape() as tape:
                fake_images = self.generator(latent * (i + 1.0), training=True)
                fake_logits = self.discriminator(fake_images, training=True)
                real_logits = self.discriminator(real_images, training=True)
                d_cost = self.d_loss_fn(real_img=real_logits, fake_img=fake_logits)
                gp = self.gradient_penalty(batch_size, real_images, fake_images)
                d_loss = d_cost + gp * self.gp_weight
            d_gradient = tape.gradient(d_loss, self.discriminator.trainable_variables)
            self.d_optimizer.apply_gradients(zip(d_gradient, self.discriminator.trainable_variables))

        with tf.GradientTape() as tape:
            generated_images = self.generator(latent, training=True)
            gen_img_logits = self.discriminator(generated_images, training=True)
            g_loss = self.g_loss_fn(gen_img_logits)
        gen_gradient = tape.gradient(g_loss, self.generator.trainable_variables)
        self.g_optimizer.apply_gradients(zip(gen_gradient, self.generator.trainable_variables))
        return {"d_loss": d_loss, "g_loss": g_loss}


def discriminator_loss(real_img, fake_img):
    return tf.reduce_mean(fake_img) - tf.reduce_mean(real_img)


def generator_loss(fake_img):
    return -tf.reduce_mean(fake_img)


g_model, d_model = get_generator_model(), get_discriminator_model()
for model in (g_model, d_model):
    model.set_weights(
        [
            rng.uniform(0.1, 1.0, w.shape) if "moving_variance" in w.path else rng.normal(0, 0.3, w.shape)
            for w in model.weights
        ]
    )
images = rng.uniform(-1, 1, size=(12, 7, 7, 1)).astype("float32")
latent = rng.normal(size=(12, NOISE)).astype("float32")

wgan = WGAN(discriminator=d_model, generator=g_model, latent_dim=NOISE)
wgan.compile(
    d_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5, beta_2=0.9),
    g_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5, beta_2=0.9),
    g_loss_fn=generator_loss,
    d_loss_fn=discriminator_loss,
)
history = wgan.fit(images, latent, batch_size=6, epochs=5, shuffle=False, verbose=0)
g_model.save_weights("generator.weights.h5")
other = get_generator_model()
other.load_weights("generator.weights.h5")
record = {
    "losses": history.history["d_loss"] + history.history["g_loss"],
    "checksum": float(np.abs(other.predict(latent, verbose=0)).sum()),
}
print(json.dumps(record))
