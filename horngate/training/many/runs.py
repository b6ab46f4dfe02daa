"""fit_many: train many models with different seeds, rates or folds at the same time in a few compiled programs."""

import copy
import functools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from horngate.backend import config, graph
from horngate.backend.config import EraDefault
from horngate.backend.draws import draws_undone
from horngate.engine.container import Container
from horngate.training import trainer
from horngate.training.arrays import checked_count, in_memory, is_stream
from horngate.training.data import split_at, validation_parts
from horngate.training.fit_arguments import fit_arguments
from horngate.training.many import stacks
from horngate.training.model import Model
from horngate.utils.nearest import did_you_mean

_OF_TESTS = ("on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end")
_OWN_FILE = ("filepath", "filename", "log_dir")  # attributes of callbacks that write


@dataclass(eq=False, repr=False)
class Run:
    """One of the trainings: `configuration`, `seed`, `fold` (its index, or None), `model` and `history`.

    `history` is the `History` that `fit` would return.
    """

    configuration: dict[str, Any]
    seed: int
    fold: int | None
    model: Any
    history: Any = field(default=None, init=False)

    def __repr__(self) -> str:
        told = {**self.configuration, "seed": self.seed, **({} if self.fold is None else {"fold": self.fold})}
        last = {name: round(values[-1], 4) for name, values in self.history.history.items()} if self.history else {}
        return f"<Run {told} {last}>"


class Runs(list[Run]):
    """The list of `Run`s of a `fit_many`, in the order of the configurations, then of the folds."""

    programs: int = 0  # number of programs compiled

    def values(self, name: str) -> np.ndarray:
        """Return the quantity `name` of the logs, shape (runs, epochs); NaN after a run has stopped.

        # Raises
            KeyError: if this quantity was not measured.
        """
        curves = [run.history.history[name] for run in self]
        values = np.full((len(self), max(map(len, curves))), np.nan)
        for row, curve in zip(values, curves):
            row[: len(curve)] = curve
        return values

    def best(self, monitor: str | None = None, mode: str = "auto") -> Run:
        """Return the run with the best last value of `monitor`; default: `val_loss`, or `loss` without validation.

        `mode`: `min`, `max`, or `auto`: larger is better for accuracies and the like, smaller for other quantities.
        """
        from horngate.callbacks.control import _Monitor

        monitor = monitor or ("val_loss" if "val_loss" in self[0].history.history else "loss")
        sign = _Monitor(monitor, mode, owner="best").sign
        if monitor not in (known := self[0].history.history):
            raise ValueError(
                f"best: {monitor!r} was not measured.{did_you_mean(monitor, known)} There is: {', '.join(known)}; what "
                "begins with val_ needs validation_data or validation_split."
            )
        last = [run.history.history[monitor][-1] for run in self]
        if all(map(math.isnan, last)):
            raise ValueError(f"best: {monitor!r} is NaN in all {len(self)} runs, so that none of them is best.")
        return self[max(range(len(self)), key=lambda i: -math.inf if math.isnan(last[i]) else sign * last[i])]


def fit_many(
    build: Any,
    configurations: Any,
    X: Any,
    y: Any = None,
    batch_size: int | EraDefault = EraDefault("fit_batch_size"),
    nb_epoch: int | EraDefault = EraDefault("fit_nb_epoch"),
    verbose: int = 1,
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool | str = True,
    class_weight: Any = None,
    sample_weight: Any = None,
    folds: Any = None,
    at_once: int | None = None,
    **kwargs: Any,
) -> Runs:
    """Train many models on the same data at the same time. Each result equals that of training alone by `fit`.

    Models whose steps differ only in numbers (seeds, learning rates, dropout, factors of penalties, …) share one
    compiled program, which computes several models in each operation and uses all cores. Models that differ in more
    (sizes, activations, optimizers) may be mixed: each kind has its own program.

    # Arguments
        build: function that returns a new compiled model: `build(**configuration)`.
        configurations: list of dictionaries of arguments of `build`; or a number n, for the seeds 0 to n - 1. `seed` is
            not passed to `build`: `np.random.seed(seed)` is called before, and also decides the order of the samples
            and the dropout masks. By default, `seed` is drawn from NumPy's global generator.
        X, y: inputs and targets as for `fit`: arrays in memory.
        batch_size, nb_epoch, validation_split, validation_data, shuffle, class_weight, sample_weight: see `Model.fit`.
        verbose: 0 for no output, 1 for one progress bar, 2 for one line.
        callbacks: a list, which is copied for each model, or a function from the configuration to a list. They are
            called for epochs, never for batches. A stopped model keeps its weights; the others continue.
        folds: for cross-validation, a list of pairs of index arrays (training, validation), as returned by
            `KFold(5).split(X)`. Each configuration is trained once for each pair. Folds may differ in size.
        at_once: maximum number of models in one program; default: the fastest number on a CPU, and on other devices as
            many as fit into memory. On several devices, each has one at least.

    # Returns
        `Runs`: a list of `Run`, with the methods `best()` and `values(name)`.

    >>> from horngate.layers import Dense
    >>> from horngate.models import Sequential
    >>> from horngate.optimizers import SGD
    >>> def build(lr):
    ...     model = Sequential([Dense(1, input_dim=2)])
    ...     model.compile(SGD(lr=lr), 'mse')
    ...     return model
    >>> X = np.random.RandomState(0).randn(64, 2)
    >>> runs = fit_many(build, [{'lr': 0.001, 'seed': 1}, {'lr': 0.1, 'seed': 1}], X, X.sum(axis=1), nb_epoch=5,
    ...                 verbose=0)
    >>> runs.best().configuration
    {'lr': 0.1}
    >>> runs.values('loss').shape
    (2, 5)
    """
    options = fit_arguments(
        "fit_many",
        config.era(),
        kwargs,
        batch_size=batch_size,
        nb_epoch=nb_epoch,
        verbose=verbose,
        callbacks=callbacks,
        validation_split=validation_split,
        validation_data=validation_data,
        shuffle=shuffle,
        class_weight=class_weight,
        sample_weight=sample_weight,
        initial_epoch=0,
    )
    _check_build(build)
    return _trained(build, _configurations(configurations), X, y, options, folds, at_once)


def _trained(build, wanted, X, y, options, folds, at_once):
    if is_stream(X):
        raise TypeError(f"fit_many needs X as arrays in memory; received {type(X).__name__}. Use fit for streams.")
    if at_once is not None:
        at_once = checked_count("at_once", at_once)
    folds = _folds(folds, options.validation_split, options.validation_data)
    shared = len(wanted) * len(folds or [0]) > 1
    runs, members = Runs(), []
    try:
        for run, random in _built(build, wanted, folds):
            runs.append(run)
            members.append(_member(run, random, X, y, options, folds, shared))
        _trained_together(runs, members, options, at_once)
    finally:
        for member in members:
            member.end()
    return runs


def _trained_together(runs, members, options, at_once):
    bar = trainer.bar_of(len(runs) * options.nb_epoch) if options.verbose else None
    if bar:
        bar.verbose = options.verbose
    groups = _groups(members)
    runs.programs = len(groups)
    _train(groups, stacks.Course(options.batch_size, options.nb_epoch, options.shuffle, bar), at_once)


def _check_build(build):
    if isinstance(build, Container) or not callable(build):
        raise TypeError(
            "fit_many: the first argument must be a function that makes and compiles a model, such as "
            f"`def build(lr=0.1): ...`, which is called for each of the models; received {type(build).__name__}."
        )


def _configurations(given):
    """Return pairs (arguments of `build`, seed)."""
    if isinstance(given, (int, np.integer)) and not isinstance(given, bool):
        given = [{"seed": i} for i in range(checked_count("configurations", given))]
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(item, dict) for item in given):
        raise TypeError(
            "configurations must be a number of seeds, or a list of dictionaries of arguments for build such as "
            f"[{{'lr': 0.1, 'seed': 0}}, {{'lr': 0.01, 'seed': 0}}]; received {given!r}"
        )
    pairs = []
    for item in given:
        seed = item["seed"] if "seed" in item else np.random.randint(2**31 - 1)
        pairs.append(({name: value for name, value in item.items() if name != "seed"}, int(seed)))
    return pairs


def _folds(folds, validation_split, validation_data):
    if folds is None:
        return None
    if validation_split or validation_data is not None:
        raise ValueError("folds say what each model is validated on: leave validation_split and validation_data out.")
    pairs: list[Any] = list(folds) if hasattr(folds, "__iter__") else [None]
    if not pairs or any(not isinstance(pair, (list, tuple)) or len(pair) != 2 for pair in pairs):
        raise TypeError(
            f"folds must be pairs of index arrays (training, validation), such as KFold(5).split(X); received {folds!r}"
        )
    return [tuple(np.asarray(rows) for rows in pair) for pair in pairs]


def _built(build, wanted, folds):
    """Return for each run (run, random generator in its state after `build`); all models have the same names."""
    names, made = graph.naming(), []
    with draws_undone():
        for configuration, seed in wanted:
            for fold in range(len(folds)) if folds else [None]:
                graph.name_from(names)
                np.random.seed(seed)
                try:
                    model = build(**configuration)
                except Exception as problem:
                    problem.add_note(f"This is how build failed for the configuration {configuration}, seed {seed}.")
                    raise
                if not isinstance(model, Model) or getattr(model, "objective", None) is None:
                    raise TypeError(f"fit_many: build must return a compiled model; it returned {model!r}.")
                if model.objective.kept:
                    raise ValueError(
                        f"fit_many: the metric {model.objective.kept[0].name!r} keeps a state of its own, which models "
                        "trained together do not have. Give compile functions or names of means, or use fit."
                    )
                if any(model is other for other in made):
                    raise ValueError("fit_many: build must make a new model at each call; it returned one twice.")
                made.append(model)
                random = np.random.RandomState()
                random.set_state(np.random.get_state())
                yield Run(configuration, seed, fold, model), random


def _member(run, random, X, y, options, folds, shared):
    spec, size = run.model.spec(), options.batch_size
    if spec.layout is not None and spec.layout.spans:
        raise NotImplementedError(
            "fit_many divides models among the devices of one process, and these are compiled for several processes. "
            "Start one process for each host, with mesh='data' over its own devices, and give each its configurations."
        )
    samples = _in_memory(spec.checked(X, y, options.sample_weight, options.class_weight, size))
    rows, test_samples, test_rows = np.arange(len(samples.inputs[0])), None, None
    if run.fold is not None:
        rows, test_rows = (_checked_rows(part, len(rows), run.fold) for part in folds[run.fold])
        test_samples = samples
    elif options.validation_data is not None:
        test_samples = _in_memory(spec.checked(*validation_parts(options.validation_data), batch_size=size))
        test_rows = np.arange(len(test_samples.inputs[0]))
    elif options.validation_split:
        at = split_at(len(rows), options.validation_split)
        rows, test_rows, test_samples = rows[:at], rows[at:], samples
    callbacks = _callbacks(run, options.callbacks, shared)
    member = stacks.Member(run.model, callbacks, random, samples, rows, test_samples, test_rows, spec.layout)
    member.trace(size)
    run.history = run.model.history = member.history
    member.begin(size, options.nb_epoch, len(rows), 0, test_samples is not None)
    return member


def _in_memory(samples):
    for array in samples.arrays:
        if not in_memory(array):
            raise TypeError(
                f"fit_many needs arrays in memory; received {type(array).__name__}. Load it with np.asarray(x), make a "
                "sparse matrix dense with x.toarray(), or train each model alone by fit."
            )
    return samples


def _checked_rows(rows, count, fold):
    rows = np.flatnonzero(rows) if rows.dtype == bool and len(rows) == count else rows
    if rows.ndim != 1 or not len(rows) or rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= count:
        raise ValueError(
            f"folds: fold {fold} must be two arrays of row numbers from 0 to {count - 1}, neither of them empty."
        )
    return rows


def _callbacks(run, given, shared):
    """Return the callbacks of one run; `shared`: whether other runs get copies of the same list."""
    from horngate import callbacks as cbks  # from a room above
    from horngate.callbacks.base import defines

    own: Any = given({**run.configuration, "seed": run.seed}) if callable(given) else copy.deepcopy(given or [])
    told = cbks.CallbackList(own).callbacks
    for callback in told:
        name = type(callback).__name__
        decides = "needs_every_batch" in vars(callback)  # by its arguments whether it looks at batches at all
        of_batches = not decides and any(defines(callback, hook) for hook in ("on_batch_begin", "on_batch_end"))
        if of_tests := [hook for hook in _OF_TESTS if defines(callback, hook)]:
            raise ValueError(
                f"fit_many: callback {name} has {of_tests[0]}, but many models are tested together, and none is "
                "told of that. Use on_epoch_end, whose logs hold what the test measured, or train each model by fit."
            )
        if of_batches or cbks.needs_every_batch(callback) or isinstance(callback, cbks.BackupAndResume):
            raise ValueError(
                f"fit_many: callback {name} looks at batches, or into the training itself; many models are trained "
                "together, and only epochs can be told. Leave it out, or train each model alone by fit."
            )
        if shared and not callable(given) and any(hasattr(callback, attribute) for attribute in _OWN_FILE):
            raise ValueError(
                f"fit_many: all models would write to the same file through {name}. Give callbacks as a function of "
                "the configuration: callbacks=lambda configuration: [...], each with a path of its own."
            )
    return told


def _groups(members):
    """Return lists of members that can share a program."""
    groups = []
    for member in members:
        group = next((group for group in groups if stacks.can_be_stacked(group[0], member)), None)
        if group is None:
            groups.append([member])
        else:
            group.append(member)
    return groups


def _train(groups, course, at_once):
    """Train all groups; as many stacks run at a time as there are cores."""
    placed = {}  # data shared by groups are moved to the devices once

    def once(mesh, array, x):
        key = id(array), x.dtype, mesh
        if key not in placed:
            placed[key] = array, stacks.data_on(mesh, array, x.dtype)
        return placed[key][1]

    with ThreadPoolExecutor(stacks.cores(), thread_name_prefix="horngate-many") as pool:
        waiting = []
        for group in groups:
            size = stacks.stack_size(group[0], len(group), at_once)
            own = functools.partial(once, group[0].mesh)
            steps = {kind: stacks.Program(group, kind, size, pool, own) for kind in group[0].functions}
            for each in steps.values():
                each.prepare(course.batch_size)
            for first in range(0, len(group), size):
                stack = stacks.Stack(course, steps, list(range(first, min(first + size, len(group)))))
                waiting.append(pool.submit(stack.train))
        try:
            for future in waiting:
                future.result()
        except BaseException:
            course.stopping = True
            raise
