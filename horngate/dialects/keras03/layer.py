"""The methods of layers in Keras 0.3, which computed their output in `get_output(train)`.

The functions here are methods of every layer: `Layer` finds them at access. A user's class that defines `get_output`,
`get_output_mask` or the property `output_shape` gets `call`, `compute_mask` and `get_output_shape_for` made from them.
While such a method runs, `get_input(train)` returns the input of the layer's call.
"""

import contextlib
import contextvars
import inspect
from collections.abc import Callable
from typing import Any

from horngate.backend.graph import Tensor, Variable
from horngate.backend.orders import of_eras
from horngate.backend.running import running_scope
from horngate.backend.types import TensorLike
from horngate.engine.attributes import Shapes
from horngate.engine.input import Input
from horngate.engine.layer import Layer
from horngate.utils.blocks import within

# (method, layer, input) of each call that runs, innermost last
_under_way: contextvars.ContextVar[tuple[Any, ...]] = contextvars.ContextVar("under_way", default=())


def _running(method: str, layer: Layer, *given: Any) -> contextlib.AbstractContextManager[None]:
    """Within the block, a method of 0.3 computes `method` of `layer`."""
    return within(_under_way, (*_under_way.get(), (method, layer, given)))


def _what_runs(method, layer):
    """Return the input of the running `method` of `layer`, or None."""
    calls = reversed(_under_way.get())
    return next((given for name, owner, given in calls if owner is layer and name == method), None)


# Methods of every layer.

cache_enabled = True
nb_input = nb_output = 1
layer_cache: property = property(lambda self: {})  # nothing is cached here
params: property = property(lambda self: self.trainable_weights, doc="The trainable weights, before 0.3.")
shape_cache: property = layer_cache


def get_output(self: Layer, train: bool = False) -> TensorLike:
    """Return the layer's symbolic output; the compiled function decides the phase, not `train`."""
    if (given := _what_runs("call", self)) is None:
        return self.output
    call = _beneath(type(self), "call", call_of_03)
    return call(self, *given) if _takes(call, 3) else call(self, given[0])


def get_input(self: Layer, train: bool = False) -> TensorLike:
    """Return the layer's input: that of the running call, else the symbolic one."""
    given = _what_runs("call", self)
    return self.input if given is None else given[0]


def get_input_mask(self: Layer, train: bool = False) -> TensorLike:
    """Return the mask of the input, or None."""
    given = _what_runs("call", self)
    return self.input_mask if given is None else given[1]


def get_output_mask(self: Layer, train: bool = False) -> TensorLike:
    """Return the mask of the output, or None."""
    if (given := _what_runs("call", self)) is None:
        return self.output_mask
    return given[1] if self.supports_masking else None


def get_params(self: Layer) -> tuple[list[Variable], Any, Any, list[Any]]:
    """Return (weights, regularizers, weight -> constraint, updates)."""
    return self.trainable_weights, self.regularizers, self.constraints, self.updates


def supports_masked_input(self: Layer) -> bool:
    """Return whether the layer takes a mask."""
    return self.supports_masking


def set_input_shape(self: Layer, input_shape: Shapes) -> None:
    """Set the input shape, samples included, of the first layer of a model; makes the weights."""
    self.batch_input_shape, self.input_dtype = tuple(input_shape), self.default_input_dtype()
    self._ensure_built([Tensor(self.batch_input_shape, self.input_dtype)])


def set_input(self: Layer, input_tensor: Any = None, shape: Any = None) -> None:
    """Call the layer on a tensor, as the first of a model."""
    if input_tensor is not None:
        self(Input(batch_shape=shape, tensor=input_tensor))


@of_eras(key="Layer.set_previous")
def set_previous(self: Any, layer: Any) -> None:
    """Call this layer on the output of another."""
    self._borrowed = (*self._borrowed, "previous")
    self.previous = layer
    self(layer.output)


def clear_previous(self: Layer, reset_weights: bool = True) -> None:
    """Remove all calls of this layer."""
    self.inbound_nodes.clear()


# Methods made for a user's class.


def carry_over(cls: Any) -> None:
    """Add to a user's class the current methods that call those of 0.3 it defines."""
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
    cls.input = property(cls.input.fget, lambda self, tensor: None)  # was set before 0.3; now calls decide


def _beneath(cls, name, of_03):
    """Return the method `name` of the first base class not written for 0.3."""
    return next(vars(c)[name] for c in cls.__mro__ if name in vars(c) and vars(c)[name] is not of_03)


def _takes(method, count):
    """Return whether a method takes `count` arguments, `self` included."""
    return len(inspect.signature(method).parameters) >= count


def call_of_03(self: Any, x: TensorLike, mask: TensorLike = None) -> TensorLike:
    """Compute `call` by `get_output(train)`; the phase is known while the layer runs."""
    train = bool(running_scope().phase)
    with _running("call", self, x, mask), _noted(self):
        return self.get_output(train) if _takes(type(self).get_output, 2) else self.get_output()


def mask_of_03(self: Any, x: TensorLike, mask: TensorLike = None) -> TensorLike:
    """Compute `compute_mask` by `get_output_mask(train)`."""
    with _running("call", self, x, mask):
        return self.get_output_mask()


def shape_of_03(self: Any, input_shape: Shapes) -> Shapes:
    """Compute `get_output_shape_for` by the property `output_shape`, which may use that of its base class."""
    if _what_runs("shape", self):
        return _beneath(type(self), "get_output_shape_for", shape_of_03)(self, input_shape)
    with self.asked_for(input_shape):
        return self.output_shape


def _shape_by(asked, layer):
    with _running("shape", layer, True):
        return asked.__get__(layer)


_METHODS = (  # method of a class of 0.3 -> the methods made from it
    ("get_output", "call", call_of_03),
    ("get_output_mask", "compute_mask", mask_of_03),
    ("output_shape", "get_output_shape_for", shape_of_03),
)


def _build_of_03(build: Any) -> Callable[..., None]:
    """Wrap a `build` without arguments, which reads `self.input_shape`, as one that takes the shape."""

    def with_shape(self, input_shape=None):
        with _noted(self):
            build(self)
        weights = vars(self).pop("params", None)  # name of the weights before 0.3
        if weights and not self._trainable_weights:
            self.trainable_weights = list(weights)
        if isinstance(self.constraints, (list, tuple)):  # one for each weight, in 0.2
            pairs = zip(self._trainable_weights, self.constraints)
            self.constraints = {weight: constraint for weight, constraint in pairs if constraint is not None}
        self.regularizers = [regularizer for regularizer in self.regularizers if regularizer is not None]

    return with_shape


@contextlib.contextmanager
def _noted(layer):
    """Within the block, an error also says how to write a layer of 0.3 today."""
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
