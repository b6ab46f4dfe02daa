"""Parts of one's own in the manner of Keras 1.2: add_weight, a wrapper, a recurrent layer with constants, all the rest."""
import numpy as np
from keras import backend as K
from keras import initializations
from keras.callbacks import Callback
from keras.constraints import Constraint
from keras.engine import InputSpec, Layer
from keras.layers import Dense, Input, Wrapper
from keras.layers.recurrent import Recurrent
from keras.models import Model, load_model
from keras.optimizers import Optimizer
from keras.regularizers import Regularizer


class Projection(Layer):
    def __init__(self, output_dim, init="glorot_uniform", **kwargs):
        self.output_dim = output_dim
        self.init = initializations.get(init, dim_ordering="th")
        super(Projection, self).__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(dtype=K.floatx(), shape=(None, input_shape[-1]))]
        self.W = self.add_weight((input_shape[-1], self.output_dim), initializer=self.init, name="{}_W".format(self.name),
                                 regularizer=Rows(0.001), constraint=Small())
        self.built = True

    def call(self, x, mask=None):
        return K.dot(x, self.W)

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], self.output_dim)

    def get_config(self):
        config = {"output_dim": self.output_dim}
        base_config = super(Projection, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))


class Residual(Wrapper):
    def build(self, input_shape):
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        super(Residual, self).build()

    def call(self, x, mask=None):
        return x + self.layer.call(x)

    def get_output_shape_for(self, input_shape):
        return input_shape


class Minimal(Recurrent):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super(Minimal, self).__init__(**kwargs)

    def build(self, input_shape):
        self.states = [None]
        self.W = self.add_weight((input_shape[2], self.output_dim), initializer=my_init, name="W")
        self.built = True

    def get_constants(self, x):
        return [K.cast_to_floatx(0.5)]

    def step(self, x, states):
        h, rate = states
        h = rate * h + (1 - rate) * K.tanh(K.dot(x, self.W))
        return h, [h]


class Momentum(Optimizer):
    def __init__(self, lr=0.01, momentum=0.5, **kwargs):
        super(Momentum, self).__init__(**kwargs)
        self.lr = K.variable(lr)
        self.momentum = K.variable(momentum)

    def get_updates(self, params, constraints, loss):
        grads = self.get_gradients(loss, params)
        moments = [K.zeros(K.get_variable_shape(p)) for p in params]
        self.weights = moments
        self.updates = []
        for p, g, m in zip(params, grads, moments):
            v = self.momentum * m - self.lr * g
            self.updates.append(K.update(m, v))
            new_p = p + v
            if p in constraints:
                c = constraints[p]
                new_p = c(new_p)
            self.updates.append(K.update(p, new_p))
        return self.updates

    def get_config(self):
        config = {"lr": float(K.get_value(self.lr)), "momentum": float(K.get_value(self.momentum))}
        base_config = super(Momentum, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))


class Small(Constraint):
    def __call__(self, p):
        return K.clip(p, -0.5, 0.5)


class Rows(Regularizer):
    def __init__(self, rate=0.0):
        self.rate = K.cast_to_floatx(rate)

    def __call__(self, x):
        return self.rate * K.sum(K.sqrt(K.sum(K.square(x), axis=1)))

    def get_config(self):
        return {"rate": float(self.rate)}


def my_init(shape, name=None, dim_ordering=None):
    return K.random_uniform_variable(shape, -0.3, 0.3, name=name)


class Epochs(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.seen = getattr(self.model, "seen", []) + [logs["loss"]]


np.random.seed(0)
x = Input(shape=(5, 3))
y = Minimal(6)(x)
y = Residual(Dense(6, activation="tanh"))(y)
y = Projection(1)(y)
model = Model(input=x, output=y)
model.compile(loss="mse", optimizer=Momentum(0.05), metrics=[lambda t, p: K.mean(K.abs(t - p))])
X = np.random.randn(100, 5, 3)
Y = X[:, -1].sum(axis=1, keepdims=True) * 0.1
model.fit(X, Y, nb_epoch=20, batch_size=20, callbacks=[Epochs()], verbose=0)
assert len(model.seen) == 20 and model.seen[-1] < model.seen[0] / 2
assert np.abs(model.layers[-1].get_weights()[0]).max() <= 0.5
again = Model.from_config(model.get_config(), custom_objects={"Minimal": Minimal, "Residual": Residual, "Projection": Projection})
again.set_weights(model.get_weights())
assert np.allclose(again.predict(X), model.predict(X))
print("losses", model.seen[0], model.seen[-1])
