"""What Keras 3 asks of every model, besides what `Model` does: its state as a tree, its loss, its export."""

import inspect
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.graph import Tensor
from horngate.backend.locks import set_values
from horngate.dialects.keras3 import training
from horngate.dialects.keras3.writing import Writer
from horngate.saving.named_arrays import names_here
from horngate.training.compiled_parts import CompiledLoss
from horngate.training.named_results import merged
from horngate.training.reported import reported

_KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


def _of_steps(name: str, instead: str, words: str = "state data") -> Any:
    def refused(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Refuse: only a subclass of Model that defines a step has it; `args` and `kwargs` are those of Keras 3."""
        raise TypeError(
            f"{type(self).__name__} {self.name} has no {name} to call: its training is one program. {instead}"
        )

    places = [inspect.Parameter(word, inspect.Parameter.POSITIONAL_OR_KEYWORD) for word in ["self", *words.split()]]
    vars(refused)["__signature__"] = inspect.Signature(places)
    refused.__name__ = name
    return refused


_OWN = "In a subclass of Model that defines {}, the others can be called and overridden."
train_step = _of_steps("train_step", f"Call train_on_batch. {_OWN.format('train_step')}")
test_step = _of_steps("test_step", f"Call test_on_batch. {_OWN.format('test_step')}")
predict_step = _of_steps("predict_step", f"Call predict_on_batch. {_OWN.format('predict_step')}")
compute_metrics = _of_steps(
    "compute_metrics", f"Call evaluate. {_OWN.format('train_step')}", "x y y_pred sample_weight"
)
stateless_compute_loss = _of_steps(
    "stateless_compute_loss",
    "Use `horngate.pure`, or stateless_call and a loss.",
    "trainable_variables non_trainable_variables metrics_variables x y y_pred sample_weight training",
)


compiled: Any = property(training.was_compiled, doc="Whether `compile` was called.")


def get_compile_config(self: Any) -> dict[str, Any]:
    """Return as plain data how the model was compiled; {} if it was not. A class with a `compile` overrides it."""
    return training.described(self, Writer()) or {} if getattr(self, "objective", None) is not None else {}


def compile_from_config(self: Any, config: dict[str, Any]) -> None:
    """Compile the model as `config`, of `get_compile_config`, says. A class with a `compile` overrides it."""
    training.compiled(self, config, None, 3)


def get_metrics_result(self: Any) -> dict[str, Any]:
    """Return the values of the metrics by name, those of `compile` among them."""
    return merged([(metric.name, metric.result()) for metric in reported(self)])


def reset_metrics(self: Any) -> None:
    """Let all metrics be 0 until something is measured, as at the begin of each epoch and each `evaluate`."""
    for metric in reported(self):
        metric.reset_state()


def compute_loss(
    self: Any, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
) -> Any:
    """Return the loss of `compile`, and the penalties on weights, as a number.

    # Arguments
        x: inputs; they say nothing, as the predictions are given.
        y: targets.
        y_pred: predictions.
        sample_weight: weights of the samples.
        training: says nothing, as the predictions are given.
    """
    self._check_compiled("compute_loss")
    penalties = self.get_losses_for(None)
    if len(penalties) < len(self.losses):
        raise TypeError(
            f"{type(self).__name__} {self.name}.compute_loss: a layer adds a loss that depends on the inputs. Call "
            "evaluate or train_on_batch."
        )
    total = CompiledLoss(self.loss, self.loss_weights, None, self._era).total(y, y_pred, sample_weight)
    whole = sum(penalties, total)
    return K.eval(whole) if isinstance(whole, Tensor) else whole


def export(
    self: Any,
    filepath: Any,
    format: str = "tf_saved_model",  # noqa: A002  its name in Keras 3
    verbose: Any = None,
    input_signature: Any = None,
    **kwargs: Any,
) -> None:
    """Write the model's prediction to a file.

    # Arguments
        filepath: the file.
        format: `'onnx'` or `'stablehlo'`.
        verbose: True to say when it is written.
        input_signature: must be None: the model knows its inputs.
        kwargs: `batch_size`, that of the exported function; None for any.
    """
    from horngate import export as files  # few programs export

    writers = {"onnx": files.to_onnx, "stablehlo": files.to_stablehlo}
    if format not in writers or input_signature is not None or kwargs.keys() - {"batch_size"}:
        raise ValueError(
            f"{type(self).__name__}.export: format must be 'onnx' or 'stablehlo', input_signature None, and the only "
            f"further argument is batch_size; received format={format!r}, input_signature={input_signature!r}, "
            f"{sorted(kwargs)}."
        )
    writers[format](self, filepath, **kwargs)
    if verbose:
        print(f"Saved {filepath}")


def quantize(self: Any, mode: Any = None, **kwargs: Any) -> None:
    """Refuse: weights keep their number type; `mode` and `kwargs` are those of Keras 3."""
    raise NotImplementedError(
        f"{type(self).__name__}.quantize: weights keep their number type here. Export the model, export(path, "
        "format='onnx'), and quantize the file: onnxruntime.quantization.quantize_dynamic; or compute in 16 bits, "
        "mixed_precision.set_global_policy('mixed_bfloat16')."
    )


def _variables(model: Any) -> dict[str, list[Any]]:
    optimizer = getattr(model, "optimizer", None)
    of_optimizer = [] if optimizer is None else optimizer.variables
    found = (model.trainable_weights, model.non_trainable_weights, of_optimizer, model.metrics_variables)
    return dict(zip(_KINDS, (list(each) for each in found)))


def get_state_tree(self: Any, value_format: str = "backend_tensor") -> dict[str, Any]:
    """Return the values of all variables in nested dictionaries: by kind, then by the parts of their paths.

    `value_format`: `'backend_tensor'` for JAX's arrays, `'numpy_array'` for NumPy's.
    """
    if value_format not in ("backend_tensor", "numpy_array"):
        raise ValueError(
            f"get_state_tree: value_format must be 'backend_tensor' or 'numpy_array'; received {value_format!r}."
        )
    tree: dict[str, Any] = {}
    for kind, variables in _variables(self).items():
        tree[kind] = {}
        for variable, (*path, last) in zip(variables, _paths(self, variables)):
            place = tree[kind]
            for part in path:
                place = place.setdefault(part, {})
            value = variable.get_value()
            place[last] = value if value_format == "numpy_array" else K.array_function("asarray")(value)
    return tree


def set_state_tree(self: Any, state_tree: dict[str, Any]) -> None:
    """Set variables to the values in a `state_tree` of `get_state_tree`; kinds that it lacks stay."""
    known, new = _variables(self), {}
    if unknown := sorted(set(state_tree) - set(known)):
        raise ValueError(f"set_state_tree: the kinds of variables are {', '.join(_KINDS)}; received {unknown}.")
    for kind, tree in state_tree.items():
        for variable, path in zip(known[kind], _paths(self, known[kind])):
            value: Any = tree
            for part in path:
                if part not in value:
                    raise ValueError(f"set_state_tree: there is no value for {'/'.join(path)} of {kind}.")
                value = value[part]
            new[variable] = np.asarray(value)
    set_values(list(new), new.values())


def _paths(model: Any, variables: list[Any]) -> list[list[str]]:
    """Return the parts of each variable's path, `dense/kernel`; equal paths get numbers."""
    of_weights = {w: name for name, told in names_here(model).items() for w in told.weights}
    seen: dict[str, int] = {}
    found = []
    for variable in variables:
        path = of_weights.get(variable) or str(variable.path)
        seen[path] = seen.get(path, -1) + 1
        found.append((f"{path}_{seen[path]}" if seen[path] else path).split("/"))
    return found
