"""Model: a container that is compiled, trained, tested and used."""

import contextlib
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from horngate import optimizers
from horngate.backend import notices
from horngate.backend.config import EraDefault, within_era
from horngate.backend.function import Function
from horngate.backend.graph import Tensor, Variable, ancestors
from horngate.backend.orders import of_eras
from horngate.backend.ranges import proven, ranges_of, refuse_all
from horngate.engine.arguments import did_you_mean
from horngate.engine.container import Container
from horngate.engine.inner import family
from horngate.engine.layer import single, to_list
from horngate.engine.params import names_of
from horngate.engine.past import ConstraintsInOrder
from horngate.training import batches, generators, on_request, trainer
from horngate.training.data import (
    check_array_lengths,
    check_loss_and_target_compatibility,
    checked_arrays,
    checked_count,
    dense,
    in_memory,
    is_stream,
    standardize_class_weights,
    standardize_sample_weights,
    weights_of,
)
from horngate.training.fit_arguments import checked_steps, fit_arguments, split, split_at, validation_parts
from horngate.training.objective import Objective
from horngate.training.step import StepLoop, converted

if TYPE_CHECKING:
    from horngate.callbacks import History

# How Theano was to compile, in Keras 0.3 and 1: nothing here depends on it.
_OF_THEANO = ("theano_mode", "mode")
_TO_COMPILE = ("loss", "metrics", "loss_weights", "sample_weight_mode", "weighted_metrics")
_CLASS_MODES = ("categorical", "binary", None)
_OF_COMPILE = ("objective", "_train_loop", "_test_loop", "_predict_function")  # what is made anew for other layers


class _Compiled:
    """What `compile` and the methods that train set; each model has its own."""

    optimizer: Any = None  # ours, the user's, or one that steps for Optax
    loss: Any  # this and the following as `compile` was given them
    metrics: Any
    loss_weights: Any
    sample_weight_mode: Any
    weighted_metrics: Any
    class_mode: str | None
    stop_training: bool = False
    history: Any
    training: Any = None  # the `Training` that runs just now
    validation_data: Any = None
    accuracy_asked: bool = False  # see `on_request`, also for the next
    names_compiled: list[str] | None = None
    objective: Objective
    _collected_trainable_weights: list[Variable]
    _objective_outputs: tuple[Objective, list[Tensor]]
    _train_loop: StepLoop | None
    _test_loop: StepLoop | None
    _predict_function: Function | None
    _kept_ranges: tuple[Any, tuple[Any, ...]] = (None, ())  # the outputs for which they were found, and the ranges


class Model(Container, _Compiled):
    """A graph of layers that can be trained.

    # Arguments
        input: an input tensor, or a list of them.
        output: an output tensor, or a list of them.
    """

    # compile

    @of_eras
    def compile(
        self,
        optimizer: Any,
        loss: Any,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: str | None = None,
        weighted_metrics: Any = None,
        **kwargs: Any,
    ) -> None:
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
        _check_words_of_old(kwargs)
        with within_era(self._era.name):
            new_optimizer, self.class_mode = optimizers.get(optimizer), kwargs.get("class_mode")
        objective = Objective(self, loss, metrics, loss_weights, sample_weight_mode, weighted_metrics)
        self.optimizer, self.objective = new_optimizer, objective
        self.names_compiled = None
        self.loss, self.metrics, self.loss_weights = loss, metrics or [], loss_weights
        self.sample_weight_mode, self.weighted_metrics = sample_weight_mode, weighted_metrics
        self._train_loop = self._test_loop = self._predict_function = None
        # sorted as Keras 1 did: the order in which files hold the optimizer's arrays
        self._collected_trainable_weights = collect_trainable_weights(self)

    def training_state(self) -> dict[str, Any] | None:
        """The arrays of the optimizer, and where the random numbers stand; None for a model that is not compiled."""
        if getattr(self, "objective", None) is None:
            return None
        function = None if self._train_loop is None else self._train_loop.function
        return {
            "slots": [weight.get_value() for weight in self.optimizer.weights],
            "random": None if function is None else (function.root, function.calls),
        }

    def train_on(self, state: Any) -> None:
        """Compile a copy like its original, and let it go on where `training_state` was."""
        told = {name: getattr(self, name, None) for name in _TO_COMPILE}
        Model.compile(self, self.optimizer, **told)  # a subclass may give `compile` other arguments
        if state["random"] is None:
            return
        function = self._make_train_function().function
        function.root, function.calls = state["random"]
        for weight, value in zip(self.optimizer.weights, state["slots"], strict=True):
            weight.set_value(value)

    def forget_programs(self) -> None:
        """Forget what was compiled, here and in models of which this one is a part: its layers have changed."""
        vars(self).update(dict.fromkeys(_OF_COMPILE))
        for owner in list(self.owners):
            owner.forget_programs()

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `train_on_batch` and `evaluate` give, in order."""
        self._check_compiled("metrics_names")
        return self.names_compiled or self.objective.metrics_names

    @property
    def total_loss(self) -> Tensor:
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
            updates = _updates(self, trained, loss) if trained else []
            explicit = [pair for layer in family(self) for pair, _ in layer._updates if isinstance(pair, tuple)]
            counts = self.objective.counts()
            function = Function(
                self._feeds(), [sums], [*explicit, *updates], collect="all", collect_if=counts, name="train"
            )
            self._train_loop = StepLoop(function, phase=1)
        return self._train_loop

    def _make_test_function(self):
        if self._test_loop is None:
            collect = "state" if self.stateful else None
            function = Function(self._feeds(), [self._loss_and_sums()[1]], collect=collect, name="test")
            self._test_loop = StepLoop(function, phase=0)
        return self._test_loop

    def _make_predict_function(self):
        if (function := getattr(self, "_predict_function", None)) is None:
            collect = "state" if self.stateful else None
            function = self._predict_function = Function(
                self._data_inputs(), self.outputs, collect=collect, name="predict"
            )
        return function

    def _check_compiled(self, what):
        if getattr(self, "objective", None) is None:
            raise RuntimeError(f"{what}: the model has not been compiled. Call model.compile(optimizer, loss) first.")

    # data

    def _standardize_inputs(self, x):
        inputs = self._data_inputs()
        names = [name for name, tensor in zip(self.input_names, self.inputs) if tensor.node is None]
        arrays = checked_arrays(x, names, [t.shape for t in inputs], "input")
        if told := self._input_ranges():
            refuse_all([array if in_memory(array) else None for array in arrays], told)
        return arrays

    def _standardize_user_data(self, x, y, sample_weight=None, class_weight=None, batch_size=None):
        """Checked lists of inputs, targets and weights (None where all weigh the same)."""
        objective = self.objective
        inputs = self._standardize_inputs(x)
        shapes = [_target_shape(loss, shape) for loss, shape in zip(objective.losses, objective.shapes)]
        targets = checked_arrays(y, objective.names, shapes, "target")
        sample_weights = standardize_sample_weights(sample_weight, objective.names)
        class_weights = standardize_class_weights(class_weight, objective.names)
        weights = [weights_of(*item) for item in zip(targets, sample_weights, class_weights, objective.modes)]
        check_array_lengths(inputs, targets, weights)
        check_loss_and_target_compatibility(targets, objective.losses, objective.shapes)
        self._refuse_labels(targets, weights)
        if batch_size and inputs[0].shape[0] % batch_size and self.stateful:
            raise ValueError(
                f"a stateful network needs whole batches: {inputs[0].shape[0]} samples are no multiple of {batch_size}."
            )
        return inputs, targets, weights

    def _fed(self, data):
        """Checked inputs, targets and weights of one batch as the step takes them, and what is proven of them."""
        parts = [[dense(array) for array in part] for part in data]
        if not all(in_memory(array) for part in data for array in part):
            self._check_numbers(*parts)
        arrays = [array for part in parts for array in part]
        return _converted(arrays, self._feeds()), self._proven(arrays)

    def _placed_inputs(self, inputs, source):
        """Inputs of one batch as the model's placeholders take them, the phase, and what is proven of them.

        `source`: what they are rows of; the numbers in arrays in memory have been checked.
        """
        told, arrays = self._input_ranges(), [dense(array) for array in inputs]
        if told and not all(map(in_memory, source)):
            refuse_all(arrays, told)
        return _converted(arrays, self._data_inputs()), 0, told and proven(arrays, told)

    def _input_ranges(self):
        """For each input the ranges in which its numbers must lie; () where there are none."""
        if self._kept_ranges[0] is not self.outputs:
            self._kept_ranges = self.outputs, ranges_of(self._data_inputs(), ancestors(self.outputs))
        return self._kept_ranges[1]

    def _proven(self, arrays):
        """Of checked inputs, targets and weights those whose numbers the host has looked at: see `Function.checked`."""
        told, labels = self._input_ranges(), self.objective.may_be_labels
        known = proven(arrays, told) if told else ()
        if labels:
            inputs = len(arrays) - 2 * len(self.outputs)
            known += tuple([(inputs + i, item.classes) for i, item in labels if item.prove(arrays[inputs + i])])
        return known

    def _check_numbers(self, inputs, targets, weights):
        """Raise where numbers in a batch that was read from a file, or made dense, are out of range."""
        refuse_all(inputs, self._input_ranges())
        self._refuse_labels(targets, weights)

    def _refuse_labels(self, targets, weights):
        for i, labels in self.objective.may_be_labels:
            if in_memory(targets[i]):
                labels.refuse(targets[i], weights[i])

    # fit and evaluate

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | EraDefault | None = EraDefault("fit_batch_size"),
        nb_epoch: int | EraDefault = EraDefault("fit_nb_epoch"),
        verbose: int = 1,
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        **kwargs: Any,
    ) -> "History":
        """Train on arrays for a number of epochs.

        # Arguments
            x: input array, list of arrays, or dictionary by input name; or what yields batches `(x, y)` or
                `(x, y, sample_weight)`: a data loader, a Sequence, a generator. An epoch takes all that it has, as many
                batches as its `len` says.
            y: targets, likewise by output name.
            batch_size: samples in one step.
            nb_epoch: how often to go through the data (counted from `initial_epoch`'s 0).
            verbose: 0 silent, 1 a live bar, 2 a line an epoch.
            callbacks: list of `Callback`.
            validation_split: part of the data, taken from their end, to validate on.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to validate on.
            shuffle: True, False, or `'batch'` to keep batches together. The batches of a Sequence come in another
                random order in each epoch, all others in the order in which they are drawn.
            class_weight: dictionary from class to its weight in the loss; for several outputs a dictionary of them.
            sample_weight: weight of each sample in the loss.
            steps_per_epoch: how many batches an epoch takes. The next one goes on behind them, and begins anew where
                the data end; a generator that can be gone through only once needs it for several epochs, an endless
                one for any. With arrays, `batch_size` is by default such that so many batches hold all samples; with
                another, shuffled epochs take the first samples of an order of their own, others go on.
            validation_steps: how many batches of `validation_data` to take after each epoch; with arrays, of
                `batch_size` samples.
            validation_freq: after how many epochs to validate, or a list of the epochs, from 1.

        # Returns
            A `History`: its `history` holds the logs by name, a value for each epoch.
        """
        self._check_compiled("fit")
        on_request.asked(self, kwargs)
        options = fit_arguments("fit", kwargs, locals(), self._era)
        options["batch_size"] = options["batch_size"] or self._size_of_batches(x, options)
        source, validation = self._sources(x, y, options)
        told = [options[name] for name in ("callbacks", "verbose", "batch_size", "validation_freq")]
        return trainer.Training(self, source, validation, *told).run(options["initial_epoch"], options["nb_epoch"])

    def _size_of_batches(self, x, options):
        """The size with which `steps_per_epoch` batches hold all samples."""
        if is_stream(x):
            return self._era.fit_batch_size
        count = int(self._standardize_inputs(x)[0].shape[0])
        if options["validation_split"] and options["validation_data"] is None:
            count = split_at(count, options["validation_split"])
        return -(-count // options["steps_per_epoch"])

    def _sources(self, x, y, options):
        """What `fit` trains on and what it validates on, or None."""
        batch_size, held_out = options["batch_size"], options["validation_data"]
        steps, validation_steps = options["steps_per_epoch"], options["validation_steps"]
        if is_stream(x):
            _check_alone(x, y, options["sample_weight"])
            stream = generators.source_of(x, options["shuffle"])
            # two sources are drawn from in turn: both may use NumPy's random state
            passes = None if is_stream(held_out) else max(0, options["nb_epoch"] - options["initial_epoch"])
            source, rest = generators.trained_on(self, stream, steps, options["class_weight"], passes=passes), None
            if options["validation_split"] and held_out is None:
                raise ValueError("validation_split needs arrays; give validation_data beside an iterable of batches.")
        else:
            data = self._standardize_user_data(x, y, options["sample_weight"], options["class_weight"], batch_size)
            data, rest = split(data, options["validation_split"]) if held_out is None else (data, None)
            source = batches.batches_of(self, data, batch_size, options["shuffle"], steps)
        if is_stream(held_out):
            if options["nb_epoch"] - options["initial_epoch"] > 1:
                generators.check_validation("fit", held_out, validation_steps, "validation_steps", "batches")
            return source, generators.validated_on(self, held_out, validation_steps, "validation_steps")
        if held_out is not None:
            rest = self._standardize_user_data(*validation_parts(held_out), batch_size=batch_size)
        self.validation_data = trainer.flat(rest)
        if rest is None:
            return source, None
        if validation_steps is not None:
            trainer.check_enough("validation_steps", validation_steps, batch_size, int(rest[0][0].shape[0]))
        return source, batches.batches_of(self, rest, batch_size, steps=validation_steps)

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        verbose: int = 1,
        sample_weight: Any = None,
        steps: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """The loss and metrics on test data: a number, or a list as `metrics_names` tells.

        `steps`: how many batches to take; all where None. It raises ValueError where there are fewer.
        """
        self._check_compiled("evaluate")
        accuracy = on_request.asked(self, kwargs)
        _check_no_more("evaluate", kwargs)
        steps = checked_steps("steps", steps)
        if is_stream(x):
            _check_alone(x, y, sample_weight)
            source = batches.StreamBatches(self, generators.tested_on(self, "evaluate", x, steps))
            return on_request.reported(self, trainer.evaluate(self, source, verbose), accuracy)
        batch_size = checked_count("batch_size", batch_size)
        data = self._standardize_user_data(x, y, sample_weight, batch_size=batch_size)
        if steps is not None:
            trainer.check_enough("evaluate", steps, batch_size, int(data[0][0].shape[0]))
        values = trainer.evaluate(self, batches.batches_of(self, data, batch_size, steps=steps), verbose)
        return on_request.reported(self, values, accuracy)

    def predict(self, x: Any, batch_size: int = 32, verbose: int = 0, steps: int | None = None) -> Any:
        """The outputs for the given inputs, batch by batch; `x` may be an iterable of batches.

        `steps`: how many batches to take; all where None. It raises ValueError where there are fewer.
        """
        steps = checked_steps("steps", steps)
        if is_stream(x):
            checked = functools.partial(generators.inputs_of_batch, self)
            stream = generators.tested_on(self, "predict", x, steps, checked)
            return single(trainer.predict_stream(self, stream, verbose))
        inputs, batch_size = self._standardize_inputs(x), checked_count("batch_size", batch_size)
        if inputs[0].shape[0] % batch_size and self._make_predict_function().collect:
            raise ValueError(
                f"a stateful network needs whole batches of {batch_size}; received {inputs[0].shape[0]} samples."
            )
        return single(trainer.predict_arrays(self, inputs, batch_size, verbose, steps))

    # one batch

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None, **kwargs: Any) -> Any:
        """One training step on one batch; returns loss and metrics as `metrics_names` tells."""
        self._check_compiled("train_on_batch")
        accuracy = on_request.asked(self, kwargs)
        _check_no_more("train_on_batch", kwargs)
        data = self._standardize_user_data(x, y, sample_weight, class_weight)
        return on_request.reported(self, self._one_step(self._make_train_function(), data), accuracy)

    def test_on_batch(self, x: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Any:
        """Loss and metrics on one batch."""
        self._check_compiled("test_on_batch")
        accuracy = on_request.asked(self, kwargs)
        _check_no_more("test_on_batch", kwargs)
        data = self._standardize_user_data(x, y, sample_weight)
        return on_request.reported(self, self._one_step(self._make_test_function(), data), accuracy)

    def _one_step(self, loop, data):
        sums = np.asarray(loop.run_one(*self._fed(data)), np.float64)
        return self.objective.values(sums, data[0][0].shape[0])

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        inputs = self._standardize_inputs(x)
        function = self._make_predict_function()
        outputs = function(inputs)
        return single(outputs)

    @contextlib.contextmanager
    def averaged_weights(self) -> Iterator[Self]:
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
        generator: Any,
        samples_per_epoch: int | None = None,
        nb_epoch: int | EraDefault = EraDefault("fit_nb_epoch"),
        verbose: int = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        nb_val_samples: int | None = None,
        class_weight: Any = None,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        initial_epoch: int = 0,
        **kwargs: Any,
    ) -> "History":
        """Train on batches that a generator yields as `(x, y)` or `(x, y, sample_weight)`.

        # Arguments
            generator: yields batches for ever; or a loader or Sequence, which may have an end.
            samples_per_epoch: samples after which an epoch ends; where it is missing, as many batches as `len` says, or
                all that a loader has.
            validation_data: `(x, y)` or `(x, y, sample_weight)`, or what may be a `generator`.
            nb_val_samples: samples to take from a validation generator.
            max_q_size: batches prepared ahead.
            nb_worker: threads (or with `pickle_safe` processes) that draw from the generator, in a fixed order. They
                work side by side on Sequences and images; a plain generator is asked by one thread at a time, and each
                process draws from a copy of its own.
            shuffle: whether the batches of a Sequence come in another order in each epoch, as by default.
            validation_freq: after how many epochs to validate, or a list of the epochs, from 1.
        """
        given = {name: value for name, value in locals().items() if name not in ("self", "kwargs")}
        self._check_compiled("fit_generator")
        on_request.asked(self, kwargs)
        return generators.fit_generator(self, **generators.arguments("fit_generator", given, kwargs, self._era))

    def evaluate_generator(
        self,
        generator: Any,
        val_samples: int | None = None,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics over `val_samples` samples of a generator; ValueError where there are fewer."""
        given = {name: value for name, value in locals().items() if name not in ("self", "kwargs")}
        self._check_compiled("evaluate_generator")
        accuracy = on_request.asked(self, kwargs)
        values = generators.evaluate_generator(
            self, **generators.arguments("evaluate_generator", given, kwargs, self._era)
        )
        return on_request.reported(self, values, accuracy)

    def predict_generator(
        self,
        generator: Any,
        val_samples: int | None = None,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The outputs for `val_samples` samples of a generator of inputs; ValueError where there are fewer."""
        given = {name: value for name, value in locals().items() if name not in ("self", "kwargs")}
        return generators.predict_generator(self, **generators.arguments("predict_generator", given, kwargs, self._era))


def collect_trainable_weights(layer: Any) -> list[Variable]:
    """The weights of a layer that training changes, in the order of their names."""
    return sorted(layer.trainable_weights, key=lambda weight: weight.name)


def _updates(model, params, loss):
    """What the optimizer does in a step; one in the manner of Keras 2 takes the loss first and no constraints."""
    optimizer, constraints = model.optimizer, model.constraints
    if names_of(optimizer.get_updates)[:1] == ["loss"]:
        return [
            (pair[0], constraints[pair[0]](pair[1])) if pair[0] in constraints else pair
            for pair in optimizer.get_updates(loss, params)
        ]
    if model._era.name == "0.3":
        constraints = ConstraintsInOrder(params, constraints)
    return optimizer.get_updates(params, constraints, loss)


def _converted(arrays, like):
    """Arrays of one batch as the program for the placeholders `like` takes them."""
    return tuple([converted(array, x.dtype) for array, x in zip(arrays, like)])


def _with_old_accuracy(metrics, kwargs):
    if kwargs.pop("show_accuracy", False):
        return [*to_list(metrics or []), "accuracy"]
    return metrics


def _check_words_of_old(kwargs):
    """Raise for what `compile` does not know; say what has no meaning without Theano."""
    if kwargs.get("class_mode") not in _CLASS_MODES:
        raise ValueError(f"compile: class_mode must be 'categorical' or 'binary'; received {kwargs['class_mode']!r}")
    known = {name: value for name, value in kwargs.items() if name in _OF_THEANO}
    _check_no_more("compile", {name: None for name in kwargs if name != "class_mode" and name not in known})
    for name, value in known.items():
        if value is not None:
            notices.warn(f"compile: {name}={value!r} is for Theano, which is not in use; it has no effect.")


def _check_no_more(method, kwargs):
    """Raise where arguments are left that a method does not know."""
    for name in kwargs:
        raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, names_of(getattr(Model, method)))}")


def _check_alone(x, y, sample_weight):
    """Raise where something stands beside an iterable of batches that it must yield itself."""
    if y is not None or sample_weight is not None:
        raise ValueError(
            f"x is {type(x).__name__}, an iterable of batches: it must yield (x, y) or (x, y, sample_weight) itself; "
            "leave y and sample_weight out."
        )


def _target_shape(loss, shape):
    """The shape that targets of an output must have; None for any, where the loss is the user's own."""
    name = getattr(loss, "__name__", None)
    if name == "sparse_categorical_crossentropy":
        return (*shape[:-1], 1)
    if not getattr(loss, "__module__", "").startswith("horngate."):
        return None
    return (None,) * len(shape) if name == "categorical_crossentropy" else shape
