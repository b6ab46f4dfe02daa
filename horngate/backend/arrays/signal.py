"""Fourier transforms of Keras 3: pairs (real, imaginary) go in and out."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend.arrays.indexing import extract_sequences
from horngate.backend.graph import on_arrays, op
from horngate.backend.types import TensorLike


def _parts(z):
    return jnp.real(z), jnp.imag(z)


def _complex(x):
    real, imaginary = (jnp.asarray(part) for part in x)
    if real.shape != imaginary.shape:
        raise ValueError(f"A pair (real, imaginary) of one shape is expected; received {real.shape}, {imaginary.shape}")
    return lax.complex(real, imaginary)


def _transform(name: str, function: Callable[..., Any], what: str) -> Callable[..., Any]:
    def transformed(x: Any) -> Any:
        return _parts(function(_complex(x)))

    transformed.__name__ = transformed.__qualname__ = name
    transformed.__doc__ = f"The {what} of `x`, a pair (real, imaginary), as such a pair."
    return op(transformed)


fft: Any = _transform("fft", jnp.fft.fft, "Fourier transform along the last axis")
fft2: Any = _transform("fft2", jnp.fft.fft2, "Fourier transform along the last two axes")
ifft2: Any = _transform("ifft2", jnp.fft.ifft2, "inverse Fourier transform along the last two axes")


@op
def rfft(x: TensorLike, fft_length: int | None = None) -> Any:
    """The Fourier transform of real numbers along the last axis, as a pair (real, imaginary).

    `fft_length`: to how many numbers `x` is cut or filled up with zeros; None: as many as it has.
    """
    return _parts(jnp.fft.rfft(jnp.asarray(x), fft_length))


@op
def irfft(x: Any, fft_length: int | None = None) -> TensorLike:
    """The real numbers whose `rfft` is the pair `x`. `fft_length`: how many; None: an even number."""
    return jnp.fft.irfft(_complex(x), fft_length)


def _window(window, length, whole):
    """The window as numbers, in the middle of `whole` ones; None for ones."""
    if window is None:
        values = np.ones(length)
    elif isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise ValueError(f"ops.stft, argument 'window': 'hann', 'hamming', None or numbers; received {window!r}.")
        share = 0.5 if window == "hann" else 0.54
        values = share - (1 - share) * np.cos(2 * np.pi * np.arange(length) / length)
    else:
        values = jnp.asarray(window)
        if values.shape != (length,):
            raise ValueError(f"ops.stft, argument 'window': {length} numbers are expected; received {values.shape}.")
    before = (whole - length) // 2
    return jnp.pad(jnp.asarray(values, "float32"), (before, whole - length - before))


def _check_lengths(who, sequence_length, fft_length):
    if fft_length < sequence_length:
        raise ValueError(f"ops.{who}: fft_length {fft_length} must be at least sequence_length {sequence_length}.")


@op
def stft(
    x: TensorLike,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    """The Fourier transforms of parts of the last axis, as a pair (real, imaginary) of (..., parts, frequencies).

    `sequence_length`, `sequence_stride`: how long the parts are and how far apart they begin. `fft_length`: to how many
    numbers they are filled up. `window`: what they are multiplied with: "hann", "hamming", numbers, None for nothing.
    `center`: whether the ends are mirrored, so that the middle of the first part is the first number.
    """
    _check_lengths("stft", sequence_length, fft_length)
    x = jnp.asarray(x)
    if center:
        x = jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2, fft_length // 2)], "reflect")
    parts = on_arrays(extract_sequences)(x, fft_length, sequence_stride)
    return _parts(jnp.fft.rfft(parts * _window(window, sequence_length, fft_length).astype(x.dtype), fft_length))


@op
def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> TensorLike:
    """The signal whose `stft` with the same arguments is the pair `x`. `length`: how many numbers; None: all.

    `sequence_length`, `sequence_stride`, `fft_length`, `window`, `center`: as for `stft`.
    """
    _check_lengths("istft", sequence_length, fft_length)
    parts = jnp.fft.irfft(_complex(x), fft_length)
    values = _window(window, sequence_length, fft_length).astype(parts.dtype)
    count = parts.shape[-2]
    total = fft_length + sequence_stride * (count - 1)
    places = np.arange(count)[:, None] * sequence_stride + np.arange(fft_length)
    summed = jnp.zeros((*parts.shape[:-2], total), parts.dtype).at[..., places].add(parts * values)
    weight = jnp.zeros(total, parts.dtype).at[places].add(jnp.broadcast_to(values**2, (count, fft_length)))
    found = jnp.where(weight > 1e-10, summed / jnp.where(weight > 1e-10, weight, 1), summed)
    begin = fft_length // 2 if center else 0
    end = begin + length if length is not None else total - begin
    return found[..., begin:end]
