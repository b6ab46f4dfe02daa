'''nietzsche text generation with LambdaCallback; sampling'''
from __future__ import print_function
from keras.callbacks import LambdaCallback
from keras.models import Sequential
from keras.layers import Dense, LSTM
from keras.optimizers import RMSprop
import numpy as np
import random
import sys
import io
np.random.seed(0); random.seed(0)
text = 'hello world, how are you? ' * 12
chars = sorted(list(set(text)))
char_indices = dict((c, i) for i, c in enumerate(chars)); indices_char = dict((i, c) for i, c in enumerate(chars))
maxlen = 8; step = 1; sentences = []; next_chars = []
for i in range(0, len(text) - maxlen, step):
    sentences.append(text[i: i + maxlen]); next_chars.append(text[i + maxlen])
x = np.zeros((len(sentences), maxlen, len(chars)), dtype=np.bool); y = np.zeros((len(sentences), len(chars)), dtype=np.bool)
for i, sentence in enumerate(sentences):
    for t, char in enumerate(sentence): x[i, t, char_indices[char]] = 1
    y[i, char_indices[next_chars[i]]] = 1
model = Sequential()
model.add(LSTM(24, input_shape=(maxlen, len(chars)))); model.add(Dense(len(chars), activation='softmax'))
optimizer = RMSprop(lr=0.01); model.compile(loss='categorical_crossentropy', optimizer=optimizer)
def sample(preds, temperature=1.0):
    preds = np.asarray(preds).astype('float64'); preds = np.log(preds) / temperature; exp_preds = np.exp(preds); preds = exp_preds / np.sum(exp_preds)
    return np.argmax(np.random.multinomial(1, preds, 1))
out = []
def on_epoch_end(epoch, _):
    if epoch < 9: return
    sentence = text[:maxlen]; generated = ''
    for i in range(20):
        x_pred = np.zeros((1, maxlen, len(chars)))
        for t, char in enumerate(sentence): x_pred[0, t, char_indices[char]] = 1.
        preds = model.predict(x_pred, verbose=0)[0]
        next_char = indices_char[sample(preds, 0.2)]
        sentence = sentence[1:] + next_char; generated += next_char
        sys.stdout.write(next_char); sys.stdout.flush()
    out.append(generated)
print_callback = LambdaCallback(on_epoch_end=on_epoch_end)
model.fit(x, y, batch_size=16, epochs=10, callbacks=[print_callback], verbose=0)
print(len(chars)); assert out[-1] == text[maxlen:maxlen + 20], out
