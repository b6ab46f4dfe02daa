# center loss by an Embedding of the labels, and by a layer whose centers are moved by updates
import numpy as np
from keras.layers import Input, Dense, Embedding, Lambda, PReLU, Layer, Flatten
from keras.models import Model
from keras import backend as K
from keras.optimizers import SGD, Adam
from keras.utils import to_categorical
np.random.seed(0)
n = 300; y = np.random.randint(0, 3, n); means = np.random.randn(3, 6) * 2; X = means[y] + np.random.randn(n, 6)
Y = to_categorical(y, 3)
def features(inp):
    x = Dense(12, name='hidden')(inp); x = PReLU()(x)
    return Dense(2, name='feature')(x)
def spread(f):
    c = np.array([f[y == k].mean(0) for k in range(3)])
    between = np.square(c - c.mean(0)).sum(1).mean()
    return np.square(f - c[y]).sum(1).mean() / between
found = []
for lambda_c in (0., 0.2):
    inp = Input(shape=(6,)); feature = features(inp)
    predict = Dense(3, activation='softmax', name='softmax')(feature)
    input_target = Input(shape=(1,))
    centers = Embedding(3, 2)(input_target)
    l2_loss = Lambda(lambda x: K.sum(K.square(x[0] - x[1][:, 0]), 1, keepdims=True), name='l2_loss')([feature, centers])
    model_train = Model(inputs=[inp, input_target], outputs=[predict, l2_loss])
    model_train.compile(optimizer=Adam(lr=0.01), loss=['sparse_categorical_crossentropy', lambda y_true, y_pred: y_pred], loss_weights=[1., lambda_c], metrics={'softmax': 'accuracy'})
    h = model_train.fit([X, y], [y, np.zeros((n, 1))], batch_size=20, epochs=12, verbose=0)
    model_predict = Model(inputs=inp, outputs=predict); feature_model = Model(inp, feature)
    acc = np.mean(model_predict.predict(X).argmax(1) == y); found.append(spread(feature_model.predict(X)))
    print(lambda_c, acc, found[-1], sorted(h.history))
    assert acc > 0.9
assert found[1] < 0.7 * found[0]
class CenterLossLayer(Layer):
    def __init__(self, alpha=0.5, **kwargs):
        super().__init__(**kwargs); self.alpha = alpha
    def build(self, input_shape):
        self.centers = self.add_weight(name='centers', shape=(3, 2), initializer='uniform', trainable=False)
        super().build(input_shape)
    def call(self, x, mask=None):
        # x[0] is Nx2, x[1] is Nx3 onehot, self.centers is 3x2
        delta_centers = K.dot(K.transpose(x[1]), (K.dot(x[1], self.centers) - x[0]))
        center_counts = K.sum(K.transpose(x[1]), axis=1, keepdims=True) + 1
        delta_centers /= center_counts
        new_centers = self.centers - self.alpha * delta_centers
        self.add_update((self.centers, new_centers), x)
        self.result = x[0] - K.dot(x[1], self.centers)
        self.result = K.sum(self.result ** 2, axis=1, keepdims=True)
        return self.result
    def compute_output_shape(self, input_shape):
        return K.int_shape(self.result)
def zero_loss(y_true, y_pred):
    return 0.5 * K.sum(y_pred, axis=0)
main_input, aux_input = Input((6,)), Input((3,))
feature = features(main_input)
side = CenterLossLayer(alpha=0.5, name='centerlosslayer')([feature, aux_input])
model = Model([main_input, aux_input], [Dense(3, activation='softmax', name='main_out')(feature), side])
model.compile(optimizer=SGD(lr=0.01, momentum=0.9), loss=['categorical_crossentropy', zero_loss], loss_weights=[1, 0.01], metrics=['accuracy'])
model.fit([X, Y], [Y, np.zeros((n, 1))], batch_size=30, epochs=25, verbose=0)
f = Model(main_input, feature).predict(X); centers = model.get_layer('centerlosslayer').get_weights()[0]
away = np.abs(centers - np.array([f[y == k].mean(0) for k in range(3)])).max()
print('centers away', away, spread(f))
assert away < 0.35 * f.std()
