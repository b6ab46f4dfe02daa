"""`CuDNNLSTM` and `CuDNNGRU` of Keras 2: LSTM and GRU as cuDNN computes them."""

from typing import Any

from horngate.layers.recurrent import GRU, LSTM


def CuDNNLSTM(units: int, **kwargs: Any) -> LSTM:  # noqa: N802  a class in Keras
    """An LSTM of `units` with sigmoid gates; `kwargs` are those of `LSTM`."""
    return LSTM(units, **{"recurrent_activation": "sigmoid", **kwargs})


def CuDNNGRU(units: int, **kwargs: Any) -> GRU:  # noqa: N802  a class in Keras
    """A GRU of `units` with sigmoid gates, its reset gate after the product; `kwargs` are those of `GRU`."""
    return GRU(units, **{"recurrent_activation": "sigmoid", "reset_after": True, **kwargs})
