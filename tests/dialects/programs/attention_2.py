from keras.layers import *
from keras.models import *
from keras import backend as K
from keras.engine.topology import Layer
from keras import initializers, regularizers, constraints
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.preprocessing.sequence import pad_sequences
from keras.preprocessing.text import Tokenizer
import tensorflow as tf

def dot_product(x, kernel):
    if K.backend() == 'tensorflow':
        return K.squeeze(K.dot(x, K.expand_dims(kernel)), axis=-1)
    else:
        return K.dot(x, kernel)

class Attention(Layer):
    def __init__(self, step_dim=None, W_regularizer=None, b_regularizer=None, W_constraint=None, b_constraint=None, bias=True, **kwargs):
        self.supports_masking = True
        self.init = initializers.get('glorot_uniform')
        self.W_regularizer = regularizers.get(W_regularizer)
        self.b_regularizer = regularizers.get(b_regularizer)
        self.W_constraint = constraints.get(W_constraint)
        self.b_constraint = constraints.get(b_constraint)
        self.bias = bias
        self.step_dim = step_dim
        self.features_dim = 0
        super(Attention, self).__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight((input_shape[-1],), initializer=self.init, name='{}_W'.format(self.name), regularizer=self.W_regularizer, constraint=self.W_constraint)
        self.features_dim = input_shape[-1]
        if self.bias:
            self.b = self.add_weight((input_shape[1],), initializer='zero', name='{}_b'.format(self.name), regularizer=self.b_regularizer, constraint=self.b_constraint)
        else:
            self.b = None
        self.built = True

    def compute_mask(self, input, input_mask=None):
        return None

    def call(self, x, mask=None):
        features_dim = self.features_dim
        step_dim = self.step_dim
        eij = K.reshape(K.dot(K.reshape(x, (-1, features_dim)), K.reshape(self.W, (features_dim, 1))), (-1, step_dim))
        if self.bias:
            eij += self.b
        eij = K.tanh(eij)
        a = K.exp(eij)
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        a = K.expand_dims(a)
        weighted_input = x * a
        return K.sum(weighted_input, axis=1)

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.features_dim

class AttentionWithContext(Layer):
    def __init__(self, **kwargs):
        self.supports_masking = True
        super(AttentionWithContext, self).__init__(**kwargs)
    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[-1], input_shape[-1],), initializer='glorot_uniform', name='W')
        self.u = self.add_weight(shape=(input_shape[-1],), initializer='glorot_uniform', name='u')
        super(AttentionWithContext, self).build(input_shape)
    def compute_mask(self, input, input_mask=None):
        return None
    def call(self, x, mask=None):
        uit = dot_product(x, self.W) if False else K.dot(x, self.W)
        uit = K.tanh(uit)
        ait = dot_product(uit, self.u)
        a = K.exp(ait)
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        return K.sum(x * K.expand_dims(a), axis=1)
    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[-1]

np.random.seed(0)
texts = ['this is a good film', 'a bad one', 'really good', 'so bad and bad', 'good good', 'bad'] * 30
y = np.array([1, 0, 1, 0, 1, 0] * 30)
tok = Tokenizer(num_words=50, oov_token='UNK'); tok.fit_on_texts(texts)
X = pad_sequences(tok.texts_to_sequences(texts), maxlen=6, padding='post', truncating='post')
embedding_matrix = np.random.normal(0, 1, (len(tok.word_index) + 1, 8))
for word, i in tok.word_index.items():
    embedding_matrix[i] = embedding_matrix[i]
inp = Input(shape=(6,))
x = Embedding(len(tok.word_index) + 1, 8, weights=[embedding_matrix], trainable=False)(inp)
x = SpatialDropout1D(0.1)(x)
x = Bidirectional(CuDNNLSTM(8, return_sequences=True))(x)
x1 = Attention(6)(x)
x2 = AttentionWithContext()(x)
avg_pool = GlobalAveragePooling1D()(x); max_pool = GlobalMaxPooling1D()(x)
conc = concatenate([x1, x2, avg_pool, max_pool])
conc = Dense(16, activation="relu")(conc)
outp = Dense(1, activation="sigmoid")(conc)
model = Model(inputs=inp, outputs=outp)

def f1(y_true, y_pred):
    tp = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    recall = tp / (possible_positives + K.epsilon())
    predicted_positives = K.sum(K.round(K.clip(y_pred, 0, 1)))
    precision = tp / (predicted_positives + K.epsilon())
    return 2 * ((precision * recall) / (precision + recall + K.epsilon()))

model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy', f1])
model.fit(X, y, batch_size=16, epochs=8, validation_split=0.1, verbose=2, callbacks=[EarlyStopping(monitor='val_loss', patience=3), ModelCheckpoint('weights_best.h5', monitor='val_f1', mode='max', save_best_only=True, verbose=1)])
model.load_weights('weights_best.h5')
score = model.evaluate(X, y, verbose=0)
print(score)
assert score[1] > 0.9
