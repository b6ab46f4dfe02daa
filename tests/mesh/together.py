"""What processes train together: `python -m horngate launch -n 2 -m tests.mesh.together DO FOLDER`; prints JSON."""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import jax
import numpy as np

import horngate
from horngate import callbacks
from horngate.backend import config
from horngate.backend.graph import reset_uids
from horngate.layers import BatchNormalization, Dense, Dropout, Flatten
from horngate.models import Sequential, load_model
from horngate.preprocessing.image import ImageDataGenerator
from horngate.training import sharded_files

BATCH, COUNT, WIDTH = 16, 88, 6  # the last 8 rows make a short batch
ME = jax.process_index()


def numbers(count=COUNT, seed=5):
    x = np.random.RandomState(seed).normal(size=(count, WIDTH)).astype(config.floatx())
    return x, x[:, :2].sum(axis=1, keepdims=True)


def compiled(mesh="data", seed=3, **told):
    reset_uids()
    if seed is not None:
        np.random.seed(seed)
    model = Sequential([Dense(8, activation="tanh", input_dim=WIDTH), BatchNormalization(), Dropout(0.2), Dense(1)])
    model.compile("adam", "mse", mesh=horngate.Distribution(mesh, **told))
    return model


def state(model):
    return [w.tolist() for w in [*model.get_weights(), *model.optimizer.get_weights()]]


class Rows:
    """A file that counts the rows that are read from it."""

    def __init__(self, array):
        self.array, self.read = array, 0
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim

    def __len__(self):
        return len(self.array)

    def __getitem__(self, chosen):
        found = self.array[chosen]
        self.read += len(found)
        return found


class Loader:
    """Batches that can be gone through again."""

    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


class Delays(callbacks.Callback):
    """Makes process 1 late after each chunk; keeps the steps of each."""

    needs_every_batch = False

    def on_train_begin(self, logs=None):
        self.steps = []

    def on_batch_end(self, batch, logs=None):
        self.steps.append(batch)
        time.sleep(0.02 * ME)


def train(folder):
    """Everything that must be the same in any number of processes, in float64."""
    config.set_floatx("float64")
    x, y = numbers()
    found = {}
    model = compiled(shard="zero")
    history = model.fit(x, y, batch_size=BATCH, nb_epoch=2, validation_split=0.1, verbose=0)
    found["fit"] = [*history.history.values(), model.evaluate(x, y, verbose=0), state(model)]
    found["predict"] = model.predict(x[:40], batch_size=BATCH).tolist()
    found["own rows"] = [model.predict(x[:count], batch_size=BATCH, gather=False).tolist() for count in (64, 45, 3)]
    found["of these"] = [model.predict(x[:count], batch_size=BATCH).tolist() for count in (64, 45, 3)]
    model.save(f"{folder}/model.h5")
    found["saved"] = state(load_model(f"{folder}/model.h5"))
    x_file, y_file = Rows(x), Rows(y)
    found["file"] = compiled().fit(x_file, y_file, batch_size=BATCH, nb_epoch=2, verbose=0).history["loss"]
    found["rows read"] = [x_file.read, y_file.read]
    x_file, y_file = Rows(x), Rows(y)
    x_file.chunks = y_file.chunks = (8, 1)
    found["blocks"] = (
        compiled().fit(x_file, y_file, batch_size=BATCH, nb_epoch=2, shuffle="blocks", verbose=0).history["loss"]
    )
    small = compiled()
    batches = [(x[i : i + BATCH], y[i : i + BATCH]) for i in range(0, COUNT - COUNT % BATCH, BATCH)]
    found["same"] = small.fit(Loader(batches), nb_epoch=2, verbose=0).history["loss"]
    found["evaluated"] = [small.evaluate(Loader(batches), verbose=0)]
    own = slice(*(BATCH // jax.process_count() * place for place in (ME, ME + 1)))
    parts = [(a[own], b[own]) for a, b in batches]
    found["own"] = compiled(batches="own").fit(Loader(parts), nb_epoch=2, verbose=0).history["loss"]
    found |= pictures(folder)
    delays = Delays()
    x, y = numbers(200 * 8)
    model = compiled()
    logs = [delays, callbacks.CSVLogger(f"{folder}/log.csv"), callbacks.ModelCheckpoint(f"{folder}/w.h5", "loss")]
    found["delayed"] = [
        model.fit(x, y, batch_size=8, nb_epoch=1, verbose=0, callbacks=logs).history["loss"],
        state(model),
    ]
    return found | {"steps": delays.steps}


def pictures(folder):
    """Training on images in files, shuffled and altered at random, and which of the files were read."""
    from PIL import Image

    place = Path(f"{folder}/pictures_{ME}")
    for i in range(2 * BATCH):
        (place / str(i % 2)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4, 3), 7 * i, "uint8")).save(place / str(i % 2) / f"{i}.png")
    generator = ImageDataGenerator(horizontal_flip=True, width_shift_range=0.2, rescale=1 / 255, dim_ordering="tf")
    batches = generator.flow_from_directory(str(place), (4, 4), batch_size=BATCH, class_mode="binary")
    read, find = [], batches._read
    batches._read = lambda i: (read.append(int(i)), find(i))[1]
    reset_uids()
    model = Sequential([Flatten(input_shape=(4, 4, 3)), Dense(1)])
    model.compile("sgd", "mse", mesh="data")
    losses = model.fit_generator(batches, 2 * BATCH, 4, verbose=0, max_q_size=1).history["loss"]
    return {"pictures": [losses, model.evaluate_generator(batches, BATCH)], "pictures read": len(read)}


def agree(folder):
    """What processes make of what differs between them: numbers without a seed, what callbacks do, other data."""
    np.random.seed(ME)
    random.seed(ME)
    model, (x, y) = compiled(seed=None), numbers()

    def act(epoch, logs):
        model.optimizer.lr.set_value(0.01 * (1 + ME))
        model.stop_training = ME == 1 and epoch == 1

    epochs = model.fit(
        x, y, batch_size=BATCH, nb_epoch=9, verbose=0, callbacks=[callbacks.LambdaCallback(on_epoch_end=act)]
    )
    found = {"losses": epochs.history["loss"], "lr": float(model.optimizer.lr.get_value()), "weights": state(model)}
    tried = {
        "data": lambda: model.fit(*numbers(seed=ME), nb_epoch=1, verbose=0),
        "batches": lambda: model.fit(Loader([numbers(BATCH, seed=ME)]), nb_epoch=1, verbose=0),
        "shares": lambda: compiled(batches="own").fit(Loader([numbers(BATCH + ME)]), nb_epoch=1, verbose=0),
        "mesh": lambda: compiled("data:3"),
    }
    for name, call in tried.items():
        try:
            call()
            found[name] = "nothing"
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
    return found


def resume(folder):
    """Go on with a training that was saved, for `EPOCHS` in all; SIGTERM ends it if `TERM_NOW` is set."""

    def end(epoch, logs):
        if epoch == 1 and os.environ.get("TERM_NOW"):
            Path(f"{folder}/ended_{ME}.json").write_text(json.dumps(state(model)))
            if jax.process_count() - 1 == ME:
                os.kill(os.getpid(), signal.SIGTERM)

    if os.environ.get("WITHOUT_ORBAX"):
        sharded_files.available = lambda: False
    x, y = numbers()
    model = compiled(shard="zero")
    told = [callbacks.BackupAndResume(f"{folder}/backup"), callbacks.LambdaCallback(on_epoch_end=end)]
    history = model.fit(x, y, batch_size=BATCH, nb_epoch=int(os.environ["EPOCHS"]), verbose=0, callbacks=told)
    return {"losses": history.history["loss"], "weights": state(model)}


def fail(folder):
    """End in one of several ways in the midst of a training."""

    def end(batch, logs):
        time.sleep(0.01)
        if batch == 5 and int(os.environ["WHO"]) == ME:
            Path(f"{folder}/at").write_text(str(time.time()))
            {
                "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
                "hang": lambda: time.sleep(100),
                "raise": lambda: None,
            }[os.environ["HOW"]]()
            raise RuntimeError("a fault of the user's")

    compiled().fit(
        *numbers(), batch_size=8, nb_epoch=99, verbose=0, callbacks=[callbacks.LambdaCallback(on_batch_end=end)]
    )


if __name__ == "__main__":
    done = {"train": train, "agree": agree, "resume": resume, "fail": fail}[sys.argv[1]](sys.argv[2])
    Path(f"{sys.argv[2]}/found_{ME}.json").write_text(json.dumps(done))
