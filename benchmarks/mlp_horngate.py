"""The network of first_epoch.py in horngate."""
import workload

from horngate.callbacks import LambdaCallback
from horngate.layers import Dense
from horngate.models import Sequential
from horngate.optimizers import Adam


def main():
    """Train, and print the seconds."""
    asked = workload.asked()
    X, Y = workload.data(asked.rows)
    watch = workload.Watch()
    inputs, *hidden, outputs = workload.SIZES
    model = Sequential()
    for size in hidden:
        model.add(Dense(size, activation="relu", input_dim=inputs))
    model.add(Dense(outputs, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer=Adam(lr=workload.LEARNING_RATE))
    ends = LambdaCallback(on_epoch_end=lambda epoch, logs: watch.epoch_ended())
    history = model.fit(X, Y, workload.BATCH_SIZE, nb_epoch=asked.epochs, verbose=0, callbacks=[ends])
    watch.report(history.history["loss"][-1])


if __name__ == "__main__":
    main()
