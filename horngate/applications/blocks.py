"""Parts that the known networks share: convolutions, normalizations, and the way from features to classes."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from horngate import backend as K
from horngate import layers
from horngate.applications import building
from horngate.applications.building import Features, Shape, channel_axis
from horngate.models import Model

__all__ = [  # what the networks are written with
    "Asked", "Features", "Model", "convolution", "depthwise", "joined", "network", "normalized", "padded", "relu",
    "separable",
]  # fmt: skip
Size = int | tuple[int, int]
_PUBLISHED = "https://storage.googleapis.com/tensorflow/keras-applications/"


def convolution(
    x: Features,
    filters: int,
    size: Size = 1,
    name: Any = None,
    strides: int = 1,
    border_mode: str = "same",
    bias: bool = False,
    activation: Any = None,
    **more: Any,
) -> Features:
    """A convolution of `x` with `filters`, whose windows have `size` rows and columns, `strides` apart.

    `border_mode`, `bias`, `activation`, `name` and `more` are those of `Convolution2D`.
    """
    rows, columns = size if isinstance(size, tuple) else (size, size)
    told = {"border_mode": border_mode, "bias": bias, "activation": activation, "name": name, **more}
    return layers.Convolution2D(filters, rows, columns, subsample=(strides, strides), **told)(x)


def depthwise(x: Features, size: int, name: str, strides: int = 1, multiplier: int = 1, **more: Any) -> Features:
    """A convolution of each channel of `x` by itself, `name`, without bias.

    `size`: rows and columns of its windows. `strides`: 1, or 2 for `padded` images. `multiplier`: outputs of a channel.
    `more`: arguments of `DepthwiseConv2D`.
    """
    options = {"padding": "same" if strides == 1 else "valid", "use_bias": False, "name": name, **more}
    return layers.DepthwiseConv2D(size, strides=strides, depth_multiplier=multiplier, **options)(x)


def separable(x: Features, filters: int, size: int, name: str, strides: int = 1) -> Features:
    """A separable convolution of `x` with `filters`, `name`, without bias.

    `size`: rows and columns of its windows. `strides`: 1, or 2 for `padded` images.
    """
    border_mode = "same" if strides == 1 else "valid"
    told: dict[str, Any] = {"subsample": (strides, strides), "border_mode": border_mode, "bias": False, "name": name}
    return layers.SeparableConvolution2D(filters, size, size, **told)(x)


def padded(x: Features, size: int, name: Any = None) -> Features:
    """Zeros around images `x`, so that a window of `size` and a stride of 2 treats even and odd sizes as 'same' does.

    `name`: name of the layer.
    """
    shape = K.int_shape(x)
    sides = shape[2:] if channel_axis() == 1 else shape[1:3]
    more = [(size // 2 - (1 - (side or 1) % 2), size // 2) for side in sides]
    return layers.ZeroPadding2D((more[0], more[1]), name=name)(x)


def normalized(x: Features, name: Any = None, epsilon: float = 1e-3, momentum: float = 0.99, **more: Any) -> Any:
    """Batch normalization of each channel of `x`.

    `name`, `epsilon`, `momentum` and `more` are arguments of `BatchNormalization`.
    """
    axis = channel_axis()
    return layers.BatchNormalization(axis=axis, epsilon=epsilon, momentum=momentum, name=name, **more)(x)


def joined(branches: list[Features], name: Any = None) -> Features:
    """The channels of all `branches`, one after the other, by a layer `name`."""
    return layers.Concatenate(axis=channel_axis(), name=name)(branches)


def relu(x: Features, name: Any = None, at_most: float | None = None) -> Features:
    """Return max(x, 0); `at_most`: a bound of it, if any. `x`: any shape; `name`: name of the layer."""
    return layers.Activation("relu", name=name)(x) if at_most is None else layers.ReLU(at_most, name=name)(x)


@dataclass
class Asked(building.Asked):
    """What a program asks of a network of Keras 2 or 3.

    `include_top`, `weights`, `input_tensor`, `input_shape`, `pooling`, `classes`, `name`: see `building.Asked`.
    `classifier_activation`: that of the classes. `include_preprocessing`: whether it takes pixels of 0 ... 255.
    """

    classifier_activation: Any = "softmax"
    include_preprocessing: bool = True

    def start(self, size: int, least: int = 32) -> Features:
        """The input, of images of `size` unless the program says otherwise, at least of `least` rows."""
        if self.weights == "imagenet" and channel_axis() == 1:
            raise ValueError(
                f"{self.name}: the weights 'imagenet' are for images with channels last. Call "
                "K.set_image_dim_ordering('tf') first."
            )
        return self.image_input(size, least, any_size=self.weights != "imagenet")

    def classified(
        self, x: Features, pool: Any = "avg_pool", name: str = "predictions", dropout: float = 0.0, **more: Any
    ) -> Features:
        """With the top, the probability of each class from the mean of features `x` over all pixels.

        `pool`, `name`: names of the layers. `dropout`: fraction of the means to drop before the classes. `more`:
        arguments of the last layer.
        """
        if not self.include_top:
            return x
        x = layers.GlobalAveragePooling2D(name=pool)(x)
        x = layers.Dropout(dropout, name="top_dropout")(x) if dropout else x
        return layers.Dense(self.classes, activation=self.classifier_activation, name=name, **more)(x)

    def model(self, start: Features, output: Features, stem: str, without_top: str = "_notop") -> Model:
        """The model from `start` to `output`, with the weights that the program asked for.

        `stem`: the name of the file of the published weights. `without_top`: how those without the top go on.
        """
        address = urljoin(_PUBLISHED, f"{stem}{'' if self.include_top else without_top}.h5")
        return building.load_trained(self.network(start, output), self.weights, {"imagenet": address}, "tf")


_ARGUMENTS = """

    # Arguments
        include_top: whether to include the dense layer.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        input_shape: shape of an image; with the top and the weights `'imagenet'`, {size} x {size} x 3.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        classifier_activation: activation of the dense layer.
        name: name of the model.
{more}
    # Source
        {source}
    """
_PREPROCESSING = "        include_preprocessing: whether images hold 0 ... 255; if not, what the network sees itself.\n"
_TAKEN: dict[str, tuple[Any, Any]] = {  # name -> its type, its default
    "include_top": (bool, True),
    "weights": (str | None, "imagenet"),
    "input_tensor": (Any, None),
    "input_shape": (Shape | None, None),
    "pooling": (str | None, None),
    "classes": (int, 1000),
    "classifier_activation": (Any, "softmax"),
    "name": (str | None, None),
}


def network(
    build: Callable[[Asked], Model],
    module: str,
    name: str,
    size: int,
    source: str,
    variant: str = "",
    model_name: str | None = None,
    preprocessing: int | None = None,
) -> Callable[..., Model]:
    """The public function `name` of a module, which calls `build` with what the program asks.

    # Arguments
        build: makes the model.
        module: `__name__` of the module.
        name: name of the function.
        size: rows and columns of the images that it was made for.
        source: the paper.
        variant: what to say of it besides.
        model_name: the name of the model, if not that of the function.
        preprocessing: the place of the argument `include_preprocessing`; None: it has none.
    """
    names = list(_TAKEN)
    if preprocessing is not None:
        names.insert(preprocessing, "include_preprocessing")
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    told = [(each, *_TAKEN.get(each, (bool, True))) for each in names]
    taken = [inspect.Parameter(each, kind, default=default, annotation=of) for each, of, default in told]
    signature = inspect.Signature(taken, return_annotation=Model)

    def made(*args: Any, **kwargs: Any) -> Model:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        asked = Asked(**bound.arguments)
        asked.name = asked.name or model_name or name.lower()
        return build(asked)

    made.__name__, made.__qualname__, made.__module__ = name, name, module
    vars(made).update(__signature__=signature)
    about = f"The network {name} for images of {size} x {size} pixels{variant}."
    more = "" if preprocessing is None else _PREPROCESSING
    made.__doc__ = about + _ARGUMENTS.format(size=size, source=source, more=more)
    return made
