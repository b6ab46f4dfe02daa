"""Keras 3's words for several devices mean what horngate's do."""

import json
import os
import subprocess
import sys

import pytest

from horngate import distribution
from tests.mesh.test_mesh import QUICKLY

pytestmark = pytest.mark.skipif(
    os.environ.get("JAX_PLATFORMS", "cpu") != "cpu", reason="devices are simulated on a CPU"
)


@pytest.fixture(scope="module")
def found():
    environment = {**os.environ, "XLA_FLAGS": QUICKLY, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.mesh.spelled"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "name, devices, part",
    [
        ("by data", 8, [6, 8]),
        ("set", 4, [6, 8]),
        ("by model", 8, [6, 4]),
        ("ours by model", 8, [6, 4]),
        ("unset", 1, [6, 8]),
    ],
)
def test_models_are_trained_on_these_devices(name, devices, part, found):
    losses, *where = found[name]
    assert where == [devices, part]
    assert losses == pytest.approx(found["one"][0], rel=1e-5)


def test_what_is_told(found):
    assert found["told"] == [4, 8, ["cpu:0", "cpu:1"]]
    assert found["tensor"] == [16, 6]
    assert found["layouts"] == ["('batch', None)", "(None, 'model')"]
    assert found["of a weight"] == "(None, 'model')"


MESH = distribution.DeviceMesh((1, 1), ("batch", "model"), ["cpu:0"])


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: distribution.DeviceMesh((2,), ("a", "b")), "as many axes"),
        (lambda: distribution.DeviceMesh((3,), ("a",), ["cpu:0"]), "needs 3 devices"),
        (lambda: distribution.TensorLayout(("rows",), MESH), "no axis 'rows'"),
        (lambda: distribution.LayoutMap(MESH).update(a=3), "a tuple of axes"),
        (lambda: distribution.DataParallel(MESH, ["cpu:0"]), "not both"),
        (lambda: distribution.DataParallel(MESH), "mesh of one axis"),
        (lambda: distribution.ModelParallel(layout_map={}), "must be a LayoutMap"),
        (lambda: distribution.initialize("here:1"), "num_processes, process_id"),
        (lambda: distribution.set_distribution("data"), "DataParallel"),
    ],
)
def test_refusals(call, words):
    with pytest.raises((ValueError, TypeError), match=words):
        call()


def test_layouts_of_tensors():
    layouts = distribution.LayoutMap(MESH)
    layouts["dense.*kernel"] = (None, "model")
    split = distribution.ModelParallel(layout_map=layouts)
    assert split.get_tensor_layout("dense_1/kernel").axes == (None, "model")
    assert split.get_tensor_layout("dense_1/output") is None
    assert distribution.DataParallel(devices=["cpu:0"]).get_tensor_layout("dense_1/kernel") is None


def test_a_path_that_two_layouts_fit():
    layouts = distribution.LayoutMap(MESH)
    layouts["dense"], layouts["kernel"] = (None, "model"), ("model",)
    assert layouts["dense"].axes == (None, "model")
    assert layouts["dense_1/bias"].axes == (None, "model")
    with pytest.raises(ValueError, match="'dense' and 'kernel'"):
        layouts["dense_1/kernel"]
    with pytest.raises(KeyError):
        layouts["bn/gamma"]
