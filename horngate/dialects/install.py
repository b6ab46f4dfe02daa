"""Install horngate under the name `keras`: every `keras.x` that a program imports is the module `horngate.x`."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys

# Module names of Keras 2, 3 and 0.3 -> module names of horngate.
RENAMED = {
    "utils.vis_utils": "utils.visualize_util",
    "layers.merge": "layers.merging",
    **dict.fromkeys(["engine.base_layer", "engine.input_layer", "engine.network"], "engine.topology"),
    **dict.fromkeys(["engine.sequential", "engine.saving"], "models"),
    "engine.training_utils": "engine.training",
    **{f"backend.{name}": "backend" for name in ("common", "load_backend", "tensorflow_backend", "theano_backend")},
    "datasets.data_utils": "utils.data_utils",
    "layers.cudnn_recurrent": "layers.recurrent",
    "layers.convolutional_transpose": "layers.convolutional",
    "legacy.layers": "layers",
    "legacy.interfaces": "dialects.of_programs.interfaces",
    **dict.fromkeys(["utils.training_utils", "utils.multi_gpu_utils"], "utils"),
    **dict.fromkeys(["utils.losses_utils", "utils.metrics_utils"], "dialects.keras2.utils"),
    "utils.conv_utils": "dialects.keras2.conv_utils",
    "utils.theano_utils": "dialects.of_programs.theano_utils",
    "optimizers_v2": "optimizers",
}


def install_as(name: str = "keras", facades: bool = False) -> None:
    """Make `import keras` import horngate in this process; an installed Keras does not change.

    # Arguments
        name: name to import horngate by, such as `'keras'` or `'tensorflow.keras'`.
        facades: whether the modules are called `keras.x` and have everything that programs of the time took from
            them, instead of being those of horngate: so `python -m horngate` runs programs.

    Raises RuntimeError if another module of this name is already imported.

    >>> install_as('keras')
    >>> import keras.layers
    >>> import horngate.layers
    >>> keras.layers is horngate.layers
    True
    """
    import horngate

    there = sys.modules.get(name)
    if there is not None and there is not horngate:
        raise RuntimeError(f"{name!r} is imported already, from {there.__file__}: call install_as before that.")
    if not any(isinstance(finder, _Finder) and finder.name == name for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(name, facades))


def uninstall(name: str = "keras") -> None:
    """Undo `install_as(name)`."""
    sys.meta_path[:] = [item for item in sys.meta_path if not (isinstance(item, _Finder) and item.name == name)]
    for known in [known for known in sys.modules if known == name or known.startswith(name + ".")]:
        del sys.modules[known]


def our_name(inside: str) -> str:
    """Return the name in horngate of the module that another Keras version calls `inside`.

    >>> our_name('utils.vis_utils'), our_name('layers')
    ('utils.visualize_util', 'layers')
    """
    return RENAMED.get(inside, inside)


def _spec(name):
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None


def _generation():
    from horngate.backend.config import era  # not imported where no program runs

    return era().generation


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Find a module of horngate for each import of a name or of its submodules."""

    def __init__(self, name, facades=False):
        self.name, self.facades = name, facades

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self.name and not fullname.startswith(self.name + "."):
            return None
        inside = our_name(fullname[len(self.name) + 1 :])
        ours = "horngate" + ("." + inside if inside else "")
        found = _spec(ours)
        if found is None and self.facades and _generation() == "3":
            ours = f"horngate.keras3.{inside}"
            found = _spec(ours)
        if found is None:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, is_package=found.submodule_search_locations is not None)
        spec.loader_state = ours
        return spec

    def create_module(self, spec):
        module = importlib.import_module(spec.loader_state)
        if self.facades:
            from horngate.dialects.facade import Facade  # programs under the launcher need it

            return Facade(spec.name, self.name, module)
        spec.loader_state = (module, module.__spec__)
        return module

    def exec_module(self, module):
        if self.facades:
            return
        _, module.__spec__ = getattr(module.__spec__, "loader_state")  # noqa: B009
        # the import system has replaced the module's spec
