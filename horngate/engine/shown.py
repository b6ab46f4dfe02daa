"""A graph of layers as a table, and as a picture in notebooks."""

from collections.abc import Callable, Sequence
from typing import Any

from horngate.engine.attributes import LayerAttributes


class Shown(LayerAttributes):
    """The part of a model that shows it to people."""

    def summary(
        self,
        line_length: int = 100,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print a table of the layers; the arguments are those of `utils.layer_utils.print_summary`."""
        from horngate.utils.layer_utils import print_summary  # from a room above, only when called

        model: Any = self
        print_summary(model, None, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def _repr_html_(self):
        """Return the HTML that notebooks show: a picture of the model with shapes, and its size."""
        from horngate.utils.visualize_util import to_html  # from a room above, only when called

        model: Any = self
        return to_html(model)


def in_brief(value: Any) -> str:
    """Return `value` in a few words, for messages: of an array its type and shape, of anything else its beginning."""
    kind, shape = type(value).__name__, getattr(value, "shape", None)
    if isinstance(value, dict):
        return f"{kind} of " + ", ".join(f"{key!r}: {in_brief(each)}" for key, each in value.items())[:200]
    if isinstance(value, (list, tuple)) and any(hasattr(each, "shape") for each in value):
        return f"{kind} of " + ", ".join(map(in_brief, value))[:200]
    return f"{kind} {str(value)[:80]}" if shape is None else f"{kind} of shape {tuple(shape)}"
