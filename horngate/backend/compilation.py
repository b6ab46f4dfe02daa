"""How programs are compiled: XLA's options, and the cache on disk that lets a second run start at once.

The cache is on by default, in the user's cache folder. `HORNGATE_CACHE_DIR` moves it, `HORNGATE_CACHE_DIR=off` turns it
off; what JAX itself was told (`JAX_COMPILATION_CACHE_DIR`) wins. Several processes may share it: JAX writes each entry
whole or not at all, and one that cannot be read is compiled anew. What is kept there is machine code that is run later:
a folder into which other users may write is not used.
"""

import atexit
import contextlib
import functools
import os
import pathlib
from typing import Any

import jax

from horngate.backend.config import deterministic, jax_options
from horngate.backend.notices import say

LIMIT = 2**30  # bytes kept; when a process ends, the entries unused for longest are taken away
_WORTH_KEEPING = 0.1  # seconds of compilation

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


def cache_folder() -> pathlib.Path | None:
    """Where compiled programs are kept, or None where that is turned off."""
    chosen = os.environ.get("HORNGATE_CACHE_DIR")
    if chosen:
        return None if chosen == "off" else pathlib.Path(chosen)
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(root) / "horngate" / "programs"


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


def enable_cache() -> None:
    """Keep compiled programs on disk, unless the user chose otherwise."""
    folder = cache_folder()
    if folder is None or jax_options.jax_compilation_cache_dir:
        return
    with contextlib.suppress(OSError):  # JAX warns where nothing can be kept
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if others_may_write(folder):
        say(
            f"horngate: compiled programs are not kept: others may write into {folder}, and what is there is run. "
            "Take that right away (chmod go-w), or set HORNGATE_CACHE_DIR to a folder of your own, or to 'off'."
        )
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    atexit.register(trim, folder, LIMIT)


def others_may_write(folder: str | os.PathLike[str]) -> bool:
    """Whether other users than this one and root may put something into `folder`; Windows does not tell."""
    if not hasattr(os, "getuid"):
        return False
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return bool(status.st_mode & 0o022) or status.st_uid not in (0, os.getuid())


def trim(folder: str | os.PathLike[str], limit: int) -> None:
    """Take away the entries of `folder` unused for longest until the rest fits into `limit` bytes."""
    with contextlib.suppress(OSError):  # another process may be trimming too
        entries = [(path, path.stat()) for path in pathlib.Path(folder).iterdir()]
        excess = sum(status.st_size for _, status in entries) - limit
        for path, status in sorted(entries, key=lambda entry: max(entry[1].st_atime, entry[1].st_mtime)):
            if excess <= 0:
                return
            path.unlink()
            excess -= status.st_size


compute_where_called()
take_memory_as_needed()
enable_cache()
