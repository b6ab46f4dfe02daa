"""A stateful LSTM in the manner of Keras 1.0."""
import numpy as np
from keras.layers import LSTM, Dense
from keras.models import Sequential

np.random.seed(0)
wave = np.cos(np.arange(400) * 0.3)[:, None, None]
target = np.roll(wave[:, 0], -1, axis=0)
model = Sequential()
model.add(LSTM(10, batch_input_shape=(20, 1, 1), return_sequences=True, stateful=True))
model.add(LSTM(10, stateful=True))
model.add(Dense(1))
model.compile(loss="mse", optimizer="rmsprop")
losses = []
for i in range(25):
    losses.append(model.fit(wave, target, batch_size=20, verbose=0, nb_epoch=1, shuffle=False).history["loss"][0])
    model.reset_states()
predicted = model.predict(wave, batch_size=20)
print("loss", losses[0], losses[-1])
assert losses[-1] < losses[0] / 2 and predicted.shape == (400, 1)
