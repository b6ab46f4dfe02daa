"""Learn to learn sine waves: MAML's inner step by jax.grad through stateless_call, the outer step by the optimizer."""

import json

import jax
import keras
import numpy as np
from keras import layers, ops

inner_lr, meta_batch, shots = 0.05, 4, 10
rng = np.random.default_rng(13)


class Regressor(keras.Model):
    def __init__(self, hidden=16, **kwargs):
        super().__init__(**kwargs)
        self.hidden1 = layers.Dense(hidden, activation="tanh")
        self.hidden2 = layers.Dense(hidden, activation="tanh")
        self.out = layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden2(self.hidden1(x)))


def sample_task():
    amplitude, phase = rng.uniform(0.5, 2.0), rng.uniform(0, np.pi)
    x = rng.uniform(-3, 3, (2 * shots, 1)).astype("float32")
    y = (amplitude * np.sin(x + phase)).astype("float32")
    return x[:shots], y[:shots], x[shots:], y[shots:]


model = Regressor()
model(np.zeros((1, 1), "float32"))
for variable in model.trainable_variables:
    variable.assign(rng.normal(0, 0.4, variable.shape))
meta_optimizer = keras.optimizers.Adam(learning_rate=0.01)
meta_optimizer.build(model.trainable_variables)
mse = keras.losses.MeanSquaredError()


def task_loss(trainable, non_trainable, x, y):
    y_pred, _ = model.stateless_call(trainable, non_trainable, x)
    return mse(y, y_pred)


def adapt(trainable, non_trainable, x, y, steps=1):
    for _ in range(steps):
        grads = jax.grad(task_loss)(trainable, non_trainable, x, y)
        trainable = [w - inner_lr * g for w, g in zip(trainable, grads)]
    return trainable


def meta_loss(trainable, non_trainable, batch):
    total = 0.0
    for support_x, support_y, query_x, query_y in batch:
        adapted = adapt(trainable, non_trainable, support_x, support_y)
        total = total + task_loss(adapted, non_trainable, query_x, query_y)
    return total / len(batch)


@jax.jit
def meta_step(trainable, non_trainable, optimizer_variables, batch):
    loss, grads = jax.value_and_grad(meta_loss)(trainable, non_trainable, batch)
    trainable, optimizer_variables = meta_optimizer.stateless_apply(optimizer_variables, grads, trainable)
    return loss, trainable, optimizer_variables


trainable = model.trainable_variables
non_trainable = model.non_trainable_variables
optimizer_variables = meta_optimizer.variables
trainable, non_trainable = [v.value for v in trainable], [v.value for v in non_trainable]
optimizer_variables = [v.value for v in optimizer_variables]
losses = []
for _iteration in range(10):
    batch = [sample_task() for _ in range(meta_batch)]
    loss, trainable, optimizer_variables = meta_step(trainable, non_trainable, optimizer_variables, batch)
    losses.append(float(loss))

trainable = [np.array(value) for value in trainable]
for variable, value in zip(model.trainable_variables, trainable):
    variable.assign(value)
support_x, support_y, query_x, query_y = sample_task()
before = float(mse(query_y, model.predict(query_x, verbose=0)))
for variable, value in zip(model.trainable_variables, adapt(trainable, non_trainable, support_x, support_y, steps=5)):
    variable.assign(value)
after = float(mse(query_y, model.predict(query_x, verbose=0)))
record = {"losses": losses, "before_and_after": [before, after], "checksum": float(ops.sum(ops.abs(model(query_x))))}
print(json.dumps(record))
