"""Spellings: what other Keras versions call the arguments of constructors, and how a call is read by them."""

from collections.abc import Iterable
from typing import Any

from horngate.dialects import orders

# Spellings of Keras 2 and 3, and of 0.3. Each maps to the names it may stand for; the first that a signature
# has is meant, and only where the signature lacks the spelling itself. A tuple takes one value apart.
ALIASES = {
    "units": ("output_dim",),
    "filters": ("nb_filter",),
    "kernel_size": (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"), "filter_length"),
    "strides": ("subsample", "subsample_length", "stride"),
    "padding": ("border_mode",),
    "data_format": ("dim_ordering",),
    "dilation_rate": ("atrous_rate",),
    "pool_size": ("pool_length",),
    "use_bias": ("bias",),
    "kernel_initializer": ("init",),
    "recurrent_initializer": ("inner_init",),
    "embeddings_initializer": ("init",),
    "alpha_initializer": ("init",),
    "gamma_initializer": ("gamma_init",),
    "beta_initializer": ("beta_init",),
    "kernel_regularizer": ("W_regularizer",),
    "embeddings_regularizer": ("W_regularizer",),
    "recurrent_regularizer": ("U_regularizer",),
    "bias_regularizer": ("b_regularizer",),
    "kernel_constraint": ("W_constraint",),
    "embeddings_constraint": ("W_constraint",),
    "bias_constraint": ("b_constraint",),
    "recurrent_activation": ("inner_activation",),
    "rate": ("p",),
    "stddev": ("sigma",),
    "dropout": ("dropout_W",),
    "recurrent_dropout": ("dropout_U",),
    "dims": ("target_shape",),
    "epochs": ("nb_epoch",),
    "steps_per_epoch": (),
    "batch_shape": ("batch_input_shape",),
    "learning_rate": ("lr",),
    "inputs": ("input",),
    "outputs": ("output",),
}


def translate(given: dict[str, Any], names: Any, base: Iterable[str] = ()) -> dict[str, Any]:
    """The keyword arguments `given` in the spelling of a signature that has `names`; `base` names pass through."""
    translated: dict[str, Any] = {}
    for name, value in given.items():
        for target in ALIASES.get(name, ()) if name not in names else ():
            parts = target if isinstance(target, tuple) else (target,)
            if all(part in names or part in base for part in parts):
                several = len(parts) > 1
                values = value if several and isinstance(value, (list, tuple)) else [value] * len(parts)
                for part in parts:
                    if part in given or part in translated:
                        raise TypeError(f"{name} and {part} are two names of one argument: give one of them.")
                translated.update(zip(parts, values if several else [_alone(name, value)]))
                break
        else:
            translated[name] = value
    return translated


def _refuse_sizes_of_old(cls, names, args):
    """The first Keras took the size of the input first: Dense(784, 128)."""
    if names[:2] == ["output_dim", "init"] and len(args) > 1 and isinstance(args[1], int):
        raise TypeError(
            f"{cls.__name__}({args[0]}, {args[1]}) is the order of the first Keras, input before output. "
            f"Write {cls.__name__}({args[1]}, input_dim={args[0]})."
        )


_AFTER_THE_KERNEL = ("strides", "padding", "data_format", "dilation_rate", "activation", "use_bias")  # in Keras 2


def _kernel_in_one_place(names, args, kwargs):
    """Positional arguments of Keras 2, Conv2D(32, (3, 3), ...) or Conv2D(32, 3), as keywords: their kernel is one."""
    for parts in ALIASES["kernel_size"]:
        parts = parts if isinstance(parts, tuple) else (parts,)
        if not set(parts) <= set(names):
            continue
        place = names.index(parts[0])
        if len(args) <= place or any(part in kwargs for part in parts):
            continue
        together = isinstance(args[place], (tuple, list))
        if together or len(args) == place + 1 and len(parts) > 1:
            rest = dict(zip(_AFTER_THE_KERNEL, args[place + 1 :]))
            return args[:place], {"kernel_size": args[place], **rest, **kwargs}
    return args, kwargs


def _alone(name, value):
    """A one-element tuple for a one-dimensional layer is its element."""
    one = (
        name in ("kernel_size", "strides", "pool_size", "dilation_rate")
        and isinstance(value, (list, tuple))
        and len(value) == 1
    )
    return value[0] if one else value


def read(cls: type, key: str | None, names: Any, base: Iterable[str], args: Any, kwargs: Any) -> tuple[Any, Any]:
    """The arguments of a constructor, whose own are `names`, in the places and names of today.

    `key`: what `orders` calls the constructor, or None for a user's own. `base`: more names, which pass through.
    """
    _refuse_sizes_of_old(cls, names, args)
    args, kwargs = _kernel_in_one_place(names, args, kwargs)
    if key in orders.ORDERS:
        args, kwargs = orders.arranged(key, names, args, kwargs)
        args, kwargs = (), {**dict(zip(names, args)), **kwargs}  # places that today's signature may not have
    return args, translate(kwargs, names, base)
