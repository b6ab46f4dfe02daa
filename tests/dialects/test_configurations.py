"""`get_config` of layers made in the eras of Keras 2 and 3 speaks their words, and every era reads it."""

import pytest

from horngate import keras3, layers
from horngate.backend.config import within_era
from tests.layers.conformance_table import ROWS

OF_KERAS_1 = (
    "nb_filter nb_row nb_col filter_length border_mode subsample subsample_length dim_ordering W_regularizer init p "
    "inner_init inner_activation bias dropout_W dropout_U pool_length stride output_dim"
)
NAMES = [name for name in ROWS if hasattr(keras3.layers, name) and hasattr(layers, name)]


@pytest.mark.parametrize("era", ["2", "3"])
@pytest.mark.parametrize("name", NAMES)
def test_the_words_are_those_of_the_era_and_every_era_reads_them(name, era):
    _, args, kwargs = ROWS[name][0]
    with within_era("1.0"):
        told = getattr(layers, name)(*args, **kwargs).get_config()
    with within_era(era):
        layer = getattr(layers, name).from_config(told)
        told = layer.get_config()
        again = type(layer).from_config(told)
        assert again.get_config() == told
    strange = {*OF_KERAS_1.split()} & told.keys() - ({"output_dim"} if "Embedding" in name else set())
    assert strange == set()
    with within_era("1.0"):
        assert type(layer).from_config(told).get_config().keys() >= {"name", "trainable"}


def test_subclasses_of_users_add_theirs():
    class Scaled(keras3.layers.Dense):
        def __init__(self, units, factor=2.0, **kwargs):
            super().__init__(units, **kwargs)
            self.factor = factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    told = Scaled(3, factor=4.0, activation="relu").get_config()
    assert (told["units"], told["activation"], told["factor"], "output_dim" in told) == (3, "relu", 4.0, False)
    assert Scaled.from_config(told).get_config() == told


def test_a_users_constructor_keeps_its_words():
    class Named(keras3.layers.Dense):
        def __init__(self, output_dim, p=0.5, **kwargs):
            super().__init__(output_dim, **kwargs)
            self.p = p

        def get_config(self):
            return {**super().get_config(), "output_dim": self.units, "p": self.p}

    told = Named(3, p=0.2).get_config()
    assert told["output_dim"] == 3 and "units" not in told
    assert Named.from_config(told).get_config() == told


@pytest.mark.parametrize("within", ["1.0", "2", "3"])
@pytest.mark.parametrize("era", ["1.0", "2", "3"])
def test_an_input_layer_is_made_again_of_what_it_tells_in_every_era(era, within):
    with within_era(era):
        layer = layers.InputLayer(batch_input_shape=(None, 4), dtype="int32")  # Keras 2's words, in each era
        told = layer.get_config()
    with within_era(within):
        again = layers.InputLayer.from_config(told)
    assert (again.batch_input_shape, again.input_dtype) == ((None, 4), "int32")
