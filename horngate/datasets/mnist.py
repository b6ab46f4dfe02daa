"""MNIST: 70,000 handwritten digits of 28x28 pixels."""

from horngate.datasets import reading
from horngate.datasets.reading import Parts
from horngate.utils.data_utils import get_file

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path: str = "mnist.pkl.gz") -> Parts:
    """Handwritten digits, 60,000 to train with and 10,000 to test with.

    # Arguments
        path: a name in the cache, `~/.keras/datasets`, or an absolute path; that of Keras 1 stands for `mnist.npz`.

    # Returns
        `(X_train, y_train), (X_test, y_test)`: images (samples, 28, 28) of 0 to 255, labels 0 to 9, all uint8.

    # Source
        LeCun, Cortes, Burges, The MNIST database of handwritten digits.
    """
    name = "mnist.npz" if path == "mnist.pkl.gz" else path
    found = reading.arrays(get_file(name, _ORIGIN, sha256_hash=_SHA256))
    return (found["x_train"], found["y_train"]), (found["x_test"], found["y_test"])
