"""Trains a ResNet with squeeze and excitation on tiny images, with data augmentation, a schedule and checkpoints."""
from __future__ import print_function
import keras
from keras.layers import Dense, Conv2D, BatchNormalization, Activation, AveragePooling2D, Input, Flatten, GlobalAveragePooling2D, Reshape, multiply, Permute, add
from keras.optimizers import Adam
from keras.callbacks import ModelCheckpoint, LearningRateScheduler, ReduceLROnPlateau
from keras.preprocessing.image import ImageDataGenerator
from keras.regularizers import l2
from keras import backend as K
from keras.models import Model
import numpy as np
import os
np.random.seed(0)
batch_size, epochs, num_classes = 20, 4, 3
y_train = np.random.randint(0, num_classes, 120)
x_train = np.random.rand(120, 8, 8, 3) * 0.3
for i, c in enumerate(y_train):
    x_train[i, :, :, c] += 0.7
input_shape = x_train.shape[1:]
x_train_mean = np.mean(x_train, axis=0); x_train -= x_train_mean
y_train = keras.utils.to_categorical(y_train, num_classes)
def lr_schedule(epoch):
    lr = 1e-2
    if epoch > 2:
        lr *= 1e-1
    print('Learning rate: ', lr)
    return lr
def squeeze_excite_block(input, ratio=2):
    init = input
    channel_axis = 1 if K.image_data_format() == "channels_first" else -1
    filters = init._keras_shape[channel_axis]
    se = GlobalAveragePooling2D()(init)
    se = Reshape((1, 1, filters))(se)
    se = Dense(filters // ratio, activation='relu', kernel_initializer='he_normal', use_bias=False)(se)
    se = Dense(filters, activation='sigmoid', kernel_initializer='he_normal', use_bias=False)(se)
    return multiply([init, se])
def resnet_layer(inputs, num_filters=8, kernel_size=3, strides=1, activation='relu', batch_normalization=True, conv_first=True):
    conv = Conv2D(num_filters, kernel_size=kernel_size, strides=strides, padding='same', kernel_initializer='he_normal', kernel_regularizer=l2(1e-4))
    x = inputs
    if conv_first:
        x = conv(x)
        if batch_normalization:
            x = BatchNormalization()(x)
        if activation is not None:
            x = Activation(activation)(x)
    else:
        x = conv(Activation(activation)(BatchNormalization()(x)))
    return x
inputs = Input(shape=input_shape)
x = resnet_layer(inputs=inputs)
num_filters = 8
for stack in range(2):
    strides = 2 if stack > 0 else 1
    y = resnet_layer(inputs=x, num_filters=num_filters, strides=strides)
    y = resnet_layer(inputs=y, num_filters=num_filters, activation=None)
    y = squeeze_excite_block(y)
    if stack > 0:
        x = resnet_layer(inputs=x, num_filters=num_filters, kernel_size=1, strides=strides, activation=None, batch_normalization=False)
    x = keras.layers.add([x, y])
    x = Activation('relu')(x)
    num_filters *= 2
x = AveragePooling2D(pool_size=4)(x)
outputs = Dense(num_classes, activation='softmax', kernel_initializer='he_normal')(Flatten()(x))
model = Model(inputs=inputs, outputs=outputs)
model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=lr_schedule(0)), metrics=['accuracy'])
save_dir = os.path.join(os.getcwd(), 'saved_models')
if not os.path.isdir(save_dir):
    os.makedirs(save_dir)
filepath = os.path.join(save_dir, 'tiny_resnet_model.{epoch:03d}.h5')
checkpoint = ModelCheckpoint(filepath=filepath, monitor='val_accuracy', verbose=1, save_best_only=True)
lr_reducer = ReduceLROnPlateau(factor=np.sqrt(0.1), cooldown=0, patience=5, min_lr=0.5e-6)
datagen = ImageDataGenerator(featurewise_center=False, samplewise_center=False, rotation_range=0, width_shift_range=0.1, height_shift_range=0.1,
                             shear_range=0., zoom_range=0., channel_shift_range=0., fill_mode='nearest', cval=0., horizontal_flip=True,
                             vertical_flip=False, rescale=None, preprocessing_function=None, data_format=None, validation_split=0.0)
datagen.fit(x_train)
model.fit_generator(datagen.flow(x_train, y_train, batch_size=batch_size), steps_per_epoch=6, validation_data=(x_train[:40], y_train[:40]), epochs=epochs,
                    verbose=2, workers=2, callbacks=[checkpoint, lr_reducer, LearningRateScheduler(lr_schedule)])
scores = model.evaluate(x_train, y_train, verbose=0)
print('Test loss:', scores[0]); print('Test accuracy:', scores[1])
assert os.listdir(save_dir) and abs(float(K.get_value(model.optimizer.lr)) - 1e-3) < 1e-6
best = keras.models.load_model(os.path.join(save_dir, sorted(os.listdir(save_dir))[-1]))
assert best.evaluate(x_train, y_train, verbose=0)[1] > 0.5
