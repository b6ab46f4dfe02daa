"""Layers that hold another layer: TimeDistributed and Bidirectional."""

import copy
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from horngate.engine.constructors import as_our_files
from horngate.engine.container import make_layer
from horngate.engine.for_layers import InputSpec, K, Layer, OfEra, Shapes, TensorLike, argument, of_eras, to_list
from horngate.engine.kinds import InitialWeights
from horngate.engine.names import is_ours
from horngate.engine.node import number_ranges, single, told_ranges
from horngate.layers.from_states import FromStates, first_of, flat

MERGE_MODES: dict[str | None, Callable[..., Any]] = {
    "sum": lambda forward, backward: forward + backward,
    "mul": lambda forward, backward: forward * backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
    "concat": lambda forward, backward: K.concatenate([forward, backward]),
    None: lambda forward, backward: [forward, backward],
}


class Wrapper(Layer):
    """Base of layers that hold others, whose weights, penalties, updates and states count as their own.

    A subclass defines `build`, which makes the weights of the layers held, and `call`.
    """

    layer: Any = argument("the layer to wrap")

    supports_masking = _files_all = True
    output_order = "unknown"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.layer, Layer):
            raise TypeError(f"{type(self).__name__} wraps a layer, such as Dense(8); received {self.layer!r}")

    @property
    def held(self) -> list[Any]:
        """The layers that the wrapper calls."""
        return self._sublayers

    def build(self, input_shape: Shapes = None) -> None:
        if input_shape is not None and not is_ours(type(self)):  # a wrapper of Keras 2 or 3, by `super().build`
            self.build_held(self.layer, input_shape)
        self.built = True

    def build_held(self, layer: Layer, input_shape: Shapes) -> None:
        """Make the weights of a layer that the wrapper holds."""
        layer._ensure_built([K.placeholder(shape=input_shape)])

    def get_weights(self) -> list[np.ndarray]:
        """The values of all weights, layer by layer."""
        return [value for layer in self.held for value in layer.get_weights()]

    def set_weights(self, weights: Any) -> None:
        """Set the values of all weights, from a list like that of `get_weights`."""
        first = 0
        counts = [len(layer.weights) for layer in self.held]
        if len(weights) != sum(counts):
            raise ValueError(f"{self.name} has {sum(counts)} weights; received a list of {len(weights)}.")
        for layer, count in zip(self.held, counts):
            layer.set_weights(weights[first : first + count])
            first += count

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """A wrapper, with the layer it holds, from what `get_config` gave."""
        config = dict(as_our_files(cls, config))
        inner = config.pop("layer" if "layer" in config else "cell")  # the word for that of RNN
        return cls(make_layer(inner, custom_objects), **config)


class TimeDistributed(Wrapper):
    """The same layer at every time step: y[:, t] = layer(x[:, t]).

    # Arguments
        layer: any layer or model of one input and one output.

    # Input shape
        (samples, steps, ...), where (samples, ...) is what the layer takes.

    # Output shape
        (samples, steps, ...), where (samples, ...) is what the layer gives.

    A mask of the steps is passed on. From one with an entry for each step of sequences within sequences, (samples,
    steps, inner steps), the layer inside gets its part; in Keras 1 it got none. Since Keras 3, a layer that keeps
    statistics, such as BatchNormalization, is called on one step after the other.

    >>> from horngate.layers import Dense, Input
    >>> TimeDistributed(Dense(8))(Input((10, 16))).shape
    (None, 10, 8)
    """

    output_order = "steps"
    passes_masks: Any = OfEra("later_masks")
    steps_apart: Any = OfEra("steps_apart")

    def build(self, input_shape: Shapes = None) -> None:
        self._expect(InputSpec(ndim=len(input_shape)))
        self.build_held(self.layer, _step_shape(input_shape))

    @of_eras
    def call(self, inputs: TensorLike, mask: TensorLike = None) -> TensorLike:
        samples, steps = inputs.shape[:2]
        inner = mask if self.passes_masks and mask is not None and len(K.int_shape(mask)) > 2 else None
        if self.steps_apart and self.layer.non_trainable_weights:
            masks = [None if inner is None else inner[:, step] for step in range(steps)]
            return K.stack([self.layer(inputs[:, step], mask=masks[step]) for step in range(steps)], axis=1)
        if inner is not None:
            inner = K.reshape(inner, (samples * steps, *inner.shape[2:]))
        y = self.layer(K.reshape(inputs, (samples * steps, *inputs.shape[2:])), mask=inner)
        return K.reshape(y, (samples, steps, *y.shape[1:]))

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        samples, *rest = self.layer.get_output_shape_for(_step_shape(input_shape))
        return (samples, input_shape[1], *rest)


@told_ranges.register(TimeDistributed)
def _ranges_within(wrapper, place):
    return number_ranges(wrapper.layer, place)


def _step_shape(shape):
    return (shape[0], *shape[2:])


class Bidirectional(FromStates, Wrapper):
    """A recurrent layer run over the sequence in both directions, with weights for each.

    # Input shape
        (samples, steps, features)

    # Output shape
        That of the layer; twice the features with `concat`, two of it with None.

    # Raises
        ValueError: for another merge_mode.
        TypeError: where the layer is not recurrent.

    # Source
        Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.
    """

    layer: Any = argument("a recurrent layer; two copies of it run, `forward_layer` and `backward_layer`")
    merge_mode: str | None = argument(
        "how to merge the two outputs; None for a list of both", default="concat", choices=tuple(MERGE_MODES)
    )
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    backward_layer_: Any = argument(
        "the recurrent layer that runs backwards, made with go_backwards=True; None for a copy of `layer`",
        default=None,
        alias="backward_layer",
        kw_only=True,
        later=True,
    )

    num_constants: int = argument(
        "how many of the last inputs of a call are constants, for an RNN", default=0, kw_only=True, later=True
    )

    both_ways_zero_masked: Any = OfEra("both_ways_zero_masked")
    _borrowed = ("layer", "backward_layer_")  # the originals of the two copies that run
    output_order = "both ways"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not hasattr(self.layer, "go_backwards"):
            raise TypeError(f"Bidirectional wraps a recurrent layer, such as LSTM(8); received {self.layer!r}")
        self.return_sequences: bool = self.layer.return_sequences
        self.return_state: bool = getattr(self.layer, "return_state", False)
        zeros = self.both_ways_zero_masked and hasattr(self.layer, "zero_output_for_mask")
        changes = {"zero_output_for_mask": True} if zeros else {}
        self.forward_layer: Any = _twin(self.layer, "forward_", **changes)
        if self.backward_layer_ is None:
            changes["go_backwards"] = not self.layer.go_backwards
        else:
            self._check_backward(self.backward_layer_)
        self.backward_layer: Any = _twin(self.backward_layer_ or self.layer, "backward_", **changes)

    def _check_backward(self, layer):
        told = {"return_sequences": self.return_sequences, "return_state": self.return_state}
        told["go_backwards"] = not self.layer.go_backwards
        wrong = [name for name, value in told.items() if getattr(layer, name, False) != value]
        if not hasattr(layer, "go_backwards") or wrong:
            raise ValueError(
                "Bidirectional, argument 'backward_layer': must be a recurrent layer with "
                f"{', '.join(f'{name}={value}' for name, value in told.items())}, as `layer` asks for; received "
                f"{layer!r}."
            )

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """A wrapper, with the layers it holds, from what `get_config` gave."""
        config = as_our_files(cls, config)
        if isinstance(backward := config.get("backward_layer"), dict):
            config = {**config, "backward_layer": make_layer(backward, custom_objects)}
        return super().from_config(config, custom_objects)

    @property
    def constraints(self) -> dict[Any, Any]:
        """The constraints of both layers, by weight."""
        return {weight: rule for layer in self._sublayers for weight, rule in layer.constraints.items()}

    @constraints.setter
    def constraints(self, value: Any) -> None:
        pass

    def told_input_shape(self) -> tuple[int | None, ...] | None:
        return getattr(self.layer, "batch_input_shape", None)

    def build(self, input_shape: Shapes = None) -> None:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        self._expect(InputSpec(ndim=len(shapes[0])))
        for layer in self.held:
            layer._ensure_built([K.placeholder(shape=shape) for shape in shapes])

    def expect_constants(self, count: int) -> None:
        for layer in self.held:
            layer.expect_constants(count)
        self.num_constants = count

    def number_of_states(self) -> int:
        return sum(layer.number_of_states() if hasattr(layer, "number_of_states") else 1 for layer in self.held)

    def reset_states(self, states: Any = None) -> None:
        """Set the states of both layers to zero, or to the arrays in the list `states`."""
        half = None if states is None else len(flat(states)) // 2
        for layer, given in zip(self.held, (slice(0, half), slice(half, None))):
            layer.reset_states(*([] if states is None else [flat(states)[given]]))

    def reset_state(self) -> None:
        """Set the states to zero: `reset_states` under its name in Keras 3."""
        self.reset_states()

    @property
    def states(self) -> list[Any]:
        """The states of both layers."""
        return [state for layer in self.held for state in getattr(layer, "states", [])]

    @of_eras
    def call(self, inputs: TensorLike, mask: TensorLike = None) -> TensorLike:
        inputs, *states = to_list(inputs)
        mask, end = to_list(mask)[0], len(states) - self.num_constants
        parts = states[: end // 2], states[end // 2 : end]
        constants = {"constants": states[end:]} if self.num_constants else {}
        found = [
            layer(inputs, mask=mask, **({"initial_state": before} if before else {}), **constants)
            for layer, before in zip((self.forward_layer, self.backward_layer), parts)
        ]
        (forward, *states), (backward, *others) = found if self.return_state else ([y] for y in found)
        if self.return_sequences:
            backward = K.reverse(backward, 1)
        merged = MERGE_MODES[self.merge_mode](forward, backward)
        return [*to_list(merged), *states, *others] if self.return_state else merged

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        shapes = [layer.get_output_shape_for(first_of(input_shape)) for layer in self.held]
        (shape, *states), (_, *others) = shapes if self.return_state else ([tuple(shape)] for shape in shapes)
        merged = [shape, shape]
        if self.merge_mode is not None:
            merged = [(*shape[:-1], 2 * shape[-1])] if self.merge_mode == "concat" else [shape]
        return single([*merged, *states, *others])

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        mask = to_list(mask)[0] if self.return_sequences else None
        masks = [mask, mask] if self.merge_mode is None else [mask]
        return single([*masks, *[None] * self.number_of_states()] if self.return_state else masks)


def _twin(layer: Layer, prefix: str, **changes: Any) -> Layer:
    """Make a layer with the same arguments, functions included; it has its own weights, calls and sublayers."""
    twin = type(layer).__new__(type(layer))
    own = set(vars(twin)) - {"trainable", "input_spec"}
    vars(twin).update({name: _twins_in(value, prefix) for name, value in vars(layer).items() if name not in own})
    vars(twin).update(name=prefix + layer.name, **changes)
    return twin


def _twins_in(value: Any, prefix: str) -> Any:
    """Replace each layer in `value` by a twin."""
    if isinstance(value, Layer):
        return copy.deepcopy(value) if hasattr(value, "graph_layers") else _twin(value, prefix)
    kind: Any = type(value)
    if kind in (list, tuple):
        return kind(_twins_in(item, prefix) for item in value)
    return {key: _twins_in(item, prefix) for key, item in value.items()} if kind is dict else value
