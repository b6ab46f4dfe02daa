"""Names that the engine uses for itself are free for users: methods and attributes of these names change nothing."""

import numpy as np
import pytest

from horngate.callbacks import Callback, EarlyStopping
from horngate.engine.attributes import LATER_NAMES
from horngate.engine.names import INTERNAL, OF_KERAS, SET_IN_KERAS, internal_names, is_internal
from horngate.layers import (
    LSTM,
    BatchNormalization,
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Lambda,
    Layer,
    TimeDistributed,
)
from horngate.models import Model, Sequential
from horngate.optimizers import SGD, Adam, Optimizer

X = np.random.RandomState(0).randn(6, 3).astype("float32")
Y = X[:, :2] * 2
PUBLIC = {  # attributes without an underscore that our classes add to Keras's, and that users may override or read
    Layer: "autocast compute_dtype fans output_order",
    Optimizer: "assign assign_add assign_sub hyperparameters next_shared shared slots step "
    "clipnorm clipvalue global_clipnorm ema_momentum ema_overwrite_frequency use_ema gradient_accumulation_steps "
    "loss_scale weight_decay first slots_used apply apply_gradients exclude_from_weight_decay finalize_variable_values "
    "add_variable add_variable_from_reference build built load_own_variables save_own_variables stateless_apply "
    "update_step variables minimize scale_loss get_scaled_loss get_unscaled_gradients name",
    Callback: "needs_every_batch get_config from_config validation_data model",
}


class Doubled(Layer):
    """W x, doubled."""

    def build(self, input_shape):
        self.W = self.add_weight((input_shape[-1], 2), "one", "W", regularizer="l2")

    def call(self, x, mask=None):
        return 2 * x @ self.W

    def get_output_shape_for(self, input_shape):
        return input_shape[0], 2


class Descent(SGD):
    """SGD with a name of its own."""


class Watching(EarlyStopping):
    """EarlyStopping with a name of its own."""


class Chain(Sequential):
    """A Sequential with a name of its own."""


def taken(self, *args, **kwargs):
    """A user's method, which the engine has no business with."""
    return "the user's"


def with_methods(cls):
    """`cls` with a method for each name of the engine's."""
    names = internal_names(cls)
    assert len(names) > 5 or cls is Watching
    return type(cls.__name__, (cls,), dict.fromkeys(names, taken)), names


def with_attributes(cls):
    """`cls` that sets an attribute for each name of the engine's."""
    names = internal_names(cls) - SET_IN_KERAS

    def __init__(self, *args, **kwargs):
        super(changed, self).__init__(*args, **kwargs)
        for name in names:
            setattr(self, name, "the user's")

    changed = type(cls.__name__, (cls,), {"__init__": __init__})
    return changed, names


def trained(layer=Doubled, chain=Chain, optimizer=Descent, callback=Watching):
    """What a training gives with classes like these, and the objects it was done with."""
    np.random.seed(3)
    parts = layer(input_shape=(3,), name="doubled"), optimizer(lr=0.05, momentum=0.9), callback("loss", patience=1)
    model = chain([parts[0], BatchNormalization(name="norm"), Dropout(0.5, name="drop")], name="chain")
    model.compile(parts[1], "mse", metrics=["mae"])
    history = model.fit(X, Y, nb_epoch=3, batch_size=4, verbose=0, callbacks=[parts[2]], validation_split=0.3).history
    numbers = [model.predict(X), *model.get_weights(), model.evaluate(X, Y, verbose=0), *history.values()]
    numbers += [model.train_on_batch(X, Y), model.count_params()]
    return numbers, [model.to_json(), *map(str, history)], (*parts, model)


CHANGES = [with_methods, with_attributes]
CLASSES = {"layer": Doubled, "chain": Chain, "optimizer": Descent, "callback": Watching}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("kind", CLASSES)
def test_nothing_changes(kind, change):
    numbers, texts, _ = trained()
    cls, names = change(CLASSES[kind])
    found, found_texts, parts = trained(**{kind: cls})
    assert all(np.array_equal(a, b) for a, b in zip(numbers, found)) and texts == found_texts
    own = next(part for part in parts if isinstance(part, cls))
    for name in names:
        value = getattr(own, name)
        assert (value() if callable(value) else value) == "the user's", name


@pytest.mark.parametrize(
    "cls",
    [
        Dense,
        Convolution2D,
        LSTM,
        Embedding,
        BatchNormalization,
        Dropout,
        Lambda,
        TimeDistributed,
        Model,
        Sequential,
        SGD,
        Adam,
    ],
)
def test_names_set_in_instances_are_declared(cls):
    """What objects carry at the end is what `internal_names` finds: their names are kept apart, too."""
    words = [Embedding(9, 4, input_length=6), LSTM(4, return_sequences=True), TimeDistributed(Dense(3)), Lambda(abs)]
    whole = Sequential(words)
    images = Sequential([Convolution2D(2, 2, 2, input_shape=(1, 4, 4)), BatchNormalization(), Dropout(0.5)])
    outer = Model(images.input, images(images.input))
    for model, shape in ((whole, (6, 3)), (images, (2, 3, 3)), (outer, (2, 3, 3))):
        model.compile(Adam() if model is images else SGD(), "mse")
        x = np.ones((2, *model.input_shape[1:]))
        model.fit(x, np.ones((2, *shape)), nb_epoch=1, verbose=0)
        model.predict(x)
    made = [whole, images, outer, *whole.layers, *images.layers, whole.optimizer, images.optimizer]
    for each in (each for each in made if type(each) is cls):
        assert {name for name in vars(each) if is_internal(name)} <= internal_names(cls)


@pytest.mark.parametrize("cls", [Layer, Optimizer, Callback])
def test_every_other_name_is_one_that_users_are_told(cls):
    """A new attribute of ours has an underscore, or stands in one of two lists."""
    keras = {
        Layer: "input output name trainable weights build built call losses updates stateful constraints regularizers "
        "supporting get set add compute count create assert from layer_cache shape_cache cache_enabled clear params "
        "input_spec inbound_nodes outbound_nodes initial_weights nb_input nb_output non_trainable_weights "
        "trainable_weights uses_learning_phase activity_regularizer supports_masking supports_masked_input "
        "reset_states",
        Optimizer: "get set from iterations updates weights learning_rate lr",
        Callback: "on_ set",
    }[cls].split()
    for name in dir(cls):
        told = name in (*PUBLIC[cls].split(), *LATER_NAMES.split()) or any(
            name == word or name.startswith(word) for word in keras
        )
        assert name.startswith("_") or name in INTERNAL or told, name


def test_private_names_of_keras_still_count():
    class Old(Callback):
        def _set_params(self, params):
            self.params, self.seen = params, True

    class Told(Layer):
        def build(self, input_shape):
            self.W = self.add_weight((3,), "one", "W")
            self._trainable_weights = [self.W]

        def call(self, x, mask=None):
            return x * self.W

    assert "_set_params" in OF_KERAS
    callback, model = Old(), Sequential([Told(input_shape=(3,))])
    model.compile("sgd", "mse")
    model.fit(X, X, nb_epoch=1, verbose=0, callbacks=[callback])
    assert callback.seen and len(model.trainable_weights) == 1
