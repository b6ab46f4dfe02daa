"""Train a GPT, write text by a cache of keys and values, and predict at another length."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.RandomState(0)
record = {}


def fix(model, seed=0):
    r = np.random.RandomState(seed)
    model.set_weights(
        [r.uniform(0.05, 0.25, w.shape) if w.ndim < 2 else r.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()]
    )


def show(name, *values):
    for value in values:
        record.setdefault(name, []).append([float(x) for x in np.ravel(np.asarray(value, "float64"))[:8]])


class CausalSelfAttention(layers.Layer):
    def __init__(self, dim, heads, **kwargs):
        super().__init__(**kwargs)
        self.dim, self.heads = dim, heads
        self.qkv = layers.Dense(3 * dim, use_bias=False, name="qkv")
        self.proj = layers.Dense(dim, name="proj")

    def call(self, x, cache=None, pos=None):
        b, t = ops.shape(x)[0], ops.shape(x)[1]
        q, k, v = ops.split(self.qkv(x), 3, axis=-1)
        hd = self.dim // self.heads
        q, k, v = [ops.transpose(ops.reshape(a, (b, t, self.heads, hd)), (0, 2, 1, 3)) for a in (q, k, v)]
        if cache is not None:
            ck, cv = cache
            k = ops.slice_update(ck, (0, 0, pos, 0), k)
            v = ops.slice_update(cv, (0, 0, pos, 0), v)
            total = ops.shape(k)[2]
            mask = ops.arange(total)[None, None, None, :] <= pos
        else:
            mask = ops.tril(ops.ones((t, t), dtype="bool"))[None, None]
        att = ops.einsum("bhqd,bhkd->bhqk", q, k) / ops.sqrt(ops.cast(hd, x.dtype))
        att = ops.softmax(ops.where(mask, att, -1e9), axis=-1)
        y = ops.reshape(ops.transpose(ops.matmul(att, v), (0, 2, 1, 3)), (b, t, self.dim))
        return self.proj(y), (k, v)


class Block(layers.Layer):
    def __init__(self, dim, heads, **kwargs):
        super().__init__(**kwargs)
        self.ln1 = layers.LayerNormalization(epsilon=1e-5)
        self.ln2 = layers.LayerNormalization(epsilon=1e-5)
        self.attn = CausalSelfAttention(dim, heads)
        self.mlp = keras.Sequential([layers.Dense(4 * dim, activation="gelu"), layers.Dense(dim)])

    def call(self, x, cache=None, pos=None):
        a, new = self.attn(self.ln1(x), cache=cache, pos=pos)
        x = x + a
        return x + self.mlp(self.ln2(x)), new


class GPT(keras.Model):
    def __init__(self, vocab, ctx, dim, heads, depth):
        super().__init__()
        self.ctx, self.heads, self.dim = ctx, heads, dim
        self.tok = layers.Embedding(vocab, dim)
        self.pos = layers.Embedding(ctx, dim)
        self.blocks = [Block(dim, heads, name=f"block_{i}") for i in range(depth)]
        self.ln_f = layers.LayerNormalization(epsilon=1e-5)

    def call(self, ids):
        x = self.tok(ids) + self.pos(ops.arange(ops.shape(ids)[1]))
        for blk in self.blocks:
            x, _ = blk(x)
        return ops.matmul(self.ln_f(x), ops.transpose(self.tok.embeddings))

    def decode(self, ids, caches, pos):
        x = self.tok(ids) + self.pos(ops.expand_dims(pos, 0))
        out = []
        for blk, c in zip(self.blocks, caches):
            x, c = blk(x, cache=c, pos=pos)
            out.append(c)
        return ops.matmul(self.ln_f(x), ops.transpose(self.tok.embeddings)), out

    def generate(self, prompt, steps):
        b = prompt.shape[0]
        shape = (b, self.heads, self.ctx, self.dim // self.heads)
        caches = [(ops.zeros(shape), ops.zeros(shape)) for _ in self.blocks]
        ids = [prompt[:, i : i + 1] for i in range(prompt.shape[1])]
        for i in range(prompt.shape[1] + steps - 1):
            logits, caches = self.decode(ids[i], caches, ops.convert_to_tensor(i))
            if i + 1 >= len(ids):
                ids.append(ops.argmax(logits[:, -1], axis=-1)[:, None])
        return ops.concatenate(ids, axis=1), logits


ids = rng.randint(0, 30, (32, 13))
gpt = GPT(30, 16, 16, 2, 2)
gpt(ids[:1, :12])
fix(gpt)
gpt.compile(
    optimizer=keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(1e-2, 20, warmup_target=1e-2, warmup_steps=2)
    ),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
h = gpt.fit(ids[:, :-1], ids[:, 1:], batch_size=8, epochs=3, shuffle=False, verbose=0)
show("loss", h.history["loss"])
out, logits = gpt.generate(ops.convert_to_tensor(ids[:2, :4]), 6)
record.setdefault("said", []).append([str(x) for x in (np.asarray(out).tolist(),)])
show("logits", logits)
full = gpt.predict(np.asarray(out)[:, :9], verbose=0)
record.setdefault("said", []).append(
    [str(x) for x in ("cache agrees", np.allclose(full[:, -1], np.asarray(logits)[:, -1], atol=1e-4))]
)

print(json.dumps(record))
