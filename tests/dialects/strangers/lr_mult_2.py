# optimizers of one's own: learning rate multipliers by layer, Lookahead, AdaBound; callbacks that set the rate: CLR, SGDR, SWA
import numpy as np
import keras
from keras import backend as K
from keras.callbacks import Callback
from keras.layers import Dense, Input
from keras.legacy import interfaces
from keras.models import Model, Sequential
from keras.optimizers import Optimizer, SGD, Adam
np.random.seed(0)
class LR_SGD(Optimizer):
    def __init__(self, lr=0.01, momentum=0., decay=0., nesterov=False, multipliers=None, **kwargs):
        super(LR_SGD, self).__init__(**kwargs)
        with K.name_scope(self.__class__.__name__):
            self.iterations = K.variable(0, dtype='int64', name='iterations')
            self.lr = K.variable(lr, name='lr')
            self.momentum = K.variable(momentum, name='momentum')
            self.decay = K.variable(decay, name='decay')
        self.initial_decay = decay
        self.nesterov = nesterov
        self.lr_multipliers = multipliers
    @interfaces.legacy_get_updates_support
    def get_updates(self, loss, params):
        grads = self.get_gradients(loss, params)
        self.updates = [K.update_add(self.iterations, 1)]
        lr = self.lr
        if self.initial_decay > 0:
            lr *= (1. / (1. + self.decay * K.cast(self.iterations, K.dtype(self.decay))))
        shapes = [K.int_shape(p) for p in params]
        moments = [K.zeros(shape) for shape in shapes]
        self.weights = [self.iterations] + moments
        for p, g, m in zip(params, grads, moments):
            matched_layer = [x for x in self.lr_multipliers.keys() if x in p.name]
            new_lr = lr * self.lr_multipliers[matched_layer[0]] if matched_layer else lr
            v = self.momentum * m - new_lr * g
            self.updates.append(K.update(m, v))
            new_p = p + self.momentum * v - new_lr * g if self.nesterov else p + v
            if getattr(p, 'constraint', None) is not None:
                new_p = p.constraint(new_p)
            self.updates.append(K.update(p, new_p))
        return self.updates
    def get_config(self):
        config = {'lr': float(K.get_value(self.lr)), 'momentum': float(K.get_value(self.momentum)), 'decay': float(K.get_value(self.decay)), 'nesterov': self.nesterov}
        base_config = super(LR_SGD, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))
class Lookahead(Optimizer):
    """Slow weights follow the fast ones of an optimizer within, every k steps"""
    def __init__(self, optimizer, sync_period=5, slow_step=0.5, **kwargs):
        super(Lookahead, self).__init__(**kwargs)
        self.optimizer = keras.optimizers.get(optimizer)
        with K.name_scope(self.__class__.__name__):
            self.sync_period = K.variable(sync_period, dtype='int64', name='sync_period')
            self.slow_step = K.variable(slow_step, name='slow_step')
    @property
    def lr(self):
        return self.optimizer.lr
    @lr.setter
    def lr(self, lr):
        self.optimizer.lr = lr
    @property
    def iterations(self):
        return self.optimizer.iterations
    def get_updates(self, loss, params):
        sync_cond = K.equal((self.iterations + 1) // self.sync_period * self.sync_period, (self.iterations + 1))
        slow_params = {p.name: K.variable(K.get_value(p), name='sp_{}'.format(i)) for i, p in enumerate(params)}
        self.updates = self.optimizer.get_updates(loss, params)
        slow_updates = []
        for i, update in enumerate(self.updates):
            if isinstance(update, tuple) and len(update) == 2 and getattr(update[0], 'name', None) in slow_params:
                p, new = update
                slow = slow_params[p.name]
                new_slow = K.switch(sync_cond, slow + self.slow_step * (new - slow), slow)
                slow_updates.append((slow, new_slow))
                self.updates[i] = (p, K.switch(sync_cond, new_slow, new))
        self.updates += slow_updates
        self.weights = self.optimizer.weights + list(slow_params.values())
        return self.updates
    def get_config(self):
        return {'optimizer': keras.optimizers.serialize(self.optimizer), 'sync_period': int(K.get_value(self.sync_period)), 'slow_step': float(K.get_value(self.slow_step))}
    @classmethod
    def from_config(cls, config):
        optimizer = keras.optimizers.deserialize(config.pop('optimizer'))
        return cls(optimizer, **config)
class CyclicLR(Callback):
    def __init__(self, base_lr=0.001, max_lr=0.006, step_size=10., mode='triangular'):
        super(CyclicLR, self).__init__()
        self.base_lr = base_lr; self.max_lr = max_lr; self.step_size = step_size; self.clr_iterations = 0.; self.history = {}
        self.scale_fn = lambda x: 1.
    def clr(self):
        cycle = np.floor(1 + self.clr_iterations / (2 * self.step_size))
        x = np.abs(self.clr_iterations / self.step_size - 2 * cycle + 1)
        return self.base_lr + (self.max_lr - self.base_lr) * np.maximum(0, (1 - x)) * self.scale_fn(cycle)
    def on_train_begin(self, logs={}):
        K.set_value(self.model.optimizer.lr, self.base_lr if self.clr_iterations == 0 else self.clr())
    def on_batch_end(self, epoch, logs=None):
        logs = logs or {}
        self.clr_iterations += 1
        self.history.setdefault('lr', []).append(K.get_value(self.model.optimizer.lr))
        for k, v in logs.items():
            self.history.setdefault(k, []).append(v)
        K.set_value(self.model.optimizer.lr, self.clr())
class SWA(Callback):
    def __init__(self, filepath, swa_epoch):
        super(SWA, self).__init__()
        self.filepath = filepath; self.swa_epoch = swa_epoch
    def on_train_begin(self, logs=None):
        self.nb_epoch = self.params['epochs']
    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.swa_epoch:
            self.swa_weights = self.model.get_weights()
        elif epoch > self.swa_epoch:
            for i, layer in enumerate(self.model.layers):
                pass
            w = self.model.get_weights()
            for i in range(len(w)):
                self.swa_weights[i] = (self.swa_weights[i] * (epoch - self.swa_epoch) + w[i]) / ((epoch - self.swa_epoch) + 1)
    def on_train_end(self, logs=None):
        self.model.set_weights(self.swa_weights)
        self.model.save_weights(self.filepath)
X = np.random.randn(160, 5); y = X.dot(np.arange(5.)).reshape(-1, 1) / 3
def make():
    i = Input((5,)); h = Dense(12, activation='tanh', name='frozenish')(i)
    return Model(i, Dense(1, name='head')(h))
m = make()
w0 = m.get_layer('frozenish').get_weights()[0]
m.compile(LR_SGD(0.05, momentum=0.9, multipliers={'frozenish': 0.0, 'head': 1.0}), 'mse')
h = m.fit(X, y, epochs=4, batch_size=16, verbose=0)
assert np.array_equal(w0, m.get_layer('frozenish').get_weights()[0]) and h.history['loss'][-1] < h.history['loss'][0]
m = make(); m.compile(SGD(0.05), 'mse', metrics=['mae'])
clr, swa = CyclicLR(0.001, 0.05, 10.), SWA('swa.h5', 2)
h2 = m.fit(X, y, epochs=6, batch_size=16, verbose=0, callbacks=[clr, swa])
print(clr.history['lr'][:3], max(clr.history['lr']), h2.history['loss'])
assert len(clr.history['lr']) == 60 and abs(max(clr.history['lr']) - 0.05) < 1e-3 and len(clr.history['loss']) == 60
assert np.allclose(m.get_weights()[0], swa.swa_weights[0])
m = make(); m.compile(Lookahead(SGD(0.02)), 'mse', metrics=['mae'])
h = m.fit(X, y, epochs=6, batch_size=16, verbose=0)
print(h.history['loss'])
assert h.history['loss'][-1] < h.history['loss'][0] and abs(float(K.get_value(m.optimizer.lr)) - 0.02) < 1e-6
