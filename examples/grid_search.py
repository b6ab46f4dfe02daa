"""Which width, which rate? scikit-learn's grid search over networks for its wine data, in a pipeline with scaling.

python examples/grid_search.py [--quick]
"""

import sys

import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from horngate.layers import Dense, Dropout
from horngate.models import Sequential
from horngate.optimizers import Adam
from horngate.wrappers.scikit_learn import KerasClassifier

QUICK = "--quick" in sys.argv


def network(width=8, lr=0.01):
    """One hidden layer; its width and the learning rate are searched for."""
    model = Sequential([Dense(width, activation="relu", input_dim=13), Dropout(0.2), Dense(3, activation="softmax")])
    model.compile(Adam(lr=lr), "categorical_crossentropy")
    return model


def main():
    """Search, and print the table."""
    np.random.seed(0)
    X, y = load_wine(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), KerasClassifier(network, nb_epoch=1 if QUICK else 25, verbose=0))
    grid = {"kerasclassifier__width": [2, 16], "kerasclassifier__lr": [0.01] if QUICK else [0.001, 0.01, 0.05]}
    search = GridSearchCV(pipeline, grid, cv=2 if QUICK else 5).fit(X, y)
    results = search.cv_results_
    for options, mean, deviation in zip(results["params"], results["mean_test_score"], results["std_test_score"]):
        named = ", ".join(f"{name.split('__')[1]}={value}" for name, value in options.items())
        print(f"{named:22} {mean:.1%} +- {deviation:.1%}")
    print("best:", {name.split("__")[1]: value for name, value in search.best_params_.items()})


if __name__ == "__main__":
    main()
