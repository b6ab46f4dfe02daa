"""Inputs and outputs of a graph of layers in dictionaries and nested lists, as in `Model({"a": a}, {"y": y})`."""

from collections.abc import Callable
from typing import Any, ClassVar

from horngate.backend.orders import of_eras
from horngate.backend.types import TensorLike
from horngate.engine.arrangement import Structure, arranged, flattened, is_nested, names_in
from horngate.engine.attributes import LayerAttributes
from horngate.engine.layer import Layer
from horngate.engine.node import to_list


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


def ends_from(config: dict[str, Any], tensor: Callable[..., Any]) -> list[Any]:
    """Return [inputs, outputs] of a model, in their structures, from its `config`; `tensor(*place)`: what is there."""
    return [
        structured(config.get(f"{end}_structure"), [tensor(*place) for place in config[f"{end}_layers"]])
        for end in ("input", "output")
    ]


def structured(structure: Structure | None, tensors: list[Any]) -> Any:
    """Return `tensors` in their `structure`; for None, the only one or the list."""
    return (tensors[0] if len(tensors) == 1 else tensors) if structure is None else arranged(structure, tensors)
