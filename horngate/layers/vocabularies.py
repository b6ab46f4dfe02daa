"""Layers with a vocabulary: words and whole numbers as their places in it, and texts as places of their words."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from horngate.backend.arrays import found
from horngate.backend.arrays.indexing import take
from horngate.backend.graph import symbols_in
from horngate.backend.ranges import range_of_type, refuse
from horngate.engine.for_layers import K, TensorLike, argument, of_eras
from horngate.engine.front import on_stand_ins
from horngate.engine.kinds import Indices
from horngate.layers.adapted import Adapted
from horngate.layers.categories import MODES, Dense, OnHost, Salt, each, encoded, hashed, on_host, texts_of
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import atomic_write

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_MODE = f"{MODES}; 'tf_idf': how often, times a weight for each word"
_MOST = "the largest size of the vocabulary, with the items that stand for others; None for any"
_WORDS = "the words in order, or the path of a file with one in each line; None: `adapt` learns them"
_WEIGHTS = "with 'tf_idf', the weight of each word of `vocabulary`"
_PADS = "whether vectors have the size `max_tokens` even if there are fewer words"
_OTHERS = "how many places there are for unknown items, which a hash divides among them"


class _Told:
    """Attributes that each public class declares at its own place in the signature."""

    max_tokens: Any
    num_oov_indices: Any
    mask_token: Any
    oov_token: Any
    vocabulary: Any
    idf_weights: Any
    output_mode: Any
    pad_to_max_tokens: Any
    salt: Any


class _Vocabulary(Adapted, _Told):
    """Base of layers with a vocabulary: (what is masked), what is unknown, then the words, the most frequent first."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reset_state()
        self._places: dict[Any, int] = {}
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ValueError(f"{type(self).__name__} {self.name}: pad_to_max_tokens=True needs max_tokens.")
        if isinstance(self.vocabulary, str):
            with open(self.vocabulary, encoding="utf-8") as file:
                self.vocabulary = [self._item(line.rstrip("\r\n")) for line in file]
        if self.vocabulary is not None:
            self.set_vocabulary(self.vocabulary, self.idf_weights)

    def _item(self, word: Any) -> Any:
        """Return a word of the vocabulary from what a file or array holds."""
        return str(word)

    def _on_stand_in(self, x: Any) -> Any:
        """Return the output for made-up items `x`, which tells its shape, also before `adapt` where that decides it."""
        known = self.vocabulary, self._places
        self._places = {**self._places, **dict.fromkeys(np.ravel(x).tolist(), 0)}  # where no place is for the unknown
        if self.output_mode == "int":
            self.vocabulary = self.vocabulary or []
        try:
            return self.call(x)
        finally:
            self.vocabulary, self._places = known

    @property
    def _specials(self) -> list[Any]:
        masked = [self.mask_token] if self.mask_token is not None and self.output_mode == "int" else []
        return masked + [self.oov_token] * self.num_oov_indices

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Return the words in the order of their places.

        `include_special_tokens`: whether with those for what is masked and unknown.
        """
        return [*(self._specials if include_special_tokens else []), *(self.vocabulary or [])]

    def vocabulary_size(self) -> int:
        """Return how many places there are, with those for what is masked and unknown."""
        return len(self.get_vocabulary())

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Use other words.

        # Arguments
            vocabulary: the words in order; it may begin with those for what is masked and unknown.
            idf_weights: the weight of each word, with the mode 'tf_idf'.
        """
        words = [self._item(word) for word in (vocabulary.tolist() if hasattr(vocabulary, "tolist") else vocabulary)]
        specials, weights = self._specials, idf_weights
        if specials and words[: len(specials)] == specials:
            words = words[len(specials) :]
            weights = None if weights is None else list(weights)[len(specials) :]
        if twice := [word for word, count in Counter(words).items() if count > 1]:
            raise ValueError(f"{type(self).__name__} {self.name}: the vocabulary holds {twice[0]!r} twice.")
        if self.max_tokens is not None and len(words) + len(specials) > self.max_tokens:
            raise ValueError(
                f"{type(self).__name__} {self.name}: max_tokens={self.max_tokens}, but the vocabulary has {len(words)} "
                f"words beside {len(specials)} places for others."
            )
        if self.output_mode == "tf_idf" and (weights is None or len(weights) != len(words)):
            raise ValueError(f"{type(self).__name__} {self.name}: 'tf_idf' needs idf_weights, one for each word.")
        self.vocabulary = words
        self.idf_weights = None if weights is None else [float(weight) for weight in weights]
        self._places = {word: place for place, word in enumerate(words, len(specials))}

    def save_assets(self, dir_path: PathLike) -> None:
        """Write the vocabulary into the folder `dir_path` as `vocabulary.txt`, a word in each line, as Keras 3 does."""
        with atomic_write(os.path.join(dir_path, "vocabulary.txt")) as path, open(path, "wb") as file:
            file.write("\n".join(map(str, self.get_vocabulary())).encode())

    def load_assets(self, dir_path: PathLike) -> None:
        """Use the vocabulary of `vocabulary.txt` in the folder `dir_path`, such as an unpacked `.keras` file has."""
        with open(os.path.join(dir_path, "vocabulary.txt"), "rb") as file:
            self.set_vocabulary(file.read().decode().split("\n"))

    def reset_state(self) -> None:
        self._counts: Counter[Any] = Counter()
        self._documents: Counter[Any] = Counter()
        self._number = 0

    def texts_in(self, data: Any) -> np.ndarray:
        """Return `data` as an array of texts, which are never compared with numbers."""
        return texts_of(data, getattr(self, "encoding", "utf-8"), numbers=False)

    def items_of(self, data: Any) -> list[list[Any]]:
        """Return the items of each sample of `data`."""
        array = self.texts_in(data)
        return array.reshape(len(array), -1).tolist() if array.ndim else [[array.item()]]

    def update_state(self, data: Any) -> None:
        rows = self.items_of(data)
        for row in rows:
            self._counts.update(row)
            self._documents.update(set(row))
        self._number += len(rows)

    def finalize_state(self) -> None:
        if not self._number:
            return
        specials = self._specials
        dropped = {*specials, self.mask_token, ""} if isinstance(self.oov_token, str) else {*specials, self.mask_token}
        words = sorted((word for word in self._counts if word not in dropped), reverse=True)
        words.sort(key=self._counts.__getitem__, reverse=True)
        words = words if self.max_tokens is None else words[: self.max_tokens - len(specials)]
        weights = [float(np.log(1 + self._number / (1 + self._documents[word]))) for word in words]
        self.set_vocabulary(words, weights if self.output_mode == "tf_idf" else None)
        self.reset_state()

    def place_of(self, item: Any) -> int:
        """Return the place of an `item`; -1 for what is masked, where that has no place."""
        if item in self._places:
            return self._places[item]
        masks = self.mask_token is not None and self.output_mode == "int"
        if self.mask_token is not None and item == self.mask_token:
            return 0 if masks else -1
        if self.num_oov_indices == 0:
            raise ValueError(
                f"{type(self).__name__} {self.name} does not know {item!r}, and num_oov_indices=0 leaves no place."
            )
        return masks + (self.hash_of(item) % self.num_oov_indices if self.num_oov_indices > 1 else 0)

    def hash_of(self, item: Any) -> int:
        """Return what divides unknown items among their places."""
        return hashed(item, self.salt)

    def _known(self) -> None:
        if self.vocabulary is None:
            raise ValueError(
                f"{type(self).__name__} {self.name} has no vocabulary yet: call its `adapt` or `set_vocabulary` first."
            )

    def places(self, array: np.ndarray) -> Any:
        """Return the items of `array` in the form of the output."""
        self._known()
        return self.formed(each(self.place_of, array))

    def formed(self, numbers: Any) -> Any:
        """Return places, as an array of numbers, in the form of the output."""
        if self.output_mode == "int":
            return numbers
        depth = self.max_tokens if self.pad_to_max_tokens else self.vocabulary_size()
        if self.output_mode != "tf_idf":
            return K.cast(encoded(numbers, self.output_mode, depth), "int32")
        weights = np.zeros(depth, "float32")
        weights[: self.vocabulary_size()] = self.weights_of_places()
        return encoded(numbers, "count", depth) * weights

    def weights_of_places(self) -> np.ndarray:
        """Return the weight of each place with 'tf_idf'; unknown items have the mean of those of all words."""
        return np.array([np.mean(self.idf_weights)] * len(self._specials) + list(self.idf_weights), "float32")


class StringLookup(_Vocabulary, OnHost):
    """Words as their places in a vocabulary, or with `invert` places as words.

    It works on the host: on arrays, or in a model on each batch before its program.

    # Input shape
        Any.

    # Output shape
        That of the input for 'int'; for other modes as `CategoryEncoding`.
    """

    max_tokens: int | None = argument(_MOST, default=None, at_least=2)
    num_oov_indices: int = argument(_OTHERS, default=1, at_least=0)
    mask_token: str | None = argument("a word that has the place 0, or none with other modes", default=None)
    oov_token: str = argument("what stands for unknown words in the vocabulary", default="[UNK]")
    vocabulary: Any = argument(_WORDS, default=None)
    idf_weights: Any = argument(_WEIGHTS, default=None)
    invert: bool = argument("whether to turn places into words", default=False)
    output_mode: str = argument(_MODE, default="int", choices=_MODES)
    pad_to_max_tokens: bool = argument(_PADS, default=False)
    sparse: Dense = argument(default=False)
    encoding: str = argument("how texts are written in bytes", default="utf-8")
    salt: Salt | None = argument(default=None)

    def call(self, x: Any, mask: Any = None) -> Any:
        if not self.invert:
            return np.asarray(self.places(self.texts_in(x)))
        self._known()
        words, numbers = np.array(self.get_vocabulary(), object), np.asarray(x)
        known = (numbers >= 0) & (numbers < len(words))
        return np.where(known, words[np.where(known, numbers, 0)], self.oov_token)


class IntegerLookup(_Vocabulary):
    """Whole numbers as their places in a vocabulary, or with `invert` places as numbers.

    # Input shape
        Any.

    # Output shape
        That of the input for 'int'; for other modes as `CategoryEncoding`.
    """

    max_tokens: int | None = argument(_MOST, default=None, at_least=2)
    num_oov_indices: int = argument(_OTHERS.replace("hash", "rest"), default=1, at_least=0)
    mask_token: int | None = argument("a number that has the place 0, or none with other modes", default=None)
    oov_token: int = argument("what stands for unknown numbers in the vocabulary", default=-1)
    vocabulary: Any = argument(_WORDS.replace("words", "numbers"), default=None)
    vocabulary_dtype: str = argument("the number type of the vocabulary", default="int64", choices=("int32", "int64"))
    idf_weights: Any = argument(_WEIGHTS, default=None)
    invert: bool = argument("whether to turn places into numbers", default=False)
    output_mode: str = argument(_MODE, default="int", choices=_MODES)
    sparse: Dense = argument(default=False)
    pad_to_max_tokens: bool = argument(_PADS, default=False)
    oov_method: str = argument(
        "what divides unknown numbers among their places: the rest of the division, or a hash, outside of models only",
        default="floormod",
        choices=("floormod", "farmhash"),
    )
    salt: Salt | None = argument(default=None)

    takes_numbers = False
    _on_host: Any = property(
        lambda self: self.num_oov_indices != 1 and (self.oov_method == "farmhash" or self.num_oov_indices == 0)
    )

    def _describe_outputs(self, node: Any) -> Any:
        return on_stand_ins(self, node.input_tensors) if self._on_host else super()._describe_outputs(node)

    def _item(self, word: Any) -> int:
        return int(np.dtype(self.vocabulary_dtype).type(word))

    def texts_in(self, data: Any) -> np.ndarray:
        """Return `data` as an array of whole numbers. Raises ValueError for others."""
        array = np.asarray(data)
        if array.dtype.kind not in "biuf" or (array != np.floor(array)).any():
            raise ValueError(f"IntegerLookup {self.name} takes whole numbers; received {array!r:.60}.")
        return array.astype("int64").astype(object)

    def hash_of(self, item: Any) -> int:
        return item if self.oov_method == "floormod" else hashed(item, self.salt)

    @of_eras
    def __call__(self, x: TensorLike, mask: TensorLike = None, training: Any = None) -> TensorLike:
        """Return the output for `x`: by the host if unknown numbers are hashed, else as any layer does."""
        if self._on_host:
            return on_host(self, x)
        if isinstance(x, (np.ndarray, list)) and not any(True for _ in symbols_in(x)):
            refuse(self.texts_in(x).astype("int64"), range_of_type(self.name, "int32"))
        return super().__call__(x, mask, training)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        self._known()
        if self.invert:
            words = np.array(self.get_vocabulary(), "int32")
            known = (x >= 0) & (x < len(words))
            return K.switch(known, take(words, K.clip(x, 0, len(words) - 1), 0), self.oov_token)
        if isinstance(x, np.ndarray):
            return np.asarray(self.places(self.texts_in(x)))
        refuse(np.array(self.vocabulary), range_of_type(f"{self.name}: vocabulary", "int32"))
        x, search = K.cast(x, "int32"), found("searchsorted")
        words = np.array(self.vocabulary, "int32")
        order: Any = np.argsort(words)
        near = K.clip(K.cast(search(words[order], x), "int32"), 0, len(words) - 1)
        masks = self.mask_token is not None and self.output_mode == "int"
        numbers = x % self.num_oov_indices + masks
        if self.mask_token is not None:
            numbers = K.switch(x == self.mask_token, 0 if masks else -1, numbers)
        places = take(order.astype("int32"), near, 0) + len(self._specials)
        return self.formed(K.switch(take(words[order], near, 0) == x, places, numbers))


_PUNCTUATION = str.maketrans("", "", "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'")
_STANDARDS: dict[Any, Callable[[str], str]] = {
    None: lambda text: text,
    "lower": str.lower,
    "strip_punctuation": lambda text: text.translate(_PUNCTUATION),
    "lower_and_strip_punctuation": lambda text: text.lower().translate(_PUNCTUATION),
}
_SPLITS: dict[Any, Callable[[str], Sequence[str]]] = {
    None: lambda text: [text],
    "whitespace": str.split,
    "character": list,
}


class TextVectorization(_Vocabulary, OnHost):
    """Texts as the places of their words in a vocabulary, filled up with 0, or as vectors that count words.

    It works on the host: on arrays, or in a model on each batch before its program.

    # Input shape
        (samples,) or (samples, 1), of texts; or one text.

    # Output shape
        (samples, words) for 'int', else (samples, size of the vocabulary).
    """

    max_tokens: int | None = argument(_MOST, default=None, at_least=2)
    standardize: Any = argument(
        "what is done to texts first: 'lower_and_strip_punctuation', 'lower', 'strip_punctuation', None, or a "
        "function of a text",
        default="lower_and_strip_punctuation",
    )
    split: Any = argument(
        "what are words: 'whitespace', 'character', None, or a function of a text", default="whitespace"
    )
    ngrams: Indices = argument("up to how many words in a row count as one too, or how many exactly", default=None)
    output_mode: str = argument(_MODE, default="int", choices=("int", "multi_hot", "count", "tf_idf"))
    output_sequence_length: int | None = argument(
        "how many words with 'int'; None: of the longest", default=None, at_least=1
    )
    pad_to_max_tokens: bool = argument(_PADS, default=False)
    vocabulary: Any = argument(_WORDS, default=None)
    idf_weights: Any = argument(_WEIGHTS, default=None)
    sparse: Dense = argument(default=False)
    ragged: Dense = argument(default=False)
    encoding: str = argument("how texts are written in bytes", default="utf-8")

    num_oov_indices, oov_token, salt = 1, "[UNK]", None
    mask_token = property(lambda self: "" if self.output_mode == "int" else None)

    def __post_init__(self) -> None:
        self._standard: Any = _STANDARDS.get(self.standardize, self.standardize)
        self._split: Any = _SPLITS.get(self.split, self.split)
        for name, function, known in (("standardize", self._standard, _STANDARDS), ("split", self._split, _SPLITS)):
            if not callable(function):
                raise ValueError(f"TextVectorization: {name} must be one of {list(known)} or a function of a text.")
        super().__post_init__()

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        super().adapt(data, batch_size=batch_size, steps=steps)

    def _words(self, text: str) -> list[str]:
        words = list(self._split(self._standard(text)))
        lengths = self.ngrams or (1,)
        lengths = range(1, lengths[0] + 1) if len(lengths) == 1 else lengths
        return [" ".join(words[i : i + n]) for n in lengths for i in range(len(words) - n + 1)]

    def items_of(self, data: Any) -> list[list[str]]:
        return [self._words(text) for text in self.texts_in(data).ravel()]

    def call(self, x: Any, mask: Any = None) -> Any:
        rows, one = self.items_of(x), np.ndim(x) == 0
        self._known()
        if self.split is None and self.ngrams is None and self.output_mode == "int" and not self.output_sequence_length:
            return self.places(np.array([row[0] for row in rows], object).reshape(np.shape(x)))
        length = self.output_sequence_length if self.output_mode == "int" else None
        length = length or max(map(len, rows), default=0)
        filler = 0 if self.output_mode == "int" else -1
        numbers = np.full((len(rows), length), filler, "int64")
        for number, row in zip(numbers, rows):
            found_ = [self.place_of(word) for word in row[:length]]
            number[: len(found_)] = found_
        y = np.asarray(self.formed(numbers))
        return y[0] if one else y
