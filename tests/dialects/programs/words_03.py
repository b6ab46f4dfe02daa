"""Texts in the manner of Keras 0.3: an embedding, an LSTM and what only that time had."""
import numpy as np
from keras.layers.core import Activation, Dense, Dropout, TimeDistributedDense, TimeDistributedMerge
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import LSTM
from keras.models import Sequential
from keras.preprocessing import sequence

np.random.seed(1)
lists = [list(np.random.randint(1, 20, np.random.randint(3, 9))) for _ in range(200)]
y = np.array([int(7 in words) for words in lists])
X = sequence.pad_sequences(lists, maxlen=8)
model = Sequential()
model.add(Embedding(20, 12, input_length=8))
model.add(LSTM(12, return_sequences=True, activation="tanh", inner_activation="hard_sigmoid"))
model.add(TimeDistributedDense(8))
model.add(Activation("relu"))
model.add(TimeDistributedMerge(mode="sum"))
model.add(Dropout(0.1))
model.add(Dense(1))
model.add(Activation("sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", class_mode="binary")
model.fit(X, y, batch_size=20, nb_epoch=25, show_accuracy=True, verbose=0)
score, acc = model.evaluate(X, y, batch_size=20, show_accuracy=True, verbose=0)
print("Test accuracy:", acc)
assert acc > 0.8
assert set(np.unique(model.predict_classes(X, verbose=0))) <= {0, 1}
