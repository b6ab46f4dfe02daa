# matrix factorization, neural collaborative filtering, DeepFM-like, entity embeddings with many inputs
import numpy as np
from keras.layers import Input, Embedding, Flatten, Dot, Dense, Concatenate, Dropout, Add, Lambda, multiply, SpatialDropout1D, Reshape, BatchNormalization, Activation, Subtract, Multiply
from keras.models import Model
from keras.regularizers import l2
from keras.optimizers import Adam, SGD
from keras import backend as K
from keras.utils import plot_model
np.random.seed(0)
n_users, n_movies, n_factors = 20, 15, 4
U, M = np.random.randn(n_users, 3), np.random.randn(n_movies, 3)
users = np.random.randint(0, n_users, 400); movies = np.random.randint(0, n_movies, 400)
ratings = np.clip((U[users] * M[movies]).sum(1) + 3, 1, 5); min_rating, max_rating = 1., 5.
def root_mean_squared_error(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true), axis=-1))
class EmbeddingLayer:
    def __init__(self, n_items, n_factors):
        self.n_items = n_items; self.n_factors = n_factors
    def __call__(self, x):
        x = Embedding(self.n_items, self.n_factors, embeddings_initializer='he_normal', embeddings_regularizer=l2(1e-6))(x)
        return Reshape((self.n_factors,))(x)
def RecommenderV2():
    user = Input(shape=(1,)); u = EmbeddingLayer(n_users, n_factors)(user); ub = EmbeddingLayer(n_users, 1)(user)
    movie = Input(shape=(1,)); m = EmbeddingLayer(n_movies, n_factors)(movie); mb = EmbeddingLayer(n_movies, 1)(movie)
    x = Dot(axes=1)([u, m])
    x = Add()([x, ub, mb])
    x = Activation('sigmoid')(x)
    x = Lambda(lambda x: x * (max_rating - min_rating) + min_rating)(x)
    model = Model(inputs=[user, movie], outputs=x)
    model.compile(loss='mean_squared_error', optimizer=Adam(lr=0.02), metrics=[root_mean_squared_error])
    return model
model = RecommenderV2()
h = model.fit(x=[users, movies], y=ratings, batch_size=16, epochs=10, verbose=0, validation_split=0.1)
print(h.history['loss'][0], h.history['loss'][-1], sorted(h.history))
assert h.history['loss'][-1] < 0.6 * h.history['loss'][0]
def get_model():
    item_inp, cat_inp, num = Input(shape=[1], name='item'), Input(shape=[1], name='cat'), Input(shape=[3], name='num')
    emb_size = lambda n: int(min(np.ceil(n / 2.), 6))
    es = [Flatten()(SpatialDropout1D(0.1)(Embedding(n, emb_size(n), name='emb_%d' % n)(i))) for n, i in ((n_users, item_inp), (n_movies, cat_inp))]
    fm = [multiply([a, b]) for a, b in [(Dense(4)(es[0]), Dense(4)(es[1]))]]
    summed = Lambda(lambda x: K.sum(x, axis=-1, keepdims=True))(fm[0])
    deep = Concatenate()(es + [BatchNormalization()(num)])
    for n in (16, 8):
        deep = Dropout(0.05)(Dense(n, activation='relu', kernel_initializer='he_uniform')(deep))
    model = Model([item_inp, cat_inp, num], Dense(1, activation='linear')(Concatenate()([deep, summed])))
    return model
m = get_model(); m.compile('adam', loss='mse', metrics=['mae', root_mean_squared_error])
data = {'item': users, 'cat': movies, 'num': np.random.randn(400, 3)}
h = m.fit(data, ratings, epochs=12, batch_size=20, verbose=2, shuffle=True, sample_weight=np.linspace(0.5, 1, 400))
e = m.get_layer('emb_20').get_weights()[0]
print(e.shape, m.evaluate(data, ratings, verbose=0))
assert h.history['mean_absolute_error'][-1] < h.history['mean_absolute_error'][0]
