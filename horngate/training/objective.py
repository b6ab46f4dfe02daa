"""Objective: the losses, metrics and weights given to `compile`, measured as sums over samples."""

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from horngate import backend as K
from horngate import metrics as metrics_module
from horngate import objectives
from horngate.backend import config, graph
from horngate.backend.graph import Node, Tensor, Variable
from horngate.backend.inference import infer
from horngate.backend.ranges import note_labels, same_targets
from horngate.backend.running import running_scope
from horngate.engine.calls import in_words
from horngate.engine.layer import to_list
from horngate.engine.names import is_ours
from horngate.engine.penalties import Penalty, counted
from horngate.engine.sublayers import unique, with_sublayers
from horngate.training.asked_for_graph import AskedForGraph, names_after
from horngate.training.by_output import collect_metrics, distinct, per_output
from horngate.training.doubtful import remark_on_accuracy, remark_on_metric, remark_on_output, remark_on_targets
from horngate.training.labels import Labels, accuracy, with_axis
from horngate.training.metric_weights import combined, masked_metric, mean_over_counted, weighted_metric
from horngate.training.named_results import names_told, values_told
from horngate.training.stateful_metric import Stateful
from horngate.training.whole_arrays import WholeArrays, must_wait


class Measure:
    """A quantity in the logs: its sums over batches are added, and `finish` computes its value from the total."""

    name: str
    width: int
    finish: Callable[[Any, Any], Any]
    of_epoch: bool = False  # whether it is known at the end of an epoch only

    def __init__(self, name: str, width: int = 2, finish: Callable[[Any, Any], Any] | None = None) -> None:
        self.name, self.width, self.names = name, width, [name]
        self.finish = finish or (lambda total, count: _mean(total[0], total[1], nothing=float("nan")))


def _mean(total, count, nothing=0.0):
    """Return `total` / `count`; `nothing` if `count` is 0."""
    return total / count if count else nothing


def weighted_objective(fn: Any, mean: str = "counted") -> Callable[..., Any]:
    """Return the loss function `fn` with sample weights and a mask; it returns one number.

    The losses of samples (or steps) are multiplied by the weights and the mask; then the mean is taken over those with
    a weight other than 0. If there are none, the loss and its gradient are 0. That is the `mean` called `counted`;
    `unmasked`, as in Keras 3, counts those of weight 0 too, `all`, as in Keras 2.3, also masked ones. An object of
    `losses` reduces in its own way.
    """
    each, total = getattr(fn, "each", fn), getattr(fn, "total", None)

    def weighted(y_true, y_pred, weights, mask=None):
        y_true, y_pred = _freed(_freed([y_true, y_pred], mask), weights)
        if mean == "all" and mask is not None:  # it is one more weight
            weights, mask = combined(weights, mask), None
        if total is not None and weights is None:  # with weights, the checks below come first
            with in_words(f"loss: {_called(fn)}"):
                return K.mean(K.cast(total(y_true, y_pred, None, mask), config.floatx()))
        with in_words(f"loss: {_called(fn)}"):
            score = each(y_true, y_pred)
        if score is None:
            raise ValueError(f"loss: {_called(fn)} gave None. Let it return the loss of each sample.")
        if isinstance(score, str):
            raise TypeError(f"loss: {_called(fn)} gave {score!r}. Let it return the loss of each sample.")
        score = jnp.asarray(score)
        if not jnp.issubdtype(score.dtype, jnp.floating):
            raise TypeError(f"loss: {_called(fn)} gave numbers of type {score.dtype}, by which nothing can be trained.")
        if weights is not None and not score.ndim and mean == "counted":  # later Kerases multiply it by their mean
            raise ValueError(
                f"loss: {_called(fn)} gave one number for the whole batch, in which sample_weight and class_weight can "
                "weigh nothing. Let it return the loss of each sample: K.mean(..., axis=-1)."
            )
        if total is not None:
            return K.mean(K.cast(total(y_true, y_pred, weights, mask), config.floatx()))
        if mean != "counted":
            return objectives.reduced(score, weights, mask)
        if mask is not None:
            score = mean_over_counted(score, K.cast(mask, K.floatx()))
        if weights is not None:
            spare = tuple(range(len(weights.shape), len(score.shape)))
            score = K.mean(score, axis=spare) if spare else score
            score = mean_over_counted(score, weights, K.cast(K.not_equal(weights, 0), K.floatx()))
        return K.mean(score)

    return weighted


def _called(fn):
    return getattr(fn, "__name__", fn)


def _freed(arrays, weights):
    """Replace NaN and infinity by 0 where `weights`, unless None, are 0: these entries may hold anything.

    Without this, their gradients would be 0 * NaN, which is NaN.
    """
    return [x if weights is None else _finite_unless(weights, x) for x in arrays]


def _finite_unless(weights, x):
    if x.shape[: weights.ndim] != weights.shape:
        return x
    weights = weights.reshape(weights.shape + (1,) * (x.ndim - weights.ndim))
    return same_targets(x, jnp.where((weights != 0) | jnp.isfinite(x), x, 0))


def counts_at_all(weights: Any, masks: Any) -> Any:
    """Return whether any sample of a batch counts in any output; None if an output has no weights and no mask."""
    found = [_any_counts(*pair) for pair in zip(weights, masks)]
    weighed = [each for each in found if each is not None]
    return functools.reduce(jnp.logical_or, weighed) if found and len(weighed) == len(found) else None


def _any_counts(weights, mask):
    """Return whether any sample of a batch counts in an output; None without weights and mask."""
    given = [jnp.any(jnp.asarray(each) != 0) for each in (weights, mask) if each is not None]
    return functools.reduce(jnp.logical_and, given) if given else None


class _Evaluation(Node):
    """The evaluation of an objective; it names the states of metrics, which a resumed training sets before any run."""

    def __init__(self, objective: "Objective") -> None:
        super().__init__(
            objective.evaluate,
            # all outputs of the model: its layers may add losses
            [
                objective.targets,
                objective.outputs,
                objective.weights,
                objective._masks(),
                objective.model.outputs,
                objective.tensors,
            ],
        )
        self._states = [state for metric in objective.kept for state in getattr(metric, "states", ())]

    def variables(self) -> list[Variable]:
        return [*super().variables(), *self._states]


class Objective(AskedForGraph):
    """The objective of a training: a loss and any metrics for each output, and the penalties of the layers.

    # Arguments
        loss: a name or function for all outputs, a list of them, or a dictionary by output name.
        loss_weights, metrics, sample_weight_mode: see `Model.compile`.
    """

    outputs: list[Any]

    era: config.Era
    model: Any
    names: list[str]
    shapes: list[Any]
    losses: list[Callable[..., Any]]
    loss_weights: list[Any]
    modes: list[str | None]
    targets: list[Tensor]
    weights: list[Tensor]
    labels: list[Labels]
    may_be_labels: list[tuple[int, Labels]]  # with the index of the output
    measures: list[Measure]
    tensors: list[Any]  # what programs append to `metrics_tensors`; what follows in `metrics_names` names them
    updates: list[Any]  # and to `metrics_updates`
    metrics_names: list[str]
    told: list[Any] | None = None  # the values that were told last, for `reported`

    def __init__(
        self,
        model: Any,
        loss: Any,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: str | None = None,
        weighted_metrics: Any = None,
    ) -> None:
        self.era = config.era()
        names = distinct(model.output_names)
        generation = self.era.generation
        kept = self._set_losses(model, names, per_output(loss, names, "loss", allowed=generation in ("2", "3")))
        weights = _kept(per_output(loss_weights, names, "loss_weights", missing=1.0), kept)
        self.loss_weights = [1.0 if weight is None else weight for weight in weights]
        for name, weight in zip(self.names, self.loss_weights):
            if isinstance(weight, float) and not math.isfinite(weight):
                raise ValueError(f"loss_weights: that of output {name!r} must be a finite number; received {weight}.")
        self.modes = _kept(per_output(sample_weight_mode, names, "sample_weight_mode"), kept)
        _check_modes(self.modes, self.names, self.shapes)
        self._make_inputs()
        self.labels = [
            Labels(name, shape, loss, mask is not None)
            for name, shape, loss, mask in zip(self.names, self.shapes, self.losses, self._masks())
        ]
        self.may_be_labels = [(i, labels) for i, labels in enumerate(self.labels) if labels.range is not None]
        self._of_graph: dict[Any, Callable[[Any, Any], Any]] = {}  # index of an output, or metric -> by the graph
        self._own_metrics: set[tuple[int, str]] = set()  # (index of an output, name in the logs) of the user's
        self._metrics: list[Any] = []
        for told, weighted in ((metrics, False), (weighted_metrics, True)):
            self._metrics = [
                *self._metrics,
                *self._collect(_kept(collect_metrics(told, names, generation), kept), weighted),
            ]
        if generation == "3" and len(self.names) > 1:
            self._metrics.sort(key=lambda found: found[1])  # as in Keras 3, where the losses alone stand by outputs
        self.measures = self._own = self._measures()
        self.tensors, self.updates = [], []
        self.metrics_names = [name for measure in self.measures for name in measure.names]

    def _make_inputs(self):
        """Make the tensors of targets and weights that a step is fed."""
        self.targets = [
            Tensor((None,) * len(shape), config.floatx(), name=f"{name}_target")
            for name, shape in zip(self.names, self.shapes)
        ]
        self.weights = [
            Tensor((None,) * (2 if mode else 1), config.floatx(), name=f"{name}_sample_weights")
            for name, mode in zip(self.names, self.modes)
        ]

    def _set_losses(self, model, names, given):
        """Set the outputs with losses and their names; returns their places among those of the model."""
        kept = [i for i, item in enumerate(given) if item is not None or not self._may_lack(model, given)]
        self.model, self.names, self.outputs = model, [names[i] for i in kept], [model.outputs[i] for i in kept]
        self.shapes = [x.shape for x in self.outputs]
        self.losses = [_get_loss(given[i], names[i]) for i in kept]
        for each in zip(self.losses, self.names, self.outputs):
            remark_on_output(*each)
        return kept

    def _may_lack(self, model, losses):
        """Return whether outputs may have no loss: in Keras 2, if another one has, or the model added a loss."""
        return self.era.generation in ("2", "3") and (any(loss is not None for loss in losses) or adds_losses(model))

    def _collect(self, metrics, weighted):
        """Return (output index, name in the logs, function, whether weighted) for each metric."""
        found, given, taken = [], {}, {name for _, name, _, _ in self._metrics}
        for i, wanted in enumerate(metrics):
            for metric in to_list(wanted):
                name, function = self._named_metric(metric, i)
                name = f"weighted_{name}" if self._log_name(name, i) in taken else name
                self._check_name(self._log_name(name, i), metric, function, given)
                if not is_ours(function):
                    self._own_metrics.add((i, self._log_name(name, i)))
                if (kept := self._kept_metric(function, name, i)) is not None:
                    found.append((i, self._log_name(name, i), kept, weighted))
                    continue
                function = self._weighing(self._asking(function, i), i, weighted)
                for key in _keys_of(function, self.shapes[i], self.losses[i]):
                    found.append((i, self._log_name(key or name, i), _at(function, key), weighted))
        return found

    def _weighing(self, function, i, weighted):
        """Return a metric that takes weights or the mask of its output, or, if neither counts, `function` itself."""
        by_weight = self.era.metrics_by_weight
        if weighted:
            return weighted_metric(function, by_weight)
        if not self._masks_metrics() or self._masks()[i] is None or hasattr(function, "sums"):
            return function
        return (weighted_metric if is_ours(function) else masked_metric)(function, by_weight)

    def _masks_metrics(self):
        """Return whether masked steps are left out of metrics: not in Keras 1.

        On JAX, Keras 3 leaves them out in `evaluate` and, since it loses the masks there, counts them in `fit`.
        """
        return self.era.generation in ("2", "3")

    def _metric_weights(self, function, weights, mask):
        """Return what a metric is given besides targets and output: [weights], 0 where steps are masked, or []."""
        takes_mask = getattr(function, "takes_mask", False)
        mask = mask if takes_mask and self._masks_metrics() else None
        return [] if weights is None and mask is None else [combined(weights, mask)]

    def _check_name(self, name, metric, function, given):
        """Refuse a name by which the logs know something else; `given`: name -> metric and its function, of before."""
        losses = ["loss", *(f"{output}_loss" for output in self.names if len(self.names) > 1)]
        if name in (*losses, *(f"val_{loss}" for loss in losses), "batch", "size"):
            raise ValueError(
                f"metrics: the logs know something else by the name {name!r}. Give {metric!r} another name."
            )
        before, its_function = given.setdefault(name, (metric, function))
        words = isinstance(before, str) and isinstance(metric, str)  # which measure the same
        same = words or before is metric or its_function is function
        if not same:
            raise ValueError(
                f"metrics: two are called {name!r}, of which the logs could hold one only: {before!r} and {metric!r}. "
                "Give them different names."
            )

    def _named_metric(self, metric, i):
        if metric in ("accuracy", "acc"):
            return metric if self.era.metrics_as_written else "acc", self._accuracy(i)
        function = metrics_module.get(metric)
        if isinstance(metric, str) and self.era.metrics_as_written:
            return metric, function
        own = function.name if hasattr(function, "stateless_update_state") else None
        return own or getattr(function, "__name__", type(function).__name__), function

    def _kept_metric(self, function, name, i):
        """Return the form of a metric that is no sum over batches; None for the others."""
        remark_on_metric(function, name, self.outputs[i])
        if hasattr(function, "stateless_update_state"):
            return Stateful(function, self._log_name(name, i), self.shapes[i])
        if hasattr(function, "sums") or not must_wait(function, self.shapes[i]):
            return None
        return WholeArrays(function, self._log_name(name, i))

    def _accuracy(self, i):
        class_mode = getattr(self.model, "class_mode", None)
        return accuracy(self.names[i], self.shapes[i], self.losses[i], class_mode, self.era.generation)

    def _log_name(self, name, i):
        return f"{self.names[i]}_{name}" if len(self.names) > 1 else name

    def _measures(self):
        several = len(self.names) > 1
        measures = [Measure("loss", 2 * len(self.names) + 1, self._total)]
        measures += [
            Measure(f"{name}_loss", finish=lambda total, count: _mean(*total)) for name in self.names if several
        ]
        for _, name, function, _ in self._metrics:
            if isinstance(function, (Stateful, WholeArrays)):
                made = Measure(name, 0, lambda total, count, function=function: function.value())
                made.of_epoch, made.names = isinstance(function, WholeArrays), names_told(function, name)
                measures.append(made)
                continue
            sums = getattr(function, "sums", None)
            measures.append(Measure(name) if sums is None else Measure(name, function.width, _from_sums(function)))
        return measures

    def _total(self, sums, count):
        """Return the total loss from the sum and count of each output's loss and the sum of the penalties."""
        parts = [_mean(*sums[i : i + 2]) for i in range(0, len(sums) - 1, 2)]
        return sum(weight * part for weight, part in zip(self.loss_weights, parts)) + sums[-1] / count

    def node_outputs(self) -> list[Tensor]:
        """Return two tensors: the total loss, and the sums of all measures over the batch in one vector."""
        node = _Evaluation(self)
        node.gives_list = True
        self.measures = [*self._own, *map(Measure, names_after(self._own, self.tensors, self.metrics_names))]
        width = sum(measure.width for measure in self.measures)
        node.outputs = [Tensor((), config.floatx(), node, 0), Tensor((width,), config.floatx(), node, 1)]
        return node.outputs

    def _masks(self):
        return [output._keras_mask for output in self.outputs]

    def counts(self) -> Tensor:
        """Return a tensor: whether any sample of the batch counts; its value is None without weights."""
        node = Node(counts_at_all, [self.weights, self._masks()])
        node.outputs = [Tensor((), "bool", node)]
        return node.outputs[0]

    def evaluate(self, targets: Any, outputs: Any, weights: Any, masks: Any, every: Any, tensors: Any) -> list[Any]:
        """Return the total loss and the sums of one batch, from arrays."""
        with config.within_era(self.era.name):
            return self._evaluated(targets, outputs, weights, masks, tensors)

    def _evaluated(self, targets, outputs, weights, masks, tensors):
        outputs, given = [graph.lengthened(output) for output in outputs], targets
        if self.era.generation == "3":
            targets = [with_axis(*item) for item in zip(targets, outputs, self.losses)]
        for name, labels, y, weight, mask in zip(self.names, self.labels, targets, weights, masks):
            note_labels(y, f"output {name!r}", (weight, mask), labels.ignored)
        parts = [self._part(i, *given) for i, given in enumerate(zip(targets, outputs, weights, masks))]
        total = sum(weight * part for weight, part in zip(self.loss_weights, parts))
        penalties = self._layer_losses()
        whole = total + penalties
        first = outputs[0] if outputs and outputs[0].ndim else running_scope().value(self.model.inputs[0])
        size = jnp.asarray(first.shape[0], config.floatx())
        counts = [_size_counted(size, *pair) for pair in zip(weights, masks)]
        losses = [[part * count, count] for part, count in zip(parts, counts)]
        sums = [*losses, penalties * size, *(losses if len(parts) > 1 else [])]
        for i, name, function, weighted in self._metrics:
            more = self._metric_weights(function, weights[i] if weighted else None, masks[i])
            y = given[i] if (i, name) in self._own_metrics else targets[i]
            if isinstance(function, WholeArrays):
                more = weights[i] if weighted else None, masks[i] if self._masks_metrics() else None
            if isinstance(function, (Stateful, WholeArrays)):
                function.collect(y, outputs[i], *more)
                continue
            alone = self.era.metrics_by_weight and (i, name) in self._own_metrics
            sums.append(_sums_of(function, y, outputs[i], counts[i], alone, *more))
        sums += [(K.mean(tensor) * size, size) for tensor in tensors]
        flat = [jnp.reshape(jnp.asarray(part, config.floatx()), (-1,)) for part in jax.tree.leaves(sums)]
        return [whole, jnp.concatenate(flat)]

    def _part(self, i, *given):
        """Return the loss of output `i`."""
        mean = self.era.loss_mean
        return self._asked(i, i, self.losses[i], lambda loss: weighted_objective(loss, mean)(*given))

    def _layer_losses(self):
        """Return the penalties on weights, and the losses that layers added while they ran."""
        scope = running_scope()
        total = sum((K.sum(loss) for frame in scope.records.values() for loss in frame.losses), 0.0)
        if scope.phase == 0 and not self.era.penalty_in_validation:
            return total
        for loss in all_losses(self.model):
            total = total + K.sum(loss.value(scope) if isinstance(loss, Penalty) else scope.value(loss))
        return _old_regularizers(self.model, total)

    def remark_on_targets(self, targets: Sequence[Any], weights: Sequence[Any]) -> None:
        """Warn of `targets` beyond what their losses take, where `weights` are not 0, of outputs without a mask."""
        for loss, name, mask, y, weight in zip(self.losses, self.names, self._masks(), targets, weights):
            if mask is None:
                remark_on_targets(loss, name, y, weight)
        for i, metric, _, _ in self._metrics:
            if (i, metric) not in self._own_metrics:
                remark_on_accuracy(metric.removeprefix(f"{self.names[i]}_"), self.names[i], targets[i])

    @property
    def kept(self) -> list[Any]:
        """The metrics that keep what they measure from batch to batch."""
        return [function for _, _, function, _ in self._metrics if isinstance(function, (Stateful, WholeArrays))]

    @property
    def may_keep(self) -> bool:
        """Whether metrics may keep anything from batch to batch, in variables that functions of the user's own make."""
        return bool(self.kept) or not all(is_ours(function) for _, _, function, _ in self._metrics)

    def begin(self) -> None:
        """Begin an epoch or a test: metrics forget the batches before."""
        for metric in self.kept:
            metric.begin()

    def total(self, rows: np.ndarray) -> np.ndarray:
        """Return the sums over the steps whose sums are `rows`."""
        return rows.sum(axis=0)

    def values(self, sums: np.ndarray, count: int, whole: bool = True) -> list[Any]:
        """Return the values of the logs from sums over `count` samples.

        `whole`: whether an epoch has ended; without it, None stands for metrics that are known only then.
        """
        values, rest = [], iter(sums.tolist())
        for measure in self.measures:
            own, known = [next(rest) for _ in range(measure.width)], whole or not measure.of_epoch
            values += values_told(measure.finish(own, count) if known else None, measure.names)
        self.told = values if None not in values else self.told
        return values


def _size_counted(size, weights, mask):
    """Return how many samples of a batch of `size` enter the means of an output: 0 if all have weight 0."""
    counts = _any_counts(weights, mask)
    return size if counts is None else jnp.where(counts, size, 0)


def _sums_of(function, y, output, count, alone, *weights):
    """Return the sums of a metric over a batch in which `count` samples count.

    `alone`: whether one number for the whole batch counts once, as in Keras 2.3 and later, and not for each sample.
    """
    if weights and hasattr(function, "weighted_sums"):
        return function.weighted_sums(y, output, *weights)
    if not hasattr(function, "sums"):
        value = jnp.asarray(function(y, output, *weights))
        count = jnp.minimum(count, 1) if alone and not value.ndim else count
        return jnp.where(count == 0, 0, K.mean(value) * count), count
    return jnp.where(count == 0, 0, function.sums(y, output))


def all_losses(layer: Any) -> list[Any]:
    """Return the losses of a layer and the layers within it that depend on weights only."""
    return counted(layer, unique(loss for member in with_sublayers(layer) for loss, _ in member._losses))


def _old_regularizers(model, total):
    """Add the penalties of regularizers in the style of Keras 1.0: given the weight, they map loss to loss."""
    for regularizer in model.regularizers:
        if regularizer is not None and hasattr(regularizer, "set_param"):
            parameters = inspect.signature(type(regularizer).__call__).parameters
            if "loss" in parameters:
                total = regularizer(total)
            elif getattr(regularizer, "p", None) is not None:
                total = total + regularizer(regularizer.p)
    return total


def _from_sums(function):
    return lambda total, count: function.from_sums(np.asarray(total))


def _at(function, key):
    return function if key is None else lambda y_true, y_pred: function(y_true, y_pred)[key]


def _keys_of(function, shape, loss):
    """Return the keys of a metric that returns a dictionary; `[None]` for one that returns a value."""
    if is_ours(function):
        return [None]
    inputs = [Tensor(shape, config.floatx()), Tensor(shape, config.floatx())]
    try:
        found = infer(lambda scope: function(*scope.resolve(inputs)), inputs)
    except Exception:  # an error is reported when it runs on real data
        return [None]
    return list(found) if isinstance(found, dict) else [None]


def adds_losses(model: Any) -> bool:
    """Return whether losses were added to a model or its layers, other than penalties on weights."""
    members = with_sublayers(model)
    told = any(not isinstance(loss, Penalty) for member in members for loss, _ in member._losses)
    return told or any("add_loss" in _names_in(cls) for cls in unique(type(member) for member in members))


def _names_in(cls):
    """Return the names that the functions of a class and of the user's classes behind it use."""
    functions = [f for base in cls.__mro__ if not is_ours(base) for f in vars(base).values() if inspect.isfunction(f)]
    return {name for f in functions for name in inspect.unwrap(f).__code__.co_names}


def _kept(items, places):
    return [items[i] for i in places]


def _get_loss(identifier, name):
    if identifier is None:
        raise ValueError(
            f"loss: output {name!r} needs one, such as 'mse' or 'categorical_crossentropy'; received None."
        )
    return objectives.get(identifier)


def _check_modes(modes, names, shapes):
    for mode, name, shape in zip(modes, names, shapes):
        if mode not in (None, "temporal"):
            raise ValueError(f"sample_weight_mode of output {name!r} must be None or 'temporal'; received {mode!r}")
        if mode == "temporal" and len(shape) < 3:
            raise ValueError(
                f"sample_weight_mode 'temporal' needs an output (samples, steps, ...); {name!r} has shape {shape}."
            )
