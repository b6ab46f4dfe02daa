import random
import numpy as np
from collections import deque
from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import Adam
from keras import backend as K
import tensorflow as tf

class DQNAgent:
    def __init__(self, state_size, action_size):
        self.state_size = state_size; self.action_size = action_size
        self.memory = deque(maxlen=2000); self.gamma = 0.9; self.epsilon = 1.0; self.epsilon_min = 0.01; self.epsilon_decay = 0.95
        self.learning_rate = 0.01
        self.model = self._build_model(); self.target_model = self._build_model(); self.update_target_model()
    def _huber_loss(self, y_true, y_pred, clip_delta=1.0):
        error = y_true - y_pred
        cond = K.abs(error) <= clip_delta
        squared_loss = 0.5 * K.square(error)
        quadratic_loss = 0.5 * K.square(clip_delta) + clip_delta * (K.abs(error) - clip_delta)
        return K.mean(tf.where(cond, squared_loss, quadratic_loss))
    def _build_model(self):
        model = Sequential()
        model.add(Dense(24, input_dim=self.state_size, activation='relu', kernel_initializer='he_uniform'))
        model.add(Dense(self.action_size, activation='linear'))
        model.compile(loss=self._huber_loss, optimizer=Adam(lr=self.learning_rate))
        return model
    def update_target_model(self): self.target_model.set_weights(self.model.get_weights())
    def remember(self, *a): self.memory.append(a)
    def act(self, state):
        if np.random.rand() <= self.epsilon: return random.randrange(self.action_size)
        return np.argmax(self.model.predict(state)[0])
    def replay(self, batch_size):
        minibatch = random.sample(self.memory, batch_size)
        for state, action, reward, next_state, done in minibatch:
            target = self.model.predict(state)
            if done: target[0][action] = reward
            else:
                t = self.target_model.predict(next_state)[0]
                target[0][action] = reward + self.gamma * np.amax(t)
            self.model.fit(state, target, epochs=1, verbose=0)
        if self.epsilon > self.epsilon_min: self.epsilon *= self.epsilon_decay
    def save(self, name): self.model.save_weights(name)
    def load(self, name): self.model.load_weights(name)
random.seed(0); np.random.seed(0)
agent = DQNAgent(3, 2)
def one(i): return np.eye(3)[i][None]
for e in range(18):
    s = 0
    for t in range(10):
        a = agent.act(one(s)); n = min(s + 1, 2) if a == 1 else max(s - 1, 0)
        r, done = (1., True) if n == 2 else (0., False)
        agent.remember(one(s), a, r, one(n), done); s = n
        if done: break
    if len(agent.memory) > 8: agent.replay(8)
    if e % 5 == 0: agent.update_target_model()
agent.save('dqn.h5'); q = agent.model.predict(one(1)); agent.load('dqn.h5')
print(q); assert q[0, 1] > q[0, 0] and 0.5 < q[0, 1] < 1.5
