"""`python -m horngate program`: run a program written for any version of Keras, with horngate in the place of Keras."""

import argparse
import ast
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

from horngate.dialects import guess, past
from horngate.dialects.install import install_as

TF_KERAS = ("tensorflow.keras", "tensorflow.python.keras", "tensorflow.contrib.keras")
ERAS = ("0.3", "1.0", "1.2", "2", "2.2", "2.3", "tf2", "3")


def main(arguments: Any) -> int:
    """Run a script, a module or a notebook. Returns the exit code."""
    options, program = _parsed(arguments)
    if program is None:
        return 2
    if not options.module and not Path(program[0]).exists():
        print(
            f"there is no command and no file {program[0]!r}; `python -m horngate --help` tells what there is.",
            file=sys.stderr,
        )
        return 2
    source = _source(program[0], options.module)
    _choose_era(options.era or os.environ.get("HORNGATE_ERA"), source)
    for name in ("keras", *TF_KERAS):
        install_as(name, facades=True)
    _choose_engine(source)
    _lend_other_engines()
    with past.put_back():
        _run(program, options, source)
    return 0


def _parsed(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m horngate", description="Run a program that was written for Keras.", add_help=False
    )
    parser.add_argument("--era", choices=ERAS)
    parser.add_argument("--py2", action="store_true")
    parser.add_argument("-m", dest="module", action="store_true")
    known, rest = [], list(arguments)
    while rest and rest[0].startswith("-"):
        takes_value = rest[0] == "--era"
        known += rest[: 1 + takes_value]
        rest = rest[1 + takes_value :]
    options = parser.parse_args(known)
    if not rest:
        parser.print_usage(sys.stderr)
        return options, None
    return options, rest


def _source(name, is_module):
    """Return the text of the program; for a notebook, all cells joined."""
    if is_module:
        from importlib.util import find_spec

        sys.path.insert(0, os.getcwd())
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            spec = find_spec(name + ".__main__")
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return ""
        name = spec.origin
    text = Path(name).read_text(encoding="utf-8", errors="replace")
    return "\n".join(cells(text)) if name.endswith(".ipynb") else text


def _choose_era(chosen, source):
    """Set the era: the one given, or the one guessed from the program's text, which is then printed."""
    from horngate.backend.config import set_era
    from horngate.backend.notices import say

    if chosen is None:
        chosen, signs = guess.era_of(source)
        why = f" (it says {', '.join(signs[:3])})" if signs else ""
        say(f"horngate: read as a program for Keras {chosen}{why}; --era or HORNGATE_ERA chooses another.")
    set_era(chosen)


def _choose_engine(source):
    """Decide what `K.backend()` answers: the engine that programs of the era knew, or that KERAS_BACKEND names."""
    from horngate.backend.config import era
    from horngate.dialects.of_programs import choose_engine

    asked = os.environ.get("KERAS_BACKEND")
    older = era().generation in ("0.3", "1.0") and "tensorflow" not in source
    choose_engine(asked or {True: "theano", False: None if era().generation == "3" else "tensorflow"}[older])


def _lend_other_engines():
    """Provide the small part of Theano and TensorFlow that Keras programs use directly."""
    from horngate.backend.tracers import answer_as_tensors
    from horngate.dialects import tensorflow, theano
    from horngate.dialects.lent import lend

    lend("theano", theano.modules())
    lend("tensorflow", tensorflow.modules())
    answer_as_tensors()


def _run(program, options, source):
    name, sys.argv = program[0], list(program)
    if options.module:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
        return
    sys.path.insert(0, str(Path(name).resolve().parent))
    if name.endswith(".ipynb"):
        run_cells(cells(Path(name).read_text(encoding="utf-8")))
    elif options.py2:
        from horngate.dialects.py2 import translated

        code = compile(translated(source, name), name, "exec")
        exec(code, {"__name__": "__main__", "__file__": name, "__builtins__": __builtins__})  # noqa: S102  the program
    else:
        runpy.run_path(name, run_name="__main__")


def cells(text: str) -> list[str]:
    """Return the code of each cell of a notebook, without lines for IPython (`%magic`, `!command`)."""
    notebook = json.loads(text)
    found = notebook.get("cells") or [cell for sheet in notebook.get("worksheets", []) for cell in sheet["cells"]]
    code = ["".join(cell.get("source", cell.get("input", ""))) for cell in found if cell["cell_type"] == "code"]
    return [
        "\n".join("" if line.lstrip()[:1] in "%!" and line.strip() else line for line in cell.split("\n"))
        for cell in code
    ]


def run_cells(codes: Any) -> None:
    """Run a notebook's cells in order; like a notebook, print the value of the last line of each cell."""
    space = {"__name__": "__main__", "__builtins__": __builtins__}
    for number, code in enumerate(codes, 1):
        tree = ast.parse(code, filename=f"cell {number}")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), space)  # noqa: S102  the program
        if last is not None and not code.rstrip().endswith(";"):
            value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), space)  # noqa: S307
            if value is not None:
                print(repr(value))
