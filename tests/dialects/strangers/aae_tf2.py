# tf.keras 2.0: models of layers in attributes, add_metric-free VAE, custom training by train_on_batch
import tensorflow as tf
import numpy as np
from tensorflow.keras.layers import Input, Dense, Reshape, Flatten, Dropout, BatchNormalization, Activation, LeakyReLU, Lambda, Concatenate
from tensorflow.keras.models import Sequential, Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras import backend as K
np.random.seed(0); tf.random.set_seed(0)
class AdversarialAutoencoder():
    def __init__(self):
        self.img_shape = (4, 4, 1); self.latent_dim = 3
        optimizer = Adam(0.005, 0.5)
        self.discriminator = self.build_discriminator()
        self.discriminator.compile(loss='binary_crossentropy', optimizer=optimizer, metrics=['accuracy'])
        self.encoder = self.build_encoder(); self.decoder = self.build_decoder()
        img = Input(shape=self.img_shape)
        encoded_repr = self.encoder(img)
        reconstructed_img = self.decoder(encoded_repr)
        self.discriminator.trainable = False
        validity = self.discriminator(encoded_repr)
        self.adversarial_autoencoder = Model(img, [reconstructed_img, validity])
        self.adversarial_autoencoder.compile(loss=['mse', 'binary_crossentropy'], loss_weights=[0.99, 0.01], optimizer=Adam(0.005, 0.5))
    def build_encoder(self):
        img = Input(shape=self.img_shape)
        h = Flatten()(img); h = Dense(24)(h); h = LeakyReLU(alpha=0.2)(h)
        mu = Dense(self.latent_dim)(h); log_var = Dense(self.latent_dim)(h)
        latent_repr = Lambda(lambda p: p[0] + K.random_normal(K.shape(p[0])) * K.exp(p[1] / 2))([mu, log_var])
        return Model(img, latent_repr)
    def build_decoder(self):
        model = Sequential([Dense(24, input_dim=self.latent_dim), LeakyReLU(alpha=0.2), Dense(np.prod(self.img_shape), activation='tanh'), Reshape(self.img_shape)])
        z = Input(shape=(self.latent_dim,))
        return Model(z, model(z))
    def build_discriminator(self):
        return Sequential([Dense(16, input_dim=self.latent_dim), LeakyReLU(alpha=0.2), Dense(1, activation="sigmoid")])
    def train(self, epochs, batch_size=20):
        X_train = np.sign(np.random.randn(100, 2).dot(np.random.randn(2, 16))).reshape(-1, 4, 4, 1) * 0.8
        valid = np.ones((batch_size, 1)); fake = np.zeros((batch_size, 1)); hist = []
        for epoch in range(epochs):
            imgs = X_train[np.random.randint(0, X_train.shape[0], batch_size)]
            latent_fake = self.encoder.predict(imgs); latent_real = np.random.normal(size=(batch_size, self.latent_dim))
            d_loss = 0.5 * np.add(self.discriminator.train_on_batch(latent_real, valid), self.discriminator.train_on_batch(latent_fake, fake))
            g_loss = self.adversarial_autoencoder.train_on_batch(imgs, [imgs, valid])
            hist.append(g_loss[1])
        print("%d [D loss: %f, acc: %.2f%%] [G loss: %f, mse: %f]" % (epoch, d_loss[0], 100 * d_loss[1], g_loss[0], g_loss[1]))
        return hist
hist = AdversarialAutoencoder().train(80)
assert np.mean(hist[-5:]) < 0.7 * np.mean(hist[:5])
# metrics as objects, class weights, callbacks
METRICS = [tf.keras.metrics.TruePositives(name='tp'), tf.keras.metrics.FalsePositives(name='fp'), tf.keras.metrics.BinaryAccuracy(name='accuracy'),
           tf.keras.metrics.Precision(name='precision'), tf.keras.metrics.Recall(name='recall'), tf.keras.metrics.AUC(name='auc')]
X = np.random.randn(300, 5); y = (X[:, 0] > 1).astype(int); neg, pos = np.bincount(y)
def make_model(metrics=METRICS, output_bias=None):
    if output_bias is not None:
        output_bias = tf.keras.initializers.Constant(output_bias)
    model = tf.keras.Sequential([Dense(16, activation='relu', input_shape=(X.shape[-1],)), Dropout(0.2), Dense(1, activation='sigmoid', bias_initializer=output_bias)])
    model.compile(optimizer=tf.keras.optimizers.Adam(lr=1e-2), loss=tf.keras.losses.BinaryCrossentropy(), metrics=metrics)
    return model
model = make_model(output_bias=np.log([pos / neg]))
assert abs(model.predict(X).mean() - y.mean()) < 0.15
early = tf.keras.callbacks.EarlyStopping(monitor='val_auc', verbose=1, patience=10, mode='max', restore_best_weights=True)
h = model.fit(X, y, batch_size=32, epochs=12, callbacks=[early], validation_data=(X, y), class_weight={0: len(y) / neg / 2., 1: len(y) / pos / 2.}, verbose=0)
for name, value in zip(model.metrics_names, model.evaluate(X, y, verbose=0)):
    print(name, ': ', value)
assert h.history['val_auc'][-1] > 0.9
