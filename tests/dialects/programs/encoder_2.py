'''Variational autoencoder with a custom layer loss'''
import numpy as np
from keras.layers import Input, Dense, Lambda, Layer
from keras.models import Model
from keras import backend as K
from keras import metrics
from keras.losses import mse, binary_crossentropy

batch_size = 20
original_dim = 32
latent_dim = 2
intermediate_dim = 16
epochs = 20
epsilon_std = 1.0
np.random.seed(0)
x = Input(shape=(original_dim,))
h = Dense(intermediate_dim, activation='relu')(x)
z_mean = Dense(latent_dim)(h)
z_log_var = Dense(latent_dim)(h)

def sampling(args):
    z_mean, z_log_var = args
    epsilon = K.random_normal(shape=(K.shape(z_mean)[0], latent_dim), mean=0., stddev=epsilon_std)
    return z_mean + K.exp(z_log_var / 2) * epsilon

z = Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])
decoder_h = Dense(intermediate_dim, activation='relu')
decoder_mean = Dense(original_dim, activation='sigmoid')
h_decoded = decoder_h(z)
x_decoded_mean = decoder_mean(h_decoded)

class CustomVariationalLayer(Layer):
    def __init__(self, **kwargs):
        self.is_placeholder = True
        super(CustomVariationalLayer, self).__init__(**kwargs)

    def vae_loss(self, x, x_decoded_mean):
        xent_loss = original_dim * metrics.binary_crossentropy(x, x_decoded_mean)
        kl_loss = - 0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
        return K.mean(xent_loss + kl_loss)

    def call(self, inputs):
        x = inputs[0]
        x_decoded_mean = inputs[1]
        loss = self.vae_loss(x, x_decoded_mean)
        self.add_loss(loss, inputs=inputs)
        return x

y = CustomVariationalLayer()([x, x_decoded_mean])
vae = Model(x, y)
vae.compile(optimizer='rmsprop', loss=None)
x_train = (np.random.rand(200, 1) > 0.5) * np.ones((200, original_dim)) * 0.8 + 0.1
hist = vae.fit(x_train, shuffle=True, epochs=epochs, batch_size=batch_size, validation_data=(x_train[:40], None), verbose=2)
print(hist.history['loss'][0], hist.history['loss'][-1])
assert hist.history['loss'][-1] < hist.history['loss'][0] - 2
encoder = Model(x, z_mean)
assert encoder.predict(x_train, batch_size=batch_size).shape == (200, 2)
decoder_input = Input(shape=(latent_dim,))
generator = Model(decoder_input, decoder_mean(decoder_h(decoder_input)))
print(generator.predict(np.array([[0.3, 0.1]])).shape)

# functional, add_loss on the model
inp = Input(shape=(original_dim,), name='encoder_input')
zz = Dense(4, activation='relu')(inp)
zm = Dense(2, name='z_mean')(zz); zl = Dense(2, name='z_log_var')(zz)
z3 = Lambda(sampling, output_shape=(latent_dim,), name='z')([zm, zl])
encoder = Model(inp, [zm, zl, z3], name='encoder')
li = Input(shape=(2,), name='z_sampling')
decoder = Model(li, Dense(original_dim, activation='sigmoid')(li), name='decoder')
outputs = decoder(encoder(inp)[2])
vae2 = Model(inp, outputs, name='vae_mlp')
reconstruction_loss = binary_crossentropy(inp, outputs)
reconstruction_loss *= original_dim
kl_loss = 1 + zl - K.square(zm) - K.exp(zl)
kl_loss = K.sum(kl_loss, axis=-1)
kl_loss *= -0.5
vae_loss = K.mean(reconstruction_loss + kl_loss)
vae2.add_loss(vae_loss)
vae2.compile(optimizer='adam')
vae2.summary()
h2 = vae2.fit(x_train, epochs=3, batch_size=10, validation_data=(x_train, None), verbose=0)
assert h2.history['val_loss'][-1] < h2.history['val_loss'][0]
