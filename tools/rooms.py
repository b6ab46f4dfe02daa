"""Rooms: which part of the package imports which, those imports included that wait for a call.

python -m tools.rooms          the arrows between rooms, and what points upwards
python -m tools.rooms --write  the same, into docs/architecture.md
"""

import argparse
import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, PAGE = ROOT / "horngate", ROOT / "docs" / "architecture.md"

# From the ground up: a module may import from its own room and those before it.
ROOMS = ("backend", "engine", "layers", "training", "callbacks", "saving", "models", "rest", "dialects")
BESIDE = {  # modules under Keras's own paths that belong to a room
    **dict.fromkeys(("utils.blocks", "utils.budget", "utils.nearest", "utils.whole_files"), "backend"),
    **dict.fromkeys(("activations", "constraints", "initializations", "regularizers"), "engine"),
    **dict.fromkeys(("utils.bounding_boxes", "utils.generic_utils", "utils.np_utils", "utils.progbar"), "engine"),
    **dict.fromkeys(("losses", "metrics", "objectives", "optimizers"), "training"),
    **dict.fromkeys(("initializers",), "dialects"),
    **dict.fromkeys(("keras2", "keras3"), "dialects"),
}
BEGIN, END = "<!-- rooms -->", "<!-- end of rooms -->"


def modules():
    """(name within the package, path) of every module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"), path


def room_of(name: str) -> str:
    """The room in which a module of the package stands."""
    beside = next((room for part, room in BESIDE.items() if name == part or name.startswith(part + ".")), None)
    first = name.split(".")[0]
    return beside or (first if first in ROOMS else "rest")


def imports(path: Path):
    """(line, module within the package, whether it waits for a call) of each import of ours in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in found:
            if name.split(".")[0] == "horngate":
                yield node.lineno, name.removeprefix("horngate").removeprefix("."), node.col_offset > 0


def upwards():
    """(module, line, what it imports, whether that waits) of each import from a room above."""
    for name, path in modules():
        if name == "__init__" or not name:
            continue
        for line, target, waits in imports(path):
            if target and ROOMS.index(room_of(target)) > ROOMS.index(room_of(name)):
                yield name, line, target, waits


def drawn() -> str:
    """The rooms from the ground up, each with those that it imports from."""
    found = set()
    for name, path in modules():
        for _, target, _ in imports(path):
            if name not in ("", "__init__") and target and ROOMS.index(room_of(target)) < ROOMS.index(room_of(name)):
                found.add((room_of(name), room_of(target)))
    lines = []
    for room in ROOMS:
        beneath = [other for other in ROOMS if (room, other) in found]
        lines.append(f"{room:>9}  <-  {', '.join(beneath)}" if beneath else f"{room:>9}")
    return "\n".join(lines)


def written(text: str) -> str:
    """The page on the architecture with the drawing as it is now."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n```text\n{drawn()}\n```\n{END}{tail}"


def main() -> None:
    """Print, or write, what the first lines say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the drawing into docs/architecture.md")
    if parser.parse_args().write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(drawn())
    for name, line, target, waits in upwards():
        print(f"upwards: {name}, line {line}: {target}{', when it is called' * waits}")


if __name__ == "__main__":
    main()
