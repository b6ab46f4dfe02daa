"""Guess the Keras version that a program was written for from the names that it uses."""

import re

# TensorFlow's Keras, and names that it did not have; the accuracy as it was called before 2.3.
_TENSORFLOW = r"from tensorflow import (?:.*\bkeras\b)|\btensorflow\.(?:python\.)?keras\b|\btf\.keras\b"
_ONLY_KERAS_3 = r"\bkeras\.ops\b|\bkeras\.random\b|\.keras['\"]|^\s*(?:import keras\b|from keras\b)"
_BEFORE_2_3 = r"['\"](?:\w+_)?acc['\"]|\{val_acc\b"

# What Keras 3 had besides, and what it had no more.
_ALSO_BEFORE_3 = re.compile(r"keras\.(?:Input|Sequential|Model)")
_NOT_IN_3 = (
    r"[(,]\s*lr\s*=|_generator\(|\bCuDNN|optimizers\.(?:adam|sgd|rmsprop)\(|\bImageDataGenerator\b"
    r"|\bkeras\.(?:engine|legacy|objectives|preprocessing\.text|layers\.(?:core|merge|recurrent|convolutional))\b"
    r"|\bK\.(?!\w*(?:backend|clear_session|epsilon|floatx|get_uid|image_data_format|dtype|result_type|is_\w+)\()\w+\("
)

_SURELY_3 = r"\bkeras\.ops\b|from keras import .*\bops\b|KERAS_BACKEND\W+=?\W*(?:jax|torch)\b"

# Patterns that indicate an era. If several eras match, the one with the most matches wins.
SIGNS = {
    "0.3": (
        r"\bshow_accuracy\b",
        r"\.compile\([^()]*\bclass_mode\s*=",
        r"\btheano_mode\b",
        r"(?<!\btf\.)\bGraph\(\)",
        r"\.add_node\(",
        r"\.add_output\(",
        r"\bTimeDistributedMerge\b",
        r"\bAutoEncoder\b",
        r"keras\.layers\.containers",
        r"\bLambdaMerge\b",
        r"Dense\(\s*\d+\s*,\s*\d+",
        r"\bSiamese\b",
        r"\bget_output\(",
        r"\bMaskedLambda\b",
    ),
    "1.0": (
        r"[(,]\s*nb_epoch\s*=",
        r"\bConvolution[12]D\b",
        r"\bborder_mode\b",
        r"\bimage_dim_ordering\b",
        r"\bnb_filter\b",
        r"\bmerge\(",
        r"\bsamples_per_epoch\b",
        r"Model\(input=",
        r"\boutput_dim\b",
        r"\bW_regularizer\b",
        r"\bnb_val_samples\b",
    ),
    "1.2": (
        r"\bSeparableConvolution2D\b",
        r"\bDeconvolution2D\b",
        r"image_dim_ordering\(\)\s*==\s*['\"]tf",
        r"dim_ordering\s*=\s*['\"]tf",
    ),
    "1.2 on": (  # Keras 2 has them too
        r"\bBidirectional\b",
        r"\bkeras\.applications\b",
        r"\bCropping[123]D\b",
        r"\bReduceLROnPlateau\b",
        r"\bload_model\b",
        r"\bCSVLogger\b",
        r"\bK\.ctc_",
        r"\bGlobalAveragePooling2D\b",
    ),
    "2": (
        r"[(,]\s*epochs\s*=",
        r"[(,]\s*units\s*=",
        r"\bkernel_size\b",
        r"\bConv[12]D\(\s*\d+\s*,\s*(?:kernel_size|\()",
        r"[(,]\s*padding\s*=",
        r"\bsteps_per_epoch\b",
        r"\bimage_data_format\b",
        r"utils import to_categorical",
        r"\bkernel_initializer\b",
        r"Model\(inputs=",
        r"layers\.merge\b",
        r"\bConv2DTranspose\b",
        r"\bdata_format\b",
        r"\bplot_model\b",
        r"\bkeras\.utils\.to_categorical\b",
        r"layers import .*\b(?:[cC]oncatenate|[aA]dd|[dD]ot|[mM]ultiply|[aA]verage|[sS]ubtract|[mM]aximum)\b",
    ),
    "3": (
        r"from tensorflow import keras",
        r"tensorflow\.keras",
        r"\bkeras\.Input\b",
        r"\bkeras\.Sequential\b",
        r"[(,]\s*learning_rate\s*=",
        r"\bkeras\.ops\b",
        r"\bkeras\.Model\b",
        r"losses\.[A-Z]\w+\(",
        r"\.keras['\"]",
        r"keras\.optimizers\.\w+\(learning_rate",
        r"keras\.random\b",
        _SURELY_3,
    ),
}


def era_of(source: str) -> tuple[str, list[str]]:
    """Return (era, the matches that indicate it) for a program's text; ('1.0', []) without matches.

    >>> era_of("model.fit(X, y, nb_epoch=5, show_accuracy=True)")
    ('0.3', ['show_accuracy'])
    >>> era_of("model.add(Conv2D(32, (3, 3), padding='same'))")[0]
    '2'
    """
    found = {era: [m.group(0) for sign in signs if (m := re.search(sign, source))] for era, signs in SIGNS.items()}
    if re.search(_SURELY_3, source):
        return "3", found["3"]
    if found["0.3"] and not (found["2"] or found["3"]):
        return "0.3", found["0.3"]
    modern = len(found["2"]) + len(found["3"])
    if modern > len(found["1.0"]) + len(found["1.2"]):
        only_weakly = all(_ALSO_BEFORE_3.fullmatch(match) for match in found["3"])
        older = only_weakly and (re.search(_NOT_IN_3, source) or re.search(_BEFORE_2_3, source))
        era = "3" if found["3"] and not older else "2"
        return _variant(era, source), found[era]
    since = found["1.2"] + found["1.2 on"]
    return ("1.2", since) if since else ("1.0", found["1.0"])


def _variant(era, source):
    """Return the era, more exactly: tf2 for 3, 2.2 for 2, by what the program says."""
    if era == "3":
        return "tf2" if re.search(_TENSORFLOW, source) and not re.search(_ONLY_KERAS_3, source, re.M) else era
    read_later = re.search(r"history\[['\"](?:val_)?accuracy", source)
    return "2.2" if re.search(_BEFORE_2_3, source) and not read_later else era
