"""show_config: the machine as horngate sees it, and the settings."""

import sys
from importlib.metadata import version

import jax

from horngate.backend import cache, config, kernels


def show_config() -> None:
    """Print versions, devices, settings, and whether native kernels are in use: the facts for a bug report."""
    import horngate  # deferred: the package imports this module

    folder = config.jax_options.jax_compilation_cache_dir
    settings = [config.floatx(), f"dim_ordering={config.image_dim_ordering()}", f"epsilon={config.epsilon():g}"]
    rows = {
        "horngate": horngate.__version__,
        "python": sys.version.split()[0],
        "jax": version("jax"),
        "devices": ", ".join(device.device_kind for device in jax.devices()),
        "native kernels": kernels.status() if jax.default_backend() == "cpu" else "not used on this device",
        "era": f"{config.era().name} ({', '.join(settings)})",
        "compilation cache": f"{folder}, at most {cache.LIMIT >> 20} MiB" if folder else "off",
    }
    for name, value in rows.items():
        print(f"{name + ':':<19}{value}")
