"""Inner layers: those that a layer keeps in its attributes or its functions; it takes part in their weights and states.

A layer's attributes are looked through whenever somebody asks, so it does not matter when, or into which list, an
inner layer was put. The order of setting is the order of weights.
"""

import contextlib
import dis
import functools
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from horngate.backend.graph import Scope, Variable, is_running
from horngate.engine.attributes import LayerAttributes
from horngate.engine.names import is_ours
from horngate.engine.node import single, to_list


class OfAny:
    """A flag that is true where it is true of any inner layer, unless the layer sets it itself."""

    def __set_name__(self, owner: Any, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, cls: Any) -> Any:
        return layer is not None and any(_own_flag(member, self.name) for member in family(layer)[1:])


class Keeper(LayerAttributes):
    """What a layer shares with its inner layers: weights, flags, states."""

    _borrowed: ClassVar[tuple[str, ...]] = ()  # attributes that hold layers which belong to somebody else
    uses_learning_phase: Any = OfAny()
    stateful: Any = OfAny()  # whether states stay from batch to batch
    _tracked = True
    _is_graph = False  # whether it is made of layers that call each other: a model
    _files_all = False  # whether files list all weights within under its name, as Keras 1 did: those of others, too

    @property
    def _kept(self):
        """The layers that this one keeps, each once, in the order in which they were set."""
        mine = vars(self)
        held = [value for name, value in mine.items() if _may_hold[type(value)] and value and name not in _RECORDS]
        if not held:
            return []
        seen = {id(mine[name]) for name in self._borrowed if name in mine}
        return [layer for value in held for layer in _layers_in(value, seen)]

    # Weights. Their order is that of Keras 1.2 where nothing is frozen: what can be trained, then what never is.

    @property
    def weights(self) -> list[Variable]:
        """All weights, in an order that does not depend on what is frozen."""
        members = family(self)
        kinds = [m._trainable_weights for m in members], [m._non_trainable_weights for m in members]
        return unique(weight for lists in kinds for weights in lists for weight in weights)

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        if not self.built:  # `self.trainable_weights += [W]` in `build`, as Keras 1 has it
            return list(self._trainable_weights)
        found = list(self._trainable_weights) if self.trainable else []
        for member in family(self, entering=lambda member: member.trainable)[1:]:
            told = type(member).trainable_weights is not Keeper.trainable_weights  # by a property of the user's
            found.extend(member.trainable_weights if told else member._trainable_weights)
        return unique(found)

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
        """The weights that training leaves alone."""
        if not self.built:
            return list(self._non_trainable_weights)
        trained = set(self.trainable_weights)
        return [weight for weight in self.weights if weight not in trained]

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[Variable]) -> None:
        self._non_trainable_weights = weights

    # States.

    def reset_states(self) -> None:
        """Set the states of the stateful layers within to zero."""
        for member in family(self)[1:]:
            if _own_flag(member, "stateful"):
                member.reset_states()


def _own_flag(layer, name):
    if name in vars(layer):
        return bool(vars(layer)[name])
    return getattr(type(layer), name, False) is True


def family(
    layer: Any,
    entering: Callable[[Any], bool] = lambda member: True,
    within: Callable[[Any], Sequence[Any]] = lambda member: member._kept,
) -> list[Any]:
    """A layer and all layers within it, each once, each before those that it keeps; `entering` says where to go."""
    found, waiting = {}, [layer]
    while waiting:
        member = waiting.pop()
        if member not in found and entering(member):
            found[member] = True
            waiting.extend(reversed(within(member)))
    return list(found) or [layer]


def unique(items: Iterable[Any]) -> list[Any]:
    """`items`, each once."""
    return list(dict.fromkeys(items))


def untracked(layers: Any) -> Any:
    """Mark a layer, or layers in lists and dictionaries, as not belonging to the layer that keeps them in an attribute:
    they are not trained, saved or counted with it.

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


_calls = threading.local()  # .running: the layers whose calls are under way, each within the one before


@contextlib.contextmanager
def running(layer: Any) -> Iterator[None]:
    """Within the block, the call of `layer` is under way."""
    before = getattr(_calls, "running", ())
    _calls.running = (*before, layer)
    try:
        yield
    finally:
        _calls.running = before


def belongs(layer: Any) -> bool:
    """Whether one of the layers that run just now keeps `layer`."""
    return not layer._tracked or any(layer in family(owner) for owner in getattr(_calls, "running", ()))


def nobodys(layer: Any) -> RuntimeError:
    """The error for a layer that was built within a run, though nobody keeps it."""
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


# Masks. In the graph a tensor carries its mask; within a call arrays do, for the inner layers that support masking.


def note_masks(scope: Scope, x: Any, mask: Any) -> None:
    """Remember the masks of arrays within a call."""
    for array, its_mask in zip(to_list(x), to_list(mask)):
        if its_mask is not None:
            scope.masks[id(array)] = array, its_mask


def with_masks(layer: Any, scope: Scope, x: Any, mask: Any) -> Any:
    """Run a layer within another's call, with the mask of its input; note the mask of its output."""
    if mask is None and layer.supports_masking:
        found = [scope.masks.get(id(array), (None, None))[1] for array in to_list(x)]
        mask = single(found) if any(each is not None for each in found) else None
    y = layer.run(x, mask)
    if layer.supports_masking or mask is None:
        note_masks(scope, y, layer.compute_mask(x, mask))
    return y


# Where a layer may be kept.

_RECORDS = frozenset(
    {  # of the engine, which hold no layers, or those of others
        "_given",
        "_bound",
        "_arguments",
        "inbound_nodes",
        "outbound_nodes",
        "initial_weights",
        "constraints",
        "regularizers",
        "batch_input_shape",
        "_trainable_weights",
        "_non_trainable_weights",
        "_losses",
        "_updates",
        "input_spec",
    }
)
_FUNCTIONS = types.FunctionType, types.MethodType, functools.partial


class _MayHold(dict):
    """Cache by type whether objects may be or hold layers; this is asked very often."""

    def __missing__(self, cls: type) -> bool:
        self[cls] = issubclass(cls, (Keeper, list, tuple, dict, *_FUNCTIONS))
        return self[cls]


_may_hold = _MayHold()


def _layers_in(value, seen):
    """The layers within nested lists, tuples, dictionaries and functions."""
    if not _may_hold[type(value)] or id(value) in seen:
        return
    if isinstance(value, Keeper):
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
    """List what a function can reach: its object, defaults, closure and the globals that it reads."""
    if isinstance(function, functools.partial):
        return [function.func, function.args, function.keywords]
    if isinstance(function, types.MethodType):
        owner = function.__self__
        return [owner if isinstance(owner, Keeper) else getattr(owner, "__dict__", None) or None, function.__func__]
    if is_ours(function):  # which keeps no layers
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
    """The names of the globals that a code object reads."""
    names = [step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    inner = [name for part in code.co_consts if isinstance(part, types.CodeType) for name in _globals_read(part)]
    return tuple(unique([*names, *inner]))
