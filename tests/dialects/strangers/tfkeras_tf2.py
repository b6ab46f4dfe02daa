# tf.keras of 2019: subclassed layers and models, add_loss, a VAE and a text classifier
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
np.random.seed(0); tf.random.set_seed(0)
class Sampling(layers.Layer):
    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = tf.keras.backend.random_normal(shape=(tf.shape(z_mean)[0], tf.shape(z_mean)[1]))
        return z_mean + tf.exp(0.5 * z_log_var) * epsilon
class Encoder(layers.Layer):
    def __init__(self, latent_dim=2, intermediate_dim=16, name='encoder', **kwargs):
        super(Encoder, self).__init__(name=name, **kwargs)
        self.dense_proj = layers.Dense(intermediate_dim, activation='relu')
        self.dense_mean = layers.Dense(latent_dim); self.dense_log_var = layers.Dense(latent_dim); self.sampling = Sampling()
    def call(self, inputs):
        x = self.dense_proj(inputs); z_mean = self.dense_mean(x); z_log_var = self.dense_log_var(x)
        return z_mean, z_log_var, self.sampling((z_mean, z_log_var))
class Decoder(layers.Layer):
    def __init__(self, original_dim, intermediate_dim=16, name='decoder', **kwargs):
        super(Decoder, self).__init__(name=name, **kwargs)
        self.dense_proj = layers.Dense(intermediate_dim, activation='relu'); self.dense_output = layers.Dense(original_dim, activation='sigmoid')
    def call(self, inputs):
        return self.dense_output(self.dense_proj(inputs))
class VariationalAutoEncoder(keras.Model):
    def __init__(self, original_dim, name='autoencoder', **kwargs):
        super(VariationalAutoEncoder, self).__init__(name=name, **kwargs)
        self.encoder = Encoder(); self.decoder = Decoder(original_dim)
    def call(self, inputs):
        z_mean, z_log_var, z = self.encoder(inputs)
        reconstructed = self.decoder(z)
        kl_loss = -0.5 * tf.reduce_mean(z_log_var - tf.square(z_mean) - tf.exp(z_log_var) + 1)
        self.add_loss(0.01 * kl_loss)
        return reconstructed
c = np.random.randint(0, 2, 400); X = np.where(c[:, None] == 1, [[1, 1, 0, 0, 1, 0]], [[0, 0, 1, 1, 0, 1]]).astype('float32')
vae = VariationalAutoEncoder(6)
vae.compile(tf.keras.optimizers.Adam(learning_rate=0.01), loss=tf.keras.losses.MeanSquaredError())
h = vae.fit(X, X, epochs=20, batch_size=32, verbose=0)
print(h.history['loss'][0], h.history['loss'][-1])
assert h.history['loss'][-1] < 0.05
model = tf.keras.Sequential([tf.keras.layers.Embedding(20, 8, mask_zero=True), tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(8)), tf.keras.layers.Dense(1)])
model.compile(loss=tf.keras.losses.BinaryCrossentropy(from_logits=True), optimizer=tf.keras.optimizers.Adam(0.01), metrics=['accuracy'])
x = np.random.randint(1, 20, (300, 8)); y = (x[:, 0] > 10).astype('float32'); x[:, 6:] = 0
hist = model.fit(x, y, epochs=15, verbose=0, validation_split=0.2)
print(hist.history['val_accuracy'][-1])
assert hist.history['val_accuracy'][-1] > 0.9
