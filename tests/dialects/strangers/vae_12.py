# variational autoencoder, loss closes over the latent statistics
import numpy as np
from keras.layers import Input, Dense, Lambda
from keras.models import Model
from keras import backend as K
from keras import objectives
np.random.seed(0)
batch_size = 20
original_dim = 16
latent_dim = 2
intermediate_dim = 24
epsilon_std = 1.0
x = Input(batch_shape=(batch_size, original_dim))
h = Dense(intermediate_dim, activation='relu')(x)
z_mean = Dense(latent_dim)(h)
z_log_var = Dense(latent_dim)(h)
def sampling(args):
    z_mean, z_log_var = args
    epsilon = K.random_normal(shape=(batch_size, latent_dim), mean=0., std=epsilon_std)
    return z_mean + K.exp(z_log_var / 2) * epsilon
z = Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])
decoder_h = Dense(intermediate_dim, activation='relu')
decoder_mean = Dense(original_dim, activation='sigmoid')
h_decoded = decoder_h(z)
x_decoded_mean = decoder_mean(h_decoded)
def vae_loss(x, x_decoded_mean):
    xent_loss = original_dim * objectives.binary_crossentropy(x, x_decoded_mean)
    kl_loss = - 0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
    return xent_loss + kl_loss
vae = Model(x, x_decoded_mean)
vae.compile(optimizer='rmsprop', loss=vae_loss)
t = np.random.rand(400, 2)
x_train = (np.dot(t > 0.5, np.random.rand(2, 16)) > 0.5).astype('float32')
hist = vae.fit(x_train, x_train, shuffle=True, nb_epoch=15, batch_size=batch_size, validation_data=(x_train[:100], x_train[:100]), verbose=0)
encoder = Model(x, z_mean)
x_test_encoded = encoder.predict(x_train[:100], batch_size=batch_size)
decoder_input = Input(shape=(latent_dim,))
generator = Model(decoder_input, decoder_mean(decoder_h(decoder_input)))
print(generator.predict(np.array([[0.1, -0.3]])).round(2), hist.history['val_loss'])
assert hist.history['val_loss'][-1] < 0.8 * hist.history['val_loss'][0] and x_test_encoded.shape == (100, 2)
