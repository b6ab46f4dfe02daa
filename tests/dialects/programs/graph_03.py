"""Two branches and two outputs in the manner of Keras 0.3's Graph."""
import numpy as np
from keras.models import Graph
from keras.layers.core import Dense, Dropout

np.random.seed(0)
X, X2 = np.random.rand(200, 8), np.random.rand(200, 6)
y = (X.sum(axis=1, keepdims=True) > 4).astype("float32")
y2 = X2.mean(axis=1, keepdims=True)

graph = Graph()
graph.add_input(name="input1", input_shape=(8,))
graph.add_input(name="input2", input_shape=(6,))
graph.add_node(Dense(16, activation="tanh"), name="dense1", input="input1")
graph.add_node(Dense(4), name="dense2", input="input2")
graph.add_node(Dense(4), name="dense3", input="dense1")
graph.add_node(Dropout(0.1), name="drop", inputs=["dense2", "dense3"], merge_mode="concat")
graph.add_node(Dense(1, activation="sigmoid"), name="last", input="drop")
graph.add_output(name="output1", input="last")
graph.add_node(Dense(1), name="other", inputs=["dense2", "dense3"], merge_mode="sum", create_output=True)
graph.compile("rmsprop", {"output1": "binary_crossentropy", "other": "mse"})
history = graph.fit({"input1": X, "input2": X2, "output1": y, "other": y2}, nb_epoch=20, batch_size=32, verbose=0)
assert history.history["loss"][-1] < history.history["loss"][0]
out = graph.predict({"input1": X, "input2": X2})
assert sorted(out) == ["other", "output1"] and out["output1"].shape == (200, 1)
loss = graph.evaluate({"input1": X, "input2": X2, "output1": y, "other": y2}, verbose=0)
loss2 = graph.train_on_batch({"input1": X, "input2": X2, "output1": y, "other": y2})
print("loss", loss, loss2)
