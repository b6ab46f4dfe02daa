"""The network of first_epoch.py in Keras 3 on JAX."""
import os

import workload

os.environ["KERAS_BACKEND"] = "jax"  # read when keras is imported
import keras  # noqa: E402


def main():
    """Train, and print the seconds."""
    asked = workload.asked()
    X, Y = workload.data(asked.rows)
    watch = workload.Watch()
    inputs, *hidden, outputs = workload.SIZES
    layers = [keras.layers.Dense(size, activation="relu") for size in hidden]
    model = keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(outputs, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(workload.LEARNING_RATE))
    ends = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: watch.epoch_ended())
    history = model.fit(X, Y, workload.BATCH_SIZE, epochs=asked.epochs, verbose=0, callbacks=[ends])
    watch.report(history.history["loss"][-1])


if __name__ == "__main__":
    main()
