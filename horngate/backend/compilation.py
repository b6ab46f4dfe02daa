"""How programs are compiled: the options that XLA is given."""

import functools
import os
from typing import Any

import jax

from horngate.backend.config import deterministic

# XLA sends convolutions with more than 16 channels to a library that is 3 to 8 times slower on CPU than its own code.
# The option lists what the library may still do. It is experimental: it may disappear, and the problem with it.
_CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT,LIBRARY_FUSION_TYPE_REDUCE"}
# Compiles in a quarter of the time; the program runs up to three times slower.
_QUICK_CPU_OPTIONS = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 0}
# On a GPU, trying out kernels for each matrix product takes most of the time; these options use a library's kernels.
_QUICK_GPU_OPTIONS = {"xla_gpu_enable_triton_gemm": False, "xla_gpu_experimental_enable_fusion_autotuner": False}
_DETERMINISTIC_GPU_OPTIONS = {"xla_gpu_deterministic_ops": True}
_CHOICES_OF_MEMORY = (
    "XLA_PYTHON_CLIENT_PREALLOCATE",
    "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "XLA_PYTHON_CLIENT_ALLOCATOR",
    "XLA_CLIENT_MEM_FRACTION",
)


def compiler_options(seldom: bool = False) -> dict[str, Any] | None:
    """The options for XLA on this device, or None; `seldom`: those that compile fast, for rare programs."""
    options, quick = _options_of(jax.default_backend())
    wanted = {**options, **quick} if seldom else options
    if not _known(**wanted):
        wanted = {name: value for name, value in wanted.items() if _known(**{name: value})}
    return wanted or None


def _options_of(platform):
    """Two dictionaries: the options for all programs, and those added for programs that rarely run."""
    if platform == "cpu":
        return dict(_CPU_OPTIONS), _QUICK_CPU_OPTIONS
    if platform == "gpu":
        return dict(_DETERMINISTIC_GPU_OPTIONS) if deterministic() else {}, _QUICK_GPU_OPTIONS
    return {}, {}


def programs_at_once() -> int:
    """The number of programs to compile at the same time.

    One on a GPU: compiling measures kernels to find the fastest, and two compilations would disturb each other.
    """
    return 8 if jax.default_backend() == "cpu" else 1


@functools.cache
def _known(**options: Any) -> bool:
    """Whether this XLA knows these options."""
    if not options:
        return True
    try:
        jax.jit(lambda: 0, compiler_options=options).lower().compile()
    except Exception:  # the kind of error depends on the version
        return False
    return True


def compute_where_called() -> None:
    """Run small programs in the calling thread: on CPU, waking another thread takes longer than a small step.

    Does nothing if the user has set JAX's own variable. JAX reads the setting when it makes its CPU device.
    """
    if "JAX_CPU_ENABLE_ASYNC_DISPATCH" not in os.environ:
        jax.config.update("jax_cpu_enable_async_dispatch", False)


def take_memory_as_needed() -> None:
    """Let JAX take a GPU's memory as it is needed, instead of three quarters of it for the first array.

    Does nothing if the user has set one of JAX's own variables. JAX reads them when it makes its GPU device.
    """
    if not any(name in os.environ for name in _CHOICES_OF_MEMORY):
        os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"


compute_where_called()
take_memory_as_needed()
