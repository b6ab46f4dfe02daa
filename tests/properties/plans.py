"""Random models as plain data: a plan says which layers there are, what each is called on, and what is frozen.

A graph is `{"kind", "name", "inputs", "layers", "calls", "outputs"}`. An input is the name of a shape in `KINDS`. A
tensor is `[-1, i]`, input i, or `[c, o]`, output o of call c; a call is `[layer, [tensors]]`. A layer is a row of the
conformance table (`{"row": [name, i]}`), a class with arguments (`{"make": [name, args, kwargs]}`), a named function
(`{"function": name}`), a wrapper (`{"wrap": name, "layer": layer}`) or a nested graph (`{"graph": graph}`).
"""

import functools
import random

from horngate.layers import Input
from tests.layers.conformance_table import ROWS

KINDS = {
    "flat": (5,),
    "steps": (6, 4),
    "image": (3, 6, 7),
    "video": (2, 4, 5, 6),
    "words": (4,),
    "images": (3, 2, 5, 5),
}
MERGES = ("sum", "mul", "ave", "max", "concat", "dot", "cos")
FUNCTIONS = ("doubled", "squashed")
RECURRENT = ("SimpleRNN", "GRU", "LSTM")
# Layers that also draw when they are called on arrays by themselves, as in Keras 3.
DRAWING = ("AugMix", "CutMix", "MixUp", "RandAugment")
# Rows whose output at one sample depends on the others, on purpose: batch statistics are used in testing too.
OF_THE_WHOLE_BATCH = (("BatchNormalization", 3),)


def kind_of(shape):
    """The name of a shape, or None where no row of the table takes it."""
    return next((kind for kind, known in KINDS.items() if known == tuple(shape) and kind != "words"), None)


@functools.lru_cache(None)
def rows_for(kind):
    """The rows of the conformance table that take inputs of a kind, as (name, number, how many inputs)."""
    found = []
    for name, rows in ROWS.items():
        if name in DRAWING or name.startswith("Random"):
            continue
        for i, (shapes, _, _) in enumerate(rows):
            shapes = shapes if isinstance(shapes, list) else [shapes]
            words = name == "Embedding"
            if shapes[0] == KINDS[kind] and words == (kind == "words") and name != "Masking":
                found.append((name, i, len(shapes)))
    return [row for row in found if not (row[0] == "Embedding" and row[1] == 1)]  # which makes a mask


@functools.lru_cache(None)
def row_output(name, i):
    """The shape of one sample that a row of the table gives."""
    from tests.properties.building import layer_of_row

    shapes, _, _ = ROWS[name][i]
    shapes = shapes if isinstance(shapes, list) else [shapes]
    inputs = [Input(shape, dtype="int32" if name == "Embedding" else None) for shape in shapes]
    return layer_of_row(name, i)(inputs if len(inputs) > 1 else inputs[0]).shape[1:]


class Drawing:
    """A graph that is being drawn: what it has so far, and the shape of each of its tensors."""

    def __init__(self, rng, inputs, depth, batch=None, turnable=False):
        self.rng, self.depth, self.batch, self.turnable = rng, depth, batch, turnable
        self.inputs, self.layers, self.calls = list(inputs), [], []
        self.shapes = {(-1, i): KINDS[kind] for i, kind in enumerate(inputs)}
        self.words = {(-1, i) for i, kind in enumerate(inputs) if kind == "words"}
        self.used, self.takes = set(), {}  # takes: layer -> the shapes that it takes, and those that it gives

    # what is drawn

    def name(self):
        """A name, or None for that which the library gives; the order of names says nothing of that of layers."""
        return f"{self.rng.choice('abxyz')}{len(self.layers)}" if self.rng.random() < 0.5 else None

    def tensor(self, shape):
        """A tensor of a shape: one that is there, or one that is made of another."""
        fitting = [t for t, s in self.shapes.items() if s == tuple(shape) and t not in self.words]
        fresh = [t for t in fitting if t not in self.used]
        if fitting and (self.rng.random() < 0.8 or self.turnable):
            return self.rng.choice(fresh or fitting)
        others = [t for t in self.shapes if t not in self.words]
        if not others:
            others = [self.call_row("Embedding", 0, [self.rng.choice(sorted(self.words))])]
        return self.adapted(self.rng.choice(others), shape)

    def adapted(self, tensor, shape):
        """A tensor of the wanted shape, computed from any other by Flatten, Dense and Reshape."""
        if self.shapes[tensor] == tuple(shape) and tensor not in self.words:
            return tensor
        if len(self.shapes[tensor]) != 1:
            tensor = self.call(self.make("Flatten"), [tensor], [(_size(self.shapes[tensor]),)])
        size = _size(shape)
        if self.shapes[tensor] != (size,):
            tensor = self.call(self.make("Dense", size), [tensor], [(size,)])
        return tensor if len(shape) == 1 else self.call(self.make("Reshape", list(shape)), [tensor], [tuple(shape)])

    # what is added

    def layer(self, description):
        """Add a layer; returns its number."""
        self.layers.append({"name": self.name(), **description})
        return len(self.layers) - 1

    def make(self, class_name, *args, **kwargs):
        """Add a layer of a class, made with these arguments."""
        return self.layer({"make": [class_name, list(args), kwargs]})

    def call(self, layer, tensors, gives):
        """Call a layer; returns its first output."""
        self.calls.append([layer, [list(t) for t in tensors]])
        self.used.update(tensors)
        self.takes[layer] = [self.shapes[t] for t in tensors], gives
        for o, shape in enumerate(gives):
            self.shapes[len(self.calls) - 1, o] = tuple(shape)
        return (len(self.calls) - 1, 0)

    def call_row(self, name, i, tensors):
        return self.call(self.layer({"row": [name, i]}), tensors, [row_output(name, i)])

    # the steps

    def row(self):
        """A row of the conformance table."""
        words = sorted(self.words)
        kinds = ["flat"] * 3 + ["steps"] * 3 + ["image"] * 3 + ["video", "images"]
        if words and self.rng.random() < 0.3:
            return self.call_row("Embedding", 0, [self.rng.choice(words)])
        name, i, count = self.rng.choice(rows_for(self.rng.choice(kinds)))
        shapes, _, _ = ROWS[name][i]
        return self.call_row(name, i, [self.tensor(shapes[0] if count > 1 else shapes) for _ in range(count)])

    def share(self):
        """Another call of a layer that has been called."""
        known = [layer for layer in self.takes if not self.words_taken(layer)]
        if not known:
            return self.row()
        weighty = [layer for layer in known if self.layers[layer].get("make", [""])[0] not in ("Flatten", "Reshape")]
        layer = self.rng.choice(weighty or known)
        takes, gives = self.takes[layer]
        return self.call(layer, [self.tensor(shape) for shape in takes], gives)

    def words_taken(self, layer):
        return any(tuple(t) in self.words for number, tensors in self.calls if number == layer for t in tensors)

    def merge(self):
        """A Merge of two to three tensors of one shape, sometimes of the same one twice."""
        mode, shape = self.rng.choice(MERGES), KINDS[self.rng.choice(["flat", "flat", "steps", "image"])]
        if mode in ("dot", "cos"):
            shape = KINDS["flat"]
        count = 2 if mode in ("dot", "cos") else self.rng.choice([2, 2, 3])
        tensors = [self.tensor(shape) for _ in range(count)]
        gives = {"concat": (*shape[:-1], shape[-1] * count), "dot": (1,), "cos": (1, 1)}.get(mode, shape)
        return self.call(self.make("Merge", mode=mode, dot_axes=1), tensors, [gives])

    def function(self):
        tensor = self.tensor(KINDS[self.rng.choice(["flat", "steps"])])
        return self.call(self.layer({"function": self.rng.choice(FUNCTIONS)}), [tensor], [self.shapes[tensor]])

    def masked(self):
        """A mask, layers that hand it on, and a recurrent layer that ends it."""
        words, first = sorted(self.words), len(self.layers)
        if words and self.rng.random() < 0.6:
            tensor = self.call_row("Embedding", 1, [self.rng.choice(words)])
        else:
            tensor = self.call(self.make("Masking", 0.0), [self.tensor(KINDS["steps"])], [KINDS["steps"]])
        chain = [tensor]
        for _ in range(self.rng.randrange(3)):
            steps, _ = shape = self.shapes[tensor]
            choices = [self.make("Activation", "tanh"), shape], [self.make("Dropout", 0.3), shape]
            choices += ([self.make(self.rng.choice(RECURRENT), 3, return_sequences=True), (steps, 3)],)
            layer, gives = self.rng.choice(choices)
            tensor = self.call(layer, [tensor], [gives])
            chain.append(tensor)
        end = self.call(self.make(self.rng.choice(RECURRENT), 3), [tensor], [(3,)])
        for masked in chain:  # what has a mask is not for every layer
            del self.shapes[masked]
        for layer in range(first, len(self.layers)):
            self.takes.pop(layer, None)
        return end

    def wrap(self):
        """TimeDistributed around a layer, a chain or a graph; Bidirectional around a recurrent layer."""
        steps, _ = shape = KINDS["steps"]
        tensor = self.tensor(shape)
        if self.rng.random() < 0.4:
            inner = {"make": [self.rng.choice(RECURRENT), [2], {"return_sequences": True}], "name": None}
            options = {"merge_mode": self.rng.choice(["concat", "sum", "mul", "ave"])}
            gives = (steps, 4 if options["merge_mode"] == "concat" else 2)
            wrapper = {"wrap": "Bidirectional", "layer": inner, "options": options}
        else:
            inner = {"make": ["Dense", [3], {}], "name": None}
            if self.rng.random() < 0.6:
                made = [inner, {"row": ["BatchNormalization", 0], "name": self.name()}]
                inner = {
                    "graph": {
                        "kind": self.rng.choice(["Sequential", "Model"]),
                        "name": None,
                        "inputs": [[4]],
                        "layers": made,
                        "calls": [[0, [[-1, 0]]], [1, [[0, 0]]]],
                        "outputs": [[1, 0]],
                    },
                    "name": self.name(),
                }
            wrapper, gives = {"wrap": "TimeDistributed", "layer": inner, "options": {}}, (steps, 3)
        return self.call(self.layer(wrapper), [tensor], [gives])

    def stateful(self):
        tensor = self.tensor(KINDS["steps"])
        return self.call(self.make(self.rng.choice(RECURRENT), 3, stateful=True), [tensor], [(3,)])

    def nest(self):
        """A chain or graph within this one, called once or more."""
        depth = self.depth - 1
        if self.rng.random() < 0.4:
            graph = chain(self.rng, self.rng.choice(["flat", "steps"]), depth)
        else:
            kinds = [self.rng.choice(["flat", "steps", "image"]) for _ in range(self.rng.choice([1, 1, 2]))]
            graph = Drawing(self.rng, kinds, depth).finished(self.rng.choice([1, 2]), self.rng.choice([1, 1, 2]))
        gives = graph.pop("gives")
        layer = self.layer({"graph": graph})
        calls = [
            self.call(layer, [self.tensor(KINDS[kind]) for kind in graph["inputs"]], gives)
            for _ in range(self.rng.choice([1, 1, 2]))
        ]
        return calls[-1]

    def nest_two_deep(self):
        """A graph that holds a graph."""
        kind = self.rng.choice(["flat", "steps"])
        inner = Drawing(self.rng, [kind], 1)
        inner.nest()
        graph = inner.finished(self.rng.choice([0, 1]), 1)
        gives = graph.pop("gives")
        return self.call(self.layer({"graph": graph}), [self.tensor(KINDS[kind]) for kind in graph["inputs"]], gives)

    def step(self):
        steps = ["row"] * 6 + ["share"] * 2 + ["merge"] * 2 + ["function", "wrap", "masked"]
        steps += ["nest"] * 2 * (self.depth > 0) + ["stateful"] * 2 * (self.batch is not None)
        return getattr(self, self.rng.choice(steps))()

    def finished(self, count, outputs, wanted=()):
        """The graph after `count` steps and those `wanted`; what nobody uses is merged until `outputs` are left."""
        steps = [*wanted, *["step"] * count]
        for step in self.rng.sample(steps, len(steps)):
            getattr(self, step)()
        if not self.calls:
            self.row()
        ends = self.ends()
        while len(ends) > outputs:
            self.joined(*self.rng.sample(ends, 2))
            ends = self.ends()
        graph = {
            "kind": "Model",
            "name": None,
            "inputs": self.inputs,
            "layers": self.layers,
            "calls": self.calls,
            "outputs": [list(t) for t in ends],
            "gives": [self.shapes[t] for t in ends],
        }
        return pruned(graph)

    def ends(self):
        return [t for t in self.shapes if t[0] >= 0 and t not in self.used]

    def joined(self, *tensors):
        flat = [self.adapted(t, KINDS["flat"]) for t in tensors]
        return self.call(self.make("Merge", mode=self.rng.choice(["sum", "ave", "max"])), flat, [KINDS["flat"]])


def chain(rng, kind, depth):
    """A Sequential from one input; its layers stand one behind the other."""
    drawing = Drawing(rng, [kind], depth)
    tensor = (-1, 0)
    for _ in range(rng.choice([1, 2, 2, 3])):
        if depth > 0 and rng.random() < 0.4:
            graph = chain(rng, "flat", depth - 1)
            tensor = drawing.adapted(tensor, KINDS["flat"])
            tensor = drawing.call(drawing.layer({"graph": graph}), [tensor], graph.pop("gives"))
            continue
        if rng.random() < 0.15:
            tensor = drawing.call(
                drawing.layer({"function": rng.choice(FUNCTIONS)}), [tensor], [drawing.shapes[tensor]]
            )
            continue
        known = kind_of(drawing.shapes[tensor]) or "flat"
        name, i, count = rng.choice([row for row in rows_for(known) if row[2] == 1])
        tensor = drawing.call_row(name, i, [drawing.adapted(tensor, KINDS[known])])
    graph = {
        "kind": "Sequential",
        "name": None,
        "inputs": [kind],
        "layers": drawing.layers,
        "calls": drawing.calls,
        "outputs": [list(tensor)],
        "gives": [drawing.shapes[tensor]],
    }
    return pruned(graph)


def pruned(graph, keep_inputs=False):
    """The graph without the calls, layers and inputs that its outputs do not need; the others are numbered anew."""
    needed, stack = set(), [tuple(t) for t in graph["outputs"]]
    while stack:
        tensor = stack.pop()
        if tensor[0] < 0:
            needed.add(tensor)
        elif tensor[0] not in needed:
            needed.add(tensor[0])
            stack.extend(tuple(t) for t in graph["calls"][tensor[0]][1])
    calls = [c for c in range(len(graph["calls"])) if c in needed]
    inputs = [i for i in range(len(graph["inputs"])) if (-1, i) in needed or keep_inputs]
    held = sorted({graph["calls"][c][0] for c in calls})

    def renumbered(tensor):
        c, o = tensor
        return [-1, inputs.index(o)] if c < 0 else [calls.index(c), o]

    return {
        **graph,
        "inputs": [graph["inputs"][i] for i in inputs],
        "layers": [graph["layers"][i] for i in held],
        "calls": [[held.index(graph["calls"][c][0]), [renumbered(t) for t in graph["calls"][c][1]]] for c in calls],
        "outputs": [renumbered(t) for t in graph["outputs"]],
    }


def drawn(seed):
    """The plan of model number `seed`."""
    rng = random.Random(seed)
    form = rng.random()
    rich = form < 0.42  # with shared layers, nesting two deep and a frozen part
    batch = 2 if form > 0.95 else None
    if 0.42 <= form < 0.55:
        graph = chain(rng, rng.choice(["flat", "steps", "image", "video", "words"]), 2)
        graph["name"] = rng.choice(["m", None])
    elif 0.55 <= form < 0.7:
        graph = turnable(rng)
    else:
        kinds = ["flat", "flat", "steps", "steps", "image", "words"]
        kinds = [rng.choice(kinds) for _ in range(rng.choice([1, 1, 2, 3]))]
        drawing = Drawing(rng, kinds, 2, batch)
        wanted = ("nest_two_deep", "share") if rich else ("stateful",) if batch else ()
        graph = drawing.finished(rng.choice([0, 1, 2] if rich else [2, 3, 4, 5]), rng.choice([1, 1, 2, 3]), wanted)
    graph.pop("gives")
    plan = {"seed": seed, "batch": batch, "graph": graph, "orderings": 0.55 <= form < 0.7}
    if not rich and rng.random() < 0.12 and graph["kind"] == "Model":
        graph["inputs"] = [*graph["inputs"], rng.choice(["flat", "steps"])]  # which nothing uses
    places = [path for path, layer in walk(graph) if weighty(layer)]
    share = rng.choice([1, 1, 2, 3]) if rich or rng.random() < 0.4 else 0
    plan["frozen"] = rng.sample(places, min(share, len(places)))
    share = rng.choice([0, 1, 2])
    plan["frozen_later"] = rng.sample(places, min(share, len(places)))
    return plan


def turns_by_itself(name, i):
    """Whether a row of the table says nothing of the order of its axes, so that it means the same in each ordering.

    Tests set the axis of a BatchNormalization by the ordering.
    """
    told = name != "BatchNormalization" and {"axis", "data_format"} & set(ROWS[name][i][2])
    return not told and name not in ("Flatten", "Reshape", "Permute")


def turnable(rng):
    """A graph of images that can be turned to the other ordering: from an image over layers of images to flat ones."""
    kind = rng.choice(["image", "image", "video"])
    drawing = Drawing(rng, [kind], 0, turnable=True)
    tensor = (-1, 0)
    if rng.random() < 0.8:
        rows = [row for row in rows_for(kind) if row[2] == 1 and turns_by_itself(*row[:2])]
        tensor = drawing.call_row(*rng.choice(rows)[:2], [tensor])
    if len(drawing.shapes[tensor]) > 1:
        tensor = drawing.call(drawing.make("Flatten"), [tensor], [(_size(drawing.shapes[tensor]),)])
    for _ in range(rng.choice([0, 1, 1, 2])):
        name, i, _ = rng.choice([row for row in rows_for("flat") if row[2] == 1 and row[0] != "RepeatVector"])
        if name == "Lambda":
            continue
        before = drawing.shapes[tensor]
        gives = before if row_output(name, i) == KINDS["flat"] else row_output(name, i)
        tensor = drawing.call(drawing.layer({"row": [name, i]}), [tensor], [gives])
    tensor = drawing.call(drawing.make("Dense", 3), [tensor], [(3,)])
    return {
        "kind": "Model",
        "name": None,
        "inputs": [kind],
        "layers": drawing.layers,
        "calls": drawing.calls,
        "outputs": [list(tensor)],
        "gives": [(3,)],
    }


def walk(graph, path=()):
    """(path, layer) of every layer of a graph, those of nested graphs and within wrappers too."""
    for i, layer in enumerate(graph["layers"]):
        yield [*path, i], layer
        if "graph" in layer:
            yield from walk(layer["graph"], (*path, i))


def weighty(layer):
    """Whether a layer may have weights."""
    without = ("Flatten", "Reshape", "Merge", "Activation", "Dropout", "Masking")
    return "function" not in layer and layer.get("make", [None])[0] not in without


def features(plan):
    """Which of the hard things a plan has: shared layers, nesting two deep, a frozen part."""
    graphs = [plan["graph"]] + [layer["graph"] for _, layer in walk(plan["graph"]) if "graph" in layer]
    shared = any(len({c[0] for c in g["calls"]}) < len(g["calls"]) for g in graphs)
    deep = any(len(path) > 2 for path, _ in walk(plan["graph"]))
    return {name for name, has in (("shared", shared), ("deep", deep), ("frozen", bool(plan["frozen"]))) if has}


def _size(shape):
    size = 1
    for n in shape:
        size *= n
    return size
