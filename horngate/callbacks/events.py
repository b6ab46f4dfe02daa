"""Event files for TensorBoard, without TensorFlow: each event is in the file as soon as it is added."""

import os
import time
import uuid
from typing import Any

import numpy as np

from horngate.callbacks.log_files import cut
from horngate.utils.generic_utils import PathLike

_EDGES = 1e-12 * 1.1 ** np.arange(774)  # of a histogram's bins above 0, as TensorFlow's are


class EventFiles:
    """The event files that one training, interrupted or not, writes into a folder.

    tensorboardX's own writer hands events to a thread, from which no one can tell when they reach the file.

    # Arguments
        folder: where they are written; it is made where it is missing.
    """

    def __init__(self, folder: PathLike) -> None:
        try:
            import tensorboardX  # noqa: F401
        except ImportError:
            raise ImportError("TensorBoard writes its files with tensorboardX: pip install tensorboardX") from None
        os.makedirs(folder, exist_ok=True)
        self._folder, self._mark = folder, uuid.uuid4().hex
        self._writer: Any = None

    def add_scalar(self, name: str, value: float, step: int) -> None:
        """Add the number `value` of step `step` to the curve `name`."""
        from tensorboardX import summary

        self.add_summary(summary.scalar(name, float(value)), step)

    def add_histogram(self, name: str, values: np.ndarray, step: int) -> None:
        """Add how the numbers in the array `values` are distributed, for step `step` of the histogram `name`."""
        from tensorboardX import summary

        self.add_summary(summary.histogram(name, values, [*-_EDGES[::-1], 0, *_EDGES]), step)

    def add_summary(self, summary: Any, step: int) -> None:
        """Add `summary`, a message of TensorBoard's of that name, for step `step`."""
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import Event  # type: ignore[attr-defined]  # protobuf makes it on import

        if self._writer is None:
            self._writer = EventsWriter(os.path.join(self._folder, "events"), f".{time.time_ns():x}.{self._mark}")
        self._writer.write_event(Event(wall_time=time.time(), step=int(step), summary=summary))

    def flush(self) -> None:
        """Hand all to the system."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """End the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _sizes(self) -> dict[str, int]:
        names = sorted(name for name in os.listdir(self._folder) if name.endswith(self._mark))
        return {name: os.path.getsize(os.path.join(self._folder, name)) for name in names}

    def get_state(self) -> dict[str, Any]:
        """What tells this training's files, and where each ends."""
        self.flush()
        return {"mark": self._mark, "sizes": self._sizes()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on with the files of `state`, which `get_state` gave; what was added to them afterwards is cut off."""
        self.close()
        self._mark = state["mark"]
        for name in self._sizes().keys() - state["sizes"].keys():
            os.unlink(os.path.join(self._folder, name))
        for name, size in state["sizes"].items():
            cut(os.path.join(self._folder, name), size)
