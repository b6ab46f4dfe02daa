import os
import numpy as np
from keras.models import *
from keras.layers import Input, merge, Conv2D, MaxPooling2D, UpSampling2D, Dropout, Cropping2D
from keras.layers.merge import concatenate
from keras.optimizers import *
from keras.callbacks import ModelCheckpoint, LearningRateScheduler
from keras import backend as keras
from keras.preprocessing.image import ImageDataGenerator
def dice_coef(y_true, y_pred, smooth=1.):
    y_true_f = keras.flatten(y_true); y_pred_f = keras.flatten(y_pred)
    intersection = keras.sum(y_true_f * y_pred_f)
    return (2. * intersection + smooth) / (keras.sum(y_true_f) + keras.sum(y_pred_f) + smooth)
def dice_coef_loss(y_true, y_pred): return -dice_coef(y_true, y_pred)
def unet(pretrained_weights=None, input_size=(16, 16, 1)):
    inputs = Input(input_size)
    conv1 = Conv2D(8, 3, activation='relu', padding='same', kernel_initializer='he_normal')(inputs)
    pool1 = MaxPooling2D(pool_size=(2, 2))(conv1)
    conv5 = Conv2D(16, 3, activation='relu', padding='same', kernel_initializer='he_normal')(pool1)
    drop5 = Dropout(0.2)(conv5)
    up6 = Conv2D(8, 2, activation='relu', padding='same', kernel_initializer='he_normal')(UpSampling2D(size=(2, 2))(drop5))
    merge6 = concatenate([conv1, up6], axis=3)
    conv6 = Conv2D(8, 3, activation='relu', padding='same', kernel_initializer='he_normal')(merge6)
    conv10 = Conv2D(1, 1, activation='sigmoid')(conv6)
    model = Model(inputs=inputs, outputs=conv10)
    model.compile(optimizer=Adam(lr=1e-2), loss=dice_coef_loss, metrics=['accuracy', dice_coef])
    if (pretrained_weights): model.load_weights(pretrained_weights)
    return model
np.random.seed(0)
X = np.random.rand(40, 16, 16, 1).astype('float32') * .3; M = np.zeros((40, 16, 16, 1), 'float32')
for i in range(40):
    r, c = np.random.randint(0, 10, 2); X[i, r:r+6, c:c+6] += .7; M[i, r:r+6, c:c+6] = 1
args = dict(rotation_range=5, width_shift_range=0.05, height_shift_range=0.05, horizontal_flip=True, fill_mode='nearest')
image_datagen = ImageDataGenerator(**args); mask_datagen = ImageDataGenerator(**args); seed = 1
gen = zip(image_datagen.flow(X, batch_size=8, seed=seed), mask_datagen.flow(M, batch_size=8, seed=seed))
def adjusted():
    for (img, mask) in gen:
        mask[mask > 0.5] = 1; mask[mask <= 0.5] = 0
        yield (img, mask)
model = unet()
ck = ModelCheckpoint('unet.hdf5', monitor='loss', verbose=1, save_best_only=True)
model.fit_generator(adjusted(), steps_per_epoch=10, epochs=3, callbacks=[ck], verbose=2)
again = unet('unet.hdf5'); r = again.evaluate(X, M, verbose=0); print(r); assert r[2] > .8
