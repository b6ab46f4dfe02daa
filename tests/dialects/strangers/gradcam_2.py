# Grad-CAM and saliency on a small convnet, by K.function
import numpy as np
import keras
from keras import backend as K
from keras.models import Model, Sequential
from keras.layers import Conv2D, MaxPooling2D, Flatten, Dense, GlobalAveragePooling2D, Activation
from keras.layers.core import Lambda
from keras.optimizers import SGD
np.random.seed(0)
n = 120
y = np.random.randint(0, 2, n)
x = np.random.rand(n, 12, 12, 1) * 0.2
for i in range(n):
    r, c = np.random.randint(0, 8, 2)
    x[i, r:r + 4, c:c + 4, 0] += 0.8 if y[i] else 0
model = Sequential()
model.add(Conv2D(8, (3, 3), padding='same', input_shape=(12, 12, 1), name='conv1'))
model.add(Activation('relu'))
model.add(MaxPooling2D())
model.add(Conv2D(8, (3, 3), activation='relu', padding='same', name='last_conv'))
model.add(GlobalAveragePooling2D())
model.add(Dense(2, activation='softmax', name='predictions'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['acc'])
model.fit(x, keras.utils.to_categorical(y, 2), epochs=10, batch_size=10, verbose=0)
def normalize(x):
    return x / (K.sqrt(K.mean(K.square(x))) + 1e-5)
def grad_cam(input_model, image, category_index, layer_name):
    nb_classes = 2
    target_layer = lambda x: target_category_loss(x, category_index, nb_classes)
    out = Lambda(target_layer, output_shape=target_category_loss_output_shape)(input_model.output)
    cam_model = Model(inputs=input_model.input, outputs=out)
    loss = K.sum(cam_model.output)
    conv_output = [l for l in cam_model.layers if l.name == layer_name][0].output
    grads = normalize(K.gradients(loss, conv_output)[0])
    gradient_function = K.function([cam_model.input], [conv_output, grads])
    output, grads_val = gradient_function([image])
    output, grads_val = output[0, :], grads_val[0, :, :, :]
    weights = np.mean(grads_val, axis=(0, 1))
    cam = np.ones(output.shape[0: 2], dtype=np.float32)
    for i, w in enumerate(weights):
        cam += w * output[:, :, i]
    cam = np.maximum(cam, 0)
    return cam / np.max(cam)
def target_category_loss(x, category_index, nb_classes):
    return x * K.one_hot([category_index], nb_classes)
def target_category_loss_output_shape(input_shape):
    return input_shape
image = np.zeros((1, 12, 12, 1)); image[0, :5, :5] = 0.9
cam = grad_cam(model, image, 1, 'last_conv')
print(cam.shape, cam[:3, :3].mean(), cam[3:, 3:].mean())
assert cam[:3, :3].mean() > cam[4:, 4:].mean()
layer_output = model.get_layer('conv1').output
saliency = K.gradients(K.sum(model.output[:, 1]), model.input)[0]
get_saliency = K.function([model.input, K.learning_phase()], [saliency])
s = get_saliency([image, 0])[0]
assert s.shape == (1, 12, 12, 1) and np.abs(s).sum() > 0
get_layer = K.function([model.layers[0].input, K.learning_phase()], [model.layers[1].output])
acts = get_layer([image, 1])[0]
assert (acts >= 0).all()
# visualize filters by gradient ascent
input_img = model.input
loss = K.mean(layer_output[:, :, :, 3])
grads = K.gradients(loss, input_img)[0]
grads /= (K.sqrt(K.mean(K.square(grads))) + 1e-5)
iterate = K.function([input_img], [loss, grads])
img = np.random.random((1, 12, 12, 1))
first = None
for i in range(10):
    loss_value, grads_value = iterate([img])
    first = loss_value if first is None else first
    img += grads_value * 0.1
print('filter', first, loss_value)
assert loss_value > first
