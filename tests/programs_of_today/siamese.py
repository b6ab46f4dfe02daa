"""Compare pairs by a shared encoder and the distance between its outputs, with a contrastive loss of one's own."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(30)


def euclidean_distance(vectors):
    x, y = vectors
    return ops.sqrt(ops.maximum(ops.sum(ops.square(x - y), axis=1, keepdims=True), keras.backend.epsilon()))


def contrastive(margin=1):
    def contrastive_loss(y_true, y_pred):
        return ops.mean((1 - y_true) * ops.square(y_pred) + y_true * ops.square(ops.maximum(margin - y_pred, 0)))

    return contrastive_loss


image = keras.Input((8, 8, 1))
x = layers.BatchNormalization()(image)
x = layers.Conv2D(4, 3, activation="tanh")(x)
x = layers.AveragePooling2D(pool_size=(2, 2))(x)
encoder = keras.Model(image, layers.Dense(5, activation="tanh")(layers.Flatten()(x)), name="encoder")
left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
merged = layers.Lambda(euclidean_distance, output_shape=(1,))([encoder(left), encoder(right)])
outputs = layers.Dense(1, activation="sigmoid")(layers.BatchNormalization()(merged))
siamese = keras.Model(inputs=[left, right], outputs=outputs)
angle = keras.Model([left, right], ops.sum(encoder(left) * encoder(right), axis=-1) / 5)

for weight in siamese.trainable_variables:
    weight.assign(rng.normal(0, 0.4, weight.shape))
pairs = rng.uniform(0, 1, (2, 24, 8, 8, 1)).astype("float32")
labels = rng.integers(0, 2, (24, 1)).astype("float32")
siamese.compile(loss=contrastive(margin=1), optimizer="RMSprop", metrics=["accuracy"])
history = siamese.fit(list(pairs), labels, validation_split=0.25, batch_size=6, epochs=4, shuffle=False, verbose=0)
restored = keras.models.model_from_json(angle.to_json())
restored.set_weights(angle.get_weights())
record = {
    "losses": history.history["loss"],
    "val": history.history["val_loss"],
    "accuracy": history.history["val_accuracy"],
    "angle": float(np.abs(restored.predict(list(pairs), verbose=0)).sum()),
    "weights": len(siamese.weights),
}
print(json.dumps(record))
