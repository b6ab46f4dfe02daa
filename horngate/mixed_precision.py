"""Policies of number types: in which one layers compute, and in which one weights are kept. See `K.set_floatx`."""

from typing import Any

from horngate import backend as K
from horngate.backend import config
from horngate.utils.nearest import did_you_mean


class DTypePolicy:
    """The number types of layers.

    # Arguments
        name: `'float32'`, `'float64'`, `'float16'` or `'bfloat16'` for all numbers; `'mixed_float16'` or
            `'mixed_bfloat16'` to compute in 16 bits and keep weights in 32; None: as layers have it that are made now.
    """

    def __init__(self, name: str | None = None) -> None:
        name = global_policy().name if name is None else name
        if name not in (known := config.PRECISIONS):
            raise ValueError(
                f"DTypePolicy: name must be one of {', '.join(known)}; received {name!r}.{did_you_mean(name, known)}"
            )
        self._name = name

    @property
    def name(self) -> str:
        """The name of the policy."""
        return self._name

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """Return `x` as an array of the type `dtype` if it holds floating-point numbers and `autocast` is true."""
        x = x if hasattr(x, "dtype") else K.array_function("asarray")(x)
        floats = autocast and str(x.dtype).startswith(("float", "bfloat"))
        return K.cast(x, dtype) if floats and str(x.dtype) != dtype else x

    @property
    def compute_dtype(self) -> str:
        """The number type in which layers compute."""
        return self.name.removeprefix("mixed_")

    @property
    def variable_dtype(self) -> str:
        """The number type of weights."""
        return config.kept_in(self.name)

    def get_config(self) -> dict[str, Any]:
        """The argument that makes the policy again."""
        return {"name": self.name}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def global_policy() -> DTypePolicy:
    """The policy of layers that are made from now on.

    >>> global_policy().compute_dtype
    'float32'
    """
    return DTypePolicy(config.precision() or config.floatx())


def set_global_policy(policy: Any) -> None:
    """Set the policy of layers that are made from now on; `policy`: its name, or a `DTypePolicy`."""
    config.set_precision((policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)).name)


Policy, dtype_policy, set_dtype_policy = DTypePolicy, global_policy, set_global_policy  # other names
