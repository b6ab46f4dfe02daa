"""Metrics against the real Keras 3, standing alone over two batches, with and without weights."""

import numpy as np
import pytest

from horngate import keras3
from tests.golden_data import ROOT
from tests.keras3 import metric_cases

NUMBERS = dict(np.load(ROOT / "keras3" / "metrics.npz"))
KEYS = {f"{name}-{i}": (name, options, kind) for i, (name, options, kind) in enumerate(metric_cases.CASES)}


def truncated(name, key):
    """Whether Keras 3 makes the weights whole numbers, which is a fault."""
    return "IoU" in name and key.endswith("weighted")


@pytest.mark.parametrize("key", [key for key in NUMBERS if key != "keras" and not truncated(key, key)])
def test_numbers_are_those_of_keras_3(key):
    name, options, kind = KEYS[key.removesuffix("-weighted")]
    metric = getattr(keras3.metrics, name)(**options)
    again = keras3.metrics.deserialize(keras3.metrics.serialize(metric))
    for y, p, w in metric_cases.batches(kind):
        metric.update_state(y, p, w if key.endswith("weighted") else None)
        again.update_state(y, p, w if key.endswith("weighted") else None)
    found = np.asarray(metric.result())
    assert found.shape == NUMBERS[key].shape
    np.testing.assert_allclose(found, NUMBERS[key], rtol=2e-6, atol=2e-6)
    np.testing.assert_array_equal(again.result(), found)
    metric.reset_state()
    assert all(not variable.numpy().any() for variable in metric.variables)


def test_every_class_has_a_case():
    from horngate import metrics

    named = {name for name, _, _ in metric_cases.CASES}
    assert set(metrics._HOMES) - named == {"Mean", "MeanMetricWrapper", "Metric", "Sum"}


M, TWO = keras3.metrics, [0.0, 1.0]
NONSENSE = [
    (lambda: M.AUC(name=3), "AUC, argument 'name': must be text"),
    (lambda: M.Mean(name=["a"]), "Mean, argument 'name': must be text"),
    (lambda: keras3.losses.Dice(name=3), "Dice, argument 'name': must be text"),
    (lambda: M.MeanMetricWrapper(3), "MeanMetricWrapper, argument 'fn': must be a function"),
    (lambda: M.IoU(2, [-1]), "IoU, argument 'target_class_ids': must be a whole number of at least 0"),
    (lambda: M.IoU(3, []), "IoU, argument 'target_class_ids': must be a list"),
    (lambda: M.OneHotIoU(3, "a"), "OneHotIoU, argument 'target_class_ids': must be a list"),
    (lambda: M.AUC(label_weights="a"), "AUC, argument 'label_weights': must be a list"),
    (lambda: M.AUC(multi_label=True, num_labels=3, label_weights=[1, 2]), "AUC, argument 'label_weights': .* 3 labels"),
    (lambda: M.R2Score(num_regressors=-1), "R2Score, argument 'num_regressors'"),
    (lambda: M.Precision(thresholds=[]), "Precision, argument 'thresholds': must be a number from 0 to 1, or several"),
    *((lambda made=made: made.result(), "nothing is measured yet") for made in (M.R2Score(), M.F1Score())),
    (lambda: M.AUC(multi_label=True).result(), "AUC: nothing is measured yet"),
    *(
        (lambda made=made: made.update_state([TWO] * 2, [TWO] * 3), f"{type(made).__name__}.*2 in y_true, 3 in y_pred")
        for made in (M.AUC(), M.Recall(), M.F1Score(), M.R2Score(), M.MeanIoU(2), M.MeanSquaredError())
    ),
    (lambda: M.AUC().update_state(TWO, TWO, [1, 2, 3]), "AUC.update_state: .* 3 in sample_weight"),
    (lambda: M.MeanIoU(2).update_state(TWO, [TWO, TWO]), "2 targets and 4 predictions.*sparse_y_pred=False"),
    *(
        (
            lambda made=made, y=y, p=p: made.update_state(y, p),
            f"{whose} must be class numbers from 0 to 1.*received {n}",
        )
        for made in (M.MeanIoU(2), M.IoU(2, [1]), M.MeanIoU(2, ignore_class=9))
        for whose, n, y, p in (
            ("targets", 5, [0, 5], TWO),
            ("targets", -1, [0, -1], TWO),
            ("predictions", 2, TWO, [2, 0]),
        )
    ),
]


@pytest.mark.parametrize("number", range(len(NONSENSE)))
def test_what_means_nothing_is_refused_by_name(number):
    nonsense, told = NONSENSE[number]
    with pytest.raises((ValueError, TypeError, RuntimeError), match=told):
        nonsense()


@pytest.mark.parametrize(
    "options, weights", [({"ignore_class": 7}, None), ({}, [1, 0, 1]), ({"ignore_class": 7}, [1, 1, 1])]
)
def test_labels_that_do_not_count_may_be_any(options, weights):
    metric = M.MeanIoU(2, **options)
    metric.update_state([0, 7, 1], [0, 1, 1], weights)
    assert metric.result() == 1


def test_a_step_refuses_labels_beyond_the_classes_of_a_metric():
    made = keras3.Sequential([keras3.Input((1,)), keras3.layers.Dense(1, kernel_initializer="zeros")])
    made.compile("sgd", "mse", metrics=[M.MeanIoU(2)])
    x, y = np.ones((4, 1)), np.array([0, 1, 7, 1])
    made.evaluate(x, y, sample_weight=y < 2, verbose=0)
    with pytest.raises(ValueError, match="MeanIoU: targets must be class numbers from 0 to 1.*received 7"):
        made.evaluate(x, y, verbose=0)


def test_the_weight_of_an_ignored_class_is_left_out():
    labels, weights = np.array([0, 1, 2, 1]), np.array([1.0, 2.0, 3.0, 4.0])
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.2, 0.5, 0.3]])
    metric = keras3.metrics.SparseCategoricalCrossentropy(ignore_class=1)
    metric.update_state(labels, p, weights)
    assert float(metric.result()) == pytest.approx((-np.log(0.7) - 3 * np.log(0.4)) / 4, rel=1e-5)
