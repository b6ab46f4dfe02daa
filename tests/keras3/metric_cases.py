"""The cases of metrics: class, arguments in the words of Keras 3, and the kind of targets."""

import numpy as np

PLAIN = (
    "MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError RootMeanSquaredError LogCoshError "
    "CosineSimilarity PearsonCorrelation ConcordanceCorrelation R2Score"
)
CASES = [(name, {}, "real") for name in PLAIN.split()]
CASES += [(name, {}, "positive") for name in ["MeanSquaredLogarithmicError", "Poisson", "KLDivergence"]]
CASES += [
    (name, {}, "binary")
    for name in ["Hinge", "SquaredHinge", "BinaryCrossentropy", "BinaryAccuracy", "AUC", "BinaryIoU"]
]
CASES += [
    (name, {}, "binary")
    for name in ["TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives", "Precision", "Recall"]
]
CASES += [(name, {}, "onehot") for name in ["CategoricalHinge", "CategoricalCrossentropy", "CategoricalAccuracy"]]
CASES += [(name, {}, "classes") for name in ["SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"]]
CASES += [
    ("Accuracy", {}, "numbers"),
    ("BinaryAccuracy", {"threshold": 0.3}, "binary"),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, "binary"),
    ("CosineSimilarity", {"axis": 0}, "real"),
    ("TopKCategoricalAccuracy", {"k": 2}, "onehot"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes"),
    ("Precision", {"thresholds": [0.2, 0.6]}, "binary"),
    ("Precision", {"top_k": 2}, "onehot"),
    ("Recall", {"top_k": 1, "class_id": 1}, "onehot"),
    ("Recall", {"class_id": 2}, "binary"),
    ("TruePositives", {"thresholds": [0.1, 0.5, 0.9]}, "binary"),
    ("SensitivityAtSpecificity", {"specificity": 0.4}, "binary"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.4, "num_thresholds": 20}, "binary"),
    ("PrecisionAtRecall", {"recall": 0.6}, "binary"),
    ("RecallAtPrecision", {"precision": 0.5, "class_id": 1}, "binary"),
    ("AUC", {"curve": "PR"}, "binary"),
    ("AUC", {"curve": "PR", "summation_method": "minoring", "num_thresholds": 11}, "binary"),
    ("AUC", {"summation_method": "majoring", "thresholds": [0.2, 0.5, 0.7]}, "binary"),
    ("AUC", {"multi_label": True}, "binary"),
    ("AUC", {"multi_label": True, "curve": "PR", "num_labels": 4, "label_weights": [1.0, 2, 0, 1]}, "binary"),
    ("FBetaScore", {"beta": 2.0}, "onehot"),
    ("FBetaScore", {"beta": 0.5, "average": "weighted"}, "onehot"),
    ("F1Score", {"average": "micro"}, "onehot"),
    ("F1Score", {"average": "macro", "threshold": 0.3}, "onehot"),
    ("IoU", {"num_classes": 4, "target_class_ids": [0, 2]}, "numbers"),
    ("MeanIoU", {"num_classes": 4}, "numbers"),
    ("MeanIoU", {"num_classes": 4, "ignore_class": 1}, "numbers"),
    ("MeanIoU", {"num_classes": 4, "sparse_y_pred": False}, "classes"),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [1, 3]}, "onehot"),
    ("OneHotMeanIoU", {"num_classes": 4}, "onehot"),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}, "binary"),
    ("R2Score", {"class_aggregation": None}, "real"),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, "real"),
]


def batches(kind):
    """Two batches (targets, predictions, weights)."""
    rng = np.random.default_rng(6)
    for count in (9, 5):
        drawn = rng.normal(size=(count, 4))
        share = np.exp(drawn) / np.exp(drawn).sum(-1, keepdims=True)
        numbers = rng.integers(0, 4, count)
        y = {
            "real": lambda: rng.normal(size=(count, 4)),
            "positive": lambda: rng.uniform(0.1, 1, (count, 4)),
            "binary": lambda: rng.integers(0, 2, (count, 4)).astype(float),
            "onehot": lambda: np.eye(4)[numbers],
            "classes": lambda: numbers,
            "numbers": lambda: numbers,
        }[kind]()
        p = {"real": drawn, "numbers": rng.integers(0, 4, count), "binary": rng.uniform(size=(count, 4))}.get(
            kind, share
        )
        yield y, p, rng.uniform(size=count)
