"""Models with steps of their own: `train_step`, `test_step`, `predict_step`, `compute_loss`, `compute_metrics`."""

# mypy: disable-error-code="override"
# Its methods take what its steps need, where other models need targets.

import inspect
from typing import Any

import numpy as np

from horngate import metrics as metrics_module
from horngate.backend.config import within_era
from horngate.backend.tape import GradientTape
from horngate.engine.layer import single
from horngate.engine.sublayers import unique
from horngate.training import data as preparation
from horngate.training import trainer
from horngate.training.compile_arguments import optimizer_for
from horngate.training.compiled_parts import CompiledLoss, CompiledMetrics
from horngate.training.layouts import layout_for
from horngate.training.model import Model
from horngate.training.named_results import merged
from horngate.training.open_spec import OpenSpec, packed, unpacked, weighed
from horngate.training.own_predict_step import OwnPredictStep
from horngate.training.recorded_step import Logs, predicting, step_of
from horngate.training.sources import first_item
from horngate.training.spec import Spec
from horngate.training.step import Steps


class _OfSteps:
    """The attributes of a model with steps of its own."""

    loss_tracker_of_compile: Any

    run_eagerly: bool = False
    _scales_loss: bool = True
    compiled_loss: Any = None
    compiled_metrics: Any = None
    _open_specs: dict[str, OpenSpec]
    _logs: dict[str, Logs]
    _to_predict: tuple[OwnPredictStep, OpenSpec]


class CustomSteps(Model, _OfSteps):
    """The base that a subclass of Model gets if it defines a step or the loss itself.

    A step is called on symbols, once for each shape of its batches, and becomes one compiled program, of which many
    run in a dispatch. A step that needs values in Python runs on arrays, batch by batch.
    """

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool | None = None,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        mesh: Any = None,
    ) -> None:
        """Set the optimizer, and the loss and the metrics that the default steps use.

        # Arguments
            optimizer: a name, an `Optimizer`, or an optax transformation.
            loss: a name or function, or a list or dictionary of them; None if the steps compute the loss themselves.
            metrics: list of names, functions and metrics, or a dictionary by output.
            loss_weights: factors of the outputs' losses in the total loss.
            weighted_metrics: metrics to which sample weights apply.
            run_eagerly: True to run each step by Python on arrays, where a debugger and `print` see them.
            steps_per_execution: no effect: many steps run in a dispatch anyway.
            jit_compile: no effect: each step is compiled.
            auto_scale_loss: whether the default `train_step` scales the loss where layers compute in float16; a step of
                one's own calls `optimizer.scale_loss`.
            mesh: devices to run on: `'data:8'` or a `Distribution`; by default that of `horngate.distribute`.
        """
        with within_era(self._era.name):
            self.optimizer = optimizer_for(optimizer, self._precision, auto_scale_loss)
            self.loss_tracker_of_compile = metrics_module.Mean(name="loss")
            self.compiled_loss = CompiledLoss(loss, loss_weights, self.loss_tracker_of_compile, self._era)
            self.compiled_metrics = CompiledMetrics(metrics, weighted_metrics, loss, self._era)
        self._layout = layout_for(self, mesh)
        self.run_eagerly, self._given_metrics = bool(run_eagerly), metrics
        self._scales_loss = auto_scale_loss or bool(self.optimizer.loss_scale)
        vars(self).update(loss=loss, loss_weights=loss_weights, weighted_metrics=weighted_metrics)
        self.sample_weight_mode = None
        self._logs = {kind: Logs(self, self._era) for kind in ("train", "test")}
        self.objective, self._open_specs = self._logs["train"], {}
        self._kept_spec, self.names_compiled = None, None
        self.steps.forget()

    def _make_train_function(self):
        """Make the arrays of the optimizer. Returns the step; None where no data have told its shapes."""
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_weights)
        return self.steps["train"] if "train" in self._open_specs else None

    @property
    def _collected_trainable_weights(self):
        return unique(self.optimizer.slot_owners.values()) or self.trainable_weights

    def training_state(self) -> dict[str, Any] | None:
        """Return what a copy needs to be compiled; None for a model that is not."""
        return None if self.compiled_loss is None else {"random": None}

    def train_on(self, state: Any) -> None:
        """Compile a copy like its original."""
        told = {"loss": self.loss, "loss_weights": self.loss_weights, "weighted_metrics": self.weighted_metrics}
        CustomSteps.compile(self, self.optimizer, metrics=self._given_metrics, **told)

    @property
    def metrics_given(self) -> Any:
        return self._given_metrics

    @property
    def metrics(self) -> list[Any]:
        """The metrics of `compile`, and those that are attributes."""
        if self.compiled_loss is None:
            return []
        held = [value for value in vars(self).values() if hasattr(value, "stateless_update_state")]
        lists = [item for value in vars(self).values() if isinstance(value, (list, tuple)) for item in value]
        held += [item for item in lists if hasattr(item, "stateless_update_state")]
        tracker = [self.loss_tracker_of_compile] if self._tracks_loss() else []
        own = [metric for metric in held if metric is not self.loss_tracker_of_compile]
        return unique([*tracker, *self.compiled_metrics.metrics, *own])

    @metrics.setter
    def metrics(self, value: Any) -> None:
        vars(self)["metrics"] = value

    @property
    def metrics_names(self) -> list[str]:
        self._check_compiled("metrics_names")
        return self.objective.metrics_names

    @property
    def metrics_variables(self) -> list[Any]:
        """The state of the metrics."""
        from horngate.metrics.recorded import states_of

        return [state for metric in self.metrics for state in states_of(metric)]

    def _tracks_loss(self):
        return self.compiled_loss.loss is not None or type(self).train_step is CustomSteps.train_step

    @property
    def _loss_tracker(self):
        return self.loss_tracker_of_compile

    def reset_metrics(self) -> None:
        """Let all metrics begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    # The steps; a subclass overrides them.

    def train_step(self, data: Any) -> dict[str, Any]:
        """Train on a batch, and return what the logs tell.

        `data`: `x`, `(x, y)` or `(x, y, sample_weight)`.
        """
        x, y, sample_weight = unpacked(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self._computed_loss(x, y, y_pred, sample_weight, True)
            scaled = self.optimizer.scale_loss(loss) if self._scales_loss else loss
        self._loss_tracker.update_state(loss)
        variables = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(scaled, variables), variables))
        return self._computed_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Test on a batch, and return what the logs tell; `data` as for `train_step`."""
        x, y, sample_weight = unpacked(data)
        y_pred = self(x, training=False)
        self._loss_tracker.update_state(self._computed_loss(x, y, y_pred, sample_weight, False))
        return self._computed_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for a batch; `data` as for `train_step`."""
        return self(unpacked(data)[0], training=False)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the loss of `compile` and the terms that layers add.

        # Arguments
            x: inputs.
            y: targets.
            y_pred: predictions.
            sample_weight: weights of the samples.
            training: whether in training.
        """
        terms = list(self.losses)
        if self.compiled_loss is not None and self.compiled_loss.loss is not None and y is not None:
            terms.insert(0, self.compiled_loss.total(y, y_pred, sample_weight))
        if not terms:
            raise ValueError(
                f"{type(self).__name__}: there is no loss. Give compile a loss, call add_loss, or override "
                "compute_loss."
            )
        return sum(terms[1:], terms[0])

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Add a batch to the metrics of `compile`, and return the values of all metrics by name.

        # Arguments
            x: inputs.
            y: targets.
            y_pred: predictions.
            sample_weight: weights of the samples.
        """
        if y is not None:
            self.compiled_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the values of all metrics by name."""
        return merged([(self.compiled_metrics.name_of(metric), metric.result()) for metric in self.metrics])

    def _computed_loss(self, x, y, y_pred, sample_weight, training):
        told = {"x": x, "y": y, "y_pred": y_pred, "sample_weight": sample_weight, "training": training}
        taken = inspect.signature(self.compute_loss).parameters
        more = any(p.kind is p.VAR_KEYWORD for p in taken.values())
        return self.compute_loss(**{name: value for name, value in told.items() if more or name in taken})

    def _computed_metrics(self, x, y, y_pred, sample_weight):
        return self.compute_metrics(x, y, y_pred, sample_weight)

    # The way of the data.

    def spec(self) -> Any:
        known = vars(self).get("_open_specs", {})
        return known.get("train") or known.get("test") or super().spec()

    def predict_spec(self) -> Spec:
        told = self.input_names, self.inputs, self.outputs, None, lambda: self.stateful, self._layout
        return Spec(*told, self._front)

    @property
    def steps(self) -> Steps:
        if self._kept_steps is None:
            make = {"train": lambda: self._own_step("train"), "test": lambda: self._own_step("test")}
            self._kept_steps = Steps({**make, "predict": self._predict_step})
        return self._kept_steps

    def _own_step(self, kind):
        spec = self._open_specs[kind]
        return step_of(self, f"{kind}_step", spec, self._logs[kind], int(kind == "train"))

    def _know(self, kind, sample, batch_size=None):
        """Learn the structure of the data from `sample`; the step is made anew if it differs."""
        spec = self._open_specs.get(kind)
        if spec is None or not spec.fits(sample):
            spec = OpenSpec(sample, self._logs[kind], self._layout, batch_size)
            self._open_specs[kind] = spec
            self.steps.forget(kind)
        if kind == "train" and "test" in self._open_specs:
            spec.to_test = self._open_specs["test"]
        return self.steps[kind]

    def _seen(self, x, to_predict=False):
        return super()._seen(x, to_predict) if to_predict and not self._predicts_otherwise() else x

    def _predicts_otherwise(self):
        """Whether the class, or the model itself, has a `predict_step` of its own."""
        return getattr(self.predict_step, "__func__", None) is not CustomSteps.predict_step

    def _predicted(self, x, options):
        if not self._predicts_otherwise():
            return super()._predicted(x, options)
        if not options.gather:
            raise ValueError(f"{type(self).__name__}: a predict_step of one's own runs whole: leave out gather=False.")
        if preparation.is_stream(x) or options.drawing:
            sample, x = first_item(self.name, x)
        else:
            x = _alone(x)
            sample = packed(x)
        own, spec = self._step_to_predict(sample)
        step: Any = own
        step.collect = "state" if self.stateful else None
        batches, count = preparation.prepared_to_predict(spec, x, options, step)
        with self._telling(options.callbacks, "predict") as callbacks:
            outputs = trainer.predict(step, step.names, batches, options.verbose, count, callbacks)
        return step.as_returned(outputs)

    def _step_to_predict(self, sample):
        """Return (the own `predict_step` for data like `sample`, their spec)."""
        known = vars(self).get("_to_predict")
        if known is None or not known[1].fits(sample) or known[0].by_python != self.run_eagerly:
            spec = OpenSpec(sample, None)
            known = self._to_predict = self._predict_step_for(spec), spec
        return known

    def _predict_step_for(self, spec):
        return OwnPredictStep(predicting(self, self.predict_step), spec.structure, self.run_eagerly)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for the batch `x`, as `predict_step` gives them."""
        if not self._predicts_otherwise():
            return super().predict_on_batch(x)
        x = _alone(x)
        step, spec = self._step_to_predict(packed(x))
        arrays = spec.checked_inputs(x)
        return step.as_returned([np.asarray(y) for y in step.outputs(spec.fed_inputs(arrays, arrays)[0], (), 0)])

    def _trained(self, x, y, options):
        held_out = options.validation_data
        if held_out is not None:
            options.validation_data = self._known_from("test", held_out, options.batch_size)
        x = self._know_data("train", x, y, options.sample_weight, options.class_weight, options.batch_size)
        if options.validation_split and held_out is None:
            sample = packed(x, y, weighed(y, options.sample_weight, options.class_weight))
            self._know("test", sample, options.batch_size)
            self._open_specs["train"].to_test = self._open_specs["test"]
        return super()._trained(x, y, options)

    def _known_from(self, kind, given, batch_size):
        if isinstance(given, (tuple, list)):
            x, y, weight = (*given, None, None)[:3]
            self._know(kind, packed(x, y, weight), batch_size)
            return given
        return self._know_data(kind, given, None, None, None, batch_size)

    def _know_data(self, kind, x, y, sample_weight, class_weight, batch_size):
        """Learn the structure of the data `x` and `y`; returns the data to go on with."""
        if preparation.is_stream(x):
            item, x = first_item(self.name, x)
            if class_weight is not None:
                of_x, of_y, weight = unpacked(item)
                item = packed(of_x, of_y, weighed(of_y, weight, class_weight))
            self._know(kind, item)
        else:
            self._know(kind, packed(x, y, weighed(y, sample_weight, class_weight)), batch_size)
        return x

    def _warn_of_freezing(self):
        """Say nothing: the steps say which variables they train."""

    def _evaluated(self, x, y, options):
        x = self._know_data("test", x, y, options.sample_weight, None, options.batch_size)
        step, spec = self.steps["test"], self._open_specs["test"]
        source = preparation.prepared_to_test(spec, x, y, options, step.seen)
        with self._telling(options.callbacks, "test") as callbacks:
            return trainer.evaluate(step, source, self._logs["test"], options.verbose, callbacks)

    def _reported(self, values, accuracy, return_dict, kind="test"):
        names = self._logs[kind].metrics_names
        return dict(zip(names, values)) if return_dict else single(values) if values else None

    def _one_step(self, kind, batch):
        raise TypeError(f"{type(self).__name__}: batches of {kind} go through its own step.")

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Run `train_step` on a batch, and return its values in their order; arguments as for other models."""
        return self._on_batch("train", x, y, weighed(y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Run `test_step` on a batch, and return its values in their order; arguments as for other models."""
        return self._on_batch("test", x, y, sample_weight, return_dict)

    def _on_batch(self, kind, x, y, weight, return_dict):
        self._check_compiled(f"{kind}_on_batch")
        step, logs = self._know(kind, packed(x, y, weight)), self._logs[kind]
        spec = self._open_specs[kind]
        logs.begin()
        row = np.asarray(step.one(*spec.fed(spec.checked(x, y, weight))), np.float64)
        return self._reported(logs.values(row, 1), False, return_dict, kind)


def _alone(x):
    """Return `x`, or the only item of a tuple or list."""
    return x[0] if isinstance(x, (tuple, list)) and len(x) == 1 else x
