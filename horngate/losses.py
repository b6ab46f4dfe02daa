"""The objectives under the names of Keras 2 and 3: functions, and classes that make them."""

from horngate import backend as K
from horngate import objectives
from horngate.objectives import *  # noqa: F403
from horngate.objectives import get  # noqa: F401


class Loss:
    """A loss that is called as `loss(y_true, y_pred)`.

    # Arguments
        name: by which the logs know it.
        reduction: what Keras 3 does with the samples' losses; here always their mean, whatever is said.
    """

    function = None

    def __init__(self, name=None, reduction=None, **options):
        self.__name__, self.options = name or type(self).function.__name__, options

    def __call__(self, y_true, y_pred):
        return type(self).function(y_true, y_pred)


class _Crossentropy(Loss):
    """A loss that also takes what comes before softmax or sigmoid: `from_logits`."""

    to_probabilities = staticmethod(K.softmax)

    def __init__(self, from_logits=False, label_smoothing=0.0, **options):
        super().__init__(**options)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing

    def __call__(self, y_true, y_pred):
        if self.label_smoothing:
            classes = 2 if isinstance(self, BinaryCrossentropy) else K.int_shape(y_pred)[-1]
            y_true = y_true * (1 - self.label_smoothing) + self.label_smoothing / classes
        return super().__call__(y_true, self.to_probabilities(y_pred) if self.from_logits else y_pred)


class CategoricalCrossentropy(_Crossentropy):
    """See `objectives.categorical_crossentropy`."""

    function = staticmethod(objectives.categorical_crossentropy)


class SparseCategoricalCrossentropy(_Crossentropy):
    """See `objectives.sparse_categorical_crossentropy`.

    # Arguments
        ignore_class: a label that stands for none, such as -1: its positions do not count.
    """

    function = staticmethod(objectives.sparse_categorical_crossentropy)

    def __init__(self, from_logits=False, ignore_class=None, **options):
        super().__init__(from_logits, **options)
        self.ignore_class = ignore_class

    def __call__(self, y_true, y_pred):
        if self.ignore_class is None:
            return super().__call__(y_true, y_pred)
        counts = K.reshape(K.not_equal(y_true, self.ignore_class), K.shape(y_pred)[:-1])
        numbers = K.class_numbers(y_true, K.int_shape(y_pred)[-1], self.__name__, ignored=self.ignore_class)
        score = super().__call__(numbers, y_pred) * K.cast(counts, K.floatx())
        return score / K.maximum(K.mean(K.cast(counts, K.floatx())), K.epsilon())


class BinaryCrossentropy(_Crossentropy):
    """See `objectives.binary_crossentropy`."""

    function = staticmethod(objectives.binary_crossentropy)
    to_probabilities = staticmethod(K.sigmoid)


def _class_of(name, function):
    described = f"See `objectives.{function.__name__}`."
    return type(name, (Loss,), {"__doc__": described, "function": staticmethod(function)})


MeanSquaredError = _class_of("MeanSquaredError", objectives.mean_squared_error)
MeanAbsoluteError = _class_of("MeanAbsoluteError", objectives.mean_absolute_error)
MeanAbsolutePercentageError = _class_of("MeanAbsolutePercentageError", objectives.mean_absolute_percentage_error)
MeanSquaredLogarithmicError = _class_of("MeanSquaredLogarithmicError", objectives.mean_squared_logarithmic_error)
Hinge, SquaredHinge = _class_of("Hinge", objectives.hinge), _class_of("SquaredHinge", objectives.squared_hinge)
Poisson = _class_of("Poisson", objectives.poisson)
KLDivergence = _class_of("KLDivergence", objectives.kullback_leibler_divergence)
