"""Steps of one's own compute what `fit` computes, compiled and by Python, and say when they cannot be compiled."""

import warnings

import jax
import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import keras3 as keras
from horngate.keras3 import layers, ops

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 4)).astype("float32")
Y = RANDOM.normal(size=(40, 3)).astype("float32")


def graph():
    inputs = keras.Input((4,))
    hidden = layers.Dense(6, activation="tanh", kernel_regularizer="l2")(inputs)
    hidden = layers.BatchNormalization()(hidden)
    return inputs, layers.Dense(3, kernel_constraint=keras.constraints.MaxNorm(0.6))(hidden)


class Tape(keras.Model):
    def train_step(self, data):
        x, y = data
        with horngate.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=predicted)
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, predicted)
        return {metric.name: metric.result() for metric in self.metrics}


class Minimize(Tape):
    def train_step(self, data):
        x, y = data
        with horngate.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=predicted)
        self.optimizer.minimize(loss, self.trainable_variables, tape=tape)
        self._loss_tracker.update_state(loss)
        return self.compute_metrics(x, y, predicted)


class Loss(keras.Model):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(ops.square(y - y_pred)) + sum(self.losses)


class Jax(keras.Model):
    def loss_and_updates(self, trained, kept, x, y):
        predicted, kept, losses = self.stateless_call(trained, kept, x, training=True, return_losses=True)
        return self.compiled_loss.total(y, predicted) + sum(losses), (predicted, kept)

    def train_step(self, state, data):
        trained, kept, slots, measured = state
        x, y = data
        run = jax.value_and_grad(self.loss_and_updates, has_aux=True)
        (loss, (predicted, kept)), gradients = run(trained, kept, x, y)
        trained, slots = self.optimizer.stateless_apply(slots, gradients, trained)
        logs, now = {}, []
        for metric in self.metrics:
            mine = measured[len(now) : len(now) + len(metric.variables)]
            given = (loss,) if metric.name == "loss" else (y, predicted)
            mine = metric.stateless_update_state(mine, *given)
            logs[metric.name] = metric.stateless_result(mine)
            now += mine
        return logs, (trained, kept, slots, now)


def fitted(cls, **options):
    keras.utils.set_random_seed(3)
    model = cls(*graph())
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"], **options)
    history = model.fit(X, Y, batch_size=10, epochs=3, shuffle=False, verbose=0, validation_data=(X, Y)).history
    return model, history


@pytest.mark.parametrize("cls", [Tape, Minimize, Loss, Jax], ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "by Python"])
def test_the_same_mathematics_gives_the_same_numbers(cls, eagerly):
    if cls is Jax and eagerly:
        pytest.skip("its step is a function of JAX in both")
    plain, wanted = fitted(keras.Model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model, history = fitted(cls, run_eagerly=eagerly)
    assert history.keys() == wanted.keys()
    # the mean over the epoch's batches is that over its samples, as all batches are whole
    for name, values in wanted.items():
        assert history[name] == pytest.approx(values, rel=2e-4), name
    for a, b in zip(model.get_weights(), plain.get_weights(), strict=True):
        assert np.allclose(a, b, atol=2e-5)
    assert type(model.steps["train"]).__name__ == ("EagerStep" if eagerly else "Step")


def test_many_steps_run_in_a_dispatch_and_sizes_are_programs():
    model = Tape(*graph())
    model.compile("adam", "mse")
    x, y = np.tile(X, (20, 1)), np.tile(Y, (20, 1))
    calls = []
    step = Tape.train_step

    def counted(self, data):
        calls.append(data[0].shape)
        return step(self, data)

    Tape.train_step = counted
    try:
        model.fit(x, y, batch_size=16, epochs=3, verbose=0)
        assert set(calls) == {(16, 4)} and len(calls) <= 2
        model.fit(x[:20], y[:20], batch_size=16, epochs=2, verbose=0)
        assert set(calls) == {(16, 4), (4, 4)} and len(calls) <= 4
    finally:
        Tape.train_step = step


class Reads(Tape):
    def train_step(self, data):
        logs = super().train_step(data)
        if float(logs["loss"]) > 1e9:
            raise AssertionError
        return logs


class Counts(Tape):
    count = 0

    def train_step(self, data):
        self.count += 1
        return super().train_step(data)


class Draws(Tape):
    def train_step(self, data):
        x, y = data
        return super().train_step((x + np.random.normal(size=x.shape).astype("float32"), y))


@pytest.mark.parametrize(
    "cls, told", [(Reads, "it is no number yet"), (Counts, "changes 'count'"), (Draws, "random numbers of NumPy")]
)
def test_a_step_that_needs_python_runs_by_python_and_says_so(cls, told):
    model = cls(*graph())
    model.compile("adam", "mse")
    if cls is Counts:
        model.count = 0
    with pytest.warns(UserWarning, match=f"{cls.__name__}.train_step runs by Python.*{told}"):
        first = model.fit(X, Y, batch_size=10, epochs=1, verbose=0).history["loss"][0]
    last = model.fit(X, Y, batch_size=10, epochs=5, verbose=0).history["loss"][-1]
    assert last < first
    assert cls is not Counts or model.count == 24


def gan_steps(cls, steps, **options):
    keras.utils.set_random_seed(5)
    told = [layers.Input((4,)), layers.Dense(8, activation="tanh"), layers.Dense(1)]
    made = [layers.Input((4,)), layers.Dense(8, activation="tanh"), layers.Dense(4)]
    model = cls(keras.Sequential(told), keras.Sequential(made))
    model.compile(**options)
    return model, [model.train_on_batch(X[:10], return_dict=True) for _ in range(steps)]


class Wasserstein(keras.Model):
    """A WGAN with a gradient penalty, without random numbers: the noise is the data in another order."""

    def __init__(self, critic, generator):
        super().__init__()
        self.critic, self.generator = critic, generator
        self.of_critic, self.of_generator = keras.optimizers.SGD(0.01), keras.optimizers.SGD(0.01)

    def train_step(self, real):
        noise = ops.flip(real, axis=0)
        for _ in range(2):
            with horngate.GradientTape() as tape:
                fake = self.generator(noise, training=True)
                mixed = 0.3 * real + 0.7 * fake
                with horngate.GradientTape() as inner:
                    inner.watch(mixed)
                    told = self.critic(mixed, training=True)
                slope = inner.gradient(told, [mixed])[0]
                norm = ops.sqrt(ops.sum(ops.square(slope), axis=1))
                loss = ops.mean(self.critic(fake)) - ops.mean(self.critic(real)) + 10 * ops.mean((norm - 1.0) ** 2)
            weights = self.critic.trainable_variables
            self.of_critic.apply_gradients(zip(tape.gradient(loss, weights), weights))
        with horngate.GradientTape() as tape:
            of_generator = -ops.mean(self.critic(self.generator(noise)))
        weights = self.generator.trainable_variables
        self.of_generator.apply_gradients(zip(tape.gradient(of_generator, weights), weights))
        return {"c": loss, "g": of_generator}


def by_jax(critic, generator, steps):
    import jax.numpy as jnp

    def net(w, x):
        return jnp.tanh(x @ w[0] + w[1]) @ w[2] + w[3]

    real, c, g = jnp.asarray(X[:10]), critic, generator
    noise, found = real[::-1], []

    def critic_loss(c, g):
        fake = net(g, noise)
        mixed = 0.3 * real + 0.7 * fake
        slope = jax.grad(lambda m: net(c, m).sum())(mixed)
        penalty = 10 * ((jnp.sqrt((slope**2).sum(axis=1)) - 1) ** 2).mean()
        return net(c, fake).mean() - net(c, real).mean() + penalty

    for _ in range(steps):
        for _ in range(2):
            loss, slopes = jax.value_and_grad(critic_loss)(c, g)
            c = [w - 0.01 * s for w, s in zip(c, slopes)]
        of_generator, slopes = jax.value_and_grad(lambda g: -net(c, net(g, noise)).mean())(g)
        g = [w - 0.01 * s for w, s in zip(g, slopes)]
        found.append((float(loss), float(of_generator)))
    return found


@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "by Python"])
def test_several_steps_and_nested_tapes_in_a_step(eagerly):
    model, _ = gan_steps(Wasserstein, 0, run_eagerly=eagerly)
    before = [list(map(np.asarray, part.get_weights())) for part in (model.critic, model.generator)]
    found = [model.train_on_batch(X[:10], return_dict=True) for _ in range(6)]
    wanted = by_jax(*before, 6)
    for logs, (c, g) in zip(found, wanted):
        assert logs["c"] == pytest.approx(c, rel=1e-4) and logs["g"] == pytest.approx(g, rel=1e-3, abs=1e-5)


def test_data_come_as_they_are_given():
    seen = []

    class Sees(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3)

        def train_step(self, data):
            seen.append(data)
            x = data[0] if isinstance(data, tuple) else data
            x = x["a"] if isinstance(x, dict) else x
            with horngate.GradientTape() as tape:
                loss = ops.mean(self.dense(x) ** 2)
            weights = self.dense.trainable_weights
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    model = Sees()
    model.compile("sgd")
    weight = np.ones(40)
    kinds = [
        (dict(x=X), 1),
        (dict(x=X, y=Y), 2),
        (dict(x=X, y=Y, sample_weight=weight), 3),
        (dict(x={"a": X, "b": Y}, y=Y), 2),
        (dict(x=iter([(X, Y)] * 3), steps_per_epoch=3), 2),
    ]
    for given, parts in kinds:
        model.fit(**given, verbose=0)
        assert (len(seen[-1]) if isinstance(seen[-1], tuple) else 1) == parts


def test_callbacks_see_the_logs_and_stop_the_training():
    class Seen(keras.callbacks.Callback):
        logs = None

        def on_epoch_end(self, epoch, logs=None):
            type(self).logs = logs
            self.model.stop_training = epoch == 1

    model = Tape(*graph())
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=9, verbose=0, callbacks=[Seen()], validation_split=0.25).history
    assert len(history["loss"]) == 2 and Seen.logs.keys() >= {"loss", "mae", "val_loss", "val_mae"}


def test_class_weights_and_sample_weights_weigh():
    labels = RANDOM.integers(0, 3, 40)
    results = {}
    for name, given in {
        "class": {"class_weight": {0: 1.0, 1: 0.0, 2: 2.0}},
        "sample": {"sample_weight": np.array([1.0, 0.0, 2.0])[labels]},
        "none": {},
    }.items():
        keras.utils.set_random_seed(1)
        model = Loss3(*graph())
        model.compile("sgd", "sparse_categorical_crossentropy")
        results[name] = model.fit(X, labels, shuffle=False, verbose=0, **given).history["loss"][0]
    assert results["class"] == pytest.approx(results["sample"], rel=1e-5) != results["none"]


class Loss3(keras.Model):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return super().compute_loss(x, y, ops.softmax(y_pred), sample_weight)


def test_what_cannot_be_is_told():
    class Silent(keras.Model):
        def train_step(self, data):
            raise ValueError("mine")

    model = Silent(*graph())
    with pytest.raises(RuntimeError, match="has not been compiled"):
        model.fit(X, Y, verbose=0)
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="mine"):
        model.fit(X, Y, verbose=0)
    model = Loss(*graph())
    with pytest.raises(ValueError, match="could not|Unknown|unknown|mze"):
        model.compile("sgd", "mse", metrics=["mze"])


class Whole(Tape):
    """Compiled by arguments of its own."""

    def compile(self, first_optimizer):
        super().compile(first_optimizer)


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_what_was_compiled_and_trained_is_saved_and_loaded(name, tmp_path):
    model, x, y = Tape(*graph()), np.ones((4, 4), "float32"), np.ones((4, 3), "float32")
    model.compile("adam", "mse", metrics=["mae"])
    model.save(tmp_path / name)  # before the first data
    model.fit(x, y, verbose=0)
    model.save(tmp_path / name)
    again = keras.models.load_model(tmp_path / name, custom_objects={"Tape": Tape})
    assert type(again) is Tape and again.metrics_given == ["mae"]
    for one, other in zip(again.optimizer.weights, model.optimizer.weights, strict=True):
        np.testing.assert_array_equal(one.get_value(), other.get_value())
    for each in (model, again):
        each.fit(x, y, verbose=0)
    for one, other in zip(again.get_weights(), model.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_compile_of_ones_own_is_not_guessed(tmp_path, name="m.h5"):
    model = Whole(*graph())
    model.compile("sgd")
    model.save(tmp_path / name)
    with pytest.warns(UserWarning, match="without its optimizer, since compile of Whole takes other arguments"):
        again = keras.models.load_model(tmp_path / name, custom_objects={"Whole": Whole})
    for one, other in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_tensors_of_a_step_are_compared_number_by_number():
    seen = {}

    class Comparing(keras.Model):
        def call(self, x):
            return x

        def train_step(self, data):
            x, y = data
            p = self(x)
            return {
                "one": ops.sum(ops.cast(y == 1, "float32")),
                "other": ops.sum(ops.cast(y != 1, "float32")),
                "same": ops.sum(ops.cast(y == ops.cast(ops.argmax(p, axis=-1), "float32"), "float32")),
                "finite": ops.sum(ops.cast(p == p, "float32")),
                "none": float(y == None or y is None),  # noqa: E711  as programs write it
            }

    model = Comparing()
    model.compile("sgd", run_eagerly=False)
    for eagerly in (False, True):
        model.run_eagerly = eagerly
        x, y = np.eye(4)[[1, 1, 2, 3]], np.array([1.0, 0, 2, 1])
        seen[eagerly] = model.fit(x, y, verbose=0).history
    assert {name: value[0] for name, value in seen[False].items()} == {
        "one": 2, "other": 2, "same": 2, "finite": 16, "none": 0,
    }  # fmt: skip
    assert seen[True] == seen[False]


def test_symbols_of_a_graph_are_compared_with_numbers_only():
    x, other = K.placeholder((2,)), K.placeholder((2,))
    assert x == x and x != other and x in [other, x] and len({x, other}) == 2 and x != None  # noqa: E711
    assert K.function([x], [x == 1, x != 1])([np.array([1.0, 2])])[0].tolist() == [True, False]


@pytest.mark.parametrize(
    "x, y, words",
    [
        (np.full((8, 4), 2**40), Y[:8], "int32"),
        (X[:8], np.full((8, 3), 2**40), "int32"),
        (X[:8].astype(complex), Y[:8], "complex"),
        (X[:8].astype(str), Y[:8], "not numbers"),
    ],
)
def test_data_that_conversion_would_change_are_refused(x, y, words):
    for data in ((x, y), (iter([(x, y)]),)):
        model = Tape(*graph())
        model.compile("sgd", "mse")
        with pytest.raises(ValueError, match=words):
            model.fit(*data, verbose=0)


def test_weights_of_samples_may_be_a_column():
    found = []
    for weights in (np.arange(40.0), np.arange(40.0)[:, None]):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3, kernel_initializer="ones")])
        model.compile("sgd", "mse")
        found.append(model.fit(X, Y, sample_weight=weights, shuffle=False, verbose=0).history)
    assert found[0] == found[1]
