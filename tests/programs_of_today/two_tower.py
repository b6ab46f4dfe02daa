"""Train a two-tower retrieval model: query and candidate embeddings with a softmax over the batch."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(10)
users, movies = 12, 16


class Tower(keras.Model):
    def __init__(self, vocabulary_size, embedding_dimension=8, hidden=(12,), **kwargs):
        super().__init__(**kwargs)
        self.embedding = layers.Embedding(vocabulary_size, embedding_dimension)
        self.hidden_layers = [layers.Dense(units, activation="relu") for units in hidden]
        self.projection = layers.Dense(embedding_dimension)

    def call(self, ids):
        x = self.embedding(ids)
        for layer in self.hidden_layers:
            x = layer(x)
        return ops.normalize(self.projection(x), axis=-1)


class RetrievalModel(keras.Model):
    def __init__(self, query_model, candidate_model, temperature=0.2):
        super().__init__()
        self.query_model = query_model
        self.candidate_model = candidate_model
        self.temperature = temperature
        self.loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True, reduction="sum")
        self.top_k = keras.metrics.TopKCategoricalAccuracy(k=3, name="top_3")

    def call(self, inputs):
        return self.query_model(inputs["user_id"]), self.candidate_model(inputs["movie_id"])

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        query_embeddings, candidate_embeddings = y_pred
        scores = ops.matmul(query_embeddings, ops.transpose(candidate_embeddings)) / self.temperature
        num_queries = ops.shape(scores)[0]
        labels = ops.eye(num_queries)
        self.top_k.update_state(labels, scores)
        return self.loss_fn(labels, scores, sample_weight=sample_weight)


ratings = {
    "user_id": (np.arange(32) * 5 % users).astype("int32"),
    "movie_id": (np.arange(32) * 7 % movies).astype("int32"),
}
model = RetrievalModel(Tower(users, name="query"), Tower(movies, name="candidate"))
model({name: column[:2] for name, column in ratings.items()})
for weight in model.trainable_weights:
    weight.assign(rng.normal(0, 0.3, weight.shape))
model.summary()
model.compile(optimizer=keras.optimizers.Adagrad(learning_rate=0.1))
history = model.fit(ratings, epochs=10, batch_size=8, shuffle=False, verbose=0)
score = model.evaluate(ratings, batch_size=8, verbose=0, return_dict=True)

candidates = model.candidate_model.predict(np.arange(movies), verbose=0)


class BruteForce(layers.Layer):
    def __init__(self, query_model, candidates, k=3):
        super().__init__()
        self.query_model = query_model
        self.k = k
        self.candidates = self.add_weight(
            name="candidates", shape=candidates.shape, initializer="zeros", trainable=False
        )
        self.candidates.assign(candidates)

    def call(self, ids):
        scores = ops.matmul(self.query_model(ids), ops.transpose(self.candidates))
        return ops.top_k(scores, k=self.k)


values, indices = BruteForce(model.query_model, candidates)(np.array([0, 3, 7]))
record = {
    "losses": history.history["loss"],
    "top_3": history.history["top_3"],
    "score": [score["loss"], score["top_3"]],
    "indices": [int(i) for i in np.array(indices).ravel()],
    "checksum": float(np.sum(np.array(values))),
}
print(json.dumps(record))
