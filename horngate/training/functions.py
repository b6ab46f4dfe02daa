"""Compiled functions: a Python function is called on symbols once for each shape, and runs as one program."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from horngate.backend import notices
from horngate.backend.eager_tensors import EagerRecorder, EagerTensor
from horngate.backend.function import Function
from horngate.backend.graph import Tensor, Variable, active_scope, jax_dtype, recorder, recording
from horngate.backend.recording import Program, Recorder
from horngate.backend.running import NeedsPython
from horngate.engine.arrangement import arranged, as_text, flattened
from horngate.training.plain_state import random_states, same_states, set_random_states


class CompiledFunction:
    """A Python function that runs as a compiled program; see `function`.

    # Arguments
        python_function: the function.
        by_python: whether it runs by Python, on arrays, and is never compiled.
    """

    def __init__(self, python_function: Callable[..., Any], by_python: bool = False) -> None:
        functools.update_wrapper(self, python_function)
        self.python_function = python_function
        self._programs: dict[Any, Any] = {}  # kind of the arguments -> (compiled function, structure of the results)
        self._by_python = by_python

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        kept = vars(instance).setdefault("_compiled_functions", {})
        name = self.python_function.__name__
        if name not in kept:
            kept[name] = CompiledFunction(self.python_function.__get__(instance, owner))
        return kept[name]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the function returns for `args` and `kwargs`; arrays in it are tensors with values."""
        if active_scope() is not None or recorder() is not None:
            return self.python_function(*args, **kwargs)  # it becomes part of what runs or is recorded
        tensors, structure = flattened((args, kwargs))
        if any(isinstance(x, Tensor) and x.computed is None for x in tensors):
            return self.python_function(*args, **kwargs)
        tensors = [x if isinstance(x, Variable) else _value(x) for x in tensors]
        if not self._by_python:
            try:
                return self._compiled(tensors, structure)
            except NeedsPython as reason:
                self._by_python = True
                name = self.python_function.__qualname__
                notices.remark(f"{name} runs by Python, call by call, and not as one compiled program: {reason}")
        with recording(EagerRecorder()):
            given, named = arranged(structure, [x if isinstance(x, Variable) else EagerTensor(x) for x in tensors])
            return self.python_function(*given, **named)

    @property
    def programs(self) -> int:
        """The number of programs recorded so far."""
        return len(self._programs)

    def _compiled(self, tensors, structure):
        fed = [x for x in tensors if not isinstance(x, Variable)]
        kinds = [id(x) if isinstance(x, Variable) else (x.shape, str(x.dtype)) for x in tensors]
        key = (as_text(structure, "*", _plain), *kinds)
        if key not in self._programs:
            self._programs[key] = self._recorded(tensors, structure)
        function, results = self._programs[key]
        return arranged(results, [EagerTensor(y) for y in function.on_device(fed, 0)])

    def _recorded(self, tensors, structure):
        inputs = [x if isinstance(x, Variable) else Tensor(x.shape, _dtype(x), name="argument") for x in tensors]
        given, named = arranged(structure, inputs)
        made = None
        while made != Variable.count:  # again if the function has made weights or slots
            made, by = Variable.count, Recorder()
            states = random_states()
            with recording(by):
                found, results = flattened(self.python_function(*given, **named))
                found = [by.tensor_of(y) for y in found]
        if not same_states(states, random_states()):
            set_random_states(states)
            raise NeedsPython("it draws random numbers of NumPy or Python")
        fed = [x for x in inputs if not isinstance(x, Variable)]
        program = Program(
            fed, [*found, np.zeros((), "float32")], by.entries
        )  # one output at least, or nothing would run
        return Function(fed, program.outputs, collect="all", name=self.python_function.__name__), results


def _value(x):
    return x.computed if isinstance(x, Tensor) else x


def _dtype(x):
    kind = np.dtype(x.dtype).kind
    return str(x.dtype) if kind in "iub" else str(np.dtype(jax_dtype(str(x.dtype))))


def _plain(held: Any) -> str:
    """Return what is no tensor as text; objects stand by their identity."""
    return repr(held) if isinstance(held, (int, float, str, bytes, type(None))) else f"{type(held)} {id(held)}"


_OF_TENSORFLOW = "input_signature autograph jit_compile reduce_retracing experimental_relax_shapes experimental_compile"


def function(python_function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Decorate a function so that it runs as one compiled program.

    It is called on symbols once for each shape of its arguments, with tapes, updates of metrics and steps of
    optimizers recorded. A function that needs values in Python runs by Python, on arrays, and says so once.

    # Arguments
        python_function: the function, of arrays in any structure; other arguments are constants of a program.
        options: arguments of `tf.function`, which have no effect.

    >>> from horngate import backend as K
    >>> double = function(lambda x: K.sum(x * 2.0))
    >>> float(double(np.ones(3)))
    6.0
    """
    known = sorted(_OF_TENSORFLOW.split())
    for name in options.keys() - {*known}:
        raise TypeError(f"function has no argument {name!r}. It takes a Python function; {', '.join(known)}.")
    return CompiledFunction(python_function) if python_function is not None else CompiledFunction
