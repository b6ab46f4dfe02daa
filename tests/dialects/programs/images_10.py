"""A convolutional network in the manner of Keras 1.0: channels first, augmentation, a learning-rate schedule."""
import numpy as np
from keras.callbacks import EarlyStopping, LearningRateScheduler
from keras.datasets import digits
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential, model_from_json
from keras.optimizers import SGD
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import np_utils

np.random.seed(7)
(X_train, y_train), (X_test, y_test) = digits.load_data()
X_train = X_train.reshape(X_train.shape[0], 1, 8, 8).astype("float32") / 16
X_test = X_test.reshape(X_test.shape[0], 1, 8, 8).astype("float32") / 16
Y_train, Y_test = np_utils.to_categorical(y_train, 10), np_utils.to_categorical(y_test, 10)

model = Sequential()
model.add(Convolution2D(16, 3, 3, border_mode="same", input_shape=(1, 8, 8)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(10))
model.add(Activation("softmax"))
sgd = SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
datagen = ImageDataGenerator(width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=False)
datagen.fit(X_train)
model.fit_generator(
    datagen.flow(X_train, Y_train, batch_size=32), samples_per_epoch=X_train.shape[0], nb_epoch=3, verbose=2,
    validation_data=(X_test, Y_test), callbacks=[LearningRateScheduler(lambda e: 0.1 / (e + 1)), EarlyStopping(patience=3)],
)
score = model.evaluate(X_test, Y_test, verbose=0)
print("accuracy", score[1])
assert score[1] > 0.8
again = model_from_json(model.to_json())
again.set_weights(model.get_weights())
assert np.allclose(again.predict(X_test), model.predict(X_test))
