"""Model: a graph of layers that can be compiled, trained, evaluated and used for predictions."""

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend.config import EraDefault, within_era
from horngate.backend.function import Function
from horngate.backend.graph import Tensor, Variable
from horngate.backend.mesh import Layout
from horngate.backend.orders import answers_to, dialect, of_eras, same_places, shown_in_eras
from horngate.engine.arguments import changes
from horngate.engine.constructors import names_of
from horngate.engine.container import Container
from horngate.engine.layer import single
from horngate.engine.names import is_ours
from horngate.engine.sublayers import with_sublayers
from horngate.training import accuracy_on_request, data, trainer
from horngate.training.compile_arguments import check_words_of_old, optimizer_for, updates_of, with_old_accuracy
from horngate.training.compiled import OF_KERAS_2, TO_COMPILE, Compiled
from horngate.training.doubtful import holds_nan, remark_on_outputs
from horngate.training.fit_arguments import Options, checked_steps, fit_arguments, generator_arguments
from horngate.training.layouts import layout_for, place_slots
from horngate.training.objective import Objective
from horngate.training.predict_step import EvaluateStep, PredictStep
from horngate.training.sources import first_inputs
from horngate.training.spec import Spec
from horngate.training.step import Step, Steps

if TYPE_CHECKING:
    from horngate.callbacks import History

STEPS = frozenset(("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics"))
_NOBODY = contextlib.nullcontext()  # no callbacks: faster than a generator for single predictions
_making = threading.Lock()


@answers_to(OF_KERAS_2, "keras2.step_functions")
class Model(Container, Compiled):
    """A graph of layers that can be trained.

    # Arguments
        input: an input tensor, or a list of input tensors.
        output: an output tensor, or a list of output tensors.
    """

    metrics = Compiled.metrics  # a layer has some, too

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not is_ours(cls):
            if _defines(cls, STEPS):
                with_steps(cls)
            if _defines(cls, {"call"}) and cls.is_chain:
                raise TypeError(
                    f"{cls.__name__}.call: a Sequential computes its chain of layers. Derive from Model, and call the "
                    "layers in `call`."
                )
            if _defines(cls, {"call"}):
                as_subclass(cls)

    @same_places(2)
    def __init__(self, input: Any = None, output: Any = None, name: str | None = None, **kwargs: Any) -> None:
        if input is not None or output is not None:
            _check_no_more("__init__", kwargs.keys() - {"trainable"})
            super().__init__(input=input, output=output, name=name)
            if "trainable" in kwargs:
                super().__setattr__("trainable", kwargs["trainable"])
            return
        as_subclass(type(self)).__init__(self, name=name, **kwargs)

    # compile

    @of_eras(same=2)
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: str | None = None,
        weighted_metrics: Any = None,
        mesh: Any = None,
        **kwargs: Any,
    ) -> None:
        """Set the optimizer, the losses and the metrics for training.

        # Arguments
            optimizer: a name, an `Optimizer`, or an optax transformation.
            loss: a name or a function `(y_true, y_pred)`; for several outputs, a list or a dictionary by output name.
                In Keras 2, None for outputs without a loss, where another one has one or `add_loss` gives one.
            metrics: list of names and functions, or a dictionary by output name.
            loss_weights: factors of the outputs' losses in the total loss: a list, or a dictionary by output name.
            sample_weight_mode: `'temporal'` for weights per step; for several outputs, a list or a dictionary.
            weighted_metrics: metrics to which sample weights apply.
            mesh: devices to run on: `'data:8'` or a `Distribution`; by default that of `horngate.distribute`.
        """
        told = {"loss_weights": loss_weights, "weighted_metrics": weighted_metrics, "mesh": mesh, **kwargs}
        if _has_steps(self) and with_steps(type(self)):  # they were set on the class, or on the model, later
            self.compile(optimizer, loss=loss, metrics=metrics, **told)
            return
        metrics = with_old_accuracy(metrics, kwargs)
        check_words_of_old(kwargs, _check_no_more)
        with within_era(self._era.name):
            new_optimizer = optimizer_for(optimizer, self._precision, kwargs.get("auto_scale_loss", True))
            if self._waits:
                told |= {"loss": loss, "metrics": metrics, "sample_weight_mode": sample_weight_mode}
                self.optimizer, self._to_compile = new_optimizer, {"optimizer": new_optimizer, **told}
                return
            self.class_mode: str | None = kwargs.get("class_mode")
            objective = Objective(self, loss, metrics, loss_weights, sample_weight_mode, weighted_metrics)
        self._layout: Layout | None = layout_for(self, mesh)
        self.optimizer: Any = new_optimizer
        self.objective: Any = objective
        self.names_compiled: list[str] | None = None
        self.loss: Any = loss
        vars(self)["metrics"] = metrics or []  # a subclass may have a property of this name
        self.loss_weights: Any = loss_weights
        self.sample_weight_mode: Any = sample_weight_mode
        self.weighted_metrics: Any = weighted_metrics
        self._kept_spec = None
        self.steps.forget()
        vars(self).pop("train_function", None)
        # sorted as in Keras 1: files hold the optimizer's arrays in this order
        self._collected_trainable_weights = collect_trainable_weights(self)

    def _seen(self, x, to_predict=False):
        """Return the data `x`; a model that waits for them learns the shapes of its inputs from them."""
        if self._waits:
            inputs, x = first_inputs(self.name, x)
            self._begin_on(inputs)
        if to_predict and self.optimizer is None:
            self._follow_mesh()
        return x

    def _compile_as_asked(self):
        """Compile the model as `compile` was told while it waited for its first data."""
        asked, self._to_compile = self._to_compile, None
        if asked is not None:
            Model.compile(self, **asked)

    @property
    def training(self) -> Any:
        """The `Training` that runs in this thread, or None."""
        return trainer.running_on(self)

    def training_state(self) -> dict[str, Any] | None:
        """Return the arrays of the optimizer and the random state; None for a model that is not compiled."""
        return self.state_of_training()

    def train_on(self, state: Any) -> None:
        """Compile a copy like its original, and resume from `state`, which `training_state` returned."""
        told = {name: getattr(self, name, None) for name in TO_COMPILE} | {"metrics": self.metrics_given}
        Model.compile(self, self.optimizer, **told)  # not `self.compile`: a subclass may change its arguments
        if state["random"] is None:
            return
        function = self.steps["train"].function
        function.root, function.calls = state["random"]
        for weight, value in zip(self.optimizer.weights, state["slots"], strict=True):
            weight.set_value(value)

    def forget_programs(self) -> None:
        """Discard the compiled programs of this model and of models that contain it: its layers have changed."""
        vars(self).update(objective=None, _kept_steps=None)
        for owner in list(self.owners):
            owner.forget_programs()

    @property
    def metrics_names(self) -> list[str]:
        """The names of the values that `train_on_batch` and `evaluate` return, in order."""
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
        """Return the `Spec` of the current model: its inputs and, if it is compiled, its targets and weights."""
        spec, objective, outputs = self._kept_spec, getattr(self, "objective", None), self.outputs
        if spec is None or spec.objective is not objective or spec.outputs is not outputs:
            told = self.input_names, self.inputs, outputs, objective, lambda: self.stateful, self._layout
            spec = Spec(*told, self._front)
            self._kept_spec = spec
        return spec

    predict_spec = spec

    @property
    def steps(self) -> Steps:
        """The compiled steps; each is made when first needed."""
        steps = self._kept_steps
        if steps is None:
            steps = Steps({"train": self._train_step, "test": self._test_step, "predict": self._predict_step})
            with _making:  # several threads may request them at once
                steps = self._kept_steps = self._kept_steps or steps
        elif steps.seen != changes.count:
            self._heed_changes(steps)
        return steps

    def _train_step(self):
        if (own := self._own_step()) is not None:
            return own
        loss, sums = self._loss_and_sums()
        trained = self._collected_trainable_weights
        updates = updates_of(self, self._era.name, trained, loss) if trained else []
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
        collect = "state" if self.objective.may_keep else self._states()
        return EvaluateStep(Function(self.spec().feeds, [sums], collect=collect, name="test", layout=self._layout))

    def _predict_step(self):
        return PredictStep(
            Function(
                self.predict_spec().inputs, self.outputs, collect=self._states(), name="predict", layout=self._layout
            )
        )

    def _states(self):
        return "state" if self.stateful else None

    def _make_train_function(self):
        self._compile_as_asked()
        return self.steps["train"]

    def _make_test_function(self):
        return self.steps["test"]

    def _make_predict_function(self):
        return self.steps["predict"]

    def _wants_accuracy(self, method, kwargs):
        """Return whether this call requests the accuracy, as in Keras 0.3. Raises RuntimeError if not compiled."""
        self._check_compiled(method)
        return accuracy_on_request.asked(self, kwargs)

    def _check_compiled(self, what):
        if getattr(self, "objective", None) is None:
            raise RuntimeError(f"{what}: the model has not been compiled. Call model.compile(optimizer, loss) first.")

    # fit and evaluate

    @shown_in_eras
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
        validation_batch_size: int | None = None,
        **kwargs: Any,
    ) -> "History":
        """Train for a number of epochs.

        # Arguments
            x: input array, list of arrays, or dictionary by input name. Or an iterable of batches `(x, y)` or
                `(x, y, sample_weight)`: a data loader, a Sequence or a generator. An epoch takes all of its batches.
            y: target array, list of arrays, or dictionary by output name.
            batch_size: number of samples in a step.
            nb_epoch: total number of epochs; those before `initial_epoch` count too.
            verbose: 0 for no output, 1 for a live progress bar, 2 for a line per epoch.
            callbacks: list of `Callback`.
            validation_split: fraction of the data, taken from the end, to validate on; between 0 and 1.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to validate on.
            shuffle: True, False, `'batch'` to keep batches together, or `'blocks'` for large files: their chunks come
                in random order, and the rows of each, so that it is read once. True gives the batches of a Sequence
                another random order in each epoch; other iterables keep their own order.
            class_weight: dictionary from class to its weight in the loss; for several outputs, a dictionary of these.
            sample_weight: weight of each sample in the loss.
            steps_per_epoch: number of batches in an epoch; required for an endless generator, and to train for several
                epochs on one that can be read only once. The next epoch continues with the following batch, and
                restarts at the end of the data. With arrays, `batch_size` is by default chosen so that these batches
                hold all samples. With another `batch_size`, a shuffled epoch takes the first samples of a new order;
                without shuffling, epochs continue.
            validation_steps: number of batches of `validation_data` taken after each epoch; with arrays, batches of
                `batch_size` samples.
            validation_freq: number of epochs from one validation to the next, or a list of epochs, counted from 1.
            validation_batch_size: number of samples in a batch of validation arrays; None for `batch_size`.

        # Returns
            A `History`: its `history` maps each name in the logs to a list with a value per epoch.
        """
        x = self._seen(x)
        self._wants_accuracy("fit", kwargs)
        told = {"validation_split": validation_split, "validation_data": validation_data, "shuffle": shuffle}
        told |= {"class_weight": class_weight, "sample_weight": sample_weight}
        options = fit_arguments(
            "fit",
            self._era,
            kwargs,
            batch_size=batch_size,
            nb_epoch=nb_epoch,
            verbose=verbose,
            callbacks=callbacks,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
            validation_batch_size=validation_batch_size,
            **told,
        )
        return self._trained(x, y, options)

    def _trained(self, x, y, options):
        source, validation, held_out = data.prepared(self.spec(), x, y, options, self._stop)
        if validation is None or held_out is not None:
            self.validation_data: Any = held_out and held_out.listed()
        self._warn_of_freezing()
        self._heed_own_function()
        return trainer.Training(self, self.spec(), self.steps, source, validation, options).run()

    def _stop(self):
        self.stop_training = True

    @shown_in_eras
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        verbose: int = 1,
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the loss and metrics on test data: a number, or a list in the order of `metrics_names`.

        `return_dict`: return a dictionary by these names instead. `steps`: number of batches to take; None for all.
        Raises ValueError if there are fewer. `callbacks`: list of callbacks; their `on_test_...` methods are called.
        """
        x = self._seen(x)
        accuracy = self._wants_accuracy("evaluate", kwargs)
        _check_no_more("evaluate", kwargs)
        options = Options("evaluate", callbacks, batch_size=batch_size, sample_weight=sample_weight, verbose=verbose)
        options.steps_per_epoch, options.sized = checked_steps("steps", steps), batch_size != 32
        return self._reported(self._evaluated(x, y, options), accuracy, return_dict)

    def _reported(self, values, accuracy, return_dict):
        told = accuracy_on_request.reported(self, values, accuracy)
        return dict(zip(self.metrics_names, np.atleast_1d(told).tolist())) if return_dict else told

    def _evaluated(self, x, y, options):
        step = self.steps["test"]
        source = data.prepared_to_test(self.spec(), x, y, options, step.seen)
        with self._telling(options.callbacks, "test") if options.callbacks else _NOBODY as callbacks:
            return trainer.evaluate(step, source, self.objective, options.verbose, callbacks, self.spec())

    @contextlib.contextmanager
    def _telling(self, callbacks, what):
        """Call the callbacks at the start and the end of the block. Yields the `CallbackList`."""
        from horngate.callbacks import CallbackList  # from a room above

        told = CallbackList(callbacks)
        told.set_model(self)
        told.tell(f"on_{what}_begin", {})
        with told.undone():
            yield told
        told.tell(f"on_{what}_end", {})

    @of_eras(same=3)
    def predict(
        self,
        x: Any,
        batch_size: int = 32,
        verbose: int = 0,
        steps: int | None = None,
        callbacks: Any = None,
        gather: bool = True,
    ) -> Any:
        """Return the outputs for the inputs `x`, computed batch by batch; `x` may be an iterable of batches.

        `steps`: number of batches to take; None for all. Raises ValueError if there are fewer. `callbacks`: list of
        callbacks; their `on_predict_...` methods are called. `gather`: with False, and `x` arrays, process p of P
        processes gets the outputs of its part of the samples alone, the rows `np.array_split(np.arange(len(x)), P)[p]`.
        """
        options = Options("predict", callbacks, batch_size=batch_size, verbose=verbose, gather=gather)
        options.steps_per_epoch, options.sized = checked_steps("steps", steps), batch_size != 32
        return self._predicted(self._seen(x, to_predict=True), options)

    def _predicted(self, x, options):
        step: Any = self.steps["predict"]  # a PredictStep
        if not options.gather:
            step = step.of_own_rows
        batches, count = data.prepared_to_predict(self.predict_spec(), x, options, step)
        with self._telling(options.callbacks, "predict") if options.callbacks else _NOBODY as callbacks:
            told = self._as_returned if self._era.generation == "3" else list
            outputs = trainer.predict(step, self.output_names, batches, options.verbose, count, callbacks, told)
        if any(map(holds_nan, outputs)):
            remark_on_outputs(outputs, self.output_names, self.predict_spec(), None if options.drawing else x)
        return self._as_returned(outputs)

    def _as_returned(self, outputs):
        """Return a list of outputs in the form in which `call` returns them."""
        return self._as_made(single(outputs))

    # one batch

    def train_on_batch(
        self,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Run one training step on a batch. Returns the loss and metrics in the order of `metrics_names`.

        `return_dict`: return a dictionary by these names instead.
        """
        x = self._seen(x)
        accuracy = self._wants_accuracy("train_on_batch", kwargs)
        _check_no_more("train_on_batch", kwargs)
        batch = self.spec().checked(x, y, sample_weight, class_weight)
        return self._reported(self._one_step("train", batch), accuracy, return_dict)

    def test_on_batch(self, x: Any, y: Any, sample_weight: Any = None, return_dict: bool = False, **kwargs: Any) -> Any:
        """Return the loss and metrics on one batch; with `return_dict`, a dictionary by `metrics_names`."""
        x = self._seen(x)
        accuracy = self._wants_accuracy("test_on_batch", kwargs)
        _check_no_more("test_on_batch", kwargs)
        return self._reported(self._one_step("test", self.spec().checked(x, y, sample_weight)), accuracy, return_dict)

    def _one_step(self, kind, batch):
        self.objective.begin()
        self._heed_own_function()
        sums = np.asarray(self.steps[kind].one(*self.spec().fed(batch)), np.float64)
        return self.objective.values(sums, batch.size)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch."""
        x = self._seen(x, to_predict=True)
        return self._as_returned(self.steps["predict"].function(self.predict_spec().checked_inputs(x)))

    # generators of batches

    @shown_in_eras
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
            generator: an endless generator, or a data loader or Sequence, which may end.
            samples_per_epoch: number of samples after which an epoch ends; default: `len(generator)` batches, or all
                batches of a loader.
            validation_data: `(x, y)` or `(x, y, sample_weight)`, or a source of batches like `generator`.
            nb_val_samples: number of samples taken from a validation generator.
            max_q_size: number of batches prepared ahead.
            nb_worker: number of threads (processes with `pickle_safe`) that draw from the generator, in a fixed order.
                They work in parallel on Sequences and images. One thread at a time draws from a plain generator; each
                process draws from its own copy.
            shuffle: whether the batches of a Sequence have another order in each epoch; default True.
            validation_freq: number of epochs from one validation to the next, or a list of epochs, counted from 1.
        """
        generator = self._seen(generator)
        self._wants_accuracy("fit_generator", kwargs)
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

    @shown_in_eras
    def evaluate_generator(
        self,
        generator: Any,
        val_samples: int | None = None,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the loss and metrics over `val_samples` samples of a generator. Raises ValueError if it has fewer."""
        generator = self._seen(generator)
        accuracy = self._wants_accuracy("evaluate_generator", kwargs)
        drawing = (max_q_size, nb_worker, pickle_safe)
        options = generator_arguments(
            "evaluate_generator", self._era, kwargs, generator, *drawing, val_samples=val_samples
        )
        return accuracy_on_request.reported(self, self._evaluated(generator, None, options), accuracy)

    @shown_in_eras
    def predict_generator(
        self,
        generator: Any,
        val_samples: int | None = None,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the outputs for `val_samples` samples of a generator of inputs. Raises ValueError if it has fewer."""
        generator, drawing = self._seen(generator, to_predict=True), (max_q_size, nb_worker, pickle_safe)
        options = generator_arguments(
            "predict_generator", self._era, kwargs, generator, *drawing, val_samples=val_samples
        )
        return self._predicted(generator, options)


def collect_trainable_weights(layer: Any) -> list[Variable]:
    """Return the trainable weights of a layer, sorted by name."""
    return sorted(layer.trainable_weights, key=lambda weight: weight.label)


def _defines(cls, names):
    """Return whether a class of the user defines any of the methods `names`, for `cls`."""
    return any(not names.isdisjoint(vars(base)) for base in cls.__mro__ if not is_ours(base) and base is not object)


def _has_steps(model):
    return _defines(type(model), STEPS) or not STEPS.isdisjoint(vars(model))


def with_steps(cls: Any) -> bool:
    """Let the user's class `cls` train by the steps that it defines: see `CustomSteps`. Returns False if it does so."""
    from horngate.training.custom_steps import CustomSteps  # imported where a program writes such a class

    if issubclass(cls, CustomSteps):
        return False
    cls.__bases__ = (CustomSteps, *cls.__bases__)
    return True


def as_subclass(cls: Any) -> Any:
    """Let the user's class `cls` be a model whose layers are its attributes: see `SubclassedModel`."""
    from horngate.training.subclassed import SubclassedModel  # imported where a program writes such a class

    if not issubclass(cls, SubclassedModel):
        cls.__bases__ = (SubclassedModel, *cls.__bases__)
    return SubclassedModel


def _check_no_more(method, kwargs):
    """Raise TypeError if there are arguments left, which the method does not know."""
    for name in kwargs:
        hint = dialect("reading").argument_meant(name, names_of(getattr(Model, method)))
        raise TypeError(f"{method.replace('__init__', 'Model')} has no argument {name!r}.{hint}")
