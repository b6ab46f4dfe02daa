"""`callbacks` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.callbacks

class SwapEMAWeights(Callback, horngate.callbacks.SwapEMAWeights):
    r"""Put the averages in the place of the weights while the model is tested; the optimizer needs `use_ema`."""
    def __init__(self, swap_on_epoch: bool = False) -> None: ...
    if not TYPE_CHECKING:
        swap_on_epoch: Any
class BackupAndRestore(Callback, horngate.callbacks.BackupAndRestore):
    r"""Save the state of a training in a folder, from which a killed script goes on; see `BackupAndResume`."""
    def __init__(self, backup_dir: Any, save_freq: Any = 'epoch', double_checkpoint: bool = False, delete_checkpoint: bool = True) -> None: ...
    if not TYPE_CHECKING:
        delete_checkpoint: Any
        double_checkpoint: Any
        folder: Any
        path: Any
        save_freq: Any
        seconds: Any
class CSVLogger(Callback, horngate.callbacks.CSVLogger):
    r"""Write the logs of each epoch to a CSV file."""
    def __init__(self, filename: Any, separator: Any = ',', append: bool = False) -> None: ...
    if not TYPE_CHECKING:
        append: Any
        csv_file: Any
        filename: Any
        def get_state(self) -> dict[str, Any]: ...
        keys: Any
        sep: Any
        def set_state(self, state) -> None: ...
class Callback(horngate.callbacks.Callback):
    r"""Base of callbacks: its methods are called during training, and may act on it."""
    def __init__(self) -> None: ...
    if not TYPE_CHECKING:
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        model: Any
        needs_every_batch: Any
        def on_batch_begin(self, batch, logs=None) -> None: ...
        def on_batch_end(self, batch, logs=None) -> None: ...
        def on_epoch_begin(self, epoch, logs=None) -> None: ...
        def on_epoch_end(self, epoch, logs=None) -> None: ...
        def on_predict_batch_begin(self, batch, logs=None) -> None: ...
        def on_predict_batch_end(self, batch, logs=None) -> None: ...
        def on_predict_begin(self, logs=None) -> None: ...
        def on_predict_end(self, logs=None) -> None: ...
        def on_test_batch_begin(self, batch, logs=None) -> None: ...
        def on_test_batch_end(self, batch, logs=None) -> None: ...
        def on_test_begin(self, logs=None) -> None: ...
        def on_test_end(self, logs=None) -> None: ...
        def on_train_batch_begin(self, batch, logs=None) -> None: ...
        def on_train_batch_end(self, batch, logs=None) -> None: ...
        def on_train_begin(self, logs=None) -> None: ...
        def on_train_end(self, logs=None) -> None: ...
        params: Any
        def set_model(self, model) -> None: ...
        def set_params(self, params) -> None: ...
        validation_data: Any
class CallbackList(horngate.callbacks.CallbackList):
    r"""A list of callbacks that are called together."""
    def __init__(self, callbacks: _Sequence[Any] | None = None, queue_length: int = 10) -> None: ...
    if not TYPE_CHECKING:
        def append(self, callback) -> None: ...
        callbacks: Any
        def define(self, *hooks) -> bool: ...
        def on_batch_begin(self, batch, logs=None) -> None: ...
        def on_batch_end(self, batch, logs=None) -> None: ...
        def on_epoch_begin(self, epoch, logs=None) -> None: ...
        def on_epoch_end(self, epoch, logs=None) -> None: ...
        def on_train_begin(self, logs=None) -> None: ...
        def on_train_end(self, logs=None) -> None: ...
        queue_length: Any
        def set_model(self, model) -> None: ...
        def set_params(self, params) -> None: ...
        def tell(self, hook, *args) -> None: ...
class EarlyStopping(Callback, horngate.callbacks.EarlyStopping):
    r"""Stop training when a quantity no longer improves."""
    def __init__(self, monitor: str = 'val_loss', min_delta: float = 0, patience: float = 0, verbose: Any = 0, mode: Any = 'auto', baseline: float | None = None, restore_best_weights: bool = False, start_from_epoch: int = 0) -> None: ...
    if not TYPE_CHECKING:
        baseline: Any
        best: Any
        best_epoch: Any
        best_weights: Any
        min_delta: Any
        mode: Any
        monitor: Any
        patience: Any
        restore_best_weights: Any
        start_from_epoch: Any
        stopped_epoch: Any
        verbose: Any
        wait: Any
class History(Callback, horngate.callbacks.History):
    r"""The logs of all epochs: `history[name]` is a list of values, `epoch` the list of epochs. `fit` returns one."""
    def __init__(self) -> None: ...
    if not TYPE_CHECKING:
        epoch: Any
        history: Any
        def plot(self, to_file=None) -> Any: ...
class LambdaCallback(Callback, horngate.callbacks.LambdaCallback):
    r"""A callback made of functions."""
    def __init__(self, on_epoch_begin: _Callable[..., object] | None = None, on_epoch_end: _Callable[..., object] | None = None, on_train_begin: _Callable[..., object] | None = None, on_train_end: _Callable[..., object] | None = None) -> None: ...
class LearningRateScheduler(Callback, horngate.callbacks.LearningRateScheduler):
    r"""Set the learning rate of each epoch."""
    def __init__(self, schedule: Any, verbose: Any = 0) -> None: ...
    if not TYPE_CHECKING:
        verbose: Any
class ModelCheckpoint(Callback, horngate.callbacks.ModelCheckpoint):
    r"""Save the model during training."""
    def __init__(self, filepath: Any, monitor: str = 'val_loss', verbose: Any = 0, save_best_only: bool = False, save_weights_only: bool = False, mode: Any = 'auto', save_freq: Any = 'epoch', initial_value_threshold: float | None = None) -> None: ...
    if not TYPE_CHECKING:
        best: Any
        epochs_since_last_save: Any
        filepath: Any
        initial_value_threshold: Any
        mode: Any
        monitor: Any
        period: Any
        save_best_only: Any
        save_freq: Any
        save_weights_only: Any
        verbose: Any
class ProgbarLogger(Callback, horngate.callbacks.ProgbarLogger):
    r"""Show the progress of each epoch, and its metrics."""
    def __init__(self) -> None: ...
    if not TYPE_CHECKING:
        def get_state(self) -> int: ...
        log_values: Any
        nb_epoch: Any
        progbar: Any
        seen: Any
        def set_state(self, state) -> None: ...
        target: Any
        verbose: Any
class ReduceLROnPlateau(Callback, horngate.callbacks.ReduceLROnPlateau):
    r"""Reduce the learning rate when a quantity no longer improves."""
    def __init__(self, monitor: str = 'val_loss', factor: float = 0.1, patience: float = 10, verbose: Any = 0, mode: Any = 'auto', min_delta: float = 0.0001, cooldown: float = 0, min_lr: float = 0) -> None: ...
    if not TYPE_CHECKING:
        best: Any
        cooldown: Any
        cooldown_counter: Any
        epsilon: Any
        factor: Any
        def in_cooldown(self) -> bool: ...
        min_lr: Any
        mode: Any
        monitor: Any
        patience: Any
        verbose: Any
        wait: Any
class RemoteMonitor(Callback, horngate.callbacks.RemoteMonitor):
    r"""Send the logs of each epoch to a server, as JSON in a field of a form."""
    def __init__(self, root: str = 'http://localhost:9000', path: str = '/publish/epoch/end/', field: str = 'data', headers: Any = None, send_as_json: bool = False) -> None: ...
    if not TYPE_CHECKING:
        field: Any
        headers: Any
        path: Any
        root: Any
        send_as_json: Any
class TensorBoard(Callback, horngate.callbacks.TensorBoard):
    r"""Write event files for TensorBoard, without TensorFlow. Needs tensorboardX."""
    def __init__(self, log_dir: Any = './logs', histogram_freq: int = 0, write_graph: Any = True, write_images: Any = False, write_steps_per_second: bool = False, update_freq: Any = 'epoch', profile_batch: Any = 0, embeddings_freq: int = 0, embeddings_metadata: Any = None) -> None: ...
    if not TYPE_CHECKING:
        embeddings_freq: Any
        embeddings_metadata: Any
        def get_state(self) -> dict[str, Any]: ...
        histogram_freq: Any
        log_dir: Any
        profile_batch: Any
        def set_state(self, state) -> None: ...
        update_freq: Any
        write_graph: Any
        write_images: Any
        write_steps_per_second: Any
        writer: Any
class TerminateOnNaN(Callback, horngate.callbacks.TerminateOnNaN):
    r"""Stop training at a loss or weight that is not finite, and name the layer in which it arose."""
    def __init__(self, raise_error: bool = False) -> None: ...
    if not TYPE_CHECKING:
        found: Any
        raise_error: Any
        rollback: Any
