# image captioning: features + words into an LSTM, a generator of partial sequences, Tokenizer, pad_sequences
from numpy import array, argmax
import numpy as np
from keras.preprocessing.text import Tokenizer
from keras.preprocessing.sequence import pad_sequences
from keras.utils import to_categorical
from keras.models import Model
from keras.layers import Input, Dense, LSTM, Embedding, Dropout
from keras.layers.merge import add
np.random.seed(0)
things = ['dog', 'cat', 'man']; acts = ['runs', 'sleeps']
captions = {}; photos = {}
for k in range(60):
    a, b = k % 3, (k // 3) % 2
    captions[k] = ['startseq a %s %s endseq' % (things[a], acts[b])]
    photos[k] = np.concatenate([np.eye(3)[a], np.eye(2)[b]])[None] + 0.05 * np.random.randn(1, 5)
tokenizer = Tokenizer(); tokenizer.fit_on_texts([c for d in captions.values() for c in d])
vocab_size = len(tokenizer.word_index) + 1; max_length = 5
def create_sequences(tokenizer, max_length, desc_list, photo):
    X1, X2, y = list(), list(), list()
    for desc in desc_list:
        seq = tokenizer.texts_to_sequences([desc])[0]
        for i in range(1, len(seq)):
            in_seq, out_seq = seq[:i], seq[i]
            in_seq = pad_sequences([in_seq], maxlen=max_length)[0]
            out_seq = to_categorical([out_seq], num_classes=vocab_size)[0]
            X1.append(photo); X2.append(in_seq); y.append(out_seq)
    return array(X1), array(X2), array(y)
def data_generator(descriptions, photos, tokenizer, max_length):
    while 1:
        for key, desc_list in descriptions.items():
            in_img, in_seq, out_word = create_sequences(tokenizer, max_length, desc_list, photos[key][0])
            yield [[in_img, in_seq], out_word]
inputs1 = Input(shape=(5,)); fe2 = Dense(32, activation='relu')(Dropout(0.1)(inputs1))
inputs2 = Input(shape=(max_length,)); se1 = Embedding(vocab_size, 16, mask_zero=True)(inputs2); se3 = LSTM(32)(Dropout(0.1)(se1))
decoder2 = Dense(32, activation='relu')(add([fe2, se3]))
outputs = Dense(vocab_size, activation='softmax')(decoder2)
model = Model(inputs=[inputs1, inputs2], outputs=outputs)
model.compile(loss='categorical_crossentropy', optimizer='adam')
for i in range(12):
    model.fit_generator(data_generator(captions, photos, tokenizer, max_length), epochs=1, steps_per_epoch=60, verbose=0)
def word_for_id(integer, tokenizer):
    for word, index in tokenizer.word_index.items():
        if index == integer:
            return word
def generate_desc(photo):
    in_text = 'startseq'
    for i in range(max_length):
        sequence = pad_sequences([tokenizer.texts_to_sequences([in_text])[0]], maxlen=max_length)
        word = word_for_id(argmax(model.predict([photo, sequence], verbose=0)), tokenizer)
        in_text += ' ' + str(word)
        if word == 'endseq':
            break
    return in_text
right = np.mean([generate_desc(photos[k]) == captions[k][0] for k in range(12)])
print(generate_desc(photos[0]), right)
assert right > 0.9
