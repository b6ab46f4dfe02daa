# hierarchical attention: a model of a sentence under TimeDistributed, attention weights looked at by K.function
import numpy as np
from keras import backend as K
from keras import initializers
from keras.engine.topology import Layer
from keras.layers import Dense, Input, Embedding, GRU, Bidirectional, TimeDistributed, Dropout
from keras.models import Model
from keras.callbacks import ModelCheckpoint, EarlyStopping
np.random.seed(1)
class AttLayer(Layer):
    def __init__(self, attention_dim, **kwargs):
        self.init = initializers.get('normal')
        self.supports_masking = True
        self.attention_dim = attention_dim
        super(AttLayer, self).__init__(**kwargs)
    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = K.variable(self.init((input_shape[-1], self.attention_dim)))
        self.b = K.variable(self.init((self.attention_dim, )))
        self.u = K.variable(self.init((self.attention_dim, 1)))
        self.trainable_weights = [self.W, self.b, self.u]
        super(AttLayer, self).build(input_shape)
    def compute_mask(self, inputs, mask=None):
        return None
    def weights_of(self, x, mask=None):
        uit = K.tanh(K.bias_add(K.dot(x, self.W), self.b))
        ait = K.exp(K.squeeze(K.dot(uit, self.u), -1))
        if mask is not None:
            ait *= K.cast(mask, K.floatx())
        return ait / K.cast(K.sum(ait, axis=1, keepdims=True) + K.epsilon(), K.floatx())
    def call(self, x, mask=None):
        weighted_input = x * K.expand_dims(self.weights_of(x, mask))
        return K.sum(weighted_input, axis=1)
    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])
n, sents, words, vocab = 200, 3, 5, 15
y = np.random.randint(0, 2, n); data = np.random.randint(3, vocab, (n, sents, words))
data[np.random.rand(n) < 0.3, 2] = 0; data[:, :, 4] *= np.random.randint(0, 2, (n, sents))
for i in range(n):
    data[i, np.random.randint(0, 2), np.random.randint(0, 4)] = 1 + y[i]
embedding_layer = Embedding(vocab, 8, weights=[np.random.randn(vocab, 8) * 0.3], input_length=words, trainable=True, mask_zero=True)
sentence_input = Input(shape=(words,), dtype='int32')
l_lstm = Bidirectional(GRU(6, return_sequences=True))(embedding_layer(sentence_input))
l_att = AttLayer(6)(l_lstm)
sentEncoder = Model(sentence_input, l_att)
review_input = Input(shape=(sents, words), dtype='int32')
review_encoder = TimeDistributed(sentEncoder)(review_input)
l_lstm_sent = Bidirectional(GRU(6, return_sequences=True))(review_encoder)
att = AttLayer(6, name='sentences')
l_att_sent = att(l_lstm_sent)
model = Model(review_input, Dense(1, activation='sigmoid')(l_att_sent))
assert len(model.trainable_weights) == 1 + 6 + 3 + 6 + 3 + 2
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['acc'])
K.set_value(model.optimizer.lr, 0.02)
h = model.fit(data, y, validation_split=0.1, epochs=8, batch_size=20, verbose=0, callbacks=[ModelCheckpoint('best.h5', monitor='val_acc', save_best_only=True, save_weights_only=True)])
print('accuracy', h.history['acc'][-1], max(h.history['val_acc']))
assert h.history['acc'][-1] > 0.9
model.load_weights('best.h5')
get_weights_of_sentences = K.function([model.input, K.learning_phase()], [att.weights_of(l_lstm_sent)])
w = get_weights_of_sentences([data[:30], 0])[0]
assert w.shape == (30, sents) and np.allclose(w.sum(1), 1, atol=1e-4)
encoded = sentEncoder.predict(data[0])
assert np.allclose(encoded, K.function([model.input], [review_encoder])([data[:1]])[0][0], atol=1e-5)
