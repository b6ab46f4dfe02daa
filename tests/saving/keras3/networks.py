"""Networks written for Keras 3, which together hold every layer that it and horngate have.

Each is a function of the package that makes it, `keras` or `horngate.keras3`.
"""

import zlib

import numpy as np


def vectors(keras):
    """Layers for vectors, in a chain."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6,), name="data"),
            layers.Dense(
                8, "relu", kernel_regularizer="l2", bias_constraint="max_norm", kernel_initializer="he_normal"
            ),
            layers.Dropout(0.3, seed=3),
            layers.BatchNormalization(momentum=0.9, beta_regularizer=keras.regularizers.L1L2(0.1, 0.2)),
            layers.Activation("hard_sigmoid"),
            layers.GaussianNoise(0.1),
            layers.GaussianDropout(0.1),
            layers.AlphaDropout(0.1),
            layers.ActivityRegularization(l1=0.1),
            layers.LayerNormalization(epsilon=0.01),
            layers.LeakyReLU(negative_slope=0.2),
            layers.PReLU(alpha_initializer="ones"),
            layers.ELU(alpha=0.5),
            layers.ReLU(2.0, negative_slope=0.1),
            layers.RMSNormalization(),
            layers.UnitNormalization(),
            layers.Rescaling(2.0, offset=0.5),
            layers.Identity(),
            layers.Dense(4, activation=keras.activations.silu, use_bias=False, kernel_constraint="non_neg"),
            layers.Softmax(),
        ],
        name="chain",
    )


def images(keras):
    """Layers for images, in branches."""
    layers = keras.layers
    x = keras.Input((8, 8, 3), name="image")
    y = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(x)
    a = layers.MaxPooling2D(2)(layers.DepthwiseConv2D(3, padding="same", depth_multiplier=1)(y))
    b = layers.AveragePooling2D(2)(layers.SeparableConv2D(4, 3, padding="same", strides=1)(y))
    c = layers.Conv2D(4, 1, strides=2, groups=2, kernel_initializer=keras.initializers.VarianceScaling(2.0))(y)
    d = layers.Conv2D(4, 2, dilation_rate=2, use_bias=False)(layers.Cropping2D(1)(y))
    d = layers.SpatialDropout2D(0.2)(layers.GroupNormalization(2)(d))
    z = layers.Concatenate()([a, b, c, d])
    z = layers.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1)(z)
    z = layers.ZeroPadding2D(((1, 0), (0, 1)))(layers.UpSampling2D(2, interpolation="bilinear")(z))
    e = layers.GlobalAveragePooling2D()(z)
    f = layers.GlobalMaxPooling2D(keepdims=True)(z)
    g = layers.Flatten()(layers.AdaptiveAveragePooling2D(2)(z))
    h = layers.Flatten()(layers.AdaptiveMaxPooling2D((1, 2))(z))
    return keras.Model(x, layers.Dense(3, name="last")(layers.Concatenate()([e, layers.Flatten()(f), g, h])))


def first_channels(keras):
    """Images with channels first."""
    layers, first = keras.layers, {"data_format": "channels_first"}
    x = keras.Input((3, 6, 6))
    y = layers.Conv2D(4, 2, **first)(x)
    y = layers.BatchNormalization(axis=1)(y)
    y = layers.Conv2DTranspose(4, 2, **first)(y)
    y = layers.UpSampling2D(2, **first)(y)
    return keras.Model(x, layers.Dense(2)(layers.Flatten(**first)(y)))


def sequences(keras):
    """Layers for sequences of numbers of words, with a mask."""
    layers = keras.layers
    x = keras.Input((7,), dtype="int32", name="words")
    tied = layers.ReversibleEmbedding(10, 4, tie_weights=False, name="tied")
    y = layers.Add()([layers.Embedding(10, 4, mask_zero=True)(x), tied(x)])
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(y)
    backward = layers.GRU(3, return_sequences=True, go_backwards=True, activation="relu")
    y = layers.Bidirectional(layers.GRU(3, return_sequences=True), backward_layer=backward)(y)
    y = layers.GRU(4, return_sequences=True, dropout=0.1, reset_after=False)(y)
    y = layers.SimpleRNN(3, return_sequences=True, use_bias=False, activation="relu")(y)
    y = layers.TimeDistributed(layers.Dense(4, name="each"))(y)
    y = layers.RNN([layers.GRUCell(3), layers.LSTMCell(4)], return_sequences=True)(y)
    y = layers.RNN(layers.SimpleRNNCell(4), go_backwards=True, return_sequences=True)(y)
    y = layers.SpatialDropout1D(0.1)(y)
    y, h, c = layers.LSTM(5, return_state=True, recurrent_activation="hard_sigmoid")(y)
    z = layers.LSTM(5)(layers.RepeatVector(3)(y), initial_state=[h, c])
    return keras.Model(x, [layers.Dense(2, name="one")(z), layers.Add(name="two")([h, c])])


def signals(keras):
    """Layers for sequences of vectors."""
    layers = keras.layers
    x = keras.Input((8, 4))
    y = layers.Masking(-1.0)(x)
    y = layers.Conv1D(4, 3, padding="causal")(y)
    y = layers.SeparableConv1D(4, 3, padding="same")(y)
    y = layers.DepthwiseConv1D(3, padding="same")(y)
    y = layers.Conv1DTranspose(4, 3, strides=2)(y)
    y = layers.ZeroPadding1D(1)(layers.Cropping1D((1, 0))(layers.UpSampling1D(2)(y)))
    a = layers.MaxPooling1D(3, padding="same")(y)
    b = layers.AveragePooling1D(3, padding="same")(y)
    y = layers.Permute((2, 1))(layers.Subtract()([a, b]))
    y = layers.Reshape((-1, 4))(y)
    found = [
        layers.GlobalAveragePooling1D()(y),
        layers.GlobalMaxPooling1D()(y),
        layers.Flatten()(layers.AdaptiveAveragePooling1D(2)(y)),
        layers.Flatten()(layers.AdaptiveMaxPooling1D(2)(y)),
        layers.Flatten()(layers.EinsumDense("abc,cd->abd", output_shape=(None, 2), bias_axes="d")(y)),
    ]
    return keras.Model(x, layers.Concatenate(axis=1)(found))


def volumes(keras):
    """Layers for volumes."""
    layers = keras.layers
    x = keras.Input((4, 4, 4, 2))
    y = layers.Conv3D(3, 2, padding="same")(x)
    y = layers.Conv3DTranspose(2, 2, strides=2)(y)
    y = layers.SpatialDropout3D(0.1)(layers.UpSampling3D(1)(y))
    y = layers.Cropping3D(1)(layers.ZeroPadding3D(1)(y))
    a, b = layers.MaxPooling3D(2)(y), layers.AveragePooling3D(2)(y)
    y = layers.Multiply()([a, b])
    found = [layers.GlobalAveragePooling3D()(y), layers.GlobalMaxPooling3D()(y)]
    found += [layers.Flatten()(layers.AdaptiveAveragePooling3D(1)(y))]
    found += [layers.Flatten()(layers.AdaptiveMaxPooling3D(1)(y))]
    return keras.Model(x, layers.Concatenate()(found))


def attention(keras):
    """Attention, merging, several inputs and outputs."""
    layers = keras.layers
    q, v = keras.Input((5, 6), name="queries"), keras.Input((4, 6), name="values")
    m = keras.Input((4,), dtype="bool", name="mask")
    a, scores = layers.MultiHeadAttention(2, 3)(q, v, value_mask=m, return_attention_scores=True)
    a = layers.MultiHeadAttention(1, 4, use_gate=True, output_shape=6)(a, a, use_causal_mask=True)
    b = layers.GroupQueryAttention(3, 4, 2)(q, v)
    c = layers.Attention(use_scale=True)([q, v], mask=[None, m])
    d = layers.AdditiveAttention()([q, v, v])
    s = layers.Average()([layers.Maximum()([a, b]), layers.Minimum()([c, d])])
    dots = layers.Dot(axes=2, normalize=True)([s, q])
    return keras.Model([q, v, m], [layers.Concatenate()([s, dots]), layers.Activation("linear", name="scores")(scores)])


def nested(keras):
    """Models in models, called several times, and layers that are shared."""
    layers = keras.layers
    i = keras.Input((4,))
    inner = keras.Model(i, layers.Dense(4, name="deep")(layers.Dense(4, "tanh")(i)), name="inner")
    chain = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dense(4, name="deep")], name="inner_chain")
    step = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()], name="step")
    shared = layers.Dense(4, "tanh", name="shared")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    x = layers.Add()([inner(shared(a)), chain(b)])
    y = layers.Subtract()([inner(shared(x)), chain(a)])
    steps = layers.TimeDistributed(step)(layers.Reshape((2, 4))(layers.Concatenate()([x, y])))
    return keras.Model([a, b], [y, layers.GlobalMaxPooling1D(name="steps")(steps)], name="outer")


def pictures_in_time(keras):
    """ConvLSTM2D and TimeDistributed over images."""
    layers = keras.layers
    x = keras.Input((3, 6, 6, 2))
    y = layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True)(x)
    a = layers.ConvLSTM1D(2, 2, data_format="channels_last")(layers.Reshape((3, 6, 12))(x))
    b = layers.ConvLSTM3D(2, 2, dropout=0.1)(layers.Reshape((3, 6, 3, 2, 2))(x))
    y = layers.TimeDistributed(layers.Conv2D(2, 3))(y)
    return keras.Model(x, [layers.ConvLSTM2D(2, 2)(y), layers.Activation("linear")(a), layers.Flatten()(b)])


def functions(keras):
    """Operators and functions of `ops` between layers, on tensors, lists of them and constants."""
    layers, ops = keras.layers, keras.ops
    x, y = keras.Input((4,), name="one"), keras.Input((4,), name="other")
    a, b = layers.Dense(4, name="first")(x), layers.Dense(4, name="second")(y)
    c = 1 - (a + b) * 2
    d = ops.concatenate([c[:, 0:1], ops.relu(b)], axis=-1)
    e = ops.expand_dims(d, 1)
    e = ops.softmax(ops.transpose(e, (0, 2, 1)) @ e)
    f = ops.clip(ops.where(d > 0.1, d, -d), 0.0, 1.0) ** 2 / 3
    g = ops.logical_and(f > 0.05, f < 0.3) & ~(d > 0.4)
    h = ops.einsum("bi,bj->bij", c, a)
    i = ops.stack([c, a], axis=1)[:, -1, ...]
    j = ops.maximum(c, np.ones((1, 4), "float32")) % 2 // 1
    k = ops.one_hot(ops.cast(ops.argmax(f, axis=-1), "int32"), 5)
    m = ops.split(ops.gelu(f), [2, 3], axis=-1)[0] + ops.top_k(abs(f), 2)[0]
    n = layers.Dense(3, name="last")(ops.mean(h, axis=(1, 2), keepdims=True)[:, 0])
    o = ops.pad(f, [(0, 0), (1, 2)], constant_values=0.5) + ops.reshape(ops.tile(f[:, :4], (1, 2)), (-1, 8))
    return keras.Model([x, y], [e, ops.cast(g, "float32"), h, i, j, k, m, n, o], name="functions")


def changes(keras):
    """Layers that prepare images; most of them change nothing in testing."""
    layers = keras.layers
    x = keras.Input((8, 9, 3), name="pixels")
    y = layers.Rescaling(20.0, offset=100.0)(x)
    y = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[2.0, 2.0, 4.0])(y)
    y = layers.Normalization(axis=(-1,), invert=True)(y)
    y = layers.RandomFlip("horizontal", seed=3)(y)
    y = layers.RandomRotation((-0.1, 0.2), fill_mode="wrap")(y)
    y = layers.RandomZoom((-0.1, 0.2), interpolation="nearest")(y)
    y = layers.RandomTranslation((-0.1, 0.2), (0.0, 0.1), fill_value=2.0)(y)
    y = layers.RandomShear((0.1, 0.2), (0.0, 0.1))(y)
    y = layers.RandomPerspective(0.5, scale=0.3)(y)
    y = layers.RandomElasticTransform(0.5, scale=0.3)(y)
    y = layers.RandomErasing(0.5, scale=(0.1, 0.2))(y)
    y = layers.RandomBrightness(0.2)(y)
    y = layers.RandomContrast(0.2, value_range=(0, 200))(y)
    y = layers.RandomHue(0.2)(y)
    y = layers.RandomSaturation((0.3, 0.6))(y)
    y = layers.RandomColorDegeneration(0.3)(y)
    y = layers.RandomColorJitter(brightness_factor=(-0.1, 0.1), hue_factor=(0.0, 0.1))(y)
    y = layers.RandomSharpness((0.4, 0.6))(y)
    y = layers.RandomPosterization((3, 5))(y)
    y = layers.RandomGrayscale(0.2)(y)
    y = layers.RandomInvert(0.3)(y)
    y = layers.RandomGaussianBlur(0.5, (3, 5), sigma=(0.5, 1.0))(y)
    y = layers.Solarization(0.1, 0.2)(y)
    y = layers.AugMix(num_chains=2)(layers.RandAugment(num_ops=1)(layers.CutMix(0.5)(layers.MixUp(0.3)(y))))
    y = layers.MaxNumBoundingBoxes(3)(layers.AutoContrast()(y))
    y = layers.ContrastLimitedAdaptiveHistogramEqualization(clip_limit=3.0, tile_grid_size=(2, 3))(y)
    y = layers.Pipeline(
        [layers.Equalization(bins=16), layers.CenterCrop(7, 6), layers.Resizing(5, 4, interpolation="nearest")]
    )(y)
    y = layers.Resizing(6, 6, crop_to_aspect_ratio=True)(layers.CenterCrop(5, 3)(y))
    y = layers.RandomCrop(6, 6, seed=2)(y)
    return keras.Model(x, layers.Flatten()(y))


def prepared(keras):
    """Layers that prepare numbers and signals."""
    layers = keras.layers
    x, n, s = keras.Input((5,)), keras.Input((4,), dtype="int32"), keras.Input((300,))
    told = {"fft_length": 64, "sequence_stride": 32, "num_mel_bins": 5}
    found = [
        layers.Flatten()(layers.Discretization([-0.5, 0.5], output_mode="one_hot")(x)),
        layers.CategoryEncoding(5, output_mode="count")(n),
        layers.Flatten()(layers.MelSpectrogram(**told)(s)),
        layers.Flatten()(layers.STFTSpectrogram("psd", 32)(layers.Reshape((300, 1))(s))),
    ]
    return keras.Model([x, n, s], found)


NETWORKS = {
    found.__name__: found
    for found in (
        vectors,
        images,
        first_channels,
        sequences,
        signals,
        volumes,
        attention,
        nested,
        pictures_in_time,
        functions,
        changes,
        prepared,
    )
}


def trained(keras, optimizer=None):
    """A small network that is compiled, with layers that are frozen and gates."""
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((5, 3)),
            layers.GRU(4, name="steps"),
            layers.Dense(3, "tanh", trainable=False, name="frozen"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(2, use_bias=False, name="last"),
        ],
        name="trained",
    )
    fill(network)
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    optimizer = keras.optimizers.Adam(rate) if optimizer is None else optimizer
    network.compile(optimizer=optimizer, loss=keras.losses.Huber(), metrics=["mae", keras.metrics.MeanSquaredError()])
    return network


def step(network, count=3):
    """Train a network like `trained` for some steps."""
    x = np.random.default_rng(0).normal(size=(8, 5, 3)).astype("float32")
    for _ in range(count):
        network.train_on_batch(x, x[:, 0, :2])


def inputs_of(network):
    """Arrays for the inputs of a network, always the same."""
    rng = np.random.default_rng(zlib.crc32(network.name.encode()))
    found = []
    for x in network.inputs:
        kind, shape = str(x.dtype), (3, *x.shape[1:])
        if "int" in kind:
            found.append(np.maximum(rng.integers(-3, 10, shape), 0).astype("int32"))
        elif "bool" in kind:
            found.append(np.concatenate([np.ones((3, 1), bool), rng.uniform(size=shape)[:, 1:] < 0.6], 1))
        else:
            found.append(rng.normal(size=shape).astype("float32"))
    return found


def fill(network):
    """Give the weights values that are not those of any initializer; variances are positive."""
    rng = np.random.default_rng(7)
    network.set_weights(
        [rng.uniform(0.2, 0.8, w.shape) * rng.choice([1, 1, -1]) ** (w.ndim > 1) for w in network.get_weights()]
    )


def outputs_of(network, arrays):
    """What a network predicts, as a list."""
    found = network.predict(arrays if len(arrays) > 1 else arrays[0], verbose=0)
    return [np.asarray(y) for y in (found if isinstance(found, (list, tuple)) else [found])]
