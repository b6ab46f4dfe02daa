"""Metadata of a file, with the same keys in all formats."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from horngate.saving.files import FileError
from horngate.saving.stored_weights import Origin, StoredLayer, StoredWeights
from horngate.saving.text import read_json

FORMAT = 1  # the format that horngate writes; 0.1 wrote no number
VERSION = "1.2.2"  # of Keras, whose layout horngate writes
IMAGES = "image_dim_ordering", "conv_convention"
KEYS = ("keras_version", "horngate_format", "weight_order", *IMAGES, "flatten")


def metadata_of(weights: StoredWeights) -> dict[str, str]:
    """The metadata of `weights`: key -> text."""
    origin = weights.origin
    version = ".".join(map(str, (*origin.version, 0))) if origin.version else VERSION
    order, flatten = "unfrozen" if weights.unfrozen else None, "channels_last" if origin.flattens_last else None
    told = zip(KEYS, (version, str(FORMAT), order, origin.ordering, origin.convention, flatten))
    return {key: text for key, text in told if text}


def with_metadata(layers: Iterable[StoredLayer], metadata: Mapping[str, str]) -> StoredWeights:
    """The `StoredWeights` of a file of horngate or Keras 1, from its `layers` and its `metadata`."""
    check_format(metadata.get("horngate_format"))
    ordering, convention = (metadata.get(key) for key in IMAGES)
    for said in (ordering, convention):
        if said not in (None, "th", "tf", "theano", "tensorflow"):
            raise FileError(
                f"the file says {said!r} of its images, where 'th', 'tf', 'theano' or 'tensorflow' can stand."
            )
    version = parse_version(metadata["keras_version"]) if "keras_version" in metadata else None
    kernels = "tf" if version is not None and version >= (2, 0) else None
    origin = Origin(version, convention, ordering, kernels, "flatten" in metadata)
    return StoredWeights(list(layers), origin, unfrozen=metadata.get("weight_order") == "unfrozen")


def origin_of_keras(version: tuple[int, int], config: str) -> Origin:
    """The origin of a file of Keras 2 or 3, whose kernels have one ordering, independent of that of the images.

    # Arguments
        version: of Keras.
        config: text of the model's configuration; empty if the file has none.
    """
    first = re.search(r'"data_format": *"channels_first"', config) is not None
    last = first and _flattens_last(read_json(config))
    return Origin(version, ordering="th" if first else "tf", kernels="tf", flattens_last=last)


def _flattens_last(config: Any) -> bool:
    """Whether a configuration of Keras 2 or 3 has a Flatten for images with channels first."""
    if isinstance(config, list):
        return any(map(_flattens_last, config))
    if not isinstance(config, dict):
        return False
    settings = config.get("config")
    first = isinstance(settings, dict) and settings.get("data_format") == "channels_first"
    return first and config.get("class_name") == "Flatten" or any(map(_flattens_last, config.values()))


def check_format(number: object) -> None:
    """Raise FileError if a later horngate wrote the format `number`; it is None in files of 0.1 and of Keras."""
    text = str(number)
    if number is not None and not (re.fullmatch(r"[0-9]{1,9}", text) and int(text) <= FORMAT):
        raise FileError(
            f"a later horngate wrote this file, in format {text[:20]}; this one reads formats up to {FORMAT}. Update "
            "it: pip install -U horngate."
        )


def parse_version(version: object) -> tuple[int, int]:
    """(major, minor) of a `version` such as '1.2.2'."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})", str(version))
    if not found:
        raise FileError(f"a version such as '1.2.2' was expected; received {version!r}.")
    return int(found[1]), int(found[2])
