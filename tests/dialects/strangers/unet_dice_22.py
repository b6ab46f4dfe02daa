import numpy as np
from keras.models import Model, load_model
from keras.layers import Input, Conv2D, MaxPooling2D, UpSampling2D, Conv2DTranspose, concatenate, BatchNormalization, Activation, Dropout, Add
from keras.losses import binary_crossentropy
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, Callback
from keras.optimizers import Adam
from keras import backend as K
import tensorflow as tf
np.random.seed(1)
def get_iou_vector(A, B):
    batch_size = A.shape[0]
    metric = []
    for batch in range(batch_size):
        t, p = A[batch] > 0, B[batch] > 0
        intersection = np.logical_and(t, p); union = np.logical_or(t, p)
        iou = (np.sum(intersection > 0) + 1e-10) / (np.sum(union > 0) + 1e-10)
        thresholds = np.arange(0.5, 1, 0.05)
        s = [iou > thresh for thresh in thresholds]
        metric.append(np.mean(s))
    return np.mean(metric)
def my_iou_metric(label, pred):
    return tf.py_func(get_iou_vector, [label, pred > 0.5], tf.float64)
def dice_coef(y_true, y_pred):
    y_true_f = K.flatten(y_true); y_pred = K.cast(y_pred, 'float32')
    y_pred_f = K.cast(K.greater(K.flatten(y_pred), 0.5), 'float32')
    intersection = y_true_f * y_pred_f
    return 2. * K.sum(intersection) / (K.sum(y_true_f) + K.sum(y_pred_f))
def dice_loss(y_true, y_pred):
    smooth = 1.
    y_true_f = K.flatten(y_true); y_pred_f = K.flatten(y_pred)
    intersection = y_true_f * y_pred_f
    return 1. - (2. * K.sum(intersection) + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)
def bce_dice_loss(y_true, y_pred):
    return binary_crossentropy(y_true, y_pred) + dice_loss(y_true, y_pred)
def BatchActivate(x):
    return Activation('relu')(BatchNormalization()(x))
def residual_block(blockInput, num_filters=4):
    x = BatchActivate(blockInput)
    x = Conv2D(num_filters, (3, 3), padding='same')(x)
    return Add()([x, blockInput])
inp = Input((16, 16, 1))
c1 = residual_block(Conv2D(4, (3, 3), activation=None, padding='same')(inp))
p1 = Dropout(0.1)(MaxPooling2D((2, 2))(c1))
m = residual_block(Conv2D(8, (3, 3), activation=None, padding='same')(p1), 8)
u1 = Conv2DTranspose(4, (3, 3), strides=(2, 2), padding='same')(m)
u1 = concatenate([u1, c1])
u1 = residual_block(Conv2D(4, (3, 3), activation=None, padding='same')(u1))
out = Conv2D(1, (1, 1), activation='sigmoid')(BatchActivate(u1))
model = Model(inp, out)
model.compile(loss=bce_dice_loss, optimizer=Adam(lr=0.02), metrics=[dice_coef])
X = np.random.rand(40, 16, 16, 1); Y = np.zeros((40, 16, 16, 1))
for i in range(40):
    r, c = np.random.randint(0, 9, 2)
    Y[i, r:r + 7, c:c + 7] = 1
X = X * 0.3 + Y * 0.7
history = model.fit(X, Y, validation_split=0.2, epochs=6, batch_size=4, verbose=2, callbacks=[
    ModelCheckpoint('unet.h5', monitor='val_dice_coef', mode='max', save_best_only=True, verbose=1),
    ReduceLROnPlateau(monitor='val_dice_coef', mode='max', factor=0.2, patience=3, min_lr=0.00001, verbose=1)])
best = load_model('unet.h5', custom_objects={'bce_dice_loss': bce_dice_loss, 'dice_coef': dice_coef})
pred = best.predict(X[-8:])
iou = get_iou_vector(Y[-8:], (pred > 0.5).astype('float32'))
print('iou', iou, max(history.history['val_dice_coef']))
assert max(history.history['val_dice_coef']) > 0.4
