"""Numbers and sizes as arguments: each either makes a layer that works, or is refused by its name."""

import inspect
import warnings

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers, optimizers, regularizers
from horngate.engine.arguments import Declared
from horngate.engine.layer import Layer
from horngate.layers import (
    AveragePooling2D,
    ConvLSTM2D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
    Cropping1D,
    Cropping2D,
    Dense,
    Flatten,
    Input,
    Lambda,
    LocallyConnected1D,
    LocallyConnected2D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    TimeDistributed,
    ZeroPadding2D,
)
from horngate.models import Model, Sequential
from horngate.utils.passes import Dataset
from horngate.utils.visualize_util import plot_model
from tests.layers.conformance_table import ROWS

BAD = [0, -1, 2.7, float("nan"), float("inf"), "a", True, None, (1, 2, 3, 4, 5, 6, 7), (), 2**40]

# The arguments of layers that are no numbers; each other one must have limits in the table of arguments.
NO_NUMBERS = {
    "mask",
    "activation",
    "inner_activation",
    "arguments",
    "bias",
    "border_mode",
    "consume_less",
    "dim_ordering",
    "function",
    "go_backwards",
    "layer",
    "layers",
    "mask_zero",
    "merge_mode",
    "mode",
    "name",
    "node_indices",
    "normalize",
    "output_mask",
    "return_sequences",
    "sparse",
    "stateful",
    "tensor_indices",
    "unroll",
    "weights",
    "backward_layer",
    "keepdims",
    "all_ops",
    "antialias",
    "crop_to_aspect_ratio",
    "expand_dims",
    "invert",
    "pad_to_aspect_ratio",
    "periodic",
    "power_to_db",
    "return_state",
    "reset_after",
    "zero_output_for_mask",
    "unit_forget_bias",
    "synchronized",
    "renorm",  # and its two, of Keras 2, are refused with a sentence
    "renorm_clipping",
    "renorm_momentum",
    "use_scale",
    "use_bias",
    "use_gate",
    "center",
    "scale",
    "equation",
    "bias_axes",
}


def arguments_of(cls, base):
    """(name, default) of each argument that the constructors of a class take."""
    found = {}
    for ancestor in cls.__mro__:
        if ancestor is base:
            return list(found.items())
        if "__init__" in vars(ancestor):
            for p in inspect.signature(inspect.unwrap(vars(ancestor)["__init__"])).parameters.values():
                if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "self":
                    found.setdefault(p.name, p.default)
            if hasattr(vars(ancestor)["__init__"], "generated"):  # it takes what the bases take, or leaves it out
                break
    return list(found.items())


def is_number(name, default):
    if name.endswith(("init", "regularizer", "constraint")):
        return isinstance(default, (int, float))
    return name not in NO_NUMBERS


def rows():
    for name, (first, *_) in ROWS.items():
        for argument, default in arguments_of(getattr(layers, name), Layer):
            if is_number(argument, default):
                yield pytest.param(name, argument, first, id=f"{name}-{argument}")


def made(name, argument, value, args, kwargs):
    """The layer of a row with one argument changed."""
    cls = getattr(layers, name)
    taken = [p for p in inspect.signature(inspect.unwrap(cls.__init__)).parameters if p != "self"]
    return cls(**{**dict(zip(taken, args)), **kwargs, argument: value})


def is_size(value):
    return value is None or isinstance(value, int) and value >= 1


@pytest.mark.parametrize("name, argument, row", list(rows()))
def test_a_bad_number_is_refused_by_name_or_works(name, argument, row):
    shapes, args, kwargs = row
    inputs = [Input(shape) for shape in (shapes if isinstance(shapes, list) else [shapes])]
    for value in BAD:
        try:
            layer = made(name, argument, value, args, kwargs)
        except (ValueError, TypeError) as error:
            if f"no argument {argument!r}" in str(error):
                return  # one of a base that the class does not take
            assert argument in str(error) and name in str(error) and repr(value) in str(error), (value, error)
            continue
        try:
            output = layer(inputs if len(inputs) > 1 else inputs[0])
        except (ValueError, TypeError) as error:  # what depends on the input is told when that is known
            assert layer.name in str(error) + str(getattr(error, "__notes__", "")), (value, error)
            continue
        assert all(map(is_size, output.shape)), value
        assert not isinstance(value, (bool, str)) and value != float("inf") or argument == "mask_value"


def checked(cls, argument):
    """Whether a class declares what the argument may be."""
    told = cls.__declared__.get(argument)
    return told is not None and (told.choices or told.kind.converted.__func__ is not Declared.converted.__func__)


def test_every_argument_of_a_layer_that_may_be_a_number_has_limits():
    without = {
        (name, argument)
        for name in ROWS
        for argument, default in arguments_of(getattr(layers, name), Layer)
        if is_number(argument, default) and not checked(getattr(layers, name), argument)
    }
    assert not without, f"no limits for {sorted(without)}: give them a type, or list them in NO_NUMBERS here"


@pytest.mark.parametrize(
    "cls",
    [
        cls
        for cls in vars(optimizers).values()
        if inspect.isclass(cls) and issubclass(cls, optimizers.Optimizer) and hasattr(cls, "slots") and cls.slots
    ],
)
def test_a_hyper_parameter_is_finite(cls):
    for argument, default in arguments_of(cls, optimizers.Optimizer):
        if isinstance(default, bool):
            continue
        for value in (float("nan"), float("inf"), "a", True, (1, 2)):
            with pytest.raises((ValueError, TypeError), match=f"{cls.__name__}.*{argument}"):
                cls(**{argument: value})


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: regularizers.l2(-1), ["l2", "at least 0", "-1"]),
        (lambda: regularizers.l1(float("nan")), ["l1", "nan"]),
        (lambda: regularizers.l1l2("a"), ["l1", "'a'"]),
        (lambda: Input((0,)), ["input_shape", "at least 1", "(0,)"]),
        (lambda: Input(batch_shape=(2.5, 3)), ["batch_input_shape", "(2.5, 3)"]),
        (lambda: Dense(3, input_shape=5), ["Dense", "input_shape", "(784,)"]),
        (lambda: K.conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)), strides=(0, 1)), ["strides", "(0, 1)"]),
        (lambda: K.pool2d(np.ones((1, 1, 4, 4)), (2, 2.5)), ["pool_size", "(2, 2.5)"]),
        (lambda: layers.concatenate([Input((3,)), Input((3,))], axis=7), ["concat_axis", "7"]),
        (lambda: layers.dot([Input((3,)), Input((3,))], axes=3), ["dot_axes", "3"]),
        (lambda: classifier().fit(X, Y, batch_size=True), ["batch_size", "True"]),
        (lambda: classifier().fit(X, Y, nb_epoch=float("nan")), ["nb_epoch", "nan"]),
        (lambda: classifier().fit(X, Y, batch_size=float("inf")), ["batch_size", "inf"]),
        (lambda: classifier().fit(X, Y, initial_epoch=-1), ["initial_epoch", "-1"]),
        (lambda: classifier().fit_generator(iter([(X, Y)] * 9), 4, 2.5, verbose=0), ["nb_epoch", "2.5"]),
        (lambda: classifier().predict(X, batch_size="a"), ["batch_size", "'a'"]),
        (lambda: classifier().evaluate(X, Y, batch_size=0), ["batch_size", "0"]),
        (lambda: Dataset(lambda: iter(X)).shuffle(0), ["shuffle", "buffer_size", "0"]),
        (lambda: Dataset(lambda: iter(X)).batch("a"), ["batch", "batch_size", "'a'"]),
        (lambda: Dataset(lambda: iter(X)).prefetch(0.5), ["prefetch", "buffer_size", "0.5"]),
        (lambda: layers.Normalization().adapt(X, batch_size=0), ["adapt", "batch_size", "0"]),
        (lambda: plot_model(classifier(), "never_written.png", dpi=0), ["plot_model", "dpi", "0"]),
    ],
)
def test_elsewhere_too(call, words):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value


X, Y = np.zeros((4, 3)), np.zeros((4, 2))


def classifier():
    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", "mse")
    return model


def test_whole_numbers_of_any_kind_are_taken():
    for n in (3, 3.0, np.int64(3), np.float32(3), np.array(3)):
        layer = Dense(n)
        assert layer.output_dim == 3 and type(layer.output_dim) is int
    assert MaxPooling2D(np.array([2, 3])).pool_size == (2, 3)
    assert Cropping2D(1).cropping == ((1, 1), (1, 1)) and Cropping1D(2).cropping == (2, 2)


TOO_SMALL = {  # input shape, layer: with channels first and with channels last
    "convolution": ((3, 4, 9), lambda: Convolution2D(2, 5, 2)),
    "a stride over all": ((3, 9, 4), lambda: Convolution2D(2, 2, 5, subsample=(3, 3))),
    "a kernel with holes": ((3, 9, 9), lambda: layers.AtrousConvolution2D(2, 3, 3, atrous_rate=(5, 1))),
    "volumes": ((1, 3, 4, 5), lambda: Convolution3D(2, 4, 2, 2)),
    "separable": ((3, 4, 9), lambda: layers.SeparableConvolution2D(2, 5, 2)),
    "pooling": ((3, 3, 3), lambda: MaxPooling2D((4, 4))),
    "average": ((3, 3, 3), lambda: AveragePooling2D((4, 1))),
    "pooling volumes": ((1, 3, 4, 5), lambda: MaxPooling3D((4, 1, 1))),
    "cropping": ((1, 3, 3), lambda: Cropping2D(((2, 2), (2, 2)))),
    "cropping all": ((1, 4, 4), lambda: Cropping2D(((2, 2), (0, 0)))),
    "local": ((3, 4, 9), lambda: LocallyConnected2D(2, 5, 2)),
    "recurrent": ((2, 3, 4, 9), lambda: ConvLSTM2D(2, 5, 2)),
    "wrapped": ((2, 3, 4, 9), lambda: TimeDistributed(Convolution2D(2, 5, 2))),
}


@pytest.mark.parametrize("what", TOO_SMALL)
@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_data_too_small_for_a_layer_are_refused_where_it_is_added(what, ordering):
    shape, make = TOO_SMALL[what]
    steps = 1 if what in ("recurrent", "wrapped") else 0
    if ordering == "tf":
        shape = (*shape[:steps], *shape[steps + 1 :], shape[steps])
    before = K.image_dim_ordering()
    K.set_image_dim_ordering(ordering)
    try:
        layer = make()
        with pytest.raises(ValueError) as caught:
            layer(Input(shape))
    finally:
        K.set_image_dim_ordering(before)
    inner = getattr(layer, "layer", layer)
    words = inner.name, type(inner).__name__, str(shape[steps:])[1:-1], "at least 1", f"dim_ordering='{ordering}'"
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize(
    "shape, make",
    [
        ((3, 2), lambda: Convolution1D(2, 4)),
        ((3, 2), lambda: MaxPooling1D(4)),
        ((3, 2), lambda: Cropping1D((2, 2))),
        ((3, 2), lambda: LocallyConnected1D(2, 4)),
        ((3, 2), lambda: Lambda(lambda x: x[:, 5:])),
    ],
)
def test_sequences_that_are_too_short_are_refused(shape, make):
    layer = make()
    with pytest.raises(ValueError, match=rf"{layer.name}.*\(.*3, 2\).*at least 1"):
        layer(Input(shape))


@pytest.mark.parametrize(
    "make, data",
    [
        (lambda: Convolution2D(2, 3, 3), np.ones((2, 3, 2, 5))),
        (lambda: MaxPooling2D((2, 2)), np.ones((2, 3, 1, 5))),
        (lambda: Cropping2D(((0, 4), (0, 0))), np.ones((2, 3, 3, 5))),
        (lambda: Lambda(lambda x: x[:, :, 3:]), np.ones((2, 3, 2, 5))),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_an_image_that_turns_out_too_small_is_refused_by_the_layer(make, data, at_once):
    layer = make()
    inputs = Input((3, None, None))
    run = layer if at_once else Model(inputs, layer(inputs)).predict
    with pytest.raises(ValueError, match=layer.name):
        run(data)


TURNED = [  # ordering, input shape, layer
    ("th", (28, 28, 3), lambda: Convolution2D(2, 3, 3)),
    ("th", (8, 8, 1), lambda: Convolution2D(2, 3, 3, border_mode="same")),
    ("th", (32, 48, 4), lambda: ZeroPadding2D((1, 1))),
    ("th", (5, 28, 28, 3), lambda: TimeDistributed(Convolution2D(2, 3, 3))),
    ("tf", (3, 28, 28), lambda: Convolution2D(2, 3, 3)),
    ("tf", (1, 28, 28), lambda: MaxPooling2D((1, 2))),
]


def told(ordering, shape, make, monkeypatch):
    """The warnings on the first layer of a model."""
    from horngate.backend import notices

    monkeypatch.setattr(notices, "_told", set())
    monkeypatch.setenv("HORNGATE_QUIET", "")
    before = K.image_dim_ordering()
    K.set_image_dim_ordering(ordering)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            layer = make()
            for _ in range(2):
                layer(Input(shape))
    finally:
        K.set_image_dim_ordering(before)
    return layer, [str(warning.message) for warning in caught]


@pytest.mark.parametrize("ordering, shape, make", TURNED)
def test_images_that_look_turned_are_told_once(ordering, shape, make, monkeypatch):
    layer, lines = told(ordering, shape, make, monkeypatch)
    other = {"th": "tf", "tf": "th"}[ordering]
    assert len(lines) == 1, lines
    for word in (layer.name, str(shape)[1:-1], f"dim_ordering='{other}'", f"K.set_image_dim_ordering('{other}')"):
        assert word in lines[0]


@pytest.mark.parametrize(
    "ordering, shape, make",
    [
        ("th", (3, 28, 28), lambda: Convolution2D(2, 3, 3)),
        ("th", (64, 4, 4), lambda: Convolution2D(2, 3, 3)),
        ("th", (1, 100, 3), lambda: Convolution2D(2, 3, 3)),
        ("th", (3, None, None), lambda: Convolution2D(2, 3, 3)),
        ("th", (28, 28, 3), lambda: Flatten()),
        ("tf", (28, 28, 3), lambda: Convolution2D(2, 3, 3)),
        ("tf", (4, 4, 64), lambda: Convolution2D(2, 3, 3)),
        ("tf", (3, 28), lambda: Convolution1D(2, 3)),
    ],
)
def test_other_images_are_not_told(ordering, shape, make, monkeypatch):
    assert told(ordering, shape, make, monkeypatch)[1] == []


def test_only_the_first_layer_of_a_model_is_told(monkeypatch):
    def make():
        return Convolution2D(3, 1, 1, dim_ordering="th")

    inputs = Input((28, 28, 3))
    passed = Lambda(lambda x: x)(inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make()(passed)


@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 8, 1)])
def test_what_does_not_fit_since_it_is_turned_says_so(shape):
    with pytest.raises(ValueError, match="dim_ordering='tf'.*set_image_dim_ordering"):
        Sequential([Convolution2D(4, 3, 3, input_shape=shape, dim_ordering="th")])
