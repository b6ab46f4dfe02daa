from keras.layers import Input, Dropout, Concatenate, BatchNormalization, LeakyReLU, UpSampling2D, Conv2D
from keras.models import Model
from keras.optimizers import Adam
from keras.initializers import RandomNormal
import numpy as np, datetime
np.random.seed(0)
init = RandomNormal(stddev=0.02)
def generator(gf=4):
    def conv2d(layer_input, filters, f_size=4, bn=True):
        d = Conv2D(filters, kernel_size=f_size, strides=2, padding='same', kernel_initializer=init)(layer_input)
        d = LeakyReLU(alpha=0.2)(d)
        return BatchNormalization(momentum=0.8)(d) if bn else d
    def deconv2d(layer_input, skip_input, filters, f_size=4, dropout_rate=0):
        u = UpSampling2D(size=2)(layer_input)
        u = Conv2D(filters, kernel_size=f_size, strides=1, padding='same', activation='relu')(u)
        if dropout_rate:
            u = Dropout(dropout_rate)(u)
        u = BatchNormalization(momentum=0.8)(u)
        return Concatenate()([u, skip_input])
    d0 = Input(shape=(16, 16, 1))
    d1 = conv2d(d0, gf, bn=False); d2 = conv2d(d1, gf * 2); d3 = conv2d(d2, gf * 4)
    u1 = deconv2d(d3, d2, gf * 2, dropout_rate=0.1); u2 = deconv2d(u1, d1, gf)
    u3 = UpSampling2D(size=2)(u2)
    return Model(d0, Conv2D(1, kernel_size=4, strides=1, padding='same', activation='tanh')(u3))
def discriminator(df=4):
    img_A = Input(shape=(16, 16, 1)); img_B = Input(shape=(16, 16, 1))
    x = Concatenate(axis=-1)([img_A, img_B])
    for n in (df, df * 2):
        x = LeakyReLU(alpha=0.2)(Conv2D(n, kernel_size=4, strides=2, padding='same')(x))
    return Model([img_A, img_B], Conv2D(1, kernel_size=4, strides=1, padding='same')(x))
optimizer = Adam(0.005, 0.5)
D = discriminator(); D.compile(loss='mse', optimizer=optimizer, metrics=['accuracy'])
G = generator()
img_A = Input(shape=(16, 16, 1)); img_B = Input(shape=(16, 16, 1))
fake_A = G(img_B)
D.trainable = False
combined = Model(inputs=[img_A, img_B], outputs=[D([fake_A, img_B]), fake_A])
combined.compile(loss=['mse', 'mae'], loss_weights=[1, 100], optimizer=optimizer)
B = (np.random.rand(32, 16, 16, 1) > 0.8) * 2. - 1; A = -B
patch = D.output_shape[1:]
losses = []
start_time = datetime.datetime.now()
for epoch in range(10):
    for i in range(4):
        a, b = A[i * 8:i * 8 + 8], B[i * 8:i * 8 + 8]
        fake = G.predict(b)
        d_loss_real = D.train_on_batch([a, b], np.ones((8,) + patch)); d_loss_fake = D.train_on_batch([fake, b], np.zeros((8,) + patch))
        g_loss = combined.train_on_batch([a, b], [np.ones((8,) + patch), a])
    losses.append(g_loss[2])
print("[G L1: %f -> %f] time: %s" % (losses[0], losses[-1], datetime.datetime.now() - start_time))
assert losses[-1] < 0.7 * losses[0]
