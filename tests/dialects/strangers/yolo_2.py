# a YOLO head: sigmoid offsets, exp sizes, a masked loss with tf ops
import numpy as np
import tensorflow as tf
from keras.models import Model
from keras.layers import Input, Conv2D, BatchNormalization, LeakyReLU, MaxPooling2D, Reshape, Lambda
from keras.optimizers import Adam
from keras import backend as K
np.random.seed(3); tf.set_random_seed(3)
GRID, BOX, CLASS = 4, 1, 2
inp = Input(shape=(16, 16, 1))
x = inp
for i, filters in enumerate([8, 16]):
    x = Conv2D(filters, (3, 3), strides=(1, 1), padding='same', name='conv_%d' % i, use_bias=False)(x)
    x = BatchNormalization(name='norm_%d' % i)(x)
    x = LeakyReLU(alpha=0.1)(x)
    x = MaxPooling2D(pool_size=(2, 2))(x)
x = Conv2D(BOX * (4 + 1 + CLASS), (1, 1), padding='same', kernel_initializer='lecun_normal')(x)
out = Reshape((GRID, GRID, BOX, 4 + 1 + CLASS))(x)
model = Model(inp, out)
layer = model.layers[-2]  # initial weights of the detection layer
new_kernel = np.random.normal(size=layer.get_weights()[0].shape) / (GRID * GRID)
layer.set_weights([new_kernel, np.random.normal(size=layer.get_weights()[1].shape) / (GRID * GRID)])
def custom_loss(y_true, y_pred):
    cell_x = tf.to_float(tf.reshape(tf.tile(tf.range(GRID), [GRID]), (1, GRID, GRID, 1, 1)))
    cell_y = tf.transpose(cell_x, (0, 2, 1, 3, 4))
    grid = tf.concat([cell_x, cell_y], -1)
    xy = tf.sigmoid(y_pred[..., :2]) + grid
    wh = tf.exp(y_pred[..., 2:4])
    conf = tf.sigmoid(y_pred[..., 4])
    obj = tf.expand_dims(y_true[..., 4], axis=-1)
    n = tf.reduce_sum(tf.to_float(y_true[..., 4] > 0.0))
    loss_xy = tf.reduce_sum(tf.square(y_true[..., 0:2] - xy) * obj) / (n + 1e-6) / 2.
    loss_wh = tf.reduce_sum(tf.square(y_true[..., 2:4] - wh) * obj) / (n + 1e-6) / 2.
    mask = y_true[..., 4] + (1. - y_true[..., 4]) * 0.5
    loss_conf = tf.reduce_sum(tf.square(y_true[..., 4] - conf) * mask) / (n + 1e-6) / 2.
    loss_class = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.argmax(y_true[..., 5:], -1), logits=y_pred[..., 5:])
    loss_class = tf.reduce_sum(loss_class * y_true[..., 4]) / (n + 1e-6)
    return loss_xy + loss_wh + loss_conf + loss_class
X = np.zeros((64, 16, 16, 1)); Y = np.zeros((64, GRID, GRID, BOX, 7))
for k in range(64):
    r, c, big = np.random.randint(1, 13), np.random.randint(1, 13), k % 2
    s = 3 if big else 1
    X[k, r:r + s, c:c + s] = 1
    cy, cx = (r + s / 2.) / 4, (c + s / 2.) / 4
    cell = Y[k, int(cy), int(cx), 0]
    cell[:5] = [cx, cy, s / 4., s / 4., 1]; cell[5 + big] = 1
model.compile(loss=custom_loss, optimizer=Adam(lr=0.005))
h = model.fit(X, Y, batch_size=16, epochs=80, verbose=0)
print(h.history['loss'][0], h.history['loss'][-1])
assert h.history['loss'][-1] < 0.25
p = model.predict(X)
right = [np.unravel_index(p[k, ..., 0, 4].argmax(), (4, 4)) == np.unravel_index(Y[k, ..., 0, 4].argmax(), (4, 4)) for k in range(64)]
print('right', np.mean(right))
assert np.mean(right) > 0.9
