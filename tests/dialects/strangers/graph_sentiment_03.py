# 2015: a Graph with convolutions of several widths, its dictionaries, its file, and layers whose shape is set by hand
import numpy as np
from keras.models import Graph, Sequential, model_from_json
from keras.layers.core import Dense, Dropout, Activation, Flatten, Lambda, TimeDistributedDense
from keras.layers.embeddings import Embedding
from keras.layers.convolutional import Convolution1D, MaxPooling1D
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.utils.layer_utils import model_summary
np.random.seed(0)
vocab, maxlen, n = 20, 12, 240
X = np.random.randint(1, vocab, (n, maxlen)); y = np.random.randint(0, 2, n)
for i in range(n):
    k = np.random.randint(0, maxlen - 2); X[i, k:k + 2] = [3, 7] if y[i] else [7, 3]
graph = Graph()
graph.add_input(name='input', input_shape=(maxlen,), dtype='int')
graph.add_node(Embedding(vocab, 10, input_length=maxlen), name='embedding', input='input')
for width in (2, 3):
    conv = Convolution1D(nb_filter=8, filter_length=width, border_mode='valid', activation='relu', subsample_length=1)
    pool = MaxPooling1D(pool_length=maxlen - width + 1)
    graph.add_node(conv, name='conv%d' % width, input='embedding')
    graph.add_node(pool, name='maxpool%d' % width, input='conv%d' % width)
    graph.add_node(Flatten(), name='flatten%d' % width, input='maxpool%d' % width)
graph.add_node(Dropout(0.1), name='dropout', inputs=['flatten2', 'flatten3'])
graph.add_node(Dense(1, activation='sigmoid'), name='dense', input='dropout')
graph.add_output(name='output', input='dense')
assert list(graph.inputs.keys()) == ['input'] and 'output' in graph.outputs and 'conv3' in graph.nodes
graph.compile('adam', {'output': 'binary_crossentropy'})
h = graph.fit({'input': X, 'output': y}, nb_epoch=15, batch_size=20, verbose=0, validation_split=0.1,
              callbacks=[EarlyStopping(monitor='val_loss', patience=5)])
acc = np.mean((graph.predict({'input': X}, batch_size=40)['output'] > 0.5).ravel() == y)
print('accuracy', acc, 'loss', graph.evaluate({'input': X, 'output': y}))
assert acc > 0.93
again = model_from_json(graph.to_json()); again.compile('sgd', {'output': 'mse'}); again.set_weights(graph.get_weights())
assert np.allclose(again.predict({'input': X})['output'], graph.predict({'input': X})['output'], atol=1e-5)
import theano
pooled = theano.function([graph.inputs['input'].input], graph.nodes['dropout'].get_output(train=False), allow_input_downcast=True, on_unused_input='ignore')
assert pooled(X[:3]).shape == (3, 16)
probability = theano.function([node.get_output() for name, node in graph.inputs.items()], graph.outputs['output'].get_output(train=False), allow_input_downcast=True)
assert np.allclose(probability(X[:3]), graph.predict({'input': X[:3]})['output'], atol=1e-5)
hidden = Dense(6, activation='tanh'); hidden.set_input_shape((None, 5))
assert hidden.W.get_value().shape == (5, 6) and hidden.output_shape == (None, 6)
hidden.set_weights([np.ones((5, 6)), np.zeros(6)])
model = Sequential(); model.add(hidden); model.add(Dense(1, activation='linear'))
model.compile(loss='mse', optimizer='sgd')
assert np.allclose(model.layers[0].get_weights()[0], 1)
Z = np.random.randn(60, 5); out = Z.sum(1, keepdims=True) * 0.3
l0 = model.evaluate(Z, out, verbose=0); model.fit(Z, out, nb_epoch=30, batch_size=10, verbose=0)
assert model.evaluate(Z, out, verbose=0) < 0.5 * l0
