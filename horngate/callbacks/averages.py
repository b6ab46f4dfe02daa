"""SwapEMAWeights: evaluate, predict and save with the moving averages of the weights."""

from typing import TYPE_CHECKING

import numpy as np

from horngate.callbacks.base import Callback, Logs
from horngate.engine.arguments import argument

if TYPE_CHECKING:
    from horngate.training.model import Model


class SwapEMAWeights(Callback):
    """Put the averages in the place of the weights while the model is tested; the optimizer needs `use_ema`."""

    swap_on_epoch: bool = argument(
        "swap from the end of an epoch to the begin of the next, too, for callbacks that save the model then",
        default=False,
    )

    def __post_init__(self) -> None:
        self._swapped = False
        self._averages: list[np.ndarray] = []  # while they are swapped

    def set_model(self, model: "Model") -> None:
        super().set_model(model)
        if not (getattr(model.optimizer, "use_ema", False) or getattr(model.optimizer, "ema_momentum", None)):
            raise ValueError(
                "SwapEMAWeights: the optimizer keeps no averages. Compile with one such as SGD(use_ema=True)."
            )

    def _swap(self, swapped: bool) -> None:
        pairs = getattr(self.model.optimizer, "averages", None)
        if self._swapped == swapped or not pairs:  # there are no averages before the first step
            return
        self._swapped = swapped
        if swapped:
            self._averages = [average.get_value() for _, average in pairs]
        for weight, average in pairs:
            value = weight.get_value()
            weight.set_value(average.get_value())
            average.set_value(value)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._swap(True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if not self._swapped:
            return
        self._swap(False)
        if self.model.optimizer.use_ema:  # which has taken the swapped weights for the averages when training ended
            for (weight, average), value in zip(self.model.optimizer.averages, self._averages):
                weight.set_value(value)
                average.set_value(value)

    def _on_break(self) -> None:
        """Put the weights back when a training or a test ends by an error."""
        self._swap(False)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._for_test = not self._swapped  # whether a test has swapped them
        self._swap(True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if self._for_test:
            self._swap(False)

    on_predict_begin, on_predict_end = on_test_begin, on_test_end
