# Kaggle: U-Net with dice, generators of images and masks zipped, ModelCheckpoint, load_model with custom_objects
import numpy as np
from keras.models import Model, load_model
from keras.layers import Input, Conv2D, MaxPooling2D, Conv2DTranspose, concatenate, Dropout
from keras.optimizers import Adam
from keras.callbacks import ModelCheckpoint, EarlyStopping
from keras.preprocessing.image import ImageDataGenerator
from keras import backend as K
K.set_image_data_format('channels_last')
np.random.seed(1)
smooth = 1.
def dice_coef(y_true, y_pred):
    y_true_f = K.flatten(y_true); y_pred_f = K.flatten(y_pred)
    intersection = K.sum(y_true_f * y_pred_f)
    return (2. * intersection + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)
def dice_coef_loss(y_true, y_pred):
    return -dice_coef(y_true, y_pred)
inputs = Input((16, 16, 1))
conv1 = Conv2D(8, (3, 3), activation='relu', padding='same')(inputs); pool1 = MaxPooling2D(pool_size=(2, 2))(conv1)
conv2 = Dropout(0.1)(Conv2D(16, (3, 3), activation='relu', padding='same')(pool1))
up = concatenate([Conv2DTranspose(8, (2, 2), strides=(2, 2), padding='same')(conv2), conv1], axis=3)
model = Model(inputs=[inputs], outputs=[Conv2D(1, (1, 1), activation='sigmoid')(Conv2D(8, (3, 3), activation='relu', padding='same')(up))])
model.compile(optimizer=Adam(lr=5e-3), loss=dice_coef_loss, metrics=[dice_coef])
Y = np.zeros((80, 16, 16, 1), 'float32')
for k in range(80):
    r, c = np.random.randint(1, 9, 2); Y[k, r:r + 6, c:c + 6] = 1
X = Y * 0.6 + np.random.rand(*Y.shape) * 0.5
args = dict(horizontal_flip=True, vertical_flip=True)
image_gen = ImageDataGenerator(**args).flow(X, batch_size=16, seed=7); mask_gen = ImageDataGenerator(**args).flow(Y, batch_size=16, seed=7)
train_generator = zip(image_gen, mask_gen)
h = model.fit_generator(train_generator, steps_per_epoch=5, epochs=14, verbose=0, validation_data=(X[:16], Y[:16]),
                        callbacks=[ModelCheckpoint('unet.h5', monitor='val_loss', save_best_only=True), EarlyStopping(patience=10)])
best = load_model('unet.h5', custom_objects={'dice_coef_loss': dice_coef_loss, 'dice_coef': dice_coef})
score = best.evaluate(X[:16], Y[:16], verbose=0)
print('dice', score[1], max(h.history['val_dice_coef']))
assert score[1] > 0.9 and abs(score[1] - max(h.history['val_dice_coef'])) < 1e-5
