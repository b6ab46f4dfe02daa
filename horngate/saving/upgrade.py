"""Converts configurations of other versions of Keras to the form of Keras 1."""

from typing import Any

from horngate.saving.files import FileError

_DROPPED = ("cache_enabled", "theano_mode")  # settings of 0.3 that have no counterpart


def upgrade_config(config: Any) -> dict[str, Any]:
    """Convert a model's `config` of any version before Keras 2 to `{"class_name": ..., "config": ...}`.

    >>> upgrade_config({"name": "Sequential", "layers": [{"name": "Dense", "custom_name": "dense", "output_dim": 2}]})
    {'class_name': 'Sequential', 'config': [{'class_name': 'Dense', 'config': {'name': 'dense', 'output_dim': 2}}]}
    """
    if not isinstance(config, dict):
        raise FileError(f"a model's configuration is a dictionary; this is a {type(config).__name__}.")
    if "class_name" in config and "config" in config:
        if isinstance(config["config"], dict) and config["class_name"] == "Sequential":
            raise FileError(
                "this configuration is of Keras 2 or 3, whose layers are described otherwise. Build the model in code, "
                "then model.load_weights(file): the weights of these versions can be read."
            )
        return config
    if config.get("name") not in _READERS:
        raise FileError("this is no model's configuration: it has no class_name and config, as those of Keras have.")
    return {"class_name": config["name"], "config": _READERS[config["name"]](config)}


def _sequential(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Convert the layers; names that occur more than once are dropped: Keras 0.3 called every Dense `dense`."""
    layers = [_layer(layer) for layer in config["layers"]]
    names = [layer["config"].get("name") for layer in layers]
    for layer, name in zip(layers, names):
        if names.count(name) > 1:
            layer["config"].pop("name", None)
    return layers


def _layer(config: dict[str, Any]) -> dict[str, Any]:
    """Convert a layer of Keras 0.3, whose class is its `name`, and whose name is its `custom_name`."""
    settings = {key: value for key, value in config.items() if key not in ("name", "custom_name", *_DROPPED)}
    if "layers" in settings:
        settings["layers"] = [
            _layer(inner) if "layers" not in inner or inner["name"] == "Merge" else upgrade_config(inner)
            for inner in settings["layers"]
        ]
    if "layer" in settings:
        settings["layer"] = _layer(settings["layer"])
    if config.get("custom_name"):
        settings = {"name": config["custom_name"], **settings}
    return {"class_name": config["name"], "config": settings}


def _graph(config: dict[str, Any]) -> dict[str, Any]:
    """Convert the layers in the nodes of a Graph of Keras 0.3."""
    return {**config, "nodes": {name: _layer(layer) for name, layer in config["nodes"].items()}}


_READERS = {"Sequential": _sequential, "Graph": _graph}
