import numpy
import math
from keras.models import Sequential
from keras.layers import Dense, LSTM, Conv1D, MaxPooling1D, Flatten, TimeDistributed, RepeatVector
from keras.preprocessing.sequence import TimeseriesGenerator


numpy.random.seed(7)
dataset = numpy.sin(numpy.arange(200) / 5.)[:, None]
dataset = (dataset + 1) / 2
def create_dataset(dataset, look_back=1):
    dataX, dataY = [], []
    for i in range(len(dataset) - look_back - 1):
        dataX.append(dataset[i:(i + look_back), 0]); dataY.append(dataset[i + look_back, 0])
    return numpy.array(dataX), numpy.array(dataY)
look_back = 3; trainX, trainY = create_dataset(dataset[:150], look_back); testX, testY = create_dataset(dataset[150:], look_back)
trainX = numpy.reshape(trainX, (trainX.shape[0], look_back, 1)); testX = numpy.reshape(testX, (testX.shape[0], look_back, 1))
batch_size = 1
model = Sequential()
model.add(LSTM(4, batch_input_shape=(batch_size, look_back, 1), stateful=True, return_sequences=True)); model.add(LSTM(4, stateful=True)); model.add(Dense(1))
model.compile(loss='mean_squared_error', optimizer='adam')
for i in range(5):
    model.fit(trainX, trainY, epochs=1, batch_size=batch_size, verbose=0, shuffle=False); model.reset_states()
trainPredict = model.predict(trainX, batch_size=batch_size); model.reset_states()
print('Train Score: %.4f' % math.sqrt(numpy.mean((trainY - trainPredict[:, 0]) ** 2)))
g = TimeseriesGenerator(dataset, dataset, length=10, batch_size=16)
m = Sequential([Conv1D(8, 3, activation='relu', padding='causal', dilation_rate=2, input_shape=(10, 1)), MaxPooling1D(2), Flatten(), Dense(1)])
m.compile('adam', 'mse'); m.fit_generator(g, steps_per_epoch=len(g), epochs=20, verbose=0)
e = m.evaluate_generator(g); print(e); assert e < .05
ae = Sequential([LSTM(8, activation='relu', input_shape=(3, 1)), RepeatVector(3), LSTM(8, activation='relu', return_sequences=True), TimeDistributed(Dense(1))])
ae.compile(optimizer='adam', loss='mse'); ae.fit(trainX, trainX, epochs=3, verbose=0)
