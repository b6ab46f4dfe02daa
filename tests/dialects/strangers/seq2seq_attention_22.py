from keras.layers import Bidirectional, Concatenate, Permute, Dot, Input, LSTM, Multiply, RepeatVector, Dense, Activation, Lambda, GRU, Embedding, TimeDistributed, add, dot, concatenate
from keras.optimizers import Adam
from keras.utils import to_categorical
from keras.models import load_model, Model
import keras.backend as K
import numpy as np
np.random.seed(0)
def softmax(x, axis=1):
    ndim = K.ndim(x)
    if ndim == 2:
        return K.softmax(x)
    elif ndim > 2:
        e = K.exp(x - K.max(x, axis=axis, keepdims=True))
        s = K.sum(e, axis=axis, keepdims=True)
        return e / s
    else:
        raise ValueError('Cannot apply softmax to a tensor that is 1D')
Tx, Ty, n_a, n_s, vocab, out_vocab, m = 5, 3, 8, 12, 7, 7, 80
repeator = RepeatVector(Tx)
concatenator = Concatenate(axis=-1)
densor1 = Dense(10, activation="tanh"); densor2 = Dense(1, activation="relu")
activator = Activation(softmax, name='attention_weights')
dotor = Dot(axes=1)
post_activation_LSTM_cell = LSTM(n_s, return_state=True)
output_layer = Dense(out_vocab, activation=softmax)
def one_step_attention(a, s_prev):
    s_prev = repeator(s_prev)
    concat = concatenator([a, s_prev])
    e = densor1(concat); energies = densor2(e)
    alphas = activator(energies)
    return dotor([alphas, a])
X = Input(shape=(Tx, vocab)); s0 = Input(shape=(n_s,), name='s0'); c0 = Input(shape=(n_s,), name='c0')
s, c = s0, c0
outputs = []
a = Bidirectional(LSTM(n_a, return_sequences=True), input_shape=(m, Tx, n_a * 2))(X)
for t in range(Ty):
    context = one_step_attention(a, s)
    s, _, c = post_activation_LSTM_cell(context, initial_state=[s, c])
    outputs.append(output_layer(s))
model = Model(inputs=[X, s0, c0], outputs=outputs)
model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=0.01, beta_1=0.9, beta_2=0.999, decay=0.001), metrics=['accuracy'])
src = np.random.randint(0, vocab, (m, Tx)); tgt = src[:, [0, 2, 4]]
Xoh = to_categorical(src, vocab); Yoh = to_categorical(tgt, out_vocab)
outputs = list(Yoh.swapaxes(0, 1))
h = model.fit([Xoh, np.zeros((m, n_s)), np.zeros((m, n_s))], outputs, epochs=12, batch_size=10, verbose=0)
print(sorted(h.history), h.history['loss'][0], h.history['loss'][-1])
assert h.history['loss'][-1] < 0.9 * h.history['loss'][0]
attention_map = K.function(model.inputs, [model.get_layer('attention_weights').get_output_at(t) for t in range(Ty)])
r = attention_map([Xoh[:1], np.zeros((1, n_s)), np.zeros((1, n_s))])
assert len(r) == Ty and abs(r[0].sum() - 1) < 1e-5
# encoder, decoder with states for inference
encoder_inputs = Input(shape=(None, vocab))
encoder_outputs, state_h, state_c = LSTM(10, return_state=True)(encoder_inputs)
decoder_inputs = Input(shape=(None, vocab))
decoder_lstm = LSTM(10, return_sequences=True, return_state=True)
dec_out, _, _ = decoder_lstm(decoder_inputs, initial_state=[state_h, state_c])
decoder_dense = Dense(vocab, activation='softmax')
s2s = Model([encoder_inputs, decoder_inputs], decoder_dense(dec_out))
s2s.compile(optimizer='rmsprop', loss='categorical_crossentropy')
dec_in = np.concatenate([np.zeros((m, 1, vocab)), Yoh[:, :-1]], axis=1)
h = s2s.fit([Xoh, dec_in], Yoh, batch_size=10, epochs=5, validation_split=0.2, verbose=0)
encoder_model = Model(encoder_inputs, [state_h, state_c])
decoder_state_input_h = Input(shape=(10,)); decoder_state_input_c = Input(shape=(10,))
o, state_h, state_c = decoder_lstm(decoder_inputs, initial_state=[decoder_state_input_h, decoder_state_input_c])
decoder_model = Model([decoder_inputs, decoder_state_input_h, decoder_state_input_c], [decoder_dense(o), state_h, state_c])
states_value = encoder_model.predict(Xoh[:1])
target_seq = np.zeros((1, 1, vocab)); decoded = []
for _ in range(Ty):
    output_tokens, hh, cc = decoder_model.predict([target_seq] + states_value)
    i = np.argmax(output_tokens[0, -1, :]); decoded.append(i)
    target_seq = np.zeros((1, 1, vocab)); target_seq[0, 0, i] = 1.
    states_value = [hh, cc]
full = s2s.predict([Xoh[:1], np.concatenate([np.zeros((1, 1, vocab)), np.eye(vocab)[decoded][None, :-1]], axis=1)])
assert list(full[0].argmax(axis=1)) == decoded
