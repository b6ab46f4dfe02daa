"""Memory that programs need between two of their runs."""

import subprocess
import sys
from unittest.mock import Mock

import numpy as np
import pytest

from horngate.backend import memory
from horngate.layers import Dense, GlobalMaxPooling1D, RepeatVector
from horngate.models import Sequential
from tests.device import on_cpu

PROGRAM = """
import resource
import jax
import numpy as np
from horngate import backend as K

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

x = K.placeholder(shape=(3000, 3000))
once = K.tanh(K.dot(x, x))
f = K.function([x], [K.dot(once, once)[:1]])  # 36 MB for `once`, and as much for the product
value = jax.block_until_ready(jax.device_put(np.full((3000, 3000), 1e-3, "float32")))

def faults_of_calls(count):
    found = []
    for _ in range(count):
        before = faults()
        f([value])
        found.append(faults() - before)
    return found

kept = min(faults_of_calls(8))
K.clear_session()
print(kept, faults_of_calls(1)[0])
"""


@on_cpu
@pytest.mark.skipif(memory._library() is None, reason="needs glibc")
def test_large_memory_is_kept_until_it_is_given_back():
    """The pages of 72 MB are cleared and touched anew only where the memory was given back: about 18,000 of 4 KB."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    kept, given_back = map(int, done.stdout.split())
    assert kept < 3000 < given_back


@pytest.mark.parametrize("run", ["fit", "evaluate", "predict"])
def test_want_of_memory_is_explained(run, monkeypatch):
    """The error of a device is raised by hand: where programs may ask for any amount, a machine would begin to swap."""
    model = Sequential([Dense(64, input_dim=4), RepeatVector(1000), GlobalMaxPooling1D(), Dense(1)])
    model.compile("adam", "mse")
    x, y = np.zeros((8, 4)), np.zeros((8, 1))
    error = memory.jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes.")
    refuse = Mock(side_effect=error, lower=Mock(side_effect=error))
    step = model.steps["predict" if run == "predict" else "train" if run == "fit" else "test"]
    monkeypatch.setattr(step.function.dispatch, "compiled", refuse)
    for name in ("_many", "_seldom"):
        monkeypatch.setattr(getattr(step, name), "compiled", refuse)
    with pytest.raises(MemoryError) as caught:
        getattr(model, run)(x, *([] if run == "predict" else [y]), verbose=0)
    assert "allocate 9 bytes" in str(caught.value) and "batch_size" in str(caught.value)
    assert "'repeatvector_1' (RepeatVector) for each sample 256 kB" in str(caught.value)
    assert caught.value.__cause__ is error
