"""Dispatch: a compiled function that replaces a state; compiled ahead where asked, and never cut in two."""

import contextlib
import functools
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from horngate.backend.collector import collector_at_rest
from horngate.backend.compilation import compiler_options, programs_at_once
from horngate.backend.graph import jax_dtype
from horngate.backend.memory import keep_for

if TYPE_CHECKING:
    from horngate.backend.function import Function

_ARRAYS = jax.Array, np.ndarray  # of which a program is the same, where that for `HostRows` is another


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
        # signature -> what is done when it has been compiled, or None for what was
        self._programs: dict[Any, Future[None] | None] = {}

    def __call__(self, *rest: Any) -> Any:
        """The result for the variables' values of now; they then have their new ones."""
        self.prepare(*rest)
        function = self.function
        if not function.mutates:
            return self.compiled(function.state(), *rest)[0]
        with _uninterrupted:  # between these lines the variables' arrays no longer exist
            result, state = self.compiled(function.state(), *rest)
            function.bind(state)
        return result

    def prepare(self, *rest: Any) -> None:
        """Compile for arguments like these, or wait until that is done."""
        signature = self._signature(rest)
        if signature not in self._programs:
            _compile(self._lowered(rest))
            self._programs[self._signature(rest)] = None  # what tracing found out about the state is part of it
        elif (compiling := self._programs[signature]) is not None:
            compiling.result()
            self._programs[signature] = None

    def prepare_in_background(self, *rest: Any) -> None:
        """Trace for arguments like these and begin to compile; errors show when the call itself is made."""
        if self._signature(rest) in self._programs:
            return
        with contextlib.suppress(Exception):
            lowered = self._lowered(rest)
            self._programs[self._signature(rest)] = _compilers().submit(_compile_quietly, lowered)

    def _lowered(self, rest):
        """What is to be compiled; the jitted function finds the program when it is called."""
        like = jax.tree.map(_aval, rest[: self._first_static - 1])

        def lower():
            state = tuple(jax.ShapeDtypeStruct(v.shape, jax_dtype(v.dtype)) for v in self.function.variables)
            return self.compiled.lower(state, *like, *rest[self._first_static - 1 :])

        with collector_at_rest():
            return self.function.retrying(lower)

    def _signature(self, rest):
        found: list[Any] = [len(self.function.variables)]
        for item in rest:
            for x in item if type(item) in (tuple, list) else (item,):
                found.append((isinstance(x, _ARRAYS), x.shape, x.dtype) if hasattr(x, "shape") else x)
        return tuple(found)


@functools.cache
def _compilers():
    """The threads that compile."""
    return ThreadPoolExecutor(programs_at_once(), thread_name_prefix="horngate-compile")


def _compile(lowered):
    keep_for(lowered.compile())


def _compile_quietly(lowered):
    with contextlib.suppress(Exception):
        _compile(lowered)


def _aval(x):
    return jax.ShapeDtypeStruct(x.shape, jax_dtype(x.dtype))


class _Uninterrupted:
    """A block whose end Ctrl-C waits for. Put in place once: exchanging handlers costs more than a small step."""

    def __init__(self):
        self._inside = False
        self._waiting: tuple[Any, Any] | None = None
        self._handler: Any = None  # a function, or a number that stands for what the system does

    def __enter__(self):
        if self._handler is None and threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._interrupted)
        self._inside = True

    def __exit__(self, *exception):
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
