"""Keras 1's import path of layers and their graph."""

from typing import Any

from horngate.engine.container import Container, get_source_inputs  # noqa: F401
from horngate.engine.input import Input, InputLayer  # noqa: F401
from horngate.engine.layer import InputSpec, Layer, Node, to_list  # noqa: F401
from horngate.engine.merge import Merge, merge  # noqa: F401


def object_list_uid(object_list: Any) -> str:
    """A string that tells one list of objects from another."""
    return ", ".join(str(abs(id(item))) for item in to_list(object_list))
