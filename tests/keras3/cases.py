"""The cases: a layer's arguments in the words of Keras 3, the shapes of its inputs, and how it is called.

What goes in is drawn from a seed, so that only what comes out is kept (`tests/golden/keras3/layers.npz`).
"""

import zlib

import numpy as np

IMAGE, VOLUME, STEPS, FLAT = (2, 6, 7, 4), (2, 4, 5, 6, 3), (2, 7, 4), (3, 6)

QV = {"query": (2, 5, 6), "value": (2, 4, 6)}
QKV = {"query": (2, 5, 6), "value": (2, 4, 3), "key": (2, 4, 6)}
WIDE = {"query": (2, 5, 6), "value": (2, 4, 3)}
MASKS = {"query_mask": (2, 5), "value_mask": (2, 4)}
SCORES, CAUSAL = {"return_attention_scores": True}, {"use_causal_mask": True}


def made(value, layers):
    """The layer that `("LSTM", 3, {"unroll": True})` describes, or a list of layers; anything else as it is."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return [made(item, layers) for item in value]
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return getattr(layers, value[0])(*value[1:-1], **value[-1])
    return value


class Case:
    """One case.

    # Arguments
        shapes: of the input, or by name of the inputs that its call takes; the word "mask" makes truth values. A list
            of shapes makes a list of inputs.
        args, kwargs: those of the constructor.
        call: more keyword arguments of the call, which are no arrays.
    """

    def __init__(self, shapes, *args, call=None, **kwargs):
        self.listed = isinstance(shapes, list)
        shapes = {f"x{i}": shape for i, shape in enumerate(shapes)} if self.listed else shapes
        self.shapes = shapes if isinstance(shapes, dict) else {"": shapes}
        self.args, self.kwargs, self.options = args, kwargs, call or {}

    def __repr__(self):
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"{list(self.shapes.values()) if self.listed else self.shapes}{options}"

    def inputs(self):
        """The arrays that go in, by name; "" for the only one."""
        rng = np.random.default_rng(zlib.crc32(repr(self.shapes).encode()))
        found = {}
        for name, shape in self.shapes.items():
            if "mask" in name:
                found[name] = rng.uniform(size=shape) < 0.7
                found[name][..., 0] = True
            elif isinstance(shape, list):
                found |= {f"{name}{i}": rng.normal(size=each) for i, each in enumerate(shape)}
            elif name == "numbers":
                found[name] = rng.integers(0, 5, shape)
            else:
                found[name] = rng.normal(size=shape)
        return found

    def arguments(self, name, given):
        """The arguments of a call of the class `name`, where these are its inputs."""
        given = dict(given)
        if self.listed:
            return [list(given.values())], self.options
        if "" in given:
            return [given.pop("")], self.options
        if "numbers" in given:
            return [given.pop("numbers")], self.options
        if "initial_state0" in given:
            given["initial_state"] = [given.pop("initial_state0"), given.pop("initial_state1")]
        if name not in ("Attention", "AdditiveAttention"):
            return [], {**given, **self.options}
        inputs = [given[key] for key in ("query", "value", "key") if key in given]
        masks = [given.get(key) for key in ("query_mask", "value_mask")]
        return [inputs], {"mask": masks, **self.options} if any(m is not None for m in masks) else self.options

    def parts(self, layers):
        """The arguments of the constructor by place; a tuple that begins with a layer's name makes it."""
        return [made(value, layers) for value in self.args]

    def options_of(self, layers):
        """The arguments of the constructor by name."""
        return {name: made(value, layers) for name, value in self.kwargs.items()}

    def weights(self, shapes, roles):
        """Values for weights of these shapes; those with the role "positive" are above 0."""
        rng = np.random.default_rng(len(shapes))
        return [
            rng.uniform(0.5, 1.5, shape) if role == "positive" else rng.normal(size=shape) * 0.5
            for shape, role in zip(shapes, roles, strict=True)
        ]


def weighting(shape):
    """By what the output is multiplied before it is summed, and the sum differentiated."""
    return np.random.default_rng(1).normal(size=shape)


STEP_MASK, TRAINING = {"inputs": STEPS, "mask": (2, 7)}, {"training": True}
WAVE, FIRST = (2, 4, 7), (2, 3, 5, 6)  # steps and images with channels first

CASES = {
    "LayerNormalization": [
        Case(FLAT),
        Case(STEPS, axis=[1, 2], epsilon=0.1),
        Case(IMAGE, axis=1, center=False),
        Case(IMAGE, scale=False),
        Case(IMAGE, -1, 0.01, False, False),
    ],
    "RMSNormalization": [Case(FLAT), Case(IMAGE, axis=[-2, -1], epsilon=0.1)],
    "GroupNormalization": [
        Case(IMAGE, 2),
        Case(IMAGE, groups=-1),
        Case(STEPS, groups=1, epsilon=0.1, center=False),
        Case((2, 4, 5, 3), groups=2, axis=1, scale=False),
        Case(FLAT, groups=2),
    ],
    "EinsumDense": [
        Case((3, 6), "ab,bc->ac", 5, activation="relu", bias_axes="c"),
        Case(STEPS, "abc,cde->abde", (None, 2, 3), bias_axes="de"),
        Case(STEPS, "abc,cde->abde", (7, 2, 3), bias_axes="be", kernel_regularizer="l2"),
        Case(IMAGE, "...x,xy->...y", output_shape=3, bias_axes="y"),
        Case(IMAGE, "ab...,bc->ac...", output_shape=(5,), bias_axes="c"),
        Case(STEPS, "abc,bd->adc", (5, 4), bias_axes="dc"),
    ],
    "Attention": [
        Case(QV),
        Case(QKV, use_scale=True, call=SCORES),
        Case({**QKV, **MASKS}, True, "concat", call={"use_causal_mask": True}),
        Case({**QV, "value_mask": (2, 4)}, score_mode="concat", call=SCORES),
        Case({"query": (2, 5, 4), "value": (2, 5, 4)}, call={**SCORES, "use_causal_mask": True}),
    ],
    "AdditiveAttention": [
        Case(QV),
        Case({**QKV, **MASKS}, use_scale=False, call=SCORES),
        Case({**QKV, "value_mask": (2, 4)}, call={"use_causal_mask": True}),
    ],
    "MultiHeadAttention": [
        Case(WIDE, 2, 3),
        Case(WIDE, 2, 3, call=SCORES),
        Case({**WIDE, "key": (2, 4, 5), "attention_mask": (2, 5, 4)}, 2, 3, value_dim=4, use_bias=False, call=SCORES),
        Case({**WIDE, **MASKS, "attention_mask": (2, 5, 4)}, 2, 3, output_shape=7, call=SCORES),
        Case({"query": (2, 5, 6), "value": (2, 5, 6)}, 2, 4, use_gate=True, call={"use_causal_mask": True}),
        Case({"query": (2, 7, 6), "value": (2, 7, 6)}, 1, 4, sliding_window=2, output_shape=[3, 2], call=SCORES),
        Case({"query": (2, 7, 6), "value": (2, 7, 6)}, 1, 4, sliding_window=3, call={"use_causal_mask": True}),
        Case({"query": (2, 3, 4, 6), "value": (2, 3, 5, 6)}, 2, 3, attention_axes=2, call=SCORES),
        Case(
            {"query": (2, 3, 4, 6), "value": (2, 2, 5, 6), "attention_mask": (2, 3, 4, 2, 5)},
            num_heads=2,
            key_dim=3,
            attention_axes=(1, 2),
            call=SCORES,
        ),
        Case({**WIDE, "key_mask": (2, 4), "attention_mask": (5, 4)}, 2, 3, kernel_initializer="he_normal", call=SCORES),
    ],
    "GroupQueryAttention": [
        Case(WIDE, 3, 4, 2),
        Case({**WIDE, "attention_mask": (2, 5, 4)}, 3, 4, 2, use_gate=True, call=SCORES),
        Case({"query": (2, 5, 6), "value": (2, 5, 6), "key": (2, 5, 6)}, 4, 4, 1, use_bias=False, call=CAUSAL),
        Case({"query": (2, 7, 6), "value": (2, 7, 6)}, 4, 2, 2, sliding_window=2, call=SCORES),
    ],
    "BatchNormalization": [
        Case(FLAT),
        Case(FLAT, call=TRAINING),
        Case(STEP_MASK, call=TRAINING),
        Case(STEP_MASK, center=False, scale=False, momentum=0.5, call=TRAINING),
        Case(IMAGE, axis=1, epsilon=0.1, scale=False, call=TRAINING),
        Case(FLAT, trainable=False, call=TRAINING),
        Case(IMAGE, center=False, gamma_initializer="he_normal", call={"training": False}),
    ],
    "Softmax": [
        Case(FLAT),
        Case(IMAGE, axis=1),
        Case(IMAGE, axis=[1, 2]),
        Case({"inputs": IMAGE, "mask": IMAGE}, axis=[1, 3]),
        Case({"inputs": FLAT, "mask": FLAT}),
    ],
    "ReLU": [Case(FLAT, threshold=0.5), Case(FLAT, 0.7, 0.2, 0.3)],
    "LeakyReLU": [Case(FLAT), Case(FLAT, negative_slope=0.1)],
    "PReLU": [Case(IMAGE, shared_axes=[1, 2])],
    "GlobalAveragePooling1D": [
        Case(STEP_MASK),
        Case(STEP_MASK, keepdims=True),
        Case({"inputs": WAVE, "mask": (2, 7)}, data_format="channels_first"),
        Case(STEPS, "channels_first", True),
    ],
    "GlobalMaxPooling1D": [Case(STEPS, keepdims=True), Case(WAVE, data_format="channels_first")],
    **{
        f"Global{kind}Pooling{rank}D": [Case(x, keepdims=True), Case(x, "channels_first", True)]
        for kind in ("Average", "Max")
        for rank, x in ((2, IMAGE), (3, VOLUME))
    },
    **{
        f"{kind}Pooling1D": [Case(STEPS, 2, 2, "same"), Case(WAVE, 3, 1, data_format="channels_first")]
        for kind in ("Average", "Max")
    },
    "Flatten": [Case(IMAGE, "channels_first"), Case(IMAGE)],
    "UpSampling2D": [
        Case(IMAGE, 2, interpolation=method) for method in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    ]
    + [Case(IMAGE, (1, 3), "channels_first", "bilinear")],
    "ZeroPadding1D": [Case(STEPS, (1, 2)), Case(WAVE, 2, "channels_first")],
    "Dot": [
        Case([FLAT, FLAT], 1, normalize=True),
        Case([STEPS, (2, 5, 4)], 2, normalize=True),
        Case([STEPS, STEPS], axes=(1, 1)),
    ],
    **{
        name: [Case([(2, 3, 1), (2, 4)]), Case([STEPS, (2, 1, 4), (2, 7, 1)])]
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
    },
    "Dense": [Case(STEPS, 3, "tanh", bias_initializer="ones"), Case(FLAT, 2, use_bias=False)],
    "Conv2DTranspose": [
        Case(IMAGE, 3, 3, strides=2),
        Case(IMAGE, 3, (3, 2), strides=(2, 3), padding="same", activation="relu", use_bias=False),
        Case(IMAGE, 3, 3, strides=2, padding="same", output_padding=1),
        Case(IMAGE, 2, 2, dilation_rate=(2, 2)),
        Case((2, 4, 5, 3), 3, 2, kernel_regularizer="l2"),
        Case(FIRST, 3, 2, strides=2, data_format="channels_first"),
    ],
    "SeparableConv2D": [
        Case(IMAGE, 3, 2, dilation_rate=2, depth_multiplier=2),
        Case(IMAGE, 3, 3, 2, "same"),
        Case(FIRST, 4, 2, data_format="channels_first"),
    ],
    "Conv3D": [Case(VOLUME, 2, 2, bias_initializer="ones"), Case((2, 3, 4, 3, 5), 3, 2, data_format="channels_first")],
    **{
        name: [
            Case(STEPS, 3),
            Case(STEPS, 3, go_backwards=True, return_sequences=True, use_bias=False),
            Case({"sequences": STEPS, "mask": (2, 7)}, 3, return_sequences=True, return_state=True),
            Case({"sequences": STEPS, "mask": (2, 7)}, 3, unroll=True, bias_initializer="ones"),
            Case({"sequences": STEPS, "initial_state": (2, 3)}, 3, activation="relu", return_state=True),
            Case({"sequences": STEPS, "mask": (2, 7)}, 3, return_sequences=True, zero_output_for_mask=True),
        ]
        for name in ("SimpleRNN", "GRU")
    },
    "LSTM": [
        Case(STEPS, 3),
        Case(STEPS, 3, go_backwards=True, return_sequences=True, use_bias=False),
        Case({"sequences": STEPS, "mask": (2, 7)}, 3, return_sequences=True, return_state=True),
        Case({"sequences": STEPS, "mask": (2, 7)}, 3, unroll=True, unit_forget_bias=False),
        Case(
            {"sequences": STEPS, "initial_state": [(2, 3), (2, 3)]}, 3, recurrent_activation="tanh", return_state=True
        ),
    ],
    "RNN": [
        Case(STEPS, ("LSTMCell", 3, {})),
        Case({"sequences": STEPS, "mask": (2, 7)}, ("GRUCell", 3, {"reset_after": False}), return_sequences=True),
        Case(STEPS, [("SimpleRNNCell", 3, {}), ("GRUCell", 4, {})], go_backwards=True, unroll=True),
        Case({"sequences": STEPS, "initial_state": [(2, 3), (2, 3)]}, ("LSTMCell", 3, {}), return_state=True),
        Case(
            {"sequences": STEPS, "mask": (2, 7)}, ("LSTMCell", 3, {}), return_sequences=True, zero_output_for_mask=True
        ),
    ],
    "Bidirectional": [
        Case(STEPS, ("LSTM", 3, {}), "sum"),
        Case({"sequences": STEPS, "mask": (2, 7)}, ("GRU", 3, {"return_sequences": True, "return_state": True})),
        Case({"sequences": STEPS, "initial_state": [(2, 3), (2, 3)]}, ("SimpleRNN", 3, {}), merge_mode=None),
        Case(STEPS, ("LSTM", 3, {}), backward_layer=("GRU", 3, {"go_backwards": True})),
    ],
    "Conv1D": [
        Case(WAVE, 3, 2, data_format="channels_first"),
        Case(STEPS, 6, 3, padding="causal", dilation_rate=2, groups=2, activation="relu"),
        Case(STEPS, 6, 2, padding="same", groups=2),
        Case(STEPS, 2, 3, strides=2, padding="causal", use_bias=False),
    ],
    "Conv2D": [
        Case(IMAGE, 4, (3, 2), groups=4, dilation_rate=(1, 2)),
        Case(IMAGE, 6, 3, strides=2, padding="same", groups=2),
        Case(FIRST, 3, 2, data_format="channels_first", activation="relu"),
    ],
    "Conv1DTranspose": [
        Case(STEPS, 3, 3, strides=2),
        Case(STEPS, 3, 4, strides=2, padding="same", activation="relu", use_bias=False),
        Case(STEPS, 3, 3, strides=2, padding="same", output_padding=1),
        Case(STEPS, 3, 2, dilation_rate=2),
        Case((2, 4, 7), 3, 3, strides=2, data_format="channels_first"),
    ],
    "Conv3DTranspose": [
        Case(VOLUME, 2, 2, strides=2),
        Case(VOLUME, 2, (3, 2, 2), strides=(2, 1, 2), padding="same", activation="relu"),
        Case(VOLUME, 2, 3, strides=2, output_padding=1),
        Case((2, 3, 2, 3, 4), 3, 2, data_format="channels_first"),
    ],
    "DepthwiseConv1D": [
        Case(STEPS, 3),
        Case(STEPS, 2, strides=2, padding="same", depth_multiplier=2, activation="relu"),
        Case((2, 4, 7), 3, dilation_rate=2, data_format="channels_first", use_bias=False),
    ],
    "DepthwiseConv2D": [
        Case(IMAGE, (3, 2)),
        Case(IMAGE, 3, strides=2, padding="same", depth_multiplier=2),
        Case(IMAGE, 2, dilation_rate=(2, 2), use_bias=False, activation="relu"),
        Case(FIRST, 2, data_format="channels_first", depth_multiplier=3),
    ],
    "SeparableConv1D": [
        Case(STEPS, 5, 3, depth_multiplier=2),
        Case(STEPS, 5, 3, dilation_rate=2, activation="relu"),
        Case(STEPS, 5, 2, strides=2, padding="same", use_bias=False),
        Case(WAVE, 4, 2, data_format="channels_first", depth_multiplier=2),
    ],
    **{
        f"Adaptive{kind}Pooling1D": [Case(STEPS, 3), Case((2, 4, 7), 5, "channels_first")]
        for kind in ("Average", "Max")
    },
    **{f"Adaptive{kind}Pooling2D": [Case(IMAGE, (4, 3)), Case(IMAGE, 5)] for kind in ("Average", "Max")},
    **{f"Adaptive{kind}Pooling3D": [Case(VOLUME, (2, 3, 4))] for kind in ("Average", "Max")},
    "AlphaDropout": [Case(FLAT, 0.3)],
    "ConvLSTM1D": [
        Case((2, 3, 7, 2), 3, 2, padding="same", dilation_rate=2),
        Case((2, 3, 7, 2), 2, 3, strides=2, return_sequences=True, use_bias=False, activation="relu"),
        Case((2, 3, 7, 2), 2, 2, return_state=True, recurrent_activation="tanh"),
        Case((2, 3, 2, 6), 2, 2, data_format="channels_first"),
    ],
    "ConvLSTM2D": [
        Case((2, 3, 5, 6, 2), 3, 2, padding="same"),
        Case((2, 3, 7, 6, 2), 2, (3, 2), dilation_rate=(1, 2), return_sequences=True),
        Case((2, 3, 5, 6, 2), 2, 2, strides=(1, 2), go_backwards=True, unit_forget_bias=False),
        Case((2, 3, 2, 5, 6), 2, 2, data_format="channels_first", return_state=True, return_sequences=True),
    ],
    "ConvLSTM3D": [
        Case((2, 3, 4, 3, 5, 2), 2, 2),
        Case((2, 2, 4, 3, 5, 2), 2, (2, 1, 3), strides=(1, 2, 1), padding="same", return_sequences=True),
    ],
    "ReversibleEmbedding": [
        Case({"numbers": (3, 4)}, 6, 5),
        Case({"inputs": (3, 4, 5)}, 6, 5, call={"reverse": True}),
        Case({"inputs": (3, 5)}, 6, 5, False, logit_soft_cap=0.7, call={"reverse": True}),
    ],
    "SpectralNormalization": [
        Case(FLAT, ("Dense", 4, {"use_bias": False}), power_iterations=3, call=TRAINING),
        Case(IMAGE, ("Conv2D", 3, 2, {"padding": "same", "use_bias": False}), call=TRAINING),
        Case(IMAGE, ("Conv2D", 3, 2, {"data_format": "channels_first", "use_bias": False}), 2, call=TRAINING),
        Case(IMAGE, ("Conv2DTranspose", 3, 2, {"use_bias": False}), call=TRAINING),
    ],
    "Identity": [Case(STEPS)],
    "Embedding": [Case({"numbers": (3, 4)}, 5, 3, embeddings_regularizer="l2")],
    "TimeDistributed": [
        Case(STEPS, ("Dense", 3, {"activation": "tanh"})),
        Case({"inputs": (2, 3, 5, 4), "mask": (2, 3, 5)}, ("LSTM", 3, {})),
        Case({"inputs": (2, 3, 5, 4), "mask": (2, 3, 5)}, ("GlobalAveragePooling1D", {})),
        Case((2, 3, 5, 6, 2), ("Conv2D", 3, 2, {})),
    ],
    "Activation": [Case(FLAT, "softsign")],
    "ActivityRegularization": [Case(FLAT, l1=0.1, l2=0.2)],
    **{
        f"{kind}Pooling{rank}D": [Case(x, 2, padding="same"), Case(x, 2, 1, data_format="channels_first")]
        for kind in ("Average", "Max")
        for rank, x in ((2, IMAGE), (3, VOLUME))
    },
    "Concatenate": [Case([STEPS, (2, 3, 4)], axis=1), Case([FLAT, FLAT])],
    "Cropping1D": [Case(STEPS, (1, 2))],
    "Cropping2D": [Case(IMAGE, ((1, 0), (2, 1)), data_format="channels_first")],
    "Cropping3D": [Case(VOLUME, 1)],
    "ELU": [Case(FLAT, alpha=0.3)],
    "Masking": [Case(STEPS)],
    "Permute": [Case(IMAGE, (3, 1, 2))],
    "RepeatVector": [Case(FLAT, 3)],
    "Rescaling": [Case(IMAGE, 0.5, offset=0.1)],
    "Reshape": [Case(STEPS, (2, -1))],
    "Subtract": [Case([FLAT, FLAT])],
    "UpSampling1D": [Case(STEPS, 3)],
    "UpSampling3D": [Case(VOLUME, (1, 2, 1), data_format="channels_first")],
    "ZeroPadding2D": [Case(IMAGE, ((1, 0), (2, 1)))],
    "ZeroPadding3D": [Case(VOLUME, 1, data_format="channels_first")],
    "UnitNormalization": [Case(FLAT), Case(IMAGE, axis=[1, 2]), Case(STEPS, axis=1)],
}
