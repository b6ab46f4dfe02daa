"""Words of PyTorch and TensorFlow that mean nothing here: errors say what to use instead."""

from collections.abc import Collection
from typing import Any, Self

from horngate.utils.nearest import did_you_mean

_BY_ITSELF = "leave it out: the size of the input is found by itself"
_DEVICE = "leave it out: a GPU is used by itself, and `horngate.distribute` takes several"
_SCHEDULE = "give the optimizer a schedule of `optimizers.schedules`, or `fit` the callback `LearningRateScheduler`"
_DATA = "give `fit` the arrays and `batch_size`, or any iterable of batches (x, y)"
_TAPE = "compute the loss in `with horngate.GradientTape() as tape:`, then call `tape.gradient(loss, weights)`"

_ROWS = {
    # layers
    "Linear": "use `Dense(units)`: the size of the input is found by itself",
    "Conv1d Conv2d Conv3d": "use `Conv2D(filters, kernel_size)` or its kin: the channels of the input are found",
    "ConvTranspose1d ConvTranspose2d ConvTranspose3d": "use `Conv2DTranspose` or its kin",
    "BatchNorm1d BatchNorm2d BatchNorm3d": "use `BatchNormalization()`: the sizes are found by themselves",
    "LayerNorm": "use `LayerNormalization()`",
    "Dropout1d Dropout2d Dropout3d": "use `SpatialDropout2D` or its kin",
    "Upsample": "use `UpSampling2D`",
    "Sigmoid Tanh GELU SiLU": "give the layer before an `activation`, or use the layer `Activation('sigmoid')`",
    "Module": "derive from `Model` or `Layer`, and define `call`",
    "ModuleList ModuleDict ParameterList": "use a list or a dictionary: layers in attributes are found",
    "Parameter": "call `self.add_weight(...)` in `build`",
    "TransformerEncoderLayer TransformerEncoder": "use `MultiHeadAttention`, `LayerNormalization` and `Dense`",
    # modules and functions
    "nn": "use `horngate.layers`",
    "optim": "use `horngate.optimizers`",
    "tensor Tensor constant": "use arrays of NumPy",
    "no_grad": "leave it out: only a `GradientTape` keeps what gradients need",
    "manual_seed": "call `np.random.seed(0)`",
    "device cuda cpu to": _DEVICE,
    "save": "call `model.save(path)`",
    "load": "call `models.load_model(path)`",
    "data DataLoader TensorDataset Dataset": _DATA,
    "lr_scheduler StepLR CosineAnnealingLR OneCycleLR ReduceLROnPlateau": _SCHEDULE,
    "GradientTape": "use `horngate.GradientTape`",
    # losses and metrics
    "CrossEntropyLoss cross_entropy": "use 'sparse_categorical_crossentropy' after a softmax, or "
    "`losses.SparseCategoricalCrossentropy(from_logits=True)`",
    "NLLLoss nll_loss": "use 'sparse_categorical_crossentropy' after a softmax",
    "BCELoss": "use 'binary_crossentropy'",
    "BCEWithLogitsLoss": "use `losses.BinaryCrossentropy(from_logits=True)`",
    "MSELoss mse_loss": "use 'mse'",
    "L1Loss l1_loss": "use 'mae'",
    "SmoothL1Loss HuberLoss": "use 'huber'",
    "f1": "use 'f1score', or `metrics.F1Score()` for several classes",
    "r2": "use `metrics.R2Score()`",
    # arguments
    "lr learning_rate": "give it to the optimizer, as in `optimizers.Adam(learning_rate=0.01)`",
    "criterion": "name it `loss`",
    "in_features in_channels input_size": _BY_ITSELF,
    "out_features hidden_size": "name it `units`",
    "out_channels": "name it `filters`",
    "num_embeddings": "name it `input_dim`",
    "embedding_dim": "name it `output_dim`",
    "num_features normalized_shape": _BY_ITSELF,
    "batch_first": "leave it out: samples always come first",
    "num_layers": "make a layer for each, those before the last with `return_sequences=True`",
    "bidirectional": "put the layer into `Bidirectional`",
    # attributes
    "eval": "leave it out: `predict` and `evaluate` run without dropout, a call with `training=False` too",
    "train": "call `fit`; within a loop of your own, `model(x, training=True)`",
    "parameters named_parameters": "read `trainable_weights`",
    "modules children": "read `layers`",
    "state_dict": "use `get_weights()`, or `save_weights(path)`",
    "load_state_dict": "use `set_weights(arrays)`, or `load_weights(path)`",
    "zero_grad": "leave it out: each `GradientTape` begins anew",
    "backward": _TAPE,
    "forward": "call the model, or `predict`; in a class of your own, call the method `call`",
    "requires_grad": "set `trainable` of the layer, and compile the model again",
    "register_forward_hook": "make `Model(model.inputs, layer.output)`, which predicts the output of a layer",
}
_WORDS = {word: told for words, told in _ROWS.items() for word in words.split()}


def hint(name: object, known: Collection[object]) -> str:
    """Return what to use instead of the unknown `name`: that of another library, or like one in `known`; or ''."""
    told = _WORDS.get(str(name))
    return f" Instead, {told}." if told else did_you_mean(name, known)


def hint_of_package(name: str, known: Collection[object]) -> str:
    """Return `hint`, or for a name that only `horngate.keras3` has, how a program gets at it."""
    from horngate.dialects import later  # few programs need it

    told, of_3 = hint(name, known), later.names("3")
    how = " Keras 3 has it: `from horngate import keras3 as keras`, or `install_as('keras', facades=True)` in its era."
    return how if (name in of_3 or name in of_3[""]) and not told.startswith(" Instead") else told


class Stranger:
    """An attribute `name` that another library has: who reads or sets it is told what to use."""

    def __init__(self, name: str) -> None:
        self.name, self.__doc__ = name, f"Not here.{hint(name, ())}"

    def __get__(self, instance: Any, owner: Any = None) -> Self:
        if instance is None:
            return self
        raise AttributeError(f"{owner.__name__} has no attribute {self.name!r}.{hint(self.name, ())}", name="")

    def __set__(self, instance: Any, value: Any) -> None:
        self.__get__(instance, type(instance))


def __getattr__(name: str) -> Any:
    if name in _WORDS:
        return Stranger(name)
    raise AttributeError(name)
