"""From a plan to a model with random weights and data for it; and small helpers that look at models."""

import contextlib

import numpy as np

from horngate import backend as K
from horngate import layers
from horngate.layers import Input
from horngate.models import Model, Sequential
from horngate.utils.generic_utils import register_keras_serializable
from tests.layers.conformance_table import ROWS
from tests.properties.plans import KINDS

_HOLD_A_LAYER = ("TimeDistributed", "Bidirectional", "RNN")  # the layer in the table serves one model


@register_keras_serializable()
def doubled(x):
    return 2 * x


@register_keras_serializable()
def squashed(x):
    return K.tanh(x) + 0.5


CUSTOM = {"doubled": doubled, "squashed": squashed}


def layer_of_row(row, i, /, **options):
    """The layer of a row of the conformance table."""
    _, args, kwargs = ROWS[row][i]
    cls = getattr(layers, row)
    options = {key: value for key, value in options.items() if value is not None}
    layer = cls(*args, **{**kwargs, **options})
    if row in _HOLD_A_LAYER:
        layer = cls.from_config(layer.get_config())
    return layer


def made(layer, ordering="th", **options):
    """The layer that a plan describes."""
    if layer.get("name"):
        options["name"] = layer["name"]
    if "row" in layer:
        return layer_of_row(*layer["row"], **{**(turned_options(*layer["row"]) if ordering == "tf" else {}), **options})
    if "function" in layer:
        return layers.Lambda(CUSTOM[layer["function"]], **options)
    if "wrap" in layer:
        return getattr(layers, layer["wrap"])(made(layer["layer"]), **layer["options"], **options)
    if "graph" in layer:
        return build(layer["graph"], name=layer.get("name"))
    name, args, kwargs = layer["make"]
    args = [tuple(a) if isinstance(a, list) else a for a in args]
    if name == "Merge":
        options = {key: value for key, value in options.items() if key == "name"}
    return getattr(layers, name)(*args, **kwargs, **options)


def turned_options(name, i):
    """The arguments by which a layer of channels first becomes one of channels last."""
    shapes, _, kwargs = ROWS[name][i]
    rank = len(shapes)
    found = {}
    if "axis" in kwargs and name == "BatchNormalization":
        found["axis"] = rank
    if "shared_axes" in kwargs:
        found["shared_axes"] = [axis - 1 for axis in kwargs["shared_axes"]]
    if name == "Deconvolution2D":
        n, channels, *window = kwargs["output_shape"]
        found["output_shape"] = (n, *window, channels)
    return found


def build(graph, batch=None, ordering="th", name=None):
    """The model of a graph."""
    name = name or graph["name"]
    shapes = [shape_of(kind, ordering) for kind in graph["inputs"]]
    if graph["kind"] == "Sequential":
        model = Sequential(name=name)
        for place, layer in enumerate(graph["layers"]):
            options = {}
            if place == 0 and "graph" not in layer:
                words = graph["inputs"][0] == "words"
                options = {"batch_input_shape": (batch, *shapes[0]), "input_dtype": "int32" if words else None}
            model.add(made(layer, ordering, **options))
        return model
    dtypes = ["int32" if kind == "words" else None for kind in graph["inputs"]]
    inputs = [Input(batch_shape=(batch, *shape), dtype=dtype) for shape, dtype in zip(shapes, dtypes)]
    built = [made(layer, ordering) for layer in graph["layers"]]
    known = {(-1, i): x for i, x in enumerate(inputs)}
    for c, (number, tensors) in enumerate(graph["calls"]):
        given = [known[tuple(t)] for t in tensors]
        outputs = built[number](given if len(given) > 1 else given[0])
        known.update({(c, o): y for o, y in enumerate(outputs if isinstance(outputs, list) else [outputs])})
    return Model(inputs, [known[tuple(t)] for t in graph["outputs"]], name=name)


def shape_of(kind, ordering="th"):
    shape = KINDS[kind] if isinstance(kind, str) else tuple(kind)
    return (*shape[1:], shape[0]) if ordering == "tf" and kind in ("image", "video") else shape


@contextlib.contextmanager
def ordered(ordering):
    """Within the block, images have their channels where `ordering` says."""
    previous = K.image_dim_ordering()
    K.set_image_dim_ordering(ordering)
    try:
        yield
    finally:
        K.set_image_dim_ordering(previous)


class Subject:
    """A model that a plan describes, with data, and the means to make it again.

    `frozen`: the paths of frozen layers, where not those of the plan.
    """

    def __init__(self, plan, frozen=None, ordering="th", seed=None):
        self.plan, self.rng = plan, np.random.RandomState((plan["seed"] if seed is None else seed) % 2**32)
        with ordered(ordering):
            self.model = build(plan["graph"], plan["batch"], ordering)
        randomize(self.model, self.rng)
        for path in plan["frozen"] if frozen is None else frozen:
            layer_at(self.model, plan["graph"], path).trainable = False

    def data(self, count=None):
        """Arrays for the inputs."""
        count = count or self.plan["batch"] or 3
        arrays = []
        for kind in self.plan["graph"]["inputs"]:
            shape = (count, *KINDS[kind])
            arrays.append(self.rng.randint(0, 7, shape) if kind == "words" else self.rng.uniform(-1, 1, shape))
        return [array if array.dtype.kind == "i" else array.astype(K.floatx()) for array in arrays]


def layer_at(model, graph, path):
    """The layer of a path of a plan, found by the calls that the graph describes."""
    layer = model
    for i in path:
        layer, graph = _layer_number(layer, graph, i), graph["layers"][i].get("graph")
    return layer


def _layer_number(model, graph, i):
    if graph["kind"] == "Sequential":
        return model.layers[i]
    found = {}
    stack = [(x, tuple(t)) for x, t in zip(model.outputs, graph["outputs"])]
    while stack:  # from the outputs upwards, the model beside its plan
        x, (c, _) = stack.pop()
        if c < 0:
            continue
        number, tensors = graph["calls"][c]
        layer, place, _ = x._keras_history
        found[number] = layer
        stack.extend(zip(layer.inbound_nodes[place].input_tensors, map(tuple, tensors)))
    return found[i]


def variables(model):
    """Every weight once."""
    return list(dict.fromkeys(model.weights))


def randomize(model, rng):
    """Weights that are all different from what layers begin with."""
    for weight in variables(model):
        value = rng.normal(0, 0.4, weight.shape)
        weight.set_value(np.abs(value) + 0.3 if "running_std" in weight.name else value)


def outputs(model, data):
    """The model's outputs for arrays, computed at once, operation by operation; its states are new before and after."""
    model.reset_states()
    found = model(data if len(data) > 1 else data[0])
    model.reset_states()
    return [np.asarray(y) for y in (found if isinstance(found, (list, tuple)) else [found])]


def assert_same(expected, got, rtol=1e-5, atol=1e-5):
    assert len(expected) == len(got), f"{len(expected)} outputs became {len(got)}"
    for i, (a, b) in enumerate(zip(expected, got)):
        assert a.shape == b.shape, f"output {i} of shape {a.shape} became {b.shape}"
        np.testing.assert_allclose(b, a, rtol=rtol, atol=atol, err_msg=f"output {i}")
