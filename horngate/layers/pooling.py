"""Pooling: the maximum or mean over windows, or over all of space. Ranks differ in signatures only."""
from horngate import backend as K
from horngate.engine.layer import InputSpec
from horngate.layers.convolutional import Spatial
from horngate.utils.np_utils import conv_output_length


class _Pooling(Spatial):
    """The maximum or mean (`mode`) of each window; windows stand side by side unless `strides` say otherwise."""

    mode = "max"
    window = property(lambda self: tuple(self.pool_size))
    steps = property(lambda self: tuple(self.strides))

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if self.border_mode == "full":
            raise ValueError(f"{type(self).__name__}: border_mode must be 'valid' or 'same'; received 'full'")
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def call(self, x, mask=None):
        return K.pooling(x, self.window, self.steps, self.border_mode, self.dim_ordering, self.mode)

    def sizes_for(self, sizes):
        return [conv_output_length(n, k, self.border_mode, s) for n, k, s in zip(sizes, self.window, self.steps)]


class MaxPooling1D(_Pooling):
    """The maximum over each `pool_length` time steps, `stride` apart (None: side by side).

    # Input shape
        (samples, steps, features)
    """

    rank = 1
    window = property(lambda self: (self.pool_length,))
    steps = property(lambda self: (self.stride,))

    def __init__(self, pool_length=2, stride=None, border_mode="valid", **kwargs):
        super().__init__(**kwargs)
        self.stride = stride or pool_length


class AveragePooling1D(MaxPooling1D):
    """The mean over each `pool_length` time steps; arguments as in `MaxPooling1D`."""

    mode = "avg"


class MaxPooling2D(_Pooling):
    """The maximum over each window of an image.

    # Arguments
        pool_size: two ints, rows and columns of a window.
        strides: two ints, how far windows stand apart; None: side by side.
        border_mode: `'valid'` or `'same'`.
        dim_ordering: `'th'` (channels first), `'tf'` (channels last) or `'default'`.

    # Input shape
        (samples, channels, rows, cols), or channels last.
    """

    def __init__(self, pool_size=(2, 2), strides=None, border_mode="valid", dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        self.strides = strides or pool_size


class AveragePooling2D(MaxPooling2D):
    """The mean over each window of an image; arguments as in `MaxPooling2D`."""

    mode = "avg"


class MaxPooling3D(_Pooling):
    """The maximum over each window of a volume; arguments as in `MaxPooling2D`, three of each."""

    rank = 3

    def __init__(self, pool_size=(2, 2, 2), strides=None, border_mode="valid", dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        self.strides = strides or pool_size


class AveragePooling3D(MaxPooling3D):
    """The mean over each window of a volume; arguments as in `MaxPooling3D`."""

    mode = "avg"


class _GlobalPooling(Spatial):
    """The maximum or mean over all of space: (samples, channels)."""

    output_order = "pooled"

    reduce = staticmethod(K.max)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def call(self, x, mask=None):
        return self.reduce(x, axis=self.form.spatial_axes)

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], input_shape[self.form.channel_axis])


class GlobalMaxPooling1D(_GlobalPooling):
    """The maximum over all time steps: (samples, steps, features) to (samples, features)."""

    rank = 1


class GlobalAveragePooling1D(GlobalMaxPooling1D):
    """The mean over all time steps: (samples, steps, features) to (samples, features)."""

    reduce = staticmethod(K.mean)


class GlobalMaxPooling2D(_GlobalPooling):
    """The maximum over all pixels, of each channel: to (samples, channels)."""

    def __init__(self, dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


class GlobalAveragePooling2D(GlobalMaxPooling2D):
    """The mean over all pixels, of each channel: to (samples, channels)."""

    reduce = staticmethod(K.mean)


class GlobalMaxPooling3D(_GlobalPooling):
    """The maximum over all voxels, of each channel: to (samples, channels)."""

    rank = 3

    def __init__(self, dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


class GlobalAveragePooling3D(GlobalMaxPooling3D):
    """The mean over all voxels, of each channel: to (samples, channels)."""

    reduce = staticmethod(K.mean)
