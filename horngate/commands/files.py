"""`python -m horngate summary`, `convert` and `predict`: small jobs on model files."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from horngate.training.model import Model

TEXTS = (".json", ".yaml", ".yml")
WEIGHTS = (".h5", ".hdf5", ".keras", ".safetensors")


def summary(arguments: Sequence[str]) -> int:
    """`summary FILE`: the layers of a model, or the arrays of a file of weights.

    `arguments` are those of the command line; returns an exit code.
    """
    path = _one_file("summary FILE", arguments)
    if path is None:
        return 2
    if path.suffix in TEXTS or _holds_model(path):
        _model(path).summary()
        return 0
    from horngate.saving.weights import opened

    with opened(path) as stored:
        for layer in stored.layers:
            for number, array in enumerate(layer.arrays):
                print(f"{layer.name if number == 0 else '':30} {str(array.shape):20} {array.size:>14,}")
        print(f"{'in all':51} {sum(layer.size for layer in stored.layers):>14,}")
    return 0


def convert(arguments: Sequence[str]) -> int:
    """`convert IN OUT`: HDF5 to safetensors and back, JSON to YAML and back, by the endings of the names.

    `arguments` are those of the command line; returns an exit code.
    """
    if len(arguments) != 2:
        return _usage("convert IN OUT")
    source, target = map(Path, arguments)
    kinds = [next((kind for kind in (TEXTS, WEIGHTS) if path.suffix in kind), None) for path in (source, target)]
    if None in kinds or kinds[0] is not kinds[1] or target.suffix == ".keras":
        return _usage(
            f"convert IN OUT\n{source} cannot become {target}: .h5, .safetensors (and, as IN, .keras) become each "
            "other, and so do .json and .yaml."
        )
    if kinds[0] is WEIGHTS:
        _convert_weights(source, target)
    else:
        _convert_text(source, target)
    print(f"{target} is written.")
    return 0


def predict(arguments: Sequence[str]) -> int:
    """`predict FILE < in.npy > out.npy`: what a model makes of an array.

    `arguments` are those of the command line; returns an exit code.
    """
    path = _one_file("predict FILE < in.npy > out.npy", arguments)
    if path is None:
        return 2
    import io

    import numpy as np

    x = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    y: Any = _model(path).predict(x)
    result = io.BytesIO()
    if isinstance(y, list):
        np.savez(result, **{f"output_{i}": array for i, array in enumerate(y)})
    else:
        np.save(result, y)
    sys.stdout.buffer.write(result.getvalue())
    sys.stdout.buffer.flush()
    return 0


def _usage(text: str) -> int:
    print(f"usage: python -m horngate {text}", file=sys.stderr)
    return 2


def _one_file(usage: str, arguments: Sequence[str]) -> Path | None:
    if len(arguments) != 1:
        _usage(usage)
        return None
    return Path(arguments[0])


def _model(path: Path) -> "Model":
    from horngate import models

    if path.suffix in TEXTS:
        read = models.model_from_json if path.suffix == ".json" else models.model_from_yaml
        return read(path.read_text(encoding="utf-8"))
    return models.load_model(path)


def _holds_model(path: Path) -> bool:
    if path.suffix not in (".h5", ".hdf5"):
        return False
    from horngate.saving.files import explained
    from horngate.saving.hdf5 import opened

    with explained(path), opened(path) as file:
        return "model_config" in file.attrs


def _convert_weights(source: Path, target: Path) -> None:
    """Write the stored layers as they are: no model is needed."""
    from horngate.saving import hdf5, tensors
    from horngate.saving.files import atomic
    from horngate.saving.weights import is_safetensors, opened

    with opened(source) as stored:
        layers = [
            (layer.name, [(array.name or f"param_{i}", array.read()) for i, array in enumerate(layer.arrays)])
            for layer in stored.layers
        ]
        version, unfrozen = stored.origin.version, stored.unfrozen
        images = stored.origin.ordering, stored.origin.convention
    with atomic(target) as path:
        if is_safetensors(target):
            tensors.write_layers(path, layers, version, unfrozen, images)
        else:
            import h5py

            with h5py.File(path, "w") as file:
                hdf5.write_layers(file, layers, version, unfrozen, images)


def _convert_text(source: Path, target: Path) -> None:
    import yaml

    from horngate.saving.files import atomic
    from horngate.saving.text import read_json, read_yaml

    text = source.read_text(encoding="utf-8")
    config = read_json(text) if source.suffix == ".json" else read_yaml(text)
    plain = json.loads(json.dumps(config))  # tuples become lists
    with atomic(target) as path, open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(plain) if target.suffix == ".json" else yaml.safe_dump(plain))
