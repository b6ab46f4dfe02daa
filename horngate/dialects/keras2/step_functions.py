"""The functions of a model's steps, and what is fed to them, as programs of Keras 1 and 2 reach for them.

A program that makes `train_function` itself, by assignment or in a `_make_train_function` of its own, trains by it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from horngate.backend.function import Function
from horngate.engine.names import Apart
from horngate.training.recorded_step import EagerStep


def _of(read: Callable[[Any], Any], doc: str) -> Any:
    return property(read, doc=doc)


_feed_inputs = _of(lambda model: list(model.spec().inputs), "The tensors that inputs are fed to.")
_feed_input_names = _of(lambda model: list(model.spec().names), "Their names.")
_feed_input_shapes = _of(lambda model: [tuple(x.shape) for x in model.spec().inputs], "Their shapes.")
targets = _of(lambda model: model.objective.targets, "The tensors that targets are fed to.")
sample_weights = _of(lambda model: model.objective.weights, "The tensors that weights of samples are fed to.")
_feed_targets, _feed_sample_weights = targets, sample_weights
_feed_outputs = _of(lambda model: list(model.objective.outputs), "The outputs that have a loss.")
_feed_output_names = _of(lambda model: list(model.objective.names), "Their names.")
_feed_output_shapes = _of(lambda model: [tuple(shape) for shape in model.objective.shapes], "Their shapes.")
loss_functions = _of(lambda model: list(model.objective.losses), "Their losses.")
_feed_loss_fns = loss_functions
loss_weights_list = _of(lambda model: list(model.objective.loss_weights), "The weights of their losses.")
sample_weight_modes = _of(lambda model: list(model.objective.modes), "'temporal' where each step has a weight.")
_feed_sample_weight_modes = sample_weight_modes
_function_kwargs = _of(lambda model: {}, "What `K.function` was told besides.")
_is_graph_network = _of(lambda model: True, "Whether it is made of tensors.")
_layers = _of(lambda model: model.layers, "Its layers.")
_input_layers = _of(lambda model: model.input_layers, "The layers of its inputs.")
_output_layers = _of(lambda model: model.output_layers, "The layers of its outputs.")


def _metrics_tensors(model: Any) -> list[Any]:
    sums, start, found = model._loss_and_sums()[1], 0, []
    for number, measure in enumerate(model.objective.measures):
        if number and measure.width == 2:
            found.append(sums[start] / sums[start + 1])
        start += measure.width
    return found


metrics_tensors = _of(_metrics_tensors, "The metrics over a batch, as tensors.")


def _uses_dynamic_learning_phase(model: Any) -> bool:
    return bool(model.uses_learning_phase)


def _check_trainable_weights_consistency(model: Any) -> None:
    model._warn_of_freezing()


def _standardize_user_data(
    model: Any,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    check_array_lengths: bool = True,
    batch_size: int | None = None,
    check_batch_axis: bool = True,
) -> tuple[list[Any], list[Any], list[Any]]:
    """Return (inputs, targets, weights), lists of checked arrays; without targets `y` the latter are empty."""
    if y is None:
        return model.spec().checked_inputs(x), [], []
    found = model.spec().checked(x, y, sample_weight, class_weight, batch_size)
    return found.inputs, found.targets, _weights(found.targets, found.weights)


def _weights(targets: Sequence[Any], given: Sequence[Any]) -> list[Any]:
    return [np.ones(len(y), "float32") if w is None else w for y, w in zip(targets, given)]


def _step_function(kind: str) -> Any:
    def read(model):
        if kind == "train" and _maker(model) is not None:
            return None  # it is not made yet
        if kind == "predict":
            count = len(model.spec().inputs)
            return lambda inputs: list(model.steps["predict"].function(list(inputs)[:count]))

        def run(inputs):
            spec, inputs = model.spec(), list(inputs)
            x, y = len(spec.inputs), len(spec.inputs) + len(spec.objective.targets)
            batch = spec.checked(inputs[:x], inputs[x:y], inputs[y : len(spec.feeds)] or None)
            return list(model._one_step(kind, batch))

        return run

    return _of(read, f"Runs a step of the kind {kind!r} on a list of inputs, targets and weights of samples.")


train_function, test_function, predict_function = map(_step_function, ("train", "test", "predict"))


def _maker(model: Any) -> Callable[[Any], Any] | None:
    """Return the `_make_train_function` of the user's class of a model; None if it has none."""
    found = [vars(base).get("_make_train_function") for base in type(model).__mro__]
    return next((item.users for item in found if isinstance(item, Apart) and callable(item.users)), None)


def own_step(model: Any) -> Any:
    """Return the step that runs the `train_function` that the program made; None if it made none."""
    if (make := _maker(model)) is not None:
        make(model)
    own = vars(model).get("train_function")
    return None if own is None else OwnFunctionStep(model, own)


class OwnFunctionStep(EagerStep):
    """A step that runs a function of the program, batch by batch.

    # Arguments
        model: the model that it trains.
        own: takes a list of inputs, targets and weights of samples, and returns the loss and the metrics.
    """

    own: Callable[..., Any]

    def __init__(self, model: Any, own: Callable[..., Any]) -> None:
        spec, self.model, self.own = model.spec(), model, own
        super(EagerStep, self).__init__(Function(spec.feeds, [spec.feeds[0]], name="train"), 1, model.trainable_weights)
        self._meet([*model.weights, *getattr(model.optimizer, "weights", [])])

    def one(self, feeds: Any, proven: Any = ()) -> Any:
        """Run the function on the arrays of a batch. Returns the sums of which the objective makes the logs."""
        count = len(self.model.spec().inputs)
        targets = feeds[count : count + len(self.model.objective.targets)]
        given = [*feeds[:count], *targets, *_weights(targets, feeds[count + len(targets) :])]
        extra = [1.0] if len(getattr(self.own, "inputs", ())) > len(given) else []
        values = list(np.ravel([float(np.mean(value)) for value in np.atleast_1d(self.own(given + extra))]))
        size = float(len(feeds[0]))
        loss, *others = self.model.objective.measures
        row = [0.0] * (loss.width - 1) + [values[0] * size]
        told = values[1:] + [float("nan")] * len(others)
        for measure, value in zip([each for each in others if each.width], told):
            row += [value * size, size] + [0.0] * (measure.width - 2)
        return np.array(row)
