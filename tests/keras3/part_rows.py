"""Arguments of losses, metrics, optimizers and the like, each with another value, and what they are called on."""

import numpy as np

MODULES = ("losses", "metrics", "optimizers", "optimizers.schedules", "initializers", "regularizers", "constraints")


def distance(y, p):
    """A function of one's own for a metric."""
    return abs(y - p)


def squared_distance(y, p):
    """Another one."""
    return abs(y - p) ** 2


BASES = {"Loss", "Metric", "Optimizer", "LearningRateSchedule", "Initializer", "Regularizer", "Constraint"}
BASES |= {"MultiOptimizer", "OptimizerMap"}  # of several optimizers: `tests/optimizers` has them
ROWS = {  # what a class is made with
    "MeanMetricWrapper": {"fn": distance},
    "SensitivityAtSpecificity": {"specificity": 0.4},
    "SpecificityAtSensitivity": {"sensitivity": 0.4},
    "PrecisionAtRecall": {"recall": 0.6},
    "RecallAtPrecision": {"precision": 0.7},
    "IoU": {"num_classes": 4, "target_class_ids": [0, 2]},
    "OneHotIoU": {"num_classes": 4, "target_class_ids": [0, 3]},
    "MeanIoU": {"num_classes": 4},
    "OneHotMeanIoU": {"num_classes": 4},
    "R2Score": {"class_aggregation": None},
    "LossScaleOptimizer": {"inner_optimizer": ("SGD",)},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 6},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 2},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [2, 5], "values": [0.1, 0.05, 0.01]},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 3, "end_learning_rate": 0.01},
    "TopKCategoricalAccuracy": {"k": 1},
    "SparseTopKCategoricalAccuracy": {"k": 1},
    "L1L2": {"l1": 0.1, "l2": 0.1},
}
WITH = {  # what else an argument needs to matter
    "alpha": {"apply_class_balancing": True, "warmup_target": 0.2, "warmup_steps": 2},
    "warmup_target": {"warmup_steps": 2},
    "warmup_steps": {"warmup_target": 0.2},
    "ema_momentum": {"use_ema": True},
    "ema_overwrite_frequency": {"use_ema": True},
    "nesterov": {"momentum": 0.5},
    "num_labels": {"multi_label": True},
    "label_weights": {"multi_label": True},
    "epsilon": {"use_ema": False},
    "clip_threshold": {"relative_step": False},
    "min_value": {"max_value": 9.0},
    "relative_step": {"learning_rate": 2.0},
    "axis": {"reduction": None, "sparse_y_true": False, "sparse_y_pred": False},
    "beta": {"threshold": 0.3},
}
OTHER = {
    "name": "other",
    "dtype": "float16",
    "reduction": "sum",
    "axis": 0,
    "label_smoothing": 0.2,
    "seed": 7,
    "warmup_steps": 3,
    "average": "macro",
    "threshold": 0.3,
    "thresholds": [0.4],
    "target_class_ids": [1],
    "class_id": 2,
    "top_k": 1,
    "ignore_class": 0,
    "curve": "PR",
    "summation_method": "majoring",
    "num_thresholds": 5,
    "num_labels": 2,
    "label_weights": [1.0, 2, 0, 1],
    "class_aggregation": "variance_weighted_average",
    "num_regressors": 4,
    "fn": squared_distance,
    "inner_optimizer": ("Adam",),
    "margin": 0.1,
    "dynamic_growth_steps": 2,
    "kwargs": 3.0,
    "mode": "fan_out",
    "distribution": "uniform",
    "input_axes": [0],
    "output_axes": [1],
    "side": "imag",
    "window": "hamming",
    "scaling": "spectrum",
    "boundaries": [1, 4],
    "values": [0.2, 0.1, 0.05],
    "exclude_layers": ["kernel"],
    "rms_rate": None,
    "clipnorm": 0.1,
    "clipvalue": 0.05,
    "global_clipnorm": 0.1,
    "weight_decay": 0.3,
    "ema_overwrite_frequency": 2,
    "gradient_accumulation_steps": 2,
    "ns_steps": 2,
    "epsilon": 0.3,
    "epsilon_1": 0.5,
    "epsilon_2": 5.0,
    "min_value": 4.0,
    "minval": -0.3,
}
KINDS = {  # the first word that a class's name holds tells the kind of its targets
    "ctc": "CTC",
    "classes": "Sparse Generalized",
    "binary": "BinaryIoU Binary SquaredHinge Precision Recall True False AUC Sensitivity Specificity Dice Tversky",
    "onehot": "Categorical OneHot F1 FBeta TopK",
    "numbers": "IoU Accuracy",
}


def other(argument, value):
    """Another value of an argument than `value`."""
    if argument in OTHER and (argument != "axis" or value != 0):
        return OTHER[argument]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int) and value > 0:
        return value + 1
    return 0.3 if value is None else value * 0.5 + 0.2


def kind_of(name):
    """The kind of the targets that a class takes."""
    found = [kind for kind, words in KINDS.items() if any(word in name for word in words.split())]
    return found[0] if found else "binary" if name == "Hinge" else "real"


def measured(name, made):
    """Targets and predictions that a class takes."""
    rng = np.random.default_rng(5)
    share = rng.dirichlet(np.ones(4), 8)
    numbers = rng.integers(0, 4, 8)
    if kind_of(name) == "ctc":
        return rng.integers(1, 4, (2, 3)), rng.normal(size=(2, 6, 4))
    if name == "Circle":
        return numbers, share / np.linalg.norm(share, axis=-1, keepdims=True)
    if kind_of(name) == "numbers" or made.get("sparse_y_pred") is True:  # predictions are class numbers
        y, p = numbers, np.where(np.arange(8) < 5, numbers, numbers[::-1])
        y = y if kind_of(name) == "numbers" and made.get("sparse_y_true") is not False else np.eye(4)[y]
        return y, np.eye(4)[p] if made.get("sparse_y_pred") is False else p
    y = {"binary": rng.integers(0, 2, (8, 4)), "onehot": np.eye(4)[numbers], "classes": numbers}.get(kind_of(name))
    share[:5] += np.eye(4)[numbers[:5]]
    p = rng.uniform(size=(8, 4)) if kind_of(name) == "binary" else share / share.sum(-1, keepdims=True)
    return (rng.uniform(0.1, 1, (8, 4)) if y is None else y), p
