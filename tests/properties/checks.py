"""What holds of every model: each property is a function of a plan that raises where it does not."""

import contextlib
import copy
import pickle
import random
import tempfile
from pathlib import Path

import numpy as np
import pytest

from horngate import backend as K
from horngate.layers import Input
from horngate.models import Model, load_model, model_from_json, model_from_yaml
from tests.properties.building import CUSTOM, Subject, assert_same, layer_at, ordered, outputs, shape_of, variables
from tests.properties.plans import OF_THE_WHOLE_BATCH, walk

CHECKS = {}  # name -> (the property, the share of models that it is checked on, which plans it is for)


def check(share, fits=lambda plan: True):
    """Enter a property in the table."""

    def enter(function):
        CHECKS[function.__name__] = function, share, fits
        return function

    return enter


def chosen(plan, everything=False):
    """The names of the properties that are checked on a plan's model."""
    rng = random.Random(plan["seed"] + 1)
    return [name for name, (_, share, fits) in CHECKS.items() if rng.random() < share or everything if fits(plan)]


# The same model again.


def same_model(subject, again, moved=True, named=True):
    """`again` is the model in all that is told of it, and computes the same with its weights."""
    model, data = subject.model, subject.data()
    assert type(again) is type(model)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers], "names of layers"
    assert again.output_names == model.output_names, "names of outputs"
    if subject.plan["graph"]["kind"] == "Model":  # a chain makes its input itself
        assert again.input_names == model.input_names, "names of inputs"
    if subject.plan["graph"]["name"] and named:
        assert again.name == model.name, "the model's name"
    assert len(again.trainable_weights) == len(model.trainable_weights), "how much is trainable"
    if moved:
        again.set_weights(model.get_weights())
    assert_same(outputs(model, data), outputs(again, data))


@check(0.25)
def json(plan):
    """A model comes back from JSON."""
    subject = Subject(plan)
    same_model(subject, model_from_json(subject.model.to_json(), CUSTOM))


@check(0.1)
def yaml(plan):
    """A model comes back from YAML."""
    subject = Subject(plan)
    same_model(subject, model_from_yaml(subject.model.to_yaml(), CUSTOM))


@check(0.15)
def configuration(plan):
    """A model comes back from its configuration."""
    subject = Subject(plan)
    again = type(subject.model).from_config(subject.model.get_config(), custom_objects=CUSTOM)
    same_model(subject, again, named=plan["graph"]["kind"] == "Model")  # a chain's configuration is a list


@check(0.15)
def deepcopied(plan):
    """A copy computes the same, and shares nothing with the model."""
    subject = Subject(plan)
    again = copy.deepcopy(subject.model)
    same_model(subject, again, moved=False)
    assert not {id(w) for w in variables(again)} & {id(w) for w in variables(subject.model)}, "weights are shared"


@check(0.15)
def pickled(plan):
    """A model comes back from a pickle, weights and all; a function without a name is refused."""
    subject = Subject(plan)
    if any(layer.get("row", [""])[0] == "Lambda" for _, layer in walk(plan["graph"])):
        with pytest.raises(pickle.PicklingError, match="Lambda.* cannot be pickled"):
            pickle.dumps(subject.model)
        return
    same_model(subject, pickle.loads(pickle.dumps(subject.model)), moved=False)


@contextlib.contextmanager
def file(name):
    with tempfile.TemporaryDirectory() as folder:
        yield str(Path(folder) / name)


@check(0.25)
def saved(plan):
    """A model comes back from the file of `save`."""
    subject = Subject(plan)
    with file("m.h5") as path:
        subject.model.save(path)
        same_model(subject, load_model(path, CUSTOM), moved=False)


def weights_return(plan, name, **other):
    """Weights saved by one model are those of another, made by the same plan."""
    subject, again = Subject(plan), Subject(plan, seed=plan["seed"] + 1, **other)
    with file(name) as path:
        subject.model.save_weights(path)
        again.model.load_weights(path)
    data = subject.data()
    assert_same(outputs(subject.model, data), outputs(again.model, data))


@check(0.2)
def weights_h5(plan):
    """Weights come back from HDF5."""
    weights_return(plan, "w.h5")


@check(0.15)
def weights_safetensors(plan):
    """Weights come back from safetensors."""
    weights_return(plan, "w.safetensors")


# What freezing leaves alone.


@check(0.3, lambda plan: plan["frozen"] or plan["frozen_later"])
def frozen_before_and_after(plan):
    """Weights saved with some layers frozen load where others are."""
    weights_return(plan, "w.h5", frozen=plan["frozen_later"])


@check(0.3, lambda plan: plan["frozen_later"])
def order_of_weights(plan):
    """Freezing changes neither the order of the weights nor what is computed."""
    subject = Subject(plan, frozen=())
    model, data = subject.model, subject.data()
    names, before = list(map(id, model.weights)), model.get_weights()
    expected = outputs(model, data)
    for path in plan["frozen_later"]:
        layer_at(model, plan["graph"], path).trainable = False
    assert names == list(map(id, model.weights)), "`weights` have another order"
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    model.set_weights(before)
    assert_same(expected, outputs(model, data))


@check(0.3, lambda plan: plan["frozen"])
def frozen_stay(plan):
    """A frozen layer, or model, has nothing to train, nor has the whole in it."""
    subject = Subject(plan)
    trained = {id(w) for w in subject.model.trainable_weights}
    for path in plan["frozen"]:
        layer = layer_at(subject.model, plan["graph"], path)
        assert not layer.trainable_weights
        assert not trained & {id(w) for w in layer.weights}, f"{layer.name} is frozen, and trained by its model"


# The other ordering.


def turns(plan):
    """Whether a plan's model computes the same in the other ordering: a Dense at the end mixes all features."""
    last = plan["graph"]["layers"][plan["graph"]["calls"][-1][0]]
    told = plan["graph"]["inputs"] == ["image"] or plan["graph"]["layers"][0].get("row")  # a bare volume may be images
    return plan["orderings"] and told and last.get("make", [""])[0] == "Dense"


@check(0.9, turns)
def orderings(plan):
    """Weights saved by a model of channels first are right in the one of channels last, and the other way round."""
    there, back = random.Random(plan["seed"]).sample(["th", "tf"], 2)
    subject, again = Subject(plan, ordering=there), Subject(plan, ordering=back, seed=plan["seed"] + 1)
    with file("w.h5") as path:
        with ordered(there):
            subject.model.save_weights(path)
        with ordered(back):
            again.model.load_weights(path, dim_ordering=there)
    data = subject.data()
    first, last = (data, [np.moveaxis(x, 1, -1) for x in data])[:: 1 if there == "th" else -1]
    assert_same(outputs(subject.model, first), outputs(again.model, last), rtol=1e-4, atol=1e-4)


# One way of computing against another.


@check(0.2)
def symbolic(plan):
    """`predict` gives what the model computes when it is called on arrays."""
    subject = Subject(plan)
    data = subject.data()
    expected = outputs(subject.model, data)
    found = subject.model.predict(data, batch_size=plan["batch"] or 32)
    assert_same(expected, found if isinstance(found, list) else [found], rtol=1e-4, atol=1e-5)


@check(0.1)
def called_on_other_inputs(plan):
    """A model in which the model is the only layer computes the same."""
    subject = Subject(plan)
    kinds = plan["graph"]["inputs"]
    inputs = [
        Input(batch_shape=(plan["batch"], *shape_of(kind)), dtype="int32" if kind == "words" else None)
        for kind in kinds
    ]
    around = Model(inputs, subject.model(inputs if len(inputs) > 1 else inputs[0]))
    data = subject.data()
    assert_same(outputs(subject.model, data), outputs(around, data))
    # a layer's weights have what is never trained at their end, so the order is not that of the model alone
    assert set(around.weights) == set(subject.model.weights)
    assert len(around.trainable_weights) == len(subject.model.trainable_weights)


def samples_are_apart(plan):
    rows = [tuple(layer["row"]) for _, layer in walk(plan["graph"]) if "row" in layer]
    return plan["batch"] is None and not set(rows) & set(OF_THE_WHOLE_BATCH)


@check(0.2, samples_are_apart)
def one_and_many(plan):
    """A sample alone gives what it gives among others."""
    subject = Subject(plan)
    data = subject.data(4)
    expected = [y[2:3] for y in outputs(subject.model, data)]
    assert_same(expected, outputs(subject.model, [x[2:3] for x in data]), rtol=1e-4, atol=1e-5)


# Exact numbers.


@contextlib.contextmanager
def double():
    """The block computes in float64."""
    floatx = K.floatx()
    try:
        K.set_floatx("float64")
        yield
    finally:
        K.set_floatx(floatx)


@check(0.06)
def gradients(plan):
    """In float64, the gradient of the outputs is their slope."""
    with double():
        subject = Subject(plan)
        model, rng = subject.model, subject.rng
        data = subject.data()
        loss = sum(K.sum(y * rng.normal(size=y.shape[1:])) for y in model.outputs)
        weights = list(model.trainable_weights)
        if not weights:
            return
        feeds = [*model.inputs, K.learning_phase()]
        function = K.function(feeds, [loss, *K.gradients(loss, weights)])
        assert function([*data, 0])[0].dtype == np.float64
        faults = [_slope_fault(function, data, weights, rng) for _ in range(1)]
        while faults[-1] and len(faults) < 4:  # a kink may lie between the ends of a slope; not four times
            faults.append(_slope_fault(function, data, weights, rng))
        assert not faults[-1], faults


def _slope_fault(function, data, weights, rng):
    """How the slope along a random direction differs from what the gradients say, or None."""
    before = [w.get_value() for w in weights]
    directions = [rng.normal(size=w.shape) for w in before]
    step, ends = 1e-6, []
    gradient = function([*data, 0])[1:]
    for sign in (1, -1):
        for weight, value, direction in zip(weights, before, directions):
            weight.set_value(value + sign * step * direction)
        ends.append(float(function([*data, 0])[0]))
    for weight, value in zip(weights, before):
        weight.set_value(value + 1e-3 * rng.normal(size=value.shape))  # the next look is from elsewhere
    slope, expected = (ends[0] - ends[1]) / (2 * step), sum(np.sum(g * d) for g, d in zip(gradient, directions))
    scale = np.sqrt(sum(np.sum(g**2) for g in gradient)) + abs(ends[0]) + 1
    return None if abs(slope - expected) < 1e-6 * scale else f"slope {slope}, gradient {expected}"


@check(0.06)
def training_goes_on(plan):
    """A compiled model that comes back from its file takes the same next two steps."""
    subject = Subject(plan)
    model, data = subject.model, subject.data()
    targets = [np.full(y.shape, 0.3, "float32") for y in outputs(model, data)]
    if not model.trainable_weights:
        return
    optimizer = subject.rng.choice(["sgd", "adam", "rmsprop"])
    model.compile(optimizer, "mse")
    model.train_on_batch(data, targets)
    with file("m.h5") as path:
        model.save(path)
        again = load_model(path, CUSTOM)
    model.reset_states()
    for _ in range(2):
        np.testing.assert_allclose(model.train_on_batch(data, targets), again.train_on_batch(data, targets), rtol=1e-5)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
