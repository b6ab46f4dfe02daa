"""The progress bar: live on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

_REDRAW = 0.1  # seconds between two drawings of a live bar


class Progbar:
    """Shows progress, and the means of values.

    # Arguments
        target: total number of units, or None if unknown.
        width: characters of the bar.
        verbose: 1 a bar, 2 one line at the end, 0 nothing.
        interval: minimum seconds between two updates of the bar.
        stateful_metrics: names of values of which the last is shown, not their mean.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 30,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
    ) -> None:
        self.target: int | None = target
        self.width: int = width
        self.verbose: int = verbose
        self.interval: float = max(interval, _REDRAW)
        self.stateful_metrics: set[str] = set(stateful_metrics or ())
        self.sum_values: dict[str, list[float]] = {}
        self.unique_values: list[str] = []
        self.start: float = time.time()
        self.last_update: float = 0.0
        self.seen_so_far: int = 0
        self.total_width: int = 0
        from horngate.backend import switches  # with JAX, which writing files does without

        self._tell = switches.tell
        self.live: bool = switches.is_interactive_logging_enabled() and _is_live(sys.stdout)

    def update(self, current: int, values: Iterable[tuple[str, float]] | None = None, force: bool = False) -> None:
        """Set the number of finished units to `current`.

        `values`: pairs (name, value) for the units since the last call. `force`: draw a live bar at once.
        """
        weight = current - self.seen_so_far
        for name, value in values or []:
            if name not in self.sum_values:
                self.unique_values.append(name)
                self.sum_values[name] = [0.0, 0]
            total = [0.0, 0] if name in self.stateful_metrics else self.sum_values[name]
            self.sum_values[name] = [total[0] + value * weight, total[1] + weight]
        self.seen_so_far = current
        done = self.target is not None and current >= self.target
        now = time.time()
        if self.verbose == 1 and (self.live and (force or done or now - self.last_update > self.interval) or done):
            self._draw(now, done)
        elif self.verbose == 2 and done:
            self._tell(f"{int(now - self.start)}s{self._means()}")

    def add(self, n: int, values: Iterable[tuple[str, float]] | None = None) -> None:
        """Add `n` finished units; `values` as for `update`."""
        self.update(self.seen_so_far + n, values)

    def _draw(self, now: float, done: bool) -> None:
        self.last_update = now
        line = self._bar() + self._time_left(now, done) + self._means()
        if self.live:
            padding = " " * max(0, self.total_width - len(line))
            sys.stdout.write("\r" + line + padding + "\n" * done)
            sys.stdout.flush()
            self.total_width = len(line)
        else:
            self._tell(line)

    def _bar(self) -> str:
        if self.target is None:
            return f"{self.seen_so_far}"
        digits = len(str(self.target))
        part = min(1.0, self.seen_so_far / self.target) if self.target else 1.0
        filled = int(self.width * part)
        arrow = "" if part >= 1 or not filled else ">"
        bar = "=" * max(0, filled - len(arrow)) + arrow
        return f"{self.seen_so_far:{digits}d}/{self.target} [{bar:.<{self.width}}]"

    def _time_left(self, now: float, done: bool) -> str:
        spent = now - self.start
        if done or not self.seen_so_far or self.target is None:
            return f" - {int(spent)}s"
        return f" - ETA: {int(spent / self.seen_so_far * (self.target - self.seen_so_far))}s"

    def _means(self) -> str:
        parts = []
        for name in self.unique_values:
            total, count = self.sum_values[name]
            mean = total / max(1, count)
            mean = mean if isinstance(mean, float) else float(np.mean(mean))  # of a value for each class
            parts.append(f" - {name}: {mean:.4f}" if abs(mean) > 1e-3 or mean == 0 else f" - {name}: {mean:.4e}")
        return "".join(parts)


def _is_live(stream: Any) -> bool:
    """Whether a line on this stream can be overwritten."""
    return bool(getattr(stream, "isatty", lambda: False)()) or "ipykernel" in sys.modules
