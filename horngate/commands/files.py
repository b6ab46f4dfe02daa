"""`python -m horngate summary`, `convert` and `predict`: small jobs on model files."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from horngate.training.model import Model

TEXTS = (".json", ".yaml", ".yml")


def summary(arguments: Sequence[str]) -> int:
    """`summary FILE`: the layers of a model, or the arrays of a file of weights.

    `arguments` are those of the command line; returns an exit code.
    """
    path = _one_file("summary FILE", arguments)
    if path is None:
        return 2
    from horngate.saving.model import holds_model
    from horngate.saving.weights import open_weights

    if path.suffix in TEXTS or holds_model(path):
        _model(path).summary()
        return 0
    with open_weights(path) as stored:
        for layer in stored.layers:
            for number, array in enumerate(layer.arrays):
                print(f"{layer.name if number == 0 else '':30} {str(array.shape):20} {array.size:>14,}")
        print(f"{'in all':51} {stored.size:>14,}")
    return 0


def convert(arguments: Sequence[str]) -> int:
    """`convert IN OUT`: weights to another format, HDF5 or safetensors; JSON to YAML and back; by the names' endings.

    `arguments` are those of the command line; returns an exit code.
    """
    if len(arguments) != 2:
        return _usage("convert IN OUT")
    from horngate.saving.formats import FORMATS

    source, target = map(Path, arguments)
    writable = [suffix for suffix, found in FORMATS.items() if found.write]
    if source.suffix in FORMATS and target.suffix in writable:
        _convert_weights(source, target)
    elif source.suffix in TEXTS and target.suffix in TEXTS:
        _convert_text(source, target)
    else:
        only_read = [suffix for suffix in FORMATS if suffix not in writable]
        return _usage(
            f"convert IN OUT\n{source} cannot become {target}: {', '.join(writable)} (and, as IN, "
            f"{', '.join(only_read)}) become each other, and so do .json and .yaml."
        )
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

    from horngate.saving.files import FileError

    try:
        x = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FileError("The standard input must be an array as np.save writes it: predict FILE < in.npy.") from error
    model = _model(path)
    try:
        y: Any = model.predict(x)
    except ValueError as error:
        raise FileError(f"The array does not fit {path}: {error}") from error
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


def _convert_weights(source: Path, target: Path) -> None:
    """Write the stored layers as they are: no model is needed."""
    from horngate.saving.formats import writer_for
    from horngate.saving.weights import open_weights
    from horngate.utils.whole_files import atomic_write

    with open_weights(source) as stored, atomic_write(target) as path:
        writer_for(target)(path, stored)


def _convert_text(source: Path, target: Path) -> None:
    import yaml

    from horngate.saving.text import read_json, read_yaml
    from horngate.utils.whole_files import atomic_write

    text = source.read_text(encoding="utf-8")
    config = read_json(text) if source.suffix == ".json" else read_yaml(text)
    plain = json.loads(json.dumps(config))  # tuples become lists
    with atomic_write(target) as path, open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(plain) if target.suffix == ".json" else yaml.safe_dump(plain))
