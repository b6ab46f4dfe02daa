"""Training, testing and prediction: run chunks of steps, call callbacks, validate and show progress."""

import contextlib
import math
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend import notices
from horngate.backend.function import Function, writable
from horngate.backend.memory import explained_out_of_memory
from horngate.training import accuracy_on_request
from horngate.training.batches import Source
from horngate.training.doubtful import remark_on_loss
from horngate.training.epochs import Epochs, Progress, RunningMeans, Trainee, validated
from horngate.training.fit_arguments import Options
from horngate.training.layouts import agree_on, leads
from horngate.training.plain_state import random_states
from horngate.training.predict_step import PredictStep
from horngate.training.resumable import ResumableSource
from horngate.training.spec import Spec
from horngate.training.step import LIVE, QUIET, Pace, Step, Steps

if TYPE_CHECKING:
    from horngate.callbacks import CallbackList, History


_UNUSUAL = 16  # number of programs for one step that gives a warning


class _Running(threading.local):
    """The id of a model -> the `Training` that runs on it, in each thread."""

    def __init__(self) -> None:
        self.by_model: dict[int, Training] = {}


_running = _Running()


def running_on(model: Any) -> "Training | None":
    """Return the training of `model` that runs in this thread, or None."""
    return _running.by_model.get(id(model))


@contextlib.contextmanager
def _run_on(model, training):
    running = _running.by_model
    outer = running.get(id(model))  # of a fit within a fit
    running[id(model)] = training
    try:
        yield
    finally:
        del running[id(model)]
        if outer is not None:
            running[id(model)] = outer


class Training(Epochs):
    """One call of `fit` or `fit_generator`; while it runs, it is `model.training`.

    # Arguments
        model: the model; callbacks get it, and may set its `stop_training`.
        spec, steps: the `Spec` and the compiled `Steps` of the model.
        source, validation: the data to train and to validate on; None for no validation.
    """

    until_it_ends: contextlib.ExitStack

    model: Any
    spec: Spec
    steps: Steps
    source: Source
    validation: Source | None
    trainee: Trainee
    names: Sequence[str]
    params: dict[str, Any]
    callbacks: "CallbackList"
    snapshots: bool
    pace: Pace
    options: Options
    step: Step
    shared: bool  # whether several processes train together

    def __init__(
        self, model: Any, spec: Spec, steps: Steps, source: Source, validation: Source | None, options: Options
    ) -> None:
        from horngate import callbacks as cbks  # from a room above, when training starts

        self.model, self.spec, self.steps, self.source, self.validation = model, spec, steps, source, validation
        given = cbks.CallbackList(options.callbacks)
        told = given.callbacks
        every_batch = any(cbks.needs_every_batch(callback) for callback in told)
        self.shared = spec.layout is not None and spec.layout.spans
        if self.shared and not leads(model):
            options.verbose, told = 0, [each for each in told if not getattr(each, "of_one_process", False)]
        bar = [cbks.ProgbarLogger()] if options.verbose else []
        self.trainee = Trainee(model, accuracy_on_request.names_reported(model), told, bar)
        self.names, self.params, self.callbacks = self.trainee.names, self.trainee.params, self.trainee.callbacks
        self.snapshots = any(getattr(callback, "takes_snapshots", False) for callback in told)
        live = options.verbose == 1 and sys.stdout.isatty()
        if self.shared:
            live = processes_ask(live)
        self.pace = Pace(None if every_batch else LIVE if live else QUIET, shared=self.shared)
        self._test_pace = test_pace(given, shared=self.shared)
        self.options, self.step, self._prepared = options, steps["train"], False
        super().__init__(options.nb_epoch, validation is not None, validated(options.validation_freq))
        self.progress: Progress = Progress(options.initial_epoch)
        self.chunk: Any = None  # the current chunk
        self._programs: float = self.step.programs + _UNUSUAL
        # functions called when training starts, and after each chunk or epoch, when all callbacks have been called
        self.at_rest: list[Callable[[], None]] = []
        self.until_it_ends = contextlib.ExitStack()  # closed however training ends
        self.resumable: dict[str, ResumableSource] = {}  # for each stream, if its draws are recorded
        # (name, value) of saved variables that no trace has found yet
        self.unmet: list[tuple[str, Any]] = []
        self._told = False  # that a loss is not finite

    def functions(self, made: Collection[str] = ()) -> dict[str, Function]:
        """Return name -> compiled function: `"train"`, and `"test"` and `"predict"` if they exist.

        Those whose names are in `made` are made first.
        """
        return self.steps.functions("train", *made, *(["test"] if self.validation is not None else []))

    def run(self) -> "History":
        """Train. Returns the `History`."""
        options = self.options
        try:
            with _run_on(self.model, self), self.until_it_ends, self.callbacks.undone():
                if self.shared:
                    share_random_states()
                self.trainee.begin(options.batch_size, self.nb_epoch, self.source.count, options.verbose, self.tested)
                self._loop()
        finally:
            for source in (self.source, self.validation):
                if source is not None:
                    source.close()
        return self.trainee.history

    def _running(self):
        return not self.model.stop_training

    def _tell(self, hook, epoch=None, logs=None):
        progress, arguments = self.progress, [each for each in (epoch, logs and logs[0]) if each is not None]
        if hook == "on_epoch_end" and not (
            self._told or any(getattr(each, "found", None) for each in self.callbacks.callbacks)
        ):
            sources, taken = {"": self.source, "val_": self.validation}, getattr(self.chunk, "taken", ())
            self._told = remark_on_loss(logs[0], f"epoch {(epoch or 0) + 1}", self.spec, sources, taken)
        if hook == "on_epoch_begin" and not progress.step:
            self._arrive()
        self.trainee.tell(hook, *arguments)
        self._agree()
        if hook == "on_epoch_begin" and progress.step:  # callbacks were called before the interruption
            self._arrive()
        if hook in ("on_train_begin", "on_epoch_end"):  # not after the end: a script that runs again calls it again
            self._rest()
        if hook == "on_train_begin" and (self.progress.epoch >= self.nb_epoch or not self._running()):
            self._arrive()  # no step is left

    def _arrive(self):
        if (restore := self.progress.restore) is not None:
            restore()

    def _agree(self):
        """Let what callbacks have set be the same in all processes: `stop_training`, and values of variables."""
        if self.shared:
            agree_on(self.step.function.variables)
            self.model.stop_training = processes_ask(self.model.stop_training)

    def _rest(self):
        for action in self.at_rest:
            action()

    def _trained(self, progress):
        if not progress.step:
            self.trainee.objective.begin()
        self.model.steps  # noqa: B018  heeds what callbacks have set on layers
        while (now := self.step.successor) is not None:
            self.step, self._prepared = now, False
        with contextlib.closing(self._chunks(progress)) as chunks:
            for chunk in chunks:
                self._run(chunk, progress)
                if self.model.stop_training:
                    break
                self._rest()
        if not progress.rows and self.model.stop_training:
            return None
        if not progress.rows:
            raise ValueError(
                f"epoch {progress.epoch + 1}: the data gave no batch. What can be gone through only once, such as a "
                "generator, needs steps_per_epoch (or fit_generator), the number of batches that each epoch takes of "
                "it; else fit needs an iterable that starts anew in each epoch."
            )
        self.params["nb_sample"] = self.params["nb_sample"] or progress.samples  # known after the first epoch
        return [self.trainee.logs(np.concatenate(progress.rows), progress.samples, whole=True)]

    def _tested(self):
        tell = self.callbacks.tell
        tell("on_test_begin", {})
        step = self.steps["test"]
        measures: Any = step.measures or self.spec.objective
        values = measure(step, self.validation, measures, self._test_pace, tell=tell)
        logs = self.trainee.named(values, measures.metrics_names if step.measures is not None else None)
        tell("on_test_end", dict(logs))
        return [logs]

    def _chunks(self, progress):
        """Yield the remaining chunks of the epoch, in the epoch's order."""
        source, stream = self.source, self.source.stream
        if self.shared and source.orders is not None:
            share_random_states()
        now: Any = np.random.get_state(legacy=False) if self.snapshots or progress.order_state is not None else None
        if progress.order_state is not None:
            np.random.set_state(progress.order_state)
        source.epoch = progress.epoch
        if progress.restore is not None and stream is not None and stream.passes is not None:
            stream.passes = self.nb_epoch - progress.epoch
        chunks = source.chunks(self.step, self.pace, progress.step, progress.samples)
        if progress.order_state is not None:
            np.random.set_state(now)
        if stream is not None:  # its workers draw from the same random state at any time
            for function in self.functions().values():
                function.set_root()
        progress.order_state = progress.order_state or now
        return chunks

    def _run(self, chunk, progress):
        self.chunk = chunk
        self.trainee.tell("on_batch_begin", chunk.first, {"batch": chunk.first, "size": chunk.size})
        if not self._prepared:
            self._prepare()
        rows = self.step.run(chunk)
        if self.step.programs > self._programs:
            self._programs = math.inf
            notices.say(
                f"horngate: fit has compiled the step for {self.step.programs} sizes of batches, which takes longer "
                "than the steps. Pad sequences to a few lengths (preprocessing.sequence.buckets), and give batches of "
                "one size."
            )
        progress.step, progress.samples = chunk.first + len(rows), progress.samples + chunk.samples
        progress.rows.append(rows)
        last = progress.step - 1
        if self.model._era.running_batch_logs:
            logs = RunningMeans(self.trainee.logs(progress.added(rows)[None], progress.samples), chunk.samples)
        else:
            logs = {"batch": last, "size": chunk.samples, **self.trainee.logs(rows, chunk.samples)}
        self.trainee.tell("on_batch_end", last, logs)
        self._agree()

    def _prepare(self):
        """Start to compile all programs of an epoch in parallel; the first steps wait only for their own."""
        self._prepared = True
        if self.spec.layout is not None:
            self.spec.layout.remark_on(self.chunk.size)
        self.source.prepare(self.step, self.pace.span)
        if self.validation is not None:
            self.validation.prepare(self.steps["test"], self._test_pace.span)

    # for saving the state of a training

    def random_states(self) -> list[Any]:
        """Return NumPy's and Python's random states after the batch that was trained on last."""
        drawn = (source.random_states() for source in self.resumable.values())
        return next(filter(None, drawn), None) or random_states()

    def note_sources(self) -> None:
        """Record the draws from streams, so that a resumed training can repeat them."""
        for name, source in (("source", self.source), ("validation", self.validation)):
            if source is not None and source.stream is not None and not source.data:
                self.resumable[name] = ResumableSource(source.stream)


def share_random_states() -> None:
    """Give the random generators of all processes the states of process 0."""
    from horngate.backend import processes  # not imported where there is one process

    processes.agree_on_random_states()


def processes_ask(stop: bool) -> bool:
    """Return whether any process wants to stop."""
    from horngate.backend import processes  # not imported where there is one process

    return processes.any_of(stop)[0]


def test_pace(callbacks: "CallbackList | None", span: float = QUIET, shared: bool = False) -> Pace:
    """Return the pace of testing: step by step if a callback needs each step; `shared` as for `Pace`."""
    every_step = callbacks is not None and callbacks.define("on_test_batch_begin", "on_test_batch_end")
    return Pace(None if every_step else span, shared=shared)


def measure(
    step: Step, source: Any, objective: Any, pace: Pace, on_chunk: Any = None, tell: Callable[..., None] | None = None
) -> list[float]:
    """Return the loss and metrics over a pass of `source`.

    `on_chunk(samples)` is called after each chunk; `tell` calls a method of the callbacks.
    """
    rows, samples = [], 0
    objective.begin()
    with contextlib.closing(source.chunks(step, pace)) as chunks:
        for chunk in chunks:
            if tell is not None:
                tell("on_test_batch_begin", chunk.first, {"batch": chunk.first, "size": chunk.size})
            rows.append(step.run(chunk))
            samples += chunk.samples
            if tell is not None:
                tell("on_test_batch_end", chunk.first, {"batch": chunk.first, "size": chunk.samples})
            if on_chunk:
                on_chunk(chunk.samples)
    if not samples:
        raise ValueError("there was no batch to test on.")
    return objective.values(objective.total(np.concatenate(rows)), samples)


def evaluate(
    step: Step,
    source: Source,
    objective: Any,
    verbose: int = 0,
    callbacks: "CallbackList | None" = None,
    spec: Spec | None = None,
) -> list[float]:
    """Return the loss and metrics; see `Model.evaluate`. `spec`: that of the data, for warnings about them."""
    tell = None if callbacks is None else callbacks.tell
    with contextlib.closing(source):
        layout = step.function.layout
        pace = test_pace(callbacks, LIVE if verbose else QUIET, shared=layout is not None and layout.spans)
        verbose = verbose if layout is None or layout.leads else 0
        source.prepare(step, pace.span)
        values = measure(step, source, objective, pace, verbose and bar_of(source.count).add, tell)
        if spec is not None and step.measures is None:
            remark_on_loss({"loss": values[0]}, "evaluate", spec, {"": source}, ())
        return values


def predict(
    step: PredictStep,
    names: Sequence[str],
    batches: Any,
    verbose: int = 0,
    count: int | None = None,
    callbacks: "CallbackList | None" = None,
    as_told: Callable[[Any], Any] = list,
) -> list[np.ndarray]:
    """Return the outputs for batches from `data.prepared_to_predict`.

    `names`: names of the outputs. `count`: number of samples, or None. `as_told`: the outputs as callbacks see them.
    """
    layout = step.function.layout
    bar = bar_of(count) if verbose and (layout is None or layout.leads) else None
    parts: list[Any] = []
    with explained_out_of_memory(step.function):
        with contextlib.closing(batches):
            for (feeds, proven), size in batches:
                if callbacks is not None:
                    callbacks.tell("on_predict_batch_begin", len(parts), {"batch": len(parts), "size": size})
                outputs = step.outputs(feeds, proven, size)
                if callbacks is not None:
                    logs = {"batch": len(parts), "outputs": as_told(outputs)}
                    callbacks.tell("on_predict_batch_end", len(parts), logs)
                _check_rows(outputs, names, size)
                parts.append(outputs)
                if bar:
                    bar.add(size)
        if not parts:
            raise ValueError("predict: there was no batch to predict from.")
        if len(parts) == 1:
            return [writable(output) for output in parts[0]]
        return [np.concatenate([np.asarray(part[i]) for part in parts]) for i in range(len(parts[0]))]


def _check_rows(outputs, names, count):
    """Raise ValueError unless the outputs have a row for each of `count` samples."""
    for output, name in zip(outputs, names):
        if output.shape[:1] != (count,):
            raise ValueError(
                f"output {name!r} has shape {tuple(output.shape)} for {count} samples: it must have a row for each. "
                "Where samples are put together on purpose, use predict_on_batch or K.function."
            )


def bar_of(count: int | None) -> Any:
    """Return a progress bar for `count` samples or models."""
    from horngate.utils.progbar import Progbar

    return Progbar(count)
