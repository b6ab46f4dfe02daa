"""The import path of layers and their graph in Keras 1."""

from typing import Any

from horngate.engine.container import Container, get_source_inputs  # noqa: F401
from horngate.engine.input import Input, InputLayer  # noqa: F401
from horngate.engine.layer import InputSpec, Layer, Node, to_list  # noqa: F401
from horngate.engine.merge import Merge, merge  # noqa: F401


def object_list_uid(object_list: Any) -> str:
    """Return a string that identifies a list of objects."""
    return ", ".join(str(abs(id(item))) for item in to_list(object_list))
