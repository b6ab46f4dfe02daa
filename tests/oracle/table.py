"""What is compared: the rows that the tests have, and of every argument of every class another value.

The rows are those of `tests.keras3` and `tests.optimizers`, in the words of Keras 3. The classes and their arguments
are read from the library that is asked.
"""

import inspect
from typing import Any, NamedTuple

from tests.keras3 import cases, metric_cases, part_rows, parts, rules
from tests.keras3.cases import FLAT, IMAGE, STEPS, VOLUME, Case
from tests.optimizers import cases as steps


class Row(NamedTuple):
    """A comparison: of which class or function of a module, made with which arguments, called on what."""

    module: str
    name: str
    args: tuple
    options: dict
    given: Any = None
    types: tuple[str, ...] = ("float32", "float64")

    def __str__(self):
        told = [*map(repr, self.args)]
        told += [f"{word}={getattr(value, '__name__', repr(value))}" for word, value in self.options.items()]
        args = ", ".join(told)
        return f"{self.module}.{self.name}({args})" + (f" on {self.given}" if self.given is not None else "")


CELL = {"inputs": FLAT, "states": (3, 3)}
LAYERS = {  # rows of layers beside those of `cases`
    "Dropout": [Case(FLAT, 0.3)],
    "GaussianDropout": [Case(FLAT, 0.3)],
    "GaussianNoise": [Case(FLAT, 0.3)],
    **{f"SpatialDropout{rank}D": [Case(x, 0.3)] for rank, x in ((1, STEPS), (2, IMAGE), (3, VOLUME))},
    "GRUCell": [Case(CELL, 3), Case(CELL, 3, reset_after=False)],
    "SimpleRNNCell": [Case(CELL, 3)],
    "LSTMCell": [Case({"inputs": FLAT, "states": [(3, 3), (3, 3)]}, 3)],
    "CategoryEncoding": [Case({"numbers": (4, 3)}, 5), Case({"numbers": (4, 3)}, 5, "count")],
    "CenterCrop": [Case(IMAGE, 3, 4)],
    "Resizing": [Case(IMAGE, 3, 4)],
    "STFTSpectrogram": [Case((2, 64), "log", 16, 8)],
}
OTHER = {  # the values that are tried for an argument of a layer, besides the one it has
    **dict.fromkeys(["center", "scale", "use_bias", "unit_forget_bias", "reset_after", "tie_weights"], [False]),
    **dict.fromkeys(["return_sequences", "return_state", "go_backwards", "stateful", "unroll", "keepdims"], [True]),
    **dict.fromkeys(["use_gate", "zero_output_for_mask", "normalize", "mask_zero", "synchronized", "renorm"], [True]),
    **dict.fromkeys(["trainable", "power_to_db"], [False]),
    **dict.fromkeys(["dropout", "recurrent_dropout", "rate", "stddev", "renorm_momentum", "momentum"], [0.5, 0.0]),
    **dict.fromkeys(["activation", "recurrent_activation"], ["tanh", "relu", "softmax"]),
    **dict.fromkeys(
        ["epsilon", "alpha", "negative_slope", "l1", "l2", "offset", "mask_value", "threshold"], [0.5, 0.1]
    ),
    **dict.fromkeys(["units", "filters", "output_dim", "input_dim", "key_dim", "head_dim", "n", "num_tokens"], [5, 7]),
    **dict.fromkeys(["depth_multiplier", "value_dim", "num_heads", "num_query_heads", "power_iterations"], [2, 3]),
    **dict.fromkeys(["groups", "strides", "dilation_rate", "output_padding", "size"], [2, 1]),
    **dict.fromkeys(["kernel_size", "pool_size", "output_size", "height", "width", "cropping"], [1, 2]),
    "num_key_value_heads": [1, 4],
    "sliding_window": [2, 3],
    "activity_regularizer": ["l1", "l2"],
    "attention_axes": [1],
    "autocast": [False],
    "axis": [1, -1],
    "axes": [1, 2],
    "data_format": ["channels_first", "channels_last"],
    "dtype": ["mixed_float16", "float16", "bfloat16"],
    "dims": [(2, 1), (1, 3, 2)],
    "flash_attention": [False],
    "interpolation": ["bilinear", "nearest"],
    "layer": [("Dense", 3, {"use_bias": False})],
    "backward_layer": [("LSTM", 2, {"go_backwards": True})],
    "cell": [("GRUCell", 2, {})],
    "logit_soft_cap": [0.5],
    "max_value": [0.5],
    "merge_mode": ["sum", "ave", "mul", None],
    "mode": ["stft", "magnitude", "real"],
    "name": ["other"],
    "noise_shape": [(3, 1)],
    "output_mode": ["one_hot", "count"],
    "padding": ["same", "valid", 2],
    "renorm_clipping": [{"rmax": 3.0}],
    "reverse_dtype": ["float16"],
    "score_mode": ["concat"],
    "seed": [3],
    "shared_axes": [[1], [1, 2]],
    "use_cudnn": [False],
    "use_scale": [True, False],
    "target_shape": [(-1,), (4, 7)],
}
ENDINGS = {"initializer": ["ones", "he_normal"], "regularizer": ["l2", "l1"], "constraint": ["non_neg", "unit_norm"]}
OF_ALL = ("name", "dtype", "trainable")  # arguments of the base class
ALIKE = (*OF_ALL, "seed", "autocast")  # like the parts of `ENDINGS`, they do the same in both number types
LEFT = ("self", "args", "kwargs")


def _classes(module):
    """Public name -> class of a module, one name for each class."""
    every = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    found = {}
    for name, cls in every.items():
        if isinstance(cls, type) and (cls not in found or cls.__name__ == name):
            found[cls] = name
    return {name: cls for cls, name in found.items()}


def layers(keras):
    """Rows of layers: the cases, and of the first of each class every argument with other values."""
    for name, cls in _classes(keras.layers).items():
        known = cases.CASES.get(name, LAYERS.get(name, []))
        yield from (Row("layers", name, case.args, case.kwargs, case) for case in known)
        words = [word for word in inspect.signature(cls.__init__).parameters if word not in LEFT]
        for case in known[:1]:
            placed = dict(zip(words, case.args))
            for word in dict.fromkeys([*words, *OF_ALL]):
                ending = word.rpartition("_")[2]
                values = OTHER.get(word) or ENDINGS.get(ending, [])
                now = {**placed, **case.kwargs}.get(word)
                for value in values:
                    if value != now and not (isinstance(value, bool) and isinstance(now, float)):
                        types = ("float32",) if word in ALIKE or ending in ENDINGS else ("float32", "float64")
                        yield Row("layers", name, (), {**placed, **case.kwargs, word: value}, case, types)


def _others(keras, name):
    """Rows of a module of parts: every argument of every class with another value."""
    module = keras.optimizers.schedules if name == "optimizers.schedules" else getattr(keras, name)
    for kind, cls in _classes(module).items():
        if kind in part_rows.BASES:
            continue
        signature = inspect.signature(cls.__init__).parameters
        words = [word for word in signature if word not in LEFT]
        base = {w: v for w, v in part_rows.ROWS.get(kind, {}).items() if w in words}
        yield Row(name, kind, (), base)
        for word in words:
            more = {w: v for w, v in part_rows.WITH.get(word, {}).items() if w in words and w != word}
            default = signature[word].default
            value = {**base, **more}.get(word, None if default is inspect.Parameter.empty else default)
            yield Row(name, kind, (), {**base, **more, word: part_rows.other(word, value)})


def rows(keras):
    """All rows, none twice."""
    found = list(layers(keras))
    for name, several in parts.ACTIVATIONS.items():
        found += [Row("activations", name, (), options) for options in several]
    for name, (kind, several) in parts.LOSSES.items():
        found += [Row("losses", name, (), options, kind) for options in several]
    found += [Row("losses", name, (), options, (kind, w)) for name, options, kind, w in parts.loss_classes()]
    found += [Row("metrics", name, (), options, kind) for name, options, kind in metric_cases.CASES]
    for name, options, shape in [*rules.DRAWN, *rules.EXACT]:
        found.append(Row("initializers", name, (), options, shape))
    found += [Row("regularizers", name, (), options) for name, options in rules.REGULARIZERS]
    found += [Row("constraints", name, (), options) for name, options in rules.CONSTRAINTS]
    found += [Row("optimizers", name, (), options) for name, options in steps.CASES]
    found += [Row("optimizers.schedules", name, args, options) for name, args, options in steps.SCHEDULES]
    for name in part_rows.MODULES:
        found += _others(keras, name)
    return list({str(row): row for row in found}.values())
