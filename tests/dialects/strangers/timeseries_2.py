# stateful LSTM for series, MinMaxScaler, walk-forward, as in blog posts of 2017
import numpy, math
from keras.models import Sequential
from keras.layers import Dense, LSTM
from sklearn.preprocessing import MinMaxScaler
from sklearn.metrics import mean_squared_error
numpy.random.seed(7)
dataset = (numpy.sin(numpy.arange(150) / 4.) * (1 + numpy.arange(150) / 150.)).reshape(-1, 1).astype('float32')
scaler = MinMaxScaler(feature_range=(0, 1)); dataset = scaler.fit_transform(dataset)
def create_dataset(dataset, look_back=1):
    dataX, dataY = [], []
    for i in range(len(dataset) - look_back - 1):
        dataX.append(dataset[i:(i + look_back), 0]); dataY.append(dataset[i + look_back, 0])
    return numpy.array(dataX), numpy.array(dataY)
look_back = 3
trainX, trainY = create_dataset(dataset[:100], look_back); testX, testY = create_dataset(dataset[100:], look_back)
trainX = numpy.reshape(trainX, (trainX.shape[0], trainX.shape[1], 1)); testX = numpy.reshape(testX, (testX.shape[0], testX.shape[1], 1))
batch_size = 1
model = Sequential()
model.add(LSTM(4, batch_input_shape=(batch_size, look_back, 1), stateful=True))
model.add(Dense(1))
model.compile(loss='mean_squared_error', optimizer='adam')
for i in range(30):
    model.fit(trainX, trainY, epochs=1, batch_size=batch_size, verbose=0, shuffle=False)
    model.reset_states()
trainPredict = model.predict(trainX, batch_size=batch_size)
model.reset_states()
trainScore = math.sqrt(mean_squared_error(trainY, trainPredict[:, 0]))
print('Train Score: %.2f RMSE' % (trainScore))
assert trainScore < 0.12
