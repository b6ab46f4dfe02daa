# lstm_seq2seq.py: encoder states into a decoder, inference models of their own
import numpy as np
from keras.models import Model, load_model
from keras.layers import Input, LSTM, Dense
np.random.seed(4)
n, T, V, latent_dim = 256, 4, 6, 32
src = np.random.randint(1, V - 1, (n, T)); tgt = src[:, ::-1]
enc = np.eye(V)[src]
dec_in = np.eye(V)[np.concatenate([np.zeros((n, 1), int), tgt], 1)]
dec_out = np.eye(V)[np.concatenate([tgt, np.full((n, 1), V - 1)], 1)]
encoder_inputs = Input(shape=(None, V))
encoder = LSTM(latent_dim, return_state=True)
encoder_outputs, state_h, state_c = encoder(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = Input(shape=(None, V))
decoder_lstm = LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = Dense(V, activation='softmax')
decoder_outputs = decoder_dense(decoder_outputs)
model = Model([encoder_inputs, decoder_inputs], decoder_outputs)
from keras.optimizers import Adam
model.compile(optimizer=Adam(0.02), loss='categorical_crossentropy')
model.fit([enc, dec_in], dec_out, batch_size=64, epochs=40, validation_split=0.1, verbose=0)
model.save('s2s.h5')
model = load_model('s2s.h5')
encoder_inputs = model.input[0]
encoder_outputs, state_h_enc, state_c_enc = model.layers[2].output
encoder_model = Model(encoder_inputs, [state_h_enc, state_c_enc])
decoder_inputs = model.input[1]
decoder_states_inputs = [Input(shape=(latent_dim,), name='input_3'), Input(shape=(latent_dim,), name='input_4')]
decoder_lstm = model.layers[3]
decoder_outputs, h, c = decoder_lstm(decoder_inputs, initial_state=decoder_states_inputs)
decoder_outputs = model.layers[4](decoder_outputs)
decoder_model = Model([decoder_inputs] + decoder_states_inputs, [decoder_outputs] + [h, c])
right = 0
for k in range(20):
    states = encoder_model.predict(enc[k:k + 1]); token = np.zeros((1, 1, V)); token[0, 0, 0] = 1; out = []
    while len(out) < T:
        o, h, c = decoder_model.predict([token] + states)
        i = np.argmax(o[0, -1, :]); out.append(i); token = np.zeros((1, 1, V)); token[0, 0, i] = 1; states = [h, c]
    right += out == list(tgt[k])
print('right', right)
assert right >= 15
