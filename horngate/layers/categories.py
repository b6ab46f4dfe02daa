"""Layers that turn numbers and texts into numbers of categories, and these into vectors."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate.backend import config, hashes
from horngate.backend.arrays import found
from horngate.backend.arrays.indexing import one_hot
from horngate.backend.graph import symbols_in
from horngate.backend.running import is_running, recorder
from horngate.engine.for_layers import K, Layer, TensorLike, argument, of_eras
from horngate.engine.front import TEXT, on_stand_ins
from horngate.engine.kinds import Declared, Numbers
from horngate.layers.adapted import Adapted

MODES = "'int': the number; 'one_hot': a vector for each number; 'multi_hot': ones, 'count': how often, for each sample"


class Dense(Declared[bool, bool]):
    """Whether the output is sparse, which it never is."""

    words = "must be False: outputs are dense arrays"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return False. Raises ValueError for True."""
        if value:
            raise ValueError(f"{cls.words}; received {value!r}. Leave it out.")
        return False


def encoded(numbers: TensorLike, mode: str, depth: int, weights: TensorLike = None) -> TensorLike:
    """Return `numbers` of categories in the form `mode`, with `depth` categories; numbers outside count nowhere.

    `weights`: how much each number counts in the mode 'count'.
    """
    if mode == "int":
        return numbers
    rank = K.ndim(numbers)
    numbers = K.reshape(numbers, (1,)) if rank == 0 else numbers
    if mode == "one_hot":
        alone = rank > 1 and numbers.shape[-1] == 1
        return one_hot(numbers[..., 0] if alone else numbers, depth)
    rows, axis = one_hot(numbers, depth), 1 if rank > 1 else 0
    if mode == "multi_hot":
        return K.max(rows, axis=axis)
    return K.sum(rows if weights is None else rows * K.expand_dims(weights, -1), axis=axis)


class CategoryEncoding(Layer):
    """Numbers of categories as vectors.

    # Input shape
        (samples, numbers) or any other, of whole numbers from 0 to `num_tokens` - 1.

    # Output shape
        (samples, num_tokens); for 'one_hot' that of the input and num_tokens, in the place of a last axis of size 1.
    """

    num_tokens: int = argument("how many categories there are", at_least=1)
    output_mode: str = argument(MODES, default="multi_hot", choices=("one_hot", "multi_hot", "count"))
    sparse: Dense = argument(default=False)

    takes_numbers = False
    __call__ = Layer.call_arranged

    def call(self, inputs: TensorLike, count_weights: TensorLike = None) -> Any:  # type: ignore[override]  # no mask
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                f"CategoryEncoding {self.name}: count_weights have a meaning with output_mode='count' only; received "
                f"them with {self.output_mode!r}."
            )
        return encoded(K.cast(inputs, "int32"), self.output_mode, self.num_tokens, count_weights)


class Discretization(Adapted):
    """The number of the bin in which each value lies: how many `bin_boundaries` are at most the value.

    The boundaries are given, or learned by `adapt`: quantiles that put about as many values into each bin.

    # Input shape
        Any.

    # Output shape
        That of the input for 'int'; for other modes as `CategoryEncoding`.

    # Raises
        ValueError: unless one of bin_boundaries and num_bins is given.
    """

    bin_boundaries: Numbers = argument("where the bins meet, in order; None: `adapt` learns it", default=None)
    bins_to_learn: int | None = argument(
        "how many bins `adapt` makes; None once it has", default=None, alias="num_bins", at_least=2
    )
    epsilon: float = argument(
        "`adapt` keeps at least 10 / epsilon values, so that errors of shares are below it",
        default=0.01,
        above=0,
        below=1,
    )
    output_mode: str = argument(MODES, default="int", choices=("int", "one_hot", "multi_hot", "count"))
    sparse: Dense = argument(default=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reset_state()
        self._adapts = self.bins_to_learn is not None
        if (self.bin_boundaries is None) != self._adapts:
            raise ValueError(
                f"Discretization {self.name}: give bin_boundaries, or num_bins and call `adapt`; received "
                f"bin_boundaries={self.bin_boundaries}, num_bins={self.bins_to_learn}."
            )
        if self.bin_boundaries is not None and (np.diff(self.bin_boundaries) < 0).any():
            raise ValueError(f"Discretization {self.name}: bin_boundaries must ascend; received {self.bin_boundaries}.")

    @property
    def output_dtype(self) -> str:
        """The number type of the output."""
        return "int32" if self.output_mode == "int" else config.floatx()

    @property
    def num_bins(self) -> int:
        """How many bins there are, or will be."""
        return self.bins_to_learn or len(self.bin_boundaries) + 1

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if self.bin_boundaries is None:
            raise ValueError(f"Discretization {self.name} has no boundaries yet: call its `adapt` on data first.")
        search: Any = found("searchsorted")
        boundaries = np.asarray(self.bin_boundaries, "float32")
        bins = K.cast(search(boundaries, K.cast(x, "float32"), side="right"), "int32")
        return encoded(bins, self.output_mode, len(boundaries) + 1)

    def reset_state(self) -> None:
        self._values, self._counts = np.zeros(0), np.zeros(0)

    def update_state(self, data: Any) -> None:
        if not self._adapts:
            raise ValueError(f"Discretization {self.name}: bin_boundaries were given; adapt would not change them.")
        new = self.numbers_of(data).ravel()
        values, counts = np.append(self._values, new), np.append(self._counts, np.ones(new.size))
        order = np.argsort(values, kind="stable")
        self._values, self._counts = values[order], counts[order]
        most = math.ceil(10 / self.epsilon)
        if values.size > most:
            up_to = np.cumsum(self._counts)
            self._values = np.interp(np.arange(1, most + 1) / most * up_to[-1], up_to, self._values)
            self._counts = np.full(most, up_to[-1] / most)

    def finalize_state(self) -> None:
        if self._values.size:
            up_to = np.cumsum(self._counts)
            shares = np.arange(1, self.num_bins) / self.num_bins
            self.bin_boundaries = np.interp(shares, up_to / up_to[-1], self._values).tolist()
            self.bins_to_learn = None
            self.reset_state()


class OnHost(Layer):
    """Base of layers that work on the host, in NumPy: they take texts, which no compiled program has.

    In a model they run on each batch, before the program.
    """

    takes_numbers = False
    _on_host = True

    @of_eras
    def __call__(self, x: TensorLike, mask: TensorLike = None, training: Any = None) -> TensorLike:
        """Return the output for the tensor, array, list or text `x`."""
        return on_host(self, x)

    def default_input_dtype(self) -> str:
        return TEXT

    def _on_stand_in(self, x: Any) -> Any:
        """Return the output for made-up texts or numbers `x`, which tells the shape of others."""
        return self.call(x)

    def _describe_outputs(self, node: Any) -> Any:
        return on_stand_ins(self, node.input_tensors)


def on_host(layer: Layer, x: Any) -> Any:
    """Call `layer` on a tensor, or in NumPy on an array, list or text. Raises TypeError in a compiled program."""
    symbols = list(symbols_in(x))
    if symbols and not is_running() and recorder() is None:
        return layer._connect(symbols, None)
    if symbols or is_running():
        raise TypeError(
            f"{type(layer).__name__} {layer.name} works on the host, and cannot be called within a compiled program, "
            "which has no texts. Put it between Input(shape=(1,), dtype='string') and the other layers of a functional "
            "model, or call it on arrays before the model."
        )
    layer.built = True
    return layer.call(x)


def texts_of(x: Any, encoding: str = "utf-8", numbers: bool = True) -> np.ndarray:
    """Return `x` as an array of objects: texts, decoded where they are bytes, or with `numbers` whole numbers."""
    array = np.asarray(x)
    if array.dtype.kind in "biu" and numbers:
        return array.astype(object)
    flat = [item.decode(encoding) if isinstance(item, bytes) else item for item in array.astype(object).ravel()]
    kinds, words = ((str, int, np.integer), "texts or whole numbers") if numbers else (str, "texts")
    if wrong := [item for item in flat if not isinstance(item, kinds)][:1]:
        raise TypeError(
            f"expected {words}; received {wrong[0]!r}. Make texts of all, np.asarray(x).astype(str), or drop these."
        )
    found_ = np.empty(len(flat), object)
    found_[:] = flat
    return found_.reshape(array.shape)


def each(function: Any, array: np.ndarray) -> np.ndarray:
    """Return whole numbers, `function` of each item of `array`; it is called once for equal items."""
    known: dict[Any, int] = {item: function(item) for item in set(array.ravel().tolist())}
    return np.array([known[item] for item in array.ravel().tolist()], "int64").reshape(array.shape)


def hashed(item: Any, salt: Sequence[int] | None = None) -> int:
    """Return the hash of a text or whole number `item`, that of TensorFlow; `salt`: two numbers that change it."""
    data = str(item).encode("utf-8", "surrogatepass")
    return hashes.fingerprint(data) if salt is None else hashes.salted(data, salt)


class Salt(Declared["int | Sequence[int] | None", "tuple[int, int] | None"]):
    """Two numbers that change a hash; one stands for both."""

    words = "a whole number, or two, that change the hash; None for FarmHash, else SipHash"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return two whole numbers."""
        pair = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
        if len(pair) != 2 or not all(isinstance(n, (int, np.integer)) for n in pair):
            raise ValueError(f"must be a whole number or two; received {value!r}")
        return tuple(int(n) for n in pair)


class Hashing(OnHost):
    """Texts or whole numbers as numbers of bins, by a hash that is the same everywhere; several may share a bin.

    It works on the host: on arrays, or in a model on each batch before its program.

    # Input shape
        Any.

    # Output shape
        That of the input for 'int'; for other modes as `CategoryEncoding`.
    """

    num_bins: int = argument("how many bins there are", at_least=1)
    mask_value: Any = argument("an item that alone has the bin 0; None for none", default=None)
    salt: Salt | None = argument(default=None)
    output_mode: str = argument(MODES, default="int", choices=("int", "one_hot", "multi_hot", "count"))
    sparse: Dense = argument(default=False)

    def call(self, x: Any, mask: Any = None) -> Any:
        masks, array = self.mask_value is not None, texts_of(x)
        bins = max(1, self.num_bins - masks)
        numbers = each(
            lambda item: 0 if masks and item == self.mask_value else masks + hashed(item, self.salt) % bins, array
        )
        return np.asarray(encoded(numbers, self.output_mode, self.num_bins)) if self.output_mode != "int" else numbers


class HashedCrossing(OnHost):
    """Items of several features together as numbers of bins, by a hash: those of sample i are one item.

    It works on the host: on a list of arrays, or in a model on each batch before its program.

    # Input shape
        A list of arrays, each (samples,) or (samples, 1).

    # Output shape
        (samples,) or (samples, 1) for 'int', (samples, num_bins) for 'one_hot'.
    """

    num_bins: int = argument("how many bins there are", at_least=1)
    output_mode: str = argument(MODES, default="int", choices=("int", "one_hot"))
    sparse: Dense = argument(default=False)

    def call(self, x: Any, mask: Any = None) -> Any:
        arrays = [texts_of(array) for array in x]
        if len(arrays) < 2 or len({array.shape for array in arrays}) > 1 or arrays[0].shape[1:] not in ((), (1,)):
            raise ValueError(
                f"HashedCrossing {self.name} takes at least two arrays of one shape, (samples,) or (samples, 1); "
                f"received shapes {[array.shape for array in arrays]}."
            )
        rows = zip(*(array.ravel() for array in arrays))
        items = [[n if isinstance(n, (int, np.integer)) else hashed(n) for n in row] for row in rows]
        numbers = np.array([hashes.combined([int(n) for n in row]) % self.num_bins for row in items], "int64")
        numbers = numbers.reshape(arrays[0].shape)
        return numbers if self.output_mode == "int" else np.asarray(encoded(numbers, "one_hot", self.num_bins))
