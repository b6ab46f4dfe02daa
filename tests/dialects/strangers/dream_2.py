# what a filter looks for: gradient ascent on the input
import numpy as np
from keras import backend as K
from keras.models import Model
from keras.layers import Input, Conv2D, MaxPooling2D
np.random.seed(1)
inp = Input(shape=(16, 16, 3))
x = Conv2D(4, (3, 3), activation='relu', padding='same', name='block1_conv1')(inp)
x = MaxPooling2D((2, 2))(x)
x = Conv2D(5, (3, 3), activation='relu', name='block2_conv1')(x)
model = Model(inp, x)
layer_dict = dict([(layer.name, layer) for layer in model.layers[1:]])
def normalize(x):
    return x / (K.sqrt(K.mean(K.square(x))) + K.epsilon())
best = 0
for filter_index in range(3):
    layer_output = layer_dict['block2_conv1'].output
    loss = K.mean(layer_output[:, :, :, filter_index])
    grads = normalize(K.gradients(loss, model.input)[0])
    iterate = K.function([model.input, K.learning_phase()], [loss, grads])
    img = np.random.random((1, 16, 16, 3)) * 0.2
    first = iterate([img, 0])[0]
    for i in range(20):
        loss_value, grads_value = iterate([img, 0])
        img += grads_value * 0.1
    best = max(best, loss_value - first)
print('gain', best)
assert best > 0.3
