"""`preprocessing.image` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.preprocessing.image.generator
    import horngate.preprocessing.image.iterators

class DirectoryIterator(Iterator, horngate.preprocessing.image.iterators.DirectoryIterator):
    r"""Batches of altered images from a folder with a subfolder for each class; several threads decode the files."""
    def __init__(self, directory: str | _PathLike[str], image_data_generator: Any, target_size: _Sequence[int] = (256, 256), color_mode: str = 'rgb', classes: _Sequence[str] | None = None, class_mode: str | None = 'categorical', batch_size: int = 32, shuffle: bool = True, seed: int | None = None, data_format: str | None = None, save_to_dir: str | _PathLike[str] | None = None, save_prefix: str = '', save_format: Any = 'png', follow_links: bool = False, subset: str | None = None, interpolation: str = 'nearest', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        broken: Any
        broken_files: Any
        class_indices: Any
        class_mode: Any
        classes: Any
        color_mode: Any
        dim_ordering: Any
        directory: Any
        dtype: Any
        filenames: Any
        filepaths: Any
        image_data_generator: Any
        image_shape: Any
        interpolation: Any
        nb_class: Any
        nb_sample: Any
        needs: Any
        num_classes: Any
        samples: Any
        save_format: Any
        save_prefix: Any
        save_to_dir: Any
        target_size: Any
class ImageDataGenerator(horngate.preprocessing.image.generator.ImageDataGenerator):
    r"""Batches of images, randomly altered and normalized."""
    def __init__(self, featurewise_center: bool = False, samplewise_center: bool = False, featurewise_std_normalization: bool = False, samplewise_std_normalization: bool = False, zca_whitening: bool = False, zca_epsilon: float = 1e-06, rotation_range: float = 0.0, width_shift_range: float | _Sequence[float] = 0.0, height_shift_range: float | _Sequence[float] = 0.0, brightness_range: _Sequence[float] | None = None, shear_range: float = 0.0, zoom_range: float | _Sequence[float] = 0.0, channel_shift_range: float = 0.0, fill_mode: Any = 'nearest', cval: float = 0.0, horizontal_flip: bool = False, vertical_flip: bool = False, rescale: Any = None, preprocessing_function: Any = None, data_format: str | None = None, validation_split: float = 0.0, interpolation_order: int = 1, dtype: Any = None) -> None: ...
    def flow(self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True, sample_weight: Any = None, seed: int | None = None, save_to_dir: str | _PathLike[str] | None = None, save_prefix: str = '', save_format: Any = 'png', subset: str | None = None) -> Any: ...
    def flow_from_directory(self, directory: str | _PathLike[str], target_size: _Sequence[int] = (256, 256), color_mode: str = 'rgb', classes: _Sequence[str] | None = None, class_mode: str | None = 'categorical', batch_size: int = 32, shuffle: bool = True, seed: int | None = None, save_to_dir: str | _PathLike[str] | None = None, save_prefix: str = '', save_format: Any = 'png', follow_links: bool = False, subset: str | None = None, interpolation: str = 'nearest') -> Any: ...
    if not TYPE_CHECKING:
        def apply_transform(self, x, transform_parameters) -> Any: ...
        batches: Any
        brightness_range: Any
        channel_axis: Any
        channel_shift_range: Any
        col_axis: Any
        cval: Any
        dim_ordering: Any
        dtype: Any
        featurewise_center: Any
        featurewise_std_normalization: Any
        fill_mode: Any
        def fit(self, x, augment=False, rounds=1, seed=None) -> None: ...
        def flow_from_dataframe(self, dataframe, directory=None, *args, **kwargs) -> Any: ...
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        def get_random_transform(self, img_shape, seed=None) -> dict[str, Any]: ...
        height_shift_range: Any
        horizontal_flip: Any
        interpolation_order: Any
        mean: Any
        def next(self) -> Any: ...
        preprocessing_function: Any
        principal_components: Any
        def random_transform(self, x, seed=None) -> Any: ...
        rescale: Any
        rotation_range: Any
        row_axis: Any
        samplewise_center: Any
        samplewise_std_normalization: Any
        shear_range: Any
        def standardize(self, x) -> Any: ...
        def standardize_batch(self, images) -> Any: ...
        std: Any
        def transform_batch(self, images, rng) -> Any: ...
        validation_split: Any
        vertical_flip: Any
        width_shift_range: Any
        zca_epsilon: Any
        zca_whitening: Any
        zoom_range: Any
class Iterator(horngate.preprocessing.image.iterators.Iterator):
    r"""An endless iterator over the indices of `n` samples in batches; safe for several threads."""
    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None: ...
    if not TYPE_CHECKING:
        N: Any
        batch_index: Any
        batch_size: Any
        index_generator: Any
        lock: Any
        n: Any
        def next(self) -> Any: ...
        def on_epoch_end(self) -> None: ...
        def reset(self) -> None: ...
        seed: Any
        shuffle: Any
        total_batches_seen: Any
class NumpyArrayIterator(Iterator, horngate.preprocessing.image.iterators.NumpyArrayIterator):
    r"""Batches of altered images of an array; see `ImageDataGenerator.flow`."""
    def __init__(self, x: Any, y: Any, image_data_generator: Any, batch_size: int = 32, shuffle: bool = False, sample_weight: Any = None, seed: int | None = None, data_format: str | None = None, save_to_dir: str | _PathLike[str] | None = None, save_prefix: str = '', save_format: Any = 'png', subset: str | None = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        X: Any
        dim_ordering: Any
        dtype: Any
        image_data_generator: Any
        sample_weight: Any
        save_format: Any
        save_prefix: Any
        save_to_dir: Any
        x: Any
        y: Any
def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: str | None = None) -> Any: ...
def img_to_array(img: Any, data_format: str | None = None, dtype: str | None = None) -> Any: ...
def load_img(path: str | _PathLike[str], grayscale: bool = False, color_mode: str | None = None, target_size: _Sequence[int] | None = None, interpolation: str = 'nearest') -> Any: ...
