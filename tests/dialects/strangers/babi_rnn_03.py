from __future__ import absolute_import
from __future__ import print_function
import numpy as np
from keras.datasets.data_utils import get_file
from keras.layers.embeddings import Embedding
from keras.layers.core import Dense, Merge, Dropout, RepeatVector
from keras.layers import recurrent
from keras.models import Sequential
from keras.preprocessing.sequence import pad_sequences
np.random.seed(1337)
RNN = recurrent.GRU
EMBED_HIDDEN_SIZE = 12
vocab_size, story_maxlen, query_maxlen = 12, 8, 3
rng = np.random.RandomState(0)
X = rng.randint(1, vocab_size, (300, story_maxlen)); Xq = rng.randint(1, vocab_size, (300, query_maxlen))
Y = np.zeros((300, vocab_size)); Y[np.arange(300), Xq[:, -1]] = 1
print('X.shape = {}'.format(X.shape)); print('Xq.shape = {}'.format(Xq.shape))
sentrnn = Sequential()
sentrnn.add(Embedding(vocab_size, EMBED_HIDDEN_SIZE, input_length=story_maxlen))
sentrnn.add(Dropout(0.1))
qrnn = Sequential()
qrnn.add(Embedding(vocab_size, EMBED_HIDDEN_SIZE, input_length=query_maxlen))
qrnn.add(Dropout(0.1))
qrnn.add(RNN(EMBED_HIDDEN_SIZE, return_sequences=False))
qrnn.add(RepeatVector(story_maxlen))
model = Sequential()
model.add(Merge([sentrnn, qrnn], mode='sum'))
model.add(RNN(EMBED_HIDDEN_SIZE, return_sequences=False))
model.add(Dropout(0.1))
model.add(Dense(vocab_size, activation='softmax'))
model.compile(optimizer='adam', loss='categorical_crossentropy', class_mode='categorical')
print('Training')
model.fit([X, Xq], Y, batch_size=8, nb_epoch=12, validation_split=0.05, show_accuracy=True, verbose=0)
loss, acc = model.evaluate([X, Xq], Y, batch_size=32, show_accuracy=True)
print('Test loss / test accuracy = {:.4f} / {:.4f}'.format(loss, acc))
assert acc > 0.4
