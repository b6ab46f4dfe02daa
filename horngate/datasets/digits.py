"""1,797 handwritten digits of 8x8 pixels, which come with the package."""

from pathlib import Path

import numpy as np

from horngate.datasets.reading import Parts

_FILE = Path(__file__).with_name("digits.npz")
_TRAINING_SAMPLES = 1437
_SHUFFLE_SEED = 1998  # RandomState's stream is frozen: the split is the same on every machine, in every version


def load_data() -> Parts:
    """Handwritten digits, split into 1,437 to train with and 360 to test with, the same way every time.

    Each pixel counts the dark dots, 0 to 16, of a 4x4 square in a 32x32 scan. The same writers wrote the digits of both
    parts.

    # Returns
        `(X_train, y_train), (X_test, y_test)`: images of shape (samples, 8, 8) with values 0 to 16, and labels of shape
        (samples,) with values 0 to 9, all uint8.

    # Source
        E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
        https://doi.org/10.24432/C50P49, licensed under CC BY 4.0; its test part of 1,797 digits.

    >>> (X_train, y_train), (X_test, y_test) = load_data()
    >>> X_train.shape, y_test.shape
    ((1437, 8, 8), (360,))
    """
    with np.load(_FILE) as packed:
        images, labels = packed["images"], packed["labels"]
    order = np.random.RandomState(_SHUFFLE_SEED).permutation(len(images))
    train, test = order[:_TRAINING_SAMPLES], order[_TRAINING_SAMPLES:]
    return (images[train], labels[train]), (images[test], labels[test])
