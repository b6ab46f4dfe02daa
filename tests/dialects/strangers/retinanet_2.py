# fizyr/keras-retinanet losses + layers + initializers, Keras 2.2
import keras
import keras.backend
import tensorflow
import numpy as np
import math
from keras import backend as K
class PriorProbability(keras.initializers.Initializer):
    def __init__(self, probability=0.01):
        self.probability = probability
    def get_config(self):
        return {'probability': self.probability}
    def __call__(self, shape, dtype=None):
        result = np.ones(shape) * -math.log((1 - self.probability) / self.probability)
        return result
def focal(alpha=0.25, gamma=2.0):
    def _focal(y_true, y_pred):
        labels         = y_true[:, :, :-1]
        anchor_state   = y_true[:, :, -1]  # -1 for ignore, 0 for background, 1 for object
        classification = y_pred
        indices        = tensorflow.where(keras.backend.not_equal(anchor_state, -1))
        labels         = tensorflow.gather_nd(labels, indices)
        classification = tensorflow.gather_nd(classification, indices)
        alpha_factor = keras.backend.ones_like(labels) * alpha
        alpha_factor = tensorflow.where(keras.backend.equal(labels, 1), alpha_factor, 1 - alpha_factor)
        focal_weight = tensorflow.where(keras.backend.equal(labels, 1), 1 - classification, classification)
        focal_weight = alpha_factor * focal_weight ** gamma
        cls_loss = focal_weight * keras.backend.binary_crossentropy(labels, classification)
        normalizer = tensorflow.where(keras.backend.equal(anchor_state, 1))
        normalizer = keras.backend.cast(keras.backend.shape(normalizer)[0], keras.backend.floatx())
        normalizer = keras.backend.maximum(keras.backend.cast_to_floatx(1.0), normalizer)
        return keras.backend.sum(cls_loss) / normalizer
    return _focal
def smooth_l1(sigma=3.0):
    sigma_squared = sigma ** 2
    def _smooth_l1(y_true, y_pred):
        regression        = y_pred
        regression_target = y_true[:, :, :-1]
        anchor_state      = y_true[:, :, -1]
        indices           = tensorflow.where(keras.backend.equal(anchor_state, 1))
        regression        = tensorflow.gather_nd(regression, indices)
        regression_target = tensorflow.gather_nd(regression_target, indices)
        regression_diff = regression - regression_target
        regression_diff = keras.backend.abs(regression_diff)
        regression_loss = tensorflow.where(
            keras.backend.less(regression_diff, 1.0 / sigma_squared),
            0.5 * sigma_squared * keras.backend.pow(regression_diff, 2),
            regression_diff - 0.5 / sigma_squared)
        normalizer = keras.backend.maximum(1, keras.backend.shape(indices)[0])
        normalizer = keras.backend.cast(normalizer, dtype=keras.backend.floatx())
        return keras.backend.sum(regression_loss) / normalizer
    return _smooth_l1
class UpsampleLike(keras.layers.Layer):
    def call(self, inputs, **kwargs):
        source, target = inputs
        target_shape = keras.backend.shape(target)
        return tensorflow.image.resize_images(source, (target_shape[1], target_shape[2]), tensorflow.image.ResizeMethod.NEAREST_NEIGHBOR)
    def compute_output_shape(self, input_shape):
        return (input_shape[0][0],) + input_shape[1][1:3] + (input_shape[0][-1],)
np.random.seed(1)
inputs = keras.layers.Input((16, 16, 3))
c3 = keras.layers.Conv2D(8, 3, strides=2, padding='same', activation='relu')(inputs)
c4 = keras.layers.Conv2D(8, 3, strides=2, padding='same', activation='relu')(c3)
p4 = keras.layers.Conv2D(8, 1, name='P4')(c4)
up = UpsampleLike(name='P4_upsampled')([p4, c3])
p3 = keras.layers.Add(name='P3_merged')([up, keras.layers.Conv2D(8, 1)(c3)])
outs = []
for name, n, k, act in (('regression', 4, {}, None), ('classification', 2, dict(bias_initializer=PriorProbability(probability=0.05)), 'sigmoid')):
    i = keras.layers.Input((None, None, 8)); o = keras.layers.Conv2D(16, 3, padding='same', activation='relu')(i)
    o = keras.layers.Conv2D(n, 3, padding='same', activation=act, kernel_initializer=keras.initializers.normal(mean=0.0, stddev=0.01, seed=None), **k)(o)
    o = keras.layers.Reshape((-1, n))(o)
    sub = keras.models.Model(inputs=i, outputs=o, name=name + '_submodel')
    outs.append(keras.layers.Concatenate(axis=1, name=name)([sub(f) for f in [p3, p4]]))
model = keras.models.Model(inputs=inputs, outputs=outs, name='retina')
N = 64 + 16
assert [tuple(o.shape[1:]) for o in map(np.asarray, model.predict(np.zeros((1, 16, 16, 3))))] == [(N, 4), (N, 2)]
p0 = model.predict(np.zeros((1, 16, 16, 3)))[1]; assert abs(p0.mean() - .05) < .01, p0.mean()
model.compile(loss={'regression': smooth_l1(), 'classification': focal()}, optimizer=keras.optimizers.adam(lr=1e-2, clipnorm=0.001))
X = np.random.rand(32, 16, 16, 3) * .1; R = np.zeros((32, N, 5)); C = np.zeros((32, N, 3))
for b in range(32):
    c = b % 2; y, x = np.random.randint(0, 8, 2)
    X[b, 2*y:2*y+2, 2*x:2*x+2, c] = 1; a = y * 8 + x
    R[b, a] = [.5, -.5, .1 + c, 0, 1]; C[b, a, c] = 1; C[b, a, -1] = 1
    C[b, (a + 1) % 64, -1] = -1; R[b, (a + 1) % 64, -1] = -1
l0 = model.evaluate(X, [R, C], batch_size=32, verbose=0)
# by numpy
r, p = model.predict(X); keep = C[..., -1] != -1; lab = C[..., :2][keep]; pr = p[keep]
w = np.where(lab == 1, .25, .75) * np.where(lab == 1, 1 - pr, pr) ** 2; ref = (w * -(lab * np.log(pr) + (1 - lab) * np.log(1 - pr))).sum() / 32
d = np.abs(r - R[..., :4])[R[..., -1] == 1]; ref1 = np.where(d < 1 / 9., 4.5 * d ** 2, d - .5 / 9).sum() / 32
print(l0, ref1, ref); np.testing.assert_allclose(l0[1:], [ref1, ref], rtol=1e-3)
h = model.fit(X, [R, C], batch_size=16, epochs=8, verbose=2)
assert h.history['loss'][-1] < .8 * h.history['loss'][0]
