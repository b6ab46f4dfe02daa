"""What programs of today rely on: shapes of labels and batches, the order of weights, what a `call` keeps."""

import warnings

import numpy as np
import pytest

import horngate.layers
from horngate import keras3 as keras
from horngate.backend.config import within_era
from horngate.dialects import guess
from horngate.dialects.install import install_as, uninstall
from horngate.keras3 import layers, ops

rng = np.random.RandomState(0)


@pytest.mark.parametrize(
    "name", ["Variable", "Layer", "config.floatx", "utils.unpack_x_y_sample_weight", "KerasTensor"]
)
def test_a_program_finds_all_names_of_keras_3(name):
    uninstall("keras")  # an example in the documentation may have run before
    with within_era("3"):
        install_as("keras", facades=True)
        try:
            import keras as theirs

            for part in name.split("."):
                theirs = getattr(theirs, part)
        finally:
            uninstall("keras")
    assert callable(theirs)


@pytest.mark.parametrize(
    "line", ["from keras import layers, ops", "keras.ops.sum(x)", 'os.environ["KERAS_BACKEND"] = "jax"']
)
def test_what_only_keras_3_has_tells_the_era(line):
    assert guess.era_of(f"{line}\nload_model(CSVLogger, Bidirectional, epochs=3)")[0] == "3"


@pytest.mark.parametrize("name", ["Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D"])
def test_strides_come_behind_the_kernel_size(name):
    with within_era("3"):
        layer = getattr(horngate.layers, name)(4, 3, 2, padding="same")
    assert set(layer.kernel_size) == {3} and set(layer.strides) == {2}


class Inner(layers.Layer):
    def __init__(self):
        super().__init__()
        self.first, self.last = layers.BatchNormalization(), layers.Dense(2)
        self.scale = self.add_weight(shape=(3,), initializer="ones")

    def call(self, x, training=False):
        return self.last(self.first(x, training=training) * self.scale)


def test_weights_of_layers_within_layers_stand_layer_by_layer(tmp_path):
    inner = Inner()
    inputs = keras.Input((3,))
    model = keras.Model(inputs, inner(inputs))
    shapes = [(3,), (3,), (3,), (3,), (3,), (3, 2), (2,)]
    assert [w.shape for w in inner.weights] == shapes == [w.shape for w in model.weights]
    assert inner.weights[3:5] == inner.non_trainable_weights
    model.set_weights([rng.uniform(0.1, 1, w.shape) for w in model.get_weights()])
    other = keras.Model(inputs, Inner()(inputs))
    for name in ("w.h5", "w.weights.h5"):
        model.save_weights(tmp_path / name)
        other.load_weights(tmp_path / name)
        assert all(map(np.array_equal, other.get_weights(), model.get_weights()))
        other.set_weights([0 * w for w in other.get_weights()])


def test_functions_compute_on_variables_at_once():
    variable = keras.Variable(np.ones((2, 3)))
    with within_era("3"):
        assert np.asarray(ops.transpose(variable)).tolist() == [[1, 1]] * 3
        assert np.asarray(variable + 1).tolist() == [[2] * 3] * 2


class Added(layers.Layer):
    def call(self, x, other):
        return x + other


def test_a_layer_takes_arrays_beside_symbols():
    x = keras.Input((3,))
    model = keras.Model(x, Added()(x, np.array([1.0, 2, 3], "float32")))
    assert model.predict(np.zeros((2, 3))).tolist() == [[1, 2, 3]] * 2


class Tokens(keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding, self.mixed, self.last = (
            layers.Embedding(9, 4),
            keras.Sequential([layers.Dense(4)]),
            layers.Dense(9),
        )

    def call(self, x):
        h = self.mixed(self.embedding(x))
        return self.last(ops.reshape(h, (-1, ops.shape(x)[1], 4)))


def test_a_subclassed_model_takes_sequences_of_other_lengths():
    x, model = rng.randint(0, 9, (8, 6)), Tokens()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, x, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.predict(x[:, :3]).shape == (8, 3, 9)
        whole = model.predict(x)
    assert np.allclose(model.predict(x[:, :2]), whole[:, :2], atol=1e-5)
    steps = model.optimizer.iterations.get_value()
    model.fit(x[:, :4], x[:, :4], verbose=0, epochs=2)
    assert model.optimizer.iterations.get_value() == steps + 2


@pytest.mark.parametrize(
    "data, labels, classes, own_loss",
    [((), (8,), 3, (8,)), ((), (8,), 1, (8, 1)), ((4,), (8, 4), 3, (8, 4)), ((4, 4), (8, 4, 4), 3, (8, 4, 4))],
)
@pytest.mark.parametrize("loss", ["own", "sparse_categorical_crossentropy"])
def test_own_losses_and_metrics_see_labels_as_given(data, labels, classes, own_loss, loss):
    if classes == 1 and loss != "own":
        return
    seen = {"loss": own_loss}

    def error(y, p):
        seen["loss"] = y.shape
        return ops.mean(p, axis=-1)

    def metric(y, p):
        seen["metric"] = y.shape
        return ops.mean(p)

    inputs = keras.Input((*data, 2))
    model = keras.Model(inputs, layers.Dense(classes, "softmax")(inputs))
    model.compile("sgd", error if loss == "own" else loss, metrics=[metric, "accuracy"])
    x, y = rng.rand(8, *data, 2), rng.randint(0, classes, labels)
    model.fit(x, y, batch_size=8, verbose=0)
    assert seen == {"loss": own_loss, "metric": labels}
    seen.clear()
    model.evaluate(iter([(x, y)]), verbose=0)
    assert seen["metric"] == labels


def test_weights_of_pixels_weigh_the_losses_of_pixels():
    inputs = keras.Input((4, 4, 2))
    model = keras.Model(inputs, layers.Dense(3, "softmax")(inputs))
    model.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    x, y, weight = rng.rand(8, 4, 4, 2), rng.randint(0, 3, (8, 4, 4)), rng.rand(8, 4, 4)
    p = model.predict(x)
    right = weight * (p.argmax(-1) == y)
    wanted = (-np.log(np.take_along_axis(p, y[..., None], -1))[..., 0] * weight).mean(), right.sum() / weight.sum()
    assert np.allclose(model.evaluate(x, y, sample_weight=weight, batch_size=8, verbose=0), wanted, rtol=1e-4)


class Counter(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.seen.assign_add(ops.sum(ops.ones_like(x)))
        return x * 2


def test_what_a_call_assigns_is_kept_in_every_phase():
    inputs, counter = keras.Input((1,)), Counter()
    model = keras.Model(inputs, layers.Dense(1)(counter(inputs)))
    model.compile("sgd", "mse")
    x = rng.rand(11, 1)
    for work in (model.predict, lambda x, **how: model.evaluate(x, x, **how), lambda x, **how: model.fit(x, x, **how)):
        for batch_size in (4, 3, 2, 5, 11, 7, 9):  # more sizes than get programs of their own
            counter.seen.assign(0)
            work(x, batch_size=batch_size, verbose=0)
            assert counter.seen.get_value() == 11


class Penalized(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = layers.Dense(3)

    def call(self, x):
        return self._with_penalty(self.last(x))

    def _with_penalty(self, y):
        self.add_loss(ops.mean(y**2))
        return y


class FromBase(Penalized):
    pass


@pytest.mark.parametrize("kind", [Penalized, FromBase])
def test_losses_that_methods_add_suffice_to_compile(kind):
    model, x = kind(), rng.rand(8, 3)
    model.compile("sgd")
    model.fit(x, verbose=0)
    assert np.isclose(model.evaluate(x, verbose=0), (model.predict(x) ** 2).mean(), rtol=1e-4)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_mixed_precision_shows_in_predictions_and_optimizers(dtype):
    with within_era("3"):
        keras.mixed_precision.set_dtype_policy(f"mixed_{dtype}")
        try:
            inputs = keras.Input((3,))
            hidden = layers.BatchNormalization()(layers.Dense(4)(inputs))
            model = keras.Model(inputs, [hidden, layers.Activation("relu", dtype="float32")(layers.Dense(2)(hidden))])
            one = keras.Model(inputs, layers.Dense(1)(hidden))
            one.compile("sgd", "mse")
            scaled = type(one.optimizer).__name__
            one.fit(rng.rand(8, 3), rng.rand(8, 1), verbose=0)
            one.compile("sgd", "mse", auto_scale_loss=False)
        finally:
            keras.mixed_precision.set_dtype_policy("float32")
    assert [str(y.dtype) for y in model.predict(rng.rand(2, 3))][0] == dtype == str(hidden.dtype)
    assert scaled == ("LossScaleOptimizer" if dtype == "float16" else "SGD")
    assert type(one.optimizer).__name__ == "SGD"


def test_one_number_for_the_batch_is_weighed_and_counted_as_in_keras_3():
    """Weights multiply such a loss by their mean, a mask does not change it, such a metric counts once a batch."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    x, y = np.arange(8.0).reshape(4, 2), np.ones((4, 1))
    loss = lambda y, p: keras.ops.mean(keras.ops.square(y - p))  # noqa: E731
    total = lambda y, p: keras.ops.sum(y)  # noqa: E731
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=[total])
    assert model.evaluate(x, y, verbose=0) == pytest.approx([56.0, 4.0])
    assert model.evaluate(x, y, sample_weight=np.array([1.0, 2.0, 0.0, 5.0]), verbose=0)[0] == pytest.approx(112.0)
    assert model.fit(x, y, batch_size=3, verbose=0).history["<lambda>"] == [2.0]  # of 3 and 1
    steps = keras.Input((None, 2))
    model = keras.Model(steps, layers.TimeDistributed(layers.Dense(1))(layers.Masking()(steps)))
    model.compile("sgd", lambda y, p: loss(y, y + 3.0 + 0.0 * p))
    x = np.ones((2, 3, 2)) * np.array([1.0, 1.0, 0.0])[:, None]
    assert model.evaluate(x, np.ones((2, 3, 1)), verbose=0) == pytest.approx(9.0)


def test_a_model_that_gives_one_number_trains():
    class Mean(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(1, kernel_initializer="ones")

        def call(self, x):
            return keras.ops.mean(self.inner(x))

    model, x = Mean(), np.arange(6.0).reshape(3, 2)
    model.compile(keras.optimizers.SGD(0.1), loss=lambda y, p: p)
    assert [float(model.train_on_batch(x, np.zeros(3))) for _ in range(2)] == pytest.approx([5.0, 3.6])


@pytest.mark.parametrize("several", [False, True])
def test_callbacks_see_predictions_in_the_form_of_predict(several):
    class Seen(keras.callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            shapes.append({name: y.shape for name, y in logs["outputs"].items()} if several else logs["outputs"].shape)

    shapes, x = [], keras.Input((2,))
    y = layers.Dense(1)(x)
    keras.Model(x, {"a": y, "b": y} if several else y).predict(np.ones((4, 2)), 3, verbose=0, callbacks=[Seen()])
    assert shapes == [{"a": (n, 1), "b": (n, 1)} if several else (n, 1) for n in (3, 1)]


@pytest.mark.parametrize(
    "options, labels, scores",
    [
        ({}, [[[1, 3, 1, 3, -1, -1], [3, 2, -1, -1, -1, -1]]], [[-5.344852], [-3.280286]]),
        ({"merge_repeated": False}, [[[1, 3, 1, 3, -1, -1], [3, 3, 3, 2, -1, -1]]], [[-5.344852], [-3.280286]]),
        (
            {"strategy": "beam_search", "beam_width": 5, "top_paths": 2},
            [[[1, 3, 1, -1, -1, -1], [3, 1, -1, -1, -1, -1]], [[1, 3, -1, -1, -1, -1], [3, 2, -1, -1, -1, -1]]],
            [[-3.842204, -4.441525], [-2.544865, -2.774907]],
        ),
    ],
)
def test_ctc_decode_gives_what_the_real_keras_3_gives(options, labels, scores):
    inputs = np.random.RandomState(0).rand(2, 6, 4).astype("float32")
    found, told = ops.nn.ctc_decode(inputs, np.array([6, 4]), **options)
    assert np.asarray(found).tolist() == labels
    np.testing.assert_allclose(told, scores, rtol=1e-5)
    with pytest.raises(ValueError, match="strategy must be"):
        ops.ctc_decode(inputs, np.array([6, 4]), strategy="best")


def test_the_scale_of_a_loss_can_be_read():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    scaled = keras.mixed_precision.LossScaleOptimizer(keras.optimizers.SGD(0.1), 8.0, dynamic_growth_steps=2)
    model.compile(scaled, "mse")
    model.fit(np.ones((8, 2)), np.ones((8, 1)), batch_size=2, verbose=0)
    assert (float(scaled.dynamic_scale), float(scaled.step_counter)) == (32.0, 0.0)


def test_a_graph_called_on_arrays_has_the_losses_of_this_call():
    x = keras.Input((3,))
    y = layers.Dense(1, kernel_initializer="ones", kernel_regularizer="l2", activity_regularizer="l2")(x)
    model = keras.Model(x, y)
    for factor in (1.0, 3.0):
        model(factor * np.ones((2, 3)))
        assert sorted(map(float, model.losses)) == pytest.approx([0.03, 0.09 * factor**2])


def test_the_table_of_a_model_names_classes_as_its_era_does():
    of_1, of_3 = horngate.models.Sequential(), keras.Sequential()
    of_1.add(horngate.layers.Convolution2D(2, 3, 3, input_shape=(1, 4, 4)))
    of_3.add(layers.Conv2D(2, 3, input_shape=(4, 4, 1)))
    for model, told in ((of_1, "(Convolution2D"), (of_3, "(Conv2D")):
        lines = []
        model.summary(print_fn=lines.append)
        assert any(told in line for line in lines)


@pytest.mark.parametrize("name", ["Variable", "Layer", "config", "dtype_policies"])
def test_the_package_tells_where_names_of_keras_3_are(name):
    assert getattr(keras, name) is not None
    with pytest.raises(AttributeError, match="from horngate import keras3 as keras"):
        getattr(horngate, name)
    with pytest.raises(AttributeError, match="by its name"):
        keras.dtype_policies.get  # noqa: B018


class Warming(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, steps):
        self.steps = steps

    def __call__(self, step):
        return 0.01 * ops.minimum(1.0, (ops.cast(step, "float32") + 1) / self.steps)


class Told(Warming):
    def get_config(self):
        return {"steps": self.steps}


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_files_hold_schedules_of_ones_own_as_these_say(name, tmp_path):
    model = keras.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(Told(4.0)), "mse")
    model.save(tmp_path / name)
    again = keras.models.load_model(tmp_path / name, custom_objects={"Told": Told})
    for each in (model, again):
        each.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], again.get_weights()[0])
    with pytest.raises(AttributeError, match=r"super\(\).__init__\(\)"):
        Warming(4.0).get_config()
