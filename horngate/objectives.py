"""Losses: functions from targets and predictions to a number for each sample. They reduce the last axis."""

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any, TypeVar

from horngate import backend as K
from horngate.backend.orders import of_eras
from horngate.utils.generic_utils import deserialized, get_from_module, public_in, serialized

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _paired(function: _Function) -> _Function:
    """Decorate a loss of numbers in pairs: where targets or predictions lack a last axis of size 1, the others lose it.

    A sole axis, that of the samples, gets it instead. Otherwise (n,) and (n, 1) would become (n, n). Whole numbers
    become `K.floatx()`: differences of bytes would wrap around.
    """

    def loss(y_true, y_pred, *args, **kwargs):
        y_true, y_pred = (K.cast(y, K.floatx()) if _is_whole(y) else y for y in (y_true, y_pred))
        return function(_beside(y_true, y_pred), _beside(y_pred, y_true), *args, **kwargs)

    made: Any = functools.wraps(function)(loss)
    return made


def _is_whole(x: Any) -> bool:
    return str(getattr(x, "dtype", "")).startswith(("int", "uint", "bool"))


def _beside(x: Any, other: Any) -> Any:
    mine, its = (tuple[Any, ...](getattr(each, "shape", ())) for each in (x, other))
    if len(mine) == 1 and len(its) == 2 and its[1] == 1:
        return K.expand_dims(x, -1)
    return K.squeeze(x, -1) if len(mine) == len(its) + 1 > 2 and mine[-1] == 1 else x


def _of_one_shape(function: _Function) -> _Function:
    """Decorate a crossentropy: `_paired`, and ValueError if targets and predictions differ in shape."""

    def loss(y_true, y_pred, *args, **kwargs):
        t, p = getattr(y_true, "shape", ()), getattr(y_pred, "shape", ())
        if t and p and (len(t) != len(p) or any(None not in pair and pair[0] != pair[1] for pair in zip(t, p))):
            raise ValueError(
                f"{function.__name__}: targets of shape {tuple(t)} and predictions of shape {tuple(p)} must have one "
                "shape. Make columns of class numbers by np_utils.to_categorical(y), or use "
                "sparse_categorical_crossentropy."
            )
        return function(y_true, y_pred, *args, **kwargs)

    made: Any = functools.wraps(function)(loss)
    return _paired(made)


@_paired
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """mean((p - t)^2), of predictions p (`y_pred`) and targets t (`y_true`)."""
    return K.mean(K.square(y_pred - y_true), axis=-1)


@_paired
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """mean(|p - t|), of predictions p (`y_pred`) and targets t (`y_true`)."""
    return K.mean(K.abs(y_pred - y_true), axis=-1)


@_paired
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """100 mean(|t - p| / max(|t|, epsilon)), of targets t (`y_true`) and predictions p (`y_pred`)."""
    size = K.maximum(K.abs(y_true), K.epsilon())
    return 100.0 * K.mean(K.abs(y_true - y_pred) / size, axis=-1)


@_paired
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """mean((log(max(p, epsilon) + 1) - log(max(t, epsilon) + 1))^2), of p (`y_pred`) and targets t (`y_true`)."""
    p = K.log(K.maximum(y_pred, K.epsilon()) + 1.0)
    t = K.log(K.maximum(y_true, K.epsilon()) + 1.0)
    return K.mean(K.square(p - t), axis=-1)


@_paired
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - t p, 0)^2), of targets t (`y_true`), -1 or 1, and predictions p (`y_pred`)."""
    return K.mean(K.square(K.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


@_paired
def hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - t p, 0)), of targets t (`y_true`), -1 or 1, and predictions p (`y_pred`)."""
    return K.mean(K.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


@_paired
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """max(max((1 - t) p) - sum(t p) + 1, 0), of one-hot targets t (`y_true`) and predictions p (`y_pred`)."""
    right, wrong = K.sum(y_true * y_pred, axis=-1), K.max((1.0 - y_true) * y_pred, axis=-1)
    return K.maximum(wrong - right + 1.0, 0.0)


@_of_one_shape
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """-sum(t log p), of targets t (`y_true`), one column for each class, and probabilities p (`y_pred`).

    # Arguments
        y_true: targets.
        y_pred: predictions.
        from_logits: whether predictions are what comes before the softmax.
        label_smoothing: how far targets are drawn towards equal parts for all classes: from 0 to 1.
        axis: the axis of the classes.
    """
    y_true, y_pred = _smoothed(_with_last(y_true, axis), label_smoothing), _with_last(y_pred, axis)
    return K.categorical_crossentropy(output=y_pred, target=y_true, from_logits=from_logits)


@of_eras(key="losses.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """-log p[t], of targets t (`y_true`), class numbers of shape (samples,) or (samples, 1), and probabilities p.

    # Arguments
        y_true: targets.
        y_pred: predictions.
        from_logits: whether predictions are what comes before the softmax.
        ignore_class: a label that stands for none, such as -1: the loss is 0 there. None for none.
        axis: the axis of the classes, which targets lack, or have with size 1.
    """
    y_pred = _with_last(y_pred, axis)
    if ignore_class is None:
        return K.sparse_categorical_crossentropy(output=y_pred, target=y_true, from_logits=from_logits)
    numbers = K.class_numbers(y_true, K.int_shape(y_pred)[-1], "sparse_categorical_crossentropy", ignored=ignore_class)
    score = K.sparse_categorical_crossentropy(output=y_pred, target=numbers, from_logits=from_logits)
    return score * K.cast(K.reshape(K.not_equal(y_true, ignore_class), K.shape(score)), K.dtype(score))


@_of_one_shape
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """-mean(t log p + (1 - t) log(1 - p)), of targets t (`y_true`), 0 or 1, and probabilities p (`y_pred`).

    # Arguments
        y_true: targets.
        y_pred: predictions.
        from_logits: whether predictions are what comes before the sigmoid.
        label_smoothing: how far targets are drawn towards a half: from 0 to 1.
        axis: the axis over which the mean is taken.
    """
    target = _smoothed(y_true, label_smoothing, 2)
    return K.mean(K.binary_crossentropy(output=y_pred, target=target, from_logits=from_logits), axis=axis)


@_of_one_shape
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`binary_crossentropy` in which what is predicted well counts less: each term times (1 - q)^gamma.

    q is the probability that is predicted for what is true.

    # Arguments
        y_true: targets, 0 or 1.
        y_pred: predictions.
        apply_class_balancing: whether to multiply terms by `alpha` where the target is 1, else by 1 - alpha.
        alpha: the weight of the class 1, from 0 to 1.
        gamma: how much less it counts, at least 0.
        from_logits: whether predictions are what comes before the sigmoid.
        label_smoothing: how far targets are drawn towards a half: from 0 to 1.
        axis: the axis over which the mean is taken.

    # Source
        Lin et al., Focal Loss for Dense Object Detection (arXiv:1708.02002).
    """
    t = _smoothed(y_true, label_smoothing, 2)
    p = K.sigmoid(y_pred) if from_logits else y_pred
    terms = K.pow(1.0 - (t * p + (1.0 - t) * (1.0 - p)), gamma) * K.binary_crossentropy(output=p, target=t)
    if apply_class_balancing:
        terms = terms * (t * alpha + (1.0 - t) * (1.0 - alpha))
    return K.mean(terms, axis=axis)


@_of_one_shape
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """-sum(alpha (1 - p)^gamma t log p), of one-hot targets t (`y_true`) and probabilities p (`y_pred`).

    # Arguments
        y_true: targets.
        y_pred: predictions.
        alpha: the weight of all classes, or one for each.
        gamma: how much less counts what is predicted well, at least 0.
        from_logits: whether predictions are what comes before the softmax.
        label_smoothing: how far targets are drawn towards equal parts for all classes: from 0 to 1.
        axis: the axis of the classes.

    # Source
        Lin et al., Focal Loss for Dense Object Detection (arXiv:1708.02002).
    """
    t, p = _smoothed(_with_last(y_true, axis), label_smoothing), _with_last(y_pred, axis)
    p = K.softmax(p) if from_logits else p / K.sum(p, axis=-1, keepdims=True)
    p = K.clip(p, K.epsilon(), 1.0 - K.epsilon())
    return -K.sum(alpha * K.pow(1.0 - p, gamma) * t * K.log(p), axis=-1)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """(1 - p[t]^q) / q, of class numbers t (`y_true`) and probabilities p (`y_pred`): robust to wrong labels.

    # Arguments
        y_true: targets.
        y_pred: predictions.
        q: near 0, it is the crossentropy; at 1, the absolute error. Above 0, at most 1.

    # Source
        Zhang, Sabuncu, Generalized Cross Entropy Loss (arXiv:1805.07836), equation 6.
    """
    classes = K.int_shape(y_pred)[-1]
    numbers = K.class_numbers(y_true, classes, "categorical_generalized_cross_entropy")
    if K.ndim(numbers) == K.ndim(y_pred):
        numbers = K.squeeze(numbers, -1)
    p = K.clip(K.sum(K.one_hot(numbers, classes) * y_pred, axis=-1), K.epsilon(), 1.0 - K.epsilon())
    return (1.0 - K.pow(p, q)) / q


def _signs(y_true):
    """Return targets 0 and 1 as -1 and 1 if there are no others, as Keras 3 does; earlier ones leave them."""
    if K.era().generation != "3":
        return y_true
    binary = K.all(K.equal(y_true, 0) | K.equal(y_true, 1))
    return K.switch(binary, 2.0 * y_true - 1.0, 1.0 * y_true)


def _smoothed(targets, amount, classes=None):
    """Return targets drawn by `amount` towards equal parts for `classes`, by default those of the last axis."""
    return targets * (1.0 - amount) + amount / (classes or K.int_shape(targets)[-1]) if amount else targets


def _with_last(x, axis):
    """Return `x` with `axis` as its last."""
    return x if axis in (-1, K.ndim(x) - 1) else K.array_function("moveaxis")(x, axis, -1)


@_paired
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """mean(e^2 / 2), or delta |e| - delta^2 / 2 for errors e = `y_pred` - `y_true` beyond `delta`, a number above 0."""
    e = K.abs(y_pred - y_true)
    return K.mean(K.switch(K.lesser_equal(e, delta), 0.5 * K.square(e), delta * e - 0.5 * delta**2), axis=-1)


@_paired
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """mean(log(cosh(p - t))), of predictions p (`y_pred`) and targets t (`y_true`)."""
    e = y_pred - y_true
    return K.mean(e + K.softplus(-2.0 * e) - math.log(2.0), axis=-1)


@_paired
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """-sum(t/|t| p/|p|) along `axis`, of targets t (`y_true`) and predictions p (`y_pred`)."""
    return -K.sum(K.l2_normalize(y_true, axis=axis) * K.l2_normalize(y_pred, axis=axis), axis=axis)


@_paired
def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """1 - 2 sum(t p) / (sum(t) + sum(p)), of targets t (`y_true`) and predictions p (`y_pred`), both from 0 to 1.

    `axis`: over which the sums go, one axis or several; None for all, which gives one number for the whole batch.

    # Source
        Milletari et al., V-Net (arXiv:1606.04797).
    """
    both = K.sum(y_true * y_pred, axis=axis)
    return 1.0 - 2.0 * both / (K.sum(y_true, axis=axis) + K.sum(y_pred, axis=axis) + K.epsilon())


@_paired
def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """1 - sum(t p) / (sum(t p) + alpha sum((1 - t) p) + beta sum(t (1 - p))); with both at a half, it is `dice`.

    This is the paper's, and what Keras 3 documents; Keras 3.15 computes it with `alpha` and `beta` exchanged.

    # Arguments
        y_true: targets, from 0 to 1.
        y_pred: predictions, from 0 to 1.
        alpha: the weight of false positives, at least 0.
        beta: the weight of false negatives, at least 0.
        axis: over which the sums go, one axis or several; None for all, which gives one number for the whole batch.

    # Source
        Salehi et al., Tversky loss function for image segmentation (arXiv:1706.05721).
    """
    both = K.sum(y_true * y_pred, axis=axis)
    false_alarms = K.sum((1.0 - y_true) * y_pred, axis=axis)
    misses = K.sum(y_true * (1.0 - y_pred), axis=axis)
    return 1.0 - both / (both + alpha * false_alarms + beta * misses + K.epsilon())


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """Draw embeddings of one label together, and those of others apart: the farther off they are, the more.

    # Arguments
        y_true: labels of the samples, whole numbers.
        y_pred: embeddings of length 1, (samples, features).
        ref_labels: labels of the samples to compare with; None for those of the batch.
        ref_embeddings: embeddings of the samples to compare with; None for those of the batch.
        remove_diagonal: whether the references are the batch itself, in which a sample is not compared with itself.
        gamma: the scale of similarities, above 0.
        margin: how near embeddings must come, from 0 to 1.

    # Source
        Sun et al., Circle Loss (arXiv:2002.10857), equation 6.
    """
    labels, others = (K.reshape(y, (-1,)) for y in (y_true, y_true if ref_labels is None else ref_labels))
    near = K.dot(y_pred, K.transpose(y_pred if ref_embeddings is None else ref_embeddings))
    alike = K.cast(K.equal(K.expand_dims(labels, 1), K.expand_dims(others, 0)), K.dtype(near))
    unlike = 1.0 - alike
    if remove_diagonal:
        alike = alike * (1.0 - K.array_function("eye")(*K.int_shape(near), dtype=K.dtype(near)))
    positive = _logsumexp_where(alike, -gamma * K.relu(1.0 + margin - near) * (near - (1.0 - margin)))
    negative = _logsumexp_where(unlike, gamma * K.relu(near + margin) * (near - margin))
    return K.softplus(positive + negative)


def _logsumexp_where(counted, x):
    """Return log(sum(exp(x))) along the last axis over the counted entries."""
    least = -6e4 if K.dtype(x) == "float16" else -1e9  # where numbers are infinite, gradients are NaN
    return K.logsumexp(K.switch(counted, x, least + 0.0 * x), axis=-1)


@K.op
def ctc(y_true: Any, y_pred: Any) -> Any:
    """The connectionist temporal classification of labels, for each sample.

    # Arguments
        y_true: labels, whole numbers from 1, of shape (samples, labels); 0 is the blank, with which they are filled up.
        y_pred: what comes before the softmax, of shape (samples, steps, classes).

    # Source
        Graves et al., Connectionist Temporal Classification (ICML 2006).
    """
    import optax  # noqa: PLC0415  only what needs it waits for it

    return optax.ctc_loss(y_pred, K.zeros_like(y_pred[..., 0]), y_true.astype("int32"), 1.0 * (y_true == 0))


@_paired
def kullback_leibler_divergence(y_true: Any, y_pred: Any) -> Any:
    """sum(t log(t / p)), of targets t (`y_true`) and predictions p (`y_pred`), both clipped to [epsilon, 1]."""
    t, p = K.clip(y_true, K.epsilon(), 1), K.clip(y_pred, K.epsilon(), 1)
    return K.sum(t * K.log(t / p), axis=-1)


@_paired
def poisson(y_true: Any, y_pred: Any) -> Any:
    """mean(p - t log(p + epsilon)), of predictions p (`y_pred`) and targets t (`y_true`)."""
    return K.mean(y_pred - y_true * K.log(y_pred + K.epsilon()), axis=-1)


@_paired
def cosine_proximity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """-mean(t/|t| p/|p|), along `axis`, of targets t (`y_true`) and predictions p (`y_pred`)."""
    return -K.mean(K.l2_normalize(y_true, axis=axis) * K.l2_normalize(y_pred, axis=axis), axis=axis)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence
kl_divergence = kullback_leibler_divergence
bce = BCE = binary_crossentropy
cosine = cosine_proximity

logcosh, huber_loss = log_cosh, huber
_BY_NAME = public_in(vars())


def get(identifier: Any) -> Callable[..., Any]:
    """Return the loss that `identifier` stands for.

    # Arguments
        identifier: a name of a function or of a class of `losses`, the description of such a class from a file, or a
            function (y_true, y_pred), returned as it is.

    >>> get('mse') is mean_squared_error
    True
    """
    described = _describes_loss(identifier)
    if described and not isinstance(identifier["config"], dict):  # a function, as Keras 3 writes it
        identifier, described = identifier["config"], False
    if not described and not isinstance(identifier, str) and not callable(identifier):
        raise TypeError(f"a loss is a name or a function (y_true, y_pred); received {identifier!r}")
    name: Any = dict(identifier)["class_name"] if isinstance(identifier, dict) else identifier
    if not isinstance(name, str) or name in _BY_NAME or not name[:1].isupper():
        return get_from_module(identifier, _BY_NAME, "loss")
    losses = importlib.import_module("horngate.losses")
    known = [cls for cls in vars(losses).values() if isinstance(cls, type) and issubclass(cls, losses.Loss)]
    classes = {cls.__name__: cls for cls in known}
    return get_from_module(identifier, {**_BY_NAME, **classes}, "loss", instantiate=True)


def serialize(loss: Any) -> Any:
    """Describe a `loss` as plain data: the name of a function, or the class and configuration of an object."""
    return serialized(loss)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Callable[..., Any]:
    """Return the loss that `name`, made by `serialize`, stands for; `custom_objects`: the user's own by name."""
    return deserialized(name, custom_objects, get)


def reduced(score: Any, weights: Any = None, mask: Any = None, reduction: str | None = "sum_over_batch_size") -> Any:
    """Return the losses of samples as one number, as Keras 3 does.

    # Arguments
        score: the losses, one for each sample, or for each of its steps, ....
        weights: by what they are multiplied: one number for each, or for each sample; None for 1.
        mask: which of them count; None for all. Means are those of the counted ones.
        reduction: 'sum_over_batch_size' or 'mean', the sum over the number of losses; 'sum';
            'mean_with_sample_weight', the sum over the sum of weights; None for the weighted losses themselves.
    """
    factor = None
    if mask is not None:
        factor = _as_wide(K.cast(mask, K.dtype(score)), score)
        if reduction in ("sum_over_batch_size", "mean"):
            counted = K.sum(factor)
            factor = factor * (math.prod(factor.shape) / K.switch(K.equal(counted, 0.0), 1.0, counted))
    if weights is not None:
        weights = _as_wide(K.cast(weights, K.dtype(score)), score)
        factor = weights if factor is None else factor * weights
    if factor is not None:
        score = score * factor
    if reduction is None:
        return score
    if reduction == "mean_with_sample_weight" and factor is not None:
        total = K.sum(factor + 0.0 * score)
        return K.sum(score) / K.switch(K.equal(total, 0.0), 1.0, total)
    return K.sum(score) if reduction == "sum" else K.mean(score)


def _as_wide(factor, score):
    """Return a factor of samples with as many axes as the `score`, further ones of size 1."""
    if factor.ndim > score.ndim:
        if not score.ndim:  # one number for the batch, of which each sample has a share
            return factor
        if factor.ndim == score.ndim + 1 and factor.shape[-1] == 1:
            return factor[..., 0]
        raise ValueError(
            f"sample_weight: of shape {tuple(factor.shape)} it does not fit the losses, of shape {tuple(score.shape)}. "
            "Give one number for each of them, or for each sample."
        )
    return factor.reshape(factor.shape + (1,) * (score.ndim - factor.ndim))


def revived(stored: Any) -> Any:
    """Convert the losses `stored` in a file (one, a list, or a dictionary by output) to the form for `compile`."""
    if _describes_loss(stored):
        return get(stored)
    if isinstance(stored, list):
        return [revived(item) for item in stored]
    return {name: revived(item) for name, item in stored.items()} if isinstance(stored, dict) else stored


def _describes_loss(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"class_name", "config"}
