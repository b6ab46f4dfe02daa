"""The base class of callbacks, and the list that calls them."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from horngate.backend.orders import answers_to, of_eras
from horngate.engine.arguments import Argument, Declared, Part, attribute
from horngate.engine.names import keep_apart, set_on

if TYPE_CHECKING:
    from horngate.training.epochs import Progress
    from horngate.training.model import Model
    from horngate.training.trainer import Training

Logs = dict[str, float]  # name -> measured value


class Text(Declared[str, str]):
    """Text, such as the name of a quantity."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> str:
        """Return `value`, given for `told` of the class `owner`. Raises TypeError unless it is text."""
        if not isinstance(value, str):
            raise TypeError(f"must be text; received {value!r}")
        return value


class Place(Declared["str | os.PathLike[str]", "str | os.PathLike[str]"]):
    """The path of a file or folder."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> "str | os.PathLike[str]":
        """Return `value`, given for `told` of the class `owner`. Raises TypeError or ValueError unless it is a path."""
        if not isinstance(value, (str, os.PathLike)):
            raise TypeError(f"must be a path, as text or a pathlib.Path; received {value!r}")
        if not os.fspath(value):
            raise ValueError(f"must be a path; received the empty text {value!r}")
        return value


def is_count(value: Any) -> bool:
    """Return whether `value` is a whole number of Python or NumPy of at least 1."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value > 0)


@answers_to("validation_data", "keras2.attributes")
class Callback(Part):
    """Base of callbacks: its methods are called during training, and may act on it.

    A subclass overrides any of the `on_...` methods. It declares its arguments, or defines a constructor, which need
    not call this one. `self.model` is the model; `self.params` is a dictionary with `batch_size`, `nb_epoch`
    (`epochs`), `steps`, `nb_sample`, `verbose`, `do_validation` and `metrics`. `logs` hold `loss` and the metrics;
    those of batches also hold `batch` and `size`; those of epochs also hold `val_loss` and so on.

    Many steps run in one dispatch. A class that overrides `on_batch_begin` or `on_batch_end` is called for each step;
    with `needs_every_batch = False`, it is called once for several steps, and `size` is their number of samples.

    Methods of later versions of Keras are called too: `on_train_batch_begin` and `on_train_batch_end` along with
    `on_batch_begin` and `on_batch_end`; `on_test_begin`, `on_test_batch_begin`, `on_test_batch_end` and `on_test_end`
    in `evaluate` and in the validation of `fit`; `on_predict_begin` and so on in `predict`.

    When `BackupAndResume` resumes a killed script, it restores the state of callbacks. A callback that defines both
    `get_state()` and `set_state(state)` chooses its own state, as plain data.
    """

    needs_every_batch: ClassVar[bool | None] = None
    takes_snapshots: ClassVar[bool] = False  # whether it needs the state of training at the start of each epoch
    of_one_process: ClassVar[bool] = False  # whether only process 0 calls it, if several train together
    model: "Model" = attribute()
    params: dict[str, Any] = attribute()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        keep_apart(cls)

    def __setattr__(self, name: str, value: Any) -> None:
        set_on(self, name, value)

    def set_params(self, params: dict[str, Any]) -> None:
        """Set `params` before training; callbacks of old programs override `_set_params`."""
        self._set_params(params)

    def set_model(self, model: "Model") -> None:
        """Set the `model` before training; callbacks of old programs override `_set_model`."""
        self._set_model(model)

    def _set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def _set_model(self, model: "Model") -> None:
        self.model = model

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before each epoch: `epoch` is its number, from 0; `logs` are empty."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after each epoch: `epoch` is its number, from 0; `logs` hold its measured values."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each step: `batch` is its number in the epoch, from 0; `logs` hold `batch` and `size`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each step: `batch` is its number in the epoch, from 0; `logs` hold its measured values."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called before the first epoch; `logs` are empty."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called after the last epoch; `logs` are empty."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """`on_batch_begin` by its later name; `batch` and `logs` as there."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """`on_batch_end` by its later name; `batch` and `logs` as there."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before an evaluation or validation; `logs` are empty."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after an evaluation or validation; `logs` hold its measured values."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of an evaluation: `batch` is its number, from 0; `logs` hold `batch` and `size`."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of an evaluation: `batch` is its number, from 0; `logs` hold `batch` and `size`."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before a prediction; `logs` are empty."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called after a prediction; `logs` are empty."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of a prediction: `batch` is its number; `logs` hold `batch` and `size`."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of a prediction: `batch` is its number; `logs` hold `batch` and `outputs`."""


def defines(callback: Any, hook: str) -> bool:
    """Return whether `callback` has a method `hook` of its own."""
    own = getattr(type(callback), hook, None)
    return hook in vars(callback) or own is not None and own is not getattr(Callback, hook, None)


def needs_every_batch(callback: Callback) -> bool:
    """Return whether `callback` must be called for each step."""
    wish = getattr(callback, "needs_every_batch", None)
    if wish is not None:
        return wish
    return any(defines(callback, hook) for hook in _OF_BATCHES)


_BY_LATER_NAMES = {"on_batch_begin": "on_train_batch_begin", "on_batch_end": "on_train_batch_end"}
_OF_BATCHES = (*_BY_LATER_NAMES, *_BY_LATER_NAMES.values())


def running(model: "Model") -> "tuple[Training, Progress]":
    """Return the training of `model` that runs now, with its progress."""
    training: Any = model.training
    if training is None or training.progress is None:
        raise RuntimeError(f"{model.name} is not being trained: this callback works within fit and fit_generator only.")
    return training, training.progress


def _checked(callbacks: Any) -> list[Callback]:
    if not isinstance(callbacks, (list, tuple)):
        raise TypeError(f"callbacks must be a list of callbacks; received {callbacks!r}. Put it in brackets.")
    for callback in callbacks:
        if isinstance(callback, type):
            raise TypeError(f"callbacks: {callback.__name__} is a class. Make one with {callback.__name__}().")
        if not hasattr(callback, "set_model"):
            raise TypeError(f"callbacks: each must be a Callback; received {callback!r}. See LambdaCallback.")
    return list(callbacks)


Callback.model = None  # type: ignore[assignment]  # until `set_model` tells it


class CallbackList:
    """A list of callbacks that are called together.

    # Arguments
        callbacks: list of callbacks, called in this order.
        queue_length: no effect; taken for old programs.
        add_history, add_progbar: whether to add a `History`, and a `ProgbarLogger`, unless one is there.
        model: the model to tell them.
        params: parameters of the training to tell them, such as `epochs` and `steps`.
    """

    callbacks: list[Callback]
    queue_length: int

    def __init__(
        self,
        callbacks: Sequence[Callback] | None = None,
        queue_length: int = 10,
        *,
        add_history: bool = False,
        add_progbar: bool = False,
        model: "Model | None" = None,
        **params: Any,
    ) -> None:
        self.callbacks, self.queue_length = _checked(callbacks or []), queue_length
        if add_history or add_progbar:
            self._add(add_history, add_progbar)
        if model is not None:
            self.set_model(model)
        if params:
            epochs, steps = params.get("epochs"), params.get("steps")
            self.set_params({"verbose": 1, "nb_epoch": epochs, "nb_sample": steps, "metrics": [], **params})

    def _add(self, history, bar):
        from horngate.callbacks.logs import History, ProgbarLogger  # it imports this module

        for wanted, cls in ((bar, ProgbarLogger), (history, History)):
            if wanted and not any(isinstance(callback, cls) for callback in self.callbacks):
                self.callbacks.append(cls())

    def define(self, *hooks: str) -> bool:
        """Return whether any of the callbacks has a method of its own for one of the `hooks`."""
        return any(defines(callback, hook) for callback in self.callbacks for hook in hooks)

    def append(self, callback: Callback) -> None:
        """Append `callback`."""
        self.callbacks.append(callback)

    def _tell(self, hook: str, *args: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(*args)
        if hook in _BY_LATER_NAMES:
            self.tell(_BY_LATER_NAMES[hook], *args)

    def tell(self, hook: str, *args: Any) -> None:
        """Call the method `hook`, such as `on_test_begin`, with `args`, on the callbacks that define it."""
        for callback in self.callbacks:
            if (called := getattr(callback, hook, None)) is not None:
                called(*args)

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """If the block ends by an error, call `_on_break` of the callbacks that put something back then."""
        try:
            yield
        except BaseException:
            self.tell("_on_break")
            raise

    def set_params(self, params: dict[str, Any]) -> None:
        """Set `params` on all callbacks."""
        self._tell("set_params", params)

    def set_model(self, model: "Model") -> None:
        """Set the `model` on all callbacks."""
        self._tell("set_model", model)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Call all at the start of `epoch`; `logs` as for `Callback`."""
        self._tell("on_epoch_begin", epoch, {} if logs is None else logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Call all at the end of `epoch`; `logs` as for `Callback`."""
        self._tell("on_epoch_end", epoch, {} if logs is None else logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call all at the start of step `batch`; `logs` as for `Callback`."""
        self._tell("on_batch_begin", batch, {} if logs is None else logs)

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call all at the end of step `batch`; `logs` as for `Callback`."""
        self._tell("on_batch_end", batch, {} if logs is None else logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Call all at the start of training; `logs` as for `Callback`."""
        self._tell("on_train_begin", {} if logs is None else logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Call all at the end of training; `logs` as for `Callback`."""
        self._tell("on_train_end", {} if logs is None else logs)

    # The later names, for loops of one's own.

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_train_batch_begin` alone; `batch` and `logs` as for `Callback`."""
        self.tell("on_train_batch_begin", batch, {} if logs is None else logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_train_batch_end` alone; `batch` and `logs` as for `Callback`."""
        self.tell("on_train_batch_end", batch, {} if logs is None else logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Call all at the start of an evaluation; `logs` as for `Callback`."""
        self.tell("on_test_begin", {} if logs is None else logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Call all at the end of an evaluation; `logs` as for `Callback`."""
        self.tell("on_test_end", {} if logs is None else logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call all at the start of `batch` of an evaluation; `logs` as for `Callback`."""
        self.tell("on_test_batch_begin", batch, {} if logs is None else logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call all at the end of `batch` of an evaluation; `logs` as for `Callback`."""
        self.tell("on_test_batch_end", batch, {} if logs is None else logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Call all at the start of a prediction; `logs` as for `Callback`."""
        self.tell("on_predict_begin", {} if logs is None else logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Call all at the end of a prediction; `logs` as for `Callback`."""
        self.tell("on_predict_end", {} if logs is None else logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call all at the start of `batch` of a prediction; `logs` as for `Callback`."""
        self.tell("on_predict_batch_begin", batch, {} if logs is None else logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call all at the end of `batch` of a prediction; `logs` as for `Callback`."""
        self.tell("on_predict_batch_end", batch, {} if logs is None else logs)


class LambdaCallback(Callback):
    """A callback made of functions.

    # Arguments
        on_epoch_begin, on_epoch_end: functions of (epoch, logs).
        on_batch_begin, on_batch_end: functions of (batch, logs).
        on_train_begin, on_train_end: functions of (logs).
        on_train_batch_begin, on_train_batch_end: functions of (batch, logs), by their later names.
        kwargs: functions for hooks of later versions, such as `on_train_batch_end`, and further attributes.
    """

    @of_eras(same=2)
    def __init__(
        self,
        on_epoch_begin: Callable[[int, Logs], object] | None = None,
        on_epoch_end: Callable[[int, Logs], object] | None = None,
        on_batch_begin: Callable[[int, Logs], object] | None = None,
        on_batch_end: Callable[[int, Logs], object] | None = None,
        on_train_begin: Callable[[Logs], object] | None = None,
        on_train_end: Callable[[Logs], object] | None = None,
        on_train_batch_begin: Callable[[int, Logs], object] | None = None,
        on_train_batch_end: Callable[[int, Logs], object] | None = None,
        **kwargs: Any,
    ) -> None:
        told = {name: function for name, function in locals().items() if name.startswith("on_")}
        super().__init__()
        for name, function in {**told, **kwargs}.items():
            if name.startswith("on_") and not callable(function) and function is not None:
                raise TypeError(f"{type(self).__name__}, argument {name!r}: must be a function; received {function!r}")
            if function is not None or not name.startswith("on_"):
                setattr(self, name, function)
        vars(self)["needs_every_batch"] = any(defines(self, hook) for hook in _OF_BATCHES)
