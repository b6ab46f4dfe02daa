"""Model: a container that is compiled, trained, tested and used."""

import contextlib

import numpy as np

from horngate import optimizers
from horngate.backend.config import EraDefault, era
from horngate.backend.function import Function
from horngate.engine import batches, fitting, generators, on_request
from horngate.engine import loop as loops
from horngate.engine.container import Container
from horngate.engine.data import (  # noqa: F401
    as_array,
    batch_shuffle,
    check_array_lengths,
    check_loss_and_target_compatibility,
    checked_count,
    dense,
    is_stream,
    make_batches,
    slice_X,
    standardize_class_weights,
    standardize_input_data,
    standardize_sample_or_class_weights,
    standardize_sample_weights,
    standardize_weights,
    weights_of,
)
from horngate.engine.inner import family
from horngate.engine.layer import single, to_list
from horngate.engine.objective import Objective, collect_metrics, weighted_objective  # noqa: F401
from horngate.engine.params import did_you_mean, names_of, translate
from horngate.engine.past import ConstraintsInOrder
from horngate.engine.queue import GeneratorEnqueuer, generator_queue  # noqa: F401

# Words of other Keras generations that change nothing here.
_IGNORED = ("class_mode", "theano_mode", "mode")


class Model(Container):
    """A graph of layers that can be trained.

    # Arguments
        input: an input tensor, or a list of them.
        output: an output tensor, or a list of them.
    """

    optimizer = None
    stop_training = False
    training = None  # the `Training` that runs just now
    validation_data = None

    # compile

    def compile(
        self,
        optimizer,
        loss,
        metrics=None,
        loss_weights=None,
        sample_weight_mode=None,
        weighted_metrics=None,
        **kwargs,
    ):
        """Choose how to train: the optimizer, the losses, and what to report.

        # Arguments
            optimizer: a name, an `Optimizer`, or an optax transformation.
            loss: a name or function `(y_true, y_pred)`; for several outputs a list or a dictionary by output name.
            metrics: list of names and functions, or a dictionary by output name.
            loss_weights: list, or dictionary by output name, of factors in the total loss.
            sample_weight_mode: `'temporal'` to weigh steps; for several outputs a list or dictionary.
            weighted_metrics: metrics that sample weights weigh too.
        """
        metrics = _with_old_accuracy(metrics, kwargs)
        _check_ignored("compile", kwargs)
        new_optimizer = optimizers.get(optimizer)
        objective = Objective(self, loss, metrics, loss_weights, sample_weight_mode, weighted_metrics)
        self.optimizer, self.objective = new_optimizer, objective
        self.names_compiled = None
        self.loss, self.metrics, self.loss_weights = loss, metrics or [], loss_weights
        self.sample_weight_mode, self.weighted_metrics = sample_weight_mode, weighted_metrics
        self._train_loop = self._test_loop = self._predict_function = None
        # sorted as Keras 1 did: the order in which files hold the optimizer's arrays
        self._collected_trainable_weights = collect_trainable_weights(self)

    @property
    def metrics_names(self):
        """The names of what `train_on_batch` and `evaluate` give, in order."""
        self._check_compiled("metrics_names")
        return self.objective.metrics_names

    @property
    def total_loss(self):
        """The training loss, as a tensor."""
        return self._loss_and_sums()[0]

    def _loss_and_sums(self):
        if getattr(self, "_objective_outputs", (None,))[0] is not self.objective:
            self._objective_outputs = self.objective, self.objective.node_outputs()
        return self._objective_outputs[1]

    def _feeds(self):
        return [*self._data_inputs(), *self.objective.targets, *self.objective.weights]

    def _data_inputs(self):
        return [x for x in self.inputs if x.node is None]

    def _make_train_function(self):
        if self._train_loop is None:
            loss, sums = self._loss_and_sums()
            trained = self._collected_trainable_weights
            updates = _updates(self.optimizer, trained, self.constraints, loss) if trained else []
            explicit = [pair for layer in family(self) for pair, _ in layer._updates if isinstance(pair, tuple)]
            function = Function(self._feeds(), [sums], [*explicit, *updates], collect="all", name="train")
            self._train_loop = loops.StepLoop(function, phase=1)
        return self._train_loop

    def _make_test_function(self):
        if self._test_loop is None:
            collect = "state" if self.stateful else None
            function = Function(self._feeds(), [self._loss_and_sums()[1]], collect=collect, name="test")
            self._test_loop = loops.StepLoop(function, phase=0)
        return self._test_loop

    def _make_predict_function(self):
        if getattr(self, "_predict_function", None) is None:
            collect = "state" if self.stateful else None
            self._predict_function = Function(self._data_inputs(), self.outputs, collect=collect, name="predict")
        return self._predict_function

    def _check_compiled(self, what):
        if getattr(self, "objective", None) is None:
            raise RuntimeError(f"{what}: the model has not been compiled. Call model.compile(optimizer, loss) first.")

    # data

    def _standardize_inputs(self, x):
        inputs = self._data_inputs()
        names = [name for name, tensor in zip(self.input_names, self.inputs) if tensor.node is None]
        return standardize_input_data(
            x, names, [t.shape for t in inputs], check_batch_axis=False, exception_prefix="input"
        )

    def _standardize_user_data(self, x, y, sample_weight=None, class_weight=None, batch_size=None):
        """Checked lists of inputs, targets and weights (None where all weigh the same)."""
        objective = self.objective
        inputs = self._standardize_inputs(x)
        shapes = [_target_shape(loss, shape) for loss, shape in zip(objective.losses, objective.shapes)]
        targets = standardize_input_data(
            y, objective.names, shapes, check_batch_axis=False, exception_prefix="target"
        )
        sample_weights = standardize_sample_weights(sample_weight, objective.names)
        class_weights = standardize_class_weights(class_weight, objective.names)
        weights = [weights_of(*item) for item in zip(targets, sample_weights, class_weights, objective.modes)]
        check_array_lengths(inputs, targets, weights)
        check_loss_and_target_compatibility(targets, objective.losses, objective.shapes)
        if batch_size and inputs[0].shape[0] % batch_size and self.stateful:
            raise ValueError(
                f"a stateful network needs whole batches: {inputs[0].shape[0]} samples are no multiple of {batch_size}."
            )
        return inputs, targets, weights

    def _fed(self, data):
        """Checked inputs, targets and weights of one batch as the step takes them."""
        return _converted([array for part in data for array in part], self._feeds())

    def _placed_inputs(self, inputs):
        """Checked inputs of one batch as the model's placeholders take them."""
        return _converted(inputs, self._data_inputs())

    # fit and evaluate

    def fit(
        self,
        x,
        y=None,
        batch_size=EraDefault("fit_batch_size"),
        nb_epoch=EraDefault("fit_nb_epoch"),
        verbose=1,
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        **kwargs,
    ):
        """Train on arrays for a number of epochs.

        # Arguments
            x: input array, list of arrays, or dictionary by input name; or an iterable that yields batches `(x, y)` or
                `(x, y, sample_weight)`, such as a data loader, anew in each epoch.
            y: targets, likewise by output name.
            batch_size: samples in one step.
            nb_epoch: how often to go through the data (counted from `initial_epoch`'s 0).
            verbose: 0 silent, 1 a live bar, 2 a line an epoch.
            callbacks: list of `Callback`.
            validation_split: part of the data, taken from their end, to validate on.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to validate on.
            shuffle: True, False, or `'batch'` to keep batches together.
            class_weight: dictionary from class to its weight in the loss; for several outputs a dictionary of them.
            sample_weight: weight of each sample in the loss.

        # Returns
            A `History`: its `history` holds the logs by name, a value for each epoch.
        """
        self._check_compiled("fit")
        on_request.asked(self, kwargs)
        options = fit_arguments("fit", kwargs, locals())
        batch_size, nb_epoch = options["batch_size"], options["nb_epoch"]
        source, validation = self._sources(x, y, options)
        run = fitting.Training(self, source, validation, options["callbacks"], options["verbose"], batch_size)
        return run.run(options["initial_epoch"], nb_epoch)

    def _sources(self, x, y, options):
        """What `fit` trains on and what it validates on, or None."""
        batch_size, held_out = options["batch_size"], options["validation_data"]
        if is_stream(x):
            source, rest = self._stream(x, y, options["class_weight"], options["sample_weight"]), None
            if options["validation_split"] and held_out is None:
                raise ValueError("validation_split needs arrays; give validation_data beside an iterable of batches.")
        else:
            data = self._standardize_user_data(x, y, options["sample_weight"], options["class_weight"], batch_size)
            data, rest = _split(data, options["validation_split"]) if held_out is None else (data, None)
            source = batches.batches_of(self, data, batch_size, options["shuffle"])
        if is_stream(held_out):
            return source, self._stream(held_out)
        if held_out is not None:
            rest = self._standardize_user_data(*validation_parts(held_out), batch_size=batch_size)
        self.validation_data = fitting.flat(rest)
        return source, batches.batches_of(self, rest, batch_size) if rest is not None else None

    def _stream(self, iterable, y=None, class_weight=None, sample_weight=None):
        """The source for an iterable of `(x, y)` or `(x, y, sample_weight)`."""
        if y is not None or sample_weight is not None:
            raise ValueError(
                f"x is {type(iterable).__name__}, an iterable of batches: it must yield (x, y) or (x, y, "
                "sample_weight) itself; leave y and sample_weight out."
            )
        return batches.batches_from(self, iterable, lambda item: generators.checked_batch(self, item, class_weight))

    def evaluate(self, x, y=None, batch_size=32, verbose=1, sample_weight=None, **kwargs):
        """The loss and metrics on test data: a number, or a list as `metrics_names` tells."""
        self._check_compiled("evaluate")
        accuracy = on_request.asked(self, kwargs)
        _check_ignored("evaluate", kwargs)
        if is_stream(x):
            stream = self._stream(x, y, sample_weight=sample_weight)
            return on_request.reported(self, fitting.evaluate(self, stream, verbose), accuracy)
        batch_size = checked_count("batch_size", batch_size)
        data = self._standardize_user_data(x, y, sample_weight, batch_size=batch_size)
        values = fitting.evaluate(self, batches.batches_of(self, data, batch_size), verbose)
        return on_request.reported(self, values, accuracy)

    def predict(self, x, batch_size=32, verbose=0):
        """The outputs for the given inputs, batch by batch; `x` may be an iterable of batches."""
        if is_stream(x):
            prepared = batches.prefetched(iter(x), lambda item: generators.inputs_of_batch(self, item))
            return single(fitting.predict_stream(self, prepared))
        inputs, batch_size = self._standardize_inputs(x), checked_count("batch_size", batch_size)
        if inputs[0].shape[0] % batch_size and self._make_predict_function().collect:
            raise ValueError(
                f"a stateful network needs whole batches of {batch_size}; received {inputs[0].shape[0]} samples."
            )
        return single(fitting.predict_arrays(self, inputs, batch_size, verbose))

    # one batch

    def train_on_batch(self, x, y, sample_weight=None, class_weight=None, **kwargs):
        """One training step on one batch; returns loss and metrics as `metrics_names` tells."""
        self._check_compiled("train_on_batch")
        accuracy = on_request.asked(self, kwargs)
        _check_ignored("train_on_batch", kwargs)
        data = self._standardize_user_data(x, y, sample_weight, class_weight)
        return on_request.reported(self, self._one_step(self._make_train_function(), data), accuracy)

    def test_on_batch(self, x, y, sample_weight=None, **kwargs):
        """Loss and metrics on one batch."""
        self._check_compiled("test_on_batch")
        accuracy = on_request.asked(self, kwargs)
        _check_ignored("test_on_batch", kwargs)
        data = self._standardize_user_data(x, y, sample_weight)
        return on_request.reported(self, self._one_step(self._make_test_function(), data), accuracy)

    def _one_step(self, loop, data):
        sums = np.asarray(loop.run_one(self._fed(data)), np.float64)
        return self.objective.values(sums, data[0][0].shape[0])

    def predict_on_batch(self, x):
        """The outputs for one batch."""
        inputs = self._standardize_inputs(x)
        function = self._make_predict_function()
        outputs = function(inputs)
        return single(outputs)

    @contextlib.contextmanager
    def averaged_weights(self):
        """Within the block, the weights are their moving averages; see the optimizers' `ema_momentum`."""
        averages = getattr(self.optimizer, "averages", None)
        if not averages:
            raise ValueError(
                "averaged_weights: no averages are kept. Compile with an optimizer such as "
                "SGD(ema_momentum=0.999), and train."
            )
        kept = [(weight, weight.get_value()) for weight, _ in averages]
        try:
            for weight, average in averages:
                weight.set_value(average.get_value())
            yield self
        finally:
            for weight, value in kept:
                weight.set_value(value)

    # generators of batches

    def fit_generator(
        self,
        generator,
        samples_per_epoch=None,
        nb_epoch=EraDefault("fit_nb_epoch"),
        verbose=1,
        callbacks=None,
        validation_data=None,
        nb_val_samples=None,
        class_weight=None,
        max_q_size=10,
        nb_worker=1,
        pickle_safe=False,
        initial_epoch=0,
        **kwargs,
    ):
        """Train on batches that a generator yields as `(x, y)` or `(x, y, sample_weight)`.

        # Arguments
            generator: yields batches for ever.
            samples_per_epoch: samples after which an epoch ends.
            validation_data: a generator, or `(x, y)` or `(x, y, sample_weight)`.
            nb_val_samples: samples to take from a validation generator.
            max_q_size: batches prepared ahead.
            nb_worker: threads (or with `pickle_safe` processes) that draw from the generator.
        """
        given = {name: value for name, value in locals().items() if name not in ("self", "kwargs")}
        self._check_compiled("fit_generator")
        on_request.asked(self, kwargs)
        return generators.fit_generator(self, **generators.arguments("fit_generator", given, kwargs))

    def evaluate_generator(
        self, generator, val_samples=None, max_q_size=10, nb_worker=1, pickle_safe=False, **kwargs
    ):
        """Loss and metrics over `val_samples` samples of a generator."""
        given = {name: value for name, value in locals().items() if name not in ("self", "kwargs")}
        self._check_compiled("evaluate_generator")
        accuracy = on_request.asked(self, kwargs)
        values = generators.evaluate_generator(self, **generators.arguments("evaluate_generator", given, kwargs))
        return on_request.reported(self, values, accuracy)

    def predict_generator(
        self, generator, val_samples=None, max_q_size=10, nb_worker=1, pickle_safe=False, **kwargs
    ):
        """The outputs for `val_samples` samples of a generator that yields inputs."""
        given = {name: value for name, value in locals().items() if name not in ("self", "kwargs")}
        return generators.predict_generator(self, **generators.arguments("predict_generator", given, kwargs))


def collect_trainable_weights(layer):
    """The weights of a layer that training changes, in the order of their names."""
    return sorted(layer.trainable_weights, key=lambda weight: weight.name)


def _updates(optimizer, params, constraints, loss):
    """What an optimizer does in a step; one in the manner of Keras 2 takes the loss first and no constraints."""
    if names_of(optimizer.get_updates)[:1] == ["loss"]:
        return [
            (pair[0], constraints[pair[0]](pair[1])) if pair[0] in constraints else pair
            for pair in optimizer.get_updates(loss, params)
        ]
    if era().name == "0.3":
        constraints = ConstraintsInOrder(params, constraints)
    return optimizer.get_updates(params, constraints, loss)


def _converted(arrays, like):
    """Arrays of one batch as the program for the placeholders `like` takes them."""
    return tuple([loops.converted(dense(array), x.dtype) for array, x in zip(arrays, like)])


def _with_old_accuracy(metrics, kwargs):
    if kwargs.pop("show_accuracy", False):
        return [*to_list(metrics or []), "accuracy"]
    return metrics


def _check_ignored(method, kwargs):
    known = (*_IGNORED, "show_accuracy")
    for name in kwargs:
        if name not in known:
            raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, known)}")


_FIT_NAMES = (
    "batch_size",
    "nb_epoch",
    "verbose",
    "callbacks",
    "validation_split",
    "validation_data",
    "shuffle",
    "class_weight",
    "sample_weight",
    "initial_epoch",
)


def fit_arguments(method, kwargs, given):
    """`kwargs` in other spellings put with the arguments `given`; era defaults resolved, and all of it checked."""
    chosen = {name: given[name] for name in _FIT_NAMES}
    translated = translate(kwargs, (), _FIT_NAMES)
    for name, value in translated.items():
        if name not in chosen and name not in _IGNORED:
            raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, _FIT_NAMES)}")
        chosen[name] = value
    chosen = {name: value.value() if isinstance(value, EraDefault) else value for name, value in chosen.items()}
    chosen["batch_size"] = checked_count("batch_size", chosen["batch_size"])
    chosen["nb_epoch"] = checked_count("nb_epoch", chosen["nb_epoch"], least=0)
    if chosen["shuffle"] not in (True, False, "batch"):
        raise ValueError(f"shuffle must be True, False or 'batch'; received {chosen['shuffle']!r}")
    return chosen


def _target_shape(loss, shape):
    """The shape that targets of an output must have; None for any, where the loss is the user's own."""
    name = getattr(loss, "__name__", None)
    if name == "sparse_categorical_crossentropy":
        return (*shape[:-1], 1)
    if not getattr(loss, "__module__", "").startswith("horngate."):
        return None
    return (None,) * len(shape) if name == "categorical_crossentropy" else shape


def validation_parts(validation_data):
    """`validation_data` as the arguments of `_standardize_user_data`."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ValueError("validation_data must be (x, y) or (x, y, sample_weight).")
    return validation_data


def _split(data, fraction):
    """The data without their last part, and that part, or None."""
    if not fraction:
        return data, None
    at = split_at(int(data[0][0].shape[0]), fraction)
    return tuple(slice_X(part, 0, at) for part in data), tuple(slice_X(part, at) for part in data)


def split_at(count, fraction):
    """The first of `count` samples that a `validation_split` of `fraction` holds out."""
    if not 0 < fraction < 1:
        raise ValueError(f"validation_split must lie between 0 and 1; received {fraction}")
    at = int(count * (1 - fraction))
    if not 0 < at < count:
        raise ValueError(f"validation_split {fraction} of {count} samples leaves one part empty.")
    return at
