"""Settings of the process: number type, epsilon, image ordering, convolution convention, era."""

import contextlib
import contextvars
import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import jax
import numpy as np

from horngate.backend import environment

jax_options: Any = jax.config  # typed Any: its options are attributes that exist only at run time


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
    dim_ordering: str = "th"
    batch_norm_epsilon: float = 1e-6
    batch_norm_momentum: float = 0.9
    root_epsilon: float = 1e-8
    adam_epsilon: float = 1e-8
    epsilon_inside_root: bool = False
    adagrad_rate: float = 0.01
    adadelta_rate: float = 1.0
    adamax_rate: float = 0.002
    adagrad_start: float = 0.0
    nadam_schedule_decay: float = 0.004
    counts_whole: bool = False
    clips_each_norm: bool = False
    fit_batch_size: int = 32
    fit_nb_epoch: int = 10
    penalty_in_validation: bool = False
    activity_penalty: str = "mean"
    convolution1d_init: str = "uniform"
    flow_shuffle: bool = True
    generator_centering: bool = False
    embedding_dropout_scales_test: bool = False
    highway_transform_bias: float = -2.0
    inner_activation: str = "hard_sigmoid"
    metrics_as_written: bool = False
    generators_count_batches: bool = False
    stops_at_patience: bool = False
    first_epoch_in_names: int = 0
    metrics_by_weight: bool = False
    rate_in_logs: str = "lr"
    scheduler_logs: bool = False
    running_batch_logs: bool = False
    later_masks: bool = False
    unused_masks: str = "refused"
    merged_masks: str = "all"
    merging_broadcasts: bool = False
    cosine_axis: bool = True
    moving_variance_plus_epsilon: bool = True
    batch_norm_masks: bool = False
    steps_apart: bool = False  # whether TimeDistributed calls a layer that keeps statistics step by step
    frozen_batch_norm_tests: bool = False
    frozen_batch_norm_updates: bool = True
    frozen_penalties: bool = True
    recurrent_weights: str = "cpu"
    initializers: str = "functions"
    embedding_waits: bool = False
    gru_reset_after: bool = False
    both_ways_zero_masked: bool = False
    stacked_states: str = "lists"
    image_inner_activation: str = "hard_sigmoid"
    constants_in_build: bool = False
    snake_names: bool = False
    first_name_bare: bool = False
    bias_is_weight: bool = False
    inputs_among_layers: bool = True
    weights_by_layer: bool = False
    windows_first: bool = False
    penalty_factor: float = 0.01
    categories_dtype: str = "float64"
    kl_name: str = "kullback_leibler_divergence"
    interpolation_order: int = 0
    image_format: str = "jpeg"
    loss_mean: str = "counted"
    weights_multiply: bool = True
    moving_variance_unbiased: bool = False
    enlarged_from_corners: bool = False
    inner_weights_by_layer: bool = False

    @property
    def generation(self) -> str:
        """The era whose words, and order of arguments, this one has."""
        return _GENERATIONS.get(self.name, self.name)


_GENERATIONS = {"2.2": "2", "tf2": "3"}  # era -> the one whose words it has, if not its own
ERAS = {
    "0.3": Era(
        "0.3",
        root_epsilon=1e-6,
        epsilon_inside_root=True,
        fit_batch_size=128,
        fit_nb_epoch=100,
        flow_shuffle=False,
        generator_centering=True,
        embedding_dropout_scales_test=True,
    ),
    "1.0": Era("1.0"),
    "1.2": Era(
        "1.2",
        dim_ordering="tf",
        batch_norm_epsilon=1e-3,
        batch_norm_momentum=0.99,
        penalty_in_validation=True,
        activity_penalty="sum",
        convolution1d_init="glorot_uniform",
        highway_transform_bias=1.0,
    ),
}
ERAS["2"] = replace(
    ERAS["1.2"],
    name="2",
    counts_whole=True,
    root_epsilon=1e-7,
    adam_epsilon=1e-7,
    fit_nb_epoch=1,
    metrics_as_written=True,
    generators_count_batches=True,
    stops_at_patience=True,
    first_epoch_in_names=1,
    metrics_by_weight=True,
    scheduler_logs=True,
    later_masks=True,
    merging_broadcasts=True,
    cosine_axis=False,
    moving_variance_plus_epsilon=False,
    frozen_batch_norm_updates=False,
    recurrent_weights="gpu",
    stacked_states="flat",
    constants_in_build=True,
    initializers="classes",
    snake_names=True,
    bias_is_weight=True,
    inputs_among_layers=False,
    weights_by_layer=True,
    windows_first=True,
    inner_activation="sigmoid",
    categories_dtype="float32",
    interpolation_order=1,
    image_format="png",
    loss_mean="all",
    moving_variance_unbiased=True,
)
ERAS["3"] = replace(
    ERAS["2"],
    name="3",
    epsilon_inside_root=True,
    adagrad_rate=0.001,
    adadelta_rate=0.001,
    adamax_rate=0.001,
    adagrad_start=0.1,
    nadam_schedule_decay=1.0,
    clips_each_norm=True,
    running_batch_logs=True,
    embedding_waits=True,
    activity_penalty="mean",
    rate_in_logs="learning_rate",
    unused_masks="dropped",
    merged_masks="any",
    batch_norm_masks=True,
    steps_apart=True,
    gru_reset_after=True,
    both_ways_zero_masked=True,
    stacked_states="lists",
    image_inner_activation="sigmoid",
    constants_in_build=False,
    frozen_batch_norm_tests=True,
    frozen_penalties=False,
    penalty_factor=0.0,
    loss_mean="unmasked",
    moving_variance_unbiased=False,
    categories_dtype="float64",
    kl_name="kl_divergence",
    first_name_bare=True,
    inner_weights_by_layer=True,
)
ERAS["2.2"] = replace(
    ERAS["2"],
    name="2.2",
    metrics_as_written=False,
    metrics_by_weight=False,
    stacked_states="reversed",
    inner_activation="hard_sigmoid",
    loss_mean="counted",
    weights_multiply=False,
    enlarged_from_corners=True,
)
ERAS["2.3"] = ERAS["2"]
# TensorFlow 2's own Keras: what Keras 3 means by most words, but for these
ERAS["tf2"] = replace(
    ERAS["3"],
    name="tf2",
    rate_in_logs="lr",
    steps_apart=False,
    frozen_penalties=True,
    merged_masks="all",
    stacked_states="nested",
    image_inner_activation="hard_sigmoid",
    **{name: getattr(ERAS["2"], name) for name in ("penalty_factor", "categories_dtype", "kl_name")},
)


@dataclass
class _Settings:
    floatx: str = "float32"
    compute_dtype: str | None = None  # None: that of floatx
    epsilon: float = 1e-7
    dim_ordering: str | None = None  # None: that of the era
    conv_convention: str = "tensorflow"
    era: Era = ERAS["1.0"]
    deterministic: bool = False
    widened: bool = False  # whether `set_floatx` turned on JAX's 64-bit numbers


_settings = _Settings()
_within: contextvars.ContextVar[Era | None] = contextvars.ContextVar("era", default=None)  # see `within_era`


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


@contextlib.contextmanager
def within_era(name: str | None) -> Iterator[None]:
    """Use the era `name` within the block, in this thread only; None keeps the current one."""
    before = _within.set(ERAS[_one_of("era", name, ERAS)] if name is not None else _within.get())
    try:
        yield
    finally:
        _within.reset(before)


def floatx() -> str:
    """The default number type, as a string.

    >>> floatx()
    'float32'
    """
    return _settings.floatx


def compute_dtype() -> str:
    """The number type in which new layers compute: `floatx()`, unless precision is mixed."""
    return _settings.compute_dtype or _settings.floatx


def set_floatx(floatx: str) -> None:
    """Set the default number type `floatx`: `'float16'`, `'bfloat16'`, `'float32'` or `'float64'`.

    `'mixed_bfloat16'` and `'mixed_float16'` keep `floatx()` at float32, for weights, statistics, probabilities and
    losses, while layers that are made afterwards compute in 16 bits. With float16, optimizers scale the loss.
    """
    names = ("float16", "bfloat16", "float32", "float64", "mixed_bfloat16", "mixed_float16")
    mixed = _one_of("floatx", floatx, names).startswith("mixed_")
    _settings.floatx = "float32" if mixed else floatx
    _settings.compute_dtype = floatx.removeprefix("mixed_") if mixed else None
    if (floatx == "float64") != jax_options.jax_enable_x64 and (floatx == "float64" or _settings.widened):
        _settings.widened = floatx == "float64"  # JAX narrows 64-bit numbers unless told otherwise
        jax.config.update("jax_enable_x64", _settings.widened)


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
