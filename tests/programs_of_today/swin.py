"""Train two Swin blocks: windows that shift, tables of relative positions, variables of one's own."""

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


def window_partition(x, window_size):
    _, height, width, channels = x.shape
    n_h, n_w = height // window_size, width // window_size
    x = ops.reshape(x, (-1, n_h, window_size, n_w, window_size, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, window_size, window_size, channels))


def window_reverse(windows, window_size, height, width, channels):
    n_h, n_w = height // window_size, width // window_size
    x = ops.reshape(windows, (-1, n_h, n_w, window_size, window_size, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, height, width, channels))


class WindowAttention(layers.Layer):
    def __init__(self, dim, window_size, num_heads, qkv_bias=True, dropout_rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.dim, self.window_size, self.num_heads = dim, window_size, num_heads
        self.scale = (dim // num_heads) ** -0.5
        self.qkv = layers.Dense(dim * 3, use_bias=qkv_bias)
        self.dropout = layers.Dropout(dropout_rate)
        self.proj = layers.Dense(dim)
        n = (2 * window_size[0] - 1) * (2 * window_size[1] - 1)
        self.relative_position_bias_table = self.add_weight(
            shape=(n, num_heads), initializer=keras.initializers.Zeros(), trainable=True
        )
        coords = np.stack(np.meshgrid(np.arange(window_size[0]), np.arange(window_size[1]), indexing="ij"))
        flat = coords.reshape(2, -1)
        rel = (flat[:, :, None] - flat[:, None, :]).transpose([1, 2, 0])
        rel[:, :, 0] += window_size[0] - 1
        rel[:, :, 1] += window_size[1] - 1
        rel[:, :, 0] *= 2 * window_size[1] - 1
        index = rel.sum(-1)
        self.relative_position_index = keras.Variable(
            initializer=index, shape=index.shape, dtype="int", trainable=False
        )

    def call(self, x, mask=None):
        _, size, channels = x.shape
        head_dim = channels // self.num_heads
        x_qkv = ops.transpose(ops.reshape(self.qkv(x), (-1, size, 3, self.num_heads, head_dim)), (2, 0, 3, 1, 4))
        q, k, v = x_qkv[0], x_qkv[1], x_qkv[2]
        attn = (q * self.scale) @ ops.transpose(k, (0, 1, 3, 2))
        n = self.window_size[0] * self.window_size[1]
        bias = ops.take(self.relative_position_bias_table, ops.reshape(self.relative_position_index, (-1,)), axis=0)
        attn = attn + ops.expand_dims(ops.transpose(ops.reshape(bias, (n, n, -1)), (2, 0, 1)), axis=0)
        if mask is not None:
            nW = mask.shape[0]
            m = ops.cast(ops.expand_dims(ops.expand_dims(mask, axis=1), axis=0), "float32")
            attn = ops.reshape(attn, (-1, nW, self.num_heads, size, size)) + m
            attn = ops.reshape(attn, (-1, self.num_heads, size, size))
        attn = self.dropout(keras.activations.softmax(attn, axis=-1))
        x_qkv = ops.reshape(ops.transpose(attn @ v, (0, 2, 1, 3)), (-1, size, channels))
        return self.dropout(self.proj(x_qkv))


class SwinTransformer(layers.Layer):
    def __init__(self, dim, num_patch, num_heads, window_size=2, shift_size=0, num_mlp=32, **kwargs):
        super().__init__(**kwargs)
        self.dim, self.num_patch, self.window_size, self.shift_size = dim, num_patch, window_size, shift_size
        self.norm1 = layers.LayerNormalization(epsilon=1e-5)
        self.attn = WindowAttention(dim, (window_size, window_size), num_heads)
        self.norm2 = layers.LayerNormalization(epsilon=1e-5)
        self.mlp = keras.Sequential(
            [layers.Dense(num_mlp), layers.Activation(keras.activations.gelu), layers.Dense(dim)]
        )

    def build(self, input_shape):
        if self.shift_size == 0:
            self.attn_mask = None
        else:
            height, width = self.num_patch
            s = (slice(0, -self.window_size), slice(-self.window_size, -self.shift_size), slice(-self.shift_size, None))
            mask_array = np.zeros((1, height, width, 1))
            count = 0
            for h in s:
                for w in s:
                    mask_array[:, h, w, :] = count
                    count += 1
            mask_array = ops.convert_to_tensor(mask_array)
            mask_windows = ops.reshape(window_partition(mask_array, self.window_size), [-1, self.window_size**2])
            attn_mask = ops.expand_dims(mask_windows, axis=1) - ops.expand_dims(mask_windows, axis=2)
            attn_mask = ops.where(attn_mask != 0, -100.0, attn_mask)
            attn_mask = ops.where(attn_mask == 0, 0.0, attn_mask)
            self.attn_mask = keras.Variable(
                initializer=attn_mask, shape=attn_mask.shape, dtype=attn_mask.dtype, trainable=False
            )

    def call(self, x, training=False):
        height, width = self.num_patch
        _, _, channels = x.shape
        x_skip = x
        x = ops.reshape(self.norm1(x), (-1, height, width, channels))
        shifted = ops.roll(x, shift=[-self.shift_size, -self.shift_size], axis=[1, 2]) if self.shift_size > 0 else x
        xw = ops.reshape(window_partition(shifted, self.window_size), (-1, self.window_size**2, channels))
        aw = ops.reshape(self.attn(xw, mask=self.attn_mask), (-1, self.window_size, self.window_size, channels))
        shifted = window_reverse(aw, self.window_size, height, width, channels)
        x = ops.roll(shifted, shift=[self.shift_size, self.shift_size], axis=[1, 2]) if self.shift_size > 0 else shifted
        x = x_skip + ops.reshape(x, (-1, height * width, channels))
        return x + self.mlp(self.norm2(x))


x = rng.rand(16, 16, 12).astype("float32")
y = keras.utils.to_categorical(rng.randint(0, 5, 16), 5)
inp = keras.Input((16, 12))
h = layers.Dense(16)(inp)
h = SwinTransformer(16, (4, 4), 2, 2, 0)(h)
h = SwinTransformer(16, (4, 4), 2, 2, 1)(h)
out = layers.Dense(5, activation="softmax")(layers.GlobalAveragePooling1D()(h))
model = keras.Model(inp, out)
r = np.random.RandomState(3)
for v in model.trainable_weights:
    v.assign(r.uniform(-0.3, 0.3, v.shape))
model.compile(
    loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    optimizer=keras.optimizers.AdamW(learning_rate=1e-3, weight_decay=1e-4),
    metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
)
hist = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
show("loss", hist.history["loss"])
record.setdefault("said", []).append(
    [str(x) for x in (len(model.trainable_weights), len(model.non_trainable_weights), model.count_params())]
)

print(json.dumps(record))
