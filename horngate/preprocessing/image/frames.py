"""Batches of altered images of which a table tells the files and their targets."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend import config
from horngate.preprocessing.image import files
from horngate.preprocessing.image.iterators import DirectoryIterator, _part
from horngate.utils.generic_utils import PathLike

if TYPE_CHECKING:
    from horngate.preprocessing.image.generator import ImageDataGenerator

_LABELS = ("categorical", "binary", "sparse")
_VALUES = ("raw", "other", "multi_output")


def _rows(frame: Any, x_col: str, directory: PathLike | None, only_files: bool) -> Any:
    """Return the rows of a table whose file exists, or all of them unless `only_files`."""
    if not only_files:
        return frame
    return frame[[os.path.isfile(os.path.join(directory or "", name)) for name in frame[x_col]]]


class DataFrameIterator(DirectoryIterator):
    """Batches of altered images from the files that a column of a table names.

    # Arguments
        dataframe: a pandas DataFrame.
        directory: the folder of the files; None if the table has whole paths.
        image_data_generator: the `ImageDataGenerator` that alters them.
        x_col: the column of the files' names.
        y_col: the column of the targets, or a list of columns.
        weight_col: the column of sample weights; None for none.
        target_size, color_mode, batch_size, shuffle, seed: see `DirectoryIterator`.
        classes: the classes, in their order; None for all in `y_col`, sorted.
        class_mode: the kind of targets: those of `DirectoryIterator`; `'raw'` the numbers of `y_col`; `'multi_output'`
            a list of the columns of `y_col`.
        data_format: `'channels_first'` or `'channels_last'`.
        save_to_dir, save_prefix, save_format: see `ImageDataGenerator.flow`.
        subset: `'training'` or `'validation'`, parts by the generator's `validation_split`; None for all.
        interpolation, dtype: see `DirectoryIterator`.
        validate_filenames: leave out rows whose file does not exist.
    """

    def __init__(
        self,
        dataframe: Any,
        directory: PathLike | None = None,
        image_data_generator: "ImageDataGenerator | None" = None,
        x_col: str = "filename",
        y_col: str | Sequence[str] = "class",
        weight_col: str | None = None,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = "channels_last",
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        dtype: str | None = None,
        validate_filenames: bool = True,
    ) -> None:
        from horngate.preprocessing.image.generator import ImageDataGenerator  # imports the iterators

        generator = image_data_generator or ImageDataGenerator()
        frame = _rows(dataframe, x_col, directory if validate_filenames else None, validate_filenames)
        frame = frame[_part(subset, generator)(len(frame))]
        self._frame, self._told = frame, (x_col, y_col, class_mode)
        self.weights = None if weight_col is None else np.asarray(frame[weight_col])
        told: dict[str, Any] = {"dim_ordering": "tf" if files.channels_last(data_format) else "th", "dtype": dtype}
        told |= {"save_to_dir": save_to_dir, "save_prefix": save_prefix, "save_format": save_format}
        told |= {"class_mode": None if class_mode in _VALUES else class_mode, "interpolation": interpolation}
        told |= {"target_size": target_size, "color_mode": color_mode, "classes": classes, "batch_size": batch_size}
        super().__init__(directory or "", generator, shuffle=shuffle, seed=seed, **told)
        self.targets: Callable[[np.ndarray], Any] | None = self._values() if class_mode in _VALUES else None

    def _values(self):
        """Return a function from the numbers of samples to their targets."""
        _, columns, mode = self._told
        if mode == "multi_output":
            each = [np.asarray(self._frame[column].tolist()) for column in columns]
            return lambda chosen: [values[chosen] for values in each]
        values = np.asarray(self._frame[columns])
        return lambda chosen: values[chosen]

    def _listed(self, directory, classes, follow_links):
        """The names, the numbers of their classes, and the dictionary class -> number."""
        x_col, y_col, mode = self._told
        names = [str(name) for name in self._frame[x_col]]
        if mode not in _LABELS:
            return names, [0] * len(names), {}
        labels = [str(label) for label in self._frame[y_col]]
        known = [str(label) for label in classes] if classes else sorted(set(labels))
        if unknown := set(labels) - set(known):
            kept = [i for i, label in enumerate(labels) if label in known]
            if not kept:
                raise ValueError(f"flow_from_dataframe: column {y_col!r} holds {sorted(unknown)}, no class of {known}.")
            names, labels = [names[i] for i in kept], [labels[i] for i in kept]
            self.weights = None if self.weights is None else self.weights[kept]
        return names, [known.index(label) for label in labels], {label: n for n, label in enumerate(known)}

    def _made(self, chosen: np.ndarray, start: int, rng: Any) -> Any:
        made = super()._made(chosen, start, rng)
        if self.targets is not None:
            made = (made, self.targets(chosen))
        if self.weights is None:
            return made
        return (*made, self.weights[chosen].astype(config.floatx()))
