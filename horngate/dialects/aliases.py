"""Aliases: names in the modules of other Keras versions -> their place in horngate. Imported when first used."""

import importlib
import sys
from typing import Any

from horngate.backend import config
from horngate.dialects import later
from horngate.dialects.strangers import hint

_OF_03 = "AutoEncoder LambdaMerge MaskedLambda MaskedLayer Siamese SiameseHead TimeDistributedMerge add_shared_layer"
_OF_TRAINING = "batch_shuffle generator_queue make_batches slice_X standardize_weights weighted_objective"
_GRAPH = {"Graph": "dialects.keras03.graph.Graph"}

_OPTIMIZERS = "SGD RMSprop Adagrad Adadelta Adam Adamax Nadam"
_METRICS = "clone_metric clone_metrics Reduce SensitivitySpecificityBase"
_TRANSFORMS = "apply_affine_transform apply_brightness_shift apply_channel_shift random_brightness"
_UTILS = (
    "has_arg getargspec to_list unpack_singleton object_list_uid is_all_none slice_arrays transpose_shape "
    "check_for_unexpected_keys serialize_keras_object deserialize_keras_object is_model is_wrapped_model add_edge "
    "multi_gpu_model load_from_binary_h5py save_to_binary_h5py count_params validate_file"
)
_CONVOLUTIONS = (
    "normalize_tuple normalize_padding normalize_data_format conv_output_length conv_input_length deconv_length "
    "convert_kernel convert_dense_weights_data_format"
)
_OF_METRICS = (
    "AUCCurve AUCSummationMethod ConfusionMatrix Reduction assert_thresholds_range broadcast_weights filter_top_k "
    "compute_weighted_loss parse_init_thresholds reduce_weighted_loss result_wrapper squeeze_or_expand_dimensions "
    "update_confusion_matrix_variables update_state_wrapper weighted_assign_add"
)

_ENQUEUERS = "get_index init_pool init_pool_generator next_sample"
NAMES: dict[str, dict[str, str]] = {
    "applications": {"keras_modules_injection": "backend.orders.same_function"},
    "losses": {
        "LossFunctionWrapper": "dialects.keras2.metrics_utils.LossFunctionWrapper",
        "is_categorical_crossentropy": "dialects.keras2.metrics_utils.is_categorical_crossentropy",
        "huber_loss": "objectives.huber",
        "logcosh": "objectives.log_cosh",
        "cosine": "objectives.cosine_proximity",
    },
    "metrics": {
        **{name: f"dialects.keras2.metrics_utils.{name}" for name in _METRICS.split()},
        "accuracy": "dialects.keras2.metrics_utils.accuracy",
    },
    "optimizers": {
        "deserialize": "optimizers.optimizer_from_config",
        **{name.lower(): f"optimizers.{name}" for name in _OPTIMIZERS.split()},
    },
    "utils": {
        "pad_sequences": "preprocessing.sequence.pad_sequences",
        **{name: f"dialects.keras2.utils.{name}" for name in _UTILS.split()},
        **{name: f"dialects.keras2.conv_utils.{name}" for name in _CONVOLUTIONS.split()},
        **{name: f"dialects.keras2.metrics_utils.{name}" for name in _OF_METRICS.split()},
        **{name: f"utils.enqueuers.{name}" for name in _ENQUEUERS.split()},
        "get_source_inputs": "engine.container.get_source_inputs",
        "H5Dict": "dialects.of_programs.h5dict.H5Dict",
    },
    "preprocessing.image": {
        "DataFrameIterator": "preprocessing.image.frames.DataFrameIterator",
        **{name: f"preprocessing.image.transforms.{name}" for name in _TRANSFORMS.split()},
    },
    "preprocessing.sequence": {"TimeseriesGenerator": "preprocessing.series.TimeseriesGenerator"},
    "layers": {
        **{f"MaxPool{n}D": f"layers.pooling.MaxPooling{n}D" for n in (1, 2, 3)},
        **{f"AvgPool{n}D": f"layers.pooling.AveragePooling{n}D" for n in (1, 2, 3)},
        **{f"Convolution{n}DTranspose": f"layers.transposed.Conv{n}DTranspose" for n in (1, 2, 3)},
        **dict.fromkeys(("Deconvolution3D", "Deconv3D"), "layers.transposed.Conv3DTranspose"),
        "SeparableConvolution1D": "layers.depthwise.SeparableConv1D",
        **{f"GlobalMaxPool{n}D": f"layers.pooling.GlobalMaxPooling{n}D" for n in (1, 2, 3)},
        **{f"GlobalAvgPool{n}D": f"layers.pooling.GlobalAveragePooling{n}D" for n in (1, 2, 3)},
        "TimeDistributedMerge": "dialects.keras03.layers.TimeDistributedMerge",
    },
    "layers.core": {name: f"dialects.keras03.layers.{name}" for name in _OF_03.split()},
    "layers.containers": {**_GRAPH, "Sequential": "models.Sequential"},
    "models": {**_GRAPH, **{name: f"engine.training.{name}" for name in _OF_TRAINING.split()}},
    "legacy.models": _GRAPH,
    "saving": {
        name: place
        for name, place in later.names("3")["saving"].items()
        if name not in ("load_weights", "save_weights")  # there are our own
    },
}


_HELPERS = "dialects.of_programs."
_OF_K = "backend _BACKEND _FLOATX _EPSILON _IMAGE_DIM_ORDERING _IMAGE_DATA_FORMAT _to_tensor"
_WEIGHTED = "weighted_masked_objective _weighted_masked_objective weighted_objective"
# What programs import besides, under the launcher only: module or package -> names, in `of_programs` unless told.
OF_PROGRAMS: dict[str, dict[str, str]] = {
    "initializers": {  # classes there; `initializations` has functions of these names
        "zero": "initializers.Zeros",
        "one": "initializers.Ones",
        "uniform": "initializers.RandomUniform",
        "normal": "initializers.RandomNormal",
        "_compute_fans": f"{_HELPERS}_compute_fans",
    },
    "backend": {
        **{name: _HELPERS + name for name in _OF_K.split()},
        "tf": "dialects.tensorflow",
        **{name: f"dialects.tensorflow.sessions.{name}" for name in ("get_session", "set_session")},
        "_regular_normalize_batch_in_training": f"{_HELPERS}_regular_normalize_batch_in_training",
    },
    "engine": {
        "merge": "engine.merge.merge",
        "disable_tracking": f"{_HELPERS}disable_tracking",
        **dict.fromkeys(_WEIGHTED.split(), f"{_HELPERS}weighted_objective"),
        "_Merge": f"{_HELPERS}_Merge",
        "Network": "engine.container.Container",
        "Sequential": "models.Sequential",
        "load_weights_from_hdf5_group": f"{_HELPERS}groups.load_weights_from_hdf5_group",
        "load_weights_from_hdf5_group_by_name": f"{_HELPERS}groups.load_weights_from_hdf5_group_by_name",
        "save_weights_to_hdf5_group": f"{_HELPERS}groups.save_weights_to_hdf5_group",
        "preprocess_weights_for_loading": f"{_HELPERS}groups.preprocess_weights_for_loading",
    },
    "constraints": {"identity": f"{_HELPERS}identity"},
    "applications": {
        **{name: _HELPERS + name for name in ("_obtain_input_shape", "CLASS_INDEX", "CLASS_INDEX_PATH")},
        "obtain_input_shape": f"{_HELPERS}_obtain_input_shape",
        "relu6": "activations.relu6",
    },
    "layers": {
        **{name: _HELPERS + name for name in ("_Merge", "_Conv", "_Pooling1D", "_Pooling2D", "_Pooling3D")},
        **{name: _HELPERS + name for name in ("_GlobalPooling1D", "_GlobalPooling2D", "_GlobalPooling3D")},
        **{name: _HELPERS + name for name in ("_generate_dropout_mask", "_generate_dropout_ones")},
        **dict.fromkeys(("time_distributed_dense", "_time_distributed_dense"), f"{_HELPERS}time_distributed_dense"),
        **{name: f"{_HELPERS}cudnn.{name}" for name in ("CuDNNLSTM", "CuDNNGRU")},
    },
    "utils": {"_hash_file": f"{_HELPERS}hash_file", "h5dict": f"{_HELPERS}h5dict.H5Dict"},
    "preprocessing.sequence": {"_remove_long_seq": f"{_HELPERS}remove_long_seq"},
    "engine.training": {"_slice_arrays": "dialects.keras2.utils.slice_arrays"},
}


def of_programs(module: str, name: str, default: Any = None) -> Any:
    """Return what a program finds as `name` in a module of Keras; `default` if nothing is known of it here."""
    package, _, network = module.partition(".")
    if (module, name) == ("engine", "merge") and config.era().generation in ("2", "3"):
        raise ImportError("keras.engine has no `merge` since Keras 2")  # which programs try, to import others instead
    if package == "applications" and "WEIGHTS_PATH" in name:
        return importlib.import_module("horngate.dialects.of_programs").weights_path(network, name)
    rows = {**OF_PROGRAMS.get(package, {}), **OF_PROGRAMS.get(module, {})}
    if name not in rows:
        return default
    place, _, what = rows[name].rpartition(".")
    return getattr(importlib.import_module(f"horngate.{place}"), what)


def found(module: str, name: str) -> Any:
    """Return the object that `name` means in a module of horngate."""
    if name not in NAMES[module]:
        full = f"horngate.{module}"
        raise AttributeError(f"module {full!r} has no attribute {name!r}.{hint(name, dir(sys.modules[full]))}", name="")
    place, _, what = NAMES[module][name].rpartition(".")
    return getattr(importlib.import_module(f"horngate.{place}"), what)


def layer(name: str) -> Any:
    """Return the class `name` of a layer or model that only another Keras version had; None for other names."""
    if name == "Operation":  # what files of Keras 3 call a function of tensors
        return importlib.import_module("horngate.dialects.keras3.operations").Operation
    module = next((module for module in ("layers.core", "models") if name in NAMES[module]), None)
    return module and found(module, name)
