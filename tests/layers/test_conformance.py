"""Every layer keeps what layers promise: shapes, configuration, gradients, orderings, masks, and one compilation."""

import inspect

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers
from horngate.engine.layer import Layer
from horngate.layers import Input
from horngate.models import Model
from tests.layers.conformance_table import ABSTRACT, ROWS

# run by RNN, see tests/keras3/test_recurrent and tests/dialects/test_cells_of_keras_2
CELLS = {"ConvLSTM2DCell", "SimpleRNNCell", "GRUCell", "LSTMCell", "StackedRNNCells"}
# whose vectors are held fixed, and that reads two kinds of input: `tests/keras3` compares them with Keras 3
OTHERWISE = {"SpectralNormalization", "ReversibleEmbedding"}
# that take numbers of categories or texts, or other layers: `tests/keras3/test_categories` has them
OTHERWISE |= {"CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "Pipeline"}
OTHERWISE |= {"StringLookup", "TextVectorization"}
CASES = [(name, i) for name, rows in ROWS.items() for i in range(len(rows))]
every_row = pytest.mark.parametrize("name, i", CASES, ids=[f"{name}-{i}" for name, i in CASES])
WITH_ORDERING = [
    (name, i) for name, i in CASES if "dim_ordering" in inspect.signature(getattr(layers, name).__init__).parameters
]


def arrays(name, shapes, batch=4):
    rng = np.random.RandomState(len(name))
    if name == "Embedding":
        return [rng.randint(1, 7, size=(batch, *shape)) for shape in shapes]
    return [rng.uniform(-1, 1, size=(batch, *shape)).astype("float32") for shape in shapes]


class Case:
    """A layer made from its row, on inputs, within a model."""

    def __init__(self, name, i, **options):
        shapes, args, kwargs = ROWS[name][i]
        self.shapes = shapes if isinstance(shapes, list) else [shapes]
        cls = getattr(layers, name)
        self.layer = cls(*args, **{**kwargs, **options})
        if name in (
            "TimeDistributed",
            "Bidirectional",
            "RNN",
            "ConvRNN2D",
        ):  # the wrapped layer of the row serves one case
            self.layer = cls.from_config(self.layer.get_config())
        self.connect(self.layer)
        self.data = arrays(name, self.shapes)

    def connect(self, layer):
        dtype = "int32" if isinstance(layer, layers.Embedding) else None
        self.inputs = [Input(shape, dtype=dtype) for shape in self.shapes]
        by_name = isinstance(layer, (layers.MultiHeadAttention, layers.GroupQueryAttention))
        self.output = layer(*self.inputs) if by_name or len(self.inputs) == 1 else layer(self.inputs)
        self.model = Model(self.inputs, self.output)
        return self.model


@every_row
def test_shape_configuration_and_weights(name, i):
    case = Case(name, i)
    predicted = case.model.predict(case.data)
    assert len(predicted.shape) == len(case.output.shape)
    assert all(said in (None, found) for said, found in zip(case.output.shape, predicted.shape))
    assert None not in case.output.shape[1:], "every size but the batch's is known"
    configuration = case.layer.get_config()
    if name == "Lambda":  # a nameless function is not written down
        configuration["function"] = case.layer.function
    again = type(case.layer).from_config(configuration)
    model = case.connect(again)
    again.set_weights(case.layer.get_weights())
    np.testing.assert_array_equal(model.predict(case.data), predicted)
    # a size that was found when the layer was built comes back as one that was told
    told = ("batch_input_shape", "input_dtype", "function", "layer")
    found = {key: value for key, value in again.get_config().items() if key not in told}
    assert found == {key: value for key, value in configuration.items() if key not in told}


@every_row
def test_gradients_are_the_slopes(name, i):
    case = Case(name, i)
    rng = np.random.RandomState(0)
    if name in ("PReLU", "SReLU", "ParametricSoftplus", "BatchNormalization"):
        case.layer.set_weights([w + rng.uniform(0.1, 0.3, w.shape) for w in case.layer.get_weights()])
    floats = [] if name == "Embedding" else list(case.inputs)
    symbols = floats + list(case.layer.trainable_weights)
    weighting = rng.randn(4, *case.output.shape[1:]).astype("float32")
    loss = K.sum(case.output * weighting)
    if not symbols:
        return
    function = K.Function([*case.inputs, K.learning_phase()], [loss, *K.gradients(loss, symbols)])

    def at(step, directions):
        """Loss and gradients where everything is moved by `step` along `directions`."""
        data = [x + step * d if floats else x for x, d in zip(case.data, directions)]
        for variable, old, d in zip(case.layer.trainable_weights, old_weights, directions[len(floats) :]):
            variable.set_value(old + step * d)
        return function([*data, 0])

    old_weights = [w.get_value() for w in case.layer.trainable_weights]
    directions = [
        rng.randn(*(d.shape if isinstance(s, K.Variable) else case.data[k].shape))
        for k, (s, d) in enumerate(zip(symbols, [*case.data[: len(floats)], *old_weights]))
    ]
    step = 2e-3
    slope = (at(step, directions)[0] - at(-step, directions)[0]) / (2 * step)
    gradients = at(0, directions)[1:]
    expected = sum(np.sum(g * d) for g, d in zip(gradients, directions))
    scale = np.sqrt(sum(np.sum(g**2) for g in gradients)) + 1e-3
    assert abs(slope - expected) < 0.05 * scale


@every_row
def test_a_step_trains_and_the_next_one_compiles_nothing(name, i):
    case = Case(name, i)
    model = case.model
    model.compile("sgd", "mse")
    targets = np.ones((4, *case.output.shape[1:]))
    first = model.train_on_batch(case.data, targets)
    compiled = model.steps["train"].function.dispatch.compiled
    size, before = compiled._cache_size(), case.layer.get_weights()
    model.optimizer.lr = 0.05
    second = model.train_on_batch(case.data, targets)
    assert compiled._cache_size() == size
    assert np.isfinite([first, second]).all()
    if case.layer.trainable_weights:
        assert any(not np.array_equal(a, b) for a, b in zip(before, case.layer.get_weights()))


@pytest.mark.parametrize("name, i", WITH_ORDERING, ids=[f"{name}-{i}" for name, i in WITH_ORDERING])
def test_both_orderings_compute_the_same(name, i):
    options = [{"dim_ordering": "th"}, {"dim_ordering": "tf"}]
    steps = name == "ConvLSTM2D"  # its images follow a time axis
    first, last = Case(name, i, **options[0]), None
    shape = first.shapes[0]
    turned = (shape[0], *shape[2:], shape[1]) if steps else (*shape[1:], shape[0])
    axis = 2 if steps else 1
    if name == "Deconvolution2D":
        options[1]["output_shape"] = (None, 8, 9, 2)
    _, args, kwargs = ROWS[name][i]
    layer = getattr(layers, name)(*args, **{**kwargs, **options[1]})
    inputs = Input(turned)
    last = Model(inputs, layer(inputs))
    layer.set_weights([_as_tf(w, v.shape) for w, v in zip(first.layer.get_weights(), layer.weights)])
    expected = first.model.predict(first.data)
    got = last.predict(np.moveaxis(first.data[0], axis, -1))
    if got.ndim > 2 and got.ndim == expected.ndim:
        got = np.moveaxis(got, -1, 1)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def _as_tf(weight, shape):
    """A kernel (filters, channels, window) as (window, channels, filters); anything else as it is.

    A local layer has (places, channels and window, filters), where the window follows the channels or comes before.
    """
    if weight.ndim == 3 and weight.shape[0] > 5:
        places, _, filters = weight.shape
        return weight.reshape(places, 3, -1, filters).swapaxes(1, 2).reshape(shape)
    if weight.ndim >= 4 and weight.shape != shape:
        return np.moveaxis(weight, (0, 1), (-1, -2)).reshape(shape)
    return weight


@every_row
def test_a_mask_is_taken_or_refused(name, i):
    shapes, args, kwargs = ROWS[name][i]
    if shapes != (6, 4) or name == "Masking":
        return
    masked = layers.Masking(0.0)(Input(shapes))
    layer = Case(name, i).layer
    if layer.supports_masking:
        assert layer(masked)._keras_mask is not None or name in ("SimpleRNN", "GRU", "LSTM", "RNN", "Flatten")
    else:
        with pytest.raises(TypeError, match=f"{layer.name}.*does not support masking"):
            layer(masked)


def test_every_layer_has_a_row():
    public = [item for item in (getattr(layers, name) for name in layers.__all__) if inspect.isclass(item)]
    classes = {item.__name__ for item in public if issubclass(item, Layer)} - ABSTRACT - CELLS - OTHERWISE
    assert classes == set(ROWS)


def test_old_and_short_names_are_the_same_classes():
    for short, long in {
        "Conv1D": "Convolution1D",
        "Conv2D": "Convolution2D",
        "Conv3D": "Convolution3D",
        "Deconv2D": "Deconvolution2D",
        "AtrousConv1D": "AtrousConvolution1D",
        "AtrousConv2D": "AtrousConvolution2D",
        "SeparableConv2D": "SeparableConvolution2D",
    }.items():
        assert getattr(layers, short) is getattr(layers, long)
