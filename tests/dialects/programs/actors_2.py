import numpy as np, tensorflow as tf
from keras.models import Model
from keras.layers import *
from keras import backend as K
class Brain:
    def __init__(self):
        self.session = tf.Session()
        K.set_session(self.session)
        K.manual_variable_initialization(True)
        self.model = self._build_model()
        self.graph = self._build_graph(self.model)
        self.session.run(tf.global_variables_initializer())
        self.default_graph = tf.get_default_graph()
        self.default_graph.finalize()
    def _build_model(self):
        l_input = Input(batch_shape=(None, 4))
        l_dense = Dense(16, activation='relu')(l_input)
        out_actions = Dense(2, activation='softmax')(l_dense)
        out_value = Dense(1, activation='linear')(l_dense)
        model = Model(inputs=[l_input], outputs=[out_actions, out_value])
        model._make_predict_function()
        return model
    def _build_graph(self, model):
        s_t = tf.placeholder(tf.float32, shape=(None, 4))
        a_t = tf.placeholder(tf.float32, shape=(None, 2))
        r_t = tf.placeholder(tf.float32, shape=(None, 1))
        p, v = model(s_t)
        log_prob = tf.log(tf.reduce_sum(p * a_t, axis=1, keep_dims=True) + 1e-10)
        advantage = r_t - v
        loss_policy = - log_prob * tf.stop_gradient(advantage)
        loss_value = .5 * tf.square(advantage)
        entropy = .01 * tf.reduce_sum(p * tf.log(p + 1e-10), axis=1, keep_dims=True)
        loss_total = tf.reduce_mean(loss_policy + loss_value + entropy)
        optimizer = tf.train.RMSPropOptimizer(5e-3, decay=.99)
        minimize = optimizer.minimize(loss_total)
        return s_t, a_t, r_t, minimize
    def optimize(self, s, a, r):
        s_t, a_t, r_t, minimize = self.graph
        self.session.run(minimize, feed_dict={s_t: s, a_t: a, r_t: r})
    def predict(self, s):
        with self.default_graph.as_default():
            return self.model.predict(s)
np.random.seed(0); brain = Brain()
for i in range(150):
    s = np.random.rand(16, 4); p, v = brain.predict(s)
    a = np.array([np.random.choice(2, p=q / q.sum()) for q in p]); good = (s[:, 0] > .5).astype(int)
    brain.optimize(s, np.eye(2)[a], (a == good).astype('float32')[:, None])
s = np.random.rand(200, 4); p, v = brain.predict(s); acc = np.mean(p.argmax(1) == (s[:, 0] > .5))
print(acc); assert acc > .75
