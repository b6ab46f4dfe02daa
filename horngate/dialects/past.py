"""Names that Python and NumPy have removed since old programs were written; restored while such a program runs."""

import collections
import collections.abc
import contextlib
import inspect
import time

import numpy as np

_ABSENT = object()


def _argspec(function):
    """Return the result of the removed `inspect.getargspec`: the first four fields of `inspect.getfullargspec`."""
    return ArgSpec(*inspect.getfullargspec(function)[:4])


ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")

OF_NUMPY = {
    **{kind.__name__: kind for kind in (float, int, bool, object, str, complex)},
    "long": int,
    "unicode": str,
    "float_": np.float64,
    "Inf": np.inf,
    "infty": np.inf,
    "NaN": np.nan,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "asscalar": lambda a: np.asarray(a).item(),
    "row_stack": np.vstack,
    "in1d": np.isin,
    "trapz": np.trapezoid,
}
_OF_COLLECTIONS = "Callable Hashable Iterable Iterator Mapping MutableMapping Sequence Set Sized"
OF_OTHERS = [
    (inspect, "getargspec", _argspec),
    (time, "clock", time.perf_counter),
    *((collections, name, getattr(collections.abc, name)) for name in _OF_COLLECTIONS.split()),
]


@contextlib.contextmanager
def put_back():
    """Within the block, `np.float`, `inspect.getargspec` and the like exist; afterwards they are removed."""
    wanted = [(np, name, item) for name, item in OF_NUMPY.items()] + OF_OTHERS
    before = [(module, name, vars(module).get(name, _ABSENT)) for module, name, _ in wanted]
    for module, name, item in wanted:
        if vars(module).get(name) is None:
            setattr(module, name, item)
    try:
        yield
    finally:
        for module, name, item in before:
            if item is not _ABSENT:
                setattr(module, name, item)
            elif name in vars(module):
                delattr(module, name)
