"""What cannot be compared with Keras 3, and why. Each has been looked at; numbers without exclusion agree."""

import re

MIXED_IN = "Keras rounds to float32 inside, also in float64; the numbers agree to 2e-6"
IGNORED = "Keras takes the number type and leaves it out"
RENORM = "batch renormalization is refused with a sentence"
WHOLE = "Keras counts in whole numbers and cuts off the weights; here they weigh"
TVERSKY = "Keras 3.15 exchanges alpha and beta; here they are the paper's"
ONE_SIDE = (
    "Keras leaves input_axes or output_axes out where the other one is not given; here the rest are the other axes"
)
FORGETS = "Keras forgets the argument in its configuration"
PURE = "Keras's stateless_call gives 32 bits under a mixed policy, its plain call 16"
INNER = "TimeDistributed of Keras gives the number type of its layer, here its own"
WIDER = "statistics, probabilities and state are kept in 32 bits under a mixed policy"
NEWEST = "quantization_config is written by the newest Keras 3 alone, and older ones refuse it"
WITHIN = "automatic names, and those of layers within others, are numbered from 1 here"
STEP = "a jump of the function lies between numbers of 16 bits"
BUILT = "Keras writes the number that it found when it was built, and would be bound to it"
LEGACY = "SpectralNormalization of Keras 3 keeps the kernel normalized; it is written in horngate's words"
NUMBERS = ("outputs", "gradients by inputs", "gradients by weights", "value", "gradient", "result", "state", "spread")


SLOTS = "slots of optimizers have horngate's names, as its own files do; those of Keras 3 number them"
KEPT = (
    "slots stand parameter by parameter, with what scaling and accumulation count; SGD keeps moments without momentum "
    "too, as it may be set later, and no slot is kept that is never used"
)
RELATIVE = "Keras takes relative_step and leaves it out"
CHAINED = "each step follows from the last, with sums in another order; the numbers agree to 5e-6, in 64 bits to 5e-8"
FOR_ALL = "F1Score counts each class, also where it sums them in the end"
DEPTHWISE = "the kernel of a depthwise convolution is called depthwise_kernel, as in Keras 2"
OWN_FUNCTION = "a function of one's own is known to its own program alone"
TENSOR = "Keras writes these numbers as a tensor"
BOTH_WAYS = "Keras 3 writes both layers of a Bidirectional; the second is made of the first here"
HEADS = "Keras 3 adds the penalty of the activity to each product within the layer, here to its output"
ATTENTION = "Keras forgets flash_attention; where it is given, the layer is written in horngate's words"
ONLY_HERE = "horngate's note of what Keras 3 has no word for"
PARTS = (  # (what is said of a part of a configuration, why it is no difference)
    ("quantization_config", NEWEST),
    ("horngate_key", OWN_FUNCTION),
    ("label_weights", TENSOR),
    ("no 'horngate'", ONLY_HERE),
    (".backward_layer", BOTH_WAYS),
    ("zero_output_for_mask", BOTH_WAYS),
    (".name:", WITHIN),
    ("'seed'", FORGETS),
)


def reason(row, wide, aspect, said):
    """Why a difference is none, or None."""
    dtype = str(row.options.get("dtype"))
    by_numbers = any(aspect.startswith(word) or aspect.endswith(word) for word in NUMBERS)
    if "argument 'renorm" in said:
        return RENORM
    if row.name.lower() == "tversky" and {"alpha", "beta"} & row.options.keys() and "off by" in said:
        return TVERSKY
    if row.module == "initializers" and "input_axes" in row.options or "output_axes" in row.options:
        return ONE_SIDE if aspect == "spread" else None
    if "IoU" in row.name and ("weights" in aspect or "int32" in said or "float32" in said):
        return WHOLE
    if (row.name == "ReLU" or "MaxPool" in row.name) and "float16" in dtype and by_numbers and "off by" in said:
        return STEP
    if why := _of_kind(row, wide, aspect, said):
        return why
    if row.name == "TimeDistributed" and "float16" in dtype and aspect.endswith("outputs"):
        return INNER
    if "float16" in dtype and by_numbers:
        return PURE if row.module == "layers" and said.endswith("in Keras float32") else _narrow(row, said)
    lost = ": no " if aspect.startswith("read by Keras") else "is not in Keras"
    if aspect.endswith(("config", "configuration")) and all(lost in part for part in said.split("; ")):
        return FORGETS
    if aspect.endswith(("config", "configuration")) and (why := _of_configuration(row, dtype, said)):
        return why
    if wide == "float64" and by_numbers and _rounded(said):
        return MIXED_IN
    return None


def _of_configuration(row, dtype, said):
    if row.options.get("groups") == -1:
        return BUILT
    if "float16" in dtype and row.name.startswith("SpatialDropout"):
        return FORGETS
    whys = [_of_part(row, part) for part in said.split("; ")]
    return whys[0] if all(whys) else None


def _of_part(row, said):
    why = next((why for words, why in PARTS if words in said), None)
    if why is WITHIN and len({re.sub(r"(_\d+)+$", "", name) for name in re.findall(r'"([^"]*)"', said)}) > 1:
        why = BOTH_WAYS
    return None if why is BOTH_WAYS and row.name != "Bidirectional" else why


def _of_kind(row, wide, aspect, said):
    """The reason for what concerns a few classes."""
    if row.name == "SpectralNormalization" and not aspect.startswith(("outputs", "gradients")):
        return LEGACY
    if row.module == "optimizers":
        if aspect == "weights' names":
            return SLOTS
        if "relative_step" in row.options and row.name == "Adafactor":
            return RELATIVE
        if "shapes" in said:
            return KEPT
        return CHAINED if _rounded(said, 5e-8 if wide == "float64" else 5e-6) else None
    if row.name.startswith("Depthwise") and aspect == "weights' names":
        return DEPTHWISE
    if row.name == "F1Score" and aspect.startswith("state"):
        return FOR_ALL
    if row.name == "MeanMetricWrapper" and "read by" in aspect:
        return OWN_FUNCTION
    if aspect == "penalties":
        return {"SimpleRNN": FORGETS, "GroupQueryAttention": HEADS, "MultiHeadAttention": HEADS}.get(row.name)
    if row.name == "SimpleRNN" and "activity_regularizer" in row.options and "configuration" in aspect:
        return FORGETS
    return ATTENTION if "flash_attention" in row.options and ("config" in aspect or "locate" in said) else None


def _narrow(row, said):
    if row.module == "layers":
        return WIDER if "is float32, in Keras float16" in said else None
    return IGNORED if " is float" in said else None


def _rounded(said, most=2e-6):
    """Whether numbers differ by less than what 32 bits round, or have 32 bits in Keras."""
    if said.endswith("in Keras float32"):
        return True
    return "off by" in said and float(said.partition("off by ")[2].split()[0]) < most
