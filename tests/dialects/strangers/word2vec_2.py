# skip-grams with negative samples, and the neighbours of a word
import random
import numpy as np
from keras.layers import Input, Dense, Reshape, Embedding, dot, Dot
from keras.models import Model
from keras.optimizers import RMSprop
from keras.preprocessing import sequence
from keras.preprocessing.text import Tokenizer
np.random.seed(0); random.seed(0)
groups = [['cat', 'dog', 'cow'], ['red', 'blue', 'green'], ['one', 'two', 'three']]
texts = [' '.join(np.random.choice(groups[i % 3], 12)) + '.' for i in range(60)]
tokenizer = Tokenizer(); tokenizer.fit_on_texts(texts)
data = tokenizer.texts_to_sequences(texts)
vocab_size = len(tokenizer.word_index) + 1; vector_dim = 8
reverse_dictionary = {v: k for k, v in tokenizer.word_index.items()}
sampling_table = sequence.make_sampling_table(vocab_size, sampling_factor=10.)
assert sampling_table.shape == (vocab_size,) and sampling_table.max() <= 1
couples, labels = [], []
for sentence in data:
    c, l = sequence.skipgrams(sentence, vocab_size, window_size=2, negative_samples=1., sampling_table=sampling_table)
    couples += c; labels += l
word_target, word_context = zip(*couples)
word_target = np.array(word_target, dtype='int32'); word_context = np.array(word_context, dtype='int32')
input_target = Input((1,)); input_context = Input((1,))
embedding = Embedding(vocab_size, vector_dim, input_length=1, name='embedding')
target = Reshape((vector_dim, 1))(embedding(input_target)); context = Reshape((vector_dim, 1))(embedding(input_context))
similarity = dot([target, context], axes=1, normalize=True)
dot_product = Reshape((1,))(dot([target, context], axes=1))
output = Dense(1, activation='sigmoid', kernel_initializer='ones')(dot_product)
model = Model(inputs=[input_target, input_context], outputs=output)
model.compile(loss='binary_crossentropy', optimizer=RMSprop(lr=0.02))
validation_model = Model(inputs=[input_target, input_context], outputs=similarity)
print(len(labels), sum(labels))
for epoch in range(6):
    for i in range(0, len(labels) - 64, 64):
        loss = model.train_on_batch([word_target[i:i + 64], word_context[i:i + 64]], np.array(labels[i:i + 64]))
class SimilarityCallback:
    def nearest(self, word, top_k=2):
        sim = np.zeros((vocab_size,)); in_arr1 = np.zeros((1,)); in_arr2 = np.zeros((1,))
        in_arr1[0,] = tokenizer.word_index[word]
        for i in range(1, vocab_size):
            in_arr2[0,] = i
            sim[i] = validation_model.predict_on_batch([in_arr1, in_arr2]).ravel()[0]
        assert abs(sim[tokenizer.word_index[word]] - 1) < 1e-4
        return [reverse_dictionary[k] for k in (-sim).argsort()[1:top_k + 1]]
near = [set(SimilarityCallback().nearest(g[0])) == set(g[1:]) for g in groups]
print(loss, near)
assert sum(near) >= 2
weights = model.get_layer('embedding').get_weights()[0]
assert weights.shape == (vocab_size, vector_dim)
