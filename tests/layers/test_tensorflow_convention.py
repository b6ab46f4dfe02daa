"""Under the convention out of the box, convolutions are those of jax.lax in double precision."""

import jax
import numpy as np
import pytest

from horngate import layers
from horngate.models import Sequential

RNG = np.random.RandomState(4)
LETTERS = {1: "W", 2: "HW", 3: "DHW"}


def by_lax(x, kernel, strides, padding, dilation=None, groups=1):
    """Correlation of (samples, ..., channels) with (window, channels, filters), by XLA in float64."""
    rank = x.ndim - 2
    letters = LETTERS[rank]
    numbers = (f"N{letters}C", f"{letters}IO", f"N{letters}C")
    with jax.enable_x64(True):
        return np.asarray(
            jax.lax.conv_general_dilated(
                x.astype("float64"),
                kernel.astype("float64"),
                strides,
                padding,
                rhs_dilation=dilation,
                dimension_numbers=numbers,
                feature_group_count=groups,
            )
        )


# class, its arguments, strides, dilation
CONVOLUTIONS = [
    ("Convolution1D", (4, 3), {"subsample_length": 2}, (2,), (1,)),
    ("AtrousConvolution1D", (4, 3), {"atrous_rate": 2}, (1,), (2,)),
    ("Convolution2D", (4, 3, 2), {"subsample": (2, 1)}, (2, 1), (1, 1)),
    ("Convolution2D", (4, 1, 1), {}, (1, 1), (1, 1)),
    ("AtrousConvolution2D", (4, 2, 3), {"atrous_rate": (2, 1)}, (1, 1), (2, 1)),
    ("Convolution3D", (2, 2, 3, 1), {"subsample": (1, 2, 1)}, (1, 2, 1), (1, 1, 1)),
]


@pytest.mark.parametrize("border_mode", ["valid", "same"])
@pytest.mark.parametrize("ordering", ["th", "tf"])
@pytest.mark.parametrize("row", CONVOLUTIONS, ids=lambda row: f"{row[0]}{row[1][1:]}")
def test_convolution(row, ordering, border_mode):
    name, args, options, strides, dilation = row
    if name.endswith("1D") and ordering == "th":
        return  # sequences have one ordering
    x = RNG.randn(2, *(7, 8, 6)[: len(strides)], 3).astype("float32")
    if not name.endswith("1D"):
        options = {**options, "dim_ordering": ordering}
    fed = np.moveaxis(x, -1, 1) if ordering == "th" else x
    model = Sequential([getattr(layers, name)(*args, border_mode=border_mode, input_shape=fed.shape[1:], **options)])
    W, b = model.get_weights()
    model.set_weights([W, b + 0.5])
    if ordering == "th":
        W = np.moveaxis(W, (0, 1), (-1, -2))
    elif W.ndim == 4 and name.endswith("1D"):
        W = W[:, 0]
    expected = by_lax(x, W, strides, border_mode.upper(), dilation) + 0.5
    got = model.predict(fed)
    np.testing.assert_allclose(np.moveaxis(got, 1, -1) if ordering == "th" else got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("border_mode", ["valid", "same"])
def test_separable_convolution_is_depthwise_then_pointwise(border_mode):
    x = RNG.randn(2, 7, 8, 3).astype("float32")
    model = Sequential(
        [
            layers.SeparableConvolution2D(
                5, 3, 3, depth_multiplier=2, border_mode=border_mode, dim_ordering="tf", input_shape=x.shape[1:]
            )
        ]
    )
    depthwise, pointwise, _ = model.get_weights()
    deep = by_lax(x, depthwise.reshape(3, 3, 1, 6), (1, 1), border_mode.upper(), groups=3)
    expected = by_lax(deep, pointwise, (1, 1), "VALID")
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [(7, 9), (8, 10)])
def test_deconvolution_is_the_gradient_of_a_convolution(size):
    x = RNG.randn(2, 4, 5, 3).astype("float32")
    layer = layers.Deconvolution2D(
        2,
        3,
        3,
        output_shape=(None, *size, 2),
        subsample=(2, 2),
        border_mode="same",
        dim_ordering="tf",
        input_shape=x.shape[1:],
    )
    model = Sequential([layer])
    W = model.get_weights()[0]  # (window, channels, filters)
    with jax.enable_x64(True):
        _, transposed = jax.vjp(
            lambda image: jax.lax.conv_general_dilated(
                image, W.swapaxes(2, 3).astype("float64"), (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
            ),
            np.zeros((2, *size, 2)),
        )
        expected = np.asarray(transposed(x.astype("float64"))[0])
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("pool", ["Max", "Average"])
@pytest.mark.parametrize("border_mode", ["valid", "same"])
def test_pooling_is_that_of_lax(pool, border_mode):
    x = RNG.randn(2, 7, 8, 3).astype("float32")
    model = Sequential(
        [
            getattr(layers, f"{pool}Pooling2D")(
                (3, 2), strides=(2, 2), border_mode=border_mode, dim_ordering="tf", input_shape=x.shape[1:]
            )
        ]
    )
    window = ((1, 3, 2, 1), (1, 2, 2, 1), border_mode.upper())
    if pool == "Max":
        expected = jax.lax.reduce_window(x, -np.inf, jax.lax.max, *window)
    else:
        total, count = (jax.lax.reduce_window(part, 0.0, jax.lax.add, *window) for part in (x, np.ones_like(x)))
        expected = total / count
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-5, atol=1e-6)
