"""Reading: take calls with the argument names and order of any era, by the table in `orders`.

A name has the same meaning in every era. If two eras have different arguments in the same position, the order of the
current era is tried first, then others if the values do not fit: in `EarlyStopping('val_loss', 3)`, 3 is the patience
of Keras 1.0; `EarlyStopping('val_loss', 0.01, 3)` fits only the order of 1.2. A call that fits several orders is read
in the order of the era, with a warning.
"""

import contextlib
import functools
import inspect
import numbers
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from horngate.backend import config
from horngate.backend.notices import remark
from horngate.dialects import orders
from horngate.dialects.strangers import hint

# Functions whose orders of Keras 2 and 3 are tried in every era: their values distinguish the orders.
_TOLD_BY_VALUES = {
    *("Initializer.__call__", "Dense", "Convolution1D", "BatchNormalization", "Embedding", "SimpleRNN", "GRU", "LSTM"),
    *("Model.compile", "Sequential.compile", "Sequential.train_on_batch"),
}

_LATER = {"2", "3"}  # eras whose orders count only in these eras, unless `_TOLD_BY_VALUES`

_NAMES = {
    "activation": "relu tanh softmax sigmoid hard_sigmoid linear elu selu softplus softsign swish gelu",
    "dtype": "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 float int",
    "class_mode": "categorical binary multiclass",
}
_ACTIVATIONS, _NUMBER_TYPES, _CLASS_MODES = (names.split() for names in _NAMES.values())


def _flag(value):
    return isinstance(value, (bool, np.bool_))


def _number(value):
    return isinstance(value, numbers.Real) and not _flag(value)


def _members(value):
    """Return the items of a list or dictionary, or the value in a list."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]


def _metrics(value):
    """Return whether this may be metrics, and not loss weights, which are numbers."""
    several = isinstance(value, (list, tuple, dict)) and not (value and all(map(_number, _members(value))))
    return value is None or isinstance(value, str) and value not in _CLASS_MODES or several


def _count(value):
    return value is None or isinstance(value, numbers.Integral) and not _flag(value)


def _type_name(value):
    return value is None or isinstance(value, (type, np.dtype)) or isinstance(value, str) and value in _NUMBER_TYPES


def _text(value):
    return value is None or isinstance(value, str)


def _part(value):
    """Return whether this may be an initialization, a regularizer or the like: no number, no activation's name."""
    return value is None or not isinstance(value, (numbers.Number, tuple, list)) and value not in _ACTIVATIONS


def _activation(value):
    return value is None or callable(value) or isinstance(value, str) and value in _ACTIVATIONS


# Argument whose position changed -> test of a value for it; arguments not listed here take any value.
_FITTING = {
    "bias unroll sparse show_accuracy accuracy save_weights_only check_batch_axis unit_forget_bias horizontal_flip "
    "vertical_flip scale": _flag,
    "seed patience input_dim input_length beam_width top_paths batch_size axis row_axis col_axis channel_axis "
    "max_q_size start_char oov_char index_from groups": _count,
    "subsample_length": lambda v: _count(v) or isinstance(v, (list, tuple)),
    "min_delta transform_bias shear_range channel_shift_range cval momentum": _number,
    "fill_mode consume_less border_mode data_format": _text,
    "EarlyStopping.mode ModelCheckpoint.mode": lambda v: v in ("auto", "min", "max"),
    "init inner_init": _part,
    "activation inner_activation": _activation,
    "dtype": _type_name,
    "name": lambda v: _text(v) and (v is None or not _type_name(v)),
    "epsilon": lambda v: v is None or _number(v) and 0 <= v < 1,
    "test_split": lambda v: _number(v) and 0 < v < 1,
    "verbose": lambda v: _flag(v) or _count(v) and v in (0, 1, 2),
    "class_mode": lambda v: v is None or isinstance(v, str) and v in _CLASS_MODES,
    "metrics": _metrics,
    "loss_weights": lambda v: v is None or not isinstance(v, str) and all(map(_number, _members(v))),
    "sample_weight_modes arguments": lambda v: v is None or isinstance(v, dict),
    "node_indices noise_shape callbacks": lambda v: v is None or isinstance(v, (list, tuple)),
    "class_weight": lambda v: v is None or isinstance(v, (dict, list, str)),
    "sample_weight": lambda v: v is None or hasattr(v, "__len__"),
}
_FITS = {name: fits for names, fits in _FITTING.items() for name in names.split()}


class _Orders:
    """The orders of all eras for `key`; `ours`: its current parameters.

    `agreed`: number of leading positions equal in all eras. `renamed`: old name -> name in `ours`; None for an argument
    without meaning any more.
    """

    def __init__(self, key, ours, era):
        told = {eras: orders.parameters(row, ours) for eras, row in orders.rows(key).items()}
        # Convolution2D(64, 3, 3) was read in the order of Keras 1 in Keras 2 too, and the library writes layers so
        counts = era in _LATER and not any(word == "kernel_size" for row in told.values() for word, _ in row)
        tried = {
            eras: row
            for eras, row in told.items()
            if key in _TOLD_BY_VALUES or not {*eras.split()} <= _LATER or counts and era in eras.split()
        }
        self.of_eras = {eras: [_place(ours, *pair) for pair in row] for eras, row in tried.items()}
        self.renamed = {
            old: new or None for row in told.values() for old, new in row if new is not None and old not in ours
        }
        self.dropped = {old for old, new in self.renamed.items() if new is None}
        self.agreed = _agreed(ours, self.of_eras.values())


@functools.lru_cache(1024)
def orders_of(key: str, ours: tuple[str, ...], era: str = "1.0") -> _Orders:
    """Return the orders that `key` had which a call in `era` may follow."""
    return _Orders(key, ours, era)


def _place(ours, word, told):
    """Return the argument meant by a position: the name in `ours`, else the word itself, also if it is dropped."""
    meant = orders.meaning(word, ours) if told is None else told
    return meant if meant and isinstance(meant, str) else word


def _agreed(ours, others):
    """Return the number of leading positions with the same argument in `ours` and in all `others`."""
    places = 0
    while places < len(ours) and all(places >= len(order) or order[places] == ours[places] for order in others):
        places += 1
    return places


def arranged(key: str, ours: Iterable[str], args: Any, kwargs: Any, era: Any = None) -> tuple[Any, Any]:
    """Return the arguments of a call of `key` by the current positions and names, its parameters `ours`.

    `era`: the `Era` of the order; default: the current one.
    """
    if key not in orders.ORDERS:
        return args, kwargs
    ours, era = tuple(ours), era or config.era()
    known = orders_of(key, ours, era.generation)
    for old in known.renamed.keys() & kwargs.keys():
        if new := known.renamed[old]:
            if new in kwargs:
                raise TypeError(f"{old} and {new} are two names of one argument: give one of them.")
            kwargs = {**kwargs, new: kwargs[old]}
        else:
            _say_dropped(key, old, kwargs[old])
        kwargs = {name: value for name, value in kwargs.items() if name != old}
    if len(args) <= known.agreed or not known.of_eras:
        return args, kwargs
    rest = dict(zip(_meant(key, ours, known, args, era)[known.agreed :], args[known.agreed :]))
    for word in [word for word in rest if word in known.dropped]:
        _say_dropped(key, word, rest.pop(word))
    if twice := rest.keys() & kwargs.keys():
        raise TypeError(f"{key} got {sorted(twice)[0]!r} twice, in its place and by its name.")
    return args[: known.agreed], {**kwargs, **rest}


def _say_dropped(key, word, value):
    """Say that an argument is dropped, unless its value loses nothing by it."""
    harmless, why = orders.DROPPED[f"{key}.{word}"]
    if harmless is not None and value not in harmless:
        remark(f"{key}: {word}={value!r} has no effect here; {why}.")


def _meant(key, ours, known, args, era):
    """Return the order that fits the values: that of the era if it does, else `ours`, else another."""
    of_era = [order for eras, order in known.of_eras.items() if era.generation in eras.split()]
    all_orders = [*of_era, ours, *known.of_eras.values()]
    possible = [order for order in all_orders if len(order) >= len(args)]
    if not possible:
        raise TypeError(f"{key} takes at most {max(map(len, all_orders))} arguments in places; got {len(args)}.")
    fitting = [order for order in possible if _fits(key, order, args, known.agreed)] or possible
    if era.generation in _LATER and key not in _TOLD_BY_VALUES and of_era and fitting[0] is of_era[0]:
        return fitting[0]
    readings = [_given(order, args, known.agreed) for order in fitting]
    if other := next((reading for reading in readings if reading != readings[0]), None):
        remark(
            f"{key}: read as {_listed(readings[0])}, in the order of Keras {era.name}; another version would read "
            f"{_listed(other)}. Give arguments by name where versions differ."
        )
    return fitting[0]


def _fits(key, order, args, agreed):
    pairs = zip(order[agreed:], args[agreed:])
    tests = ((_FITS.get(f"{key}.{name}") or _FITS.get(name), value) for name, value in pairs)
    return all(fits is None or fits(value) for fits, value in tests)


def _given(order, args, agreed):
    """Return name -> argument by an order, without those that are None."""
    return {name: value for name, value in zip(order[agreed:], args[agreed:]) if value is not None}


def _listed(reading):
    return ", ".join(f"{name}={value!r}" if len(repr(value)) < 40 else f"{name}=..." for name, value in reading.items())


def shown(key: str, signature: inspect.Signature) -> inspect.Signature:
    """Return `signature` in the words of the era in force: of Keras 2 or 3, or of all versions of Keras 1.

    For the latter, arguments are positional only where all versions agree; others are by name, or follow `*by_era`."""
    if (era := config.era().generation) in ("2", "3"):
        from horngate.dialects.words import Words  # deferred: it knows layers, which read by this module

        return Words.arranged(key, era, signature)
    given = list(signature.parameters.values())
    first = [p for p in given[:1] if p.name == "self"]
    plain = [p for p in given[len(first) :] if p.kind is p.POSITIONAL_OR_KEYWORD]
    ours = [p.name for p in plain]
    of_keras_1 = [row for eras, row in orders.rows(key).items() if not {"2", "3"} >= {*eras.split()}]
    told = [orders.parameters(row, ours) for row in of_keras_1]
    if not told:
        return signature
    agreed = _agreed(ours, [[_place(ours, *pair) for pair in row] for row in told])
    names = {p.name for p in given}
    old = dict.fromkeys(word for row in told for word, _ in row if word not in names)
    kind = inspect.Parameter
    longer = agreed < len(plain) or any(len(row) > agreed for row in told)
    parts = [
        *first,
        *plain[:agreed],
        *([kind("by_era", kind.VAR_POSITIONAL)] if longer else []),
        *(p.replace(kind=kind.KEYWORD_ONLY) for p in plain[agreed:]),
        *(p for p in given if p.kind is kind.KEYWORD_ONLY),
        *(kind(name, kind.KEYWORD_ONLY, default=None) for name in old),
        *(p for p in given if p.kind is kind.VAR_KEYWORD),
    ]
    return signature.replace(parameters=parts)


def argument_meant(word: str, known: Collection[str]) -> str:
    """Return what to use instead of the argument `word`: one of another library, or of those `known` in any era."""
    return hint(word, [*known, *(name for name in orders.SPELLINGS if orders.meaning(name, known))])


def by_meaning(given: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return the keyword arguments of a function under those of its `names` that words of other eras mean."""
    found: dict[str, Any] = {}
    for word, value in given.items():
        target = orders.meaning(word, names) if word not in names else word
        found[target if isinstance(target, str) and target not in given else word] = value
    return found


def translate(given: dict[str, Any], names: Any, base: Iterable[str] = ()) -> dict[str, Any]:
    """Return the keyword arguments `given` under the names of a signature with `names`; names in `base` stay."""
    translated: dict[str, Any] = {}
    known = {*names, *base}
    for name, value in given.items():
        target = orders.meaning(name, known)
        parts = target if isinstance(target, tuple) else (target,)
        if target is None or target == name:
            translated[name] = value
            continue
        if twice := [part for part in parts if part in given or part in translated]:
            raise TypeError(f"{name} and {twice[0]} are two names of one argument: give one of them.")
        if isinstance(target, str):
            translated[target] = _alone(name, value)
        else:
            translated.update(zip(parts, value if isinstance(value, (list, tuple)) else [value] * len(parts)))
    return translated


def _alone(name, value):
    """Return the element of a tuple of one, for the sizes of one-dimensional layers in Keras 2."""
    may_be = name in ("kernel_size", "strides", "pool_size", "dilation_rate") and isinstance(value, (list, tuple))
    return value[0] if may_be and len(value) == 1 else value


def _refuse_sizes_of_old(cls, names, args):
    """Refuse Dense(784, 128), the order of the first Keras, with the input size first."""
    if names[:2] == ["output_dim", "init"] and len(args) > 1 and isinstance(args[1], int):
        raise TypeError(
            f"{cls.__name__}({args[0]}, {args[1]}) is the order of the first Keras, input before output. "
            f"Write {cls.__name__}({args[1]}, input_dim={args[0]})."
        )


def _kernel_in_one_place(key, names, args, kwargs):
    """Convert positional arguments of Keras 2, Conv2D(32, (3, 3), ...) or Conv2D(32, 3), to keywords.

    Conv2D(32, 3, 2) has strides of 2 in Keras 3; Keras 2 read it as Keras 1 did, 3 rows and 2 columns, and so is a call
    with a word of Keras 1 read in every era.
    """
    parts = orders.meaning("kernel_size", names)
    if parts is None:
        return args, kwargs
    parts = parts if isinstance(parts, tuple) else (parts,)
    place = names.index(parts[0])
    if len(args) <= place or any(part in kwargs for part in parts):
        return args, kwargs
    of_keras_2 = (orders.row(key or "", "2") or orders.CONVOLUTION["2"]).split()
    of_old = any(word in names and word not in of_keras_2 for word in kwargs)
    alone = len(args) == place + 1 or config.era().generation == "3" and not of_old
    if isinstance(args[place], (tuple, list)) or alone and len(parts) > 1:
        return args[:place], {**dict(zip(of_keras_2[of_keras_2.index("kernel_size") :], args[place:])), **kwargs}
    return args, kwargs


def meaning(key: str | None, word: str, names: list[str], base: Iterable[str]) -> Any:
    """Return the argument that `word` means in a call of a constructor; see `read`."""
    renamed = orders_of(key, tuple(names), config.era().generation).renamed if key in orders.ORDERS else {}
    return renamed.get(word) or orders.meaning(word, {*names, *base})


@contextlib.contextmanager
def spoken(told: Callable[[], Mapping[str, Any]], name: str | None = None) -> Iterator[None]:
    """Within the block, errors name arguments by the program's words.

    # Arguments
        told: called at an error; returns word -> name in horngate, or a tuple of names, or None if they are the same.
        name: the program's name of the class, if it differs.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        said = str(next(iter(error.args), ""))
        if found := re.match(r"(\w+), argument '(\w+)'", said):
            targets = told()
            pairs = ((word, target if isinstance(target, tuple) else (target,)) for word, target in targets.items())
            words = [word for word, several in pairs if found[2] in several]
            word = found[2] if found[2] in targets or not words else words[0]
            said = re.sub(r"(?<= It takes )[\w, ]+", ", ".join(targets), said) if name else said
            error.args = (f"{name or found[1]}, argument {word!r}{said[found.end() :]}", *error.args[1:])
        raise


def read(cls: type, key: str | None, names: Any, base: Iterable[str], args: Any, kwargs: Any) -> tuple[Any, Any]:
    """Return the arguments of a constructor by the current positions and names, its parameters `names`.

    `key`: the constructor in `orders`; None for a user's. `base`: further names, which are passed through.
    """
    if args:
        _refuse_sizes_of_old(cls, names, args)
        args, kwargs = _kernel_in_one_place(key, names, args, kwargs)
    if key in orders.ORDERS:
        args, kwargs = arranged(key, names, args, kwargs)
        args, kwargs = (), {**dict(zip(names, args)), **kwargs}  # positions that the current signature may lack
    return args, translate(kwargs, names, base)
