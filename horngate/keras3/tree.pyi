"""`tree` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.tree import assert_same_paths as assert_same_paths
from horngate.tree import assert_same_structure as assert_same_structure
from horngate.tree import flatten as flatten
from horngate.tree import flatten_with_path as flatten_with_path
from horngate.tree import is_nested as is_nested
from horngate.tree import lists_to_tuples as lists_to_tuples
from horngate.tree import map_shape_structure as map_shape_structure
from horngate.tree import map_structure as map_structure
from horngate.tree import map_structure_up_to as map_structure_up_to
from horngate.tree import pack_sequence_as as pack_sequence_as
from horngate.tree import traverse as traverse

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.tree

class MAP_TO_NONE(horngate.tree.MAP_TO_NONE):
    r"""What a function of `traverse` returns for a None in the place of a part of the structure."""
    def __init__(self) -> None: ...
