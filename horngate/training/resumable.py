"""Resumable sources: record how far a source of batches was read, and go back to that place."""

from typing import Any

from horngate.backend.notices import warn
from horngate.training.plain_state import random_states, same_states, set_random_states
from horngate.training.workers import advance, next_task, task_of

_TELLING = ("get_state", "set_state"), ("state_dict", "load_state_dict")


def _place_of(x):
    """Return the functions that read and set the place of a source or an iterator; None if it has none."""
    names = next((pair for pair in _TELLING if all(hasattr(x, name) for name in pair)), None)
    return names and [getattr(x, name) for name in names]


class ResumableSource:
    """A source of a `Stream` that counts its batches, so that a killed training resumes with the next one.

    The state of a source with `get_state()` and `set_state(state)`, or `state_dict()` and `load_state_dict(state)`, is
    recorded after each batch; so is that of an iterator over its pass. For any other source, the batches already used
    are drawn again, from the random states at the start of each pass, and dropped. Then the random states of NumPy,
    Python and PyTorch are set to those after the last batch used, even if workers had drawn ahead.

    `place` is (pass, draws in it, random states afterwards, the source's state) for the last batch used.
    """

    def __init__(self, stream: Any) -> None:
        self._source, self._stream, self._here = stream.source, stream, not stream.processes
        # for each pass: the random states at its start; None if the pass before ended in the same states
        self._begun: list[Any] = []
        # for each pass: [number of draws, whether it was exhausted, whether it has ended]
        self._draws: list[list[Any]] = []
        self._ended: Any = None
        self._place: Any = None
        self._going_on: Any = None
        self._changes = {
            "batches": False,
            "passes": False,
        }  # whether drawing a batch, or starting a pass, changes random states
        self._latest: Any = None
        self._count, self._went_to = 0, False
        stream.source, stream.note = self, self._note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    # Called by the stream.

    def a_pass(self) -> Any:
        """Return the iterator for the next pass, or for the rest of an interrupted one."""
        going_on, self._going_on = self._going_on, None
        if going_on is not None:
            return going_on
        begun = random_states()
        self._begun.append(None if self._draws and same_states(begun, self._ended) else begun)
        self._draws.append([0, False, False])
        self._count = self._count if self._stream.goes_on else 0
        if self._went_to and _of_datasets(self._source.x):
            self._source.x.load_state_dict(None)  # otherwise each later pass would begin there too
        a_pass = self._source.a_pass()
        self._changes["passes"] |= not same_states(begun, random_states())
        return self._noted(a_pass)

    def _noted(self, iterator, again=False):
        return (_Noted if task_of(iterator) is None else _NotedParted)(iterator, self, again)

    def end(self, a_pass: Any) -> None:
        """End a pass of the source."""
        before = random_states()
        self._source.end(a_pass.iterator)
        self._ended = random_states()
        self._changes["passes"] |= not same_states(before, self._ended)
        self._draws[-1][2] = True

    def draw(self, a_pass: Any, function: Any) -> Any:
        """Return the batch that `function()` draws, and record the place after it before the next draw."""
        before = random_states()
        try:
            item = function()
        except StopIteration:
            self._draws[-1][1] = True
            raise
        after = random_states()
        self._changes["batches"] |= not same_states(before, after)
        self._draws[-1][0] += 1
        place = (_place_of(self._source.x) or _place_of(a_pass.iterator)) if self._here else None
        told = place and place[0]()
        self._latest = len(self._draws) - 1, self._draws[-1][0], after, told
        return item

    def _note(self):
        """Return the place after the batch drawn last; with processes, only the number of batches is known."""
        if self._here:
            return self._latest
        self._count += 1
        if self._draws:
            self._draws[-1][0] = self._count
        return max(0, len(self._draws) - 1), self._count, None, None

    # Saved with a training.

    @property
    def place(self) -> Any:
        """The place after the last batch used; None before the first."""
        self._place = self._stream.noted or self._place
        return self._place

    def random_states(self) -> list[Any] | None:
        """Return the random states after the last batch used; None if drawing did not change them."""
        over = not self._stream.goes_on and self._draws and self._draws[-1][2]
        changing = self._changes["batches"] or self._stream.goes_on and self._changes["passes"]
        return self.place[2] if self.place and changing and not over else None

    def state(self) -> dict[str, Any]:
        """Return the place as plain data for `restore`."""
        passes = 0 if self.place is None else self.place[0] + 1
        return {
            "place": self.place,
            "begun": self._begun[:passes],
            "draws": self._draws[:passes],
            "changes": self._changes,
            "started": self._stream.started,
        }

    def restore(self, state: Any, amid_pass: bool) -> None:
        """Go back to the place of `state`; `amid_pass`: whether its last pass had not ended."""
        if state["place"] is None:
            return
        self._place, self._changes = tuple(state["place"]), state["changes"]
        self._begun, self._draws = list(state["begun"]), [list(each) for each in state["draws"]]
        count, amid_pass = self._place[1], amid_pass or self._stream.goes_on
        if self._here and self._place[3] is not None and self._went(self._place[3], count, amid_pass):
            return
        self._say(sum(draws for draws, *_ in self._draws[:-1]) + count)
        if self._here or not self._stream.goes_on:
            for number in range(len(self._draws) - amid_pass):
                self._draw_again(number)
        if amid_pass and self._here:
            a_pass = self._begin_again(-1)
            self._drop(a_pass, count)
            self._go_on(a_pass, count)
        elif amid_pass:
            self._stream.draw_again(state["started"], count)
            kept = 0 if self._stream.goes_on else -1  # the passes that are not started again
            del self._begun[kept:], self._draws[kept:]

    def _went(self, told, count, amid_pass):
        """Go to the place that the source or its iterator has told; return whether one of them could."""
        own, self._went_to = _place_of(self._source.x), amid_pass
        if own is not None and (amid_pass or own[0].__name__ == "get_state"):  # a loader at its end would give nothing
            own[1](told)
        if not amid_pass:
            return True
        a_pass = self._source.a_pass()
        if own is None and (place := _place_of(a_pass)) is not None:
            place[1](told)
        elif own is None:
            return False
        self._go_on(a_pass, count)
        return True

    def _begin_again(self, number):
        if self._begun[number] is not None:
            set_random_states(self._begun[number])
        return self._source.a_pass()

    def _draw_again(self, number):
        """Draw and drop a whole pass again."""
        a_pass, (draws, nothing_left, over) = self._begin_again(number), self._draws[number]
        self._drop(a_pass, draws)
        if self._here and nothing_left:
            next(a_pass, None)
        if over:
            self._source.end(a_pass)
        self._ended = random_states()

    def _go_on(self, a_pass, count):
        self._draws[-1] = [count, False, False]
        self._going_on = self._noted(a_pass, again=True)

    def begins_anew(self, noted: Any) -> bool:
        """Start the next pass in `noted` if passes follow each other without a pause; return whether they do."""
        if self._stream.goes_on and not self._source.once:
            self.end(noted)
            noted.iterator = self.a_pass().iterator
            return True
        return False

    def _drop(self, a_pass, count):
        if not self._here:
            return
        skip = getattr(a_pass, "skip", None)
        if skip is not None and not self._changes["batches"]:
            skip(count)
            return
        task = task_of(a_pass) if self._stream.workers > 1 else None
        for _ in range(count):
            advance(a_pass) if task is None else task()

    def _say(self, count):
        warn(
            f"BackupAndResume: the {count} batches that were used before the interruption are drawn once more from "
            f"{type(self._source.x).__name__} and dropped. Give it get_state() and set_state(state), or state_dict() "
            "and load_state_dict(state), to go on at once.",
            RuntimeWarning,
        )


class _Noted:
    """An iterator over a pass; a `ResumableSource` records its draws.

    `again`: whether this is the rest of an interrupted pass. If nothing is left of it and passes follow each other, the
    iterator continues with the next pass, as an empty pass would end the batches.
    """

    def __init__(self, iterator: Any, drawing: Any, again: bool = False) -> None:
        self.iterator, self._drawing, self._again = iterator, drawing, again

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self._draw(lambda: advance(self.iterator))

    def _draw(self, function):
        try:
            item = self._drawing.draw(self, function)
        except StopIteration:
            if not self._again or not self._drawing.begins_anew(self):
                raise
            self._again = False
            return self._draw(function)
        self._again = False
        return item


class _NotedParted(_Noted):
    """A `_Noted` for a source that separates drawing from making; see `workers.task_of`."""

    def __next__(self) -> Any:
        return super().__next__()

    vars(__next__)["task"] = lambda self: self._draw(lambda: next_task(self.iterator))


def _of_datasets(x):
    return type(x).__module__.partition(".")[0] == "datasets"  # of Hugging Face
