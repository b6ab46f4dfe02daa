"""`datasets.reuters` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

def get_word_index(path: str = 'reuters_word_index.pkl') -> dict[str, int]: ...
def load_data(path: str = 'reuters.pkl', num_words: int | None = None, skip_top: int = 0, maxlen: int | None = None, test_split: float = 0.2, seed: int = 113, start_char: int | None = 1, oov_char: int | None = 2, index_from: int | None = 3) -> tuple[tuple[Any, Any], tuple[Any, Any]]: ...
