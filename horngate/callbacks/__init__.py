"""Callbacks: what happens besides training, at its beginning and end, each epoch's, each batch's."""

from horngate.callbacks.base import Callback, CallbackList, LambdaCallback, needs_every_batch  # noqa: F401
from horngate.callbacks.control import EarlyStopping, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau  # noqa: F401
from horngate.callbacks.logs import BaseLogger, CSVLogger, History, ProgbarLogger, RemoteMonitor, TensorBoard  # noqa: F401
from horngate.callbacks.safety import BackupAndResume, TerminateOnNaN  # noqa: F401
