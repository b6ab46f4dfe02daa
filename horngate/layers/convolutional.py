"""Convolutions in one, two and three dimensions, and layers that pad, crop and enlarge."""

from horngate import activations
from horngate import backend as K
from horngate.backend import EraDefault
from horngate.engine.layer import InputSpec, Layer
from horngate.engine.sizes import checked_output
from horngate.utils.np_utils import conv_output_length


class Spatial(Layer):
    """A layer on data with `rank` spatial axes.

    `dim_ordering`: `'th'`: (samples, channels, ...), `'tf'`: (samples, ..., channels). Sequences are always `'tf'`.
    """

    rank = 2
    dim_ordering = "tf"
    output_order = "images"

    @property
    def form(self):
        """Where the axes of the data stand."""
        return K.layout(self.rank, self.dim_ordering)

    def assert_input_compatibility(self, input):
        if self.input_spec is None:  # before the channels are known
            self.input_spec = [InputSpec(ndim=self.rank + 2)]
        super().assert_input_compatibility(input)

    def sizes_for(self, sizes):
        """The spatial sizes of the output, given the input's."""
        return sizes

    def get_output_shape_for(self, input_shape):
        sizes = self.sizes_for([input_shape[axis] for axis in self.form.spatial_axes])
        shape = self.form.shape(input_shape[0], sizes, input_shape[self.form.channel_axis])
        return checked_output(self, input_shape, shape)


class Convolution(Spatial):
    """What convolutions share: a kernel W that slides over the data, y = activation(conv(x, W) + b).

    `window_names`, `stride_name`, `dilation_name`: the arguments of a signature that hold these.
    """

    window_names, stride_name, dilation_name = ("nb_row", "nb_col"), "subsample", None
    kernel_role = "kernel"

    @property
    def window(self):
        """The sizes of the kernel along the spatial axes."""
        return tuple(getattr(self, name) for name in self.window_names)

    @property
    def strides(self):
        """How far the kernel moves along the spatial axes."""
        return self._per_axis(getattr(self, self.stride_name))

    @property
    def dilation(self):
        """How far the kernel's elements stand apart along the spatial axes."""
        return self._per_axis(getattr(self, self.dilation_name) if self.dilation_name else 1)

    def _per_axis(self, value):
        return (value,) * self.rank if isinstance(value, int) else tuple(value)

    def build(self, input_shape):
        channels = input_shape[self.form.channel_axis]
        if channels is None:
            raise ValueError(
                f"{self.name}: the number of channels of the input must be known; its shape is {input_shape}."
            )
        self.input_spec = [InputSpec(ndim=self.rank + 2, axes={self.form.channel_axis: channels})]
        self.build_kernel(channels)
        self.build_bias((self.nb_filter,), ("filters",))

    def build_kernel(self, channels):
        """Make the kernel."""
        told = {"axes": self.kernel_words(), "role": self.kernel_role}
        self.W = self.add_weight(self.kernel_shape(channels), self.init, f"{self.name}_W",
                                 regularizer=self.W_regularizer, constraint=self.W_constraint, **told)

    def build_bias(self, shape, axes):
        """Make the bias, where there is one."""
        told = {"axes": axes, "role": "bias"}
        self.b = self.add_weight(shape, "zero", f"{self.name}_b", regularizer=self.b_regularizer,
                                 constraint=self.b_constraint, **told) if self.bias else None

    def kernel_shape(self, channels):
        """The shape of the weight W."""
        return self.form.kernel_shape(self.window, channels, self.nb_filter)

    def kernel_words(self):
        """What the axes of W mean."""
        return self.form.kernel_words()

    def convolve(self, x, **finish):
        """The convolution itself; `finish`: the bias and whether what is negative becomes 0."""
        return K.convolution(x, self.W, self.strides, self.border_mode, self.dim_ordering, self.dilation, **finish)

    def call(self, x, mask=None):
        if self.activation is activations.relu:
            return self.convolve(x, bias=self.b, relu=True)
        return self.activation(self.convolve(x, bias=self.b))

    def sizes_for(self, sizes):
        axes = zip(sizes, self.window, self.strides, self.dilation)
        return [conv_output_length(n, k, self.border_mode, s, d) for n, k, s, d in axes]

    def get_output_shape_for(self, input_shape):
        shape = list(super().get_output_shape_for(input_shape))
        shape[self.form.channel_axis] = self.nb_filter
        return tuple(shape)


class Convolution1D(Convolution):
    """Convolution along time.

    # Arguments
        nb_filter: positive int, the number of filters.
        filter_length: positive int, steps that a filter sees.
        border_mode: `'valid'`, `'same'` or `'full'`.
        subsample_length: positive int, the stride.
        bias: whether there is a b.
        input_dim, input_length: size and number of the steps, for a model's first layer.

    # Input shape
        (samples, steps, input_dim)

    # Output shape
        (samples, new steps, nb_filter)
    """

    rank = 1
    window_names, stride_name = ("filter_length",), "subsample_length"
    shape_arguments = ("input_length", "input_dim")

    def __init__(
        self,
        nb_filter,
        filter_length,
        init=EraDefault("convolution1d_init"),
        activation=None,
        weights=None,
        border_mode="valid",
        subsample_length=1,
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        input_dim=None,
        input_length=None,
        **kwargs,
    ):
        super().__init__(**kwargs)

    def kernel_shape(self, channels):
        return (self.filter_length, 1, channels, self.nb_filter)  # as Keras 1 files have it

    def kernel_words(self):
        return "window", "single", "features", "filters"

    def convolve(self, x, **finish):
        W = self.W[:, 0]
        return K.convolution(x, W, self.strides, self.border_mode, self.dim_ordering, self.dilation, **finish)


class AtrousConvolution1D(Convolution1D):
    """Convolution along time by a kernel with holes: its elements stand `atrous_rate` steps apart.

    # Arguments
        atrous_rate: positive int.
        The others are those of `Convolution1D`.

    # Source
        Yu, Koltun, Multi-scale context aggregation by dilated convolutions (arXiv:1511.07122).
    """

    dilation_name = "atrous_rate"

    def __init__(
        self,
        nb_filter,
        filter_length,
        init=EraDefault("convolution1d_init"),
        activation=None,
        weights=None,
        border_mode="valid",
        subsample_length=1,
        atrous_rate=1,
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)


class Convolution2D(Convolution):
    """Convolution of images.

    # Arguments
        nb_filter: positive int, the number of filters.
        nb_row, nb_col: positive ints, rows and columns that a filter sees.
        border_mode: `'valid'`, `'same'` or `'full'`.
        subsample: two ints, the strides.
        dim_ordering: `'th'` (channels first), `'tf'` (channels last) or `'default'`.
        bias: whether there is a b.

    # Input shape
        (samples, channels, rows, cols), or channels last.

    # Output shape
        (samples, nb_filter, new rows, new cols), or channels last.

    >>> from horngate.layers import Convolution2D, Input
    >>> Convolution2D(64, 3, 3, border_mode='same')(Input((3, 256, 256))).shape
    (None, 64, 256, 256)
    """

    def __init__(
        self,
        nb_filter,
        nb_row,
        nb_col,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1),
        dim_ordering="default",
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)


class AtrousConvolution2D(Convolution2D):
    """Convolution of images by a kernel with holes: its elements stand `atrous_rate` pixels apart.

    # Arguments
        atrous_rate: two positive ints.
        The others are those of `Convolution2D`.

    # Source
        Yu, Koltun, Multi-scale context aggregation by dilated convolutions (arXiv:1511.07122).
    """

    dilation_name = "atrous_rate"

    def __init__(
        self,
        nb_filter,
        nb_row,
        nb_col,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1),
        atrous_rate=(1, 1),
        dim_ordering="default",
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)


class Deconvolution2D(Convolution2D):
    """The transpose of a convolution of images: enlarges by `subsample`.

    # Arguments
        output_shape: the shape of the output, samples included (None where unknown).
        The others are those of `Convolution2D`.

    # Source
        Zeiler et al., Deconvolutional networks (CVPR 2010).
    """

    kernel_role = "transposed_kernel"

    def __init__(
        self,
        nb_filter,
        nb_row,
        nb_col,
        output_shape,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1),
        dim_ordering="default",
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)

    def convolve(self, x, **finish):
        sizes = self.sizes_for(None)
        return K.transposed_convolution(
            x, self.W, sizes, self.strides, self.border_mode, self.dim_ordering, **finish
        )

    def sizes_for(self, sizes):
        return [self.output_shape_[axis] for axis in self.form.spatial_axes]


class SeparableConvolution2D(Convolution2D):
    """A convolution of each channel by itself, then one of 1 x 1 that mixes them.

    # Arguments
        depth_multiplier: positive int, filters for each channel of the input.
        The others are those of `Convolution2D`, regularizers and constraints one for each of the two kernels.

    # Source
        Chollet, Xception: deep learning with depthwise separable convolutions (arXiv:1610.02357).
    """

    def __init__(
        self,
        nb_filter,
        nb_row,
        nb_col,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1),
        depth_multiplier=1,
        dim_ordering="default",
        depthwise_regularizer=None,
        pointwise_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        depthwise_constraint=None,
        pointwise_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        Layer.__init__(self, **kwargs)

    def build_kernel(self, channels):
        apart = self.form.kernel_shape(self.window, channels, self.depth_multiplier)
        mixing = self.form.kernel_shape((1, 1), channels * self.depth_multiplier, self.nb_filter)
        self.depthwise_kernel = self.add_weight(
            apart,
            self.init,
            f"{self.name}_depthwise_kernel",
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
            axes=self.form.kernel_words(filters="multiplier"),
            role="kernel",
        )
        self.pointwise_kernel = self.add_weight(
            mixing,
            self.init,
            f"{self.name}_pointwise_kernel",
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
            axes=self.form.kernel_words(),
            role="kernel",
        )

    def convolve(self, x, **finish):
        kernels = self.depthwise_kernel, self.pointwise_kernel
        return K.separable_conv2d(x, *kernels, self.strides, self.border_mode, self.dim_ordering, **finish)


class Convolution3D(Convolution):
    """Convolution of volumes.

    # Arguments
        nb_filter: positive int, the number of filters.
        kernel_dim1, kernel_dim2, kernel_dim3: positive ints, what a filter sees along each axis.
        subsample: three ints, the strides.
        The others are those of `Convolution2D`.

    # Input shape
        (samples, channels, dim1, dim2, dim3), or channels last.

    # Output shape
        (samples, nb_filter, new dim1, new dim2, new dim3), or channels last.
    """

    rank = 3
    window_names = ("kernel_dim1", "kernel_dim2", "kernel_dim3")

    def __init__(
        self,
        nb_filter,
        kernel_dim1,
        kernel_dim2,
        kernel_dim3,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1, 1),
        dim_ordering="default",
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)


class _Resizing(Spatial):
    """A layer that pads, crops or enlarges each spatial axis by itself."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def sizes_for(self, sizes):
        return [None if n is None else self.size_for(n, i) for i, n in enumerate(sizes)]


class _UpSampling(_Resizing):
    """Each element repeated along the spatial axes."""

    @property
    def factors(self):
        """How often, along each axis."""
        return tuple(self.size)

    def call(self, x, mask=None):
        return K.resize(x, self.factors, self.dim_ordering)

    def size_for(self, size, axis):
        return size * self.factors[axis]


class UpSampling1D(_UpSampling):
    """Each time step repeated `length` times: (samples, steps, features) to (samples, length * steps, features)."""

    rank = 1
    factors = property(lambda self: (self.length,))

    def __init__(self, length=2, **kwargs):
        super().__init__(**kwargs)


class UpSampling2D(_UpSampling):
    """Each row and column repeated: `size` says how often, as two ints."""

    def __init__(self, size=(2, 2), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


class UpSampling3D(_UpSampling):
    """Each plane along the three axes repeated: `size` says how often, as three ints."""

    rank = 3

    def __init__(self, size=(2, 2, 2), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


class _ZeroPadding(_Resizing):
    """Zeros before and after each spatial axis."""

    sides = ()  # the names of all sides, for `padding` given as a dictionary

    @property
    def pads(self):
        """(before, after) along each axis: of one number for each axis or side, a pair each, or a dictionary."""
        padding = self.padding
        if isinstance(padding, dict):
            padding = tuple(padding.get(side, 0) for side in self.sides)
        if isinstance(padding, int):
            padding = (padding,) * self.rank
        if len(padding) == 2 * self.rank:
            return [padding[i : i + 2] for i in range(0, len(padding), 2)]
        return [(n, n) if isinstance(n, int) else n for n in padding]

    def call(self, x, mask=None):
        return K.pad_spatial(x, self.pads, self.dim_ordering)

    def size_for(self, size, axis):
        return size + sum(self.pads[axis])


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after the time steps.

    # Arguments
        padding: int, two ints (before, after), or a dictionary with `left_pad` and `right_pad`.
    """

    rank, sides = 1, ("left_pad", "right_pad")

    def __init__(self, padding=1, **kwargs):
        super().__init__(**kwargs)


class ZeroPadding2D(_ZeroPadding):
    """Zeros around images.

    # Arguments
        padding: two ints (rows, columns), four (top, bottom, left, right), or a dictionary with `top_pad`,
            `bottom_pad`, `left_pad` and `right_pad`.
    """

    sides = ("top_pad", "bottom_pad", "left_pad", "right_pad")

    def __init__(self, padding=(1, 1), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


class ZeroPadding3D(_ZeroPadding):
    """Zeros around volumes: `padding` says how many along each axis, as three ints."""

    rank = 3

    def __init__(self, padding=(1, 1, 1), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


class _Cropping(_Resizing):
    """The spatial axes without their ends: `cuts` holds (before, after) for each."""

    cuts = property(lambda self: self.cropping)

    def call(self, x, mask=None):
        sizes = zip(self.cuts, self.form.sizes(x))
        kept = [slice(before, max(n - after, before)) for (before, after), n in sizes]
        return x[tuple(self.form.spread(kept, slice(None)))]

    def size_for(self, size, axis):
        return size - sum(self.cuts[axis])


class Cropping1D(_Cropping):
    """Time steps without their ends: `cropping` is (before, after)."""

    rank = 1
    cuts = property(lambda self: (self.cropping,))

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)


class Cropping2D(_Cropping):
    """Images without their margins: `cropping` is ((top, bottom), (left, right))."""

    def __init__(self, cropping=((0, 0), (0, 0)), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


class Cropping3D(_Cropping):
    """Volumes without their margins: `cropping` holds (before, after) for each axis."""

    rank = 3

    def __init__(self, cropping=((1, 1), (1, 1), (1, 1)), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)


Conv1D, Conv2D, Conv3D = Convolution1D, Convolution2D, Convolution3D
AtrousConv1D, AtrousConv2D = AtrousConvolution1D, AtrousConvolution2D
Deconv2D, SeparableConv2D = Deconvolution2D, SeparableConvolution2D


def __getattr__(name):
    """Keras 0.3 had the pooling layers here."""
    if "Pooling" in name:
        from horngate.layers import pooling

        return getattr(pooling, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
