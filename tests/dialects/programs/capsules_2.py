import keras.backend as K
import tensorflow as tf
from keras import initializers, layers, models, optimizers, callbacks
import numpy as np
class Length(layers.Layer):
    def call(self, inputs, **kwargs):
        return K.sqrt(K.sum(K.square(inputs), -1) + K.epsilon())
    def compute_output_shape(self, input_shape):
        return input_shape[:-1]
    def get_config(self):
        config = super(Length, self).get_config()
        return config
class Mask(layers.Layer):
    def call(self, inputs, **kwargs):
        if type(inputs) is list:
            assert len(inputs) == 2
            inputs, mask = inputs
        else:
            x = K.sqrt(K.sum(K.square(inputs), -1))
            mask = K.one_hot(indices=K.argmax(x, 1), num_classes=x.get_shape().as_list()[1])
        masked = K.batch_flatten(inputs * K.expand_dims(mask, -1))
        return masked
    def compute_output_shape(self, input_shape):
        if type(input_shape[0]) is tuple:
            return tuple([None, input_shape[0][1] * input_shape[0][2]])
        else:
            return tuple([None, input_shape[1] * input_shape[2]])
def squash(vectors, axis=-1):
    s_squared_norm = K.sum(K.square(vectors), axis, keepdims=True)
    scale = s_squared_norm / (1 + s_squared_norm) / K.sqrt(s_squared_norm + K.epsilon())
    return scale * vectors
class CapsuleLayer(layers.Layer):
    def __init__(self, num_capsule, dim_capsule, routings=3, kernel_initializer='glorot_uniform', **kwargs):
        super(CapsuleLayer, self).__init__(**kwargs)
        self.num_capsule = num_capsule; self.dim_capsule = dim_capsule; self.routings = routings
        self.kernel_initializer = initializers.get(kernel_initializer)
    def build(self, input_shape):
        assert len(input_shape) >= 3
        self.input_num_capsule = input_shape[1]; self.input_dim_capsule = input_shape[2]
        self.W = self.add_weight(shape=[self.num_capsule, self.input_num_capsule, self.dim_capsule, self.input_dim_capsule], initializer=self.kernel_initializer, name='W')
        self.built = True
    def call(self, inputs, training=None):
        inputs_expand = K.expand_dims(inputs, 1)
        inputs_tiled = K.tile(inputs_expand, [1, self.num_capsule, 1, 1])
        inputs_hat = K.map_fn(lambda x: K.batch_dot(x, self.W, [2, 3]), elems=inputs_tiled)
        b = tf.zeros(shape=[K.shape(inputs_hat)[0], self.num_capsule, self.input_num_capsule])
        assert self.routings > 0, 'The routings should be > 0.'
        for i in range(self.routings):
            c = tf.nn.softmax(b, dim=1)
            outputs = squash(K.batch_dot(c, inputs_hat, [2, 2]))
            if i < self.routings - 1:
                b += K.batch_dot(outputs, inputs_hat, [2, 3])
        return outputs
    def compute_output_shape(self, input_shape):
        return tuple([None, self.num_capsule, self.dim_capsule])
def PrimaryCap(inputs, dim_capsule, n_channels, kernel_size, strides, padding):
    output = layers.Conv2D(filters=dim_capsule * n_channels, kernel_size=kernel_size, strides=strides, padding=padding, name='primarycap_conv2d')(inputs)
    outputs = layers.Reshape(target_shape=[-1, dim_capsule], name='primarycap_reshape')(output)
    return layers.Lambda(squash, name='primarycap_squash')(outputs)
def margin_loss(y_true, y_pred):
    L = y_true * K.square(K.maximum(0., 0.9 - y_pred)) + 0.5 * (1 - y_true) * K.square(K.maximum(0., y_pred - 0.1))
    return K.mean(K.sum(L, 1))
K.set_image_data_format('channels_last')
np.random.seed(0)
n_class = 3
x = layers.Input(shape=(10, 10, 1))
conv1 = layers.Conv2D(filters=8, kernel_size=3, strides=1, padding='valid', activation='relu', name='conv1')(x)
primarycaps = PrimaryCap(conv1, dim_capsule=4, n_channels=2, kernel_size=3, strides=2, padding='valid')
digitcaps = CapsuleLayer(num_capsule=n_class, dim_capsule=4, routings=3, name='digitcaps')(primarycaps)
out_caps = Length(name='capsnet')(digitcaps)
y = layers.Input(shape=(n_class,))
masked_by_y = Mask()([digitcaps, y])
masked = Mask()(digitcaps)
decoder = models.Sequential(name='decoder')
decoder.add(layers.Dense(16, activation='relu', input_dim=4 * n_class))
decoder.add(layers.Dense(100, activation='sigmoid'))
decoder.add(layers.Reshape(target_shape=(10, 10, 1), name='out_recon'))
train_model = models.Model([x, y], [out_caps, decoder(masked_by_y)])
eval_model = models.Model(x, [out_caps, decoder(masked)])
noise = layers.Input(shape=(n_class, 4))
noised_digitcaps = layers.Add()([digitcaps, noise])
manipulate_model = models.Model([x, y, noise], decoder(Mask()([noised_digitcaps, y])))
centers = np.random.rand(3, 10, 10, 1); t = np.random.randint(0, 3, 120)
X = centers[t] + np.random.normal(0, .05, (120, 10, 10, 1)); Y = np.eye(3)[t]
train_model.compile(optimizer=optimizers.Adam(lr=0.01), loss=[margin_loss, 'mse'], loss_weights=[1., 0.392], metrics={'capsnet': 'accuracy'})
lr_decay = callbacks.LearningRateScheduler(schedule=lambda epoch: 0.01 * (0.9 ** epoch))
log = callbacks.CSVLogger('log.csv')
h = train_model.fit([X, Y], [Y, X], batch_size=20, epochs=6, validation_data=[[X, Y], [Y, X]], callbacks=[log, lr_decay], verbose=0)
y_pred, x_recon = eval_model.predict(X, batch_size=20)
print(np.mean(np.argmax(y_pred, 1) == t)); print(sorted(h.history))
assert np.mean(np.argmax(y_pred, 1) == t) > 0.9
