"""The graph: symbolic tensors, variables, the nodes that join them, and the scope in which they run."""

import contextlib
import functools
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend import config, static_shape
from horngate.backend.dtypes import cast_floats, jax_dtype, lengthened  # noqa: F401  the rooms above ask here for them
from horngate.backend.frame import Frame
from horngate.backend.locks import Fork
from horngate.backend.mesh import on_host
from horngate.backend.names import get_uid, name_from, naming, path_of, reset_uids, unique_name  # noqa: F401  likewise
from horngate.backend.operators import Operators
from horngate.backend.orders import answers_to
from horngate.backend.running import active_scope, outside, recorder, recording, run_in  # noqa: F401  likewise
from horngate.backend.types import DType, F, Shape, TensorLike

_OPERATORS_OF_JAX = "jax._src.numpy.array_methods"  # where the operators of JAX's arrays are
_NO_ARRAY = (
    "it has no value here. jax.numpy takes it inside a layer's `call`, a Lambda or a loss; outside, use the functions "
    "of horngate.backend or horngate.ops."
)
_NO_LOCK = contextlib.nullcontext()


def call_op(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Apply `function` now if its arguments have values, else record a node.

    Inside a running graph symbolic arguments have values. Outside, a symbolic argument makes the result
    symbolic, and plain arrays are computed on at once; in Keras 3 variables are, too.
    """
    scope = active_scope()
    if scope is not None:
        return function(*scope.resolve(args), **scope.resolve(kwargs))
    if Fork.hangs:
        Fork.refuse()
    if (by := recorder()) is not None:
        args, kwargs = by.noted((args, kwargs))
    found = list(symbols_in((args, kwargs)))
    if not found:
        return function(*args, **kwargs)
    if by is None and any(x.computed is not None for x in found):
        return computed_now(function, args, kwargs, found)
    if by is None and config.era().generation == "3" and not any(isinstance(x, Tensor) for x in found):
        args, kwargs = map_symbols(lambda variable: jnp.asarray(variable.value), (args, kwargs))
        return function(*args, **kwargs)
    return record(function, args, kwargs)


def op(function: F) -> F:
    """Make a function of arrays a function of K; see `call_op`."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return call_op(function, *args, **kwargs)

    vars(wrapper)["on_arrays"] = function
    return cast(F, wrapper)


def on_arrays(function: F) -> F:
    """Return the function of arrays behind `function` of K; it does not search its arguments for symbols."""
    return vars(function)["on_arrays"]


def random_op(function: F) -> F:
    """Like `op`, for a function that draws random numbers: outside a graph it always records a node."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        if active_scope() is None:
            return record(function, args, kwargs)
        return call_op(function, *args, **kwargs)

    vars(wrapper)["on_arrays"] = function
    return cast(F, wrapper)


def symbols_in(value: Any) -> "Iterator[Tensor | Variable]":
    """Yield every Tensor and Variable in nested lists, tuples and dictionaries, in order."""
    if isinstance(value, (Tensor, Variable)):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from symbols_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from symbols_in(item)


def map_symbols(function: Callable[[Any], Any], value: Any) -> Any:
    """Apply `function` to each Tensor and Variable in `value`."""
    return map_within(function, value, (Tensor, Variable))


def map_within(function: Callable[[Any], Any], value: Any, kinds: type | tuple[type, ...]) -> Any:
    """Apply `function` to each object of these `kinds` in `value`, which may be nested lists and dictionaries."""
    if isinstance(value, kinds):
        return function(value)
    if type(value) in (list, tuple) or getattr(type(value), "holds_symbols", False):
        return type(value)(map_within(function, item, kinds) for item in value)
    if type(value) is dict:
        return {key: map_within(function, item, kinds) for key, item in value.items()}
    return value


@answers_to("backward requires_grad", "strangers", to_set=True)
class Symbolic(Operators):
    """The base of Tensor and Variable: operators, and errors for requests that need a value."""

    is_sparse: bool = False  # whether it stands for a SciPy matrix
    computed: Any = None  # the value of what was computed at once
    if TYPE_CHECKING:  # both subclasses define these

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

    def get_shape(self) -> static_shape.StaticShape:
        """The static shape, as TensorFlow users ask for it."""
        return static_shape.StaticShape(self.shape)


@answers_to("_keras_shape _uses_learning_phase eval set_shape op", "keras2.variables")
class Tensor(Symbolic):
    """A symbolic value with a `shape` (None where unknown) and a `dtype`.

    `node`: computes it; None if it is fed. `index`: its place among the node's outputs. `name`: for messages.
    `is_size`: its value is a plain number, or a tuple of them, as from `K.shape`.
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
        self.shape, self.dtype = static_shape.kind(shape), str(dtype)
        self.node, self.index, self.name = node, index, name
        self._keras_history: Any = None  # (layer, place of the call, place of the output) if a layer made it
        self._keras_mask: Tensor | None = None  # its mask

    @property
    def __jax_array__(self) -> Callable[[], jax.Array]:
        """What JAX calls to have an array. An operator of an array with a symbol on the right is left to the symbol."""
        asking = sys._getframe(1).f_globals.get("__name__") if active_scope() is None else None
        if asking == _OPERATORS_OF_JAX:
            raise AttributeError("__jax_array__")
        if asking not in (None, "jax._src.numpy.array_constructors"):  # where JAX hides a TypeError behind its own
            raise ValueError(*self._without_value(_NO_ARRAY).args)
        return self._as_array

    def _as_array(self):
        if (scope := active_scope()) is None:
            raise self._without_value(_NO_ARRAY)
        return jnp.asarray(scope.value(self))

    def evaluated(self, why: str) -> np.ndarray:
        read = [self, *(symbol for node in ancestors([self], strict=False) for symbol in node.symbols())]
        fed = any(isinstance(symbol, Tensor) and symbol.node is None for symbol in read)
        if fed or active_scope() is not None or recorder() is not None:
            raise self._without_value(why)
        from horngate.backend.function import key_for_once  # it imports this module

        with Scope(key=key_for_once(), live=True) as scope:
            return np.asarray(scope.value(self))

    def __iter__(self) -> Iterator[Any]:
        if not self.shape or self.shape[0] is None:
            raise self._without_value("it cannot be iterated over: the size of its first axis is unknown.")
        return (self[i] for i in range(self.shape[0]))

    def _compares_numbers(self) -> bool:
        return self is not LEARNING_PHASE  # programs ask `K.learning_phase() in (0, 1)`

    def __bool__(self) -> bool:
        raise self._without_value("its truth is not known yet. Use K.switch instead of `if`.")

    def __repr__(self) -> str:
        return f"<Tensor {self.name or ''} shape={self.shape} dtype={self.dtype}>"


@answers_to(
    "numpy assign assign_add assign_sub _keras_shape _uses_learning_phase initializer eval set_shape op load "
    "read_value initialized_value",
    "keras2.variables",
)
class Variable(Symbolic):
    """A named array that persists between steps: a weight, a statistic, a learning rate.

    `value`: an array, a number, or a SciPy matrix (held dense). `dtype`: its number type, floatx if None. `name`: for
    messages and files.
    """

    value: Any  # the array, on the host or on the device
    label: str  # its name with that of its layer, as in `dense_1_W`, for files and messages
    short: str | None = None  # its name in Keras 3, as in `kernel`, if its layer is of that era
    number: int
    count: int = 0  # of all variables so far; the `number` of the last one
    lock: Any = None  # shared by the programs that run on it, see `locks`
    constraint: Any = None  # of a weight: what it obeys after each step
    axes: Any = None
    role: Any = None  # of a weight: words of engine/axes for its axes and its purpose
    used_axes: Any = None  # of a weight: its axes in the order of the layer's formula and of Keras 1's files
    is_kept: bool = False  # whether a node made it while it ran, and has it again in its next run
    narrows: bool = True  # whether a layer that computes in 16 bits reads it so
    drawn: Any = None  # of a weight: makes its first value anew
    trainable: bool | None = None  # whether a layer trains it that it is set on; None: the layer does not note it

    def __init__(self, value: Any, dtype: DType | None = None, name: str | None = None) -> None:
        if hasattr(value, "tocoo"):  # a SciPy matrix
            value = value.toarray()
        self.value = np.array(value, dtype=dtype or config.floatx())  # moves to the device at the first use
        self.label = name or f"variable_{get_uid('variable')}"
        self.number = Variable.count = Variable.count + 1

    @property
    def shape(self) -> tuple[int, ...]:
        return static_shape.kind(self.value.shape)

    @property
    def dtype(self) -> str:
        return str(self.value.dtype)

    @property
    def name(self) -> str:
        """The name: `kernel` in Keras 3, `dense_1_W` before."""
        return self.short or self.label

    @property
    def path(self) -> str:
        """The name in the manner of Keras 3, `dense_1/kernel`."""
        return path_of(self.label, self.role)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "value": self.get_value(), "lock": None, "drawn": None}  # a step may donate the array

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({"label": state.get("name"), **state})  # its word in pickles of 0.1

    def get_value(self, borrow: bool = False) -> np.ndarray:
        """A copy of the array, as NumPy."""
        with self.lock or _NO_LOCK:
            return np.array(on_host(self.value))

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Replace the array by one of the same shape."""
        value = np.array(value, dtype=self.value.dtype)
        if value.shape != self.shape:
            raise ValueError(f"variable {self.label!r} has shape {self.shape}; received a value of shape {value.shape}")
        with self.lock or _NO_LOCK:
            self.value = value

    def eval(self) -> np.ndarray:
        """The array, as NumPy."""
        return self.get_value()

    def __jax_array__(self) -> jax.Array:
        scope = active_scope()
        return jnp.asarray(self.value if scope is None else scope.value(self))

    def __array__(self, dtype: DType | None = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.read(), dtype=dtype)

    def __float__(self) -> float:
        return float(self.read())

    def __int__(self) -> int:
        return int(self.read())

    def read(self) -> np.ndarray:
        """The array, for Python; a function that is recorded is told that it must run on arrays."""
        by = recorder()
        if by is not None and not by.computes:
            raise self._without_value("its value changes from call to call.")
        return self.get_value()

    def __len__(self) -> int:
        return self.shape[0]

    def _compares_numbers(self) -> bool:
        return config.era().generation == "3"  # before, a variable equalled no number

    def __bool__(self) -> bool:
        return bool(self.read()) if not self.shape else True

    def __repr__(self) -> str:
        return f"<Variable {self.label} shape={self.shape} dtype={self.dtype}>"


class Node:
    """A call of `function` with symbols among its arguments; `outputs` are the resulting tensors."""

    is_gradient: bool = False
    gives_list: bool = False  # `run` returns a list, even for one output

    def __init__(
        self, function: Callable[..., Any] | None, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> None:
        self.function: Any = function  # None if a subclass defines `run`
        self.args: Any = args
        self.kwargs: dict[str, Any] = kwargs or {}
        self.outputs: list[Any] = []  # tensors; None where the function returns None
        self.made: dict[Any, Variable] = {}  # variables that its runs made, see `Frame.kept`

    def run(self, scope: "Scope") -> Any:
        """Compute the values of the outputs."""
        return self.function(*scope.resolve(self.args), **scope.resolve(self.kwargs))

    def listed(self, outputs: Any) -> Any:
        """The `outputs` of `run` as a list."""
        return outputs if len(self.outputs) > 1 or self.gives_list else [outputs]

    def symbols(self) -> Iterable[Tensor | Variable]:
        """The symbols whose values this node needs."""
        return symbols_in((self.args, self.kwargs))

    def variables(self) -> list[Variable]:
        """The variables that this node reads, as far as is known without a run."""
        return [symbol for symbol in self.symbols() if isinstance(symbol, Variable)]

    def number_ranges(self) -> Iterable[Any]:
        """Pairs (input of this node, `ranges.Range` in which all its numbers must lie)."""
        return ()


def record(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Make a node for `function(*args, **kwargs)`; returns its output tensor, or a list of them."""
    node = Node(function, args, kwargs)
    if (by := recorder()) is not None and by.computes:
        return by.computed(node)
    from horngate.backend.inference import infer  # it imports this module

    outputs = infer(node.run, list(node.symbols()), jax.tree.leaves((args, kwargs)))
    several = isinstance(outputs, (list, tuple)) and not is_size(outputs)
    if not several:
        outputs = [outputs]
    node.gives_list = several
    node.outputs = [_tensor_like(output, node, i) for i, output in enumerate(outputs)]
    if by is not None:
        by.note(node)
    return list(node.outputs) if several else node.outputs[0]


def _tensor_like(aval, node, index):
    if aval is None:
        return None
    if is_size(aval):
        sizes = Tensor(np.shape(aval), "int32", node, index)
        sizes.is_size = True
        return sizes
    return Tensor(aval.shape, aval.dtype, node, index)


def is_size(value: Any) -> bool:
    """Whether `value` consists of plain numbers, as the result of K.shape and its items do."""
    return isinstance(value, int) or isinstance(value, tuple) and all(isinstance(item, int) for item in value)


def computed_now(function: Callable[..., Any], args: Any, kwargs: Any, symbols: Iterable[Any]) -> Any:
    """Apply `function` to arguments among which are tensors that have values; others are recorded as a node."""
    if any(isinstance(x, Tensor) and x.computed is None for x in symbols):
        return record(function, args, kwargs)
    with Scope(live=True) as scope:
        found = function(*scope.resolve(args), **scope.resolve(kwargs))
    like = next(x for x in symbols if x.computed is not None)
    return jax.tree.map(lambda y: type(like)(y) if isinstance(y, jax.Array) else y, found)


def filled(shape: Shape, size: int) -> list[int]:
    """Return a shape with `size` in the place of unknown sizes."""
    return [size if n is None else n for n in shape]


class MissingVariable(Exception):
    """A running graph met a variable whose value it was not given."""

    def __init__(self, variable: Variable) -> None:
        super().__init__(variable.label)
        self.variable: Variable = variable


class Scope:
    """One run of a graph: the value of each symbol, the phase (0 test, 1 train) and the random key.

    An inner trace (gradient, loop, branch) gets a child scope, whose memo ends with it. For a variable that it was not
    given, a `live` scope reads the variable itself; any other raises MissingVariable.
    """

    held: frozenset[Any] = frozenset()  # variables by which this run is differentiated
    recomputes: bool = False  # whether to compute again what has a value, for a derivative

    phase_untold = False  # whether a layer was called by itself, and nobody said in which phase

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
        # node -> number, for random keys
        self.places: dict[Node, int] = {} if places is None else places
        # tensor -> a summand for its computed value, by which gradients are taken
        self.offsets: dict[Tensor, Any] = {}
        # node -> the frame with the updates and losses of its call
        self.records: dict[Node, Frame] = {}
        self.frame: Frame = Frame(lambda: self.key)
        self.reads_as: DType | None = None  # the number type in which the running layer reads variables
        # while shapes are inferred: the stand-in for unknown sizes, and all sizes that stand for one
        self.stand_in: int | None = None
        self.guessed: Collection[int] = ()
        # id of an array -> what is known about its numbers, see `ranges`; None: no checks
        self.known: dict[int, Any] | None = None
        # id of an array -> (it, the array that it is a transpose of, the axes), see `spatial.from_last`
        self.turned: dict[int, tuple[Any, Any, tuple[int, ...]]] = {}
        # id of an array in a layer's call -> (it, its mask)
        self.masks: dict[int, Any] = {}
        # variables that the nodes of a recording have changed: each is applied when its node has run; None: at the end
        self.changed: dict[Variable, bool] | None = None
        self.later: dict[Variable, Any] = {}  # what nodes that have run gave to variables, for those that follow
        # node -> the values of variables that it read when it ran first, for tapes that are asked after assignments
        self.versions: dict[Node, dict[Variable, Any]] = {}
        # node -> its random key, for nodes that run again: they draw the same numbers
        self.keys: dict[Node, Any] = {}
        self._outer: Scope | None = None

    def __enter__(self) -> "Scope":
        self._outer = active_scope()
        run_in(self)
        return self

    def __exit__(self, *exception: Any) -> None:
        run_in(self._outer)

    def inner(self, variables: dict[Any, Any], feeds: dict[Any, Any], **changes: Any) -> "Scope":
        """Make a scope for an inner trace, of the same frame. `changes`: attributes that differ."""
        made = Scope(variables, feeds, self.phase, self.key, self.places, self.live)
        same = {"frame": self.frame, "known": self.known, "stand_in": self.stand_in, "guessed": self.guessed}
        vars(made).update({**same, **changes})
        return made

    def child(self) -> "Scope":
        """Make a scope for an inner trace: it reads the values of this one, and its own values end with it."""
        changes = {"offsets": self.offsets, "later": {**self.later}, "reads_as": self.reads_as}
        child = self.inner(self.variables, self.feeds, **changes)
        child.memo.update(self.memo)
        return child

    def shifted(self, values: dict[Any, Any]) -> "Scope":
        """Make a scope for differentiation by the symbols of the dictionary `values`; it knows only what was fed.

        Placeholders and variables take their value from `values`; a computed tensor gets it added.
        """
        variables = {**self.variables, **{s: v for s, v in values.items() if isinstance(s, Variable)}}
        feeds = {**self.feeds, **{s: v for s, v in values.items() if s in self.feeds}}
        computed = {s: v for s, v in values.items() if isinstance(s, Tensor) and s not in self.feeds}
        offsets = {**self.offsets, **{s: v + self.offsets.get(s, 0) for s, v in computed.items()}}
        return self.inner(variables, feeds, offsets=offsets, later={**self.later}, stand_in=None, guessed=())

    def known_shape(self, x: Any) -> Shape:
        """The shape of an array of this run; its first size is None while a stand-in is used for it."""
        unknown = any(feed.shape[:1] == (None,) for feed in self.feeds)
        if unknown and x.shape and x.shape[0] in self.guessed:
            return (None, *x.shape[1:])
        return tuple(x.shape)

    def known_sizes(self, x: Any) -> Shape:
        """`known_shape`, where sizes between the first and the last are None too while a stand-in is used for them."""
        first, *rest = self.known_shape(x)
        unknown = any(None in feed.shape[1:] for feed in self.feeds)
        between = [None if unknown and n in self.guessed else n for n in rest[:-1]]
        return (first, *between, *rest[-1:])

    def resolve(self, value: Any) -> Any:
        """Replace every symbol in `value` by its value in this run."""
        return map_symbols(self.value, value)

    def value(self, symbol: Tensor | Variable) -> Any:
        """The value of a Tensor or Variable in this run."""
        if isinstance(symbol, Variable):
            return self._read(symbol)
        if symbol not in self.memo:
            if symbol.computed is not None and not self.recomputes:
                return symbol.computed
            if self.stand_in and symbol.node is None:  # an input that is not among the arguments
                return jnp.zeros(filled(symbol.shape, self.stand_in), jax_dtype(symbol.dtype))
            for node in ancestors([symbol], known=self.memo, strict=not self.stand_in):
                self.run_node(node)
        return self.memo[symbol]

    def _read(self, variable):
        try:
            given = self.frame.assigned if variable in self.frame.assigned else self.later
            value = given[variable] if variable in given else self.variables[variable]
        except KeyError:
            if not self.live:
                raise MissingVariable(variable) from None
            value = jnp.asarray(variable.value)
        return value if self.reads_as is None or not variable.narrows else cast_floats(value, self.reads_as)

    def run_node(self, node: Node) -> Any:
        """Run a node whose arguments are known, and store its outputs, which are returned."""
        place = self.places.setdefault(node, len(self.places))
        outer, self.frame = self.frame, Frame(lambda: self._key_of(node, place), node)
        try:
            outputs = node.run(self)
            self.later.update(self.frame.assigned)
            if self.frame.updates or self.frame.losses or self.frame.checks:
                self.records[node] = self.frame
                if self.changed is not None:
                    self.frame.apply(self.variables, self.changed)
        finally:
            self.frame = outer
        for tensor, value in zip(node.outputs, node.listed(outputs)):
            if tensor is not None:
                self.memo.setdefault(tensor, value + self.offsets[tensor] if tensor in self.offsets else value)
        return outputs

    def _key_of(self, node, place):
        return self.keys[node] if node in self.keys else jax.random.fold_in(self.key, place)

    def findings(self) -> Any:
        """All arrays that this run made, as a tree that an inner trace can return; see `adopt`."""
        frames = [(frame.updates, frame.losses, frame.checks) for frame in self.records.values()]
        return jax.tree.map(lambda x: x if isinstance(x, jax.Array) else None, [list(self.memo.values()), frames])

    def adopt(self, inner: "Scope", findings: Any) -> None:
        """Copy the results of the ended scope `inner`; `findings` are its arrays, as its trace returned them."""
        values, frames = findings
        for tensor, value in zip(inner.memo, values):
            if isinstance(value, jax.Array):
                self.memo.setdefault(tensor, value)
        for (node, frame), (updates, losses, checks) in zip(inner.records.items(), frames):
            adopted = Frame(frame.key)
            adopted.updates = [(v, new, state) for (v, _, state), (_, new, _) in zip(frame.updates, updates)]
            adopted.losses = losses
            adopted.checks = [(*found[:2], limits) for found, (_, _, limits) in zip(checks, frame.checks)]
            self.records[node] = adopted


LEARNING_PHASE = Tensor((), "uint8", name="learning_phase")


def ancestors(tensors: Iterable[Tensor], known: dict[Tensor, Any] | None = None, strict: bool = True) -> list[Node]:
    """List the nodes needed for `tensors`, each after those it depends on.

    `known`: a dictionary by tensor; its tensors need no node. If `strict`, an input that it lacks is an error.
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
        elif known is not None and strict and tensor.computed is None:
            raise ValueError(f"{tensor!r} is an input that was given no value. Add it to the inputs of the function.")
    return order
