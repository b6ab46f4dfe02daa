"""Core layers: activations, dropout, shapes, functions, masks."""

import inspect
import math
from typing import Any, ClassVar, Self

from horngate import activations, regularizers
from horngate.backend.orders import elsewhere
from horngate.engine import kinds
from horngate.engine.constructors import as_our_files
from horngate.engine.for_layers import InputSpec, K, Layer, Shapes, TensorLike, argument, fixed, of_eras, to_list
from horngate.engine.function_keys import function_of, plain_name
from horngate.engine.merge import Merge, merge  # noqa: F401  core is where Keras 1 had Merge
from horngate.engine.named_functions import describe_function, describe_shape, find_function, function_kind
from horngate.layers.dense import Dense, Highway, MaxoutDense, TimeDistributedDense  # noqa: F401
from horngate.layers.elementwise import Elementwise
from horngate.layers.spatial import Spatial


class Activation(Elementwise):
    """A function applied to every element: y = activation(x).

    # Input shape
        Any.

    # Output shape
        That of the input.

    >>> Activation('relu')([[-1., 2.]]).tolist()
    [[0.0, 2.0]]
    """

    activation: kinds.Activation = argument("the name of an activation, or a function of K")

    @property
    def output_order(self) -> str:  # type: ignore[override]  # depends on the function
        """The order of the output; a softmax depends on the whole last axis."""
        return "last kept" if activations.along_last_axis(self.activation) else "kept"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return self.activation(x)


class ActivityRegularization(Elementwise):
    """The identity, adding l1 * sum(|x|) + l2 * sum(x^2) to the training loss.

    # Input shape
        Any.

    # Output shape
        That of the input.
    """

    l1: float = argument("weight of sum(|x|)", default=0.0, at_least=0)
    l2: float = argument("weight of sum(x^2)", default=0.0, at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.activity_regularizer: Any = regularizers.ActivityRegularizer(l1=self.l1, l2=self.l2)


class Dropout(Layer):
    """In training, sets a fraction of the inputs to 0 and scales the others to keep the mean.

    y = x * mask / (1 - p), where each element of the mask is 1 with probability 1 - p. In testing, y = x.

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Raises
        ValueError: where p is not in [0, 1).

    # Source
        Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.
    """

    p: float = argument("the fraction of the inputs to drop", at_least=0, below=1)
    noise_shape: kinds.Shape = argument(
        "shape of the mask, batch axis included: 1 where elements share a mask entry, None for the input's size",
        default=None,
    )
    seed: int | None = argument(default=None, at_most=2**64)

    supports_masking = True
    output_order = "kept"
    uses_learning_phase = True

    def mask_shape(self, x: TensorLike) -> Any:
        """The shape of the mask for input `x`; None for that of `x`."""
        return self.noise_shape

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if self.p == 0:
            return x
        return K.in_train_phase(lambda: K.dropout(x, self.p, noise_shape=self.mask_shape(x), seed=self.seed), x)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        told = self.noise_shape or (1,) * len(input_shape)
        pairs = zip(told, input_shape)
        if len(told) != len(input_shape) or any(m not in (None, 1) and n not in (None, m) for m, n in pairs):
            raise ValueError(
                f"{type(self).__name__} {self.name}: noise_shape must have an entry for each axis of the input, 1, "
                f"None or its size: those of {tuple(input_shape)}; received {self.noise_shape}."
            )
        return tuple(input_shape)


class _SpatialDropout(Dropout, Spatial):
    """Dropout of whole channels, the same at every place of a sample."""

    noise_shape: Any = fixed(None)  # `mask_shape` computes it
    output_order = "images"

    def mask_shape(self, x: TensorLike) -> Any:
        return self.form.spread((1,) * self.rank, None)


class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of a sequence: better than Dropout where neighbouring steps are alike.

    # Input shape
        (samples, steps, channels)

    # Output shape
        That of the input.

    # Source
        Tompson et al., "Efficient object localization using convolutional networks", 2014.
    """

    p: float = argument("the fraction of channels to drop", at_least=0, below=1)

    rank = 1


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of an image: better than Dropout where neighbouring pixels are alike.

    # Input shape
        (samples, channels, rows, cols) with `'th'`, (samples, rows, cols, channels) with `'tf'`.

    # Output shape
        That of the input.

    # Source
        Tompson et al., as above.
    """

    p: float = argument("the fraction of channels to drop", at_least=0, below=1)
    dim_ordering: kinds.Ordering = argument(default="default")


class SpatialDropout3D(_SpatialDropout):
    """Dropout of whole channels of a volume: better than Dropout where neighbouring voxels are alike.

    # Input shape
        (samples, channels, dim1, dim2, dim3) with `'th'`, (samples, dim1, dim2, dim3, channels) with `'tf'`.

    # Output shape
        That of the input.

    # Source
        Tompson et al., as above.
    """

    p: float = argument("the fraction of channels to drop", at_least=0, below=1)
    dim_ordering: kinds.Ordering = argument(default="default")

    rank = 3


class Flatten(Layer):
    """Joins all axes but the batch into one.

    # Input shape
        (samples, ...)

    # Output shape
        (samples, product of the others)

    >>> Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    """

    data_format: str | None = argument(
        "'channels_first' puts the channels last before it joins; other values keep the order",
        default=None,
        choices=(None, "channels_last", "channels_first"),
        kw_only=True,
        later=True,
    )

    input_ndim: ClassVar[int | str | None] = "2+"

    @property
    def output_order(self) -> str:  # type: ignore[override]  # depends on the format
        """The order of the output."""
        return "unknown" if self.data_format == "channels_first" else "flattened"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if self.data_format == "channels_first" and K.ndim(x) > 2:
            x = K.permute_dimensions(x, (0, *range(2, K.ndim(x)), 1))
        return K.batch_flatten(x)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return (input_shape[0], _product(input_shape[1:]))


def _product(sizes):
    """The product of `sizes`; None where one is unknown."""
    return None if None in sizes else math.prod(sizes)


class Reshape(Layer):
    """Gives the input another shape.

    # Input shape
        (samples, ...)

    # Output shape
        (samples, *target_shape)

    # Raises
        ValueError: where the shapes hold different numbers of elements.

    >>> Reshape((3, -1))(np.zeros((2, 12))).shape
    (2, 3, 4)
    """

    target_shape: kinds.ShapeToFill = argument(
        "the shape of a sample; one size may be -1, to be found from the others. Keras 0.3 called it `dims`"
    )

    output_order = "reshaped"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.reshape(x, (x.shape[0], *self.target_shape))

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        total = _product(input_shape[1:])
        known = math.prod(n for n in self.target_shape if n != -1)
        if total is None:
            return (input_shape[0], *(None if n == -1 else n for n in self.target_shape))
        fits = total % known == 0 if -1 in self.target_shape and known else total == known
        if not fits or self.target_shape.count(-1) > 1:
            raise ValueError(
                f"Reshape {self.name}: target_shape {self.target_shape} must hold as many elements as the input, "
                f"{total} for shape {tuple(input_shape)}. At most one size may be -1."
            )
        return (input_shape[0], *(total // known if n == -1 else n for n in self.target_shape))


class Permute(Layer):
    """Puts the axes into another order.

    # Input shape
        (samples, ...)

    # Output shape
        That of the input, permuted.

    # Raises
        ValueError: where dims is no permutation of 1, 2, …

    >>> Permute((2, 1))(np.zeros((2, 10, 64))).shape
    (2, 64, 10)
    """

    dims: kinds.Indices = argument("which axis of the input comes first, second, …; they begin at 1, behind the batch")

    def __post_init__(self) -> None:
        super().__post_init__()
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"Permute {self.name}: dims must be a permutation of 1, 2, ...; received {self.dims}")
        self._expect(InputSpec(ndim=len(self.dims) + 1))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.permute_dimensions(x, (0, *self.dims))

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))


class RepeatVector(Layer):
    """Repeats the input n times: y[:, t] = x for every step t.

    # Input shape
        (samples, features)

    # Output shape
        (samples, n, features)
    """

    n: int = argument("number of steps", at_least=1)

    output_order = "last kept"

    input_ndim: ClassVar[int | str | None] = 2

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.repeat(x, self.n)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return (input_shape[0], self.n, input_shape[1])


def _differs(x, value):
    """Whether each element of `x` differs from `value`, where NaN counts as equal to NaN."""
    return K.not_equal(x, value) if value == value else K.equal(x, x)


class Masking(Elementwise):
    """Masks the steps in which every feature is `mask_value`.

    Layers that support masking skip those steps; their features become 0.

    # Input shape
        (samples, steps, features)

    # Output shape
        That of the input.
    """

    mask_value: kinds.MaskValue = argument(
        "the value of all features in masked steps; NaN and infinity are allowed", default=0.0
    )

    output_order = "last kept"

    @of_eras
    def compute_mask(self, x: TensorLike, input_mask: TensorLike = None) -> TensorLike:
        return K.any(_differs(x, self.mask_value), axis=-1)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.switch(K.any(_differs(x, self.mask_value), axis=-1, keepdims=True), x, K.zeros_like(x))


def floats(x: TensorLike) -> TensorLike:
    """Return numbers `x` as they are, whole ones and truth values as `K.floatx()`."""
    return x if "float" in str(K.dtype(x)) else K.cast(x, K.floatx())


class Rescaling(Layer):
    """x * scale + offset: pixels from 0 to 255 become 0 to 1 with scale=1/255."""

    scale: kinds.Numbers = argument("what the input is multiplied by")
    offset: kinds.Numbers = argument("what is added then", default=0.0)

    output_order = "kept"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return floats(x) * self.scale + self.offset  # products of bytes would wrap around


class Lambda(Layer):
    """Any function as a layer: y = function(x).

    # Input shape
        Any.

    # Output shape
        As output_shape says.

    A file holds the function's name and a key, never its code. The process that made the function finds it by the key,
    as long as something else holds the function. Any other process loads with `custom_objects={'that_name': function}`,
    or by the layer's name, `custom_objects={'lambda_1': function}`. A function that takes `mask` consumes the mask; set
    `supports_masking = True` on the layer to pass it on.

    >>> Lambda(lambda x: x ** 2)(np.array([1., 2., 3.])).tolist()
    [1.0, 4.0, 9.0]
    """

    function: Any = argument(
        "a function of the input (an array, or a list of arrays), written in K or jax.numpy; it may also take `mask`"
    )
    output_shape_: kinds.OutputShape = argument(
        "the output's shape without the batch, or a function from the input's shape to the output's; found by "
        "tracing where it is not given",
        default=None,
        alias="output_shape",
    )
    arguments: Any = argument("a dictionary of more keyword arguments for the function", default=None)
    mask: Any = argument(
        "the mask of the output, or a function of the input and its mask that gives it",
        default=None,
        kw_only=True,
        later=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not callable(self.function):
            raise TypeError(f"Lambda {self.name}: function must be callable; received {self.function!r}")
        self.arguments = dict(self.arguments or {})
        self.takes_mask: bool = "mask" in _parameters(self.function)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        extra = {"mask": mask} if self.takes_mask else {}
        return self.function(x, **self.arguments, **extra)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        told: Any = self.output_shape_
        if told is None:
            return super().get_output_shape_for(input_shape)
        if callable(told):
            shape: Any = told(input_shape)
            several = isinstance(shape, list) and isinstance(shape[0], tuple)
            return [tuple(s) for s in shape] if several else tuple(shape)
        first = input_shape[0] if isinstance(input_shape, list) else input_shape
        return (first[0], *to_list(told))

    def compute_mask(self, x: TensorLike, input_mask: TensorLike = None) -> TensorLike:
        if callable(self.mask):
            return self.mask(x, input_mask)
        if self.mask is not None:
            return self.mask
        if self.takes_mask and not self.supports_masking:
            return None
        return super().compute_mask(x, input_mask)

    def _described(self) -> dict[str, Any]:
        described = {
            "function": describe_function(self.function),
            "function_type": function_kind(self.function),
            "output_shape": describe_shape(self.output_shape_),
            "output_shape_type": function_kind(self.output_shape_),
            "arguments": self.arguments,
        }
        if self.mask is not None:
            described["mask"] = describe_function(self.mask) if callable(self.mask) else K.eval(self.mask).tolist()
        return {**super()._described(), **described}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """A layer from what `get_config` gave; the functions it names are looked for in `custom_objects`."""
        config = dict(as_our_files(cls, config))
        config.pop("function_type", None)
        config["function"] = find_function(config["function"], config["name"], custom_objects)
        if isinstance(config.get("mask"), str):
            config["mask"] = find_function(config["mask"], config["name"], custom_objects)
        if config.pop("output_shape_type", "raw") != "raw":
            config["output_shape"] = _shape_function(config["output_shape"], custom_objects)
        return cls(**config)


def _shape_function(description, custom_objects):
    """The function of that description, or None: then tracing finds the shape."""
    if not isinstance(description, str):
        return None
    return (custom_objects or {}).get(plain_name(description)) or function_of(description)


def _parameters(function):
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions written in C have no signature
        return {}


def __getattr__(name: str) -> Any:
    """Find the layers that only Keras 0.3 had, here as in that version."""
    return elsewhere(__name__, name)
