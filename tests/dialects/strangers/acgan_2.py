"""Train an Auxiliary Classifier Generative Adversarial Network."""
from __future__ import print_function
from collections import defaultdict
try:
    import cPickle as pickle
except ImportError:
    import pickle
import numpy as np
from keras import layers
from keras.layers import Input, Dense, Reshape, Flatten, Embedding, Dropout, BatchNormalization
from keras.layers.advanced_activations import LeakyReLU
from keras.layers.convolutional import Conv2DTranspose, Conv2D
from keras.models import Sequential, Model
from keras.optimizers import Adam
from keras.utils.generic_utils import Progbar
np.random.seed(1337)
num_classes = 4
def build_generator(latent_size):
    cnn = Sequential()
    cnn.add(Dense(2 * 2 * 8, input_dim=latent_size, activation='relu'))
    cnn.add(Reshape((2, 2, 8)))
    cnn.add(Conv2DTranspose(8, 3, strides=2, padding='same', activation='relu', kernel_initializer='glorot_normal'))
    cnn.add(BatchNormalization())
    cnn.add(Conv2DTranspose(1, 3, strides=2, padding='same', activation='tanh', kernel_initializer='glorot_normal'))
    latent = Input(shape=(latent_size, ))
    image_class = Input(shape=(1,), dtype='int32')
    cls = Embedding(num_classes, latent_size, embeddings_initializer='glorot_normal')(image_class)
    cls = Flatten()(cls) if len(cls.shape) > 2 else cls
    h = layers.multiply([latent, cls])
    return Model([latent, image_class], cnn(h))
def build_discriminator():
    cnn = Sequential()
    cnn.add(Conv2D(8, 3, padding='same', strides=2, input_shape=(8, 8, 1)))
    cnn.add(LeakyReLU(0.2))
    cnn.add(Dropout(0.3))
    cnn.add(Conv2D(16, 3, padding='same', strides=1))
    cnn.add(LeakyReLU(0.2))
    cnn.add(Flatten())
    image = Input(shape=(8, 8, 1))
    features = cnn(image)
    fake = Dense(1, activation='sigmoid', name='generation')(features)
    aux = Dense(num_classes, activation='softmax', name='auxiliary')(features)
    return Model(image, [fake, aux])
epochs, batch_size, latent_size = 3, 20, 10
adam_lr, adam_beta_1 = 0.005, 0.5
discriminator = build_discriminator()
discriminator.compile(optimizer=Adam(lr=adam_lr, beta_1=adam_beta_1), loss=['binary_crossentropy', 'sparse_categorical_crossentropy'])
generator = build_generator(latent_size)
latent = Input(shape=(latent_size, ))
image_class = Input(shape=(1,), dtype='int32')
fake = generator([latent, image_class])
discriminator.trainable = False
fake, aux = discriminator(fake)
combined = Model([latent, image_class], [fake, aux])
combined.compile(optimizer=Adam(lr=adam_lr, beta_1=adam_beta_1), loss=['binary_crossentropy', 'sparse_categorical_crossentropy'])
y_train = np.random.randint(0, num_classes, 200)
x_train = np.random.rand(200, 8, 8, 1) * 0.2 - 1
for i, c in enumerate(y_train):
    x_train[i, 4 * (c // 2):4 * (c // 2) + 4, 4 * (c % 2):4 * (c % 2) + 4] += 1.8
train_history = defaultdict(list)
for epoch in range(1, epochs + 1):
    num_batches = int(x_train.shape[0] / batch_size)
    progress_bar = Progbar(target=num_batches)
    epoch_gen_loss = []; epoch_disc_loss = []
    for index in range(num_batches):
        noise = np.random.uniform(-1, 1, (batch_size, latent_size))
        image_batch = x_train[index * batch_size:(index + 1) * batch_size]
        label_batch = y_train[index * batch_size:(index + 1) * batch_size]
        sampled_labels = np.random.randint(0, num_classes, batch_size)
        generated_images = generator.predict([noise, sampled_labels.reshape((-1, 1))], verbose=0)
        x = np.concatenate((image_batch, generated_images))
        y = np.array([0.95] * batch_size + [0] * batch_size)
        aux_y = np.concatenate((label_batch, sampled_labels), axis=0)
        disc_sample_weight = [np.ones(2 * batch_size), np.concatenate((np.ones(batch_size) * 2, np.zeros(batch_size)))]
        epoch_disc_loss.append(discriminator.train_on_batch(x, [y, aux_y], sample_weight=disc_sample_weight))
        noise = np.random.uniform(-1, 1, (2 * batch_size, latent_size))
        sampled_labels = np.random.randint(0, num_classes, 2 * batch_size)
        trick = np.ones(2 * batch_size) * 0.95
        epoch_gen_loss.append(combined.train_on_batch([noise, sampled_labels.reshape((-1, 1))], [trick, sampled_labels]))
        progress_bar.update(index + 1)
    train_history['generator'].append(np.mean(np.array(epoch_gen_loss), axis=0))
    train_history['discriminator'].append(np.mean(np.array(epoch_disc_loss), axis=0))
    print('{0:<22s} | {1:4.2f} | {2:15.4f} | {3:5.4f}'.format('discriminator', *train_history['discriminator'][-1]), discriminator.metrics_names)
    generator.save_weights('params_generator_epoch_{0:03d}.hdf5'.format(epoch), True)
pickle.dump({'train': train_history}, open('acgan-history.pkl', 'wb'))
assert np.mean(discriminator.predict(x_train)[1].argmax(axis=1) == y_train) > 0.9
