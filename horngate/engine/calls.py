"""The calls of a layer: the tensors, masks and shapes of each call, or of the only one."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any, ClassVar

import jax

from horngate.backend.graph import Tensor
from horngate.backend.types import TensorLike
from horngate.engine.attributes import LayerAttributes, Shapes
from horngate.engine.node import Node, single


class Called(LayerAttributes):
    """The part of a layer that reports on its calls."""

    def _at(self, node_index, what):
        if not 0 <= node_index < len(self.inbound_nodes):
            raise ValueError(
                f"Layer {self.name} has been called {len(self.inbound_nodes)} times; there is no call {node_index}."
            )
        return single(getattr(self.inbound_nodes[node_index], what))

    def _only(self, what):
        if len(self.inbound_nodes) != 1:
            calls = "has not been called yet" if not self.inbound_nodes else "is shared: it has several calls"
            plural = what.removesuffix("s").replace("_tensor", "")
            raise AttributeError(f"Layer {self.name} {calls}. Use get_{plural}_at(node_index).")
        return self._at(0, what)

    _shape_by_call = False  # whether what tells the output shape needs what `call` kept
    _ran_on: Any = None  # (inputs, outputs) of a call within another layer, as pairs (shape, dtype)

    def within_another(self) -> "tuple[Node, list[Any]] | None":
        """Return (a call like the last one, its outputs), for a layer that only other layers call; else None.

        The call is for one sample, and no part of a graph. The outputs are pairs (shape, dtype).
        """
        if vars(self).get("inbound_nodes") or self._ran_on is None:
            return None
        given, made = self._ran_on
        inputs: list[Any] = [Tensor(shape, dtype) for shape, dtype in given]
        none: list[Any] = [None] * len(inputs)
        return Node(self, none, none, none, inputs, [], none, [], [tuple(x.shape) for x in inputs], []), made

    @contextlib.contextmanager
    def asked_for(self, input_shape: Shapes) -> Iterator[None]:
        """Within the block, `layer.input_shape` and `layer.output_shape` are those for an input of `input_shape`."""
        before, self._asked = self._asked, input_shape
        try:
            yield
        finally:
            self._asked = before

    def told_shape(self) -> Shapes:
        """Return the shape set by `asked_for`, else the one given to a layer not called yet, else None."""
        never_called = not vars(self).get("inbound_nodes")
        return vars(self).get("batch_input_shape") if self._asked is None and never_called else self._asked

    def _shape(self, what):
        if (told := self.told_shape()) is not None:
            return told if what == "input_shapes" else self.get_output_shape_for(told)
        shapes = {str(getattr(node, what)) for node in self.inbound_nodes}
        if len(shapes) == 1:
            return self._at(0, what)
        return self._only(what)

    @property
    def input(self) -> TensorLike:
        """The input of the only call."""
        return self._only("input_tensors")

    @property
    def output(self) -> TensorLike:
        """The output of the only call."""
        return self._only("output_tensors")

    input_mask: ClassVar[Any] = property(lambda self: self._only("input_masks"))
    output_mask: ClassVar[Any] = property(lambda self: self._only("output_masks"))
    input_shape: ClassVar[Any] = property(lambda self: self._shape("input_shapes"))
    output_shape: ClassVar[Any] = property(lambda self: self._shape("output_shapes"))

    def get_input_at(self, node_index: int) -> TensorLike:
        """Return the input of call `node_index`."""
        return self._at(node_index, "input_tensors")

    def get_output_at(self, node_index: int) -> TensorLike:
        """Return the output of call `node_index`."""
        return self._at(node_index, "output_tensors")

    def get_input_mask_at(self, node_index: int) -> TensorLike:
        """Return the input mask of call `node_index`."""
        return self._at(node_index, "input_masks")

    def get_output_mask_at(self, node_index: int) -> TensorLike:
        """Return the output mask of call `node_index`."""
        return self._at(node_index, "output_masks")

    def get_input_shape_at(self, node_index: int) -> Shapes:
        """Return the input shape of call `node_index`."""
        return self._at(node_index, "input_shapes")

    def get_output_shape_at(self, node_index: int) -> Shapes:
        """Return the output shape of call `node_index`."""
        return self._at(node_index, "output_shapes")


NEED_VALUES = (
    jax.errors.TracerArrayConversionError,
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerIntegerConversionError,
)


@contextlib.contextmanager
def in_words(who: str) -> Iterator[None]:
    """Run the block, a function of the program. Raises TypeError in words that help if it asks for values of tracers.

    JAX raises other errors than `NEED_VALUES` for `if x > 0` on several numbers, and for `x.numpy()`.
    """
    try:
        yield
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        by_jax = trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("jax.")
        other = by_jax and ("truth value of an array" in str(error) or str(error).endswith("no attribute numpy"))
        if not (other or isinstance(error, NEED_VALUES)):
            raise
        raise TypeError(
            f"{who} asks for the values of an array, which has none while the model is compiled. Use the functions of "
            "horngate.backend or jax.numpy in the place of NumPy's (K.abs, not np.abs), and K.switch in the place of "
            "`if`."
        ) from error


def beside_input(call: Any) -> tuple[bool, list[str]]:
    """Return (whether `call` takes the mask as second argument, which of `mask` and `training` it takes by name)."""
    parameters = list(inspect.signature(call).parameters.values())
    second, takes_any = parameters[2:3], any(p.kind is p.VAR_KEYWORD for p in parameters[:2])
    in_place = takes_any or any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) and p.name != "training" for p in second)
    by_name = [p.name for p in parameters[2:] if p.name in ("mask", "training") and p.kind is not p.VAR_KEYWORD]
    return in_place, [name for name in by_name if name != "mask" or not in_place]


def dropped_mask(layer: Any) -> str:
    """Return the warning of a layer that drops a mask."""
    return (
        f"Layer {layer.name} ({type(layer).__name__}) does not pass masks on: the layers behind it see all steps. Put "
        "a layer that needs the mask before it, or give its class `supports_masking = True`."
    )
