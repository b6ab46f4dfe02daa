"""What goes wrong is told in one sentence: what was expected, what came, and what to do."""

import zipfile

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import models
from horngate.callbacks import BackupAndResume, Callback, CSVLogger, LearningRateScheduler, ModelCheckpoint, TensorBoard
from horngate.dialects import tensorflow
from horngate.engine.topology import Input, Layer
from horngate.layers import LSTM, Add, Convolution2D, Dense, Flatten, Lambda, merge
from horngate.models import Sequential
from horngate.optimizers import SGD, Adam
from horngate.preprocessing import image
from horngate.preprocessing.sequence import pad_sequences
from horngate.preprocessing.text import Tokenizer, one_hot
from horngate.utils.np_utils import to_categorical

X, Y = np.ones((8, 4), "float32"), np.ones((8, 3), "float32")


def net():
    model = Sequential([Dense(3, input_shape=(4,))])
    model.compile("sgd", "mse")
    return model


def classes():
    model = Sequential([Dense(3, activation="softmax", input_shape=(4,))])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def two_lstms():
    Sequential([LSTM(2, input_shape=(4, 1), name="first"), LSTM(2)])


def fit_with(*callbacks, **options):
    return net().fit(X, Y, nb_epoch=1, verbose=0, callbacks=list(callbacks), **options)


def many(x=X):
    return horngate.fit_many(lambda seed=0: net(), 2, x, Y, nb_epoch=1, verbose=0)


class GivesNothing(Layer):
    def call(self, x, mask=None):
        pass


class OfNumPy(Layer):
    def call(self, x, mask=None):
        return np.abs(x)


class Asks(Layer):
    def call(self, x, mask=None):
        return x if x[0, 0] > 0 else -x


def damaged_state():
    fit_with(BackupAndResume("state"))
    with open("state/training.npz", "wb") as file:
        file.write(b"xxxx")
    fit_with(BackupAndResume("state"))


def one_image():
    Sequential([Convolution2D(2, 3, 3, input_shape=(8, 8, 3), dim_ordering="tf")]).predict(np.ones((8, 8, 3)))


WORDS = {  # what goes wrong -> (how, what is told)
    "verbosity in words": (lambda: net().fit(X, Y, verbose="yes"), "fit: verbose must be 0 .silent.*received 'yes'"),
    "verbosity beyond 2": (lambda: net().evaluate(X, Y, verbose=3), "evaluate: verbose must be 0 .*received 3"),
    "verbosity as a list": (lambda: net().predict(X, verbose=[1]), r"predict: verbose must be 0 .*received \[1\]"),
    "ragged lists": (lambda: net().predict([[1, 2], [3]]), "lists: sequences of unequal length.*pad_sequences"),
    "no data in a dictionary": (lambda: net().predict({}), "no data for .*Received an empty dictionary"),
    "a number for weights": (lambda: net().set_weights(5), "a list of arrays, as get_weights gives it; received 5"),
    "a number for a name": (lambda: Dense(3, name=5), "Dense, argument 'name': must be a text; received 5"),
    "two shapes": (
        lambda: Dense(3, input_dim=4, input_shape=(5,)),
        "input_shape=.5,. contradicts its sizes, .None, 4.",
    ),
    "a batch of another shape": (lambda: Dense(3, input_dim=4, batch_input_shape=(2, 3, 4)), "contradicts its sizes"),
    "a layer on nothing": (lambda: Dense(3)(None), "must be called on a tensor, such as Input.*received None"),
    "a layer on a text": (lambda: Dense(3)("x"), "must be called on a tensor, such as Input.*received 'x'"),
    "a layer on a layer": (lambda: Dense(3)(Dense(2)), "must be called on a tensor, such as Input.*received <Dense"),
    "nothing among inputs": (lambda: Add()([Input((3,)), None]), "must be called on a tensor.*received None"),
    "an argument where there is none": (lambda: Flatten(3), "Flatten.data_format.: too many positional arguments"),
    "no folder": (lambda: BackupAndResume(5), "BackupAndResume, argument 'folder'"),
    "nothing to merge": (lambda: merge([None, None]), "must be all layers or all tensors; received None"),
    "a tensor and nothing to merge": (lambda: merge([Input((3,)), None]), "must be all layers or all tensors"),
    "one sample": (lambda: net().predict(X[0]), r"received \(4,\), a single sample. Did you mean X\[None\]"),
    "one image": (one_image, r"a single sample. Did you mean X\[None\]"),
    "split as text": (lambda: fit_with(validation_split="0.2"), "between 0 and 1; received '0.2'"),
    "endless batch": (lambda: fit_with(batch_size=float("inf")), "whole number of at least 1; received inf"),
    "weights of classes as array": (lambda: fit_with(class_weight=np.ones(3)), r"dict\(enumerate\(class_weight\)\)"),
    "key of a checkpoint": (lambda: fit_with(ModelCheckpoint("{val_los}.h5")), "'val_los'. There is: epoch, loss"),
    "a model as .safetensors": (lambda: net().save("a.safetensors"), r"save_weights for its weights"),
    "module": (lambda: horngate.layer, "Did you mean 'layers'"),
    "adamax2": (lambda: net().compile("adamax2", "mse"), r"^unknown optimizer 'adamax2'. Known: .*optax.adamw"),
    "loss of one's own": (lambda: net().compile("sgd", "mine"), "custom_object_scope.*custom_objects"),
    "tf.data": (lambda: tensorflow.data, "`fit` takes any iterable of batches"),
    "a chain's call": (lambda: type("M", (Sequential,), {"call": lambda self, x: x}), "M.call: .*Derive from Model"),
    "a call that gives nothing": (lambda: Sequential([GivesNothing(input_shape=(4,))]), "call gave None"),
    "NumPy in a call": (lambda: Sequential([OfNumPy(input_shape=(4,))]).predict(X), "K.abs, not np.abs"),
    "NumPy in a Lambda": (lambda: Sequential([Lambda(np.abs, input_shape=(4,))]).predict(X), "K.abs, not np.abs"),
    "if in a call": (lambda: Sequential([Asks(input_shape=(4,))]).predict(X), "K.switch"),
    "fit_many of a model": (lambda: horngate.fit_many(net(), 2, X, Y), "a function that makes and compiles a model"),
    "best of what is not measured": (lambda: many().best("val_loss"), "not measured. .*There is: loss"),
    "best of NaN": (lambda: many(X * np.nan).best(), "NaN in all 2 runs"),
    "a layer for a list": (lambda: Sequential(Dense(3, input_dim=4)), "takes a list of layers.*Put it in brackets"),
    "no schedule": (lambda: fit_with(LearningRateScheduler(0.1)), "a function from the number of the epoch.*0.1"),
    "separator of a log": (lambda: fit_with(CSVLogger("a.csv", separator="")), "one character, such as ','"),
    "file for a folder": (lambda: fit_with(BackupAndResume("/dev/null")), "/dev/null cannot be a folder"),
    "file for a folder of events": (lambda: fit_with(TensorBoard("/dev/null")), "/dev/null cannot be a folder"),
    "no sequences": (lambda: pad_sequences(3), "must be a list of sequences; received 3"),
    "one sequence": (lambda: pad_sequences("abc"), "must be a list of sequences; item 0 is 'a'"),
    "words in sequences": (lambda: pad_sequences([["a", "b"]]), "must hold numbers; received 'a'.*Tokenizer numbers"),
    "length below 0": (lambda: pad_sequences([[1]], maxlen=-1), "maxlen must be a whole number of at least 0.*-1"),
    "length in fractions": (lambda: pad_sequences([[1]], maxlen=1.5), "maxlen must be a whole number .*received 1.5"),
    "too large for 32 bits": (lambda: pad_sequences([[2**40]]), "to 2147483647; received 1099511627776. Give another"),
    "too large for 8 bits": (lambda: pad_sequences([[300]], dtype="uint8"), "'uint8' holds numbers from 0 to 255"),
    "below an unsigned 0": (lambda: pad_sequences([[-1.0]], dtype="uint8"), "from 0 to 255; received -1.0"),
    "no text": (lambda: Tokenizer().fit_on_texts([3]), "a text must be a string or a list of words; received 3"),
    "no vocabulary": (lambda: one_hot("a b", 1), "n must be at least 2, .*received 1"),
    "words by name": (lambda: Tokenizer("a"), "nb_words must be a whole number of at least 1; received 'a'"),
    "words below 1": (lambda: Tokenizer(-1), "nb_words must be a whole number of at least 1; received -1"),
    "labels as text": (lambda: to_categorical(["a"]), "labels must be whole numbers; received .*'a'"),
    "zoom below 0": (lambda: image.ImageDataGenerator(zoom_range=-3), "'zoom_range': must be a number from 0 to 1"),
    "epsilon below 0": (lambda: K.set_epsilon(-1), "a small number above 0, such as 1e-7; received -1"),
    "epsilon as text": (lambda: K.set_epsilon("a"), "a small number above 0, such as 1e-7; received 'a'"),
    "a class's label": (lambda: net().fit(X, ["a"] * 8), r"not numbers but text .*np.unique\(labels"),
    "numbers as objects": (lambda: net().predict(X.astype(object)), r"x.astype\('float32'\)"),
    "named columns": (lambda: net().predict(np.ones(8, [("a", "f4")])), r"columns with names \('a'\). Choose"),
    "a generator's function": (lambda: net().fit(net, None), "a function, net. If it makes batches, call it"),
    "a column for each class": (lambda: classes().fit(X, Y), r"'categorical_crossentropy' .*y.argmax\(axis=-1\)"),
    "batches of inputs": (lambda: net().fit((X for _ in range(2)), nb_epoch=1), r"it gave ndarray of shape \(8, 4\)\."),
    "an array for a tensor": (lambda: models.Model(X, X), r"received ndarray of shape \(8, 4\)\."),
    "the last step alone": (two_lstms, "Give first return_sequences=True"),
    "layers without brackets": (lambda: Sequential(Dense(3, input_dim=4), Dense(2)), "in brackets: Sequential"),
    "an activation for a layer": (lambda: Sequential(["relu"]), r"Write Activation\('relu'\)"),
    "a loss for an optimizer": (lambda: net().compile("mse", "adam"), "'mse'. That is a loss: compile.optimizer, loss"),
    "a curve that was not measured": (lambda: fit_with().history["acuracy"], "not measured. There is: loss"),
    "damaged state": (damaged_state, "Delete the folder state to begin anew"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WORDS)
def test_faults_are_told(name, tmp_path, monkeypatch):
    if "events" in name:
        pytest.importorskip("tensorboardX")
    monkeypatch.chdir(tmp_path)
    wrong, told = WORDS[name]
    with pytest.raises((ValueError, TypeError, AttributeError, KeyError, OSError), match=told):
        wrong()


MISSPELT = {  # call with a wrong letter -> the name that is meant, which may be of another era
    "Model.predict": (lambda: net().predict(X, batchsize=4), "predict", "batch_size"),
    "Model.save": (lambda: net().save("m.h5", overwrit=True), "save", "overwrite"),
    "Model.save_weights": (lambda: net().save_weights("m.h5", overwrit=True), "save_weights", "overwrite"),
    "Model.fit": (lambda: net().fit(X, Y, epoch=1), "fit", "epochs"),
    "Model": (lambda: models.Model(input=Input((3,)), outpt=None), "Model", "output"),
    "load_model": (lambda: models.load_model("m.h5", custom_object={}), "load_model", "custom_objects"),
    "to_categorical": (lambda: to_categorical([1], num_class=3), "to_categorical", "num_classes"),
    "Input": (lambda: Input(shap=(3,)), "Input", "shape"),
    "Convolution2D": (lambda: Convolution2D(8, 3, 3, stride=2), "Convolution2D", "strides"),
    "Adam": (lambda: Adam(learningrate=1), "Adam", "learning_rate"),
}


@pytest.mark.parametrize("call", MISSPELT)
def test_a_misspelt_argument_is_refused_by_its_name(call):
    wrong, of, meant = MISSPELT[call]
    with pytest.raises(TypeError, match=rf"^{of} has no argument '\w+'\. Did you mean '{meant}'\?"):
        wrong()


def test_the_learning_rate_has_two_names():
    optimizer = SGD(lr=0.1)
    optimizer.learning_rate = 0.5
    assert float(optimizer.lr) == float(optimizer.learning_rate) == 0.5 and optimizer.get_config()["lr"] == 0.5
    model = Sequential([Dense(1, input_dim=4, init="zero", bias=False)])
    model.compile(optimizer, lambda y, p: K.sum(p, axis=-1))
    model.train_on_batch(X[:1], Y[:1, :1])
    optimizer.learning_rate = 0.25
    model.train_on_batch(X[:1], Y[:1, :1])
    assert (model.get_weights()[0] == -0.75).all()


def test_unknown_attributes_of_optimizers_are_told():
    with pytest.warns(UserWarning, match="no 'momentun'.*Did you mean 'momentum'"):
        SGD(lr=0.1).momentun = 0.5

    class Mine(Adam):
        pass

    Mine().anything = 1


def test_images_of_16_bits_are_not_cut_in_silence(tmp_path):
    pillow = pytest.importorskip("PIL.Image")
    path = str(tmp_path / "a.png")
    pillow.fromarray((np.arange(64).reshape(8, 8) * 1000).astype("uint16")).save(path)
    with pytest.warns(UserWarning, match="16 bits"):
        image.load_img(path)


def test_a_schedule_of_two_is_told_the_rate_of_now():
    seen = []
    fit_with(LearningRateScheduler(lambda epoch, lr: seen.append((epoch, lr)) or lr / 2))
    assert seen == [(0, pytest.approx(0.01))]
    fit_with(LearningRateScheduler(lambda epoch, factor=0.5: factor))


class Told(Callback):
    """Notes what it is told by the names of later Kerases."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __getattribute__(self, name):
        if name.startswith(("on_train_batch", "on_test", "on_predict")):
            return lambda *args: self.seen.append(name[3:])
        return super().__getattribute__(name)

    def on_train_batch_end(self, batch, logs=None):
        """It looks at every batch."""


def test_callbacks_are_told_by_later_names():
    told = Told()
    fit_with(told, validation_data=(X, Y), batch_size=4)
    train, test = ["train_batch_begin", "train_batch_end"], ["test_batch_begin", "test_batch_end"]
    assert told.seen == [*train * 2, "test_begin", *test * 2, "test_end"]
    assert (told.params["epochs"], told.params["steps"]) == (1, 2)
    model = net()
    for call, what in (
        (lambda **o: model.predict(X, **o), "predict"),
        (lambda **o: model.evaluate(X, Y, verbose=0, **o), "test"),
    ):
        told = Told()
        call(callbacks=[told])
        assert told.seen == [f"{what}_begin", f"{what}_batch_begin", f"{what}_batch_end", f"{what}_end"]


@pytest.mark.parametrize("write, read", [("save", models.load_model), ("save_weights", None)])
def test_the_name_decides_the_format(write, read, tmp_path):
    """Programs of Keras 3 name their files so, and read them again."""
    model, path = net(), str(tmp_path / f"{write}.keras")
    getattr(model, write)(path)
    assert zipfile.is_zipfile(path)
    again = net() if read is None else read(path)
    if read is None:
        again.load_weights(path)
    for one, other in zip(again.get_weights(), model.get_weights()):
        np.testing.assert_array_equal(one, other)
