"""The contenders: a row for each, and one file for each library with the workloads as its users would write them."""

from dataclasses import dataclass, field

from benchmarks.workloads import WORKLOADS

DENSE, LOADED = ("tiny", "mlp"), ("tiny", "mlp", "cnn")
SELDOM_LEFT_OUT = ("cnn_th",)  # twins of workloads in which those that run once took part already
BASE_IMPORTS = "import jax, numpy, optax"  # what horngate itself stands on


@dataclass(frozen=True)
class Row:
    """One contender: its file, the packages it needs, and where it takes part."""

    label: str
    module: str
    imports: str
    packages: tuple
    variant: str = ""
    environment: dict = field(default_factory=dict)
    seldom: bool = False  # runs once where others are repeated
    only: tuple = ()  # the workloads that it can do; all if empty
    builds: bool = True  # whether its building is more than allocating arrays
    checked: bool = True  # whether it can begin with given weights
    own_steps: bool = True  # whether `own_steps` has its programs


CONTENDERS = {
    "horngate": Row(
        "horngate",
        "horngate",
        "from horngate.models import Sequential; from horngate.layers import Dense",
        ("horngate", "jax"),
    ),
    "horngate_last": Row(
        "horngate, channels last",
        "horngate",
        "import horngate",
        ("horngate", "jax"),
        "last",
        only=("cnn_th",),
        builds=False,
        checked=False,
    ),
    "jax": Row("JAX by hand", "jax", "import jax", ("jax",), builds=False),
    "torch": Row("PyTorch eager", "torch", "import torch", ("torch",), "eager"),
    "torch_loader": Row(
        "PyTorch eager with DataLoader",
        "torch",
        "import torch",
        ("torch",),
        "loader",
        seldom=True,
        only=LOADED,
        builds=False,
        checked=False,
    ),
    "torch_compile": Row(
        "torch.compile", "torch", "import torch", ("torch",), "compile", seldom=True, builds=False, checked=False
    ),
    "keras_jax": Row("Keras 3 on JAX", "keras", "import keras", ("keras", "jax"), environment={"KERAS_BACKEND": "jax"}),
    "keras_torch": Row(
        "Keras 3 on torch",
        "keras",
        "import keras",
        ("keras", "torch"),
        environment={"KERAS_BACKEND": "torch"},
        seldom=True,
        own_steps=False,
    ),
    "flax": Row("Flax NNX", "flax", "from flax import nnx", ("flax", "jax", "optax"), seldom=True, own_steps=False),
    "sklearn": Row(
        "scikit-learn",
        "sklearn",
        "import sklearn.neural_network",
        ("scikit-learn",),
        seldom=True,
        only=DENSE,
        builds=False,
        checked=False,
    ),
}


def taking_part(name, workload_name, measures):
    """Whether a contender can do a workload."""
    row = CONTENDERS[name]
    if WORKLOADS[workload_name].own_step and not row.own_steps:
        return False
    if row.seldom and workload_name in SELDOM_LEFT_OUT:
        return False
    return (not row.only or workload_name in row.only) and (row.builds or measures != ("build",))
