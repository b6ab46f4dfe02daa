"""Inference of shapes: a function is traced without computing, with stand-ins for unknown sizes."""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from horngate.backend.dtypes import jax_dtype
from horngate.backend.graph import Scope, Tensor, Variable, filled, is_size
from horngate.backend.running import NeedsValues
from horngate.backend.types import Shape

# Two stand-ins for an unknown size: a traced dimension that differs between them is unknown too.
_PROBE_SIZES = (240, 480)
_COMPUTED_SIZES = (6, 12)
_MOST_GUESSES = 200  # sizes tried where the stand-ins do not fit, before their error is raised


@dataclass(eq=False)
class Unknown:
    """The traced shape and dtype of an output; unknown sizes are None."""

    shape: Shape
    dtype: Any


def infer(
    run: Callable[["Scope"], Any],
    symbols: Sequence[Tensor | Variable],
    others: Sequence[Any] = (),
    may_compute: bool = True,
) -> Any:
    """Find the shapes and dtypes of the result of `run(scope)`: trace with stand-ins for unknown sizes of `symbols`.

    If the stand-ins do not fit, try sizes that occur in `symbols` or in the arrays among `others` for some of the
    unknown sizes, as few as possible; the rest stay unknown.

    `may_compute`: whether what needs numbers is computed from some, instead of raising NeedsValues.
    """
    tensors = list(dict.fromkeys(stood_in_for(symbols)))
    free = [(tensor, axis) for tensor in tensors for axis, size in enumerate(tensor.shape) if size is None]
    try:
        return _found(run, tensors, {}, bool(free))
    except NeedsValues:
        if not may_compute:
            raise
        return _merged([probe(run, tensors, size, _computing(size)) for size in _COMPUTED_SIZES], computed=True)
    except (TypeError, ValueError) as error:
        shapes = [getattr(x, "shape", ()) for x in (*symbols, *others)]
        sizes = dict.fromkeys(n for shape in shapes for n in shape if n)
        for guess in _guesses(free, sizes):
            with contextlib.suppress(TypeError, ValueError):
                return _found(run, tensors, guess, len(guess) < len(free))
        if str(_PROBE_SIZES[0]) in str(error):
            error.add_note(
                f"({_PROBE_SIZES[0]} stands for a size that nothing has told yet, such as the number of samples. Where "
                "the program needs a certain one, tell it: Input(batch_shape=...), batch_input_shape=...)"
            )
        raise


def _found(run, tensors, guess, unknown):
    """Trace with the sizes in `guess`; twice, with different stand-ins, if others are still unknown."""
    return _merged([probe(run, tensors, size, guess=guess) for size in _PROBE_SIZES[: 1 + unknown]])


def _computing(size):
    """Return what computes a function instead of tracing it: from zeros for the first size, from ones for others."""

    def compute(function: Callable[..., Any], avals: Any) -> Any:
        with jax.disable_jit():
            return function([np.full(a.shape, size != _COMPUTED_SIZES[0], a.dtype) for a in avals])

    return compute


def _guesses(free, sizes):
    """Yield dictionaries from some of the unknown sizes `free` to one of `sizes` each, those with fewest keys first."""

    def every():
        for count in range(1, len(free) + 1):
            for chosen in itertools.combinations(free, count):
                yield from (dict(zip(chosen, values)) for values in itertools.product(sizes, repeat=count))

    return itertools.islice(every(), _MOST_GUESSES)


def _merged(found, computed=False):
    """Combine two traces: a size that differs between them is unknown, and one that is 0 where they were computed."""

    def merge(first, other):
        if not hasattr(first, "shape"):
            return first
        shape = tuple(a if a == b and (a or not computed) else None for a, b in zip(first.shape, other.shape))
        return Unknown(shape, first.dtype)

    return jax.tree.map(merge, found[0], found[-1])


def stood_in_for(symbols: Iterable[Tensor | Variable]) -> Iterator[Tensor]:
    """Yield the tensors that need stand-ins; for a size, the tensors from which it is computed."""
    for symbol in symbols:
        if isinstance(symbol, Tensor) and symbol.is_size and symbol.node:
            yield from stood_in_for(symbol.node.symbols())
        elif isinstance(symbol, Tensor):
            yield symbol


def probe(
    run: Callable[["Scope"], Any],
    tensors: Sequence[Tensor],
    size: int,
    trace: Callable[..., Any] = jax.eval_shape,
    guess: dict[tuple[Tensor, int], int] | None = None,
) -> Any:
    """Apply `trace` to `run(scope)`, with `size` in place of each unknown size of `tensors`.

    `guess`: (tensor, axis) -> another size to use there.
    """
    static = {}

    def traced(values):
        scope = Scope(feeds=dict(zip(tensors, values)), key=np.zeros(2, np.uint32), live=True)
        scope.stand_in, scope.guessed = size, {size, *(guess or {}).values()}
        with scope:
            result = run(scope)
        if is_size(result):
            static["result"] = result
            return None
        return result

    sizes = [[(guess or {}).get((t, i), n) for i, n in enumerate(filled(t.shape, size))] for t in tensors]
    avals = [jax.ShapeDtypeStruct(shape, jax_dtype(t.dtype)) for t, shape in zip(tensors, sizes)]
    result = trace(traced, avals)
    return static.get("result", result)
