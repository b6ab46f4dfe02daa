"""CIFAR-100: 60,000 photographs of 32x32 pixels in 100 classes."""

from horngate.datasets import cifar
from horngate.datasets.reading import Parts


def load_data(label_mode: str = "fine") -> Parts:
    """Photographs of 100 classes, 50,000 to train with and 10,000 to test with.

    # Arguments
        label_mode: `'fine'` for the 100 classes, `'coarse'` for the 20 that they belong to.

    # Returns
        `(X_train, y_train), (X_test, y_test)`: images (samples, 3, 32, 32), or channels last where that is the ordering
        in force, of 0 to 255; labels (samples, 1). All uint8.

    # Source
        Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009).
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f"label_mode must be 'fine' or 'coarse'; received {label_mode!r}")
    archive, md5 = "cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"
    return cifar.load("cifar-100-binary", archive, md5, ["train.bin"], "test.bin", f"{label_mode}_labels")
