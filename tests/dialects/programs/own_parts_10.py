"""Parts of one's own in the manner of Keras 1: layer, optimizer, regularizer, constraint, init, callback, RNN."""
import numpy as np
from keras import backend as K
from keras.callbacks import Callback
from keras.constraints import Constraint
from keras.engine.topology import Layer
from keras.layers import Dense, SimpleRNN, Wrapper
from keras.models import Sequential
from keras.optimizers import Optimizer
from keras.regularizers import Regularizer


class Scale(Layer):
    def __init__(self, factor=2.0, **kwargs):
        self.factor = factor
        super(Scale, self).__init__(**kwargs)

    def build(self, input_shape):
        self.W = K.variable(np.ones((input_shape[1],)) * self.factor, name="{}_W".format(self.name))
        self.trainable_weights = [self.W]

    def call(self, x, mask=None):
        return x * self.W

    def get_output_shape_for(self, input_shape):
        return input_shape

    def get_config(self):
        config = {"factor": self.factor}
        base_config = super(Scale, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))


class Doubled(Wrapper):
    def build(self, input_shape=None):
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        super(Doubled, self).build()

    def get_output_shape_for(self, input_shape):
        return self.layer.get_output_shape_for(input_shape)

    def call(self, X, mask=None):
        return 2 * self.layer.call(X)


class Lion(Optimizer):
    def __init__(self, lr=0.01, **kwargs):
        super(Lion, self).__init__(**kwargs)
        self.lr = K.variable(lr)

    def get_updates(self, params, constraints, loss):
        grads = self.get_gradients(loss, params)
        self.updates = []
        for p, g in zip(params, grads):
            new_p = p - self.lr * K.sign(g)
            if p in constraints:
                new_p = constraints[p](new_p)
            self.updates.append(K.update(p, new_p))
        return self.updates


class Small(Constraint):
    def __call__(self, p):
        return K.clip(p, -0.5, 0.5)


class Rows(Regularizer):
    def __call__(self, x):
        return 0.01 * K.sum(K.sqrt(K.sum(K.square(x), axis=1) + 1e-7))


def my_init(shape, name=None):
    return K.variable(np.random.uniform(-0.1, 0.1, shape), name=name)


class Losses(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get("loss"))


class Leaky(SimpleRNN):
    def step(self, x, states):
        h, new = super(Leaky, self).step(x, states)
        h = 0.5 * h + 0.5 * states[0]
        return h, [h]


np.random.seed(0)
model = Sequential()
model.add(Leaky(6, input_shape=(5, 3)))
model.add(Scale(1.5))
model.add(Doubled(Dense(4)))
model.add(Dense(1, init=my_init, W_constraint=Small(), W_regularizer=Rows()))
model.compile(loss=lambda t, p: K.mean(K.square(t - p), axis=-1), optimizer=Lion(0.005))
X = np.random.randn(100, 5, 3)
Y = X.sum(axis=(1, 2))[:, None] * 0.1
seen = Losses()
model.fit(X, Y, nb_epoch=10, batch_size=20, callbacks=[seen], verbose=0)
assert len(seen.losses) == 50 and np.mean(seen.losses[-5:]) < np.mean(seen.losses[:5])
assert np.abs(model.layers[3].get_weights()[0]).max() <= 0.5
assert Scale.from_config(model.layers[1].get_config()).factor == 1.5
print("losses", seen.losses[0], seen.losses[-1])
