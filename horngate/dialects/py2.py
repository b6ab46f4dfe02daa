"""Translate Python 2 programs to Python 3 by fissix, the maintained lib2to3; integers divide to integers."""

import ast
import builtins
import importlib.machinery
import io
import operator
import re
import sys
import tokenize
from pathlib import Path
from typing import Any

import numpy as np

FIXES = (
    "apply basestring dict except exec execfile filter funcattrs getcwdu has_key imports input intern itertools "
    "itertools_imports long map methodattrs ne next nonzero numliterals paren print raise raw_input reduce reload "
    "repr standarderror sys_exc throw tuple_params types unicode urllib xrange zip"
)
_OLD_NAMES = re.compile(
    r"\b(xrange|cPickle|urllib2|unicode|basestring|raw_input|reload|reduce|"
    r"has_key|iteritems|itervalues|izip|StringIO)\b"
)
_DIVIDED = "__divided_as_in_python_2__"


def text_of(source: bytes) -> str:
    """Return the text of a program, in the encoding that it names; in Latin-1 if it is not UTF-8."""
    try:
        return source.decode(tokenize.detect_encoding(io.BytesIO(source).readline)[0])
    except (SyntaxError, UnicodeDecodeError):
        return source.decode("latin-1")


def translated(source: str, name: str = "program") -> str:
    """Return the text of a Python 2 program in Python 3; text in Python 3 is returned unchanged.

    Raises ImportError if fissix is not installed (`pip install '.[py2]'`).
    """
    try:
        compile(source, name, "exec")
        if not _OLD_NAMES.search(source):
            return source
    except SyntaxError:
        pass
    try:
        from fissix.pgen2.parse import ParseError
        from fissix.refactor import RefactoringTool
    except ImportError as error:
        raise ImportError("--py2 needs a package: pip install '.[py2]' where horngate was unpacked") from error
    tool = RefactoringTool([f"fissix.fixes.fix_{fix}" for fix in FIXES.split()])
    try:
        return str(tool.refactor_string(source.rstrip() + "\n", name))
    except ParseError as error:
        raise SyntaxError(f"{name} is neither Python 3 nor Python 2 that can be translated: {error}") from error


def _whole(x):
    return isinstance(x, (int, np.integer)) or isinstance(x, np.ndarray) and x.dtype.kind in "biu"


def _divided(a: Any, b: Any, by: Any = operator.truediv) -> Any:
    return a // b if _whole(a) and _whole(b) else by(a, b)


class _Divisions(ast.NodeTransformer):
    """Make `/` and `/=` calls of `_divided`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._call(node, node.left, node.right) if isinstance(node.op, ast.Div) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div) or not isinstance(node.target, ast.Name):
            return node
        read = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)
        in_place = ast.parse("__import__('operator').itruediv", mode="eval").body
        return ast.copy_location(ast.Assign([node.target], self._call(node, read, node.value, in_place)), node)

    def _call(self, node, *arguments):
        return ast.copy_location(ast.Call(ast.Name(_DIVIDED, ast.Load()), list(arguments), []), node)


class _Imports(ast.NodeTransformer):
    """Let the modules of a package import their neighbours by their bare names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _beside(self, name):
        place = self.folder / str(name).partition(".")[0]
        return place.with_suffix(".py").exists() or (place / "__init__.py").exists()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if not node.level and self._beside(node.module):
            node.level = 1
        return node

    def visit_Import(self, node: ast.Import) -> Any:
        beside = [alias for alias in node.names if self._beside(alias.name)]
        others = [alias for alias in node.names if alias not in beside]
        made: list[ast.stmt] = [ast.Import(others)] if others else []
        for alias in beside:
            first, *_ = alias.name.split(".")
            parent, _, last = alias.name.rpartition(".")
            if parent:  # which loads all of them
                made.append(ast.ImportFrom(parent, [ast.alias(last, alias.asname or "_loaded")], 1))
            if not parent or not alias.asname:
                made.append(ast.ImportFrom(None, [ast.alias(first, alias.asname)], 1))
        return [ast.copy_location(statement, node) for statement in made]


def program_of(source: str, name: str, in_package: bool = False) -> ast.Module:
    """Return the program that a Python 2 `source` means.

    `name`: the file. `in_package`: whether its neighbours are modules of its package.
    """
    tree = ast.parse(translated(source, name), name)
    if in_package and not re.search(r"^\s*from __future__ import .*\babsolute_import\b", source, re.M):
        tree = ast.fix_missing_locations(_Imports(Path(name).parent).visit(tree))
    if not re.search(r"^\s*from __future__ import .*\bdivision\b", source, re.M):
        setattr(builtins, _DIVIDED, _divided)
        tree = ast.fix_missing_locations(_Divisions().visit(tree))
    return tree


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of Python 2; its compiled form is not kept."""

    def get_code(self, fullname: str) -> Any:
        path = self.get_filename(fullname)
        in_package = "." in fullname or self.is_package(fullname)
        return compile(program_of(text_of(self.get_data(path)), path, in_package), path, "exec")


class _Finder:
    """Finds the modules of a program's own folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec of the module `name`, or None if it is not in the folder."""
        spec = importlib.machinery.PathFinder.find_spec(name, [self.folder] if path is None else path)
        origin = str(spec and spec.origin)
        installed = "site-packages" in origin  # an environment in the program's folder
        if spec is None or installed or not Path(origin).is_relative_to(self.folder) or not origin.endswith(".py"):
            return None
        spec.loader = _Loader(name, origin)
        return spec


def translate_modules(folder: str) -> None:
    """Translate the modules that a program imports from its own `folder`, too."""
    finder: Any = _Finder(folder)
    sys.meta_path.insert(0, finder)
