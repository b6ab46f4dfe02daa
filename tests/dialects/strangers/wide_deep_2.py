# custom callbacks: F1 on validation data, cyclic learning rate, best weights; class weights; functional API
import numpy as np
from keras.layers import *
from keras.models import Model
from keras.callbacks import Callback, ModelCheckpoint, EarlyStopping, ReduceLROnPlateau
from keras import backend as K
from sklearn.metrics import f1_score
np.random.seed(0)
class Metrics(Callback):
    def on_train_begin(self, logs={}):
        self.val_f1s = []
    def on_epoch_end(self, epoch, logs={}):
        val_predict = (np.asarray(self.model.predict(self.validation_data[0]))).round()
        self.val_f1s.append(f1_score(self.validation_data[1], val_predict))
        logs['val_f1'] = self.val_f1s[-1]
class CyclicLR(Callback):
    def __init__(self, base_lr=0.001, max_lr=0.02, step_size=20.):
        super(CyclicLR, self).__init__()
        self.base_lr, self.max_lr, self.step_size = base_lr, max_lr, step_size
        self.clr_iterations = 0.; self.history = {}
    def clr(self):
        cycle = np.floor(1 + self.clr_iterations / (2 * self.step_size))
        x = np.abs(self.clr_iterations / self.step_size - 2 * cycle + 1)
        return self.base_lr + (self.max_lr - self.base_lr) * np.maximum(0, (1 - x))
    def on_train_begin(self, logs={}):
        K.set_value(self.model.optimizer.lr, self.base_lr)
    def on_batch_end(self, epoch, logs=None):
        self.clr_iterations += 1
        self.history.setdefault('lr', []).append(K.get_value(self.model.optimizer.lr))
        K.set_value(self.model.optimizer.lr, self.clr())
X = np.random.randn(500, 6); y = ((X ** 2)[:, :2].sum(1) < 1).astype(int)
i = Input(shape=(6,)); d = Dense(32, activation='relu')(i); d = Dropout(0.1)(BatchNormalization()(d)); d = Dense(16, activation='relu')(d)
m = Model(i, Dense(1, activation='sigmoid')(concatenate([d, i])))
m.compile('adam', 'binary_crossentropy', metrics=['acc'])
metrics, clr = Metrics(), CyclicLR()
h = m.fit(X[:400], y[:400], validation_data=(X[400:], y[400:]), epochs=30, batch_size=20, verbose=0, class_weight={0: 1., 1: 2.},
          callbacks=[metrics, clr, ModelCheckpoint('best.h5', monitor='val_f1', mode='max', save_best_only=True, save_weights_only=True)])
m.load_weights('best.h5')
f1 = f1_score(y[400:], m.predict(X[400:]).round())
print('best F1', f1, max(metrics.val_f1s), 'rates', min(clr.history['lr']), max(clr.history['lr']))
assert f1 > 0.8 and abs(f1 - max(metrics.val_f1s)) < 1e-9 and max(clr.history['lr']) > 0.019
