# CRF layer of one's own over a BiLSTM tagger
from keras.layers import Layer, Input, Embedding, Bidirectional, LSTM, TimeDistributed, Dense, Masking
from keras.models import Model
from keras.optimizers import Adam
import keras.backend as K
import numpy as np
np.random.seed(0)
class CRF(Layer):
    def __init__(self, ignore_last_label=False, **kwargs):
        self.ignore_last_label = 1 if ignore_last_label else 0
        super(CRF, self).__init__(**kwargs)
    def build(self, input_shape):
        self.num_labels = input_shape[-1] - self.ignore_last_label
        self.trans = self.add_weight(name='crf_trans', shape=(self.num_labels, self.num_labels), initializer='glorot_uniform', trainable=True)
    def log_norm_step(self, inputs, states):
        inputs, mask = inputs[:, :-1], inputs[:, -1:]
        states = K.expand_dims(states[0], 2)
        trans = K.expand_dims(self.trans, 0)
        outputs = K.logsumexp(states + trans, 1)
        outputs = outputs + inputs
        outputs = mask * outputs + (1 - mask) * states[:, :, 0]
        return outputs, [outputs]
    def path_score(self, inputs, labels):
        point_score = K.sum(K.sum(inputs * labels, 2), 1, keepdims=True)
        labels1 = K.expand_dims(labels[:, :-1], 3)
        labels2 = K.expand_dims(labels[:, 1:], 2)
        labels = labels1 * labels2
        trans = K.expand_dims(K.expand_dims(self.trans, 0), 0)
        trans_score = K.sum(K.sum(trans * labels, [2, 3]), 1, keepdims=True)
        return point_score + trans_score
    def call(self, inputs):
        return inputs
    def loss(self, y_true, y_pred):
        if self.ignore_last_label:
            mask = 1 - y_true[:, :, -1:]
        else:
            mask = K.ones_like(y_pred[:, :, :1])
        y_true, y_pred = y_true[:, :, :self.num_labels], y_pred[:, :, :self.num_labels]
        path_score = self.path_score(y_pred, y_true)
        init_states = [y_pred[:, 0]]
        y_pred = K.concatenate([y_pred, mask])
        log_norm, _, _ = K.rnn(self.log_norm_step, y_pred[:, 1:], init_states)
        log_norm = K.logsumexp(log_norm, 1, keepdims=True)
        return log_norm - path_score
    def accuracy(self, y_true, y_pred):
        mask = 1 - y_true[:, :, -1] if self.ignore_last_label else None
        y_true, y_pred = y_true[:, :, :self.num_labels], y_pred[:, :, :self.num_labels]
        isequal = K.equal(K.argmax(y_true, 2), K.argmax(y_pred, 2))
        isequal = K.cast(isequal, 'float32')
        if mask is None:
            return K.mean(isequal)
        else:
            return K.sum(isequal * mask) / K.sum(mask)
def viterbi(nodes, trans):
    labels = list(range(nodes.shape[1])); paths = {(l,): nodes[0, l] for l in labels}
    for t in range(1, len(nodes)):
        best = {}
        for l in labels:
            p = max(paths, key=lambda p: paths[p] + trans[p[-1], l]) if False else max(((paths[p] + trans[p[-1], l] + nodes[t, l], p) for p in paths))
            best[p[1] + (l,)] = p[0]
        paths = best
    return max(paths, key=paths.get)
words = np.random.randint(1, 10, (120, 7))
tags = words % 3
lengths = np.random.randint(3, 8, 120)
Y = np.zeros((120, 7, 4))
for i, n in enumerate(lengths):
    Y[i, np.arange(n), tags[i, :n]] = 1; Y[i, n:, 3] = 1; words[i, n:] = 0
x = Input(shape=(None,))
e = Embedding(10, 8)(x)
h = Bidirectional(LSTM(12, return_sequences=True))(e)
tag_score = TimeDistributed(Dense(4))(h)
crf = CRF(True)
model = Model(inputs=x, outputs=crf(tag_score))
model.compile(loss=crf.loss, optimizer=Adam(0.01), metrics=[crf.accuracy])
hist = model.fit(words, Y, epochs=10, batch_size=12, verbose=0)
trans = K.eval(crf.trans)
best = viterbi(model.predict(words[:1])[0, :lengths[0], :3], trans)
print(hist.history['loss'][0], hist.history['loss'][-1], hist.history.keys(), best, tags[0, :lengths[0]])
assert hist.history['loss'][-1] < 0.7 * hist.history['loss'][0] and trans.shape == (3, 3)
