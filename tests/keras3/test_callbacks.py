"""Callbacks of Keras 3, against what the real one did."""

import json
import pathlib

import numpy as np
import pytest

from horngate import keras3
from horngate.callbacks import EarlyStopping
from tests.keras3.early_stopping import course

TOLD = json.loads((pathlib.Path(__file__).parents[1] / "golden/callbacks/early_stopping.json").read_text())
X, Y = np.ones((8, 4), "float32"), np.ones((8, 1), "float32")


@pytest.mark.parametrize("number", range(len(TOLD)))
def test_early_stopping_stops_where_keras_3_does(number):
    values, options, *wanted = TOLD[number]
    assert [*course(keras3.callbacks.EarlyStopping(monitor="val_loss", mode="min", **options), values)] == wanted


def test_keras_1_waits_for_one_epoch_more():
    values = [3.0, 2.0, 4.0, 4.0, 4.0]
    assert course(EarlyStopping("val_loss", patience=1), values)[0] == 3
    assert course(keras3.callbacks.EarlyStopping("val_loss", patience=1), values)[0] == 2


def test_no_number_is_not_the_best():
    """Keras 3 takes a first NaN for the best value, which nothing then beats."""
    stops = keras3.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    assert course(stops, [np.nan, 3.0, np.nan, 2.0, 4.0, 5.0]) == (5, 3)


def model(optimizer="sgd"):
    made = keras3.Sequential([keras3.Input((4,)), keras3.layers.Dense(1)])
    made.compile(optimizer, "mse")
    return made


def fit(made, *callbacks, epochs=3, **options):
    return made.fit(X, Y, epochs=epochs, batch_size=2, verbose=0, callbacks=list(callbacks), **options).history


def test_the_best_weights_are_restored():
    made, kept = model(), []
    made.set_weights([np.zeros((4, 1)), np.zeros(1)])
    keeps = keras3.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(made.get_weights()))
    rising = keras3.callbacks.LearningRateScheduler(lambda epoch: [0.01, 0.01, 5.0, 5.0][epoch])
    stops = keras3.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True)
    losses = fit(made, keeps, rising, stops, epochs=4)["loss"]
    assert len(losses) == 3 and stops.best_epoch == 1 == int(np.argmin(losses))
    assert all(np.array_equal(a, b) for a, b in zip(made.get_weights(), kept[1]))


@pytest.mark.parametrize(
    "freq, wanted", [("epoch", ["1", "2", "3"]), (4, ["1", "2", "3"]), (3, ["1", "2", "3"]), (5, ["2", "3"])]
)
def test_checkpoints_are_named_from_1_and_come_as_often_as_asked(freq, wanted, tmp_path):
    path = str(tmp_path / "{epoch}.weights.h5")
    fit(model(), keras3.callbacks.ModelCheckpoint(path, save_weights_only=True, save_freq=freq))
    assert sorted(each.name.split(".")[0] for each in tmp_path.iterdir()) == wanted


@pytest.mark.parametrize("threshold, saved", [(1e9, True), (0.0, False)])
def test_a_first_checkpoint_must_beat_the_threshold(threshold, saved, tmp_path):
    path = tmp_path / "m.weights.h5"
    options = {"monitor": "loss", "mode": "min", "save_best_only": True, "save_weights_only": True}
    fit(model(), keras3.callbacks.ModelCheckpoint(path, initial_value_threshold=threshold, **options))
    assert path.exists() == saved


@pytest.mark.parametrize("delete", [True, False])
def test_a_backup_is_gone_after_the_end_unless_it_is_kept(delete, tmp_path):
    folder = tmp_path / "state"

    def stop(epoch, logs):
        if epoch == 1:
            raise KeyError("killed")

    whole, again = model("adam"), model("adam")
    again.set_weights(whole.get_weights())
    np.random.seed(0)
    fit(whole)
    np.random.seed(0)
    with pytest.raises(KeyError):
        fit(again, keras3.callbacks.BackupAndRestore(folder), keras3.callbacks.LambdaCallback(on_epoch_begin=stop))
    assert (folder / "training.npz").exists()
    fit(again, keras3.callbacks.BackupAndRestore(folder, delete_checkpoint=delete))
    assert folder.exists() != delete
    assert all(np.array_equal(a, b) for a, b in zip(whole.get_weights(), again.get_weights()))


def test_averages_stand_in_for_the_weights_where_a_model_is_tested():
    made = model(keras3.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9))
    fit(made, epochs=1)
    averages = [a.get_value() for _, a in made.optimizer.averages]
    pairs = list(zip([w for w, _ in made.optimizer.averages], averages))
    for weight, average in pairs:
        weight.set_value(average + 1)  # after a training with use_ema they are the same
    before, swap = made.get_weights(), keras3.callbacks.SwapEMAWeights()
    plain = made.evaluate(X, Y, verbose=0)
    with made.averaged_weights():
        wanted, predicted = made.evaluate(X, Y, verbose=0), made.predict(X, verbose=0)
    assert made.evaluate(X, Y, verbose=0, callbacks=[swap]) == pytest.approx(wanted) != pytest.approx(plain)
    np.testing.assert_array_equal(made.predict(X, verbose=0, callbacks=[swap]), predicted)
    assert all(np.array_equal(a, b) for a, b in zip(made.get_weights(), before))


def test_swapping_at_epochs_saves_the_averages(tmp_path):
    made, seen = model(keras3.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)), []
    swap = keras3.callbacks.SwapEMAWeights(swap_on_epoch=True)
    notes = keras3.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(
            (made.get_weights(), [a.get_value() for _, a in made.optimizer.averages])
        )
    )
    alone = model(keras3.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    alone.set_weights(made.get_weights())
    values = []
    fit(
        alone,
        keras3.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: values.append([a.get_value() for _, a in alone.optimizer.averages])
        ),
        shuffle=False,
    )
    fit(made, swap, notes, shuffle=False)
    for (weights, _), averages in zip(seen, values):
        assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(weights, averages))


class Broken(keras3.callbacks.Callback):
    """Ends what runs by an error or an interruption."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def on_test_batch_end(self, batch, logs=None):
        raise self.error

    on_predict_batch_end = on_test_batch_end


@pytest.mark.parametrize("error", [RuntimeError(), KeyboardInterrupt()])
@pytest.mark.parametrize("what", ["evaluate", "predict", "fit"])
def test_weights_come_back_where_a_test_ends_by_an_error(what, error):
    made = model(keras3.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9))
    fit(made, epochs=1)
    for weight, average in made.optimizer.averages:
        weight.set_value(average.get_value() + 1)
    swap, before = keras3.callbacks.SwapEMAWeights(), made.get_weights()
    told = {"callbacks": [swap, Broken(error)], "verbose": 0}
    with pytest.raises(type(error)):
        if what == "fit":
            made.optimizer.lr = 0.0
            made.fit(X, Y, epochs=1, validation_data=(X, Y), **told)
        else:
            getattr(made, what)(*([X, Y] if what == "evaluate" else [X]), **told)
    assert all(np.array_equal(a, b) for a, b in zip(made.get_weights(), before))


def test_averages_are_refused_where_none_are_kept():
    with pytest.raises(ValueError, match="keeps no averages.*use_ema=True"):
        fit(model(), keras3.callbacks.SwapEMAWeights())


def test_hooks_of_batches_are_called_for_each_batch():
    seen = []

    class Notes(keras3.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            super().on_train_batch_begin(batch, logs)
            seen.append(batch)

        def on_test_begin(self, logs=None):
            super().on_test_begin(logs)
            seen.append("test")

    ends = []
    fit(
        model(),
        Notes(),
        keras3.callbacks.LambdaCallback(on_train_batch_end=lambda b, logs: ends.append(b)),
        epochs=1,
        validation_data=(X, Y),
    )
    assert seen == [0, 1, 2, 3, "test"] and ends == [0, 1, 2, 3]


def test_a_rate_is_told(capsys):
    fit(model(), keras3.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1), epochs=1)
    assert "learning rate 0.005" in capsys.readouterr().out


def test_not_a_number_may_raise():
    with pytest.raises(RuntimeError, match="The first number that is not finite arose"):
        model().fit(X * np.nan, Y, verbose=0, callbacks=[keras3.callbacks.TerminateOnNaN(raise_error=True)])


@pytest.mark.parametrize("name, given", [("update_freq", "week"), ("profile_batch", 2), ("embeddings_metadata", "x")])
def test_what_tensorboard_does_not_write_is_refused(name, given):
    with pytest.raises(ValueError, match=f"TensorBoard: {name}"):
        keras3.callbacks.TensorBoard(**{name: given})


def test_tensorboard_writes_embeddings(tmp_path):
    words = keras3.Sequential([keras3.layers.Embedding(5, 2), keras3.layers.Flatten()])
    words.compile("sgd", "mse")
    writes = keras3.callbacks.TensorBoard(tmp_path, embeddings_freq=1)
    words.fit(np.ones((4, 3), int), np.ones((4, 6)), verbose=0, callbacks=[writes])
    (table,) = tmp_path.glob("*.tsv")
    np.testing.assert_allclose(np.loadtxt(table), words.get_weights()[0], rtol=1e-6)
    assert f'tensor_path: "{table.name}"' in (tmp_path / "projector_config.pbtxt").read_text()


@pytest.mark.parametrize("freq, count", [("epoch", 0), ("batch", 12), (5, 2)])
def test_tensorboard_writes_batches_as_often_as_asked(freq, count, tmp_path, monkeypatch):
    from horngate.callbacks.events import EventFiles

    told = []
    monkeypatch.setattr(EventFiles, "add_scalar", lambda self, name, value, step: told.append((name, step)))
    fit(model(), keras3.callbacks.TensorBoard(tmp_path, update_freq=freq, write_steps_per_second=True))
    assert len([name for name, _ in told if name == "batch_loss"]) == count
    assert len([name for name, _ in told if name == "epoch_steps_per_second"]) == 3


@pytest.mark.parametrize("made", [keras3.callbacks.ModelCheckpoint, keras3.callbacks.BackupAndRestore])
@pytest.mark.parametrize("freq", [0, 1.5, "week", None])
def test_odd_frequencies_are_refused(made, freq, tmp_path):
    with pytest.raises(ValueError, match="save_freq must be 'epoch' or a number of batches"):
        made(tmp_path / "x", save_freq=freq)


C = keras3.callbacks
NONSENSE = [
    *(
        (lambda kind=kind, place=place: kind(place), f"{kind.__name__}, argument .*: must be a path")
        for kind in (C.ModelCheckpoint, C.CSVLogger, C.TensorBoard, C.BackupAndRestore)
        for place in (None, 3, "")
    ),
    *(
        (lambda kind=kind, name=name: kind(monitor=name), f"{kind.__name__}, argument 'monitor': must be text")
        for kind in (C.EarlyStopping, C.ReduceLROnPlateau)
        for name in (3, ["loss"], None)
    ),
    (lambda: C.ModelCheckpoint("a.keras", monitor=3), "ModelCheckpoint, argument 'monitor': must be text"),
    *(
        (lambda name=name: C.ReduceLROnPlateau(**{name: -1}), f"argument '{name}': must be a number of at least 0")
        for name in ("factor", "cooldown", "min_lr")
    ),
    (lambda: C.ModelCheckpoint("a.keras", save_freq=True), "ModelCheckpoint: save_freq .*received True"),
    (lambda: C.BackupAndRestore("a", save_freq=True), "BackupAndRestore: save_freq .*received True"),
    (lambda: C.TensorBoard("a", update_freq=True), "TensorBoard: update_freq .*received True"),
    (lambda: C.RemoteMonitor(3), "RemoteMonitor, argument 'root': must be text"),
    *(
        (lambda hook=hook: C.LambdaCallback(**{hook: 3}), f"LambdaCallback, argument '{hook}': must be a function")
        for hook in ("on_epoch_end", "on_train_begin", "on_train_batch_end")
    ),
]


@pytest.mark.parametrize("number", range(len(NONSENSE)))
def test_what_means_nothing_is_refused_by_name(number):
    nonsense, told = NONSENSE[number]
    with pytest.raises((ValueError, TypeError), match=told):
        nonsense()


def test_a_hook_that_is_none_is_not_called():
    fit(model(), C.LambdaCallback(on_train_batch_end=None, note=None), epochs=1)
