"""VGG16, a network for images of 16 layers with weights."""

from typing import Any

from horngate.applications.building import Asked, Shape
from horngate.applications.imagenet_utils import decode_predictions, preprocess_input  # noqa: F401
from horngate.applications.vgg import vgg
from horngate.backend.orders import of_eras
from horngate.models import Model


@of_eras(same=4)
def VGG16(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: Shape | None = None,
    classes: int = 1000,
    pooling: str | None = None,
) -> Model:
    """The network VGG16 for images of 224 x 224 pixels.

    # Arguments
        include_top: whether to include the three dense layers.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        input_shape: shape of an image, at least 48 x 48; only without the top.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.

    # Source
        Simonyan, Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition (arXiv:1409.1556).
    """
    asked = Asked(include_top, weights, input_tensor, input_shape, pooling, classes, "vgg16")
    return vgg(asked, (2, 2, 3, 3, 3))
