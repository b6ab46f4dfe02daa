"""What a test needs of the device that it runs on."""

import jax
import pytest

on_cpu = pytest.mark.skipif(jax.default_backend() != "cpu", reason="is about programs and memory of a CPU")
exact_where_not_finite = pytest.mark.skipif(
    jax.default_backend() == "gpu", reason="cuDNN lets NaN and infinity reach what stands beside them"
)
