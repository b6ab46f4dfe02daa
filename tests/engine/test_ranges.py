"""Numbers out of range are refused by a sentence, wherever they come from, and nothing is trained on them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate import backend as K
from horngate import fit_many, losses, metrics
from horngate.backend import ranges
from horngate.layers import (
    LSTM,
    Activation,
    BatchNormalization,
    Dense,
    Embedding,
    Flatten,
    Input,
    Lambda,
    Reshape,
    TimeDistributed,
    merge,
)
from horngate.models import Model, Sequential
from horngate.optimizers import Adam
from horngate.training.pure import pure_prediction
from horngate.utils.io_utils import HDF5Matrix
from horngate.utils.np_utils import to_categorical

ROWS, LENGTH, SAMPLES = 5, 4, 10
GOOD = np.arange(SAMPLES * LENGTH).reshape(SAMPLES, LENGTH) % ROWS
TARGETS = np.ones((SAMPLES, 1))
BAD = {"the first beyond": 5, "negative": -1, "beyond 32 bits": 2**32 + 1, "huge": 1e30, "fraction": 1.5, "NaN": np.nan}
ON_DEVICE = [name for name in BAD if name != "beyond 32 bits"]  # which no array of the device holds


def words(**options):
    return Embedding(ROWS, 2, name="words", **options)


def direct(dtype="int32"):
    x = Input((LENGTH,), dtype=dtype)
    return Model(x, Dense(1)(Flatten()(words()(x))))


def nested():
    inner = Sequential([Sequential([words(input_length=LENGTH)]), Flatten()])
    return Sequential([inner, Dense(1)])


def distributed():
    halves = Sequential([TimeDistributed(words(), input_shape=(2, 2), input_dtype="int32"), Flatten(), Dense(1)])
    x = Input((LENGTH,), dtype="int32")
    return Model(x, halves(Reshape((2, 2))(x)))


def shared():
    x, embedding = Input((LENGTH,), dtype="int32"), words()
    both = merge([embedding(x), embedding(Lambda(lambda x: x)(x))], mode="sum")
    return Model(x, Dense(1)(Flatten()(both)))


def behind_a_lambda():
    x = Input((LENGTH,))
    return Model(x, Dense(1)(Flatten()(words()(Lambda(lambda x: x * 1)(x)))))


def in_a_loop():
    x, embedding = Input((LENGTH,)), words()
    embedding.build((None,))
    steps = Lambda(
        lambda x: K.rnn(lambda now, states: (embedding(now[:, 0]), []), K.expand_dims(x), [])[1],
        output_shape=(LENGTH, 2),
    )
    return Model(x, Dense(1)(Flatten()(steps(x))))


PLACES = (direct, nested, distributed, shared, behind_a_lambda, in_a_loop)


def compiled(model, loss="mse", **options):
    model.compile(Adam(), loss, **options)
    return model


def with_one(bad, at=-1):
    """Good numbers with a bad one in the sample `at`."""
    x = GOOD.astype("float64" if isinstance(bad, float) else "int64")
    x[at, -1] = bad
    return x


def refuses(call, *told):
    with pytest.raises(ValueError) as caught:
        call()
    for word in told:
        assert str(word) in str(caught.value)


def told_of(bad):
    """What an error says of a number that float32 holds."""
    return () if bad != bad or bad > 2**24 else (bad,)


def state_of(model):
    return [v.get_value() for v in [*model.weights, *model.optimizer.state]]


def equal(one, other):
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other))


@pytest.mark.parametrize("make", PLACES)
def test_whatever_leads_to_the_embedding(make):
    model = compiled(make())
    model.predict(GOOD)
    model.fit(GOOD, TARGETS, nb_epoch=1, verbose=0)
    before = state_of(model)
    for name, bad in BAD.items():
        x = with_one(bad)
        told = ("words", "5 rows") if name in ("negative", "the first beyond") or make is not distributed else ()
        refuses(lambda: model.predict(x), *told, *told_of(bad))
        refuses(lambda: model.fit(x, TARGETS, nb_epoch=1, verbose=0), *told_of(bad))
        if name in ON_DEVICE:
            on_device = jnp.asarray(x.astype("float32") if isinstance(bad, float) else x.astype("int32"))
            refuses(lambda: model.predict(on_device), *told_of(bad))
            refuses(lambda: model.fit(on_device, TARGETS, nb_epoch=1, verbose=0), *told_of(bad))
    assert equal(before, state_of(model))


def ways(model, x, y):
    """Every way in which data come to a model."""

    def batches():
        while True:
            yield x, y

    good = GOOD if x.dtype.kind == "i" else GOOD.astype("float32")
    return {
        "fit": lambda: model.fit(x, y, batch_size=4, nb_epoch=1, verbose=0),  # in the short last batch
        "fit on an iterable": lambda: model.fit(_Batches(x, y), nb_epoch=1, verbose=0),
        "validation": lambda: model.fit(good, TARGETS, validation_data=(x, y), nb_epoch=1, verbose=0),
        "validation_split": lambda: model.fit(x, y, validation_split=0.2, nb_epoch=1, verbose=0),
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "predict": lambda: model.predict(x, batch_size=4),
        "train_on_batch": lambda: model.train_on_batch(x, y),
        "test_on_batch": lambda: model.test_on_batch(x, y),
        "predict_on_batch": lambda: model.predict_on_batch(x),
        "fit_generator": lambda: model.fit_generator(batches(), SAMPLES, 1, verbose=0),
        "evaluate_generator": lambda: model.evaluate_generator(batches(), SAMPLES),
        "predict_generator": lambda: model.predict_generator(batches(), SAMPLES),
    }


class _Batches:
    def __init__(self, *batch):
        self.batch = batch

    def __iter__(self):
        return iter([self.batch])


@pytest.mark.parametrize("make, kind", [(direct, np.asarray), (direct, jnp.asarray), (behind_a_lambda, np.asarray)])
def test_whatever_method_takes_the_data(make, kind):
    model = compiled(make())
    for name, call in ways(model, kind(with_one(7)), TARGETS).items():
        refuses(call, "words", 7, "5 rows")


def test_files_and_sparse_matrices_are_looked_at_when_they_are_read(tmp_path):
    h5py, sparse = pytest.importorskip("h5py"), pytest.importorskip("scipy.sparse")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = with_one(2**32 + 1), TARGETS
    x, y = HDF5Matrix(str(tmp_path / "data.h5"), "x"), HDF5Matrix(str(tmp_path / "data.h5"), "y")
    model = compiled(direct())
    before = model.get_weights()
    for taken in (x, sparse.csr_matrix(with_one(7)), sparse.csr_matrix(with_one(2**32 + 1))):
        refuses(lambda: model.fit(taken, y, nb_epoch=1, verbose=0, batch_size=SAMPLES, shuffle=False), "words")
        refuses(lambda: model.predict(taken), "words")
    assert equal(before, model.get_weights())


@pytest.mark.parametrize("bad", [0, 1, 3])
def test_the_state_stays_that_of_the_last_good_step(bad):
    def made():
        np.random.seed(1)
        x = Input((LENGTH,))
        y = LSTM(2, stateful=False)(words(dropout=0.2)(Lambda(lambda x: x * 1)(x)))
        return compiled(Model(x, Dense(1)(BatchNormalization()(y))))

    trained, stopped = made(), made()
    x, y = GOOD[:8].astype("float32"), np.arange(8.0).reshape(8, 1)
    trained.predict(x)
    for start in range(0, 2 * bad, 2):
        trained.train_on_batch(x[start : start + 2], y[start : start + 2])
    x[2 * bad, 0] = 9
    stopped.fit(GOOD[:2].astype("float32"), y[:2], nb_epoch=0, verbose=0)
    refuses(lambda: stopped.fit(x, y, batch_size=2, nb_epoch=2, shuffle=False, verbose=0), "words", 9)
    if bad == 0:
        trained = made()
        trained._make_train_function()
    for a, b in zip(state_of(trained), state_of(stopped)):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    assert stopped.optimizer.iterations.get_value() == bad


@pytest.mark.parametrize("make", [direct, behind_a_lambda])
def test_many_models(make):
    x = with_one(7)
    x = jnp.asarray(x) if make is direct else x
    refuses(lambda: fit_many(lambda: compiled(make()), 3, x, TARGETS, batch_size=4, nb_epoch=1, verbose=0), "words", 7)


def test_what_the_host_has_looked_at_the_program_does_not():
    for model, x, checks in (
        (direct(), GOOD, False),
        (nested(), GOOD, False),
        (behind_a_lambda(), GOOD, True),
        (
            Sequential([TimeDistributed(words(), input_shape=(2, 2), input_dtype="int32")]),
            GOOD.reshape(-1, 2, 2),
            False,
        ),
        (direct(), jnp.asarray(GOOD), True),
        (Sequential([Dense(2, input_dim=LENGTH)]), jnp.asarray(GOOD), False),
        (Sequential([Lambda(lambda x: K.argmax(x), output_shape=(), input_shape=(ROWS,)), words()]), np.eye(5), False),
    ):
        model.predict(x)
        assert bool(model.steps["predict"].function.faults) == checks


def test_a_subclass_that_turns_numbers_into_rows_takes_any():
    class Hashed(Embedding):
        def call(self, x, mask=None):
            return super().call(x % self.input_dim, mask)

    model = Sequential([Hashed(ROWS, 2, input_length=LENGTH)])
    np.testing.assert_array_equal(model.predict(GOOD + ROWS), model.predict(GOOD))


def test_numbers_that_the_type_of_an_input_does_not_hold():
    x = Input((1,), dtype="int32", name="counts")
    model = Model(x, Activation("linear")(x))
    for bad in (2**31, 2**32 + 1, -(2**31) - 1, 0.5, np.nan):
        refuses(lambda: model.predict(np.array([[bad]])), "counts", "int32", *told_of(bad))
    assert model.predict(np.array([[2**31 - 1], [-(2**31)]])).ravel().tolist() == [2**31 - 1, -(2**31)]
    x = Input((1,), name="rounded")
    model = Model(x, Embedding(2**24 + 3, 1)(x))
    refuses(lambda: model.predict(np.array([[2**24 + 1]])), "rounded", "float32", "int32", 2**24 + 1)


def test_functions_of_the_backend():
    model = direct()
    call = K.function([model.input], [model.output])
    for name, bad in BAD.items():
        refuses(lambda: call([with_one(bad)]), "words", "5 rows", *told_of(bad))
        if name in ON_DEVICE:
            refuses(lambda: call([jnp.asarray(with_one(bad))]), "words", "5 rows", *told_of(bad))


def test_a_users_layer_may_call_its_methods_as_ours_are_called():
    class Own(Dense):
        def told_ranges(self, place):
            raise AssertionError("this is the user's own")

        number_ranges = _rows_of = told_ranges

    assert Sequential([Own(2, input_dim=LENGTH)]).predict(GOOD).shape == (SAMPLES, 2)


def test_a_layer_called_on_arrays():
    layer = words()
    for bad in BAD.values():
        refuses(lambda: layer(with_one(bad)), "words", "5 rows", *told_of(bad))
    refuses(lambda: layer(jnp.asarray([[1, 5]])), "words", 5)
    assert layer(GOOD).shape == (SAMPLES, LENGTH, 2)


def test_exports_hold_no_check():
    predict = pure_prediction(behind_a_lambda())
    assert "argmax" not in str(jax.make_jaxpr(predict)(GOOD.astype("float32")))


def test_in_the_users_own_vmap_no_other_row_is_taken():
    x, embedding = Input((LENGTH,)), words()
    embedding.build((None,))
    model = Model(x, Lambda(lambda x: jax.vmap(embedding)(x), output_shape=(LENGTH, 2))(x))
    found = model.predict(with_one(-1))
    assert np.isnan(found[-1, -1]).all() and np.isfinite(found[:-1]).all()


# Labels

CLASSES = 3
X = np.random.RandomState(0).randn(6, 2).astype("float32")
LABELS = np.arange(6).reshape(6, 1) % CLASSES
BAD_LABELS = {"beyond": 3, "negative": -1, "NaN": np.nan, "fraction": 1.5}


def own_loss(y_true, y_pred):
    return K.sparse_categorical_crossentropy(y_pred, y_true)


LOSSES = {
    "by name": "sparse_categorical_crossentropy",
    "by class": losses.SparseCategoricalCrossentropy(),
    "own": own_loss,
}


def classifier(loss="sparse_categorical_crossentropy", **options):
    return compiled(Sequential([Dense(CLASSES, input_dim=2, activation="softmax", name="out")]), loss, **options)


def with_label(bad):
    y = LABELS.astype("float32" if isinstance(bad, float) else "int64")
    y[4] = bad
    return y


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_labels_out_of_range(loss):
    model = classifier(loss)
    model.evaluate(X, LABELS, verbose=0)
    before = [w.get_value() for w in model.weights]
    for bad in BAD_LABELS.values():
        for y in (with_label(bad), jnp.asarray(with_label(bad))):
            told = ("out", "0 to 2", *told_of(bad))
            refuses(lambda: model.fit(X, y, nb_epoch=1, batch_size=6, verbose=0), *told)
            refuses(lambda: model.fit_generator(iter([(X, y)]), 6, 1, verbose=0), *told)
            refuses(lambda: model.test_on_batch(X, y), *told)
    assert equal(before, [w.get_value() for w in model.weights])


def test_labels_from_a_file(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = X, with_label(3)
    x, y = (HDF5Matrix(str(tmp_path / "data.h5"), name) for name in "xy")
    refuses(lambda: classifier().fit(x, y, nb_epoch=1, verbose=0, shuffle="batch"), "out", 3)
    free = np.array([1, 1, 1, 1, 0, 1])
    classifier().fit(x, y, nb_epoch=1, verbose=0, shuffle="batch", sample_weight=free)


@pytest.mark.parametrize("kind", [np.asarray, jnp.asarray])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_labels_of_weight_0_are_free(loss, kind):
    model, weights = classifier(loss), np.array([1, 1, 1, 1, 0, 1])
    expected = model.evaluate(X, LABELS, sample_weight=weights, verbose=0)
    for bad in (3, -1, 1.5):
        found = model.evaluate(X, kind(with_label(bad)), sample_weight=weights, verbose=0)
        assert found == pytest.approx(expected)
    refuses(lambda: model.train_on_batch(X, kind(with_label(3)), sample_weight=1 - weights), "out", 3)


@pytest.mark.parametrize("kind", [np.asarray, jnp.asarray])
def test_labels_of_masked_steps_are_free(kind):
    model = Sequential(
        [
            Embedding(ROWS, 2, mask_zero=True, input_length=LENGTH),
            LSTM(2, return_sequences=True),
            TimeDistributed(Dense(CLASSES, activation="softmax")),
        ]
    )
    compiled(model, "sparse_categorical_crossentropy")
    y = (GOOD % CLASSES)[..., None]
    y[GOOD == 0] = -1
    assert np.isfinite(model.train_on_batch(GOOD, kind(y)))
    assert np.isfinite(model.fit(GOOD, kind(y), batch_size=5, nb_epoch=1, verbose=0).history["loss"]).all()
    y[0, 1] = 9
    refuses(lambda: model.fit(GOOD, kind(y), batch_size=5, nb_epoch=1, verbose=0), "class numbers", 9)


@pytest.mark.parametrize("kind", [np.asarray, jnp.asarray])
def test_the_ignored_class_is_free_and_does_not_count(kind):
    model = classifier(losses.SparseCategoricalCrossentropy(ignore_class=-1), metrics=["accuracy"])
    found = model.evaluate(X, kind(with_label(-1)), verbose=0)[0]
    kept = np.delete(np.arange(6), 4)
    assert found == pytest.approx(model.evaluate(X[kept], LABELS[kept], verbose=0)[0], rel=1e-5)
    refuses(lambda: model.evaluate(X, kind(with_label(3)), verbose=0), 3)


PREDICTIONS = np.full((2, CLASSES), 1 / CLASSES, "float32")
ON_ARRAYS = {
    "K.sparse_categorical_crossentropy": lambda y: K.sparse_categorical_crossentropy(PREDICTIONS, y),
    "K.in_top_k": lambda y: K.in_top_k(PREDICTIONS, y, 1),
    "sparse_categorical_accuracy": lambda y: metrics.sparse_categorical_accuracy(y, PREDICTIONS),
    "to_categorical": lambda y: to_categorical(y, CLASSES),
    "K.ctc_batch_cost": lambda y: K.ctc_batch_cost(
        y[:, None], np.full((2, 4, CLASSES + 1), 0.25, "float32"), np.array([[4], [4]]), np.array([[1], [1]])
    ),
    "K.ctc_cost": lambda y: K.ctc_cost(np.full((4, CLASSES + 1), 0.25, "float32"), y),
}


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_functions_of_labels_on_arrays(name):
    ON_ARRAYS[name](np.array([0, 2]))
    for bad in (3, -1, 2**32 + 1, 0.5, np.nan):
        refuses(lambda: ON_ARRAYS[name](np.array([0, bad])), name.split("_")[0], *told_of(bad))


def test_what_lies_behind_the_labels_of_a_ctc_cost_is_free():
    predictions = np.random.RandomState(0).dirichlet(np.ones(4), (2, 5)).astype("float32")
    lengths, counts = np.array([[5], [4]]), np.array([[2], [1]])
    costs = [
        K.ctc_batch_cost(np.array([[0, 1, pad], [2, pad, pad]]), predictions, lengths, counts)
        for pad in (0, -1, 99, 2**32 + 1)
    ]
    for cost in costs[1:]:
        np.testing.assert_array_equal(cost, costs[0])
    for wrong in ((lengths + 1, counts), (lengths, counts + 2), (lengths, -counts)):
        refuses(lambda: K.ctc_batch_cost(np.zeros((2, 3)), predictions, *wrong), "length")


def test_one_hot_of_what_is_no_class():
    found = np.asarray(K.one_hot(np.array([1, -1, 3, 2**32 + 1]), CLASSES))
    assert found.tolist() == [[0, 1, 0], [0] * 3, [0] * 3, [0] * 3]
    assert np.asarray(K.one_hot(np.array([1.0, 0.5]), CLASSES)).tolist() == [[0, 1, 0], [0] * 3]
    assert np.isnan(K.one_hot(np.array([np.nan]), CLASSES)).all()


@pytest.mark.parametrize(
    "dtype",
    ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", ">i4", "float16", "float32", "float64"],
)
def test_the_one_pass_over_numbers_finds_what_a_look_at_each_finds(dtype):
    random, dtype = np.random.RandomState(0), np.dtype(dtype)
    whole = dtype.kind in "iu"
    extremes = [np.iinfo(dtype).min, np.iinfo(dtype).max] if whole else [-1, np.nan, 0.5, np.inf]
    for stop in (1, 100, 128, 300, 70_000):
        limits = ranges.Range("it takes few", stop)
        for bad in (None, 0, stop - 1, stop, -1, *extremes):
            x = random.randint(0, min(stop, 100), (7, 3)).astype(dtype)[::2]
            if bad is not None:
                if whole and not np.iinfo(dtype).min <= bad <= np.iinfo(dtype).max:
                    continue
                with np.errstate(over="ignore"):
                    x[2, 1] = bad
            wrong = [n for n in x.ravel().tolist() if not (0 <= n < stop and n == int(n))]
            found = ranges.outlier(x, limits)
            assert (found is None) == (not wrong)
            assert found is None or found == wrong[0] or np.isnan(found)
