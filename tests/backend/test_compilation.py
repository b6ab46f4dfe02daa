"""The options by which programs are compiled, and how often they are."""

import gc
import os
import subprocess
import sys

import jax
import numpy as np
import pytest

from horngate import backend as K
from horngate.backend import compilation
from horngate.backend.gc_pause import gc_paused
from tests.device import on_cpu


def test_our_options_for_xla_change_no_result():
    x = np.random.randn(2, 9, 9, 20).astype("float32")
    kernel = np.random.randn(3, 3, 20, 4).astype("float32")

    def convolve(x, kernel):
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    ours = jax.jit(convolve, compiler_options=compilation.compiler_options())(x, kernel)
    np.testing.assert_allclose(ours, jax.jit(convolve)(x, kernel), rtol=1e-4, atol=1e-4)


@on_cpu
def test_options_that_xla_does_not_know_are_left_out(monkeypatch):
    monkeypatch.setattr(compilation, "_CPU_OPTIONS", {"xla_cpu_no_such_option": "1"})
    compilation._known.cache_clear()
    try:
        assert compilation.compiler_options() is None
        monkeypatch.setattr(compilation, "_QUICK_CPU_OPTIONS", {"xla_backend_optimization_level": 0, "xla_no_such": 1})
        assert compilation.compiler_options(seldom=True) == {"xla_backend_optimization_level": 0}
    finally:
        compilation._known.cache_clear()


@pytest.mark.parametrize("before", (True, False))
def test_the_collector_is_as_before_behind_a_block_without_it(before):
    try:
        (gc.enable if before else gc.disable)()
        with pytest.raises(KeyError), gc_paused():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() == before
    finally:
        gc.enable()


@pytest.mark.parametrize("first, kept_apart", (("horngate.backend", True), ("jax", False)))
def test_what_the_import_of_jax_made_is_not_searched(first, kept_apart):
    """But what a program made before, with a JAX that it imported itself, is left alone."""
    script = f"import gc, {first}, horngate.backend; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["True", str(kept_apart)], done.stdout + done.stderr


def test_each_program_of_an_epoch_is_compiled_once():
    """One for whole batches, one for the short last one, whatever arrays the loop is given."""
    script = """
import jax, numpy as np
from horngate.layers import Dense
from horngate.models import Sequential
compiled, count = jax.stages.Lowered.compile, []
jax.stages.Lowered.compile = lambda self, *args, **kwargs: count.append(1) or compiled(self, *args, **kwargs)
model = Sequential([Dense(2, input_dim=3)])
model.compile('sgd', 'mse')
model._make_train_function()
count.clear()
model.fit(np.ones((70, 3)), np.ones((70, 2)), batch_size=32, nb_epoch=3, verbose=0)
print(len(count))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2"]


@pytest.mark.parametrize("seldom", [False, True])
def test_a_gpu_has_options_of_its_own(seldom, monkeypatch):
    monkeypatch.setattr(compilation.jax, "default_backend", lambda: "gpu")
    found = compilation.compiler_options(seldom) or {}
    assert ("xla_gpu_enable_triton_gemm" in found) is seldom
    assert "xla_gpu_deterministic_ops" not in found
    K.set_deterministic(True)
    assert compilation.compiler_options(seldom)["xla_gpu_deterministic_ops"] is True
    assert compilation.programs_at_once() == 1


@pytest.mark.parametrize("name", ["XLA_PYTHON_CLIENT_PREALLOCATE", "XLA_PYTHON_CLIENT_MEM_FRACTION"])
def test_memory_is_taken_as_needed_unless_chosen_otherwise(name, monkeypatch):
    for each in compilation._CHOICES_OF_MEMORY:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, "0.5")
    compilation.take_memory_as_needed()
    assert os.environ[name] == "0.5" and sum(each in os.environ for each in compilation._CHOICES_OF_MEMORY) == 1
    monkeypatch.delenv(name)
    compilation.take_memory_as_needed()
    assert os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
