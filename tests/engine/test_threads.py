"""Several threads on one model: what each gets is as if they had taken turns in some order, and none waits for ever."""

import copy
import functools
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from horngate import GradientTape, keras3, layers
from horngate import backend as K
from horngate.callbacks import LambdaCallback
from horngate.layers import Dense, Input
from horngate.models import Model, Sequential, load_model
from horngate.optimizers import SGD

ONES = np.ones((1, 4), "float32")
STEPS = 40


def total(y_true, y_pred):
    return K.sum(y_pred, axis=-1)


def counting(shared=None):
    """A model whose weights are all -n after n steps, and whose two outputs are both -4n."""
    x = Input((4,))
    outputs = [shared or Dense(1, init="zero", bias=False), Dense(1, init="zero", bias=False)]
    model = Model(x, [layer(x) for layer in outputs])
    model.compile(SGD(lr=1.0), total)
    return model


def train(model):
    model.train_on_batch(ONES, [ONES[:, :1]] * 2)


def fit(model, **options):
    model.fit(ONES, [ONES[:, :1]] * 2, nb_epoch=STEPS, verbose=0, **options)


def alike(arrays):
    assert len({float(number) for array in arrays for number in np.ravel(array)}) == 1, arrays


def save_and_look(model, path):
    model.save(str(path))
    saved = load_model(str(path), custom_objects={"total": total})
    alike(saved.get_weights())
    assert saved.optimizer.iterations.get_value() == -saved.get_weights()[0][0, 0]


def set_alike(model):
    value = float(np.random.randint(100))
    model.set_weights([np.full(weight.shape, value) for weight in model.weights])


def fit_with_callback(model):
    fit(model, callbacks=[LambdaCallback(on_epoch_end=lambda epoch, logs: alike(model.predict(ONES)))])


CASES = {  # name -> what the threads call over and over, given the model and a file; and how many steps a call trains
    "train and train": [(lambda m, path: train(m), 1)] * 4,
    "fit and fit": [(lambda m, path: fit(m), STEPS)] * 2,
    "fit and predict": [(lambda m, path: fit(m), STEPS), (lambda m, path: alike(m.predict(ONES)), 0)],
    "predict and predict": [(lambda m, path: alike(m.predict(ONES)), 0)] * 3,
    "train and get_weights": [(lambda m, path: train(m), 1), (lambda m, path: alike(m.get_weights()), 0)],
    "fit and save": [(lambda m, path: fit(m), STEPS), (save_and_look, 0)],
    "fit and pickle": [
        (lambda m, path: fit(m), STEPS),
        (lambda m, path: alike(pickle.loads(pickle.dumps(m)).get_weights()), 0),
    ],
    "fit and copy": [(lambda m, path: fit(m), STEPS), (lambda m, path: alike(copy.deepcopy(m).get_weights()), 0)],
    "train and evaluate": [
        (lambda m, path: train(m), 1),
        (lambda m, path: m.evaluate(ONES, [ONES[:, :1]] * 2, verbose=0), 0),
    ],
    "set_weights and predict": [(lambda m, path: set_alike(m), 0), (lambda m, path: alike(m.predict(ONES)), 0)],
    "fit with callbacks that predict": [(lambda m, path: fit_with_callback(m), STEPS)] * 2,
    "fit and another model": [(lambda m, path: fit(m), STEPS), (lambda m, path: train(counting()), 0)],
}


def run(calls, seconds=0.4, least=2):
    """Call each of `calls` over and over in a thread of its own; returns how often, and raises what they raise."""
    faults, counts, end = [], [0] * len(calls), time.monotonic() + seconds

    def work(i):
        try:
            while counts[i] < least or time.monotonic() < end:
                calls[i]()
                counts[i] += 1
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "the threads wait for each other"
    if faults:
        raise faults[0]
    return counts


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_threads_take_turns(name, warm, tmp_path):
    model = counting()
    if warm:
        train(model)
    calls = [lambda call=call, i=i: call(model, tmp_path / f"{i}.h5") for i, (call, _) in enumerate(CASES[name])]
    counts = run(calls)
    steps = warm + sum(count * each for count, (_, each) in zip(counts, CASES[name]))
    if model.optimizer.weights or steps:
        assert model.optimizer.iterations.get_value() == steps
    if steps and "set_weights" not in name:
        assert all((weight == -steps).all() for weight in model.get_weights())


def test_models_that_share_a_layer_take_turns():
    shared = Dense(1, init="zero", bias=False)
    models = [counting(shared), counting(shared), counting()]
    counts = run([lambda model=model: train(model) for model in models] + [lambda: models[0].predict(ONES)])
    assert (shared.get_weights()[0] == -counts[0] - counts[1]).all()
    both = Model(models[1].inputs, models[1].outputs + models[2](models[1].inputs))  # two groups, joined afterwards
    both.compile(SGD(lr=1.0), total)
    before = shared.get_weights()[0]
    targets = [ONES[:, :1]] * 4
    counts = run([lambda: train(models[0]), lambda: train(models[2]), lambda: both.train_on_batch(ONES, targets)])
    assert (shared.get_weights()[0] == before - counts[0] - counts[2]).all()


def test_functions_of_k_take_turns():
    a, b, x = K.variable(0.0), K.variable(0.0), K.placeholder(shape=())
    add = K.function([x], [a + x], updates=[(a, a + x), (b, b + x)])
    look = K.function([], [a, b])
    counts = run([lambda: add([1.0])] * 2 + [lambda: alike(look([])), lambda: alike(K.batch_get_value([a, b]))])
    assert float(a) == float(b) == counts[0] + counts[1]


def test_draws_of_threads_differ():
    model = Sequential([layers.Dropout(0.5, input_shape=(64,))])
    draw, seen = K.function([model.input, K.learning_phase()], [model.output]), []
    run([lambda: seen.append(draw([np.ones((1, 64)), 1])[0].tobytes())] * 3)
    assert len(set(seen)) == len(seen)


def test_models_are_built_side_by_side():
    built = []

    def build():
        model = Sequential([Dense(3, input_dim=4), Dense(2)])
        assert model.predict(ONES).shape == (1, 2)
        built.append(model)

    run([build] * 3, least=5)
    names = [layer.name for model in built for layer in model.layers]
    assert len(set(names)) == len(names)


def test_each_thread_has_the_era_that_it_builds_in():
    def of_1():
        layer = layers.LSTM(2)
        assert layer.inner_activation.__name__ == "hard_sigmoid" and layers.BatchNormalization().epsilon == 1e-6

    def of_3():
        layer = keras3.layers.LSTM(2)
        assert layer.inner_activation.__name__ == "sigmoid" and keras3.layers.BatchNormalization().epsilon == 1e-3

    run([of_1, of_3] * 2, least=20)


def test_each_model_keeps_the_ordering_that_it_was_built_in():
    before = K.image_dim_ordering()
    try:
        models = []
        for ordering, shape in (("th", (3, 8, 9)), ("tf", (8, 9, 3))):
            K.set_image_dim_ordering(ordering)
            models.append((Sequential([layers.Convolution2D(2, 3, 3, input_shape=shape)]), shape))
    finally:
        K.set_image_dim_ordering(before)
    run([lambda model=model, shape=shape: model.predict(np.ones((2, *shape))) for model, shape in models])
    assert [model.output_shape for model, _ in models] == [(None, 2, 6, 7), (None, 6, 7, 2)]


PROGRAMS = {  # what a script does after a model was trained, and how it must end
    "a forked child predicts": (
        "pid = os.fork()\n"
        "if not pid:\n"
        "    try:\n        m.get_weights(); m.predict(x)\n"
        "    except RuntimeError as error:\n        print(error, flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0); m.predict(x)",
        "spawn",
    ),
    "a forked child builds": (
        "pid = os.fork()\n"
        "if not pid:\n"
        "    try:\n        K.dot(K.variable(x), K.variable(x.T)); K.exp(x)\n"
        "    except RuntimeError as error:\n        print(error, flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)",
        "spawn",
    ),
    "Ctrl-C while a thread trains": (
        "stop = []\n"
        "def work():\n    while not stop: m.train_on_batch(x, x[:, :1])\n"
        "t = threading.Thread(target=work); t.start()\n"
        "try:\n    print('go', flush=True)\n    while True: m.predict(x); m.train_on_batch(x, x[:, :1])\n"
        "except KeyboardInterrupt: stop.append(1)\n"
        "t.join(); m.train_on_batch(x, x[:, :1]); print('ended', flush=True)",
        "ended",
    ),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_could_hang_ends(name):
    program, wanted = PROGRAMS[name]
    begin = (
        "import os, threading, numpy as np\nfrom horngate import backend as K\nfrom horngate.layers import Dense\n"
        "from horngate.models import Sequential\nm = Sequential([Dense(8, input_dim=4), Dense(1)])\n"
        "m.compile('sgd', 'mse')\nx = np.ones((16, 4), 'float32')\nm.train_on_batch(x, x[:, :1])\nm.predict(x)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", begin + program],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        if "Ctrl-C" in name:
            assert process.stdout.readline() == "go\n"
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert wanted in told and process.returncode == 0


class OwnStep(keras3.Model):
    """Counts like `counting`, by a step of its own; as compiled program, or by Python."""

    by_python = False

    def train_step(self, data):
        x, y = data
        with GradientTape() as tape:
            loss = self.compute_loss(x=x, y=y, y_pred=self(x, training=True))
        if self.by_python:
            float(loss)
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return {"loss": loss}


@pytest.mark.parametrize("by_python", [False, pytest.param(True, marks=pytest.mark.filterwarnings("ignore"))])
def test_threads_take_turns_on_steps_of_ones_own(by_python):
    x = keras3.Input((4,))
    made = [keras3.layers.Dense(1, kernel_initializer="zeros", use_bias=False) for _ in range(2)]
    model = OwnStep(x, keras3.layers.Concatenate()([layer(x) for layer in made]))
    model.by_python = by_python
    model.compile(keras3.optimizers.SGD(1.0), total)
    seen, errors, begin = [], [], threading.Barrier(4)

    def work(action, times):
        try:
            begin.wait()
            for _ in range(times):
                seen.append(action())
        except Exception as error:
            errors.append(error)

    train = functools.partial(model.train_on_batch, ONES, ONES[:, :2])
    actions = train, train, model.get_weights, functools.partial(model.predict, ONES, verbose=0)
    threads = [threading.Thread(target=work, args=(action, 15)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
        assert not thread.is_alive(), "a thread waits for ever"
    assert not errors
    assert [float(weight.flat[0]) for weight in model.get_weights()] == [-30.0, -30.0]
    for weights in (each for each in seen if isinstance(each, list)):
        alike(weights)  # no thread sees half a step
