"""Stubs of `horngate.keras2` and `horngate.keras3`, which tell editors and type checkers what is made at run time.

jedi passes over the constructors of classes of which a base declares arguments. In a stub it therefore does not see
our classes, the bases of those told here, but reads what they have behind `if not TYPE_CHECKING`.

python -m tools.namespaces          the files that are not as they should be
python -m tools.namespaces --write  write them
"""

import argparse
import ast
import inspect
import re
import sys
import textwrap
import types
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from horngate.backend.config import EraDefault
from horngate.backend.orders import as_written
from horngate.dialects import later, orders
from horngate.dialects.namespaces import View
from horngate.dialects.strangers import Stranger
from horngate.dialects.words import Words
from horngate.engine.arguments import Declared
from horngate.engine.names import is_internal, is_ours

ROOT = Path(__file__).resolve().parents[1]
LAZY = ("applications", "preprocessing", "utils")  # modules of ours whose names a type checker does not see
KNOWN = {"Any", "Callable", "None", "Sequence", "bool", "dict", "float", "int", "list", "object", "str", "tuple"}
TYPES = {  # of arguments that all layers and optimizers take
    "name": "str | None",
    "trainable": "bool",
    **dict.fromkeys(("input_shape", "batch_input_shape", "batch_shape"), "_Sequence[int | None] | None"),
    **dict.fromkeys(("input_dim", "input_length"), "int | None"),
}
HEAD = '''"""{module} of Keras {era}, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
'''
UNSEEN = """
TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
"""
SOURCE = '"""{module} of Keras {era}, which `horngate.dialects.namespaces` makes: see the stub."""\n'


def rendered(annotation: Any) -> str:
    """A type as text; Any for what is not of the plainest."""
    if annotation in (None, types.NoneType):
        return "None"
    text = annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation
    if isinstance(text, str):
        plain = set(re.findall(r"\w+", text)) <= KNOWN
        text = re.sub(r"\b(Callable|Sequence)\b", r"_\1", text)
        return "_History" if text == "History" else text if plain else "Any"
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    name = getattr(origin or annotation, "__name__", "")
    if origin in (typing.Union, types.UnionType):
        texts = [rendered(part) for part in parts if part is not EraDefault]
        return "Any" if "Any" in texts else " | ".join(dict.fromkeys(texts))
    if name == "Callable":
        return f"_Callable[..., {rendered(parts[-1])}]"
    if name == "PathLike":
        return "_PathLike[str]"
    if name not in KNOWN:
        return "Any"
    inside = ", ".join("..." if part is ... else rendered(part) for part in parts)
    return f"{'_' if name == 'Sequence' else ''}{name}[{inside}]" if parts else name


def given(kind: type[Declared[Any, Any]]) -> str:
    """The type of what may be given for a declared argument."""
    plain = {"_Whole": "int", "_Number": "float", "_Truth": "bool"}
    for cls in kind.__mro__:
        for base in vars(cls).get("__orig_bases__", ()):
            if typing.get_origin(base) is Declared:
                return plain.get(cls.__name__) or rendered(typing.get_args(base)[0])
    return "Any"


def typed(of: Any, words: Words, parameter: inspect.Parameter) -> str:
    """The type of an argument of the era."""
    target = words.targets.get(parameter.name)
    declared = getattr(of, "__declared__", {}).get(target[0] if isinstance(target, tuple) else target)
    text = rendered(parameter.annotation) if declared is None else given(declared.kind)
    if target is None and parameter.annotation is parameter.empty:
        text = TYPES.get(parameter.name, "Any")
    if isinstance(target, tuple) or parameter.name in ("kernel_size", "strides", "pool_size", "dilation_rate"):
        text = "int | _Sequence[int]"
    optional = parameter.default is None and "None" not in text and text != "Any"
    return f"{text} | None" if optional else text


def called(of: Any, words: Words, first: str = "") -> str:
    """The arguments of a call, as text."""
    parts, kinds = [first] if first else [], inspect.Parameter
    for p in words.signature.parameters.values():
        if p.kind is kinds.KEYWORD_ONLY and not any(part.startswith("*") for part in parts):
            parts.append("*")
        star = {kinds.VAR_POSITIONAL: "*", kinds.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty else f" = {p.default!r}" if plain(p.default) else " = ..."
        parts.append(f"{star}{p.name}: {typed(of, words, p) if not star else 'Any'}{default}")
    return ", ".join(parts)


def plain(value: Any) -> bool:
    """Whether a default can be written down."""
    return (
        value is None
        or isinstance(value, (bool, int, float, str))
        or (isinstance(value, tuple) and all(map(plain, value)))
    )


def home(place: str, ours: Any) -> str:
    """Where a type checker finds a class or function of ours."""
    module, _, name = place.rpartition(".")
    if module.split(".")[0] in LAZY:
        return f"{ours.__module__}.{ours.__name__}"
    public = getattr(import_module(f"horngate.{module}"), ours.__name__, None)
    return f"horngate.{module}.{ours.__name__ if public is ours else name}"


def members(core: type, above: type, told: set[str]) -> list[str]:
    """What a class has that `above`, its nearest base in the namespace, has not, in lines for jedi; but for `told`."""
    between = core.__mro__[: core.__mro__.index(above)] if above is not object else core.__mro__[:-1]
    names = {
        name for name in dir(core) if not (hasattr(above, name) or isinstance(getattr(core, name, None), Stranger))
    }
    for cls in between:
        nodes = ast.walk(ast.parse(textwrap.dedent(inspect.getsource(cls)))) if is_ours(cls) else ()
        stored = (n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
        names |= {n.attr for n in stored if isinstance(n.value, ast.Name) and n.value.id == "self"}
    shown = [member(core, name) for name in sorted(names - told) if name[0] != "_" and not is_internal(name)]
    return ["    if not TYPE_CHECKING:", *(f"        {line}" for line in shown)] if shown else []


def member(core: type, name: str) -> str:
    """A method or attribute, for completion."""
    item = inspect.getattr_static(core, name, None)
    method = getattr(core, name, None)
    if not inspect.isroutine(item) or not callable(method) or isinstance(item, (classmethod, staticmethod)):
        return f"{name}: Any"
    signature = inspect.signature(inspect.unwrap(method))
    kinds = inspect.Parameter
    stars = {kinds.VAR_POSITIONAL: "*", kinds.VAR_KEYWORD: "**"}
    parts = [
        f"{stars.get(p.kind, '')}{p.name}"
        + ("" if p.default is p.empty else f"={p.default!r}" if plain(p.default) else "=...")
        for p in signature.parameters.values()
    ]
    return f"def {name}({', '.join(parts)}) -> {rendered(signature.return_annotation)}: ..."


class Writer:
    """The stubs of one era."""

    def __init__(self, era: str) -> None:
        self.era, self.package, self.modules = era, f"horngate.keras{era}", later.names(era)
        import_module(self.package)
        self.at: dict[Any, tuple[str, str]] = {}  # what a namespace gives -> the module that tells, and its name there
        own_first = [*(m for m in self.modules if m), ""]
        for module in own_first:
            for name, place in self.modules[module].items():
                if place.partition("/")[0].rpartition(".")[0] == module:
                    self.at.setdefault(id(self.item(module, name)), (module, name))

    def item(self, module: str, name: str) -> Any:
        """What the namespace gives for a name."""
        return getattr(sys.modules[f"{self.package}.{module}".rstrip(".")], name)

    def text(self, module: str) -> str:
        """The stub of a module."""
        below = [m for m in self.modules if m and m.rpartition(".")[0] == module]
        full = f"{self.package}.{module}".rstrip(".")
        lines = [f"from {full} import {m.rpartition('.')[2]} as {m.rpartition('.')[2]}" for m in below]
        hidden: list[str] = []
        bodies: list[str] = []
        for name, place in self.modules[module].items():
            imported, bases, body = self.entry(module, name, place.partition("/")[0])
            lines, hidden = lines + imported, hidden + bases
            bodies += [body] if body else []
        head = HEAD.format(module=f"`{module}`" if module else "The names", era=self.era)
        lines += ["from horngate.callbacks import History as _History"] if "_History" in "".join(bodies) else []
        seen = "".join(f"{line}\n" for line in dict.fromkeys(sorted(lines)))
        unseen = "".join(f"    {line}\n" for line in dict.fromkeys(sorted(hidden)))
        return f"{head}{seen}{UNSEEN + unseen if unseen else ''}\n{chr(10).join(bodies)}"

    def entry(self, module: str, name: str, place: str) -> tuple[list[str], list[str], str]:
        """(imports, those that jedi must not see, text) for one name of a module."""
        item = self.item(module, name)
        where, known = self.at.get(id(item), (module, name))
        if where != module:
            return [f"from {self.package}.{where} import {known} as {name}"], [], ""
        if known != name:
            return [], [], f"{name} = {known}"
        if isinstance(item, View):
            return self.a_class(module, name, place, item)
        if module == "ops":
            return [], [], f"def {name}(*args: Any, **kwargs: Any) -> Any: ..."
        ours = getattr(import_module(f"horngate.{place.rpartition('.')[0]}"), place.rpartition(".")[2])
        if item is ours:
            path, _, own = home(place, ours).rpartition(".")
            if own != name:  # an import under another name would be private to checkers
                return [f"from {path} import {own} as _{own}"], [], f"{name} = _{own}"
            return [f"from {path} import {own} as {name}"], [], ""
        words = Words(ours, f"{module.rpartition('.')[2]}.{name}", self.era)
        return ([], [], f"def {name}({called(ours, words)}) -> {rendered(as_written(ours).return_annotation)}: ...")

    def a_class(self, module: str, name: str, place: str, view: Any) -> tuple[list[str], list[str], str]:
        """(imports, those that jedi must not see, text) for a class."""
        core, bases, above = view.__core__, [], object
        path = home(place, core)
        imports = []
        for base in core.__mro__[1:]:
            known = next((pair for i, pair in self.at.items() if self._core(pair) is base), None)
            if known:
                outside, _, inside = f"{self.package}.{known[0]}".rpartition(".")
                bases = [known[1] if known[0] == module else f"_{inside}.{known[1]}"]
                imports = [] if known[0] == module else [f"from {outside} import {inside} as _{inside}"]
                above = base
                break
        text = (view.__doc__ or "").strip().split("\n")[0].replace("\\", "\\\\")
        lines = [f"class {name}({', '.join([*bases, path])}):", *([f'    r"""{text}"""'] if text else [])]
        lines.append(f"    def __init__({called(view.__make__, view.__words__, 'self')}) -> None: ...")
        told = list(self.methods(core))
        own = members(core, above, {line.split("(")[0].split()[-1] for line in told})
        return imports, [f"import {path.rpartition('.')[0]}"], "\n".join([*lines, *told, *own])

    def _core(self, pair: tuple[str, str]) -> Any:
        view = self.item(*pair)
        return view.__core__ if isinstance(view, View) and view.__make__ is view.__core__ else None

    def methods(self, core: type) -> Iterator[str]:
        """The methods of a class that have words of their own in the era."""
        for key in orders.ORDERS:
            owner, _, name = key.partition(".")
            inherited = any(orders.row(f"{base.__name__}.{name}", self.era) is not None for base in core.__mro__[1:])
            if name and owner == core.__name__ and orders.row(key, self.era) is not None and not inherited:
                method = getattr(core, name)
                words = Words(method, key, self.era)
                result = rendered(as_written(method).return_annotation)
                yield f"    def {name}({called(method, words, 'self')}) -> {result}: ..."


def files() -> dict[Path, str]:
    """The files, and what they should hold: stubs, and beside them a line for tools that look for sources."""
    found = {}
    for era in ("2", "3"):
        writer = Writer(era)
        for module in writer.modules:
            package = any(m.startswith(f"{module}.") for m in writer.modules)
            inside = [*filter(None, module.split(".")), *(["__init__"] if package or not module else [])]
            path = ROOT.joinpath("horngate", f"keras{era}", *inside)
            found[path.with_suffix(".pyi")] = writer.text(module) + "\n"
            if module:
                found[path.with_suffix(".py")] = SOURCE.format(module=f"`{module}`", era=era)
    return found


def main() -> None:
    """Say, or write, what the first lines say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the files")
    write = parser.parse_args().write
    for path, text in files().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{'written' if write else 'not as it should be'}: {path.relative_to(ROOT)}")
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
