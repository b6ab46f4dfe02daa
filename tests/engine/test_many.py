"""Many models trained at once come out as each does alone: weights, optimizer, statistics, masks, order, logs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import horngate
from horngate.backend import graph
from horngate.callbacks import (
    BackupAndResume,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    TerminateOnNaN,
)
from horngate.layers import (
    LSTM,
    BatchNormalization,
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GaussianNoise,
    Input,
    merge,
)
from horngate.models import Model, Sequential
from horngate.optimizers import SGD, Adam
from horngate.regularizers import l2
from horngate.training import programs
from horngate.training.many import stacks

random = np.random.RandomState(0)
X = random.randn(75, 6).astype("float32")
Y = np.eye(3, dtype="float32")[random.randint(3, size=75)]


def network(lr=0.01, level=0.3, factor=0.01, width=8, activation="relu", momentum=0.9):
    model = Sequential(
        [
            Dense(width, input_dim=6, activation=activation, W_regularizer=l2(factor)),
            BatchNormalization(),
            Dropout(level),
            Dense(3, activation="softmax"),
        ]
    )
    model.compile(SGD(lr=lr, momentum=momentum), "categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture(autouse=True)
def names_from_one():
    """Optimizers keep their arrays in the order of the weights' names."""
    graph.reset_uids()


def alone(build, configuration, *data, **options):
    """The model and its logs as `fit` makes them."""
    graph.reset_uids()
    configuration = dict(configuration)
    np.random.seed(configuration.pop("seed"))
    model = build(**configuration)
    return model, model.fit(*data, verbose=0, **options).history


def same_state(model, other):
    """Hold all that two models have learned against each other."""
    ones = [*model.get_weights(), *model.optimizer.get_weights()]
    others = [*other.get_weights(), *other.optimizer.get_weights()]
    assert len(ones) == len(others)
    for a, b in zip(ones, others):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


def hold(build, configurations, *data, **options):
    """Train at once and alone, and compare; returns the runs."""
    fits = {name: value for name, value in options.items() if name != "at_once"}
    runs = horngate.fit_many(build, configurations, *data, verbose=0, **options)
    for run, configuration in zip(runs, configurations, strict=True):
        model, logs = alone(build, configuration, *data, **fits)
        assert run.history.history.keys() == logs.keys()
        for name, values in logs.items():
            np.testing.assert_allclose(run.history.history[name], values, rtol=2e-4, atol=1e-5, err_msg=name)
        same_state(run.model, model)
    return runs


SEEDS = [{"seed": seed} for seed in (3, 1, 4)]


@pytest.mark.parametrize(
    "options",
    [
        dict(batch_size=16, nb_epoch=3),
        dict(batch_size=16, nb_epoch=2, shuffle="batch", validation_split=0.3),
        dict(batch_size=25, nb_epoch=2, shuffle=False, validation_data=(X[:20], Y[:20])),
        dict(batch_size=100, nb_epoch=3, class_weight={0: 1.0, 1: 2.0, 2: 0.5}),
        dict(batch_size=32, nb_epoch=2, sample_weight=np.linspace(0, 1, 75), at_once=1),
    ],
)
def test_each_model_is_as_if_trained_alone(options):
    assert hold(network, SEEDS, X, Y, **options).programs == 1


class OfTests(Callback):
    def on_test_end(self, logs=None):
        raise AssertionError("nobody calls it")


def test_numbers_that_differ_share_a_program():
    configurations = [
        {"seed": 1, "lr": 0.1, "level": 0.5, "factor": 0.1},
        {"seed": 2, "lr": 0.01, "level": 0.1, "factor": 0.0001},
        {"seed": 2, "momentum": 0.5},
    ]
    runs = hold(network, configurations, X, Y, batch_size=16, nb_epoch=2, validation_split=0.2)
    assert runs.programs == 1
    losses = runs.values("loss")[:, 0]
    assert len(set(losses)) == 3


def test_models_that_differ_in_more_have_programs_of_their_own():
    configurations = [{"seed": 1}, {"seed": 2, "width": 5}, {"seed": 3, "activation": "tanh"}, {"seed": 4}]
    assert hold(network, configurations, X, Y, batch_size=32, nb_epoch=2).programs == 3


def two_ways(lr=0.001):
    a, b = Input((6,), name="a"), Input((4,), name="b", dtype="int32")
    joined = merge([GaussianNoise(0.1)(Dense(5)(a)), LSTM(5)(Embedding(7, 3)(b))], mode="sum")
    one, other = Dense(3, activation="softmax", name="one")(joined), Dense(1, name="other")(joined)
    model = Model([a, b], [one, other])
    model.compile(
        Adam(lr=lr),
        {"one": "categorical_crossentropy", "other": "mse"},
        loss_weights={"one": 1.0, "other": 0.3},
        metrics={"one": ["accuracy"]},
    )
    return model


def test_several_inputs_and_outputs():
    data = {"a": X, "b": random.randint(7, size=(75, 4))}, {"one": Y, "other": X[:, :1]}
    weights = {"one": np.linspace(0.5, 1, 75)}
    configurations = [{"seed": 1, "lr": 0.01}, {"seed": 2, "lr": 0.002}, {"seed": 3}]
    hold(two_ways, configurations, *data, batch_size=20, nb_epoch=2, sample_weight=weights, validation_split=0.2)


def images():
    model = Sequential([Convolution2D(3, 2, 2, input_shape=(1, 2, 3), activation="relu"), Flatten(), Dense(3)])
    model.compile("adam", "mse")
    return model


def test_convolutions():
    hold(images, SEEDS, X.reshape(-1, 1, 2, 3), Y, batch_size=25, nb_epoch=2)
    hold(images, SEEDS, X.reshape(-1, 1, 2, 3), Y, batch_size=25, nb_epoch=1, at_once=3)


def test_folds_of_unequal_size():
    folds = [(np.delete(np.arange(75), part), part) for part in np.array_split(np.arange(75), 2)]
    options = dict(batch_size=16, nb_epoch=2, verbose=0, folds=folds)
    runs = horngate.fit_many(network, [{"seed": 1}, {"seed": 2}], X, Y, **options)
    assert [(run.seed, run.fold) for run in runs] == [(seed, fold) for seed in (1, 2) for fold in range(2)]
    for run in runs:
        train, test = folds[run.fold]
        model, logs = alone(
            network,
            {"seed": run.seed},
            X[train],
            Y[train],
            batch_size=16,
            nb_epoch=2,
            validation_data=(X[test], Y[test]),
        )
        for name, values in logs.items():
            np.testing.assert_allclose(run.history.history[name], values, rtol=2e-4, atol=1e-5)
        same_state(run.model, model)


def test_callbacks_act_on_their_own_model():
    def callbacks():
        return [EarlyStopping("loss", patience=0), LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))]

    data, options = (X[:40], Y[:40]), dict(batch_size=20, nb_epoch=12, validation_data=(X[40:], Y[40:]))
    runs = horngate.fit_many(network, SEEDS, *data, verbose=0, callbacks=callbacks(), **options)
    lengths = set()
    for run, configuration in zip(runs, SEEDS):
        model, logs = alone(network, configuration, *data, callbacks=callbacks(), **options)
        np.testing.assert_allclose(run.history.history["val_loss"], logs["val_loss"], rtol=1e-3)
        same_state(run.model, model)
        lengths.add(len(logs["loss"]))
    assert len(lengths) > 1, "they stop at different times, or this shows nothing"
    assert np.isnan(runs.values("loss")).any()


def test_callbacks_see_and_change_weights():
    class Halving(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.set_weights([weight / 2 for weight in self.model.get_weights()])
            logs["size"] = float(np.abs(self.model.predict(X[:5])).sum())

    made = []

    def callbacks(configuration):
        made.append(configuration)
        return [Halving()] if configuration["seed"] != 1 else []

    runs = horngate.fit_many(network, SEEDS, X, Y, batch_size=25, nb_epoch=2, verbose=0, callbacks=callbacks)
    assert made == [{"seed": 3}, {"seed": 1}, {"seed": 4}]
    for run in runs:
        model, logs = alone(
            network, {"seed": run.seed}, X, Y, batch_size=25, nb_epoch=2, callbacks=[Halving()] if run.seed != 1 else []
        )
        assert run.history.history.keys() == logs.keys()
        same_state(run.model, model)


def test_training_goes_on_by_fit():
    run = horngate.fit_many(network, SEEDS[:2], X, Y, batch_size=16, nb_epoch=2, verbose=0)[0]
    model, _ = alone(network, SEEDS[0], X, Y, batch_size=16, nb_epoch=2)
    for each in (run.model, model):
        np.random.seed(9)
        each.fit(X, Y, batch_size=16, nb_epoch=2, verbose=0)
    same_state(run.model, model)
    np.testing.assert_allclose(run.model.predict(X), model.predict(X), rtol=1e-3, atol=1e-5)


def test_seeds_are_drawn_from_numpy_where_none_are_given():
    np.random.seed(8)
    first = horngate.fit_many(network, [{}, {"lr": 0.1}], X, Y, nb_epoch=1, verbose=0)
    after = np.random.rand()
    np.random.seed(8)
    again = horngate.fit_many(network, [{}, {"lr": 0.1}], X, Y, epochs=1, verbose=0)
    assert [run.seed for run in first] == [run.seed for run in again] and first[0].seed != first[1].seed
    assert np.random.rand() == after
    np.testing.assert_array_equal(first.values("loss"), again.values("loss"))
    assert [run.seed for run in horngate.fit_many(network, 3, X, Y, nb_epoch=1, verbose=0)] == [0, 1, 2]


def test_the_best_run():
    runs = horngate.fit_many(network, 4, X, Y, nb_epoch=3, validation_split=0.3, verbose=0)
    last = runs.values("val_loss")[:, -1]
    assert runs.best() is runs[int(last.argmin())]
    assert runs.best("acc") is runs[int(runs.values("acc")[:, -1].argmax())]
    assert "seed" in repr(runs[0])


def test_progress_is_one_bar_for_all(capsys):
    horngate.fit_many(network, 3, X, Y, nb_epoch=2)
    assert "6/6" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, said",
    [
        (dict(configurations=[]), "configurations must be a number of seeds, or a list"),
        (dict(configurations=[3]), "configurations must be a number of seeds, or a list"),
        (dict(callbacks=[TerminateOnNaN()]), "TerminateOnNaN looks at batches"),
        (dict(callbacks=[BackupAndResume("x")]), "BackupAndResume looks at batches"),
        (dict(callbacks=[LambdaCallback(on_batch_end=print)]), "LambdaCallback looks at batches"),
        (dict(callbacks=[OfTests()]), "OfTests has on_test_end.*Use on_epoch_end"),
        (dict(callbacks=[CSVLogger("x.csv")]), "write to the same file through CSVLogger"),
        (dict(folds=[(np.arange(3), np.arange(99))]), "row numbers from 0 to 74"),
        (dict(folds=5), "pairs of index arrays"),
        (dict(folds=[(np.arange(9), np.arange(9))], validation_split=0.1), "leave validation_split"),
        (dict(build=lambda: None), "must return a compiled model"),
        (dict(build=lambda model=network(): model, configurations=[{}, {}]), "a new model at each call"),
        (dict(X=iter([(X, Y)]), y=None), "needs X as arrays"),
        (dict(batchsize=4), "Did you mean 'batch_size'?"),
        (dict(at_once=0), "at_once must be a whole number"),
        (dict(shuffle="rows"), "shuffle must be"),
    ],
)
def test_what_cannot_be_is_said(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"build": network, "configurations": 2, "X": X, "y": Y, "verbose": 0, **arguments}
    with pytest.raises((TypeError, ValueError), match=said.replace("(", r"\(").replace("?", r"\?")):
        horngate.fit_many(**given)


def test_a_build_that_fails_says_for_which_configuration():
    with pytest.raises(ValueError) as caught:
        horngate.fit_many(network, [{"width": 3, "seed": 7}, {"activation": "rely", "seed": 7}], X, Y, verbose=0)
    assert "'rely'" in caught.value.__notes__[-1] and "seed 7" in caught.value.__notes__[-1]


def test_an_error_within_training_ends_all_and_leaves_weights():
    def failing(epoch, logs):
        raise RuntimeError("no more")

    models = []

    def build():
        models.append(network())
        return models[-1]

    with pytest.raises(RuntimeError, match="no more"):
        horngate.fit_many(build, 4, X, Y, nb_epoch=3, verbose=0, callbacks=[LambdaCallback(on_epoch_end=failing)])
    assert all(np.isfinite(weight).all() for model in models for weight in model.get_weights())
    models[0].predict(X)


# The programs themselves


def traced(level, activation=jax.nn.relu):
    table = jnp.arange(3.0) * level
    return jax.make_jaxpr(lambda x: jax.jit(lambda x: activation(x) * level)(x) + table - 0.5)(jnp.ones(3))


def test_programs_that_differ_in_numbers():
    one, other = traced(0.25), traced(3.0)
    places = programs.differing(one, other)
    assert len(places) == 2 and programs.differing(one, traced(0.25)) == []
    numbers = {place: programs.number_at(other, place) for place in places}
    x = np.array([-1.0, 2.0, 3.0], "float32")
    (result,) = programs.run(one, numbers, [x])
    np.testing.assert_allclose(result, np.maximum(x, 0) * 3 + np.arange(3) * 3.0 - 0.5, rtol=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        lambda: traced(0.25, jnp.tanh),
        lambda: jax.make_jaxpr(lambda x: x)(jnp.ones(3)),
        lambda: jax.make_jaxpr(lambda x: jax.nn.relu(x) * 0.25 + 0.5)(jnp.ones(4)),
    ],
)
def test_programs_that_differ_in_more(other):
    with pytest.raises(programs.Different):
        programs.differing(traced(0.25), other())


def test_numbers_within_a_loop_make_another_program():
    def looped(factor):
        return jax.make_jaxpr(lambda x: jax.lax.scan(lambda c, _: (c * factor, None), x, None, 3)[0])(1.0)

    assert programs.differing(looped(2.0), looped(2.0)) == []
    with pytest.raises(programs.Different):
        programs.differing(looped(2.0), looped(3.0))


def test_stacks_are_equal_in_size_and_bounded():
    model = network()
    member = stacks.Member(model, [], np.random.RandomState(0), model.spec().checked(X, Y), np.arange(75))
    member.trace(16)
    assert 1 <= stacks.stack_size(member, 7, at_once=3) <= 3
    assert stacks.stack_size(member, 1) == 1
