# tagging words with a character part under TimeDistributed, masks, sample weights in time, classification by hand
import numpy as np
from keras.models import Model, load_model
from keras.layers import Input, LSTM, Embedding, Dense, TimeDistributed, Dropout, Bidirectional, concatenate, SpatialDropout1D, Masking, RNN, Layer
from keras.preprocessing.sequence import pad_sequences
from keras.utils import to_categorical
import keras.backend as K
np.random.seed(2)
n, max_len, max_len_char, n_words, n_chars, n_tags = 200, 8, 4, 20, 8, 3
sentences = [np.random.randint(1, n_words, np.random.randint(3, max_len + 1)) for _ in range(n)]
chars = [[np.random.randint(1, n_chars, np.random.randint(1, max_len_char + 1)) for _ in s] for s in sentences]
tags = [[0 if s[i] < 10 else (1 if i and s[i - 1] < 10 else 2) for i in range(len(s))] for s in sentences]
X_word = pad_sequences(maxlen=max_len, sequences=sentences, value=0, padding='post', truncating='post')
X_char = np.array([[np.r_[w, [0] * (max_len_char - len(w))] for w in list(s) + [[0] * max_len_char] * (max_len - len(s))] for s in chars])
y = pad_sequences(maxlen=max_len, sequences=tags, value=0, padding='post')
word_in = Input(shape=(max_len,)); emb_word = Embedding(input_dim=n_words, output_dim=10, input_length=max_len, mask_zero=True)(word_in)
char_in = Input(shape=(max_len, max_len_char,))
emb_char = TimeDistributed(Embedding(input_dim=n_chars, output_dim=4, input_length=max_len_char, mask_zero=True))(char_in)
char_enc = TimeDistributed(LSTM(units=4, return_sequences=False, recurrent_dropout=0.1))(emb_char)
x = concatenate([emb_word, char_enc])
x = SpatialDropout1D(0.05)(x)
main_lstm = Bidirectional(LSTM(units=12, return_sequences=True, recurrent_dropout=0.05))(x)
out = TimeDistributed(Dense(n_tags, activation='softmax'))(main_lstm)
model = Model([word_in, char_in], out)
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['acc'], sample_weight_mode='temporal')
for layer in model.layers:
    if isinstance(layer, Bidirectional):
        assert isinstance(layer.forward_layer, RNN) and isinstance(layer, Layer) and not isinstance(layer, RNN)
weight = (X_word > 0) * np.where(y == 2, 2., 1.)
K.set_value(model.optimizer.lr, 0.02)
h = model.fit([X_word, X_char], y[:, :, None], sample_weight=weight, batch_size=20, epochs=8, validation_split=0.1, verbose=0)
pred = np.argmax(model.predict([X_word, X_char]), -1)
real = X_word > 0
def f1(tag):
    tp = np.sum((pred == tag) & (y == tag) & real)
    return 2. * tp / (np.sum((pred == tag) & real) + np.sum((y == tag) & real))
print('f1', f1(1), f1(2), h.history['val_acc'][-1])
assert min(f1(1), f1(2)) > 0.9
changed = X_word.copy(); changed[-1, (X_word[-1] > 0).sum():] = 0
assert np.allclose(model.predict([changed, X_char])[-1][real[-1]], model.predict([X_word, X_char])[-1][real[-1]], atol=1e-6)
model.save('ner.h5')
assert np.allclose(load_model('ner.h5').predict([X_word[:9], X_char[:9]]), model.predict([X_word[:9], X_char[:9]]), atol=1e-5)
