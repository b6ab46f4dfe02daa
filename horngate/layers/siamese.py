"""Siamese, the shared layer of Keras 0.3: one layer on several inputs, their results merged or apart."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

from horngate.backend.types import TensorLike
from horngate.engine.arguments import attribute
from horngate.engine.attributes import Shapes
from horngate.engine.container import make_layer
from horngate.engine.description import numbered
from horngate.engine.layer import Layer
from horngate.engine.merge import RULES, Merge


def _last(model):
    """The symbolic output of a layer or model."""
    return model.inbound_nodes[0].output_tensors[0]


def _merged_by(mode: str) -> Any:
    def get_output(self: Any, train: bool = False) -> Any:
        return RULES[mode](self.heads, self)

    get_output.__doc__ = f"The results merged by {mode!r}."
    return get_output


class Siamese(Merge):
    """One layer called on several inputs. Since Keras 1.0: `merge([layer(a), layer(b)])`.

    # Arguments
        layer: the layer (or model) that is shared.
        inputs: list of layers or models on whose outputs it is called.
        merge_mode: how its results become one, a mode of `Merge`; None leaves them apart: added to each of `inputs`,
            which are Sequential models, it is the shared layer there.
        concat_axis, dot_axes: see `Merge`.
        is_graph: kept for old programs.
    """

    layer: Any = attribute()
    inputs: Any = attribute()
    heads: list[Any] = attribute()
    merge_mode: str | None = attribute()

    _borrowed, _files_all = ("layers", "inputs", "heads"), True

    def __init__(
        self,
        layer: Any,
        inputs: TensorLike,
        merge_mode: str = "concat",
        concat_axis: int = 1,
        dot_axes: Any = -1,
        is_graph: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(mode=merge_mode or "concat", concat_axis=concat_axis, dot_axes=dot_axes, **kwargs)
        self.heads, self.layers = [], [*inputs, layer]  # whose weights a model's file lists
        if merge_mode is not None:
            self.heads = [layer(_last(model)) for model in inputs]
            super().__call__(self.heads)

    def __call__(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if isinstance(x, list):
            return super().__call__(x, mask)
        self.heads.append(self.layer(x, mask))
        return self.heads[-1]

    get_output_sum: ClassVar[Callable[..., Any]] = _merged_by("sum")
    get_output_ave: ClassVar[Callable[..., Any]] = _merged_by("ave")
    get_output_mul: ClassVar[Callable[..., Any]] = _merged_by("mul")
    get_output_concat: ClassVar[Callable[..., Any]] = _merged_by("concat")
    get_output_dot: ClassVar[Callable[..., Any]] = _merged_by("dot")
    get_output_cos: ClassVar[Callable[..., Any]] = _merged_by("cos")

    def get_output_join(self, train: bool = False) -> list[TensorLike]:
        """The results, as a list."""
        return list(self.heads)

    def get_output(self, train: bool = False) -> TensorLike:
        """The result: merged, or the list of those apart."""
        return self.heads if self.merge_mode is None else self.output

    def get_output_at(self, head: int, train: bool = False) -> TensorLike:
        """The result for input number `head`."""
        return self.heads[head]

    def get_output_shape(self, head: int, train: bool = False) -> Shapes:
        """The shape of the result for input number `head`."""
        return self.heads[head].shape

    def set_layer_input(self, head: int) -> None:
        """Kept for old programs: each call of the shared layer has an input of its own here."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make it again, as plain data."""

        def described(layer):
            return numbered(layer, {"class_name": type(layer).__name__, "config": layer.get_config()})

        names = ("merge_mode", "concat_axis", "dot_axes")
        return {
            "name": self.name,
            "layer": described(self.layer),
            "inputs": [described(model) for model in self.inputs],
            **{name: getattr(self, name) for name in names},
        }

    @classmethod
    def from_config(cls, config: Any, custom_objects: dict[str, Any] | None = None) -> Self:
        config = {name: value for name, value in config.items() if name != "layers"}
        models = [make_layer(model, custom_objects) for model in config.pop("inputs")]
        return cls(make_layer(config.pop("layer"), custom_objects), models, **config)


class SiameseHead(Layer):
    """Stands behind a `Siamese` in one of its models: the result for input number `head`, which is its input."""

    supports_masking = True
    output_order = "kept"

    def __init__(self, head: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return x


def add_shared_layer(layer: Any, inputs: TensorLike) -> None:
    """Put one layer at the end of each of several Sequential models."""
    for model in inputs:
        model.add(layer)
