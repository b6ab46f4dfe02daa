# transfer learning with MobileNet: freeze, new top, recompile, flow_from_directory, predict_generator
import os
import numpy as np
from PIL import Image
from keras.applications.mobilenet import MobileNet, preprocess_input
from keras.layers import Dense, GlobalAveragePooling2D, Dropout
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator
from keras.optimizers import SGD
np.random.seed(0)
for kind, colour in (('cats', (220, 40, 40)), ('dogs', (40, 40, 220))):
    os.makedirs('pets/' + kind)
    for k in range(12):
        Image.fromarray((np.random.rand(40, 40, 3) * 30 + colour).clip(0, 255).astype('uint8')).save('pets/%s/%d.png' % (kind, k))
base_model = MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.25)
x = Dropout(0.1)(GlobalAveragePooling2D()(base_model.output))
model = Model(inputs=base_model.input, outputs=Dense(2, activation='softmax')(x))
for layer in base_model.layers:
    layer.trainable = False
before = base_model.get_weights()
model.compile(optimizer=SGD(lr=0.5, momentum=0.9), loss='categorical_crossentropy', metrics=['accuracy'])
gen = ImageDataGenerator(preprocessing_function=preprocess_input)
train = gen.flow_from_directory('pets', target_size=(32, 32), batch_size=8, class_mode='categorical', shuffle=True)
model.fit_generator(train, steps_per_epoch=train.samples // train.batch_size, epochs=15, verbose=0)
test = gen.flow_from_directory('pets', target_size=(32, 32), batch_size=8, class_mode='categorical', shuffle=False)
p = model.predict_generator(test, steps=3)
accuracy = (p.argmax(1) == test.classes).mean()
print(train.class_indices, accuracy, [w.name for w in model.trainable_weights][:5], len(model.trainable_weights))
assert len(model.trainable_weights) == 2
assert all((a == b).all() for a, b in zip(before, base_model.get_weights()))
