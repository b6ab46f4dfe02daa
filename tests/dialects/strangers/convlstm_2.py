""" This script demonstrates the use of a convolutional LSTM network: next frame prediction of an artificially generated movie. """
from keras.models import Sequential
from keras.layers.convolutional import Conv3D
from keras.layers.convolutional_recurrent import ConvLSTM2D
from keras.layers.normalization import BatchNormalization
import numpy as np
np.random.seed(0)
seq = Sequential()
seq.add(ConvLSTM2D(filters=4, kernel_size=(3, 3), input_shape=(None, 12, 12, 1), padding='same', return_sequences=True))
seq.add(BatchNormalization())
seq.add(ConvLSTM2D(filters=4, kernel_size=(3, 3), padding='same', return_sequences=True))
seq.add(BatchNormalization())
seq.add(Conv3D(filters=1, kernel_size=(3, 3, 3), activation='sigmoid', padding='same', data_format='channels_last'))
seq.compile(loss='binary_crossentropy', optimizer='adadelta')
def generate_movies(n_samples=30, n_frames=5):
    noisy_movies = np.zeros((n_samples, n_frames, 20, 20, 1), dtype=np.float)
    shifted_movies = np.zeros((n_samples, n_frames, 20, 20, 1), dtype=np.float)
    for i in range(n_samples):
        xstart, ystart = np.random.randint(5, 13), np.random.randint(5, 13)
        directionx, directiony = np.random.randint(0, 3) - 1, np.random.randint(0, 3) - 1
        w = np.random.randint(2, 4)
        for t in range(n_frames):
            x_shift = xstart + directionx * t; y_shift = ystart + directiony * t
            noisy_movies[i, t, x_shift - w: x_shift + w, y_shift - w: y_shift + w, 0] += 1
            x_shift = xstart + directionx * (t + 1); y_shift = ystart + directiony * (t + 1)
            shifted_movies[i, t, x_shift - w: x_shift + w, y_shift - w: y_shift + w, 0] += 1
    noisy_movies = noisy_movies[::, ::, 4:16, 4:16, ::]; shifted_movies = shifted_movies[::, ::, 4:16, 4:16, ::]
    noisy_movies[noisy_movies >= 1] = 1; shifted_movies[shifted_movies >= 1] = 1
    return noisy_movies, shifted_movies
noisy_movies, shifted_movies = generate_movies()
h = seq.fit(noisy_movies[:25], shifted_movies[:25], batch_size=5, epochs=6, validation_split=0.05, verbose=2)
track = noisy_movies[28][:3, ::, ::, ::]
for j in range(5):
    new_pos = seq.predict(track[np.newaxis, ::, ::, ::, ::])
    new = new_pos[::, -1, ::, ::, ::]
    track = np.concatenate((track, new), axis=0)
print(track.shape, h.history['loss'])
assert track.shape == (8, 12, 12, 1) and h.history['loss'][-1] < 0.7 * h.history['loss'][0]
