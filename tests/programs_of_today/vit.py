"""Classify pictures with a vision transformer: layers for patches and their encoding, a functional body."""

import json

import keras
import numpy as np
from keras import layers, ops

num_classes, input_shape, patch_size, projection_dim, num_heads, transformer_layers = 3, (8, 8, 3), 4, 8, 2, 2
num_patches = (8 // patch_size) ** 2
rng = np.random.default_rng(17)


def mlp(x, hidden_units, dropout_rate):
    for units in hidden_units:
        x = layers.Dense(units, activation=keras.activations.gelu)(x)
        x = layers.Dropout(dropout_rate)(x)
    return x


class Patches(layers.Layer):
    def __init__(self, patch_size):
        super().__init__()
        self.patch_size = patch_size

    def call(self, images):
        input_shape = ops.shape(images)
        batch_size, height, width, channels = input_shape
        num_patches_h, num_patches_w = height // self.patch_size, width // self.patch_size
        patches = keras.ops.image.extract_patches(images, size=self.patch_size)
        return ops.reshape(
            patches, (batch_size, num_patches_h * num_patches_w, self.patch_size * self.patch_size * channels)
        )

    def get_config(self):
        config = super().get_config()
        config.update({"patch_size": self.patch_size})
        for key in ("name", "trainable", "dtype"):
            config.pop(key, None)
        return config


class PatchEncoder(layers.Layer):
    def __init__(self, num_patches, projection_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_patches = num_patches
        self.projection = layers.Dense(units=projection_dim)
        self.position_embedding = layers.Embedding(input_dim=num_patches, output_dim=projection_dim)

    def call(self, patch):
        positions = ops.expand_dims(ops.arange(start=0, stop=self.num_patches, step=1), axis=0)
        projected_patches = self.projection(patch)
        return projected_patches + self.position_embedding(positions)

    def get_config(self):
        config = super().get_config()
        config.update({"num_patches": self.num_patches, "projection_dim": self.projection.units})
        return config


data_augmentation = keras.Sequential([layers.Rescaling(1 / 127.5, offset=-1.0)], name="data_augmentation")


def create_vit_classifier():
    inputs = keras.Input(shape=input_shape)
    augmented = data_augmentation(inputs)
    patches = Patches(patch_size)(augmented)
    encoded_patches = PatchEncoder(num_patches, projection_dim)(patches)
    for _ in range(transformer_layers):
        x1 = layers.LayerNormalization(epsilon=1e-6)(encoded_patches)
        attention_output = layers.MultiHeadAttention(num_heads=num_heads, key_dim=projection_dim, dropout=0.0)(x1, x1)
        x2 = layers.Add()([attention_output, encoded_patches])
        x3 = layers.LayerNormalization(epsilon=1e-6)(x2)
        x3 = mlp(x3, hidden_units=[projection_dim * 2, projection_dim], dropout_rate=0.0)
        encoded_patches = layers.Add()([x3, x2])
    representation = layers.LayerNormalization(epsilon=1e-6)(encoded_patches)
    representation = layers.Flatten()(representation)
    representation = layers.Dropout(0.0)(representation)
    features = mlp(representation, hidden_units=[16, 8], dropout_rate=0.0)
    logits = layers.Dense(num_classes)(features)
    return keras.Model(inputs=inputs, outputs=logits)


x_train = rng.uniform(0, 255, (18, 8, 8, 3)).astype("float32")
y_train = (np.arange(18) % num_classes)[:, None]
model = create_vit_classifier()
for weight in model.trainable_weights:
    weight.assign(rng.normal(0, 0.3, weight.shape))
model.compile(
    optimizer=keras.optimizers.AdamW(learning_rate=0.002, weight_decay=0.0001),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        keras.metrics.SparseTopKCategoricalAccuracy(2, name="top-2-accuracy"),
    ],
)
checkpoint = keras.callbacks.ModelCheckpoint(
    "checkpoint.weights.h5", monitor="val_accuracy", save_best_only=True, save_weights_only=True
)
history = model.fit(
    x=x_train,
    y=y_train,
    batch_size=5,
    epochs=10,
    validation_split=0.2,
    callbacks=[checkpoint],
    shuffle=False,
    verbose=0,
)
model.load_weights("checkpoint.weights.h5")
_, accuracy, top = model.evaluate(x_train, y_train, verbose=0)
model.save("vit.keras")
restored = keras.models.load_model("vit.keras", custom_objects={"Patches": Patches, "PatchEncoder": PatchEncoder})
record = {
    "losses": history.history["loss"],
    "val_losses": history.history["val_loss"],
    "keys": sorted(history.history),
    "scores": [accuracy, top],
    "checksum": float(np.abs(restored.predict(x_train, verbose=0)).sum()),
}
print(json.dumps(record))
