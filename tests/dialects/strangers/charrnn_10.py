'''Character level language model. At least 20 epochs are required before the generated text starts sounding coherent.'''
from __future__ import print_function
from keras.models import Sequential
from keras.layers.core import Dense, Activation, Dropout
from keras.layers.recurrent import LSTM
import numpy as np
import random
import sys

random.seed(4); np.random.seed(4)
text = ("the cat sat on the mat and the dog sat on the log " * 6).lower()
chars = set(text)
print('total chars:', len(chars))
char_indices = dict((c, i) for i, c in enumerate(sorted(chars)))
indices_char = dict((i, c) for i, c in enumerate(sorted(chars)))
maxlen = 6
step = 3
sentences = []
next_chars = []
for i in range(0, len(text) - maxlen, step):
    sentences.append(text[i: i + maxlen])
    next_chars.append(text[i + maxlen])
X = np.zeros((len(sentences), maxlen, len(chars)), dtype=np.bool)
y = np.zeros((len(sentences), len(chars)), dtype=np.bool)
for i, sentence in enumerate(sentences):
    for t, char in enumerate(sentence):
        X[i, t, char_indices[char]] = 1
    y[i, char_indices[next_chars[i]]] = 1

model = Sequential()
model.add(LSTM(32, return_sequences=True, input_shape=(maxlen, len(chars))))
model.add(Dropout(0.1))
model.add(LSTM(32, return_sequences=False))
model.add(Dropout(0.1))
model.add(Dense(len(chars)))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer='rmsprop')

def sample(a, temperature=1.0):
    a = np.log(a) / temperature
    a = np.exp(a) / np.sum(np.exp(a))
    return np.argmax(np.random.multinomial(1, a * 0.999, 1))

losses = []
for iteration in range(1, 2):
    hist = model.fit(X, y, batch_size=16, nb_epoch=30, verbose=0)
    losses += hist.history['loss']
    start_index = random.randint(0, len(text) - maxlen - 1)
    for diversity in [0.2, 1.0]:
        generated = ''
        sentence = text[start_index: start_index + maxlen]
        generated += sentence
        for iteration in range(10):
            x = np.zeros((1, maxlen, len(chars)))
            for t, char in enumerate(sentence):
                x[0, t, char_indices[char]] = 1.
            preds = model.predict(x, verbose=0)[0]
            next_index = sample(preds, diversity)
            next_char = indices_char[next_index]
            generated += next_char
            sentence = sentence[1:] + next_char
        print(diversity, generated)
print(losses[0], losses[-1])
assert losses[-1] < 0.75 * losses[0]
