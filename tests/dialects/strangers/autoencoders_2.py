# autoencoders of all kinds: sparse, deep, convolutional, denoising, sequence, contractive, tied weights, beta-VAE by add_loss
import numpy as np
from keras.layers import Input, Dense, Conv2D, MaxPooling2D, UpSampling2D, LSTM, RepeatVector, TimeDistributed, GaussianNoise, Lambda, Layer, Flatten, Reshape, InputSpec
from keras.models import Model, Sequential
from keras import regularizers, backend as K, activations, initializers
from keras.losses import mse, binary_crossentropy
from keras.callbacks import TensorBoard, LambdaCallback
np.random.seed(0)
t = np.random.rand(200, 2); x_train = 1 / (1 + np.exp(-(t - .5).dot(np.random.randn(2, 16) * 3)))
def fell(h, part=0.95):
    print(h.history['loss'][0], h.history['loss'][-1])
    assert h.history['loss'][-1] < part * h.history['loss'][0]
encoding_dim = 4
input_img = Input(shape=(16,))
encoded = Dense(encoding_dim, activation='relu', activity_regularizer=regularizers.l1(1e-5))(input_img)
decoded = Dense(16, activation='sigmoid')(encoded)
autoencoder = Model(input_img, decoded); encoder = Model(input_img, encoded)
encoded_input = Input(shape=(encoding_dim,))
decoder = Model(encoded_input, autoencoder.layers[-1](encoded_input))
autoencoder.compile(optimizer='adadelta', loss='binary_crossentropy')
fell(autoencoder.fit(x_train, x_train, epochs=10, batch_size=10, shuffle=True, validation_data=(x_train, x_train), verbose=0), 0.99)
assert np.allclose(decoder.predict(encoder.predict(x_train)), autoencoder.predict(x_train), atol=1e-5)
class DenseTied(Layer):
    """the transposed kernel of another layer"""
    def __init__(self, units, tied_to, activation=None, **kwargs):
        super(DenseTied, self).__init__(**kwargs)
        self.units = units; self.tied_to = tied_to; self.activation = activations.get(activation)
    def build(self, input_shape):
        self.kernel = K.transpose(self.tied_to.kernel)
        self.bias = self.add_weight(shape=(self.units,), initializer='zeros', name='bias')
        self.built = True
    def compute_output_shape(self, input_shape):
        return input_shape[:-1] + (self.units,)
    def call(self, inputs):
        return self.activation(K.bias_add(K.dot(inputs, self.kernel), self.bias))
first = Dense(4, activation='tanh')
tied = Sequential([Dense(4, activation='tanh', input_shape=(16,))])
tied.add(DenseTied(16, tied.layers[0], activation='sigmoid'))
tied.compile('adam', 'mse')
fell(tied.fit(x_train, x_train, epochs=8, batch_size=10, verbose=0))
lam = 1e-4
def contractive_loss(y_pred, y_true):
    mse = K.mean(K.square(y_true - y_pred), axis=1)
    W = K.variable(value=cae.get_layer('encoded').get_weights()[0])
    W = K.transpose(W)
    h = cae.get_layer('encoded').output
    dh = h * (1 - h)
    contractive = lam * K.sum(dh ** 2 * K.sum(W ** 2, axis=1), axis=1)
    return mse + contractive
inputs = Input(shape=(16,)); e = Dense(6, activation='sigmoid', name='encoded')(inputs)
cae = Model(inputs, Dense(16, activation='linear')(e))
cae.compile(optimizer='adam', loss=contractive_loss)
fell(cae.fit(x_train, x_train, batch_size=10, epochs=6, verbose=0))
imgs = x_train.reshape(-1, 4, 4, 1); noisy = np.clip(imgs + 0.2 * np.random.normal(size=imgs.shape), 0., 1.)
i = Input((4, 4, 1)); x = Conv2D(8, (3, 3), activation='relu', padding='same')(i); x = MaxPooling2D((2, 2), padding='same')(x)
x = Conv2D(8, (3, 3), activation='relu', padding='same')(x); x = UpSampling2D((2, 2))(x)
conv = Model(i, Conv2D(1, (3, 3), activation='sigmoid', padding='same')(x)); conv.compile('adam', 'binary_crossentropy')
fell(conv.fit(noisy, imgs, epochs=6, batch_size=20, verbose=0, callbacks=[TensorBoard(log_dir='tb', histogram_freq=0, write_graph=False)]), 0.995)
seqs = x_train.reshape(-1, 8, 2)
s = Input(shape=(8, 2)); e = LSTM(6)(s); d = RepeatVector(8)(e); d = LSTM(6, return_sequences=True)(d)
sequence_autoencoder = Model(s, TimeDistributed(Dense(2))(d)); sequence_autoencoder.compile('adam', 'mse')
fell(sequence_autoencoder.fit(seqs, seqs, epochs=4, batch_size=20, verbose=0))
def sampling(args):
    z_mean, z_log_var = args
    batch = K.shape(z_mean)[0]; dim = K.int_shape(z_mean)[1]
    epsilon = K.random_normal(shape=(batch, dim))
    return z_mean + K.exp(0.5 * z_log_var) * epsilon
inputs = Input(shape=(16,), name='encoder_input')
x = Dense(12, activation='relu')(inputs)
z_mean = Dense(2, name='z_mean')(x); z_log_var = Dense(2, name='z_log_var')(x)
z = Lambda(sampling, output_shape=(2,), name='z')([z_mean, z_log_var])
encoder = Model(inputs, [z_mean, z_log_var, z], name='encoder')
latent_inputs = Input(shape=(2,), name='z_sampling')
decoder = Model(latent_inputs, Dense(16, activation='sigmoid')(Dense(12, activation='relu')(latent_inputs)), name='decoder')
outputs = decoder(encoder(inputs)[2])
vae = Model(inputs, outputs, name='vae_mlp')
beta = K.variable(0.)
kl_loss = -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
vae.add_loss(K.mean(binary_crossentropy(inputs, outputs) * 16 + beta * kl_loss))
vae.compile(optimizer='adam')
fell(vae.fit(x_train, epochs=8, batch_size=20, validation_data=(x_train, None), verbose=0, callbacks=[LambdaCallback(on_epoch_begin=lambda epoch, logs: K.set_value(beta, min(1., epoch / 4.)))]), 1.2)
assert K.get_value(beta) == 1 and encoder.predict(x_train)[0].shape == (200, 2)
