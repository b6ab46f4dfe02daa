"""An error that ends a program is shown with the program's frames alone, and its last frame is the program's."""

import os
import subprocess
import sys
import traceback

import pytest

from horngate.backend import tracebacks

START = """
import numpy as np
from horngate import backend as K
from horngate.callbacks import Callback
from horngate.layers import Dense, Layer, Lambda
from horngate.models import Sequential, load_model, model_from_json
x, y = np.ones((8, 3)), np.ones((8, 2))
def model(*layers, loss='mse'):
    m = Sequential([*layers, Dense(2, input_dim=3)])
    m.compile('sgd', loss)
    return m
def wrong(*given, **others):
    return K.dot(given[-1], np.ones((7, 7)))  # HERE
class Own(Layer):
    def call(self, x, mask=None):
        return wrong(x)
class Telling(Callback):
    def on_batch_end(self, batch, logs=None):
        wrong(x)
def batches():
    yield x, y
    wrong(x)
"""
PROGRAMS = {  # what goes wrong -> (the last line of the program, whether the last frame is that of `wrong`)
    "a layer's function": ("model(Lambda(wrong, input_shape=(3,)))", True),
    "a layer of one's own": ("model(Own(input_shape=(3,)))", True),
    "a loss": ("model(loss=wrong).fit(x, y, verbose=0)", True),
    "a callback": ("model().fit(x, y, verbose=0, callbacks=[Telling()])", True),
    "a generator in a thread": ("model().fit_generator(batches(), 64, 1, verbose=0)", True),
    "numpy in a layer": ("model(Lambda(lambda x: np.ones(3) @ np.ones(4), input_shape=(3,)))", False),
    "a function of K": ("K.dot(np.ones((2, 3)), np.ones((7, 7)))", False),
    "data of another shape": ("model().fit(x[:, :2], y, verbose=0)", False),
    "an unknown argument": ("Dense(2, inputdim=3)", False),
    "a file that is not there": ("load_model('nowhere.h5')", False),
    "text that is no JSON": ("model_from_json('{')", False),
}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_the_last_frame_is_the_programs(kind):
    line, within = PROGRAMS[kind]
    program = START + line
    with pytest.raises(Exception) as caught:  # noqa: PT011  each raises another
        exec(compile(program, "program.py", "exec"), {"__name__": "program"})
    whole = traceback.extract_tb(caught.value.__traceback__)
    with tracebacks._shortened(caught.value):
        shown = traceback.extract_tb(caught.value.__traceback__)
        text = "".join(traceback.format_exception(caught.value))
    numbers = [frame.lineno for frame in shown if frame.filename == "program.py"]
    here = next(number for number, text in enumerate(program.split("\n"), 1) if "# HERE" in text)
    assert shown[-1].filename == "program.py"
    assert numbers[-1] == (here if within else len(program.split("\n")))
    assert not [frame for frame in shown if "horngate" in frame.filename and "test_tracebacks" not in frame.filename]
    assert "/jax/" not in text
    assert "JAX has removed" not in text
    assert traceback.extract_tb(caught.value.__traceback__) == whole


def test_the_hint_stands_where_no_sentence_of_ours_does():
    for program, hinted in (("K.dot(np.ones((2, 3)), np.ones((7, 7)))", True), ("Dense(2, inputdim=3)", False)):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            exec(compile(START + program, "program.py", "exec"), {"__name__": "program"})
        with tracebacks._shortened(caught.value):
            assert ("HORNGATE_TRACEBACK=full" in "".join(traceback.format_exception(caught.value))) is hinted


def test_what_the_program_called_itself_stays():
    with pytest.raises(Exception) as caught:  # noqa: PT011
        exec(compile(START + "import json; json.loads('{')", "program.py", "exec"), {"__name__": "program"})
    with tracebacks._shortened(caught.value):
        assert traceback.extract_tb(caught.value.__traceback__)[-1].filename.endswith("decoder.py")


@pytest.mark.parametrize("runner", [[], ["-m", "horngate"]], ids=["python", "python -m horngate"])
def test_programs_end_so(tmp_path, runner):
    path = tmp_path / "program.py"
    path.write_text(START + "model(loss=wrong).fit(x, y, verbose=0)")

    def told(**chosen):
        command = [sys.executable, *runner, str(path)]
        return subprocess.run(command, env={**os.environ, **chosen}, capture_output=True, text=True).stderr

    short, full = told(), told(HORNGATE_TRACEBACK="full")
    assert short.count('File "') == 2
    assert "# HERE" in short
    assert "horngate/backend" in full
    assert "/jax/_src" in full


def test_a_program_whose_file_is_missing_ends_at_its_line(tmp_path):
    """`python -m horngate` speaks for its own files only."""
    path = tmp_path / "program.py"
    path.write_text("print('begun')\nopen('nowhere.csv')\n")
    done = subprocess.run([sys.executable, "-m", "horngate", str(path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "line 2" in done.stderr


def test_a_device_that_is_not_there_is_told_of():
    command = [sys.executable, "-c", "from horngate import backend as K; K.dot([[1.0]], [[1.0]])"]
    done = subprocess.run(command, env={**os.environ, "JAX_PLATFORMS": "nowhere"}, capture_output=True, text=True)
    assert "JAX_PLATFORMS='nowhere' names" in done.stderr, done.stderr
