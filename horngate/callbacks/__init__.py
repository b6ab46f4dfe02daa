"""Callbacks: what happens besides training, at its beginning and end, each epoch's, each batch's."""

from horngate.callbacks.base import Callback, CallbackList, LambdaCallback, needs_every_batch  # noqa: F401
from horngate.callbacks.control import (  # noqa: F401
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from horngate.callbacks.logs import (  # noqa: F401
    BaseLogger,
    CSVLogger,
    History,
    ProgbarLogger,
    RemoteMonitor,
    TensorBoard,
)
from horngate.callbacks.safety import BackupAndResume, TerminateOnNaN  # noqa: F401
