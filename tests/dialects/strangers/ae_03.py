# Keras 0.3: a stacked autoencoder by AutoEncoder, then fine tuning with its encoder
import numpy as np
np.random.seed(1337)
from keras.models import Sequential
from keras.layers.core import Dense, AutoEncoder, Dropout, Activation
from keras.layers import containers
from keras.utils import np_utils
z = np.random.randn(300, 2); X = np.tanh(z.dot(np.random.randn(2, 12))); y = (z[:, 0] > 0).astype(int); Y = np_utils.to_categorical(y, 2)
encoder = containers.Sequential([Dense(8, input_dim=12, activation='tanh'), Dense(3, activation='tanh')])
decoder = containers.Sequential([Dense(8, input_dim=3, activation='tanh'), Dense(12)])
autoencoder = Sequential()
autoencoder.add(AutoEncoder(encoder=encoder, decoder=decoder, output_reconstruction=True))
autoencoder.compile(loss='mean_squared_error', optimizer='adam')
h = autoencoder.fit(X, X, batch_size=30, nb_epoch=60, verbose=0)
print('reconstruction', h.history['loss'][0], h.history['loss'][-1])
assert h.history['loss'][-1] < 0.15 * h.history['loss'][0]
model = Sequential(); model.add(encoder); model.add(Dense(2, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam')
model.fit(X, Y, batch_size=30, nb_epoch=40, show_accuracy=True, verbose=0)
score = model.evaluate(X, Y, show_accuracy=True, verbose=0)
print('accuracy', score[1])
assert score[1] > 0.93
