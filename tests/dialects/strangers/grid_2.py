# scikit-learn: GridSearchCV and cross validation over a Keras model (machinelearningmastery, 2016/17)
import numpy
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.preprocessing import StandardScaler
from sklearn.pipeline import Pipeline
from keras.models import Sequential
from keras.layers import Dense, Dropout
from keras.constraints import maxnorm
from keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor
seed = 7
numpy.random.seed(seed)
X = numpy.random.randn(120, 4); Y = (X[:, 0] + X[:, 1] > 0).astype(int)
def create_model(optimizer='rmsprop', init='glorot_uniform', dropout_rate=0.0):
    model = Sequential()
    model.add(Dense(12, input_dim=4, kernel_initializer=init, activation='relu', kernel_constraint=maxnorm(4)))
    model.add(Dropout(dropout_rate))
    model.add(Dense(1, kernel_initializer=init, activation='sigmoid'))
    model.compile(loss='binary_crossentropy', optimizer=optimizer, metrics=['accuracy'])
    return model
model = KerasClassifier(build_fn=create_model, epochs=20, batch_size=8, verbose=0)
grid = GridSearchCV(estimator=model, param_grid=dict(optimizer=['rmsprop', 'adam'], init=['uniform']), cv=2)
grid_result = grid.fit(X, Y)
print("Best: %f using %s" % (grid_result.best_score_, grid_result.best_params_))
assert grid_result.best_score_ > 0.9
estimators = [('standardize', StandardScaler()), ('mlp', KerasClassifier(build_fn=create_model, epochs=40, batch_size=5, verbose=0))]
results = cross_val_score(Pipeline(estimators), X, Y, cv=StratifiedKFold(n_splits=2, shuffle=True, random_state=seed))
print("Results: %.2f%% (%.2f%%)" % (results.mean() * 100, results.std() * 100))
assert results.mean() > 0.85
