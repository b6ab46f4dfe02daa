# WGAN with gradient penalty; the penalty is a partial loss that asks for gradients at the averaged samples
from functools import partial
import numpy as np
import keras.backend as K
from keras.layers import Input, Dense, LeakyReLU
from keras.layers.merge import _Merge
from keras.models import Sequential, Model
from keras.optimizers import RMSprop
np.random.seed(3)
BATCH = 16
class RandomWeightedAverage(_Merge):
    def _merge_function(self, inputs):
        alpha = K.random_uniform((BATCH, 1))
        return (alpha * inputs[0]) + ((1 - alpha) * inputs[1])
class WGANGP():
    def __init__(self):
        self.n_critic = 3
        self.generator = Sequential([Dense(16, activation='relu', input_dim=4), Dense(2)])
        self.critic = Sequential([Dense(24, input_dim=2), LeakyReLU(alpha=0.2), Dense(24), LeakyReLU(alpha=0.2), Dense(1)])
        self.generator.trainable = False
        real_img = Input(shape=(2,)); z_disc = Input(shape=(4,))
        fake_img = self.generator(z_disc)
        fake = self.critic(fake_img); valid = self.critic(real_img)
        interpolated_img = RandomWeightedAverage()([real_img, fake_img])
        validity_interpolated = self.critic(interpolated_img)
        partial_gp_loss = partial(self.gradient_penalty_loss, averaged_samples=interpolated_img)
        partial_gp_loss.__name__ = 'gradient_penalty'
        self.critic_model = Model(inputs=[real_img, z_disc], outputs=[valid, fake, validity_interpolated])
        self.critic_model.compile(loss=[self.wasserstein_loss, self.wasserstein_loss, partial_gp_loss],
                                  optimizer=RMSprop(lr=0.002), loss_weights=[1, 1, 10])
        self.critic.trainable = False; self.generator.trainable = True
        z_gen = Input(shape=(4,))
        self.generator_model = Model(z_gen, self.critic(self.generator(z_gen)))
        self.generator_model.compile(loss=self.wasserstein_loss, optimizer=RMSprop(lr=0.002))
    def gradient_penalty_loss(self, y_true, y_pred, averaged_samples):
        gradients = K.gradients(y_pred, averaged_samples)[0]
        gradients_sqr_sum = K.sum(K.square(gradients), axis=np.arange(1, len(gradients.shape)))
        return K.mean(K.square(1 - K.sqrt(gradients_sqr_sum)))
    def wasserstein_loss(self, y_true, y_pred):
        return K.mean(y_true * y_pred)
    def train(self, epochs):
        valid = -np.ones((BATCH, 1)); fake = np.ones((BATCH, 1)); dummy = np.zeros((BATCH, 1))
        for epoch in range(epochs):
            for _ in range(self.n_critic):
                imgs = np.random.randn(BATCH, 2) * 0.3 + 2
                noise = np.random.normal(0, 1, (BATCH, 4))
                d_loss = self.critic_model.train_on_batch([imgs, noise], [valid, fake, dummy])
            g_loss = self.generator_model.train_on_batch(noise, valid)
        print("%d [D loss: %f] [G loss: %f]" % (epoch, d_loss[0], g_loss))
        return d_loss
wgan = WGANGP()
start = wgan.generator.predict(np.random.randn(200, 4)).mean(axis=0)
d = wgan.train(150)
end = wgan.generator.predict(np.random.randn(200, 4)).mean(axis=0)
print('generated', start, end, 'penalty', d[3])
assert d[3] < 0.2 and np.abs(end - 2).max() < 1 < np.abs(start - 2).max()
