# mnist_siamese_graph.py: contrastive loss, euclidean Lambda, shared base
from __future__ import absolute_import
from __future__ import print_function
import numpy as np
np.random.seed(1337)
import random
random.seed(0)
from keras.models import Sequential, Model
from keras.layers import Dense, Dropout, Input, Lambda
from keras.optimizers import RMSprop
from keras import backend as K
def euclidean_distance(vects):
    x, y = vects
    return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))
def eucl_dist_output_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)
def contrastive_loss(y_true, y_pred):
    margin = 1
    return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))
def create_base_network(input_dim):
    seq = Sequential()
    seq.add(Dense(32, input_shape=(input_dim,), activation='relu'))
    seq.add(Dropout(0.1))
    seq.add(Dense(16, activation='relu'))
    return seq
def compute_accuracy(predictions, labels):
    return labels[predictions.ravel() < 0.5].mean()
centres = np.random.randn(3, 10) * 2
cls = np.random.randint(0, 3, 400); data = centres[cls] + 0.5 * np.random.randn(400, 10)
a, b = np.random.randint(0, 400, (2, 600)); same = (cls[a] == cls[b]).astype('float32')
base_network = create_base_network(10)
input_a = Input(shape=(10,)); input_b = Input(shape=(10,))
distance = Lambda(euclidean_distance, output_shape=eucl_dist_output_shape)([base_network(input_a), base_network(input_b)])
model = Model(input=[input_a, input_b], output=distance)
model.compile(loss=contrastive_loss, optimizer=RMSprop())
model.fit([data[a][:500], data[b][:500]], same[:500], validation_data=([data[a][500:], data[b][500:]], same[500:]), batch_size=64, nb_epoch=15, verbose=0)
acc = compute_accuracy(model.predict([data[a][500:], data[b][500:]]), same[500:])
print('* Accuracy on test set: %0.2f%%' % (100 * acc))
assert acc > 0.95
