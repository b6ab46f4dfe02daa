"""The numbers in the automatic names of layers and variables: `dense_1`, `dense_2`."""

import threading
from collections import defaultdict

_numbers: defaultdict[str, int] = defaultdict(int)
_lock = threading.Lock()


def get_uid(prefix: str = "") -> int:
    """The next number, from 1, for names that begin with `prefix`."""
    with _lock:  # models may be built in several threads
        _numbers[prefix] += 1
        return _numbers[prefix]


def reset_uids() -> None:
    """Begin again at 1 for every prefix."""
    _numbers.clear()


def naming() -> dict[str, int]:
    """The last number of each prefix. `name_from` restores them, so that objects built again get the same names."""
    return dict(_numbers)


def name_from(numbers: dict[str, int]) -> None:
    """Restore the `numbers` that `naming` returned."""
    _numbers.clear()
    _numbers.update(numbers)
