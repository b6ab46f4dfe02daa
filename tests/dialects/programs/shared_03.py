"""A Graph with a shared node and a generator, and a Merge of models, in the manner of Keras 0.3."""
import numpy as np
from keras.layers.core import Activation, Dense, Merge
from keras.models import Graph, Sequential

np.random.seed(2)
A, B = np.random.rand(120, 5), np.random.rand(120, 5)
y = (A.sum(axis=1) > B.sum(axis=1)).astype(float)[:, None]
graph = Graph()
graph.add_input(name="a", input_shape=(5,))
graph.add_input(name="b", input_shape=(5,))
graph.add_shared_node(Dense(6, activation="tanh"), name="shared", inputs=["a", "b"], merge_mode="concat")
graph.add_node(Dense(1, activation="sigmoid"), name="dense", input="shared")
graph.add_output(name="out", input="dense")
graph.compile(loss={"out": "binary_crossentropy"}, optimizer="adam")


def batches():
    while True:
        rows = np.random.permutation(120)[:30]
        yield {"a": A[rows], "b": B[rows], "out": y[rows]}


before = graph.test_on_batch({"a": A, "b": B, "out": y})
graph.fit_generator(batches(), samples_per_epoch=120, nb_epoch=30, verbose=0)
print("loss", before, graph.test_on_batch({"a": A, "b": B, "out": y}))
assert graph.test_on_batch({"a": A, "b": B, "out": y}) < before

left, right = Sequential([Dense(4, input_dim=5)]), Sequential([Dense(4, input_dim=5)])
both = Sequential()
both.add(Merge([left, right], mode="concat"))
both.add(Dense(1))
both.add(Activation("sigmoid"))
both.compile("rmsprop", "binary_crossentropy", class_mode="binary")
both.fit([A, B], y, nb_epoch=2, verbose=0, show_accuracy=True)
