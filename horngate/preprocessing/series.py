"""Batches of windows of a time series."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.utils.data_utils import Sequence
from horngate.utils.passes import Dataset

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
        self.data: Any = np.asarray(data)
        self.targets: Any = np.asarray(targets)
        if len(self.data) != len(self.targets):
            raise ValueError(
                f"TimeseriesGenerator: data has {len(self.data)} steps and targets {len(self.targets)}; they must be "
                "as many."
            )
        self.length: int = length
        self.sampling_rate: int = sampling_rate
        self.stride: int = stride
        self.start_index: int = start_index + length
        self.end_index: int = len(self.data) - 1 if end_index is None else end_index
        self.shuffle: bool = shuffle
        self.reverse: bool = reverse
        self.batch_size: int = batch_size
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
        changed = {"data": self.data.tolist(), "targets": self.targets.tolist()}
        names = ("length", "sampling_rate", "stride", "end_index", "shuffle", "reverse", "batch_size")
        told = {name: getattr(self, name) for name in names}
        return {**changed, **told, "start_index": self.start_index - self.length}

    def to_json(self, **kwargs: Any) -> str:
        """The arguments as JSON; `kwargs` are those of `json.dumps`."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def timeseries_dataset_from_array(
    data: "ArrayLike",
    targets: "ArrayLike | None",
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Return a `Dataset` of batches (windows, targets) of a time series: window i has the target i.

    # Arguments
        data: the series, (steps, ...).
        targets: a target for each window, such as `data[sequence_length:]` for what follows; None for windows alone.
        sequence_length: steps in a window.
        sequence_stride: steps from one window to the next.
        sampling_rate: every how many-th step of the series is in a window.
        batch_size: windows in a batch; None for single windows.
        shuffle: whether windows come in a random order, in each pass another one.
        seed: a whole number that makes orders repeatable.
        start_index, end_index: the first step that is used, and the first that is not; None for the ends.
        format: 'tf' or 'grain', what Keras 3 returns; here a `Dataset` in either case.
    """
    if format not in ("tf", "grain"):
        raise ValueError(f"format must be 'tf' or 'grain'; received {format!r}.")
    x, y = np.asarray(data), None if targets is None else np.asarray(targets)
    starts = _starts(len(x), y, sequence_length, sequence_stride, sampling_rate, (start_index, end_index))
    if batch_size is not None:
        _check_sizes(batch_size=batch_size)
    size, rng, first = batch_size or 1, np.random.RandomState(seed), start_index or 0
    steps = first + np.arange(sequence_length) * sampling_rate

    def one_pass() -> Iterator[Any]:
        now = rng.permutation(starts) if shuffle else starts
        for place in range(0, len(now), size):
            chosen: Any = now[place] if batch_size is None else now[place : place + size]
            windows = x[steps + chosen] if batch_size is None else x[steps + chosen[:, None]]
            yield windows if y is None else (windows, y[first + chosen])

    return Dataset(one_pass, -(-len(starts) // size))


def _check_sizes(**sizes: int) -> None:
    for name, n in sizes.items():
        if not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"{name} must be a whole number of at least 1; received {n!r}.")


def _starts(count, y, length, stride, rate, ends):
    """Return the first steps of windows, counted from `start_index`; `y`: targets; `ends`: start_index, end_index."""
    _check_sizes(sequence_length=length, sequence_stride=stride, sampling_rate=rate)
    first, end = ends[0] or 0, count if ends[1] is None else ends[1]
    if not 0 <= first < end <= count:
        raise ValueError(
            f"start_index must be below end_index, both within the {count} steps; received {ends[0]}, {ends[1]}."
        )
    windows = end - first - (length - 1) * rate
    given = end - first if y is None else len(y[first:end])
    if min(windows, given) < 1:
        raise ValueError(
            f"no window of {length} steps, {rate} apart, with a target fits: {end - first} steps and {given} targets."
        )
    return np.arange(0, min(windows, given), stride)
