"""Input and output of MusicTaggerCRNN: spectrograms of sound files, and names of tags."""

from typing import TYPE_CHECKING

import numpy as np

from horngate.preprocessing.image.files import channels_last
from horngate.utils.generic_utils import PathLike, need

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

TAGS = [
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock", "jazz",
    "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow", "electronica",
    "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic",
    "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening", "sexy",
    "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy",
]  # fmt: skip
_RATE, _SECONDS = 12000, 29.12
_WINDOW, _BANDS, _STEP = 512, 96, 256


def preprocess_input(audio_path: PathLike, dim_ordering: str = "default") -> np.ndarray:
    """The spectrogram of a sound file: decibels of 96 mel frequencies at 1,366 times, of the middle 29 seconds.

    # Arguments
        audio_path: path of the file.
        dim_ordering: `'th'` for channels first, `'tf'` for channels last, `'default'` for that in force.

    # Raises
        ImportError: where the package librosa, which reads sound files, is missing.
    """
    need("librosa", "sound files need the package librosa: pip install librosa")
    import librosa

    sound, _ = librosa.load(audio_path, sr=_RATE)
    wanted = int(_SECONDS * _RATE)
    sound = np.pad(sound, (0, max(0, wanted - len(sound))))
    begin = (len(sound) - wanted) // 2
    bands = librosa.feature.melspectrogram(
        y=sound[begin : begin + wanted], sr=_RATE, hop_length=_STEP, n_fft=_WINDOW, n_mels=_BANDS
    )
    x = librosa.power_to_db(bands**2, ref=1.0)
    return x[:, :, None] if channels_last(dim_ordering) else x[None]


def decode_predictions(preds: "ArrayLike", top_n: int = 5) -> list[list[tuple[str, float]]]:
    """The `top_n` tags of each piece of music, as pairs (tag, score), the highest score first.

    # Arguments
        preds: (samples, 50), as MusicTaggerCRNN predicts.
        top_n: how many tags, from 1 to 50.
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != len(TAGS):
        raise ValueError(f"decode_predictions expects predictions (samples, 50); received shape {preds.shape}")
    best = np.argsort(-preds, axis=1, kind="stable")[:, :top_n]
    return [[(TAGS[i], row[i]) for i in order] for row, order in zip(preds, best)]
