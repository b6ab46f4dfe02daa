"""What a user's editor sees: completion and signatures by jedi, marks by both type checkers, on small files."""

import inspect
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from horngate import layers

ROOT = Path(__file__).resolve().parents[2]

HEAD = """
from horngate import backend as K
from horngate.layers import LSTM, AtrousConvolution1D, AtrousConvolution2D, Bidirectional, Convolution2D, Dense
from horngate.layers import Deconvolution2D, SeparableConvolution2D
from horngate.models import Model, Sequential
model = Sequential([Dense(3)])
"""

# Lines that end with `# wrong` must be marked, and no other line may be; `reveal_type` tells what a checker knows.
PROGRAM = '''
import numpy as np
from horngate import backend as K
from horngate.callbacks import EarlyStopping, ModelCheckpoint
from horngate.engine.arguments import argument
from horngate.engine.kinds import Activation
from horngate.layers import LSTM, Bidirectional, Convolution2D, ConvLSTM2D, Deconvolution2D, Dense, Dropout, Embedding
from horngate.layers import Flatten, Input, Lambda, Layer, MaxPooling2D, SpatialDropout2D, TimeDistributed, merge
from horngate.models import Model, Sequential
from horngate.optimizers import SGD, Adam


class My(Layer):
    """The input times a number, then a function."""

    factor: float = argument("what the input is multiplied by")
    activation: Activation = argument(default=None)

    def call(self, x, mask=None):
        return self.activation(x * self.factor)


class Own(Layer):
    """A layer with a constructor of its own."""

    def __init__(self, size: int, **kwargs):
        self.inner = Dense(size)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return self.inner(x)


chain = Sequential([Dense(8, activation="relu", input_dim=4), Dropout(0.5), Dense(1, "uniform", W_constraint=None)])
chain.add(My(2.0, name="x"))
chain.add(Own(3, name="own"))
chain.compile(Adam(lr=0.01), "mse", metrics=["mae"])
callbacks = [EarlyStopping("loss", patience=2), ModelCheckpoint("weights.h5")]
history = chain.fit(np.zeros((4, 4)), np.zeros((4, 1)), nb_epoch=1, batch_size=2, verbose=0, callbacks=callbacks)
print(history.history["loss"], chain.predict(np.zeros((2, 4))).shape, chain.layers[0].name)

x = Input(shape=(4,))
y = Lambda(lambda tensor: K.sum(tensor, axis=-1, keepdims=True), output_shape=(1,))(Dense(3)(x))
model = Model(input=[x], output=[merge([y, y], mode="sum")])
model.compile(optimizer=SGD(lr=0.1, momentum=0.9), loss="mse")
model.summary()
words = Sequential([Embedding(10, 4, input_length=5), Bidirectional(LSTM(3, return_sequences=True))])
words.add(TimeDistributed(Dense(2)))
pictures = [Convolution2D(2, 3, 3, border_mode="same"), MaxPooling2D((2, 2)), SpatialDropout2D(0.5), Flatten()]
turned = [Deconvolution2D(2, 3, 3, (None, 2, 8, 8)), ConvLSTM2D(2, 3, 3, return_sequences=True)]

Dense(3).activation(np.zeros(3))
kernel = Convolution2D(2, 3, 3).W
kernel.get_value()
reveal_type(kernel)

My("a")  # wrong
My(factor=2.0, unknown=1)  # wrong
Dense("a")  # wrong
Dense(3).nothing  # wrong
LSTM()  # wrong
Deconvolution2D(2, 3)  # wrong
'''
# What a subclass inserts is given in its place; the wrong type there is marked.
PROGRAM += """
from horngate.layers import AtrousConvolution1D, AtrousConvolution2D, SeparableConvolution2D
AtrousConvolution1D(2, 3, "uniform", "relu", None, "same", 1, 2)
AtrousConvolution2D(2, 3, 3, "uniform", "relu", None, "same", (1, 1), (2, 2), "th")
AtrousConvolution2D(2, 3, 3, "uniform", "relu", None, "same", (1, 1), "th")  # wrong
SeparableConvolution2D(2, 3, 3, "uniform", "relu", None, "same", (1, 1), 2, "th")
SeparableConvolution2D(2, 3, 3, "uniform", "relu", None, "same", (1, 1), "th")  # wrong
Deconvolution2D(2, 3, 3, (None, 2, 8, 8), "uniform", "relu", None, "same")
"""
WRONG = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")}


INSERTING = ("AtrousConvolution1D", "AtrousConvolution2D", "Deconvolution2D", "SeparableConvolution2D")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("editor") / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def tool(name):
    """The path of a type checker beside this Python, or of one that is on the path."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    return found or pytest.skip(f"{name} is not installed")


def by_pyright(path):
    """Pairs (line, message) of what pyright says of a file in its basic mode."""
    settings = {"include": [str(path)], "typeCheckingMode": "basic", "extraPaths": [str(ROOT)]}
    (path.parent / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [tool("basedpyright"), "-p", str(path.parent), "--outputjson", "--pythonpath", sys.executable]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=300).stdout)
    return [(each["range"]["start"]["line"] + 1, each["message"]) for each in told["generalDiagnostics"]]


def by_mypy(path):
    """Pairs (line, message) of what mypy says of a file."""
    command = [tool("mypy"), "--ignore-missing-imports", "--follow-imports=silent", "--no-error-summary", path.name]
    environment = {"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    told = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=path.parent, env=environment)
    found = [re.match(r"program\.py:(\d+): \w+: (.*)", line) for line in told.stdout.splitlines()]
    assert told.stderr == "" and all(found), told.stdout + told.stderr
    return [(int(line[1]), line[2]) for line in found if line]


@pytest.mark.parametrize("checker", [by_pyright, by_mypy])
def test_what_is_right_is_clean_and_what_is_wrong_is_marked(checker, program):
    found = checker(program)
    revealed = [message for _, message in found if "eveal" in message or "Type of" in message]
    marked = {line for line, message in found if message not in revealed}
    assert marked == WRONG, [pair for pair in found if pair[0] in marked ^ WRONG]
    assert len(revealed) == 1 and "Variable" in revealed[0], "the kernel of a convolution is a Variable"


def asked(code):
    """jedi at the end of a program."""
    jedi = pytest.importorskip("jedi")
    return jedi.Script(HEAD + code, path=ROOT / "program.py", project=jedi.Project(ROOT))


@pytest.mark.parametrize(
    "code, wanted",
    [
        ("K.", {"sum", "mean", "dot", "relu", "variable", "gradients", "function"}),
        ("model.", {"fit", "compile", "predict", "evaluate", "add", "layers", "summary", "save_weights"}),
        ("Dense(3).", {"W", "b", "activation", "output_dim", "get_weights", "name", "trainable"}),
    ],
)
def test_completion(code, wanted):
    assert wanted <= {each.name for each in asked(code).complete()}


@pytest.mark.parametrize(
    "code, wanted",
    [
        ("K.sum(", ["x", "axis", "keepdims"]),
        ("model.fit(", ["x", "y", "batch_size", "nb_epoch", "verbose", "callbacks", "validation_split"]),
        ("Dense(", ["output_dim", "init", "activation"]),
        ("Convolution2D(", ["nb_filter", "nb_row", "nb_col", "init"]),
        ("Sequential(", ["layers", "name"]),
    ],
)
def test_signatures_begin_with_what_is_given_first(code, wanted):
    """Of jedi, which reads declared arguments, but not the constructor of a class whose bases declare some."""
    (found,) = asked(code).get_signatures()
    assert [parameter.name for parameter in found.params][: len(wanted)] == wanted


@pytest.mark.parametrize("name", INSERTING)
def test_an_argument_that_a_subclass_inserts_stands_in_its_place(name):
    """jedi and the constructor itself agree. What type checkers see stands in `PROGRAM`."""
    (found,) = asked(f"{name}(").get_signatures()
    ours = inspect.signature(getattr(layers, name)).parameters
    told = ["weights" if p.name == "initial_weights" else p.name.rstrip("_") for p in found.params]
    wanted = [key for key, p in ours.items() if p.kind is p.POSITIONAL_OR_KEYWORD][:14]
    assert told[:14] == wanted


@pytest.mark.parametrize("code, wanted", [("LSTM(", {"output_dim", "activation", "return_sequences", "dropout_W"})])
def test_signatures_name_the_arguments_of_bases(code, wanted):
    (found,) = asked(code).get_signatures()
    assert wanted <= {parameter.name for parameter in found.params}
