"""fit, evaluate and predict on generators of batches."""

import time

import numpy as np

from horngate.engine import fitting
from horngate.engine.layer import single, to_list
from horngate.engine.queue import GeneratorEnqueuer

_REPORT_SPAN = 0.1  # seconds between two looks at the sums on the device


def fit_generator(
    model,
    generator,
    samples_per_epoch,
    nb_epoch,
    verbose,
    callbacks,
    validation_data,
    nb_val_samples,
    class_weight,
    max_q_size,
    nb_worker,
    pickle_safe,
    initial_epoch,
):
    """Train; see `Model.fit_generator`."""
    from_generator = validation_data is not None and (
        hasattr(validation_data, "next") or hasattr(validation_data, "__next__")
    )
    if from_generator and not nb_val_samples:
        raise ValueError(
            "fit_generator: with a generator as validation_data, nb_val_samples must say how many samples to take."
        )
    tested = None
    if validation_data is not None and not from_generator:
        tested = model._standardize_user_data(*validation_data)
        model.validation_data = fitting._flat(tested)
    names = model.objective.metrics_names
    together, history, every_batch = fitting.callback_list(
        model,
        callbacks,
        verbose,
        {
            "nb_epoch": nb_epoch,
            "nb_sample": samples_per_epoch,
            "verbose": verbose,
            "do_validation": validation_data is not None,
            "metrics": names + ["val_" + name for name in names] * (validation_data is not None),
        },
    )
    model.stop_training = False
    together.on_train_begin()
    with GeneratorEnqueuer(generator, pickle_safe) as batches:
        batches.start(nb_worker, max_q_size)
        for epoch in range(initial_epoch, nb_epoch):
            together.on_epoch_begin(epoch)
            logs = _one_epoch(model, batches, samples_per_epoch, class_weight, together, every_batch)
            if from_generator:
                values = to_list(
                    evaluate_generator(model, validation_data, nb_val_samples, max_q_size, nb_worker, pickle_safe)
                )
                logs.update(zip(("val_" + name for name in names), values))
            elif tested:
                batch_size = min(32, tested[0][0].shape[0])
                values = fitting.evaluate_arrays(model, tested, batch_size, verbose=0)
                logs.update(zip(("val_" + name for name in names), values))
            together.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    together.on_train_end()
    return history


def _one_epoch(model, batches, samples_per_epoch, class_weight, together, every_batch):
    """Steps until the epoch's samples are seen; its logs. Sums stay on the device between reports."""
    loop, names = model._make_train_function(), model.objective.metrics_names
    seen, total, waiting, batch, reported = 0, 0.0, [], 0, time.perf_counter()
    while seen < samples_per_epoch and not model.stop_training:
        data = _training_batch(model, batches.get(), class_weight)
        size = int(data[0][0].shape[0])
        if not waiting:
            together.on_batch_begin(batch, {"batch": batch, "size": size})
        waiting.append((model._sums_of_step(loop, data, phase=1), size))
        seen, batch = seen + size, batch + 1
        if every_batch or seen >= samples_per_epoch or time.perf_counter() - reported > _REPORT_SPAN:
            sums = sum(np.asarray(part, np.float64) for part, _ in waiting)
            samples = sum(count for _, count in waiting)
            total, waiting, reported = total + sums, [], time.perf_counter()
            values = model.objective.values(sums, samples)
            together.on_batch_end(batch - 1, {"batch": batch - 1, "size": samples, **dict(zip(names, values))})
    return dict(zip(names, model.objective.values(total, seen)))


def _training_batch(model, item, class_weight=None):
    """Checked inputs, targets and weights of what a generator yields."""
    if not isinstance(item, (tuple, list)) or len(item) not in (2, 3):
        raise ValueError(
            f"the generator must yield (x, y) or (x, y, sample_weight); it gave {type(item).__name__} {str(item)[:80]}"
        )
    x, y, weight = (*item, None)[:3]
    return model._standardize_user_data(x, y, sample_weight=weight, class_weight=class_weight)


def evaluate_generator(model, generator, val_samples, max_q_size=10, nb_worker=1, pickle_safe=False):
    """Loss and metrics; see `Model.evaluate_generator`."""
    loop, parts, seen = model._make_test_function(), [], 0
    with GeneratorEnqueuer(generator, pickle_safe) as batches:
        batches.start(nb_worker, max_q_size)
        while seen < val_samples:
            data = _training_batch(model, batches.get())
            parts.append(model._sums_of_step(loop, data, phase=0))
            seen += int(data[0][0].shape[0])
    return single(model.objective.values(sum(np.asarray(part, np.float64) for part in parts), seen))


def predict_generator(model, generator, val_samples, max_q_size=10, nb_worker=1, pickle_safe=False):
    """The outputs; see `Model.predict_generator`."""
    function, parts, seen = model._make_predict_function(), [], 0
    with GeneratorEnqueuer(generator, pickle_safe) as batches:
        batches.start(nb_worker, max_q_size)
        while seen < val_samples:
            item = batches.get()
            inputs = model._standardize_inputs(item[0] if isinstance(item, tuple) else item)
            parts.append(function(inputs))
            seen += int(inputs[0].shape[0])
    return single([np.concatenate([part[i] for part in parts]) for i in range(len(parts[0]))])
