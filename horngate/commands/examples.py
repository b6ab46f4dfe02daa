"""`python -m horngate examples`: list the example programs, or run one."""

import ast
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from horngate.utils.nearest import did_you_mean

PACKAGE = Path(__file__).resolve().parents[1]


def folder() -> Path:
    """Where the examples lie: inside an installed package, or beside the package in a checkout."""
    places = [PACKAGE / "examples", PACKAGE.parent / "examples"]
    found = next((place for place in places if (place / "digits.py").exists()), None)
    if found is None:
        raise FileNotFoundError(f"the examples are neither in {places[0]} nor in {places[1]}: install horngate again.")
    return found


def available() -> dict[str, Path]:
    """Name -> path of each example, in the order of names."""
    return {path.stem: path for path in sorted(folder().glob("*.py"))}


def first_sentence(path: Path) -> str:
    """What the first line of the example at `path` says about it."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem).splitlines()[0]


def main(arguments: Sequence[str]) -> int:
    """List the examples, or run the one that `arguments` names first with those that follow; returns an exit code."""
    examples = available()
    if not arguments:
        width = max(map(len, examples))
        for name, path in examples.items():
            print(f"{name:<{width}}  {first_sentence(path)}")
        print(f"\nRun one with `python -m horngate examples NAME`, quickly with --quick; read them in {folder()}")
        return 0
    name, *rest = arguments
    if name not in examples:
        hint = did_you_mean(name, examples)
        print(f"there is no example {name!r}.{hint} `python -m horngate examples` lists them.", file=sys.stderr)
        return 2
    sys.argv = [str(examples[name]), *rest]
    runpy.run_path(str(examples[name]), run_name="__main__")
    return 0
