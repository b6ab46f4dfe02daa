"""What is compared: networks as rows of data, the shapes and numbers of their samples, and what is measured of each.

A row of a network is a kind followed by its arguments:

    ("dense", units, activation)                      ("embedding", words, features)
    ("conv", filters, size, activation, stride, pad)  ("lstm" | "gru" | "bidirectional", units)
    ("pool", size, stride)                            ("mean",)  over steps, or over rows and columns
    ("norm",) ("activation", name) ("dropout", rate)  ("residual", rows, rows of the shortcut)
    ("depthwise", size, stride, pad)                  ("tokens",)  rows and columns become steps
    ("positions",)  a learned vector for each step    ("layer_norm",)  of each step
    ("attention", heads, causal)  of the steps to each other

Images are written (rows, columns, channels) here; a workload of ordering `th` hands them over channels first.
"""

from dataclasses import dataclass, replace
from math import prod

EPSILON = 1e-3  # of batch normalization


@dataclass(frozen=True)
class Workload:
    """A network, its data, and what is measured: `train`, `predict`, `one` (latency), `step` (one batch), `build`."""

    network: tuple
    shape: tuple
    batch: int
    rows: int
    words: int = 0  # the vocabulary, where samples are sequences of words
    ordering: str = "tf"
    measures: tuple = ("train",)
    warm_epochs: int = 3
    repeats: int = 9  # at most; long workloads are repeated less
    checked: bool = True  # whether equal mathematics are worth a check that no other workload makes
    rate: float = 0.001  # of Adam, with which all are trained
    own_step: str = ""  # the class of `contenders.own_steps` with which it is trained, where users write the step

    @property
    def classes(self):
        """Outputs of the network: 1 for a probability, more for a softmax."""
        return self.network[-1][1] if self.network else 0

    @property
    def of_steps(self):
        """Whether each step of a sample has a class of its own."""
        shape = self.shape
        for row in self.network:
            shape = shape_after(row, shape)
        return len(shape) > 1

    @property
    def channels_first(self):
        """Whether samples are images handed over with their channels first."""
        return self.ordering == "th" and len(self.shape) == 3

    @property
    def input_shape(self):
        """The shape of a sample as it is handed over."""
        return self.shape[-1:] + self.shape[:-1] if self.channels_first else self.shape

    def without_dropout(self):
        """The same network, repeatable from one library to another."""
        kept = tuple(row for row in self.network if row[0] != "dropout")
        return replace(self, network=kept)


def dense_network(*units, dropout=None):
    """Dense layers with relu, the last with softmax."""
    between = [("dropout", dropout)] if dropout else []
    hidden = [row for n in units[:-1] for row in [("dense", n, "relu"), *between]]
    return (*hidden, ("dense", units[-1], "softmax"))


def normalized_block(filters):
    """Twice convolution, normalization and relu, then max-pooling."""
    once = (("conv", filters, 3, None, 1, 1), ("norm",), ("activation", "relu"))
    return (*once, *once, ("pool", 2, 2))


def bottleneck(filters, stride, project):
    """A block of ResNet50 (He et al., 2015): 1x1, 3x3 and 1x1 convolutions beside a shortcut."""
    branch = (
        ("conv", filters, 1, None, stride, 0),
        ("norm",),
        ("activation", "relu"),
        ("conv", filters, 3, None, 1, 1),
        ("norm",),
        ("activation", "relu"),
        ("conv", 4 * filters, 1, None, 1, 0),
        ("norm",),
    )
    shortcut = (("conv", 4 * filters, 1, None, stride, 0), ("norm",)) if project else ()
    return ("residual", branch, shortcut), ("activation", "relu")


def resnet50():
    """ResNet50 for a thousand classes."""
    rows = [("conv", 64, 7, None, 2, 3), ("norm",), ("activation", "relu"), ("pool", 3, 2)]
    for filters, stride, blocks in ((64, 1, 3), (128, 2, 4), (256, 2, 6), (512, 2, 3)):
        for block in range(blocks):
            rows += bottleneck(filters, 1 if block else stride, project=block == 0)
    return (*rows, ("mean",), ("dense", 1000, "softmax"))


def transformer(blocks, width, heads, causal):
    """Blocks of attention and of two dense layers, each behind a normalization and beside a shortcut."""
    attention = ("residual", (("layer_norm",), ("attention", heads, causal)), ())
    dense = ("residual", (("layer_norm",), ("dense", 4 * width, "gelu"), ("dense", width, None)), ())
    return (("positions",), *(attention, dense) * blocks, ("layer_norm",))


def mobilenet():
    """A chain of depthwise and 1 x 1 convolutions (Howard et al., 2017), a quarter as wide."""
    rows = [("conv", 8, 3, None, 2, 1), ("norm",), ("activation", "relu")]
    for filters, stride in ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1)):
        rows += [("depthwise", 3, stride, 1), ("norm",), ("activation", "relu")]
        rows += [("conv", filters, 1, None, 1, 0), ("norm",), ("activation", "relu")]
    return (*rows, ("mean",), ("dense", 100, "softmax"))


CONVOLUTIONAL = (
    ("conv", 32, 3, "relu", 1, 0),
    ("conv", 32, 3, "relu", 1, 0),
    ("pool", 2, 2),
    ("dropout", 0.25),
    ("flatten",),
    ("dense", 128, "relu"),
    ("dropout", 0.5),
    ("dense", 10, "softmax"),
)
TINY = dense_network(32, 10)
MLP = dense_network(512, 512, 10, dropout=0.2)
CNN = Workload(CONVOLUTIONAL, (28, 28, 1), batch=128, rows=2_560, warm_epochs=2, repeats=2)
LSTM = Workload(
    (("embedding", 20_000, 128), ("lstm", 128), ("dense", 1, "sigmoid")),
    (80,),
    batch=32,
    rows=1_600,
    words=20_000,
    warm_epochs=2,
    repeats=2,
)


def recurrent(kind):
    """256 units of a kind over the words of `lstm`."""
    rows = (("embedding", 20_000, 128), (kind, 256), ("dense", 1, "sigmoid"))
    return replace(LSTM, network=rows, rows=640, repeats=1)


WORKLOADS = {
    "tiny": Workload(TINY, (64,), batch=32, rows=1_437, warm_epochs=19, repeats=3),
    "mlp": Workload(MLP, (784,), batch=128, rows=60_000, warm_epochs=2, repeats=2),
    "cnn": CNN,
    "cnn_th": replace(CNN, ordering="th", checked=False),
    "bncnn": Workload(
        (*normalized_block(32), *normalized_block(64), *normalized_block(128), ("flatten",), ("dense", 10, "softmax")),
        (32, 32, 3),
        batch=128,
        rows=1_280,
        warm_epochs=2,
        repeats=1,
    ),
    "lstm": LSTM,
    "gru": recurrent("gru"),
    "bidirectional": recurrent("bidirectional"),
    "embedding": Workload(
        (("embedding", 20_000, 50), ("mean",), ("dense", 1, "sigmoid")),
        (400,),
        batch=32,
        rows=6_400,
        words=20_000,
        warm_epochs=2,
        repeats=2,
    ),
    "gpt": Workload(
        (("embedding", 1_000, 192), *transformer(6, 192, 6, True), ("dense", 1_000, "softmax")),
        (128,),
        batch=16,
        rows=128,
        words=1_000,
        warm_epochs=2,
        repeats=1,
    ),
    "vit": Workload(
        (
            ("conv", 192, 8, None, 8, 0),
            ("tokens",),
            *transformer(6, 192, 6, False),
            ("mean",),
            ("dense", 100, "softmax"),
        ),
        (64, 64, 3),
        batch=32,
        rows=320,
        warm_epochs=2,
        repeats=1,
    ),
    "mobilenet": Workload(mobilenet(), (96, 96, 3), batch=32, rows=320, warm_epochs=2, repeats=1),
    "resnet50": Workload(
        resnet50(), (224, 224, 3), batch=8, rows=16, measures=("train", "predict"), warm_epochs=2, repeats=1
    ),
    "custom_step": replace(CNN, own_step="CustomStep"),
    "gan": Workload((), (28, 28, 1), batch=64, rows=1_280, warm_epochs=2, repeats=2, own_step="Gan", checked=False),
    "vae": Workload((), (28, 28, 1), batch=64, rows=1_280, warm_epochs=2, repeats=2, own_step="Vae", checked=False),
    "predict1": Workload(MLP, (784,), batch=128, rows=256, measures=("one",), repeats=3),
    "train_on_batch": Workload(TINY, (64,), batch=32, rows=1_437, measures=("step",), checked=False, repeats=3),
    "build_dense": Workload(dense_network(*[16] * 999, 10), (16,), batch=32, rows=0, measures=("build",), repeats=2),
    "build_resnet50": Workload(resnet50(), (224, 224, 3), batch=8, rows=0, measures=("build",), repeats=2),
}

# rows and batch that keep a GPU busy
GPU_SIZES = {
    "mlp": (60_000, 256),
    "cnn": (60_000, 256),
    "cnn_th": (60_000, 256),
    "bncnn": (25_600, 256),
    "lstm": (25_600, 128),
    "gru": (25_600, 128),
    "bidirectional": (25_600, 128),
    "embedding": (25_600, 256),
    "gpt": (12_800, 64),
    "vit": (12_800, 128),
    "mobilenet": (12_800, 256),
    "resnet50": (512, 64),
}


def sized(name, sizes="cpu"):
    """A workload of that name, with the rows and the batch for a kind of device, `cpu` or `gpu`."""
    workload = WORKLOADS[name]
    rows, batch = GPU_SIZES.get(name, (workload.rows, workload.batch)) if sizes == "gpu" else (0, 0)
    return replace(workload, rows=rows, batch=batch) if rows else workload


def shape_after(row, shape):
    """The shape of a sample behind a row."""
    kind, *rest = row
    if kind == "dense":
        return (*shape[:-1], rest[0])
    if kind in ("lstm", "gru"):
        return (rest[0],)
    if kind == "bidirectional":
        return (2 * rest[0],)
    if kind == "embedding":
        return (*shape, rest[1])
    if kind == "conv":
        filters, size, _, stride, pad = rest
        return tuple((n + 2 * pad - size) // stride + 1 for n in shape[:-1]) + (filters,)
    if kind == "depthwise":
        return tuple((n + 2 * rest[2] - rest[0]) // rest[1] + 1 for n in shape[:-1]) + shape[-1:]
    if kind == "tokens":
        return (prod(shape[:-1]), shape[-1])
    if kind == "pool":
        return tuple((n - rest[0]) // rest[1] + 1 for n in shape[:-1]) + shape[-1:]
    if kind == "residual":
        for inner in rest[0]:
            shape = shape_after(inner, shape)
        return shape
    return {"flatten": (prod(shape),), "mean": shape[-1:]}.get(kind, shape)


def walk(network, shape):
    """Every row with the shape of a sample in front of it; a residual block's branch comes before its shortcut."""
    for row in network:
        if row[0] == "residual":
            yield from walk(row[1], shape)
            yield from walk(row[2], shape)
        else:
            yield row, shape
        shape = shape_after(row, shape)


GATES = {"lstm": 4, "gru": 3}


def weight_shapes(row, shape):
    """The shapes of a row's trained weights: kernel and bias; gamma and beta; W, U and b of i, f, c, o or z, r, h."""
    kind, features = row[0], shape[-1]
    if kind == "dense":
        return [(features, row[1]), (row[1],)]
    if kind == "conv":
        return [(row[2], row[2], features, row[1]), (row[1],)]
    if kind in ("norm", "layer_norm"):
        return [(features,), (features,)]
    if kind == "depthwise":
        return [(row[1], row[1], 1, features), (features,)]
    if kind == "positions":
        return [tuple(shape)]
    if kind == "attention":  # kernel and bias of queries, keys, values, and of the outputs
        return 4 * [(features, features), (features,)]
    if kind == "embedding":
        return [row[1:]]
    if kind in GATES:
        width = GATES[kind] * row[1]
        return [(features, width), (row[1], width), (width,)]
    if kind == "bidirectional":
        return 2 * weight_shapes(("lstm", row[1]), shape)
    return []


def initial_weights(workload, seed=1):
    """A list of the weights of each row that has any, as NumPy arrays: uniform as Glorot and Bengio draw them."""
    import numpy as np

    random = np.random.default_rng(seed)

    def drawn(shape):
        if len(shape) == 1:
            return np.zeros(shape, np.float32)
        limit = np.sqrt(6 / (prod(shape[:-1]) + shape[-1] * prod(shape[:-2])))
        return random.uniform(-limit, limit, shape).astype(np.float32)

    weights = []
    for row, shape in walk(workload.network, workload.shape):
        found = [drawn(each) for each in weight_shapes(row, shape)]
        if row[0] in ("norm", "layer_norm"):
            found[0] += 1
        if found:
            weights.append(found)
    return weights


def columns_by_channel(workload, kernel):
    """The rows of a dense kernel, where they follow flattened images, for features that come channel by channel."""
    shape = workload.shape
    for row in workload.network:
        if row[0] == "flatten" and len(shape) == 3 and len(kernel) == prod(shape):
            return kernel.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
        shape = shape_after(row, shape)
    return kernel


def data(workload, rows):
    """Random samples and the numbers of their classes, as NumPy arrays."""
    import numpy as np

    random = np.random.default_rng(0)
    if workload.words:
        X = random.integers(workload.words, size=(rows, *workload.shape), dtype=np.int32)
    else:
        X = random.random((rows, *workload.input_shape), dtype=np.float32)
    classes = (rows, workload.shape[0]) if workload.of_steps else rows
    return X, random.integers(max(2, workload.classes), size=classes)
