"""`utils` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.backend import clear_session as clear_session
from horngate.keras3.preprocessing.image import array_to_img as array_to_img
from horngate.keras3.preprocessing.image import img_to_array as img_to_array
from horngate.keras3.preprocessing.image import load_img as load_img
from horngate.keras3.preprocessing.sequence import pad_sequences as pad_sequences
from horngate.keras3.utils import bounding_boxes as bounding_boxes

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.utils.data_utils
    import horngate.utils.generic_utils
    import horngate.utils.progbar

class PyDataset(horngate.utils.data_utils.Sequence):
    r"""Base of data that give batches by number, which `fit` and the like may read in any order, with several workers."""
    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None: ...
    if not TYPE_CHECKING:
        drawing: Any
        max_queue_size: Any
        def on_epoch_end(self) -> None: ...
        use_multiprocessing: Any
        workers: Any
def register_keras_serializable(package: str = 'Custom', name: str | None = None) -> _Callable[..., Any]: ...
def set_random_seed(seed: int) -> None: ...
def model_to_dot(model: Any, show_shapes: bool = False, show_dtype: bool = False, show_layer_names: bool = True, rankdir: str = 'TB', expand_nested: bool = False, dpi: int = 110, subgraph: bool = False, show_layer_activations: bool = False, show_trainable: bool = False) -> Any: ...
def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any: ...
def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]: ...
def deserialize_keras_object(config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True) -> Any: ...
def serialize_keras_object(obj: Any) -> Any: ...
def get_registered_name(obj: Any) -> str: ...
def get_registered_object(name: str, custom_objects: Any = None, module_objects: Any = None) -> Any: ...
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
Sequence = PyDataset
def custom_object_scope(*args: Any) -> Any: ...
def get_custom_objects() -> dict[str, Any]: ...
def get_file(fname: str, origin: str, untar: bool = False, md5_hash: str | None = None, file_hash: str | None = None, cache_subdir: str = 'datasets', hash_algorithm: str = 'auto', extract: bool = False, archive_format: str | None = 'auto', cache_dir: str | None = None) -> str: ...
def normalize(x: Any, axis: int = -1, order: float = 2) -> Any: ...
def plot_model(model: Any, to_file: str | _PathLike[str] = 'model.png', show_shapes: bool = False, show_layer_names: bool = True, recursive: bool = True, show_shape: bool = False, show_dtype: bool = False, rankdir: str = 'TB', expand_nested: bool = False, dpi: int = 110, show_layer_activations: bool = False, show_trainable: bool = False) -> None: ...
def to_categorical(x: Any, num_classes: int | None = None) -> Any: ...
