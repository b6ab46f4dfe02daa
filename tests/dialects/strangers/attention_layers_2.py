# self-attention, multi-head attention and position embedding layers written by hand, a small Transformer, weighted pooling
import numpy as np
from keras import backend as K
from keras import initializers, regularizers, constraints, activations
from keras.engine.topology import Layer
from keras.layers import Input, Embedding, Dense, Dropout, GlobalAveragePooling1D, Lambda, TimeDistributed, Add, Concatenate, Conv1D
from keras.models import Model, load_model
from keras.callbacks import Callback
import tensorflow as tf
np.random.seed(0)
class LayerNormalization(Layer):
    def __init__(self, eps=1e-6, **kwargs):
        self.eps = eps
        super(LayerNormalization, self).__init__(**kwargs)
    def build(self, input_shape):
        self.gamma = self.add_weight(name='gamma', shape=input_shape[-1:], initializer=initializers.Ones(), trainable=True)
        self.beta = self.add_weight(name='beta', shape=input_shape[-1:], initializer=initializers.Zeros(), trainable=True)
        super(LayerNormalization, self).build(input_shape)
    def call(self, x):
        mean = K.mean(x, axis=-1, keepdims=True); std = K.std(x, axis=-1, keepdims=True)
        return self.gamma * (x - mean) / (std + self.eps) + self.beta
    def compute_output_shape(self, input_shape):
        return input_shape
class Position_Embedding(Layer):
    def __init__(self, size=None, mode='sum', **kwargs):
        self.size = size; self.mode = mode
        super(Position_Embedding, self).__init__(**kwargs)
    def call(self, x):
        if (self.size == None) or (self.mode == 'sum'):
            self.size = int(x.shape[-1])
        batch_size, seq_len = K.shape(x)[0], K.shape(x)[1]
        position_j = 1. / K.pow(10000., 2 * K.arange(self.size / 2, dtype='float32') / self.size)
        position_j = K.expand_dims(position_j, 0)
        position_i = K.cumsum(K.ones_like(x[:, :, 0]), 1) - 1
        position_i = K.expand_dims(position_i, 2)
        position_ij = K.dot(position_i, position_j)
        position_ij = K.concatenate([K.cos(position_ij), K.sin(position_ij)], 2)
        if self.mode == 'sum':
            return position_ij + x
        elif self.mode == 'concat':
            return K.concatenate([position_ij, x], 2)
    def compute_output_shape(self, input_shape):
        if self.mode == 'sum':
            return input_shape
        elif self.mode == 'concat':
            return (input_shape[0], input_shape[1], input_shape[2] + self.size)
class Attention(Layer):
    def __init__(self, nb_head, size_per_head, **kwargs):
        self.nb_head = nb_head; self.size_per_head = size_per_head; self.output_dim = nb_head * size_per_head
        super(Attention, self).__init__(**kwargs)
    def build(self, input_shape):
        for name, s in zip(('WQ', 'WK', 'WV'), input_shape):
            setattr(self, name, self.add_weight(name=name, shape=(s[-1], self.output_dim), initializer='glorot_uniform', trainable=True))
        super(Attention, self).build(input_shape)
    def Mask(self, inputs, seq_len, mode='mul'):
        if seq_len == None:
            return inputs
        else:
            mask = K.one_hot(seq_len[:, 0], K.shape(inputs)[1])
            mask = 1 - K.cumsum(mask, 1)
            for _ in range(len(inputs.shape) - 2):
                mask = K.expand_dims(mask, 2)
            if mode == 'mul':
                return inputs * mask
            if mode == 'add':
                return inputs - (1 - mask) * 1e12
    def call(self, x):
        Q_seq, K_seq, V_seq = x; Q_len, V_len = None, None
        Q_seq = K.dot(Q_seq, self.WQ)
        Q_seq = K.reshape(Q_seq, (-1, K.shape(Q_seq)[1], self.nb_head, self.size_per_head)); Q_seq = K.permute_dimensions(Q_seq, (0, 2, 1, 3))
        K_seq = K.dot(K_seq, self.WK)
        K_seq = K.reshape(K_seq, (-1, K.shape(K_seq)[1], self.nb_head, self.size_per_head)); K_seq = K.permute_dimensions(K_seq, (0, 2, 1, 3))
        V_seq = K.dot(V_seq, self.WV)
        V_seq = K.reshape(V_seq, (-1, K.shape(V_seq)[1], self.nb_head, self.size_per_head)); V_seq = K.permute_dimensions(V_seq, (0, 2, 1, 3))
        A = K.batch_dot(Q_seq, K_seq, axes=[3, 3]) / self.size_per_head ** 0.5
        A = K.permute_dimensions(A, (0, 3, 2, 1)); A = self.Mask(A, V_len, 'add'); A = K.permute_dimensions(A, (0, 3, 2, 1))
        A = K.softmax(A)
        O_seq = K.batch_dot(A, V_seq, axes=[3, 2])
        O_seq = K.permute_dimensions(O_seq, (0, 2, 1, 3)); O_seq = K.reshape(O_seq, (-1, K.shape(O_seq)[1], self.output_dim))
        return self.Mask(O_seq, Q_len, 'mul')
    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], input_shape[0][1], self.output_dim)
class AttentionWeightedAverage(Layer):
    def __init__(self, return_attention=False, **kwargs):
        self.init = initializers.get('uniform'); self.supports_masking = True; self.return_attention = return_attention
        super(AttentionWeightedAverage, self).__init__(**kwargs)
    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight(shape=(input_shape[2], 1), name='{}_W'.format(self.name), initializer=self.init)
        self.trainable_weights = [self.W]
        super(AttentionWeightedAverage, self).build(input_shape)
    def call(self, x, mask=None):
        logits = K.dot(x, self.W)
        x_shape = K.shape(x)
        logits = K.reshape(logits, (x_shape[0], x_shape[1]))
        ai = K.exp(logits - K.max(logits, axis=-1, keepdims=True))
        if mask is not None:
            mask = K.cast(mask, K.floatx())
            ai = ai * mask
        att_weights = ai / (K.sum(ai, axis=1, keepdims=True) + K.epsilon())
        weighted_input = x * K.expand_dims(att_weights)
        result = K.sum(weighted_input, axis=1)
        return [result, att_weights] if self.return_attention else result
    def get_output_shape_for(self, input_shape):
        return self.compute_output_shape(input_shape)
    def compute_output_shape(self, input_shape):
        output_len = input_shape[2]
        if self.return_attention:
            return [(input_shape[0], output_len), (input_shape[0], input_shape[1])]
        return (input_shape[0], output_len)
    def compute_mask(self, input, input_mask=None):
        return [None] * 2 if isinstance(input_mask, list) or self.return_attention else None
X = np.random.randint(1, 12, (200, 8)); y = ((X == 3).sum(1) > (X == 4).sum(1)).astype(int)
S = Input(shape=(None,), dtype='int32')
e = Embedding(12, 16)(S)
e = Position_Embedding()(e)
O = Attention(2, 8)([e, e, e])
e = LayerNormalization()(Add()([e, O]))
f = Conv1D(16, 1)(Conv1D(32, 1, activation='relu')(e))
e = LayerNormalization()(Add()([e, f]))
O_seq = GlobalAveragePooling1D()(e)
pooled, weights = AttentionWeightedAverage(return_attention=True)(e)
O_seq = Dropout(0.1)(Concatenate()([O_seq, pooled]))
outputs = Dense(1, activation='sigmoid')(O_seq)
model = Model(inputs=S, outputs=outputs)
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
class Evaluate(Callback):
    def __init__(self):
        self.best = 0.
    def on_epoch_end(self, epoch, logs=None):
        acc = np.mean((self.model.predict(X)[:, 0] > 0.5) == y)
        if acc > self.best:
            self.best = acc
            self.model.save_weights('best_model.weights')
ev = Evaluate()
h = model.fit(X, y, batch_size=20, epochs=10, callbacks=[ev], verbose=0)
model.load_weights('best_model.weights')
aw = Model(S, weights).predict(X[:4])
print(ev.best, h.history['loss'][0], h.history['loss'][-1], aw.sum(axis=1))
assert ev.best > 0.6 and np.allclose(aw.sum(axis=1), 1, atol=1e-4) and np.mean((model.predict(X)[:, 0] > 0.5) == y) == ev.best
