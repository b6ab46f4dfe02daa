import numpy as np
from keras.models import Model
from keras.layers.core import Dense, Dropout, Activation
from keras.layers.convolutional import Convolution2D
from keras.layers.pooling import AveragePooling2D, GlobalAveragePooling2D
from keras.layers import Input, merge
from keras.layers.normalization import BatchNormalization
from keras.regularizers import l2
import keras.backend as K
np.random.seed(0)
def conv_block(input, nb_filter, dropout_rate=None, weight_decay=1E-4):
    x = Activation('relu')(input)
    x = Convolution2D(nb_filter, 3, 3, init="he_uniform", border_mode="same", bias=False, W_regularizer=l2(weight_decay))(x)
    if dropout_rate is not None:
        x = Dropout(dropout_rate)(x)
    return x
def transition_block(input, nb_filter, dropout_rate=None, weight_decay=1E-4):
    concat_axis = 1 if K.image_dim_ordering() == "th" else -1
    x = Convolution2D(nb_filter, 1, 1, init="he_uniform", border_mode="same", bias=False, W_regularizer=l2(weight_decay))(input)
    if dropout_rate is not None:
        x = Dropout(dropout_rate)(x)
    x = AveragePooling2D((2, 2), strides=(2, 2))(x)
    x = BatchNormalization(mode=0, axis=concat_axis, gamma_regularizer=l2(weight_decay), beta_regularizer=l2(weight_decay))(x)
    return x
def dense_block(x, nb_layers, nb_filter, growth_rate, dropout_rate=None, weight_decay=1E-4):
    concat_axis = 1 if K.image_dim_ordering() == "th" else -1
    feature_list = [x]
    for i in range(nb_layers):
        x = conv_block(x, growth_rate, dropout_rate, weight_decay)
        feature_list.append(x)
        x = merge(feature_list, mode='concat', concat_axis=concat_axis)
        nb_filter += growth_rate
    return x, nb_filter
model_input = Input(shape=(8, 8, 1))
x = Convolution2D(8, 3, 3, init="he_uniform", border_mode="same", name="initial_conv2D", bias=False)(model_input)
x = BatchNormalization(mode=0, axis=-1)(x)
x, nb_filter = dense_block(x, 2, 8, 4, dropout_rate=0.1)
x = transition_block(x, nb_filter, dropout_rate=0.1)
x, nb_filter = dense_block(x, 2, nb_filter, 4)
x = Activation('relu')(x)
x = GlobalAveragePooling2D()(x)
x = Dense(2, activation='softmax', W_regularizer=l2(1E-4), b_regularizer=l2(1E-4))(x)
densenet = Model(input=model_input, output=x, name="create_dense_net")
densenet.compile(loss='categorical_crossentropy', optimizer='adam', metrics=["accuracy"])
y = np.random.randint(0, 2, 100); X = np.random.rand(100, 8, 8, 1) * 0.5
X[y == 1, ::2] += 0.5
hist = densenet.fit(X, np.eye(2)[y], nb_epoch=8, batch_size=10, verbose=0, validation_data=(X, np.eye(2)[y]))
print(densenet.count_params(), hist.history['loss'], hist.history['acc'][-1])
assert hist.history['acc'][-1] > 0.9 and hist.history['loss'][-1] < hist.history['loss'][0]
