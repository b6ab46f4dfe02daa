"""What a callback is: told at the beginning and end of training, of each epoch, of each batch."""

from horngate.engine.names import keep_apart, set_on


class Callback:
    """Something that is told how training goes, and may act on it.

    A subclass overrides any of the `on_...` methods. `self.model` is the model, `self.params` a dictionary with
    `batch_size`, `nb_epoch`, `nb_sample`, `verbose`, `do_validation` and `metrics`. `logs` hold `loss` and the
    metrics; those of batches also `batch` and `size`; those of epochs also `val_loss` and so on.

    Many steps run in one dispatch. A class that overrides `on_batch_begin` or `on_batch_end` is told of each step
    exactly; with `needs_every_batch = False` it is told once for several, with `size` their number of samples.

    Where `BackupAndResume` lets a script go on that was killed, it gives callbacks back what they had found out. One
    with `get_state()` and `set_state(state)` decides itself what that is; both must be defined, in plain data.
    """

    needs_every_batch = None
    takes_snapshots = False  # whether it needs the state of the training at the beginning of each epoch

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        keep_apart(cls)

    def __init__(self):
        pass

    def __setattr__(self, name, value):
        set_on(self, name, value)

    def set_params(self, params):
        """Called before training with `params`; old callbacks override `_set_params`."""
        self._set_params(params)

    def set_model(self, model):
        """Called before training with the model; old callbacks override `_set_model`."""
        self._set_model(model)

    def _set_params(self, params):
        self.params = params

    def _set_model(self, model):
        self.model = model

    def on_epoch_begin(self, epoch, logs=None):
        """Before each epoch."""

    def on_epoch_end(self, epoch, logs=None):
        """After each epoch, with its logs."""

    def on_batch_begin(self, batch, logs=None):
        """Before each step."""

    def on_batch_end(self, batch, logs=None):
        """After each step, with its logs."""

    def on_train_begin(self, logs=None):
        """Before the first epoch."""

    def on_train_end(self, logs=None):
        """After the last epoch."""


def needs_every_batch(callback):
    """Whether a callback must be told of each step by itself."""
    wish = getattr(callback, "needs_every_batch", None)
    if wish is not None:
        return wish
    hooks = ("on_batch_begin", "on_batch_end")
    return any(getattr(type(callback), hook, None) is not getattr(Callback, hook) for hook in hooks)


def _checked(callbacks):
    if not isinstance(callbacks, (list, tuple)):
        raise TypeError(f"callbacks must be a list of callbacks; received {callbacks!r}. Put it in brackets.")
    for callback in callbacks:
        if isinstance(callback, type):
            raise TypeError(f"callbacks: {callback.__name__} is a class. Make one with {callback.__name__}().")
        if not hasattr(callback, "set_model"):
            raise TypeError(f"callbacks: each must be a Callback; received {callback!r}. See LambdaCallback.")
    return list(callbacks)


class CallbackList:
    """Several callbacks, told together."""

    def __init__(self, callbacks=None, queue_length=10):
        self.callbacks, self.queue_length = _checked(callbacks or []), queue_length

    def append(self, callback):
        """Put one more at the end."""
        self.callbacks.append(callback)

    def _tell(self, hook, *args):
        for callback in self.callbacks:
            getattr(callback, hook)(*args)

    def set_params(self, params):
        """Hand on `params`."""
        self._tell("set_params", params)

    def set_model(self, model):
        """Hand on the model."""
        self._tell("set_model", model)

    def on_epoch_begin(self, epoch, logs=None):
        """Hand on."""
        self._tell("on_epoch_begin", epoch, {} if logs is None else logs)

    def on_epoch_end(self, epoch, logs=None):
        """Hand on."""
        self._tell("on_epoch_end", epoch, {} if logs is None else logs)

    def on_batch_begin(self, batch, logs=None):
        """Hand on."""
        self._tell("on_batch_begin", batch, {} if logs is None else logs)

    def on_batch_end(self, batch, logs=None):
        """Hand on."""
        self._tell("on_batch_end", batch, {} if logs is None else logs)

    def on_train_begin(self, logs=None):
        """Hand on."""
        self._tell("on_train_begin", {} if logs is None else logs)

    def on_train_end(self, logs=None):
        """Hand on."""
        self._tell("on_train_end", {} if logs is None else logs)


class LambdaCallback(Callback):
    """A callback made of functions.

    # Arguments
        on_epoch_begin, on_epoch_end: functions of (epoch, logs).
        on_batch_begin, on_batch_end: functions of (batch, logs).
        on_train_begin, on_train_end: functions of (logs).
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_batch_begin=None,
        on_batch_end=None,
        on_train_begin=None,
        on_train_end=None,
        **kwargs,
    ):
        super().__init__()
        self.__dict__.update(kwargs)
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
        }
        for name, function in hooks.items():
            if function is not None:
                setattr(self, name, function)
        self.needs_every_batch = on_batch_begin is not None or on_batch_end is not None
