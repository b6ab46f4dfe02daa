# 2015: an image and question model as Sequentials merged, a Graph with two outputs, and a language model step by step
import numpy as np
import theano
from keras.models import Sequential, Graph
from keras.layers.core import Dense, Dropout, Activation, Flatten, Reshape, Merge, RepeatVector, TimeDistributedDense, Permute, Lambda, Masking
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.layers.recurrent import LSTM, GRU, SimpleRNN
from keras.layers.embeddings import Embedding
from keras.optimizers import SGD, RMSprop
from keras.utils import np_utils
from keras.regularizers import l2
np.random.seed(1)
n = 90
q = np.random.randint(1, 6, (n, 4)); img = np.random.rand(n, 1, 6, 6); ans = (q[:, -1] + (img[:, 0, 0, 0] > 0.5)) % 3
img[:, 0, :3, :3] = (img[:, :1, 0, 0] > 0.5)[:, :, None]
Y = np_utils.to_categorical(ans, 3)
image_model = Sequential()
image_model.add(Convolution2D(4, 3, 3, border_mode='full', input_shape=(1, 6, 6)))
image_model.add(Activation('relu')); image_model.add(MaxPooling2D(pool_size=(2, 2))); image_model.add(Flatten()); image_model.add(Dense(12))
language_model = Sequential()
language_model.add(Embedding(6, 8, input_length=4)); language_model.add(LSTM(12, return_sequences=False))
model = Sequential()
model.add(Merge([language_model, image_model], mode='concat', concat_axis=1))
for i in range(1):
    model.add(Dense(24, init='uniform')); model.add(Activation('tanh')); model.add(Dropout(0.1))
model.add(Dense(3)); model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer=RMSprop(lr=0.01))
first = model.train_on_batch([q, img], Y)
for k in range(12):
    for i in range(0, n, 15):
        loss = model.train_on_batch([q[i:i + 15], img[i:i + 15]], Y[i:i + 15], accuracy=True)
print(first, loss)
assert loss[0] < 0.8 * float(np.asarray(first).ravel()[0])
json_string = model.to_json(); open('vqa.json', 'w').write(json_string); model.save_weights('vqa.hdf5', overwrite=True)
graph = Graph()
graph.add_input(name='input1', input_shape=(4,), dtype='int')
graph.add_node(Embedding(6, 8, input_length=4), name='embedding', input='input1')
graph.add_node(LSTM(8), name='forward', input='embedding'); graph.add_node(LSTM(8, go_backwards=True), name='backward', input='embedding')
graph.add_node(Dropout(0.1), name='dropout', inputs=['forward', 'backward'])
graph.add_node(Dense(3, activation='softmax', W_regularizer=l2(1e-5)), name='softmax', input='dropout')
graph.add_node(Dense(1, activation='linear'), name='value', input='dropout')
graph.add_output(name='output', input='softmax'); graph.add_output(name='number', input='value')
graph.compile('adam', {'output': 'categorical_crossentropy', 'number': 'mse'})
data = {'input1': q, 'output': np_utils.to_categorical(q[:, -1] % 3, 3), 'number': q[:, 0] / 5.}
h = graph.fit(data, batch_size=10, nb_epoch=20, verbose=0, validation_split=0.1)
out = graph.predict({'input1': q[:5]}, batch_size=5)
print(h.history['loss'][0], h.history['loss'][-1], out['output'].shape, out['number'].shape)
assert h.history['loss'][-1] < 0.8 * h.history["loss"][0]
lm = Sequential()
lm.add(Embedding(6, 8, mask_zero=True, input_length=4)); lm.add(GRU(10, return_sequences=True)); lm.add(TimeDistributedDense(6)); lm.add(Activation('softmax'))
lm.compile(loss='categorical_crossentropy', optimizer=SGD(lr=0.1, momentum=0.9, nesterov=True), sample_weight_mode='temporal')
nxt = np.array([np_utils.to_categorical(np.r_[s[1:], 0], 6) for s in q])
l0 = lm.evaluate(q, nxt, verbose=0); lm.fit(q, nxt, nb_epoch=6, batch_size=15, verbose=0, sample_weight=np.array([[1, 1, 1, 0]] * n)); print(l0, lm.evaluate(q, nxt, verbose=0))
get_hidden = theano.function([lm.layers[0].input], lm.layers[1].get_output(train=False), allow_input_downcast=True)
assert get_hidden(q[:2]).shape == (2, 4, 10)
