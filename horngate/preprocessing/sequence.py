"""Sequences of numbers: of one length, or as pairs of words that stand near each other."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend import notices
from horngate.backend.orders import elsewhere as _elsewhere
from horngate.training.arrays import checked_count

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: "DTypeLike" = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float = 0.0,
) -> np.ndarray:
    """Sequences of different lengths as one array.

    # Arguments
        sequences: list of sequences, of numbers or of equally shaped items.
        maxlen: length of all; None for that of the longest.
        dtype: of the array.
        padding: `'pre'` or `'post'`: where `value` fills up short sequences.
        truncating: `'pre'` or `'post'`: where long sequences are cut.
        value: float, what is filled in.

    # Output shape
        (sequences, maxlen, ...)

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2).tolist()
    [[0, 1], [3, 4]]
    """
    for name, choice in (("padding", padding), ("truncating", truncating)):
        if choice not in ("pre", "post"):
            raise ValueError(f"pad_sequences: {name} must be 'pre' or 'post'; received {choice!r}")
    if not hasattr(sequences, "__len__"):
        raise TypeError(f"pad_sequences: sequences must be a list of sequences; received {sequences!r}")
    for i, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__") or isinstance(sequence, (str, bytes)):
            raise ValueError(f"pad_sequences: sequences must be a list of sequences; item {i} is {sequence!r}")
    if maxlen is not None and (not isinstance(maxlen, (int, np.integer)) or maxlen < 0):
        raise ValueError(f"pad_sequences: maxlen must be a whole number of at least 0, or None; received {maxlen!r}")
    longest = max((len(sequence) for sequence in sequences), default=0)
    maxlen = longest if maxlen is None else maxlen
    cut = slice(max(0, maxlen)) if truncating == "post" else slice(-maxlen if maxlen else longest, None)
    kept = [np.asarray(sequence[cut]) for sequence in sequences if len(sequence[cut])]
    shape = _shape_of_items(kept)
    padded = np.full((len(sequences), maxlen, *shape), value, dtype=dtype)
    if kept:
        joined = np.concatenate(kept)
        _check_range(joined, padded.dtype)
        if padded.dtype.kind in "iu" and any(_has_fractions(array) for array in kept):
            notices.warn(
                f"pad_sequences: the sequences hold fractions, which dtype={padded.dtype.name!r} cuts off. Give "
                "dtype='float32' to keep them."
            )
        lengths = np.array([len(sequence[cut]) for sequence in sequences])[:, None]
        places = np.arange(maxlen)
        filled = places < lengths if padding == "post" else places >= maxlen - lengths
        padded[filled] = joined
    return padded


def _check_range(numbers: np.ndarray, dtype: np.dtype) -> None:
    """Raise where `numbers` are none, or the whole numbers of `dtype` do not reach as far."""
    if numbers.dtype.kind in "US" and dtype.kind in "iufb":
        raise ValueError(
            f"pad_sequences: sequences must hold numbers; received {str(numbers.flat[0])!r}. "
            "preprocessing.text.Tokenizer numbers the words of texts."
        )
    if dtype.kind in "iu" and numbers.dtype.kind in "iuf" and numbers.size:
        limits = np.iinfo(dtype)
        for extreme in (numbers.min(), numbers.max()):
            if not limits.min <= extreme <= limits.max:
                raise ValueError(
                    f"pad_sequences: dtype={dtype.name!r} holds numbers from {limits.min} to {limits.max}; received "
                    f"{extreme}. Give another dtype, such as 'int64' or 'float32'."
                )


def _has_fractions(array: np.ndarray) -> bool:
    return array.dtype.kind == "f" and bool((array != np.floor(array)).any())


class buckets:  # noqa: N801  to its callers it is a function like the others here
    """Batches of sequences of about the same length, padded to a few lengths only, for `fit` and its kin.

    Each length that a model meets is compiled once; a batch needs no more steps than its longest sequence, about. In
    each epoch other sequences stand together. What is filled in is told by a mask (`Masking(value)`, or
    `Embedding(mask_zero=True)`); where targets are sequences too, it has the weight 0: compile with
    `sample_weight_mode='temporal'`.

    # Arguments
        sequences: list of sequences, of numbers or of equally shaped items.
        targets: a target for each, or a sequence of targets as long as it; None for inputs alone.
        batch_size: sequences in a batch; the last of each length has fewer.
        lengths: how many lengths there are, so that about as many sequences have each; or a list of them, of which the
            longest may cut sequences off.
        sample_weight: weight of each sequence in the loss.
        padding, truncating, value, dtype: as for `pad_sequences`; targets are filled with 0.
        shuffle: whether to mix the sequences of a length after each epoch.

    >>> [x.shape for x, y in buckets([[1], [2, 3], [4], [5, 6, 7, 8]], [0, 1, 0, 1], lengths=2)]
    [(3, 2), (1, 4)]
    """

    def __init__(
        self,
        sequences: Sequence[Any],
        targets: Sequence[Any] | None = None,
        batch_size: int = 32,
        lengths: int | Sequence[int] = 4,
        sample_weight: "Sequence[float] | np.ndarray | None" = None,
        padding: str = "pre",
        truncating: str = "pre",
        value: float = 0.0,
        dtype: "DTypeLike" = "int32",
        shuffle: bool = True,
    ) -> None:
        for name, given in (("targets", targets), ("sample_weight", sample_weight)):
            if given is not None and len(given) != len(sequences):
                raise ValueError(f"buckets: {name} must have an item for each of the {len(sequences)} sequences.")
        if not len(sequences):
            raise ValueError("buckets: there are no sequences.")
        self.sequences, self.targets, self.shuffle = sequences, targets, shuffle
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self.batch_size = checked_count("buckets: batch_size", batch_size)
        self._padding: dict[str, Any] = {"padding": padding, "truncating": truncating}
        self._filled: dict[str, Any] = {"value": value, "dtype": dtype}
        sizes = np.array([len(sequence) for sequence in sequences])
        self.lengths = _lengths_of(sizes, lengths)
        place = np.searchsorted(self.lengths, np.minimum(sizes, self.lengths[-1]))
        self._members = [np.flatnonzero(place == i) for i in range(len(self.lengths))]
        self.temporal = targets is not None and all(
            np.ndim(target) and len(target) == size for target, size in zip(targets, sizes)
        )

    def __len__(self) -> int:
        return sum(-(-len(members) // self.batch_size) for members in self._members)

    def __getitem__(self, index: int) -> Any:
        for length, members in zip(self.lengths, self._members):
            count = -(-len(members) // self.batch_size)
            if index < count:
                return self._batch(int(length), members[index * self.batch_size : (index + 1) * self.batch_size])
            index -= count
        raise IndexError("buckets: there is no such batch")

    def _batch(self, length, chosen):
        """The sequences with the numbers `chosen`, of that length, with their targets and weights."""
        x = pad_sequences([self.sequences[i] for i in chosen], length, **self._filled, **self._padding)
        weights = None if self.sample_weight is None else self.sample_weight[chosen]
        if self.targets is None:
            return x
        y: Any = [self.targets[i] for i in chosen]
        if not self.temporal:
            return (x, np.asarray(y)) if weights is None else (x, np.asarray(y), weights)
        counts = pad_sequences([np.ones(len(target)) for target in y], length, dtype="float32", **self._padding)
        y = pad_sequences(y, length, dtype=np.result_type(*map(np.asarray, y)), **self._padding)
        return x, y if y.ndim > 2 else y[..., None], counts if weights is None else counts * weights[:, None]

    def on_epoch_end(self) -> None:
        """Have other sequences stand together."""
        if self.shuffle:
            for members in self._members:
                np.random.shuffle(members)


def _lengths_of(sizes, lengths):
    """The lengths in use, from the smallest: those given, or so many of which each has about as many sequences."""
    if np.ndim(lengths):
        chosen = np.unique([checked_count("buckets: a length", length) for length in lengths])
    else:
        count = checked_count("buckets: lengths", lengths)
        chosen = np.unique(np.quantile(sizes, np.arange(1, count + 1) / count, method="higher"))
    return np.unique(np.maximum(chosen, 1))


def _shape_of_items(arrays: list[np.ndarray]) -> tuple[int, ...]:
    shapes = {array.shape[1:] for array in arrays}
    if len(shapes) > 1:
        raise ValueError(f"pad_sequences: items must have one shape; there are {sorted(shapes)}")
    return shapes.pop() if shapes else ()


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """For each word by its rank, the probability with which it is kept among training pairs.

    min(1, sqrt(s / f)), with the frequency f of the i-th most frequent word after Zipf's law,
    1 / f(i) = i (log(i) + 0.577) + 1/2 - 1 / (12 i).

    # Arguments
        size: number of words; rank 0 stands for none and counts as rank 1.
        sampling_factor: s; the smaller it is, the fewer frequent words are kept.

    # Source
        Mikolov et al., Distributed Representations of Words and Phrases (arXiv:1310.4546), section 2.3.
    """
    rank = np.maximum(np.arange(size), 1)
    inverse_frequency = rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank)
    return np.minimum(1.0, np.sqrt(sampling_factor * inverse_frequency))


def skipgrams(
    sequence: "ArrayLike",
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: "Sequence[float] | np.ndarray | None" = None,
) -> tuple[list[list[int]], list[Any]]:
    """Pairs of words, labelled 1 where they stand near each other in `sequence` and 0 where the second is random.

    Python's `random` draws; `random.seed` repeats a result.

    # Arguments
        sequence: word numbers; 0 stands for no word.
        vocabulary_size: random words are numbers from 1 to `vocabulary_size - 1`.
        window_size: how many words to each side are near.
        negative_samples: random pairs for each pair of near words.
        shuffle: mix the pairs.
        categorical: labels `[0, 1]` and `[1, 0]` instead of 1 and 0.
        sampling_table: by word number, the probability with which a word begins pairs.

    # Returns
        List of pairs, list of labels.
    """
    words = np.asarray(sequence, int)
    begins = words != 0
    if sampling_table is not None:
        for i in np.flatnonzero(begins):
            begins[i] = sampling_table[words[i]] >= random.random()
    offsets = np.array([offset for offset in range(-window_size, window_size + 1) if offset])
    first, second = np.broadcast_arrays(np.arange(len(words))[:, None], np.arange(len(words))[:, None] + offsets)
    near = (second >= 0) & (second < len(words)) & begins[:, None]
    first, second = first[near], second[near]
    first, second = first[words[second] != 0], second[words[second] != 0]
    couples = np.stack([words[first], words[second]], axis=1).tolist()
    labels = [[0, 1] if categorical else 1] * len(couples)
    wanted = int(len(couples) * negative_samples)
    if wanted:
        beginnings = [couple[0] for couple in couples]
        random.shuffle(beginnings)
        couples += [[beginnings[i % len(beginnings)], random.randint(1, vocabulary_size - 1)] for i in range(wanted)]
        labels += [[1, 0] if categorical else 0] * wanted
    if shuffle:
        seed = random.randint(0, 10_000_000)
        for items in (couples, labels):
            random.seed(seed)
            random.shuffle(items)
    return couples, labels


def __getattr__(name: str) -> Any:
    return _elsewhere(__name__, name)
