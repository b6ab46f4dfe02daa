"""A variational auto-encoder in the manner of Keras 1.0: a loss that looks at tensors within the model."""
import numpy as np
from keras import backend as K
from keras import objectives
from keras.datasets import digits
from keras.layers import Dense, Input, Lambda
from keras.models import Model

np.random.seed(0)
(x, _), _ = digits.load_data()
x = x.reshape((len(x), np.prod(x.shape[1:]))).astype("float32") / 16.0
batch_size, original_dim, latent_dim, epsilon_std = 50, 64, 2, 1.0
x = x[: len(x) // batch_size * batch_size]
inputs = Input(batch_shape=(batch_size, original_dim))
h = Dense(32, activation="relu")(inputs)
z_mean, z_log_var = Dense(latent_dim)(h), Dense(latent_dim)(h)


def sampling(args):
    mean, log_var = args
    noise = K.random_normal(shape=(batch_size, latent_dim), mean=0.0, std=epsilon_std)
    return mean + K.exp(log_var / 2) * noise


z = Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])
decoder_h, decoder_mean = Dense(32, activation="relu"), Dense(original_dim, activation="sigmoid")
decoded = decoder_mean(decoder_h(z))


def vae_loss(x, decoded):
    xent = original_dim * objectives.binary_crossentropy(x, decoded)
    kl = -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
    return xent + kl


vae = Model(inputs, decoded)
vae.compile(optimizer="rmsprop", loss=vae_loss)
history = vae.fit(x, x, shuffle=True, nb_epoch=5, batch_size=batch_size, verbose=0)
print("loss", history.history["loss"])
assert history.history["loss"][-1] < history.history["loss"][0] - 2
