'''Highway and residual MLPs, wide maxout, batch normalization, prelu, on a toy otto problem'''
from __future__ import absolute_import
from __future__ import print_function
import numpy as np
from keras.models import Sequential, Model, model_from_json
from keras.layers.core import Dense, Dropout, Activation, Highway, MaxoutDense, ActivityRegularization
from keras.layers.normalization import BatchNormalization
from keras.layers.advanced_activations import PReLU, LeakyReLU, ELU, SReLU, ParametricSoftplus
from keras.layers import Input, merge
from keras.utils import np_utils, generic_utils
from keras.regularizers import l1, l2, l1l2, activity_l2, WeightRegularizer
from keras.constraints import maxnorm, nonneg, unitnorm
from keras.callbacks import ModelCheckpoint, EarlyStopping, Callback
np.random.seed(1337)
X = np.random.randn(240, 9); W = np.random.randn(9, 3); labels = (X.dot(W)).argmax(axis=1)
y = np_utils.to_categorical(labels)
nb_classes = y.shape[1]; dims = X.shape[1]
print(nb_classes, 'classes', dims, 'dims')
model = Sequential()
model.add(Dense(16, input_shape=(dims,), W_constraint=maxnorm(3), b_regularizer=l2(0.0001)))
model.add(PReLU())
model.add(BatchNormalization())
model.add(Dropout(0.1))
model.add(Highway(activation='relu', W_regularizer=l1l2(l1=1e-5, l2=1e-5)))
model.add(MaxoutDense(12, nb_feature=3, activity_regularizer=activity_l2(1e-5)))
model.add(SReLU())
model.add(Dense(nb_classes))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []
    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get('loss'))
seen = LossHistory()
checkpointer = ModelCheckpoint(filepath="weights.hdf5", verbose=0, save_best_only=True)
model.fit(X, y, nb_epoch=12, batch_size=16, validation_split=0.15, verbose=0, callbacks=[checkpointer, seen, EarlyStopping(patience=10)])
model.load_weights("weights.hdf5")
again = model_from_json(model.to_json()); again.set_weights(model.get_weights())
proba = model.predict_proba(X, verbose=0); classes = model.predict_classes(X, verbose=0)
print(np.mean(classes == labels), len(seen.losses))
assert np.mean(classes == labels) > 0.7 and np.allclose(again.predict(X), proba, atol=1e-6)
progbar = generic_utils.Progbar(X.shape[0])
for i in range(0, 240, 60):
    loss, acc = model.train_on_batch(X[i:i + 60], y[i:i + 60])
    progbar.add(60, values=[("train loss", loss)])
inp = Input((9,)); h = Dense(9, activation='relu')(inp)
for _ in range(3):
    h = merge([h, Dense(9, activation='relu')(h)], mode='sum')
res = Model(input=inp, output=Dense(3, activation='softmax')(h))
res.compile('rmsprop', 'categorical_crossentropy', metrics=['acc'])
hist = res.fit(X, y, nb_epoch=8, batch_size=16, verbose=0, class_weight={0: 1, 1: 1.5, 2: 1})
assert hist.history['acc'][-1] > hist.history['acc'][0]
