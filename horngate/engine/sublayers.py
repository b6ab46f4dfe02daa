"""Sublayers: the layers held by a layer's attributes and functions. Their weights and states belong to the layer.

Attributes are searched at each request, so a layer may be added at any time and to any list. The weights are ordered as
the attributes were set.
"""

import collections
import contextlib
import dis
import functools
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from horngate.backend.graph import Scope, Variable
from horngate.backend.running import is_running
from horngate.engine.attributes import LayerAttributes, OfEra
from horngate.engine.names import is_ours
from horngate.engine.node import single, to_list

_RECORDS = (
    "_given _bound _arguments inbound_nodes outbound_nodes initial_weights constraints regularizers batch_input_shape "
    "_trainable_weights _non_trainable_weights _losses _updates input_spec"
)
RECORDS = frozenset(_RECORDS.split())  # attributes of the engine: not searched for sublayers


_DEEPEST = 60  # models within models; Python's stack ends a little behind 100


def check_parts(model: Any, layers: Iterable[Any]) -> None:
    """Raise ValueError unless the layers of a model have different names, and hold models to a bounded depth."""
    twice = sorted(n for n, count in collections.Counter(layer.name for layer in layers).items() if count > 1)
    if twice:
        raise ValueError(f"Model: each layer needs a name of its own; used more than once: {', '.join(twice)}.")
    check_depth(model, layers)


def is_graph(layer: Any) -> bool:
    """Return whether a layer is a model that is a graph of layers, and not one that computes in its `call`."""
    return layer._is_graph


def check_depth(model: Any, layers: Iterable[Any]) -> None:
    """Note how many models lie within each other, with `layers` in `model`; raise ValueError if they are too many."""
    within = 1 + max((layer.levels_within or layer._is_graph for layer in layers), default=0)
    if within <= max(model.levels_within, 1):
        return
    model.levels_within = within
    if within > _DEEPEST:
        raise ValueError(
            f"{model.name}: {within} models lie within each other, where {_DEEPEST} can. Add the layers "
            "of the inner models, and not the models: for layer in inner.layers: model.add(layer)."
        )


class AnySublayer:
    """A flag that is true if it is true for any sublayer. A value set on the layer itself takes precedence."""

    def __set_name__(self, owner: Any, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, cls: Any) -> Any:
        return layer is not None and any(_own_flag(member, self.name) for member in with_sublayers(layer)[1:])


def still_trained(layer: Any, weights: list[Variable]) -> list[Variable]:
    """Return those of the `weights` of a `layer` that were not set to `trainable = False` one by one, as in Keras 3."""
    return [w for w in weights if w.trainable is not False] if layer._era.generation == "3" else weights


class HasSublayers(LayerAttributes):
    """The part of a layer that includes its sublayers: weights, flags and states."""

    _records: ClassVar[frozenset[str]] = RECORDS  # attributes that are not searched for layers
    _borrowed: ClassVar[tuple[str, ...]] = ()  # attributes whose layers are not sublayers
    _inner_weights_by_layer: ClassVar[Any] = OfEra("inner_weights_by_layer")
    uses_learning_phase: Any = AnySublayer()
    stateful: Any = AnySublayer()  # whether states are carried from batch to batch
    _tracked = True
    levels_within: int = 0  # of a model that holds models: how many lie within each other, it included
    _is_graph = False  # whether the layer is a model, that is, a graph of layers
    _is_function = False  # whether it stands for a function between layers, which `model.layers` leaves out
    _files_all = False  # whether files list the weights of all sublayers under this layer's name, as in Keras 1

    @property
    def _sublayers(self):
        """The layers held by the attributes, each once, in the order in which the attributes were set."""
        mine, records = vars(self), self._records
        held = [
            value
            for name, value in mine.items()
            if value is not None
            and _may_hold[type(value)]
            and value
            and name not in records
            and not _is_our_function(value)
        ]
        if not held:
            return []
        seen = {id(self), *(id(mine[name]) for name in self._borrowed if name in mine)}
        return [layer for value in held for layer in _layers_in(value, seen)]

    # Weights, in the order of Keras 1.2 without freezing: first the trainable, then those that never train.

    @property
    def weights(self) -> list[Variable]:
        """All weights. Freezing does not change their order: in Keras 3 layer by layer, before it that of files."""
        if not self._inner_weights_by_layer:
            return self.filed_weights
        return unique(w for m in with_sublayers(self) for w in (*m._trainable_weights, *m._non_trainable_weights))

    @property
    def filed_weights(self) -> list[Variable]:
        """All weights in the order of files that list them under this layer's name."""
        members = with_sublayers(self)
        kinds = [m._trainable_weights for m in members], [m._non_trainable_weights for m in members]
        return unique(weight for lists in kinds for weights in lists for weight in weights)

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        members = with_sublayers(self, entering=lambda member: member.trainable)[1:]
        later = self._era.generation == "3"
        if not self.built or self.trainable and not members and not later:  # the list itself: Keras 1 appends to it
            return self._trainable_weights
        found = list(self._trainable_weights) if self.trainable else []
        for member in members:
            told = (
                type(member).trainable_weights is not HasSublayers.trainable_weights
            )  # whether a user's class overrides the property
            found.extend(member.trainable_weights if told else member._trainable_weights)
        return still_trained(self, unique(found))

    @trainable_weights.setter
    def trainable_weights(self, weights: list[Variable]) -> None:
        if is_running() and self._trainable_weights and set(weights) != set(self._trainable_weights):
            raise RuntimeError(
                f"Layer {self.name} ({type(self).__name__}) sets other trainable_weights each time its call runs, "
                "which training could not keep. Make them once, in build(input_shape)."
            )
        self._trainable_weights = weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not change."""
        if not self.built:
            return self._non_trainable_weights
        trained = set(self.trainable_weights)
        return [weight for weight in self.weights if weight not in trained]

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[Variable]) -> None:
        self._non_trainable_weights = weights

    # States.

    def reset_states(self) -> None:
        """Set the states of all stateful sublayers to zero."""
        for member in with_sublayers(self)[1:]:
            if _own_flag(member, "stateful"):
                member.reset_states()


def _own_flag(layer, name):
    if name in vars(layer):
        return bool(vars(layer)[name])
    return getattr(type(layer), name, False) is True


def with_sublayers(
    layer: Any,
    entering: Callable[[Any], bool] = lambda member: True,
    within: Callable[[Any], Sequence[Any]] = lambda member: member._sublayers,
) -> list[Any]:
    """List a layer and its sublayers at all depths, each once, owners first.

    `entering(member)`: False leaves a layer and its sublayers out. `within(member)`: returns the sublayers.
    """
    found, waiting = {}, [layer]
    while waiting:
        member = waiting.pop()
        if member not in found and entering(member):
            found[member] = True
            waiting.extend(reversed(within(member)))
    return list(found) or [layer]


def unique(items: Iterable[Any]) -> list[Any]:
    """Return `items` as a list without repetitions."""
    return list(dict.fromkeys(items))


def untracked(layers: Any) -> Any:
    """Mark `layers`, one or several in lists and dictionaries, so that they never become sublayers. Returns them.

    A layer that holds one of them in an attribute does not train, save or count it.

    >>> from horngate.layers import Dense, Layer, untracked
    >>> class Student(Layer):
    ...     def __init__(self, teacher, **kwargs):
    ...         self.teacher = untracked(teacher)
    ...         super().__init__(**kwargs)
    >>> Student(Dense(3)).weights
    []
    """
    for layer in list(_layers_in(layers, set())):
        layer._tracked = False
    return layers


_calls = threading.local()  # .running: the layers whose calls run now, the innermost last


@contextlib.contextmanager
def running(layer: Any) -> Iterator[None]:
    """Within the block, `layer` is listed among the layers whose calls run."""
    before = getattr(_calls, "running", ())
    _calls.running = (*before, layer)
    try:
        yield
    finally:
        _calls.running = before


def is_owned(layer: Any) -> bool:
    """Return whether `layer` is a sublayer of a layer that runs now, or was marked by `untracked`."""
    return not layer._tracked or any(layer in with_sublayers(owner) for owner in getattr(_calls, "running", ()))


def not_owned(layer: Any) -> RuntimeError:
    """Make the error for a layer that was built during a call although no layer owns it."""
    what = f"Layer {layer.name} ({type(layer).__name__})"
    owners = getattr(_calls, "running", ())
    if not owners:
        return RuntimeError(
            f"{what} was first called in a loss, a metric or another function that no layer runs: its weights would be "
            "neither trained nor saved. Make them part of a layer, or call it on an Input first, which builds it."
        )
    owner = owners[-1]
    if owner._is_graph:
        return RuntimeError(
            f"{what} was first called in the call of model {owner.name}, whose layers are those of its graph: its "
            "weights would be neither trained nor saved. Put it between the inputs and outputs of the model, or derive "
            f"{type(owner).__name__} from Layer."
        )
    return RuntimeError(
        f"{what} was made in the call of layer {owner.name} ({type(owner).__name__}), which does not keep it: its "
        f"weights would be neither trained nor saved. Make it in `__init__` or `build` of {type(owner).__name__} and "
        "keep it as an attribute; for a Lambda, make it outside of the function."
    )


# Masks. In the graph, a tensor holds its mask; during a call, the scope holds the masks of arrays for sublayers.


def note_masks(scope: Scope, x: Any, mask: Any) -> None:
    """Record in `scope` the masks `mask` of the arrays `x`."""
    for array, its_mask in zip(to_list(x), to_list(mask)):
        if its_mask is not None:
            scope.masks[id(array)] = array, its_mask


def with_masks(layer: Any, scope: Scope, x: Any, mask: Any) -> Any:
    """Run a sublayer within the call of its owner: pass the mask of its input, record the mask of its output."""
    if mask is None and layer.supports_masking:
        found = [scope.masks.get(id(array), (None, None))[1] for array in to_list(x)]
        mask = single(found) if any(each is not None for each in found) else None
    y = layer.run(x, mask)
    if layer.supports_masking or mask is None:
        note_masks(scope, y, layer.compute_mask(x, mask))
    return y


# Where sublayers are found.

_FUNCTIONS = types.FunctionType, types.MethodType, functools.partial


class _MayHold(dict):
    """Type -> whether its objects may be layers or hold layers. Cached, as it is requested very often."""

    def __missing__(self, cls: type) -> bool:
        self[cls] = issubclass(cls, (HasSublayers, list, tuple, dict, *_FUNCTIONS))
        return self[cls]


_may_hold = _MayHold()


def _is_our_function(value):
    """Return whether `value` is a function of the library: these hold no layers."""
    return type(value) is types.FunctionType and is_ours(value)


def _layers_in(value, seen):
    """Yield the layers in nested lists, tuples, dictionaries and functions."""
    if not _may_hold[type(value)] or id(value) in seen:
        return
    if isinstance(value, HasSublayers):
        seen.add(id(value))
        if value._tracked:
            yield value
    elif isinstance(value, (list, tuple, dict)):
        seen.add(id(value))
        for item in value.values() if isinstance(value, dict) else value:
            yield from _layers_in(item, seen)
    elif isinstance(value, _FUNCTIONS):
        seen.add(id(value))
        for item in _reached(value):
            yield from _layers_in(item, seen)


def _reached(function):
    """List the objects that a function refers to: its instance, defaults, closure and the globals that it reads."""
    if isinstance(function, functools.partial):
        return [function.func, function.args, function.keywords]
    if isinstance(function, types.MethodType):
        owner = function.__self__
        return [
            owner if isinstance(owner, HasSublayers) else getattr(owner, "__dict__", None) or None,
            function.__func__,
        ]
    if is_ours(function):  # functions of the library hold no layers
        return []
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    known = function.__globals__
    read = [known[name] for name in _globals_read(function.__code__) if name in known]
    here = [x for x in read if not isinstance(x, types.FunctionType) or x.__module__ == function.__module__]
    return [function.__defaults__, function.__kwdefaults__, cells, here]


def _is_filled(cell):
    try:
        return cell.cell_contents is not None
    except ValueError:  # the name is not bound yet
        return False


@functools.lru_cache(1024)
def _globals_read(code):
    """Return the names of the globals that a code object reads."""
    names = [step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    inner = [name for part in code.co_consts if isinstance(part, types.CodeType) for name in _globals_read(part)]
    return tuple(unique([*names, *inner]))
