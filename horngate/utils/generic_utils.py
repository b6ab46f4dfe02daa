"""Finding things by name, among ours and the user's own; functions and files without code."""

import contextlib
import difflib
import importlib.util

_custom_objects = {}


def get_custom_objects():
    """The user's own objects, by the names under which files speak of them; a dictionary to add to."""
    return _custom_objects


def register_keras_serializable(package="Custom", name=None):
    """A decorator of Keras 2 and 3: the class or function is found by its name when files speak of it."""

    def register(item):
        _custom_objects[name or item.__name__] = item
        return item

    return register


class CustomObjectScope:
    """Objects of the user's own that are found by name inside a `with` block.

    >>> with CustomObjectScope({'twice': lambda x: 2 * x}):
    ...     'twice' in get_custom_objects()
    True
    >>> 'twice' in get_custom_objects()
    False
    """

    def __init__(self, *args):
        self.custom_objects = {name: item for objects in args for name, item in objects.items()}

    def __enter__(self):
        self._outer = dict(_custom_objects)
        _custom_objects.update(self.custom_objects)
        return self

    def __exit__(self, *exception):
        _custom_objects.clear()
        _custom_objects.update(self._outer)


def custom_object_scope(*args):
    """See `CustomObjectScope`."""
    return CustomObjectScope(*args)


def lookup(name, known, what):
    """`known[name]`, or that of the user's own objects; an unknown name is an error that tells the likeliest one."""
    for table in (_custom_objects, known):
        if name in table:
            return table[name]
    close = difflib.get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    names = ", ".join(sorted(k for k in known if not k.startswith("_")))
    raise ValueError(f"unknown {what} {name!r}.{hint} Known: {names}.")


def get_from_module(identifier, module_params, module_name, instantiate=False, kwargs=None):
    """What `identifier` names in the dictionary `module_params`, or itself where it is no name.

    # Arguments
        instantiate: call what was found, with `kwargs`.
    """
    if isinstance(identifier, dict):
        settings = dict(identifier)
        name = settings.pop("name", None) or settings.pop("class_name")
        settings = settings.pop("config", settings)
        return lookup(name, module_params, module_name)(**settings)
    if not isinstance(identifier, str):
        return identifier
    found = lookup(identifier, module_params, module_name)
    if instantiate or kwargs:
        return found(**(kwargs or {}))
    return found


def display_table(rows, positions):
    """Print `rows`, lists of cells, in columns that end at `positions`."""
    for fields in rows:
        line = ""
        for field, end in zip(fields, positions):
            line = (line + str(field))[:end].ljust(end)
        print(line.rstrip())


def make_tuple(*args):
    """The arguments, as a tuple."""
    return args


def func_dump(func):
    """The name by which a function is found again, in the place where Keras 1 wrote its byte code."""
    return func.__name__, None, None


def func_load(code, defaults=None, closure=None, globs=None):
    """The function of that name in `globs`. Byte code, which Keras 1 kept here, is never run."""
    name = code[0] if isinstance(code, (tuple, list)) else code
    known = {**_custom_objects, **(globs or {})}
    if isinstance(name, str) and name in known:
        return known[name]
    raise ValueError(
        "a function stored as code is not run: no file may execute code. Pass the function itself, as "
        "custom_objects={'its name': function}."
    )


if importlib.util.find_spec("horngate.utils.progbar"):
    with contextlib.suppress(ImportError):
        from horngate.utils.progbar import Progbar  # noqa: F401
