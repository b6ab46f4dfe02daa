"""Weights of one ordering of images, or one convention, in a model of the other: right predictions, or a refusal."""

import inspect

import h5py
import numpy as np
import pytest

from horngate import backend as K
from horngate import layers
from horngate.dialects.keras03.layers import AutoEncoder
from horngate.engine.layer import single
from horngate.layers import (
    LSTM,
    Activation,
    BatchNormalization,
    Conv2DTranspose,
    Convolution1D,
    Convolution2D,
    Deconvolution2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Highway,
    Input,
    Lambda,
    Layer,
    LocallyConnected1D,
    LocallyConnected2D,
    MaxoutDense,
    MaxPooling2D,
    Permute,
    PReLU,
    RepeatVector,
    Reshape,
    Softmax,
    SReLU,
    TimeDistributed,
    merge,
)
from horngate.layers.changed_images import ChangedImages
from horngate.layers.convolutional import Spatial
from horngate.models import Model, Sequential
from horngate.utils.layer_utils import convert_all_kernels_in_model
from tests.layers.conformance_table import FLAT, IMAGE, ROWS, STEPS, VIDEO

rng = np.random.default_rng(0)
PICTURE = (2, 4, 3)  # channels first


def randomized(model):
    for weight in model.weights:
        weight.set_value(weight.get_value() + rng.uniform(0.1, 0.9, weight.shape))
    return model


def turned(x, ordering, start=1):
    """Images with channels first as `ordering` has them."""
    return x if ordering == "th" else np.moveaxis(x, start, -1)


def in_ordering(shape, ordering, start=0):
    if ordering == "th":
        return tuple(shape)
    return (*shape[:start], *shape[start + 1 :], shape[start])


def same_in_both(tmp_path, build, shapes, starts=None, suffix="h5", names=("the output",), convention="tensorflow"):
    """Weights of `build("tf")` in `build("th")`, and the other way round: the predictions are the same.

    `starts`: where the image begins in a sample of each input. `names`: of the outputs. `convention`: of the files.
    """
    starts = starts or [0] * len(shapes)
    data = [rng.uniform(-1, 1, (3, *shape)).astype("float32") for shape in shapes]

    def predicted(net, ordering):
        given = [turned(x, ordering, start + 1) if x.ndim > 3 else x for x, start in zip(data, starts)]
        found = net.predict(given)
        return found if isinstance(found, list) else [found]

    nets = {ordering: build(ordering) for ordering in ("tf", "th")}
    for ordering, other in (("tf", "th"), ("th", "tf")):
        K.set_conv_convention(convention)
        source = nets[ordering] if convention == "tensorflow" else build(ordering)
        path = tmp_path / f"from_{ordering}.{suffix}"
        randomized(source).save_weights(path, overwrite=True)
        want = predicted(source, ordering)
        K.set_conv_convention("tensorflow")
        nets[other].load_weights(path, backend=convention, dim_ordering=ordering)
        for name, here, there in zip(names, predicted(nets[other], other), want, strict=True):
            np.testing.assert_allclose(here, there, rtol=2e-4, atol=1e-4, err_msg=f"{name}, from {ordering} to {other}")


# Every layer behind a Flatten.

KINDS = {"features": FLAT, "steps": STEPS, "pairs of features": [FLAT, FLAT], "pairs of steps": [STEPS, STEPS]}
REFUSED = {  # because of
    "Lambda": "a function that may do anything",
    "Reshape": "steps made of features",
    "Permute": "steps made of features",
    "RNN": "a cell whose weights say nothing of their axes",
    "DepthwiseConv1D": "each feature has filters of its own",
    "SeparableConv1D": "each feature has filters of its own, of which others are made",
}
OF_PAIRS = {"AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention"}  # refused likewise


def row_layer(name, i, **options):
    _, args, kwargs = ROWS[name][i]
    args = ((-1, 3),) if name == "Reshape" else args
    cls = getattr(layers, name)
    layer = cls(*args, **{**kwargs, **options})
    return cls.from_config(layer.get_config()) if name in ("TimeDistributed", "Bidirectional", "RNN") else layer


def rows_on(*shapes):
    """The rows whose layers take input of one of these shapes."""
    return [(name, i) for name, rows in ROWS.items() for i, row in enumerate(rows) if row[0] in shapes]


def behind_a_flatten(rows, kind):
    """A builder of a model with an output for each row, whose layer stands behind a Flatten of 12 features."""

    def branch(x, ordering):
        x = Flatten()(Convolution2D(2, 2, 2, dim_ordering=ordering)(x))
        return RepeatVector(6)(x) if "steps" in kind else x

    def net(ordering):
        inputs = [Input(in_ordering(PICTURE, ordering)) for _ in range(2 if "pairs" in kind else 1)]
        found = single([branch(x, ordering) for x in inputs])
        return Model(inputs, [finished(row_layer(name, i)(found)) for name, i in rows])

    return net


def finished(y):
    """Two numbers for each sample, or step where a mask is on its way."""
    if y._keras_mask is not None:
        return TimeDistributed(Dense(2))(y)
    return Dense(2)(Flatten()(y) if len(y.shape) > 2 else y)


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_behind_a_flatten(tmp_path, kind):
    rows = [row for row in rows_on(KINDS[kind]) if row[0] not in {*REFUSED, *OF_PAIRS, "LayerScale"}]  # with 5 features
    assert rows
    shapes = [PICTURE] * (2 if "pairs" in kind else 1)
    same_in_both(tmp_path, behind_a_flatten(rows, kind), shapes, names=rows)


@pytest.mark.parametrize("name", REFUSED)
def test_layers_behind_a_flatten_that_may_mix_the_order_are_refused(tmp_path, name):
    (shape, *_), *_ = ROWS[name]
    kind = "features" if shape == FLAT or name == "Reshape" else "steps"
    net = behind_a_flatten([(name, 0)], kind)
    net("tf").save_weights(tmp_path / "w.h5")
    with pytest.raises(ValueError, match="order"):
        net("th").load_weights(tmp_path / "w.h5", dim_ordering="tf")


# Every layer on images, in both conventions.

PADDED = ("DepthwiseConv2D",)
SPATIAL = (Spatial, layers.ConvRecurrent2D, layers.SpatialDropout2D, layers.SpatialDropout3D, ChangedImages)


def on_images(rows, shape, start):
    """A builder of a model with an output for each row, whose layer sees images."""

    def layer(name, i, ordering):
        cls = getattr(layers, name)
        options = {"dim_ordering": ordering} if issubclass(cls, SPATIAL) else {}
        if options and "data_format" in cls.__declared__:
            options = {"data_format": {"th": "channels_first", "tf": "channels_last"}[ordering]}
        of_tf = {
            "Deconvolution2D": {"output_shape": (None, 8, 9, 2)},
            "BatchNormalization": {"axis": -1},
            "PReLU": {"shared_axes": [1, 2]},
            **{f"{kind}Normalization": {"axis": -1} for kind in ("", "Group", "Layer", "RMS")},
        }
        of_th = {
            "Normalization": {"axis": 1},
            "GroupNormalization": {"axis": 1},
            "LayerNormalization": {"axis": 1},
            "RMSNormalization": {"axis": 1},
        }
        return row_layer(name, i, **{**options, **(of_tf if ordering == "tf" else of_th).get(name, {})})

    def net(ordering):
        x = Input(in_ordering(shape, ordering, start))
        return Model(x, [finished(layer(name, i, ordering)(x)) for name, i in rows])

    return net


@pytest.mark.parametrize("convention", ["tensorflow", "theano"])
@pytest.mark.parametrize("shape, start", [(IMAGE, 0), (VIDEO, 0), ((3, 2, 5, 5), 1)])
def test_every_layer_on_images(tmp_path, shape, start, convention):
    rows = [
        (name, i)
        for name, i in rows_on(shape)
        if convention == "tensorflow" or name not in PADDED and "Pooling" not in name
    ]
    assert rows  # with Theano, what a pool makes of edges is another matter, and where 'same' adds them
    same_in_both(tmp_path, on_images(rows, shape, start), [shape], [start], names=rows, convention=convention)


def test_every_row_with_weights_stands_in_one_of_these_tests():
    tried = set(rows_on(*KINDS.values(), IMAGE, VIDEO, (3, 2, 5, 5)))
    assert {name for name, rows in ROWS.items() for i in range(len(rows)) if (name, i) not in tried} == {
        *("Embedding", "Attention", "GroupQueryAttention", "MultiHeadAttention"),  # on words, or on shapes of their own
        # of Keras 2 and 3, whose files tell the ordering
        *("ConvLSTM1D", "ConvLSTM3D", "ConvRNN2D", "MelSpectrogram", "STFTSpectrogram"),
    }


# What stands between, and where.


class Double(Layer):
    """A user's layer that treats each element alike, and says so."""

    output_order = "kept"

    def call(self, x, mask=None):
        return 2 * x


class MyDense(Dense):
    """A user's Dense."""

    def call(self, x, mask=None):
        return super().call(x) + 1


class Affine(Layer):
    """A user's layer that says what its axes mean."""

    axes = ("features", "units")

    def build(self, input_shape):
        self.W = self.add_weight((input_shape[1], 3), "uniform", "W", axes=self.axes, role=self.axes and "kernel")
        super().build(input_shape)

    def call(self, x, mask=None):
        return K.dot(x, self.W)

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], 3)


class Speechless(Affine):
    """One that does not."""

    axes = None


class Holder(layers.Wrapper):
    """A user's layer that hands the input, in another order, to the layer it holds."""

    def build(self, input_shape=None):
        self.build_held(self.layer, input_shape)

    def call(self, x, mask=None):
        return self.layer(K.reverse(x, 1))

    def get_output_shape_for(self, input_shape):
        return self.layer.get_output_shape_for(input_shape)


def chain(*makers, filters=3):
    """A builder of an image, a convolution, and layers behind it; functions among them take the ordering."""

    def net(ordering):
        made = [maker(ordering) if inspect.isfunction(maker) else maker() for maker in makers]
        first = Convolution2D(filters, 2, 2, dim_ordering=ordering, input_shape=in_ordering(PICTURE, ordering))
        return Sequential([first, *made, *([] if made and isinstance(made[-1], Dense) else [Dense(2)])])

    return net


def images(cls, *args, **kwargs):
    return lambda ordering: cls(*args, dim_ordering=ordering, **kwargs)


def two_branches(mode, **options):
    def net(ordering):
        x = Input(in_ordering(PICTURE, ordering))
        y = [Flatten()(Convolution2D(n, 2, 2, dim_ordering=ordering)(x)) for n in (2, 2 if mode != "concat" else 3)]
        y += [Dense(5)(y[0])] if mode == "concat" else []
        return Model(x, Dense(2)(merge(y, mode=mode, **options)))

    return net


def nested(ordering):
    inner = Sequential([Flatten(input_shape=in_ordering((3, 3, 2), ordering)), PReLU()])
    middle = Sequential([Dropout(0.5, input_shape=(18,)), MaxoutDense(4)])
    x = Input(in_ordering(PICTURE, ordering))
    return Model(x, Dense(2)(middle(inner(Convolution2D(3, 2, 2, dim_ordering=ordering)(x)))))


def squeezed(ordering):
    """Images scaled by one factor for each channel, which other layers find from them."""
    x = Input(in_ordering(PICTURE, ordering))
    y = Convolution2D(3, 2, 2, dim_ordering=ordering)(x)
    factors = Dense(3, activation="sigmoid")(GlobalAveragePooling2D(dim_ordering=ordering)(y))
    factors = layers.UpSampling2D((3, 2), dim_ordering=ordering)(Reshape(in_ordering((3, 1, 1), ordering))(factors))
    return Model(x, Dense(2)(Flatten()(layers.Multiply()([y, factors]))))


def shared(ordering):
    """A Dense for two flattened images."""
    x, dense = Input(in_ordering(PICTURE, ordering)), Dense(3)
    y = [Flatten()(Convolution2D(2, 2, 2, dim_ordering=ordering)(x)) for _ in range(2)]
    return Model(x, merge([dense(y[0]), dense(y[1])], mode="concat"))


CONVERTED = {
    "a user's Dense": chain(Flatten, lambda o: MyDense(3)),
    "a user's layer that tells": chain(Flatten, Double, Affine),
    "Reshape to one axis": chain(lambda o: Reshape((-1,)), lambda o: Dense(3)),
    "activations and norms": chain(
        Flatten, lambda o: Activation("softmax"), lambda o: Dropout(0.3), BatchNormalization, PReLU, SReLU, Highway
    ),
    "norm over one of its modes": chain(Flatten, lambda o: BatchNormalization(mode=1)),
    "on images": chain(
        lambda o: BatchNormalization(axis=1 if o == "th" else -1),
        PReLU,
        SReLU,
        images(MaxPooling2D, (2, 1)),
        images(LocallyConnected2D, 2, 1, 2),
        Flatten,
    ),
    "pooled": chain(images(GlobalMaxPooling2D), PReLU),
    "as many channels as rows": chain(PReLU, Flatten, PReLU, filters=3),
    "two branches side by side": two_branches("concat"),
    "two branches added": two_branches("sum"),
    "two branches multiplied": two_branches("dot", dot_axes=1),
    "nested models": nested,
    "factors for channels": squeezed,
    "a shared layer": shared,
    "one after the other": chain(Flatten, lambda o: AutoEncoder(Highway(), Dense(3)), lambda o: Dense(3)),
    "steps of features": chain(Flatten, lambda o: RepeatVector(4), lambda o: Convolution1D(3, 2), lambda o: LSTM(3)),
    "local steps of features": chain(Flatten, lambda o: RepeatVector(4), lambda o: LocallyConnected1D(3, 2), Flatten),
    "steps flattened again": chain(Flatten, lambda o: RepeatVector(2), PReLU, Flatten, lambda o: Dense(3)),
}


@pytest.mark.parametrize("case", CONVERTED)
def test_what_can_be_converted_is(tmp_path, case):
    same_in_both(tmp_path, CONVERTED[case], [PICTURE])


def test_safetensors_are_converted_alike(tmp_path):
    pytest.importorskip("safetensors")
    same_in_both(tmp_path, CONVERTED["on images"], [PICTURE], suffix="safetensors")


@pytest.mark.parametrize("last", [lambda: LSTM(3), lambda: Convolution1D(3, 2)], ids=["LSTM", "Convolution1D"])
@pytest.mark.parametrize("inside_a_model", [False, True])
def test_each_image_of_a_sequence_flattened(tmp_path, last, inside_a_model):
    def net(ordering):
        x = Input(in_ordering((4, *PICTURE), ordering, 1))
        y = TimeDistributed(Convolution2D(3, 2, 2, dim_ordering=ordering))(x)
        flat = [Flatten(input_shape=in_ordering((3, 3, 2), ordering)), PReLU()]
        for layer in [Sequential(flat)] if inside_a_model else flat:
            y = TimeDistributed(layer)(y)
        return Model(x, finished(last()(y)))

    same_in_both(tmp_path, net, [(4, *PICTURE)], [1])


def generator(ordering):
    return Sequential(
        [
            Dense(12, input_dim=5),
            Reshape(in_ordering((3, 2, 2), ordering)),
            Convolution2D(2, 2, 2, dim_ordering=ordering),
            Flatten(),
            Dense(2),
        ]
    )


def added_to_dense(ordering):
    x = Input(in_ordering(PICTURE, ordering))
    y = Flatten()(Convolution2D(2, 2, 2, dim_ordering=ordering)(x))
    return Model(x, layers.Add()([y, Dense(12)(y)]))


def unequally_shared(ordering):
    x, dense = Input(in_ordering(PICTURE, ordering)), Dense(12)
    y = Flatten()(Convolution2D(2, 2, 2, dim_ordering=ordering)(x))
    return Model(x, dense(dense(y)))


NOT_CONVERTED = {  # builder, what is said
    "a user's weights without axes": (
        chain(Flatten, Speechless),
        r"layer '.*' \(Speechless\): weight 'W' of shape \(18, 3\) does not say.*axes=\(",
    ),
    "a layer inside a user's": (chain(Flatten, lambda o: Holder(Dense(3))), r"\(Dense\): weight.*\(Holder\) hands to"),
    "Lambda": (chain(Flatten, lambda o: Lambda(lambda x: x * 2)), r"'dense.*weight.*lambda_.*output_order = 'kept'"),
    "Lambda on images": (chain(lambda o: Lambda(lambda x: x * 2), Flatten), "lambda"),
    "Permute": (chain(lambda o: Permute((2, 3, 1)), Flatten), "permute_"),
    "Reshape": (chain(Flatten, lambda o: Reshape((2, 9)), lambda o: LSTM(3)), "reshape_.*another shape"),
    "softmax on images": (chain(lambda o: Activation("softmax"), Flatten), "activation_.*last axis of images"),
    "Softmax on images": (chain(Softmax, Flatten), "softmax_.*last axis of images"),
    "softmax of a convolution": (
        chain(images(Convolution2D, 3, 1, 1, activation="softmax"), Flatten),
        "convolution2d_.*last axis of images",
    ),
    "Dense on images": (chain(lambda o: Dense(3), Flatten, filters=2), "dense_.*last axis of images"),
    "norm of rows": (chain(lambda o: BatchNormalization(axis=2), Flatten), "batchnormalization_"),
    "norm of columns or channels": (chain(lambda o: BatchNormalization(axis=-1), Flatten), "batchnormalization_"),
    "images made of features": (generator, "takes for images what was features"),
    "features joined in two orders": (added_to_dense, "add_.*orders differ"),
    "a layer shared by two orders": (unequally_shared, "shared by inputs"),
    "a word of no meaning": (
        chain(Flatten, lambda o: worded(Double()), lambda o: Dense(3)),
        "output_order must be one of",
    ),
}


def worded(layer):
    layer.output_order = "somehow"
    return layer


@pytest.mark.parametrize("case", NOT_CONVERTED)
def test_what_cannot_be_is_refused_and_nothing_is_set(tmp_path, case):
    build, said = NOT_CONVERTED[case]
    source = build("tf")
    source.save_weights(tmp_path / "w.h5")
    target = build("th")
    before = target.get_weights()
    if [w.shape for w in before] == [w.shape for w in source.get_weights()] and source.images_seen[0] is None:
        target.load_weights(tmp_path / "w.h5")  # where neither file nor caller says otherwise, it is as the model
    target.set_weights(before)
    with pytest.raises(ValueError, match=said):
        target.load_weights(tmp_path / "w.h5", dim_ordering="tf")
    for a, b in zip(before, target.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_kernels_alone_are_flipped_in_a_whole_model():
    model = Sequential(
        [
            TimeDistributed(Convolution2D(2, 2, 2, dim_ordering="tf"), input_shape=(3, 4, 4, 2)),
            TimeDistributed(LocallyConnected2D(2, 2, 2, dim_ordering="tf")),
            TimeDistributed(Flatten()),
            Convolution1D(2, 2),
            LSTM(2),
        ]
    )
    before = randomized(model).get_weights()
    convert_all_kernels_in_model(model)
    turned_at = {0: (0, 1), 4: (0,)}
    for i, (old, new) in enumerate(zip(before, model.get_weights())):
        np.testing.assert_array_equal(new, np.flip(old, turned_at[i]) if i in turned_at else old)


def test_a_layer_itself_may_say_that_it_keeps_the_order(tmp_path):
    def kept(ordering):
        layer = Lambda(lambda x: x * 2)
        layer.output_order = "kept"
        return layer

    same_in_both(tmp_path, chain(kept, Flatten, kept, lambda o: Dense(3)), [PICTURE])


def test_a_users_kernel_of_unknown_axes_is_not_taken_for_one_of_no_convention(tmp_path):
    class Kernel(Layer):
        def build(self, input_shape):
            self.W = self.add_weight((3, 3, 2, 2), "uniform", "W")

        def call(self, x, mask=None):
            return x * K.sum(self.W)

    model = Sequential([Kernel(input_shape=(4,))])
    model.save_weights(tmp_path / "w.h5")
    model.load_weights(tmp_path / "w.h5", backend="tensorflow")
    with pytest.raises(ValueError, match=r"Kernel.*weight 'W'.*does not say what its axes mean.*convention"):
        model.load_weights(tmp_path / "w.h5", backend="theano")


def test_without_images_a_file_of_another_ordering_is_taken_as_it_is(tmp_path):
    """Keras 2 has channels last, horngate by default first: which does not concern a network that sees no images."""
    assert K.image_dim_ordering() == "th"
    model = Sequential([Flatten(input_shape=(2, 3, 4)), Dense(2)])
    weights = randomized(model).get_weights()
    model.save_weights(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file.attrs["keras_version"] = b"2.2.4"
    model.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


class MyDeconvolution(Deconvolution2D):
    """A user's transposed convolution."""


@pytest.mark.parametrize("ordering", ["th", "tf"])
@pytest.mark.parametrize("cls", [Deconvolution2D, Conv2DTranspose, MyDeconvolution])
def test_keras_2_has_filters_before_channels_in_transposed_kernels(tmp_path, cls, ordering):
    shape, out = in_ordering((2, 4, 4), ordering), {"output_shape": (None, *in_ordering((2, 6, 6), ordering))}
    layer = cls(2, 3, 3, dim_ordering=ordering, input_shape=shape, **({} if cls is Conv2DTranspose else out))
    model = Sequential([layer])
    kernel = rng.normal(size=(3, 3, 2, 2)).astype("float32")  # as many filters as channels: shapes do not tell
    model.save_weights(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file.attrs["keras_version"] = b"2.2.4"
        group = file[layer.name]
        group[group.attrs["weight_names"][0]][...] = kernel if ordering == "tf" else kernel.reshape(2, 2, 3, 3)
        if ordering == "th":
            del group[group.attrs["weight_names"][0]]
            group[group.attrs["weight_names"][0]] = kernel
    model.load_weights(tmp_path / "w.h5", dim_ordering=ordering)
    want = kernel.swapaxes(2, 3)  # (rows, columns, channels, filters)
    np.testing.assert_array_equal(layer.get_weights()[0], want if ordering == "tf" else want.transpose(3, 2, 0, 1))
