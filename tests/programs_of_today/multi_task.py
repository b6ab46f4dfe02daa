"""Learn three tasks at once with dictionaries of losses, weights and metrics, one target masked by sample weights."""

import json

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(26)
text = keras.Input((None,), name="body", dtype="int32")
tags = keras.Input((4,), name="tags")
features = layers.concatenate([layers.LSTM(6)(layers.Embedding(20, 5, mask_zero=True)(text)), tags])
priority = layers.Dense(1, name="priority", activation="sigmoid")(features)
department = layers.Dense(3, name="department", activation="softmax")(features)
minutes = layers.Dense(1, name="minutes")(features)
model = keras.Model([text, tags], {"priority": priority, "department": department, "minutes": minutes})
for weight in model.trainable_variables:
    weight.assign(rng.normal(0, 0.3, weight.shape))
model.compile(
    optimizer=keras.optimizers.RMSprop(0.01),
    loss={"priority": "binary_crossentropy", "department": keras.losses.CategoricalCrossentropy(), "minutes": "huber"},
    loss_weights={"priority": 1.0, "department": 0.5, "minutes": 0.2},
    metrics={"department": ["accuracy"], "minutes": ["mae"]},
)
bodies = rng.integers(0, 20, (24, 7))
given = rng.integers(0, 2, (24, 4)).astype("float32")
targets = {
    "priority": rng.integers(0, 2, (24, 1)).astype("float32"),
    "department": np.eye(3)[rng.integers(0, 3, 24)].astype("float32"),
    "minutes": rng.normal(size=(24, 1)).astype("float32"),
}
history = model.fit({"body": bodies, "tags": given}, targets, epochs=4, batch_size=8, shuffle=False, verbose=0)
scores = model.evaluate({"body": bodies, "tags": given}, targets, verbose=0, return_dict=True)
predicted = model.predict({"body": bodies, "tags": given}, verbose=0)
record = {
    **dict(sorted(history.history.items())),
    "scores": [scores[name] for name in sorted(scores)],
    "checksum": [float(np.abs(predicted[name]).sum()) for name in sorted(predicted)],
}
print(json.dumps(record))
