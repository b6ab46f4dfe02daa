"""Batches of windows of a time series."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.utils.data_utils import Sequence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class TimeseriesGenerator(Sequence):
    """Batches `(windows, targets)` of a time series: the target of a window is that of the step after it.

    # Arguments
        data: the series, (steps, ...).
        targets: a target for each step.
        length: steps in a window.
        sampling_rate: every how many-th step of a window is given.
        stride: steps from one window to the next.
        start_index: the first step that is used.
        end_index: the last one; None for the end of the data.
        shuffle: whether windows are drawn at random.
        reverse: whether the steps of a window stand in reversed order.
        batch_size: windows in a batch.
    """

    data: Any
    targets: Any
    length: int
    sampling_rate: int
    stride: int
    start_index: int
    end_index: int
    shuffle: bool
    reverse: bool
    batch_size: int

    def __init__(
        self,
        data: "ArrayLike",
        targets: "ArrayLike",
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ) -> None:
        self.data, self.targets = np.asarray(data), np.asarray(targets)
        if len(self.data) != len(self.targets):
            raise ValueError(
                f"TimeseriesGenerator: data has {len(self.data)} steps and targets {len(self.targets)}; they must be "
                "as many."
            )
        self.length, self.sampling_rate, self.stride = length, sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(self.data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise ValueError(
                f"TimeseriesGenerator: no window of length={length} ends before end_index={self.end_index} if it "
                f"begins at start_index={start_index}."
            )

    def __len__(self) -> int:
        windows = -(-(self.end_index - self.start_index + 1) // self.stride)
        return -(-windows // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * index
            last = min(first + self.batch_size * self.stride, self.end_index + 1)
            rows = np.arange(first, last, self.stride)
        windows = np.array([self.data[row - self.length : row : self.sampling_rate] for row in rows])
        return windows[:, ::-1] if self.reverse else windows, self.targets[rows]

    def get_config(self) -> dict[str, Any]:
        """The arguments as plain data."""
        return {
            "data": self.data.tolist(),
            "targets": self.targets.tolist(),
            "length": self.length,
            "sampling_rate": self.sampling_rate,
            "stride": self.stride,
            "start_index": self.start_index - self.length,
            "end_index": self.end_index,
            "shuffle": self.shuffle,
            "reverse": self.reverse,
            "batch_size": self.batch_size,
        }

    def to_json(self, **kwargs: Any) -> str:
        """The arguments as JSON; `kwargs` are those of `json.dumps`."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)
