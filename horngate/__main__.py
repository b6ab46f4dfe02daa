"""`python -m horngate`: programs written for Keras, the examples, and small jobs on model files."""
import importlib
import sys

from horngate.saving.files import FileError

USAGE = """usage: python -m horngate COMMAND ...

  examples [NAME] [...]        list the examples, or run one of them
  summary FILE                 the layers of a model file, or the arrays of a weight file
  convert IN OUT               weights: .h5 <-> .safetensors; architectures: .json <-> .yaml
  predict FILE <in.npy >out.npy    what a model makes of an array
"""
COMMANDS = {  # name -> module:function, which takes the list of arguments and returns an exit code
    "examples": "horngate.commands.examples:main",
    "summary": "horngate.commands.files:summary",
    "convert": "horngate.commands.files:convert",
    "predict": "horngate.commands.files:predict",
}


def main(arguments):
    """Run a command; returns its exit code."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if arguments else 2
    place = COMMANDS.get(arguments[0])
    if place is None:
        print(f"there is no command {arguments[0]!r}.\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    module, function = place.split(":")
    try:
        return getattr(importlib.import_module(module), function)(arguments[1:])
    except (FileNotFoundError, FileError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
