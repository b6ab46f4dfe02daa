"""Sessions, placeholders, and the optimizers of `tf.train`."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from horngate import backend as K
from horngate import optimizers
from horngate.backend.lazy import named
from horngate.backend.running import active_scope
from horngate.dialects.lent import Lent
from horngate.dialects.tensorflow.functions import dtype_name
from horngate.dialects.tensorflow.variables import Operation, variables_behind


class Shell:
    """An object without effect, in the place of objects such as `tf.ConfigProto()` in old programs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        vars(self).update(kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Shell()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return Shell()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exception: Any) -> Literal[False]:
        return False

    def __iter__(self) -> Any:
        return iter(())


class _Summary(Shell):
    """What programs write for TensorBoard; it has no effect."""

    Value = Shell
    Image = Shell


class Session(Shell):
    """Evaluates tensors, and does operations."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.graph = Shell()
        self._functions: dict[Any, Any] = {}

    def run(self, fetches: Any, feed_dict: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return the values of `fetches`: a tensor, an operation, or lists and dictionaries of them.

        `feed_dict`: placeholder -> value. `args`, `kwargs`: have no effect.
        """
        if isinstance(fetches, Shell) or fetches is None:
            return None
        leaves: list[Any] = []
        _collect(fetches, leaves)
        feeds = feed_dict or {}
        key = (tuple(map(id, leaves)), tuple(map(id, feeds)))
        if key not in self._functions:
            tensors = [leaf for leaf in leaves if hasattr(leaf, "_keras_shape")]
            updates = [pair for leaf in leaves if isinstance(leaf, Operation) for pair in leaf.updates]
            self._functions[key] = K.function(list(feeds), tensors, updates=updates), leaves  # keeps the ids in use
        values = iter(self._functions[key][0](list(feeds.values())))
        return _filled(fetches, values)

    def close(self) -> None:
        """Nothing is left to close."""

    def as_default(self) -> "Session":
        """The session itself."""
        return self


def _collect(fetches, leaves):
    if isinstance(fetches, dict):
        fetches = list(fetches.values())
    if isinstance(fetches, (list, tuple)):
        for each in fetches:
            _collect(each, leaves)
    elif isinstance(fetches, str):
        raise ValueError(f"Session.run takes tensors, not their names: received {fetches!r}.")
    else:
        leaves.append(fetches)


def _filled(fetches, values):
    if isinstance(fetches, dict):
        return {name: _filled(each, values) for name, each in fetches.items()}
    if isinstance(fetches, (list, tuple)):
        return [_filled(each, values) for each in fetches]
    if isinstance(fetches, (Operation, Shell)) or fetches is None:
        return None
    return next(values) if hasattr(fetches, "_keras_shape") else np.asarray(fetches)


def placeholder(dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor that is fed. `dtype`: its number type. `shape`: its sizes, None where unknown. `name`: its name."""
    if shape is None:
        raise ValueError("tf.placeholder needs a shape, such as (None, 10): unknown numbers of axes are not lent.")
    return K.placeholder(shape=tuple(shape), dtype=dtype_name(dtype), name=name)


class Optimizer:
    """An optimizer of `tf.train`: it makes the operation of a step.

    # Arguments
        inner: horngate's optimizer.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def minimize(self, loss: Any, global_step: Any = None, var_list: Any = None, **ignored: Any) -> Operation:
        """The operation of a step that makes `loss` smaller.

        `global_step`: a variable that counts. `var_list`: the variables that change; None for all. `ignored`: have no
        effect.
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list), global_step)

    def compute_gradients(self, loss: Any, var_list: Any = None, **ignored: Any) -> list[tuple[Any, Any]]:
        """Pairs (gradient, variable) of `loss`. `var_list`: the variables; None for all. `ignored`: have no effect."""
        wrt = variables_behind(loss) if var_list is None else list(var_list)
        return list(zip(K.gradients(loss, wrt), wrt))

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Operation:
        """The operation of a step by the pairs. `global_step`: a variable that counts. `name`: its name."""
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        updates = self.inner.updates_from([g for g, _ in pairs], [v for _, v in pairs], {})
        counted = [] if global_step is None else [(global_step, global_step + 1)]
        return Operation([*updates, *counted], name)


def _rate(learning_rate):
    """Return a learning rate as optimizers take it: a tensor is computed anew in each step."""
    if not isinstance(learning_rate, K.Tensor):
        return learning_rate

    def rate(step: Any) -> Any:
        scope = active_scope()
        return 0.0 if scope is None else scope.value(learning_rate)  # without one, it is only tried

    return rate


def _sgd(learning_rate, use_locking=False, name=None):
    return Optimizer(optimizers.SGD(lr=_rate(learning_rate)))


def _momentum(learning_rate, momentum, use_locking=False, name=None, use_nesterov=False):
    return Optimizer(optimizers.SGD(lr=_rate(learning_rate), momentum=momentum, nesterov=use_nesterov))


def _adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, use_locking=False, name=None):
    return Optimizer(optimizers.Adam(lr=_rate(learning_rate), beta_1=beta1, beta_2=beta2, epsilon=epsilon))


def _rmsprop(learning_rate, decay=0.9, momentum=0.0, epsilon=1e-10, use_locking=False, centered=False, name=None):
    told: dict[str, Any] = {"momentum": momentum} if momentum else {}
    return Optimizer(optimizers.RMSprop(lr=_rate(learning_rate), rho=decay, epsilon=epsilon, **told))


def _adagrad(learning_rate, initial_accumulator_value=0.1, use_locking=False, name=None):
    return Optimizer(optimizers.Adagrad(lr=_rate(learning_rate), initial_accumulator_value=initial_accumulator_value))


def _adadelta(learning_rate=0.001, rho=0.95, epsilon=1e-8, use_locking=False, name=None):
    return Optimizer(optimizers.Adadelta(lr=_rate(learning_rate), rho=rho, epsilon=epsilon))


def _decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    rounds = K.cast(global_step, "float32") / decay_steps
    rounds = K.array_function("floor")(rounds) if staircase else rounds
    return learning_rate * K.exp(rounds * float(np.log(decay_rate)))


class Saver:
    """Writes variables to a file, and reads them again. `var_list`: the variables; None for all that there are."""

    def __init__(self, var_list: Sequence[Any] | None = None, **ignored: Any) -> None:
        self._variables = None if var_list is None else list(var_list)

    def _named(self):
        from horngate.dialects.tensorflow.variables import _all

        return {variable.name: variable for variable in (_all if self._variables is None else self._variables)}

    def save(self, sess: Any, save_path: str, global_step: Any = None, **ignored: Any) -> str:
        """Write the file `save_path`, with `global_step` in its name unless that is None. `sess`: has no effect."""
        path = str(save_path) if global_step is None else f"{save_path}-{int(K.eval(global_step))}"
        np.savez(path + ".npz", **{name.replace("/", "|"): v.get_value() for name, v in self._named().items()})
        return path

    def restore(self, sess: Any, save_path: str) -> None:
        """Read the file `save_path`. `sess`: has no effect."""
        found = np.load(f"{save_path}.npz")
        for name, variable in self._named().items():
            variable.set_value(found[name.replace("/", "|")])


_session = Session()


def get_session(*args: Any) -> Session:
    """The one session that there is."""
    return _session


def set_session(session: Any) -> None:
    """Nothing: variables hold their values themselves."""


def _nothing(*args, **kwargs):
    return Shell()


TRAIN: Lent = Lent(
    "tensorflow.train",
    {
        **named(Optimizer, Saver),
        "GradientDescentOptimizer": _sgd,
        "MomentumOptimizer": _momentum,
        "AdamOptimizer": _adam,
        "RMSPropOptimizer": _rmsprop,
        "AdagradOptimizer": _adagrad,
        "AdadeltaOptimizer": _adadelta,
        "exponential_decay": _decay,
        "Coordinator": Shell,
        "start_queue_runners": _nothing,
    },
)
TABLE: dict[str, Any] = {
    **dict.fromkeys(["Graph", "GraphDef", "ConfigProto", "OptimizerOptions"], Shell),
    **dict.fromkeys(["GPUOptions", "RunOptions", "RunMetadata"], Shell),
    **dict.fromkeys(["get_default_graph", "device", "colocate_with", "tables_initializer"], _nothing),
    **dict.fromkeys(["initialize_all_variables", "global_variables_initializer"], _nothing),
    **dict.fromkeys(["initialize_local_variables", "local_variables_initializer"], _nothing),
    **dict.fromkeys(["initialize_variables", "variables_initializer"], _nothing),
    **named(Session, placeholder),
    "InteractiveSession": Session,
    "Summary": _Summary,
    "placeholder_with_default": lambda input, shape, name=None: K.constant(input),  # noqa: A006
    "get_default_session": get_session,
    "is_variable_initialized": lambda variable: K.constant(True, "bool"),
    "report_uninitialized_variables": lambda *args: np.array([]),
    "control_dependencies": K.control_dependencies,
    "add_to_collection": lambda *args: None,
    "get_collection": lambda *args, **kwargs: [],
    "GraphKeys": Shell(),
}
