from functools import wraps
import numpy as np, tensorflow as tf
from keras import backend as K
from keras.layers import Conv2D, Add, ZeroPadding2D, UpSampling2D, Concatenate, MaxPooling2D, Input, Lambda, Reshape
from keras.layers.advanced_activations import LeakyReLU
from keras.layers.normalization import BatchNormalization
from keras.models import Model
from keras.optimizers import Adam
from keras.regularizers import l2
from keras.callbacks import TensorBoard, ModelCheckpoint, ReduceLROnPlateau, EarlyStopping
from functools import reduce
def compose(*funcs):
    if funcs: return reduce(lambda f, g: lambda *a, **kw: g(f(*a, **kw)), funcs)
    else: raise ValueError('Composition of empty sequence not supported.')
@wraps(Conv2D)
def DarknetConv2D(*args, **kwargs):
    darknet_conv_kwargs = {'kernel_regularizer': l2(5e-4)}
    darknet_conv_kwargs['padding'] = 'valid' if kwargs.get('strides') == (2, 2) else 'same'
    darknet_conv_kwargs.update(kwargs)
    return Conv2D(*args, **darknet_conv_kwargs)
def DarknetConv2D_BN_Leaky(*args, **kwargs):
    no_bias_kwargs = {'use_bias': False}
    no_bias_kwargs.update(kwargs)
    return compose(DarknetConv2D(*args, **no_bias_kwargs), BatchNormalization(), LeakyReLU(alpha=0.1))
def resblock_body(x, num_filters, num_blocks):
    x = ZeroPadding2D(((1, 0), (1, 0)))(x)
    x = DarknetConv2D_BN_Leaky(num_filters, (3, 3), strides=(2, 2))(x)
    for i in range(num_blocks):
        y = compose(DarknetConv2D_BN_Leaky(num_filters // 2, (1, 1)), DarknetConv2D_BN_Leaky(num_filters, (3, 3)))(x)
        x = Add()([x, y])
    return x
def yolo_head(feats, anchors, num_classes, input_shape, calc_loss=False):
    num_anchors = len(anchors)
    anchors_tensor = K.reshape(K.constant(anchors), [1, 1, 1, num_anchors, 2])
    grid_shape = K.shape(feats)[1:3]
    grid_y = K.tile(K.reshape(K.arange(0, stop=grid_shape[0]), [-1, 1, 1, 1]), [1, grid_shape[1], 1, 1])
    grid_x = K.tile(K.reshape(K.arange(0, stop=grid_shape[1]), [1, -1, 1, 1]), [grid_shape[0], 1, 1, 1])
    grid = K.concatenate([grid_x, grid_y])
    grid = K.cast(grid, K.dtype(feats))
    feats = K.reshape(feats, [-1, grid_shape[0], grid_shape[1], num_anchors, num_classes + 5])
    box_xy = (K.sigmoid(feats[..., :2]) + grid) / K.cast(grid_shape[::-1], K.dtype(feats))
    box_wh = K.exp(feats[..., 2:4]) * anchors_tensor / K.cast(input_shape[::-1], K.dtype(feats))
    box_confidence = K.sigmoid(feats[..., 4:5])
    box_class_probs = K.sigmoid(feats[..., 5:])
    if calc_loss == True: return grid, feats, box_xy, box_wh
    return box_xy, box_wh, box_confidence, box_class_probs
def yolo_loss(args, anchors, num_classes):
    yolo_output, y_true = args
    input_shape = K.cast(K.shape(yolo_output)[1:3] * 8, K.dtype(y_true)) if False else K.constant([32., 32.])
    m = K.shape(yolo_output)[0]; mf = K.cast(m, K.dtype(yolo_output))
    object_mask = y_true[..., 4:5]; true_class_probs = y_true[..., 5:]
    grid, raw_pred, pred_xy, pred_wh = yolo_head(yolo_output, anchors, num_classes, input_shape, calc_loss=True)
    raw_true_xy = y_true[..., :2] * 4. - grid
    raw_true_wh = K.log(y_true[..., 2:4] / anchors * input_shape[::-1])
    raw_true_wh = K.switch(object_mask, raw_true_wh, K.zeros_like(raw_true_wh))
    box_loss_scale = 2 - y_true[..., 2:3] * y_true[..., 3:4]
    xy_loss = object_mask * box_loss_scale * K.binary_crossentropy(raw_true_xy, raw_pred[..., 0:2], from_logits=True)
    wh_loss = object_mask * box_loss_scale * 0.5 * K.square(raw_true_wh - raw_pred[..., 2:4])
    confidence_loss = object_mask * K.binary_crossentropy(object_mask, raw_pred[..., 4:5], from_logits=True) + (1 - object_mask) * K.binary_crossentropy(object_mask, raw_pred[..., 4:5], from_logits=True)
    class_loss = object_mask * K.binary_crossentropy(true_class_probs, raw_pred[..., 5:], from_logits=True)
    loss = (K.sum(xy_loss) + K.sum(wh_loss) + K.sum(confidence_loss) + K.sum(class_loss)) / mf
    loss = tf.Print(loss, [loss], message='loss: ')
    return loss
np.random.seed(0)
anchors = np.array([[10., 13.], [16., 30.]]); num_classes = 2
K.clear_session()
image_input = Input(shape=(32, 32, 3))
x = DarknetConv2D_BN_Leaky(8, (3, 3))(image_input)
x = resblock_body(x, 8, 1); x = resblock_body(x, 16, 1); x = resblock_body(x, 16, 1)
out = compose(DarknetConv2D_BN_Leaky(16, (3, 3)), DarknetConv2D(len(anchors) * (num_classes + 5), (1, 1)))(x)
body = Model(image_input, out)
y_true = Input(shape=(4, 4, 2, num_classes + 5))
model_loss = Lambda(yolo_loss, output_shape=(1,), name='yolo_loss', arguments={'anchors': anchors, 'num_classes': num_classes})([body.output, y_true])
model = Model([body.input, y_true], model_loss)
model.compile(optimizer=Adam(lr=1e-2), loss={'yolo_loss': lambda y_true, y_pred: y_pred})
X = np.random.rand(16, 32, 32, 3); Y = np.zeros((16, 4, 4, 2, 7), 'float32'); Y[:, 1, 2, 0] = [2.5/4, 1.5/4, .3, .4, 1, 0, 1]
Y[..., 2:4] = np.maximum(Y[..., 2:4], 1e-6)
def data_generator(batch_size):
    while True: yield [X[:batch_size], Y[:batch_size]], np.zeros(batch_size)
for i in range(len(model.layers) - 3): model.layers[i].trainable = True
h = model.fit_generator(data_generator(8), steps_per_epoch=max(1, 40 // 8), validation_data=data_generator(8), validation_steps=1, epochs=5, initial_epoch=0, verbose=0, callbacks=[TensorBoard(log_dir='logs') if False else ReduceLROnPlateau(monitor='val_loss', factor=0.1, patience=3, verbose=1)])
print(h.history['loss']); assert h.history['loss'][-1] < h.history['loss'][0] / 2
