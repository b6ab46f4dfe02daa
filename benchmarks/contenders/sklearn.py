"""Those workloads that scikit-learn's MLPClassifier can train: dense ones, whose dropout it leaves out."""

import numpy as np
from sklearn.neural_network import MLPClassifier


class Contender:
    """A classifier that sees one epoch at a time."""

    def __init__(self, workload, dtype="float32", variant=""):
        self.workload = workload
        hidden = [row[1] for row in workload.network if row[0] == "dense"][:-1]
        self.model = MLPClassifier(hidden, alpha=0, batch_size=workload.batch, learning_rate_init=workload.rate)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        for _ in range(epochs):
            self.model.partial_fit(X, y, classes=np.arange(self.workload.classes))
            ended()
        return self.model.loss_
