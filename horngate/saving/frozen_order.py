"""The order of a layer's arrays in a file that was written while a part of the layer was frozen.

Keras 1 and the first horngate wrote what was trained before what was frozen, so that the order in a file told what
had been frozen, and the file does not. What horngate writes now says that its order is the one of the unfrozen layer.
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
    """`stored` with its arrays in the order of the unfrozen `layer`, as far as the names in the file tell.

    The arrays change places only where freezing a part of the layer explains the order in the file; else they stand
    in the layer's own order already, whatever their names.
    """
    places = _match_weights(layer, [array.name for array in stored.arrays])
    if places is None or places == sorted(places) or not _written_while_frozen(layer, places):
        return stored
    arrays = [array for _, array in sorted(zip(places, stored.arrays), key=lambda pair: pair[0])]
    if any(array.shape != tuple(weight.shape) for array, weight in zip(arrays, layer.weights)):
        return stored
    return dataclasses.replace(stored, arrays=arrays)


def _match_weights(layer: "Layer", names: Sequence[str]) -> list[int] | None:
    """For each name in the file, the place of the weight that it means; None where they do not tell."""
    weights = layer.weights
    owners = {weight: leaf for leaf in leaf_layers(layer) for weight in _own_weights(leaf)}
    if len(names) != len(weights) or set(owners) != set(weights):
        return None
    ours = [_split_name(weight.name, owners[weight]) for weight in weights]
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


def _split_name(name: str, leaf: Any) -> tuple[str, str]:
    """A weight's name as (that of its layer, the rest)."""
    return leaf.name, name.removeprefix(f"{leaf.name}_")


def _split_stored_name(name: str, ends: Iterable[str]) -> tuple[str, str] | None:
    """A name in a file, such as `a/dense_1_W:0`, as (layer, rest); None where no known name ends it."""
    name = name.removesuffix(":0")
    if name in ends:
        return "", name
    for end in ends:
        for joint in "_/":
            if name.endswith(joint + end):
                return name[: -len(joint + end)], end
    return None


def _match_layer_names(ours: Iterable[tuple[str, str]], theirs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    """Their name of a layer -> ours: the same, or where layers are numbered otherwise the one of the same rank."""
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
    """Names without their number -> those names, in the order of the numbers."""
    found = defaultdict(list)
    for name in names:
        found[re.sub(r"_\d+$", "", name.rsplit("/", 1)[-1])].append(name)
    return {base: sorted(group, key=_number) for base, group in found.items()}


def _number(name: str) -> int:
    return int((re.findall(r"\d+$", name) or [0])[0])


def _written_while_frozen(layer: "Layer", places: list[int]) -> bool:
    """Whether `places` is what was written while some leaves of the layer were frozen."""
    weights, leaves = layer.weights, [leaf for leaf in leaf_layers(layer) if _own_weights(leaf)]
    number = {weight: place for place, weight in enumerate(weights)}
    trained = {number[weight] for leaf in leaves for weight in leaf._trainable_weights}
    first: list[int] = []  # what was trained stands first, in order
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
