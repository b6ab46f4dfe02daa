"""fit, evaluate and predict on generators of batches."""
import itertools
import math
import warnings

import numpy as np

from horngate.backend import config
from horngate.engine import fitting
from horngate.engine.batches import ArrayBatches, StreamBatches
from horngate.engine.data import checked_count
from horngate.engine.node import single
from horngate.engine.params import did_you_mean
from horngate.engine.queue import GeneratorEnqueuer


class Steps(int):
    """A number of batches, where a plain number counts samples."""


def endless(sequence):
    """The batches of an object with a length and items, such as a Sequence of Keras 2, again and again."""
    while True:
        for i in range(len(sequence)):
            yield sequence[i]


_SPELLINGS = {  # of Keras 2 -> ours, and what makes ours of it
    "steps_per_epoch": ("samples_per_epoch", Steps), "validation_steps": ("nb_val_samples", Steps),
    "steps": ("val_samples", Steps), "epochs": ("nb_epoch", int), "workers": ("nb_worker", int),
    "max_queue_size": ("max_q_size", int), "use_multiprocessing": ("pickle_safe", bool),
}
_COUNTS = ("samples_per_epoch", "nb_val_samples", "val_samples")
_LENGTHS = (("generator", "samples_per_epoch"), ("generator", "val_samples"), ("validation_data", "nb_val_samples"))
_WITHOUT_EFFECT = ("shuffle", "validation_freq", "verbose")


def arguments(method, given, kwargs):
    """The arguments of a method for generators, those in the spelling of Keras 2 among them; batches count as `Steps`.

    A length that is not told is that of the generator, where it has one.
    """
    chosen = {name: value.value() if isinstance(value, config.EraDefault) else value for name, value in given.items()}
    if config.era().generators_count_batches:
        chosen.update({name: Steps(chosen[name]) for name in _COUNTS if chosen.get(name)})
    for name, value in kwargs.items():
        target, convert = _SPELLINGS.get(name, (None, None))
        if target in chosen:
            chosen[target] = None if value is None else convert(value)
        elif name not in _WITHOUT_EFFECT:
            raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, [*chosen, *_SPELLINGS])}")
    for data, count in _LENGTHS:
        if hasattr(chosen.get(data), "__getitem__") and not isinstance(chosen[data], (tuple, list, np.ndarray)):
            if chosen.get(count, 0) is None:
                chosen[count] = Steps(len(chosen[data]))
            chosen[data] = endless(chosen[data])
    missing = [name for name in ("samples_per_epoch", "val_samples") if chosen.get(name, 0) is None]
    if missing:
        raise TypeError(f"{method} needs {missing[0]}: how many samples to draw from the generator.")
    return chosen


def fit_generator(
    model, generator, samples_per_epoch, nb_epoch, verbose, callbacks, validation_data, nb_val_samples, class_weight,
    max_q_size, nb_worker, pickle_safe, initial_epoch,
):
    """Train; see `Model.fit_generator`."""
    from_generator = hasattr(validation_data, "next") or hasattr(validation_data, "__next__")
    if from_generator and not nb_val_samples:
        raise ValueError(
            "fit_generator: with a generator as validation_data, nb_val_samples must say how many samples to take."
        )
    drawing = (max_q_size, nb_worker, pickle_safe)
    with _drawn(model, generator, samples_per_epoch, drawing, class_weight) as source:
        if from_generator:
            with _drawn(model, validation_data, nb_val_samples, drawing) as validation:
                return fitting.Training(model, source, validation, callbacks, verbose).run(initial_epoch, nb_epoch)
        validation = None
        if validation_data is not None:
            checked = model._standardize_user_data(*validation_data)
            model.validation_data = fitting.flat(checked)
            validation = ArrayBatches(model, checked, min(32, checked[0][0].shape[0]))
        return fitting.Training(model, source, validation, callbacks, verbose).run(initial_epoch, nb_epoch)


class _drawn:
    """Batches that workers draw from a generator; the workers end with the block."""

    def __init__(self, model, generator, samples, drawing, class_weight=None):
        max_q_size, nb_worker, pickle_safe = drawing
        self.max_q_size = checked_count("max_q_size", max_q_size)
        self.nb_worker = checked_count("nb_worker", nb_worker)
        if not hasattr(generator, "__next__") and not hasattr(generator, "next"):
            raise TypeError(
                f"the generator must give batches by next(); received {type(generator).__name__}. Use fit, evaluate or "
                "predict for arrays and for iterables, or iter(...) around a list of batches."
            )
        if not samples > 0:
            raise ValueError(f"the number of samples to draw must be above 0; received {samples!r}")
        self.queue = GeneratorEnqueuer(generator, pickle_safe, lambda item: checked_batch(model, item, class_weight))
        known = None if isinstance(samples, Steps) else samples
        self.source = StreamBatches(model, lambda: taken(self.queue, samples, model), known)

    def __enter__(self):
        self.queue.start(self.nb_worker, self.max_q_size)
        return self.source

    def __exit__(self, *exception):
        self.queue.stop(timeout=5)


def taken(batches, samples, model):
    """Batches from a queue until they hold `samples` samples; where the generator ends first, so does training."""
    seen, what = 0, "batches" if isinstance(samples, Steps) else "samples"
    while seen < samples:
        try:
            data = batches.get()
        except StopIteration:
            warnings.warn(
                f"the generator ended after {seen} of {samples} {what}: training ends here. "
                "Let the generator yield for ever: `while True:` around its loop.",
                stacklevel=2,
            )
            model.stop_training = True
            return
        seen += 1 if isinstance(samples, Steps) else int(data[0][0].shape[0])
        yield data


def checked_batch(model, item, class_weight=None):
    """Checked inputs, targets and weights of what a generator yields."""
    if not isinstance(item, (tuple, list)) or len(item) not in (2, 3):
        raise ValueError(
            f"the generator must yield (x, y) or (x, y, sample_weight); it gave {type(item).__name__} {str(item)[:80]}"
        )
    x, y, weight = (*item, None)[:3]
    return model._standardize_user_data(x, y, sample_weight=weight, class_weight=class_weight)


def inputs_of_batch(model, item):
    """Checked inputs of what a generator yields, alone or together with targets."""
    with_targets = isinstance(item, tuple) or isinstance(item, list) and len(item) == 2 != len(model.inputs)
    return model._standardize_inputs(item[0] if with_targets else item)


def evaluate_generator(model, generator, val_samples, max_q_size=10, nb_worker=1, pickle_safe=False):
    """Loss and metrics; see `Model.evaluate_generator`."""
    with _drawn(model, generator, val_samples, (max_q_size, nb_worker, pickle_safe)) as source:
        return fitting.evaluate(model, source)


def predict_generator(model, generator, val_samples, max_q_size=10, nb_worker=1, pickle_safe=False):
    """The outputs; see `Model.predict_generator`."""
    with GeneratorEnqueuer(generator, pickle_safe, lambda item: inputs_of_batch(model, item)) as batches:
        batches.start(nb_worker, max_q_size)
        inputs, enough = iter(batches.get, None), val_samples
        if isinstance(val_samples, Steps):
            inputs, enough = itertools.islice(inputs, val_samples), math.inf
        return single(fitting.predict_stream(model, inputs, enough=enough))
