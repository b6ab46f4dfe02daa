"""Layers that Keras 2 and 3 have under other names, or in another form."""

from collections.abc import Sequence
from typing import Any

from horngate import backend as K
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.kinds import Numbers, OutputShape
from horngate.engine.layer import Layer
from horngate.layers.convolutional import Deconvolution2D
from horngate.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)

MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D


class Conv2DTranspose(Deconvolution2D):
    """`Deconvolution2D` that finds the shape of its output itself: n * stride, and with 'valid' the rest of the window.

    # Source
        Dumoulin, Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285), chapter 4.
    """

    output_shape_: OutputShape = argument(
        "the shape of the output; found where it is None", default=None, alias="output_shape", kw_only=True
    )

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        sizes = self.sizes_for(self.form.sizes(x))
        return K.transposed_convolution(x, self.W, sizes, self.strides, self.border_mode, self.dim_ordering, **finish)

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        beyond = [max(k - s, 0) if self.border_mode == "valid" else 0 for k, s in zip(self.window, self.strides)]
        return [None if n is None else n * s + rest for n, s, rest in zip(sizes, self.strides, beyond)]


class ReLU(Layer):
    """max(x, 0), capped and leaky where asked."""

    max_value: float | None = argument("the cap, or None", default=None, at_least=0)
    negative_slope: Numbers = argument("the slope below 0", default=0.0)

    supports_masking = True
    output_order = "kept"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.relu(x, self.negative_slope, self.max_value)


class Softmax(Layer):
    """exp(x) / sum(exp(x)) along the last axis."""

    axis: int = argument("the last one, -1", default=-1)

    supports_masking = True
    output_order = "last kept"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis != -1:
            raise ValueError(f"Softmax works along the last axis; received axis={self.axis}. Put a Permute before it.")

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.softmax(x)


class Rescaling(Layer):
    """x * scale + offset: pixels from 0 to 255 become 0 to 1 with scale=1/255."""

    scale: Numbers = argument("what the input is multiplied by")
    offset: Numbers = argument("what is added then", default=0.0)

    output_order = "kept"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return x * self.scale + self.offset
