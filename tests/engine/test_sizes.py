"""Many sizes, few programs: predictions and losses of rounded numbers of samples are those of exact ones."""

import warnings

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers, losses, metrics
from horngate.backend import config, dispatch
from horngate.engine.topology import Input, Layer, merge
from horngate.layers import LSTM, BatchNormalization, Dense, Embedding, Lambda, Masking, TimeDistributed
from horngate.models import Model, Sequential
from horngate.preprocessing import sequence
from horngate.training import predict_step
from horngate.utils.data_utils import Sequence
from tests.properties import building, plans

STEPS, IMAGE = (6, 4), (8, 8, 3)


class Centred(Layer):
    """Takes the mean of the batch away: it mixes rows."""

    def call(self, x, mask=None):
        return x - K.mean(x, axis=0, keepdims=True)


class Doubled(Layer):
    def call(self, x, mask=None):
        return K.concatenate([x, 2 * x], axis=-1)


def of_two(mode):
    a, b = Input((4,)), Input((4,))
    return Model([a, b], merge([a, b], mode=mode, output_shape=(4,)))


APART = {  # name -> makes the layers of a model that keeps rows apart
    "dense": lambda: [Dense(3, input_shape=(4,), activation="softmax")],
    "convolutions": lambda: [
        layers.Convolution2D(4, 3, 3, input_shape=IMAGE, dim_ordering="tf", border_mode="same"),
        BatchNormalization(),
        layers.MaxPooling2D(dim_ordering="tf"),
        layers.AveragePooling2D(dim_ordering="tf", border_mode="same"),
        layers.Flatten(),
        Dense(2),
    ],
    "recurrent": lambda: [
        Masking(input_shape=STEPS),
        LSTM(3, return_sequences=True),
        layers.Bidirectional(layers.GRU(2)),
    ],
    "unrolled": lambda: [layers.SimpleRNN(3, unroll=True, input_shape=STEPS)],
    "steps": lambda: [TimeDistributed(Dense(3), input_shape=STEPS), layers.Flatten()],
    "local": lambda: [layers.LocallyConnected1D(3, 2, input_shape=STEPS), layers.GlobalMaxPooling1D()],
    "embedding": lambda: [Embedding(9, 3, input_length=6, mask_zero=True), LSTM(2)],
    "one's own": lambda: [Doubled(input_shape=(4,)), Lambda(lambda x: K.softmax(x[:, 1:]))],
    "reshaped": lambda: [Lambda(lambda x: K.reshape(x, (-1, 24)), output_shape=(24,), input_shape=STEPS)],
}
MIXED = {
    "one's own": lambda: [Centred(input_shape=(4,))],
    "function": lambda: [Lambda(lambda x: x / K.sum(x, axis=0), input_shape=(4,))],
    "across": lambda: [Lambda(lambda x: K.transpose(K.cumsum(K.transpose(x), axis=1)), input_shape=(4,))],
    "by the number of rows": lambda: [Lambda(lambda x: x / x.shape[0], input_shape=(4,))],
    "backwards": lambda: [Lambda(lambda x: K.reverse(x, 0), input_shape=(4,))],
    "matrix": lambda: [Lambda(lambda x: K.dot(K.dot(x, K.transpose(x)), x), input_shape=(4,))],
    "regrouped": lambda: [Lambda(lambda x: K.reshape(K.transpose(x), (-1, 4)), input_shape=(4,))],
    "noise": lambda: [Lambda(lambda x: x + K.random_normal(K.shape(x)), input_shape=(4,))],
}


def data_for(model, count):
    rng, made = np.random.RandomState(0), []
    whole = any(isinstance(layer, Embedding) for layer in model.layers)
    for x in model.inputs:
        shape = (count, *(size or 5 for size in x.shape[1:]))
        made.append(rng.randint(0, 9, shape) if whole else rng.normal(size=shape).astype(x.dtype))
    return made if len(made) > 1 else made[0]


def listed(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


def of_nan(x, n):
    """`n` rows like those of `x` that must not show: of NaN, where its numbers have one."""
    return np.full((n, *x.shape[1:]), np.nan if x.dtype.kind == "f" else 0, x.dtype)


def rounds(model, monkeypatch, tolerance=1e-6):
    """Whether numbers of samples are rounded; the rows added hold NaN, and must not show."""
    monkeypatch.setattr(predict_step, "filling", of_nan)
    for count in (1, 2, 3, 4):  # that have programs of their own
        model.predict(data_for(model, count))
    step = model.steps["predict"]
    for count in (5, 7, 9, 11):
        x = data_for(model, count)
        got, fed = listed(model.predict(x)), model.spec().fed_inputs(listed(x), listed(x))
        for one, other in zip(got, step.function.on_device(fed[0], 0, fed[1])):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
    found = set(step._apart.values())
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize("name", APART)
def test_rows_that_keep_apart_are_rounded(name, monkeypatch):
    assert rounds(Sequential(APART[name]()), monkeypatch)


@pytest.mark.parametrize("mode", ["sum", "mul", "concat", "max", "cos", "dot", lambda xs: xs[0] * xs[1]])
def test_merged_rows_are_rounded(mode, monkeypatch):
    assert rounds(of_two(mode), monkeypatch)


@pytest.mark.parametrize("name", MIXED)
def test_rows_that_may_mix_are_not(name, monkeypatch):
    if name == "noise":
        model = Sequential(MIXED[name]())
        for count in range(1, 8):
            model.predict(data_for(model, count))
        assert not any(model.steps["predict"]._apart.values())
        return
    assert not rounds(Sequential(MIXED[name]()), monkeypatch)


def test_rows_are_rounded_in_float64(monkeypatch):
    K.set_floatx("float64")
    try:
        assert rounds(Sequential(APART["recurrent"]()), monkeypatch, 1e-12)
        assert rounds(Sequential(APART["convolutions"]()), monkeypatch, 1e-12)
    finally:
        K.set_floatx("float32")


@pytest.mark.parametrize("floatx, tolerance, seeds", [("float32", 1e-6, range(10)), ("float64", 1e-12, range(10, 16))])
def test_random_models_predict_the_same_for_rounded_numbers(floatx, tolerance, seeds, monkeypatch):
    """Layers of the library in any order; the rows that are added hold NaN."""
    monkeypatch.setattr(predict_step, "_EXACT", 0)
    monkeypatch.setattr(predict_step, "filling", of_nan)
    rounded = 0
    K.set_floatx(floatx)
    try:
        for seed in seeds:
            plan = plans.drawn(seed)
            if plan["batch"] is not None:  # of a fixed number of rows
                continue
            case = building.Subject(plan)
            data = case.data(5)
            got = listed(case.model.predict(data if len(data) > 1 else data[0]))
            for one, other in zip(building.outputs(case.model, data), got, strict=True):
                largest = np.abs(one).max(initial=1.0)
                np.testing.assert_allclose(other, one, rtol=tolerance, atol=tolerance * largest, err_msg=f"seed {seed}")
            rounded += any(case.model.steps["predict"]._apart.values())
    finally:
        K.set_floatx("float32")
    assert rounded > len(seeds) / 2, "most layers of the library keep rows apart"


TARGETS = np.eye(3)[[0, 1, 2, 1, 0, 2, 2, 1, 0, 1, 2, 0]]
WEIGHTS = np.array([0.5, 0, 2, 1, 1, 0, 3, 1, 0.2, 1, 1, 0])


def twice_the_batch(y_true, y_pred):
    """A mean of the batch that no formula for samples gives: it is masked before it is taken."""
    return 2 * K.mean(K.abs(y_true - y_pred)) ** 2 + K.max(y_pred)


class OfBatches(Layer):
    def call(self, x, mask=None):
        return x - K.cumsum(x, axis=0)


def of_chain(*made, **compiled):
    model = Sequential([*made, Dense(3, activation="softmax", W_regularizer="l2")])
    model.compile("sgd", **compiled)
    return model


def of_steps(mode):
    model = Sequential([Masking(input_shape=STEPS), LSTM(3, return_sequences=True)])
    model.compile("sgd", "mse", metrics=["mae"], sample_weight_mode=mode)
    return model


EVALUATED = {  # name -> (makes a model, whether its weights have steps; None if its targets have none)
    "means": (lambda: of_chain(Dense(4, input_dim=4), loss="mse", metrics=["acc", "precision"]), None),
    "normalized": (lambda: of_chain(BatchNormalization(input_shape=(4,)), loss="kld", metrics=["acc", "mae"]), None),
    "by the weights": (lambda: of_chain(Dense(4, input_dim=4), loss="mse", weighted_metrics=["mae", "acc"]), None),
    "states": (lambda: of_chain(Dense(4, input_dim=4), loss="mse", metrics=[metrics.AUC(), metrics.Recall()]), None),
    "object": (lambda: of_chain(Dense(4, input_dim=4), loss=losses.Huber(), metrics=["fmeasure"]), None),
    "of the batch": (lambda: of_chain(Dense(4, input_dim=4), loss="mae", metrics=[twice_the_batch]), None),
    "masked": (lambda: of_steps(None), False),
    "temporal": (lambda: of_steps("temporal"), True),
}


def evaluates(model, x, y, weights, tolerance=1e-6):
    """Return for each number of rows whether it was rounded; the values must be those of the exact number."""
    step, spec = model.steps["test"], model.spec()
    for count in (5, 6):
        fed = spec.fed(spec.checked(x[:count], y[:count], None if weights is None else weights[:count]))
        found = []
        for sums in (step.one, lambda feeds, proven: step.function.on_device(feeds, 0, proven)[0]):
            model.objective.begin()
            found.append(model.objective.values(np.asarray(sums(*fed), np.float64), count))
        np.testing.assert_allclose(*found, rtol=tolerance, atol=tolerance)
    return [bool(each) for each in step._apart.values()]


@pytest.mark.parametrize(
    "name, era, weighted",
    [
        *((name, "1.2", True) for name in EVALUATED),
        ("masked", "3", True),
        ("object", "3", True),
        ("means", "1.0", False),
    ],
)
def test_evaluations_are_rounded(name, era, weighted, monkeypatch):
    """The added rows hold NaN, and enter no loss, no metric, and no mean of weights or masks."""
    monkeypatch.setattr(predict_step, "_EXACT", 0)
    monkeypatch.setattr(predict_step, "filling", of_nan)
    make, steps = EVALUATED[name]
    with config.within_era(era):
        model = make()
        x, y, weights = data_for(model, 12), TARGETS, WEIGHTS
        if steps is not None:
            x[0], x[3, 2:], y = 0, 0, np.repeat(TARGETS[:, None], STEPS[0], axis=1)
            weights = np.repeat(WEIGHTS[:, None], STEPS[0], axis=1) if steps else WEIGHTS
        assert all(evaluates(model, x, y, weights if weighted else None))


def test_evaluations_are_rounded_in_float64(monkeypatch):
    monkeypatch.setattr(predict_step, "_EXACT", 0)
    monkeypatch.setattr(predict_step, "filling", of_nan)
    K.set_floatx("float64")
    try:
        model = EVALUATED["normalized"][0]()
        assert all(evaluates(model, data_for(model, 12), TARGETS, WEIGHTS, 1e-12))
    finally:
        K.set_floatx("float32")


@pytest.mark.parametrize("layer, metric", [(Centred, None), (OfBatches, None), (Doubled, "median"), (Doubled, "whole")])
def test_evaluations_that_may_mix_rows_are_exact(layer, metric, monkeypatch):
    """Layers over the batch may be masked as losses are; sorted rows, and those handed out of a program, may not."""
    functions = {
        "median": lambda y_true, y_pred: K.sum(K.cumsum(y_pred, axis=0)),
        "whole": lambda y_true, y_pred: float(np.median(y_pred)),
    }
    monkeypatch.setattr(predict_step, "_EXACT", 0)
    monkeypatch.setattr(predict_step, "filling", of_nan)
    model = of_chain(layer(input_shape=(4,)), loss="mse", metrics=[functions[metric]] if metric else [])
    proven = evaluates(model, data_for(model, 12), TARGETS, None)
    assert all(proven) if layer is Centred else not any(proven)


def test_few_programs_evaluate_many_sizes():
    model = of_chain(Dense(4, input_dim=4), loss="mse", metrics=["accuracy"])
    x, y = data_for(model, 60), np.resize(TARGETS, (60, 3))
    for count in range(1, 61):
        loss = model.evaluate(x[:count], y[:count], verbose=0)[0]
    step = model.steps["test"]
    assert step._many.made + step._seldom.made + step.programs + len(step._masked) <= 4 + 13
    assert loss == pytest.approx(model.evaluate(x, y, batch_size=60, verbose=0)[0], rel=1e-6)


def test_few_programs_serve_many_sizes():
    model = Sequential(APART["dense"]())
    x = data_for(model, 64)
    for count in range(1, 61):
        assert model.predict(x[:count], batch_size=64).shape == (count, 3)
    assert model.steps["predict"].function.dispatch.made <= 4 + 12
    model.compile("sgd", "mse")
    y = np.zeros((64, 3))
    wanted = model.evaluate(x, y, verbose=0)
    for count in range(56, 65):
        got = model.evaluate(x[:count], y[:count], verbose=0)
    assert got == pytest.approx(wanted, rel=1e-6)
    step = model.steps["test"]
    assert step._many.made + step._seldom.made <= 2 * 4


def test_a_number_that_comes_again_and_again_is_run_as_it_is():
    model = Sequential(APART["dense"]())
    x = data_for(model, 64)
    for count in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11):
        model.predict(x[:count])
    made = model.steps["predict"].function.dispatch.made
    for _ in range(20):
        model.predict(x[:23])
    assert 23 in model.steps["predict"]._exact[((4,),)]
    assert model.steps["predict"].function.dispatch.made == made + 2  # the rounded program, and its own


def test_numbers_out_of_range_are_still_refused():
    model = Sequential(APART["embedding"]())
    for count in range(1, 9):
        model.predict(data_for(model, count))
    with pytest.raises(ValueError, match="9 rows"):
        model.predict(np.full((9, 6), 12))


def test_programs_are_bounded(monkeypatch):
    monkeypatch.setattr(dispatch, "_MOST", 5)
    x = K.placeholder(ndim=1)
    add = K.function([x], [K.sum(x)])
    for size in [*range(1, 14), 1, 2]:
        assert add([np.ones(size)])[0] == size
    assert len(add.dispatch._programs) <= 5


class Lengths(Sequence):
    """Each batch has another length."""

    def __len__(self):
        return 20

    def __getitem__(self, i):
        return np.ones((2, i + 1, 4)), np.ones((2, 3))


def test_a_fit_that_compiles_often_says_so_once(capsys):
    model = Sequential([layers.GlobalMaxPooling1D(input_shape=(None, 4)), Dense(3)])
    model.compile("sgd", "mse")
    model.fit(Lengths(), nb_epoch=1, verbose=0)
    told = capsys.readouterr().err.splitlines()
    assert len([line for line in told if "sizes of batches" in line and "buckets" in line]) == 1


# sequence.buckets

TEXTS = [list(range(1, n + 1)) for n in (3, 9, 4, 1, 8, 2, 7, 5, 6, 12)]


def test_buckets_group_sequences_by_length():
    batches = sequence.buckets(TEXTS, list(range(10)), batch_size=2, lengths=[4, 8, 12])
    assert len(batches) == 5
    seen = []
    for x, y in batches:
        assert x.shape[1] in (4, 8, 12) and len(x) == len(y) <= 2
        for row, i in zip(x, y):
            assert [n for n in row if n] == TEXTS[i]
            seen.append(i)
    assert sorted(seen) == list(range(10))
    np.random.seed(0)
    batches.on_epoch_end()
    assert sorted(i for _, y in batches for i in y) == list(range(10)) and [i for _, y in batches for i in y] != seen


def test_buckets_weigh_the_steps_that_there_are():
    batches = sequence.buckets(TEXTS, TEXTS, batch_size=3, lengths=2, padding="post", sample_weight=np.full(10, 0.5))
    for x, y, w in batches:
        assert (w == 0.5 * (x != 0)).all() and (y[..., 0] == x).all()
    model = Sequential([Embedding(13, 4, mask_zero=True), LSTM(3, return_sequences=True), TimeDistributed(Dense(1))])
    model.compile("sgd", "mse", sample_weight_mode="temporal")
    model.fit(batches, nb_epoch=2, verbose=0)
    assert model.steps["train"].programs <= 2 * 2


@pytest.mark.parametrize(
    "options, told",
    [
        ({"targets": [1]}, "targets must have an item for each of the 10"),
        ({"sample_weight": [1.0]}, "sample_weight must have an item for each"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"lengths": [3, -1]}, "a length must be"),
        ({"sequences": []}, "no sequences"),
    ],
)
def test_buckets_refuse_what_cannot_be_meant(options, told):
    with pytest.raises(ValueError, match=told):
        sequence.buckets(**{"sequences": TEXTS, **options})


def test_fractions_are_not_cut_off_in_silence():
    with pytest.warns(UserWarning, match="dtype='float32'"):
        assert sequence.pad_sequences([[0.5], [1.5, 2]]).tolist() == [[0, 0], [1, 2]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sequence.pad_sequences([[0.5]], dtype="float32")
        sequence.pad_sequences([[1.0, 2.0]])
