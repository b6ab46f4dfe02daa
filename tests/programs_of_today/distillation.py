"""Distill a teacher into a student: compute_loss of a Distiller joins the student's loss and a divergence."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(6)


class Distiller(keras.Model):
    def __init__(self, student, teacher):
        super().__init__()
        self.teacher = teacher
        self.student = student

    def compile(self, optimizer, metrics, student_loss_fn, distillation_loss_fn, alpha=0.1, temperature=3):
        super().compile(optimizer=optimizer, metrics=metrics)
        self.student_loss_fn = student_loss_fn
        self.distillation_loss_fn = distillation_loss_fn
        self.alpha = alpha
        self.temperature = temperature

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, allow_empty=False, training=True):
        teacher_pred = self.teacher(x, training=False)
        student_loss = self.student_loss_fn(y, y_pred)
        distillation_loss = self.distillation_loss_fn(
            ops.nn.softmax(teacher_pred / self.temperature, axis=1), ops.nn.softmax(y_pred / self.temperature, axis=1)
        ) * (self.temperature**2)
        return self.alpha * student_loss + (1 - self.alpha) * distillation_loss

    def call(self, x):
        return self.student(x)


def network(filters, name):
    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            layers.Conv2D(filters, (3, 3), strides=(2, 2), padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.MaxPooling2D(pool_size=(2, 2), strides=(1, 1), padding="same"),
            layers.Conv2D(filters, (3, 3), strides=(2, 2), padding="same"),
            layers.Flatten(),
            layers.Dense(4),
        ],
        name=name,
    )


teacher = network(8, "teacher")
student = network(3, "student")
student_scratch = keras.models.clone_model(student)
for model in (teacher, student):
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
student_scratch.set_weights(student.get_weights())

x_train = rng.normal(size=(32, 8, 8, 1)).astype("float32")
y_train = (x_train.mean(axis=(1, 2, 3)) > 0).astype("int64") + 2 * (x_train[:, 0, 0, 0] > 0)
x_test, y_test = x_train[:8] * 0.5, y_train[:8]

teacher.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
first = teacher.fit(x_train, y_train, epochs=3, batch_size=8, shuffle=False, verbose=0)
teacher_score = teacher.evaluate(x_test, y_test, verbose=0)

distiller = Distiller(student=student, teacher=teacher)
distiller.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.01),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
    student_loss_fn=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    distillation_loss_fn=keras.losses.KLDivergence(),
    alpha=0.1,
    temperature=10,
)
before = [w.copy() for w in teacher.get_weights()]
teacher.trainable = False
second = distiller.fit(x_train, y_train, epochs=5, batch_size=8, shuffle=False, verbose=0)
unchanged = all(np.array_equal(a, b) for a, b in zip(before, teacher.get_weights()))
score = distiller.evaluate(x_test, y_test, verbose=0, return_dict=True)

student_scratch.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
third = student_scratch.fit(x_train, y_train, epochs=2, batch_size=8, shuffle=False, verbose=0)
record = {
    "losses": first.history["loss"] + second.history["loss"] + third.history["loss"],
    "accuracy": first.history["sparse_categorical_accuracy"] + second.history["sparse_categorical_accuracy"],
    "score": [*teacher_score, score["loss"], score["sparse_categorical_accuracy"]],
    "history_keys": sorted(second.history),
    "teacher_unchanged": unchanged,
    "checksum": float(np.abs(student.predict(x_test, verbose=0)).sum()),
}
print(json.dumps(record))
