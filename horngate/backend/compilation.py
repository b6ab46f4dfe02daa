"""How programs are compiled: the options that XLA is given."""

import functools
import os
from typing import Any

import jax

# XLA sends convolutions with more than 16 channels to a library that is 3 to 8 times slower on CPU than its own code.
# This names all that the library may still do. The option is experimental: it may go, and the problem with it.
_CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT,LIBRARY_FUSION_TYPE_REDUCE"}
# Compiled in a quarter of the time, running up to three times slower.
_QUICK_OPTIONS = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 0}


def compiler_options(seldom: bool = False) -> dict[str, Any] | None:
    """The options for XLA on this device, or None; for a program that runs `seldom` those that compile it soonest."""
    if jax.default_backend() != "cpu":
        return None
    return _accepted(seldom)


@functools.cache
def _accepted(seldom: bool) -> dict[str, Any] | None:
    options = _CPU_OPTIONS | _QUICK_OPTIONS if seldom else _CPU_OPTIONS
    try:
        jax.jit(lambda: 0, compiler_options=options).lower().compile()
    except Exception:  # an XLA that does not know an option says so in its own way
        return _accepted(False) if seldom else None
    return options


def compute_where_called() -> None:
    """Let small programs run in the thread that calls them: on CPU, waking another takes longer than a small step.

    Only where nobody has chosen: JAX reads this when it makes its CPU device.
    """
    if "JAX_CPU_ENABLE_ASYNC_DISPATCH" not in os.environ:
        jax.config.update("jax_cpu_enable_async_dispatch", False)


compute_where_called()
