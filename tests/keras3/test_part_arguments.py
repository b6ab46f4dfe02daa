"""Every argument of losses, metrics, optimizers, initializers and the like does something, or is refused.

Of each argument of each class of `horngate.keras3` two values are given: the outcomes differ, or one is refused.
"""

import functools
import inspect

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3

OF_INPUTS = "the variance follows the number of inputs alone, as in Keras 3"
NO_EFFECT = {  # arguments that are taken and change nothing, each with its reason
    **{(name, "output_axes"): OF_INPUTS for name in ("HeNormal", "HeUniform", "LecunNormal", "LecunUniform")},
    **{(name, "reduction"): "there is one number for a batch" for name in ("Dice", "Tversky")},
    ("VarianceScaling", "output_axes"): "likewise with the default `mode`; the Glorot initializers show its effect",
}
MODULES = {
    name: functools.reduce(getattr, name.split("."), keras3)
    for name in (
        "losses",
        "metrics",
        "optimizers",
        "optimizers.schedules",
        "initializers",
        "regularizers",
        "constraints",
    )
}
BASES = {"Loss", "Metric", "Optimizer", "LearningRateSchedule", "Initializer", "Regularizer", "Constraint"}
BASES |= {"MultiOptimizer", "OptimizerMap"}  # of several optimizers: `tests/optimizers` has them
ROWS = {  # what a class is made with
    "MeanMetricWrapper": {"fn": lambda y, p: abs(y - p)},
    "SensitivityAtSpecificity": {"specificity": 0.4},
    "SpecificityAtSensitivity": {"sensitivity": 0.4},
    "PrecisionAtRecall": {"recall": 0.6},
    "RecallAtPrecision": {"precision": 0.7},
    "IoU": {"num_classes": 4, "target_class_ids": [0, 2]},
    "OneHotIoU": {"num_classes": 4, "target_class_ids": [0, 3]},
    "MeanIoU": {"num_classes": 4},
    "OneHotMeanIoU": {"num_classes": 4},
    "R2Score": {"class_aggregation": None},
    "LossScaleOptimizer": {"inner_optimizer": keras3.optimizers.SGD},
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
    "fn": lambda y, p: abs(y - p) ** 2,
    "inner_optimizer": keras3.optimizers.Adam,
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
}
KINDS = {  # the first word that a class's name holds tells the kind of its targets
    "ctc": "CTC",
    "classes": "Sparse Generalized",
    "binary": "BinaryIoU Binary SquaredHinge Precision Recall True False AUC Sensitivity Specificity Dice Tversky",
    "onehot": "Categorical OneHot F1 FBeta TopK",
    "numbers": "IoU Accuracy",
}


def seen(module):
    """(name, class) of a module; of several names of a class the first."""
    every = [(name, getattr(MODULES[module], name)) for name in MODULES[module].__all__]
    made = [(name, cls) for name, cls in every if isinstance(cls, type) and name not in BASES]
    return {(cls.__core__, str(inspect.signature(cls))): (name, cls) for name, cls in reversed(made)}.values()


EVERY = [
    (module, name, argument)
    for module in MODULES
    for name, cls in seen(module)
    for argument in inspect.signature(cls).parameters
]


def given(module, name, argument=None):
    """Return (class, what it is made with, so that `argument` matters)."""
    cls = getattr(MODULES[module], name)
    taken = inspect.signature(cls).parameters
    more = {word: value for word, value in WITH.get(argument, {}).items() if word in taken}
    return cls, {**ROWS.get(name, {}), **more}


def other(module, name, argument):
    """Another value of an argument than the one it has."""
    cls, made = given(module, name, argument)
    default = inspect.signature(cls).parameters[argument].default
    value = made.get(argument, None if default is inspect.Parameter.empty else default)
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


def loss(cls, made, data_for):
    y, p = measured(cls.__name__, data_for)
    each = cls(**made)
    value = np.asarray(each(y, p))
    return value.tolist(), str(value.dtype), each.name


def metric(cls, made, data_for):
    each = cls(**made)
    y, p = (np.arange(4.0), None) if cls.__name__ in ("Mean", "Sum") else measured(cls.__name__, data_for)
    each.update_state(*([y] if p is None else [y, p]))
    value = np.asarray(each.result())
    return value.tolist(), str(value.dtype), each.name


def optimizer(cls, made, data_for):
    draw = np.random.RandomState(0)
    shapes = {"kernel": (2, 3), "bias": (3,), "embeddings": (3, 2)}
    variables = [K.variable(draw.randn(*shape), name=name) for name, shape in shapes.items()]
    variables[-1].role = "embeddings"
    each = cls(**{word: value() if word == "inner_optimizer" else value for word, value in made.items()})
    found = []
    for size in (9.0, 0.1, 1.0, 0.2):
        each.apply([(size * draw.randn(*v.shape)).astype("float32") for v in variables], variables)
        found.append([v.numpy().tolist() for v in variables])
    each.finalize_variable_values(variables)
    scaled = float(np.asarray(each.scale_loss(1.0)))
    return found, [v.numpy().tolist() for v in variables], each.name, scaled, float(np.asarray(each.learning_rate))


def schedule(cls, made, data_for):
    each = cls(**made)
    return [float(np.asarray(each(step))) for step in range(8)], each.name


def initializer(cls, made, data_for):
    np.random.seed(0)
    each = cls(**made)
    shape = {"Identity": (8, 8), "STFT": (8, 1, 5)}.get(cls.__name__, (8, 2, 6))
    return [K.get_value(each(shape)).tolist() for _ in range(2)]


def on_weights(cls, made, data_for):
    w = np.random.RandomState(0).randn(4, 3).astype("float32")
    return np.asarray(cls(**made)(w)).tolist()


RUN = {
    "losses": loss,
    "metrics": metric,
    "optimizers": optimizer,
    "optimizers.schedules": schedule,
    "initializers": initializer,
    "regularizers": on_weights,
    "constraints": on_weights,
}


@functools.cache
def before(module, name, argument):
    """The outcome with the values that a class has."""
    cls, made = given(module, name, argument)
    return RUN[module](cls, made, made)


@pytest.mark.parametrize("module, name, argument", EVERY, ids=["-".join(each) for each in EVERY])
def test_another_value_gives_another_outcome(module, name, argument):
    same = (name, argument) in NO_EFFECT
    cls, made = given(module, name, argument)
    was = before(module, name, argument if argument in WITH else None)
    try:
        assert (RUN[module](cls, {**made, argument: other(module, name, argument)}, made) == was) == same
    except (ValueError, TypeError) as refusal:
        assert len(str(refusal)) > 40
