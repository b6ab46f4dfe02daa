# Bayesian personalized ranking with three inputs, and a hinge between a good and a bad answer of one shared model
import numpy as np
from keras import backend as K
from keras.models import Model, Sequential
from keras.layers import Embedding, Flatten, Input, merge, Dense, LSTM, Lambda, Dropout
from keras.optimizers import Adam
np.random.seed(0)
def identity_loss(y_true, y_pred):
    return K.mean(y_pred - 0 * y_true)
def bpr_triplet_loss(X):
    positive_item_latent, negative_item_latent, user_latent = X
    loss = 1.0 - K.sigmoid(K.sum(user_latent * positive_item_latent, axis=-1, keepdims=True) - K.sum(user_latent * negative_item_latent, axis=-1, keepdims=True))
    return loss
users, items, dim = 20, 24, 4
taste = np.random.randint(0, 2, users); kind = np.arange(items) % 2
positive_item_input = Input((1, ), name='positive_item_input'); negative_item_input = Input((1, ), name='negative_item_input')
item_embedding_layer = Embedding(items, dim, name='item_embedding', input_length=1)
user_input = Input((1, ), name='user_input')
positive = Flatten()(item_embedding_layer(positive_item_input)); negative = Flatten()(item_embedding_layer(negative_item_input))
user = Flatten()(Embedding(users, dim, name='user_embedding', input_length=1)(user_input))
loss = merge([positive, negative, user], mode=bpr_triplet_loss, name='loss', output_shape=(1, ))
model = Model(input=[positive_item_input, negative_item_input, user_input], output=loss)
model.compile(loss=identity_loss, optimizer=Adam(lr=0.05))
uid = np.random.randint(0, users, 400); pid = np.random.randint(0, 12, 400) * 2 + taste[uid]; nid = np.random.randint(0, 12, 400) * 2 + 1 - taste[uid]
def full_auc():
    u = model.get_layer('user_embedding').get_weights()[0]; i = model.get_layer('item_embedding').get_weights()[0]
    s = u.dot(i.T)
    return np.mean([np.mean(s[k][kind == taste[k]][:, None] > s[k][kind != taste[k]][None]) for k in range(users)])
print('AUC before', full_auc())
for epoch in range(6):
    model.fit({'user_input': uid, 'positive_item_input': pid, 'negative_item_input': nid}, np.ones(400), batch_size=40, nb_epoch=1, verbose=0, shuffle=True)
print('AUC', full_auc())
assert full_auc() > 0.95
# question, good answer, bad answer
margin = 0.3
question, good, bad = [Input(shape=(5,), dtype='int32', name=k) for k in ('question', 'answer_good', 'answer_bad')]
embed = Embedding(12, 8); lstm = LSTM(8)
encode = lambda x: lstm(embed(x))
cosine = lambda x: K.batch_dot(K.l2_normalize(x[0], axis=-1), K.l2_normalize(x[1], axis=-1), axes=1)
good_similarity = merge([encode(question), encode(good)], mode='cos', dot_axes=-1)
bad_similarity = merge([encode(question), encode(bad)], mode=cosine, output_shape=lambda s: (s[0][0], 1))
good_flat = Flatten()(good_similarity) if len(K.int_shape(good_similarity)) > 2 else good_similarity
hinge = merge([good_flat, bad_similarity], mode=lambda x: K.relu(margin - x[0] + x[1]), output_shape=lambda x: x[0])
training_model = Model(input=[question, good, bad], output=hinge)
prediction_model = Model(input=[question, good], output=good_flat)
training_model.compile(loss=lambda y_true, y_pred: y_pred, optimizer='adam'); prediction_model.compile(loss='binary_crossentropy', optimizer='adam')
q = np.random.randint(1, 12, (200, 5)); q[:, -1] = np.random.randint(1, 4, 200)
g = np.random.randint(1, 12, (200, 5)); g[:, -1] = q[:, -1] + 4; b = np.random.randint(1, 12, (200, 5)); b[:, -1] = q[:, -1] % 3 + 5
K.set_value(training_model.optimizer.lr, 0.01)
h = training_model.fit([q, g, b], np.zeros((200, 1)), nb_epoch=8, batch_size=20, verbose=0)
right = np.mean(prediction_model.predict([q, g]) > prediction_model.predict([q, b]))
print('hinge', h.history['loss'], 'right', right)
assert right > 0.9 and h.history['loss'][-1] < 0.5 * h.history['loss'][0]
