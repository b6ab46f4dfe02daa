"""`python -m horngate`: programs written for Keras, the examples, and small jobs on model files."""

import importlib
import sys
from collections.abc import Sequence

from horngate.saving.files import FileError

USAGE = """usage: python -m horngate [--era 0.3|1.0|1.2|2|3] [--py2] SCRIPT.py|NOTEBOOK.ipynb|-m MODULE ...
       python -m horngate COMMAND ...

The first form runs a program that was written for Keras, with horngate in its place. --era chooses the defaults of a
time, which is otherwise guessed from the program; --py2 translates it from Python 2.

  examples [NAME] [...]        list the examples, or run one of them
  summary FILE                 the layers of a model file, or the arrays of a weight file
  convert IN OUT               weights: .h5 <-> .safetensors; architectures: .json <-> .yaml
  predict FILE <in.npy >out.npy    what a model makes of an array
  launch -n N SCRIPT.py [...]  run a program in N processes, which train together
"""
COMMANDS = {  # name -> module:function, which takes the list of arguments and returns an exit code
    "examples": "horngate.commands.examples:main",
    "summary": "horngate.commands.files:summary",
    "convert": "horngate.commands.files:convert",
    "predict": "horngate.commands.files:predict",
    "launch": "horngate.commands.launch:main",
}


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit code."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if arguments else 2
    if arguments[0] not in COMMANDS:
        return _found("horngate.dialects.run:main")(arguments)  # its errors are the program's
    try:
        return _found(COMMANDS[arguments[0]])(arguments[1:])
    except (FileNotFoundError, FileError) as error:
        print(error, file=sys.stderr)
        return 1


def _found(place):
    module, function = place.split(":")
    return getattr(importlib.import_module(module), function)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
