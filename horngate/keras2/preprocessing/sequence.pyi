"""`preprocessing.sequence` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

def make_sampling_table(size: int, sampling_factor: float = 1e-05) -> Any: ...
def skipgrams(sequence: Any, vocabulary_size: int, window_size: int = 4, negative_samples: float = 1.0, shuffle: bool = True, categorical: bool = False, sampling_table: Any = None) -> tuple[list[list[int]], list[Any]]: ...
def pad_sequences(sequences: _Sequence[Any], maxlen: int | None = None, dtype: Any = 'int32', padding: str = 'pre', truncating: str = 'pre', value: float = 0.0) -> Any: ...
