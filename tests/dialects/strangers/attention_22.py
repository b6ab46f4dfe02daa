# Kaggle text kernels: an Attention layer with a context vector, SpatialDropout1D, CuDNNGRU, K.dot tricks
import numpy as np
from keras.layers import Input, Dense, Embedding, SpatialDropout1D, Bidirectional, CuDNNGRU, GlobalMaxPool1D, concatenate, Conv1D, Layer
from keras.models import Model
from keras import backend as K, initializers, regularizers, constraints
np.random.seed(0)
class Attention(Layer):
    def __init__(self, step_dim, W_regularizer=None, b_regularizer=None, W_constraint=None, b_constraint=None, bias=True, **kwargs):
        self.supports_masking = True
        self.init = initializers.get('glorot_uniform')
        self.W_regularizer = regularizers.get(W_regularizer); self.b_regularizer = regularizers.get(b_regularizer)
        self.W_constraint = constraints.get(W_constraint); self.b_constraint = constraints.get(b_constraint)
        self.bias = bias; self.step_dim = step_dim; self.features_dim = 0
        super(Attention, self).__init__(**kwargs)
    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight((input_shape[-1],), initializer=self.init, name='{}_W'.format(self.name), regularizer=self.W_regularizer, constraint=self.W_constraint)
        self.features_dim = input_shape[-1]
        if self.bias:
            self.b = self.add_weight((input_shape[1],), initializer='zero', name='{}_b'.format(self.name), regularizer=self.b_regularizer, constraint=self.b_constraint)
        self.built = True
    def compute_mask(self, input, input_mask=None):
        return None
    def call(self, x, mask=None):
        eij = K.reshape(K.dot(K.reshape(x, (-1, self.features_dim)), K.reshape(self.W, (self.features_dim, 1))), (-1, self.step_dim))
        if self.bias:
            eij += self.b
        a = K.exp(K.tanh(eij))
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        return K.sum(x * K.expand_dims(a), axis=1)
    def compute_output_shape(self, input_shape):
        return input_shape[0], self.features_dim
X = np.random.randint(1, 30, (400, 10)); y = (X == 7).any(1).astype(int)
X[y == 0] = np.where(X[y == 0] == 7, 8, X[y == 0]); half = np.arange(400) % 2 == 0; X[half, 3] = 7; y = (X == 7).any(1).astype(int)
inp = Input(shape=(10,)); x = Embedding(30, 8, input_length=10)(inp); x = SpatialDropout1D(0.1)(x)
x = Bidirectional(CuDNNGRU(8, return_sequences=True))(x)
x = concatenate([Attention(10)(x), GlobalMaxPool1D()(Conv1D(8, kernel_size=2, padding='valid', kernel_initializer='he_uniform')(x))])
model = Model(inputs=inp, outputs=Dense(1, activation='sigmoid')(x))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
h = model.fit(X, y, batch_size=32, epochs=25, validation_split=0.2, verbose=0)
print(max(h.history['val_acc']))
assert max(h.history['val_acc']) > 0.9
