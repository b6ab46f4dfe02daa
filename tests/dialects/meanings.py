"""Small programs whose numbers changed their meaning within Keras 2: each takes a Keras, and returns numbers.

`write_tf2` runs them with tf-keras, the tests with horngate in every era of Keras 2.
"""

import numpy as np

X = np.arange(12.0).reshape(4, 3) / 10
STEPS = np.array([[[1.0], [2.0], [0.0]], [[3.0], [0.0], [0.0]]])


def one_unit(keras, inputs=3, **told):
    layer = keras.layers.Dense(1, kernel_initializer="ones", use_bias=False, input_shape=(inputs,))
    model = keras.models.Sequential([layer])
    model.compile(keras.optimizers.SGD(0.0), "mse", **told)
    return model


def loss_by_weights(keras):
    return [one_unit(keras).test_on_batch(X, np.zeros((4, 1)), sample_weight=np.array([0.0, 1.0, 2.0, 3.0]))]


def both_weights(keras):
    told = {"class_weight": {0: 1.0, 1: 3.0}, "sample_weight": np.array([1.0, 2.0, 1.0, 2.0])}
    history = one_unit(keras).fit(X, np.array([0.0, 1.0, 1.0, 0.0]), epochs=1, verbose=0, **told)
    return history.history["loss"]


def weighted_metric(keras):
    model = one_unit(keras, weighted_metrics=["mae"])
    return [model.test_on_batch(X, np.zeros((4, 1)), sample_weight=np.array([0.0, 1.0, 2.0, 3.0]))[1]]


def masked_loss(keras):
    layers = keras.layers
    model = keras.models.Sequential([layers.Masking(input_shape=(3, 1)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    return [model.test_on_batch(STEPS, np.zeros((2, 3, 1)))]


def normalized(keras):
    layer = keras.layers.BatchNormalization(input_shape=(3,))
    model = keras.models.Sequential([layer])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(X, X * 0, batch_size=4, epochs=1, verbose=0)
    return layer.get_weights()[3].tolist()


def enlarged(keras):
    model = keras.models.Sequential(
        [keras.layers.UpSampling2D((1, 2), interpolation="bilinear", input_shape=(1, 2, 1))]
    )
    return model.predict(np.array([0.0, 1.0]).reshape(1, 1, 2, 1)).ravel().tolist()


def hinge_of_zeros(keras):
    model = keras.models.Sequential([keras.layers.Activation("linear", input_shape=(2,))])
    model.compile("sgd", "hinge")
    return [model.test_on_batch(np.array([[0.5, -0.5]]), np.array([[0.0, 1.0]]))]


def factors(keras):
    penalty = keras.regularizers.l1_l2()
    return [float(penalty.l1), float(penalty.l2)]


def bits(keras):
    return [keras.utils.to_categorical([0, 1]).itemsize]


class Told:
    """A model that callbacks are told."""

    stop_training = False
    restored = False

    def get_weights(self):
        return []

    def set_weights(self, weights):
        self.restored = True


def stopped(keras, *losses, **told):
    stopping = keras.callbacks.EarlyStopping("loss", patience=2, restore_best_weights=True, **told)
    stopping.model = model = Told()
    stopping.on_train_begin()
    for epoch, loss in enumerate(losses):
        stopping.on_epoch_end(epoch, {"loss": loss})
        if model.stop_training:
            break
    stopping.on_train_end()
    return [epoch, float(model.restored)]


def never_at_the_baseline(keras):
    return stopped(keras, 0.9, 0.8, 0.7, 0.6, baseline=0.5)


def trained_to_the_end(keras):
    return stopped(keras, 0.9, 0.8)


NOT_IN_TF = {"both_weights"}  # tf-keras 2.21 fails there with the TensorFlow of its version
CASES = {
    function.__name__: function
    for function in (
        loss_by_weights,
        both_weights,
        weighted_metric,
        masked_loss,
        normalized,
        enlarged,
        hinge_of_zeros,
        factors,
        bits,
        never_at_the_baseline,
        trained_to_the_end,
    )
}
