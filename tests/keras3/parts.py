"""The cases of losses, activations and the like: arguments in the words of Keras 3, and what they are called with.

What goes in is drawn from a seed, so that only what comes out is kept (`tests/golden/keras3/parts.npz`).
"""

import numpy as np

ACTIVATIONS = {
    "celu": [{}, {"alpha": 0.5}],
    "elu": [{}, {"alpha": 0.5}],
    "exponential": [{}],
    "gelu": [{}, {"approximate": True}],
    "glu": [{}, {"axis": 1}],
    "hard_shrink": [{}, {"threshold": 1.0}],
    "hard_sigmoid": [{}],
    "hard_silu": [{}],
    "hard_swish": [{}],
    "hard_tanh": [{}],
    "leaky_relu": [{}, {"negative_slope": 0.5}],
    "linear": [{}],
    "log_sigmoid": [{}],
    "log_softmax": [{}, {"axis": 1}],
    "mish": [{}],
    "relu": [{}, {"negative_slope": 0.3, "max_value": 1.0}, {"threshold": 0.4, "negative_slope": 0.1}],
    "relu6": [{}],
    "selu": [{}],
    "sigmoid": [{}],
    "silu": [{}],
    "soft_shrink": [{}, {"threshold": 1.0}],
    "softmax": [{}, {"axis": 1}],
    "softplus": [{}],
    "softsign": [{}],
    "sparse_plus": [{}],
    "sparse_sigmoid": [{}],
    "squareplus": [{}, {"b": 2.0}],
    "swish": [{}],
    "tanh": [{}],
    "tanh_shrink": [{}],
    "threshold": [{"threshold": 0.5, "default_value": -1.0}],
}


def activated():
    """What goes into an activation."""
    return np.random.default_rng(3).normal(size=(3, 4, 6)) * 2


# Losses: by name, the kind of the targets and the options; classes and functions of one name share the cases.
LOGITS, SMOOTH = {"from_logits": True}, {"label_smoothing": 0.2}
LOSSES = {
    "mean_squared_error": ("real", [{}]),
    "mean_absolute_error": ("real", [{}]),
    "mean_absolute_percentage_error": ("real", [{}]),
    "mean_squared_logarithmic_error": ("positive", [{}]),
    "huber": ("real", [{}, {"delta": 0.3}]),
    "log_cosh": ("real", [{}]),
    "cosine_similarity": ("real", [{}, {"axis": 1}]),
    "poisson": ("positive", [{}]),
    "kl_divergence": ("probabilities", [{}]),
    "hinge": ("binary", [{}]),
    "squared_hinge": ("binary", [{}]),
    "categorical_hinge": ("onehot", [{}]),
    "binary_crossentropy": ("binary", [{}, LOGITS, SMOOTH, {**LOGITS, **SMOOTH, "axis": 1}]),
    "binary_focal_crossentropy": (
        "binary",
        [{}, {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.0}, {**LOGITS, **SMOOTH, "axis": 1}],
    ),
    "categorical_crossentropy": ("onehot", [{}, LOGITS, SMOOTH, {**LOGITS, "axis": 1}]),
    "categorical_focal_crossentropy": (
        "onehot",
        [{}, LOGITS, {**SMOOTH, "alpha": 0.4, "gamma": 1.0}, {**LOGITS, "axis": 1}],
    ),
    "categorical_generalized_cross_entropy": ("classes", [{"q": 0.5}, {"q": 0.8}]),
    "sparse_categorical_crossentropy": ("classes", [{}, LOGITS, {"ignore_class": 2}, {**LOGITS, "ignore_class": 0}]),
    "dice": ("binary", [{}, {"axis": (1, 2)}]),
    "tversky": ("binary", [{}, {"alpha": 0.2, "beta": 0.7, "axis": (1, 2)}]),
    "ctc": ("labelling", [{}]),
    "circle": ("groups", [{}, {"gamma": 20.0, "margin": 0.3}, {"remove_diagonal": False}]),
}
WHOLE = ("dice", "tversky")  # give one number for the batch, in which weights weigh nothing
SIGNED = ("real", "groups", "labelling")  # kinds of targets whose predictions are any numbers


def measured(kind, options):
    """(targets, predictions, weights) of a kind."""
    rng = np.random.default_rng(4)
    shape = {"labelling": (3, 7, 5), "groups": (8, 4)}.get(kind, (3, 4, 5))
    drawn = rng.normal(size=shape)
    by_class = np.exp(drawn) / np.exp(drawn).sum(-1, keepdims=True)
    predictions = drawn if kind in SIGNED or options.get("from_logits") else by_class
    if kind == "groups":  # embeddings of length 1
        predictions = drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)
    numbers = rng.integers(0, 5, shape[:-1])
    targets = {
        "real": lambda: rng.normal(size=shape),
        "positive": lambda: rng.uniform(size=shape),
        "probabilities": lambda: rng.dirichlet(np.ones(5), shape[:-1]),
        "binary": lambda: rng.integers(0, 2, shape),
        "onehot": lambda: np.eye(5)[numbers],
        "classes": lambda: numbers,
        "labelling": lambda: rng.integers(1, 5, (3, 3)),
        "groups": lambda: np.arange(8) // 2 % 3,
    }[kind]()
    few = kind in ("labelling", "groups")
    return targets, predictions, rng.uniform(size=shape[:1] if few else shape[:-1])


CLASSES = {"huber": "Huber", "ctc": "CTC", "kl_divergence": "KLDivergence", "log_cosh": "LogCosh"}
CLASSES |= {"categorical_generalized_cross_entropy": "CategoricalGeneralizedCrossEntropy"}
REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", None)


def weighting(shape):
    """By what a value is multiplied before it is summed, and the sum differentiated."""
    return np.random.default_rng(1).normal(size=shape)


def class_of(name):
    """The class that computes the loss of a function."""
    return CLASSES.get(name) or "".join(part.capitalize() for part in name.split("_"))


def loss_classes():
    """(number, name of a class, arguments, kind of the targets, whether with weights)."""
    for name, (kind, several) in LOSSES.items():
        for options in several:
            for weighted in (False, True) if "axis" not in options and name not in WHOLE else (False,):
                yield class_of(name), options, kind, weighted
    for reduction in REDUCTIONS:
        for weighted in (False, True):
            yield "MeanSquaredError", {"reduction": reduction}, "real", weighted
            more = {"reduction": reduction, "ignore_class": 1}
            yield "SparseCategoricalCrossentropy", more, "classes", weighted
