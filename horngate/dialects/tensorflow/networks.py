"""`tf.nn`: activations, convolutions and losses from logits."""

from typing import Any, NamedTuple

from horngate import backend as K
from horngate import ops
from horngate.backend.lazy import named
from horngate.dialects.lent import Lent
from horngate.dialects.tensorflow.functions import by_rule


def _format(data_format):
    return "th" if str(data_format or "NHWC").startswith("NC") else "tf"


def _inner(sizes, ordering):
    """The sizes along rows and columns of a list for all axes."""
    if isinstance(sizes, int):
        return (sizes, sizes)
    sizes = list(sizes)
    return tuple(sizes if len(sizes) == 2 else sizes[2:] if ordering == "th" else sizes[1:3])


def _conv2d(
    input, filter=None, strides=None, padding=None, use_cudnn_on_gpu=True, data_format="NHWC", name=None, **more
):  # noqa: A002
    ordering = _format(data_format)
    kernel = more.get("filters", filter)
    kernel = kernel if ordering == "tf" else K.permute_dimensions(kernel, (3, 2, 0, 1))
    dilation = _inner(more.get("dilations") or (1, 1, 1, 1), ordering)
    return K.convolution(input, kernel, _inner(strides, ordering), str(padding).lower(), ordering, dilation)


def _conv2d_transpose(value, filter, output_shape, strides, padding="SAME", **more):  # noqa: A002
    ordering = _format(more.get("data_format"))
    words = {"th": "channels_first", "tf": "channels_last"}[ordering]
    return K.conv2d_transpose(value, filter, output_shape, _inner(strides, ordering), str(padding).lower(), words)


def _depthwise_conv2d(input, filter, strides, padding, rate=None, name=None, data_format=None):  # noqa: A002
    return K.depthwise_conv2d(input, filter, _inner(strides, "tf"), str(padding).lower(), "channels_last", rate or 1)


def _pool(mode):
    def pool(value, ksize, strides, padding, data_format="NHWC", name=None):
        ordering = _format(data_format)
        sizes = _inner(ksize, ordering), _inner(strides, ordering)
        return K.pool2d(value, *sizes, str(padding).lower(), ordering, mode)

    return pool


def _sigmoid_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    return K.binary_crossentropy(output=logits, target=labels, from_logits=True)


def _softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, dim=-1, axis=None, name=None):
    return K.categorical_crossentropy(
        output=logits, target=labels, from_logits=True, axis=dim if axis is None else axis
    )


def _sparse_softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    return K.sparse_categorical_crossentropy(output=logits, target=labels, from_logits=True)


def _weighted_cross_entropy_with_logits(targets, logits, pos_weight, name=None):
    factor = 1.0 + (pos_weight - 1.0) * targets
    return (1.0 - targets) * logits + factor * K.softplus(-logits)


def _dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None, rate=None):
    level = 1.0 - (1.0 if keep_prob is None else keep_prob) if rate is None else rate
    return K.dropout(x, level, noise_shape) if level else x


def _moments(x, axes, shift=None, name=None, keep_dims=False, keepdims=None):
    keep = bool(keepdims or keep_dims)
    return K.mean(x, axis=list(axes), keepdims=keep), K.var(x, axis=list(axes), keepdims=keep)


def _batch_normalization(x, mean, variance, offset, scale, variance_epsilon, name=None):
    return K.batch_normalization(x, mean, variance, offset, scale, epsilon=variance_epsilon)


class _TopK(NamedTuple):
    values: Any
    indices: Any


def _top_k(input, k=1, sorted=True, name=None):  # noqa: A002
    return _TopK(*ops.top_k(input, k))


def _l2_normalize(x, dim=None, epsilon=1e-12, name=None, axis=None):
    axis = dim if axis is None else axis
    return x / K.sqrt(K.maximum(K.sum(K.square(x), axis=axis, keepdims=True), epsilon))


def _local_response_normalization(input, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5, name=None):  # noqa: A002
    squared = K.array_function("pad")(K.square(input), [(0, 0)] * 3 + [(depth_radius, depth_radius)])
    count = K.int_shape(input)[-1]
    total = sum(squared[..., i : i + count] for i in range(2 * depth_radius + 1))
    return input / (bias + alpha * total) ** beta


MODULE: Lent = Lent(
    "tensorflow.nn",
    {
        **named(_conv2d, _conv2d_transpose, _depthwise_conv2d, _dropout, _l2_normalize, _moments, _batch_normalization),
        **named(_sigmoid_cross_entropy_with_logits, _softmax_cross_entropy_with_logits),
        **named(_sparse_softmax_cross_entropy_with_logits, _weighted_cross_entropy_with_logits),
        **named(_top_k, _local_response_normalization),
        "max_pool": _pool("max"),
        "avg_pool": _pool("avg"),
        "relu6": lambda features, name=None: K.relu(features, max_value=6.0),
        "leaky_relu": lambda features, alpha=0.2, name=None: K.relu(features, alpha),
        "crelu": lambda features, name=None: K.concatenate([K.relu(features), K.relu(-features)]),
        "convolution": lambda input, filter, padding, strides=1, **ignored: K.convolution(  # noqa: A006
            input, filter, strides or 1, str(padding).lower(), "tf"
        ),
        "conv1d": lambda value, filters, stride, padding, **ignored: K.convolution(
            value, filters, stride, str(padding).lower(), "tf"
        ),
        "bias_add": lambda value, bias, data_format=None, name=None: value + bias,
        "l2_loss": lambda t, name=None: K.sum(K.square(t)) / 2.0,
        "softmax_cross_entropy_with_logits_v2": _softmax_cross_entropy_with_logits,
        "in_top_k": lambda predictions, targets, k, name=None: K.in_top_k(predictions, targets, k),
        "embedding_lookup": lambda params, ids, **ignored: K.gather(params, ids),
        "xw_plus_b": lambda x, weights, biases, name=None: K.dot(x, weights) + biases,
        "lrn": _local_response_normalization,
        "zero_fraction": lambda value, name=None: K.mean(K.cast(K.equal(value, 0), "float32")),
        "swish": lambda features: features * K.sigmoid(features),
    },
    by_rule,
)
