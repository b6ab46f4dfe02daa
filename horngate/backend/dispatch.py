"""Dispatch: a compiled function that replaces a state. Ctrl-C never interrupts it halfway."""

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
from horngate.backend.mesh import launching
from horngate.backend.notices import remark
from horngate.backend.running import NeedsValues

if TYPE_CHECKING:
    from horngate.backend.function import Function

_ARRAYS = np.ndarray, jax.Array  # these share a program; `HostRows` have another
_MOST = 128  # programs stored for one function
_tracing = threading.RLock()  # held while layers run, since their attributes are not safe for threads


class Dispatch:
    """Calls `run(state, *rest)` compiled: donates the arrays of the state and binds the variables to the new ones.

    # Arguments
        function: the `Function` whose variables make up the state.
        run: a pure function from `(state, *rest)` to `(result, new state)`.
        arguments: the number of arguments of `run`; the last `static` ones are plain values that are compiled in.
        seldom: whether to compile fast, at the price of a slower program.
        rows: whether the arguments after the state are arrays with a row for each sample of a batch.
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
        self._run = run
        self.compiled: Any = jax.jit(
            run,
            static_argnums=tuple(range(first_static, arguments)),
            donate_argnums=0 if function.mutates else (),
            compiler_options=compiler_options(seldom),
        )
        self._launched = self.compiled if function.layout is None else launching(self.compiled)
        self._first_static, self._rows = first_static, rows
        # signature -> the event set when it is compiled; None once that was seen
        self._programs: dict[Any, threading.Event | None] = {}
        self.made: int = 0  # programs so far

    def __call__(self, *rest: Any) -> Any:
        """Run on the current values of the variables, set the new ones, and return the result. Safe for threads."""
        if Fork.hangs:
            Fork.refuse()
        self.prepare(*rest)
        function = self.function
        if function.layout is not None:
            rest = self._placed(rest, function.layout.put)
        with uninterrupted:
            lock = function.lock
            if not function.mutates:
                lock.acquire_read()
                try:
                    return self._launched(function.state(), *rest)[0]
                finally:
                    lock.release_read()
            lock.acquire_write()
            try:  # until they are bound again, the variables have no arrays
                result, state = self._launched(function.state(), *rest)
                function.bind(state)
            finally:
                lock.release_write()
            return result

    def prepare(self, *rest: Any) -> None:
        """Compile for arguments like these, or wait until another thread has."""
        if self._programs.get(self._signature(rest), self) is None:
            return
        lowered, done = self._begun(rest)
        if lowered is not None:
            _compile(lowered, done)
        elif done is not None:
            done.wait()
        self._programs[self._signature(rest)] = None

    def prepare_in_background(self, *rest: Any) -> None:
        """Trace for arguments like these and compile in a thread; errors appear at the call itself."""
        with contextlib.suppress(Exception):
            lowered, done = self._begun(rest)
            if lowered is not None:
                _start(threading.Thread(target=_compile_quietly, args=(lowered, done), name="horngate-compile"), done)

    def _begun(self, rest):
        """Return (the lowered program, or None if its compilation has begun; the event of its end)."""
        with _tracing:
            if self._signature(rest) in self._programs:
                return None, self._programs[self._signature(rest)]
            if len(self._programs) >= _MOST:  # for data of ever new sizes
                self.compiled.clear_cache()
                self._programs.clear()
            lowered, done = self._lowered_or_launched(rest), threading.Event()
            self.made += 1
            if lowered is None:
                done.set()
            self._programs[self._signature(rest)] = done  # computed again: tracing may have added variables
            return lowered, done

    def _lowered_or_launched(self, rest):
        """Return the lowered function. Or None: it needs its numbers, and will run uncompiled."""
        try:
            return self._lowered(rest)
        except NeedsValues as needed:
            if self.function.layout is not None:
                raise
            remark(f"{needed} So {self.function.name} runs without being compiled, which is slow.")
        self._launched = self._uncompiled
        self.function.retrying(lambda: self._uncompiled(self.function.state(), *rest))  # to meet all variables
        return None

    def _uncompiled(self, *arguments):
        with _tracing, jax.disable_jit():
            return self._run(*arguments)

    def _lowered(self, rest):
        """Lower the function; `jax.jit` finds the compiled program at the call."""
        layout, taken = self.function.layout, self._first_static - 1
        like = jax.tree.map(_aval, rest[:taken]) + rest[taken:] if layout is None else self._placed(rest, layout.like)

        def lower():
            variables = self.function.variables
            places = [None] * len(variables) if layout is None else map(layout.of, variables)
            state = (jax.ShapeDtypeStruct(v.shape, jax_dtype(v.dtype), sharding=at) for v, at in zip(variables, places))
            return self.compiled.lower(tuple(state), *like)

        with gc_paused():
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
    """Bounds the number of threads that compile at the same time."""
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
    except RuntimeError:  # the interpreter ends, or there are too many threads: the call itself compiles
        done.set()


def _aval(x):
    return jax.ShapeDtypeStruct(x.shape, jax_dtype(x.dtype))
