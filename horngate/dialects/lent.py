"""Stand-ins for the small part of Theano and TensorFlow that Keras programs use directly."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class Lent:
    """A stand-in for a module of another engine: it holds the names in `table`, and raises an error for all others."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.__name__ = name
        vars(self).update(table)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(missing(self.__name__, name, vars(self)))


def missing(module: str, name: str, known: Iterable[str]) -> str:
    """Return the error message for a name that the stand-in lacks."""
    near = difflib.get_close_matches(name, [k for k in known if not k.startswith("_")], 1)
    hint = f" There is {near[0]}." if near else ""
    if module == "tensorflow" and name == "data":
        return "tensorflow.data is not lent to programs: `fit` takes any iterable of batches (x, y), and arrays whole."
    return (
        f"{module}.{name} is not among the parts of {module.split('.')[0]} that horngate lends to old programs.{hint} "
        "Write it with the functions of `from keras import backend as K`, or with jax.numpy in a Lambda layer."
    )
