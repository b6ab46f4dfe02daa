"""A replacement for the Boston house prices: diabetes in 442 patients, a regression of the same size."""

from typing import Any

import numpy as np

from horngate.backend.notices import warn
from horngate.backend.orders import of_eras
from horngate.datasets.reading import Parts


@of_eras(key="boston_housing.load_data")
def load_data(path: Any = None, seed: int = 113, test_split: float = 0.2) -> Parts:
    """Ten measurements of each patient, and the progression of diabetes a year later.

    scikit-learn withdrew the house prices for ethical reasons; these are its diabetes data.

    # Arguments
        path: ignored.
        seed: seed of the order of the patients.
        test_split: the fraction to test with, from 0 to 1.

    # Returns
        `(x_train, y_train), (x_test, y_test)`: arrays (samples, 10) and (samples,).

    # Raises
        ImportError: where scikit-learn is missing.
    """
    from sklearn.datasets import load_diabetes

    warn("boston_housing gives scikit-learn's diabetes data: the house prices were withdrawn.")
    x, y = load_diabetes(return_X_y=True, scaled=False)
    order = np.random.RandomState(seed).permutation(len(x))
    at = int(len(x) * (1 - test_split))
    return (x[order[:at]], y[order[:at]]), (x[order[at:]], y[order[at:]])
