"""Trains by Keras 3's words for several devices, and by those of horngate; prints JSON."""

import json

import numpy as np

import horngate
from horngate.backend.graph import reset_uids
from horngate.keras3 import distribution as theirs
from horngate.keras3.layers import Dense
from horngate.keras3.models import Sequential

X = np.random.RandomState(1).normal(size=(32, 6)).astype("float32")


def trained(mesh=None):
    reset_uids()
    np.random.seed(3)
    model = Sequential([Dense(8, activation="relu", input_shape=(6,)), Dense(4)])
    model.compile("sgd", "mse", **({} if mesh is None else {"mesh": mesh}))
    losses = model.fit(X, X[:, :4], batch_size=16, epochs=2, verbose=0).history["loss"]
    kernel = model.weights[0].value
    return [losses, len(kernel.sharding.device_set), list(kernel.sharding.shard_shape(kernel.shape))]


def main():
    mesh = theirs.DeviceMesh((4, 2), ("batch", "model"))
    layouts = theirs.LayoutMap(mesh)
    layouts["dense.*kernel"] = (None, "model")
    split = theirs.ModelParallel(layout_map=layouts, batch_dim_name="batch")
    found = {"one": trained("data:1"), "by model": trained(split)}
    found["ours by model"] = trained(horngate.Distribution("data:4,model:2", rules={"dense.*_W": (None, "model")}))
    with theirs.DataParallel().scope():
        found["by data"] = trained()
    theirs.set_distribution(theirs.DataParallel(devices=theirs.list_devices()[:4]))
    found["set"] = trained()
    found["told"] = [
        theirs.distribution().num_model_replicas,
        theirs.get_device_count("cpu"),
        theirs.list_devices()[:2],
    ]
    theirs.set_distribution(None)
    found["unset"] = trained()
    layout = theirs.TensorLayout(("model", None), mesh)
    found["tensor"] = list(theirs.distribute_tensor(X, layout).addressable_shards[0].data.shape)
    found["layouts"] = [str(split.get_data_layout((16, 6)).axes), str(layouts["dense_7/kernel"].axes)]
    found["of a weight"] = str(split.get_variable_layout(Sequential([Dense(8, input_shape=(6,))]).weights[0]).axes)
    return found


if __name__ == "__main__":
    print(json.dumps(main()))
