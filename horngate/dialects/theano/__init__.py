"""The part of Theano that Keras programs use, on K: shared variables, functions, scans, and their modules."""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend import later
from horngate.dialects.lent import Lent, missing
from horngate.dialects.theano import tensors
from horngate.dialects.theano.loops import scan
from horngate.dialects.theano.random_streams import RandomStreams

__path__ = []
__version__ = "1.0.5"
tensor: Lent = tensors.tensor
grad = tensor.grad
Variable = K.Tensor


class In:
    """An input of a `function`, with a value if none is given."""

    def __init__(self, variable: Any, value: Any = None, name: str | None = None, **ignored: Any) -> None:
        self.variable, self.value, self.name = variable, value, name


Param = In


def shared(value: Any, name: str | None = None, **ignored: Any) -> Any:
    """Make a variable, like `K.variable`; whole numbers stay whole."""
    value = np.asarray(value)
    return K.variable(value, dtype=None if value.dtype.kind == "f" else str(value.dtype), name=name)


def function(
    inputs: Sequence[Any] = (), outputs: Any = None, updates: Any = (), givens: Any = None, **ignored: Any
) -> Any:
    """Return a compiled function with one argument for each input.

    # Arguments
        inputs: placeholders, or `In` with values.
        outputs: a tensor or a list of them; None for none.
        updates: pairs (variable, new value), or a dictionary.
        givens: what stands for placeholders; a dictionary or pairs.
        ignored: settings of Theano without effect here.
    """
    places = [each.variable if isinstance(each, In) else each for each in inputs]
    values = [each.value if isinstance(each, In) else None for each in inputs]
    pairs = list(getattr(givens or (), "items", lambda: givens or ())())
    if pairs:
        return _given(places, outputs, updates, pairs)
    run = K.function(places, [] if outputs is None else outputs, updates=_pairs(updates))
    rows = {place.name: number for number, place in enumerate(places) if place.name}

    def call(*given: Any, **named: Any) -> Any:
        filled = [*given, *values[len(given) :]]
        for name, value in named.items():
            filled[rows[name]] = value
        found = run(filled)
        return None if outputs is None else found

    return call


def _pairs(updates):
    return [tuple(pair) for pair in getattr(updates, "items", lambda: updates)()]


def _given(places, outputs, updates, pairs):
    """Return a function whose placeholders in `pairs` take the values of other symbols."""
    feeds = K.function(places, [value for _, value in pairs])
    run = K.function([*places, *(place for place, _ in pairs)], outputs, updates=_pairs(updates))
    return lambda *given: run([*given, *feeds(list(given))])


def clone(output: Any, replace: Any = None, **ignored: Any) -> Any:
    """`output` computed with other tensors in the place of some: `replace`, a dictionary or pairs."""
    pairs = _pairs(replace or ())
    if not pairs:
        return output
    several = isinstance(output, (list, tuple))
    places = [place for place, _ in pairs]
    found = later.replayed(list(output) if several else [output], places, [value for _, value in pairs])
    return found if several else found[0]


class _Settings:
    """`theano.config`: what programs read and set."""

    floatX = property(lambda self: K.floatx(), lambda self, value: K.set_floatx(value))  # noqa: N815  Theano's name

    def __init__(self) -> None:
        vars(self).update(device="jax", optimizer="fast_run", mode="JAX", compute_test_value="off")
        vars(self).update(exception_verbosity="low", openmp=True, allow_gc=True, warn_float64="ignore")


config: Any = _Settings()
_NOTHING = type("Shell", (), {"__init__": lambda self, *args, **kwargs: None})
printing: Any = Lent(
    "theano.printing", {"Print": lambda *args, **kwargs: lambda x: x, "pydotprint": lambda *args, **kwargs: None}
)
gradient: Any = Lent(
    "theano.gradient",
    {
        "grad": grad,
        "disconnected_grad": K.stop_gradient,
        "consider_constant": K.stop_gradient,
        "zero_grad": K.stop_gradient,
        "grad_clip": later.clipped_gradient,
    },
)
ifelse: Any = Lent(
    "theano.ifelse", {"ifelse": lambda condition, then, otherwise, **ignored: K.switch(condition, then, otherwise)}
)


def modules() -> dict[str, Any]:
    """Return the modules of Theano, full name -> module."""
    streams = {"RandomStreams": RandomStreams, "MRG_RandomStreams": RandomStreams}
    found = {
        "theano": importlib.import_module(__name__),
        **{module.__name__: module for module in (printing, gradient, ifelse, *tensors.MODULES)},
        "theano.tensor.shared_randomstreams": Lent("theano.tensor.shared_randomstreams", streams),
        "theano.sandbox": Lent("theano.sandbox", {}),
        "theano.sandbox.rng_mrg": Lent("theano.sandbox.rng_mrg", streams),
        "theano.sandbox.cuda": Lent(
            "theano.sandbox.cuda", {"use": lambda *args, **kwargs: None, "cuda_available": False, "cuda_enabled": False}
        ),
        "theano.compile": Lent("theano.compile", {}),
        "theano.compile.nanguardmode": Lent("theano.compile.nanguardmode", {"NanGuardMode": _NOTHING}),
        "theano.scan_module": Lent("theano.scan_module", {"scan": scan}),
    }
    for name, module in found.items():
        above, _, last = name.rpartition(".")
        if above:
            vars(found[above]).setdefault(last, module)
    return found


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("theano", name, globals()), name="")
