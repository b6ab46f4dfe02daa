"""A program of today, written with `horngate.keras3`, as type checkers and jedi see it."""

import pytest

from tests.engine.test_editors import ROOT, by_mypy, by_pyright

# Lines that end with `# wrong` must be marked, and no other line may be.
PROGRAM = '''
import numpy as np

from horngate import keras2, keras3 as keras
from horngate.keras3.layers import LSTM, Dense
from horngate.keras3 import layers, ops


class Mine(keras.layers.Layer):
    """A layer in today's manner."""

    def __init__(self, units: int, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="he_normal", trainable=True)
        super().build(input_shape)

    def call(self, x):
        return ops.matmul(x, self.kernel)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Warmer(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(epoch, self.model.optimizer)


chain = keras.Sequential(
    [
        keras.Input(shape=(8, 8, 3)),
        layers.Conv2D(32, 3, padding="same", activation="relu", kernel_regularizer=keras.regularizers.L2(1e-4)),
        layers.Conv2D(8, (3, 3), 2),
        layers.BatchNormalization(epsilon=1e-3),
        layers.MaxPooling2D(pool_size=2),
        layers.Flatten(),
        layers.Dropout(rate=0.5),
        layers.Dense(units=10, activation="softmax", kernel_initializer=keras.initializers.HeNormal()),
    ],
    name="chain",
)
chain.compile(
    optimizer=keras.optimizers.Adam(learning_rate=1e-3),
    loss=keras.losses.CategoricalCrossentropy(),
    metrics=["accuracy"],
)
x, y = np.zeros((4, 8, 8, 3)), keras.utils.to_categorical(np.zeros(4, int), num_classes=10)
rates = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=2, min_delta=1e-3)
history = chain.fit(x, y, batch_size=2, epochs=1, validation_split=0.25, callbacks=[rates, Warmer()], verbose=0)
print(history.history["loss"], chain.evaluate(x, y, verbose=0), chain.predict(x).shape, chain.layers[1].name)

inputs = keras.Input(shape=(5, 4), name="steps")
hidden = layers.Bidirectional(LSTM(3, recurrent_activation="sigmoid", return_sequences=True))(inputs)
both = layers.concatenate([hidden, layers.TimeDistributed(Dense(2))(hidden)])
model = keras.Model(inputs=inputs, outputs=Mine(3)(layers.GlobalAveragePooling1D()(both)))
model.compile("sgd", "mse", metrics=["mae"])
model.summary()
anything: keras.layers.Layer = keras.layers.Dense(3)
whole: keras.Model = chain
keras.models.load_model("model.h5", custom_objects={"Mine": Mine})
old = keras2.models.Sequential([keras2.layers.Dense(3, input_dim=2, kernel_initializer="normal")])
old.compile("adam", "mse", ["accuracy"])
old.fit_generator([], steps_per_epoch=1, epochs=1)
if isinstance(anything, keras.layers.Dense):
    reveal_type(anything.W)

keras.layers.Dense(unit=10)  # wrong
keras.layers.Dense("a")  # wrong
keras.layers.Dense(3, W_regularizer=None)  # wrong
keras.layers.Convolution1D(3)  # wrong
keras.layers.MaxoutDense(3)  # wrong
model.fit(x, y, nb_epoch=1)  # wrong
keras.optimizers.Adam(lr=0.1)  # wrong
'''
WRONG = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")}


@pytest.mark.parametrize("checker", [by_pyright, by_mypy])
def test_what_is_right_is_clean_and_what_is_wrong_is_marked(checker, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    found = checker(path)
    revealed = [message for _, message in found if "eveal" in message or "Type of" in message]
    notes = [message for _, message in found if "defined in" in message]
    marked = {line for line, message in found if message not in [*revealed, *notes]}
    assert marked == WRONG, [pair for pair in found if pair[0] in marked ^ WRONG]
    assert len(revealed) == 1 and "Variable" in revealed[0], "the kernel of a Dense is a Variable"


def told_by_jedi(code):
    jedi = pytest.importorskip("jedi")
    return jedi.Script(f"from horngate import keras2, keras3 as keras\n{code}", path=ROOT / "program.py")


OWN = """
class Mine(keras.layers.Layer):
    def __init__(self, units: int, rate=0.5, **kwargs):
        super().__init__(**kwargs)
"""


@pytest.mark.parametrize(
    "code, wanted",
    [
        ("keras.Input(", ["shape", "batch_size", "dtype"]),
        ("keras.Sequential([]).fit(", ["x", "y", "batch_size", "epochs"]),
        ("keras.Model(", ["inputs", "outputs", "name"]),
        ("keras.Sequential(", ["layers", "name"]),
        ("keras.layers.Dense(", ["units", "activation", "use_bias", "kernel_initializer"]),
        ("keras.layers.Conv2D(", ["filters", "kernel_size", "strides", "padding"]),
        ("keras2.layers.LSTM(", ["units", "activation", "recurrent_activation"]),
        ("keras.optimizers.Adam(", ["learning_rate", "beta_1", "beta_2", "epsilon"]),
        ("keras.callbacks.EarlyStopping(", ["monitor", "min_delta", "patience"]),
        (f"{OWN}Mine(", ["units", "rate", "name"]),
    ],
)
def test_signatures(code, wanted):
    (found,) = told_by_jedi(code).get_signatures()
    told = [parameter.name for parameter in found.params if parameter.name not in ("self", "*")]
    assert told[: len(wanted)] == wanted


@pytest.mark.parametrize(
    "code, wanted, unwanted",
    [
        ("keras.layers.", {"Dense", "Conv2D", "Layer", "concatenate"}, "MaxoutDense"),
        ("keras.layers.Dense(3).", {"W", "b", "activation", "get_weights", "name", "trainable"}, "horngate"),
        ("keras.Sequential([]).", {"add", "layers", "fit", "predict", "summary", "save", "optimizer"}, "horngate"),
        ("keras.callbacks.EarlyStopping().", {"model", "patience", "on_epoch_end"}, "horngate"),
        (f"{OWN}Mine(3).", {"add_weight", "call", "get_config"}, "horngate"),
    ],
)
def test_completion(code, wanted, unwanted):
    names = {each.name for each in told_by_jedi(code).complete()}
    assert wanted <= names and unwanted not in names
