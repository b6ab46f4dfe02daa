"""Learn Q-values with a replay of past frames and a target network that is copied now and then."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

gamma, num_actions, batch_size = 0.9, 3, 8
update_after_actions, update_target_network = 4, 12
rng = np.random.default_rng(12)


class Corridor:
    """Walk through a corridor that is seen as a small picture; a reward stands at its end."""

    def reset(self):
        self.place = 0
        return self.picture()

    def picture(self):
        frame = np.zeros((6, 6, 1), "float32")
        frame[:, self.place] = 1.0
        return frame

    def step(self, action):
        self.place = int(np.clip(self.place + action - 1, 0, 5))
        done = self.place == 5
        return self.picture(), 1.0 if done else -0.1, done


def create_q_model():
    return keras.Sequential(
        [
            layers.Lambda(
                lambda tensor: keras.ops.transpose(tensor, [0, 2, 1, 3]), output_shape=(6, 6, 1), input_shape=(6, 6, 1)
            ),
            layers.Conv2D(4, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(12, activation="relu"),
            layers.Dense(num_actions, activation="linear"),
        ]
    )


model = create_q_model()
model_target = create_q_model()
model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
model_target.set_weights(model.get_weights())

optimizer = keras.optimizers.Adam(learning_rate=0.01, clipnorm=1.0)
loss_function = keras.losses.Huber()
env = Corridor()
action_history, state_history, state_next_history, rewards_history, done_history = [], [], [], [], []
losses, frame_count = [], 0
state = env.reset()

while frame_count < 48:
    frame_count += 1
    if frame_count < 12 or frame_count % 3 == 0:
        action = int(rng.integers(num_actions))
    else:
        state_tensor = keras.ops.expand_dims(keras.ops.convert_to_tensor(state), 0)
        action_probs = model(state_tensor, training=False)
        action = int(keras.ops.argmax(action_probs[0]))
    state_next, reward, done = env.step(action)
    action_history.append(action)
    state_history.append(state)
    state_next_history.append(state_next)
    done_history.append(done)
    rewards_history.append(reward)
    state = env.reset() if done else state_next

    if frame_count % update_after_actions == 0 and len(done_history) > batch_size:
        indices = rng.choice(range(len(done_history)), size=batch_size)
        state_sample = np.array([state_history[i] for i in indices])
        state_next_sample = np.array([state_next_history[i] for i in indices])
        rewards_sample = np.array([rewards_history[i] for i in indices], "float32")
        action_sample = [action_history[i] for i in indices]
        done_sample = keras.ops.convert_to_tensor([float(done_history[i]) for i in indices])

        future_rewards = model_target.predict(state_next_sample, verbose=0)
        updated_q_values = rewards_sample + gamma * keras.ops.amax(future_rewards, axis=1)
        updated_q_values = updated_q_values * (1 - done_sample) - done_sample
        masks = keras.ops.one_hot(action_sample, num_actions)

        with tf.GradientTape() as tape:
            q_values = model(state_sample)
            q_action = ops.sum(ops.multiply(q_values, masks), axis=1)
            loss = loss_function(updated_q_values, q_action)
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        losses.append(float(loss))

    if frame_count % update_target_network == 0:
        model_target.set_weights(model.get_weights())

model.save_weights("dqn.weights.h5")
restored = create_q_model()
restored.load_weights("dqn.weights.h5")
every_place = []
for place in range(6):
    env.place = place
    every_place.append(env.picture())
record = {
    "losses": losses,
    "actions": action_history,
    "checksum": float(np.abs(restored.predict(np.array(every_place), verbose=0)).sum()),
}
print(json.dumps(record))
