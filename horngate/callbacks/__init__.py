"""Callbacks: objects called at the start and end of training, of each epoch and of each batch."""

from horngate.callbacks.averages import SwapEMAWeights
from horngate.callbacks.base import Callback, CallbackList, LambdaCallback, needs_every_batch
from horngate.callbacks.control import EarlyStopping, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau
from horngate.callbacks.logs import BaseLogger, CSVLogger, History, ProgbarLogger, RemoteMonitor, TensorBoard
from horngate.callbacks.orbax import OrbaxCheckpoint
from horngate.callbacks.restore import BackupAndRestore
from horngate.callbacks.safety import BackupAndResume, TerminateOnNaN

__all__ = [
    "BackupAndRestore", "BackupAndResume", "BaseLogger", "CSVLogger", "Callback", "CallbackList", "EarlyStopping",
    "History", "LambdaCallback", "LearningRateScheduler", "ModelCheckpoint", "OrbaxCheckpoint", "ProgbarLogger",
    "ReduceLROnPlateau", "RemoteMonitor", "SwapEMAWeights", "TensorBoard", "TerminateOnNaN", "needs_every_batch",
]  # fmt: skip
