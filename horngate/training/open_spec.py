"""OpenSpec: the data of a model with steps of its own, in whatever structure they come."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate.backend import config
from horngate.backend.graph import Tensor
from horngate.backend.ranges import range_of_type, refuse
from horngate.engine.arrangement import Structure, as_arrays, as_text, flattened
from horngate.training.arrays import check_array_lengths, check_type, dense, standardize_class_weights, weights_of
from horngate.training.spec import Samples, Spec, converted_all


def packed(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return the data of a step: `x` alone, `(x, y)` or `(x, y, sample_weight)`.

    # Arguments
        x: inputs; a list or tuple of them alone becomes `(x,)`.
        y: targets, or None.
        sample_weight: weights of the samples, or None.
    """
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (list, tuple)) else x


def unpacked(data: Any) -> tuple[Any, Any, Any]:
    """Return (x, y, sample_weight) of the `data` of a step: `x`, `(x,)`, `(x, y)` or all; None for what it lacks."""
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(f"data must be x, (x, y) or (x, y, sample_weight); received {len(data)} parts.")
    found: Any = (*data, None, None)[:3]
    return found


_PARTS = (dict, list, tuple)  # what a list holds that is no list of numbers


class OpenSpec(Spec):
    """The data that a step takes: arrays in any structure, all with a row for each sample.

    # Arguments
        sample: a batch, or the whole data, by which shapes, types and structure are known.
        objective: the `Logs`.
        layout: the `mesh.Layout` of the model's devices; None for one device.
        batch_size: number of samples in a batch; None for that of `sample`.
    """

    structure: Structure

    def __init__(self, sample: Any, objective: Any, layout: Any = None, batch_size: int | None = None) -> None:
        arrays, self.structure = flattened(as_arrays(sample, _PARTS))
        self.inputs = [Tensor((None, *x.shape[1:]), _dtype(x), name=f"data_{i}") for i, x in enumerate(arrays)]
        self.names = [str(x.name) for x in self.inputs]
        self.all_inputs, self.outputs, self.objective = len(arrays), [], objective
        self.stateful = lambda: False
        self.layout, self.feeds, self.ranges, self._labels = layout, self.inputs, (), []
        rows = int(arrays[0].shape[0]) if arrays and arrays[0].shape else 1
        self._stops: dict[int, int] = {}  # place of an array -> the limit of its whole numbers
        self._rows = min(batch_size or rows, rows)

    def batch_shapes(self) -> list[tuple[int, ...]]:
        """Return the shapes of the arrays of a batch."""
        return [(self._rows, *(n or 1 for n in x.shape[1:])) for x in self.inputs]

    def fits(self, sample: Any) -> bool:
        """Return whether data have this structure, these ranks and types."""
        arrays, structure = flattened(as_arrays(sample, _PARTS))
        kinds = [(len(x.shape), _dtype(x)) for x in arrays]
        return structure == self.structure and kinds == [(len(x.shape), x.dtype) for x in self.inputs]

    def checked(
        self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None, batch_size: int | None = None
    ) -> Samples:
        """Return the arrays of the data."""
        return self._samples(packed(x, y, weighed(y, sample_weight, class_weight)))

    def _samples(self, data):
        arrays, structure = flattened(as_arrays(data, _PARTS))
        for i, array in enumerate(arrays):
            if isinstance(array, np.ndarray) and array.dtype != object:  # numbers among objects are converted
                check_type(array, f"data_{i}", "")
                if array.dtype.kind in "iu":
                    refuse(array, range_of_type(f"data_{i}", "int32"))
        if structure != self.structure:
            raise ValueError(
                f"the data have another structure than those before: {as_text(structure)}, and not "
                f"{as_text(self.structure)}. Give x, y and sample_weight in one form in all batches."
            )
        check_array_lengths(arrays, [], [])
        return Samples(arrays, [], [])

    def checked_inputs(self, x: Any) -> list[Any]:
        """Return the arrays of the data `x` to predict from."""
        return self._samples(packed(x)).inputs

    def fed_inputs(self, inputs: list[Any], source: list[Any]) -> tuple[tuple[Any, ...], Any]:
        """Return (the arrays of a batch to predict from, ()): the program checks the numbers."""
        return converted_all([dense(array) for array in inputs], self.inputs), ()

    def checked_batch(self, item: Any, class_weight: Any = None) -> Samples:
        """Return the arrays of an item of a stream."""
        if class_weight is None:
            return self._samples(item)
        x, y, weight = unpacked(item)
        return self._samples(packed(x, y, weighed(y, weight, class_weight)))

    def proven(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """Return (place, stop) of arrays of whole numbers from 0 to `stop` - 1, which need no check."""
        found = []
        for place, array in enumerate(arrays):
            if isinstance(array, np.ndarray) and array.dtype.kind in "iu" and array.size and array.min() >= 0:
                self._stops[place] = max(
                    self._stops.get(place, 1), int(array.max()) + 1
                )  # it rarely grows: a program each
                found.append((place, self._stops[place]))
        return tuple(found)

    def fed(self, batch: Samples) -> tuple[tuple[Any, ...], Any]:
        """Return (the arrays of a batch for the step, ()): the program checks the numbers of single batches."""
        return converted_all([dense(array) for array in batch.inputs], self.feeds), ()

    def inputs_of_batch(self, item: Any) -> list[Any]:
        """Return the arrays of an item of a stream."""
        return self._samples(item).inputs


def weighed(y: Any, sample_weight: Any, class_weight: Any) -> Any:
    """Return the weights of the samples with targets `y`; None if all weigh the same."""
    if class_weight is None:
        return sample_weight
    return weights_of(np.asarray(y), sample_weight, standardize_class_weights(class_weight, ["output"])[0], None)


def _dtype(x):
    kind = np.dtype(x.dtype).kind
    if kind in "SUT" or kind == "O" and any(isinstance(each, (str, bytes)) for each in np.ravel(x)[:1]):
        raise ValueError(
            "the data hold texts, not numbers, which a model with steps of its own cannot take. Call its text layers "
            "on them before, x = vectorizer(x), and let the model begin behind them; number the classes of targets."
        )
    return "int32" if kind in "iu" else "bool" if kind == "b" else config.floatx()
