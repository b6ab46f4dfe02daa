"""Layers to and from plain data, as in Keras 2 and 3."""

from typing import Any

from horngate.engine.container import described, make_layer
from horngate.engine.layer import Layer


def serialize(layer: Layer) -> dict[str, Any]:
    """Return the class and the configuration of a `layer`, as plain data."""
    return described(layer)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """Make a layer from what `serialize` gave; its weights are new.

    # Arguments
        config: that.
        custom_objects: layers and functions of one's own: a dictionary by the names that `config` uses.
    """
    return make_layer(config, custom_objects)
