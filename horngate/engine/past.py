"""What layers had in Keras 0.3: they told of their tensors, and computed in `get_output(train)`.

A class of a user that gives `get_output`, `get_output_mask` or the property `output_shape` gets `call`, `compute_mask`
and `get_output_shape_for` from them. While such a method runs, `get_input(train)` is what the layer was called on.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from horngate.backend.graph import Variable
from horngate.backend.orders import of_eras
from horngate.backend.running import running_scope
from horngate.backend.types import TensorLike
from horngate.engine.attributes import LayerAttributes, Shapes


class LayerOf03(LayerAttributes):
    """The methods of a layer of Keras 0.3, on top of today's."""

    cache_enabled = True
    nb_input = nb_output = 1
    batch_input_shape: tuple[int | None, ...]
    input_dtype: Any
    _running: tuple[Any, Any] | None = None  # (input, mask) of the call that runs
    _result: Any = None  # what the call that runs gives
    _asked: Any = None  # the input shape for which weights or an output shape are asked

    @property
    def layer_cache(self) -> dict[str, Any]:
        """Kept for old programs; nothing is cached here."""
        return {}

    shape_cache = layer_cache

    def get_output(self, train: bool = False) -> TensorLike:
        """The layer's symbolic output; the function that is made of it decides on the phase, not `train`."""
        if self._running is None:
            return self.output if self._result is None else self._result
        x, mask = self._running
        call = _beneath(type(self), "call", call_of_03)
        return call(self, x, mask) if _takes(call, 3) else call(self, x)

    def get_input(self, train: bool = False) -> TensorLike:
        """The layer's input: symbolic, or that of the call that runs."""
        return self.input if self._running is None else self._running[0]

    def get_input_mask(self, train: bool = False) -> TensorLike:
        """The mask of the input, or None."""
        return self.input_mask if self._running is None else self._running[1]

    def get_output_mask(self, train: bool = False) -> TensorLike:
        """The mask that the layer hands on, or None."""
        if self._running is None:
            return self.output_mask
        return self._running[1] if self.supports_masking else None

    def get_params(self) -> tuple[list[Variable], Any, Any, list[Any]]:
        """(weights, regularizers, constraints by weight, updates)."""
        return self.trainable_weights, self.regularizers, self.constraints, self.updates

    def supports_masked_input(self) -> bool:
        """Whether the layer takes a mask."""
        return self.supports_masking

    def set_input_shape(self, input_shape: Shapes) -> None:
        """Tell the shape of the input, samples included, to a layer that begins a model."""
        self.batch_input_shape, self.input_dtype = tuple(input_shape), self.default_input_dtype()

    def set_input(self, input_tensor: Any = None, shape: Any = None) -> None:
        """Let the layer begin with a tensor: it is called on it."""
        from horngate.engine.input import Input  # inputs are layers

        if input_tensor is not None:
            self(Input(batch_shape=shape, tensor=input_tensor))

    @of_eras(key="Layer.set_previous")
    def set_previous(self, layer: Any) -> None:
        """Call this layer on the output of another."""
        self.previous = layer
        self(layer.output)

    def clear_previous(self, reset_weights: bool = True) -> None:
        """Forget the calls of this layer."""
        self.inbound_nodes.clear()

    @contextlib.contextmanager
    def asked_for(self, input_shape: Shapes) -> Iterator[None]:
        """Within the block, `input_shape` and `output_shape` are those for this input."""
        before, self._asked = self._asked, input_shape
        try:
            yield
        finally:
            self._asked = before

    def told_shape(self, what: str) -> Any:
        """The shape that was asked for, or told to a layer before it is called; None where there is none."""
        shape = self._asked
        if shape is None and not vars(self).get("inbound_nodes"):
            shape = vars(self).get("batch_input_shape")
        if shape is None or what == "input_shapes":
            return shape
        return _beneath(type(self), "get_output_shape_for", shape_of_03)(self, shape)


def _beneath(cls, name, of_03):
    """The method `name` that the classes beneath those of 0.3 give."""
    return next(vars(c)[name] for c in cls.__mro__ if name in vars(c) and vars(c)[name] is not of_03)


def _takes(method, count):
    """Whether a method takes `count` arguments, itself included."""
    return len(inspect.signature(method).parameters) >= count


def call_of_03(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
    """`call` by way of `get_output(train)`; the phase is known while the layer runs."""
    before, self._running = self._running, (x, mask)
    train = bool(running_scope().phase)
    try:
        return self.get_output(train) if _takes(type(self).get_output, 2) else self.get_output()
    except Exception as error:
        error.add_note(rewritten(type(self)))
        raise
    finally:
        self._running = before


def mask_of_03(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
    """`compute_mask` by way of `get_output_mask(train)`."""
    before, self._running = self._running, (x, mask)
    try:
        return self.get_output_mask()
    finally:
        self._running = before


def shape_of_03(self, input_shape: Shapes) -> Shapes:
    """`get_output_shape_for` by way of the property `output_shape`."""
    with self.asked_for(input_shape):
        return self.output_shape


def configuration_of(layer: Any) -> Any:
    """A layer's configuration; in 0.3 its `name` was that of the class, for which the layer's own is put."""
    config = layer.get_config()
    old = isinstance(config, dict) and config.get("name") == type(layer).__name__
    return {**config, "name": layer.name} if old else config


def penalty_on(regularizer: Any, weight: Variable, value: Any) -> TensorLike:
    """What a regularizer makes of a weight; one of Keras 1.0 is told the weight and adds to a loss."""
    if not _adds_to_loss(regularizer):
        return regularizer(value)
    regularizer.set_param(weight)
    return regularizer(0.0)


def penalty_on_output(regularizer: Any, layer: Any, output: TensorLike) -> TensorLike:
    """What an activity regularizer makes of a layer's output; one of Keras 1.0 is told the layer and asks it."""
    if not _adds_to_loss(regularizer):
        return regularizer(output)
    regularizer.set_layer(layer)
    layer._result = output
    try:
        return regularizer(0.0)
    finally:
        layer._result = None


def _adds_to_loss(regularizer):
    """Whether a user's regularizer takes a loss, in the manner of Keras 1.0, instead of a weight."""
    call = type(regularizer).__call__
    if not hasattr(regularizer, "set_param") or call.__module__.startswith("horngate."):
        return False  # a plain function among others
    return list(inspect.signature(call).parameters)[1:2] == ["loss"]


_METHODS = (  # what a class of 0.3 gives -> what is made of it
    ("get_output", "call", call_of_03),
    ("get_output_mask", "compute_mask", mask_of_03),
    ("output_shape", "get_output_shape_for", shape_of_03),
)


def carry_over(cls) -> None:
    """Give a user's class the methods of today that stand for those of 0.3 it has."""
    own = vars(cls)
    for old, new, method in _METHODS:
        if old in own and new not in own:
            setattr(cls, new, method)
    if "supports_masked_input" in own:
        cls.supports_masking = True


def build_of_03(build: Any) -> Callable[..., None]:
    """A `build` without arguments, which looks at `self.input_shape`, as one that is given the shape."""

    def with_shape(self, input_shape=None):
        try:
            build(self)
        except Exception as error:
            error.add_note(rewritten(type(self)))
            raise
        weights = vars(self).pop("params", None)  # the name before 0.3
        if weights and not self._trainable_weights:
            self.trainable_weights = list(weights)
        if isinstance(self.constraints, (list, tuple)):  # one for each weight, in 0.2
            pairs = zip(self._trainable_weights, self.constraints)
            self.constraints = {weight: constraint for weight, constraint in pairs if constraint is not None}
        self.regularizers = [regularizer for regularizer in self.regularizers if regularizer is not None]

    return with_shape


def rewritten(cls) -> str:
    """How a layer written for 0.3 is written today, for one that could not be carried over."""
    return (
        f"{cls.__name__} is written in the manner of Keras 0.3, with get_output(train). Today it is written as:\n"
        f"    class {cls.__name__}(Layer):\n"
        "        def build(self, input_shape):         # makes the weights; was build(self) with self.input_shape\n"
        "            self.trainable_weights = [...]\n"
        "        def call(self, x, mask=None):         # returns what get_output did; x was self.get_input(train)\n"
        "            return K.in_train_phase(a, b)     # was: a if train else b\n"
        "        def get_output_shape_for(self, input_shape):  # returns what the property output_shape did"
    )


class ConstraintsInOrder(dict):
    """The constraints by weight; gone through, one for each of `params`, as Keras 0.3 gave them to optimizers."""

    def __init__(self, params: Iterable[Variable], constraints: Mapping[Variable, Any]) -> None:
        super().__init__(constraints)
        self.params = list(params)

    def __iter__(self) -> Iterator[Any]:
        return (self.get(p, _as_it_is) for p in self.params)


def _as_it_is(p):
    return p
