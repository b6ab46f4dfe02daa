"""An image classifier in the manner of Keras 2."""
import keras
import numpy as np
from keras import backend as K
from keras.datasets import digits
from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential

np.random.seed(2)
batch_size, num_classes, epochs = 32, 10, 4
(x_train, y_train), (x_test, y_test) = digits.load_data()
if K.image_data_format() == "channels_first":
    x_train, x_test, input_shape = x_train.reshape(-1, 1, 8, 8), x_test.reshape(-1, 1, 8, 8), (1, 8, 8)
else:
    x_train, x_test, input_shape = x_train.reshape(-1, 8, 8, 1), x_test.reshape(-1, 8, 8, 1), (8, 8, 1)
x_train, x_test = x_train.astype("float32") / 16, x_test.astype("float32") / 16
y_train, y_test = keras.utils.to_categorical(y_train, num_classes), keras.utils.to_categorical(y_test, num_classes)

model = Sequential()
model.add(Conv2D(16, kernel_size=(3, 3), activation="relu", input_shape=input_shape))
model.add(Conv2D(32, (3, 3), padding="same", activation="relu", kernel_initializer="he_normal"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(32, activation="relu", kernel_regularizer=keras.regularizers.l2(1e-4)))
model.add(Dropout(rate=0.3))
model.add(Dense(num_classes, activation="softmax"))
model.compile(loss=keras.losses.categorical_crossentropy, optimizer=keras.optimizers.Adadelta(), metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, verbose=1, validation_data=(x_test, y_test))
score = model.evaluate(x_test, y_test, verbose=0)
print("Test accuracy:", score[1])
assert input_shape == (8, 8, 1) and score[1] > 0.8
assert len(history.history["val_accuracy"]) == len(history.history["val_acc"]) == 4
