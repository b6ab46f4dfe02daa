"""Train a miniature GPT on a made-up text and let it write: causal masks, tied head, generate loop, callback."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(16)
text = "the cat sat on the mat. the dog sat on the log. a cat and a dog met. " * 3
vocabulary = sorted(set(text))
encode = {character: index for index, character in enumerate(vocabulary)}
decode = dict(enumerate(vocabulary))
block_size, width = 12, 16


class CausalSelfAttention(layers.Layer):
    def __init__(self, width, heads, **kwargs):
        super().__init__(**kwargs)
        self.width, self.heads = width, heads
        self.qkv = layers.Dense(3 * width, name="qkv")
        self.proj = layers.Dense(width, name="proj")

    def call(self, x):
        batch, length = ops.shape(x)[0], ops.shape(x)[1]
        q, k, v = ops.split(self.qkv(x), 3, axis=-1)

        def heads(t):
            return ops.transpose(ops.reshape(t, (batch, length, self.heads, self.width // self.heads)), (0, 2, 1, 3))

        q, k, v = heads(q), heads(k), heads(v)
        scores = ops.einsum("bhqd,bhkd->bhqk", q, k) / ops.sqrt(ops.cast(self.width // self.heads, x.dtype))
        mask = ops.tril(ops.ones((length, length), dtype="bool"))
        scores = ops.where(mask, scores, -1e9)
        mixed = ops.matmul(ops.softmax(scores, axis=-1), v)
        return self.proj(ops.reshape(ops.transpose(mixed, (0, 2, 1, 3)), (batch, length, self.width)))


class Block(layers.Layer):
    def __init__(self, width, heads, **kwargs):
        super().__init__(**kwargs)
        self.ln1, self.ln2 = layers.LayerNormalization(epsilon=1e-5), layers.LayerNormalization(epsilon=1e-5)
        self.attn = CausalSelfAttention(width, heads)
        self.mlp = keras.Sequential([layers.Dense(4 * width, activation="gelu"), layers.Dense(width)])

    def call(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class GPT(keras.Model):
    def __init__(self, vocab_size, block_size, width, heads=2, depth=2, **kwargs):
        super().__init__(**kwargs)
        self.block_size = block_size
        self.wte = layers.Embedding(vocab_size, width)
        self.wpe = layers.Embedding(block_size, width)
        self.blocks = [Block(width, heads, name=f"block_{i}") for i in range(depth)]
        self.ln_f = layers.LayerNormalization(epsilon=1e-5)

    def call(self, tokens):
        length = ops.shape(tokens)[1]
        x = self.wte(tokens) + self.wpe(ops.arange(length))
        for block in self.blocks:
            x = block(x)
        x = self.ln_f(x)
        return ops.matmul(x, ops.transpose(self.wte.embeddings))

    def generate(self, tokens, max_new_tokens, temperature=1.0):
        for _ in range(max_new_tokens):
            window = tokens[:, -self.block_size :]
            logits = self(window, training=False)[:, -1, :] / temperature
            following = ops.argmax(logits, axis=-1)
            tokens = np.concatenate([tokens, np.array(following)[:, None]], axis=1)
        return tokens


class TextGenerator(keras.callbacks.Callback):
    def __init__(self, prompt, length=3):
        super().__init__()
        self.prompt, self.length, self.texts = prompt, length, []

    def on_epoch_end(self, epoch, logs=None):
        if epoch % 5 != 4:
            return
        tokens = self.model.generate(np.array([[encode[c] for c in self.prompt]]), self.length)
        self.texts.append("".join(decode[int(t)] for t in tokens[0]))


data = np.array([encode[c] for c in text])
windows = np.stack([data[i : i + block_size + 1] for i in range(0, 120, 5)])
x, y = windows[:, :-1], windows[:, 1:]

model = GPT(len(vocabulary), block_size, width)
model(x[:1])
for weight in model.trainable_variables:
    if "gamma" in weight.path:
        continue
    weight.assign(rng.normal(0, 0.15, weight.shape))
model.compile(
    optimizer=keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(0.0, 40, warmup_target=0.02, warmup_steps=5),
        weight_decay=0.1,
        global_clipnorm=1.0,
    ),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
writer = TextGenerator("the cat sat on")
history = model.fit(x, y, batch_size=8, epochs=10, shuffle=False, callbacks=[writer], verbose=0)
model.save_weights("gpt.weights.h5")
fresh = GPT(len(vocabulary), block_size, width)
fresh(x[:1])
fresh.load_weights("gpt.weights.h5")
record = {
    "losses": history.history["loss"],
    "accuracy": history.history["accuracy"],
    "texts": writer.texts,
    "rate": float(model.optimizer.learning_rate),
    "checksum": float(np.abs(fresh.predict(x[:8], verbose=0)).sum()),
}
print(json.dumps(record))
