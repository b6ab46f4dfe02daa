"""A model's prediction as a pure function of arrays, for converters and `jax.export`."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import eval_jaxpr

from horngate.backend import kernels
from horngate.backend.function import Function
from horngate.backend.types import TensorLike
from horngate.engine.front import TEXT


def pure_prediction(model: Any) -> Callable[..., Any]:
    """Return a function of the model's inputs, one argument each, that returns its output, or a tuple of outputs.

    The current weights and states are constants of the function; it runs in phase 0.
    """
    function = Function(_inputs_of(model), model.outputs, name="predict")
    key = np.zeros(2, np.uint32)

    def run(state, feeds):
        return function.run(state, feeds, key, 0)[0]

    def trace():
        state = function.state()
        shapes = [tuple(2 if size is None else size for size in x.shape) for x in model.inputs]
        jax.eval_shape(run, state, [jax.ShapeDtypeStruct(s, x.dtype) for s, x in zip(shapes, model.inputs)])
        return state

    state = [np.asarray(value) for value in function.retrying(trace)]

    def predict(*inputs):
        outputs = run([jnp.asarray(value) for value in state], list(inputs))
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    return predict


def _inputs_of(model):
    if any(x.dtype == TEXT for x in model.inputs):
        raise TypeError(
            f"{model.name} takes texts, which no compiled program has: export a model of the layers behind those that "
            "make numbers of them, Model(numbers, output)."
        )
    return model.inputs


def input_shapes(model: Any, batch_size: int | None = None) -> list[Any]:
    """Return the shape and dtype of each input, for tracing; unknown sizes, such as `batch`, are symbols."""
    from jax import export

    scope = export.SymbolicScope()
    names = iter(f"n{i}" for i in range(1, 1000))
    shapes = []
    for x in _inputs_of(model):
        sizes = [str(batch_size or "batch") if x.shape[0] is None else str(x.shape[0])]
        sizes += [next(names) if size is None else str(size) for size in x.shape[1:]]
        shapes.append(jax.ShapeDtypeStruct(export.symbolic_shape(",".join(sizes), scope=scope), x.dtype))
    return shapes


def typed_prediction(model: Any, batch_size: int | None = None) -> tuple[Callable[..., Any], list[Any]]:
    """Return (the prediction as operations of JAX with fixed dtypes, the shapes of its inputs).

    Converters replace jax.numpy by functions of their own, which promote mixed dtypes differently. As the prediction is
    traced here first, nothing is left to promote.
    """
    shapes = input_shapes(model, batch_size)
    traced = jax.make_jaxpr(pure_prediction(model))(*shapes)

    def predict(*inputs):
        outputs = eval_jaxpr(traced.jaxpr, traced.consts, *inputs)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    return predict, shapes


def example_inputs(model: Any, batch_size: int | None = None) -> list[np.ndarray]:
    """Make data of the shapes and dtypes of a model's inputs; only 0 and 1 if a layer may read them as indices."""
    random, count = np.random.default_rng(0), batch_size or 2
    indices = any(not layer.takes_numbers for layer in _layers_within(model))
    inputs = []
    for x in model.inputs:
        shape = (x.shape[0] or count, *(_EXAMPLE_SIZE if size is None else size for size in x.shape[1:]))
        drawn = random.integers(0, 2, shape) if indices else random.normal(size=shape)
        absent = random.random((*shape[:2], *(1,) * (len(shape) - 2))) < 0.2  # steps to mask out
        inputs.append(np.where(absent, 0, drawn).astype(x.dtype))
    return inputs


_EXAMPLE_SIZE = 32  # for an unknown size


def _layers_within(layer):
    """Return a layer and all layers within it."""
    yield layer
    for held in getattr(layer, "layers", None) or getattr(layer, "held", ()):
        yield from _layers_within(held)


def prediction_for(model: Any, inputs: TensorLike) -> list[np.ndarray]:
    """Return the model's outputs for `inputs`, as a list; states do not change."""
    outputs = jax.jit(pure_prediction(model))(*inputs)
    return [np.asarray(y) for y in (outputs if isinstance(outputs, tuple) else (outputs,))]


def exported(model: Any, batch_size: int | None = None, platforms: Sequence[str] = ("cpu", "cuda", "tpu")) -> bytearray:
    """Serialize a model's prediction by `jax.export`; for any batch size if `batch_size` is None."""
    from jax import export

    run = jax.jit(pure_prediction(model))
    with kernels.without():  # the file must run without horngate
        return export.export(run, platforms=platforms)(*input_shapes(model, batch_size)).serialize()


def imported(content: Any) -> Callable[..., Any]:
    """Return the function in the bytes returned by `exported`."""
    from jax import export

    return jax.jit(export.deserialize(bytearray(content)).call)


class Pure(NamedTuple):
    """A model as a pure function, with its parameters and its state as dictionaries of arrays by name.

    `apply(params, state, *inputs, training=False, key=None)` returns (outputs, new state). `restore(params, state)`
    gives the model these values. Both dictionaries are pytrees: Optax, NumPyro and others take them as they are.
    """

    apply: Callable[..., Any]
    params: dict[str, Any]
    state: dict[str, Any]
    restore: Callable[..., None]


def pure(model: Any) -> Pure:
    """Return a model, or a layer that has been built, as a pure function.

    >>> from horngate.layers import Dense
    >>> from horngate.models import Sequential
    >>> apply, params, state, restore = pure(Sequential([Dense(2, input_dim=3)]))
    >>> apply(params, state, np.ones((4, 3)))[0].shape
    (4, 2)
    """
    from horngate.engine.stateless import called_on

    trained = _by_name(model.trainable_weights)
    kept = _by_name(model.non_trainable_weights)

    def apply(params: Any, state: Any, *inputs: Any, training: bool = False, key: Any = None) -> Any:
        values = {v: params[name] for name, v in trained.items()} | {v: state[name] for name, v in kept.items()}
        outputs, after, _ = called_on(model, values, inputs, {"training": training}, key)
        return outputs, {name: after[v] for name, v in kept.items()}

    def restore(params: Any, state: Any) -> None:
        for variables, values in ((trained, params), (kept, state)):
            for name, variable in variables.items():
                variable.set_value(values[name])

    params, state = ({n: jnp.asarray(v.get_value()) for n, v in part.items()} for part in (trained, kept))
    return Pure(apply, params, state, restore)


def _by_name(variables):
    """Return name -> variable; equal names get numbers."""
    found: dict[str, Any] = {}
    for variable in variables:
        number = 1
        while (name := variable.label if number == 1 else f"{variable.label}_{number}") in found:
            number += 1
        found[name] = variable
    return found
