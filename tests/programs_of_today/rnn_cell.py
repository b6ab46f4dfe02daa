"""Write a recurrent cell of one's own, stack it in keras.layers.RNN, save the model and read it back."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(14)


@keras.saving.register_keras_serializable(package="Cells", name="MinimalRNNCell")
class MinimalRNNCell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="uniform", name="kernel")
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel"
        )

    def call(self, inputs, states):
        prev_output = states[0]
        h = ops.matmul(inputs, self.kernel)
        output = ops.tanh(h + ops.matmul(prev_output, self.recurrent_kernel))
        return output, [output]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="Cells")
class LeakyGatedCell(keras.layers.Layer):
    """A cell of two states: what it shows and a slow memory."""

    def __init__(self, units, leak=0.9, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.leak = leak
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape):
        self.gate = layers.Dense(self.units, activation="sigmoid", name="gate")
        self.candidate = layers.Dense(self.units, name="candidate")
        self.gate.build((None, input_shape[-1] + self.units))
        self.candidate.build((None, input_shape[-1] + self.units))
        self.built = True

    def call(self, inputs, states):
        shown, memory = states
        joined = ops.concatenate([inputs, shown], axis=-1)
        gate = self.gate(joined)
        memory = self.leak * memory + (1 - self.leak) * ops.tanh(self.candidate(joined))
        shown = gate * memory + (1 - gate) * shown
        return shown, [shown, memory]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units)), 0.5 * ops.ones((batch_size, self.units))]

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units, "leak": self.leak})
        return config


inputs = keras.Input((None, 4))
x = layers.Masking()(inputs)
x = layers.RNN(MinimalRNNCell(6), return_sequences=True, name="first")(x)
x = layers.Bidirectional(layers.RNN(MinimalRNNCell(3), return_sequences=True), name="both")(x)
x, shown, memory = layers.RNN(LeakyGatedCell(5, leak=0.8), return_state=True, name="second")(x)
x = layers.Concatenate()([x, memory])
outputs = layers.Dense(2)(x)
model = keras.Model(inputs, outputs)
model.summary()
model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
model.compile("rmsprop", "mse", metrics=["mae"])

sequences = rng.normal(size=(12, 7, 4)).astype("float32")
sequences[::3, 5:] = 0.0
targets = np.stack([sequences.sum((1, 2)), sequences[:, 0, 0]], 1)
history = model.fit(sequences, targets, batch_size=4, epochs=10, shuffle=False, verbose=0)

model.save("cells.keras")
restored = keras.models.load_model("cells.keras")
copied = keras.Model.from_config(model.get_config())
copied.set_weights(model.get_weights())
record = {
    "losses": history.history["loss"],
    "mae": history.history["mae"],
    "shapes": [list(w.shape) for w in model.get_weights()],
    "copied": float(np.abs(copied.predict(sequences, verbose=0)).sum()),
    "checksum": float(np.abs(restored.predict(sequences, verbose=0)).sum()),
}
print(json.dumps(record))
