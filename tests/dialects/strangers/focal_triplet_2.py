import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Input, Dense, Lambda, concatenate, Embedding, Flatten
from keras.models import Model, Sequential
from keras.regularizers import l2
np.random.seed(0)
def focal_loss(gamma=2., alpha=.25):
    def focal_loss_fixed(y_true, y_pred):
        pt_1 = tf.where(tf.equal(y_true, 1), y_pred, tf.ones_like(y_pred))
        pt_0 = tf.where(tf.equal(y_true, 0), y_pred, tf.zeros_like(y_pred))
        return -K.mean(alpha * K.pow(1. - pt_1, gamma) * K.log(pt_1 + K.epsilon())) - K.mean((1 - alpha) * K.pow(pt_0, gamma) * K.log(1. - pt_0 + K.epsilon()))
    return focal_loss_fixed
def categorical_focal_loss(gamma=2., alpha=.25):
    def categorical_focal_loss_fixed(y_true, y_pred):
        y_pred /= K.sum(y_pred, axis=-1, keepdims=True)
        epsilon = K.epsilon()
        y_pred = K.clip(y_pred, epsilon, 1. - epsilon)
        cross_entropy = -y_true * K.log(y_pred)
        loss = alpha * K.pow(1 - y_pred, gamma) * cross_entropy
        return K.mean(loss, axis=1)
    return categorical_focal_loss_fixed
X = np.random.randn(300, 4); y = ((X[:, 0] + X[:, 1]) > 1.2).astype(int)
m = Sequential([Dense(16, activation='relu', input_dim=4, kernel_regularizer=l2(1e-4)), Dense(1, activation='sigmoid')])
m.compile('adam', [focal_loss(gamma=2, alpha=.6)], metrics=['accuracy'])
h = m.fit(X, y, epochs=15, batch_size=10, verbose=0, class_weight={0: 1., 1: 2.}) if False else m.fit(X, y, epochs=15, batch_size=10, verbose=0)
print('focal', h.history['loss'][0], h.history['loss'][-1], h.history['accuracy'][-1])
assert h.history['accuracy'][-1] > 0.85
m = Sequential([Dense(2, activation='softmax', input_dim=4)])
m.compile('adam', categorical_focal_loss(), metrics=['categorical_accuracy'])
m.fit(X, np.eye(2)[y], epochs=2, batch_size=30, verbose=0)
def triplet_loss(y_true, y_pred, alpha=0.4):
    total_lenght = y_pred.shape.as_list()[-1]
    anchor = y_pred[:, 0:int(total_lenght * 1 / 3)]
    positive = y_pred[:, int(total_lenght * 1 / 3):int(total_lenght * 2 / 3)]
    negative = y_pred[:, int(total_lenght * 2 / 3):int(total_lenght * 3 / 3)]
    pos_dist = K.sum(K.square(anchor - positive), axis=1)
    neg_dist = K.sum(K.square(anchor - negative), axis=1)
    return K.maximum(pos_dist - neg_dist + alpha, 0.0)
def base():
    i = Input((6,)); x = Dense(8, activation='relu')(i); x = Dense(4)(x)
    return Model(i, Lambda(lambda x: K.l2_normalize(x, axis=1))(x))
shared = base()
a, p, n = Input((6,), name='anchor_input'), Input((6,), name='positive_input'), Input((6,), name='negative_input')
merged = concatenate([shared(a), shared(p), shared(n)], axis=-1, name='merged_layer')
model = Model(inputs=[a, p, n], outputs=merged)
model.compile(loss=triplet_loss, optimizer='adam')
cls = np.random.randint(0, 2, 200); C = np.random.randn(2, 6)
def draw(c): return C[c] + 0.3 * np.random.randn(len(c), 6)
A, P, N = draw(cls), draw(cls), draw(1 - cls)
h = model.fit([A, P, N], y=np.empty((200, 3)) * 0, batch_size=20, epochs=12, verbose=0)
print('triplet', h.history['loss'][0], h.history['loss'][-1])
assert h.history['loss'][-1] < 0.5 * h.history['loss'][0]
# BPR triplets with an identity loss
def identity_loss(y_true, y_pred):
    return K.mean(y_pred - 0 * y_true)
def bpr_triplet_loss(X):
    positive_item_latent, negative_item_latent, user_latent = X
    return 1.0 - K.sigmoid(K.sum(user_latent * positive_item_latent, axis=-1, keepdims=True) - K.sum(user_latent * negative_item_latent, axis=-1, keepdims=True))
pi, ni, ui = Input((1,), name='positive_item_input'), Input((1,), name='negative_item_input'), Input((1,), name='user_input')
item_layer = Embedding(8, 4, name='item_embedding', input_length=1)
vecs = [Flatten()(item_layer(pi)), Flatten()(item_layer(ni)), Flatten(name='user_vec')(Embedding(5, 4, name='user_embedding', input_length=1)(ui))]
loss = Lambda(bpr_triplet_loss, output_shape=(1,), name='loss')(vecs)
bpr = Model(inputs=[pi, ni, ui], outputs=loss)
bpr.compile(loss=identity_loss, optimizer='adam')
u = np.random.randint(0, 5, 100)
h = bpr.fit({'user_input': u, 'positive_item_input': u, 'negative_item_input': (u + 3) % 8}, np.ones(100), batch_size=10, epochs=10, verbose=0, shuffle=True)
assert h.history['loss'][-1] < h.history['loss'][0]
