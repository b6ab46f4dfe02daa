"""Steps with a tape in horngate."""

import horngate
from benchmarks.contenders import horngate as networks
from benchmarks.contenders.own_steps import BETA_1, LATENT
from benchmarks.contenders.own_steps.networks import adversaries, autoencoder
from horngate import keras3 as keras
from horngate.callbacks import LambdaCallback
from horngate.keras3 import ops
from horngate.models import Model


class StepWithTape(Model):
    """What `fit` does, written out."""

    def train_step(self, data):
        x, y = data
        with horngate.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return {"loss": loss}


class CustomStep(networks.Contender):
    """The workload's network with a step of its own."""

    model_class = StepWithTape


class Adversaries(keras.Model):
    """A generator and a discriminator, each with its optimizer."""

    def __init__(self, rate):
        super().__init__()
        self.generator, self.discriminator = adversaries(keras)
        self.told = keras.losses.BinaryCrossentropy(from_logits=True)
        self.compile()
        self.d_optimizer = keras.optimizers.Adam(rate, beta_1=BETA_1)
        self.g_optimizer = keras.optimizers.Adam(rate, beta_1=BETA_1)

    def noise(self, images):
        return keras.random.normal((ops.shape(images)[0], LATENT["Gan"]))

    def train_step(self, data):
        real, _ = data
        fake = self.generator(self.noise(real), training=True)
        with horngate.GradientTape() as tape:
            of_real, of_fake = self.discriminator(real, training=True), self.discriminator(fake, training=True)
            d_loss = self.told(ops.ones_like(of_real), of_real) + self.told(ops.zeros_like(of_fake), of_fake)
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights))
        with horngate.GradientTape() as tape:
            of_fake = self.discriminator(self.generator(self.noise(real), training=True), training=True)
            g_loss = self.told(ops.ones_like(of_fake), of_fake)
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights))
        return {"loss": d_loss + g_loss}


class Autoencoder(keras.Model):
    """An encoder to means and variances, and a decoder."""

    def __init__(self, rate):
        super().__init__()
        self.encoder, self.decoder = autoencoder(keras)
        self.compile(keras.optimizers.Adam(rate))

    def train_step(self, data):
        images, _ = data
        with horngate.GradientTape() as tape:
            mean, log_variance = self.encoder(images, training=True)
            z = mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean))
            lost = keras.losses.binary_crossentropy(images, self.decoder(z, training=True))
            divergence = -0.5 * ops.sum(1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=1)
            loss = ops.mean(ops.sum(lost, axis=(1, 2))) + ops.mean(divergence)
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return {"loss": loss}


class Own:
    """A model with a step of its own, trained by `fit`."""

    model_class: type

    def __init__(self, workload, dtype="float32", variant=""):
        self.workload, self.model = workload, self.model_class(workload.rate)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        ends = LambdaCallback(on_epoch_end=lambda epoch, logs: ended())
        history = self.model.fit(X, y, self.workload.batch, epochs, verbose=0, callbacks=[ends])
        return history.history["loss"][-1]


class Gan(Own):
    """The generative adversarial network."""

    model_class = Adversaries


class Vae(Own):
    """The variational autoencoder."""

    model_class = Autoencoder
