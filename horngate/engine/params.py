"""The one table of arguments: how each common argument is spelled, converted, recorded and written to a file.

Every constructor of a layer passes through `bound`: spellings of other Keras generations are translated, the
arguments bound to the signature, converted by their row, and set as attributes. `describe` is the way back.
"""

import functools
import inspect
import math

from horngate import activations, constraints, initializations, regularizers  # noqa: F401  two for engine/layer
from horngate.backend import config, limits, orders
from horngate.backend.graph import Variable
from horngate.engine import kinds, living
from horngate.engine.arguments import Declares, did_you_mean, is_truth, plain


class Row:
    """How one argument is treated. `attribute`: the name it is kept under, where not its own."""

    def __init__(self, convert=None, serialize=None, attribute=None, in_config=True):
        self.convert = convert or (lambda value: value)
        self.serialize = serialize or functools.partial(plain, function=living.described)
        self.attribute, self.in_config = attribute, in_config

    def kept(self, value, cls, default):
        """What is kept of an argument of `cls` whose default is `default`."""
        return self.convert(value)


class Limited(Row):
    """A number or sizes, within limits; None only where that is the default.

    `check`: called with the value, and with these `traits` of the class, such as the number of its spatial axes.
    """

    def __init__(self, check, *traits):
        super().__init__()
        self.check, self.traits = check, traits

    def kept(self, value, cls, default):
        if value is None and default is None:
            return None
        return self.check(value, *[getattr(cls, trait, None) for trait in self.traits])


def resolve_ordering(value):
    """`'default'` and None stand for the global setting; Keras 2's names are understood."""
    value = {"channels_first": "th", "channels_last": "tf"}.get(value, value)
    if value in (None, "default"):
        return config.image_dim_ordering()
    if value not in ("th", "tf"):
        raise ValueError(
            f"dim_ordering must be 'th' (channels first), 'tf' (channels last) or 'default'; received {value!r}"
        )
    return value


def _border_mode(value):
    if value not in ("valid", "same", "full"):
        raise ValueError(f"border_mode must be 'valid', 'same' or 'full'; received {value!r}")
    return value


def _number(**between):
    """A row for a number between limits."""
    return Limited(functools.partial(limits.number, **between))


def _hyper_parameter(**between):
    """The same for an argument that lives in a Variable, and may be one already, or a function of the step."""
    return Limited(lambda v: v if isinstance(v, Variable) or callable(v) else limits.number(v, **between))


def _mask_value(value):
    """A number by which steps are found; NaN and infinity may be one, too."""
    return value if isinstance(value, float) and not math.isfinite(value) else limits.number(value)


def _output_shape(value, rank):
    """The shape of an output: with samples and channels where the class knows its spatial axes."""
    if callable(value) or not isinstance(value, (tuple, list)) and rank is None:
        return value if callable(value) else limits.sizes(value)
    return limits.shape(value, None if rank is None else rank + 2)


class _Initial(Row):
    """An initialization by name or function; a number for all where the default is one."""

    def kept(self, value, cls, default):
        return limits.number(value) if isinstance(default, (int, float)) else self.convert(value)


_init = _Initial(initializations.get, kinds.Initializer.serialized)
_activation = Row(activations.get, kinds.Activation.serialized)
_regularizer = Row(kinds.Regularizer.get, kinds.Regularizer.serialized)
_constraint = Row(kinds.Constraint.get, kinds.Constraint.serialized)

ROWS = {
    **dict.fromkeys(("activation", "inner_activation"), _activation),
    **dict.fromkeys(("dim_ordering",), Row(resolve_ordering)),
    **dict.fromkeys(("border_mode",), Row(_border_mode)),
    **dict.fromkeys(("weights",), Row(attribute="initial_weights", in_config=False)),
    **dict.fromkeys(
        (
            "output_dim",
            "nb_filter",
            "nb_row",
            "nb_col",
            "filter_length",
            "kernel_dim1",
            "kernel_dim2",
            "kernel_dim3",
            "subsample_length",
            "pool_length",
            "stride",
            "length",
            "n",
            "nb_feature",
            "depth_multiplier",
            "input_dim",
            "input_length",
        ),
        Limited(limits.whole),
    ),
    **dict.fromkeys(("subsample", "pool_size", "strides", "size", "atrous_rate"), Limited(limits.sizes, "rank")),
    "padding": Limited(limits.margins, "rank", "sides"),
    "cropping": Limited(limits.pairs, "rank"),
    "output_shape": Limited(_output_shape, "rank"),
    "target_shape": Limited(functools.partial(limits.shape, unknown=-1)),
    "noise_shape": Limited(limits.shape),
    **dict.fromkeys(("dims", "shared_axes"), Limited(limits.sizes)),
    **dict.fromkeys(("axis", "concat_axis"), Limited(functools.partial(limits.whole, least=None))),
    **dict.fromkeys(("axes", "dot_axes"), Limited(limits.two_axes)),
    "seed": Limited(functools.partial(limits.whole, least=None, most=2**64)),
    **dict.fromkeys(("p", "dropout", "dropout_W", "dropout_U"), _number(least=0, below=1)),
    **dict.fromkeys(("momentum", "rho"), _hyper_parameter(least=0, most=1)),
    **dict.fromkeys(("beta_1", "beta_2"), _hyper_parameter(least=0, below=1)),
    **dict.fromkeys(("sigma", "theta", "max_value", "l1", "l2"), _number(least=0)),
    **dict.fromkeys(("decay", "schedule_decay"), _hyper_parameter(least=0)),
    "epsilon": _number(above=0),
    "transform_bias": _number(),
    "mask_value": Limited(_mask_value),
    **dict.fromkeys(("alpha", "negative_slope", "scale", "offset"), Limited(limits.numbers_of)),
    "lr": _hyper_parameter(),
}


@functools.lru_cache(1024)
def row(name):
    """The row of an argument; families of names share one."""
    if name in ROWS:
        return ROWS[name]
    for suffix, family in (("init", _init), ("regularizer", _regularizer), ("constraint", _constraint)):
        if name == suffix or name.endswith("_" + suffix):
            return family
    return _PLAIN


_PLAIN = Row()

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


def translate(given, names, base=()):
    """The keyword arguments `given` in the spelling of a signature that has `names`; `base` names pass through."""
    translated = {}
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


def names_of(function):
    """The named parameters of a function, less `self`."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in inspect.signature(function).parameters.values() if p.kind in kinds and p.name != "self"]


def row_of(cls, name):
    """How the class `cls` treats its argument `name`: as it declares, else by the table."""
    return cls.__declared__.get(name) or row(name) if issubclass(cls, Declares) else row(name)


def attribute_of(cls, name):
    """Where an object of `cls` keeps its argument `name`: some names are taken by properties."""
    attribute = row_of(cls, name).attribute or name
    return attribute + "_" if isinstance(getattr(cls, attribute, None), property) else attribute


def bound(init, converts, base=()):
    """The constructor `init` behind the table; `converts`: also convert arguments and set them as attributes.

    A user's own constructor gets its arguments as they were given, translated only.
    """
    signature = inspect.signature(init)
    names = names_of(init)
    defaults = {name: signature.parameters[name].default for name in names}
    bind = _binder(init, signature, names)
    key = init.__qualname__.removesuffix(".__init__")
    key = key if converts and key in orders.ORDERS else None

    @functools.wraps(init)
    def constructor(self, *args, **kwargs):
        _refuse_sizes_of_old(type(self), names, args)
        args, kwargs = _kernel_in_one_place(names, args, kwargs)
        if key:
            args, kwargs = orders.arranged(key, names, args, kwargs)
        kwargs = translate(kwargs, names, base)
        if "_given" not in self.__dict__:  # the outermost constructor: what the user wrote
            self._given, self._bound = kwargs, {}
        if converts:  # what a subclass of ours has bound need not be handed on to its base class by hand
            told = {*names[: len(args)], *kwargs}
            kwargs |= {name: self._bound[name] for name in names if name in self._bound and name not in told}
        try:
            found, run = bind(self, args, kwargs)
        except TypeError as error:
            raise TypeError(_explain(type(self), names, args, kwargs, error)) from None
        for name in names:
            value = found[name].value() if isinstance(found[name], config.EraDefault) else found[name]
            if isinstance(value, str):
                value = _converted(type(self), name, living.argument, value)
            if converts:
                if name not in self._bound or value is not self._bound[name]:  # else a subclass has converted it
                    value = _kept(type(self), name, value, defaults[name])
                _set(self, name, value)
                self._bound[name] = value
            found[name] = value
        if not converts:
            self.__dict__.setdefault("_arguments", {}).update({name: found[name] for name in names})
        run()

    if key:
        constructor.__signature__ = orders.shown(key, signature)
    return constructor


def _binder(init, signature, names):
    """What binds a call of the constructor `init`: gives its arguments, and a function that runs it with them.

    Calls that are plain are bound here, in a third of the time that `inspect` takes.
    """
    kinds = {p.kind for p in signature.parameters.values()}
    places = sum(signature.parameters[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for name in names)
    takes_more, takes_list = inspect.Parameter.VAR_KEYWORD in kinds, inspect.Parameter.VAR_POSITIONAL in kinds
    defaults = {n: p.default for n in names if (p := signature.parameters[n]).default is not p.empty}

    def bind(self, args, kwargs):
        rest = {name: value for name, value in kwargs.items() if name not in signature.parameters}
        found = {**defaults, **dict(zip(names, args)), **{n: v for n, v in kwargs.items() if n not in rest}}
        twice = any(name in kwargs for name in names[: len(args)])
        wrong = twice or len(args) > places or len(found) != len(names) or rest and not takes_more
        if not wrong and not takes_list:
            return found, lambda: init(self, **found, **rest)
        call = signature.bind(self, *args, **kwargs)  # raises where the call is wrong
        call.apply_defaults()
        return call.arguments, lambda: init(*call.args, **call.kwargs)

    return bind


def _set(instance, name, value):
    """Set the attribute for an argument to what was converted."""
    cls = type(instance)
    if name in getattr(cls, "__declared__", ()):
        vars(instance)[cls.__declared__[name].attribute] = value
    else:
        setattr(instance, attribute_of(cls, name), value)


def _kept(cls, name, value, default):
    """What an object of `cls` keeps of its argument `name`."""
    if name in getattr(cls, "__declared__", ()):
        return cls.__declared__[name].held(value, cls)
    if isinstance(default, bool):
        _check_truth(cls, name, value)
    return _converted(cls, name, row(name).kept, value, cls, default)


def _check_truth(cls, name, value):
    """Raise where an argument that is True or False by default is neither."""
    if not is_truth(value):
        raise TypeError(f"{cls.__name__}, argument {name!r}: must be True or False; received {value!r}")


def _converted(cls, name, convert, *args):
    try:
        return convert(*args)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{cls.__name__}, argument {name!r}: {error}") from None


def _explain(cls, names, args, kwargs, error):
    for name in kwargs:
        if name not in names and (hint := did_you_mean(name, names)):
            return f"{cls.__name__} has no argument {name!r}.{hint}"
    return f"{cls.__name__}({', '.join(names)}): {error}"


def describe(instance, base):
    """The arguments that make an object like `instance` again, as plain data: the default `get_config`.

    Arguments handed on through `**kwargs` are looked up in the constructors of the base classes up to `base`: all of
    them for our classes and for a user's that adds to `get_config` itself, else those that were given.
    """
    configuration, cls = {}, type(instance)
    whole = cls.__module__.startswith("horngate.") or cls.get_config is not base.get_config
    for ancestor in cls.__mro__:
        if ancestor is base:
            break
        if "__init__" not in vars(ancestor):
            continue
        names = names_of(vars(ancestor)["__init__"])
        chosen = names if whole or ancestor is _first_with_init(cls) else [n for n in names if n in instance._given]
        if ancestor.__module__.startswith("horngate."):  # whose constructor a subclass may have passed over
            chosen = [n for n in chosen if n in instance._bound]
        for name in chosen:
            if name not in configuration and row_of(cls, name).in_config:
                configuration[name] = row_of(cls, name).serialize(_current(instance, name))
        if not _takes_keywords(vars(ancestor)["__init__"]):
            break
    return configuration


def _first_with_init(cls):
    return next(c for c in cls.__mro__ if "__init__" in vars(c))


def _takes_keywords(function):
    return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in inspect.signature(function).parameters.values())


def _current(instance, name):
    attribute = attribute_of(type(instance), name)
    if hasattr(instance, attribute):
        return getattr(instance, attribute)
    return getattr(instance, "_arguments", {}).get(name)
