"""Writes whole files of the real Keras 3 for the tests. Run it with a Python that has Keras 3 and JAX:

KERAS_BACKEND=jax python -m tools.keras3_files                writes tests/golden/keras3_files
KERAS_BACKEND=jax python -m tools.keras3_files read FOLDER    reads the .keras files in FOLDER, and writes what it
                                                              predicts into NAME.npz beside each
KERAS_BACKEND=jax python -m tools.keras3_files of-users              writes the files with classes of users
KERAS_BACKEND=jax python -m tools.keras3_files read-of-users FOLDER  reads such files in FOLDER likewise
"""

import pathlib
import sys
import zipfile

import keras
import numpy as np

from tests.saving.keras3 import of_users
from tests.saving.keras3.networks import NETWORKS, fill, inputs_of, outputs_of, step, trained

FOLDER = pathlib.Path(__file__).parents[1] / "tests" / "golden" / "keras3_files"


def packed(path):
    """Compress the parts of an archive, which Keras stores as they are."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def write():
    """Write a file of each network, and its predictions."""
    FOLDER.mkdir(exist_ok=True)
    found = {}
    for name, make in NETWORKS.items():
        keras.utils.clear_session()
        network = make(keras)
        fill(network)
        network.save(FOLDER / f"{name}.keras")
        packed(FOLDER / f"{name}.keras")
        loaded = keras.saving.load_model(FOLDER / f"{name}.keras")  # Normalization does not see set_weights
        outputs = outputs_of(loaded, inputs_of(network))
        found |= {f"{name}-{i}": y for i, y in enumerate(outputs)}
    np.savez_compressed(FOLDER / "outputs.npz", **found)
    network = trained(keras)
    step(network)
    network.save(FOLDER / "trained.keras")
    network.save(FOLDER / "trained.h5")
    packed(FOLDER / "trained.keras")
    step(network)
    np.savez_compressed(FOLDER / "trained.npz", *network.get_weights())


def read(folder):
    """Read the files in `folder`, and write what the models predict."""
    for path in sorted(pathlib.Path(folder).glob("*.keras")):
        try:
            network = keras.saving.load_model(path)
            if path.stem == "trained":
                step(network)
                np.savez(path.with_name("trained-weights.npz"), *network.get_weights())
                continue
            outputs = outputs_of(network, inputs_of(network))
            np.savez(path.with_suffix(".npz"), **{str(i): y for i, y in enumerate(outputs)})
        except Exception as error:  # told to the test, which compares
            path.with_suffix(".txt").write_text(f"{type(error).__name__}: {error}")


def cases_of_users():
    """Yield (name of the file, model, its input)."""
    for kind, cases in (("calls", of_users.calls(keras)), ("class", of_users.classes(keras))):
        for name, (model, x) in cases.items():
            yield f"{kind}_{name}", model, x


def write_of_users():
    """Write a file of each model with classes of the user, and what it gives; and of one that was trained."""
    found = {}
    for name, model, x in cases_of_users():
        of_users.filled(model, x).save(FOLDER / f"{name}.keras")
        packed(FOLDER / f"{name}.keras")
        found |= {f"{name}-{i}": y for i, y in enumerate(of_users.outputs_of(model, x))}
    model, x = of_users.classes(keras)["stepped"]
    of_users.trained(of_users.compiled(keras, of_users.filled(model, x)), x)
    model.save(FOLDER / "class_trained.keras")
    packed(FOLDER / "class_trained.keras")
    of_users.trained(model, x)
    found |= {f"trained-{place}": value for place, value in enumerate(model.get_weights())}
    np.savez_compressed(FOLDER / "of_users.npz", **found)


def read_of_users(folder):
    """Read such files in `folder`, and write what the models give."""
    for name, _, x in cases_of_users():
        path = pathlib.Path(folder) / f"{name}.keras"
        try:
            outputs = of_users.outputs_of(keras.saving.load_model(path), x)
            np.savez(path.with_suffix(".npz"), **{str(i): y for i, y in enumerate(outputs)})
        except Exception as error:  # told to the test, which compares
            path.with_suffix(".txt").write_text(f"{type(error).__name__}: {error}")


WAYS = {"read": read, "of-users": write_of_users, "read-of-users": read_of_users}

if __name__ == "__main__":
    WAYS.get(sys.argv[1] if len(sys.argv) > 1 else "", write)(*sys.argv[2:])
