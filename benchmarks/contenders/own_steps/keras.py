"""Steps in the form that Keras 3 has for JAX: pure functions of the state."""

import jax
import keras
from keras import ops

from benchmarks.contenders import keras as networks
from benchmarks.contenders.own_steps import BETA_1, LATENT
from benchmarks.contenders.own_steps.networks import adversaries, autoencoder


def fitted(model, X, y, batch, epochs, ended):
    """Train; `ended` is called after each epoch. Returns what the last one lost."""
    ends = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ended())
    history = model.fit(X, y, batch_size=batch, epochs=epochs, verbose=0, callbacks=[ends])
    return history.history["lost"][-1]


class PureStep(keras.Model):
    """What `fit` does, written out. Keras reads logs named as its own metrics, such as `loss`, from these."""

    def losses_of(self, trained, fixed, x, y):
        told, fixed = self.stateless_call(trained, fixed, x, training=True)
        return self.compute_loss(x, y, told), fixed

    def train_step(self, state, data):
        trained, fixed, slots, metrics = state
        of = jax.value_and_grad(self.losses_of, has_aux=True)
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        (loss, fixed), gradients = of(trained, fixed, x, y)
        trained, slots = self.optimizer.stateless_apply(slots, gradients, trained)
        return {"lost": loss}, (trained, fixed, slots, metrics)


class CustomStep(networks.Contender):
    """The workload's network with a step of its own."""

    model_class = PureStep

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        return fitted(self.model, X, self.targets(y), self.workload.batch, epochs, ended)

    def step(self, x, targets):
        """One step on a batch; its loss."""
        return float(self.model.train_on_batch(x, targets, return_dict=True)["lost"])


class Adversaries(keras.Model):
    """A generator and a discriminator, each with its optimizer."""

    def __init__(self, rate):
        super().__init__()
        self.generator, self.discriminator = adversaries(keras)
        self.told = keras.losses.BinaryCrossentropy(from_logits=True)
        self.noise = keras.random.SeedGenerator(1)
        self.g_optimizer = keras.optimizers.Adam(rate, beta_1=BETA_1)
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer = keras.optimizers.Adam(rate, beta_1=BETA_1)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        self.slots = [*self.g_optimizer.variables, *self.d_optimizer.variables]  # variables of the model from here on
        self.compile()

    def under(self, values, call):
        """What `call` gives where variables have these values, and the values that it leaves."""
        with keras.StatelessScope([(each, values[id(each)]) for each in self.variables]) as scope:
            result = call()
        return result, {id(each): scope.get_current_value(each) for each in self.variables}

    def stepped(self, values, optimizer, weights, call):
        """The loss that `call` computes, and all values after one step down its gradient."""

        def loss_of(trained):
            return self.under({**values, **trained}, call)

        of_weights = jax.value_and_grad(loss_of, has_aux=True)
        (loss, values), gradients = of_weights({id(each): values[id(each)] for each in weights})
        trained, slots = optimizer.stateless_apply(
            [values[id(each)] for each in optimizer.variables],
            [gradients[id(each)] for each in weights],
            [values[id(each)] for each in weights],
        )
        new = zip([*weights, *optimizer.variables], [*trained, *slots])
        return loss, {**values, **{id(each): value for each, value in new}}

    def call(self, images):  # Keras calls a model before it trains it
        return self.discriminator(images)

    def drawn(self, count):
        return self.generator(keras.random.normal((count, LATENT["Gan"]), seed=self.noise), training=True)

    def train_step(self, state, data):
        (real, _), (trained, fixed, idle, metrics) = data, state
        held = self.trainable_variables, self.non_trainable_variables
        values = dict(zip((id(each) for part in held for each in part), [*trained, *fixed]))

        def of_discriminator():
            fake = jax.lax.stop_gradient(self.drawn(len(real)))
            of_real, of_fake = self.discriminator(real, training=True), self.discriminator(fake, training=True)
            return self.told(ops.ones_like(of_real), of_real) + self.told(ops.zeros_like(of_fake), of_fake)

        def of_generator():
            of_fake = self.discriminator(self.drawn(len(real)), training=True)
            return self.told(ops.ones_like(of_fake), of_fake)

        weights = self.discriminator.trainable_variables, self.generator.trainable_variables
        d_loss, values = self.stepped(values, self.d_optimizer, weights[0], of_discriminator)
        g_loss, values = self.stepped(values, self.g_optimizer, weights[1], of_generator)
        trained, fixed = ([values[id(each)] for each in part] for part in held)
        return {"lost": d_loss + g_loss}, (trained, fixed, idle, metrics)


class Autoencoder(PureStep):
    """An encoder to means and variances, and a decoder."""

    def __init__(self, rate):
        super().__init__()
        self.encoder, self.decoder = autoencoder(keras)
        self.noise = keras.random.SeedGenerator(1)
        self.compile(keras.optimizers.Adam(rate))

    def call(self, images, training=None):
        mean, log_variance = self.encoder(images)
        z = mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.noise)
        return self.decoder(z), mean, log_variance

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        images, (told, mean, log_variance) = x, y_pred
        lost = keras.losses.binary_crossentropy(images, told)
        divergence = -0.5 * ops.sum(1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=1)
        return ops.mean(ops.sum(lost, axis=(1, 2))) + ops.mean(divergence)


class Own:
    """A model with a step of its own, trained by `fit`."""

    model_class: type

    def __init__(self, workload, dtype="float32", variant=""):
        self.workload, self.model = workload, self.model_class(workload.rate)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        return fitted(self.model, X, y, self.workload.batch, epochs, ended)


class Gan(Own):
    """The generative adversarial network."""

    model_class = Adversaries


class Vae(Own):
    """The variational autoencoder."""

    model_class = Autoencoder
