"""Objects by name; some in modules that are imported when an object of theirs is first asked for."""

import importlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any


def named(*functions: Any) -> dict[str, Any]:
    """Return name -> function, for `functions` with the names that tables have, some of them after an underscore."""
    return {function.__name__.lstrip("_"): function for function in functions}


class Registry(MutableMapping[str, Any]):
    """Objects by name. Looking one up imports its module, where that was not imported yet; listing names does not.

    >>> found = Registry()
    >>> found.promise('horngate.backend.lazy', 'Registry')
    >>> list(found), found['Registry'] is Registry
    (['Registry'], True)
    """

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self._known: dict[str, Any] = dict(known or {})
        self._promised: dict[str, tuple[str, str]] = {}  # key -> module, name in it

    def promise(self, module: str, names: str, key: Any = str) -> None:
        """Tell that `module` defines `names` (separated by blanks); `key` makes of a name what it is looked up by."""
        self._promised.update({key(name): (module, name) for name in names.split()})

    def __getitem__(self, key: str) -> Any:
        if key not in self._known and key in self._promised:
            module, name = self._promised[key]
            self._known[key] = getattr(importlib.import_module(module), name)
        return self._known[key]

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Keep the first object of that name; one that is only promised is made just now."""
        return self._known.setdefault(key, default)

    def __setitem__(self, key: str, value: Any) -> None:
        self._known[key] = value

    def __delitem__(self, key: str) -> None:
        del self._known[key]

    def __contains__(self, key: object) -> bool:
        return key in self._known or key in self._promised

    def __iter__(self) -> Iterator[str]:
        yield from {**self._known, **self._promised}

    def __len__(self) -> int:
        return len({**self._known, **self._promised})
