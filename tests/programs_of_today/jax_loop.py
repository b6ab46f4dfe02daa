"""Write the whole training loop for JAX: stateless_call, value_and_grad, stateless_apply, metrics, validation."""

import json

import jax
import keras
import numpy as np

rng = np.random.default_rng(19)


def get_model():
    inputs = keras.Input(shape=(12,), name="digits")
    x1 = keras.layers.Dense(16, activation="relu")(inputs)
    x1 = keras.layers.BatchNormalization()(x1)
    x2 = keras.layers.Dense(16, activation="relu")(x1)
    outputs = keras.layers.Dense(4, name="predictions")(x2)
    return keras.Model(inputs=inputs, outputs=outputs)


x_train = rng.normal(size=(40, 12)).astype("float32")
y_train = keras.utils.to_categorical(np.argmax(x_train[:, :4], axis=1), 4)
x_val, y_val = x_train[:8], y_train[:8]
batch_size = 8

model = get_model()
for weight in model.trainable_variables:
    weight.assign(rng.normal(0, 0.3, weight.shape))
optimizer = keras.optimizers.Adam(learning_rate=1e-2)
loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True)
train_acc_metric = keras.metrics.CategoricalAccuracy()
val_acc_metric = keras.metrics.CategoricalAccuracy()


def compute_loss_and_updates(trainable_variables, non_trainable_variables, metric_variables, x, y):
    y_pred, non_trainable_variables = model.stateless_call(
        trainable_variables, non_trainable_variables, x, training=True
    )
    loss = loss_fn(y, y_pred)
    metric_variables = train_acc_metric.stateless_update_state(metric_variables, y, y_pred)
    return loss, (non_trainable_variables, metric_variables)


grad_fn = jax.value_and_grad(compute_loss_and_updates, has_aux=True)


@jax.jit
def train_step(state, data):
    trainable_variables, non_trainable_variables, optimizer_variables, metric_variables = state
    x, y = data
    (loss, (non_trainable_variables, metric_variables)), grads = grad_fn(
        trainable_variables, non_trainable_variables, metric_variables, x, y
    )
    trainable_variables, optimizer_variables = optimizer.stateless_apply(
        optimizer_variables, grads, trainable_variables
    )
    return loss, (trainable_variables, non_trainable_variables, optimizer_variables, metric_variables)


@jax.jit
def eval_step(state, data):
    trainable_variables, non_trainable_variables, metric_variables = state
    x, y = data
    y_pred, non_trainable_variables = model.stateless_call(
        trainable_variables, non_trainable_variables, x, training=False
    )
    loss = loss_fn(y, y_pred)
    metric_variables = val_acc_metric.stateless_update_state(metric_variables, y, y_pred)
    return loss, (trainable_variables, non_trainable_variables, metric_variables)


optimizer.build(model.trainable_variables)
trainable_variables = [v.value for v in model.trainable_variables]
non_trainable_variables = [v.value for v in model.non_trainable_variables]
optimizer_variables = [v.value for v in optimizer.variables]
metric_variables = [v.value for v in train_acc_metric.variables]
state = trainable_variables, non_trainable_variables, optimizer_variables, metric_variables

losses, accuracies, val_losses = [], [], []
for epoch in range(2):
    for step in range(len(x_train) // batch_size):
        data = (
            x_train[step * batch_size : (step + 1) * batch_size],
            y_train[step * batch_size : (step + 1) * batch_size],
        )
        loss, state = train_step(state, data)
        losses.append(float(loss))
    _, _, _, metric_variables = state
    for variable, value in zip(train_acc_metric.variables, metric_variables):
        variable.assign(value)
    accuracies.append(float(train_acc_metric.result()))
    train_acc_metric.reset_state()

    trainable_variables, non_trainable_variables, optimizer_variables, metric_variables = state
    val_state = trainable_variables, non_trainable_variables, [v.value for v in val_acc_metric.variables]
    val_loss, val_state = eval_step(val_state, (x_val, y_val))
    val_losses.append(float(val_loss))
    for variable, value in zip(val_acc_metric.variables, val_state[2]):
        variable.assign(value)
    accuracies.append(float(val_acc_metric.result()))
    val_acc_metric.reset_state()
    state = trainable_variables, non_trainable_variables, optimizer_variables, train_acc_metric.variables
    state = (*state[:3], [v.value for v in state[3]])

trainable_variables, non_trainable_variables, optimizer_variables, _ = state
for variable, value in zip(model.trainable_variables, trainable_variables):
    variable.assign(value)
for variable, value in zip(model.non_trainable_variables, non_trainable_variables):
    variable.assign(value)
model.compile(optimizer, loss_fn, metrics=["accuracy"])
record = {
    "losses": losses,
    "accuracies": accuracies,
    "val_losses": val_losses,
    "evaluated": [float(v) for v in model.evaluate(x_val, y_val, verbose=0)],
    "checksum": float(np.abs(model.predict(x_train, verbose=0)).sum()),
}
print(json.dumps(record))
