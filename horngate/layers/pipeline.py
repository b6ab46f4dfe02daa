"""Pipeline: layers one after the other, as one layer."""

from typing import ClassVar

from horngate.engine.for_layers import Layer, TensorLike, argument
from horngate.engine.held import Layers


class Pipeline(Layer):
    """Layers one after the other, to prepare data: in a model, or in calls on arrays.

    # Input shape
        What the first layer takes.

    # Output shape
        That of the last layer's output.
    """

    layers: Layers = argument("the layers, the first one first")

    supports_masking = True
    trains_unless_told: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if wrong := next((each for each in self.layers if not isinstance(each, Layer)), None):
            raise TypeError(f"Pipeline {self.name} takes a list of layers; received {wrong!r} among them.")

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        for layer in self.layers:
            x = layer(x)
        return x
