"""fit, evaluate and predict on generators of batches."""
import warnings

from horngate.engine import fitting
from horngate.engine.batches import ArrayBatches, StreamBatches
from horngate.engine.data import checked_count
from horngate.engine.node import single
from horngate.engine.queue import GeneratorEnqueuer


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
        self.source = StreamBatches(model, lambda: taken(self.queue, samples, model), samples)

    def __enter__(self):
        self.queue.start(self.nb_worker, self.max_q_size)
        return self.source

    def __exit__(self, *exception):
        self.queue.stop(timeout=5)


def taken(batches, samples, model):
    """Batches from a queue until they hold `samples` samples; where the generator ends first, so does training."""
    seen = 0
    while seen < samples:
        try:
            data = batches.get()
        except StopIteration:
            warnings.warn(
                f"the generator ended after {seen} of {samples} samples: training ends here. "
                "Let the generator yield for ever: `while True:` around its loop.",
                stacklevel=2,
            )
            model.stop_training = True
            return
        seen += int(data[0][0].shape[0])
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
        return single(fitting.evaluate(model, source))


def predict_generator(model, generator, val_samples, max_q_size=10, nb_worker=1, pickle_safe=False):
    """The outputs; see `Model.predict_generator`."""
    with GeneratorEnqueuer(generator, pickle_safe, lambda item: inputs_of_batch(model, item)) as batches:
        batches.start(nb_worker, max_q_size)
        inputs = iter(batches.get, None)
        return single(fitting.predict_stream(model, inputs, enough=val_samples))
