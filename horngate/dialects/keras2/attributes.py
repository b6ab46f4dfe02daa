"""The attributes of layers in the words of Keras 2 and 3: arguments, weights, lists of weights.

A word answers for a layer that has what it means, and for a layer that sets an attribute of this name itself.
"""

from typing import Any

from horngate.backend import config
from horngate.backend.arrays.formats import FORMATS
from horngate.backend.graph import Variable
from horngate.dialects.orders import SPELLINGS, meaning
from horngate.dialects.reading import spoken, translate
from horngate.engine.stateless import rematerialized_call, stateless_call, symbolic_call  # noqa: F401  lent to layers
from horngate.engine.sublayers import with_sublayers
from horngate.mixed_precision import DTypePolicy

_WEIGHTS = {  # word -> (attribute, roles of the weight)
    "kernel": ("W", ("kernel", "transposed_kernel")),
    "recurrent_kernel": ("U", ("recurrent_kernel",)),
    "embeddings": ("W", ("embeddings",)),
    "moving_mean": ("running_mean", ("moving_mean",)),
    "moving_variance": ("running_variance", ("moving_variance",)),
}


def under_our_names(layer: Any) -> None:
    """Let the formula of a class of ours find the weights that a subclass has made under the names of Keras 2."""
    for word, name in (*((word, name) for word, (name, _) in _WEIGHTS.items()), ("bias", "b")):
        weight = vars(layer).get(word)
        if isinstance(weight, Variable) and weight.ndim < 3:  # kernels of images may lie otherwise
            vars(layer).setdefault(name, weight)
    if vars(layer).get("bias") is False:
        vars(layer).setdefault("b", None)


def _missing(layer: Any, word: str) -> AttributeError:
    return AttributeError(f"{type(layer).__name__!r} object has no attribute {word!r}")


def _weight(word: str, attribute: str, roles: tuple[str, ...]) -> property:
    def found(layer):
        weight = vars(layer).get(attribute)
        if not isinstance(weight, Variable) or weight.role not in roles:
            raise _missing(layer, word)
        return weight

    return property(found, doc=f"The weight `{attribute}` under its name in Keras 2 and 3.")


def _value(layer: Any, name: str, word: str) -> Any:
    """Return the argument `name` of a layer, in the words of Keras 2 and 3."""
    told = type(layer).__declared__[name]
    value = getattr(layer, told.attribute)
    if word == "use_bias":
        return value is not False
    return FORMATS.get(value, value) if word == "data_format" else value


def _argument(word: str, targets: tuple[Any, ...]) -> property:
    def found(layer):
        declared = type(layer).__declared__
        for target in targets:
            parts = target if isinstance(target, tuple) else (target,)
            if all(part in declared for part in parts):
                values = tuple(_value(layer, part, word) for part in parts)
                return values if isinstance(target, tuple) else values[0]
        raise _missing(layer, word)

    return property(found, doc=f"The argument `{word}` of Keras 2 and 3.")


def set_argument(layer: Any, word: str, value: Any) -> bool:
    """Set the argument that `word` of Keras 2 and 3 means to a `layer`; return False if there is none."""
    declared = type(layer).__declared__
    if word not in SPELLINGS or meaning(word, declared) in (None, word):
        return False
    with spoken(lambda: {word: meaning(word, declared)}):
        for name, item in translate({word: value}, declared).items():
            setattr(layer, declared[name].attribute, item)
    return True


def __getattr__(word: str) -> Any:
    """Return the property of layers for a word of Keras 2 and 3."""
    if word in _WEIGHTS:
        return _weight(word, *_WEIGHTS[word])
    if word in SPELLINGS:
        return _argument(word, (word, *SPELLINGS[word]))
    raise AttributeError(f"module {__name__!r} has no attribute {word!r}")


def _cell(layer: Any) -> Any:
    """Return the cell that computes one step of a recurrent layer, with its arguments and weights."""
    from horngate.layers import cells  # deferred: few programs ask for it

    kinds = [getattr(cells, f"{kind.__name__}Cell", None) for kind in type(layer).__mro__]
    kind = next((kind for kind in kinds if kind), None)
    if kind is None:
        raise _missing(layer, "cell")
    made: Any = object.__new__(kind)
    vars(made).update(vars(layer), input_spec=None, inbound_nodes=[], outbound_nodes=[])
    return made


cell: Any = property(_cell, doc="The cell that computes one step of a recurrent layer.")
variables: Any = property(lambda layer: layer.weights, doc="All weights.")
trainable_variables: Any = property(lambda layer: layer.trainable_weights, doc="The weights that training changes.")
non_trainable_variables: Any = property(
    lambda layer: layer.non_trainable_weights, doc="The weights that training does not change."
)


def save_own_variables(self: Any, store: Any) -> None:
    """Write the values of all weights to `store`, a dictionary or group, under "0", "1", ..."""
    for number, value in enumerate(self.get_weights()):
        store[str(number)] = value


def load_own_variables(self: Any, store: Any) -> None:
    """Set all weights to the values in `store`, as `save_own_variables` writes them."""
    self.set_weights([store[str(number)] for number in range(len(store))])


_inbound_nodes: Any = property(lambda layer: layer.inbound_nodes, doc="The calls of the layer.")
_outbound_nodes: Any = property(lambda layer: layer.outbound_nodes, doc="The calls that take its outputs.")

validation_data: Any = property(
    lambda callback: callback.model.validation_data, doc="The arrays that the model is validated on, in one list."
)


def _policy(layer: Any) -> DTypePolicy:
    return DTypePolicy(config.floatx() if layer._precision is None else layer._precision.name)


dtype_policy: Any = property(_policy, doc="The number types in which the layer computes and keeps weights.")
compute_dtype: Any = property(lambda layer: _policy(layer).compute_dtype, doc="The number type of its computations.")
variable_dtype: Any = property(lambda layer: _policy(layer).variable_dtype, doc="The number type of the weights.")
dtype = variable_dtype
input_dtype: Any = property(
    lambda layer: _policy(layer).compute_dtype, doc="The number type that the layer reads its inputs in."
)
input_spec: Any = property(lambda layer: None, doc="What its inputs must fulfil, an InputSpec or a list of them.")
path: Any = property(lambda layer: layer.name, doc="The name of the layer.")


def _metrics(layer: Any) -> list[Any]:
    from horngate.metrics import Metric  # deferred: few layers hold any

    held = [value for member in with_sublayers(layer) for value in vars(member).values()]
    return [each for each in held if isinstance(each, Metric)]


metrics: Any = property(_metrics, doc="The metrics that the layer and its sublayers hold in attributes.")
metrics_variables: Any = property(
    lambda layer: [v for metric in _metrics(layer) for v in metric.variables], doc="The variables of the `metrics`."
)


def add_metric(self: Any, *args: Any, **kwargs: Any) -> None:
    """Refuse, as Keras 3 does; `args` and `kwargs` are those of Keras 2."""
    raise NotImplementedError(
        f"{type(self).__name__} {self.name}: there is no add_metric. Keep a metric in an attribute and call its "
        "update_state, or give compile(metrics=[...])."
    )


def add_variable(
    self: Any,
    shape: Any,
    initializer: Any,
    dtype: Any = None,
    trainable: bool = True,
    autocast: bool = True,
    regularizer: Any = None,
    constraint: Any = None,
    name: str | None = None,
) -> Variable:
    """Make a weight: `add_weight` under another name, with these arguments in the places of Keras 3."""
    told = {"dtype": dtype, "autocast": autocast, "regularizer": regularizer, "constraint": constraint}
    return self.add_weight(shape, initializer, name=name, trainable=trainable, **told)


def _spec(layer: Any) -> dict[str | None, list[str]]:
    if "quantization_config" not in type(layer).__declared__:
        raise _missing(layer, "variable_serialization_spec")
    names = ["kernel", "bias"] if hasattr(layer, "kernel") else ["embeddings"]
    return {None: names}


variable_serialization_spec: Any = property(_spec, doc="The names of the weights in files; None: without quantization.")
