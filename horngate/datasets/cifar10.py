"""CIFAR-10: 60,000 photographs of 32x32 pixels in 10 classes."""

from horngate.datasets import cifar
from horngate.datasets.reading import Parts


def load_data() -> Parts:
    """Photographs of 10 classes, 50,000 to train with and 10,000 to test with.

    # Returns
        `(X_train, y_train), (X_test, y_test)`: images (samples, 3, 32, 32), or channels last where that is the ordering
        in force, of 0 to 255; labels (samples, 1) of 0 to 9: airplane, automobile, bird, cat, deer, dog, frog, horse,
        ship, truck. All uint8.

    # Source
        Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009).
    """
    training = [f"data_batch_{i}.bin" for i in range(1, 6)]
    md5 = "c32a1d4ab5d03f1284b67883e8d87530"
    return cifar.load("cifar-10-batches-bin", "cifar-10-binary.tar.gz", md5, training, "test_batch.bin")
