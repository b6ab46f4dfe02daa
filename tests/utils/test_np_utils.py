"""NumPy tools give what those of Keras 1.2.2 gave."""

import inspect
import json

import numpy as np
import pytest

from horngate.utils import np_utils
from tests.golden_data import ROOT, close, read

GOLDEN = json.loads((ROOT / "preprocessing/np_utils.json").read_text())
ROWS = [(name, row) for name, rows in GOLDEN.items() if isinstance(rows, list) for row in rows]


@pytest.mark.parametrize("name, row", ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_golden(name, row):
    function = getattr(np_utils, name.removesuffix("_1d"))
    given = {
        key: np.array(value) if isinstance(value, list) else value
        for key, value in row.items()
        if key in inspect.signature(function).parameters
    }
    arguments = [np.array(a) if isinstance(a, list) else a for a in row.get("args", [])]
    result = function(*arguments, **given, **row.get("kwargs", {}))
    if row["output"] is None:
        assert result is None
    else:
        close(result, row["output"])


def test_convert_kernel():
    arrays, meta = read("preprocessing/convert_kernel.npz")
    for key, case in meta.items():
        kernel = arrays[key + "__input"]
        np.testing.assert_array_equal(np_utils.convert_kernel(kernel, **case["kwargs"]), arrays[key + "__output"])
        twice = np_utils.convert_kernel(np_utils.convert_kernel(kernel, **case["kwargs"]), **case["kwargs"])
        np.testing.assert_array_equal(twice, kernel)
