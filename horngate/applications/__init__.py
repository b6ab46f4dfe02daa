"""Known networks for images and music, with published weights or new ones."""

import importlib
from typing import Any

from horngate.backend.orders import elsewhere

_HOMES = {
    "VGG16": "vgg16",
    "VGG19": "vgg19",
    "ResNet50": "resnet50",
    "InceptionV3": "inception_v3",
    "Xception": "xception",
    "MusicTaggerCRNN": "music_tagger_crnn",
}


def __getattr__(name: str) -> Any:
    """Import a network at the first use."""
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return elsewhere(__name__, name)
