"""`theano.scan` on JAX's loops: steps over sequences, with outputs of earlier steps."""

from collections.abc import Sequence
from typing import Any

from horngate.backend.recurrence import scanned


def _listed(value):
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def scan(
    fn: Any,
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: Any = None,
    go_backwards: bool = False,
    **ignored: Any,
) -> tuple[Any, dict[Any, Any]]:
    """Call `fn` for each step, and stack what it returns: (outputs, {}).

    # Arguments
        fn: takes a part of each sequence, the earlier outputs, then the further arguments.
        sequences: what it runs over along the first axis.
        outputs_info: the first value of each output; None for one that no step reads.
        non_sequences: further arguments.
        n_steps: how many steps; None for all of the sequences.
        go_backwards: begin at the end of the sequences.
        ignored: settings without effect.
    """
    found = _listed(sequences)
    if any(isinstance(each, dict) for each in [*found, *_listed(outputs_info)]):
        raise ValueError("theano.scan: taps are not lent to programs; write the loop with K.rnn or jax.lax.scan.")
    several = isinstance(outputs_info, (list, tuple)) and len(outputs_info) > 1
    first, more = _listed(outputs_info), _listed(non_sequences)
    outputs: Any = scanned(fn, found, first, more, n_steps, go_backwards)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return (list(outputs) if several or len(outputs) > 1 else outputs[0]), {}


def mapped(fn: Any, sequences: Any, non_sequences: Sequence[Any] = (), **ignored: Any) -> Any:
    """`theano.map`: `scan` without earlier outputs."""
    return scan(fn, sequences, None, non_sequences)
