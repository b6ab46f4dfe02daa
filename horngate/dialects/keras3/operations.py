"""Operation: a function of `ops` in a model of Keras 3, which its files describe like a layer."""

import importlib
from typing import Any

from horngate.backend.types import TensorLike
from horngate.dialects import later
from horngate.engine.arguments import argument
from horngate.engine.layer import Layer
from horngate.engine.node import to_list
from horngate.utils.generic_utils import snake_case

_GET_ITEM = "GetItem"
# Settings of an operation in Keras 3 that the function takes by place: before its tensors, or behind them.
_BEFORE, _BEHIND = {"Einsum": ("subscripts",)}, {"Clip": ("x_min", "x_max"), "Reshape": ("newshape",)}


class Operation(Layer):
    """A function of `ops` on the outputs of layers and on constants, such as the product in `2 * layer(x)`.

    # Input shape
        That of each tensor among the arguments of the function.
    """

    function: str = argument("the name of its class in Keras 3, such as `NotEqual` for `not_equal`")
    arguments: Any = argument("a list of its arguments; a tensor is `{'input': its number}`", default=())
    options: Any = argument("a dictionary of its arguments by name, tensors as in `arguments`", default=None)
    settings: Any = argument("a dictionary of more arguments, as the file tells them of the operation", default=None)
    module: str = argument("the module that the file tells", default="keras.src.ops.numpy")

    supports_masking = True
    output_order = "unknown"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.function != _GET_ITEM and snake_case(self.function) not in later.names("3")["ops"]:
            raise ValueError(
                f"layer {self.name!r} is the operation {self.function!r} of Keras 3, which horngate lacks: build the "
                "model in code, with a Lambda in its place, then load_weights."
            )

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        given = to_list(x)
        args = _filled(list(self.arguments), given)
        if self.function == _GET_ITEM:
            place = args[1]
            return args[0][tuple(place) if isinstance(place, list) else place]
        told = dict(self.settings or {})
        before, behind = ([told.pop(n) for n in t.get(self.function, ())] for t in (_BEFORE, _BEHIND))
        function = getattr(importlib.import_module("horngate.ops"), snake_case(self.function))
        return function(*before, *args, *behind, **told, **_filled(dict(self.options or {}), given))

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        return None


def _filled(told: Any, given: list[Any]) -> Any:
    """Put the tensors `given` in the places of their numbers."""
    if isinstance(told, dict):
        if told.keys() == {"input"}:
            return given[told["input"]]
        if told.get("class_name") == "__slice__":
            return slice(*(told["config"].get(end) for end in ("start", "stop", "step")))
        return {key: _filled(item, given) for key, item in told.items()}
    if isinstance(told, (list, tuple)):
        items = [_filled(item, given) for item in told]
        return tuple(items) if isinstance(told, tuple) else items
    return told
