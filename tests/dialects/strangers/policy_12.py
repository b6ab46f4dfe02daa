import numpy as np
from keras.models import Model, Sequential
from keras.layers import Dense, Input, Activation
from keras.optimizers import Adam, RMSprop
from keras import backend as K
import keras.utils.np_utils as np_utils
np.random.seed(2)
class Agent(object):
    """REINFORCE with a train function of one's own"""
    def __init__(self, input_dim, output_dim, hidden_dims=[32, 32]):
        self.input_dim = input_dim; self.output_dim = output_dim
        self.__build_network(input_dim, output_dim, hidden_dims)
        self.__build_train_fn()
    def __build_network(self, input_dim, output_dim, hidden_dims):
        self.X = Input(shape=(input_dim,))
        net = self.X
        for h_dim in hidden_dims:
            net = Dense(h_dim)(net)
            net = Activation("relu")(net)
        net = Dense(output_dim)(net)
        net = Activation("softmax")(net)
        self.model = Model(input=self.X, output=net)
    def __build_train_fn(self):
        action_prob_placeholder = self.model.output
        action_onehot_placeholder = K.placeholder(shape=(None, self.output_dim), name="action_onehot")
        discount_reward_placeholder = K.placeholder(shape=(None,), name="discount_reward")
        action_prob = K.sum(action_prob_placeholder * action_onehot_placeholder, axis=1)
        log_action_prob = K.log(action_prob)
        loss = - log_action_prob * discount_reward_placeholder
        loss = K.mean(loss)
        adam = Adam(lr=0.01)
        updates = adam.get_updates(params=self.model.trainable_weights, constraints=[], loss=loss)
        self.train_fn = K.function(inputs=[self.model.input, action_onehot_placeholder, discount_reward_placeholder], outputs=[], updates=updates)
    def get_action(self, state):
        if len(np.shape(state)) == 1:
            state = np.expand_dims(state, axis=0)
        action_prob = np.squeeze(self.model.predict(state))
        assert len(action_prob) == self.output_dim
        return np.random.choice(np.arange(self.output_dim), p=action_prob / action_prob.sum())
    def fit(self, S, A, R):
        action_onehot = np_utils.to_categorical(A, nb_classes=self.output_dim)
        self.train_fn([S, action_onehot, compute_discounted_R(R)])
def compute_discounted_R(R, discount_rate=.5):
    discounted_r = np.zeros_like(R, dtype=np.float32)
    running_add = 0
    for t in reversed(range(len(R))):
        running_add = running_add * discount_rate + R[t]
        discounted_r[t] = running_add
    discounted_r -= discounted_r.mean() 
    discounted_r /= discounted_r.std() + 1e-6
    return discounted_r
agent = Agent(3, 3)
totals = []
for episode in range(30):
    S = np.eye(3)[np.random.randint(0, 3, 20)]
    A = [agent.get_action(s) for s in S]
    R = [float(a == s.argmax()) for a, s in zip(A, S)]
    agent.fit(S, A, R)
    totals.append(np.mean(R))
print(totals[:3], totals[-3:])
assert np.mean(totals[-5:]) > 0.75
