"""Operation: a function between the layers of a model, as in `2 * layer(x)`, which files describe like a layer."""

import functools
import importlib
import inspect
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.graph import Tensor, Variable
from horngate.backend.operators import inverted, part
from horngate.backend.types import TensorLike
from horngate.dialects import later
from horngate.engine.arguments import argument
from horngate.engine.arrangement import is_array
from horngate.engine.layer import Layer, single, to_list
from horngate.engine.node import Node
from horngate.utils.generic_utils import snake_case

_GET_ITEM = "GetItem"
# Classes of Keras 3 that are not named like their functions.
_CLASSES = {
    "abs": "Absolute",
    "allclose": "AllClose",
    "batch_normalization": "BatchNorm",
    "cdist": "CDist",
    "ctc_loss": "CTCLoss",
    "hsv_to_rgb": "HSVToRGB",
    "isin": "IsIn",
    "layer_normalization": "LayerNorm",
    "rgb_to_grayscale": "RGBToGrayscale",
    "rgb_to_hsv": "RGBToHSV",
    "rms_normalization": "RMSNorm",
    "searchsorted": "SearchSorted",
    **{
        name: name.upper() for name in ("fft", "fft2", "ifft2", "irfft", "istft", "psnr", "rfft", "ssim", "stft", "svd")
    },
}
_FUNCTIONS = {name: function for function, name in _CLASSES.items()}
# Arguments that Keras 3 gives to a call; its files tell all others of the operation.
_WORDS = (
    "a abs_ angle array b beta bias bins choicelist condition condlist constant_values coordinates data default "
    "depthwise_kernel end_points fill_value gamma images image1 image2 indices inputs kernel key mask mean offset "
    "operands output output_length output_shape pointwise_kernel predictions q query scale segment_ids "
    "sorted_sequence start start_indices start_points stop target target_length targets tensor transform translation "
    "updates value values variable variance weights x x1 x2 xs y"
)
_CALLED = frozenset(_WORDS.split())
_EXCEPTIONS = {  # class -> arguments that it takes the other way
    "Bincount": ["weights"],
    "Diagonal": ["offset"],
    "Histogram": ["bins"],
    "Isclose": ["rtol", "atol"],
    "Squareplus": ["b"],
    "Trace": ["offset"],
    "Trapezoid": ["x"],
}
_ONLY_HERE = {"Relu": ("alpha", "max_value", "threshold"), "Softmax": ("where",)}
_PLAIN = (bool, int, float, complex, str, type(None))


class Operation(Layer):
    """A function of `ops`, or of K, on the outputs of layers and on constants, such as the product in `2 * layer(x)`.

    # Input shape
        That of each tensor among the arguments of the function.
    """

    function: str = argument(
        "its class in Keras 3, such as `NotEqual` for `ops.not_equal`, or the name of K's function"
    )
    arguments: Any = argument("a list of its arguments; a tensor is `{'input': its number}`", default=())
    options: Any = argument("a dictionary of its arguments by name, tensors as in `arguments`", default=None)
    settings: Any = argument("a dictionary of more arguments, as the file tells them of the operation", default=None)

    supports_masking = _is_function = True
    autocast = False
    output_order = "unknown"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.function != _GET_ITEM and _found(self.function) is None:
            raise ValueError(
                f"layer {self.name!r} is the operation {self.function!r} of Keras 3, which horngate lacks: build the "
                "model in code, with a Lambda in its place, then load_weights."
            )

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        given = to_list(x)
        args = _filled(list(self.arguments), given)
        if self.function == _GET_ITEM:
            return args[0][tuple(args[1]) if isinstance(args[1], list) else args[1]]
        told, rest = _filled({**(self.settings or {}), **(self.options or {})}, given), list(args)
        by_place: list[Any] = []
        for name, parameter in inspect.signature(function := _found(self.function)).parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                by_place, rest = [*by_place, *rest], []
            elif not rest and name not in told:
                break
            elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                by_place.append(told.pop(name) if name in told else rest.pop(0))
        return function(*by_place, *rest, **told)

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        return None

    def as_in_keras_3(self) -> tuple[str, dict[str, Any], list[Any], dict[str, Any]] | None:
        """Return (module, settings, arguments by place, those by name) of Keras 3; None for a function of K alone."""
        if self.function == _GET_ITEM or self.settings is not None:
            return _module(self.function), self.settings or {}, list(self.arguments), self.options or {}
        lacking = _ONLY_HERE.get(self.function, ())
        if self.function[0].islower() or self.function == "Rearrange":
            return None
        bound = inspect.signature(_found(self.function)).bind(*self.arguments, **self.options or {})
        if any(name in bound.arguments for name in lacking):
            return None
        bound.apply_defaults()
        settings: dict[str, Any] = {}
        args: list[Any] = []
        called = _CALLED ^ {*_EXCEPTIONS.get(self.function, ())}
        called -= {"fill_value"} if _module(self.function).endswith("image") else set()
        for name, value in bound.arguments.items():
            parameter = bound.signature.parameters[name]
            if parameter.kind is parameter.VAR_POSITIONAL:
                args.extend(value)
            elif parameter.kind is parameter.VAR_KEYWORD:
                settings |= value
            elif name in called or _is_held(value):
                args.append(value)
            elif name not in lacking and (value is not None or parameter.default is not None):
                settings[name] = value
        return _module(self.function), settings, args, {}


def _is_held(told: Any) -> bool:
    """Return whether a described argument holds a tensor."""
    if isinstance(told, dict):
        return told.keys() == {"input"} or any(map(_is_held, told.values()))
    return isinstance(told, (list, tuple)) and any(map(_is_held, told))


def _function_name(told: str) -> str:
    return _FUNCTIONS.get(told) or snake_case(told)


def _module(function: str) -> str:
    name = _function_name(function)
    return "keras.src.ops.image" if name in later.names("3")["ops.image"] else "keras.src.ops"


@functools.cache
def _found(function: str) -> Any:
    """Return the function that an operation names: one of K, or of `ops` for a class of Keras 3; None for another."""
    if function[:1].islower() and function in K.__all__:
        found = getattr(K, function)
    else:
        found = _of_ops(function if function[:1].islower() else _function_name(function))
    return found if hasattr(found, "on_arrays") or function == "Unstack" else None


def _of_ops(name: str) -> Any:
    for module in ("ops", "ops.image"):
        if name in later.names("3")[module]:
            return getattr(importlib.import_module(f"horngate.{module}"), name)
    return None


def _filled(told: Any, given: list[Any]) -> Any:
    """Return described arguments as they are, with the tensors `given` in the places of their numbers."""
    if isinstance(told, dict):
        if told.keys() == {"input"}:
            return given[told["input"]]
        kind, inner = told.get("class_name"), told.get("config") or {}
        if kind == "__slice__":
            return slice(*(_filled(inner.get(end), given) for end in ("start", "stop", "step")))
        if kind == "__ellipsis__":
            return Ellipsis
        if kind == "__numpy__":
            return np.asarray(inner["value"], inner["dtype"])
        return {key: _filled(item, given) for key, item in told.items()}
    if isinstance(told, (list, tuple)):
        items = [_filled(item, given) for item in told]
        return items if any(map(is_array, items)) else tuple(items)
    return told


# Functions that a model was made with.

_OPERATORS: dict[Any, str] = {
    operator.add: "Add",
    operator.sub: "Subtract",
    operator.mul: "Multiply",
    operator.truediv: "TrueDivide",
    operator.floordiv: "FloorDivide",
    operator.mod: "Mod",
    operator.pow: "Power",
    operator.matmul: "Matmul",
    operator.lt: "Less",
    operator.le: "LessEqual",
    operator.gt: "Greater",
    operator.ge: "GreaterEqual",
    operator.neg: "Negative",
    operator.abs: "Absolute",
    part: _GET_ITEM,
}
_OF_BITS = {operator.and_: "And", operator.or_: "Or", inverted: "Not"}


class _NotPlain(Exception):
    """An argument that no file can hold."""


def adopt(nodes: Iterable[Any]) -> None:
    """Put calls of Operations in the places of `nodes`, functions between layers in their order, for files.

    A function without a name, or with an argument that is no plain data, stays as it is.
    """
    for node in nodes:
        _adopt(node)


def _adopt(node: Any) -> None:
    inputs: list[Any] = []
    name = _name_of(node)
    if name is None or any(x is None or x.is_size for x in node.outputs):
        return
    try:
        arguments = [_described(item, inputs) for item in node.args]
        if name == _GET_ITEM:
            arguments[1] = _key(node.args[1], inputs)
        options = {key: _described(item, inputs) for key, item in node.kwargs.items()}
    except _NotPlain:
        return
    if not inputs or any(x._keras_history is None for x in inputs):
        return
    stem = _function_name(name)
    layer: Any = Operation(function=name, arguments=arguments, options=options, name=f"{stem}_{K.get_uid(stem)}")
    layers, calls, places = (list(part) for part in zip(*(x._keras_history for x in inputs)))
    masks, none = [x._keras_mask for x in inputs], [None] * len(node.outputs)
    shapes = [x.shape for x in inputs], [x.shape for x in node.outputs]
    made = Node(layer, layers, calls, places, inputs, node.outputs, masks, none, *shapes)
    layer.inbound_nodes.append(made)
    layer.built = True
    for before in layers:
        before.outbound_nodes.append(made)
    for place, x in enumerate(node.outputs):
        x.node, x._keras_history, x.index = made, (layer, 0, place), place


def _name_of(node: Any) -> str | None:
    """Return the name of the function of a node: of a class of Keras 3, or of a function of K."""
    function = node.function
    if function in _OPERATORS:
        return _OPERATORS[function]
    if function in _OF_BITS:
        logical = all(x.dtype == "bool" for x in node.symbols())
        return f"{'Logical' if logical else 'Bitwise'}{_OF_BITS[function]}"
    name = getattr(function, "__name__", "").removesuffix("_of_keras_3")
    told = _CLASSES.get(name) or "".join(word.capitalize() for word in name.split("_"))
    if getattr(_of_ops(name), "on_arrays", None) is function:
        return told if _found(told) else name
    return name if getattr(_found(name), "on_arrays", None) is function else None


def _described(item: Any, inputs: list[Any]) -> Any:
    """Return an argument as plain data; tensors are appended to `inputs`."""
    if isinstance(item, Tensor):
        inputs.append(item)
        return {"input": len(inputs) - 1}
    if isinstance(item, Variable) or isinstance(item, np.ndarray) and item.dtype == object:
        raise _NotPlain
    if type(item) in _PLAIN:
        return item
    if isinstance(item, (list, tuple)):
        return [_described(each, inputs) for each in item]
    if isinstance(item, dict):
        return {str(key): _described(each, inputs) for key, each in item.items()}
    if item is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(item, slice):
        ends = {end: _described(getattr(item, end), inputs) for end in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": ends}
    if is_array(item):
        array = np.asarray(item)
        return {"class_name": "__numpy__", "config": {"value": array.tolist(), "dtype": array.dtype.name}}
    if isinstance(item, (np.dtype, type)):
        return np.dtype(item).name
    raise _NotPlain


def _key(key: Any, inputs: list[Any]) -> Any:
    """Describe what stands in brackets: a list in it stands for an array of places."""
    parts = key if isinstance(key, tuple) else (key,)
    told = [_described(np.asarray(each) if isinstance(each, list) else each, inputs) for each in parts]
    return told if isinstance(key, tuple) else single(told)
