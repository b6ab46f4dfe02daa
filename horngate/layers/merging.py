"""Several tensors to one, a layer and a function for each way, as Keras 2 has them; Keras 1 has `Merge(mode=...)`."""

from horngate.engine.merge import Merge


class _Merging(Merge):
    """A `Merge` whose rule is that of its class."""

    rule = "sum"

    def __init__(self, **kwargs):
        super().__init__(**{"mode": self.rule, **kwargs})


class Add(_Merging):
    """The sum of tensors of one shape."""


class Subtract(_Merging):
    """The first of two tensors less the second."""

    rule = "sub"


class Multiply(_Merging):
    """The product of tensors of one shape, element by element."""

    rule = "mul"


class Average(_Merging):
    """The mean of tensors of one shape."""

    rule = "ave"


class Maximum(_Merging):
    """The largest of tensors of one shape, element by element."""

    rule = "max"


class Minimum(_Merging):
    """The smallest of tensors of one shape, element by element."""

    rule = "min"


class Concatenate(_Merging):
    """Tensors side by side.

    # Arguments
        axis: along which; the others must agree.
    """

    rule = "concat"

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**{"concat_axis": axis, **kwargs})


class Dot(_Merging):
    """Products of two tensors, sample by sample.

    # Arguments
        axes: int or pair of ints, what is summed over.
        normalize: make the vectors one long first, so that the product is their cosine.
    """

    rule = "dot"

    def __init__(self, axes=-1, normalize=False, **kwargs):
        super().__init__(**{"dot_axes": axes, "mode": "cos" if normalize else "dot", **kwargs})


def add(inputs, **kwargs):
    """See `Add`."""
    return Add(**kwargs)(inputs)


def subtract(inputs, **kwargs):
    """See `Subtract`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs, **kwargs):
    """See `Multiply`."""
    return Multiply(**kwargs)(inputs)


def average(inputs, **kwargs):
    """See `Average`."""
    return Average(**kwargs)(inputs)


def maximum(inputs, **kwargs):
    """See `Maximum`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs, **kwargs):
    """See `Minimum`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs, axis=-1, **kwargs):
    """See `Concatenate`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs, axes, normalize=False, **kwargs):
    """See `Dot`."""
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
