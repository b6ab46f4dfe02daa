"""A functional model in the manner of Keras 2: merge layers, generators with steps, an embedding."""
import numpy as np
from keras import Input, Model
from keras.initializers import RandomNormal
from keras.layers import LSTM, Conv1D, Dense, Embedding, GlobalMaxPooling1D, add, concatenate
from keras.optimizers import SGD
from keras.preprocessing.sequence import pad_sequences
from keras.preprocessing.text import Tokenizer
from keras.utils import plot_model, to_categorical  # noqa: F401

np.random.seed(0)
texts = ["good film", "bad film", "very good", "very bad indeed", "a good good time", "bad bad bad"] * 20
labels = np.array([1, 0, 1, 0, 1, 0] * 20)
tokenizer = Tokenizer(num_words=50)
tokenizer.fit_on_texts(texts)
x = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=6)
words = Input(shape=(6,), dtype="int32")
e = Embedding(50, 8, embeddings_initializer=RandomNormal(stddev=0.1))(words)
c = GlobalMaxPooling1D()(Conv1D(filters=8, kernel_size=2, strides=1, padding="valid", activation="relu")(e))
h = LSTM(units=8, dropout=0.1, recurrent_dropout=0.1)(e)
out = Dense(2, activation="softmax")(concatenate([c, h, add([c, h])]))
model = Model(inputs=words, outputs=out)
model.compile(optimizer=SGD(lr=0.5, momentum=0.5), loss="categorical_crossentropy", metrics=["accuracy"])
y = to_categorical(labels, num_classes=2)


def batches():
    while True:
        rows = np.random.permutation(len(x))[:24]
        yield x[rows], y[rows]


history = model.fit_generator(batches(), steps_per_epoch=5, epochs=6, verbose=0, validation_data=(x, y))
print("accuracy", model.evaluate(x, y, verbose=0)[1])
assert model.evaluate(x, y, verbose=0)[1] > 0.9
assert len(history.history["loss"]) == 6
