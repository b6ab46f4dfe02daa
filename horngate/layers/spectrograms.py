"""Layers that turn signals into spectrograms."""

import math
from typing import Any

import numpy as np

from horngate.backend.arrays import found, signal
from horngate.engine.for_layers import K, Layer, Shapes, TensorLike, Variable, argument
from horngate.engine.kinds import DataFormat
from horngate.layers.core import floats

WINDOW = "what parts are multiplied with: 'hann', 'hamming', or None for nothing"


def _mel(frequency: Any) -> Any:
    """Return frequencies in Hz on the mel scale, on which steps sound alike."""
    return 1127.0 * np.log(1 + np.asarray(frequency) / 700.0)


class MelSpectrogram(Layer):
    """How strong the frequencies of a signal are over time, in bands that sound alike.

    # Input shape
        (samples, steps) or (steps,)

    # Output shape
        (samples, num_mel_bins, parts): with parts at every `sequence_stride` steps from the first on.

    # Source
        Davis, Mermelstein, Comparison of parametric representations for monosyllabic word recognition (1980).
    """

    fft_length: int = argument("to how many steps parts are filled up", default=2048, at_least=2)
    sequence_stride: int = argument("how many steps apart parts begin", default=512, at_least=1)
    sequence_length: int | None = argument("how many steps a part has; None: fft_length", default=None, at_least=1)
    window: str | None = argument(WINDOW, default="hann", choices=("hann", "hamming", None))
    sampling_rate: int = argument("steps in a second", default=16000, at_least=1)
    num_mel_bins: int = argument("how many bands", default=128, at_least=1)
    min_freq: float = argument("where the lowest band begins, in Hz", default=20.0, at_least=0)
    max_freq: float | None = argument("where the highest ends; None: half of sampling_rate", default=None, above=0)
    power_to_db: bool = argument("whether to give decibels, 10 log10(power / ref_power)", default=True)
    top_db: float = argument("decibels below the loudest that are told apart", default=80.0, at_least=0)
    mag_exp: float = argument("to what power magnitudes are raised: 1 for energy, 2 for power", default=2.0, above=0)
    min_power: float = argument("the least power that is told apart", default=1e-10, above=0)
    ref_power: float = argument("the power of 0 decibels", default=1.0, above=0)

    full_precision = True  # Fourier transforms are of 32 bits or more

    def linear_to_mel_weight_matrix(
        self,
        num_mel_bins: int = 20,
        num_spectrogram_bins: int = 129,
        sampling_rate: float = 8000,
        lower_edge_hertz: float = 125.0,
        upper_edge_hertz: float = 3800.0,
        dtype: str = "float32",
    ) -> np.ndarray:
        """Return the share of each frequency in each band, triangles that meet: (num_spectrogram_bins, num_mel_bins).

        # Arguments
            num_mel_bins: how many bands.
            num_spectrogram_bins: how many frequencies, from 0 to half of the sampling rate.
            sampling_rate: steps in a second.
            lower_edge_hertz, upper_edge_hertz: where the lowest band begins and the highest ends.
            dtype: the number type of the result.
        """
        edges = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), num_mel_bins + 2)
        mels = _mel(np.linspace(0, sampling_rate / 2, num_spectrogram_bins))[:, None]
        rising = (mels - edges[:-2]) / (edges[1:-1] - edges[:-2])
        falling = (edges[2:] - mels) / (edges[2:] - edges[1:-1])
        bands = np.maximum(0, np.minimum(rising, falling))
        bands[0] = 0
        return bands.astype(dtype)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        x = floats(x)
        length = self.sequence_length or self.fft_length
        real, imaginary = signal.stft(x, length, self.sequence_stride, self.fft_length, self.window)
        strength = K.pow(K.sqrt(K.square(real) + K.square(imaginary)), self.mag_exp)
        high, rate = self.max_freq or self.sampling_rate / 2, self.sampling_rate
        size = self.fft_length // 2 + 1
        bands = self.linear_to_mel_weight_matrix(self.num_mel_bins, size, rate, self.min_freq, high, "float64")
        y = K.dot(strength, K.cast(bands, K.dtype(strength)))
        y = K.permute_dimensions(y, (*range(K.ndim(y) - 2), K.ndim(y) - 1, K.ndim(y) - 2))
        if not self.power_to_db:
            return y
        reference = 10 * math.log10(max(self.min_power, self.ref_power))
        y = 10 / math.log(10) * K.log(K.maximum(y, self.min_power)) - reference
        return K.maximum(y, K.max(y) - self.top_db)


class STFTSpectrogram(Layer):
    """The short-time Fourier transform of each channel of a signal, as a convolution.

    # Input shape
        (samples, steps, channels), or channels first.

    # Output shape
        (samples, parts, frequencies * channels), for mode='stft' twice as many; with `expand_dims` (samples, parts,
        frequencies, channels). With channels first accordingly.
    """

    mode: str = argument(
        "what is given: 'magnitude', the logarithm 'log' of that, the power 'psd' of both sides, 'real', 'imag', both "
        "as 'stft', or 'angle'",
        default="log",
        choices=("log", "magnitude", "psd", "real", "imag", "angle", "stft"),
    )
    frame_length: int = argument("how many steps a part has", default=256, at_least=2)
    frame_step: int | None = argument(
        "how many steps apart parts begin; None: half of frame_length", default=None, at_least=1
    )
    fft_length: int | None = argument(
        "to how many steps parts are filled up; None: the next power of 2", default=None, at_least=2
    )
    window: str | None = argument(WINDOW, default="hann", choices=("hann", "hamming", None))
    periodic: bool = argument("whether the window ends before its first value returns", default=False)
    scaling: str | None = argument(
        "by what the window is divided: its power, its sum, or nothing",
        default="density",
        choices=("density", "spectrum", None),
    )
    padding: str = argument("how parts at the ends are treated", default="valid", choices=("valid", "same"))
    expand_dims: bool = argument("whether frequencies have an axis of their own", default=False)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    rank = 1

    def build(self, input_shape: Shapes) -> None:
        size = self.fft_length or 2 ** math.ceil(math.log2(self.frame_length))
        self.real_kernel: Variable | None = None
        self.imag_kernel: Variable | None = None
        for side in ("real", "imag"):
            if self.mode in ("real", "imag") and self.mode != side:
                continue
            told = {"side": side, "window": self.window, "scaling": self.scaling, "periodic": self.periodic}
            make = {"class_name": "STFT", "config": told}
            shape = (self.frame_length, 1, size // 2 + 1)
            about: dict[str, Any] = {"axes": ("window", "channels", "filters"), "role": "kernel"}
            made = self.add_weight(shape, make, f"{side}_kernel", trainable=self.trainable, **about)
            setattr(self, f"{side}_kernel", made)
        super().build(input_shape)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        x = floats(x)
        x = x if self.dim_ordering == "th" else K.permute_dimensions(x, (0, 2, 1))
        samples, channels, steps = x.shape
        rows, conv = K.reshape(x, (samples * channels, steps, 1)), found("conv")
        stride = self.frame_step or self.frame_length // 2
        kernels = [k for k in (self.real_kernel, self.imag_kernel) if k is not None]
        sides = [conv(rows, k, stride, self.padding, data_format="channels_last") for k in kernels]
        y = K.concatenate(sides, -1) if self.mode == "stft" else self._of(*sides)
        y = K.reshape(y, (samples, channels, *y.shape[1:]))  # samples, channels, parts, frequencies
        if self.expand_dims:
            return y if self.dim_ordering == "th" else K.permute_dimensions(y, (0, 2, 3, 1))
        if self.dim_ordering == "th":
            return K.reshape(K.permute_dimensions(y, (0, 1, 3, 2)), (samples, -1, y.shape[2]))
        return K.reshape(K.permute_dimensions(y, (0, 2, 1, 3)), (samples, y.shape[2], -1))

    def _of(self, real: TensorLike, imaginary: TensorLike = None) -> TensorLike:
        if self.mode in ("real", "imag"):
            return real
        if self.mode == "angle":
            return found("arctan2")(imaginary, real)
        power = K.square(real) + K.square(imaginary)
        if self.mode != "psd":
            size = K.maximum(power, K.epsilon())
            return K.sqrt(size) if self.mode == "magnitude" else K.log(size) / 2
        both_sides = np.full(power.shape[-1], 2.0, "float32")  # of the spectrum, but for its two ends
        both_sides[[0, -1]] = 1.0
        return power * both_sides
