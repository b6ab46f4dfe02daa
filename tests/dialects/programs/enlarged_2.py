from keras.models import Model
from keras.layers import Input, Conv2D, Lambda, Add, PReLU, BatchNormalization
from keras.callbacks import Callback, LearningRateScheduler, LambdaCallback
from keras import backend as K, optimizers
import tensorflow as tf, numpy as np, math
def PSNR(y_true, y_pred):
    max_pixel = 1.0
    return 10.0 * K.log((max_pixel ** 2) / (K.mean(K.square(y_pred - y_true)))) / 2.303
def SubpixelConv2D(scale=2, name='subpixel'):
    def subpixel_shape(input_shape):
        dims = [input_shape[0], input_shape[1] * scale if input_shape[1] else None, input_shape[2] * scale if input_shape[2] else None, int(input_shape[3] / (scale ** 2))]
        return tuple(dims)
    def subpixel(x): return tf.depth_to_space(x, scale)
    return Lambda(subpixel, output_shape=subpixel_shape, name=name)
class StepDecay(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if not hasattr(self.model.optimizer, 'lr'): raise ValueError('no lr')
        lr = float(K.get_value(self.model.optimizer.lr)); K.set_value(self.model.optimizer.lr, lr * .95)
x = inp = Input(shape=(None, None, 1))
x = Conv2D(8, (3, 3), padding='same')(x); x = PReLU(shared_axes=[1, 2])(x)
s = x; x = Conv2D(8, 3, padding='same')(x); x = BatchNormalization()(x); x = Add()([x, s])
x = Conv2D(4, 3, padding='same')(x); x = SubpixelConv2D(2)(x)
m = Model(inp, x); m.compile(optimizer=optimizers.Adam(lr=.01), loss='mae', metrics=[PSNR])
np.random.seed(0); H = np.random.rand(64, 1, 1, 1) + np.linspace(0, 1, 12)[None, :, None, None] * np.ones((1, 1, 12, 1)); H = H / 2.; L = H[:, ::2, ::2]
h = m.fit(L, H, epochs=15, batch_size=8, verbose=0, callbacks=[StepDecay()])
print(h.history['PSNR'][-1], float(K.get_value(m.optimizer.lr))); assert h.history['PSNR'][-1] > 20 and m.predict(np.zeros((1, 5, 7, 1))).shape == (1, 10, 14, 1)
assert abs(K.get_value(m.optimizer.lr) - .01 * .95 ** 15) < 1e-6
