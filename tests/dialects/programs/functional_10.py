"""A functional model in the manner of Keras 1.0: shared layers, merge, a Lambda, K.function."""
import numpy as np
from keras import backend as K
from keras.layers import LSTM, Dense, Embedding, Input, Lambda, merge
from keras.models import Model

np.random.seed(3)
a = Input(shape=(6,), dtype="int32", name="a")
b = Input(shape=(6,), dtype="int32", name="b")
embed, encode = Embedding(output_dim=8, input_dim=20, input_length=6), LSTM(12)
x, y = encode(embed(a)), encode(embed(b))
together = merge([x, y], mode="concat", concat_axis=-1)
distance = Lambda(lambda v: K.abs(v[0] - v[1]), output_shape=lambda s: s[0])([x, y])
out = Dense(1, activation="sigmoid", name="same")(merge([together, distance], mode="concat"))
model = Model(input=[a, b], output=out)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
A = np.random.randint(0, 20, (300, 6))
B = np.where(np.random.rand(300, 1) > 0.5, A, np.random.randint(0, 20, (300, 6)))
t = (A == B).all(axis=1).astype("float32")
history = model.fit([A, B], t, nb_epoch=12, batch_size=30, verbose=0)
print("accuracy", history.history["acc"][-1])
assert history.history["acc"][-1] > 0.7
f = K.function([model.layers[0].input, model.layers[1].input, K.learning_phase()], [together])
assert f([A[:2], B[:2], 0])[0].shape == (2, 24)
