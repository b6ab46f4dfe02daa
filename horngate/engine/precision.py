"""The number types of a layer: in which its weights are kept, and in which it computes."""

from typing import Any, NamedTuple

import numpy as np

from horngate.backend import config, graph
from horngate.engine.node import to_list


class Precision(NamedTuple):
    """The number types of a layer that has others than `K.floatx()`, or was told its own."""

    name: str  # as in `config.PRECISIONS`
    told: bool  # by its argument `dtype`, and not by the setting for all layers

    @property
    def computes_in(self) -> str:
        """The number type of the computations."""
        return self.name.removeprefix("mixed_")

    @property
    def keeps_in(self) -> str:
        """The number type of the weights."""
        return config.kept_in(self.name)

    @property
    def mixed(self) -> bool:
        """Whether the two differ."""
        return self.name.startswith("mixed_")

    def inner_type(self, exact: bool) -> str:
        """Return the type of the formula's inputs; `exact`: at least 32 bits."""
        return "float32" if exact and "float16" in self.computes_in else self.computes_in

    def applies_to(self, layer: Any) -> bool:
        """Return whether `layer` converts its inputs. A graph leaves that to its layers."""
        if not (layer.autocast and layer.computes_itself):
            return False
        return self.told or not self.mixed or layer._owns_weights()


def precision_told(cls: Any, dtype: Any) -> Precision:
    """Return the precision of a layer that is told `dtype`, a name or a policy. Raises ValueError for another one."""
    described = dtype.get("config") if isinstance(dtype, dict) else None  # a policy in a configuration of Keras 3
    told = described.get("name") if isinstance(described, dict) else getattr(dtype, "name", dtype)
    name = np.dtype(told).name if isinstance(told, type) and issubclass(told, np.generic) else str(told)
    name = config.floatx() if name == "float" else name
    where = f"{cls.__name__}, argument 'dtype': "
    if name not in config.PRECISIONS:
        names = ", ".join(map(repr, config.PRECISIONS))
        raise ValueError(f"{where}must be {names}, a policy or None; received {dtype!r}.")
    if name == "float64" and not config.jax_options.jax_enable_x64:
        raise ValueError(
            f"{where}JAX has no numbers of 64 bits unless told so. Call K.set_floatx('float64'), or "
            "jax.config.update('jax_enable_x64', True), before."
        )
    return Precision(name, True)


def call_in(precision: Precision, layer: Any, x: Any, mask: Any, scope: Any) -> Any:
    """Run the call of `layer` in its number types, with `K.floatx()` as its formula needs it.

    The setting for all layers leaves probabilities in 32 bits, and lets layers of full precision return the type of
    their input; a type of its own is that of the result.
    """
    own, came = precision.told or not precision.mixed, to_list(x)[0].dtype
    dtype = precision.inner_type(layer.full_precision)
    outer, scope.reads_as = scope.reads_as, dtype
    try:
        with config.within_floatx(precision.keeps_in if precision.mixed else dtype):
            y = layer._call(graph.cast_floats(x, dtype) if layer.takes_numbers else x, mask, scope)
    finally:
        scope.reads_as = outer
    if own:
        return graph.cast_floats(y, precision.computes_in)
    return graph.cast_floats(y, came) if layer.full_precision else y


def kept_in(layer: Any) -> str | None:
    """Return the number type of the weights of a layer; None for `K.floatx()`."""
    return None if layer._precision is None else layer._precision.keeps_in


def plain_within(layer: Any, x: Any) -> Precision | None:
    """Return the precision of a layer without one, if it runs within another or its inputs `x` are of another type."""
    floatx = config.floatx_of_all()
    if config.floatx() == floatx and all(a.dtype == floatx or a.dtype.kind not in "fV" for a in to_list(x)):
        return None
    return Precision(floatx, False)
