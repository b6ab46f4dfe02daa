# WGAN-GP on points: gradient penalty with K.gradients, RandomWeightedAverage
import numpy as np
from keras.layers import Input, Dense, LeakyReLU
from keras.layers.merge import _Merge
from keras.models import Sequential, Model
from keras.optimizers import RMSprop, Adam
import keras.backend as K
np.random.seed(0)
class RandomWeightedAverage(_Merge):
    def _merge_function(self, inputs):
        alpha = K.random_uniform((32, 1))
        return (alpha * inputs[0]) + ((1 - alpha) * inputs[1])
def gradient_penalty_loss(y_true, y_pred, averaged_samples):
    gradients = K.gradients(y_pred, averaged_samples)[0]
    gradients_sqr = K.square(gradients)
    gradient_l2_norm = K.sqrt(K.sum(gradients_sqr, axis=np.arange(1, len(gradients_sqr.shape))))
    return K.mean(K.square(1 - gradient_l2_norm))
def wasserstein_loss(y_true, y_pred):
    return K.mean(y_true * y_pred)
gen = Sequential([Dense(24, input_dim=4), LeakyReLU(0.2), Dense(2)])
critic = Sequential([Dense(24, input_dim=2), LeakyReLU(0.2), Dense(1)])
gen.trainable = False
real = Input(shape=(2,)); z = Input(shape=(4,)); fake = gen(z)
inter = RandomWeightedAverage()([real, fake]); v = critic(inter)
critic_model = Model([real, z], [critic(real), critic(fake)])
critic_model.add_loss(10 * gradient_penalty_loss(None, v, averaged_samples=inter))
critic_model.compile(loss=[wasserstein_loss, wasserstein_loss], optimizer=Adam(lr=2e-3, beta_1=0.5))
critic.trainable = False; gen.trainable = True
zg = Input(shape=(4,)); gen_model = Model(zg, critic(gen(zg))); gen_model.compile(loss=wasserstein_loss, optimizer=Adam(lr=2e-3, beta_1=0.5))
before = np.linalg.norm(gen.predict(np.random.randn(200, 4)).mean(0) - [2, -1])
valid, fake_y = -np.ones((32, 1)), np.ones((32, 1))
for epoch in range(150):
    for _ in range(3):
        d = critic_model.train_on_batch([[2, -1] + 0.3 * np.random.randn(32, 2), np.random.randn(32, 4)], [valid, fake_y])
    g = gen_model.train_on_batch(np.random.randn(32, 4), valid)
after = np.linalg.norm(gen.predict(np.random.randn(200, 4)).mean(0) - [2, -1])
print('distance', before, '->', after, 'losses', d)
assert after < 0.7 * before and np.isfinite(d).all()
