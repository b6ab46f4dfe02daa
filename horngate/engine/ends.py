"""Inputs and outputs of a graph of layers in dictionaries and nested lists, as in `Model({"a": a}, {"y": y})`."""

from collections.abc import Callable
from typing import Any, ClassVar

from horngate.backend.graph import Tensor, ancestors
from horngate.backend.orders import dialect, of_eras
from horngate.backend.types import TensorLike
from horngate.engine.arrangement import Structure, arranged, flattened, is_nested, names_in
from horngate.engine.attributes import LayerAttributes
from horngate.engine.input import Input
from horngate.engine.layer import Layer
from horngate.engine.node import to_list
from horngate.engine.order import functions_before, inputs_of, layer_node


class StructuredEnds(LayerAttributes):
    """The part of a graph of layers that takes and returns tensors in the structure in which it was made.

    Their keys are the names of the inputs and outputs.
    """

    input_structure: ClassVar[Structure | None] = None  # None for one input or a flat list of them
    output_structure: Structure | None = None
    input_names: list[str]

    def _flat_ends(self, *ends: Any) -> Any:
        """Return the inputs and the outputs as flat lists, and keep their structures."""
        for name, told in zip(("input_structure", "output_structure"), ends):
            vars(self)[name] = flattened(told)[1] if is_nested(told) else None
        return [flattened(told)[0] if is_nested(told) else to_list(told) for told in ends]

    def _structures(self) -> dict[str, Structure]:
        """Return the structures of inputs and outputs by name, those that are not flat."""
        both = {"input_structure": self.input_structure, "output_structure": self.output_structure}
        return {name: structure for name, structure in both.items() if structure is not None}

    def _names_of_ends(self, structure: Structure | None, layers: Any) -> list[str]:
        """Return the names of inputs or outputs, which come from `layers`: their keys, else those of the layers."""
        names = [layer.name for layer in layers]
        told = names_in(structure) if structure else names
        return [key if key and not key.isdigit() else name for key, name in zip(told, names)]

    @of_eras(key="Layer.__call__")
    def __call__(self, x: TensorLike, mask: TensorLike = None, training: Any = None) -> Any:
        """Return the outputs for `x`, in the structure in which the model was made.

        `x`: a tensor, a list, or a dictionary by the names of the inputs. `mask`, `training`: as for other layers.
        """
        graph: Any = self
        return self._as_made(Layer.__call__(graph, self._in_order(x), mask, training))

    def _as_made(self, y: Any) -> Any:
        return y if self.output_structure is None else arranged(self.output_structure, to_list(y))

    def _in_order(self, x: Any) -> Any:
        """Return the inputs `x` as a list in their order, if they are in a dictionary or nested."""
        if isinstance(x, dict) and not x.keys() >= set(self.input_names):
            missing = next(name for name in self.input_names if name not in x)
            raise ValueError(
                f"{self.name}: the inputs are {', '.join(self.input_names)}; the dictionary has no {missing!r}, but "
                f"{', '.join(map(str, x))}."
            )
        if isinstance(x, dict):
            return [x[name] for name in self.input_names]
        return flattened(x)[0] if self.input_structure is not None and is_nested(x) else x


def begun_at(inputs: list[Any], outputs: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return inputs and outputs of a graph that begins at `inputs`, where these may lie within another graph.

    Those get inputs of their own, on which the layers between them and `outputs` are called again, as in Keras 3.
    """
    if not any(isinstance(x, Tensor) and x.node is not None for x in inputs):
        return inputs, outputs
    if functions := functions_before([*inputs, *outputs]):
        dialect("keras3.operations").adopt(functions)
    within = [x for x in inputs if getattr(x, "_keras_history", None) and inputs_of(layer_node(x))]
    made = {x: Input(batch_shape=x.shape, dtype=x.dtype) if x in within else x for x in inputs}
    calls: list[Any] = ancestors(outputs, known=made, strict=False)
    for node in calls:
        if layer_node(node.outputs[0]) is node and any(made.get(x, x) is not x for x in inputs_of(node)):
            masks = [made.get(node.told_masks.get(place)) for place in range(len(node.input_tensors))]
            made.update(zip(node.outputs, node.again([made.get(x, x) for x in node.input_tensors], masks)[0]))
    return [made[x] for x in inputs], [made.get(x, x) for x in outputs]


def ends_from(config: dict[str, Any], tensor: Callable[..., Any]) -> list[Any]:
    """Return [inputs, outputs] of a model, in their structures, from its `config`; `tensor(*place)`: what is there."""
    return [
        structured(config.get(f"{end}_structure"), [tensor(*place) for place in config[f"{end}_layers"]])
        for end in ("input", "output")
    ]


def structured(structure: Structure | None, tensors: list[Any]) -> Any:
    """Return `tensors` in their `structure`; for None, the only one or the list."""
    return (tensors[0] if len(tensors) == 1 else tensors) if structure is None else arranged(structure, tensors)
