"""Layers that only Keras 0.3 had."""

from typing import Any

from horngate import backend as K
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.attributes import Shapes
from horngate.engine.kinds import InitialWeights
from horngate.engine.layer import Layer
from horngate.engine.merge import Merge
from horngate.layers.core import Lambda

_OVER_TIME = {"sum": K.sum, "mul": K.prod, "ave": K.mean}


class TimeDistributedMerge(Layer):
    """The steps of a sequence to one vector.

    # Input shape
        (samples, steps, features)

    # Output shape
        (samples, features)
    """

    mode: str = argument("what is made of the steps", default="sum", choices=tuple(_OVER_TIME))

    output_order = "last kept"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return _OVER_TIME[self.mode](x, axis=1)


class LambdaMerge(Merge):
    """Outputs of several models to one, by a function of their list.

    # Arguments
        layers: list of models.
        function: of the list of their outputs, written in K.
        output_shape: shape of the result, or a function from the list of shapes.
        arguments: dictionary of more keyword arguments for the function.
    """

    def __init__(
        self, layers: Any, function: Any, output_shape: Shapes = None, arguments: Any = None, **kwargs: Any
    ) -> None:
        options = {"mode": function, "output_shape": output_shape, "arguments": arguments or {}}
        super().__init__(layers, **{**options, **kwargs})


class MaskedLambda(Lambda):
    """A `Lambda` that hands the mask on."""

    supports_masking = True


class AutoEncoder(Layer):
    """An encoder and a decoder, one after the other."""

    encoder: Any = argument("a layer or model")
    decoder: Any = argument("a layer or model, on the output of the encoder")
    output_reconstruction: bool = argument(
        "give the decoder's output (to train), or the encoder's (to use)", default=True
    )
    initial_weights: InitialWeights = argument(default=None, alias="weights")

    output_order = "chained"
    _files_all = True

    def build(self, input_shape: Shapes) -> None:
        shape = tuple(input_shape)
        for layer in (self.encoder, self.decoder):
            if not layer.built:
                layer.build(shape)
            shape = layer.get_output_shape_for(shape)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        hidden = self.encoder(x)
        return self.decoder(hidden) if self.output_reconstruction else hidden

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        hidden = self.encoder.get_output_shape_for(input_shape)
        return self.decoder.get_output_shape_for(hidden) if self.output_reconstruction else hidden


class MaskedLayer(Layer):
    """A layer that hands the mask of its input on; the base of such layers in Keras 0.3."""

    supports_masking = True
