"""Optimizers and schedules with their arguments in Keras 3's words, and a problem on which all take a few steps.

`python -m tests.optimizers.cases FILE`, with Keras 3 installed, writes what it makes of them.
"""

import sys

import numpy as np

STEPS = 9
_NAMES = [
    "SGD",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adam",
    "AdamW",
    "Adamax",
    "Nadam",
    "Adafactor",
    "Lion",
    "Lamb",
    "Ftrl",
    "Muon",
    "ScheduleFreeAdamW",
]
_OPTIONS = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.3},
    {"global_clipnorm": 0.3},
    {"clipvalue": 0.1},
    {"use_ema": True, "ema_momentum": 0.8},
    {"use_ema": True, "ema_overwrite_frequency": 4},
    {"gradient_accumulation_steps": 3},
]
_OTHERS = [
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"momentum": 0.5, "centered": True, "rho": 0.7, "epsilon": 1e-3}),
    ("Adagrad", {"initial_accumulator_value": 0.5, "epsilon": 1e-2}),
    ("Adadelta", {"rho": 0.8, "epsilon": 1e-3}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {"amsgrad": True, "learning_rate": 0.1}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-2}),
    ("Adamax", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-2}),
    ("Nadam", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-2}),
    ("Adafactor", {"relative_step": False}),
    ("Adafactor", {"beta_2_decay": -0.5, "epsilon_1": 1e-3, "epsilon_2": 0.1, "clip_threshold": 0.5}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.6}),
    ("Lamb", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-2}),
    ("Ftrl", {"l1_regularization_strength": 0.5, "l2_regularization_strength": 0.2, "learning_rate": 0.1}),
    ("Ftrl", {"l2_shrinkage_regularization_strength": 0.1, "beta": 0.3, "learning_rate_power": -0.7}),
    ("Ftrl", {"initial_accumulator_value": 0.4}),
    ("Muon", {"nesterov": False}),
    ("Muon", {"rms_rate": None}),
    ("Muon", {"adam_lr_ratio": 0.3, "momentum": 0.5, "ns_steps": 3}),
    ("Muon", {"adam_weight_decay": 0.2, "adam_beta_1": 0.5}),
    ("Muon", {"adam_beta_2": 0.5, "epsilon": 1e-2}),
    ("Muon", {"muon_a": 3.0, "muon_b": -4.0, "muon_c": 1.5}),
    ("ScheduleFreeAdamW", {"warmup_steps": 4, "beta_1": 0.5}),
    ("ScheduleFreeAdamW", {"beta_2": 0.5, "epsilon": 1e-2}),
    ("AdamW", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-2}),
]
SCHEDULES = [
    ("ExponentialDecay", (0.1, 4, 0.5), {}),
    ("ExponentialDecay", (0.1, 4, 0.5), {"staircase": True}),
    ("PiecewiseConstantDecay", ([2, 5], [0.1, 0.05, 0.01]), {}),
    ("PolynomialDecay", (0.1, 5, 0.01, 2.0), {}),
    ("PolynomialDecay", (0.1, 3, 0.01, 0.5), {"cycle": True}),
    ("InverseTimeDecay", (0.1, 3, 0.5), {}),
    ("InverseTimeDecay", (0.1, 3, 0.5), {"staircase": True}),
    ("CosineDecay", (0.1, 6), {}),
    ("CosineDecay", (0.01, 5), {"alpha": 0.1, "warmup_target": 0.1, "warmup_steps": 3}),
    ("CosineDecayRestarts", (0.1, 3), {}),
    ("CosineDecayRestarts", (0.1, 2), {"t_mul": 1.5, "m_mul": 0.7, "alpha": 0.1}),
    ("CosineDecayRestarts", (0.1, 2), {"t_mul": 1.0}),
]
CASES = [(name, {"learning_rate": 0.05, **options}) for name in _NAMES for options in _OPTIONS] + _OTHERS
CASES += [(name, {}) for name in _NAMES]  # with the defaults


def problem():
    """Parameters by name, and their gradients at each step."""
    draw = np.random.RandomState(0)
    shapes = {"kernel": (4, 3), "bias": (3,), "cube": (2, 3, 5)}
    params = {name: draw.randn(*shape).astype("float32") for name, shape in shapes.items()}
    return params, [[(draw.randn(*s) * 0.5).astype("float32") for s in shapes.values()] for _ in range(STEPS)]


def steps(keras, make_variable, value_of, name, options):
    """The parameters after the second step, after the last, and when the training is ended: a row each."""
    params, gradients = problem()
    variables = [make_variable(value, name=name) for name, value in params.items()]
    optimizer, rows = getattr(keras.optimizers, name)(**options), []

    def note():
        rows.append(np.concatenate([np.ravel(value_of(v)) for v in variables]))

    for number, each in enumerate(gradients):
        optimizer.apply(each, variables)
        if number in (1, STEPS - 1):
            note()
    optimizer.finalize_variable_values(variables)
    note()
    return np.stack(rows)


def main(path):
    """Write what Keras 3 makes of all cases."""
    import keras

    def value_of(variable):
        return np.asarray(variable.value)

    rows = [steps(keras, keras.Variable, value_of, *case) for case in CASES]
    made = [getattr(keras.optimizers.schedules, name)(*args, **more) for name, args, more in SCHEDULES]
    rates = [[float(schedule(step)) for step in range(STEPS)] for schedule in made]
    np.savez_compressed(path, steps=np.stack(rows), rates=np.asarray(rates, "float32"))


if __name__ == "__main__":
    main(sys.argv[1])
