from __future__ import print_function, division
from keras.layers import Input, Dense, Reshape, Flatten, Dropout, multiply
from keras.layers import BatchNormalization, Activation, Embedding, ZeroPadding2D
from keras.layers.advanced_activations import LeakyReLU
from keras.models import Sequential, Model
from keras.optimizers import Adam
import numpy as np
np.random.seed(0)
class CGAN():
    def __init__(self):
        self.img_shape = (4, 4, 1); self.num_classes = 3; self.latent_dim = 6
        optimizer = Adam(0.002, 0.5)
        self.discriminator = self.build_discriminator()
        self.discriminator.compile(loss=['binary_crossentropy'], optimizer=optimizer, metrics=['accuracy'])
        self.generator = self.build_generator()
        noise = Input(shape=(self.latent_dim,)); label = Input(shape=(1,))
        img = self.generator([noise, label])
        self.discriminator.trainable = False
        valid = self.discriminator([img, label])
        self.combined = Model([noise, label], valid)
        self.combined.compile(loss=['binary_crossentropy'], optimizer=optimizer)
    def build_generator(self):
        model = Sequential()
        model.add(Dense(32, input_dim=self.latent_dim)); model.add(LeakyReLU(alpha=0.2)); model.add(BatchNormalization(momentum=0.8))
        model.add(Dense(np.prod(self.img_shape), activation='tanh'))
        model.add(Reshape(self.img_shape))
        noise = Input(shape=(self.latent_dim,)); label = Input(shape=(1,), dtype='int32')
        label_embedding = Flatten()(Embedding(self.num_classes, self.latent_dim)(label))
        return Model([noise, label], model(multiply([noise, label_embedding])))
    def build_discriminator(self):
        model = Sequential()
        model.add(Dense(32, input_dim=np.prod(self.img_shape))); model.add(LeakyReLU(alpha=0.2))
        model.add(Dense(32)); model.add(LeakyReLU(alpha=0.2)); model.add(Dropout(0.4))
        model.add(Dense(1, activation='sigmoid'))
        img = Input(shape=self.img_shape); label = Input(shape=(1,), dtype='int32')
        label_embedding = Flatten()(Embedding(self.num_classes, np.prod(self.img_shape))(label))
        return Model([img, label], model(multiply([Flatten()(img), label_embedding])))
    def train(self, epochs, batch_size=16):
        y_train = np.random.randint(0, 3, 90); X_train = np.zeros((90, 4, 4, 1)) - 0.5
        X_train[np.arange(90), y_train] = 0.5
        y_train = y_train.reshape(-1, 1)
        valid = np.ones((batch_size, 1)); fake = np.zeros((batch_size, 1))
        for epoch in range(epochs):
            idx = np.random.randint(0, X_train.shape[0], batch_size)
            imgs, labels = X_train[idx], y_train[idx]
            noise = np.random.normal(0, 1, (batch_size, self.latent_dim))
            gen_imgs = self.generator.predict([noise, labels])
            d_loss_real = self.discriminator.train_on_batch([imgs, labels], valid)
            d_loss_fake = self.discriminator.train_on_batch([gen_imgs, labels], fake)
            d_loss = 0.5 * np.add(d_loss_real, d_loss_fake)
            sampled_labels = np.random.randint(0, 3, batch_size).reshape(-1, 1)
            g_loss = self.combined.train_on_batch([noise, sampled_labels], valid)
        print("%d [D loss: %f, acc.: %.2f%%] [G loss: %f]" % (epoch, d_loss[0], 100*d_loss[1], g_loss))
        return d_loss, g_loss
d, g = CGAN().train(60)
assert np.isfinite(g) and 0.1 < d[0] < 2
