"""What a name that is not known may stand for."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: object, known: Iterable[object], cutoff: float = 0.6) -> str:
    """Return a question with the name in `known` closest to `name`, or an empty string.

    `cutoff`: how close it must be; 1 for the same name.
    """
    names = [str(each) for each in known if not str(each).startswith("_")]
    small = {each.lower(): each for each in names}
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=cutoff)
    close = close or [small[each] for each in difflib.get_close_matches(str(name).lower(), small, 1, cutoff)]
    return f" Did you mean {close[0]!r}?" if close else ""
