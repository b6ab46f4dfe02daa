"""Transposed convolutions that compute their output shape."""

from collections.abc import Sequence
from typing import Any

from horngate import backend as K
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.kinds import OutputShape
from horngate.layers.convolutional import Deconvolution2D


class Conv2DTranspose(Deconvolution2D):
    """`Deconvolution2D` that computes its output shape: n * stride, and with 'valid' plus the rest of the window.

    # Source
        Dumoulin, Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285), chapter 4.
    """

    output_shape_: OutputShape = argument(
        "the shape of the output; None to compute it", default=None, alias="output_shape", kw_only=True
    )

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        sizes = self.sizes_for(self.form.sizes(x))
        return K.transposed_convolution(x, self.W, sizes, self.strides, self.border_mode, self.dim_ordering, **finish)

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        beyond = [max(k - s, 0) if self.border_mode == "valid" else 0 for k, s in zip(self.window, self.strides)]
        return [None if n is None else n * s + rest for n, s, rest in zip(sizes, self.strides, beyond)]
