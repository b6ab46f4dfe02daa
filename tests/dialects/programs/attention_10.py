'''Own layers in Keras 1 with masks, Lambda, merge modes, functional API'''
from __future__ import absolute_import
import numpy as np
from keras import backend as K, activations, initializations, regularizers, constraints
from keras.engine import Layer, InputSpec, merge
from keras.engine.topology import Merge
from keras.layers import Input, Embedding, LSTM, Dense, Lambda, Dropout, TimeDistributed, GRU, Flatten, Permute, RepeatVector, Activation, Reshape
from keras.models import Model, Sequential
from keras.optimizers import adam
from keras.callbacks import ModelCheckpoint, EarlyStopping
class Scale(Layer):
    def __init__(self, weights=None, axis=-1, momentum=0.9, beta_init='zero', gamma_init='one', **kwargs):
        self.momentum = momentum; self.axis = axis
        self.beta_init = initializations.get(beta_init); self.gamma_init = initializations.get(gamma_init)
        self.initial_weights = weights
        super(Scale, self).__init__(**kwargs)
    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        shape = (int(input_shape[self.axis]),)
        self.gamma = self.gamma_init(shape, name='{}_gamma'.format(self.name))
        self.beta = self.beta_init(shape, name='{}_beta'.format(self.name))
        self.trainable_weights = [self.gamma, self.beta]
        if self.initial_weights is not None:
            self.set_weights(self.initial_weights); del self.initial_weights
    def call(self, x, mask=None):
        input_shape = self.input_spec[0].shape
        broadcast_shape = [1] * len(input_shape); broadcast_shape[self.axis] = input_shape[self.axis]
        return K.reshape(self.gamma, broadcast_shape) * x + K.reshape(self.beta, broadcast_shape)
    def get_config(self):
        config = {"momentum": self.momentum, "axis": self.axis}
        base_config = super(Scale, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))
np.random.seed(0)
q = Input(shape=(5,), dtype='int32'); d = Input(shape=(8,), dtype='int32')
emb = Embedding(20, 10, mask_zero=False)
ql = LSTM(10)(emb(q)); dl = LSTM(10, return_sequences=True)(emb(d))
att = TimeDistributed(Dense(10, activation='tanh'))(dl)
rep = RepeatVector(8)(ql)
m = merge([att, rep], mode='mul')
score = TimeDistributed(Dense(1))(m)
a = Activation('softmax')(Flatten()(score))
ctx = merge([a, dl], mode=lambda xs: K.batch_dot(xs[0], xs[1], axes=(1, 1)), output_shape=lambda s: (s[0][0], s[1][2]))
both = merge([ctx, ql], mode='concat', concat_axis=-1)
out = Dense(1, activation='sigmoid')(Scale()(Dropout(0.1)(both)))
model = Model(input=[q, d], output=[out])
model.compile(optimizer=adam(lr=0.01), loss='binary_crossentropy', metrics=['accuracy'])
D = np.random.randint(1, 20, (300, 8)); Q = np.random.randint(1, 20, (300, 5)); y = (D[:, 0] > 10).astype(int)
h = model.fit([Q, D], y, nb_epoch=10, batch_size=20, verbose=0, validation_split=0.1, callbacks=[ModelCheckpoint('best.hdf5', monitor='val_loss', save_best_only=True)])
model.load_weights('best.hdf5')
r = model.evaluate([Q, D], y, verbose=0); print(r); assert r[1] > .9
json_string = model.to_json(); open('model.json', 'w').write(json_string)
