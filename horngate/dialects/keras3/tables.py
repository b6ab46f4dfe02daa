"""Tables of the files of Keras 2 and 3: the modules they name, the classes, and what has no counterpart here."""

import functools
import importlib
from typing import Any

from horngate.dialects import later

# The first part of the modules that files of Keras name; such a name is looked up here and never imported.
ROOTS = ("keras", "tf_keras", "tensorflow", "horngate")
OURS = "horngate"  # the module of what only horngate has, and of what another Keras means otherwise

# Arguments that have no counterpart here -> the values that change nothing; () for any.
WITHOUT_EFFECT: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("build_input_shape", "fused", "implementation"), ()),
    **dict.fromkeys(("renorm_clipping", "renorm_momentum", "vocabulary_size"), ()),
    **dict.fromkeys(("adjustment", "lora_alpha", "lora_rank", "virtual_batch_size"), (None,)),
    **dict.fromkeys(("quantization_config", "quantization_mode"), (None,)),
    **dict.fromkeys(("optional", "ragged", "rms_scaling", "time_major"), (False,)),
    **dict.fromkeys(("renorm", "synchronized"), (False, None)),
    "autocast": (True,),
    "dilation_rate": (1, [1], [1, 1], [1, 1, 1]),
}
# Arguments of a class that change nothing here.
DROPPED = {
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), ("unroll",)),
    "GroupQueryAttention": ("flash_attention",),
    "Lambda": ("module", "output_shape_module"),
    "MultiHeadAttention": ("flash_attention", "key_shape", "query_shape", "value_shape"),
    "StringLookup": ("oov_method",),
}
# Arguments that say how to learn what another one holds -> that one, beside which Keras 3 still writes them.
LEARNED = {"num_bins": "bin_boundaries"}

# Class of Keras 3 -> arguments of horngate that its constructor lacks; "" for those that no class has.
ONLY_HERE: dict[str, tuple[str, ...]] = {"": ("forget_bias_init",)}
# Class of Keras 3 -> words of its constructor that its files leave out.
NOT_WRITTEN = {
    **dict.fromkeys(("GroupQueryAttention", "MultiHeadAttention"), ("flash_attention",)),
    **dict.fromkeys(("GRU", "LSTM"), ("use_cudnn",)),
    "CategoryEncoding": ("sparse",),
}
# Classes of Keras 3 that write `activity_regularizer` also where there is none.
WITH_ACTIVITY = (
    *(f"{kind}{rank}D" for kind in ("Conv", "ConvLSTM") for rank in (1, 2, 3)),
    *(f"Conv{rank}DTranspose" for rank in (1, 2, 3)),
    *(f"{kind}Conv{rank}D" for kind in ("Depthwise", "Separable") for rank in (1, 2)),
    *("EinsumDense", "Embedding", "GRU", "GroupQueryAttention", "LSTM", "MultiHeadAttention", "ReversibleEmbedding"),
    "SimpleRNN",
)
# Words of sizes that Keras 3 writes as lists, in layers of any class; class of Keras 3 -> further words.
SIZES = ("kernel_size", "strides", "pool_size", "dilation_rate", "output_size", "output_padding")
LISTED = {
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), ("axis",)),
    "EinsumDense": ("output_shape",),
    "MultiHeadAttention": ("attention_axes", "output_shape"),
}
# Class of Keras 3 -> its words that, where none is given, are written as an argument of horngate is held.
SAME_AS = {
    "MultiHeadAttention": {"value_dim": "key_dim"},
    "SeparableConv2D": {"depthwise_initializer": "init", "pointwise_initializer": "init"},
}
# Arguments of horngate that change nothing that a model computes.
_MEANINGLESS = "input_dim input_length consume_less implementation use_cudnn weights unroll sparse forget_bias_init"
WITHOUT_MEANING = tuple(_MEANINGLESS.split())
# Layers of both that compute something else -> what.
DIFFERENT = {"SpectralNormalization": "Keras 3 normalizes its kernel in training alone, and keeps it so"}
# Classes of Keras 3 whose constructor does not take `trainable`, nor the number type but by its name.
SHORT = ("Discretization", "HashedCrossing", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
NAME_ALONE = ("Pipeline",)  # nor that
HASHES = ("HashedCrossing", "Hashing")  # whose number type is that of the numbers which they give
# Class of horngate -> arguments that Keras 3 has beyond it, with the values by which it does the same.
IMPLIED: dict[str, dict[str, Any]] = {
    "LayerNormalization": {"rms_scaling": False},
    **{f"ConvLSTM{rank}D": {"unroll": False, "zero_output_for_mask": False} for rank in (1, 2, 3)},
}
# Schedule, and function, of horngate -> its name in Keras 3, where the names differ.
SCHEDULES = {"CosineDecayRestarts": "SGDRDecay", "PiecewiseConstantDecay": "PiecewiseConstant"}
FUNCTIONS = {"kullback_leibler_divergence": "kl_divergence"}
# Mode of a `Merge` -> class of Keras 3.
MERGING = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate"}

# Class of horngate -> that of Keras 3, where the names differ.
NAMES_IN_KERAS_3 = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    **{f"Convolution{rank}D": f"Conv{rank}D" for rank in (1, 2, 3)},
    "SeparableConvolution2D": "SeparableConv2D",
}


@functools.cache
def core_class(name: str) -> Any:
    """Return the class of horngate that Keras 2 or 3 calls `name` among its layers; None if there is none."""
    for era in ("3", "2"):
        place = later.names(era)["layers"].get(name)
        if place is not None:
            module, _, attribute = place.partition("/")[0].rpartition(".")
            found = getattr(importlib.import_module(f"horngate.{module}"), attribute)
            return found if isinstance(found, type) else None
    return None


@functools.cache
def in_keras_3(name: str) -> bool:
    """Return whether Keras 3 has a layer `name`."""
    return name in later.names("3")["layers"]
