"""The numbers in the automatic names of layers and variables: `dense_1`, `dense_2`."""

import re
import threading
from collections import defaultdict

_numbers: defaultdict[str, int] = defaultdict(int)
_lock = threading.Lock()


def get_uid(prefix: str = "") -> int:
    """The next number, from 1, for names that begin with `prefix`."""
    with _lock:  # models may be built in several threads
        _numbers[prefix] += 1
        return _numbers[prefix]


def unique_name(prefix: str, first_bare: bool) -> str:
    """Return the next automatic name: `dense_1`, `dense_2`; if `first_bare`, `dense`, `dense_1`."""
    number = get_uid(prefix) - first_bare
    return f"{prefix}_{number}" if number else prefix


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


_OF_WEIGHTS = {"W": "kernel", "U": "recurrent_kernel", "b": "bias", "alphas": "alpha", "running_mean": "moving_mean"}
_OF_WEIGHTS |= {"running_std": "moving_variance"}


_OF_ROLES = re.compile(r"(.+?)_((?:depthwise_|pointwise_|recurrent_)?kernel|bias|gamma|beta)")


def path_of(name: str, role: str | None = None) -> str:
    """Return the name of a weight in the manner of Keras 3: a slash between the names of its layer and its own.

    `role`: what the layer declares the weight to be; None for weights of a user's layer.

    >>> path_of("dense_1_W"), path_of("layer_normalization_1_gamma")
    ('dense_1/kernel', 'layer_normalization_1/gamma')
    """
    for ending, word in {**_OF_WEIGHTS, **({"W": role} if role == "embeddings" else {})}.items():
        if name.endswith(f"_{ending}"):
            return f"{name.removesuffix(ending)[:-1]}/{word}"
    if role is not None and (parts := _OF_ROLES.fullmatch(name)):
        return f"{parts[1]}/{parts[2]}"
    numbered = re.fullmatch(r"(.*_\d+)_(\D.*)", name)
    return f"{numbered[1]}/{numbered[2]}" if numbered else name
