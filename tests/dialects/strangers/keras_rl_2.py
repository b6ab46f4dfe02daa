"""keras-rl dqn agent manner: core of rl.agents.dqn with clone_model, Lambda loss, AdditionalUpdatesOptimizer"""
import warnings
from copy import deepcopy
import numpy as np
from collections import deque
import keras.backend as K
from keras import optimizers
from keras.models import Model, Sequential, model_from_config
from keras.layers import Lambda, Input, Layer, Dense, Flatten
from keras.callbacks import Callback as KerasCallback, CallbackList as KerasCallbackList, History

def clone_model(model, custom_objects={}):
    config = {'class_name': model.__class__.__name__, 'config': model.get_config()}
    clone = model_from_config(config, custom_objects=custom_objects)
    clone.set_weights(model.get_weights())
    return clone

def get_soft_target_model_updates(target, source, tau):
    target_weights = target.trainable_weights + sum([l.non_trainable_weights for l in target.layers], [])
    source_weights = source.trainable_weights + sum([l.non_trainable_weights for l in source.layers], [])
    assert len(target_weights) == len(source_weights)
    updates = []
    for tw, sw in zip(target_weights, source_weights):
        updates.append((tw, tau * sw + (1. - tau) * tw))
    return updates

class AdditionalUpdatesOptimizer(optimizers.Optimizer):
    def __init__(self, optimizer, additional_updates):
        super(AdditionalUpdatesOptimizer, self).__init__()
        self.optimizer = optimizer
        self.additional_updates = additional_updates

    def get_updates(self, params, loss):
        updates = self.optimizer.get_updates(params=params, loss=loss)
        updates += self.additional_updates
        self.updates = updates
        return self.updates

    def get_config(self):
        return self.optimizer.get_config()

def huber_loss(y_true, y_pred, clip_value):
    assert clip_value > 0.
    x = y_true - y_pred
    if np.isinf(clip_value):
        return .5 * K.square(x)
    condition = K.abs(x) < clip_value
    squared_loss = .5 * K.square(x)
    linear_loss = clip_value * (K.abs(x) - .5 * clip_value)
    if K.backend() == 'tensorflow':
        import tensorflow as tf
        if hasattr(tf, 'select'):
            return tf.select(condition, squared_loss, linear_loss)
        else:
            return tf.where(condition, squared_loss, linear_loss)
    elif K.backend() == 'theano':
        from theano import tensor as T
        return T.switch(condition, squared_loss, linear_loss)
    else:
        raise RuntimeError('Unknown backend "{}".'.format(K.backend()))

class DQNAgent(object):
    def __init__(self, model, nb_actions, enable_double_dqn=True, enable_dueling_network=False, dueling_type='avg',
                 target_model_update=1e-2, gamma=.9, batch_size=32, delta_clip=np.inf):
        self.nb_actions = nb_actions; self.gamma = gamma; self.batch_size = batch_size
        self.enable_double_dqn = enable_double_dqn
        self.target_model_update = target_model_update; self.delta_clip = delta_clip
        if enable_dueling_network:
            layer = model.layers[-2]
            nb_action = model.output._keras_shape[-1]
            y = Dense(nb_action + 1, activation='linear')(layer.output)
            if dueling_type == 'avg':
                outputlayer = Lambda(lambda a: K.expand_dims(a[:, 0], -1) + a[:, 1:] - K.mean(a[:, 1:], axis=1, keepdims=True), output_shape=(nb_action,))(y)
            model = Model(inputs=model.input, outputs=outputlayer)
        self.model = model
        self.memory = deque(maxlen=2000)
        self.step = 0

    def compile(self, optimizer, metrics=[]):
        def mean_q(y_true, y_pred):
            return K.mean(K.max(y_pred, axis=-1))
        metrics += [mean_q]
        self.target_model = clone_model(self.model)
        self.target_model.compile(optimizer='sgd', loss='mse')
        self.model.compile(optimizer='sgd', loss='mse')
        if self.target_model_update < 1.:
            updates = get_soft_target_model_updates(self.target_model, self.model, self.target_model_update)
            optimizer = AdditionalUpdatesOptimizer(optimizer, updates)

        def clipped_masked_error(args):
            y_true, y_pred, mask = args
            loss = huber_loss(y_true, y_pred, self.delta_clip)
            loss *= mask
            return K.sum(loss, axis=-1)
        y_pred = self.model.output
        y_true = Input(name='y_true', shape=(self.nb_actions,))
        mask = Input(name='mask', shape=(self.nb_actions,))
        loss_out = Lambda(clipped_masked_error, output_shape=(1,), name='loss')([y_true, y_pred, mask])
        ins = [self.model.input] if type(self.model.input) is not list else self.model.input
        trainable_model = Model(inputs=ins + [y_true, mask], outputs=[loss_out, y_pred])
        assert len(trainable_model.output_names) == 2
        combined_metrics = {trainable_model.output_names[1]: metrics}
        losses = [
            lambda y_true, y_pred: y_pred,  # loss is computed in Lambda layer
            lambda y_true, y_pred: K.zeros_like(y_pred),  # we only include this for the metrics
        ]
        trainable_model.compile(optimizer=optimizer, loss=losses, metrics=combined_metrics)
        self.trainable_model = trainable_model

    def backward(self):
        idx = np.random.randint(0, len(self.memory), self.batch_size)
        exp = [self.memory[i] for i in idx]
        s0 = np.array([[e[0]] for e in exp]); s1 = np.array([[e[3]] for e in exp])
        reward = np.array([e[2] for e in exp]); action = np.array([e[1] for e in exp]); t1 = np.array([0. if e[4] else 1. for e in exp])
        if self.enable_double_dqn:
            q_values = self.model.predict_on_batch(s1)
            actions = np.argmax(q_values, axis=1)
            target_q_values = self.target_model.predict_on_batch(s1)
            q_batch = target_q_values[range(self.batch_size), actions]
        targets = np.zeros((self.batch_size, self.nb_actions)); dummy = np.zeros((self.batch_size,)); masks = np.zeros((self.batch_size, self.nb_actions))
        Rs = reward + self.gamma * q_batch * t1
        for k in range(self.batch_size):
            targets[k, action[k]] = Rs[k]; dummy[k] = Rs[k]; masks[k, action[k]] = 1.
        targets = np.array(targets).astype('float32'); masks = np.array(masks).astype('float32')
        ins = [s0] if type(self.model.input) is not list else s0
        metrics = self.trainable_model.train_on_batch(ins + [targets, masks], [dummy, targets])
        metrics = [metric for idx, metric in enumerate(metrics) if idx not in (1, 2)]  # throw away individual losses
        return metrics

    @property
    def metrics_names(self):
        assert len(self.trainable_model.output_names) == 2
        dummy_output_name = self.trainable_model.output_names[1]
        model_metrics = [name for idx, name in enumerate(self.trainable_model.metrics_names) if idx not in (1, 2)]
        model_metrics = [name.replace(dummy_output_name + '_', '') for name in model_metrics]
        return model_metrics

np.random.seed(123)
nb_actions = 2
model = Sequential()
model.add(Flatten(input_shape=(1,) + (5,)))
model.add(Dense(16))
model.add(Dense(nb_actions))
model.add(Dense(nb_actions, activation='linear'))
print(model.summary())
dqn = DQNAgent(model, nb_actions, enable_dueling_network=True, target_model_update=0.05)
dqn.compile(optimizers.Adam(lr=1e-2), metrics=['mae'])
w0 = dqn.target_model.get_weights()[0].copy()
# chain of 5 states: right gives 1 at the end
def onehot(i): return np.eye(5)[i]
pos = 0
hist = []
for step in range(600):
    a = np.random.randint(2)
    n = min(pos + 1, 4) if a else max(pos - 1, 0)
    done = n == 4; r = 1. if done else 0.
    dqn.memory.append((onehot(pos), a, r, onehot(n), done))
    pos = 0 if done else n
    if step > 40: hist.append(dqn.backward())
print(dqn.metrics_names, hist[-1])
assert dqn.metrics_names == ['loss', 'mean_absolute_error', 'mean_q'] or dqn.metrics_names == ['loss', 'mae', 'mean_q']
assert not np.allclose(w0, dqn.target_model.get_weights()[0])
q = dqn.model.predict(np.array([[onehot(i)] for i in range(4)]))
print(q)
assert (q[:, 1] > q[:, 0]).all()
assert abs(q[3, 1] - 1) < 0.15 and abs(q[2, 1] - .9) < 0.2
