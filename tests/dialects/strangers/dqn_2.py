# -*- coding: utf-8 -*-
import random
import numpy as np
from collections import deque
from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import Adam
from keras import backend as K
import tensorflow as tf
np.random.seed(0); random.seed(0)
class Corridor:
    def reset(self):
        self.at = 2; return np.eye(6)[self.at]
    def step(self, a):
        self.at += 1 if a else -1
        done = self.at in (0, 5)
        return np.eye(6)[self.at], (1. if self.at == 5 else 0.), done, {}
class DQNAgent:
    def __init__(self, state_size, action_size):
        self.state_size = state_size; self.action_size = action_size
        self.memory = deque(maxlen=500)
        self.gamma = 0.9; self.epsilon = 1.0; self.epsilon_min = 0.05; self.epsilon_decay = 0.97; self.learning_rate = 0.02
        self.model = self._build_model(); self.target_model = self._build_model(); self.update_target_model()
    def _huber_loss(self, y_true, y_pred, clip_delta=1.0):
        error = y_true - y_pred
        cond = K.abs(error) <= clip_delta
        squared_loss = 0.5 * K.square(error)
        quadratic_loss = 0.5 * K.square(clip_delta) + clip_delta * (K.abs(error) - clip_delta)
        return K.mean(tf.where(cond, squared_loss, quadratic_loss))
    def _build_model(self):
        model = Sequential()
        model.add(Dense(24, input_dim=self.state_size, activation='relu'))
        model.add(Dense(self.action_size, activation='linear'))
        model.compile(loss=self._huber_loss, optimizer=Adam(lr=self.learning_rate))
        return model
    def update_target_model(self):
        self.target_model.set_weights(self.model.get_weights())
    def remember(self, *t):
        self.memory.append(t)
    def act(self, state):
        if np.random.rand() <= self.epsilon:
            return random.randrange(self.action_size)
        return np.argmax(self.model.predict(state)[0])
    def replay(self, batch_size):
        for state, action, reward, next_state, done in random.sample(self.memory, batch_size):
            target = self.model.predict(state)
            if done:
                target[0][action] = reward
            else:
                a = self.model.predict(next_state)[0]; t = self.target_model.predict(next_state)[0]
                target[0][action] = reward + self.gamma * t[np.argmax(a)]
            self.model.fit(state, target, epochs=1, verbose=0)
        if self.epsilon > self.epsilon_min:
            self.epsilon *= self.epsilon_decay
env = Corridor(); agent = DQNAgent(6, 2)
for e in range(60):
    state = np.reshape(env.reset(), [1, 6])
    for time in range(20):
        action = agent.act(state)
        next_state, reward, done, _ = env.step(action)
        next_state = np.reshape(next_state, [1, 6])
        agent.remember(state, action, reward, next_state, done)
        state = next_state
        if done:
            agent.update_target_model()
            break
    if len(agent.memory) > 8:
        agent.replay(8)
agent.model.save_weights('dqn.h5'); agent.model.load_weights('dqn.h5')
q = agent.model.predict(np.eye(6)[1:5])
print(q)
assert (q[1:].argmax(axis=1) == 1).all()
