"""Locally connected layers: convolutions with a separate kernel at each position."""

from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.attributes import Shapes
from horngate.engine.kinds import Activation, Constraint, Initializer, InitialWeights, Ordering, Regularizer, Sizes
from horngate.engine.layer import InputSpec
from horngate.layers.convolutional import Convolution
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


class LocallyConnected1D(_LocallyConnected):
    """Like `Convolution1D`, with separate weights at each step; the arguments are the same.

    # Input shape
        (samples, steps, input_dim), all known.
    """

    nb_filter: int = argument("number of filters", at_least=1)
    filter_length: int = argument("steps that a filter sees", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample_length: int = argument("how far the filter moves", default=1, at_least=1)
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    input_dim: int | None = argument(default=None, at_least=1)
    input_length: int | None = argument(default=None, at_least=1)

    rank = 1
    window_names: ClassVar[tuple[str, ...]] = ("filter_length",)
    stride_name: ClassVar[str] = "subsample_length"
    shape_arguments: ClassVar[tuple[str, ...]] = ("input_length", "input_dim")


class LocallyConnected2D(_LocallyConnected):
    """Like `Convolution2D`, with separate weights at each pixel; the arguments are the same.

    # Input shape
        (samples, channels, rows, cols), or channels last, all known.
    """

    nb_filter: int = argument("number of filters", at_least=1)
    nb_row: int = argument("rows that a filter sees", at_least=1)
    nb_col: int = argument("columns that a filter sees", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample: Sizes = argument("how far the filter moves along rows and columns", default=(1, 1))
    dim_ordering: Ordering = argument(default="default")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
