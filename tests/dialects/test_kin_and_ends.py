"""What programs of 2015 to 2019 ask: kin of RNN, shapes that calls tell, ends of a Graph by name, lent functions."""

import copy

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras2, keras3, layers
from horngate.dialects import tensorflow as tf
from horngate.dialects.keras03.graph import Graph
from horngate.layers import Dense, Input, Layer
from horngate.models import Model, Sequential


@pytest.mark.parametrize("names", [layers, keras2.layers, keras3.layers])
def test_recurrent_layers_are_rnns(names):
    class Own(names.RNN):
        pass

    for name in ("SimpleRNN", "GRU", "LSTM"):
        layer = getattr(names, name)(2)
        assert isinstance(layer, names.RNN) and issubclass(getattr(names, name), names.RNN)
        assert not isinstance(layer, (Own, names.Bidirectional, layers.ConvRNN2D))
        assert not isinstance(names.RNN(layers.LSTMCell(2)), names.LSTM)
    of_images = layers.ConvLSTM2D(2, 3, 3)
    assert isinstance(of_images, layers.ConvRNN2D) and isinstance(of_images, names.RNN)
    assert isinstance(Own(layers.LSTMCell(2)), (names.RNN, layers.RNN)) and not isinstance(Dense(2), names.RNN)
    assert not isinstance(names.Bidirectional(names.LSTM(2)), names.RNN)


@pytest.mark.parametrize("method", ["compute_output_shape", "get_output_shape_for"])
def test_a_shape_may_be_what_the_call_kept(method):
    class Kept(Layer):
        def call(self, x, mask=None):
            self.result = K.sum(x, axis=-1, keepdims=True)
            return self.result

    setattr(Kept, method, lambda self, input_shape: K.int_shape(self.result))
    layer, x = Kept(), Input((5,))
    model = Model(x, [layer(x), layer(Dense(3)(x))])
    assert model.output_shape == [(None, 1), (None, 1)]
    assert [y.shape for y in model.predict(np.ones((3, 5)))] == [(3, 1), (3, 1)]


def test_another_fault_in_a_shape_is_told():
    class Wrong(Layer):
        def compute_output_shape(self, input_shape):
            return input_shape.nothing

    with pytest.raises(AttributeError, match="nothing"):
        Wrong()(Input((5,)))


def test_ends_of_a_graph_by_name():
    graph = Graph()
    for name in ("a", "b"):
        graph.add_input(name, input_shape=(3,))
    graph.add_node(Dense(4), name="hidden", inputs=["a", "b"])
    graph.add_output(name="out", input="hidden")
    for each in (graph, Graph.from_config(graph.get_config()), copy.deepcopy(graph)):
        assert each.inputs.keys() == ["a", "b"] and "b" in each.inputs and "c" not in each.inputs
        assert [layer.name for layer in each.outputs.values()] == ["out"]
        a, b = (each.inputs[name].input for name in ("a", "b"))
        assert a in each.inputs and each.inputs[0] is a
        found = K.function([a, b], [each.outputs["out"].get_output(train=False)])([np.ones((2, 3))] * 2)[0]
        np.testing.assert_allclose(found, each.predict({"a": np.ones((2, 3)), "b": np.ones((2, 3))})["out"], rtol=1e-6)
    with pytest.raises(KeyError, match="'c' there, but a, b"):
        graph.inputs["c"]


def test_a_shape_set_by_hand_makes_the_weights():
    layer = Dense(3)
    layer.set_input_shape((None, 5))
    assert layer.W.get_value().shape == (5, 3) and layer.output_shape == (None, 3)
    kept = layer.get_weights()[0]
    model = Sequential([layer, Dense(2)])
    assert model.output_shape == (None, 2) and len(model.weights) == 4
    np.testing.assert_array_equal(model.get_weights()[0], kept)


def test_scattered_rows_and_patches_of_images():
    placed = tf.scatter_nd([[1], [3], [1]], np.array([1.0, 2.0, 4.0]), [5])
    np.testing.assert_array_equal(placed, [0, 5, 0, 2, 0])
    images = np.arange(32.0).reshape(1, 4, 4, 2)
    for function in (tf.extract_image_patches, tf.image.extract_image_patches):
        found = np.asarray(function(images, [1, 2, 2, 1], strides=[1, 2, 1, 1], rates=[1, 1, 1, 1], padding="VALID"))
        assert found.shape == (1, 2, 3, 8)
        np.testing.assert_array_equal(found[0, 1, 2], images[0, 2:4, 2:4].ravel())
    assert tf.extract_image_patches(images, [1, 2, 2, 1], [1, 1, 1, 1], [1, 2, 2, 1], "SAME").shape == (1, 4, 4, 8)
