"""How programs are compiled: the options that XLA is given."""

import functools
import os
from typing import Any

import jax

from horngate.backend.config import deterministic

# XLA sends convolutions with more than 16 channels to a library that is 3 to 8 times slower on CPU than its own code.
# This names all that the library may still do. The option is experimental: it may go, and the problem with it.
_CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT,LIBRARY_FUSION_TYPE_REDUCE"}
# Compiled in a quarter of the time, running up to three times slower.
_QUICK_CPU_OPTIONS = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 0}
# On a GPU most of the time goes into trying out kernels made for each product; those of a library are there already.
_QUICK_GPU_OPTIONS = {"xla_gpu_enable_triton_gemm": False, "xla_gpu_experimental_enable_fusion_autotuner": False}
_DETERMINISTIC_GPU_OPTIONS = {"xla_gpu_deterministic_ops": True}
_CHOICES_OF_MEMORY = (
    "XLA_PYTHON_CLIENT_PREALLOCATE",
    "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "XLA_PYTHON_CLIENT_ALLOCATOR",
    "XLA_CLIENT_MEM_FRACTION",
)


def compiler_options(seldom: bool = False) -> dict[str, Any] | None:
    """The options for XLA on this device, or None; for a program that runs `seldom` those that compile it soonest."""
    options, quick = _options_of(jax.default_backend())
    if seldom and _known(**options, **quick):
        options |= quick
    return options if options and _known(**options) else None


def _options_of(platform):
    """The options for all programs, and those that are added for one that runs seldom."""
    if platform == "cpu":
        return dict(_CPU_OPTIONS), _QUICK_CPU_OPTIONS
    if platform == "gpu":
        return dict(_DETERMINISTIC_GPU_OPTIONS) if deterministic() else {}, _QUICK_GPU_OPTIONS
    return {}, {}


def programs_at_once() -> int:
    """How many programs to compile side by side.

    On a GPU each tries out kernels to find the fastest, and two at a time would measure each other.
    """
    return 8 if jax.default_backend() == "cpu" else 1


@functools.cache
def _known(**options: Any) -> bool:
    """Whether this XLA knows these options."""
    try:
        jax.jit(lambda: 0, compiler_options=options).lower().compile()
    except Exception:  # one that does not says so in its own way
        return False
    return True


def compute_where_called() -> None:
    """Let small programs run in the thread that calls them: on CPU, waking another takes longer than a small step.

    Only where nobody has chosen: JAX reads this when it makes its CPU device.
    """
    if "JAX_CPU_ENABLE_ASYNC_DISPATCH" not in os.environ:
        jax.config.update("jax_cpu_enable_async_dispatch", False)


def take_memory_as_needed() -> None:
    """Have a GPU's memory taken when it is needed: JAX would take three quarters of it for the first array.

    Only where nobody has chosen: JAX reads this when it makes its GPU device.
    """
    if not any(name in os.environ for name in _CHOICES_OF_MEMORY):
        os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"


compute_where_called()
take_memory_as_needed()
