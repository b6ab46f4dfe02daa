"""What cannot be compared with Keras 3, and why. Each has been looked at; numbers without exclusion agree."""

MIXED_IN = "Keras rounds to float32 inside, also in float64; the numbers agree to 2e-6"
OWN_WORDS = (
    "get_config speaks horngate's words; keras.saving.serialize_keras_object those of Keras 3, which are compared"
)
NARROW = "the number type of one layer is that of all, or mixed; another one is refused with a sentence"
IGNORED = "Keras takes the number type and leaves it out"
RENORM = "batch renormalization is refused with a sentence"
WHOLE = "Keras counts in whole numbers and cuts off the weights; here they weigh"
TVERSKY = "Keras 3.15 exchanges alpha and beta; here they are the paper's"
ONE_SIDE = (
    "Keras leaves input_axes or output_axes out where the other one is not given; here the rest are the other axes"
)
FORGETS = "Keras forgets the argument in its configuration"
PURE = "Keras's stateless_call gives 32 bits under a mixed policy, its plain call 16"
WIDER = "statistics, probabilities and state are kept in 32 bits under a mixed policy"
NEWEST = "quantization_config is written by the newest Keras 3 alone, and older ones refuse it"
WITHIN = "automatic names, and those of layers within others, are numbered from 1 here"
STEP = "a jump of the function lies between numbers of 16 bits"
BUILT = "Keras writes the number that it found when it was built, and would be bound to it"
LEGACY = "SpectralNormalization of Keras 3 keeps the kernel normalized; it is written in horngate's words"
NUMBERS = ("outputs", "gradients by inputs", "gradients by weights", "value", "gradient", "result", "state", "spread")


def reason(row, wide, aspect, said):
    """Why a difference is none, or None."""
    dtype = str(row.options.get("dtype"))
    by_numbers = any(aspect.startswith(word) or aspect.endswith(word) for word in NUMBERS)
    if aspect == "get_config":
        return OWN_WORDS
    if row.module == "layers" and "argument 'dtype'" in said:
        return NARROW
    if "argument 'renorm" in said:
        return RENORM
    if row.name.lower() == "tversky" and {"alpha", "beta"} & row.options.keys() and "off by" in said:
        return TVERSKY
    if row.module == "initializers" and "input_axes" in row.options or "output_axes" in row.options:
        return ONE_SIDE if aspect == "spread" else None
    if "IoU" in row.name and ("weights" in aspect or "int32" in said or "float32" in said):
        return WHOLE
    if row.name == "ReLU" and "float16" in dtype and by_numbers and "off by" in said:
        return STEP
    if "float16" in dtype and by_numbers:
        return PURE if row.module == "layers" and said.endswith("in Keras float32") else _narrow(row, said)
    if aspect.endswith("configuration") and "is not in Keras" in said and " no " not in said:
        return FORGETS
    if aspect.endswith("configuration") and (why := _of_configuration(row, dtype, said)):
        return why
    if wide == "float64" and by_numbers and _rounded(said):
        return MIXED_IN
    return None


def _of_configuration(row, dtype, said):
    if row.name == "SpectralNormalization":
        return LEGACY
    if row.options.get("groups") == -1:
        return BUILT
    if "float16" in dtype and row.name.startswith("SpatialDropout"):
        return FORGETS
    parts = said.split("; ")
    if all("quantization_config" in part for part in parts):
        return NEWEST
    if all(".name:" in part for part in parts):
        return WIDER if "mixed_float16" in said else WITHIN
    return None


def _narrow(row, said):
    if row.module == "layers":
        return WIDER if "is float32, in Keras float16" in said else None
    return IGNORED if " is float" in said else None


def _rounded(said):
    """Whether numbers differ by what 32 bits round, or have 32 bits in Keras."""
    if said.endswith("in Keras float32"):
        return True
    return "off by" in said and float(said.partition("off by ")[2].split()[0]) < 2e-6
