"""OrbaxCheckpoint: save weights and the optimizer's state during training by Orbax, each process its part."""

# pyright: reportGeneralTypeIssues=false
# mypy: disable-error-code="misc"
# Its arguments stand in the order of Keras 3; those of its base have defaults.

import os
import shutil
from typing import TYPE_CHECKING, Any

from horngate.backend.locks import set_values
from horngate.callbacks.base import Logs, Place, Text
from horngate.callbacks.control import MODE, ModelCheckpoint
from horngate.engine.arguments import argument, attribute, fixed
from horngate.training.layouts import leads

if TYPE_CHECKING:
    from horngate.training.model import Model


class OrbaxCheckpoint(ModelCheckpoint):
    """Save the model's arrays in folders of a directory, named by their steps, where each process writes its part.

    `restore` gives them to a model of the same layers. Needs the extra `scale`: `pip install 'horngate[scale]'`.
    """

    directory: Place = argument("where the folders are")  # type: ignore[misc]  # it stands in the place of filepath
    monitor: Text = argument("name in the logs of what is compared with `save_best_only`", default="val_loss")
    verbose: Any = argument("1 says when it saves, 0 nothing", default=0)
    save_best_only: bool = argument("save only what beats everything before", default=False)
    mode: str = argument(MODE, default="auto")
    save_freq: Any = argument("'epoch', or a number of batches after which it saves", default="epoch")
    initial_value_threshold: float | None = argument(
        "what the first saved model must beat, with `save_best_only`", default=None
    )
    max_to_keep: int | None = argument("number of folders that stay, the latest; None for all", default=1, at_least=1)
    save_on_background: bool = argument(
        "taken for programs of Keras 3: training goes on when a folder is written, since its arrays change in place",
        default=True,
    )
    save_weights_only: bool = argument("leave out the optimizer's state", default=False)
    filepath: Any = fixed("")
    period: Any = fixed(1)

    _folders: list[str] = attribute()  # those written, the oldest first

    def __post_init__(self) -> None:
        super().__post_init__()
        self.directory, self._folders = os.path.abspath(os.fspath(self.directory)), []

    def set_model(self, model: "Model") -> None:
        from horngate.training import sharded_files  # not imported without a mesh or this callback

        super().set_model(model)
        if not sharded_files.available():
            raise ImportError("OrbaxCheckpoint: it needs Orbax: pip install 'horngate[scale]'")

    def _path(self, epoch: int, logs: Logs) -> str:
        return os.path.join(self.directory, str(epoch + self._from if self.save_freq == "epoch" else self._batches))

    def _variables(self, model: Any, weights_only: bool) -> list[Any]:
        return [*model.weights, *([] if weights_only else model.optimizer.weights)]

    def _write(self, filepath: str) -> None:
        from horngate.training import sharded_files

        if leads(self.model):
            shutil.rmtree(filepath, ignore_errors=True)  # of a training before
        sharded_files.write(filepath, [v.value for v in self._variables(self.model, self.save_weights_only)])
        self._folders = [*(each for each in self._folders if each != filepath), filepath]
        while self.max_to_keep is not None and len(self._folders) > self.max_to_keep:
            oldest = self._folders.pop(0)
            if leads(self.model):
                shutil.rmtree(oldest, ignore_errors=True)

    def restore(self, model: "Model", step: int | None = None) -> int:
        """Give a compiled `model` of the same layers the arrays of a folder; returns its step.

        `step`: that of the folder; None for the latest.
        """
        from horngate.training import sharded_files

        steps = sorted(int(name) for name in os.listdir(self.directory) if name.isdecimal())
        if not steps or step not in (None, *steps):
            raise FileNotFoundError(f"OrbaxCheckpoint: {self.directory} has the steps {steps}; asked for {step}.")
        step = steps[-1] if step is None else step
        if not self.save_weights_only:
            model._make_train_function()  # makes the arrays of the optimizer
        variables = self._variables(model, self.save_weights_only)
        values = sharded_files.read_like(os.path.join(self.directory, str(step)), [v.value for v in variables])
        set_values(variables, values)
        return step

    def is_multihost_enabled(self) -> bool:
        """Return whether several processes train together."""
        layout = self.model.spec().layout
        return layout is not None and bool(layout.spans)

    def is_primary_host(self) -> bool:
        """Return whether this process is the one that prints and removes folders."""
        return leads(self.model)

    def wait_until_finished(self) -> None:
        """Return at once: folders are whole when training goes on."""
