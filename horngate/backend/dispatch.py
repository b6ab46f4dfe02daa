"""Dispatch: a compiled function that replaces a state; compiled ahead where asked, and never cut in two."""

import contextlib
import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from horngate.backend.compilation import compiler_options, programs_at_once
from horngate.backend.gc_pause import gc_paused
from horngate.backend.graph import jax_dtype
from horngate.backend.interrupts import uninterrupted
from horngate.backend.locks import Fork
from horngate.backend.memory import keep_for

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
    """

    def __init__(
        self, function: "Function", run: Callable[..., Any], arguments: int, static: int, seldom: bool = False
    ) -> None:
        first_static = arguments - static
        self.function: Function = function
        self.compiled: Any = jax.jit(
            run,
            static_argnums=tuple(range(first_static, arguments)),
            donate_argnums=0 if function.mutates else (),
            compiler_options=compiler_options(seldom),
        )
        self._first_static = first_static
        # signature -> the event that it is compiled, or None where that is known
        self._programs: dict[Any, threading.Event | None] = {}
        self.made: int = 0  # programs so far

    def __call__(self, *rest: Any) -> Any:
        """The result for the variables' values of now; they then have their new ones. Threads take turns."""
        if Fork.hangs:
            Fork.refuse()
        self.prepare(*rest)
        function = self.function
        with uninterrupted:
            lock = function.lock
            if not function.mutates:
                lock.acquire_read()
                try:
                    return self.compiled(function.state(), *rest)[0]
                finally:
                    lock.release_read()
            lock.acquire_write()
            try:  # before the variables are bound to new arrays, they have none
                result, state = self.compiled(function.state(), *rest)
                function.bind(state)
            finally:
                lock.release_write()
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
        like = jax.tree.map(_aval, rest[: self._first_static - 1])

        def lower():
            state = tuple(jax.ShapeDtypeStruct(v.shape, jax_dtype(v.dtype)) for v in self.function.variables)
            return self.compiled.lower(state, *like, *rest[self._first_static - 1 :])

        with gc_paused():
            return self.function.retrying(lower)

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
