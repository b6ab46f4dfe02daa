"""The list of the layers of a chain, which tells its model about every change."""

import functools
from collections.abc import Callable
from typing import Any

from horngate.engine.layer import Layer


class LayerList(list):
    """The list of a Sequential's layers; it tells the model about every change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed  # called after each change

    take = list.append  # without telling the model

    def end_after(self, layer: Layer) -> None:
        """Drop the layers after `layer`, without telling the model."""
        list.__delitem__(self, slice(self.index(layer) + 1, None))

    def __reduce__(self) -> tuple[Any, ...]:  # copies are plain lists
        return list, (list(self),)


def _telling(name: str) -> Any:
    """The method `name` of lists; it tells the model about the change."""
    method = getattr(list, name)

    @functools.wraps(method)
    def changed(self, *args, **kwargs):
        result = method(self, *args, **kwargs)
        self._changed()
        return result

    return changed


_CHANGES = "append extend insert pop remove clear reverse sort __setitem__ __delitem__ __iadd__ __imul__"
for _name in _CHANGES.split():
    setattr(LayerList, _name, _telling(_name))
