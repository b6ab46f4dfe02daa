# capsules with squash and routing, in the manner of XifengGuo/CapsNet-Keras
import numpy as np
import keras.backend as K
import tensorflow as tf
from keras import initializers, layers, models, optimizers
class Length(layers.Layer):
    def call(self, inputs, **kwargs):
        return K.sqrt(K.sum(K.square(inputs), -1) + K.epsilon())
    def compute_output_shape(self, input_shape):
        return input_shape[:-1]
class Mask(layers.Layer):
    def call(self, inputs, **kwargs):
        if type(inputs) is list:
            assert len(inputs) == 2
            inputs, mask = inputs
        else:
            x = K.sqrt(K.sum(K.square(inputs), -1))
            mask = K.one_hot(indices=K.argmax(x, 1), num_classes=x.get_shape().as_list()[1])
        return K.batch_flatten(inputs * K.expand_dims(mask, -1))
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
        self.num_capsule, self.dim_capsule, self.routings = num_capsule, dim_capsule, routings
        self.kernel_initializer = initializers.get(kernel_initializer)
    def build(self, input_shape):
        assert len(input_shape) >= 3
        self.input_num_capsule, self.input_dim_capsule = input_shape[1], input_shape[2]
        self.W = self.add_weight(shape=[self.num_capsule, self.input_num_capsule, self.dim_capsule, self.input_dim_capsule],
                                 initializer=self.kernel_initializer, name='W')
        self.built = True
    def call(self, inputs, training=None):
        inputs_expand = K.expand_dims(inputs, 1)
        inputs_tiled = K.tile(inputs_expand, [1, self.num_capsule, 1, 1])
        inputs_hat = K.map_fn(lambda x: K.batch_dot(x, self.W, [2, 3]), elems=inputs_tiled)
        b = tf.zeros(shape=[K.shape(inputs_hat)[0], self.num_capsule, self.input_num_capsule])
        for i in range(self.routings):
            c = tf.nn.softmax(b, dim=1)
            outputs = squash(K.batch_dot(c, inputs_hat, [2, 2]))
            if i < self.routings - 1:
                b += K.batch_dot(outputs, inputs_hat, [2, 3])
        return outputs
    def compute_output_shape(self, input_shape):
        return tuple([None, self.num_capsule, self.dim_capsule])
np.random.seed(0)
x = layers.Input(shape=(8, 8, 1))
conv1 = layers.Conv2D(filters=8, kernel_size=3, strides=1, padding='valid', activation='relu')(x)
prim = layers.Conv2D(filters=8, kernel_size=3, strides=2)(conv1)
prim = layers.Lambda(squash)(layers.Reshape(target_shape=[-1, 4])(prim))
digitcaps = CapsuleLayer(num_capsule=2, dim_capsule=4, routings=3, name='digitcaps')(prim)
out_caps = Length(name='capsnet')(digitcaps)
y = layers.Input(shape=(2,))
decoder = models.Sequential(name='decoder')
decoder.add(layers.Dense(32, activation='relu', input_dim=8))
decoder.add(layers.Dense(64, activation='sigmoid'))
decoder.add(layers.Reshape(target_shape=(8, 8, 1), name='out_recon'))
train_model = models.Model([x, y], [out_caps, decoder(Mask()([digitcaps, y]))])
eval_model = models.Model(x, [out_caps, decoder(Mask()(digitcaps))])
def margin_loss(y_true, y_pred):
    L = y_true * K.square(K.maximum(0., 0.9 - y_pred)) + 0.5 * (1 - y_true) * K.square(K.maximum(0., y_pred - 0.1))
    return K.mean(K.sum(L, 1))
train_model.compile(optimizer=optimizers.Adam(lr=0.005), loss=[margin_loss, 'mse'], loss_weights=[1., 0.392], metrics={'capsnet': 'accuracy'})
t = np.arange(160) % 2; X = np.random.rand(160, 8, 8, 1) * 0.3
X[t == 0, 3, :] += 0.7; X[t == 1, :, 3] += 0.7
Y = np.eye(2)[t]
h = train_model.fit([X, Y], [Y, X], batch_size=20, epochs=8, verbose=0)
p, recon = eval_model.predict(X)
print('capsules', (p.argmax(1) == t).mean(), sorted(h.history))
assert (p.argmax(1) == t).mean() > 0.95 and 'capsnet_acc' in h.history or 'capsnet_accuracy' in h.history
