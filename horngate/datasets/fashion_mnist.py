"""Fashion-MNIST: 70,000 pictures of clothes of 28x28 pixels, in the place of MNIST."""

import gzip

import numpy as np

from horngate.datasets.reading import Parts
from horngate.utils.data_utils import get_file

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def load_data() -> Parts:
    """Pictures of clothes, 60,000 to train with and 10,000 to test with.

    # Returns
        `(x_train, y_train), (x_test, y_test)`: images (samples, 28, 28) of 0 to 255, labels 0 to 9, all uint8: T-shirt,
        trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.

    # Source
        Xiao, Rasul, Vollgraf, Fashion-MNIST: a novel image dataset (arXiv:1708.07747).
    """
    return _part("train"), _part("t10k")


def _part(name):
    """Return images and labels from the two files of a part; 16 and 8 bytes of them come before the numbers."""
    found = []
    for kind, rest in (("images-idx3", 16), ("labels-idx1", 8)):
        file = f"{name}-{kind}-ubyte.gz"
        with gzip.open(get_file(file, _ORIGIN + file, cache_subdir="datasets/fashion-mnist"), "rb") as stream:
            found.append(np.frombuffer(stream.read(), np.uint8, offset=rest))
    images, labels = found
    return images.reshape(len(labels), 28, 28), labels
