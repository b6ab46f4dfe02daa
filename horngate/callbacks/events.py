"""Event files for TensorBoard, without TensorFlow. Each event is written as soon as it is added."""

import os
import platform
import time
import uuid
from typing import Any

import numpy as np

from horngate.callbacks.log_files import closed_if_full, cut
from horngate.utils.generic_utils import PathLike, need
from horngate.utils.whole_files import make_folder

_EDGES = 1e-12 * 1.1 ** np.arange(774)  # positive bin edges of histograms, as in TensorFlow


class NoFiles:
    """Takes events and writes none: in all processes of a training but the first."""

    def add_scalar(self, name: str, value: float, step: int) -> None:
        """Do nothing with the number `value` of step `step` of the curve `name`."""

    def add_histogram(self, name: str, values: np.ndarray, step: int) -> None:
        """Do nothing with the array `values` of step `step` of the histogram `name`.

        The caller has read the weight, for which all processes are needed.
        """

    def add_embeddings(self, tables: dict[str, np.ndarray]) -> None:
        """Do nothing with the `tables`."""

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def get_state(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Do nothing with `state`."""


class EventFiles:
    """The event files that one training, interrupted or not, writes to a folder.

    The writer of tensorboardX is not used: it passes events to a thread, so it is unknown when they reach the file.

    # Arguments
        folder: folder to write to; created if missing.
    """

    def __init__(self, folder: PathLike) -> None:
        need("tensorboardX", "TensorBoard writes its files with tensorboardX: pip install tensorboardX")
        make_folder(folder)
        self._folder, self._mark = folder, uuid.uuid4().hex
        self._writer: Any = None  # writer of records; the file is created with the first event
        self._path = ""

    def add_scalar(self, name: str, value: float, step: int) -> None:
        """Add the number `value` of step `step` to the curve `name`."""
        from tensorboardX import summary

        self.add_summary(summary.scalar(name, float(value)), step)

    def add_histogram(self, name: str, values: np.ndarray, step: int) -> None:
        """Add the distribution of the array `values` for step `step` to the histogram `name`."""
        from tensorboardX import summary

        self.add_summary(summary.histogram(name, values, [*-_EDGES[::-1], 0, *_EDGES]), step)

    def add_embeddings(self, tables: dict[str, np.ndarray]) -> None:
        """Write the rows of each of the `tables` for TensorBoard's projector, in place of those written before."""
        lines = []
        for name, rows in tables.items():
            file_name = name.replace("/", "_") + ".tsv"
            np.savetxt(os.path.join(self._folder, file_name), rows, fmt="%.7g", delimiter="\t")
            lines.append(f'embeddings {{ tensor_name: "{name}" tensor_path: "{file_name}" }}\n')
        with open(os.path.join(self._folder, "projector_config.pbtxt"), "w", encoding="utf-8") as file:
            file.writelines(lines)

    def add_summary(self, summary: Any, step: int) -> None:
        """Add `summary`, a `Summary` message of TensorBoard, for step `step`."""
        from tensorboardX.proto.event_pb2 import Event  # type: ignore[attr-defined]  # protobuf makes it on import
        from tensorboardX.record_writer import RecordWriter

        now = time.time()
        if self._writer is None:
            name = f"events.out.tfevents.{now:.0f}.{platform.node()}.{time.time_ns():x}.{self._mark}"
            self._path = os.path.join(self._folder, name)
            self._writer = RecordWriter(self._path)
            self._write(Event(wall_time=now, file_version="brain.Event:2"))
        self._write(Event(wall_time=now, step=int(step), summary=summary))

    def _write(self, event: Any) -> None:
        with closed_if_full(self._writer, self._path):
            self._writer.write(event.SerializeToString())

    def flush(self) -> None:
        """Flush all events to the system."""
        if self._writer is not None:
            with closed_if_full(self._writer, self._path):
                self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _sizes(self) -> dict[str, int]:
        names = sorted(name for name in os.listdir(self._folder) if name.endswith(self._mark))
        return {name: os.path.getsize(os.path.join(self._folder, name)) for name in names}

    def get_state(self) -> dict[str, Any]:
        """Return the mark of this training's files, and the size of each file."""
        self.flush()
        return {"mark": self._mark, "sizes": self._sizes()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue the files of `state`, which `get_state` returned; events added afterwards are removed."""
        self.close()
        self._mark = state["mark"]
        for name in self._sizes().keys() - state["sizes"].keys():
            os.unlink(os.path.join(self._folder, name))
        for name, size in state["sizes"].items():
            cut(os.path.join(self._folder, name), size)
