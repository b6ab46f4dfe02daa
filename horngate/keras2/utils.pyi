"""`utils` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras2.preprocessing.sequence import pad_sequences as pad_sequences

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.utils.data_utils
    import horngate.utils.generic_utils
    import horngate.utils.io_utils
    import horngate.utils.progbar

class HDF5Matrix(horngate.utils.io_utils.HDF5Matrix):
    r"""Rows of an HDF5 dataset as an array that reads from the file when indexed."""
    def __init__(self, datapath: str | _PathLike[str], dataset: str, start: int = 0, end: int | None = None, normalizer: _Callable[..., Any] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def count(self, value) -> Any: ...
        data: Any
        dtype: Any
        end: Any
        def index(self, value, start=0, stop=None) -> Any: ...
        ndim: Any
        normalizer: Any
        shape: Any
        size: Any
        start: Any
class CustomObjectScope(horngate.utils.generic_utils.CustomObjectScope):
    r"""A `with` block in which the user's own objects are found by name."""
    def __init__(self, *args: Any) -> None: ...
    if not TYPE_CHECKING:
        custom_objects: Any
class Progbar(horngate.utils.progbar.Progbar):
    r"""Shows progress, and the means of values."""
    def __init__(self, target: int | None, width: int = 30, verbose: int = 1, interval: float = 0.05, stateful_metrics: Any = None) -> None: ...
    if not TYPE_CHECKING:
        def add(self, n, values=None) -> None: ...
        interval: Any
        last_update: Any
        live: Any
        seen_so_far: Any
        start: Any
        stateful_metrics: Any
        sum_values: Any
        target: Any
        total_width: Any
        unique_values: Any
        def update(self, current, values=None, force=False) -> None: ...
        verbose: Any
        width: Any
class Sequence(horngate.utils.data_utils.Sequence):
    r"""Base of data that give batches by number, which `fit` and the like may read in any order, with several workers."""
    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None: ...
    if not TYPE_CHECKING:
        drawing: Any
        max_queue_size: Any
        def on_epoch_end(self) -> None: ...
        use_multiprocessing: Any
        workers: Any
def custom_object_scope(*args: Any) -> Any: ...
def get_custom_objects() -> dict[str, Any]: ...
def get_file(fname: str, origin: str, untar: bool = False, md5_hash: str | None = None, file_hash: str | None = None, cache_subdir: str = 'datasets', hash_algorithm: str = 'auto', extract: bool = False, archive_format: str | None = 'auto', cache_dir: str | None = None) -> str: ...
def normalize(x: Any, axis: int = -1, order: float = 2) -> Any: ...
def plot_model(model: Any, to_file: str | _PathLike[str] = 'model.png', show_shapes: bool = False, show_layer_names: bool = True, recursive: bool = True, show_shape: bool = False, show_dtype: bool = False, rankdir: str = 'TB', expand_nested: bool = False, dpi: int = 110, show_layer_activations: bool = False, show_trainable: bool = False) -> None: ...
def to_categorical(y: Any, num_classes: int | None = None, dtype: Any = 'float32') -> Any: ...
