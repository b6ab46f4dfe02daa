"""Ten kinds of training, each small: what `fit` is called with, all logs on."""

import os
import random

import numpy as np

EPOCHS = 4


def _data(count, *shape):
    X = np.random.randn(count, *shape).astype("float32")
    return X, X.reshape(count, -1)[:, :1] * 2 + 0.5


def _mlp(*extra):
    from horngate.layers import Dense
    from horngate.models import Sequential

    return Sequential([Dense(6, input_dim=5, activation="tanh"), *extra, Dense(1)])


def dense():
    """Dense layers and Adam; a short last batch, validation held out."""
    X, Y = _data(50, 5)
    model = _mlp()
    model.compile("adam", "mse", metrics=["mae"])
    return model, dict(x=X, y=Y, batch_size=8, validation_split=0.2), []


def convolutional():
    """Convolution, BatchNormalization, dropout."""
    from horngate.layers import Activation, BatchNormalization, Convolution2D, Dense, Dropout, Flatten
    from horngate.models import Sequential

    X, Y = _data(22, 1, 6, 6)
    model = Sequential(
        [
            Convolution2D(2, 3, 3, input_shape=(1, 6, 6)),
            BatchNormalization(axis=1),
            Activation("relu"),
            Dropout(0.3),
            Flatten(),
            Dense(1),
        ]
    )
    model.compile("rmsprop", "mse")
    return model, dict(x=X, y=Y, batch_size=4), []


def stateful():
    """A recurrent layer whose states go on from batch to batch and from epoch to epoch."""
    from horngate.layers import GRU, Dense
    from horngate.models import Sequential

    X, Y = _data(24, 3, 2)
    model = Sequential([GRU(3, stateful=True, batch_input_shape=(4, 3, 2)), Dense(1)])
    model.compile("sgd", "mse")
    return model, dict(x=X, y=Y, batch_size=4, shuffle=False, validation_data=(X[:8], Y[:8])), []


def schedules():
    """A rate that draws from NumPy and from Python at the beginning of each epoch."""
    from horngate.callbacks import LearningRateScheduler

    X, Y = _data(30, 5)
    model = _mlp()
    model.compile("sgd", "mse")
    rate = LearningRateScheduler(lambda epoch: 0.05 / (epoch + 1) * (1 + random.random()) * (1 + np.random.rand()))
    return model, dict(x=X, y=Y, batch_size=7), [rate]


def generator():
    """Batches that three workers draw from a generator, which draws them from NumPy."""
    from horngate.layers import Dropout

    X, Y = _data(40, 5)
    model = _mlp(Dropout(0.2))
    model.compile("sgd", "mse")

    def batches():
        while True:
            order = np.random.permutation(len(X))
            for start in range(0, len(X), 6):
                yield X[order[start : start + 6]], Y[order[start : start + 6]]

    # an epoch ends amid a round of the generator
    return model, dict(generator=batches(), samples_per_epoch=32, nb_worker=3, validation_data=(X[:9], Y[:9])), []


def validation():
    """Validation on data of their own, with weights."""
    X, Y = _data(27, 5)
    model = _mlp()
    model.compile("adagrad", "mse", metrics=["mae"])
    weight = np.linspace(0.5, 1.5, len(X)).astype("float32")
    held_out = (X[:7] + 1, Y[:7], weight[:7])
    return model, dict(x=X, y=Y, batch_size=5, sample_weight=weight, validation_data=held_out), []


def early_stopping():
    """Stops on its own before the last epoch."""
    from horngate.callbacks import EarlyStopping

    X, Y = _data(30, 5)
    model = _mlp()
    model.compile("sgd", "mse")
    stop = EarlyStopping("loss", patience=2, min_delta=1e9, verbose=1)
    return model, dict(x=X, y=Y, batch_size=7, nb_epoch=7), [stop]


def plateau():
    """Lowers the rate on its own."""
    from horngate.callbacks import ReduceLROnPlateau

    X, Y = _data(30, 5)
    model = _mlp()
    model.compile("adam", "mse")
    return model, dict(x=X, y=Y, batch_size=7), [ReduceLROnPlateau("loss", factor=0.5, patience=0, epsilon=0.4)]


def best_only():
    """Keeps the best model only, as its name says with which loss."""
    from horngate.callbacks import ModelCheckpoint

    X, Y = _data(30, 5)
    model = _mlp()
    model.compile("adadelta", "mse")
    best = [
        ModelCheckpoint("best.h5", "val_loss", save_best_only=True),
        ModelCheckpoint("worst-{epoch}-{val_loss:.4f}.h5", "val_loss", save_best_only=True, mode="max"),
    ]
    return model, dict(x=X, y=Y, batch_size=7, validation_split=0.3), best


def mixed_precision():
    """Mixed precision with a loss scale that changes."""
    from horngate import backend as K
    from horngate.layers import Dropout
    from horngate.optimizers import SGD

    K.set_floatx("mixed_float16")
    X, Y = _data(30, 5)
    model = _mlp(Dropout(0.2))
    model.compile(SGD(lr=0.01, momentum=0.9), "mse")
    return model, dict(x=X, y=Y, batch_size=7), []


def own_step(by_python=False):
    """A step of one's own, with dropout, averages of the weights and a metric with a state."""
    import horngate
    from horngate import keras3

    class Own(keras3.Model):
        def train_step(self, data):
            x, y = data
            with horngate.GradientTape() as tape:
                predicted = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=predicted)
            if by_python:
                float(loss)
            weights = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
            return self.compute_metrics(x, y, predicted) | {"loss": loss}

    X, Y = _data(30, 5)
    x = keras3.Input((5,))
    y = keras3.layers.Dropout(0.2)(keras3.layers.Dense(6, activation="tanh")(x))
    model = Own(x, keras3.layers.Dense(1)(keras3.layers.BatchNormalization()(y)))
    optimizer = keras3.optimizers.Adam(0.01, use_ema=True)
    model.compile(optimizer, "mse", metrics=[keras3.metrics.RootMeanSquaredError()])
    return model, dict(x=X, y=Y, batch_size=7, validation_split=0.2), []


def eager_step():
    """The same, run by Python."""
    return own_step(True)


KINDS = {
    kind.__name__: kind
    for kind in (
        dense,
        convolutional,
        stateful,
        schedules,
        generator,
        validation,
        early_stopping,
        plateau,
        best_only,
        mixed_precision,
        own_step,
        eager_step,
    )
}


def logs(between):
    """All logs, and the state kept; `between` gives a callback to stand between two others, or None."""
    from horngate.callbacks import BackupAndResume, CSVLogger, ModelCheckpoint, TensorBoard

    told = [
        ModelCheckpoint("all-{epoch}.h5"),
        CSVLogger("log.csv"),
        BackupAndResume("state", seconds=0),
        TensorBoard("events", histogram_freq=2),
    ]
    return [each for callback in told for each in (between(), callback)] + [between()]


def train(kind, between):
    """Train one kind in the current folder; all that must be the same afterwards."""
    np.random.seed(11)
    random.seed(11)
    model, options, own = KINDS[kind]()
    options = dict(nb_epoch=EPOCHS, verbose=0, callbacks=own + logs(between)) | options
    history = (model.fit_generator if "generator" in options else model.fit)(**options)
    drawn = "-" if "generator" in options else repr((np.random.rand(), random.random()))  # workers draw ahead
    return {
        "history": repr(history.history),
        "epochs": repr(history.epoch),
        "drawn": drawn,
        "kinds": repr({name: [type(value).__name__ for value in values] for name, values in history.history.items()}),
        "weights": [weight.tobytes().hex() for weight in model.get_weights()],
        "optimizer": [weight.tobytes().hex() for weight in model.optimizer.get_weights()],
        "predictions": model.predict(np.ones((4, *model.inputs[0].shape[1:])), batch_size=4).tobytes().hex(),
        **_files(),
    }


def _files():
    """What lies in the current folder: the table to the byte, events by (tag, step, value), HDF5 by content."""
    found = {"table": open("log.csv", newline="").read(), "events": events("events")}
    for name in sorted(os.listdir(".")):
        if name.endswith(".h5"):
            found[name] = _content(name)
    return found


def _content(path):
    import h5py

    found = {}

    def note(name, item):
        found[name] = {key: repr(np.asarray(value).tolist()) for key, value in item.attrs.items()}
        if isinstance(item, h5py.Dataset):
            found[name]["data"] = np.asarray(item[()]).tobytes().hex()

    with h5py.File(path) as file:
        note("/", file)
        file.visititems(note)
    return found


def events(folder):
    """(tag, step, value) of all events in a folder, sorted; a histogram's value is its sum."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            record = file.read()
        while record:
            length = int.from_bytes(record[:8], "little")
            event, record = Event.FromString(record[12 : 12 + length]), record[16 + length :]
            found += [[v.tag, event.step, v.simple_value or v.histo.sum] for v in event.summary.value]
    return sorted(found)
