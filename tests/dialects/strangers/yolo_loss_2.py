#! /usr/bin/env python
"""basic-yolo-keras manner: custom_loss with tf ops, Lambda trick for true boxes"""
from keras.models import Sequential, Model
from keras.layers import Reshape, Activation, Conv2D, Input, MaxPooling2D, BatchNormalization, Flatten, Dense, Lambda
from keras.layers.advanced_activations import LeakyReLU
from keras.callbacks import EarlyStopping, ModelCheckpoint, TensorBoard
from keras.optimizers import SGD, Adam, RMSprop
from keras.layers.merge import concatenate
from keras.utils import Sequence
import keras.backend as K
import tensorflow as tf
import numpy as np
import os, argparse

argparser = argparse.ArgumentParser(description='Train and validate YOLO_v2 model on any dataset')
argparser.add_argument('-c', '--conf', help='path to configuration file', default=None)
args = argparser.parse_args()

os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
np.random.seed(0)
LABELS = ['RBC', 'WBC']
IMAGE_H, IMAGE_W = 64, 64
GRID_H,  GRID_W  = 8 , 8
BOX              = 2
CLASS            = len(LABELS)
CLASS_WEIGHTS    = np.ones(CLASS, dtype='float32')
ANCHORS          = [1.0, 1.0, 2.0, 2.0]
NO_OBJECT_SCALE  = 1.0
OBJECT_SCALE     = 5.0
COORD_SCALE      = 1.0
CLASS_SCALE      = 1.0
BATCH_SIZE       = 8
WARM_UP_BATCHES  = 2
TRUE_BOX_BUFFER  = 5

def space_to_depth_x2(x):
    return tf.space_to_depth(x, block_size=2)

input_image = Input(shape=(IMAGE_H, IMAGE_W, 3))
true_boxes  = Input(shape=(1, 1, 1, TRUE_BOX_BUFFER , 4))

x = Conv2D(8, (3,3), strides=(1,1), padding='same', name='conv_1', use_bias=False)(input_image)
x = BatchNormalization(name='norm_1')(x)
x = LeakyReLU(alpha=0.1)(x)
x = MaxPooling2D(pool_size=(2, 2))(x)
x = Conv2D(16, (3,3), strides=(1,1), padding='same', name='conv_2', use_bias=False)(x)
x = BatchNormalization(name='norm_2')(x)
x = LeakyReLU(alpha=0.1)(x)
x = MaxPooling2D(pool_size=(2, 2))(x)
skip_connection = x
x = MaxPooling2D(pool_size=(2, 2))(x)
x = Conv2D(16, (3,3), padding='same', name='conv_3', use_bias=False)(x)
skip_connection = Lambda(space_to_depth_x2)(skip_connection)
x = concatenate([skip_connection, x])
x = Conv2D(BOX * (4 + 1 + CLASS), (1,1), strides=(1,1), padding='same', name='conv_23')(x)
output = Reshape((GRID_H, GRID_W, BOX, 4 + 1 + CLASS))(x)
output = Lambda(lambda args: args[0])([output, true_boxes])
model = Model([input_image, true_boxes], output)
model.summary()

layer   = model.layers[-4] # the last convolutional layer
weights = layer.get_weights()
new_kernel = np.random.normal(size=weights[0].shape)/(GRID_H*GRID_W)
new_bias   = np.random.normal(size=weights[1].shape)/(GRID_H*GRID_W)
layer.set_weights([new_kernel, new_bias])

def custom_loss(y_true, y_pred):
    mask_shape = tf.shape(y_true)[:4]
    cell_x = tf.to_float(tf.reshape(tf.tile(tf.range(GRID_W), [GRID_H]), (1, GRID_H, GRID_W, 1, 1)))
    cell_y = tf.transpose(cell_x, (0,2,1,3,4))
    cell_grid = tf.tile(tf.concat([cell_x,cell_y], -1), [BATCH_SIZE, 1, 1, BOX, 1])

    coord_mask = tf.zeros(mask_shape)
    conf_mask  = tf.zeros(mask_shape)
    class_mask = tf.zeros(mask_shape)
    seen = tf.Variable(0.)
    total_recall = tf.Variable(0.)

    ### adjust x and y
    pred_box_xy = tf.sigmoid(y_pred[..., :2]) + cell_grid
    ### adjust w and h
    pred_box_wh = tf.exp(y_pred[..., 2:4]) * np.reshape(ANCHORS, [1,1,1,BOX,2])
    ### adjust confidence
    pred_box_conf = tf.sigmoid(y_pred[..., 4])
    pred_box_class = y_pred[..., 5:]

    true_box_xy = y_true[..., 0:2]
    true_box_wh = y_true[..., 2:4]
    true_wh_half = true_box_wh / 2.
    true_mins    = true_box_xy - true_wh_half
    true_maxes   = true_box_xy + true_wh_half
    pred_wh_half = pred_box_wh / 2.
    pred_mins    = pred_box_xy - pred_wh_half
    pred_maxes   = pred_box_xy + pred_wh_half
    intersect_mins  = tf.maximum(pred_mins,  true_mins)
    intersect_maxes = tf.minimum(pred_maxes, true_maxes)
    intersect_wh    = tf.maximum(intersect_maxes - intersect_mins, 0.)
    intersect_areas = intersect_wh[..., 0] * intersect_wh[..., 1]
    true_areas = true_box_wh[..., 0] * true_box_wh[..., 1]
    pred_areas = pred_box_wh[..., 0] * pred_box_wh[..., 1]
    union_areas = pred_areas + true_areas - intersect_areas
    iou_scores  = tf.truediv(intersect_areas, union_areas)
    true_box_conf = iou_scores * y_true[..., 4]
    true_box_class = tf.argmax(y_true[..., 5:], -1)

    coord_mask = tf.expand_dims(y_true[..., 4], axis=-1) * COORD_SCALE

    true_xy = true_boxes[..., 0:2]
    true_wh = true_boxes[..., 2:4]
    true_wh_half = true_wh / 2.
    true_mins    = true_xy - true_wh_half
    true_maxes   = true_xy + true_wh_half
    pred_xy = tf.expand_dims(pred_box_xy, 4)
    pred_wh = tf.expand_dims(pred_box_wh, 4)
    pred_wh_half = pred_wh / 2.
    pred_mins    = pred_xy - pred_wh_half
    pred_maxes   = pred_xy + pred_wh_half
    intersect_mins  = tf.maximum(pred_mins,  true_mins)
    intersect_maxes = tf.minimum(pred_maxes, true_maxes)
    intersect_wh    = tf.maximum(intersect_maxes - intersect_mins, 0.)
    intersect_areas = intersect_wh[..., 0] * intersect_wh[..., 1]
    true_areas = true_wh[..., 0] * true_wh[..., 1]
    pred_areas = pred_wh[..., 0] * pred_wh[..., 1]
    union_areas = pred_areas + true_areas - intersect_areas
    iou_scores  = tf.truediv(intersect_areas, union_areas)
    best_ious = tf.reduce_max(iou_scores, axis=4)
    conf_mask = conf_mask + tf.to_float(best_ious < 0.6) * (1 - y_true[..., 4]) * NO_OBJECT_SCALE
    conf_mask = conf_mask + y_true[..., 4] * OBJECT_SCALE
    class_mask = y_true[..., 4] * tf.gather(CLASS_WEIGHTS, true_box_class) * CLASS_SCALE

    no_boxes_mask = tf.to_float(coord_mask < COORD_SCALE/2.)
    seen = tf.assign_add(seen, 1.)
    true_box_xy, true_box_wh, coord_mask = tf.cond(tf.less(seen, WARM_UP_BATCHES),
                          lambda: [true_box_xy + (0.5 + cell_grid) * no_boxes_mask,
                                   true_box_wh + tf.ones_like(true_box_wh) * np.reshape(ANCHORS, [1,1,1,BOX,2]) * no_boxes_mask,
                                   tf.ones_like(coord_mask)],
                          lambda: [true_box_xy, true_box_wh, coord_mask])
    nb_coord_box = tf.reduce_sum(tf.to_float(coord_mask > 0.0))
    nb_conf_box  = tf.reduce_sum(tf.to_float(conf_mask  > 0.0))
    nb_class_box = tf.reduce_sum(tf.to_float(class_mask > 0.0))
    loss_xy    = tf.reduce_sum(tf.square(true_box_xy-pred_box_xy)     * coord_mask) / (nb_coord_box + 1e-6) / 2.
    loss_wh    = tf.reduce_sum(tf.square(true_box_wh-pred_box_wh)     * coord_mask) / (nb_coord_box + 1e-6) / 2.
    loss_conf  = tf.reduce_sum(tf.square(true_box_conf-pred_box_conf) * conf_mask)  / (nb_conf_box  + 1e-6) / 2.
    loss_class = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=true_box_class, logits=pred_box_class)
    loss_class = tf.reduce_sum(loss_class * class_mask) / (nb_class_box + 1e-6)
    loss = loss_xy + loss_wh + loss_conf + loss_class
    nb_true_box = tf.reduce_sum(y_true[..., 4])
    nb_pred_box = tf.reduce_sum(tf.to_float(true_box_conf > 0.5) * tf.to_float(pred_box_conf > 0.3))
    current_recall = nb_pred_box/(nb_true_box + 1e-6)
    total_recall = tf.assign_add(total_recall, current_recall)
    loss = tf.Print(loss, [tf.zeros((1))], message='Dummy Line \t', summarize=1000)
    loss = tf.Print(loss, [loss_xy], message='Loss XY \t', summarize=1000)
    loss = tf.Print(loss, [total_recall/seen], message='Average Recall \t', summarize=1000)
    return loss

class BatchGenerator(Sequence):
    def __init__(self, n, shuffle=True):
        rng = np.random.RandomState(1)
        self.items = []
        for _ in range(n):
            img = rng.rand(IMAGE_H, IMAGE_W, 3) * 0.1
            c = rng.randint(CLASS)
            cx, cy = rng.uniform(1.5, 6.5, 2)
            w = h = 1.2 + c
            x0, x1 = int((cx - w/2) * 8), int((cx + w/2) * 8)
            y0, y1 = int((cy - h/2) * 8), int((cy + h/2) * 8)
            img[max(y0, 0):y1, max(x0, 0):x1, c] = 1.
            self.items.append((img, c, (cx, cy, w, h)))
        self.shuffle = shuffle
    def __len__(self):
        return int(np.ceil(float(len(self.items))/BATCH_SIZE))
    def __getitem__(self, idx):
        chunk = self.items[idx*BATCH_SIZE:(idx+1)*BATCH_SIZE]
        x_batch = np.zeros((len(chunk), IMAGE_H, IMAGE_W, 3))
        b_batch = np.zeros((len(chunk), 1, 1, 1, TRUE_BOX_BUFFER, 4))
        y_batch = np.zeros((len(chunk), GRID_H, GRID_W, BOX, 5 + CLASS))
        for i, (img, c, box) in enumerate(chunk):
            gx, gy = int(box[0]), int(box[1])
            y_batch[i, gy, gx, c, 0:4] = box
            y_batch[i, gy, gx, c, 4] = 1.
            y_batch[i, gy, gx, c, 5 + c] = 1
            b_batch[i, 0, 0, 0, 0] = box
            x_batch[i] = img
        return [x_batch, b_batch], y_batch
    def on_epoch_end(self):
        if self.shuffle: np.random.shuffle(self.items)

train_batch = BatchGenerator(64)
valid_batch = BatchGenerator(16, shuffle=False)
early_stop = EarlyStopping(monitor='val_loss', min_delta=0.001, patience=10, mode='min', verbose=1)
checkpoint = ModelCheckpoint('weights_coco.h5', monitor='val_loss', verbose=1, save_best_only=True, mode='min', period=1)
optimizer = Adam(lr=0.5e-2, beta_1=0.9, beta_2=0.999, epsilon=1e-08, decay=0.0)
model.compile(loss=custom_loss, optimizer=optimizer)
h = model.fit_generator(generator        = train_batch,
                    steps_per_epoch  = len(train_batch),
                    epochs           = 8,
                    verbose          = 1,
                    validation_data  = valid_batch,
                    validation_steps = len(valid_batch),
                    callbacks        = [early_stop, checkpoint],
                    max_queue_size   = 3)
model.load_weights('weights_coco.h5')
dummy_array = np.zeros((1,1,1,1,TRUE_BOX_BUFFER,4))
good = 0
for img, c, box in valid_batch.items:
    netout = model.predict([np.expand_dims(img, 0), dummy_array])[0]
    conf = 1/(1+np.exp(-netout[..., 4]))
    gy, gx, b = np.unravel_index(conf.argmax(), conf.shape)
    if abs(gx - int(box[0])) <= 1 and abs(gy - int(box[1])) <= 1: good += 1
print(good, h.history['val_loss'])
assert min(h.history['val_loss']) < 0.5 * h.history['val_loss'][0] or min(h.history['val_loss']) < 0.6
assert good >= 8
