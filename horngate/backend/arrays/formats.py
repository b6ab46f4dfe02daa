"""Functions whose `data_format` is that of the settings at the time of the call, whenever their node runs."""

import functools
import inspect
from typing import Any, cast

from horngate.backend import config
from horngate.backend.graph import op
from horngate.backend.spatial import one_of
from horngate.backend.types import F

FORMATS = {"th": "channels_first", "tf": "channels_last"}  # `dim_ordering` -> `data_format`


def formatted(function: F) -> F:
    """Like `op`, for a function with an argument `data_format`, None for that of the settings."""
    signature, made = inspect.signature(function), op(function)

    @functools.wraps(made)
    def call(*args, **kwargs):
        given = signature.bind(*args, **kwargs)
        if given.arguments.get("data_format") is None:
            given.arguments["data_format"] = FORMATS[config.image_dim_ordering()]
        return made(*given.args, **given.kwargs)

    return cast(F, call)


def are_first(data_format: Any) -> bool:
    """Whether channels stand before the axes of space."""
    return one_of("data_format", data_format, tuple(FORMATS.values())) == "channels_first"
