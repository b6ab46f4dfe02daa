"""Parts of one's own in the manner of Keras 0.3: layer, optimizer, regularizer, constraint, init, callback, RNN, wrapper."""
import numpy as np
import theano
import theano.tensor as T
from keras import backend as K
from keras.callbacks import Callback
from keras.constraints import Constraint
from keras.layers.core import Activation, Dense, Layer, MaskedLayer
from keras.layers.recurrent import Recurrent
from keras.models import Sequential
from keras.optimizers import Optimizer
from keras.regularizers import Regularizer


class Scale(Layer):
    def __init__(self, factor=2., **kwargs):
        super(Scale, self).__init__(**kwargs)
        self.factor = factor

    def build(self):
        size = self.input_shape[1]
        self.W = K.variable(np.ones((size,)) * self.factor)
        self.params = [self.W]

    @property
    def output_shape(self):
        return self.input_shape

    def get_output(self, train=False):
        X = self.get_input(train)
        return X * self.W

    def get_config(self):
        config = {"name": self.__class__.__name__, "factor": self.factor}
        base_config = super(Scale, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))


class Noisy(MaskedLayer):
    """A wrapper around a function, which acts in training alone."""
    def __init__(self, function, **kwargs):
        super(Noisy, self).__init__(**kwargs)
        self.function = function

    def get_output(self, train=False):
        X = self.get_input(train)
        return self.function(X) if train else X


class SignDescent(Optimizer):
    def __init__(self, lr=0.01, *args, **kwargs):
        super(SignDescent, self).__init__(**kwargs)
        self.__dict__.update(locals())
        self.lr = K.variable(lr)

    def get_updates(self, params, constraints, loss):
        grads = self.get_gradients(loss, params)
        self.updates = []
        for p, g, c in zip(params, grads, constraints):
            self.updates.append((p, c(p - self.lr * K.sign(g))))
        return self.updates


class Small(Constraint):
    def __call__(self, p):
        return K.clip(p, -0.5, 0.5)


class Rows(Regularizer):
    def set_param(self, p):
        self.p = p

    def __call__(self, loss):
        return loss + 0.01 * K.sum(K.abs(self.p))

    def get_config(self):
        return {"name": self.__class__.__name__}


def my_init(shape, name=None):
    return K.variable(np.random.uniform(-0.1, 0.1, size=shape))


class Losses(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get("loss"))


class Leaky(Recurrent):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super(Leaky, self).__init__(**kwargs)

    def build(self):
        self.states = [None]
        self.W = K.variable(np.random.uniform(-0.3, 0.3, (self.input_shape[2], self.output_dim)))
        self.params = [self.W]

    def step(self, x, states):
        h = 0.5 * states[0] + 0.5 * K.tanh(K.dot(x, self.W))
        return h, [h]


np.random.seed(0)
model = Sequential()
model.add(Leaky(6, input_shape=(5, 3)))
model.add(Scale(1.5))
model.add(Noisy(lambda X: X * 1.01))
model.add(Activation("linear"))
model.add(Dense(1, init=my_init, W_constraint=Small(), W_regularizer=Rows()))
model.compile(loss=lambda t, p: K.mean(K.square(t - p), axis=-1), optimizer=SignDescent(0.005))
X = np.random.randn(100, 5, 3)
Y = X.sum(axis=(1, 2))[:, None] * 0.1
seen = Losses()
model.fit(X, Y, nb_epoch=10, batch_size=20, callbacks=[seen], verbose=0, show_accuracy=False)
assert len(seen.losses) == 50 and np.mean(seen.losses[-5:]) < np.mean(seen.losses[:5])
assert np.abs(model.layers[-1].get_weights()[0]).max() <= 0.5
x = T.matrix()
assert theano.function([x], (x ** 2).sum())(np.ones((2, 3))) == 6
print("losses", seen.losses[0], seen.losses[-1])
