"""Restores the order of a layer's arrays in a file that was written while a part of the layer was frozen.

Keras 1 and horngate 0.1 wrote trained weights before frozen ones, and did not write what was frozen. Files that
horngate writes now always have the order of the unfrozen layer, and say so.
"""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from horngate.saving.conversion import leaf_layers
from horngate.saving.stored_weights import StoredLayer

if TYPE_CHECKING:
    from horngate.engine.layer import Layer

_OF_KERAS_2 = {  # a weight's name -> its name in Keras 2
    "W": "kernel",
    "U": "recurrent_kernel",
    "b": "bias",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",
}


def restore_order(layer: "Layer", stored: StoredLayer) -> StoredLayer:
    """Put the arrays of `stored` into the order of the unfrozen `layer`, by the names in the file.

    They move only if freezing a part of the layer explains the order in the file. Otherwise they are in the layer's
    order already, whatever their names.
    """
    places = _match_weights(layer, [array.name for array in stored.arrays])
    if places is None or places == sorted(places) or not _written_while_frozen(layer, places):
        return stored
    arrays = [array for _, array in sorted(zip(places, stored.arrays), key=lambda pair: pair[0])]
    if any(array.shape != tuple(weight.shape) for array, weight in zip(arrays, layer.filed_weights)):
        return stored
    return dataclasses.replace(stored, arrays=arrays)


def _match_weights(layer: "Layer", names: Sequence[str]) -> list[int] | None:
    """For each name in the file, the place of its weight; None if the names do not tell."""
    weights = layer.filed_weights
    owners = {weight: leaf for leaf in leaf_layers(layer) for weight in _own_weights(leaf)}
    if len(names) != len(weights) or set(owners) != set(weights):
        return None
    names_of_layers = [owners[weight].name for weight in weights]
    ours = [(leaf, weight.label.removeprefix(f"{leaf}_")) for leaf, weight in zip(names_of_layers, weights)]
    ends = sorted({end for _, end in ours} | {_OF_KERAS_2.get(end, end) for _, end in ours}, key=len, reverse=True)
    theirs = [end for end in (_split_stored_name(name, ends) for name in names) if end is not None]
    if len(theirs) < len(names):
        return None
    meant = _match_layer_names(ours, theirs)
    if meant is None:
        return None
    known = {(leaf, _OF_KERAS_2.get(end, end)): place for place, (leaf, end) in enumerate(ours)}
    wanted = [(meant[leaf], _OF_KERAS_2.get(end, end)) for leaf, end in theirs]
    places = [known[pair] for pair in wanted if pair in known]
    return places if len(set(places)) == len(wanted) else None


def _own_weights(leaf: Any) -> list[Any]:
    return [*leaf._trainable_weights, *leaf._non_trainable_weights]


def _split_stored_name(name: str, ends: Iterable[str]) -> tuple[str, str] | None:
    """Split a name in a file, such as `a/dense_1_W:0`, into (layer, rest); None if it ends in no known name."""
    name = name.removesuffix(":0")
    if name in ends:
        return "", name
    for end in ends:
        for joint in "_/":
            if name.endswith(joint + end):
                return name[: -len(joint + end)], end
    return None


def _match_layer_names(ours: Iterable[tuple[str, str]], theirs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    """The file's name of a layer -> ours: the same, or, with other numbers, the one of the same rank."""
    mine, other = (list(dict.fromkeys(leaf for leaf, _ in pairs)) for pairs in (ours, theirs))
    if set(mine) == set(other):
        return {name: name for name in mine}
    if len(mine) == len(other) == 1:
        return {other[0]: mine[0]}
    ranks = _group_by_base(mine), _group_by_base(other)
    if {base: len(names) for base, names in ranks[0].items()} != {base: len(names) for base, names in ranks[1].items()}:
        return None
    return {there: here for base, names in ranks[1].items() for there, here in zip(names, ranks[0][base])}


def _group_by_base(names: Iterable[str]) -> dict[str, list[str]]:
    """Name without number -> full names, in the order of their numbers."""
    found = defaultdict(list)
    for name in names:
        found[re.sub(r"_\d+$", "", name.rsplit("/", 1)[-1])].append(name)
    return {base: sorted(group, key=_number) for base, group in found.items()}


def _number(name: str) -> int:
    return int((re.findall(r"\d+$", name) or [0])[0])


def _written_while_frozen(layer: "Layer", places: list[int]) -> bool:
    """Whether freezing some leaves of the layer gives the order `places`."""
    weights, leaves = layer.filed_weights, [leaf for leaf in leaf_layers(layer) if _own_weights(leaf)]
    number = {weight: place for place, weight in enumerate(weights)}
    trained = {number[weight] for leaf in leaves for weight in leaf._trainable_weights}
    first: list[int] = []  # trained weights come first, in order
    for place in places:
        if place not in trained or first and place < first[-1]:
            break
        first.append(place)
    frozen = [leaf for leaf in leaves if any(number[weight] not in first for weight in leaf._trainable_weights)]
    for of_keras in (True, False):
        rest = []
        for leaf in leaves:
            never = [number[weight] for weight in leaf._non_trainable_weights]
            stopped = [number[weight] for weight in leaf._trainable_weights] if leaf in frozen else []
            rest += stopped + never if of_keras else never + stopped
        if places == first + rest:
            return True
    return False
