# a GAN that learns a bell curve of one number, with minibatch statistics; make_trainable as in the notebooks of 2016
import numpy as np
from keras.models import Sequential, Model
from keras.layers import Input, merge
from keras.layers.core import Dense, Activation, Dropout, Lambda
from keras.layers.advanced_activations import LeakyReLU, ELU
from keras.optimizers import Adam, SGD
from keras.utils import np_utils
import keras.backend as K
np.random.seed(3)
mu, sigma = 4., 0.5
def make_trainable(net, val):
    net.trainable = val
    for l in net.layers:
        l.trainable = val
def decorate(x):
    m = K.mean(x, axis=0, keepdims=True)
    return K.concatenate([x, K.square(x - m), x * 0 + m], axis=1)
g_input = Input(shape=[4])
H = Dense(16, init='glorot_normal')(g_input); H = ELU()(H); g_V = Dense(1)(H)
generator = Model(g_input, g_V)
d_input = Input(shape=(1,))
H = Lambda(decorate, output_shape=lambda s: (s[0], s[1] * 3))(d_input)
H = Dense(16)(H); H = LeakyReLU(0.2)(H); H = Dropout(0.05)(H)
d_V = Dense(2, activation='softmax')(H)
discriminator = Model(d_input, d_V)
discriminator.compile(loss='categorical_crossentropy', optimizer=Adam(lr=1e-2, beta_1=0.5))
make_trainable(discriminator, False)
gan_input = Input(shape=[4])
GAN = Model(gan_input, discriminator(generator(gan_input)))
GAN.compile(loss='categorical_crossentropy', optimizer=Adam(lr=5e-3, beta_1=0.5))
assert len(GAN.trainable_weights) == 4
losses = {'d': [], 'g': []}; drawn = []
frozen = None
for e in range(250):
    real = np.random.normal(mu, sigma, (64, 1)); fake = generator.predict(np.random.uniform(-1, 1, size=[64, 4]))
    X = np.concatenate((real, fake)); y = np.zeros([128, 2]); y[0:64, 1] = 1; y[64:, 0] = 1
    make_trainable(discriminator, True)
    losses['d'].append((discriminator.train_on_batch(real, y[:64]) + discriminator.train_on_batch(fake, y[64:])) / 2)
    y2 = np.zeros([64, 2]); y2[:, 1] = 1
    make_trainable(discriminator, False)
    before = discriminator.get_weights()[0].copy()
    losses['g'].append(GAN.train_on_batch(np.random.uniform(-1, 1, size=[64, 4]), y2))
    assert np.array_equal(before, discriminator.get_weights()[0])
    if e >= 150:
        drawn.append(fake.mean())
print('mean of draws', np.mean(drawn), losses['d'][-1], losses['g'][-1])
assert abs(np.mean(drawn) - mu) < 1.
