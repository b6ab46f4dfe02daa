"""Shared parts of the known networks: input, model, published weights."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from horngate import backend as K
from horngate.engine.topology import get_source_inputs
from horngate.layers import GlobalAveragePooling2D, GlobalMaxPooling2D, Input
from horngate.models import Model
from horngate.utils.data_utils import get_file
from horngate.utils.layer_utils import convert_all_kernels_in_model

Shape = Sequence[int | None]
Features = Any  # a symbolic tensor, as layers take and give it

RELEASES = "https://github.com/fchollet/deep-learning-models/releases/download/"
IMAGENET_CLASSES = 1000


def channel_axis() -> int:
    """The axis of the channels in a batch of images."""
    return 1 if K.image_dim_ordering() == "th" else 3


def channels_of(x: Features) -> int:
    """How many channels `x` has."""
    return K.int_shape(x)[channel_axis()]


def rows_of(x: Features) -> int | None:
    """The rows of the images `x`."""
    return K.int_shape(x)[2 if channel_axis() == 1 else 1]


@dataclass
class Asked:
    """What a program asks of a network for images.

    `include_top`, `weights`, `input_tensor`, `input_shape`, `pooling`, `classes`: the arguments of all networks, as for
    `VGG16`. `name`: that of the network.
    """

    include_top: bool
    weights: str | None
    input_tensor: Any
    input_shape: Shape | None
    pooling: str | None
    classes: int
    name: str

    def image_input(self, size: int, least: int, any_size: bool = False) -> Features:
        """Check the arguments, and return the input tensor.

        # Arguments
            size: rows of the images the network was made for.
            least: rows of the smallest images it accepts.
            any_size: whether images may have another size than `size` with the top, too.

        # Raises
            ValueError: for images too small, or of another size than `size` where `include_top` and not `any_size`, and
                where trained weights of 1,000 classes are asked for another number of classes.
        """
        name, shape = self.name, self.input_shape
        if self.weights == "imagenet" and self.include_top and self.classes != IMAGENET_CLASSES:
            raise ValueError(
                f"{name}: the weights 'imagenet' with include_top=True are of {IMAGENET_CLASSES} classes; received "
                f"classes={self.classes}. Give weights=None, or include_top=False and layers of your own on top."
            )
        last = K.image_dim_ordering() == "tf"
        wanted = (size, size, 3) if last else (3, size, size)
        if shape is None:
            shape = wanted if self.include_top else (None, None, 3) if last else (3, None, None)
        elif self.include_top and not any_size and tuple(shape) != wanted:
            raise ValueError(f"{name} with include_top=True takes images {wanted}; received input_shape={shape}.")
        else:
            sides = shape[:2] if last else shape[1:]
            if len(shape) != 3 or any(side is not None and side < least for side in sides):
                raise ValueError(
                    f"{name} takes images of at least {least} x {least} pixels, {'last' if last else 'first'} of all "
                    f"their channels; received input_shape={shape}."
                )
        return placed_input(self.input_tensor, shape)

    def network(self, start: Features, output: Features) -> Model:
        """The model from `start` to `output`, or to its mean or maximum over all pixels as `pooling` asks."""
        return network(start, output, self.name, self.input_tensor, None if self.include_top else self.pooling)

    def released(self, start: Features, output: Features, version: str) -> Model:
        """The model from `start` to `output`, with the weights of release `version` if the program asks for them."""
        files = {"imagenet": published(version, self.name, self.include_top)}
        return load_trained(self.network(start, output), self.weights, files)


def placed_input(input_tensor: Any, shape: Shape) -> Features:
    """An input of the given `shape`; `input_tensor` itself unless it is None."""
    if input_tensor is None:
        return Input(shape=shape)
    if getattr(input_tensor, "_keras_history", None):
        return input_tensor
    return Input(tensor=input_tensor, shape=shape)


def of_keras_2() -> bool:
    """Whether the era is that of Keras 2 or later."""
    return K.era().generation in ("2", "3")


def least(before: int, since: int) -> int:
    """The rows of the smallest images that a network takes: those `before` Keras 2, or `since` then."""
    return since if of_keras_2() else before


def network(x: Features, output: Features, name: str, input_tensor: Any = None, pooling: str | None = None) -> Model:
    """The model `name` from `x`, or from the inputs of `input_tensor`, to `output`.

    `pooling`: `'avg'` or `'max'` of the output over all pixels; None for none.
    """
    if pooling not in (None, "avg", "max"):
        raise ValueError(f"{name}: pooling must be 'avg', 'max' or None; received {pooling!r}.")
    if pooling is not None:
        output = (GlobalAveragePooling2D if pooling == "avg" else GlobalMaxPooling2D)()(output)
    return Model(x if input_tensor is None else get_source_inputs(x), output, name=name)


def load_trained(model: Model, weights: str | None, files: dict[str, str], kernels: str | None = None) -> Model:
    """Load weights into a model; returns the model.

    # Arguments
        model: the model.
        weights: None to keep the initial ones, a path, or the name of published weights.
        files: name of published weights -> address, or that within the releases.
        kernels: the convention, `'th'` or `'tf'`, of the convolution kernels in the published file; by default that
            of its image ordering.
    """
    if weights is None:
        return model
    if weights not in files:
        if not os.path.exists(weights):
            names = ", ".join(map(repr, files))
            raise ValueError(f"weights must be None, {names}, or the path of a file; received {weights!r}")
        model.load_weights(weights)
        return model
    address = files[weights]
    model.load_weights(get_file(os.path.basename(address), urljoin(RELEASES, address), cache_subdir="models"))
    flipped = (kernels or K.image_dim_ordering()) == "th"
    if flipped != (K.conv_convention() == "theano"):
        convert_all_kernels_in_model(model)
    return model


def published(version: str, stem: str, include_top: bool) -> str:
    """The address of a network's weights for the current ordering of images.

    `version`: the release. `stem`: the beginning of the file's name. `include_top`: as for `VGG16`.
    """
    ordering = K.image_dim_ordering()
    top = "" if include_top else "_notop"
    return f"{version}/{stem}_weights_{ordering}_dim_ordering_{ordering}_kernels{top}.h5"
