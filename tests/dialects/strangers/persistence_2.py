# persistence manners: pickle with __getstate__ hack (zachmoshe), deepcopy, to_json/yaml with custom objects, h5 in memory, layers.pop, weights by name, best-epoch restore, joblib
import types, tempfile, os, copy, json, pickle
import keras.models
from keras.models import Sequential, Model, load_model, model_from_json, model_from_yaml, clone_model
from keras.layers import Dense, Dropout, Activation, Lambda, Input, Layer, BatchNormalization
from keras import backend as K, initializers, regularizers, callbacks
from keras.utils.generic_utils import get_custom_objects
import numpy as np, h5py
def make_keras_picklable():
    def __getstate__(self):
        model_str = ""
        with tempfile.NamedTemporaryFile(suffix='.hdf5', delete=True) as fd:
            keras.models.save_model(self, fd.name, overwrite=True)
            model_str = fd.read()
        d = {'model_str': model_str}
        return d
    def __setstate__(self, state):
        with tempfile.NamedTemporaryFile(suffix='.hdf5', delete=True) as fd:
            fd.write(state['model_str'])
            fd.flush()
            model = keras.models.load_model(fd.name)
        self.__dict__ = model.__dict__
    cls = keras.models.Model
    cls.__getstate__ = __getstate__
    cls.__setstate__ = __setstate__
make_keras_picklable()
def swish(x): return K.sigmoid(x) * x
get_custom_objects().update({'swish': swish})
class Scale(Layer):
    def __init__(self, init='one', l=0.01, **kwargs):
        self.init = initializers.get(init); self.reg = regularizers.l2(l); self.l = l; super(Scale, self).__init__(**kwargs)
    def build(self, s): self.g = self.add_weight(name='g', shape=(s[-1],), initializer=self.init, regularizer=self.reg); super(Scale, self).build(s)
    def call(self, x): return x * self.g
    def get_config(self):
        c = super(Scale, self).get_config(); c.update(l=self.l); return c
np.random.seed(0); X = np.random.randn(120, 5); y = (X[:, 0] > 0).astype(int)
m = Sequential([Dense(8, input_dim=5, activation='swish', name='first'), BatchNormalization(), Dropout(.2), Dense(1, activation='sigmoid', name='out')])
m.compile('adam', 'binary_crossentropy', metrics=['accuracy']); m.fit(X, y, epochs=5, verbose=0)
p = m.predict(X)
m2 = pickle.loads(pickle.dumps(m)); np.testing.assert_allclose(m2.predict(X), p, rtol=1e-6)
a, b = m.evaluate(X, y, verbose=0), m2.evaluate(X, y, verbose=0); np.testing.assert_allclose(a, b, rtol=1e-5)
f = Sequential([Dense(6, input_dim=5), Scale(name='sc'), Dense(1)])
f.compile('rmsprop', 'mse'); f.fit(X, y, epochs=1, verbose=0)
js = f.to_json(); g = model_from_json(js, custom_objects={'Scale': Scale}); g.set_weights(f.get_weights()); np.testing.assert_allclose(g.predict(X), f.predict(X), rtol=1e-6); assert g.layers[1].l == 0.01
try:
    model_from_json(js); raise SystemExit('no error')
except ValueError as e: assert 'Scale' in str(e)
f.save('f42.h5'); g = load_model('f42.h5', custom_objects={'Scale': Scale})
assert 'Scale' in [l['class_name'] for l in (json.loads(h5py.File('f42.h5', 'r').attrs['model_config'])['config']['layers'] if isinstance(json.loads(h5py.File('f42.h5', 'r').attrs['model_config'])['config'], dict) else json.loads(h5py.File('f42.h5', 'r').attrs['model_config'])['config'])]
np.testing.assert_allclose(g.evaluate(X, y, verbose=0), f.evaluate(X, y, verbose=0), rtol=1e-5)
np.testing.assert_allclose(g.train_on_batch(X, y), f.train_on_batch(X, y), rtol=1e-5); np.testing.assert_allclose(g.get_weights()[0], f.get_weights()[0], rtol=1e-5)
# pop and rewire
m.layers.pop(); m.outputs = [m.layers[-1].output]; m.layers[-1].outbound_nodes = []
feat = Model(m.input, m.layers[-1].output); assert feat.predict(X).shape == (120, 8)
n = Sequential(); n.add(Dense(8, input_dim=5, name='first')); n.add(Dense(3, name='new')); m2.save_weights('w42.h5'); n.load_weights('w42.h5', by_name=True)
np.testing.assert_array_equal(n.get_layer('first').get_weights()[0], m2.get_layer('first').get_weights()[0])
s = Sequential([Dense(4, input_dim=5), Dense(2)]); s.pop(); assert s.output_shape == (None, 4) and s.predict(X).shape == (120, 4)
c = clone_model(f) if False else Sequential.from_config(f.get_config(), custom_objects={'Scale': Scale}); assert [w.shape for w in c.get_weights()] == [w.shape for w in f.get_weights()]
# restore best by hand
class Best(callbacks.Callback):
    def on_train_begin(self, logs=None): self.best = np.inf
    def on_epoch_end(self, e, logs=None):
        if logs['val_loss'] < self.best: self.best, self.w = logs['val_loss'], self.model.get_weights()
    def on_train_end(self, logs=None): self.model.set_weights(self.w)
cb = Best(); k = Sequential([Dense(16, activation='relu', input_dim=5), Dense(1, activation='sigmoid')]); k.compile('adam', 'binary_crossentropy'); h = k.fit(X[:80], y[:80], validation_data=(X[80:], y[80:]), epochs=8, verbose=0, callbacks=[cb, callbacks.EarlyStopping(monitor='val_loss', patience=3, restore_best_weights=True)])
assert abs(k.evaluate(X[80:], y[80:], verbose=0) - min(h.history['val_loss'])) < 1e-5
