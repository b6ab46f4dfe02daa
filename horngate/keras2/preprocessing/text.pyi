"""`preprocessing.text` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.preprocessing.text

class Tokenizer(horngate.preprocessing.text.Tokenizer):
    r"""Numbers the words of texts by how frequent they are, from 1, and writes texts in these numbers."""
    def __init__(self, nb_words: int | None = None, filters: str = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', lower: bool = True, split: str = ' ', char_level: bool = False, num_words: int | None = None) -> None: ...
    if not TYPE_CHECKING:
        char_level: Any
        document_count: Any
        filters: Any
        def fit_on_sequences(self, sequences) -> None: ...
        def fit_on_texts(self, texts) -> None: ...
        index_docs: Any
        lower: Any
        nb_words: Any
        def sequences_to_matrix(self, sequences, mode='binary') -> Any: ...
        split: Any
        def texts_to_matrix(self, texts, mode='binary') -> Any: ...
        def texts_to_sequences(self, texts) -> list[list[int]]: ...
        def texts_to_sequences_generator(self, texts) -> Any: ...
        def to_json(self) -> str: ...
        word_counts: Any
        word_docs: Any
        word_index: Any
def one_hot(text: str, n: int, filters: str = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', lower: bool = True, split: str = ' ') -> list[int]: ...
def text_to_word_sequence(text: str, filters: str = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', lower: bool = True, split: str = ' ') -> list[str]: ...
def tokenizer_from_json(text: str) -> Any: ...
