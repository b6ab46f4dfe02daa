"""`horngate.tree`: what Keras 3.15 gave for the same calls."""

import collections

import pytest

from horngate import tree

S = {"b": [1, (2, 3)], "a": None}
Pair = collections.namedtuple("Pair", "x y")
GIVES = [
    (lambda: tree.flatten(S), [None, 1, 2, 3]),
    (lambda: tree.flatten_with_path(S), [(("a",), None), (("b", 0), 1), (("b", 1, 0), 2), (("b", 1, 1), 3)]),
    (lambda: tree.lists_to_tuples(S), {"b": (1, (2, 3)), "a": None}),
    (lambda: tree.map_structure(lambda x: x and x * 2, S), {"b": [2, (4, 6)], "a": None}),
    (lambda: tree.map_structure(lambda x: x * 2, {"a": None, "b": 1}, none_is_leaf=False), {"a": None, "b": 2}),
    (lambda: tree.map_structure(lambda x, y: x + y, [1, Pair(2, 3)], [4, Pair(5, 6)]), [5, Pair(7, 9)]),
    (lambda: tree.pack_sequence_as(S, [10, 20, 30, 40]), {"b": [20, (30, 40)], "a": 10}),
    (
        lambda: tree.map_shape_structure(lambda x: ("s", x), {"a": (None, 3), "b": [(1, 2), [3, 4]]}),
        {"a": ("s", (None, 3)), "b": [("s", (1, 2)), ("s", [3, 4])]},
    ),
    (lambda: tree.map_structure_up_to({"a": 0, "b": 0}, lambda x: x, {"a": [1, 2], "b": 3}), {"a": [1, 2], "b": 3}),
    (
        lambda: tree.traverse(lambda x: tree.MAP_TO_NONE if isinstance(x, tuple) else None, S),
        {"b": [1, None], "a": None},
    ),
    (
        lambda: tree.traverse(lambda x: sum(x) if isinstance(x, tuple) else None, S, top_down=False),
        {"b": [1, 5], "a": None},
    ),
    (lambda: tree.assert_same_paths([1, 2], (1, 2)), None),
    (lambda: tree.assert_same_structure({"a": [1]}, {"a": [None]}), None),
]


@pytest.mark.parametrize("number", range(len(GIVES)))
def test_results_are_those_of_keras_3(number):
    made, wanted = GIVES[number]
    assert made() == wanted


@pytest.mark.parametrize("a, b", [(1, [1]), ({"a": 1}, {"b": 1}), ([1], [1, 2])])
@pytest.mark.parametrize("check", [tree.assert_same_structure, tree.assert_same_paths])
def test_differences_are_refused(check, a, b):
    with pytest.raises(ValueError, match="differ"):
        check(a, b)


def test_kinds_and_counts_are_compared():
    with pytest.raises(ValueError, match="differ"):
        tree.assert_same_structure([1, 2], (1, 2))
    with pytest.raises(ValueError, match="4 leaves; received 1"):
        tree.pack_sequence_as(S, [1])
    with pytest.raises(ValueError, match="differ"):
        tree.map_structure(lambda x, y: x, [1], [1, 2])
