"""Prepare data for a model: check arrays or an iterable of batches, and make sources of them."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from horngate.backend.notices import remark, warn
from horngate.training.arrays import check_array_lengths, checked_count, is_stream, make_batches
from horngate.training.batches import Source, StreamBatches, batches_of
from horngate.training.fit_arguments import Options
from horngate.training.predict_step import PredictStep
from horngate.training.sources import Indexed, source_of
from horngate.training.spec import Samples, Spec
from horngate.training.stream import Steps, Stream, told

_EXACT = 4


def prepared(
    spec: Spec, x: Any, y: Any, options: Options, stop: Callable[[], None]
) -> tuple[Source, Source | None, Samples | None]:
    """Return (the source to train on, the source to validate on or None, the arrays of the latter or None).

    Sets `options.batch_size`. `stop` is called if a stream ends too early.
    """
    held_out, rest, to_test = options.validation_data, None, spec.to_test or spec
    spec.looks = type(spec).looks
    if is_stream(x):
        source = _stream_to_train_on(spec, x, y, options, stop)
    else:
        source, rest = _arrays_to_train_on(spec, x, y, options)
    if is_stream(held_out):
        if options.validation_batch_size is not None:
            raise ValueError("validation_batch_size is for arrays: validation_data gives batches of its own size.")
        return source, _stream_to_validate_on(to_test, options, stop), None
    if held_out is not None:
        x, y, weight = (*validation_parts(held_out), None)[:3]
        rest = to_test.checked(x, y, weight, batch_size=options.batch_size)
    if rest is None:
        return source, None, None
    batch_size = options.validation_batch_size or options.batch_size or min(32, rest.size)
    steps = None if options.drawing else options.validation_steps
    if steps is not None:
        check_enough("validation_steps", steps, batch_size, rest.size)
    return source, batches_of(to_test, rest, batch_size, steps=steps), rest


def prepared_to_test(spec: Spec, x: Any, y: Any, options: Options, seen: set[int]) -> Source:
    """Return the source for `evaluate` and `evaluate_generator`.

    `seen`: the numbers of samples that have a program of their own; only the first few get one.
    """
    steps = options.steps_per_epoch
    if is_stream(x) or options.drawing:
        _check_alone(x, y, options)
        return StreamBatches(spec, _all_of(x, spec.checked_batch, options), _samples_of(steps))
    batch_size = checked_count("batch_size", options.batch_size)
    samples = spec.checked(x, y, options.sample_weight)
    batch_size = _that_fits(spec, batch_size, samples.size)
    spec.check_whole(samples, batch_size)
    if steps is not None:
        check_enough(options.method, steps, batch_size, samples.size)
    if len(seen) < _EXACT:
        seen.add(samples.size)
    return batches_of(spec, samples, batch_size, steps=steps, piecewise=samples.size not in seen)


def _that_fits(spec, batch_size, count):
    """Return the only batch size that a network takes, if `count` samples are no multiple of the one asked for."""
    fixed = spec.inputs[0].shape[0] if spec.inputs else None
    return fixed if fixed and count % batch_size and count % fixed == 0 else batch_size


def prepared_to_predict(spec: Spec, x: Any, options: Options, step: PredictStep) -> tuple[Iterator[Any], int | None]:
    """Return (iterator over pairs (inputs of a batch for the step, number of samples), total number if known)."""
    steps, keeps_state = options.steps_per_epoch, step.function.collect is not None
    if not options.gather and (keeps_state or is_stream(x)):
        raise ValueError("predict: gather=False needs arrays, and a network that is not stateful: leave it out.")
    if is_stream(x) or options.drawing:
        return _inputs_of(spec, _all_of(x, spec.inputs_of_batch, options)), _samples_of(steps)
    inputs, batch_size = spec.checked_inputs(x), checked_count("batch_size", options.batch_size)
    count = int(inputs[0].shape[0])
    batch_size = _that_fits(spec, batch_size, count)
    if count % batch_size and keeps_state:
        raise ValueError(f"a stateful network needs whole batches of {batch_size}; received {count} samples.")
    if len(inputs) > 1 or not count:
        check_array_lengths(inputs, [], [])
    if steps is not None:
        check_enough(options.method, steps, batch_size, count)
        count = min(count, steps * batch_size)
    if not options.gather and spec.layout is not None and spec.layout.spans:
        return step.own_batches(spec, inputs, count, batch_size), None
    slices = make_batches(count, batch_size)
    batches = ([array[start:stop] for array in inputs] for start, stop in slices)
    return ((spec.fed_inputs(batch, inputs), int(batch[0].shape[0])) for batch in batches), count


# arrays


def _arrays_to_train_on(spec, x, y, options):
    """Return the source, and the data that `validation_split` holds out, or None."""
    samples, rest = spec.checked(x, y, options.sample_weight, options.class_weight), None
    whole, fraction = samples, options.validation_split if options.validation_data is None else 0
    if fraction:
        at = split_at(samples.size, fraction)
        samples, rest = whole.rows(0, at), whole.rows(at)
    if options.batch_size is None:  # such that `steps_per_epoch` batches hold all samples
        options.batch_size = -(-samples.size // options.steps_per_epoch)
    options.batch_size = _that_fits(spec, options.batch_size, whole.size)
    spec.check_whole(whole, options.batch_size)
    return batches_of(spec, samples, options.batch_size, options.shuffle, options.steps_per_epoch), rest


def split_at(count: int, fraction: float) -> int:
    """Return the index of the first of `count` samples that a `validation_split` of `fraction` holds out."""
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float, np.number)) or not 0 < fraction < 1:
        raise ValueError(f"validation_split must lie between 0 and 1; received {fraction!r}")
    at = int(count * (1 - fraction))
    if not 0 < at < count:
        raise ValueError(f"validation_split {fraction} of {count} samples leaves one part empty.")
    return at


def validation_parts(validation_data: Any) -> Any:
    """Return `validation_data`. Raises ValueError unless it is (inputs, targets) or (inputs, targets, weights)."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ValueError("validation_data must be (x, y) or (x, y, sample_weight).")
    return validation_data


def check_enough(method: str, steps: int, batch_size: int, count: int) -> None:
    """Raise ValueError unless `count` samples suffice for `steps` batches; the last may be short."""
    held = -(-count // batch_size)
    if steps > held:
        raise ValueError(f"{method}: {steps} batches of {batch_size} were asked for; {count} samples make {held}.")


# iterables of batches


def _stream_to_train_on(spec, x, y, options, stop):
    """Return the source of batches to train on. If they end before `steps_per_epoch`, training ends with a warning."""
    _check_alone(x, y, options)
    _remark_on_size(x, options)
    if options.validation_split and options.validation_data is None:
        raise ValueError("validation_split needs arrays; give validation_data beside an iterable of batches.")

    if not options.drawing:
        options.batch_size = options.batch_size or spec.objective.era.fit_batch_size
    elif options.shuffle and not isinstance(source_of(x, options.shuffle), Indexed):
        warn(
            f"shuffle={options.shuffle!r} has no effect on the batches of {type(x).__name__}, which come in its own "
            "order: it is for a Sequence."
        )

    def early(seen, wanted):
        warn(
            f"the generator ended after {told(seen, wanted)}: training ends here. "
            "Let the generator yield for ever: `while True:` around its loop."
        )
        stop()

    # draw from the two sources in turn: both may use NumPy's random state
    passes = None if is_stream(options.validation_data) else max(0, options.nb_epoch - options.initial_epoch)
    stream = Stream(
        source_of(x, True if options.shuffle is None else options.shuffle),
        functools.partial(spec.checked_batch, class_weight=options.class_weight),
        options.steps_per_epoch,
        goes_on=True,
        early=early,
        argument="steps_per_epoch",
        passes=passes,
        **_drawing(x, options),
    )
    return StreamBatches(spec, stream, _samples_of(options.steps_per_epoch))


def _stream_to_validate_on(spec, options, stop):
    """Return the source of batches to validate on after each epoch; an iterable that can restart does so each time."""
    argument, unit = ("nb_val_samples", "samples") if options.drawing else ("validation_steps", "batches")
    source, count = source_of(options.validation_data), options.validation_steps or None
    used_again = options.drawing or options.nb_epoch - options.initial_epoch > 1
    if used_again and not count and source.once and source.length is None:
        raise ValueError(
            f"{options.method}: with a generator as validation_data, {argument} must say how many {unit} to take "
            "after each epoch."
        )

    def early(seen, wanted):
        warn(f"validation_data ended after {told(seen, wanted)}: the values are of these, and training ends here.")
        stop()

    stream = Stream(
        source, spec.checked_batch, count, early=early, argument=argument, **_drawing(options.validation_data, options)
    )
    return StreamBatches(spec, stream, _samples_of(count))


def _inputs_of(spec, stream):
    """Yield one pass of a stream of inputs, converted for the step."""
    with contextlib.closing(stream), contextlib.closing(stream.one_pass()) as batches:
        for inputs in batches:
            yield spec.fed_inputs(inputs, inputs), int(inputs[0].shape[0])


def _drawing(data, options):
    """Return how batches are drawn from `data`: as the method is told, else as a Sequence tells of itself."""
    return options.drawing or getattr(data, "drawing", {})


def _all_of(x, prepare, options):
    """Return a stream that raises ValueError if it ends before the requested number of steps or samples."""
    _remark_on_size(x, options)
    source, method = source_of(x), options.method
    workers = options.drawing.get("workers", 1)
    if options.drawing.get("processes") and workers > 1 and inspect.isgenerator(x):
        warn(
            f"{method}: each of the {workers} processes draws from a copy of the generator of its own, so that batches "
            "may come several times. Use nb_worker=1, threads, or a Sequence."
        )

    def early(seen, wanted):
        raise ValueError(
            f"{method}: the generator ended after {told(seen, wanted)}. Ask for what it has, or let it yield more."
        )

    return Stream(source, prepare, options.steps_per_epoch, early=early, **_drawing(x, options))


def _samples_of(count):
    """Return `count` if it is a number of samples, None if it is a number of batches."""
    return None if not count or isinstance(count, Steps) else count


def _remark_on_size(x, options):
    """Warn if a batch size was given beside the iterable of batches `x`."""
    if options.sized:
        remark(
            f"{options.method}: batch_size={options.batch_size} has no effect on {type(x).__name__}, which yields "
            "batches of its own size. Leave it out, and let it yield batches of the size that you want."
        )


def _check_alone(x, y, options):
    """Raise an error if targets or weights are given beside an iterable of batches, which must yield them."""
    if y is not None or options.sample_weight is not None:
        raise ValueError(
            f"x is {type(x).__name__}, an iterable of batches: it must yield (x, y) or (x, y, sample_weight) itself; "
            "leave y and sample_weight out."
        )
