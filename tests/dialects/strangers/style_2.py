'''Neural style transfer with Keras: K.gradients of a loss of layers, scipy's L-BFGS'''
from __future__ import print_function
import numpy as np
from scipy.optimize import fmin_l_bfgs_b
import time
from keras.models import Sequential, Model
from keras.layers import Conv2D, MaxPooling2D, Input
from keras import backend as K
np.random.seed(0)
img_nrows, img_ncols = 12, 12
base_image = K.variable(np.random.rand(1, img_nrows, img_ncols, 3) * 2 - 1)
style_reference_image = K.variable(np.random.rand(1, img_nrows, img_ncols, 3) * 2 - 1)
if K.image_data_format() == 'channels_first':
    combination_image = K.placeholder((1, 3, img_nrows, img_ncols))
else:
    combination_image = K.placeholder((1, img_nrows, img_ncols, 3))
input_tensor = K.concatenate([base_image, style_reference_image, combination_image], axis=0)
inp = Input(tensor=input_tensor)
x = Conv2D(4, 3, activation='relu', padding='same', name='block1_conv1')(inp)
x = MaxPooling2D()(x)
x = Conv2D(6, 3, activation='relu', padding='same', name='block2_conv1')(x)
model = Model(inp, x)
outputs_dict = dict([(layer.name, layer.output) for layer in model.layers])
def gram_matrix(x):
    assert K.ndim(x) == 3
    if K.image_data_format() == 'channels_first':
        features = K.batch_flatten(x)
    else:
        features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
    return K.dot(features, K.transpose(features))
def style_loss(style, combination):
    S = gram_matrix(style); C = gram_matrix(combination)
    return K.sum(K.square(S - C)) / (4. * (3 ** 2) * ((img_nrows * img_ncols) ** 2))
def content_loss(base, combination):
    return K.sum(K.square(combination - base))
def total_variation_loss(x):
    a = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, 1:, :img_ncols - 1, :])
    b = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, :img_nrows - 1, 1:, :])
    return K.sum(K.pow(a + b, 1.25))
loss = K.variable(0.)
layer_features = outputs_dict['block2_conv1']
loss = loss + 0.025 * content_loss(layer_features[0, :, :, :], layer_features[2, :, :, :])
for layer_name in ['block1_conv1', 'block2_conv1']:
    layer_features = outputs_dict[layer_name]
    loss = loss + (1. / 2) * style_loss(layer_features[1, :, :, :], layer_features[2, :, :, :])
loss += 0.001 * total_variation_loss(combination_image)
grads = K.gradients(loss, combination_image)
outputs = [loss]
if isinstance(grads, (list, tuple)):
    outputs += grads
else:
    outputs.append(grads)
f_outputs = K.function([combination_image], outputs)
def eval_loss_and_grads(x):
    x = x.reshape((1, img_nrows, img_ncols, 3))
    outs = f_outputs([x])
    loss_value = outs[0]
    grad_values = outs[1].flatten().astype('float64') if len(outs[1:]) == 1 else np.array(outs[1:]).flatten().astype('float64')
    return loss_value, grad_values
class Evaluator(object):
    def __init__(self):
        self.loss_value = None; self.grads_values = None
    def loss(self, x):
        assert self.loss_value is None
        loss_value, grad_values = eval_loss_and_grads(x)
        self.loss_value = loss_value; self.grad_values = grad_values
        return self.loss_value
    def grads(self, x):
        assert self.loss_value is not None
        grad_values = np.copy(self.grad_values)
        self.loss_value = None; self.grad_values = None
        return grad_values
evaluator = Evaluator()
x = np.random.uniform(-1, 1, (1, img_nrows, img_ncols, 3))
first = eval_loss_and_grads(x)[0]
for i in range(2):
    start_time = time.time()
    x, min_val, info = fmin_l_bfgs_b(evaluator.loss, x.flatten(), fprime=evaluator.grads, maxfun=10)
    print('Current loss value:', min_val, 'Iteration %d completed in %ds' % (i, time.time() - start_time))
assert min_val < 0.5 * first
