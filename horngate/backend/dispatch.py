"""Dispatch: a compiled function that replaces a state; compiled ahead where asked, and never cut in two."""

import contextlib
import functools
import signal
import threading
from collections.abc import Callable
from threading import get_ident
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from horngate.backend.collector import collector_at_rest
from horngate.backend.compilation import compiler_options, programs_at_once
from horngate.backend.graph import jax_dtype
from horngate.backend.memory import keep_for
from horngate.backend.mesh import launching
from horngate.backend.turns import Fork

if TYPE_CHECKING:
    from horngate.backend.function import Function

_ARRAYS = np.ndarray, jax.Array  # of which a program is the same, where that for `HostRows` is another
_MOST = 128  # programs of one function that are kept
_tracing = threading.RLock()  # layers run while it is held; what they keep is not made for two threads


class Dispatch:
    """Calls `run(state, *rest)` compiled; the state's arrays are given away, and the variables bound to the new ones.

    # Arguments
        function: the `Function` whose variables make up the state.
        run: pure, gives `(result, new state)` from `(state, *rest)`.
        arguments: how many `run` takes; the last `static` of them are compiled in, as plain values.
        seldom: whether to compile soonest, at the price of a slower program.
        rows: whether what follows the state are arrays with a row for each sample of a batch.
    """

    def __init__(
        self,
        function: "Function",
        run: Callable[..., Any],
        arguments: int,
        static: int,
        seldom: bool = False,
        rows: bool = False,
    ) -> None:
        first_static = arguments - static
        self.function: Function = function
        self.compiled: Any = jax.jit(
            run,
            static_argnums=tuple(range(first_static, arguments)),
            donate_argnums=0 if function.mutates else (),
            compiler_options=compiler_options(seldom),
        )
        self._launched = self.compiled if function.layout is None else launching(self.compiled)
        self._first_static, self._rows = first_static, rows
        # signature -> the event that it is compiled, or None where that is known
        self._programs: dict[Any, threading.Event | None] = {}
        self.made: int = 0  # programs so far

    def __call__(self, *rest: Any) -> Any:
        """The result for the variables' values of now; they then have their new ones. Threads take turns."""
        if Fork.hangs:
            Fork.refuse()
        self.prepare(*rest)
        function = self.function
        if function.layout is not None:
            rest = self._placed(rest, function.layout.put)
        with _uninterrupted:
            turn = function.turn
            if not function.mutates:
                turn.begin_reading()
                try:
                    return self._launched(function.state(), *rest)[0]
                finally:
                    turn.end_reading()
            turn.begin_replacing()
            try:  # before the variables are bound to new arrays, they have none
                result, state = self._launched(function.state(), *rest)
                function.bind(state)
            finally:
                turn.end_replacing()
            return result

    def prepare(self, *rest: Any) -> None:
        """Compile for arguments like these, or wait until that is done."""
        if self._programs.get(self._signature(rest), self) is None:
            return
        lowered, done = self._begun(rest)
        if lowered is not None:
            _compile(lowered, done)
        elif done is not None:
            done.wait()
        self._programs[self._signature(rest)] = None

    def prepare_in_background(self, *rest: Any) -> None:
        """Trace for arguments like these and begin to compile; errors show when the call itself is made."""
        with contextlib.suppress(Exception):
            lowered, done = self._begun(rest)
            if lowered is not None:
                _start(threading.Thread(target=_compile_quietly, args=(lowered, done), name="horngate-compile"), done)

    def _begun(self, rest):
        """What is to be compiled for arguments like these, None where that was begun; and the event of its end."""
        with _tracing:
            if self._signature(rest) in self._programs:
                return None, self._programs[self._signature(rest)]
            if len(self._programs) >= _MOST:  # where sizes never end, programs must
                self.compiled.clear_cache()
                self._programs.clear()
            lowered, done = self._lowered(rest), threading.Event()
            self.made += 1
            self._programs[self._signature(rest)] = done  # what tracing found out about the state is part of it
            return lowered, done

    def _lowered(self, rest):
        """What is to be compiled; the jitted function finds the program when it is called."""
        layout, taken = self.function.layout, self._first_static - 1
        like = jax.tree.map(_aval, rest[:taken]) + rest[taken:] if layout is None else self._placed(rest, layout.like)

        def lower():
            variables = self.function.variables
            places = [None] * len(variables) if layout is None else map(layout.of, variables)
            state = (jax.ShapeDtypeStruct(v.shape, jax_dtype(v.dtype), sharding=at) for v, at in zip(variables, places))
            return self.compiled.lower(tuple(state), *like)

        with collector_at_rest():
            return self.function.retrying(lower)

    def _placed(self, rest, placed):
        """The arguments of a program on a mesh: those that are arrays by `placed(arrays, rows)`."""
        taken = self._first_static - 1
        return placed(rest[0], self._rows), *placed(rest[1:taken]), *rest[taken:]

    def _signature(self, rest):
        found: list[Any] = [len(self.function.variables)]
        for item in rest:
            for x in item if type(item) in (tuple, list) else (item,):
                found.append((isinstance(x, _ARRAYS), x.shape, x.dtype) if hasattr(x, "shape") else x)
        return tuple(found)


@functools.cache
def _compilers():
    """What lets so many threads compile at once."""
    return threading.Semaphore(programs_at_once())


def _compile(lowered, done):
    try:
        with _compilers():
            keep_for(lowered.compile())
    finally:
        done.set()


def _compile_quietly(lowered, done):
    with contextlib.suppress(Exception):
        _compile(lowered, done)


def _start(thread, done):
    try:
        thread.start()
    except RuntimeError:  # the interpreter ends, or there are too many: the call itself compiles
        done.set()


def _aval(x):
    return jax.ShapeDtypeStruct(x.shape, jax_dtype(x.dtype))


class _Uninterrupted:
    """A block whose end Ctrl-C waits for; it reaches the main thread alone, and so do the blocks that count.

    Put in place once: exchanging handlers costs more than a small step.
    """

    def __init__(self):
        self._inside = False
        self._main = threading.main_thread().ident
        self._waiting: tuple[Any, Any] | None = None
        self._handler: Any = None  # a function, or a number that stands for what the system does

    def __enter__(self):
        if get_ident() != self._main:
            return
        if self._handler is None:
            self._handler = signal.signal(signal.SIGINT, self._interrupted)
        self._inside = True

    def __exit__(self, *exception):
        if get_ident() != self._main:
            return
        self._inside = False
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._handler(*waiting)

    def _interrupted(self, number, frame):
        if self._inside:
            self._waiting = number, frame
        elif callable(self._handler):
            self._handler(number, frame)


_uninterrupted = _Uninterrupted()
