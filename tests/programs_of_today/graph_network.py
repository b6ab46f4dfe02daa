"""Classify the nodes of a graph that the model holds, as in the Keras example on Cora."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.RandomState(0)
record = {}


def fix(model, seed=0):
    r = np.random.RandomState(seed)
    model.set_weights(
        [r.uniform(0.05, 0.25, w.shape) if w.ndim < 2 else r.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()]
    )


def show(name, *values):
    for value in values:
        record.setdefault(name, []).append([float(x) for x in np.ravel(np.asarray(value, "float64"))[:8]])


def create_ffn(hidden_units, dropout_rate, name=None):
    fnn_layers = []
    for units in hidden_units:
        fnn_layers.append(layers.BatchNormalization())
        fnn_layers.append(layers.Dropout(dropout_rate))
        fnn_layers.append(layers.Dense(units, activation="gelu"))
    return keras.Sequential(fnn_layers, name=name)


class GraphConvLayer(layers.Layer):
    def __init__(
        self,
        hidden_units,
        dropout_rate=0.0,
        aggregation_type="mean",
        combination_type="concat",
        normalize=False,
        *args,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.aggregation_type, self.combination_type, self.normalize = aggregation_type, combination_type, normalize
        self.ffn_prepare = create_ffn(hidden_units, dropout_rate)
        self.update_fn = create_ffn(hidden_units, dropout_rate)

    def prepare(self, node_repesentations, weights=None):
        messages = self.ffn_prepare(node_repesentations)
        if weights is not None:
            messages = messages * ops.expand_dims(weights, -1)
        return messages

    def aggregate(self, node_indices, neighbour_messages, node_repesentations):
        num_nodes = node_repesentations.shape[0]
        return ops.segment_sum(neighbour_messages, node_indices, num_segments=num_nodes)

    def update(self, node_repesentations, aggregated_messages):
        if self.combination_type == "concat":
            h = ops.concatenate([node_repesentations, aggregated_messages], axis=1)
        else:
            h = node_repesentations + aggregated_messages
        e = self.update_fn(h)
        return ops.normalize(e, axis=-1) if self.normalize else e

    def call(self, inputs):
        node_repesentations, edges, edge_weights = inputs
        node_indices, neighbour_indices = edges[0], edges[1]
        neighbour = ops.take(node_repesentations, neighbour_indices, axis=0)
        messages = self.prepare(neighbour, edge_weights)
        agg = self.aggregate(node_indices, messages, node_repesentations)
        return self.update(node_repesentations, agg)


class GNNNodeClassifier(keras.Model):
    def __init__(
        self,
        graph_info,
        num_classes,
        hidden_units,
        aggregation_type="sum",
        combination_type="concat",
        dropout_rate=0.0,
        normalize=True,
        *args,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        node_features, edges, edge_weights = graph_info
        self.node_features = node_features
        self.edges = edges
        self.edge_weights = edge_weights
        if self.edge_weights is None:
            self.edge_weights = ops.ones(shape=edges.shape[1])
        self.edge_weights = self.edge_weights / ops.sum(self.edge_weights)
        self.preprocess = create_ffn(hidden_units, dropout_rate, name="preprocess")
        self.conv1 = GraphConvLayer(
            hidden_units, dropout_rate, aggregation_type, combination_type, normalize, name="graph_conv1"
        )
        self.conv2 = GraphConvLayer(
            hidden_units, dropout_rate, aggregation_type, combination_type, normalize, name="graph_conv2"
        )
        self.postprocess = create_ffn(hidden_units, dropout_rate, name="postprocess")
        self.compute_logits = layers.Dense(units=num_classes, name="logits")

    def call(self, input_node_indices, training=None):
        x = self.preprocess(self.node_features)
        x1 = self.conv1((x, self.edges, self.edge_weights))
        x = x1 + x
        x2 = self.conv2((x, self.edges, self.edge_weights))
        x = x2 + x
        x = self.postprocess(x)
        e = ops.take(x, input_node_indices, axis=0)
        return self.compute_logits(e)


feats = ops.cast(rng.rand(40, 6), "float32")
edges = rng.randint(0, 40, (2, 100))
m = GNNNodeClassifier(graph_info=(feats, edges, None), num_classes=3, hidden_units=[8, 8], name="gnn_model")
show("shape", m(ops.convert_to_tensor([1, 10, 30])).shape)
record.setdefault("said", []).append([str(x) for x in ([tuple(w.shape) for w in m.weights][:8], len(m.weights))])
fix(m)
show("before", m(ops.convert_to_tensor([1, 10, 30])))
m.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
)
xt, yt = rng.permutation(40), rng.randint(0, 3, 40)
h = m.fit(x=xt, y=yt, epochs=3, batch_size=8, validation_split=0.2, shuffle=False, verbose=0)
for k in sorted(h.history):
    show(k, h.history[k])
show("p", m.predict(xt[:5], verbose=0))

print(json.dumps(record))
