# features of a pretrained network in a file, a small model on top, then fine tuning with a frozen base, by directories of images
import numpy as np, os
from keras.preprocessing.image import ImageDataGenerator, array_to_img, img_to_array, load_img
from keras.models import Sequential, Model, load_model
from keras.layers import Convolution2D, MaxPooling2D, ZeroPadding2D, Activation, Dropout, Flatten, Dense, GlobalAveragePooling2D, Input
from keras.applications.vgg16 import VGG16, preprocess_input
from keras import optimizers
from keras import backend as K
np.random.seed(0)
for part, n in (('train', 12), ('validation', 6)):
    for k, name in enumerate(('cats', 'dogs')):
        folder = os.path.join('data', part, name)
        if not os.path.exists(folder):
            os.makedirs(folder)
        for i in range(n):
            a = np.random.rand(48, 48, 3) * 60; a[..., 2 * k] += 180
            array_to_img(a, dim_ordering='tf').save(os.path.join(folder, '%d.png' % i))
img_width, img_height, batch_size = 48, 48, 6
base = VGG16(include_top=False, weights=None, input_shape=(img_width, img_height, 3))
small = Model(base.input, base.layers[3].output)   # the first block is enough here
datagen = ImageDataGenerator(rescale=1. / 255)
generator = datagen.flow_from_directory('data/train', target_size=(img_width, img_height), batch_size=batch_size, class_mode=None, shuffle=False)
bottleneck_features_train = small.predict_generator(generator, 24)
np.save(open('bottleneck_features_train.npy', 'wb'), bottleneck_features_train)
train_data = np.load(open('bottleneck_features_train.npy', 'rb'))
train_labels = np.array([0] * 12 + [1] * 12)
top_model = Sequential()
top_model.add(GlobalAveragePooling2D(input_shape=train_data.shape[1:]))
top_model.add(Dense(8, activation='relu')); top_model.add(Dropout(0.1)); top_model.add(Dense(1, activation='sigmoid'))
top_model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['accuracy'])
h0 = top_model.fit(train_data, train_labels, nb_epoch=10, batch_size=batch_size, verbose=0)
top_model.save_weights('bottleneck_fc_model.h5')
model = Sequential()
for layer in small.layers:
    model.add(layer)
model.add(top_model)
for layer in model.layers[:2]:
    layer.trainable = False
frozen = model.layers[1].get_weights()[0].copy()
model.compile(loss='binary_crossentropy', optimizer=optimizers.SGD(lr=1e-2, momentum=0.9), metrics=['accuracy'])
train_datagen = ImageDataGenerator(rescale=1. / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
train_generator = train_datagen.flow_from_directory('data/train', target_size=(img_height, img_width), batch_size=batch_size, class_mode='binary')
validation_generator = ImageDataGenerator(rescale=1. / 255).flow_from_directory('data/validation', target_size=(img_height, img_width), batch_size=batch_size, class_mode='binary')
print(train_generator.class_indices, train_generator.nb_sample)
h = model.fit_generator(train_generator, samples_per_epoch=24, nb_epoch=4, validation_data=validation_generator, nb_val_samples=12, verbose=0)
assert np.array_equal(frozen, model.layers[1].get_weights()[0])
img = load_img('data/validation/dogs/0.png', target_size=(48, 48)); x = img_to_array(img)[np.newaxis] / 255.
print(h.history['loss'], h.history['val_acc'], model.predict(x), preprocess_input(x.copy() * 255).shape)
assert h.history['loss'][-1] < h0.history['loss'][0] and h.history['val_acc'][-1] >= 0.5
