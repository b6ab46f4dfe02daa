"""What layers had in Keras 0.3: they told of their tensors, and computed in `get_output(train)`.

Every layer answers to the functions here as to methods: `Layer` finds them when it is asked. A class of a user that
gives `get_output`, `get_output_mask` or the property `output_shape` gets `call`, `compute_mask` and
`get_output_shape_for` from them. While such a method runs, `get_input(train)` is what the layer was called on.
"""

import contextlib
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any

from horngate.backend.graph import Variable
from horngate.backend.orders import of_eras
from horngate.backend.running import running_scope
from horngate.backend.types import TensorLike
from horngate.engine.attributes import Shapes
from horngate.engine.input import Input
from horngate.engine.layer import Layer

_under_way = threading.local()  # .calls: (method, layer, what it was called on) of each that runs, the innermost last


@contextlib.contextmanager
def _running(method: str, layer: Layer, *given: Any) -> Iterator[None]:
    """Within the block, `method` of `layer` is carried out by one of 0.3."""
    before = getattr(_under_way, "calls", ())
    _under_way.calls = (*before, (method, layer, given))
    try:
        yield
    finally:
        _under_way.calls = before


def _what_runs(method, layer):
    """Return the input of the method of `layer` that is running, or None."""
    calls: Any = getattr(_under_way, "calls", ())
    return next((given for name, owner, given in reversed(calls) if owner is layer and name == method), None)


# What every layer answers to.

cache_enabled = True
nb_input = nb_output = 1
layer_cache: property = property(lambda self: {})  # nothing is cached here
shape_cache: property = layer_cache


def get_output(self: Layer, train: bool = False) -> TensorLike:
    """The layer's symbolic output; the function that is made of it decides on the phase, not `train`."""
    if (given := _what_runs("call", self)) is None:
        return self.output
    call = _beneath(type(self), "call", call_of_03)
    return call(self, *given) if _takes(call, 3) else call(self, given[0])


def get_input(self: Layer, train: bool = False) -> TensorLike:
    """The layer's input: symbolic, or that of the call that runs."""
    given = _what_runs("call", self)
    return self.input if given is None else given[0]


def get_input_mask(self: Layer, train: bool = False) -> TensorLike:
    """The mask of the input, or None."""
    given = _what_runs("call", self)
    return self.input_mask if given is None else given[1]


def get_output_mask(self: Layer, train: bool = False) -> TensorLike:
    """The mask that the layer hands on, or None."""
    if (given := _what_runs("call", self)) is None:
        return self.output_mask
    return given[1] if self.supports_masking else None


def get_params(self: Layer) -> tuple[list[Variable], Any, Any, list[Any]]:
    """(weights, regularizers, constraints by weight, updates)."""
    return self.trainable_weights, self.regularizers, self.constraints, self.updates


def supports_masked_input(self: Layer) -> bool:
    """Whether the layer takes a mask."""
    return self.supports_masking


def set_input_shape(self: Layer, input_shape: Shapes) -> None:
    """Tell the shape of the input, samples included, to a layer that begins a model."""
    self.batch_input_shape, self.input_dtype = tuple(input_shape), self.default_input_dtype()


def set_input(self: Layer, input_tensor: Any = None, shape: Any = None) -> None:
    """Let the layer begin with a tensor: it is called on it."""
    if input_tensor is not None:
        self(Input(batch_shape=shape, tensor=input_tensor))


@of_eras(key="Layer.set_previous")
def set_previous(self: Any, layer: Any) -> None:
    """Call this layer on the output of another."""
    self._borrowed = (*self._borrowed, "previous")
    self.previous = layer
    self(layer.output)


def clear_previous(self: Layer, reset_weights: bool = True) -> None:
    """Forget the calls of this layer."""
    self.inbound_nodes.clear()


# What is made of a user's class.


def carry_over(cls: Any) -> None:
    """Give a user's class the methods of today that stand for those of 0.3 it has."""
    own = vars(cls)
    for old, new, method in _METHODS:
        if old in own and new not in own:
            setattr(cls, new, method)
    if "supports_masked_input" in own:
        cls.supports_masking = True
    if "build" in own and not _takes(cls.build, 2):
        cls.build = _build_of_03(cls.build)
    if isinstance(asked := own.get("output_shape"), property):
        cls.output_shape = property(lambda self: _shape_by(asked, self))
    cls.input = property(cls.input.fget, lambda self, tensor: None)  # which layers before 0.3 set: calls tell it today


def _beneath(cls, name, of_03):
    """Return the method `name` of the first base class that is not written for 0.3."""
    return next(vars(c)[name] for c in cls.__mro__ if name in vars(c) and vars(c)[name] is not of_03)


def _takes(method, count):
    """Whether a method takes `count` arguments, itself included."""
    return len(inspect.signature(method).parameters) >= count


def call_of_03(self: Any, x: TensorLike, mask: TensorLike = None) -> TensorLike:
    """`call` by way of `get_output(train)`; the phase is known while the layer runs."""
    train = bool(running_scope().phase)
    with _running("call", self, x, mask), _noted(self):
        return self.get_output(train) if _takes(type(self).get_output, 2) else self.get_output()


def mask_of_03(self: Any, x: TensorLike, mask: TensorLike = None) -> TensorLike:
    """`compute_mask` by way of `get_output_mask(train)`."""
    with _running("call", self, x, mask):
        return self.get_output_mask()


def shape_of_03(self: Any, input_shape: Shapes) -> Shapes:
    """`get_output_shape_for` by way of the property `output_shape`, which may ask that of its base class."""
    if _what_runs("shape", self):
        return _beneath(type(self), "get_output_shape_for", shape_of_03)(self, input_shape)
    with self.asked_for(input_shape):
        return self.output_shape


def _shape_by(asked, layer):
    with _running("shape", layer, True):
        return asked.__get__(layer)


_METHODS = (  # what a class of 0.3 gives -> what is made of it
    ("get_output", "call", call_of_03),
    ("get_output_mask", "compute_mask", mask_of_03),
    ("output_shape", "get_output_shape_for", shape_of_03),
)


def _build_of_03(build: Any) -> Callable[..., None]:
    """A `build` without arguments, which looks at `self.input_shape`, as one that is given the shape."""

    def with_shape(self, input_shape=None):
        with _noted(self):
            build(self)
        weights = vars(self).pop("params", None)  # the name before 0.3
        if weights and not self._trainable_weights:
            self.trainable_weights = list(weights)
        if isinstance(self.constraints, (list, tuple)):  # one for each weight, in 0.2
            pairs = zip(self._trainable_weights, self.constraints)
            self.constraints = {weight: constraint for weight, constraint in pairs if constraint is not None}
        self.regularizers = [regularizer for regularizer in self.regularizers if regularizer is not None]

    return with_shape


@contextlib.contextmanager
def _noted(layer):
    """Within the block, an error says how a layer written for 0.3 is written today."""
    try:
        yield
    except Exception as error:
        name = type(layer).__name__
        error.add_note(
            f"{name} is written in the manner of Keras 0.3, with get_output(train). Today it is written as:\n"
            f"    class {name}(Layer):\n"
            "        def build(self, input_shape):         # makes the weights; was build(self) with self.input_shape\n"
            "            self.trainable_weights = [...]\n"
            "        def call(self, x, mask=None):         # returns what get_output did; x was self.get_input(train)\n"
            "            return K.in_train_phase(a, b)     # was: a if train else b\n"
            "        def get_output_shape_for(self, input_shape):  # returns what the property output_shape did"
        )
        raise
