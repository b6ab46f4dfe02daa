"""Models for the world outside: StableHLO, which JAX runs without horngate, and ONNX."""
import importlib.util

import numpy as np

from horngate.saving.files import FileError, atomic


def _check_flatbuffers():
    """jax.export writes and reads files by a package that jax itself does not bring."""
    if importlib.util.find_spec("flatbuffers") is None:
        raise ImportError("StableHLO files need a package that is not installed: pip install horngate[export]")


def to_stablehlo(model, filepath, batch_size=None):
    """Write a model's prediction into a file of StableHLO, through `jax.export`.

    # Arguments
        model: any model; its weights of now go into the file.
        filepath: where to; the customary ending is `.stablehlo`.
        batch_size: positive int; without it the file takes any number of samples.

    `jax.export.deserialize(bytearray(content)).call` runs it with JAX and flatbuffers alone, on CPU, GPU and TPU, and
    `from_stablehlo` here. JAX promises to read such files for six months at least.

    Raises ImportError where flatbuffers is not installed (`pip install horngate[export]`).
    """
    from horngate.engine.pure import exported

    _check_flatbuffers()
    content = exported(model, batch_size)
    with atomic(filepath) as path, open(path, "wb") as file:
        file.write(content)


def from_stablehlo(filepath):
    """The prediction in a file of `to_stablehlo`, as a function of arrays, one for each input of the model.

    Raises ValueError where the file is none of these.
    """
    from horngate.engine.pure import imported

    _check_flatbuffers()
    with open(filepath, "rb") as file:
        content = file.read()
    try:
        run = imported(content)
    except Exception as error:  # the reader of such files has no error of its own
        raise FileError(f"{filepath} is no StableHLO file that this version of JAX reads: {error}") from error

    def predict(*inputs):
        outputs = run(*[np.asarray(x) for x in inputs])
        return [np.asarray(y) for y in outputs] if isinstance(outputs, (tuple, list)) else np.asarray(outputs)

    return predict


def to_onnx(model, filepath, batch_size=None):
    """Write a model's prediction into an ONNX file, through jax2onnx.

    # Arguments
        model: any model whose sizes are known, but for the number of samples.
        filepath: where to; the customary ending is `.onnx`.
        batch_size: positive int; without it the file takes any number of samples.

    Raises ImportError where jax2onnx is not installed (`pip install horngate[onnx]`), and what jax2onnx raises for an
    operation that it cannot convert.
    """
    try:
        import jax2onnx
    except ImportError as error:
        raise ImportError("to_onnx needs a package that is not installed: pip install horngate[onnx]") from error
    from horngate.backend import kernels
    from horngate.backend.recurrence import without_loops
    from horngate.engine.pure import input_shapes, pure_prediction

    for x in model.inputs:
        if None in x.shape[1:]:
            raise ValueError(
                f"to_onnx: input {x.name!r} has the shape {x.shape}; all sizes but that of the batch must be known."
            )
    options = {"model_name": model.name, "return_mode": "file", "input_names": model.input_names}
    with atomic(filepath) as path, without_loops(), kernels.without():
        jax2onnx.to_onnx(pure_prediction(model), input_shapes(model, batch_size), output_path=path, **options)
