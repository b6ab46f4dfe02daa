# end-to-end memory network on toy stories
from keras.models import Sequential
from keras.layers.embeddings import Embedding
from keras.layers.core import Activation, Dense, Merge, Permute, Dropout
from keras.layers.recurrent import LSTM
from keras.preprocessing.sequence import pad_sequences
from functools import reduce
import re
import numpy as np
np.random.seed(1337)

def tokenize(sent):
    return [x.strip() for x in re.split('(\W+)?', sent) if x and x.strip()]

people, places = ['mary', 'john', 'sandra'], ['office', 'garden', 'kitchen']
def story():
    where = {}
    out = []
    for _ in range(2):
        p, q = np.random.choice(people), np.random.choice(places)
        where[p] = q
        out += [p, 'moved', 'to', q, '.']
    asked = p
    return out, ['where', 'is', asked, '?'], where[asked]
train_stories = [story() for _ in range(200)]
test_stories = [story() for _ in range(50)]
vocab = sorted(reduce(lambda x, y: x | y, (set(s + q + [a]) for s, q, a in train_stories + test_stories)))
vocab_size = len(vocab) + 1
word_idx = dict((c, i + 1) for i, c in enumerate(vocab))
story_maxlen = max(map(len, (x for x, _, _ in train_stories + test_stories)))
query_maxlen = max(map(len, (x for _, x, _ in train_stories + test_stories)))
def vectorize_stories(data):
    X = []; Xq = []; Y = []
    for story, query, answer in data:
        X.append([word_idx[w] for w in story]); Xq.append([word_idx[w] for w in query])
        y = np.zeros(vocab_size); y[word_idx[answer]] = 1; Y.append(y)
    return pad_sequences(X, maxlen=story_maxlen), pad_sequences(Xq, maxlen=query_maxlen), np.array(Y)
inputs_train, queries_train, answers_train = vectorize_stories(train_stories)
inputs_test, queries_test, answers_test = vectorize_stories(test_stories)

input_encoder_m = Sequential()
input_encoder_m.add(Embedding(input_dim=vocab_size, output_dim=16, input_length=story_maxlen))
input_encoder_m.add(Dropout(0.1))
question_encoder = Sequential()
question_encoder.add(Embedding(input_dim=vocab_size, output_dim=16, input_length=query_maxlen))
question_encoder.add(Dropout(0.1))
match = Sequential()
match.add(Merge([input_encoder_m, question_encoder], mode='dot', dot_axes=[2, 2]))
input_encoder_c = Sequential()
input_encoder_c.add(Embedding(input_dim=vocab_size, output_dim=query_maxlen, input_length=story_maxlen))
input_encoder_c.add(Dropout(0.1))
response = Sequential()
response.add(Merge([match, input_encoder_c], mode='sum'))
response.add(Permute((2, 1)))
answer = Sequential()
answer.add(Merge([response, question_encoder], mode='concat', concat_axis=-1))
answer.add(LSTM(16))
answer.add(Dropout(0.1))
answer.add(Dense(vocab_size))
answer.add(Activation('softmax'))
answer.compile(optimizer='rmsprop', loss='categorical_crossentropy', metrics=['accuracy'])
h = answer.fit([inputs_train, queries_train, inputs_train], answers_train, batch_size=16, nb_epoch=14, verbose=0,
           validation_data=([inputs_test, queries_test, inputs_test], answers_test))
print(h.history['loss'][0], h.history['loss'][-1], h.history['val_acc'][-1])
assert h.history['loss'][-1] < 0.75 * h.history['loss'][0] and h.history['val_acc'][-1] > 0.3
