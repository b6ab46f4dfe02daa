# continuous bag of words as in the blog posts: Lambda with a mean over words, softmax, np_utils
import numpy as np
import keras.backend as K
from keras.models import Sequential
from keras.layers import Dense, Embedding, Lambda
from keras.utils import np_utils
from keras.preprocessing import sequence
from keras.preprocessing.text import Tokenizer
np.random.seed(13)
corpus = ['the sun is bright and the sky is blue', 'the sky is blue and the sea is deep', 'a deep sea and a bright sun'] * 3
tokenizer = Tokenizer(); tokenizer.fit_on_texts(corpus)
corpus = tokenizer.texts_to_sequences(corpus)
nb_samples = sum(len(s) for s in corpus); V = len(tokenizer.word_index) + 1; dim = 12; window_size = 2
def generate_data(corpus, window_size, V):
    maxlen = window_size * 2
    for words in corpus:
        L = len(words)
        for index, word in enumerate(words):
            contexts = []; labels = []
            s = index - window_size; e = index + window_size + 1
            contexts.append([words[i] for i in range(s, e) if 0 <= i < L and i != index])
            labels.append(word)
            yield (sequence.pad_sequences(contexts, maxlen=maxlen), np_utils.to_categorical(labels, V))
cbow = Sequential()
cbow.add(Embedding(input_dim=V, output_dim=dim, input_length=window_size * 2))
cbow.add(Lambda(lambda x: K.mean(x, axis=1), output_shape=(dim,)))
cbow.add(Dense(V, activation='softmax'))
cbow.compile(loss='categorical_crossentropy', optimizer='adadelta')
losses = []
for ite in range(25):
    loss = 0.
    for x, y in generate_data(corpus, window_size, V):
        loss += cbow.train_on_batch(x, y)
    losses.append(loss / nb_samples)
print(losses[0], losses[-1])
assert abs(losses[0] - np.log(V)) < 0.3 and losses[-1] < 0.95 * losses[0]
f = open('vectors.txt', 'w')
f.write(' '.join([str(V - 1), str(dim)])); f.write('\n')
vectors = cbow.get_weights()[0]
for word, i in tokenizer.word_index.items():
    f.write(word); f.write(' '); f.write(' '.join(map(str, list(vectors[i, :])))); f.write('\n')
f.close()
assert len(open('vectors.txt').readlines()) == V
