"""Private names of Keras that public programs import all the same."""

import hashlib
from collections.abc import Sequence
from typing import Any

from horngate import backend as K
from horngate import initializations
from horngate.applications import building
from horngate.backend import config
from horngate.backend.arrays.formats import FORMATS
from horngate.backend.graph import call_op
from horngate.backend.orders import same_function
from horngate.engine.merge import Merge
from horngate.layers import pooling
from horngate.layers.convolutional import Convolution
from horngate.training import objective

disable_tracking = same_function
CLASS_INDEX: Any = None
CLASS_INDEX_PATH: str = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
_VERSIONS = {"vgg16": "v0.1", "vgg19": "v0.1", "resnet50": "v0.2", "inception_v3": "v0.2", "xception": "v0.4"}
_ENGINE: list[str] = []  # the name that `K.backend()` gives to the program


def choose_engine(name: str | None) -> None:
    """Decide what `K.backend()` answers to a program: `'theano'`, `'tensorflow'`; None for horngate's own answer."""
    _ENGINE[:] = [] if name is None else [name]


def backend() -> str:
    """The engine whose name the program knows."""
    return _ENGINE[0] if _ENGINE else config.backend()


def weights_path(network: str, name: str) -> str:
    """The address of the published weights of a `network`, for constants such as `TF_WEIGHTS_PATH_NO_TOP`."""
    return building.RELEASES + building.published(_VERSIONS[network], network, not name.endswith("NO_TOP"))


def identity(x: Any) -> Any:
    """The constraint that changes nothing."""
    return x


def hash_file(fpath: Any, algorithm: str = "sha256", chunk_size: int = 65535) -> str:
    """The checksum of a file.

    # Arguments
        fpath: the file.
        algorithm: `'md5'`, or anything else for SHA-256.
        chunk_size: has no effect.
    """
    with open(fpath, "rb") as file:
        return hashlib.file_digest(file, "md5" if algorithm == "md5" else "sha256").hexdigest()


def remove_long_seq(maxlen: int, seq: Sequence[Any], label: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Those of the sequences `seq` that are shorter than `maxlen`, and their labels, from `label`."""
    kept = [(each, told) for each, told in zip(seq, label) if len(each) < maxlen]
    return [each for each, _ in kept], [told for _, told in kept]


def weighted_objective(fn: Any) -> Any:
    """The loss function `fn` of targets, outputs, weights of samples and a mask, which may all be variables."""
    weighted = objective.weighted_objective(fn)

    def called(y_true, y_pred, weights, mask=None):
        return call_op(weighted, y_true, y_pred, weights, mask)

    return called


def _to_tensor(x: Any, dtype: Any) -> Any:
    return K.cast(x, dtype) if hasattr(x, "dtype") else K.constant(x, dtype)


def _compute_fans(shape: Sequence[int], data_format: str = "channels_last") -> tuple[float, float]:
    """Return (fan_in, fan_out) of a weight of this shape."""
    if len(shape) == 2:
        return shape[0], shape[1]
    if len(shape) in (3, 4, 5):
        return initializations.get_fans(shape, "window first")
    return initializations.get_fans(shape)


def _obtain_input_shape(
    input_shape: Any,
    default_size: int,
    min_size: int,
    data_format: str | None = None,
    require_flatten: bool = True,
    weights: Any = None,
    dim_ordering: str | None = None,
    include_top: bool | None = None,
) -> Any:
    """Return the shape of a network's images: `input_shape` if it fits, else that it was made for."""
    last = K.normalize_data_format(config.FORMATS.get(str(data_format)) and data_format) == "channels_last"
    last = dim_ordering == "tf" if dim_ordering else last
    needs_size = require_flatten if include_top is None else include_top
    default = (default_size, default_size, 3) if last else (3, default_size, default_size)
    if input_shape is None:
        return default if needs_size else (None, None, 3) if last else (3, None, None)
    sides = input_shape[:2] if last else input_shape[1:]
    if len(input_shape) != 3 or any(side is not None and side < min_size for side in sides):
        raise ValueError(f"input_shape must be of images of at least {min_size} x {min_size}; received {input_shape}.")
    return tuple(input_shape)


def _regular_normalize_batch_in_training(x, gamma, beta, reduction_axes, epsilon=1e-3):
    return K.normalize_batch_in_training(x, gamma, beta, reduction_axes, epsilon)


def _generate_dropout_ones(inputs, dims):
    return K.ones_like(inputs)[..., :1] * K.ones((dims,))


def _generate_dropout_mask(ones, rate, training=None, count=1):
    masks = [K.in_train_phase(lambda: K.dropout(ones, rate), ones, training=training) for _ in range(count)]
    return masks if count > 1 else masks[0]


def time_distributed_dense(
    x: Any,
    w: Any,
    b: Any = None,
    dropout: float | None = None,
    input_dim: int | None = None,
    output_dim: int | None = None,
    timesteps: int | None = None,
    training: Any = None,
) -> Any:
    """x w + b at each step of `x`, with the same part of the inputs dropped at all steps.

    # Arguments
        x: (samples, steps, features).
        w, b: the weights; b may be None.
        dropout: the fraction of features to drop in the training phase.
        input_dim, output_dim, timesteps: sizes, which are known without them.
        training: whether it is the training phase; None for the phase of the running function.
    """
    if dropout is not None and 0 < dropout < 1:
        ones = K.ones_like(x[:, 0, :])
        x = x * K.expand_dims(K.in_train_phase(lambda: K.dropout(ones, dropout), ones, training=training), 1)
    y = K.dot(x, w)
    return y if b is None else y + b


def _elementwise(shapes):
    """Return the shape of the sum of arrays with `shapes`: programs may draw numbers for one size of batch only."""
    rank = max(map(len, shapes))
    axes = zip(*[(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes])
    return tuple(next((size for size in axis if size not in (1, None)), None if None in axis else 1) for axis in axes)


class _Merge(Merge):
    """The base of merging layers of one's own: they define `_merge_function(inputs)`."""

    def __init__(self, **kwargs: Any) -> None:
        told = {"output_shape": _elementwise, **kwargs}
        super().__init__(mode=lambda inputs: self._merge_function(inputs), **told)

    def _merge_function(self, inputs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _merge_function(inputs).")


class _OwnPooling:
    """Calls `_pooling_function` of a subclass, with arguments of Keras 1 or 2."""

    def call(self: Any, inputs: Any, mask: Any = None) -> Any:
        ordering = self.dim_ordering
        told = {"border_mode": self.border_mode, "dim_ordering": ordering}
        if K.era().generation in ("2", "3"):
            told = {"padding": self.border_mode, "data_format": FORMATS[ordering]}
        return self._pooling_function(inputs, pool_size=self.window, strides=self.steps, **told)


class _Pooling1D(_OwnPooling, pooling.MaxPooling1D):
    """The base of poolings along time of one's own."""


class _Pooling2D(_OwnPooling, pooling.MaxPooling2D):
    """The base of poolings of images of one's own."""


class _Pooling3D(_OwnPooling, pooling.MaxPooling3D):
    """The base of poolings of volumes of one's own."""


_GlobalPooling1D: Any = pooling.GlobalMaxPooling1D
_GlobalPooling2D: Any = pooling.GlobalMaxPooling2D
_GlobalPooling3D: Any = pooling.GlobalMaxPooling3D
_Conv: Any = Convolution
_SETTINGS = {
    "_BACKEND": backend,
    "_FLOATX": config.floatx,
    "_EPSILON": config.epsilon,
    "_IMAGE_DIM_ORDERING": config.image_dim_ordering,
    "_IMAGE_DATA_FORMAT": config.image_data_format,
}


def __getattr__(name: str) -> Any:
    """What a setting is now."""
    if name in _SETTINGS:
        return _SETTINGS[name]()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
