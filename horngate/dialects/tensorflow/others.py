"""What else of TensorFlow programs name: files, flags, logging, versions of modules, layers as functions."""

import argparse
import os
import shutil
import sys
from typing import Any

import numpy as np

from horngate import backend as K
from horngate import layers
from horngate.backend.config import era
from horngate.backend.eager_tensors import at_once
from horngate.dialects.lent import Lent
from horngate.dialects.tensorflow import functions, matrices, means, networks, pictures, sessions, variables
from horngate.dialects.tensorflow.sessions import Shell


class _Flags:
    """`tf.app.flags`: arguments of the command line; they are read when the first is asked for."""

    def __init__(self) -> None:
        vars(self).update(_parser=argparse.ArgumentParser(), _values=None)

    def __getattr__(self, name: str) -> Any:
        if name == "FLAGS":
            return self
        if name.startswith("DEFINE_"):
            return self._definer(name)
        values: Any = self._values
        if values is None:
            values = vars(self)["_values"] = vars(self._parser.parse_known_args(sys.argv[1:])[0])
        if name not in values:
            raise AttributeError(name)
        return values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        getattr(self, next(iter(vars(self._parser.parse_known_args([])[0])), "FLAGS"))  # reads them
        self._values[name] = value

    def _definer(self, word):
        kinds = {"integer": int, "float": float, "string": str}
        kind = kinds.get(word.removeprefix("DEFINE_"), lambda text: text.lower() in ("true", "1", "yes"))

        def define(name: str, default: Any, help: str = "", **ignored: Any) -> None:  # noqa: A002
            self._parser.add_argument(f"--{name}", type=kind, default=default, help=help.replace("%", "%%"))

        return define


def _run(main: Any = None, argv: Any = None) -> None:
    """Call the program's `main`, and exit."""
    chosen = main or vars(sys.modules["__main__"]).get("main")
    if chosen is None:  # the launcher runs programs as `__main__` in a space of their own
        chosen = sys._getframe(1).f_globals["main"]
    sys.exit(chosen(argv or sys.argv[:1]))


def _seed(seed: Any) -> None:
    """Set NumPy's seed, on which the random numbers of horngate depend."""
    np.random.seed(seed)


def _made_by(layer: Any) -> Any:
    """A function of `tf.layers`, which makes a layer and calls it."""

    def call(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        given = {name: value for name, value in kwargs.items() if name not in ("reuse", "name", "training")}
        return layer(*args, **given)(inputs)

    return call


_FLAGS = _Flags()
_APP = Lent("tensorflow.app", {"flags": _FLAGS, "run": _run})
_GFILE: dict[str, Any] = {
    **dict.fromkeys(["GFile", "FastGFile", "Open"], open),
    "Exists": os.path.exists,
    "IsDirectory": os.path.isdir,
    "MakeDirs": lambda path: os.makedirs(path, exist_ok=True),
    "MkDir": os.mkdir,
    "ListDirectory": os.listdir,
    "Remove": os.remove,
    "DeleteRecursively": shutil.rmtree,
}
_LAYERS = {
    "dense": _made_by(layers.Dense),
    "conv1d": _made_by(layers.Conv1D),
    "conv2d": _made_by(layers.Conv2D),
    "max_pooling2d": _made_by(layers.MaxPooling2D),
    "average_pooling2d": _made_by(layers.AveragePooling2D),
    "flatten": lambda inputs, name=None: K.batch_flatten(inputs),
    "dropout": _made_by(layers.Dropout),
    "batch_normalization": _made_by(layers.BatchNormalization),
}


def _initializers() -> dict[str, Any]:
    """Return the initializers of TensorFlow 1, by their names."""
    from horngate import initializers as known

    return {
        "random_normal_initializer": lambda mean=0.0, stddev=1.0, seed=None, dtype=None: known.RandomNormal(
            mean, stddev
        ),
        "random_uniform_initializer": lambda minval=0.0, maxval=1.0, seed=None, dtype=None: known.RandomUniform(
            minval, maxval
        ),
        "truncated_normal_initializer": lambda mean=0.0, stddev=1.0, seed=None, dtype=None: known.TruncatedNormal(
            mean, stddev
        ),
        "constant_initializer": lambda value=0, dtype=None, verify_shape=False: known.Constant(value),
        "zeros_initializer": lambda dtype=None: known.Zeros(),
        "ones_initializer": lambda dtype=None: known.Ones(),
        "orthogonal_initializer": lambda gain=1.0, seed=None, dtype=None: known.Orthogonal(gain),
        "glorot_uniform_initializer": lambda seed=None, dtype=None: known.glorot_uniform(),
        "glorot_normal_initializer": lambda seed=None, dtype=None: known.glorot_normal(),
        "variance_scaling_initializer": lambda scale=1.0, **more: known.VarianceScaling(scale),
    }


def _drawn(name: str) -> Any:
    """Return a function of `tf.random`: programs of Keras 2 and 3 get numbers at once, outside of graphs."""

    def draw(*args: Any, **kwargs: Any) -> Any:
        found = functions.TABLE[name](*args, **kwargs)
        return at_once(found) if era().name in ("2", "3") else found

    return draw


_RANDOM = {
    "set_seed": _seed,
    "set_random_seed": _seed,
    "normal": _drawn("random_normal"),
    "uniform": _drawn("random_uniform"),
    "truncated_normal": _drawn("truncated_normal"),
    "shuffle": _drawn("random_shuffle"),
    "gamma": _drawn("random_gamma"),
    "multinomial": _drawn("multinomial"),
    "categorical": _drawn("multinomial"),
}
_DEVICES: dict[str, Any] = {"list_local_devices": lambda *args: [Shell(name="/device:CPU:0", device_type="CPU")]}
_CONFIG: Any = Shell()
_CONFIG.experimental = Shell(list_physical_devices=lambda *args: [], set_memory_growth=lambda *args: None)
_CONFIG.list_physical_devices = lambda *args: []

TABLE: dict[str, Any] = {
    **_initializers(),
    "set_random_seed": _seed,
    "logging": Shell(),
    "summary": Shell(),
    "errors": Lent("tensorflow.errors", {"InvalidArgumentError": ValueError, "NotFoundError": FileNotFoundError}),
    "config": _CONFIG,
    "flags": _FLAGS,
    "executing_eagerly": lambda: False,
    **dict.fromkeys(["disable_v2_behavior", "disable_eager_execution"], lambda: None),
    "AUTO_REUSE": True,
}
_WHOLE = {**functions.TABLE, **sessions.TABLE, **variables.TABLE}


def _alias(name: str, table: Any = None) -> Lent:
    return Lent(name, table, functions.by_rule)


MODULES: tuple[Lent, ...] = (
    _APP,
    Lent("tensorflow.gfile", _GFILE),
    Lent("tensorflow.layers", _LAYERS),
    Lent("tensorflow.random", _RANDOM),
    Lent("tensorflow.test", {"is_gpu_available": lambda *args, **kwargs: False, "gpu_device_name": lambda: ""}),
    Lent("tensorflow.version", {"VERSION": "1.15.0"}),
    Lent("tensorflow.compat", {"as_str": str, "as_text": str, "as_bytes": lambda text: str(text).encode()}),
    Lent("tensorflow.io", {"gfile": Lent("tensorflow.io.gfile", {"exists": os.path.exists, "makedirs": os.makedirs})}),
    Lent(
        "tensorflow.linalg",
        {"norm": functions.TABLE["norm"], "matmul": functions.matmul, **matrices.LINALG},
        functions.by_rule,
    ),
    matrices.SPARSE,
    Lent("tensorflow.manip", {}, functions.by_rule),
    Lent("tensorflow.initializers", _initializers()),
    Lent("tensorflow.contrib", {}),
    Lent("tensorflow.contrib.framework", {name: matrices.TABLE[name] for name in ("sort", "argsort")}),
    Lent(
        "tensorflow.contrib.layers",
        {"xavier_initializer": TABLE["glorot_uniform_initializer"], "flatten": K.batch_flatten},
    ),
    Lent("tensorflow.python", {}),
    Lent("tensorflow.python.client", {"device_lib": Lent("device_lib", _DEVICES)}),
    Lent("tensorflow.python.client.device_lib", _DEVICES),
    Lent("tensorflow.python.framework", {"ops": _alias("ops", {**_WHOLE, "reset_default_graph": variables.reset})}),
    _alias("tensorflow.python.ops", {"math_ops": _alias("math_ops", _WHOLE), "array_ops": _alias("array_ops", _WHOLE)}),
    *(_alias(f"tensorflow.python.{name}", _WHOLE) for name in ("framework.ops", "ops.math_ops", "ops.array_ops")),
    _alias("tensorflow.python.ops.nn", vars(networks.MODULE)),
    _alias("tensorflow.python.ops.image_ops", vars(pictures.MODULE)),
    _alias("tensorflow.python.ops.losses", vars(means.MODULE)),
    Lent("tensorflow.python.platform", {"gfile": Lent("gfile", _GFILE)}),
)
