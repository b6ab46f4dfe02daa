"""fit, evaluate and predict on generators of batches."""

import inspect
import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from horngate.backend import config
from horngate.engine.arguments import did_you_mean
from horngate.engine.node import single
from horngate.training import trainer
from horngate.training.batches import ArrayBatches, StreamBatches
from horngate.training.data import check_array_lengths, checked_count, is_stream
from horngate.training.sources import Indexed, source_of
from horngate.training.stream import Steps, Stream, told

if TYPE_CHECKING:
    from horngate.callbacks import History


def _steps(count):
    """A number of batches; as in Keras 2, an epoch ends with the batch that reaches it."""
    return Steps(math.ceil(count))


_SPELLINGS: dict[str, Any] = {  # of Keras 2 -> ours, and what makes ours of it
    "steps_per_epoch": ("samples_per_epoch", _steps),
    "validation_steps": ("nb_val_samples", _steps),
    "steps": ("val_samples", _steps),
    "epochs": ("nb_epoch", int),
    "workers": ("nb_worker", int),
    "max_queue_size": ("max_q_size", int),
    "use_multiprocessing": ("pickle_safe", bool),
}
_COUNTS = ("samples_per_epoch", "nb_val_samples", "val_samples")
_OF_KERAS_2: dict[str, dict[str, Any]] = {  # what the methods take beside Keras 1's arguments, and its default
    "fit_generator": {"shuffle": None, "validation_freq": 1},
    "evaluate_generator": {"verbose": 0},
    "predict_generator": {"verbose": 0},
}


def arguments(method: str, given: dict[str, Any], kwargs: dict[str, Any], era: config.Era) -> dict[str, Any]:
    """The arguments of a method for generators, those in the spelling of Keras 2 among them; batches count as `Steps`.

    `era` is that of the model.

    Of a source that has a length or begins anew, a pass is all of it where no number is given.
    """
    chosen = {
        name: value.value(era) if isinstance(value, config.EraDefault) else value for name, value in given.items()
    }
    chosen.update(_OF_KERAS_2[method])
    if era.generators_count_batches:
        chosen.update({name: _steps(chosen[name]) for name in _COUNTS if chosen.get(name)})
    for name, value in kwargs.items():
        target, convert = _SPELLINGS.get(name, (None, None))
        if target in chosen:
            chosen[target] = None if value is None else convert(value)
        elif name in _OF_KERAS_2[method]:
            chosen[name] = value
        else:
            raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, [*chosen, *_SPELLINGS])}")
    count = next(name for name in ("samples_per_epoch", "val_samples") if name in chosen)
    _check_count(method, count, chosen[count], chosen["generator"])
    for name in ("max_q_size", "nb_worker"):
        chosen[name] = checked_count(name, chosen[name])
    return chosen


def _check_count(method, name, count, generator):
    source = source_of(generator)
    if count is None and source.once and source.length is None:
        raise TypeError(f"{method} needs {name}: how many samples to draw from the generator.")
    if count is not None and not count > 0:
        raise ValueError(f"{name} must be above 0, the number to draw from the generator; received {count!r}")


def fit_generator(
    model: Any,
    generator: Any,
    samples_per_epoch: int | None,
    nb_epoch: int,
    verbose: int,
    callbacks: Any,
    validation_data: Any,
    nb_val_samples: int | None,
    class_weight: Any,
    max_q_size: int,
    nb_worker: int,
    pickle_safe: bool,
    initial_epoch: int,
    shuffle: bool | None,
    validation_freq: Any,
) -> "History":
    """Train; see `Model.fit_generator`."""
    drawing = {"ahead": max_q_size, "workers": nb_worker, "processes": pickle_safe}
    train = source_of(generator, True if shuffle is None else shuffle)
    if shuffle and not isinstance(train, Indexed):
        warnings.warn(
            f"shuffle={shuffle!r} has no effect on the batches of {type(generator).__name__}, which come in its own "
            "order: it is for a Sequence.",
            stacklevel=3,
        )
    # two sources are drawn from in turn: both may use NumPy's random state
    passes = None if is_stream(validation_data) else max(0, nb_epoch - initial_epoch)
    source = trained_on(model, train, samples_per_epoch, class_weight, passes=passes, **drawing)
    validation: Any = None
    if is_stream(validation_data):
        check_validation("fit_generator", validation_data, nb_val_samples, "nb_val_samples", "samples")
        validation = validated_on(model, validation_data, nb_val_samples, "nb_val_samples", **drawing)
    elif validation_data is not None:
        checked = model._standardize_user_data(*validation_data)
        model.validation_data = trainer.flat(checked)
        validation = ArrayBatches(model, checked, min(32, checked[0][0].shape[0]))
    run = trainer.Training(model, source, validation, callbacks, verbose, validation_freq=validation_freq)
    return run.run(initial_epoch, nb_epoch)


def check_validation(method: str, validation_data: Any, count: int | None, argument: str, unit: str) -> None:
    """Raise where nobody knows how much of a validation generator belongs to an epoch."""
    source = source_of(validation_data)
    if not count and source.once and source.length is None:
        raise ValueError(
            f"{method}: with a generator as validation_data, {argument} must say how many {unit} to take after each "
            "epoch."
        )


def trained_on(model: Any, source: Any, count: int | None, class_weight: Any = None, **drawing: Any) -> StreamBatches:
    """The batches of a source to train on. Where it ends before `count`, training ends, with a warning."""

    def early(seen, wanted):
        warnings.warn(
            f"the generator ended after {told(seen, wanted)}: training ends here. "
            "Let the generator yield for ever: `while True:` around its loop.",
            stacklevel=2,
        )
        model.stop_training = True

    stream = Stream(
        source,
        lambda item: checked_batch(model, item, class_weight),
        count,
        goes_on=True,
        early=early,
        argument="steps_per_epoch",
        **drawing,
    )
    return StreamBatches(model, stream, _samples_of(count))


def validated_on(model: Any, validation_data: Any, count: int | None, argument: str, **drawing: Any) -> StreamBatches:
    """The batches to validate on after each epoch. What begins anew does so each time."""

    def early(seen, wanted):
        warnings.warn(
            f"validation_data ended after {told(seen, wanted)}: the values are of these, and training ends here.",
            stacklevel=2,
        )
        model.stop_training = True

    stream = Stream(
        source_of(validation_data),
        lambda item: checked_batch(model, item),
        count or None,
        early=early,
        argument=argument,
        **drawing,
    )
    return StreamBatches(model, stream, _samples_of(count))


def tested_on(
    model: Any,
    method: str,
    generator: Any,
    count: int | None,
    prepare: Callable[[Any], Any] | None = None,
    **drawing: Any,
) -> Stream:
    """The stream of batches to evaluate or predict on; it raises where it ends before `count`."""
    source = source_of(generator)
    if drawing.get("processes") and drawing["workers"] > 1 and inspect.isgenerator(generator):
        warnings.warn(
            f"{method}: each of the {drawing['workers']} processes draws from a copy of the generator of its own, so "
            "that batches may come several times. Use nb_worker=1, threads, or a Sequence.",
            stacklevel=3,
        )

    def early(seen, wanted):
        raise ValueError(
            f"{method}: the generator ended after {told(seen, wanted)}. Ask for what it has, or let it yield more."
        )

    return Stream(source, prepare or (lambda item: checked_batch(model, item)), count, early=early, **drawing)


def _samples_of(count):
    """A number of samples, or None where batches count."""
    return None if not count or isinstance(count, Steps) else count


def checked_batch(model: Any, item: Any, class_weight: Any = None) -> Any:
    """Checked inputs, targets and weights of what a generator yields."""
    if not isinstance(item, (tuple, list)) or len(item) not in (2, 3):
        raise ValueError(
            f"the generator must yield (x, y) or (x, y, sample_weight); it gave {type(item).__name__} {str(item)[:80]}"
        )
    x, y, weight = (*item, None)[:3]
    return model._standardize_user_data(x, y, sample_weight=weight, class_weight=class_weight)


def inputs_of_batch(model: Any, item: Any) -> list[Any]:
    """Checked inputs of what a generator yields, alone or together with targets."""
    with_targets = isinstance(item, tuple) or isinstance(item, list) and len(item) == 2 != len(model.inputs)
    inputs = model._standardize_inputs(item[0] if with_targets else item)
    check_array_lengths(inputs, [], [])
    return inputs


def evaluate_generator(
    model: Any,
    generator: Any,
    val_samples: int | None,
    max_q_size: int = 10,
    nb_worker: int = 1,
    pickle_safe: bool = False,
    verbose: int = 0,
) -> Any:
    """Loss and metrics; see `Model.evaluate_generator`."""
    stream = tested_on(
        model, "evaluate_generator", generator, val_samples, ahead=max_q_size, workers=nb_worker, processes=pickle_safe
    )
    return trainer.evaluate(model, StreamBatches(model, stream, _samples_of(val_samples)), verbose)


def predict_generator(
    model: Any,
    generator: Any,
    val_samples: int | None,
    max_q_size: int = 10,
    nb_worker: int = 1,
    pickle_safe: bool = False,
    verbose: int = 0,
) -> Any:
    """The outputs; see `Model.predict_generator`."""
    stream = tested_on(
        model,
        "predict_generator",
        generator,
        val_samples,
        lambda item: inputs_of_batch(model, item),
        ahead=max_q_size,
        workers=nb_worker,
        processes=pickle_safe,
    )
    return single(trainer.predict_stream(model, stream, verbose, _samples_of(val_samples)))
