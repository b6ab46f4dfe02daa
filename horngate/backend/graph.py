"""The graph: symbolic tensors, variables, the nodes that join them, and the scope in which they run."""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend import config
from horngate.backend.dtypes import cast_floats, jax_dtype, lengthened  # noqa: F401  the rooms above ask here for them
from horngate.backend.frame import Frame
from horngate.backend.guesses import guesses
from horngate.backend.names import get_uid, name_from, naming, reset_uids  # noqa: F401  likewise
from horngate.backend.operators import Operators
from horngate.backend.running import active_scope, is_running, outside, run_in, running_scope  # noqa: F401  likewise
from horngate.backend.turns import Fork
from horngate.backend.types import DType, F, Shape, TensorLike

# Two stand-ins for an unknown size: a traced dimension that differs between them is unknown too.
_PROBE_SIZES = (240, 480)
_NO_TURN = contextlib.nullcontext()


def call_op(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Apply `function` now where the arguments are worth something, else record a node.

    Inside a running graph symbolic arguments have values. Outside, a symbolic argument makes the result
    symbolic, and plain arrays are computed on at once.
    """
    scope = active_scope()
    if scope is not None:
        return function(*scope.resolve(args), **scope.resolve(kwargs))
    if Fork.hangs:
        Fork.refuse()
    if any(True for _ in symbols_in((args, kwargs))):
        return record(function, args, kwargs)
    return function(*args, **kwargs)


def op(function: F) -> F:
    """Make `function`, written on arrays, a function of K: see `call_op`."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return call_op(function, *args, **kwargs)

    vars(wrapper)["on_arrays"] = function
    return cast(F, wrapper)


def on_arrays(function: F) -> F:
    """The function of arrays that `function` of K was made of: it looks for no symbols."""
    return vars(function)["on_arrays"]


def random_op(function: F) -> F:
    """Like `op` for a function that draws: outside a graph it is recorded even without a symbolic argument."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        if active_scope() is None:
            return record(function, args, kwargs)
        return call_op(function, *args, **kwargs)

    vars(wrapper)["on_arrays"] = function
    return cast(F, wrapper)


def symbols_in(value: Any) -> "Iterator[Tensor | Variable]":
    """Every Tensor and Variable within nested lists, tuples and dictionaries, in order."""
    if isinstance(value, (Tensor, Variable)):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from symbols_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from symbols_in(item)


def map_symbols(function: Callable[[Any], Any], value: Any) -> Any:
    """`value` with `function` applied to each Tensor and Variable within it."""
    return map_within(function, value, (Tensor, Variable))


def map_within(function: Callable[[Any], Any], value: Any, kinds: type | tuple[type, ...]) -> Any:
    """`value`, which may be nested lists and dictionaries, with `function` applied to what is of these `kinds`."""
    if isinstance(value, kinds):
        return function(value)
    if type(value) in (list, tuple):
        return type(value)(map_within(function, item, kinds) for item in value)
    if type(value) is dict:
        return {key: map_within(function, item, kinds) for key, item in value.items()}
    return value


class Symbolic(Operators):
    """What Tensor and Variable share: operators, and a refusal of what only a value could answer."""

    is_sparse: bool = False  # whether it was made for a SciPy matrix, or from one
    if TYPE_CHECKING:  # each of the two has its own

        @property
        def shape(self) -> Shape: ...

        @property
        def dtype(self) -> str: ...

    def _applied(self, function: Callable[..., Any], *args: Any) -> TensorLike:
        return call_op(function, *args)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def _keras_shape(self) -> Shape:
        return self.shape

    def get_shape(self) -> Shape:
        """The static shape, as TensorFlow users ask for it."""
        return self.shape


class Tensor(Symbolic):
    """A symbolic value of a `shape` (None where unknown) and a `dtype`.

    `node`: what computes it; None where it is fed from outside. `index`: which of the node's outputs it is. `name`: for
    messages. `is_size`: it is worth a plain number, or a tuple of them, as `K.shape` gives.
    """

    shape: Shape
    dtype: str
    node: "Node | None"
    index: int
    name: str | None
    is_size: bool = False

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: DType,
        node: "Node | None" = None,
        index: int = 0,
        name: str | None = None,
    ) -> None:
        self.shape, self.dtype = tuple(shape), str(dtype)
        self.node, self.index, self.name = node, index, name
        self._keras_history: Any = None  # (layer, its call, output) where a layer gave the tensor
        self._keras_mask: Tensor | None = None  # the tensor of its mask

    def __jax_array__(self) -> jax.Array:
        scope = active_scope()
        if scope is None:
            raise TypeError(
                f"{self!r} is symbolic and has no value here. jax.numpy functions can use it inside a layer's `call`, "
                "a Lambda or a loss; outside, use horngate.backend's functions, or K.eval / K.function for its value."
            )
        return jnp.asarray(scope.value(self))

    def __iter__(self) -> Iterator[Any]:
        if not self.shape or self.shape[0] is None:
            raise TypeError(f"{self!r} cannot be iterated over: the size of its first axis is unknown")
        return (self[i] for i in range(self.shape[0]))

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} is symbolic: its truth is not known yet. Use K.switch instead of `if`.")

    def __repr__(self) -> str:
        return f"<Tensor {self.name or ''} shape={self.shape} dtype={self.dtype}>"


class Variable(Symbolic):
    """One array with a name that lives from step to step: a weight, a statistic, a learning rate.

    `value`: an array, a number, or a SciPy matrix (held dense). `dtype`: its number type, floatx if None. `name`: for
    messages and files.
    """

    value: Any  # the array, on the host or on the device
    name: str
    number: int
    count: int = 0  # of all variables made so far; each has its `number`
    turn: Any = None  # of the programs that run on it, see `turns`
    axes: Any = None
    role: Any = None  # of a weight: what its axes mean and what it is for, in the words of engine/axes

    def __init__(self, value: Any, dtype: DType | None = None, name: str | None = None) -> None:
        if hasattr(value, "tocoo"):  # a SciPy matrix
            value = value.toarray()
        self.value = np.array(value, dtype=dtype or config.floatx())  # goes to the device when first used
        self.name = name or f"variable_{get_uid('variable')}"
        self.number = Variable.count = Variable.count + 1

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    @property
    def dtype(self) -> str:
        return str(self.value.dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "value": self.get_value(), "turn": None}  # a program may be giving the array away

    def get_value(self, borrow: bool = False) -> np.ndarray:
        """A copy of the array, as NumPy."""
        with self.turn or _NO_TURN:
            return np.array(self.value)

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Replace the array by one of the same shape."""
        value = np.array(value, dtype=self.value.dtype)
        if value.shape != self.shape:
            raise ValueError(f"variable {self.name!r} has shape {self.shape}; received a value of shape {value.shape}")
        with self.turn or _NO_TURN:
            self.value = value

    def eval(self) -> np.ndarray:
        """The array, as NumPy."""
        return self.get_value()

    def __jax_array__(self) -> jax.Array:
        scope = active_scope()
        return jnp.asarray(self.value if scope is None else scope.value(self))

    def __array__(self, dtype: DType | None = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.get_value(), dtype=dtype)

    def __float__(self) -> float:
        return float(self.get_value())

    def __int__(self) -> int:
        return int(self.get_value())

    def __len__(self) -> int:
        return self.shape[0]

    def __bool__(self) -> bool:
        return bool(self.get_value()) if not self.shape else True

    def __repr__(self) -> str:
        return f"<Variable {self.name} shape={self.shape} dtype={self.dtype}>"


class Node:
    """One call of `function` on arguments among which are symbols; `outputs` are the tensors it gives."""

    is_gradient: bool = False
    gives_list: bool = False  # `run` returns a list, even of one

    def __init__(
        self, function: Callable[..., Any] | None, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> None:
        self.function: Any = function  # None where a subclass has a `run` of its own
        self.args: Any = args
        self.kwargs: dict[str, Any] = kwargs or {}
        self.outputs: list[Any] = []  # tensors, or None where the function gave None
        self.made: dict[Any, Variable] = {}  # the variables that its runs made, see `Frame.kept`

    def run(self, scope: "Scope") -> Any:
        """The outputs' values."""
        return self.function(*scope.resolve(self.args), **scope.resolve(self.kwargs))

    def listed(self, outputs: Any) -> Any:
        """`outputs` of `run`, a list of them in any case."""
        return outputs if len(self.outputs) > 1 or self.gives_list else [outputs]

    def symbols(self) -> Iterable[Tensor | Variable]:
        """What must be known before this node can run."""
        return symbols_in((self.args, self.kwargs))

    def variables(self) -> list[Variable]:
        """The variables that this node reads, as far as can be told without running it."""
        return [symbol for symbol in self.symbols() if isinstance(symbol, Variable)]

    def number_ranges(self) -> Iterable[Any]:
        """Pairs of an input of this node and a `ranges.Range` in which all its numbers must lie."""
        return ()


def record(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """A node for `function(*args, **kwargs)`; returns its output tensor, or a list of them."""
    node = Node(function, args, kwargs)
    outputs = infer(node.run, list(node.symbols()), jax.tree.leaves((args, kwargs)))
    several = isinstance(outputs, (list, tuple)) and not _is_size(outputs)
    if not several:
        outputs = [outputs]
    node.gives_list = several
    node.outputs = [_tensor_like(output, node, i) for i, output in enumerate(outputs)]
    return list(node.outputs) if several else node.outputs[0]


def _tensor_like(aval, node, index):
    if aval is None:
        return None
    if _is_size(aval):
        sizes = Tensor(np.shape(aval), "int32", node, index)
        sizes.is_size = True
        return sizes
    return Tensor(aval.shape, aval.dtype, node, index)


def _is_size(value):
    """Whether `value` is what K.shape gives, or a part of it: plain numbers."""
    return isinstance(value, int) or isinstance(value, tuple) and all(isinstance(item, int) for item in value)


class Unknown:
    """The shape and dtype that tracing found for one output; unknown sizes are None."""

    shape: Shape
    dtype: Any

    def __init__(self, shape: Shape, dtype: Any) -> None:
        self.shape, self.dtype = shape, dtype


def infer(run: Callable[["Scope"], Any], symbols: Sequence[Tensor | Variable], others: Sequence[Any] = ()) -> Any:
    """Shapes and dtypes of what `run(scope)` gives, traced with stand-ins for the unknown sizes of `symbols`.

    Where the stand-ins do not fit, as few unknown sizes as will do are taken to be sizes that `symbols` or the arrays
    among `others` have, each by itself; the rest stay unknown.
    """
    tensors = list(dict.fromkeys(stood_in_for(symbols)))
    free = [(tensor, axis) for tensor in tensors for axis, size in enumerate(tensor.shape) if size is None]
    try:
        return _found(run, tensors, {}, bool(free))
    except (TypeError, ValueError):
        shapes = [getattr(x, "shape", ()) for x in (*symbols, *others)]
        sizes = dict.fromkeys(n for shape in shapes for n in shape if n)
        for guess in guesses(free, sizes):
            with contextlib.suppress(TypeError, ValueError):
                return _found(run, tensors, guess, len(guess) < len(free))
        raise


def _found(run, tensors, guess, unknown):
    """What tracing tells with the sizes in `guess`, twice where others are still unknown."""
    return _merged([probe(run, tensors, size, guess=guess) for size in _PROBE_SIZES[: 1 + unknown]])


def _merged(found):
    """What several probes agree on."""

    def merge(first, other):
        if not hasattr(first, "shape"):
            return first
        shape = tuple(a if a == b else None for a, b in zip(first.shape, other.shape))
        return Unknown(shape, first.dtype)

    return jax.tree.map(merge, found[0], found[-1])


def stood_in_for(symbols: Iterable[Tensor | Variable]) -> Iterator[Tensor]:
    """The tensors that stand-ins are made for: sizes are computed from those they are the sizes of."""
    for symbol in symbols:
        if isinstance(symbol, Tensor) and symbol.is_size and symbol.node:
            yield from stood_in_for(symbol.node.symbols())
        elif isinstance(symbol, Tensor):
            yield symbol


def probe(
    run: Callable[["Scope"], Any],
    tensors: Sequence[Tensor],
    size: int,
    trace: Callable[..., Any] = jax.eval_shape,
    guess: dict[tuple[Tensor, int], int] | None = None,
) -> Any:
    """What `trace` finds of `run(scope)` where `size` stands for each unknown size of `tensors`.

    `guess`: other sizes for some, by (tensor, axis).
    """
    static = {}

    def traced(values):
        scope = Scope(feeds=dict(zip(tensors, values)), key=np.zeros(2, np.uint32), live=True)
        scope.stand_in, scope.guessed = size, {size, *(guess or {}).values()}
        with scope:
            result = run(scope)
        if _is_size(result):
            static["result"] = result
            return None
        return result

    filled = [[(guess or {}).get((t, i), n) for i, n in enumerate(_filled(t.shape, size))] for t in tensors]
    avals = [jax.ShapeDtypeStruct(shape, jax_dtype(t.dtype)) for t, shape in zip(tensors, filled)]
    result = trace(traced, avals)
    return static.get("result", result)


def _filled(shape, size):
    return [size if n is None else n for n in shape]


class MissingVariable(Exception):
    """A running graph met a variable that nobody had announced."""

    def __init__(self, variable: Variable) -> None:
        super().__init__(variable.name)
        self.variable: Variable = variable


class Scope:
    """One run of a graph: what each symbol is worth, the phase (0 test, 1 train) and the random key.

    A trace within a trace (gradient, loop, branch) gets a child scope, whose memo dies with it. A `live` scope
    reads variables that it was not given from the variables themselves; any other raises MissingVariable.
    """

    def __init__(
        self,
        variables: dict[Variable, Any] | None = None,
        feeds: dict[Tensor, Any] | None = None,
        phase: Any = 0,
        key: Any = None,
        places: "dict[Node, int] | None" = None,
        live: bool = False,
    ) -> None:
        self.variables: dict[Variable, Any] = {} if variables is None else variables
        self.feeds: dict[Tensor, Any] = {LEARNING_PHASE: phase, **(feeds or {})}
        self.memo: dict[Tensor, Any] = dict(self.feeds)
        self.phase: Any = phase
        self.key: Any = key
        self.live: bool = live
        # node -> its number, for random keys
        self.places: dict[Node, int] = {} if places is None else places
        # tensor -> what is added to it once computed: gradients are taken by these
        self.offsets: dict[Tensor, Any] = {}
        # node -> the frame in which its call handed in updates and losses
        self.records: dict[Node, Frame] = {}
        self.frame: Frame = Frame(lambda: self.key)
        # the number type in which the running layer reads its variables, where not their own
        self.reads_as: DType | None = None
        # while shapes are inferred: the size that stands for an unknown one, and all such sizes
        self.stand_in: int | None = None
        self.guessed: Collection[int] = ()
        # what is known of numbers that are checked, by id of their array; None: nothing is checked
        self.known: dict[int, Any] | None = None
        # id of an array -> the array, what it is a transpose of, and how: see `spatial.from_last`
        self.turned: dict[int, tuple[Any, Any, tuple[int, ...]]] = {}
        # id of an array within a layer's call -> the array, and its mask
        self.masks: dict[int, Any] = {}
        self._outer: Scope | None = None

    def __enter__(self) -> "Scope":
        self._outer = active_scope()
        run_in(self)
        return self

    def __exit__(self, *exception: Any) -> None:
        run_in(self._outer)

    def child(self) -> "Scope":
        """A scope for an inner trace that may read what is known here, and keeps to itself what it computes."""
        child = Scope(self.variables, self.feeds, self.phase, self.key, self.places, self.live)
        child.memo.update(self.memo)
        child.frame, child.offsets, child.stand_in = self.frame, self.offsets, self.stand_in
        child.guessed = self.guessed
        child.reads_as, child.known = self.reads_as, self.known
        return child

    def shifted(self, values: dict[Any, Any]) -> "Scope":
        """A scope that knows only what was fed, for differentiation by the symbols of the dictionary `values`.

        Placeholders and variables are worth what `values` says; to a tensor that is computed its value is added.
        """
        variables = {**self.variables, **{s: v for s, v in values.items() if isinstance(s, Variable)}}
        feeds = {**self.feeds, **{s: v for s, v in values.items() if s in self.feeds}}
        child = Scope(variables, feeds, self.phase, self.key, self.places, self.live)
        computed = {
            s: v + self.offsets.get(s, 0) for s, v in values.items() if isinstance(s, Tensor) and s not in self.feeds
        }
        child.frame, child.offsets, child.known = self.frame, {**self.offsets, **computed}, self.known
        return child

    def known_shape(self, x: Any) -> Shape:
        """The shape of an array of this run; None for its first size while another number stands in for it."""
        unknown = any(feed.shape[:1] == (None,) for feed in self.feeds)
        if unknown and x.shape and x.shape[0] in self.guessed:
            return (None, *x.shape[1:])
        return tuple(x.shape)

    def resolve(self, value: Any) -> Any:
        """`value` with every symbol within it replaced by what it is worth here."""
        return map_symbols(self.value, value)

    def value(self, symbol: Tensor | Variable) -> Any:
        """What a Tensor or Variable is worth in this run."""
        if isinstance(symbol, Variable):
            return self._read(symbol)
        if symbol not in self.memo:
            if self.stand_in and symbol.node is None:  # a function met an input that is not among its arguments
                return jnp.zeros(_filled(symbol.shape, self.stand_in), jax_dtype(symbol.dtype))
            for node in ancestors([symbol], known=self.memo, strict=not self.stand_in):
                self.run_node(node)
        return self.memo[symbol]

    def _read(self, variable):
        try:
            value = self.variables[variable]
        except KeyError:
            if not self.live:
                raise MissingVariable(variable) from None
            value = jnp.asarray(variable.value)
        return value if self.reads_as is None else cast_floats(value, self.reads_as)

    def run_node(self, node: Node) -> None:
        """Run one node whose arguments are known, and remember what it gives."""
        place = self.places.setdefault(node, len(self.places))
        outer, self.frame = self.frame, Frame(lambda: jax.random.fold_in(self.key, place), node)
        try:
            outputs = node.run(self)
            if self.frame.updates or self.frame.losses or self.frame.checks:
                self.records[node] = self.frame
        finally:
            self.frame = outer
        for tensor, value in zip(node.outputs, node.listed(outputs)):
            if tensor is not None:
                self.memo.setdefault(tensor, value + self.offsets[tensor] if tensor in self.offsets else value)

    def findings(self) -> Any:
        """All arrays that this run has made, as a tree that an inner trace can return: see `adopt`."""
        frames = [(frame.updates, frame.losses, frame.checks) for frame in self.records.values()]
        return jax.tree.map(lambda x: x if isinstance(x, jax.Array) else None, [list(self.memo.values()), frames])

    def adopt(self, inner: "Scope", findings: Any) -> None:
        """Take over from the ended scope `inner` what it found; `findings` are its arrays, carried out of its trace."""
        values, frames = findings
        for tensor, value in zip(inner.memo, values):
            if isinstance(value, jax.Array):
                self.memo.setdefault(tensor, value)
        for (node, frame), (updates, losses, checks) in zip(inner.records.items(), frames):
            adopted = Frame(frame.key)
            adopted.updates = [
                (variable, new, state) for (variable, _, state), (_, new, _) in zip(frame.updates, updates)
            ]
            adopted.losses = losses
            adopted.checks = [(*found[:2], limits) for found, (_, _, limits) in zip(checks, frame.checks)]
            self.records[node] = adopted


LEARNING_PHASE = Tensor((), "uint8", name="learning_phase")


def ancestors(tensors: Iterable[Tensor], known: dict[Tensor, Any] | None = None, strict: bool = True) -> list[Node]:
    """The nodes needed for `tensors`, each after those it depends on.

    Where `known` (a dictionary by tensor) is given, what it holds needs no node, and an input it lacks is an error
    if `strict`.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack = [(t, False) for t in reversed(list(tensors))]
    while stack:
        tensor, expanded = stack.pop()
        node = tensor.node
        if expanded and node is not None:
            order.append(node)
        elif known and tensor in known or node in seen:
            continue
        elif node is not None:
            seen.add(node)
            stack.append((tensor, True))
            stack.extend((s, False) for s in reversed(list(node.symbols())) if isinstance(s, Tensor))
        elif known is not None and strict:
            raise ValueError(f"{tensor!r} is an input that was given no value. Add it to the inputs of the function.")
    return order
