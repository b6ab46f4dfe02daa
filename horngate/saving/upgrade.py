"""Converts configurations of other versions of Keras to the form of Keras 1."""

from typing import Any

from horngate.saving.files import FileError, dialect
from horngate.saving.formats.metadata import parse_version

_DROPPED = ("cache_enabled", "theano_mode")  # settings of 0.3 that have no counterpart


def upgrade_config(config: Any, custom_objects: dict[str, Any] | None = None) -> dict[str, Any]:
    """Convert a model's `config` of any version of Keras to `{"class_name": ..., "config": ...}`.

    `custom_objects`: the user's own objects by the names that it uses.

    >>> upgrade_config({"name": "Sequential", "layers": [{"name": "Dense", "custom_name": "dense", "output_dim": 2}]})
    {'class_name': 'Sequential', 'config': [{'class_name': 'Dense', 'config': {'name': 'dense', 'output_dim': 2}}]}
    """
    if not isinstance(config, dict):
        raise FileError(f"a model's configuration is a dictionary; this is a {type(config).__name__}.")
    if "class_name" in config and "config" in config:
        version = _later_version(config)
        if version is None:
            return config
        made = dialect("keras3.reading").configuration(config, custom_objects, version)
        return {**made, "horngate_era": config.get("horngate_era") or str(version)}
    if config.get("name") not in _READERS:
        raise FileError("this is no model's configuration: it has no class_name and config, as those of Keras have.")
    return {"class_name": config["name"], "config": _READERS[config["name"]](config)}


def _later_version(config: dict[str, Any]) -> int | None:
    """Return 2 or 3 if a configuration is of this Keras; None for an older one."""
    if "module" in config or "registered_name" in config:
        return 3
    if "keras_version" in config and (major := parse_version(config["keras_version"])[0]) >= 2:
        return min(major, 3)
    of_keras_2 = config["class_name"] == "Functional"
    return 2 if of_keras_2 or config["class_name"] == "Sequential" and isinstance(config["config"], dict) else None


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
