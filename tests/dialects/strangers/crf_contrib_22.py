# -*- coding: utf-8 -*-
"""keras-contrib CRF layer of 2017-18, sequence tagging with masks"""
from __future__ import absolute_import
from __future__ import division
import warnings
from keras import backend as K
from keras import activations
from keras import initializers
from keras import regularizers
from keras import constraints
from keras.layers import Layer
from keras.layers import InputSpec
from keras.losses import categorical_crossentropy
from keras.losses import sparse_categorical_crossentropy
from keras.models import Sequential, Model
from keras.layers import Embedding, LSTM, Bidirectional, TimeDistributed, Dense, Input, Dropout
from keras.utils import to_categorical
import numpy as np

def crf_nll(y_true, y_pred):
    crf, idx = y_pred._keras_history[:2]
    if crf._outbound_nodes:
        raise TypeError('When learn_model="join", CRF must be the last layer.')
    if crf.sparse_target:
        y_true = K.one_hot(K.cast(y_true[:, :, 0], 'int32'), crf.units)
    X = crf._inbound_nodes[idx].input_tensors[0]
    mask = crf._inbound_nodes[idx].input_masks[0]
    nloglik = crf.get_negative_log_likelihood(y_true, X, mask)
    return nloglik

def crf_viterbi_accuracy(y_true, y_pred):
    crf, idx = y_pred._keras_history[:2]
    X = crf._inbound_nodes[idx].input_tensors[0]
    mask = crf._inbound_nodes[idx].input_masks[0]
    y_pred = crf.viterbi_decoding(X, mask)
    y_pred = K.cast(y_pred, 'int32')
    y_true = K.cast(K.argmax(y_true, -1), 'int32') if not crf.sparse_target else K.cast(y_true[:, :, 0], 'int32')
    judge = K.cast(K.equal(y_pred, y_true), K.floatx())
    if mask is None:
        return K.mean(judge)
    else:
        mask = K.cast(mask, K.floatx())
        return K.sum(judge * mask) / K.sum(mask)

class CRF(Layer):
    def __init__(self, units, learn_mode='join', test_mode='viterbi', sparse_target=False, use_boundary=True, use_bias=True,
                 activation='linear', kernel_initializer='glorot_uniform', chain_initializer='orthogonal', bias_initializer='zeros',
                 boundary_initializer='zeros', kernel_regularizer=None, unroll=False, **kwargs):
        super(CRF, self).__init__(**kwargs)
        self.supports_masking = True
        self.units = units
        self.learn_mode = learn_mode
        self.test_mode = test_mode
        self.sparse_target = sparse_target
        self.use_boundary = use_boundary
        self.use_bias = use_bias
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.chain_initializer = initializers.get(chain_initializer)
        self.boundary_initializer = initializers.get(boundary_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.unroll = unroll

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        self.input_dim = input_shape[-1]
        self.kernel = self.add_weight((self.input_dim, self.units), name='kernel', initializer=self.kernel_initializer, regularizer=self.kernel_regularizer)
        self.chain_kernel = self.add_weight((self.units, self.units), name='chain_kernel', initializer=self.chain_initializer)
        if self.use_bias:
            self.bias = self.add_weight((self.units,), name='bias', initializer=self.bias_initializer)
        else:
            self.bias = 0
        if self.use_boundary:
            self.left_boundary = self.add_weight((self.units,), name='left_boundary', initializer=self.boundary_initializer)
            self.right_boundary = self.add_weight((self.units,), name='right_boundary', initializer=self.boundary_initializer)
        self.built = True

    def call(self, X, mask=None):
        if mask is not None:
            assert K.ndim(mask) == 2, 'Input mask to CRF must have dim 2 if not None'
        if self.test_mode == 'viterbi':
            test_output = self.viterbi_decoding(X, mask)
        else:
            test_output = self.get_marginal_prob(X, mask)
        self.uses_learning_phase = True
        if self.learn_mode == 'join':
            train_output = K.zeros_like(K.dot(X, self.kernel))
            out = K.in_train_phase(train_output, test_output)
        return out

    def compute_output_shape(self, input_shape):
        return input_shape[:2] + (self.units,)

    def compute_mask(self, input, mask=None):
        if mask is not None and self.learn_mode == 'join':
            return K.any(mask, axis=1)
        return mask

    def get_config(self):
        config = {'units': self.units, 'learn_mode': self.learn_mode, 'test_mode': self.test_mode, 'use_boundary': self.use_boundary,
                  'use_bias': self.use_bias, 'sparse_target': self.sparse_target,
                  'kernel_initializer': initializers.serialize(self.kernel_initializer),
                  'activation': activations.serialize(self.activation)}
        base_config = super(CRF, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))

    @property
    def loss_function(self):
        if self.learn_mode == 'join':
            return crf_nll

    def get_negative_log_likelihood(self, y_true, X, mask):
        input_energy = self.activation(K.dot(X, self.kernel) + self.bias)
        if self.use_boundary:
            input_energy = self.add_boundary_energy(input_energy, mask, self.left_boundary, self.right_boundary)
        energy = self.get_energy(y_true, input_energy, mask)
        logZ = self.get_log_normalization_constant(input_energy, mask, input_length=K.int_shape(X)[1])
        nloglik = logZ + energy
        if mask is not None:
            nloglik = nloglik / K.sum(K.cast(mask, K.floatx()), 1)
        else:
            nloglik = nloglik / K.cast(K.shape(X)[1], K.floatx())
        return nloglik

    def add_boundary_energy(self, energy, mask, start, end):
        start = K.expand_dims(K.expand_dims(start, 0), 0)
        end = K.expand_dims(K.expand_dims(end, 0), 0)
        if mask is None:
            energy = K.concatenate([energy[:, :1, :] + start, energy[:, 1:, :]], axis=1)
            energy = K.concatenate([energy[:, :-1, :], energy[:, -1:, :] + end], axis=1)
        else:
            mask = K.expand_dims(K.cast(mask, K.floatx()))
            start_mask = K.cast(K.greater(mask, self.shift_right(mask)), K.floatx())
            end_mask = K.cast(K.greater(self.shift_left(mask), mask), K.floatx())
            energy = energy + start_mask * start
            energy = energy + end_mask * end
        return energy

    def get_energy(self, y_true, input_energy, mask):
        input_energy = K.sum(input_energy * y_true, 2)
        chain_energy = K.sum(K.dot(y_true[:, :-1, :], self.chain_kernel) * y_true[:, 1:, :], 2)
        if mask is not None:
            mask = K.cast(mask, K.floatx())
            chain_mask = mask[:, :-1] * mask[:, 1:]
            input_energy = input_energy * mask
            chain_energy = chain_energy * chain_mask
        total_energy = K.sum(input_energy, -1) + K.sum(chain_energy, -1)
        return total_energy

    def get_log_normalization_constant(self, input_energy, mask, **kwargs):
        logZ = self.recursion(input_energy, mask, return_sequences=False, **kwargs)
        return logZ[:, 0]

    def step(self, input_energy_t, states, return_logZ=True):
        prev_target_val, i, chain_energy = states[:3]
        t = K.cast(i[0, 0], dtype='int32')
        if len(states) > 3:
            if K.backend() == 'theano':
                m = states[3][:, t:(t + 2)]
            else:
                m = K.slice(states[3], [0, t], [-1, 2])
            input_energy_t = input_energy_t * K.expand_dims(m[:, 0])
            chain_energy = chain_energy * K.expand_dims(K.expand_dims(m[:, 0] * m[:, 1]))
        if return_logZ:
            energy = chain_energy + K.expand_dims(input_energy_t - prev_target_val, 2)
            new_target_val = K.logsumexp(-energy, 1)
            return new_target_val, [new_target_val, i + 1]
        else:
            energy = chain_energy + K.expand_dims(input_energy_t + prev_target_val, 2)
            min_energy = K.min(energy, 1)
            argmin_table = K.cast(K.argmin(energy, 1), K.floatx())
            return argmin_table, [min_energy, i + 1]

    def recursion(self, input_energy, mask=None, go_backwards=False, return_sequences=True, return_logZ=True, input_length=None):
        chain_energy = self.chain_kernel
        chain_energy = K.expand_dims(chain_energy, 0)
        prev_target_val = K.zeros_like(input_energy[:, 0, :])
        if go_backwards:
            input_energy = K.reverse(input_energy, 1)
            if mask is not None:
                mask = K.reverse(mask, 1)
        initial_states = [prev_target_val, K.zeros_like(prev_target_val[:, :1])]
        constants = [chain_energy]
        if mask is not None:
            mask2 = K.cast(K.concatenate([mask, K.zeros_like(mask[:, :1])], axis=1), K.floatx())
            constants.append(mask2)
        def _step(input_energy_i, states):
            return self.step(input_energy_i, states, return_logZ)
        target_val_last, target_val_seq, _ = K.rnn(_step, input_energy, initial_states, constants=constants, input_length=input_length, unroll=self.unroll)
        if return_sequences:
            if go_backwards:
                target_val_seq = K.reverse(target_val_seq, 1)
            return target_val_seq
        else:
            return target_val_last

    def shift_left(self, x, offset=1):
        assert offset > 0
        return K.concatenate([x[:, offset:], K.zeros_like(x[:, :offset])], axis=1)

    def shift_right(self, x, offset=1):
        assert offset > 0
        return K.concatenate([K.zeros_like(x[:, :offset]), x[:, :-offset]], axis=1)

    def viterbi_decoding(self, X, mask=None):
        input_energy = self.activation(K.dot(X, self.kernel) + self.bias)
        if self.use_boundary:
            input_energy = self.add_boundary_energy(input_energy, mask, self.left_boundary, self.right_boundary)
        argmin_tables = self.recursion(input_energy, mask, return_logZ=False)
        argmin_tables = K.cast(argmin_tables, 'int32')
        argmin_tables = K.reverse(argmin_tables, 1)
        initial_best_idx = [K.expand_dims(argmin_tables[:, 0, 0])]
        def gather_each_row(params, indices):
            n = K.shape(indices)[0]
            if K.backend() == 'theano':
                from theano import tensor as T
                return params[T.arange(n), indices]
            elif K.backend() == 'tensorflow':
                import tensorflow as tf
                indices = K.transpose(K.stack([tf.range(n), indices]))
                return tf.gather_nd(params, indices)
        def find_path(argmin_table, best_idx):
            next_best_idx = gather_each_row(argmin_table, best_idx[0][:, 0])
            next_best_idx = K.expand_dims(next_best_idx)
            return next_best_idx, [next_best_idx]
        _, best_paths, _ = K.rnn(find_path, argmin_tables, initial_best_idx, input_length=K.int_shape(X)[1], unroll=self.unroll)
        best_paths = K.reverse(best_paths, 1)
        best_paths = K.squeeze(best_paths, 2)
        return K.one_hot(best_paths, self.units)

# the metrics take ids
def crf_acc(y_true, y_pred):
    crf, idx = y_pred._keras_history[:2]
    X = crf._inbound_nodes[idx].input_tensors[0]
    mask = crf._inbound_nodes[idx].input_masks[0]
    p = K.cast(K.argmax(crf.viterbi_decoding(X, mask), -1), 'int32')
    t = K.cast(y_true[:, :, 0], 'int32')
    judge = K.cast(K.equal(p, t), K.floatx())
    mask = K.cast(mask, K.floatx())
    return K.sum(judge * mask) / K.sum(mask)

np.random.seed(7)
N, T, V = 256, 8, 20
lens = np.random.randint(3, T + 1, N)
X = np.zeros((N, T), int); Y = np.zeros((N, T, 1), int)
for i in range(N):
    X[i, :lens[i]] = np.random.randint(1, V, lens[i])
    st = 0
    for t in range(lens[i]):
        tag = 1 if X[i, t] < 6 else (2 if (X[i, t] < 12 and st in (1, 2)) else 0)
        st = tag; Y[i, t, 0] = tag
model = Sequential()
model.add(Embedding(V, 16, mask_zero=True))
model.add(Bidirectional(LSTM(16, return_sequences=True)))
crf = CRF(3, sparse_target=True)
model.add(crf)
model.summary()
model.compile('adam', loss=crf.loss_function, metrics=[crf_acc])
from keras.optimizers import Adam
model.compile(Adam(lr=0.02), loss=crf_nll, metrics=[crf_acc])
h = model.fit(X, Y, batch_size=32, epochs=5, validation_split=0.1)
print(h.history)
assert h.history['loss'][-1] < 0.75  # masked steps add log(3) each, as upstream
assert h.history['val_crf_acc'][-1] > 0.9
pred = model.predict(X[:32]).argmax(-1)
ok = [(pred[i, :lens[i]] == Y[i, :lens[i], 0]).mean() for i in range(32)]
assert np.mean(ok) > 0.9, np.mean(ok)
from keras.models import load_model
model.save('crf.h5')
m2 = load_model('crf.h5', custom_objects={'CRF': CRF, 'crf_nll': crf_nll, 'crf_acc': crf_acc})
assert (m2.predict(X[:32]).argmax(-1) == pred).all()
