"""Exports models to StableHLO, which JAX runs without horngate, and to ONNX."""

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving.files import FileError
from horngate.utils.generic_utils import PathLike, need
from horngate.utils.whole_files import atomic_write

if TYPE_CHECKING:
    from horngate.training.model import Model


def _check_flatbuffers() -> None:
    """Raise ImportError if flatbuffers is missing, which jax.export needs and jax does not install."""
    need("flatbuffers", "StableHLO files need a package: pip install '.[export]' where horngate was unpacked")


def to_stablehlo(model: "Model", filepath: PathLike, batch_size: int | None = None) -> None:
    """Write a model's prediction into a file of StableHLO, through `jax.export`.

    # Arguments
        model: any model; the file gets its current weights.
        filepath: the path to write to; the usual ending is `.stablehlo`.
        batch_size: positive int; without it the file takes any number of samples.

    `jax.export.deserialize(bytearray(content)).call` runs it with JAX and flatbuffers alone, on CPU, GPU and TPU, and
    `from_stablehlo` here. JAX promises to read such files for six months at least.

    Before it is written, the file's content is read back and compared with the model on an example.

    Raises ImportError where flatbuffers is not installed (`pip install '.[export]'`), ValueError where the
    comparison fails; there is no file then.
    """
    from horngate.training.pure import exported, imported

    _check_flatbuffers()
    content = exported(model, batch_size)
    _compare("to_stablehlo", model, batch_size, lambda inputs: imported(content)(*inputs))
    with atomic_write(filepath) as path, open(path, "wb") as file:
        file.write(content)


def from_stablehlo(filepath: PathLike) -> Callable[..., Any]:
    """The prediction in `filepath`, a file of `to_stablehlo`, as a function of one array for each input.

    Raises ValueError where the file is none of these.
    """
    from horngate.training.pure import imported

    _check_flatbuffers()
    with open(filepath, "rb") as file:
        content = file.read()
    try:
        run = imported(content)
    except Exception as error:  # the reader has no error class of its own
        raise FileError(f"{filepath} is no StableHLO file that this version of JAX reads: {error}") from error

    def predict(*inputs):
        outputs = run(*[np.asarray(x) for x in inputs])
        return [np.asarray(y) for y in outputs] if isinstance(outputs, (tuple, list)) else np.asarray(outputs)

    return predict


def to_onnx(model: "Model", filepath: PathLike, batch_size: int | None = None) -> None:
    """Write a model's prediction into an ONNX file, through jax2onnx.

    # Arguments
        model: any model whose sizes are known, except for the number of samples.
        filepath: the path to write to; the usual ending is `.onnx`.
        batch_size: positive int; without it the file takes any number of samples.

    The file is checked by `onnx`, and where onnxruntime is installed compared with the model on an example.

    Raises ImportError where jax2onnx is not installed (`pip install '.[onnx]'`), what jax2onnx raises for an
    operation that it cannot convert, and ValueError where the file is not valid or differs; there is no file then.
    """
    need("jax2onnx", "to_onnx needs a package: pip install '.[onnx]' where horngate was unpacked")
    import jax2onnx

    from horngate.backend import kernels
    from horngate.backend.recurrence import without_loops
    from horngate.training.pure import typed_prediction

    for x in model.inputs:
        if None in x.shape[1:]:
            raise ValueError(
                f"to_onnx: input {x.name!r} has the shape {x.shape}; all sizes but that of the batch must be known."
            )
    options = {"model_name": model.name, "return_mode": "file", "input_names": model.input_names}
    with atomic_write(filepath) as path:
        with without_loops(), kernels.without():
            jax2onnx.to_onnx(*typed_prediction(model, batch_size), output_path=path, **options)
        _check_onnx(model, path, batch_size)


def _check_onnx(model: "Model", path: PathLike, batch_size: int | None) -> None:
    """Raise unless the file is valid and, where onnxruntime is installed, predicts what the model does."""
    import onnx

    try:
        onnx.checker.check_model(str(path), full_check=True)
    except Exception as error:  # the checker has several error classes
        raise ValueError(
            f"to_onnx: what jax2onnx made of {model.name} is no valid ONNX file, and is not kept: {error} {_INSTEAD}"
        ) from error
    if importlib.util.find_spec("onnxruntime") is None:
        return
    import onnxruntime

    def run(inputs):
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return session.run(None, dict(zip(model.input_names, inputs)))

    _compare("to_onnx", model, batch_size, run)


_INSTEAD = "Export with to_stablehlo, or leave the layer out that cannot be converted."
_TOLERANCE = 1e-3  # of the largest number; other programs add in another order


def _compare(what: str, model: "Model", batch_size: int | None, run: Callable[[Any], Any]) -> None:
    """Raise unless `run`, the exported model, gives the same as the model for an example."""
    from horngate.training.pure import example_inputs, prediction_for

    inputs = example_inputs(model, batch_size)
    expected = prediction_for(model, inputs)
    try:
        found = run(inputs)
    except Exception as error:  # each reader has its own error classes
        raise ValueError(
            f"{what}: the file made of {model.name} cannot be run, and is not kept: {error} {_INSTEAD}"
        ) from error
    found = [np.asarray(y) for y in (found if isinstance(found, (list, tuple)) else [found])]
    for name, got, want in zip(model.output_names, found, expected, strict=True):
        if (got.shape, got.dtype) != (want.shape, want.dtype):
            fault = f"shape {got.shape} and type {got.dtype}, not {want.shape} and {want.dtype}"
        elif not np.allclose(got, want, rtol=_TOLERANCE, atol=_TOLERANCE * np.abs(want).max(), equal_nan=True):
            fault = f"numbers that differ by up to {np.abs(got - want).max():.3g}"
        else:
            continue
        raise ValueError(
            f"{what}: the file made of {model.name} is not kept: for an example, output {name!r} has {fault}. "
            f"{_INSTEAD}"
        )
