"""fit, evaluate and predict on arrays: epochs, callbacks and the progress bar around the epoch loop."""
import sys

import numpy as np

from horngate.engine import data as data_module
from horngate.engine import loop as loops


class Batches:
    """Checked arrays on the device, and passes of a step loop over them."""

    def __init__(self, model, data, batch_size):
        arrays = [array for part in data for array in part]
        self.arrays = model._placed(arrays, model._feeds())
        self.count, self.batch_size = int(data[0][0].shape[0]), batch_size

    def order(self, shuffle):
        """The order of one epoch, drawn from NumPy's global generator."""
        index = np.arange(self.count)
        if shuffle == "batch":
            return data_module.batch_shuffle(index, self.batch_size)
        if shuffle:
            np.random.shuffle(index)
        return index


def callback_list(model, callbacks, verbose, params):
    """The callbacks of one training, with the progress bar first and the History last; and that History."""
    from horngate import callbacks as cbks  # callbacks stand above this room; they are needed when training starts

    history = cbks.History()
    bar = [cbks.ProgbarLogger()] if verbose else []
    together = cbks.CallbackList(bar + list(callbacks or []) + [history])
    together.set_model(model)
    together.set_params(params)
    every_batch = any(cbks.needs_every_batch(callback) for callback in callbacks or ())
    return together, history, every_batch


def fit_arrays(model, data, validation, batch_size, nb_epoch, verbose, callbacks, shuffle, initial_epoch):
    """Train; see `Model.fit`."""
    loop, batches = model._make_train_function(), Batches(model, data, batch_size)
    tested = Batches(model, validation, batch_size) if validation else None
    names = model.objective.metrics_names
    model.validation_data = _flat(validation)
    params = {
        "batch_size": batch_size, "nb_epoch": nb_epoch, "nb_sample": batches.count, "verbose": verbose,
        "do_validation": validation is not None, "metrics": names + ["val_" + n for n in names] * bool(validation),
    }
    together, history, every_batch = callback_list(model, callbacks, verbose, params)
    live = verbose == 1 and sys.stdout.isatty()
    chunks = loops.one_by_one if every_batch else loops.by_time(live)
    model.stop_training = False
    together.on_train_begin()
    for epoch in range(initial_epoch, nb_epoch):
        together.on_epoch_begin(epoch)
        sums = _one_epoch(model, loop, batches, batches.order(shuffle), chunks, together, names)
        logs = dict(zip(names, model.objective.values(sums, batches.count)))
        if tested:
            values = _measure(model, tested)
            logs.update(zip(("val_" + name for name in names), values))
        together.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    together.on_train_end()
    return history


def _one_epoch(model, loop, batches, order, chunks, together, names):
    """One pass; callbacks see each dispatch as one batch."""

    def on_chunk(first, samples, sums):
        logs = {"batch": first, "size": samples, **dict(zip(names, model.objective.values(sums, samples)))}
        together.on_batch_end(first, logs)
        if not model.stop_training:
            together.on_batch_begin(first + 1, {"batch": first + 1, "size": batches.batch_size})
        return not model.stop_training

    together.on_batch_begin(0, {"batch": 0, "size": min(batches.batch_size, batches.count)})
    return loop.pass_over(batches.arrays, order, batches.batch_size, chunks, on_chunk)


def _measure(model, batches, on_chunk=None):
    chunks = loops.by_time(on_chunk is not None)
    order = np.arange(batches.count)
    sums = model._make_test_function().pass_over(batches.arrays, order, batches.batch_size, chunks, on_chunk)
    return model.objective.values(sums, batches.count)


def evaluate_arrays(model, data, batch_size, verbose):
    """Loss and metrics; see `Model.evaluate`."""
    batches = Batches(model, data, batch_size)
    if not verbose:
        return _measure(model, batches)
    bar = _bar(batches.count)
    return _measure(model, batches, lambda first, samples, sums: bar.add(samples))


def predict_arrays(model, inputs, batch_size, verbose):
    """The outputs for arrays, batch by batch; see `Model.predict`."""
    function, count = model._make_predict_function(), int(inputs[0].shape[0])
    if count == 0:
        raise ValueError("predict: the data are empty: they hold no sample.")
    bar, parts = _bar(count) if verbose else None, []
    for start, stop in data_module.make_batches(count, batch_size):
        parts.append(function.on_device(_rows(model, inputs, start, stop), 0))
        if bar:
            bar.add(stop - start)
    if len(parts) == 1:
        return [np.asarray(output) for output in parts[0]]
    return [np.concatenate([np.asarray(part[i]) for part in parts]) for i in range(len(parts[0]))]


def _rows(model, inputs, start, stop):
    """Rows of the inputs, in the types of the model's placeholders."""
    rows = [data_module.dense(array[start:stop]) for array in inputs]
    return tuple(loops.place(array, x.dtype).astype(x.dtype) for array, x in zip(rows, model._data_inputs()))


def _bar(count):
    from horngate.utils.progbar import Progbar

    return Progbar(count)


def _flat(validation):
    """The validation data as callbacks of Keras 1 expect them: inputs, targets and weights in one list."""
    if validation is None:
        return None
    inputs, targets, weights = validation
    return [*inputs, *targets, *(np.ones(len(y)) if w is None else w for y, w in zip(targets, weights))]
