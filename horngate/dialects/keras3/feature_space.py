"""FeatureSpace of Keras 3: columns of a table as numbers for a model, each prepared by a layer."""

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.config import within_era
from horngate.dialects.keras3.objects import deserialize_keras_object, serialize_keras_object
from horngate.dialects.keras3.parts import item
from horngate.dialects.keras3.weights import numbered
from horngate.engine.arguments import plain
from horngate.engine.input import Input
from horngate.layers.adapted import Adapted, Normalization
from horngate.layers.categories import Discretization, HashedCrossing, Hashing, encoded
from horngate.layers.core import Rescaling
from horngate.layers.elementwise import Identity
from horngate.layers.vocabularies import IntegerLookup, StringLookup
from horngate.saving.archives import VERSION
from horngate.saving.formats.hdf5_file import read_array
from horngate.saving.formats.keras3 import Archive, write_archive
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import atomic_write

_MODULE = "keras.src.layers.preprocessing.feature_space"


@dataclass
class Feature:
    """A column: its number type, the layer that prepares it, and 'one_hot', 'int' or 'float' for what is given."""

    dtype: str
    preprocessor: Any
    output_mode: str


@dataclass
class Cross:
    """Columns that are one feature together: their names, into how many bins they are hashed, and the form."""

    feature_names: Sequence[str]
    crossing_dim: int
    output_mode: str = "one_hot"

    @property
    def name(self) -> str:
        """The name of the feature."""
        return "_X_".join(self.feature_names)


class FeatureSpace:
    """Columns of a table as numbers for a model: each is prepared by a layer of its own, texts on the host.

    # Arguments
        features: column -> what it is: the name of one of the methods below, or what that gives. The names 'float',
            'float_rescaled', 'float_normalized', 'float_discretized', 'integer_categorical', 'string_categorical',
            'integer_hashed' and 'string_hashed' stand for their defaults.
        output_mode: 'concat' for one array, features in the order of their names, crosses last; 'dict' for one each.
        crosses: columns that are a feature together: tuples of names, or what `cross` gives.
        crossing_dim, hashing_dim, num_discretization_bins: how many bins there are where only a name is given.
        name: the name.

    >>> space = FeatureSpace({"age": "float_normalized", "kind": "string_categorical"})
    >>> space.adapt({"age": [1.0, 3.0], "kind": ["a", "b"]})
    >>> space({"age": [2.0], "kind": ["b"]}).tolist()
    [[0.0, 0.0, 1.0, 0.0]]
    """

    def __init__(
        self,
        features: dict[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        if not features:
            raise ValueError("FeatureSpace: features must name at least one column.")
        if output_mode not in ("concat", "dict"):
            raise ValueError(f"FeatureSpace: output_mode must be 'concat' or 'dict'; received {output_mode!r}.")
        self.name, self.output_mode, self.crossing_dim = name or "feature_space", output_mode, crossing_dim
        self.hashing_dim, self.num_discretization_bins = hashing_dim, num_discretization_bins
        self.features: dict[str, Feature] = {key: self._feature(key, told) for key, told in features.items()}
        self.crosses = [each if isinstance(each, Cross) else Cross(tuple(each), crossing_dim) for each in crosses or ()]
        for cross in self.crosses:
            if unknown := set(cross.feature_names) - self.features.keys():
                raise ValueError(f"FeatureSpace: crosses name {sorted(unknown)}, which features does not hold.")
        self.preprocessors = {key: feature.preprocessor for key, feature in self.features.items()}
        self.crossers = {cross.name: HashedCrossing(cross.crossing_dim, name=cross.name) for cross in self.crosses}
        self._adapted = not any(_learns(layer) for layer in self.preprocessors.values())

    def _feature(self, key: str, told: Any) -> Feature:
        if isinstance(told, Feature):
            return told
        more = {"num_bins": self.hashing_dim} if str(told).endswith("_hashed") else {}
        more = {"num_bins": self.num_discretization_bins} if told == "float_discretized" else more
        if told not in _KINDS:
            raise ValueError(f"FeatureSpace: {key!r} must be one of {', '.join(_KINDS)}; received {told!r}.")
        return getattr(self, told)(**more, name=f"{key}_preprocessor")

    # Kinds of features.

    @classmethod
    def cross(cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Return the feature of several columns together, hashed into `crossing_dim` bins; 'one_hot' or 'int'.

        `feature_names`: the columns. `output_mode`: the form.
        """
        return Cross(tuple(feature_names), crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """Return a feature of the number type `dtype` with a layer, `preprocessor`.

        `output_mode`: 'float' for what the layer gives; 'int', or 'one_hot' for a vector, where that is a category.
        """
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Return the feature of a number as it is. `name`: that of the layer."""
        return Feature("float32", Identity(**_named(name)), "float")

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """Return the feature x * `scale` + `offset`. `name`: that of the layer."""
        return Feature("float32", Rescaling(scale, offset, **_named(name)), "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Return the feature of a number brought to mean 0 and variance 1. `name`: that of the layer."""
        return Feature("float32", Normalization(**_named(name)), "float")

    @classmethod
    def float_discretized(
        cls, num_bins: int, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Return the feature of the bin in which a number lies.

        `num_bins`: how many bins, learned unless `bin_boundaries` tells where they meet. `output_mode`: 'one_hot' or
        'int'. `name`: that of the layer.
        """
        bins: dict[str, Any] = {"num_bins": num_bins} if bin_boundaries is None else {"bin_boundaries": bin_boundaries}
        return Feature("float32", Discretization(**bins, **_named(name)), output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Return the feature of a whole number as a category; the arguments are those of `IntegerLookup`.

        They are `max_tokens`, `num_oov_indices`, `output_mode` ('one_hot' or 'int') and `name`.
        """
        return Feature("int32", IntegerLookup(max_tokens, num_oov_indices, **_named(name)), output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Return the feature of a text as a category; the arguments are those of `StringLookup`.

        They are `max_tokens`, `num_oov_indices`, `output_mode` ('one_hot' or 'int') and `name`.
        """
        return Feature("string", StringLookup(max_tokens, num_oov_indices, **_named(name)), output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Return a text hashed into `num_bins`; `output_mode`: 'one_hot' or 'int'; `name`: of the layer."""
        return Feature("string", Hashing(num_bins, **_named(name)), output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Return a number hashed into `num_bins`; `output_mode`: 'one_hot' or 'int'; `name`: of the layer."""
        return Feature("int32", Hashing(num_bins, **_named(name)), output_mode)

    # What is done with data.

    def adapt(self, dataset: Iterable[Any]) -> None:
        """Have each layer learn from its column, in one pass.

        `dataset`: batches, each a dictionary of columns without targets, `data.map(lambda x, y: x)`; or one dictionary.
        """
        layers = {key: layer for key, layer in self.preprocessors.items() if _learns(layer, again=True)}
        for layer in layers.values():
            layer.reset_state()
        for batch in [dataset] if isinstance(dataset, dict) else dataset:
            if not isinstance(batch, dict):
                raise ValueError(
                    f"FeatureSpace {self.name}: adapt takes dictionaries of columns, without targets; received "
                    f"{type(batch).__name__}. Leave the targets out: data.map(lambda x, y: x)."
                )
            for key, layer in layers.items():
                layer.update_state(_column(self._of(batch, key)))
        for layer in layers.values():
            layer.finalize_state()
        self._adapted = True

    def __call__(self, data: dict[str, Any]) -> Any:
        """Return what the layers make of `data`, a dictionary of columns; also of one sample, a number or text each."""
        self._check_adapted()
        given = {key: self._of(data, key) for key in self.features}
        alone = all(np.ndim(value) == 0 for value in given.values())
        made = self._encoded({key: _column(value) for key, value in given.items()})
        return ({key: y[0] for key, y in made.items()} if isinstance(made, dict) else made[0]) if alone else made

    def _of(self, data: dict[str, Any], key: str) -> Any:
        if key not in data:
            raise ValueError(f"FeatureSpace {self.name}: the data have no column {key!r}; they hold {sorted(data)}.")
        return data[key]

    def _check_adapted(self) -> None:
        if not self._adapted:
            raise ValueError(f"FeatureSpace {self.name} has learned nothing yet: call its `adapt` on data first.")

    def _encoded(self, columns: dict[str, Any]) -> Any:
        numbers = {key: layer(columns[key]) for key, layer in self.preprocessors.items()}
        forms = {key: (feature.output_mode, _depth(feature.preprocessor)) for key, feature in self.features.items()}
        forms |= {cross.name: (cross.output_mode, cross.crossing_dim) for cross in self.crosses}
        for cross in self.crosses:
            numbers[cross.name] = self.crossers[cross.name]([numbers[key] for key in cross.feature_names])
        made = {}
        for key in [*sorted(self.features), *(cross.name for cross in self.crosses)]:
            mode, depth = forms[key]
            made[key] = encoded(numbers[key], "one_hot", depth) if mode == "one_hot" else numbers[key]
            if mode == "int" and self.output_mode == "concat":
                raise ValueError(
                    f"FeatureSpace {self.name}: {key!r} gives numbers of categories, which mean nothing beside other "
                    "numbers. Use output_mode='dict', or 'one_hot' for this feature."
                )
        if self.output_mode == "dict":
            return made
        return K.concatenate([K.cast(y, K.floatx()) for y in made.values()], axis=-1)

    def get_inputs(self) -> dict[str, Any]:
        """Return an input of a model for each column."""
        if not hasattr(self, "_inputs"):
            self._inputs = {key: Input((1,), dtype=told.dtype, name=key) for key, told in self.features.items()}
        return self._inputs

    def get_encoded_features(self) -> Any:
        """Return what `__call__` gives, for a model.

        It is computed from `get_inputs`. A model that begins with it takes what `__call__` gives.
        """
        self._check_adapted()
        if not hasattr(self, "_features"):
            self._features = self._encoded(self.get_inputs())
        return self._features

    # Files.

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, and the layers as they are, as plain data."""
        features = {}
        for key, told in self.features.items():
            layer = {**serialize_keras_object(told.preprocessor), "build_config": {"input_shape": [None, 1]}}
            if isinstance(told.preprocessor, Discretization):  # whose bins Keras 3 counts by this
                layer["config"]["num_bins"] = told.preprocessor.num_bins
            if isinstance(told.preprocessor, Identity):  # which has a name of its own there
                layer |= {"module": _MODULE, "class_name": "TFDIdentity", "registered_name": "TFDIdentity"}
            features[key] = item(_MODULE, "Feature", {**vars(told), "preprocessor": layer}, "Feature")
        crosses = [item(_MODULE, "Cross", vars(cross), "Cross") for cross in self.crosses]
        sizes = ("crossing_dim", "hashing_dim", "num_discretization_bins")
        rest = {"output_mode": self.output_mode, "crosses": crosses, **{name: getattr(self, name) for name in sizes}}
        return {"features": features, **rest, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FeatureSpace":
        """Make a FeatureSpace of what `get_config` gave."""
        features = {}
        for key, told in config["features"].items():
            given = told["config"] if isinstance(told, dict) else vars(told)
            layer = given["preprocessor"]
            if layer["class_name"] == "TFDIdentity":
                layer = {**layer, "module": "keras.layers", "class_name": "Identity", "registered_name": None}
            features[key] = Feature(given["dtype"], deserialize_keras_object(layer), given["output_mode"])
        crosses = [Cross(**told["config"]) for told in config.get("crosses") or ()]
        with within_era("3"):
            return cls(**{**config, "features": features, "crosses": crosses})

    def _layers(self) -> Iterable[tuple[str, Any]]:
        return ((f"preprocessors/{key}", layer) for key, layer in numbered(self.preprocessors.values()))

    def save(self, filepath: PathLike) -> None:
        """Write the file `filepath`, a `.keras`, which `load_model` reads."""
        about = {"keras_version": VERSION, "date_saved": datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")}

        def write_into(file: Any) -> None:
            file.create_group("vars").attrs["name"] = self.name
            for path, layer in self._layers():
                for number, weight in enumerate(layer.get_weights()):
                    file.create_dataset(f"{path}/vars/{number}", data=weight)

        built = {key: {"input_shape": [None, 1]} for key in self.features}  # by which Keras 3 knows that it learned
        told = {**item("keras.utils", "FeatureSpace", self.get_config()), "build_config": built}
        with atomic_write(filepath) as path:
            write_archive(path, json.dumps(told, default=plain), about, write_into)


def of_archive(archive: Archive, told: dict[str, Any]) -> FeatureSpace:
    """Return the FeatureSpace in an open `archive` of Keras 3, whose configuration is `told`."""
    space = FeatureSpace.from_config(told["config"])
    for path, layer in space._layers():
        if path in archive.vocabularies:
            layer.set_vocabulary(archive.vocabularies[path].split("\n"))
        if isinstance(layer, Normalization) and layer.input_mean is None:
            layer.build((None, 1))
            layer.set_weights([read_array(archive.file, f"{path}/vars/{i}").read() for i in range(3)])
    space._adapted = True
    return space


_NUMBERS = ("float", "float_rescaled", "float_normalized", "float_discretized")
_KINDS = (*_NUMBERS, "integer_categorical", "string_categorical", "integer_hashed", "string_hashed")


def _learns(layer: Any, again: bool = False) -> bool:
    """Return whether a layer learns from data; unless `again`, whether it still has to."""
    if isinstance(layer, Normalization):
        return layer.input_mean is None
    if isinstance(layer, Discretization):
        return layer._adapts
    return isinstance(layer, Adapted) and (again or getattr(layer, "vocabulary", None) is None)


def _named(name: str | None) -> dict[str, Any]:
    return {"name": name}


def _depth(layer: Any) -> int:
    """Return how many categories a layer tells apart."""
    return layer.vocabulary_size() if hasattr(layer, "vocabulary_size") else getattr(layer, "num_bins", 1)


def _column(value: Any) -> Any:
    """Return the values of a column as (samples, 1)."""
    if not isinstance(value, (np.ndarray, list, tuple, str, bytes)) and hasattr(value, "numpy"):
        value = value.numpy()
    array = np.asarray(value, object if isinstance(value, (str, bytes)) else None)
    return array.reshape(-1, 1) if array.ndim < 2 else array
