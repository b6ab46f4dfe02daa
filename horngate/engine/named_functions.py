"""Functions in files: written by name, never as code, and found again by name."""

from horngate.engine.params import did_you_mean, named


def describe_function(function):
    """The plain data that stand for a function, class method or string in a configuration: its name."""
    return function if function is None or isinstance(function, str) else named(function)


def describe_shape(shape):
    """A shape or a function that gives one, as plain data."""
    return describe_function(shape) if callable(shape) else shape


def function_kind(value):
    """How Keras 1 files say whether a field holds a function."""
    if not callable(value):
        return "raw"
    return "lambda" if getattr(value, "__name__", "") == "<lambda>" else "function"


def find_function(description, layer_name, custom_objects=None):
    """The function that `description` names, looked for in `custom_objects` by its name and by the layer's.

    Byte code, as Keras 1 stored a lambda, is never run.
    """
    known = dict(custom_objects or {})
    for key in (layer_name, description if isinstance(description, str) else None):
        if key in known:
            return known[key]
    if callable(description):
        return description
    what = (
        repr(description)
        if isinstance(description, str) and description.isidentifier()
        else "code (which is never run)"
    )
    hint = did_you_mean(description, known) if isinstance(description, str) else ""
    raise ValueError(
        f"layer {layer_name!r} holds a function of its own, stored as {what}.{hint} "
        f"Pass the function: custom_objects={{{layer_name!r}: function}}."
    )
