"""Train a siamese network on triplets: a distance layer, a siamese Model with its own train_step and test_step."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers, metrics, ops
from keras.models import Model

target_shape = (8, 8, 3)
rng = np.random.default_rng(8)

base_input = layers.Input(shape=target_shape)
features = layers.Conv2D(4, 3, activation="relu", name="conv1")(base_input)
features = layers.Conv2D(4, 3, activation="relu", name="conv2")(features)
base_cnn = Model(base_input, features, name="base")

flatten = layers.Flatten()(base_cnn.output)
dense1 = layers.Dense(12, activation="relu")(flatten)
dense1 = layers.BatchNormalization()(dense1)
dense2 = layers.Dense(8, activation="relu")(dense1)
output = layers.Dense(6)(dense2)
embedding = Model(base_cnn.input, output, name="Embedding")

trainable = False
for layer in base_cnn.layers:
    if layer.name == "conv2":
        trainable = True
    layer.trainable = trainable


class DistanceLayer(layers.Layer):
    """Give the squared distances anchor-positive and anchor-negative."""

    def call(self, anchor, positive, negative):
        ap_distance = ops.sum(ops.square(anchor - positive), -1)
        an_distance = ops.sum(ops.square(anchor - negative), -1)
        return (ap_distance, an_distance)


anchor_input = layers.Input(name="anchor", shape=target_shape)
positive_input = layers.Input(name="positive", shape=target_shape)
negative_input = layers.Input(name="negative", shape=target_shape)
distances = DistanceLayer()(embedding(anchor_input), embedding(positive_input), embedding(negative_input))
siamese_network = Model(inputs=[anchor_input, positive_input, negative_input], outputs=distances)


class SiameseModel(Model):
    def __init__(self, siamese_network, margin=0.5):
        super().__init__()
        self.siamese_network = siamese_network
        self.margin = margin
        self.loss_tracker = metrics.Mean(name="loss")

    def call(self, inputs):
        return self.siamese_network(inputs)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = self._compute_loss(data)
        gradients = tape.gradient(loss, self.siamese_network.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.siamese_network.trainable_weights))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def _compute_loss(self, data):
        ap_distance, an_distance = self.siamese_network(data)
        loss = ap_distance - an_distance
        return ops.maximum(loss + self.margin, 0.0)

    @property
    def metrics(self):
        return [self.loss_tracker]


for weight in siamese_network.weights:
    if "moving" not in weight.path:
        weight.assign(rng.normal(0, 0.2, weight.shape))
anchors = rng.normal(size=(16, *target_shape)).astype("float32")
positives = (anchors + rng.normal(0, 0.1, anchors.shape)).astype("float32")
negatives = rng.normal(size=(16, *target_shape)).astype("float32")

siamese_model = SiameseModel(siamese_network)
siamese_model.compile(optimizer=keras.optimizers.Adam(0.005), weighted_metrics=[])


class Triplets:
    """Yield the batches of one epoch, in order."""

    def __iter__(self):
        for start in range(0, 16, 4):
            yield tuple(part[start : start + 4] for part in (anchors, positives, negatives))


losses = []
for epoch in range(3):
    siamese_model.loss_tracker.reset_state()
    for batch in Triplets():
        logs = siamese_model.train_step(batch)
    losses.append(float(logs["loss"]))

cosine_similarity = metrics.CosineSimilarity()
anchor_embedding = embedding(anchors)
positive_similarity = cosine_similarity(anchor_embedding, embedding(positives))
cosine_similarity.reset_state()
negative_similarity = cosine_similarity(anchor_embedding, embedding(negatives))
embedding.save("embedding.keras")
again = keras.models.load_model("embedding.keras")
record = {
    "losses": losses,
    "similar": [float(positive_similarity), float(negative_similarity)],
    "trainable": [layer.trainable for layer in base_cnn.layers],
    "counts": [len(siamese_network.trainable_weights), len(siamese_network.non_trainable_weights)],
    "checksum": float(np.abs(again.predict(anchors, verbose=0)).sum()),
}
print(json.dumps(record))
