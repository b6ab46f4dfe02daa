"""Spec: the inputs, targets and weights of a model. It checks data, and converts batches for a step."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from horngate.backend.graph import Tensor, ancestors
from horngate.backend.mesh import Layout
from horngate.backend.notices import remark
from horngate.backend.ranges import Range, proven, ranges_of, refuse_all
from horngate.engine.front import TEXT, Front
from horngate.engine.names import is_ours
from horngate.engine.shown import in_brief
from horngate.training.arrays import (
    check_array_lengths,
    check_loss_and_target_compatibility,
    checked_arrays,
    converted,
    dense,
    in_memory,
    standardize_class_weights,
    standardize_sample_weights,
    weights_of,
)
from horngate.training.blocks import part_of
from horngate.training.objective import Objective


class Samples(NamedTuple):
    """Checked data: lists of arrays with a row for each sample; weights are None if all samples weigh the same."""

    inputs: list[Any]
    targets: list[Any]
    weights: list[Any]

    @property
    def size(self) -> int:
        """The number of samples."""
        return int(self.inputs[0].shape[0])

    @property
    def arrays(self) -> list[Any]:
        """All arrays in one list, in the order of a step's arguments."""
        return [*self.inputs, *self.targets, *self.weights]

    def rows(self, start: int | None = None, stop: int | None = None) -> "Samples":
        """Return the samples from `start` to `stop`."""
        return Samples(*([part_of(array, start, stop) for array in part] for part in self))

    def listed(self) -> list[Any]:
        """Return the list that callbacks of Keras 1 expect in `model.validation_data`."""
        ones = (np.ones(len(y)) if w is None else w for y, w in zip(self.targets, self.weights))
        return [*self.inputs, *self.targets, *ones]


class Spec:
    """The data that a model takes.

    # Arguments
        names, inputs, outputs: the model's input names, input tensors and output tensors.
        objective: the `Objective`, with the names, shapes and losses of the targets; None before `compile`.
        stateful: function that returns whether the model carries states from batch to batch.
        layout: the `mesh.Layout` of the model's devices; None for one device.
        front: what is computed of the inputs on the host, batch by batch; None if the program takes them.
    """

    names: list[str]
    inputs: list[Tensor]
    all_inputs: int
    outputs: Sequence[Tensor]
    objective: Objective | None
    stateful: Callable[[], bool]
    layout: Layout | None
    feeds: list[Tensor]
    to_test: "Spec | None" = None  # that of the test data, if it is another
    looks: int = 3  # how many more arrays of targets are looked at for doubtful numbers; `fit` begins anew
    ranges: tuple[tuple[Range, ...], ...]

    def __init__(
        self,
        names: Sequence[str],
        inputs: Sequence[Tensor],
        outputs: Sequence[Tensor],
        objective: Objective | None,
        stateful: Callable[[], bool],
        layout: Layout | None = None,
        front: Front | None = None,
    ) -> None:
        fed = [(name, x) for name, x in zip(names, inputs) if x.node is None]
        self.names, self._given = [name for name, _ in fed], [x for _, x in fed]
        self._front, self.inputs = front, front.fed if front else self._given
        self._texts = [name for name, x in fed if x.dtype == TEXT]
        self.all_inputs, self.outputs, self.objective, self.stateful = len(inputs), outputs, objective, stateful
        self.layout = layout
        self.feeds = [*self.inputs, *objective.targets, *objective.weights] if objective else self.inputs
        # for each input: the valid ranges of its numbers, () for none
        self.ranges = ranges_of(self.inputs, ancestors(list(outputs)))
        self._labels = objective.may_be_labels if objective else []

    @property
    def target_names(self) -> Sequence[str]:
        """The names of the targets; none before `compile`, and for steps of one's own."""
        return getattr(self.objective, "names", ())

    # whole data, or a batch

    def checked_inputs(self, x: Any) -> list[Any]:
        """Return inputs as a list of arrays in the order of the model's inputs."""
        arrays = checked_arrays(x, self.names, [t.shape for t in self._given], "input", texts=self._texts)
        if self._front is not None:
            arrays = self._front.read(arrays)
        if self.ranges:
            refuse_all([array if in_memory(array) else None for array in arrays], self.ranges)
        return arrays

    def checked(
        self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None, batch_size: int | None = None
    ) -> Samples:
        """Return inputs, targets and weights as arrays that fit the model and can be split into batches."""
        objective: Any = self.objective
        inputs = self.checked_inputs(x)
        shapes = [_target_shape(loss, shape) for loss, shape in zip(objective.losses, objective.shapes)]
        lifted: list[bool] = []
        targets = checked_arrays(y, objective.names, shapes, "target", lifted=lifted)
        sample_weights = standardize_sample_weights(sample_weight, objective.names)
        class_weights = standardize_class_weights(class_weight, objective.names)
        if not objective.era.weights_multiply:
            class_weights = _alone(class_weights, sample_weights)
        modern = objective.era.generation == "3"
        modes = [mode or "any" for mode in objective.modes] if modern else objective.modes
        weights = [weights_of(*item) for item in zip(targets, sample_weights, class_weights, modes)]
        check_array_lengths(inputs, targets, weights)
        check_loss_and_target_compatibility(targets, objective.losses, objective.shapes)
        self._refuse_labels(targets, weights)
        if self.looks:
            self.looks -= 1
            objective.remark_on_targets(targets, weights)
        if modern:  # the user's losses and metrics see targets as they were given
            targets = [y[..., 0] if extra else y for y, extra in zip(targets, lifted)]
        samples = Samples(inputs, targets, weights)
        if batch_size:
            self.check_whole(samples, batch_size)
        return samples

    def check_whole(self, samples: Samples, batch_size: int) -> None:
        """Raise ValueError if a stateful network would get a short batch."""
        if samples.size % batch_size and self.stateful():
            raise ValueError(
                f"a stateful network needs whole batches: {samples.size} samples are no multiple of {batch_size}."
            )

    def checked_batch(self, item: Any, class_weight: Any = None) -> Samples:
        """Check an item of a generator: `(x, y)`, `(x, y, sample_weight)`, or a dictionary of inputs and targets."""
        objective: Any = self.objective
        if isinstance(item, Mapping) and not {*self.names, *objective.names} - item.keys():
            item = dict(item), dict(item)
        if not isinstance(item, (tuple, list)) or len(item) not in (2, 3):
            raise ValueError(
                "the generator must yield (x, y), (x, y, sample_weight), or a dictionary with the names of the model's "
                f"inputs and outputs, {', '.join(map(repr, [*self.names, *objective.names]))}; it gave "
                f"{in_brief(item)}."
            )
        x, y, weight = (*item, None)[:3]
        return self.checked(x, y, weight, class_weight=class_weight)

    def inputs_of_batch(self, item: Any) -> list[Any]:
        """Return the checked inputs of an item of a generator: inputs alone, or with targets."""
        with_targets = isinstance(item, tuple) or isinstance(item, list) and len(item) == 2 != self.all_inputs
        inputs = self.checked_inputs(item[0] if with_targets else item)
        check_array_lengths(inputs, [], [])
        return inputs

    # batches for a step

    def fed(self, batch: Samples) -> tuple[tuple[Any, ...], Any]:
        """Return (the arrays of a checked batch for the step, those whose numbers are proven)."""
        dense_batch = Samples(*([dense(array) for array in part] for part in batch))
        if not all(map(in_memory, batch.arrays)):
            self.check_numbers(dense_batch)
        arrays = dense_batch.arrays
        return converted_all(arrays, self.feeds), self.proven(arrays)

    def fed_inputs(self, inputs: list[Any], source: list[Any]) -> tuple[tuple[Any, ...], Any]:
        """Return (the inputs of a batch for the step, those whose numbers are proven).

        `source`: the arrays that they are rows of; the numbers of arrays in memory are checked already.
        """
        arrays = [dense(array) for array in inputs]
        if self.ranges and not all(map(in_memory, source)):
            refuse_all(arrays, self.ranges)
        return converted_all(arrays, self.inputs), self.ranges and proven(arrays, self.ranges)

    def proven(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """Return which of the checked arrays have numbers that the host has checked: see `Function.checked`."""
        known: tuple[Any, ...] = proven(arrays, self.ranges) if self.ranges else ()
        first = len(self.inputs)
        if self._labels:
            known += tuple([(first + i, item.classes) for i, item in self._labels if item.prove(arrays[first + i])])
        return known

    def check_numbers(self, batch: Samples) -> None:
        """Raise ValueError if numbers are out of range, in a batch read from a file or made dense."""
        refuse_all(batch.inputs, self.ranges)
        self._refuse_labels(batch.targets, batch.weights)

    def _refuse_labels(self, targets, weights):
        for i, labels in self._labels:
            if in_memory(targets[i]):
                labels.refuse(targets[i], weights[i])


def _alone(class_weights, sample_weights):
    """Return the weights of classes of those outputs that have no weights of samples, as in Keras 2.2."""
    if any(c and s is not None for c, s in zip(class_weights, sample_weights)):
        remark(
            "class_weight has no effect where there is a sample_weight, as in Keras 2.2: give their product as "
            "sample_weight, or take a later era."
        )
    return [c if s is None else None for c, s in zip(class_weights, sample_weights)]


def converted_all(arrays: Sequence[Any], like: Sequence[Tensor]) -> tuple[Any, ...]:
    """Convert the arrays of a batch to the dtypes of the placeholders `like`."""
    return tuple([converted(array, x.dtype) for array, x in zip(arrays, like)])


def _target_shape(loss, shape):
    """Return the shape of an output's targets; None for any, if the loss is the user's."""
    name = getattr(loss, "__name__", None)
    if name == "sparse_categorical_crossentropy":
        return (*shape[:-1], 1)
    if not is_ours(loss):
        return None
    return (None,) * len(shape) if name == "categorical_crossentropy" else shape
