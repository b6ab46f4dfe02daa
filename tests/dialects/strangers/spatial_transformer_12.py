# spatial transformer network with a layer of one's own
import numpy as np
from keras.models import Sequential, Model
from keras.layers import Input, Dense, Activation, Flatten, MaxPooling2D, Convolution2D
from keras.layers.core import Layer
from keras import backend as K
import tensorflow as tf
np.random.seed(0)
class SpatialTransformer(Layer):
    def __init__(self, localization_net, output_size, **kwargs):
        self.locnet = localization_net
        self.output_size = output_size
        super(SpatialTransformer, self).__init__(**kwargs)
    def build(self, input_shape):
        self.locnet.build(input_shape)
        self.trainable_weights = self.locnet.trainable_weights
    def get_output_shape_for(self, input_shape):
        output_size = self.output_size
        return (None, int(output_size[0]), int(output_size[1]), int(input_shape[-1]))
    def call(self, X, mask=None):
        affine_transformation = self.locnet.call(X)
        return self._transform(affine_transformation, X, self.output_size)
    def _repeat(self, x, num_repeats):
        ones = tf.ones((1, num_repeats), dtype='int32')
        x = tf.reshape(x, shape=(-1, 1))
        x = tf.matmul(x, ones)
        return tf.reshape(x, [-1])
    def _interpolate(self, image, x, y, output_size):
        batch_size = tf.shape(image)[0]
        height = tf.shape(image)[1]; width = tf.shape(image)[2]; num_channels = tf.shape(image)[3]
        x = tf.cast(x, dtype='float32'); y = tf.cast(y, dtype='float32')
        height_float = tf.cast(height, dtype='float32'); width_float = tf.cast(width, dtype='float32')
        output_height = output_size[0]; output_width = output_size[1]
        x = .5 * (x + 1.0) * (width_float); y = .5 * (y + 1.0) * (height_float)
        x0 = tf.cast(tf.floor(x), 'int32'); x1 = x0 + 1
        y0 = tf.cast(tf.floor(y), 'int32'); y1 = y0 + 1
        max_y = tf.cast(height - 1, dtype='int32'); max_x = tf.cast(width - 1, dtype='int32')
        zero = tf.zeros([], dtype='int32')
        x0 = tf.clip_by_value(x0, zero, max_x); x1 = tf.clip_by_value(x1, zero, max_x)
        y0 = tf.clip_by_value(y0, zero, max_y); y1 = tf.clip_by_value(y1, zero, max_y)
        flat_image_dimensions = width * height
        pixels_batch = tf.range(batch_size) * flat_image_dimensions
        flat_output_dimensions = output_height * output_width
        base = self._repeat(pixels_batch, flat_output_dimensions)
        base_y0 = base + y0 * width; base_y1 = base + y1 * width
        indices_a = base_y0 + x0; indices_b = base_y1 + x0; indices_c = base_y0 + x1; indices_d = base_y1 + x1
        flat_image = tf.reshape(image, shape=(-1, num_channels))
        flat_image = tf.cast(flat_image, dtype='float32')
        pixel_values_a = tf.gather(flat_image, indices_a); pixel_values_b = tf.gather(flat_image, indices_b)
        pixel_values_c = tf.gather(flat_image, indices_c); pixel_values_d = tf.gather(flat_image, indices_d)
        x0 = tf.cast(x0, 'float32'); x1 = tf.cast(x1, 'float32'); y0 = tf.cast(y0, 'float32'); y1 = tf.cast(y1, 'float32')
        area_a = tf.expand_dims(((x1 - x) * (y1 - y)), 1); area_b = tf.expand_dims(((x1 - x) * (y - y0)), 1)
        area_c = tf.expand_dims(((x - x0) * (y1 - y)), 1); area_d = tf.expand_dims(((x - x0) * (y - y0)), 1)
        return tf.add_n([area_a * pixel_values_a, area_b * pixel_values_b, area_c * pixel_values_c, area_d * pixel_values_d])
    def _meshgrid(self, height, width):
        x_linspace = tf.linspace(-1., 1., width); y_linspace = tf.linspace(-1., 1., height)
        x_coordinates, y_coordinates = tf.meshgrid(x_linspace, y_linspace)
        x_coordinates = tf.reshape(x_coordinates, [-1]); y_coordinates = tf.reshape(y_coordinates, [-1])
        ones = tf.ones_like(x_coordinates)
        return tf.concat([x_coordinates, y_coordinates, ones], 0)
    def _transform(self, affine_transformation, input_shape, output_size):
        batch_size = tf.shape(input_shape)[0]; num_channels = tf.shape(input_shape)[3]
        affine_transformation = tf.reshape(affine_transformation, shape=(batch_size, 2, 3))
        affine_transformation = tf.cast(affine_transformation, 'float32')
        output_height = output_size[0]; output_width = output_size[1]
        indices_grid = self._meshgrid(output_height, output_width)
        indices_grid = tf.expand_dims(indices_grid, 0)
        indices_grid = tf.reshape(indices_grid, [-1])
        indices_grid = tf.tile(indices_grid, tf.stack([batch_size]))
        indices_grid = tf.reshape(indices_grid, (batch_size, 3, -1))
        transformed_grid = tf.matmul(affine_transformation, indices_grid)
        x_s = tf.slice(transformed_grid, [0, 0, 0], [-1, 1, -1]); y_s = tf.slice(transformed_grid, [0, 1, 0], [-1, 1, -1])
        transformed_image = self._interpolate(input_shape, tf.reshape(x_s, [-1]), tf.reshape(y_s, [-1]), output_size)
        return tf.reshape(transformed_image, shape=(batch_size, output_height, output_width, num_channels))
b = np.zeros((2, 3), dtype='float32'); b[0, 0] = 1; b[1, 1] = 1
W = np.zeros((10, 6), dtype='float32')
locnet = Sequential()
locnet.add(MaxPooling2D(pool_size=(2, 2), input_shape=(12, 12, 1)))
locnet.add(Convolution2D(4, 3, 3))
locnet.add(Flatten())
locnet.add(Dense(10)); locnet.add(Activation('relu'))
locnet.add(Dense(6, weights=[W, b.flatten()]))
model = Sequential()
model.add(SpatialTransformer(localization_net=locnet, output_size=(8, 8), input_shape=(12, 12, 1)))
model.add(Convolution2D(4, 3, 3, border_mode='same')); model.add(Activation('relu')); model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten()); model.add(Dense(2)); model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam')
y = np.random.randint(0, 2, 120); X = np.random.rand(120, 12, 12, 1) * 0.3
for i in range(120):
    r, c = np.random.randint(0, 6, 2)
    X[i, r:r + (6 if y[i] else 2), c:c + (2 if y[i] else 6)] += 0.7
XX = model.input; YY = model.layers[0].output
F = K.function([XX], [YY])
print(F([X[:3]])[0].shape)
before = model.get_weights()[2].copy()
hist = model.fit(X, np.eye(2)[y], nb_epoch=25, batch_size=10, verbose=0)
print(hist.history['loss'][0], hist.history['loss'][-1])
assert hist.history['loss'][-1] < 0.7 * hist.history['loss'][0] and len(model.trainable_weights) == 10
