'''fasttext for text classification with n-grams, and a 1D convnet, on toy IMDB-like data'''
from __future__ import print_function
import numpy as np
np.random.seed(1337)
from keras.preprocessing import sequence
from keras.models import Sequential
from keras.layers import Dense, Dropout, Activation, Embedding, GlobalAveragePooling1D, Convolution1D, GlobalMaxPooling1D, MaxPooling1D, LSTM
def create_ngram_set(input_list, ngram_value=2):
    return set(zip(*[input_list[i:] for i in range(ngram_value)]))
def add_ngram(sequences, token_indice, ngram_range=2):
    new_sequences = []
    for input_list in sequences:
        new_list = input_list[:]
        for i in range(len(new_list) - ngram_range + 1):
            for ngram_value in range(2, ngram_range + 1):
                ngram = tuple(new_list[i:i + ngram_value])
                if ngram in token_indice:
                    new_list.append(token_indice[ngram])
        new_sequences.append(new_list)
    return new_sequences
ngram_range, max_features, maxlen = 2, 20, 16
def draw(n):
    X, y = [], []
    for _ in range(n):
        c = np.random.randint(0, 2)
        s = list(np.random.randint(3, max_features, np.random.randint(4, 8)))
        k = np.random.randint(0, len(s)); s[k:k] = [1, 2] if c else [2, 1]
        X.append([int(w) for w in s]); y.append(c)
    return X, np.array(y)
(X_train, y_train), (X_test, y_test) = draw(200), draw(60)
ngram_set = set()
for input_list in X_train:
    for i in range(2, ngram_range + 1):
        ngram_set.update(create_ngram_set(input_list, ngram_value=i))
start_index = max_features + 1
token_indice = {v: k + start_index for k, v in enumerate(ngram_set)}
max_features = np.max(list(token_indice.values())) + 1
X_train = sequence.pad_sequences(add_ngram(X_train, token_indice, ngram_range), maxlen=maxlen)
X_test = sequence.pad_sequences(add_ngram(X_test, token_indice, ngram_range), maxlen=maxlen)
model = Sequential()
model.add(Embedding(max_features, 10, input_length=maxlen))
model.add(GlobalAveragePooling1D())
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
h = model.fit(X_train, y_train, batch_size=8, nb_epoch=25, validation_data=(X_test, y_test), verbose=0)
print(h.history['acc'][-1], h.history['val_acc'][-1])
assert h.history['acc'][-1] > 0.9 and h.history['val_acc'][-1] > 0.75
cnn = Sequential()
cnn.add(Embedding(max_features, 8, input_length=maxlen, dropout=0.1))
cnn.add(Convolution1D(nb_filter=8, filter_length=3, border_mode='valid', activation='relu', subsample_length=1))
cnn.add(MaxPooling1D(pool_length=2))
cnn.add(LSTM(8, dropout_W=0.1, dropout_U=0.1))
cnn.add(Dense(1)); cnn.add(Activation('sigmoid'))
cnn.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
h = cnn.fit(X_train, y_train, batch_size=10, nb_epoch=3, verbose=0)
score, acc = cnn.evaluate(X_test, y_test, batch_size=10, verbose=0)
assert h.history['loss'][-1] < h.history['loss'][0] and 0 <= acc <= 1
