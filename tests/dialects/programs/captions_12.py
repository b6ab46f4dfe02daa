from keras.models import Sequential
from keras.layers import LSTM, Embedding, TimeDistributed, Dense, RepeatVector, Merge, Activation, Bidirectional
from keras.optimizers import Adam, RMSprop
from keras.preprocessing import image, sequence
import numpy as np
np.random.seed(0)
max_len = 5; vocab_size = 12; embedding_size = 16
image_model = Sequential([Dense(embedding_size, input_shape=(20,), activation='relu'), RepeatVector(max_len)])
caption_model = Sequential([Embedding(vocab_size, embedding_size, input_length=max_len), LSTM(16, return_sequences=True), TimeDistributed(Dense(embedding_size))])
final_model = Sequential([Merge([image_model, caption_model], mode='concat', concat_axis=1), Bidirectional(LSTM(16, return_sequences=False)), Dense(vocab_size), Activation('softmax')])
final_model.compile(loss='categorical_crossentropy', optimizer=RMSprop(lr=0.01), metrics=['accuracy'])
print(final_model.output_shape)
imgs = np.random.rand(100, 20); caps = sequence.pad_sequences([np.random.randint(1, vocab_size, 3) for _ in range(100)], maxlen=max_len, padding='post')
nxt = np.eye(vocab_size)[caps[:, 0]]
def data_generator(batch_size=20):
    while 1:
        for i in range(0, 100, batch_size):
            yield [[imgs[i:i+batch_size], caps[i:i+batch_size]], nxt[i:i+batch_size]]
h = final_model.fit_generator(data_generator(batch_size=20), samples_per_epoch=100, nb_epoch=12, verbose=2)
final_model.save_weights('cap.h5', overwrite=True)
assert h.history['acc'][-1] > 0.6, h.history['acc'][-1]
