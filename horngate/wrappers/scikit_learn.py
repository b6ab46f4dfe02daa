"""Networks as scikit-learn estimators: for its grid search, cross-validation and pipelines."""

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from horngate.backend.config import within_era
from horngate.backend.orders import SignatureOfEras, as_written, dialect, of_eras
from horngate.models import Sequential
from horngate.utils.nearest import did_you_mean
from horngate.utils.np_utils import to_categorical

if TYPE_CHECKING:
    from horngate.callbacks import History


def _validation() -> Any:
    """scikit-learn's module of checks, or None where scikit-learn is not installed: the estimators do without."""
    try:
        from sklearn.utils import validation
    except ImportError:
        return None
    return validation


def _words_of(function: Callable[..., Any]) -> set[str]:
    """The arguments of a function in the words of every era."""
    words = {*as_written(function).parameters}
    for era in ("1.2", "2", "3"):
        with within_era(era):
            words |= {*inspect.signature(function).parameters}
    if isinstance(inspect.signature(function), SignatureOfEras):  # it reads the words of every era
        orders = dialect("orders")
        words |= {word for word in orders.SPELLINGS if isinstance(orders.meaning(word, words), str)}
    return words


class BaseWrapper:
    """What the classifier and the regressor share.

    # Arguments
        build_fn: function that gives a compiled model; its arguments are hyper-parameters of the estimator, and those
            called `n_features_in` and `n_classes` are told what the data have. Or an instance of a class with
            `__call__`; or None, where a subclass defines `__call__`.
        sk_params: hyper-parameters of `build_fn`, and arguments of `fit`, `predict` and `evaluate`, such as `nb_epoch`
            and `batch_size`.
    """

    build_fn: Callable[..., Any] | None
    sk_params: dict[str, Any]
    model: Any
    n_features_in_: int

    _methods = (Sequential.fit, Sequential.predict, Sequential.predict_classes, Sequential.evaluate)

    def __init__(self, build_fn: Callable[..., Any] | None = None, **sk_params: Any) -> None:
        self.build_fn, self.sk_params = build_fn, sk_params
        self.check_params(sk_params)

    def _builder(self) -> Callable[..., Any]:
        if self.build_fn is not None:
            return self.build_fn
        if callable(self):
            return self
        raise TypeError(f"{type(self).__name__}: give build_fn, a function that returns a compiled model.")

    def check_params(self, params: Iterable[str]) -> None:
        """Raise a ValueError unless each of `params` is an argument of `build_fn`, `fit`, `predict` or `evaluate`."""
        functions: list[Callable[..., Any]] = [*self._methods, self._builder()]
        known = {name for function in functions for name in _words_of(function)} - {"self", "kwargs"}
        for name in params:
            if name not in known:
                raise ValueError(f"{type(self).__name__}: {name!r} is no parameter.{did_you_mean(name, known)}")

    def get_params(self, deep: bool = True, **params: Any) -> dict[str, Any]:
        """The hyper-parameters, and `build_fn`; `deep` and further `params` change nothing."""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Self:
        """Change the hyper-parameters that `params` names; returns the estimator."""
        if "build_fn" in params:
            self.build_fn = params.pop("build_fn")
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(self, fn: Callable[..., Any], override: dict[str, Any] | None = None) -> dict[str, Any]:
        """Those of the hyper-parameters that the function `fn` takes, and all in `override`."""
        names = _words_of(fn)
        return {**{name: value for name, value in self.sk_params.items() if name in names}, **(override or {})}

    @of_eras
    def fit(self, x: Any, y: Any, **kwargs: Any) -> "History":
        """Build a model and train it; returns its History.

        # Arguments
            x: inputs (samples, features).
            y: targets (samples,) or (samples, outputs).
            kwargs: further arguments of `Sequential.fit`.
        """
        builder, (x, y) = self._builder(), self._checked(x, y)
        self.n_features_in_ = np.shape(x)[1] if np.ndim(x) > 1 else 1
        told = {"n_features_in": self.n_features_in_, "n_classes": y.shape[1] if y.size > len(y) else len(np.unique(y))}
        asked = {name: told[name] for name in inspect.signature(builder).parameters if name in told}
        self.model = builder(**{**asked, **self.filter_sk_params(builder)})
        return self.model.fit(x, self._targets(y), **self.filter_sk_params(Sequential.fit, kwargs))

    def _checked(self, x: Any, y: Any) -> tuple[Any, np.ndarray]:
        """Arrays that scikit-learn finds fit to learn from; lists of several inputs are left to the model."""
        validation = _validation()
        if validation is None or isinstance(x, list) and isinstance(x[0], np.ndarray):
            return x, np.asarray(y)
        numeric = self.__sklearn_tags__().estimator_type == "regressor"
        options = {"accept_sparse": True, "allow_nd": True, "multi_output": True, "y_numeric": numeric}
        return validation.validate_data(self, x, y, **options)

    def _inputs(self, x: Any) -> Any:
        """Inputs that have the features which the model was trained on."""
        validation = _validation()
        if validation is None or isinstance(x, list) and isinstance(x[0], np.ndarray):
            return x
        validation.check_is_fitted(self)
        return validation.validate_data(self, x, reset=False, accept_sparse=True, allow_nd=True)

    def _targets(self, y: np.ndarray) -> np.ndarray:
        """What the network is trained on, from what scikit-learn gives."""
        return y

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=True), input_tags=InputTags(sparse=True))


class KerasClassifier(BaseWrapper):
    """A network as a scikit-learn classifier; labels may be of any kind, or rows of zeros with a single one.

    # Arguments
        build_fn, sk_params: see `BaseWrapper`.

    After `fit`, `classes_` are the labels in the order of the columns of `predict_proba`.
    """

    classes_: np.ndarray

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags

        tags = super().__sklearn_tags__()
        tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        return tags

    def _checked(self, x: Any, y: Any) -> tuple[Any, np.ndarray]:
        x, y = super()._checked(x, y)
        if _validation() is not None:
            from sklearn.utils.multiclass import check_classification_targets

            check_classification_targets(y)
        return x, y

    def _targets(self, y: np.ndarray) -> np.ndarray:
        outputs = self.model.output_shape[-1]
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
            return y
        labels = y.reshape(-1)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        # class numbers of which some do not occur in these samples
        if labels.dtype.kind in "iu" and labels.min() >= 0 and len(self.classes_) < outputs > labels.max():
            self.classes_, numbers = np.arange(outputs), labels
        if self.model.objective.losses[0].__name__ == "categorical_crossentropy":
            return to_categorical(numbers, outputs)
        return numbers[:, None]

    @of_eras
    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The label of each sample of `x`; `kwargs` are arguments of `Sequential.predict`."""
        probabilities = self.predict_proba(x, **kwargs)
        return self.classes_[np.argmax(probabilities, axis=1)]

    @of_eras
    def predict_proba(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The probability of each class, a column each, also for a network with a single output.

        `x` are inputs (samples, features); `kwargs` are arguments of `Sequential.predict`.
        """
        x = self._inputs(x)
        probabilities = self.model.predict(x, **self.filter_sk_params(Sequential.predict, kwargs))
        if probabilities.shape[1] < len(self.classes_):
            return np.hstack([1 - probabilities, probabilities])
        return probabilities

    @of_eras
    def score(self, x: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> float:
        """The part of the samples of `x` whose label in `y` is predicted.

        `sample_weight` is how much each sample counts; `kwargs` are arguments of `Sequential.predict`.
        """
        y = np.asarray(y)
        labels = self.classes_[np.argmax(y, axis=1)] if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
        return float(np.average(self.predict(x, **kwargs) == labels, weights=sample_weight))


class KerasRegressor(BaseWrapper):
    """A network as a scikit-learn regressor.

    # Arguments
        build_fn, sk_params: see `BaseWrapper`.
    """

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import RegressorTags

        tags = super().__sklearn_tags__()
        tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        return tags

    @of_eras
    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The prediction for each sample of `x`; of one output, an array (samples,).

        `kwargs` are arguments of `Sequential.predict`.
        """
        x = self._inputs(x)
        predicted = self.model.predict(x, **self.filter_sk_params(Sequential.predict, kwargs))
        return predicted[:, 0] if predicted.ndim == 2 and predicted.shape[1] == 1 else predicted

    @of_eras
    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Minus the loss for inputs `x` and targets `y`, so that larger is better, as scikit-learn takes it.

        `kwargs` are arguments of `Sequential.evaluate`.
        """
        options = {"verbose": 0, **self.filter_sk_params(Sequential.evaluate, kwargs)}
        x = self._inputs(x)
        loss = self.model.evaluate(x, np.asarray(y), **options)
        return -(loss[0] if isinstance(loss, list) else loss)
