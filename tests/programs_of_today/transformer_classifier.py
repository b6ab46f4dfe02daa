"""Classify texts with a transformer block and an embedding of tokens and positions, both layers of one's own."""

import json

import keras
import numpy as np
from keras import layers, ops

vocab_size, maxlen, embed_dim, num_heads, ff_dim = 50, 10, 8, 2, 16
rng = np.random.default_rng(15)


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.embed_dim, self.num_heads, self.ff_dim, self.rate = embed_dim, num_heads, ff_dim, rate
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs, training=None):
        attn_output = self.att(inputs, inputs)
        attn_output = self.dropout1(attn_output, training=training)
        out1 = self.layernorm1(inputs + attn_output)
        ffn_output = self.ffn(out1)
        ffn_output = self.dropout2(ffn_output, training=training)
        return self.layernorm2(out1 + ffn_output)

    def get_config(self):
        config = super().get_config()
        config.update(
            {"embed_dim": self.embed_dim, "num_heads": self.num_heads, "ff_dim": self.ff_dim, "rate": self.rate}
        )
        return config


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim, **kwargs):
        super().__init__(**kwargs)
        self.maxlen, self.vocab_size, self.embed_dim = maxlen, vocab_size, embed_dim
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        maxlen = ops.shape(x)[-1]
        positions = ops.arange(start=0, stop=maxlen, step=1)
        positions = self.pos_emb(positions)
        x = self.token_emb(x)
        return x + positions

    def get_config(self):
        config = super().get_config()
        config.update({"maxlen": self.maxlen, "vocab_size": self.vocab_size, "embed_dim": self.embed_dim})
        return config


words = [list(rng.integers(1, vocab_size, size=int(rng.integers(4, 14)))) for _ in range(24)]
x_train = keras.utils.pad_sequences(words, maxlen=maxlen)
y_train = np.array([int(sum(sentence) % 2) for sentence in words])
x_val, y_val = x_train[18:], y_train[18:]
x_train, y_train = x_train[:18], y_train[:18]

inputs = layers.Input(shape=(maxlen,))
embedding_layer = TokenAndPositionEmbedding(maxlen, vocab_size, embed_dim)
x = embedding_layer(inputs)
transformer_block = TransformerBlock(embed_dim, num_heads, ff_dim)
x = transformer_block(x)
x = layers.GlobalAveragePooling1D()(x)
x = layers.Dense(20, activation="relu")(x)
outputs = layers.Dense(2, activation="softmax")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
model.summary(expand_nested=True)
model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])

model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
stopping = keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True)
checkpoint = keras.callbacks.ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True)
history = model.fit(
    x_train,
    y_train,
    batch_size=6,
    epochs=10,
    validation_data=(x_val, y_val),
    shuffle=False,
    callbacks=[stopping, checkpoint],
    verbose=0,
)
model.save("transformer.keras")
custom_objects = {"TransformerBlock": TransformerBlock, "TokenAndPositionEmbedding": TokenAndPositionEmbedding}
with keras.saving.custom_object_scope(custom_objects):
    restored = keras.models.load_model("transformer.keras")
model.load_weights("best.weights.h5")
record = {
    "losses": history.history["loss"],
    "val_losses": history.history["val_loss"],
    "accuracy": history.history["accuracy"],
    "best": [float(v) for v in model.evaluate(x_val, y_val, verbose=0)],
    "parameters": model.count_params(),
    "checksum": float(restored.predict(x_val, verbose=0)[:, 0].sum()),
}
print(json.dumps(record))
