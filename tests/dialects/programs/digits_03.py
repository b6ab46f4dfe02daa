"""A perceptron in the manner of Keras 0.3."""
import numpy as np
from keras.datasets import digits
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation
from keras.optimizers import RMSprop
from keras.utils import np_utils

np.random.seed(1337)
(X_train, y_train), (X_test, y_test) = digits.load_data()
X_train = X_train.reshape(-1, 64).astype("float32") / 16
X_test = X_test.reshape(-1, 64).astype("float32") / 16
Y_train = np_utils.to_categorical(y_train, 10)
Y_test = np_utils.to_categorical(y_test, 10)

model = Sequential()
model.add(Dense(64, input_shape=(64,)))
model.add(Activation("relu"))
model.add(Dropout(0.2))
model.add(Dense(10))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer=RMSprop(), class_mode="categorical", theano_mode=None)
model.fit(X_train, Y_train, batch_size=32, nb_epoch=4, show_accuracy=True, verbose=2, validation_data=(X_test, Y_test))
score = model.evaluate(X_test, Y_test, show_accuracy=True, verbose=0)
print("Test score:", score[0])
print("Test accuracy:", score[1])
assert score[1] > 0.8
assert (model.predict_classes(X_test, verbose=0) == y_test).mean() > 0.8
