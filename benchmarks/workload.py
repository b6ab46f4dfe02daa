"""What every contender of first_epoch.py trains on, and the watch that times it."""
import argparse
import json
import time

SIZES, BATCH_SIZE, LEARNING_RATE = (784, 512, 512, 10), 128, 0.001


class Watch:
    """Seconds of the first epoch and of each later one.

    Make one when the data are there: building and compiling the network count for the first epoch.
    """

    def __init__(self):
        self.ends = [time.perf_counter()]

    def epoch_ended(self):
        """All work of one epoch is done."""
        self.ends.append(time.perf_counter())

    def report(self, loss):
        """Print what was measured as one line of JSON; `loss` is that of the last epoch."""
        first, *warm = [end - start for start, end in zip(self.ends, self.ends[1:])]
        print(json.dumps({"first_epoch": first, "warm_epochs": warm, "loss": float(loss)}))


def asked():
    """The number of rows and of epochs that the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=4)
    return parser.parse_args()


def data(rows):
    """Random rows and one-hot classes, float32."""
    import numpy as np

    random = np.random.default_rng(0)
    X = random.random((rows, SIZES[0]), dtype=np.float32)
    Y = np.eye(SIZES[-1], dtype=np.float32)[random.integers(SIZES[-1], size=rows)]
    return X, Y
