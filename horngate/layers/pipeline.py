"""Pipeline: layers one after the other, as one layer."""

from typing import Any, ClassVar

from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.container import make_layer
from horngate.engine.layer import Layer


class Pipeline(Layer):
    """Layers one after the other, to prepare data: in a model, or in calls on arrays.

    # Input shape
        What the first layer takes.

    # Output shape
        That of the last layer's output.
    """

    layers: Any = argument("a list of layers")

    supports_masking = True
    trains_unless_told: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.layers = list(self.layers)
        if wrong := next((each for each in self.layers if not isinstance(each, Layer)), None):
            raise TypeError(f"Pipeline {self.name} takes a list of layers; received {wrong!r} among them.")

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        for layer in self.layers:
            x = layer(x)
        return x

    def get_config(self) -> dict[str, Any]:
        layers = [{"class_name": type(each).__name__, "config": each.get_config()} for each in self.layers]
        return {**super().get_config(), "layers": layers}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Pipeline":
        """Make a pipeline from `config`, as returned by `get_config`."""
        return cls(**{**config, "layers": [make_layer(told, custom_objects) for told in config["layers"]]})
