"""Locally connected layers: convolutions with a separate kernel at each position."""

from typing import Any

import numpy as np

from horngate.engine.for_layers import InputSpec, K, Shapes, TensorLike
from horngate.layers.convolutional import Convolution, ImageConvolution, SequenceConvolution
from horngate.layers.dense import kernel_of


class _LocallyConnected(Convolution):
    """y[p] = activation(patch[p] W[p] + b[p]) at each position p of the window.

    W is (positions, window * channels, filters), b (..., filters).
    """

    def build(self, input_shape: Shapes) -> None:
        channels = input_shape[self.form.channel_axis]
        if self.border_mode != "valid":
            raise ValueError(f"{type(self).__name__}: border_mode must be 'valid'; received {self.border_mode!r}")
        sizes = [self.get_output_shape_for(input_shape)[axis] for axis in self.form.spatial_axes]
        if None in (*sizes, channels):
            raise ValueError(
                f"{self.name}: each position has its own weights, so all sizes must be known; received {input_shape}."
            )
        self._expect(InputSpec(shape=(None, *input_shape[1:])))
        shape = (int(np.prod(sizes)), int(np.prod(self.window)) * channels, self.nb_filter)
        # not "window" axes: no kernel slides, and Theano flipped none
        self.W = kernel_of(self, shape, ("positions", "patch", "filters"))
        self.build_bias((*sizes, self.nb_filter), (*("positions",) * self.rank, "filters"))

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        y = K.product_by_position(K.patches(x, self.window, self.strides, self.dim_ordering), self.W)
        y = K.reshape(y, (x.shape[0], *self.sizes_for(self.form.sizes(x)), self.nb_filter))
        return K.permute_dimensions(y, self.form.back)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        y = self.convolve(x)
        # with channels first, Keras 1 and its files read b in that order too, without transposing it
        return self.activation(y + K.reshape(self.b, (1, *y.shape[1:])) if self.bias else y)


class LocallyConnected1D(_LocallyConnected, SequenceConvolution):
    """Like `Convolution1D`, with separate weights at each step; the arguments are the same.

    # Input shape
        (samples, steps, input_dim), all known.
    """


class LocallyConnected2D(_LocallyConnected, ImageConvolution):
    """Like `Convolution2D`, with separate weights at each pixel; the arguments are the same.

    # Input shape
        (samples, channels, rows, cols), or channels last, all known.
    """
