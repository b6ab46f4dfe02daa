"""A program in Python 2."""
import cPickle
import numpy as np
from keras.models import Sequential
from keras.layers import Dense

np.random.seed(0)
model = Sequential()
model.add(Dense(1, input_dim=3))
model.compile('sgd', 'mse')
X = np.random.rand(60, 3)
for epoch in xrange(3):
    loss = model.fit(X, X.sum(axis=1), nb_epoch=1, verbose=0).history['loss'][0]
    print 'epoch %d: loss %.3f' % (epoch, loss)
settings = {'a': 1}
if settings.has_key('a'):
    print 'done', cPickle.loads(cPickle.dumps(unicode('yes')))
