"""Translate sequences with an encoder and a decoder of attention, causal and padding masks, and greedy decoding."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(23)
vocabulary, length, width = 15, 6, 8


class PositionalEmbedding(layers.Layer):
    def __init__(self, length, vocabulary, width, **kwargs):
        super().__init__(**kwargs)
        self.token_embeddings = layers.Embedding(vocabulary, width)
        self.position_embeddings = layers.Embedding(length, width)

    def call(self, inputs):
        positions = ops.arange(0, ops.shape(inputs)[-1], 1)
        return self.token_embeddings(inputs) + self.position_embeddings(positions)

    def compute_mask(self, inputs, mask=None):
        return ops.not_equal(inputs, 0)


class Encoder(layers.Layer):
    def __init__(self, width, dense, heads, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(heads, width)
        self.dense_proj = keras.Sequential([layers.Dense(dense, activation="relu"), layers.Dense(width)])
        self.norm_1, self.norm_2 = layers.LayerNormalization(), layers.LayerNormalization()
        self.supports_masking = True

    def call(self, inputs, mask=None):
        padding = ops.cast(mask[:, None, :], "int32") if mask is not None else None
        x = self.norm_1(inputs + self.attention(inputs, inputs, inputs, attention_mask=padding))
        return self.norm_2(x + self.dense_proj(x))


class Decoder(layers.Layer):
    def __init__(self, width, dense, heads, **kwargs):
        super().__init__(**kwargs)
        self.attention_1 = layers.MultiHeadAttention(heads, width)
        self.attention_2 = layers.MultiHeadAttention(heads, width)
        self.dense_proj = keras.Sequential([layers.Dense(dense, activation="relu"), layers.Dense(width)])
        self.norms = [layers.LayerNormalization() for _ in range(3)]
        self.supports_masking = True

    def call(self, inputs, mask=None):
        inputs, encoded = inputs
        causal = self.causal_mask(inputs)
        inputs_mask, encoded_mask = (None, None) if mask is None else mask
        x = self.attention_1(inputs, inputs, inputs, attention_mask=causal, query_mask=inputs_mask)
        x = self.norms[0](inputs + x)
        y = self.attention_2(x, encoded, encoded, query_mask=inputs_mask, key_mask=encoded_mask)
        x = self.norms[1](x + y)
        return self.norms[2](x + self.dense_proj(x))

    def causal_mask(self, inputs):
        steps = ops.shape(inputs)[1]
        i, j = ops.arange(steps)[:, None], ops.arange(steps)
        return ops.reshape(ops.cast(i >= j, "int32"), (1, steps, steps))


source, target = (
    keras.Input((length,), dtype="int64", name="encoder_inputs"),
    keras.Input((length,), dtype="int64", name="decoder_inputs"),
)
encoded = Encoder(width, 12, 2)(PositionalEmbedding(length, vocabulary, width)(source))
x = Decoder(width, 12, 2)([PositionalEmbedding(length, vocabulary, width)(target), encoded])
outputs = layers.Dense(vocabulary, activation="softmax")(layers.Dropout(0.0)(x))
transformer = keras.Model({"encoder_inputs": source, "decoder_inputs": target}, outputs, name="transformer")

sentences = rng.integers(3, vocabulary, (16, length))
sentences[np.arange(length)[None] >= rng.integers(3, length + 1, (16, 1))] = 0
shifted = np.concatenate([np.full((16, 1), 1), np.where(sentences > 0, vocabulary + 2 - sentences, 0)], axis=1)
transformer({"encoder_inputs": sentences[:1], "decoder_inputs": shifted[:1, :-1]})
for weight in transformer.trainable_variables:
    weight.assign(rng.normal(0, 0.3, weight.shape))
transformer.compile(
    keras.optimizers.RMSprop(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=0),
    metrics=["accuracy"],
)
data = {"encoder_inputs": sentences, "decoder_inputs": shifted[:, :-1]}
history = transformer.fit(data, shifted[:, 1:], batch_size=8, epochs=4, shuffle=False, verbose=0)
decoded = np.zeros((2, length), "int64")
decoded[:, 0] = 1
for i in range(length - 1):
    predictions = transformer.predict({"encoder_inputs": sentences[:2], "decoder_inputs": decoded}, verbose=0)
    decoded[:, i + 1] = predictions[:, i].argmax(-1)
record = {
    "losses": history.history["loss"],
    "accuracy": transformer.evaluate(data, shifted[:, 1:], batch_size=8, verbose=0)[1],
    "decoded": decoded.ravel().tolist(),
}
print(json.dumps(record))
