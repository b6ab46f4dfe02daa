"""Copies and pickles of layers and models: layers without their calls, and the calls as a list to repeat."""

import copy
import copyreg
import importlib
import inspect
import operator
import pickle
from typing import Any

from jax.core import Tracer

from horngate.backend.graph import Tensor, map_symbols, map_within, symbols_in
from horngate.backend.locks import lock_of
from horngate.engine.attributes import LayerAttributes
from horngate.engine.forms import call_again
from horngate.engine.order import layer_nodes

_WIRED = (
    "graph_layers _ordered container_nodes input_layers output_layers input_names output_names _places "
    "internal_input_shapes internal_output_shapes inbound_nodes _front _fed"
)
WIRED = frozenset(_WIRED.split())  # attributes set by `_wire`
# Attributes not copied: they follow from the rest of a model or belong to one run, and are made again when needed.
_DERIVED = (
    "outbound_nodes _calls objective names_compiled _kept_spec _kept_steps _objective_outputs "
    "_collected_trainable_weights _layout _followed owners _settled _open_specs _logs _to_predict _compiled_functions"
)
DERIVED = WIRED | {*_DERIVED.split()}


class _Place:
    """The place of a tensor: output `output` of call `call`, or input `output` if `call` is None."""

    def __init__(self, call: int | None, output: int) -> None:
        self.call, self.output = call, output


class _Kept:
    """A function or class of a layer that cannot be found by name: copies share it, pickle refuses it."""

    def __init__(self, value: Any, owner: Any) -> None:
        self.value, self.owner = value, owner

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __reduce__(self) -> Any:
        raise pickle.PicklingError(
            f"{self.owner} cannot be pickled: {self.value!r} is no function or class of a module, which pickle could "
            "find by its name. Define it at the top of a module."
        )


def guarded(value: Any, owner: str) -> Any:
    """Wrap functions and classes that pickle cannot find by name, also those in lists, tuples and dictionaries."""
    kind: Any = type(value)
    if kind in (list, tuple):
        return kind(guarded(item, owner) for item in value)
    if kind is dict:
        return {key: guarded(item, owner) for key, item in value.items()}
    if inspect.isroutine(value) and not inspect.ismethod(value) or isinstance(value, type):
        return value if _is_found(value) else _Kept(value, owner)
    return value


def _unguarded(value):
    return map_within(lambda kept: kept.value, value, _Kept)


def _is_found(value):
    try:
        module = importlib.import_module(value.__module__)
        return operator.attrgetter(value.__qualname__)(module) is value
    except (AttributeError, ImportError, TypeError):
        return getattr(value, "__module__", None) is None


def without_tensors(attributes: dict[str, Any]) -> dict[str, Any]:
    """Leave out attributes that hold tensors: tensors belong to one graph, and a new call makes its own."""
    kept = {}
    for name, value in attributes.items():
        if not any(isinstance(s, Tensor) for s in symbols_in(value)) and not isinstance(value, Tracer):
            kept[name] = value
        elif isinstance(value, list):
            kept[name] = []
    return kept


class Copied:
    """Base of objects that can be copied and pickled without the graph that contains them."""

    def _described_for_copy(self):
        """Return the name for error messages."""
        return type(self).__name__

    def __getstate__(self) -> dict[str, Any]:
        attributes = {name: value for name, value in vars(self).items() if not name.endswith("bound_nodes")}
        return guarded(without_tensors(attributes), self._described_for_copy())

    def __setstate__(self, state: Any) -> None:
        vars(self).update(_unguarded(state))


class CopiedLayer(Copied, LayerAttributes):
    """Base of layers: copies have no calls."""

    def _described_for_copy(self):
        return f"Layer {self.name} ({type(self).__name__})"

    def __getstate__(self) -> dict[str, Any]:
        for kind in ("_losses", "_updates"):
            if any(isinstance(s, Tensor) for s in symbols_in(vars(self).get(kind, []))):
                raise ValueError(
                    f"{self._described_for_copy()} cannot be copied or pickled: {kind[1:]} were added to it that "
                    "depend on tensors of its graph. Add them within its `call`."
                )
        return super().__getstate__()


class CopiedGraph(CopiedLayer):
    """Base of models: copies have the layers, the calls of the layers, and the state of training."""

    def __getstate__(self) -> dict[str, Any]:
        return state_of_model(self)

    def __setstate__(self, state: Any) -> None:
        restore_model(self, state)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        made = memo[id(self)] = type(self).__new__(type(self))
        made.__setstate__(self._state_of_one_step(memo))
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        memo: dict[int, Any] = {id(self): self}
        state = self.__getstate__() if vars(self).get("_settled") else self._state_of_one_step(memo)
        for model in memo.values():  # those within, which are copies by now and share layers with each other
            if isinstance(model, CopiedGraph) and model is not self:
                vars(model)["_settled"] = True
        return copyreg.__newobj__, (type(self),), state  # type: ignore[attr-defined]  # a name that its stub lacks

    def _state_of_one_step(self, memo):
        """Return a copy of the state: all weights of the same step, even if another thread trains."""
        model: Any = self
        with lock_of(model.weights):
            return copy.deepcopy(self.__getstate__(), memo)


def state_of_model(model: Any) -> dict[str, Any]:
    """Return the data of a copy or a pickle of a model: layers, calls, attributes and the state of training."""
    attributes = {name: value for name, value in vars(model).items() if name not in DERIVED}
    tensors = [s for s in symbols_in(list(attributes.values())) if isinstance(s, Tensor)]
    met = layer_nodes([*getattr(model, "outputs", []), *tensors])  # a Sequential may not know its input yet
    places = {x: _Place(None, i) for i, x in enumerate(dict.fromkeys(x for x in _fed(met, model)))}
    calls = []
    for node in _as_called([node for node in met if node.output_tensors[0] not in places]):
        for x in node.taken:
            if not isinstance(x, Tensor) or x not in places:
                raise ValueError(
                    f"{model.name} cannot be copied or pickled: {x!r} comes from a function of K, not from a layer. "
                    "Put that function into a Lambda layer."
                )
        calls.append((node.outbound_layer, [places[x] for x in node.taken], node.form))
        places.update({x: _Place(len(calls) - 1, o) for o, x in enumerate(node.output_tensors)})
    inputs = [x._keras_history[0] for x, place in places.items() if place.call is None]
    attributes = map_symbols(lambda s: places.get(s, s), attributes)
    kept = guarded(attributes, model._described_for_copy())
    return {"attributes": kept, "inputs": inputs, "calls": calls, "trained": model.training_state()}


def _fed(nodes, model):
    """Return the input tensors of a graph. Raises ValueError if one is computed from others."""
    found = [*model.inputs, *(node.output_tensors[0] for node in nodes if node.input_tensors is node.output_tensors)]
    for x in found:
        if x.node is not None:
            raise ValueError(
                f"{model.name} cannot be copied or pickled: its input {x!r} is computed from others, outside of it."
            )
    return found


def _as_called(nodes):
    """Sort calls: each after those whose outputs it takes, and after earlier calls of its layer."""
    wanted, order, done = dict.fromkeys(nodes), [], set()
    made = {x: node for node in nodes for x in node.output_tensors}
    earlier = {}
    for layer in dict.fromkeys(node.outbound_layer for node in nodes):
        calls = [node for node in layer.inbound_nodes if node in wanted]
        earlier.update(zip(calls[1:], calls))
    for start in nodes:
        stack = [start]
        while stack:
            node = stack[-1]
            needed = [made[x] for x in node.taken if x in made] + [earlier.get(node)]
            missing = [other for other in needed if other is not None and other not in done]
            if node in done or not missing:
                stack.pop()
                if node not in done:
                    done.add(node)
                    order.append(node)
            stack.extend(missing if node not in done else ())
    return order


def restore_model(model: Any, state: Any) -> None:
    """Fill the new object `model` from `state`, as returned by `state_of_model`."""
    tensors = [_input_again(layer) for layer in state["inputs"]]
    results: list[Any] = []
    for layer, places, *form in state["calls"]:  # pickles of 0.1 lack the form
        given = [tensors[p.output] if p.call is None else results[p.call][p.output] for p in places]
        call_again(layer, form[0] if form else None, given)
        results.append(layer.inbound_nodes[-1].output_tensors)

    def tensor_at(place):
        return (tensors if place.call is None else results[place.call])[place.output]

    vars(model).update(map_within(tensor_at, _unguarded(state["attributes"]), _Place))
    model._wire_again()
    if state["trained"] is not None:
        model.train_on(state["trained"])


def _input_again(layer):
    """Make the tensor of a copied input layer: the copy lacks it."""
    layer.__init__(
        batch_input_shape=layer.batch_input_shape,
        input_dtype=layer.input_dtype,
        name=layer.name,
        sparse=getattr(layer, "sparse", False),
    )
    return layer.inbound_nodes[0].output_tensors[0]
