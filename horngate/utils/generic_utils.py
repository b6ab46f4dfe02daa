"""Finds objects by name, among the library's and the user's own; describes functions without code."""

import contextlib
import importlib.util
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Self, TypeVar

Item = TypeVar("Item")
PathLike = str | os.PathLike[str]  # the path of a file

own_words: ContextVar[bool] = ContextVar("own_words", default=False)  # whether `get_config` speaks those of the library
_custom_objects: dict[str, Any] = {}
_packages: dict[int, str] = {}  # identity of a registered object -> its package and name, as Keras 3 writes them


def get_custom_objects() -> dict[str, Any]:
    """The user's own objects by the names that files use: a dictionary to which programs may add."""
    return _custom_objects


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Item], Item]:
    """A decorator of Keras 2 and 3: files can name the decorated class or function.

    # Arguments
        package: stands before the name in files of Keras 3; files of other Kerases have the name alone.
        name: the name in files; None for its own name.
    """

    def register(item: Any) -> Any:
        own = name or item.__name__
        _packages[id(item)] = f"{package}>{own}"
        _custom_objects.update(dict.fromkeys((own, f"{package}>{own}"), item))
        return item

    return register


def get_registered_name(obj: Any) -> str:
    """Return the name of the class or function `obj` in files: with its package if it was registered."""
    registered = _packages.get(id(obj))
    known = registered is not None and _custom_objects.get(registered) is obj
    return str(registered) if known else obj.__name__


def find_registered(
    registered: Any, name: str, custom_objects: Mapping[str, Any] | None = None
) -> tuple[str, Any] | None:
    """Return (key, object) of the user's own object that a file names; None if there is none.

    # Arguments
        registered: its registered name, `package>name`, or None.
        name: its own name.
        custom_objects: the user's own objects by name, beside those that are registered.
    """
    known = {**_custom_objects, **(custom_objects or {})}
    told = [registered, name] if isinstance(registered, str) else [name]
    keys = [key for each in told for key in (each, each.rpartition(">")[2])]
    return next(((key, known[key]) for key in keys if key in known), None)


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """Return the user's own object `name`, `package>name` or the name alone; None if there is none.

    # Arguments
        name: the name.
        custom_objects: objects by name, beside those that are registered.
        module_objects: more objects by name, looked up last.
    """
    found = find_registered(name, name, {**(module_objects or {}), **_custom_objects, **(custom_objects or {})})
    return found[1] if found else None


class CustomObjectScope:
    """A `with` block in which the user's own objects are found by name.

    # Arguments
        args: dictionaries of such objects by name.

    >>> with CustomObjectScope({'twice': lambda x: 2 * x}):
    ...     'twice' in get_custom_objects()
    True
    >>> 'twice' in get_custom_objects()
    False
    """

    def __init__(self, *args: Mapping[str, Any]) -> None:
        self.custom_objects: dict[str, Any] = {name: item for objects in args for name, item in objects.items()}

    def __enter__(self) -> Self:
        self._outer = dict(_custom_objects)
        _custom_objects.update(self.custom_objects)
        return self

    def __exit__(self, *exception: object) -> None:
        _custom_objects.clear()
        _custom_objects.update(self._outer)


def custom_object_scope(*args: Mapping[str, Any]) -> CustomObjectScope:
    """A `CustomObjectScope` of the dictionaries `args`."""
    return CustomObjectScope(*args)


def lookup(name: str, known: Mapping[str, Any], what: str) -> Any:
    """Return `known[name]`, or the user's own object of that name; an unknown `name` raises ValueError.

    `what`: the kind of object, for the error.
    """
    for table in (_custom_objects, known):
        if name in table:
            return table[name]
    names = ", ".join(sorted(k for k in known if not k.startswith("_")))
    from horngate.backend.orders import dialect  # with JAX, which writing files does without

    hint = dialect("strangers").hint(name, known) or f" Known: {names}."
    raise ValueError(
        f"unknown {what} {name!r}.{hint} One of your own is given itself, or by name within "
        f"custom_object_scope({{{name!r}: ...}}); load_model and from_config take custom_objects."
    )


def get_from_module(
    identifier: Any,
    module_params: Mapping[str, Any],
    module_name: str,
    instantiate: bool = False,
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Return the object that `identifier` names in the dictionary `module_params`; no name: `identifier` itself.

    Of a class without its parentheses, such as `L2`, an object is made.

    # Arguments
        identifier: a name, a configuration with `class_name` and `config`, or anything else.
        module_params: objects by name.
        module_name: the kind of objects, for errors.
        instantiate: call the object, with `kwargs`.
        kwargs: the arguments of that call, or None for none.
    """
    if isinstance(identifier, dict):
        settings = dict(identifier)
        name = settings.pop("name", None) or settings.pop("class_name")
        settings = settings.pop("config", settings)
        settings = {key: value for key, value in settings.items() if (key, value) != ("name", name)}  # told twice
        return lookup(name, module_params, module_name)(**settings)
    if not isinstance(identifier, str):
        return identifier() if isinstance(identifier, type) else identifier
    found = lookup(identifier, module_params, module_name)
    if instantiate or kwargs:
        return found(**(kwargs or {}))
    return found


def public_in(module: Mapping[str, Any], *without: str) -> dict[str, Callable[..., Any]]:
    """Return name -> object for the functions and classes that a module defines, by all their names.

    # Arguments
        module: what `vars()` gives in the module.
        without: names to leave out; those that begin with an underscore are no public ones.
    """
    own = {name: item for name, item in module.items() if getattr(item, "__module__", None) == module["__name__"]}
    return {name: item for name, item in own.items() if not name.startswith("_") and name not in without}


def need(package: str, sentence: str) -> None:
    """Raise ImportError with the `sentence`, which says what to install, if `package` is not installed."""
    if importlib.util.find_spec(package) is None:
        raise ImportError(sentence)


def settings_of(part: Any) -> Any:
    """Return `part.get_config()` in the words of the library, whatever the era in which the part was made."""
    before = own_words.set(True)
    try:
        return part.get_config()
    finally:
        own_words.reset(before)


def serialized(item: Any) -> Any:
    """Describe `item`, a loss or the like, as plain data: a function's name, or an object's class and settings."""
    if item is None or isinstance(item, (str, dict)):
        return item
    if not hasattr(item, "get_config") or isinstance(item, type):
        return item.__name__
    settings = dict(settings_of(item))
    name = type(item).__name__
    if settings.get("name") == name:  # as Keras 1 has it
        del settings["name"]
    return {"class_name": name, "config": settings}


def deserialized(config: Any, custom_objects: Mapping[str, Any] | None, get: Callable[[Any], Any]) -> Any:
    """Return what `config`, of `serialized`, describes.

    # Arguments
        config: a name, or a dictionary with `class_name` and `config`.
        custom_objects: the user's own objects by name, or None.
        get: finds an object by its name or description.
    """
    with CustomObjectScope(custom_objects or {}):
        return get(config)


def display_table(rows: Iterable[Sequence[Any]], positions: Sequence[int]) -> None:
    """Print `rows`, lists of cells, in columns that end at `positions`, in characters."""
    for fields in rows:
        line = ""
        for field, end in zip(fields, positions):
            line = (line + str(field))[:end].ljust(end)
        print(line.rstrip())


def make_tuple(*args: Any) -> tuple[Any, ...]:
    """The arguments `args`, as a tuple."""
    return args


def func_dump(func: Callable[..., Any]) -> tuple[str, None, None]:
    """Return the name of the function `func`, in the place where Keras 1 wrote its byte code."""
    return func.__name__, None, None


def func_load(code: Any, defaults: Any = None, closure: Any = None, globs: Mapping[str, Any] | None = None) -> Any:
    """Return the function that `func_dump` described. Byte code, which Keras 1 wrote here, never runs.

    # Arguments
        code: the function's name, alone or first in a tuple.
        defaults, closure: ignored.
        globs: functions by name, in addition to the user's own objects.
    """
    name = code[0] if isinstance(code, (tuple, list)) else code
    known = {**_custom_objects, **(globs or {})}
    if isinstance(name, str) and name in known:
        return known[name]
    raise ValueError(
        "a function stored as code is not run: no file may execute code. Pass the function itself, as "
        "custom_objects={'its name': function}."
    )


# our name -> Keras 3's, where `snake_case` does not tell
_NAMES_OF_KERAS_3 = {
    "Deconvolution2D": "Conv2DTranspose",
    "GroupQueryAttention": "GroupedQueryAttention",
    "Model": "Functional",
}


def snake_case(name: str) -> str:
    """The name of a class of layers, `name`, in Keras 3: its words are parted by underscores.

    >>> snake_case("Convolution2D"), snake_case("PReLU"), snake_case("GlobalMaxPooling1D")
    ('conv2d', 'p_re_lu', 'global_max_pooling1d')
    """
    return re.sub(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", later_name(name)).lower()


def later_name(name: str) -> str:
    """The name in Keras 2 and 3 of a class of layers, `name`: `Conv2D` for `Convolution2D`."""
    return _NAMES_OF_KERAS_3.get(name, name).replace("Atrous", "").replace("Convolution", "Conv")


def kind_told(layer: Any) -> str:
    """The name of the class of a `layer`, in the words of its era."""
    name = type(layer).__name__
    return later_name(name) if layer._era.snake_names else name


if importlib.util.find_spec("horngate.utils.progbar"):
    with contextlib.suppress(ImportError):
        from horngate.utils.progbar import Progbar  # noqa: F401
