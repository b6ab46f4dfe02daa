"""BackupAndRestore: `BackupAndResume` as Keras 2 and 3 have it, which leaves nothing behind."""

import contextlib
import glob
import math
import os
import shutil
from typing import Any

from horngate.callbacks.base import Logs, Place, is_count
from horngate.callbacks.safety import BackupAndResume
from horngate.engine.arguments import argument, fixed
from horngate.training.layouts import leads


class BackupAndRestore(BackupAndResume):
    """Save the state of a training in a folder, from which a killed script goes on; see `BackupAndResume`."""

    folder: Place = argument("where the state is kept; each `fit` of a script needs its own")
    seconds = fixed(math.inf)
    save_freq: Any = argument(
        "'epoch', or a number: then it is saved within epochs too, once a minute. Nothing depends on how often, since "
        "a training that goes on is the same to the bit",
        default="epoch",
    )
    double_checkpoint: bool = argument(
        "taken for programs of Keras 3, which keep an older state beside one that may be damaged: here a state is "
        "replaced whole, or not at all",
        default=False,
    )
    delete_checkpoint: bool = argument("remove the state when training has ended", default=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.save_freq == "epoch":
            return
        if not is_count(self.save_freq):
            raise ValueError(
                "BackupAndRestore: save_freq must be 'epoch' or a number of batches, at least 1; received "
                f"{self.save_freq!r}."
            )
        self.seconds = 60.0

    def on_train_end(self, logs: Logs | None = None) -> None:
        super().on_train_end(logs)
        if self.delete_checkpoint and leads(self.model):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.path)
            for arrays in glob.glob(os.path.join(self.folder, "variables-*")):  # what Orbax wrote
                shutil.rmtree(arrays)
            with contextlib.suppress(OSError):  # other files may be there
                os.rmdir(self.folder)
