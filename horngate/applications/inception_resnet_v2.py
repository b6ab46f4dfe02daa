"""InceptionResNetV2: what Inception's branches compute is scaled and added to their input."""

from horngate.applications.blocks import Asked, Features, Model, convolution, joined, network, normalized, relu
from horngate.applications.building import channels_of
from horngate.applications.imagenet_utils import between_minus_one_and_one as preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import decode_predictions  # noqa: F401
from horngate.layers import Add, AveragePooling2D, MaxPooling2D, Rescaling

_Row = tuple[int, int | tuple[int, int]]  # filters and size of a convolution
# rows and columns of the images -> the branches of a block
_BRANCHES: dict[int, list[list[_Row]]] = {
    35: [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]],
    17: [[(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))]],
    8: [[(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]],
}
# the same -> scale, number of blocks
_BLOCKS = {35: (0.17, 10), 17: (0.1, 20), 8: (0.2, 10)}
# the branches that halve the images, the last convolution of each by its stride
_HALVING: dict[str, list[list[_Row]]] = {
    "mixed_6a": [[(384, 3)], [(256, 1), (256, 3), (384, 3)]],
    "mixed_7a": [[(256, 1), (384, 3)], [(256, 1), (288, 3)], [(256, 1), (288, 3), (320, 3)]],
}


def _chain(x: Features, *rows: _Row, strides: int = 1, border_mode: str = "same") -> Features:
    """Convolutions, normalized, one after the other; the last has `strides` and `border_mode`."""
    for place, (filters, size) in enumerate(rows, 1):
        steps = (strides, border_mode) if place == len(rows) else (1, "same")
        x = relu(normalized(convolution(x, filters, size, None, *steps), scale=False))
    return x


def _pooled(x: Features) -> Features:
    return MaxPooling2D((3, 3), strides=(2, 2))(x)


def _stem(x: Features) -> Features:
    x = _chain(_chain(x, (32, 3), strides=2, border_mode="valid"), (32, 3), border_mode="valid")
    x = _chain(_pooled(_chain(x, (64, 3))), (80, 1), border_mode="valid")
    x = _pooled(_chain(x, (192, 3), border_mode="valid"))
    rows: list[list[_Row]] = [[(96, 1)], [(48, 1), (64, 5)], [(64, 1), (96, 3), (96, 3)]]
    branches = [_chain(x, *row) for row in rows]
    branches.append(_chain(AveragePooling2D((3, 3), strides=(1, 1), border_mode="same")(x), (64, 1)))
    return joined(branches, "mixed_5b")


def _block(x: Features, size: int, scale: float, number: int, last: bool) -> Features:
    name = f"block{size}_{number}"
    mixed = joined([_chain(x, *row) for row in _BRANCHES[size]], f"{name}_mixed")
    channels = channels_of(x)
    more = Rescaling(scale)(convolution(mixed, channels, 1, f"{name}_conv", bias=True))
    x = Add(name=name)([x, more])
    return x if last else relu(x, f"{name}_ac")


def _halved(x: Features, name: str) -> Features:
    branches = [_chain(x, *row, strides=2, border_mode="valid") for row in _HALVING[name]]
    return joined([*branches, _pooled(x)], name)


def _build(asked: Asked) -> Model:
    start = asked.start(299, 75)
    x = _stem(start)
    for size, halving in ((35, "mixed_6a"), (17, "mixed_7a"), (8, "")):
        scale, count = _BLOCKS[size]
        for number in range(1, count + 1):
            last = size == 8 and number == count
            x = _block(x, size, 1.0 if last else scale, number, last)
        x = _halved(x, halving) if halving else x
    x = relu(normalized(convolution(x, 1536, 1, "conv_7b"), "conv_7b_bn", scale=False), "conv_7b_ac")
    stem = "inception_resnet_v2/inception_resnet_v2_weights_tf_dim_ordering_tf_kernels"
    return asked.model(start, asked.classified(x), stem)


_SOURCE = "Szegedy et al., Inception-v4, Inception-ResNet and the Impact of Residual Connections (arXiv:1602.07261)."
InceptionResNetV2 = network(_build, __name__, "InceptionResNetV2", 299, _SOURCE)
