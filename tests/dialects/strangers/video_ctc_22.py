# CNN-LSTM on clips by TimeDistributed, a generator of clips as a Sequence, and lip reading by CTC
import numpy as np
from keras import backend as K
from keras.callbacks import Callback, EarlyStopping
from keras.layers import Input, LSTM, GRU, Dense, TimeDistributed, Conv2D, MaxPooling2D, Flatten, Dropout, Lambda, Activation, Bidirectional, ZeroPadding3D, Conv3D, MaxPooling3D, SpatialDropout3D, BatchNormalization, Reshape
from keras.models import Model, Sequential
from keras.optimizers import Adam, SGD
from keras.utils import Sequence, to_categorical
np.random.seed(0)
def clip(c):
    x = np.zeros((4, 8, 8, 1)); p = np.random.randint(0, 3)
    for t in range(4):
        x[t, 3:5, (p + t if c else 5 - p - t) % 8] = 1
    return x
class Clips(Sequence):
    def __init__(self, n, batch_size):
        self.y = np.random.randint(0, 2, n); self.x = np.array([clip(c) for c in self.y]); self.batch_size = batch_size; self.ended = 0
    def __len__(self):
        return int(np.ceil(len(self.y) / float(self.batch_size)))
    def __getitem__(self, idx):
        s = slice(idx * self.batch_size, (idx + 1) * self.batch_size)
        return self.x[s], to_categorical(self.y[s], 2)
    def on_epoch_end(self):
        self.ended += 1
model = Sequential()
model.add(TimeDistributed(Conv2D(4, (3, 3), activation='relu', padding='same'), input_shape=(4, 8, 8, 1)))
model.add(TimeDistributed(MaxPooling2D((2, 2), strides=(2, 2))))
model.add(TimeDistributed(Flatten()))
model.add(Dropout(0.1))
model.add(LSTM(12, return_sequences=False, dropout=0.1))
model.add(Dense(2, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=1e-2, decay=1e-6), metrics=['accuracy', 'top_k_categorical_accuracy'] if False else ['accuracy'])
train, val = Clips(60, 10), Clips(20, 10)
h = model.fit_generator(train, epochs=8, verbose=0, validation_data=val, workers=2, max_queue_size=5, use_multiprocessing=False, callbacks=[EarlyStopping(patience=8)])
print(h.history['val_acc'], train.ended)
assert h.history['val_acc'][-1] > 0.8 and train.ended >= 8
print(model.evaluate_generator(val, steps=2), model.predict_generator(val).shape)
def ctc_lambda_func(args):
    y_pred, labels, input_length, label_length = args
    return K.ctc_batch_cost(labels, y_pred, input_length, label_length)
input_data = Input(name='the_input', shape=(6, 8, 8, 1), dtype='float32')
x = ZeroPadding3D(padding=(1, 1, 1))(input_data)
x = Conv3D(4, (3, 3, 3), strides=(1, 2, 2), kernel_initializer='he_normal', name='conv1')(x)
x = BatchNormalization()(x); x = Activation('relu')(x); x = SpatialDropout3D(0.1)(x)
x = MaxPooling3D(pool_size=(1, 2, 2), strides=(1, 2, 2))(x)
x = TimeDistributed(Flatten())(x)
x = Bidirectional(GRU(8, return_sequences=True, kernel_initializer='Orthogonal', name='gru1'), merge_mode='concat')(x)
x = Dense(4, kernel_initializer='he_normal', name='dense1')(x)
y_pred = Activation('softmax', name='softmax')(x)
labels = Input(name='the_labels', shape=[2], dtype='float32')
input_length = Input(name='input_length', shape=[1], dtype='int64')
label_length = Input(name='label_length', shape=[1], dtype='int64')
loss_out = Lambda(ctc_lambda_func, output_shape=(1,), name='ctc')([y_pred, labels, input_length, label_length])
net = Model(inputs=[input_data, labels, input_length, label_length], outputs=loss_out)
net.compile(loss={'ctc': lambda y_true, y_pred: y_pred}, optimizer=Adam(lr=0.02))
n = 40
L = np.random.randint(0, 3, (n, 2)); X = np.zeros((n, 6, 8, 8, 1))
for i in range(n):
    X[i, :3, 2 * L[i, 0]:2 * L[i, 0] + 2] = 1; X[i, 3:, :, 2 * L[i, 1]:2 * L[i, 1] + 2] = 1
inputs = {'the_input': X, 'the_labels': L, 'input_length': np.full((n, 1), 6), 'label_length': np.full((n, 1), 2)}
h = net.fit(inputs, {'ctc': np.zeros([n])}, epochs=10, batch_size=10, verbose=0)
test_function = K.function([input_data, K.learning_phase()], [y_pred])
out = test_function([X, 0])[0]
decoded = K.get_value(K.ctc_decode(out, input_length=np.ones(out.shape[0]) * out.shape[1], greedy=True)[0][0])
print(h.history['loss'][0], h.history['loss'][-1], decoded[:2].tolist(), L[:2].tolist())
assert h.history['loss'][-1] < 0.8 * h.history['loss'][0]
