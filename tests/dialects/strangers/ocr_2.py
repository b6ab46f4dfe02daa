# CTC as in image_ocr.py: a Lambda for the loss, a dummy loss, decoding
import numpy as np
from keras import backend as K
from keras.layers import Input, Dense, Activation, LSTM, Lambda, Reshape, Conv2D, MaxPooling2D
from keras.layers.merge import add, concatenate
from keras.models import Model
from keras.layers.recurrent import GRU
from keras.optimizers import SGD, Adam
import keras.callbacks
np.random.seed(2)
def ctc_lambda_func(args):
    y_pred, labels, input_length, label_length = args
    y_pred = y_pred[:, 1:, :]
    return K.ctc_batch_cost(labels, y_pred, input_length, label_length)
T, LABELS, LEN = 9, 3, 2
input_data = Input(name='the_input', shape=(T, 4), dtype='float32')
gru_1 = GRU(12, return_sequences=True, kernel_initializer='he_normal', name='gru1')(input_data)
gru_1b = GRU(12, return_sequences=True, go_backwards=True, kernel_initializer='he_normal', name='gru1_b')(input_data)
gru1_merged = add([gru_1, gru_1b])
inner = Dense(LABELS + 1, kernel_initializer='he_normal', name='dense2')(concatenate([gru1_merged, gru_1]))
y_pred = Activation('softmax', name='softmax')(inner)
labels = Input(name='the_labels', shape=[LEN], dtype='float32')
input_length = Input(name='input_length', shape=[1], dtype='int64')
label_length = Input(name='label_length', shape=[1], dtype='int64')
loss_out = Lambda(ctc_lambda_func, output_shape=(1,), name='ctc')([y_pred, labels, input_length, label_length])
model = Model(inputs=[input_data, labels, input_length, label_length], outputs=loss_out)
model.compile(loss={'ctc': lambda y_true, y_pred: y_pred}, optimizer=Adam(lr=0.02, clipnorm=5))
test_func = K.function([input_data], [y_pred])
N = 96
y = np.random.randint(0, LABELS, (N, LEN)); X = np.zeros((N, T, 4))
for k in range(N):
    X[k, 1:5, y[k, 0]] = 1; X[k, 5:, y[k, 1]] = 1; X[k, [0, 5], 3] = 1
inputs = {'the_input': X, 'the_labels': y, 'input_length': np.full((N, 1), T - 1), 'label_length': np.full((N, 1), LEN)}
h = model.fit(inputs, {'ctc': np.zeros([N])}, batch_size=32, epochs=40, verbose=0)
out = test_func([X])[0][:, 1:]
decoded = K.get_value(K.ctc_decode(out, np.full(N, T - 1), greedy=True)[0][0])
right = np.mean([list(decoded[k][:2]) == list(y[k]) for k in range(N)])
print('loss', h.history['loss'][-1], 'exact', right)
assert right > 0.8
