"""Dispatch: a compiled function that replaces a state; compiled ahead where asked, and never cut in two."""
import contextlib
import signal
import threading

import jax

from horngate.backend.compilation import compiler_options
from horngate.backend.graph import jax_dtype


class Dispatch:
    """Calls `run(state, *rest)` compiled; the state's arrays are given away, and the variables bound to the new ones.

    # Arguments
        function: the `Function` whose variables make up the state.
        run: pure, gives `(result, new state)` from `(state, *rest)`.
        arguments: how many `run` takes; the last `static` of them are compiled in, as plain values.
    """

    def __init__(self, function, run, arguments, static):
        first_static = arguments - static
        self.function = function
        self.compiled = jax.jit(
            run,
            static_argnums=tuple(range(first_static, arguments)),
            donate_argnums=0 if function.mutates else (),
            compiler_options=compiler_options(),
        )
        self._first_static = first_static
        self._programs = {}  # signature -> its Thread or None: what has been, or is being, compiled

    def __call__(self, *rest):
        """The result for the variables' values of now; they then have their new ones."""
        self.prepare(*rest)
        function = self.function
        if not function.mutates:
            return self.compiled(function.state(), *rest)[0]
        with _uninterrupted:  # between these lines the variables' arrays no longer exist
            result, state = self.compiled(function.state(), *rest)
            function.bind(state)
        return result

    def prepare(self, *rest):
        """Compile for arguments like these, or wait until that is done."""
        signature = self._signature(rest)
        if signature in self._programs:
            thread = self._programs[signature]
            if thread is not None and thread is not threading.current_thread():
                thread.join()
                self._programs[signature] = None
            return
        self._compile(rest)
        self._programs[signature] = None

    def prepare_in_background(self, *rest):
        """Begin to compile for arguments like these; errors show when the call itself is made."""
        signature = self._signature(rest)
        if signature not in self._programs:
            thread = threading.Thread(target=self._compile_quietly, args=(rest,), name="horngate-compile")
            self._programs[signature] = thread
            thread.start()

    def _compile_quietly(self, rest):
        with contextlib.suppress(Exception):
            self._compile(rest)

    def _compile(self, rest):
        """Trace and compile; the jitted function finds the program when it is called."""
        like = jax.tree.map(_aval, rest[: self._first_static - 1])

        def compile_now():
            state = tuple(jax.ShapeDtypeStruct(v.shape, jax_dtype(v.dtype)) for v in self.function.variables)
            self.compiled.lower(state, *like, *rest[self._first_static - 1 :]).compile()

        self.function.retrying(compile_now)

    def _signature(self, rest):
        found = [len(self.function.variables)]
        for item in rest:
            for x in item if type(item) in (tuple, list) else (item,):
                found.append((x.shape, x.dtype) if hasattr(x, "shape") else x)
        return tuple(found)


def _aval(x):
    return jax.ShapeDtypeStruct(x.shape, jax_dtype(x.dtype))


class _Uninterrupted:
    """A block whose end Ctrl-C waits for. Put in place once: exchanging handlers costs more than a small step."""

    def __init__(self):
        self._inside, self._waiting, self._handler = False, None, None

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
