"""Eager tensors: values that are computed at once and remember how, while a tape is open."""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend.function import key_for_once
from horngate.backend.graph import Node, Scope, Tensor, Variable, ancestors, is_size, jax_dtype, map_within
from horngate.backend.recording import Assignment, LossesOfCall, Recorder
from horngate.backend.running import active_scope, recorder

_ARRAYS = (np.ndarray, jax.Array)
_APART = 0x9E3779B9  # between the keys of nodes


class EagerTensor(Tensor):
    """A tensor with a value; `numpy()`, `float()` and NumPy's functions take it.

    # Arguments
        value: an array.
        node: what computed it, or None.
        index: its place among the outputs of the node.
    """

    has_value: ClassVar[bool] = True

    def __init__(self, value: Any, node: Node | None = None, index: int = 0) -> None:
        self.computed = jnp.asarray(value)
        super().__init__(self.computed.shape, self.computed.dtype, node, index)

    @property
    def value(self) -> jax.Array:
        """The value, an array of JAX."""
        return self.computed

    def numpy(self) -> np.ndarray:
        """The value, as an array of NumPy."""
        return np.asarray(self.value)

    def _as_array(self):
        by = recorder()
        if by is not None and by.tapes:
            raise TypeError(
                "a function of JAX was called on a tensor while a GradientTape records, which cannot follow it. Use "
                "the functions of horngate.ops or of the backend, or put the function into a layer."
            )
        return self.value if active_scope() is None else super()._as_array()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __index__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return self.shape[0] or 0

    def __format__(self, spec: str) -> str:
        return format(self.value.item() if spec and not self.shape else np.asarray(self.value), spec)

    def __repr__(self) -> str:
        return f"<Tensor shape={self.shape} dtype={self.dtype} numpy={np.asarray(self.value)!r}>"


class EagerRecorder(Recorder):
    """A recorder whose nodes are computed as they come.

    # Arguments
        key: the random key of all that is recorded; None for one of its own for each node.
    """

    computes = True
    tapes = 0  # number of tapes that record now

    def __init__(self, key: Any = None) -> None:
        super().__init__()
        self._key, self._drawn = key, 0
        self.met: dict[Variable, bool] = {}  # variables that were read or changed
        self._versions: dict[Node, dict[Variable, Any]] = {}  # node -> the values of variables that it read
        self._copies: dict[Variable, tuple[Any, Any]] = {}  # variable -> (its last value, a copy)
        self._keys: dict[Node, Any] = {}  # node -> the random key with which it ran
        self._losses: dict[Node, list[Any]] = {}  # node of a call -> the terms that it added to the loss
        self._known: dict[int, tuple[Any, EagerTensor]] = {}  # id of an array or symbol -> it, as an eager tensor

    def tensor_of(self, x: Any) -> EagerTensor:
        """Return the eager tensor of an array, or of a symbol whose value depends on variables alone."""
        if isinstance(x, EagerTensor):
            return x
        if id(x) not in self._known:
            value = self._scope().value(x) if isinstance(x, Tensor) else x
            self._known[id(x)] = x, EagerTensor(value)
        return self._known[id(x)][1]

    def noted(self, arguments: Any) -> Any:
        return map_within(lambda x: self._known[id(x)][1] if id(x) in self._known else x, arguments, _ARRAYS)

    def computed(self, node: Node) -> Any:
        """Run a node, and record it. Returns its output, or a list of its outputs."""
        found = self._run(node)
        node.gives_list = isinstance(found, (list, tuple)) and not is_size(found)
        if is_size(found):
            return found
        node.outputs = [EagerTensor(y, node, i) if y is not None else None for i, y in enumerate(node.listed(found))]
        return list(node.outputs) if node.gives_list else node.outputs[0]

    def computed_list(self, node: Node) -> list[Any]:
        """Run a node that gives a list, and record it."""
        node.gives_list = True
        return self.computed(node)

    def losses_of(self, node: Any) -> list[Any]:
        made = LossesOfCall(node)
        made.outputs = [EagerTensor(jnp.sum(loss), made, i) for i, loss in enumerate(self._losses[node])]
        self.entries.append(made)
        return made.outputs

    def _copy_of(self, variable):
        value, copied = self._copies.get(variable, (None, None))
        if value is not variable.value:
            copied = jnp.array(variable.value)
            self._copies[variable] = variable.value, copied
        return copied

    def _scope(self):
        """Return a scope that reads variables as they are, with a random key of its own."""
        self._drawn += 1
        key = key_for_once() if self._key is None else self._key + np.array([self._drawn * _APART, 0]).astype("uint32")
        return Scope(key=key, live=True)

    def _run(self, node):
        """Run a node on the values of its symbols; variables change at once."""
        scope = self._scope()
        scope.memo.update((x, self.tensor_of(x).value) for x in node.symbols() if isinstance(x, Tensor))
        scope.changed, scope.keys, scope.versions = {}, self._keys, self._versions
        if self.keeps:  # copies, since a step donates the arrays
            self._versions[node] = {v: self._copy_of(v) for v in node.variables()}
        self._keys[node] = scope.key
        with scope:
            found = scope.run_node(node)
        self._losses[node] = scope.records[node].losses if node in scope.records else []
        self.met.update(dict.fromkeys((*node.variables(), *scope.changed), True))
        for variable in scope.changed:
            variable.value = jnp.asarray(scope.variables[variable])
        self.entries.append(node)
        return found

    def assign(self, pairs: Any) -> None:
        """Give variables their values at once."""
        news = [(variable, _value_of(value)) for variable, value in pairs]
        self.met.update(dict.fromkeys((variable for variable, _ in pairs), True))
        for variable, value in news:
            variable.value = jnp.broadcast_to(jnp.asarray(value, jax_dtype(variable.dtype)), variable.shape)
        self.entries.append(Assignment(pairs))


def at_once(x: Any) -> Any:
    """Return a symbol that depends on nothing fed as a tensor with a value, outside of graphs and recordings."""
    if not isinstance(x, Tensor) or x.computed is not None or active_scope() is not None or recorder() is not None:
        return x
    fed = [s for node in ancestors([x], strict=False) for s in node.symbols() if isinstance(s, Tensor) and not s.node]
    return x if fed else EagerTensor(x.evaluated("it has no value."))


def _value_of(value):
    return value.value if isinstance(value, (EagerTensor, Variable)) else value
