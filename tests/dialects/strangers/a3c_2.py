# advantage actor critic with one network and two heads, updates through K.function
import numpy as np
from keras.layers import Dense, Input
from keras.models import Model
from keras.optimizers import RMSprop, Adam
from keras import backend as K
np.random.seed(0)
class Brain:
    def __init__(self):
        s = Input(batch_shape=[None, 3]); d = Dense(24, activation='relu', kernel_initializer='he_uniform')(s)
        self.actor = Model(inputs=s, outputs=Dense(2, activation='softmax')(d))
        self.critic = Model(inputs=s, outputs=Dense(1, activation='linear')(d))
        self.actor._make_predict_function(); self.critic._make_predict_function()
        self.optimizer = [self.actor_optimizer(), self.critic_optimizer()]
    def actor_optimizer(self):
        action = K.placeholder(shape=(None, 2)); advantages = K.placeholder(shape=(None, ))
        policy = self.actor.output
        log_prob = K.log(K.sum(action * policy, axis=1) + 1e-10)
        entropy = K.sum(policy * K.log(policy + 1e-10), axis=1)
        loss = -K.sum(log_prob * advantages) + 0.01 * K.sum(entropy)
        updates = Adam(lr=0.01).get_updates(self.actor.trainable_weights, [], loss)
        return K.function([self.actor.input, action, advantages], [], updates=updates)
    def critic_optimizer(self):
        reward = K.placeholder(shape=(None, ))
        loss = K.mean(K.square(reward - self.critic.output[:, 0]))
        updates = Adam(lr=0.01).get_updates(self.critic.trainable_weights, [], loss)
        return K.function([self.critic.input, reward], [], updates=updates)
b = Brain()
scores = []
for episode in range(60):
    states = np.random.randn(32, 3); p = b.actor.predict(states)
    a = np.array([np.random.choice(2, p=q / q.sum()) for q in p])
    r = (a == (states[:, 0] > 0)).astype('float32')
    adv = r - b.critic.predict(states)[:, 0]
    b.optimizer[0]([states, np.eye(2)[a], adv]); b.optimizer[1]([states, r])
    scores.append(r.mean())
print('score', np.mean(scores[-10:]))
assert np.mean(scores[-10:]) > 0.85 > np.mean(scores[:5])
