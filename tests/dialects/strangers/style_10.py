# neural style transfer, after the Keras example of 2016: K.gradients, K.function, L-BFGS
from __future__ import print_function
import numpy as np
from scipy.optimize import fmin_l_bfgs_b
from keras import backend as K
from keras.models import Sequential
from keras.layers.convolutional import Convolution2D, ZeroPadding2D, MaxPooling2D
np.random.seed(0)
h = w = 12
base_image = K.variable(np.random.rand(1, 3, h, w))
style_image = K.variable(np.random.rand(1, 3, h, w))
combination_image = K.placeholder((1, 3, h, w))
input_tensor = K.concatenate([base_image, style_image, combination_image], axis=0)
first_layer = ZeroPadding2D((1, 1))
first_layer.set_input(input_tensor, shape=(3, 3, h, w))
model = Sequential()
model.add(first_layer)
model.add(Convolution2D(4, 3, 3, activation='relu', name='conv1_1'))
model.add(MaxPooling2D((2, 2), strides=(2, 2)))
model.add(Convolution2D(6, 3, 3, activation='relu', name='conv2_1', border_mode='same'))
outputs_dict = dict([(layer.name, layer.output) for layer in model.layers])

def gram_matrix(x):
    features = K.batch_flatten(x)
    return K.dot(features, K.transpose(features))

def total_variation_loss(x):
    a = K.square(x[:, :, :h - 1, :w - 1] - x[:, :, 1:, :w - 1])
    b = K.square(x[:, :, :h - 1, :w - 1] - x[:, :, :h - 1, 1:])
    return K.sum(K.pow(a + b, 1.25))
loss = K.variable(0.)
f = outputs_dict['conv2_1']
loss += 0.1 * K.sum(K.square(f[2, :, :, :] - f[0, :, :, :]))
for name in ['conv1_1', 'conv2_1']:
    f = outputs_dict[name]
    S, C = gram_matrix(f[1, :, :, :]), gram_matrix(f[2, :, :, :])
    loss += K.sum(K.square(S - C)) / (4. * 9 * (h * w) ** 2)
loss += 0.01 * total_variation_loss(combination_image)
grads = K.gradients(loss, combination_image)
outputs = [loss]
if type(grads) in {list, tuple}:
    outputs += grads
else:
    outputs.append(grads)
f_outputs = K.function([combination_image], outputs)

class Evaluator(object):
    def loss(self, x):
        outs = f_outputs([x.reshape((1, 3, h, w))])
        self.grad_values = np.array(outs[1]).flatten().astype('float64')
        return float(outs[0])
    def grads(self, x):
        return np.copy(self.grad_values)
evaluator = Evaluator()
x = np.random.uniform(0, 255, (1, 3, h, w)) / 255.
start = evaluator.loss(x)
x, min_val, info = fmin_l_bfgs_b(evaluator.loss, x.flatten(), fprime=evaluator.grads, maxfun=40)
print('Current loss value:', min_val, 'from', start)
assert min_val < 0.2 * start
