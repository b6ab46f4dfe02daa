"""Settings of the process: number type, epsilon, image ordering, convolution convention, era."""

import contextvars
import json
import os
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields, replace
from typing import Any

import jax
import numpy as np

from horngate.backend import environment
from horngate.utils.blocks import within

jax_options: Any = jax.config  # typed Any: its options are attributes that exist only at run time


def _setting(value: Any, **later: Any) -> Any:
    """A setting that is `value` in Keras 1.0; `later`: what it is in others, and in those that change them."""
    names = {"e03": "0.3", "e12": "1.2", "e2": "2", "e22": "2.2", "e3": "3", "tf2": "tf2"}
    return field(default=value, metadata={names[era]: changed for era, changed in later.items()})


@dataclass(frozen=True)
class Era:
    """The defaults and meanings of one generation of Keras.

    `dim_ordering`: where an image's channels stand. `epsilon_inside_root`: RMSprop and Adagrad divide by
    sqrt(a + epsilon), not sqrt(a) + epsilon. `adam_epsilon`: also for Adadelta and Adamax. `adamax_rate`: also for
    Nadam. `clips_each_norm`: `clipnorm` bounds the norm of each gradient, not that of all together.
    `counts_whole`: the number of steps of an optimizer is a whole number.
    `penalty_in_validation`: weight penalties count in the loss of the test phase too. `activity_penalty`: `sum` over
    the batch, or its `mean`. `metrics_as_written`: the logs call a metric by the name given, not 'acc' or 'mean_...'.
    `stops_at_patience`: early stopping with a patience of n stops at the n-th epoch without improvement, not after it.
    `metrics_by_weight`: weighted metrics are means by the weights. `rate_in_logs`: what logs call the learning rate
    that callbacks set, and `scheduler_logs`: whether LearningRateScheduler tells it. `running_batch_logs`: the logs of
    batches are means over the epoch so far.
    `first_epoch_in_names`: what `{epoch}` in the name of a checkpoint is in the first epoch.
    `generators_count_batches`: arguments that say how much to draw from a generator count batches, not samples.
    `later_masks`: Dense passes masks on, and global poolings of sequences leave masked steps out. `unused_masks`: what
    a layer does with a mask that it does not support: it is `refused` or `dropped`. `merged_masks`: a merged step
    counts if `all` inputs have it, or `any`. `merging_broadcasts`: inputs of merges may differ in sizes of 1.
    `windows_first`: kernels of convolutions are (window, channels, filters) whatever the place of the images' channels,
    and (window, filters, channels) if transposed.
    `cosine_axis`: a cosine has a leading axis of size 1. `moving_variance_plus_epsilon`, `batch_norm_masks`: what batch
    normalization averages: var + epsilon; only steps that are not masked. `frozen_batch_norm_tests`: if it is not
    trainable, it uses its averages in training too; `frozen_batch_norm_updates`: or it updates them.
    `steps_apart`: whether TimeDistributed calls a layer that keeps statistics step by step.
    `frozen_penalties`: whether penalties on weights that are not trained count.
    `recurrent_weights`: whether the weights of a recurrent layer's
    gates are joined, in the words of its `consume_less`. `initializers`: whether names of initializers mean the
    `functions` of Keras 1 or `classes`. `embedding_waits`: whether an Embedding without input_length that begins a
    chain waits for data to tell the length. `gru_reset_after`: where the gate r of a GRU applies.
    `both_ways_zero_masked`: the outputs of masked steps are 0 in layers that run both ways. `stacked_states`: the
    states of cells upon cells are `lists`, one for each cell, `nested`, where single states stand alone, `flat`, or
    flat and `reversed`, the last cell's first. `image_inner_activation`: `inner_activation` of the ConvLSTM layers.
    `constants_in_build`: a cell is built for the shapes of its constants too.
    `snake_names`: automatic names of layers part words by underscores. `first_name_bare`: they
    begin with `dense` and `dense_1`, not `dense_1` and `dense_2`. `bias_is_weight`: whether `layer.bias` is the
    weight, and not the argument of Keras 1. `inputs_among_layers`: whether an Input that begins a chain is one of its
    layers.
    `weights_by_layer`: whether `weights` of a model are in the order of `get_weights`.
    `inner_weights_by_layer`: whether those of layers that hold layers come layer by layer.
    `penalty_factor`: the factors of `regularizers.l1_l2`. `categories_dtype`: the number type of `to_categorical`.
    `kl_name`: what the metric of the Kullback-Leibler divergence is called.
    `loss_mean`: of which samples and steps a loss is the mean: of those with a weight and unmasked (`counted`), of
    `all`, or of those `unmasked`.
    `weights_multiply`: whether class weights count beside weights of samples.
    `moving_variance_unbiased`: whether batch normalization averages var n / (n - 1).
    `enlarged_from_corners`: whether bilinear enlarging counts from the corners of pixels, not from their middles.
    `interpolation_order`, `image_format`: how images are moved, and saved.
    """

    name: str
    dim_ordering: str = _setting("th", e12="tf")
    batch_norm_epsilon: float = _setting(1e-6, e12=0.001)
    batch_norm_momentum: float = _setting(0.9, e12=0.99)
    root_epsilon: float = _setting(1e-8, e03=1e-6, e2=1e-7)
    adam_epsilon: float = _setting(1e-8, e2=1e-7)
    epsilon_inside_root: bool = _setting(False, e03=True, e3=True)
    adagrad_rate: float = _setting(0.01, e3=0.001)
    adadelta_rate: float = _setting(1.0, e3=0.001)
    adamax_rate: float = _setting(0.002, e3=0.001)
    adagrad_start: float = _setting(0.0, e3=0.1)
    nadam_schedule_decay: float = _setting(0.004, e3=1.0)
    counts_whole: bool = _setting(False, e2=True)
    clips_each_norm: bool = _setting(False, e3=True)
    fit_batch_size: int = _setting(32, e03=128)
    fit_nb_epoch: int = _setting(10, e03=100, e2=1)
    penalty_in_validation: bool = _setting(False, e12=True)
    activity_penalty: str = _setting("mean", e12="sum", e3="mean")
    convolution1d_init: str = _setting("uniform", e12="glorot_uniform")
    flow_shuffle: bool = _setting(True, e03=False)
    generator_centering: bool = _setting(False, e03=True)
    embedding_dropout_scales_test: bool = _setting(False, e03=True)
    highway_transform_bias: float = _setting(-2.0, e12=1.0)
    inner_activation: str = _setting("hard_sigmoid", e2="sigmoid", e22="hard_sigmoid")
    metrics_as_written: bool = _setting(False, e2=True, e22=False)
    generators_count_batches: bool = _setting(False, e2=True)
    stops_at_patience: bool = _setting(False, e2=True)
    first_epoch_in_names: int = _setting(0, e2=1)
    metrics_by_weight: bool = _setting(False, e2=True, e22=False)
    rate_in_logs: str = _setting("lr", e3="learning_rate", tf2="lr")
    scheduler_logs: bool = _setting(False, e2=True)
    running_batch_logs: bool = _setting(False, e3=True)
    later_masks: bool = _setting(False, e2=True)
    unused_masks: str = _setting("refused", e3="dropped")
    enlarged_from_corners: bool = _setting(False, e22=True)
    merged_masks: str = _setting("all", e3="any", tf2="all")
    merging_broadcasts: bool = _setting(False, e2=True)
    cosine_axis: bool = _setting(True, e2=False)
    moving_variance_plus_epsilon: bool = _setting(True, e2=False)
    batch_norm_masks: bool = _setting(False, e3=True)
    steps_apart: bool = _setting(False, e3=True, tf2=False)
    frozen_batch_norm_tests: bool = _setting(False, e3=True)
    frozen_batch_norm_updates: bool = _setting(True, e2=False)
    frozen_penalties: bool = _setting(True, e3=False, tf2=True)
    recurrent_weights: str = _setting("cpu", e2="gpu")
    initializers: str = _setting("functions", e2="classes")
    embedding_waits: bool = _setting(False, e3=True)
    gru_reset_after: bool = _setting(False, e3=True)
    both_ways_zero_masked: bool = _setting(False, e3=True)
    stacked_states: str = _setting("lists", e2="flat", e3="lists", e22="reversed", tf2="nested")
    image_inner_activation: str = _setting("hard_sigmoid", e3="sigmoid", tf2="hard_sigmoid")
    constants_in_build: bool = _setting(False, e2=True, e3=False)
    snake_names: bool = _setting(False, e2=True)
    first_name_bare: bool = _setting(False, e3=True)
    bias_is_weight: bool = _setting(False, e2=True)
    inputs_among_layers: bool = _setting(True, e2=False)
    weights_by_layer: bool = _setting(False, e2=True)
    windows_first: bool = _setting(False, e2=True)
    penalty_factor: float = _setting(0.01, e3=0.0, tf2=0.01)
    categories_dtype: str = _setting("float64", e2="float32", e3="float64", tf2="float32")
    kl_name: str = _setting("kullback_leibler_divergence", e3="kl_divergence", tf2="kullback_leibler_divergence")
    interpolation_order: int = _setting(0, e2=1)
    image_format: str = _setting("jpeg", e2="png")
    loss_mean: str = _setting("counted", e2="all", e3="unmasked", e22="counted")
    weights_multiply: bool = _setting(True, e22=False)
    moving_variance_unbiased: bool = _setting(False, e2=True, e3=False)
    inner_weights_by_layer: bool = _setting(False, e3=True)

    @property
    def generation(self) -> str:
        """The era whose words, and order of arguments, this one has."""
        return _GENERATIONS.get(self.name, self.name)


_GENERATIONS = {"2.2": "2", "tf2": "3"}  # era -> the one whose words it has, if not its own
_CHANGED = {"0.3": "1.0", "1.2": "1.0", "2": "1.2", "3": "2", "2.2": "2", "tf2": "3"}  # era -> the one that it changes


def _eras() -> dict[str, Era]:
    """Return name -> era; `tf2` is TensorFlow 2's own Keras, which means by most words what Keras 3 does."""
    found = {"1.0": Era("1.0")}
    for name, before in _CHANGED.items():
        changes = {f.name: f.metadata[name] for f in fields(Era) if name in f.metadata}
        found[name] = replace(found[before], name=name, **changes)
    found["2.3"] = found["2"]
    return {name: found[name] for name in ("0.3", "1.0", "1.2", "2", "3", "2.2", "2.3", "tf2")}


ERAS = _eras()


@dataclass
class _Settings:
    floatx: str = "float32"
    precision: str | None = None  # one of PRECISIONS; None: floatx
    epsilon: float = 1e-7
    dim_ordering: str | None = None  # None: that of the era
    conv_convention: str = "tensorflow"
    era: Era = ERAS["1.0"]
    deterministic: bool = False
    widened: bool = False  # whether `set_floatx` turned on JAX's 64-bit numbers


_settings = _Settings()
_within: contextvars.ContextVar[Era | None] = contextvars.ContextVar("era", default=None)  # see `within_era`
_floatx: contextvars.ContextVar[str | None] = contextvars.ContextVar("floatx", default=None)  # see `within_floatx`
PRECISIONS = "float16", "bfloat16", "float32", "float64", "mixed_bfloat16", "mixed_float16"


class EraDefault:
    """A default argument that is looked up in the current era at each call.

    `name`: a setting of `Era`.
    """

    def __init__(self, name: str) -> None:
        if name not in {f.name for f in fields(Era)}:
            raise ValueError(f"an era has no setting {name!r}")
        self.name = name

    def value(self, era: Era | None = None) -> Any:
        """The value in the given `era`, by default in the era in force."""
        return getattr(era or _within.get() or _settings.era, self.name)

    def __repr__(self) -> str:
        return f"era().{self.name}"


def of_era(value: Any) -> Any:
    """Return `value`, or what an `EraDefault` is in the era in force."""
    return value.value() if isinstance(value, EraDefault) else value


def era() -> Era:
    """The record of defaults in force."""
    return _within.get() or _settings.era


def set_era(name: str | float) -> None:
    """Use the defaults of another generation of Keras from now on.

    `name`: `'0.3'`, `'1.0'` (the default), `'1.2'`, `'2'` (the same as `'2.3'`), `'2.2'`, `'tf2'` (TensorFlow's
    Keras 2) or `'3'`.
    """
    _settings.era = ERAS[_one_of("era", str(name), ERAS)]


def within_era(name: str | None) -> AbstractContextManager[None]:
    """Use the era `name` within the block, in this thread only; None keeps the current one."""
    return within(_within, ERAS[_one_of("era", name, ERAS)] if name is not None else _within.get())


def floatx() -> str:
    """The default number type, as a string.

    >>> floatx()
    'float32'
    """
    return _floatx.get() or _settings.floatx


def floatx_of_all() -> str:
    """The default number type, also while a layer with another one is built or runs."""
    return _settings.floatx


def within_floatx(name: str | None) -> AbstractContextManager[None]:
    """Take `name` for the default number type within the block, in this thread only; None: that of `set_floatx`."""
    return _NOTHING if _floatx.get() == name else within(_floatx, name)


_NOTHING = nullcontext()


def precision() -> str | None:
    """The number types of layers that are made from now on, one of `PRECISIONS`; None if they are those of `floatx`."""
    return _settings.precision


def kept_in(precision: str) -> str:
    """The number type of weights under one of `PRECISIONS`."""
    return "float32" if precision.startswith("mixed_") else precision


def compute_dtype() -> str:
    """The number type in which new layers compute: `floatx()`, unless a precision of layers is set."""
    return (_settings.precision or _settings.floatx).removeprefix("mixed_")


def set_floatx(floatx: str) -> None:
    """Set the default number type `floatx`: `'float16'`, `'bfloat16'`, `'float32'` or `'float64'`.

    `'mixed_bfloat16'` and `'mixed_float16'` keep `floatx()` at float32, for weights, statistics, probabilities and
    losses, while layers that are made afterwards compute in 16 bits. With float16, optimizers scale the loss.
    """
    _settings.floatx = kept_in(_one_of("floatx", floatx, PRECISIONS))
    set_precision(floatx)


def set_precision(name: str) -> None:
    """Set the number types, `name` of `PRECISIONS`, of layers that are made from now on; `floatx()` stays."""
    _settings.precision = None if name == _settings.floatx else name
    wide = "float64" in (_settings.floatx, name)
    if wide != jax_options.jax_enable_x64 and (wide or _settings.widened):
        _settings.widened = wide  # JAX narrows 64-bit numbers unless told otherwise
        jax.config.update("jax_enable_x64", wide)


_PRECISIONS = "default", "high", "highest"


def matmul_precision() -> str:
    """How exact products of float32 arrays are: `'default'`, `'high'` or `'highest'`; see `set_matmul_precision`."""
    chosen = jax_options.jax_default_matmul_precision
    return chosen if chosen in _PRECISIONS else "default"


def set_matmul_precision(precision: str) -> None:
    """Set how exact products and convolutions of float32 arrays are on GPUs and TPUs; a CPU is always exact.

    `precision`: `'default'` rounds factors to the device's fast type: on a GPU TensorFloat-32 with 10 bits of fraction
    (errors of about 1e-4 of the largest result), on a TPU bfloat16 with 7 bits. `'high'` is more exact on a TPU and the
    same on a GPU. `'highest'` computes in float32 (1e-7), on a large GPU at an eighth of the speed or less. Sums are
    always float32. Compiled programs are compiled again when they run next.
    """
    chosen = _one_of("precision", precision, _PRECISIONS)
    jax.config.update("jax_default_matmul_precision", None if chosen == "default" else chosen)


def deterministic() -> bool:
    """Whether newly compiled models repeat their results exactly on a GPU; see `set_deterministic`."""
    return _settings.deterministic


def set_deterministic(value: bool) -> None:
    """Make models that are compiled afterwards repeat their results exactly on a GPU, if `value` is true.

    Some GPU kernels add numbers in an order that changes from run to run (gradients of poolings, gathers and
    convolutions). They are then not used, which may cost speed. On a CPU, results always repeat.
    """
    _settings.deterministic = bool(value)


def cast_to_floatx(x: Any) -> np.ndarray:
    """`x` as a NumPy array of the default number type."""
    return np.asarray(x, dtype=_settings.floatx)


def epsilon() -> float:
    """The small number that keeps quotients and logarithms finite."""
    return _settings.epsilon


def set_epsilon(e: float) -> None:
    """Set the small number `e` that keeps quotients and logarithms finite."""
    if isinstance(e, (bool, str)) or not 0 < float(e) < 1:
        raise ValueError(f"epsilon must be a small number above 0, such as 1e-7; received {e!r}")
    _settings.epsilon = float(e)


def image_dim_ordering() -> str:
    """`'th'` if channels come before rows and columns, `'tf'` if they come last."""
    return _settings.dim_ordering or era().dim_ordering


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Set the place of the channels of images. `dim_ordering`: `'th'` (first) or `'tf'` (last)."""
    _settings.dim_ordering = _one_of("dim_ordering", dim_ordering, ("th", "tf"))


FORMATS = {"channels_first": "th", "channels_last": "tf"}


def image_data_format() -> str:
    """`image_dim_ordering` in the words of Keras 2: `'channels_first'` or `'channels_last'`."""
    return "channels_first" if image_dim_ordering() == "th" else "channels_last"


def set_image_data_format(data_format: str) -> None:
    """Set the place of the channels of images, in the words of Keras 2.

    `data_format`: `'channels_first'` or `'channels_last'`.
    """
    set_image_dim_ordering(FORMATS[_one_of("data_format", data_format, FORMATS)])


def conv_convention() -> str:
    """`'tensorflow'` or `'theano'`: see `set_conv_convention`."""
    return _settings.conv_convention


def set_conv_convention(convention: str) -> None:
    """Choose what convolution means.

    `convention`: `'tensorflow'`: correlation, and `same` pads as XLA does. `'theano'`: the kernel is flipped along its
    spatial axes, and `same` pads by Theano's rules. Weights trained with one give nonsense with the other.
    """
    _settings.conv_convention = _one_of("convention", convention, ("tensorflow", "theano"))


def backend() -> str:
    """The name of the engine: always `'jax'`."""
    return "jax"


def _one_of(what: str, value: str, allowed: Collection[str]) -> str:
    if value not in allowed:
        raise ValueError(f"{what} must be one of {', '.join(map(repr, allowed))}; received {value!r}")
    return value


def _keras_json():
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        with open(os.path.join(home, "keras.json"), encoding="utf-8") as file:
            content = json.load(file)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _as_number(text: str | None) -> float | str | None:
    """The number in a `text` of the environment; what is no number is refused by the setting itself."""
    try:
        return float(text) if text else None
    except ValueError:
        return text


def _configure() -> None:
    """Read keras.json, then the environment, which wins."""
    environment.check()
    saved, env = _keras_json(), os.environ.get
    choices: list[tuple[Callable[[Any], None], Any]] = [
        (set_era, env("HORNGATE_ERA") or saved.get("era")),
        (set_floatx, env("HORNGATE_FLOATX") or saved.get("floatx")),
        (set_epsilon, _as_number(env("HORNGATE_EPSILON")) or saved.get("epsilon")),
        (set_matmul_precision, env("HORNGATE_MATMUL_PRECISION") or None),
        (set_deterministic, environment.flag("DETERMINISTIC")),
        (set_image_dim_ordering, env("HORNGATE_IMAGE_DIM_ORDERING") or saved.get("image_dim_ordering")),
    ]
    for setter, value in choices:
        if value is not None:
            setter(value)
    if (env("KERAS_BACKEND") or saved.get("backend")) == "theano":
        set_conv_convention("theano")


_configure()
