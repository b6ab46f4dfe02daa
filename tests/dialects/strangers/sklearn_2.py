# pipelines, cross-validation and grids over networks
import numpy
from keras.models import Sequential
from keras.layers import Dense, Dropout
from keras.constraints import maxnorm
from keras.optimizers import SGD
from keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor
from sklearn.model_selection import GridSearchCV, StratifiedKFold, KFold, cross_val_score
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.pipeline import Pipeline
seed = 7
numpy.random.seed(seed)
X = numpy.random.randn(90, 4); Y = (X[:, 0] - X[:, 1] > 0).astype(int)
def create_model(learn_rate=0.05, momentum=0.5, neurons=4, init='uniform', dropout_rate=0.0):
    model = Sequential()
    model.add(Dense(neurons, input_dim=4, kernel_initializer=init, activation='relu', kernel_constraint=maxnorm(3)))
    model.add(Dropout(dropout_rate))
    model.add(Dense(1, kernel_initializer=init, activation='sigmoid'))
    model.compile(loss='binary_crossentropy', optimizer=SGD(lr=learn_rate, momentum=momentum), metrics=['accuracy'])
    return model
model = KerasClassifier(build_fn=create_model, epochs=6, batch_size=9, verbose=0)
grid = GridSearchCV(estimator=model, param_grid=dict(learn_rate=[0.0001, 0.3], neurons=[6]), n_jobs=1, cv=2)
grid_result = grid.fit(X, Y)
print("Best: %f using %s" % (grid_result.best_score_, grid_result.best_params_))
for mean, stdev, param in zip(grid_result.cv_results_['mean_test_score'], grid_result.cv_results_['std_test_score'], grid_result.cv_results_['params']):
    print("%f (%f) with: %r" % (mean, stdev, param))
assert grid_result.best_params_['learn_rate'] == 0.3 and grid_result.best_score_ > 0.7
encoder = LabelEncoder(); encoder.fit(['R', 'M'])
estimators = [('standardize', StandardScaler()), ('mlp', KerasClassifier(build_fn=create_model, learn_rate=0.3, epochs=5, batch_size=9, verbose=0))]
results = cross_val_score(Pipeline(estimators), X, encoder.transform(numpy.array(['M', 'R'])[Y]), cv=StratifiedKFold(n_splits=2, shuffle=True, random_state=seed))
print("Results: %.2f%% (%.2f%%)" % (results.mean() * 100, results.std() * 100))
assert results.mean() > 0.6
def baseline_model():
    model = Sequential()
    model.add(Dense(6, input_dim=4, kernel_initializer='normal', activation='relu'))
    model.add(Dense(1, kernel_initializer='normal'))
    model.compile(loss='mean_squared_error', optimizer='adam')
    return model
r = cross_val_score(KerasRegressor(build_fn=baseline_model, nb_epoch=5, batch_size=5, verbose=0), X, X[:, 0] * 2, cv=KFold(n_splits=2))
print("Results: %.2f (%.2f) MSE" % (r.mean(), r.std()))
assert r.shape == (2,)
