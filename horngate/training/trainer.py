"""Training, testing and predicting: epochs, callbacks, validation and the progress bar around the chunks of steps."""

import contextlib
import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend import notices
from horngate.backend.function import Function
from horngate.training import data as data_module
from horngate.training import on_request
from horngate.training.drawing import Drawing
from horngate.training.kept import random_states
from horngate.training.progress import Progress
from horngate.training.step import by_time, one_by_one

if TYPE_CHECKING:
    from horngate.callbacks import History


class Training:
    """One call of `fit` or `fit_generator`; while it runs, `model.training`.

    # Arguments
        source, validation: `ArrayBatches` or `StreamBatches`; no validation for None.
        callbacks: those of the user.
        validation_freq: after how many epochs to validate, again and again; or the numbers of the epochs, from 1.
    """

    def __init__(
        self,
        model: Any,
        source: Any,
        validation: Any,
        callbacks: Any,
        verbose: int,
        batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> None:
        from horngate import callbacks as cbks  # callbacks stand above this room; they are needed when training starts

        _warn_of_freezing(model)
        self.model, self.source, self.validation = model, source, validation
        self.history, self.names = cbks.History(), on_request.names_reported(model)
        bar = [cbks.ProgbarLogger()] if verbose else []
        told = cbks.CallbackList(callbacks).callbacks
        self.callbacks = cbks.CallbackList([*bar, *told, self.history])
        self.every_batch = any(cbks.needs_every_batch(callback) for callback in told)
        self.snapshots = any(getattr(callback, "takes_snapshots", False) for callback in told)
        self.verbose, self.batch_size, self.validated = verbose, batch_size, validated(validation_freq)
        self.loop = model._make_train_function()
        self.progress, self._prepared = Progress(0), False
        self.chunk: Any = None  # that which runs
        # functions to call when training begins, and whenever a chunk or an epoch is over and all callbacks were told
        self.at_rest: list[Callable[[], None]] = []
        self.drawings: dict[str, Drawing] = {}  # the `Drawing` of each stream, where they are noted
        self.unmet: list[
            tuple[str, Any]
        ] = []  # (name, value) of variables that were kept, and that no trace has met yet

    def functions(self, made: Collection[str] = ()) -> dict[str, Function]:
        """The model's compiled functions by name: `"train"`, and `"test"` and `"predict"` where they are there.

        Those whose names are in `made` are made.
        """
        model, found = self.model, {"train": self.loop.function}
        if "test" in made or self.validation is not None or model._test_loop is not None:
            found["test"] = model._make_test_function().function
        if "predict" in made or getattr(model, "_predict_function", None) is not None:
            found["predict"] = model._make_predict_function()
        return found

    def run(self, initial_epoch: int, nb_epoch: int) -> "History":
        """Train from epoch `initial_epoch` until `nb_epoch`; returns the History."""
        model = self.model
        initial_epoch = data_module.checked_count("initial_epoch", initial_epoch, least=0)
        nb_epoch = data_module.checked_count("nb_epoch", nb_epoch, least=0)
        self.params, self.progress = self._params(nb_epoch), Progress(initial_epoch)
        model.training, model.stop_training = self, False
        try:
            self.callbacks.set_model(model)
            self.callbacks.set_params(self.params)
            self.callbacks.on_train_begin()
            self._rest()
            if self.progress.epoch >= nb_epoch or model.stop_training:
                self._arrive()  # there is nothing left to do
            while self.progress.epoch < nb_epoch and not model.stop_training:
                self._epoch(self.progress)
            self.callbacks.on_train_end()  # not kept: when the script is run again, this is done again
        finally:
            model.training = None
            for source in (self.source, self.validation):
                if source is not None:
                    source.close()
        return self.history

    def _params(self, nb_epoch):
        tested = self.validation is not None
        return {
            "batch_size": self.batch_size,
            "nb_epoch": nb_epoch,
            "nb_sample": self.source.count,
            "verbose": self.verbose,
            "do_validation": tested,
            "metrics": self.names + ["val_" + name for name in self.names] * tested,
        }

    def _epoch(self, progress):
        if not progress.step:
            self._arrive()
        self.callbacks.on_epoch_begin(progress.epoch)
        if progress.step:  # what callbacks do at the beginning of this epoch was done before the interruption
            self._arrive()
        with contextlib.closing(self._chunks(progress)) as chunks:
            for chunk in chunks:
                self._run_chunk(chunk, progress)
                if self.model.stop_training:
                    break
                self._rest()
        if not progress.rows and self.model.stop_training:
            return
        if not progress.rows:
            raise ValueError(
                f"epoch {progress.epoch + 1}: the data gave no batch. What can be gone through only once, such as a "
                "generator, needs steps_per_epoch (or fit_generator), the number of batches that each epoch takes of "
                "it; else fit needs an iterable that starts anew in each epoch."
            )
        self.params["nb_sample"] = self.params["nb_sample"] or progress.samples  # now it is known
        logs = self._logs(np.concatenate(progress.rows).sum(axis=0), progress.samples)
        if self.validation is not None and self.validated(progress.epoch + 1):
            values = measure(self.model, self.validation, by_time(live=False))
            logs.update(("val_" + name, value) for name, value in self._named(values).items())
        self.progress = Progress(progress.epoch + 1)
        self.callbacks.on_epoch_end(progress.epoch, logs)
        self._rest()

    def random_states(self) -> list[Any]:
        """NumPy's and Python's random states, as they belong to the batch that was trained on last."""
        drawn = (drawing.random_states() for drawing in self.drawings.values())
        return next(filter(None, drawn), None) or random_states()

    def note_drawing(self) -> None:
        """Have the draws from streams noted, so that they can be gone back to."""
        for name, source in (("source", self.source), ("validation", self.validation)):
            if source is not None and source.stream is not None and not source.data:
                self.drawings[name] = Drawing(source.stream)

    def _arrive(self):
        if (restore := self.progress.restore) is not None:
            restore()

    def _rest(self):
        for action in self.at_rest:
            action()

    def _chunks(self, progress):
        """The chunks of the epoch that are still to run, in the order that belongs to the epoch."""
        now: Any = np.random.get_state(legacy=False) if self.snapshots or progress.order_state is not None else None
        if progress.order_state is not None:
            np.random.set_state(progress.order_state)
        self.source.epoch = progress.epoch
        if progress.restore is not None and self.source.stream is not None and self.source.stream.passes is not None:
            self.source.stream.passes = self.params["nb_epoch"] - progress.epoch
        live = self.verbose == 1 and sys.stdout.isatty()
        next_steps = one_by_one if self.every_batch else by_time(live)
        chunks = self.source.chunks(self.loop, next_steps, progress.step, progress.samples)
        if progress.order_state is not None:
            np.random.set_state(now)
        if self.source.stream is not None:  # its workers will draw from the same random state, none knows when
            for function in self.functions().values():
                function.set_root()
        progress.order_state = progress.order_state or now
        return chunks

    def _run_chunk(self, chunk, progress):
        self.chunk = chunk
        self.callbacks.on_batch_begin(chunk.first, {"batch": chunk.first, "size": chunk.size})
        if not self._prepared:
            self._prepare()
        rows, samples = chunk.run()
        progress.step, progress.samples = chunk.first + len(rows), progress.samples + samples
        progress.rows.append(rows)
        last = progress.step - 1
        logs = self._logs(rows.sum(axis=0), samples)
        self.callbacks.on_batch_end(last, {"batch": last, "size": samples, **logs})

    def _prepare(self):
        """Begin to compile all that an epoch needs, side by side; the first steps wait for their program only."""
        self._prepared = True
        self.source.prepare(self.loop)
        if self.validation is not None:
            self.validation.prepare(self.model._make_test_function())

    def _logs(self, sums, samples):
        return self._named(self.model.objective.values(sums, samples))

    def _named(self, values):
        """What this training reports of the measured `values`, by name."""
        measured = zip(self.model.objective.metrics_names, values)
        return {name: value for name, value in measured if name in self.names}


def _warn_of_freezing(model):
    """Say that what was frozen or thawed since `compile` takes effect with the next `compile`."""
    changed = set(model._collected_trainable_weights) ^ set(model.trainable_weights)
    if changed:
        names = ", ".join(sorted(weight.name for weight in changed)[:3])
        notices.warn(
            f"{model.name}: `trainable` has changed since compile, for {names} among others. This training still "
            "changes the weights that compile found; call compile again to train those of now."
        )


def measure(
    model: Any, source: Any, next_steps: Callable[[int, int, float], int], on_chunk: Callable[[int], Any] | None = None
) -> list[float]:
    """Loss and metrics over one pass of `source`; `on_chunk(samples)` is told of each chunk."""
    rows, samples = [], 0
    with contextlib.closing(source.chunks(model._make_test_function(), next_steps)) as chunks:
        for chunk in chunks:
            sums, count = chunk.run()
            rows.append(sums)
            samples += count
            if on_chunk is not None:
                on_chunk(count)
    if not samples:
        raise ValueError("there was no batch to test on.")
    return model.objective.values(np.concatenate(rows).sum(axis=0), samples)


def validated(freq: Any) -> Callable[[int], bool]:
    """A function that tells whether to validate after epoch number `epoch`, counted from 1."""
    if isinstance(freq, (list, tuple, set, range)):
        return frozenset(data_module.checked_count("validation_freq", epoch) for epoch in freq).__contains__
    freq = data_module.checked_count("validation_freq", freq)
    return lambda epoch: epoch % freq == 0


def evaluate(model: Any, source: Any, verbose: int = 0) -> list[float]:
    """Loss and metrics; see `Model.evaluate`."""
    with contextlib.closing(source):
        source.prepare(model._make_test_function())
        if not verbose:
            return measure(model, source, by_time(live=False))
        return measure(model, source, by_time(live=True), _bar(source.count).add)


def predict_arrays(
    model: Any, inputs: Any, batch_size: int, verbose: int, steps: int | None = None
) -> list[np.ndarray]:
    """The outputs for arrays, batch by batch; see `Model.predict`."""
    function, count = model._make_predict_function(), int(inputs[0].shape[0])
    if count == 0:
        raise ValueError("predict: the data are empty: they hold no sample.")
    if steps is not None:
        check_enough("predict", steps, batch_size, count)
        count = min(count, steps * batch_size)
    bar, parts = _bar(count) if verbose else None, []
    for start, stop in data_module.make_batches(count, batch_size):
        fed = model._placed_inputs([array[start:stop] for array in inputs], inputs)
        parts.append(_checked_rows(model, function.on_device(*fed), stop - start))
        if bar:
            bar.add(stop - start)
    return joined(parts)


def check_enough(method: str, steps: int, batch_size: int, count: int) -> None:
    """Raise unless `count` samples are enough for `steps` batches, of which the last may be short."""
    held = -(-count // batch_size)
    if steps > held:
        raise ValueError(f"{method}: {steps} batches of {batch_size} were asked for; {count} samples make {held}.")


def predict_stream(model: Any, stream: Any, verbose: int = 0, count: int | None = None) -> list[np.ndarray]:
    """The outputs for the batches of inputs of one pass of a `Stream`; `count`: their samples, where that is known."""
    function, parts, bar = model._make_predict_function(), [], _bar(count) if verbose else None
    with contextlib.closing(stream), contextlib.closing(stream.one_pass()) as batches:
        for inputs in batches:
            found = function.on_device(*model._placed_inputs(inputs, inputs))
            parts.append(_checked_rows(model, found, int(inputs[0].shape[0])))
            if bar:
                bar.add(int(inputs[0].shape[0]))
    if not parts:
        raise ValueError("predict: there was no batch to predict from.")
    return joined(parts)


def _checked_rows(model, outputs, count):
    """The outputs for `count` samples, if they have a row for each."""
    for output, name in zip(outputs, model.output_names):
        if output.shape[:1] != (count,):
            raise ValueError(
                f"output {name!r} has shape {tuple(output.shape)} for {count} samples: it must have a row for each. "
                "Where samples are put together on purpose, use predict_on_batch or K.function."
            )
    return outputs


def joined(parts: Any) -> list[np.ndarray]:
    """The outputs of several batches, each output in one array."""
    if len(parts) == 1:
        return [np.asarray(output) for output in parts[0]]
    return [np.concatenate([np.asarray(part[i]) for part in parts]) for i in range(len(parts[0]))]


def _bar(count):
    from horngate.utils.progbar import Progbar

    return Progbar(count)


def flat(validation: Any) -> list[Any] | None:
    """The validation data as callbacks of Keras 1 expect them: inputs, targets and weights in one list."""
    if validation is None:
        return None
    inputs, targets, weights = validation
    return [*inputs, *targets, *(np.ones(len(y)) if w is None else w for y, w in zip(targets, weights))]
