"""Layers that only Keras 0.3 had: merged and shared models, autoencoders, layers that pass masks on."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

from horngate import backend as K
from horngate.backend.types import TensorLike
from horngate.engine.arguments import REQUIRED, argument, attribute, fixed
from horngate.engine.attributes import Shapes
from horngate.engine.container import make_layer
from horngate.engine.kinds import Axes, InitialWeights, OutputShape
from horngate.engine.layer import Layer
from horngate.engine.merge import RULES, Merge
from horngate.layers.core import Lambda

_OVER_TIME = {"sum": K.sum, "mul": K.prod, "ave": K.mean}


class TimeDistributedMerge(Layer):
    """Merge the steps of a sequence into one vector.

    # Input shape
        (samples, steps, features)

    # Output shape
        (samples, features)
    """

    mode: str = argument("what is made of the steps", default="sum", choices=tuple(_OVER_TIME))

    output_order = "last kept"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return _OVER_TIME[self.mode](x, axis=1)


class _MergeOf03(Merge):
    """A `Merge` without the arguments added by Keras 1."""

    output_mask_: Any = fixed(None)
    node_indices: Any = fixed(None)
    tensor_indices: Any = fixed(None)


class LambdaMerge(_MergeOf03):
    """Combine the outputs of several models by a function of their list."""

    layers: Any = argument("list of models")
    mode: Any = argument("function of the list of their outputs, written in K", alias="function")
    output_shape_: OutputShape = argument(
        "shape of the result, or a function from the list of shapes", default=None, alias="output_shape"
    )
    arguments: dict[str, Any] | None = argument("more keyword arguments for the function", default=None)
    concat_axis: int = fixed(-1)
    dot_axes: Any = fixed(-1)


class MaskedLambda(Lambda):
    """A `Lambda` that passes its mask on."""

    supports_masking = True


class AutoEncoder(Layer):
    """An encoder followed by a decoder."""

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
    """Base of layers that pass the mask of their input on, in Keras 0.3."""

    supports_masking = True


def _last(model):
    """Return the symbolic output of a layer or model."""
    return model.inbound_nodes[0].output_tensors[0]


def _merged_by(mode: str) -> Callable[..., Any]:
    def get_output(self, train=False):
        return RULES[mode](self.heads, self)

    get_output.__doc__ = f"The results merged by {mode!r}."
    return get_output


class Siamese(_MergeOf03):
    """One layer called on several inputs. Since Keras 1.0: `merge([layer(a), layer(b)])`."""

    layer: Any = argument("the layer (or model) that is shared", default=REQUIRED)
    inputs: Any = argument("list of layers or models on whose outputs it is called", default=REQUIRED)
    merge_mode: str | None = argument(
        "how its results become one, a mode of `Merge`; None leaves them apart: added to each of `inputs`, which are "
        "Sequential models, it is the shared layer there",
        default="concat",
    )
    concat_axis: int = argument("see `Merge`", default=1)
    dot_axes: Axes = argument("see `Merge`", default=-1)
    is_graph: bool = argument("kept for old programs", default=False)
    layers: Any = fixed(None)
    mode: Any = fixed(None)
    output_shape_: Any = fixed(None)
    arguments: Any = fixed(None)
    heads: list[Any] = attribute()

    _borrowed, _files_all = ("layers", "inputs", "heads"), True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mode = self.merge_mode or "concat"
        self.heads, self.layers = [], [*self.inputs, self.layer]  # files list the weights of `layers`
        if self.merge_mode is not None:
            self.heads = [self.layer(_last(model)) for model in self.inputs]
            super().__call__(self.heads)

    def __call__(self, x: TensorLike, mask: TensorLike = None, training: Any = None) -> TensorLike:
        if isinstance(x, list):
            return super().__call__(x, mask, training)
        self.heads.append(self.layer(x, mask, training))
        return self.heads[-1]

    get_output_sum: ClassVar[Callable[..., Any]] = _merged_by("sum")
    get_output_ave: ClassVar[Callable[..., Any]] = _merged_by("ave")
    get_output_mul: ClassVar[Callable[..., Any]] = _merged_by("mul")
    get_output_concat: ClassVar[Callable[..., Any]] = _merged_by("concat")
    get_output_dot: ClassVar[Callable[..., Any]] = _merged_by("dot")
    get_output_cos: ClassVar[Callable[..., Any]] = _merged_by("cos")

    def get_output_join(self, train: bool = False) -> list[TensorLike]:
        """Return the outputs, as a list."""
        return list(self.heads)

    def get_output(self, train: bool = False) -> TensorLike:
        """Return the outputs merged, or the list of outputs."""
        return self.heads if self.merge_mode is None else self.output

    def get_output_at(self, head: int, train: bool = False) -> TensorLike:
        """Return the output for input `head`."""
        return self.heads[head]

    def get_output_shape(self, head: int, train: bool = False) -> Shapes:
        """Return the shape of the output for input `head`."""
        return self.heads[head].shape

    def set_layer_input(self, head: int) -> None:
        """Do nothing; kept for old programs: here, each call of the shared layer has its own input."""

    get_config: ClassVar[Callable[..., dict[str, Any]]] = Layer.get_config

    @classmethod
    def from_config(cls, config: Any, custom_objects: dict[str, Any] | None = None) -> Self:
        config = {name: value for name, value in config.items() if name != "layers"}
        models = [make_layer(model, custom_objects) for model in config.pop("inputs")]
        return cls(make_layer(config.pop("layer"), custom_objects), models, **config)


class SiameseHead(Layer):
    """Follow a `Siamese` in a model, and select its output for input `head`; it returns its own input unchanged."""

    head: int = argument("which of them, from 0", at_least=0)

    supports_masking = True
    output_order = "kept"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return x


def add_shared_layer(layer: Any, inputs: TensorLike) -> None:
    """Add the same layer at the end of several Sequential models."""
    for model in inputs:
        model.add(layer)
