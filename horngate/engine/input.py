"""Input: the symbolic tensors where data enter a model, and their layers."""

# mypy: disable-error-code="misc"
# Names of Keras 3 for arguments that the base declares.

from collections.abc import Sequence
from typing import Any

from horngate import backend as K
from horngate.backend import graph
from horngate.backend.graph import Tensor, Variable
from horngate.backend.orders import of_eras
from horngate.backend.types import TensorLike
from horngate.engine import sizes
from horngate.engine.arguments import attribute
from horngate.engine.attributes import Shapes
from horngate.engine.layer import Layer, Node


def _refuse(name: str, ragged: Any, optional: Any) -> None:
    if ragged:
        raise ValueError(f"{name}, argument 'ragged': must be False. Pad the sequences: pad_sequences, with a Masking.")
    if optional:
        raise ValueError(f"{name}, argument 'optional': must be False. Make a second model without this input.")


def _with_batch(name: str, shape: Any, batch_shape: Any, batch_size: int | None) -> Any:
    """Return the shape of the batch, where `batch_size` is told; else `batch_shape`."""
    if batch_size is None:
        return batch_shape
    if shape is None:
        raise ValueError(f"{name}: batch_size goes with `shape`; batch_shape and tensor hold it themselves.")
    return (sizes.checked_batch(batch_size), *shape)


class InputLayer(Layer):
    """The place where data enter a graph of layers.

    # Arguments
        input_shape: shape of one sample, without the batch size.
        batch_input_shape: shape of the batch: the batch size or None, then the shape of one sample.
        input_dtype: dtype of the data; default: that of `input_tensor`, else `K.floatx()`.
        input_tensor: tensor to wrap; by default a new one is made. A variable's input is fed nothing.
        sparse: only stored in the configuration; sparse matrices are made dense batch by batch.
        name: string, unique within a model.
        batch_size: number of samples in a batch, beside `input_shape`; None for any.
        ragged, optional: must be False: sequences are padded (`pad_sequences`), and each input has data.
    """

    sparse: bool = attribute()

    def __init__(
        self,
        input_shape: Shapes = None,
        batch_input_shape: Sequence[int | None] | None = None,
        input_dtype: Any = None,
        input_tensor: Any = None,
        sparse: bool = False,
        name: str | None = None,
        *,
        batch_size: int | None = None,
        ragged: bool | None = None,
        optional: bool = False,
    ) -> None:
        _refuse("InputLayer", ragged, optional)
        shape = _with_batch("InputLayer", input_shape, batch_input_shape, batch_size)
        if shape is None and input_shape is not None:
            shape = sizes.told(type(self), "input_shape", input_shape, samples=(None,))
        if isinstance(input_tensor, Variable):
            input_tensor = K.identity(input_tensor)
        if shape is None and input_tensor is not None:
            shape = input_tensor.shape
        if shape is None:
            raise ValueError("InputLayer needs input_shape, batch_input_shape or input_tensor.")
        super().__init__(name=name, batch_input_shape=shape, input_dtype=input_dtype)
        self.built: bool = True
        self.trainable: bool = False
        if input_tensor is None:
            input_tensor = Tensor(self.batch_input_shape, self.input_dtype, name=self.name)
        self.input_dtype: Any = input_tensor.dtype
        input_tensor._keras_history, input_tensor._keras_mask = (self, 0, 0), None
        tensors, shapes = [input_tensor], [input_tensor.shape]
        self.inbound_nodes.append(Node(self, [], [], [], tensors, tensors, [None], [None], shapes, shapes))

    def _unique_name(self):
        return super()._unique_name() if self._era.name == "3" else f"input_{graph.get_uid('input')}"

    @property
    def batch_shape(self) -> Any:
        """The shape of the batch: `batch_input_shape` under its name in Keras 3."""
        return self.batch_input_shape

    @property
    def dtype(self) -> Any:
        """The dtype of the data: `input_dtype` under its name in Keras 2 and 3."""
        return self.input_dtype

    def _described(self) -> dict[str, Any]:
        return {
            "batch_input_shape": self.batch_input_shape,
            "input_dtype": self.input_dtype,
            "sparse": self.sparse,
            "name": self.name,
        }


@of_eras
def Input(
    shape: Sequence[int | None] | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    dtype: Any = None,
    sparse: bool = False,
    tensor: TensorLike = None,
    batch_size: int | None = None,
    *,
    ragged: bool | None = None,
    optional: bool = False,
) -> Any:
    """Make a symbolic tensor where data enter a model.

    # Arguments
        shape: shape of one sample, without the batch size.
        batch_shape: shape of the batch: the batch size or None, then the shape of one sample.
        name: string, unique within a model.
        dtype: dtype of the data; default: `K.floatx()`.
        sparse: only stored in the configuration; sparse matrices are made dense batch by batch.
        tensor: tensor to wrap; by default a new one is made. A variable's input is fed nothing.
        batch_size: number of samples in a batch, beside `shape`; None for any.
        ragged, optional: must be False: sequences are padded (`pad_sequences`), and each input has data.

    >>> Input(shape=(32,)).shape
    (None, 32)
    """
    if shape is None and batch_shape is None and tensor is None:
        raise ValueError("Input needs `shape` (of one sample) or `batch_shape`: Input(shape=(784,)), say.")
    if shape is not None and not isinstance(shape, (tuple, list)):
        raise TypeError(f"Input: shape must be a tuple like (784,); received {shape!r}. A comma may be missing.")
    _refuse("Input", ragged, optional)
    if batch_size is not None:
        batch_shape, shape = _with_batch("Input", shape, batch_shape, batch_size), None
    layer = InputLayer(
        input_shape=shape,
        batch_input_shape=batch_shape,
        input_dtype=dtype,
        input_tensor=tensor,
        sparse=sparse,
        name=name,
    )
    return layer.inbound_nodes[0].output_tensors[0]
