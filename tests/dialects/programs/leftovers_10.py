"""What old programs expect of NumPy, inspect, Theano and TensorFlow."""
import inspect

import numpy as np
import theano
import theano.tensor as T
from keras import backend as K
from keras.layers import Activation, Dense, Lambda
from keras.models import Sequential

import tensorflow as tf

tf.logging.set_verbosity(tf.logging.ERROR)
config = tf.ConfigProto()
config.gpu_options.allow_growth = True
K.set_session(tf.Session(config=config))
assert inspect.getargspec(lambda a, b=1: None).args == ["a", "b"]
x = np.zeros((3, 4), dtype=np.float)
labels = np.ones(3, dtype=np.int)


def theano_softmax(x):
    return T.nnet.softmax(x)


def clipped_loss(y_true, y_pred):
    return T.clip(T.sqr(y_true - y_pred), 0, 10).mean(axis=-1)


model = Sequential([
    Dense(5, input_dim=4), Lambda(lambda v: tf.reshape(v, (-1, 5)) * 2), Activation(theano_softmax), Dense(1),
])
model.compile("sgd", clipped_loss)
model.fit(x.astype(theano.config.floatX), labels, nb_epoch=1, verbose=0)
shared = theano.shared(np.ones(3))
assert shared.get_value().sum() == 3
assert abs(float(K.eval(tf.reduce_sum(K.variable(np.ones((2, 2)))))) - 4) < 1e-6
try:
    T.some_rare_thing
except AttributeError as error:
    assert "horngate lends" in str(error)
print("1 passed")
