"""Model: a container that is compiled, trained, tested and used."""

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from horngate import optimizers
from horngate.backend import notices
from horngate.backend.config import EraDefault, within_era
from horngate.backend.function import Function
from horngate.backend.graph import Tensor, Variable
from horngate.backend.mesh import Layout
from horngate.backend.orders import dialect, of_eras
from horngate.engine.arguments import did_you_mean
from horngate.engine.constructors import names_of
from horngate.engine.container import Container
from horngate.engine.layer import single, to_list
from horngate.engine.names import is_ours
from horngate.engine.sublayers import with_sublayers
from horngate.training import accuracy_on_request, data, trainer
from horngate.training.fit_arguments import Options, checked_steps, fit_arguments, generator_arguments
from horngate.training.layouts import layout_for, place_slots
from horngate.training.objective import Objective
from horngate.training.predict_step import PredictStep
from horngate.training.spec import Spec
from horngate.training.step import Step, Steps

if TYPE_CHECKING:
    from horngate.callbacks import History

# How Theano was to compile, in Keras 0.3 and 1: nothing here depends on it.
_OF_THEANO = ("theano_mode", "mode")
_TO_COMPILE = ("loss", "metrics", "loss_weights", "sample_weight_mode", "weighted_metrics")
_OF_LATER = {"call", "train_step", "test_step", "predict_step", "compute_loss"}  # what a subclass overrides there
_NOBODY = contextlib.nullcontext()  # to be told: single predictions are quicker without a generator around them
_making = threading.Lock()
_CLASS_MODES = ("categorical", "binary", None)


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
    validation_data: Any = None
    accuracy_asked: bool = False  # see `accuracy_on_request`, also for the next
    names_compiled: list[str] | None = None
    objective: Any  # an `Objective`, or None where layers have changed since `compile`
    _collected_trainable_weights: list[Variable]
    _objective_outputs: tuple[Objective, list[Tensor]]
    _layout: Layout | None = None  # the places of its arrays on several devices
    _kept_spec: Spec | None = None
    _kept_steps: Steps | None = None


class Model(Container, _Compiled):
    """A graph of layers that can be trained.

    # Arguments
        input: an input tensor, or a list of them.
        output: an output tensor, or a list of them.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in () if is_ours(cls) else sorted(_OF_LATER & vars(cls).keys()):
            raise TypeError(
                f"{cls.__name__}.{name}: methods of a Model are not asked how to train or what to compute. Write what "
                "`call` computes as a layer (a subclass of Layer, or a Lambda) or as a function of tensors from which "
                "Model(input, output) is made; write a step of your own with K.gradients and K.function."
            )

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
        mesh: Any = None,
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
            mesh: the devices to run on, `'data:8'` or a `Distribution`; that of `horngate.distribute` where None.
        """
        metrics = _with_old_accuracy(metrics, kwargs)
        _check_words_of_old(kwargs)
        with within_era(self._era.name):
            new_optimizer = optimizers.get(optimizer)
            self.class_mode: str | None = kwargs.get("class_mode")
            objective = Objective(self, loss, metrics, loss_weights, sample_weight_mode, weighted_metrics)
        self._layout: Layout | None = layout_for(self, mesh)
        self.optimizer: Any = new_optimizer
        self.objective: Any = objective
        self.names_compiled: list[str] | None = None
        self.loss: Any = loss
        self.metrics: Any = metrics or []
        self.loss_weights: Any = loss_weights
        self.sample_weight_mode: Any = sample_weight_mode
        self.weighted_metrics: Any = weighted_metrics
        self._kept_spec = None
        self.steps.forget()
        # sorted as Keras 1 did: the order in which files hold the optimizer's arrays
        self._collected_trainable_weights = collect_trainable_weights(self)

    @property
    def training(self) -> Any:
        """The `Training` that this thread runs just now, or None."""
        return trainer.running_on(self)

    def training_state(self) -> dict[str, Any] | None:
        """The arrays of the optimizer, and where the random numbers stand; None for a model that is not compiled."""
        if getattr(self, "objective", None) is None:
            return None
        function = self.steps["train"].function if "train" in self.steps.made else None
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
        function = self.steps["train"].function
        function.root, function.calls = state["random"]
        for weight, value in zip(self.optimizer.weights, state["slots"], strict=True):
            weight.set_value(value)

    def forget_programs(self) -> None:
        """Forget what was compiled, here and in models of which this one is a part: its layers have changed."""
        vars(self).update(objective=None, _kept_steps=None)
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

    def spec(self) -> Spec:
        """What the model takes as it is now: its inputs, and where it is compiled its targets and weights."""
        spec, objective, outputs = self._kept_spec, getattr(self, "objective", None), self.outputs
        if spec is None or spec.objective is not objective or spec.outputs is not outputs:
            spec = Spec(self.input_names, self.inputs, outputs, objective, lambda: self.stateful, self._layout)
            self._kept_spec = spec
        return spec

    @property
    def steps(self) -> Steps:
        """The compiled steps, made when they are first needed."""
        steps = self._kept_steps
        if steps is None:
            steps = Steps({"train": self._train_step, "test": self._test_step, "predict": self._predict_step})
            with _making:  # other threads may ask for them at once
                steps = self._kept_steps = self._kept_steps or steps
        return steps

    def _train_step(self):
        loss, sums = self._loss_and_sums()
        trained = self._collected_trainable_weights
        updates = _updates(self, trained, loss) if trained else []
        explicit = [pair for layer in with_sublayers(self) for pair, _ in layer._updates if isinstance(pair, tuple)]
        counts, updates = self.objective.counts(), [*explicit, *updates]
        layout = self._layout
        if layout is not None:
            place_slots(layout, trained, self.optimizer, updates)
        function = Function(
            self.spec().feeds, [sums], updates, collect="all", collect_if=counts, name="train", layout=layout
        )
        return Step(function, 1, trained)

    def _test_step(self):
        sums = self._loss_and_sums()[1]
        return Step(Function(self.spec().feeds, [sums], collect=self._states(), name="test", layout=self._layout), 0)

    def _predict_step(self):
        return PredictStep(
            Function(self.spec().inputs, self.outputs, collect=self._states(), name="predict", layout=self._layout)
        )

    def _states(self):
        return "state" if self.stateful else None

    # Under the names of Keras 1: programs call them so that threads find what is compiled.

    def _make_train_function(self):
        return self.steps["train"]

    def _make_test_function(self):
        return self.steps["test"]

    def _make_predict_function(self):
        return self.steps["predict"]

    def _asked(self, method, kwargs):
        """Whether this call asks for the accuracy, as in Keras 0.3; raises where the model is not compiled."""
        self._check_compiled(method)
        return accuracy_on_request.asked(self, kwargs)

    def _check_compiled(self, what):
        if getattr(self, "objective", None) is None:
            raise RuntimeError(f"{what}: the model has not been compiled. Call model.compile(optimizer, loss) first.")

    def _standardize_user_data(self, x, y, sample_weight=None, class_weight=None, batch_size=None):
        """Checked lists of inputs, targets and weights, as Keras 1 called it."""
        return self.spec().checked(x, y, sample_weight, class_weight, batch_size)

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
        self._asked("fit", kwargs)
        options = fit_arguments(
            "fit",
            self._era,
            kwargs,
            batch_size=batch_size,
            nb_epoch=nb_epoch,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=shuffle,
            class_weight=class_weight,
            sample_weight=sample_weight,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
        )
        return self._trained(x, y, options)

    def _trained(self, x, y, options):
        source, validation, held_out = data.prepared(self.spec(), x, y, options, self._stop)
        if validation is None or held_out is not None:
            self.validation_data: Any = held_out and held_out.listed()
        self._warn_of_freezing()
        return trainer.Training(self, self.spec(), self.steps, source, validation, options).run()

    def _stop(self):
        self.stop_training = True

    def _warn_of_freezing(self):
        """Say that what was frozen or thawed since `compile` takes effect with the next `compile`."""
        changed = set(self._collected_trainable_weights) ^ set(self.trainable_weights)
        if changed:
            names = ", ".join(sorted(weight.name for weight in changed)[:3])
            notices.remark(
                f"{self.name}: `trainable` has changed since compile, for {names} among others. This training still "
                "changes the weights that compile found; call compile again to train those of now."
            )

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        verbose: int = 1,
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The loss and metrics on test data: a number, or a list as `metrics_names` tells.

        `steps`: how many batches to take; all where None. It raises ValueError where there are fewer. `callbacks`: list
        of those whose `on_test_...` are called.
        """
        accuracy = self._asked("evaluate", kwargs)
        _check_no_more("evaluate", kwargs)
        options = Options("evaluate", callbacks, batch_size=batch_size, sample_weight=sample_weight, verbose=verbose)
        options.steps_per_epoch = checked_steps("steps", steps)
        return accuracy_on_request.reported(self, self._evaluated(x, y, options), accuracy)

    def _evaluated(self, x, y, options):
        step = self.steps["test"]
        source = data.prepared_to_test(self.spec(), x, y, options, step.seen)
        with self._telling(options.callbacks, "test") if options.callbacks else _NOBODY as callbacks:
            return trainer.evaluate(step, source, self.objective, options.verbose, callbacks)

    @contextlib.contextmanager
    def _telling(self, callbacks, what):
        """Tell callbacks of the beginning and the end of the block; gives the list of them."""
        from horngate.callbacks import CallbackList  # they stand above this room

        told = CallbackList(callbacks)
        told.set_model(self)
        told.tell(f"on_{what}_begin", {})
        yield told
        told.tell(f"on_{what}_end", {})

    def predict(
        self, x: Any, batch_size: int = 32, verbose: int = 0, steps: int | None = None, callbacks: Any = None
    ) -> Any:
        """The outputs for the given inputs, batch by batch; `x` may be an iterable of batches.

        `steps`: how many batches to take; all where None. It raises ValueError where there are fewer. `callbacks`: list
        of those whose `on_predict_...` are called.
        """
        steps = checked_steps("steps", steps)
        options = Options("predict", callbacks, batch_size=batch_size, steps_per_epoch=steps, verbose=verbose)
        return self._predicted(x, options)

    def _predicted(self, x, options):
        step: Any = self.steps["predict"]  # a PredictStep
        batches, count = data.prepared_to_predict(self.spec(), x, options, step.function.collect is not None)
        with self._telling(options.callbacks, "predict") if options.callbacks else _NOBODY as callbacks:
            return single(trainer.predict(step, self.output_names, batches, options.verbose, count, callbacks))

    # one batch

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None, **kwargs: Any) -> Any:
        """One training step on one batch; returns loss and metrics as `metrics_names` tells."""
        accuracy = self._asked("train_on_batch", kwargs)
        _check_no_more("train_on_batch", kwargs)
        batch = self.spec().checked(x, y, sample_weight, class_weight)
        return accuracy_on_request.reported(self, self._one_step("train", batch), accuracy)

    def test_on_batch(self, x: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Any:
        """Loss and metrics on one batch."""
        accuracy = self._asked("test_on_batch", kwargs)
        _check_no_more("test_on_batch", kwargs)
        batch = self.spec().checked(x, y, sample_weight)
        return accuracy_on_request.reported(self, self._one_step("test", batch), accuracy)

    def _one_step(self, kind, batch):
        sums = np.asarray(self.steps[kind].one(*self.spec().fed(batch)), np.float64)
        return self.objective.values(sums, batch.size)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        return single(self.steps["predict"].function(self.spec().checked_inputs(x)))

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
        self._asked("fit_generator", kwargs)
        options = generator_arguments(
            "fit_generator",
            self._era,
            kwargs,
            generator,
            max_q_size,
            nb_worker,
            pickle_safe,
            samples_per_epoch=samples_per_epoch,
            nb_epoch=nb_epoch,
            verbose=verbose,
            callbacks=callbacks,
            validation_data=validation_data,
            nb_val_samples=nb_val_samples,
            class_weight=class_weight,
            initial_epoch=initial_epoch,
        )
        return self._trained(generator, None, options)

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
        accuracy = self._asked("evaluate_generator", kwargs)
        drawing = (max_q_size, nb_worker, pickle_safe)
        options = generator_arguments(
            "evaluate_generator", self._era, kwargs, generator, *drawing, val_samples=val_samples
        )
        return accuracy_on_request.reported(self, self._evaluated(generator, None, options), accuracy)

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
        drawing = (max_q_size, nb_worker, pickle_safe)
        options = generator_arguments(
            "predict_generator", self._era, kwargs, generator, *drawing, val_samples=val_samples
        )
        return self._predicted(generator, options)


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
        constraints = dialect("keras03.parts").ConstraintsInOrder(params, constraints)
    return optimizer.get_updates(params, constraints, loss)


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
            notices.remark(f"compile: {name}={value!r} is for Theano, which is not in use; it has no effect.")


def _check_no_more(method, kwargs):
    """Raise where arguments are left that a method does not know."""
    for name in kwargs:
        raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, names_of(getattr(Model, method)))}")
