"""Networks work as scikit-learn estimators: in searches, cross-validation and pipelines, cloned and pickled."""

import pickle

import numpy as np
import pytest

from horngate.layers import Dense
from horngate.models import Sequential
from horngate.wrappers.scikit_learn import BaseWrapper, KerasClassifier, KerasRegressor

base = pytest.importorskip("sklearn.base")
model_selection = pytest.importorskip("sklearn.model_selection")

RNG = np.random.RandomState(0)
X = RNG.randn(90, 4).astype("float32")
CLASSES = np.argmax(X[:, :3], axis=1)


def three_ways(width=16, lr=0.05):
    model = Sequential([Dense(width, input_dim=4, activation="tanh"), Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    model.optimizer.lr = lr
    return model


def two_ways():
    model = Sequential([Dense(1, input_dim=4, activation="sigmoid")])
    model.compile("rmsprop", "binary_crossentropy")
    model.optimizer.lr = 0.1
    return model


def sparse():
    model = three_ways()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.lr = 0.05
    return model


def line():
    model = Sequential([Dense(1, input_dim=4)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


LABELS = {
    "numbers": (three_ways, CLASSES),
    "words": (three_ways, np.array(["cat", "dog", "eel"])[CLASSES]),
    "rows": (three_ways, np.eye(3)[CLASSES]),
    "sparse": (sparse, CLASSES),
    "two words": (two_ways, np.where(X[:, 0] > 0, "yes", "no")),
    "two numbers": (two_ways, (X[:, 0] > 0).astype(int)),
}


@pytest.mark.parametrize("kind", LABELS)
def test_a_classifier_learns_labels_of_any_kind(kind):
    build, y = LABELS[kind]
    classifier = KerasClassifier(build, nb_epoch=20, batch_size=16, verbose=0)
    history = classifier.fit(X, y)
    assert len(history.history["loss"]) == 20
    predicted, probabilities = classifier.predict(X), classifier.predict_proba(X)
    labels = np.argmax(y, axis=1) if y.ndim == 2 else y
    assert np.mean(predicted == labels) == classifier.score(X, y) > 0.85
    assert probabilities.shape == (90, len(set(labels.tolist())))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(classifier.classes_[np.argmax(probabilities, axis=1)], predicted)


def test_a_regressor_fits_a_line():
    y = X @ [1.0, -2.0, 0.5, 0.0]
    regressor = KerasRegressor(build_fn=line, nb_epoch=15, verbose=0)
    regressor.fit(X, y, batch_size=8)
    assert regressor.predict(X).shape == (90,)
    assert regressor.score(X, y) == pytest.approx(-np.mean((regressor.predict(X) - y) ** 2), rel=1e-3)
    assert regressor.score(X, y) > -0.05


def test_search_cross_validation_and_pipeline():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = KerasClassifier(three_ways, nb_epoch=6, batch_size=15, verbose=0)
    search = model_selection.GridSearchCV(classifier, {"width": [2, 12], "nb_epoch": [1, 12]}, cv=2)
    search.fit(X, CLASSES)
    assert search.best_params_["nb_epoch"] == 12 and search.best_score_ > 0.6
    scores = model_selection.cross_val_score(make_pipeline(StandardScaler(), classifier), X, CLASSES, cv=3)
    assert scores.shape == (3,) and np.isfinite(scores).all()


def test_a_clone_has_the_parameters_and_a_pickle_the_model():
    classifier = KerasClassifier(three_ways, width=5, nb_epoch=2, verbose=0)
    clone = base.clone(classifier)
    assert (
        clone.get_params()
        == classifier.get_params()
        == {"build_fn": three_ways, "width": 5, "nb_epoch": 2, "verbose": 0}
    )
    classifier.fit(X, CLASSES)
    again = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    assert not hasattr(base.clone(classifier), "model")
    assert base.is_classifier(classifier) and base.is_regressor(KerasRegressor(line))


def test_a_subclass_builds_the_model_itself():
    class Own(KerasClassifier):
        """Defines the model in `__call__`."""

        def __call__(self, width=3):
            return three_ways(width)

    own = Own(width=7, nb_epoch=1, verbose=0)
    own.fit(X, CLASSES)
    assert own.model.layers[0].output_dim == 7


def net(n_features_in, n_classes):
    model = Sequential([Dense(16, input_dim=n_features_in, activation="relu"), Dense(n_classes, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    model.optimizer.lr = 0.05
    return model


def one_number(n_features_in):
    model = Sequential([Dense(16, input_dim=n_features_in, activation="relu"), Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.lr = 0.05
    return model


AS_IN_KERAS_1 = {
    "check_no_attributes_set_in_init": "the hyper-parameters are in `sk_params`",
    "check_dont_overwrite_parameters": "the network is in `model`",
    "check_estimators_fit_returns_self": "`fit` returns the History",
    "check_readonly_memmap_input": "`fit` returns the History",
    "check_do_not_raise_errors_in_init_or_set_params": "a wrong hyper-parameter is named at once",
    "check_parameters_default_constructible": "there is no network without build_fn",
    "check_supervised_y_2d": "a column of targets is what a network takes; no warning is due",
}
OF_NETWORKS = {
    "check_regressors_train": "`score` is minus the loss, not R squared",
    "check_regressors_int": "first weights are drawn from np.random, which this check does not seed",
    "check_regressor_data_not_an_array": "first weights are drawn from np.random, which this check does not seed",
    "check_classifier_data_not_an_array": "first weights are drawn from np.random, which this check does not seed",
    "check_fit_idempotent": "first weights are drawn from np.random, which this check does not seed",
    "check_methods_sample_order_invariance": "it asks for more digits than 32 bits have",
    "check_methods_subset_invariance": "it asks for more digits than 32 bits have",
}


@pytest.mark.parametrize(
    "estimator",
    [
        KerasClassifier(net, nb_epoch=30, batch_size=16, verbose=0),
        KerasRegressor(one_number, nb_epoch=30, batch_size=16, verbose=0),
    ],
)
def test_scikit_learn_finds_nothing_but_what_keras_1_decided(estimator):
    from sklearn.utils.estimator_checks import check_estimator

    np.random.seed(0)
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    failed = {result["check_name"] for result in results if result["status"] == "failed"}
    assert len(results) > 40 and failed <= AS_IN_KERAS_1.keys() | OF_NETWORKS.keys()


def test_wrong_parameters_are_named():
    with pytest.raises(ValueError, match="'widht' is no parameter.*width"):
        KerasClassifier(three_ways, widht=3)
    with pytest.raises(ValueError, match="'nb_epochs' is no parameter.*nb_epoch"):
        KerasClassifier(three_ways).set_params(nb_epochs=3)
    with pytest.raises(TypeError, match="give build_fn"):
        KerasRegressor()


@pytest.mark.parametrize("word", ["epochs", "nb_epoch", "validation_steps", "steps_per_epoch", "verbose", "steps"])
def test_every_word_that_an_estimator_takes_arrives(word):
    """`epochs` was taken, and one epoch trained."""
    estimator = KerasClassifier(build_fn=lambda: None, **{word: 7})
    arrived = [estimator.filter_sk_params(method) for method in BaseWrapper._methods]
    assert {word: 7} in arrived


def test_epochs_are_counted():
    def build():
        model = Sequential([Dense(1, input_dim=2)])
        model.compile("sgd", "mse")
        return model

    estimator = KerasRegressor(build_fn=build, epochs=3, verbose=0)
    assert len(estimator.fit(np.random.rand(8, 2), np.random.rand(8)).history["loss"]) == 3
