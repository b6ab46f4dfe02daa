"""Metrics in training: objects, strings, a user's classes, and functions of whole arrays."""

import numpy as np
import pytest
import sklearn.metrics

from horngate import backend as K
from horngate import keras3, metrics
from horngate.callbacks import BackupAndResume, LambdaCallback
from horngate.layers import Dense, Input
from horngate.models import Model, Sequential

RNG = np.random.RandomState(0)
X = RNG.normal(size=(50, 3)).astype("float32")
Y = (X.sum(-1, keepdims=True) + RNG.normal(size=(50, 1)) > 0).astype("float32")
W = RNG.uniform(size=50).astype("float32")


def model(units=1, activation="sigmoid", **options):
    made = Sequential([Dense(units, input_dim=3, activation=activation)])
    made.compile("sgd", "mse", **options)
    return made


def test_an_object_measures_the_whole_epoch_within_the_step():
    auc = metrics.AUC(num_thresholds=500)
    made = model(metrics=[auc, metrics.Precision(name="p")])
    measured = dict(zip(made.metrics_names, made.evaluate(X, Y, batch_size=7, verbose=0)))
    p = made.predict(X)
    alone = metrics.AUC(num_thresholds=500)
    alone.update_state(Y, p)
    assert list(measured) == ["loss", auc.name, "p"]
    assert measured[auc.name] == pytest.approx(float(alone.result()), abs=1e-5)
    assert measured[auc.name] == pytest.approx(sklearn.metrics.roc_auc_score(Y, p), abs=0.01)
    assert measured["p"] == pytest.approx(sklearn.metrics.precision_score(Y, p > 0.5), abs=1e-5)
    assert float(auc.result()) == pytest.approx(measured[auc.name])


def test_state_begins_anew_in_each_epoch_and_validation():
    made = model(metrics=[metrics.TruePositives(name="hits"), metrics.FalseNegatives(name="misses")])
    told = made.fit(X, Y, nb_epoch=3, batch_size=8, verbose=0, validation_data=(X[:20], Y[:20])).history
    for hits, misses in zip(told["hits"], told["misses"]):
        assert hits + misses == Y.sum()
    for hits, misses in zip(told["val_hits"], told["val_misses"]):
        assert hits + misses == Y[:20].sum()


class Largest(metrics.Metric):
    """A user's metric that is no sum."""

    def __init__(self, name="largest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.most = self.add_weight(shape=(), initializer="zeros", name="most")
        self.count = self.add_variable((), "zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.most.assign(K.maximum(self.most, K.max(y_pred)))
        self.count.assign_add(1.0)
        self.count.assign(self.count + 1.0)

    def result(self):
        return self.most * 1.0 + 0 * self.count


def test_a_users_metric_keeps_any_state():
    largest = Largest()
    made = model(metrics=[largest])
    value = made.evaluate(X, Y, batch_size=16, verbose=0)[1]
    assert value == pytest.approx(made.predict(X).max(), rel=1e-6)
    assert float(largest.count) == 2 * 4
    assert made.test_on_batch(X[:4], Y[:4])[1] == pytest.approx(made.predict(X[:4]).max(), rel=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
def test_weights_count_in_weighted_metrics_only(weighted):
    made = model(**{"weighted_metrics" if weighted else "metrics": [metrics.MeanAbsoluteError(name="mae")]})
    found = made.evaluate(X, Y, sample_weight=W, batch_size=9, verbose=0)[1]
    each = np.abs(made.predict(X) - Y)[:, 0]
    assert found == pytest.approx(np.average(each, weights=W) if weighted else each.mean(), rel=1e-5)


def roc_auc(y, p):
    return sklearn.metrics.roc_auc_score(np.asarray(y), np.asarray(p))


def test_a_function_of_whole_arrays_is_exact():
    for function, name in ((sklearn.metrics.roc_auc_score, "roc_auc_score"), (roc_auc, "roc_auc")):
        with pytest.warns(UserWarning, match=f"{name} cannot become part of the compiled step"):
            made = model(metrics=[function, "accuracy"])
        told = made.fit(X, Y, nb_epoch=2, batch_size=8, verbose=0, validation_data=(X[:21], Y[:21])).history
        assert told["val_" + name][-1] == pytest.approx(roc_auc(Y[:21], made.predict(X[:21])), abs=1e-9)
        assert len(told[name]) == 2 and 0 < told[name][0] < 1
        assert made.evaluate(X, Y, batch_size=8, verbose=0)[1] == pytest.approx(roc_auc(Y, made.predict(X)), abs=1e-9)


def test_training_gives_a_function_of_whole_arrays_the_steps_own_outputs():
    seen = []
    made = Sequential([Dense(1, input_dim=3)])

    def error(y, p):
        seen.append(np.shape(p))
        return float(np.mean((np.asarray(y) - np.asarray(p)) ** 2))

    made.compile("sgd", "mse", metrics=[error])
    told = made.fit(X, Y, nb_epoch=2, batch_size=8, verbose=0).history
    np.testing.assert_allclose(told["error"], told["loss"], rtol=1e-5)
    assert (50,) in seen


def test_whole_arrays_with_weights_and_several_outputs():
    x = Input((3,))
    made = Model(x, [Dense(1, activation="sigmoid", name="a")(x), Dense(1, name="b")(x)])
    score, loss = sklearn.metrics.roc_auc_score, sklearn.metrics.mean_squared_error
    made.compile("sgd", "mse", metrics={"b": [loss]}, weighted_metrics={"a": [score]})
    values = made.evaluate(X, [Y, Y], sample_weight=[W, W], batch_size=8, verbose=0)
    measured = dict(zip(made.metrics_names, values))
    a, b = made.predict(X)
    assert measured["a_roc_auc_score"] == pytest.approx(score(Y, a, sample_weight=W), abs=1e-6)
    assert measured["b_mean_squared_error"] == pytest.approx(loss(Y, b), rel=1e-6)


def test_history_of_keras_3_has_names_as_written():
    made = keras3.Sequential([keras3.Input((3,)), keras3.layers.Dense(1, activation="sigmoid")])
    told = ["mse", "accuracy", "AUC", "precision", keras3.metrics.Recall(name="r")]
    made.compile(optimizer="sgd", loss="mse", metrics=told)
    history = made.fit(X, Y, epochs=1, verbose=0).history
    assert list(history) == ["loss", "mse", "accuracy", "AUC", "precision", "r"]
    p = made.predict(X, verbose=0)
    found = made.evaluate(X, Y, verbose=0)[4]
    assert found == pytest.approx(sklearn.metrics.precision_score(Y, p > 0.5), abs=1e-5)


def test_a_value_for_each_class_is_kept_as_an_array():
    made = model(2, "softmax", metrics=[metrics.F1Score()])
    y = np.concatenate([Y, 1 - Y], -1)
    found = made.fit(X, y, nb_epoch=1, verbose=2).history["f1_score"][0]
    assert np.shape(found) == (2,)


def test_state_can_be_handled_as_values():
    mean = metrics.Mean()
    state = mean.stateless_update_state(mean.stateless_reset_state(), [1.0, 3.0])
    assert float(mean.stateless_result(state)) == 2 and float(mean.result()) == 0
    assert float(metrics.MeanMetricWrapper(lambda y, p: (y - p) ** 2)([1.0, 2], [1.0, 4])) == 2
    assert float(metrics.Sum()([1.0, 2], sample_weight=[2, 1])) == 4


class Killed(BaseException):
    """What ends a training in the test below."""


def resumed(folder, kill_at):
    """The history of a training with many metrics; killed at that step and run again, unless it is None."""
    kinds = (metrics.AUC, metrics.Precision, metrics.TruePositives, metrics.RootMeanSquaredError, Largest)
    steps = iter(range(1, 100))

    def count(batch, logs):
        if next(steps) == kill_at:
            raise Killed

    for _ in range(1 if kill_at is None else 2):
        np.random.seed(3)
        made = model(metrics=[kind(name=kind.__name__) for kind in kinds])
        backup = [] if kill_at is None else [BackupAndResume(folder, seconds=0)]
        told = {"callbacks": [*backup, LambdaCallback(on_batch_end=count)], "validation_data": (X[:20], Y[:20])}
        try:
            return made.fit(X, Y, nb_epoch=3, batch_size=16, verbose=0, **told).history
        except Killed:
            kill_at = -1
    raise AssertionError("it was killed twice")


def test_a_resumed_training_measures_what_an_unbroken_one_does(tmp_path):
    unbroken = dict(resumed(tmp_path, None))
    for kill_at in (1, 5, 6):  # the first step of an epoch, that of a later one, and one amid it
        assert dict(resumed(tmp_path / str(kill_at), kill_at)) == unbroken


def own(y, p):
    return K.mean(y - p)


@pytest.mark.parametrize(
    "given, told",
    [
        ([metrics.AUC(name="loss")], "something else by the name 'loss'"),
        ([metrics.AUC(name="val_loss")], "something else by the name 'val_loss'"),
        ([metrics.AUC(name="size")], "something else by the name 'size'"),
        ([metrics.AUC(name="a"), metrics.Precision(name="a")], "two are called 'a'"),
        ([lambda y, p: K.mean(y), lambda y, p: K.mean(p)], "two are called '<lambda>'"),
    ],
)
def test_a_name_in_the_logs_stands_for_one_metric(given, told):
    for kind in ("metrics", "weighted_metrics"):
        with pytest.raises(ValueError, match=told):
            model(**{kind: given})
    model(metrics=[metrics.AUC(name="a"), metrics.Precision(name="b"), own, own, "mse", "mse", "accuracy", "acc"])
    x = Input((3,))
    outputs = [Dense(1, name="a")(x), Dense(1, name="b")(x)]
    Model(x, outputs).compile("sgd", "mse", metrics=[own])
    with pytest.raises(ValueError, match="by the name 'a_loss'"):
        Model(x, outputs).compile("sgd", "mse", metrics={"a": metrics.AUC(name="loss")})
