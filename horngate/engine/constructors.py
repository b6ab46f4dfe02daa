"""Constructors: read the arguments of a call, store them, and describe an object by them.

`bound` wraps every constructor of a layer: it translates the words of other versions of Keras, binds the arguments to
the signature, converts them as declared and sets them as attributes. `describe` is the inverse.
"""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

from horngate.backend import config
from horngate.backend.graph import Variable
from horngate.backend.orders import SignatureOfEras, as_written, dialect
from horngate.engine import function_keys, kinds
from horngate.engine.arguments import Declared, Declares, is_truth
from horngate.engine.names import is_ours

# For `get_config`: types of the undeclared arguments of a user's constructor, by their name or the end of it.
_BY_NAME: dict[str, type[Declared[Any, Any]]] = {
    "activation": kinds.Activation,
    "inner_activation": kinds.Activation,
    "weights": kinds.InitialWeights,
}
_BY_ENDING: dict[str, type[Declared[Any, Any]]] = {
    "init": kinds.Initializer,
    "regularizer": kinds.Regularizer,
    "constraint": kinds.Constraint,
}


@functools.lru_cache(1024)
def _kind_named(name: str) -> type[Declared[Any, Any]]:
    return _BY_NAME.get(name) or _BY_ENDING.get(name.rpartition("_")[2], Declared)


def names_of(function: Any) -> list[str]:
    """Return the named parameters of a function, without `self`, which a constructor may call otherwise."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = [p.name for p in as_written(function).parameters.values() if p.kind in kinds]
    first = names[:1] == ["self"] or getattr(function, "__name__", "") == "__init__"
    return names[first:]


def _kind_of(cls: type, name: str) -> type[Declared[Any, Any]]:
    """Return the declared type of an argument, else the one that its name suggests."""
    declared = cls.__declared__.get(name) if issubclass(cls, Declares) else None
    return declared.kind if declared else _kind_named(name)


def attribute_of(cls: type, name: str) -> str:
    """Return the attribute in which objects of `cls` hold the argument `name`: another name if that is a property's."""
    declared = cls.__declared__.get(name) if issubclass(cls, Declares) else None
    if declared:
        return declared.attribute
    attribute = "initial_weights" if name == "weights" else name
    found = next((vars(base)[attribute] for base in cls.__mro__ if attribute in vars(base)), None)
    return attribute + "_" if isinstance(found, property) else attribute


def bound(init: Any, converts: bool, base: Any = (), written: bool = True) -> Callable[..., None]:
    """Wrap the constructor `init` so that it takes the words of every era.

    # Arguments
        init: the constructor.
        converts: whether to convert the arguments and set them as attributes too. For a user's constructor they are
            only translated.
        base: further names that the base class takes.
        written: whether the constructor is written by hand; False if it is made from the declaration.
    """
    signature = as_written(init)
    names = names_of(init)
    defaults = {name: signature.parameters[name].default for name in names}
    bind = _binder(init, signature, names)
    key = init.__qualname__.removesuffix(".__init__") if converts else None
    known = {*names, *(base if _takes_keywords(init) else ())}
    # the first argument is the same in every era, unless the constructor is made and all its arguments are optional
    alike = 1 if written or names and names[0] not in _with_defaults(signature) else 0
    places = getattr(init, "same_places", alike)

    @functools.wraps(init)
    def constructor(self, *args, **kwargs):
        if len(args) <= places and kwargs.keys() <= known:
            construct(self, args, kwargs)
            return
        reading = dialect("reading")
        read = reading.read(type(self), key, names, base, args, kwargs)
        with reading.spoken(lambda: {word: reading.meaning(key, word, names, base) for word in kwargs}):
            construct(self, *read)

    def construct(self, args, kwargs):
        if "_given" not in self.__dict__:  # the outermost constructor, which the user called
            self._given, self._bound = kwargs, {}
        if converts:  # arguments bound by a subclass of the library need not be passed on by hand
            told = {*names[: len(args)], *kwargs}
            kwargs |= {name: self._bound[name] for name in names if name in self._bound and name not in told}
        try:
            found, run = bind(self, args, kwargs)
        except TypeError as error:
            raise TypeError(_explain(type(self), names, base, kwargs, error)) from None
        for name in names:
            found[name] = _stored(self, name, found[name], defaults[name], converts)
        if not converts:
            self.__dict__.setdefault("_arguments", {}).update({name: found[name] for name in names})
        run()

    if key:
        vars(constructor).update(__signature__=SignatureOfEras(key, signature), _same_places=places)
    return constructor


def _binder(init, signature, names):
    """Make a function that binds a call of `init`. It returns the arguments, and a function that runs `init`.

    Plain calls are bound without `inspect`, in a third of the time.
    """
    kinds = {p.kind for p in signature.parameters.values()}
    places = sum(signature.parameters[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for name in names)
    takes_more, takes_list = inspect.Parameter.VAR_KEYWORD in kinds, inspect.Parameter.VAR_POSITIONAL in kinds
    defaults = {name: default for name, default in _with_defaults(signature).items() if name in names}

    def bind(self, args, kwargs):
        rest = {name: value for name, value in kwargs.items() if name not in signature.parameters}
        found = {**defaults, **dict(zip(names, args)), **{n: v for n, v in kwargs.items() if n not in rest}}
        twice = any(name in kwargs for name in names[: len(args)])
        wrong = twice or len(args) > places or len(found) != len(names) or rest and not takes_more
        if not wrong and not takes_list:
            return found, lambda: init(self, **found, **rest)
        call = signature.bind(self, *args, **kwargs)  # raises TypeError if the call is wrong
        call.apply_defaults()
        return call.arguments, lambda: init(*call.args, **call.kwargs)

    return bind


def _with_defaults(signature):
    """Return name -> default for the parameters that have a default."""
    return {name: p.default for name, p in signature.parameters.items() if p.default is not p.empty}


def _stored(instance, name, value, default, converts):
    """Resolve an argument; with `converts`, also convert it and set its attribute. Returns its value."""
    declared = getattr(type(instance), "__declared__", {}).get(name) if converts else None
    if declared and value is declared.default and declared.holds_default:
        vars(instance)[declared.attribute] = instance._bound[name] = value
        return value
    value = config.of_era(value)
    if isinstance(value, str):
        value = _converted(type(instance), name, function_keys.resolved_argument, value)
    if converts:
        bound_before = instance._bound
        if name not in bound_before or value is not bound_before[name]:  # else a subclass has converted it already
            value = _checked(type(instance), name, value, default)
        _set(instance, name, value)
        bound_before[name] = value
    return value


def _set(instance, name, value):
    """Set the attribute of the argument `name` to its converted value."""
    cls = type(instance)
    if name in getattr(cls, "__declared__", ()):
        vars(instance)[cls.__declared__[name].attribute] = value
    else:
        setattr(instance, attribute_of(cls, name), value)


def _checked(cls, name, value, default):
    """Check the argument `name` of `cls`, and return it converted."""
    if name in getattr(cls, "__declared__", ()):
        return cls.__declared__[name].held(value, cls)
    if isinstance(default, bool):
        _check_truth(cls, name, value)
    return value


def _check_truth(cls, name, value):
    """Raise TypeError unless `value` is True or False; for arguments with such a default."""
    if not is_truth(value):
        raise TypeError(f"{cls.__name__}, argument {name!r}: must be True or False; received {value!r}")


def _converted(cls, name, convert, *args):
    try:  # `limits.named` would take a tenth of the time in which a layer is made
        return convert(*args)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{cls.__name__}, argument {name!r}: {error}") from None


def _explain(cls, names, base, kwargs, error):
    taken = f" It takes {', '.join(names)}."
    for name in kwargs:
        if name not in names and (name not in base or "unexpected" in str(error)):
            return f"{cls.__name__} has no argument {name!r}.{dialect('reading').argument_meant(name, names) or taken}"
    if missing := re.search(r"missing a required (?:keyword-only )?argument: '(\w+)'", str(error)):
        return f"{cls.__name__}, argument {missing[1]!r}: is missing.{taken}"
    return f"{cls.__name__}({', '.join(names)}): {error}"


def remade(cls: Any, config: dict[str, Any]) -> Any:
    """Return a layer of class `cls` with the configuration `config`.

    The name and the freezing are set afterwards if a user's constructor takes no `**kwargs` for them.
    """
    init, config = cls.__init__, as_our_files(cls, config)
    closed = not is_ours(init) and not _takes_keywords(init)
    afterwards = {"name", "trainable"} & config.keys() - {*names_of(init)} if closed else ()
    layer = cls(**{name: value for name, value in config.items() if name not in afterwards})
    for name in afterwards:
        setattr(layer, name, config[name])
    return layer


def as_our_files(cls: Any, config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration that `from_config` of the layer `cls` was given, as our files would hold it.

    `get_config` of Keras 3, and ours in its era, tell a policy of number types, and more that only that era knows.
    """
    whole = isinstance(config, dict) and isinstance(config.get("dtype"), dict)
    return dialect("keras3.reading").of_class(cls, config) if whole and is_ours(cls) else config


def describe(instance: Any, base: Any) -> dict[str, Any]:
    """Return the arguments that make an object like `instance`, as plain data: the default `get_config`.

    Arguments taken by `**kwargs` are found in the constructors of the base classes, up to `base`. A class that declares
    its arguments or extends `get_config` describes them all; any other class only those that were given.
    """
    configuration, cls = {}, type(instance)
    whole = hasattr(cls.__init__, "generated") or cls.get_config is not base.get_config
    for ancestor in cls.__mro__:
        if ancestor is base:
            break
        if "__init__" not in vars(ancestor) or "__core__" in vars(ancestor):  # a view has the words of its era
            continue
        names = names_of(vars(ancestor)["__init__"])
        chosen = names if whole or ancestor is _first_with_init(cls) else [n for n in names if n in instance._given]
        if hasattr(vars(ancestor)["__init__"], "generated"):  # a subclass may not have called it
            chosen = [n for n in chosen if n in vars(instance).get("_bound", ())]
        for name in chosen:
            if name not in configuration and _kind_of(cls, name).in_config:
                value = _kind_of(cls, name).serialized(_current(instance, name))
                if not _is_later_default(cls, name, value):
                    configuration[name] = value
        if not _takes_keywords(vars(ancestor)["__init__"]):
            break
    return configuration


def _is_later_default(cls, name, value):
    """Return whether an argument that Keras 1 lacked has its default."""
    told = cls.__declared__.get(name) if issubclass(cls, Declares) else None
    return told is not None and told.later and told.kind.serialized(told.held(told.default, cls)) == value


def _first_with_init(cls):
    return next(c for c in cls.__mro__ if "__init__" in vars(c) and "__core__" not in vars(c))


def _takes_keywords(function):
    return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in as_written(function).parameters.values())


def _current(instance, name):
    attribute = attribute_of(type(instance), name)
    if hasattr(instance, attribute):
        value = getattr(instance, attribute)
        return True if attribute == "bias" and isinstance(value, Variable) else value  # see `marking_built`
    return getattr(instance, "_arguments", {}).get(name)
