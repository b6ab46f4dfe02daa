"""Train a small CycleGAN: two generators, two discriminators, four optimizers and one persistent tape."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers

input_img_size = (8, 8, 1)
rng = np.random.default_rng(3)


class ReflectionPadding2D(layers.Layer):
    """Pad the borders with what lies beside them, mirrored."""

    def __init__(self, padding=(1, 1), **kwargs):
        self.padding = tuple(padding)
        super().__init__(**kwargs)

    def call(self, input_tensor, mask=None):
        padding_width, padding_height = self.padding
        return keras.ops.pad(
            input_tensor,
            [[0, 0], [padding_height, padding_height], [padding_width, padding_width], [0, 0]],
            mode="reflect",
        )


def residual_block(x, activation):
    dim = x.shape[-1]
    input_tensor = x
    x = ReflectionPadding2D()(input_tensor)
    x = layers.Conv2D(dim, (3, 3), padding="valid", use_bias=False)(x)
    x = layers.GroupNormalization(groups=1)(x)
    x = activation(x)
    return layers.add([input_tensor, x])


def get_resnet_generator(name):
    img_input = layers.Input(shape=input_img_size, name=name + "_img_input")
    x = ReflectionPadding2D(padding=(1, 1))(img_input)
    x = layers.Conv2D(4, (3, 3), use_bias=False)(x)
    x = layers.Activation("relu")(x)
    x = residual_block(x, activation=layers.Activation("relu"))
    x = layers.UpSampling2D(2)(x)
    x = layers.Conv2D(4, (3, 3), padding="same", use_bias=False)(x)
    x = layers.Conv2D(1, (3, 3), strides=2, padding="same", activation="tanh")(x)
    return keras.models.Model(img_input, x, name=name)


def get_discriminator(name):
    img_input = layers.Input(shape=input_img_size, name=name + "_img_input")
    x = layers.Conv2D(4, (4, 4), strides=(2, 2), padding="same")(img_input)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Conv2D(1, (4, 4), strides=(1, 1), padding="same")(x)
    return keras.models.Model(inputs=img_input, outputs=x, name=name)


class CycleGan(keras.Model):
    def __init__(
        self, generator_G, generator_F, discriminator_X, discriminator_Y, lambda_cycle=10.0, lambda_identity=0.5
    ):
        super().__init__()
        self.gen_G = generator_G
        self.gen_F = generator_F
        self.disc_X = discriminator_X
        self.disc_Y = discriminator_Y
        self.lambda_cycle = lambda_cycle
        self.lambda_identity = lambda_identity

    def call(self, inputs):
        return (self.disc_X(inputs), self.disc_Y(inputs), self.gen_G(inputs), self.gen_F(inputs))

    def compile(self, gen_G_optimizer, gen_F_optimizer, disc_X_optimizer, disc_Y_optimizer, gen_loss_fn, disc_loss_fn):
        super().compile()
        self.gen_G_optimizer = gen_G_optimizer
        self.gen_F_optimizer = gen_F_optimizer
        self.disc_X_optimizer = disc_X_optimizer
        self.disc_Y_optimizer = disc_Y_optimizer
        self.generator_loss_fn = gen_loss_fn
        self.discriminator_loss_fn = disc_loss_fn
        self.cycle_loss_fn = keras.losses.MeanAbsoluteError()
        self.identity_loss_fn = keras.losses.MeanAbsoluteError()

    def train_step(self, batch_data):
        real_x, real_y = batch_data

        with tf.GradientTape(persistent=True) as tape:
            fake_y = self.gen_G(real_x, training=True)
            fake_x = self.gen_F(real_y, training=True)
            cycled_x = self.gen_F(fake_y, training=True)
            cycled_y = self.gen_G(fake_x, training=True)
            same_x = self.gen_F(real_x, training=True)
            same_y = self.gen_G(real_y, training=True)

            disc_real_x = self.disc_X(real_x, training=True)
            disc_fake_x = self.disc_X(fake_x, training=True)
            disc_real_y = self.disc_Y(real_y, training=True)
            disc_fake_y = self.disc_Y(fake_y, training=True)

            gen_G_loss = self.generator_loss_fn(disc_fake_y)
            gen_F_loss = self.generator_loss_fn(disc_fake_x)
            cycle_loss_G = self.cycle_loss_fn(real_y, cycled_y) * self.lambda_cycle
            cycle_loss_F = self.cycle_loss_fn(real_x, cycled_x) * self.lambda_cycle
            id_loss_G = self.identity_loss_fn(real_y, same_y) * self.lambda_cycle * self.lambda_identity
            id_loss_F = self.identity_loss_fn(real_x, same_x) * self.lambda_cycle * self.lambda_identity

            total_loss_G = gen_G_loss + cycle_loss_G + id_loss_G
            total_loss_F = gen_F_loss + cycle_loss_F + id_loss_F
            disc_X_loss = self.discriminator_loss_fn(disc_real_x, disc_fake_x)
            disc_Y_loss = self.discriminator_loss_fn(disc_real_y, disc_fake_y)

        grads_G = tape.gradient(total_loss_G, self.gen_G.trainable_variables)
        grads_F = tape.gradient(total_loss_F, self.gen_F.trainable_variables)
        disc_X_grads = tape.gradient(disc_X_loss, self.disc_X.trainable_variables)
        disc_Y_grads = tape.gradient(disc_Y_loss, self.disc_Y.trainable_variables)

        self.gen_G_optimizer.apply_gradients(zip(grads_G, self.gen_G.trainable_variables))
        self.gen_F_optimizer.apply_gradients(zip(grads_F, self.gen_F.trainable_variables))
        self.disc_X_optimizer.apply_gradients(zip(disc_X_grads, self.disc_X.trainable_variables))
        self.disc_Y_optimizer.apply_gradients(zip(disc_Y_grads, self.disc_Y.trainable_variables))
        return {"G_loss": total_loss_G, "F_loss": total_loss_F, "D_X_loss": disc_X_loss, "D_Y_loss": disc_Y_loss}


adv_loss_fn = keras.losses.MeanSquaredError()


def generator_loss_fn(fake):
    return adv_loss_fn(keras.ops.ones_like(fake), fake)


def discriminator_loss_fn(real, fake):
    real_loss = adv_loss_fn(keras.ops.ones_like(real), real)
    fake_loss = adv_loss_fn(keras.ops.zeros_like(fake), fake)
    return (real_loss + fake_loss) * 0.5


disc_X, disc_Y = get_discriminator("discriminator_X"), get_discriminator("discriminator_Y")
gen_G, gen_F = get_resnet_generator("generator_G"), get_resnet_generator("generator_F")
cycle_gan_model = CycleGan(generator_G=gen_G, generator_F=gen_F, discriminator_X=disc_X, discriminator_Y=disc_Y)
cycle_gan_model.compile(
    gen_G_optimizer=keras.optimizers.Adam(learning_rate=2e-3, beta_1=0.5),
    gen_F_optimizer=keras.optimizers.Adam(learning_rate=2e-3, beta_1=0.5),
    disc_X_optimizer=keras.optimizers.Adam(learning_rate=2e-3, beta_1=0.5),
    disc_Y_optimizer=keras.optimizers.Adam(learning_rate=2e-3, beta_1=0.5),
    gen_loss_fn=generator_loss_fn,
    disc_loss_fn=discriminator_loss_fn,
)
for model in (gen_G, gen_F, disc_X, disc_Y):
    for w in model.weights:
        w.assign(rng.normal(0, 0.3, w.shape))
x = rng.uniform(-1, 1, (4, *input_img_size)).astype("float32")
y = np.abs(x[::-1])
history = cycle_gan_model.fit(x, y, batch_size=2, epochs=5, shuffle=False, verbose=0)
cycle_gan_model.gen_G.save("horse_to_zebra.keras")
loaded = keras.models.load_model("horse_to_zebra.keras", custom_objects={"ReflectionPadding2D": ReflectionPadding2D})
record = {
    "losses": [v for name in ("G_loss", "F_loss", "D_X_loss", "D_Y_loss") for v in history.history[name]],
    "checksum": float(np.abs(loaded.predict(x, verbose=0)).sum()),
}
print(json.dumps(record))
