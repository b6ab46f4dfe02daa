import numpy as np
import tensorflow as tf
import keras.backend as K
from keras.initializers import RandomUniform
from keras.models import Model
from keras.layers import Input, Dense, Reshape, LSTM, Lambda, BatchNormalization, GaussianNoise, Flatten, concatenate
from keras.optimizers import Adam
class Critic:
    def __init__(self, inp_dim, out_dim, lr, tau):
        self.env_dim = inp_dim; self.act_dim = out_dim; self.tau, self.lr = tau, lr
        self.model = self.network(); self.target_model = self.network()
        self.model.compile(Adam(self.lr), 'mse'); self.target_model.compile(Adam(self.lr), 'mse')
        self.action_grads = K.function([self.model.input[0], self.model.input[1]], K.gradients(self.model.output, [self.model.input[1]]))
    def network(self):
        state = Input((self.env_dim,)); action = Input(shape=(self.act_dim,))
        x = Dense(16, activation='relu')(state); x = concatenate([x, action]); x = Dense(16, activation='relu')(x)
        out = Dense(1, activation='linear', kernel_initializer=RandomUniform())(x)
        return Model([state, action], out)
    def gradients(self, states, actions): return self.action_grads([states, actions])
    def train_on_batch(self, states, actions, critic_target): return self.model.train_on_batch([states, actions], critic_target)
    def transfer_weights(self):
        W, target_W = self.model.get_weights(), self.target_model.get_weights()
        for i in range(len(W)): target_W[i] = self.tau * W[i] + (1 - self.tau) * target_W[i]
        self.target_model.set_weights(target_W)
class Actor:
    def __init__(self, inp_dim, out_dim, act_range, lr, tau):
        self.env_dim = inp_dim; self.act_dim = out_dim; self.act_range = act_range; self.tau = tau; self.lr = lr
        self.model = self.network(); self.adam_optimizer = self.optimizer()
    def network(self):
        inp = Input((self.env_dim,)); x = Dense(16, activation='relu')(inp); x = GaussianNoise(1.0)(x)
        out = Dense(self.act_dim, activation='tanh', kernel_initializer=RandomUniform())(x)
        out = Lambda(lambda i: i * self.act_range)(out)
        return Model(inp, out)
    def predict(self, state): return self.model.predict(np.expand_dims(state, axis=0))
    def train(self, states, actions, grads): self.adam_optimizer([states, grads])
    def optimizer(self):
        action_gdts = K.placeholder(shape=(None, self.act_dim))
        params_grad = tf.gradients(self.model.output, self.model.trainable_weights, -action_gdts)
        grads = zip(params_grad, self.model.trainable_weights)
        return K.function(inputs=[self.model.input, action_gdts], outputs=[K.constant(1)], updates=[tf.train.AdamOptimizer(self.lr).apply_gradients(grads)][1:])
class Actor2(Actor):
    def optimizer(self):
        action_gdts = K.placeholder(shape=(None, self.act_dim))
        params_grad = tf.gradients(self.model.output, self.model.trainable_weights, -action_gdts)
        grads = list(zip(params_grad, self.model.trainable_weights))
        self.op = tf.train.AdamOptimizer(self.lr).apply_gradients(grads); self.g = action_gdts
        return lambda a: K.get_session().run(self.op, feed_dict={self.model.input: a[0], self.g: a[1]})
np.random.seed(0)
critic = Critic(2, 1, .01, .1); actor = Actor2(2, 1, 1., .01, .1)
for i in range(600):
    s = np.random.rand(32, 2); a = np.random.uniform(-1, 1, (32, 1))
    critic.train_on_batch(s, a, -(a - .5) ** 2)
    b = actor.model.predict(s); g = critic.gradients(s, b)
    actor.train(s, b, np.array(g).reshape((-1, 1)))
critic.transfer_weights()
m = actor.model.predict(np.random.rand(50, 2)).mean(); print(m, critic.gradients(s[:3], b[:3])[0].ravel(), critic.model.predict([np.zeros((3,2)), np.array([[-1.],[0.5],[1.]])]).ravel()); assert abs(m - .5) < .2
