"""Tools for tests: random data that can be learned, and a check of a layer's contract."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

import numpy as np

from horngate import backend as K
from horngate.backend.orders import of_eras
from horngate.layers import Input
from horngate.models import Model, Sequential, model_from_json

P = ParamSpec("P")
R = TypeVar("R")


@of_eras(same=0)
def get_test_data(
    nb_train: int = 1000,
    nb_test: int = 500,
    input_shape: Sequence[int] = (10,),
    output_shape: Sequence[int] = (2,),
    classification: bool = True,
    nb_class: int = 2,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Random data that can be learned: `(X_train, y_train), (X_test, y_test)`.

    # Arguments
        nb_train, nb_test: numbers of samples.
        input_shape: shape of a sample, which is drawn around a point of its class.
        output_shape: shape of a target if `classification` is False: the mean of the class.
        classification: whether targets are class numbers.
        nb_class: number of classes.
    """
    count = nb_train + nb_test
    classes = np.random.randint(0, nb_class, size=count)
    centres = 0.7 * np.random.randn(nb_class, *input_shape)
    X = (centres[classes] + 0.3 * np.random.randn(count, *input_shape)).astype(K.floatx())
    y = classes
    if not classification:
        y = (np.random.randn(nb_class, *output_shape)[classes]).astype(K.floatx())
    return (X[:nb_train], y[:nb_train]), (X[nb_train:], y[nb_train:])


def layer_test(
    layer_cls: Callable[..., Any],
    kwargs: dict[str, Any] = {},  # noqa: B006  as Keras 1 had it; it is only read
    input_shape: Sequence[int | None] | None = None,
    input_dtype: str | None = None,
    input_data: np.ndarray | None = None,
    expected_output: np.ndarray | None = None,
    expected_output_dtype: str | None = None,
    fixed_batch_size: bool = False,
) -> np.ndarray:
    """Check the contract of a layer; returns its output for `input_data`.

    The layer is made, called, converted to JSON and back, put into a functional and a sequential model, and trained.

    # Arguments
        layer_cls: the class.
        kwargs: the arguments of its constructor.
        input_shape: shape of the input, batch size included; None for any size.
        input_dtype: number type of the input; by default that of `input_data`, or floatx.
        input_data: the input; by default random numbers from 0 to 10 of `input_shape`.
        expected_output, expected_output_dtype: the required output and its type.
        fixed_batch_size: whether the model has a fixed batch size.

    # Raises
        AssertionError: names the violated part of the contract.
    """
    if input_data is None:
        if input_shape is None:
            raise ValueError("layer_test needs input_shape or input_data.")
        sizes = [np.random.randint(1, 4) if size is None else size for size in input_shape]
        input_data = (10 * np.random.random(sizes)).astype(input_dtype or K.floatx())
    input_shape = input_shape or input_data.shape
    input_dtype = input_dtype or str(input_data.dtype)
    layer = layer_cls(**kwargs)
    batch_shape = tuple(input_shape) if fixed_batch_size else (None, *input_shape[1:])
    x = Input(batch_shape=batch_shape, dtype=input_dtype)
    y = layer(x)
    wanted = expected_output_dtype or K.floatx()
    assert K.dtype(y) == wanted, f"{layer.name}: the output has dtype {K.dtype(y)}, not {wanted}"
    model = Model(x, y)
    output: Any = model.predict(input_data, batch_size=len(input_data))
    _check_shape(layer, layer.get_output_shape_for(batch_shape), output.shape)
    if expected_output is not None:
        np.testing.assert_allclose(output, expected_output, rtol=1e-3)
    _check_written_down(model, layer_cls, input_data, output)
    sequential = Sequential()
    sequential.add(layer_cls(**{**kwargs, "batch_input_shape": batch_shape, "input_dtype": input_dtype}))
    sequential.compile("rmsprop", "mse")
    sequential.train_on_batch(input_data, output)
    return output


def _check_shape(layer: Any, declared: Sequence[int | None], found: Sequence[int]) -> None:
    fits = len(declared) == len(found) and all(want in (None, got) for want, got in zip(declared, found))
    assert fits, f"{layer.name}: get_output_shape_for says {tuple(declared)}, the output has shape {found}"


def _check_written_down(model: Any, layer_cls: Any, input_data: np.ndarray, output: np.ndarray) -> None:
    """Check that the model from its JSON predicts the same with the same weights."""
    again: Any = model_from_json(model.to_json(), custom_objects={layer_cls.__name__: layer_cls})
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(input_data, batch_size=len(input_data)), output, rtol=1e-5, atol=1e-6)


def keras_test(func: Callable[P, R]) -> Callable[P, R]:
    """Decorate a test `func`: reset the numbers in names before and after it."""

    @functools.wraps(func)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        K.clear_session()
        try:
            return func(*args, **kwargs)
        finally:
            K.clear_session()

    return wrapper
