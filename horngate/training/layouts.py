"""Layouts: rules on names decide along which axes of a mesh the weights and optimizer's arrays are split."""

import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from horngate.backend import notices
from horngate.backend.graph import Variable
from horngate.backend.mesh import ROWS, Axes, Distribution, Layout, brought_home, choose, chosen, fits, join_processes
from horngate.engine.sublayers import with_sublayers
from horngate.utils.nearest import did_you_mean

_PRESET_ROLES = "kernel", "bias", "embeddings"  # roles of weights split by their units if there are no rules
_WHOLE = 0.05  # with `shard='zero'`, warn if a larger fraction of the bytes is not split


def distribute(
    mesh: str | Mapping[str, int] | Distribution | None = ROWS,
    shard: str | None = None,
    rules: Mapping[str, Any] | None = None,
    batches: str = "same",
) -> Distribution | None:
    """Run the models compiled from now on on several devices, with the same results.

    # Arguments
        mesh: the axes of the mesh and their numbers of devices. The samples of a batch are split along the axis
            `data`: with `'data:8'`, eight devices train on a batch together; with `'data'`, all devices. Weights are
            split along the other axes, as in `'data:4,model:2'`. None: one device, the default.
        shard: with `'zero'`, each device keeps only its part of the weights and optimizer's arrays between steps.
        rules: dictionary from a regular expression, searched in the names of weights, to a tuple that holds for each
            axis of the weight the axis of the mesh along which it is split, or None: `{'dense.*_W': (None, 'model')}`.
            Without rules, Dense and Embedding layers are split by their units along the axis `model`, if there is one.
        batches: what generators and other iterables of batches give if several processes run the program: with
            `'same'`, each draws the same whole batches, and uses its rows; with `'own'`, each draws only its share of
            each batch.

    Several processes, started by `python -m horngate launch` or a cluster, join here; their devices make one mesh.

    # Returns
        The new `Distribution`; None for one device.

    # Raises
        ValueError: if there are too few devices; later, when a model is compiled, if a rule matches none of its
            weights, or if the devices along an axis do not divide the axis of a weight.

    >>> distribute("data:1")
    Distribution('data:1')
    >>> distribute(None)
    """
    if mesh is not None:
        join_processes()
    distribution = _distribution(mesh, shard, rules, batches)
    if distribution is not None:
        _ = distribution.mesh  # raises ValueError if there are too few devices
    choose(distribution)
    return distribution


def _distribution(given, shard=None, rules=None, batches="same"):
    if given is None or isinstance(given, Distribution):
        if shard is not None or rules is not None or batches != "same":
            raise ValueError(
                f"distribute: shard, rules and batches belong to a mesh given by its axes; received {given!r}."
            )
        return given
    return Distribution(given, shard, rules, batches=batches)


def layout_for(model: Any, given: Any = None) -> Layout | None:
    """Return the layout of a model's arrays on the mesh given to `compile`, else to `distribute`; None for one device.

    Raises ValueError if the rules do not fit the model's weights.
    """
    if given is not None:
        join_processes()
    distribution = _distribution(given) if given is not None else chosen()
    if distribution is None:
        _bring_home(model.weights)
        return None
    layout = Layout(distribution.mesh, distribution.batches == "own")
    if layout.spans:
        agree_on(model.weights)
    axes = _by_rules(model.weights, distribution)
    for weight in model.weights:
        layout.kept[weight] = axes.get(weight, ())
    if layout.mesh.size == 1:
        _bring_home(model.weights)
        return None
    _remark_on_idle(layout)
    for layer in with_sublayers(model):
        if getattr(layer, "stateful", False):
            for state in getattr(layer, "states", None) or ():
                if isinstance(state, Variable) and state.shape[0] % layout.shares == 0 and layout.shares > 1:
                    layout.kept[state] = (ROWS,)
    if distribution.shard:
        for weight in model.weights:
            layout.used[weight] = layout.kept[weight]
            layout.kept[weight] = _cut_once_more(layout, weight, layout.kept[weight])
        _remark_on_whole(layout, model.weights)
    return layout


def agree_on(variables: Iterable[Variable]) -> None:
    """Give variables whose values lie on the host those of process 0, in all processes."""
    from horngate.backend import processes  # not imported where there is one process

    here = {i: v for i, v in enumerate(variables) if isinstance(v.value, np.ndarray)}
    digest = zlib.crc32(b"".join(np.ascontiguousarray(v.value).tobytes() for v in here.values()))
    if processes.differing([len(here), sum(here), digest]) is None:
        return
    values = processes.agreed({i: v.value for i, v in here.items()})
    for i, variable in enumerate(variables):
        if i in values:
            variable.value = values[i]
        elif i in here:
            raise RuntimeError(
                f"{processes.told()}: a callback has set {variable.label!r} in this process and not in process 0. What "
                "callbacks set has to be set in process 0, or in all."
            )


def leads(model: Any) -> bool:
    """Whether this process prints and writes the files of a model: process 0, unless each trains its own."""
    spec = getattr(model, "spec", None)
    layout = None if spec is None else spec().layout
    return layout is None or layout.leads


def write_once(model: Any, variables: Callable[[], Iterable[Variable]], write: Callable[[], None]) -> None:
    """Call `write`, which reads `variables()`; if several processes share the model, in process 0 while all wait."""
    spec = getattr(model, "spec", None)
    layout = None if spec is None else spec().layout
    if layout is None or not layout.spans:
        write()
        return
    from horngate.backend import processes  # not imported where there is one process

    with brought_home(variables()):
        processes.on_first(write)


def place_slots(layout: Layout, weights: Sequence[Variable], optimizer: Any, updates: Iterable[Any]) -> None:
    """Give the optimizer's arrays the layout of their weights."""
    owners = getattr(optimizer, "slot_owners", {})
    by_shape = {weight.shape: weight for weight in weights}  # for optimizers that do not name the weight of an array
    for variable, _ in updates:
        if variable not in layout.kept:
            owner = owners.get(variable, by_shape.get(variable.shape))
            alike = owner is not None and owner.shape == variable.shape
            layout.kept[variable] = layout.kept[owner] if alike and owner is not None else ()


def _bring_home(weights):
    """Move weights that an earlier training left on a mesh back to the host."""
    for weight in weights:
        if len(getattr(weight.value, "sharding", _NOWHERE).device_set) > 1:
            weight.set_value(weight.get_value())


class _NOWHERE:
    device_set = frozenset[Any]()


def _by_rules(weights, distribution) -> dict[Variable, Axes]:
    """Return weight -> mesh axis of each of its axes, for the weights that a rule or the preset matches."""
    sizes = distribution.mesh.shape
    if distribution.rules is None:
        return _preset(weights, sizes["model"]) if "model" in sizes else {}
    found: dict[Variable, Axes] = {}
    for pattern, axes in distribution.rules.items():
        fitting = [weight for weight in weights if fits(pattern, weight)]
        if not fitting:
            names = ", ".join(weight.label for weight in weights)
            raise ValueError(f"distribute: rule {pattern!r} fits the name of no weight. There are: {names}.")
        for weight in fitting:
            if weight not in found:  # the first rule wins
                _check(pattern, axes, weight, sizes)
                found[weight] = axes
    return found


def _check(pattern, axes, weight, sizes):
    if len(axes) > len(weight.shape):
        raise ValueError(
            f"distribute: rule {pattern!r} tells of {len(axes)} axes; weight {weight.label!r} has shape {weight.shape}."
        )
    for axis, size in zip(axes, weight.shape):
        if axis is not None and size % sizes[axis]:
            raise ValueError(
                f"distribute: rule {pattern!r} cuts weight {weight.label!r} of shape {weight.shape} into {sizes[axis]} "
                f"parts along {axis!r}, which do not divide {size}. Choose another size, or leave it whole."
            )


def _preset(weights, parts):
    """Return weight -> mesh axes for Dense and Embedding: split by units if these can be split evenly."""
    found = {}
    for weight in weights:
        axes = weight.axes or ()
        if weight.role in _PRESET_ROLES and "units" in axes and weight.shape[axes.index("units")] % parts == 0:
            place = axes.index("units")  # heads have two such axes
            found[weight] = tuple("model" if axis == place else None for axis in range(len(axes)))
    return found


def _cut_once_more(layout, weight, axes):
    """Return `axes` with the first axis that is not split, and can be split evenly, split along the axis `data`."""
    if ROWS in axes:  # a rule has split it already
        return axes
    axes = (*axes, *[None] * (len(weight.shape) - len(axes)))
    for i, (axis, size) in enumerate(zip(axes, weight.shape)):
        if axis is None and size and size % layout.shares == 0:
            return (*axes[:i], ROWS, *axes[i + 1 :])
    return axes


def _remark_on_idle(layout):
    """Warn if devices only repeat the work of others."""
    used = {ROWS, *(axis for axes in layout.kept.values() for axis in axes)}
    for axis, size in layout.mesh.shape.items():
        if size > 1 and axis not in used and axis not in (ROWS, "model"):
            raise ValueError(
                f"distribute: nothing is cut along the axis {axis!r} of the mesh, so that {size} devices would each do "
                f"the same.{did_you_mean(axis, (ROWS, 'model'))} Samples are dealt out along {ROWS!r}; rules cut "
                "weights along other axes."
            )
        if size > 1 and axis not in used:
            notices.remark(
                f"no weight of this model is cut along the axis {axis!r} of the mesh, so that {size} devices each do "
                f"the same. Deal samples out among them ({ROWS!r}), or give rules that cut weights along {axis!r}."
            )


def _remark_on_whole(layout, weights):
    sizes = {weight: math.prod(weight.shape) for weight in weights}
    whole = [weight for weight in weights if ROWS not in layout.kept[weight] and sizes[weight]]
    if sum(sizes[weight] for weight in whole) > _WHOLE * sum(sizes.values()):
        largest = max(whole, key=sizes.__getitem__)
        notices.remark(
            f"shard='zero' leaves {len(whole)} of {len(weights)} weights whole on each device, since no size of theirs "
            f"is a multiple of {layout.shares}; the largest is {largest.name!r} of shape {largest.shape}."
        )
