"""An auto-encoder in the manner of Keras 0.3."""
import numpy as np
from keras.layers import containers
from keras.layers.core import AutoEncoder, Dense
from keras.models import Sequential

np.random.seed(0)
X = np.random.rand(200, 3).dot(np.random.rand(3, 12)).astype("float32")
encoder = containers.Sequential([Dense(8, input_shape=(12,), activation="tanh"), Dense(3)])
decoder = containers.Sequential([Dense(8, input_shape=(3,), activation="tanh"), Dense(12)])
model = Sequential()
model.add(AutoEncoder(encoder=encoder, decoder=decoder, output_reconstruction=True, input_shape=(12,)))
model.compile(loss="mse", optimizer="rmsprop", theano_mode=None)
before = model.evaluate(X, X, verbose=0)
model.fit(X, X, nb_epoch=40, batch_size=20, verbose=0)
print("loss", before, model.evaluate(X, X, verbose=0))
assert model.evaluate(X, X, verbose=0) < before / 4
assert encoder.predict(X).shape == (200, 3)
