"""The type of an argument that is a list of layers."""

from typing import Any

from horngate.engine.arguments import Declared
from horngate.engine.container import configuration_of, make_layer


class Layers(Declared[Any, "list[Any]"]):
    """Layers, each also as the dictionary with its class and configuration that files hold."""

    words = "a list of layers"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> list[Any]:
        """Return a list of layers."""
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"must be a list of layers; received {value!r}")
        return [make_layer(each) if isinstance(each, dict) else each for each in value]

    @classmethod
    def serialized(cls, value: Any) -> list[dict[str, Any]]:
        """Return the class and configuration of each layer."""
        return [{"class_name": type(each).__name__, "config": configuration_of(each)} for each in value]
