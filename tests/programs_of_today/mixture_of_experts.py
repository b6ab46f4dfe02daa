"""Route tokens to experts by a gate with a load-balancing loss that the layer adds, in a block of a transformer."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(27)
experts, width, capacity = 3, 6, 8


class Router(layers.Layer):
    def __init__(self, num_experts, **kwargs):
        super().__init__(**kwargs)
        self.num_experts = num_experts
        self.route = layers.Dense(num_experts)

    def call(self, inputs):
        probabilities = ops.softmax(self.route(inputs), axis=-1)
        gate, index = ops.top_k(probabilities, k=1)
        mask = ops.one_hot(index[..., 0], self.num_experts)
        density, proxy = ops.mean(mask, axis=0), ops.mean(probabilities, axis=0)
        self.add_loss(0.01 * ops.mean(density * proxy) * self.num_experts**2)
        place = ops.cumsum(mask, axis=0) * mask
        mask = mask * ops.cast(place <= capacity, "float32")
        return gate * mask


class Switch(layers.Layer):
    def __init__(self, num_experts, width, **kwargs):
        super().__init__(**kwargs)
        self.experts = [
            keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(width)]) for _ in range(num_experts)
        ]
        self.router = Router(num_experts)
        self.width = width

    def build(self, input_shape):
        for expert in self.experts:
            expert.build((None, self.width))
        super().build(input_shape)

    def call(self, inputs):
        tokens = ops.reshape(inputs, (-1, self.width))
        gates = self.router(tokens)
        outputs = ops.stack([expert(tokens) for expert in self.experts], axis=1)
        return ops.reshape(ops.sum(outputs * ops.expand_dims(gates, -1), axis=1), ops.shape(inputs))


inputs = keras.Input((4,), dtype="int32")
x = layers.Embedding(12, width)(inputs)
x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 3)(x, x))
x = layers.LayerNormalization()(x + Switch(experts, width)(x))
outputs = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling1D()(x))
model = keras.Model(inputs, outputs)
for weight in model.trainable_variables:
    weight.assign(rng.normal(0, 0.5, weight.shape))
tokens, labels = rng.integers(0, 12, (24, 4)), rng.integers(0, 2, 24)
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(tokens, labels, batch_size=8, epochs=5, shuffle=False, verbose=0)
record = {
    "losses": history.history["loss"],
    "accuracy": history.history["accuracy"],
    "checksum": float(np.square(model.predict(tokens, verbose=0)).sum()),
}
print(json.dumps(record))
