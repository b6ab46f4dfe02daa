"""The front of a graph: the calls that take texts, run on the host, batch by batch, before the program."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate.backend.dtypes import jax_dtype
from horngate.backend.graph import Tensor

TEXT = "string"  # the dtype of tensors that stand for texts


class _Fed(Tensor):
    """What the program of a model that takes texts is fed in one `call` of it, for the tensor `inner` of its own."""

    def __init__(self, call: Any, inner: Tensor) -> None:
        super().__init__(inner.shape, inner.dtype, name=inner.name)
        self.call, self.inner = call, inner


def refuse_texts(layer: Any, inputs: Sequence[Any]) -> None:
    """Raise TypeError if texts are among the symbolic `inputs` of a `layer` that takes numbers."""
    if any(isinstance(x, Tensor) and x.dtype == TEXT for x in inputs) and not (
        layer._on_host or layer._is_graph and layer._front
    ):
        raise TypeError(
            f"{type(layer).__name__} {layer.name} takes numbers; received texts, an input of dtype 'string'. Put a "
            "TextVectorization, StringLookup or Hashing layer before it."
        )


def on_stand_ins(layer: Any, inputs: Sequence[Tensor]) -> list[tuple[Any, str]]:
    """Return (shape, dtype) of the output of a `layer` that works on the host, from its output for made-up inputs."""
    found = []
    for size in (2, 3):  # a size that differs is unknown
        shapes = [tuple(size if n is None else n for n in x.shape) for x in inputs]
        texts = [np.full(shape, " ".join("a" * size), object) for shape in shapes]
        made: list[Any] = [text if x.dtype == TEXT else np.zeros(text.shape, int) for x, text in zip(inputs, texts)]
        try:
            found.append(np.asarray(layer._on_stand_in(made[0] if len(made) == 1 else made)))
        except TypeError as error:
            raise TypeError(
                f"{type(layer).__name__} {layer.name} takes texts; received inputs of dtype "
                f"{', '.join(x.dtype for x in inputs)}. Make its input Input(shape=(1,), dtype='string')."
            ) from error
    if found[0].dtype.kind not in "biuf":
        raise TypeError(
            f"{type(layer).__name__} {layer.name} gives texts, which no model does: call it on the model's outputs, "
            f"{layer.name}(model.predict(x))."
        )
    shape = tuple(a if a == b else None for a, b in zip(found[0].shape, found[1].shape))
    return [(shape, str(jax_dtype(found[0].dtype)))]


class Front:
    """What is computed on the host from the `inputs` of a graph, and fed to its compiled program.

    `fed`: the tensors in whose place the program is fed arrays: inputs that are numbers, and what the host makes.
    """

    def __init__(self, inputs: Sequence[Tensor], fed: Sequence[Tensor]) -> None:
        self.inputs, self.fed = list(inputs), list(fed)

    def values(self, arrays: Sequence[Any], wanted: Sequence[Tensor] = ()) -> list[Any]:
        """Return the arrays to feed, or those for the tensors `wanted`, for `arrays` in the place of the inputs."""
        known: dict[Tensor, Any] = {}
        for x, array in zip(self.inputs, arrays):
            array = np.asarray(array)
            known[x] = array[..., None] if array.ndim == len(x.shape) - 1 and x.shape[-1] == 1 else array
        return [_value(x, known) for x in wanted or self.fed]

    def fed_in(self, call: Any) -> list[Tensor]:
        """Return what the program is fed in a `call` of the graph by another one."""
        taken = dict(zip(self.inputs, call.input_tensors))
        return [taken[x] if x in taken else _Fed(call, x) for x in self.fed]

    def read(self, arrays: Sequence[Any]) -> list[Any]:
        """Return what is fed for whole data: rows of it are computed when they are read."""
        taken = dict(zip(self.inputs, arrays))
        return [taken[x] if x in taken else Rows(self, x, arrays) for x in self.fed]


class Rows:
    """Rows of what the front makes of `arrays` for the tensor `x`, computed when they are read, as those of a file."""

    shape: tuple[Any, ...]
    dtype: Any
    ndim: int

    def __init__(self, front: Front, x: Tensor, arrays: Sequence[Any]) -> None:
        self._front, self._x, self._arrays = front, x, arrays
        self.shape, self.dtype = (len(arrays[0]), *x.shape[1:]), np.dtype(x.dtype)
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, chosen: Any) -> np.ndarray:
        return np.asarray(self._front.values([array[chosen] for array in self._arrays], [self._x])[0], self.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype)


def front_of(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> Front | None:
    """Return the front of the graph from `inputs` to `outputs`; None if its program takes all inputs as they are.

    Raises TypeError if a layer that works on the host would take what trained weights compute.
    """
    fed, seen, stack = [], set(), list(reversed(outputs))
    while stack:
        if (x := stack.pop()) in seen:
            continue
        seen.add(x)
        if _is_fed(x):
            fed.append(x)
            _check_before(x)
        elif x.node is not None:
            stack.extend(s for s in reversed(list(x.node.symbols())) if isinstance(s, Tensor))
    if not any(map(_is_fed, fed)):
        return None
    return Front(inputs, [*(x for x in inputs if x in seen and x.dtype != TEXT), *fed])


def _is_fed(x):
    return isinstance(x, _Fed) or getattr(getattr(x.node, "outbound_layer", None), "_on_host", False)


def _call_of(x):
    return x.call if isinstance(x, _Fed) else x.node


def _check_before(x):
    stack, host = list(_call_of(x).input_tensors), _call_of(x).outbound_layer
    while stack:
        node = _call_of(stack.pop())
        layer = getattr(node, "outbound_layer", None)
        if layer is not None and layer.trainable_weights:
            raise TypeError(
                f"{type(host).__name__} {host.name} works on the host, before the compiled program, and cannot take "
                f"what {layer.name} ({type(layer).__name__}) computes with trained weights. Give it an input."
            )
        stack.extend(s for s in getattr(node, "input_tensors", ()) if isinstance(s, Tensor) and s.node is not node)


def _value(x, known):
    """Return the value of the tensor `x`; the dictionary `known` holds values by tensor, and gets those computed."""
    if x not in known:
        call = _call_of(x)
        given = [_value(each, known) for each in call.input_tensors]
        if isinstance(x, _Fed):
            front = call.outbound_layer._front
            made = {y.inner: y for y in call.fed if isinstance(y, _Fed)}
            known.update(zip(made.values(), front.values(given, list(made))))
        else:
            known.update(zip(call.outputs, call.again(given, [None] * len(given))[0]))
    return known[x]
