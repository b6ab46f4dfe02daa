"""`python -m horngate program`: run a program written for any version of Keras, with horngate in the place of Keras."""

import argparse
import ast
import os
import runpy
import sys
from pathlib import Path
from typing import Any

from horngate.dialects import guess, past, py2
from horngate.dialects.install import install_as
from horngate.dialects.notebooks import cells, of_ipython, run_notebook
from horngate.utils.nearest import did_you_mean

TF_KERAS = ("tensorflow.keras", "tensorflow.python.keras", "tensorflow.contrib.keras")
ERAS = ("0.3", "1.0", "1.2", "2", "2.2", "2.3", "tf2", "3")


def main(arguments: Any) -> int:
    """Run a script, a module or a notebook. Returns the exit code."""
    options, program = _parsed(arguments)
    if program is None:
        return 2
    if not options.module and not Path(program[0]).exists():
        hint = did_you_mean(program[0], ("examples", "summary", "convert", "predict", "launch"))
        there_is = "`python -m horngate --help` tells what there is."
        print(f"there is no command and no file {program[0]!r}.{hint} {there_is}", file=sys.stderr)
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
        sys.path.insert(0, os.getcwd())
        places = [Path(folder, *name.split(".")) for folder in sys.path]  # to import its package needs keras
        files = (file for place in places for file in (place.with_suffix(".py"), place / "__main__.py"))
        name = str(next((file for file in files if file.exists()), ""))
        if not name:
            return ""
    text = py2.text_of(Path(name).read_bytes())
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
    folder = os.getcwd() if options.module else str(Path(name).resolve().parent)
    if options.py2:
        py2.translate_modules(folder)
    if options.module:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
        return
    sys.path.insert(0, folder)
    lent = of_ipython(source)
    if name.endswith(".ipynb"):
        run_notebook(name, py2.program_of if options.py2 else ast.parse)
    elif options.py2:
        code = compile(py2.program_of(source, name), name, "exec")
        exec(code, {"__name__": "__main__", "__file__": name, "__builtins__": __builtins__, **lent})  # noqa: S102
    else:
        runpy.run_path(name, lent, run_name="__main__")
