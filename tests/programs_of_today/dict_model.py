"""Feed a functional model with dicts by name, and replace compute_loss to weigh its heads by learned variances."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(21)


class MultiTask(keras.Model):
    """Weigh each head's loss by exp(-s) and add s, where s is learned."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.log_variances = self.add_weight(name="log_variances", shape=(2,), initializer="zeros")
        self.price_tracker = keras.metrics.Mean(name="price_loss_raw")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        price = ops.mean(keras.losses.huber(y["price"], y_pred["price"]))
        kind = ops.mean(keras.losses.sparse_categorical_crossentropy(y["kind"], y_pred["kind"]))
        self.price_tracker.update_state(price)
        losses = ops.stack([price, kind])
        total = ops.sum(ops.exp(-self.log_variances) * losses + self.log_variances)
        for extra in self.losses:
            total = total + extra
        return total


rooms = keras.Input(shape=(3,), name="rooms")
street = keras.Input(shape=(1,), name="street", dtype="int32")
text = keras.Input(shape=(6,), name="text", dtype="int32")
street_features = layers.Flatten()(layers.Embedding(10, 3, name="street_embedding")(street))
text_features = layers.GlobalMaxPooling1D()(
    layers.Conv1D(4, 3, activation="relu")(layers.Embedding(20, 4, mask_zero=False)(text))
)
features = layers.concatenate([rooms, street_features, text_features])
features = layers.Dense(8, activation="tanh", activity_regularizer=keras.regularizers.L2(1e-2))(features)
price = layers.Dense(1, name="price")(features)
kind = layers.Dense(3, activation="softmax", name="kind")(features)
model = MultiTask(
    inputs=[rooms, street, text], outputs={"price": price, "kind": kind}, name="multi"
)
for weight in model.trainable_weights:
    if "log_variances" not in weight.name:
        weight.assign(rng.normal(0, 0.4, weight.shape))
model.compile(
    optimizer=keras.optimizers.Adam(0.02),
    metrics={"price": ["mae"], "kind": [keras.metrics.SparseCategoricalAccuracy(name="acc")]},
)

x = {
    "text": rng.integers(1, 20, (24, 6)),
    "rooms": rng.normal(size=(24, 3)).astype("float32"),
    "street": rng.integers(0, 10, (24, 1)),
}
y = {"price": x["rooms"].sum(1, keepdims=True), "kind": x["street"] % 3}
history = model.fit(x, y, batch_size=8, epochs=10, shuffle=False, verbose=0)
score = model.evaluate(x, y, verbose=0, return_dict=True)
prediction = model.predict(x, verbose=0)
single = model({name: column[:2] for name, column in x.items()})
record = {
    "losses": history.history["loss"],
    "keys": sorted(history.history),
    "accuracy": history.history["kind_acc"],
    "score": [score["loss"], score["kind_acc"], score["price_mae"]],
    "variances": [float(v) for v in np.array(model.log_variances)],
    "single": float(np.abs(np.array(single["price"])).sum()),
    "checksum": float(np.abs(prediction["price"]).sum() + prediction["kind"][:, 0].sum()),
}
print(json.dumps(record))
