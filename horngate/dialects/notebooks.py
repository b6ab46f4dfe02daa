"""Run notebooks: their cells as Python, without IPython's magics."""

import ast
import builtins
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from horngate.backend.notices import say

_LINE = re.compile(r"^(\s*)(?:[\w.,\s]+=\s*)?(%{1,2}|!)([A-Za-z]\w*)?(.*)$")
_QUESTION = re.compile(r"^\s*\??\??[\w.]+\?{1,2}\s*$|^\s*\?{1,2}[\w.]+\s*$")
_RUN_ONCE = ("time", "timeit", "prun", "capture", "memit")  # magics whose statement is run, once
_QUIET = ("matplotlib", "pylab", "autoreload", "load_ext", "reload_ext", "config", "precision", "env")
_OTHER_LANGUAGES = ("bash", "sh", "html", "javascript", "js", "latex", "svg", "script", "cmd", "perl", "ruby", "R")
_FUTURE = re.compile(r"^\s*from\s+__future__\s+import\s.*$", re.M)


def cells(text: str) -> list[str]:
    """Return the code of each cell of the notebook with this `text`, as Python."""
    notebook = json.loads(text)
    found = notebook.get("cells") or [cell for sheet in notebook.get("worksheets", []) for cell in sheet["cells"]]
    code = ["".join(cell.get("source", cell.get("input", ""))) for cell in found if cell["cell_type"] == "code"]
    return [python_of(cell) for cell in code]


def python_of(cell: str) -> str:
    """Return the code of a cell as Python: what magics time is run, and other lines for IPython are left out."""
    cell = _FUTURE.sub("", cell)
    first, _, rest = cell.lstrip().partition("\n")
    if first.startswith("%%"):
        name, _, given = first[2:].partition(" ")
        if name == "writefile":
            return f"open({given.split()[-1]!r}, 'w').write({rest!r})"
        if name in _OTHER_LANGUAGES:
            say(f"horngate: a cell for {name} is left out.")
            return ""
        cell = rest
    try:
        ast.parse(cell)
        return cell
    except SyntaxError:
        return "\n".join(map(_python_of_line, cell.split("\n")))


def _python_of_line(line):
    if _QUESTION.match(line):
        return ""
    found = _LINE.match(line)
    if found is None or found[2] == "%" and found[3] is None:
        return line
    indent, mark, name, rest = found.groups()
    if mark != "!" and name in _RUN_ONCE:
        return indent + re.sub(r"^(\s*-\w+(\s*\d+)?)+", "", rest).strip()
    if mark == "!" or name not in _QUIET:
        say(f"horngate: left out, since it is for IPython: {line.strip()}")
    return f"{indent}pass" if indent else ""


class _Shell:
    """What `get_ipython()` gives: it does nothing but run the statements that magics time."""

    def run_line_magic(self, name: str, line: str = "", *more: Any) -> None:
        if name in _RUN_ONCE:
            exec(line, {})  # noqa: S102  the program

    def magic(self, line: str) -> None:
        self.run_line_magic(*line.split(" ", 1))

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def lend_ipython() -> None:
    """Let programs call `get_ipython` and `display`, which IPython lends them."""
    for name, item in (("get_ipython", _Shell), ("display", print)):
        vars(builtins).setdefault(name, item)


def run_notebook(path: str, prepared: Callable[[str, str], ast.Module]) -> None:
    """Run the cells of a notebook in order; like a notebook, print the value of the last line of each cell.

    # Arguments
        path: the file.
        prepared: makes the program of a cell's text and a name for it.
    """
    space = {"__name__": "__main__", "__builtins__": builtins}
    for number, code in enumerate(cells(Path(path).read_text(encoding="utf-8")), 1):
        place = f"cell {number}"
        tree = prepared(code, place)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, place, "exec"), space)  # noqa: S102  the program
        if isinstance(last, ast.Expr) and not code.rstrip().endswith(";"):
            value = eval(compile(ast.Expression(last.value), place, "eval"), space)  # noqa: S307
            if value is not None:
                print(repr(value))
