"""Learn to balance in a tiny made environment: actor and critic share a body; the loop is the program's own."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

gamma = 0.99
max_steps_per_episode = 8
eps = np.finfo(np.float32).eps.item()
rng = np.random.default_rng(11)


class Balance:
    """A point with a velocity, pushed left or right; it ends when it has gone too far."""

    def reset(self):
        self.state = np.array([0.1, 0.0], "float32")
        return self.state, {}

    def step(self, action):
        position, velocity = self.state
        velocity = velocity + (0.3 if action == 1 else -0.3) + 0.05 * position
        self.state = np.array([position + velocity, velocity], "float32")
        return self.state, 1.0 - abs(float(self.state[0])), bool(abs(self.state[0]) > 2.0), False, {}


num_inputs, num_actions, num_hidden = 2, 2, 12
inputs = layers.Input(shape=(num_inputs,))
common = layers.Dense(num_hidden, activation="relu")(inputs)
action = layers.Dense(num_actions, activation="softmax")(common)
critic = layers.Dense(1)(common)
model = keras.Model(inputs=inputs, outputs=[action, critic])
model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])

env = Balance()
optimizer = keras.optimizers.Adam(learning_rate=0.01)
huber_loss = keras.losses.Huber()
running_reward = 0
losses, rewards = [], []


def play():
    """Play one episode and give its probabilities, values and rewards; called inside of the tape."""
    choices = np.random.default_rng(99)
    log_probs, values, gained = [], [], []
    state, _ = env.reset()
    for _timestep in range(1, max_steps_per_episode):
        state = ops.convert_to_tensor(state)
        state = ops.expand_dims(state, 0)
        action_probs, critic_value = model(state)
        values.append(critic_value[0, 0])
        action = int(choices.random() < 0.5)
        log_probs.append(ops.log(action_probs[0, action]))
        state, reward, done, _, _ = env.step(action)
        gained.append(reward)
        if done:
            break
    return log_probs, values, gained


for episode in range(4):
    with tf.GradientTape() as tape:
        action_probs_history, critic_value_history, rewards_history = play()
        episode_reward = sum(rewards_history)

        returns = []
        discounted_sum = 0
        for r in rewards_history[::-1]:
            discounted_sum = r + gamma * discounted_sum
            returns.insert(0, discounted_sum)
        returns = np.array(returns)
        returns = (returns - np.mean(returns)) / (np.std(returns) + eps)
        returns = returns.tolist()

        actor_losses = []
        critic_losses = []
        for log_prob, value, ret in zip(action_probs_history, critic_value_history, returns):
            diff = ret - value
            actor_losses.append(-log_prob * diff)
            critic_losses.append(huber_loss(ops.expand_dims(value, 0), ops.expand_dims(ret, 0)))
        loss_value = sum(actor_losses) + sum(critic_losses)
    grads = tape.gradient(loss_value, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    running_reward = 0.05 * episode_reward + (1 - 0.05) * running_reward
    losses.append(float(loss_value))
    rewards.append(float(running_reward))

probabilities, value = model(np.array([[0.1, 0.0], [0.5, -0.2]], "float32"))
record = {
    "losses": losses,
    "rewards": rewards,
    "iterations": int(optimizer.iterations),
    "checksum": float(np.array(probabilities)[:, 0].sum() + np.array(value).sum()),
}
print(json.dumps(record))
