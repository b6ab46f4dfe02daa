# adversarial examples: the sign of the gradient, step by step, towards a class; and the defence by training on them
import numpy as np
from keras import backend as K
from keras import losses
from keras.models import Sequential
from keras.layers import Dense, Conv2D, Flatten, Activation, Dropout
from keras.utils import to_categorical
import tensorflow as tf
np.random.seed(0)
n = 200; y = np.random.randint(0, 3, n); x = np.random.rand(n, 6, 6, 1) * 0.5
for i in range(n):
    x[i, 2 * y[i]:2 * y[i] + 2] += 0.25
Y = to_categorical(y, 3)
model = Sequential([Conv2D(6, (2, 2), activation='relu', input_shape=(6, 6, 1)), Flatten(), Dense(16, activation='relu'), Dropout(0.1), Dense(3)])
model.add(Activation('softmax'))
model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])
model.fit(x, Y, epochs=20, batch_size=20, verbose=0)
clean = model.evaluate(x, Y, verbose=0)
target = K.placeholder(shape=(None, 3))
loss = K.categorical_crossentropy(target, model.output)
grads = K.gradients(loss, model.input)[0]
sess = K.get_session()
delta = K.sign(grads)
fgsm = K.function([model.input, target, K.learning_phase()], [K.mean(loss), delta])
before, signs = fgsm([x, Y, 0])
assert set(np.unique(signs)) <= {-1., 0., 1.} and abs(before - clean[0]) < 1e-4
x_adv = np.clip(x + 0.2 * signs, 0, 1)
adv = model.evaluate(x_adv, Y, verbose=0)
print('clean', clean, 'attacked', adv)
assert clean[1] > 0.95 and adv[1] < 0.6
random = model.evaluate(np.clip(x + 0.2 * np.sign(np.random.randn(*x.shape)), 0, 1), Y, verbose=0)
assert random[1] > adv[1] + 0.2
# the same from a session, with gradients of TensorFlow
logits = model.layers[-2].output
ce = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=target, logits=logits))
g = sess.run(tf.gradients(ce, model.input)[0], feed_dict={model.input: x[:20], target: Y[:20], K.learning_phase(): 0})
assert np.mean(np.sign(g) == signs[:20]) > 0.99
# a targeted attack of several steps within a ball
goal = to_categorical((y + 1) % 3, 3); z = x.copy()
for step in range(8):
    z = np.clip(z - 0.05 * fgsm([z, goal, 0])[1], np.maximum(x - 0.25, 0), np.minimum(x + 0.25, 1))
hit = np.mean(model.predict_classes(z) == (y + 1) % 3)
model.fit(np.r_[x, x_adv], np.r_[Y, Y], epochs=25, batch_size=20, verbose=0)
defended = model.evaluate(x_adv, Y, verbose=0)[1]
print('targeted', hit, 'defended', defended)
assert hit > 0.7 and defended > adv[1] + 0.3
