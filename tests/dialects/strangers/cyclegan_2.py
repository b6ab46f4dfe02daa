from __future__ import print_function, division
from keras.layers import Input, Dense, LeakyReLU, Layer, InputSpec, Conv2D, Activation, Add, Lambda
from keras.models import Model, Sequential
from keras.optimizers import Adam
from keras import backend as K, initializers, regularizers, constraints
import numpy as np
import tensorflow as tf
np.random.seed(1)
class InstanceNormalization(Layer):
    """as in keras_contrib"""
    def __init__(self, axis=None, epsilon=1e-3, center=True, scale=True, beta_initializer='zeros', gamma_initializer='ones',
                 beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, **kwargs):
        super(InstanceNormalization, self).__init__(**kwargs)
        self.supports_masking = True
        self.axis = axis; self.epsilon = epsilon; self.center = center; self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer); self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer); self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint); self.gamma_constraint = constraints.get(gamma_constraint)
    def build(self, input_shape):
        ndim = len(input_shape)
        if self.axis is not None and ndim == 2:
            raise ValueError('Cannot specify axis for rank 1 tensor')
        self.input_spec = InputSpec(ndim=ndim)
        shape = (1,) if self.axis is None else (input_shape[self.axis],)
        self.gamma = self.add_weight(shape=shape, name='gamma', initializer=self.gamma_initializer, regularizer=self.gamma_regularizer, constraint=self.gamma_constraint) if self.scale else None
        self.beta = self.add_weight(shape=shape, name='beta', initializer=self.beta_initializer, regularizer=self.beta_regularizer, constraint=self.beta_constraint) if self.center else None
        self.built = True
    def call(self, inputs, training=None):
        input_shape = K.int_shape(inputs)
        reduction_axes = list(range(0, len(input_shape)))
        if self.axis is not None:
            del reduction_axes[self.axis]
        del reduction_axes[0]
        mean = K.mean(inputs, reduction_axes, keepdims=True)
        stddev = K.std(inputs, reduction_axes, keepdims=True) + self.epsilon
        normed = (inputs - mean) / stddev
        broadcast_shape = [1] * len(input_shape)
        if self.axis is not None:
            broadcast_shape[self.axis] = input_shape[self.axis]
        if self.scale:
            normed = normed * K.reshape(self.gamma, broadcast_shape)
        if self.center:
            normed = normed + K.reshape(self.beta, broadcast_shape)
        return normed
    def get_config(self):
        config = {'axis': self.axis, 'epsilon': self.epsilon, 'center': self.center, 'scale': self.scale,
                  'beta_initializer': initializers.serialize(self.beta_initializer), 'gamma_initializer': initializers.serialize(self.gamma_initializer)}
        base_config = super(InstanceNormalization, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))
class ReflectionPadding2D(Layer):
    def __init__(self, padding=(1, 1), **kwargs):
        self.padding = tuple(padding)
        self.input_spec = [InputSpec(ndim=4)]
        super(ReflectionPadding2D, self).__init__(**kwargs)
    def compute_output_shape(self, s):
        return (s[0], s[1] + 2 * self.padding[0], s[2] + 2 * self.padding[1], s[3])
    def call(self, x, mask=None):
        w_pad, h_pad = self.padding
        return tf.pad(x, [[0, 0], [h_pad, h_pad], [w_pad, w_pad], [0, 0]], 'REFLECT')
def build_generator():
    d0 = Input(shape=(8, 8, 1))
    x = ReflectionPadding2D((1, 1))(d0)
    x = Conv2D(8, 3)(x); x = InstanceNormalization(axis=3)(x); x = Activation('relu')(x)
    y = Conv2D(8, 3, padding='same')(x); y = InstanceNormalization()(y)
    x = Add()([x, y])
    return Model(d0, Conv2D(1, 3, padding='same', activation='tanh')(x))
def build_discriminator():
    return Sequential([Conv2D(4, 4, strides=2, padding='same', input_shape=(8, 8, 1)), LeakyReLU(alpha=0.2), Conv2D(1, 4, strides=1, padding='same')])
opt = Adam(0.01, 0.5)
d_A, d_B = build_discriminator(), build_discriminator()
d_A.compile(loss='mse', optimizer=opt, metrics=['accuracy']); d_B.compile(loss='mse', optimizer=opt, metrics=['accuracy'])
g_AB, g_BA = build_generator(), build_generator()
img_A, img_B = Input(shape=(8, 8, 1)), Input(shape=(8, 8, 1))
fake_B, fake_A = g_AB(img_A), g_BA(img_B)
reconstr_A, reconstr_B = g_BA(fake_B), g_AB(fake_A)
d_A.trainable = False; d_B.trainable = False
combined = Model(inputs=[img_A, img_B], outputs=[d_A(fake_A), d_B(fake_B), reconstr_A, reconstr_B, g_BA(img_A), g_AB(img_B)])
combined.compile(loss=['mse', 'mse', 'mae', 'mae', 'mae', 'mae'], loss_weights=[1, 1, 10, 10, 1, 1], optimizer=opt)
A = np.random.rand(8, 8, 8, 1) * 0.5; B = -A[::-1]
valid, fake = np.ones((8, 4, 4, 1)), np.zeros((8, 4, 4, 1))
hist = []
for epoch in range(30):
    fb, fa = g_AB.predict(A), g_BA.predict(B)
    d_loss = 0.5 * np.add(d_A.train_on_batch(A, valid), d_A.train_on_batch(fa, fake))
    d_B.train_on_batch(B, valid); d_B.train_on_batch(fb, fake)
    hist.append(combined.train_on_batch([A, B], [valid, valid, A, B, A, B]))
print("[D loss: %f, acc: %3d%%] [G loss: %05f -> %05f]" % (d_loss[0], 100 * d_loss[1], hist[0][0], hist[-1][0]))
g_AB.save('g.h5')
from keras.models import load_model
again = load_model('g.h5', custom_objects={'InstanceNormalization': InstanceNormalization, 'ReflectionPadding2D': ReflectionPadding2D})
assert np.allclose(again.predict(A), g_AB.predict(A), atol=1e-6) and hist[-1][0] < 0.6 * hist[0][0]
