"""Trains networks on one device and on eight: `python -m tests.mesh.child exact|native|refused|many`; prints JSON."""

import json
import re
import sys
import warnings

import jax
import numpy as np

import horngate
from benchmarks.scale import OPERATIONS, collectives
from horngate import backend as K
from horngate.backend import config, dispatch
from horngate.backend.graph import reset_uids
from horngate.backend.mesh import Distribution, Layout
from horngate.callbacks import Callback
from horngate.layers import Dense
from horngate.models import Sequential
from horngate.optimizers import SGD
from horngate.training.many import stacks
from tests.mesh.networks import BATCH, NETWORKS, numbers

DATA, ZERO = Distribution("data:8"), Distribution("data:8", shard="zero")
BOTH = Distribution("data:4,model:2")
RULES = Distribution("model:2,data:4", shard="zero", rules={"dense_1_W": (None, "model"), "dense_1_b": "model"})
LAYOUTS = {  # of each network, beside one device
    "dense": {"data": DATA, "zero": ZERO, "model": BOTH, "rules": RULES},
    "recurrent": {"data": DATA, "zero": ZERO, "model": BOTH},
    "embedding": {"data": DATA, "model": BOTH},
    "vocabulary": {"data": DATA, "zero": ZERO, "model": BOTH},
    "accumulating": {"data": DATA, "zero": ZERO},
    "by_optax": {"zero": ZERO},
}


class Programs:
    """What has been compiled: (how often it names whole batches, the program) for each; how often XLA was asked."""

    def __init__(self):
        self.made, self.asked = [], 0
        jax.monitoring.register_event_duration_secs_listener(self._heard)
        compiled = dispatch._compile
        dispatch._compile = lambda lowered, done: compiled(_Noted(lowered, self.made), done)

    def _heard(self, name, *_, **__):
        self.asked += "backend_compile" in name

    def forget(self):
        self.made.clear()
        self.asked = 0


class Placed:
    """What is moved to devices: (whether it comes from the host, its shape, the shape of the part on one device)."""

    def __init__(self):
        self.moved, move = [], Layout._moved

        def noted(layout, tree, places):
            pairs = zip(jax.tree.leaves(tree), jax.tree.leaves(places))
            self.moved += [(isinstance(x, np.ndarray), x.shape, place.shard_shape(x.shape)) for x, place in pairs]
            return move(layout, tree, places)

        Layout._moved = noted

    def first_whole(self, state):
        """Of the arrays that are split: how many were moved, and the shapes of those not straight to their parts."""
        split = {v.value.shape for v in state if not v.value.is_fully_replicated}
        moved = [each for each in self.moved if each[1] in split]
        return [len(moved), [shape for host, shape, part in moved if not host or part == shape]]


class _Noted:
    def __init__(self, lowered, made):
        self.lowered, self.made = lowered, made

    def compile(self):
        program = self.lowered.compile()
        self.made.append((self.lowered.as_text().count(f"tensor<{BATCH}x"), program))
        return program


def trained(name, mesh):
    """All that a network gives when it is trained, tested and used."""
    reset_uids()
    np.random.seed(3)
    model, (optimizer, loss), (x, y), told = NETWORKS[name]()
    metrics = [] if name == "stateful" else ["accuracy"]
    model.compile(optimizer, loss, metrics=metrics, mesh=mesh)
    history = model.fit(x, y, batch_size=BATCH, nb_epoch=2, verbose=0, **told)
    whole, first = [_rows((x, y), count) for count in (2 * BATCH, BATCH)]
    found = [*history.history.values(), model.evaluate(*whole, batch_size=BATCH, verbose=0)]
    found += [model.train_on_batch(*first), model.predict(whole[0], batch_size=BATCH)]
    return model, [np.asarray(each) for each in _flat([*found, model.get_weights(), model.optimizer.get_weights()])]


def _rows(arrays, count):
    return [_rows(part, count) if isinstance(part, (list, tuple)) else part[:count] for part in arrays]


def _flat(values):
    for value in values:
        if isinstance(value, list) and value and not np.isscalar(value[0]):
            yield from _flat(value)
        else:
            yield value


def difference(one, other):
    """The largest difference of arrays, relative to the largest number of each."""
    assert len(one) == len(other)
    return max(float(np.abs(a - b).max() / max(1e-3, np.abs(a).max())) for a, b in zip(one, other) if a.size)


def exact():
    """network/layout -> the largest relative difference from one device, in float64; and between two networks."""
    config.set_floatx("float64")
    found = {}
    for name in NETWORKS:
        _, wanted = trained(name, None)
        for layout, mesh in LAYOUTS.get(name, {"data": DATA}).items():
            model, got = trained(name, mesh)
            found[f"{name}/{layout}"] = difference(wanted, got)
            assert all(len(v.value.sharding.device_set) == 8 for v in [*model.weights, *model.optimizer.weights])
    return found


def many():
    """configuration -> the largest difference from one device; the collectives of the programs; where they train on."""
    config.set_floatx("float64")
    texts, make = [], stacks.Program._compile
    stacks.Program._compile = lambda program, *size: (made := make(program, *size), texts.append(made[0].as_text()))[0]

    def build(name="dense", mesh=None, rate=0.1):
        model, (_, loss), _, _ = NETWORKS[name]()
        model.compile(SGD(lr=rate, momentum=0.9), loss, mesh=mesh)
        return model

    found = {}
    for name, count in (("dense", 3), ("convolutional", 9), ("recurrent", 17)):
        _, _, (x, y), _ = NETWORKS[name]()
        results = []
        for mesh in (None, "data:4,model:2"):
            told = [{"name": name, "mesh": mesh, "rate": 0.1 / (1 + i), "seed": i} for i in range(count)]
            runs = horngate.fit_many(build, told, x, y, BATCH, 2, 0, validation_split=0.25)
            weights = [w for run in runs for w in run.model.get_weights()]
            results.append([runs.values("loss"), runs.values("val_loss"), *weights])
            if mesh is None:
                texts.clear()
        found[name] = difference(*results)
        found[f"{name}, sent"] = [re.search(OPERATIONS, text) is not None for text in texts]
        found[f"{name}, cut"] = [re.search("num_partitions=8", text) is not None for text in texts]
        runs[0].model.fit(x, y, BATCH, 1, 0)
        found[f"{name}, goes on"] = len(runs[0].model.weights[0].value.sharding.device_set)
    return found


class Losses(Callback):
    """The loss of each step."""

    def on_train_begin(self, logs=None):
        self.losses = []

    def on_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])


def native():
    """What float32 gives, with native kernels: losses of 21 steps, and what is known of the programs."""
    programs, placed, found = Programs(), Placed(), {}
    for name in ("dense", "convolutional", "recurrent", "mixed", "vocabulary"):
        rules = {"rules": RULES} if name == "dense" else {}
        for layout, mesh in {"one": None, "data": DATA, "zero": ZERO, **rules}.items():
            reset_uids()
            np.random.seed(3)
            config.set_floatx("mixed_bfloat16" if name == "mixed" else "float32")
            model, (_, loss), (x, y), _ = NETWORKS["convolutional" if name == "mixed" else name]()
            model.compile("adam", loss, mesh=mesh)
            programs.forget()
            placed.moved.clear()
            callback = Losses()
            model.fit(x, y, batch_size=BATCH, nb_epoch=7, verbose=0, callbacks=[callback])
            asked = programs.asked
            model.predict(x[:BATCH], batch_size=BATCH)
            *fitted, (_, predict) = programs.made  # of whole batches and of the rest, in the order in which XLA ends
            train, state = max(fitted, key=lambda made: made[0])[1], [*model.weights, *model.optimizer.weights]
            found[f"{name}/{layout}"] = {
                "losses": callback.losses,
                "first whole": placed.first_whole(state),
                "programs": len(programs.made) - 1,
                "asked": asked,
                "collectives": collectives(train.as_text()),
                "in prediction": collectives(predict.as_text()),
                "kernels": len(re.findall(r'custom_call_target="horngate_', train.as_text())),
                "operations": train.cost_analysis()["flops"],
                "trained": sum(4 * v.get_value().size for v in model.trainable_weights),
                "statistics": sum(4 * v.get_value().size for v in model.non_trainable_weights),
                "state": sum(v.value.nbytes for v in state),
                "on a device": sum(v.value.addressable_shards[0].data.nbytes for v in state),
            }
    return found


def refused():
    """What is said where something cannot be done; and that the mesh in force reaches models and functions of K."""

    def dense(**told):
        reset_uids()
        model = Sequential([Dense(6, input_dim=8), Dense(4)])
        model.compile("sgd", "mse", **told)
        return model

    def strictly(call):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call()

    def batches_of_30():
        dense(mesh="data").fit(numbers(30, 8), numbers(30, 4), batch_size=30, nb_epoch=1, verbose=0)

    tried = {
        "too many": lambda: horngate.distribute("data:16"),
        "no rule": lambda: dense(mesh=Distribution("model:2", rules={"conv": "model"})),
        "not divided": lambda: dense(mesh=Distribution("model:4", rules={"dense_1_W": (None, "model")})),
        "too many axes": lambda: dense(mesh=Distribution("model:2", rules={"_b": (None, "model")})),
        "idle": lambda: strictly(lambda: dense(mesh="data:4,rest:2")),
        "uneven": lambda: strictly(batches_of_30),
    }
    found = {}
    for name, call in tried.items():
        try:
            call()
            found[name] = "nothing"
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
    x = numbers(16, 8)
    by_environment, wanted = dense(), None  # HORNGATE_MESH=data:4 is set
    for mesh, name in (("data:8", "by distribute"), (None, "by nobody")):
        horngate.distribute(mesh)
        model, v = dense(), K.placeholder((None, 8))
        outputs = K.function([v], [model(v)])
        wanted = model.predict(x) if wanted is None else wanted
        assert np.array_equal(outputs([x])[0], model.predict(x)), name
        model.train_on_batch(x, numbers(16, 4))
        found[name] = len(model.weights[0].value.sharding.device_set)
    by_environment.predict(x)
    horngate.distribute(None)
    never = Sequential([Dense(8, input_dim=8), Dense(4)])
    wanted = never.predict(x)
    for name, distribution in {"data:8": DATA, "zero": ZERO, "one": None}.items():
        horngate.distribute(distribution)
        assert np.allclose(never.predict(x), wanted, atol=1e-6)
        kernel = never.weights[0].value
        found[f"never compiled, {name}"] = [len(kernel.sharding.device_set), kernel.addressable_shards[0].data.shape]
    return found | {"by environment": len(by_environment.weights[0].value.sharding.device_set)}


if __name__ == "__main__":
    print(json.dumps({"exact": exact, "native": native, "refused": refused, "many": many}[sys.argv[1]]()))
